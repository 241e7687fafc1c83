package machines

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
)

// Silences are how long ago a machine last spoke, in the order of collector.SiteFleet.
func silences() []string { return []string{"7", "30", "90", "longer"} }

// settings are the sleep settings, in the order of collector.SiteFleet.
func settings() []string { return []string{"never", "1-15", "16-30", "31-60", "longer", ""} }

// uses are the uses of machines, in the order of the pages.
func uses() []collector.Use { return []collector.Use{"individual", "shared", "server"} }

// together adds up what was counted at several sites.
func together(sites []collector.SiteFleet) collector.SiteFleet {
	sum := collector.SiteFleet{Machines: map[collector.Use]int{}}
	for _, s := range sites {
		for use, n := range s.Machines {
			sum.Machines[use] += n
		}
		sum.Silent, sum.SleepAfter, sum.Methods = add(sum.Silent, s.Silent), add(sum.SleepAfter, s.SleepAfter), add(sum.Methods, s.Methods)
		sum.Agents, sum.OS, sum.Classes = add(sum.Agents, s.Agents), add(sum.OS, s.OS), add(sum.Classes, s.Classes)
		sum.Revoked, sum.Doubtful = sum.Revoked+s.Revoked, sum.Doubtful+s.Doubtful
	}
	return sum
}

// add adds up two lists of counts; neither is changed.
func add(a, b []collector.Count) []collector.Count {
	sum := slices.Clone(a)
	for _, c := range b {
		i := slices.IndexFunc(sum, func(x collector.Count) bool { return x.Of == c.Of })
		if i < 0 {
			sum = append(sum, c)
			continue
		}
		sum[i].Machines += c.Machines
	}
	return sum
}

// of is how many there are of some words.
func of(counts []collector.Count, words ...string) (n int) {
	for _, c := range counts {
		if slices.Contains(words, c.Of) {
			n += c.Machines
		}
	}
	return n
}

// all is how many there are of everything.
func all(counts []collector.Count) (n int) {
	for _, c := range counts {
		n += c.Machines
	}
	return n
}

// machinesOf is how many machines a site has.
func machinesOf(s collector.SiteFleet) (n int) {
	for _, m := range s.Machines {
		n += m
	}
	return n
}

// most orders counts: the most first, then by name; what is not known last.
func most(counts []collector.Count) []collector.Count {
	sorted := slices.Clone(counts)
	slices.SortFunc(sorted, func(a, b collector.Count) int {
		return cmp.Or(cmp.Compare(unnamed(a), unnamed(b)), cmp.Compare(b.Machines, a.Machines), cmp.Compare(a.Of, b.Of))
	})
	return sorted
}

func unnamed(c collector.Count) int {
	if c.Of == "" {
		return 1
	}
	return 0
}

// inOrder are the counts of words, in the order of the words, those of other words after them; what nothing is of is left out.
func inOrder(counts []collector.Count, words []string) (sorted []collector.Count) {
	for _, word := range words {
		if n := of(counts, word); n > 0 {
			sorted = append(sorted, collector.Count{Of: word, Machines: n})
		}
	}
	for _, c := range counts {
		if !slices.Contains(words, c.Of) && c.Machines > 0 {
			sorted = append(sorted, c)
		}
	}
	return sorted
}

// share is a part of a whole in whole percents; only the whole is 100, and only nothing is 0. nil: there is nothing to be a part of.
func share(part, whole int) *float64 {
	if whole <= 0 {
		return nil
	}
	p := math.Round(100 * float64(part) / float64(whole))
	switch {
	case part > 0 && part < whole:
		p = min(max(p, 1), 99)
	default:
		p = min(max(p, 0), 100)
	}
	return &p
}

// version is a version that can be compared: v1.2.3, or v1.2.3-rc.1, which comes before it.
type version struct {
	numbers []int
	before  bool // it comes before the version with these numbers
	text    string
}

// parse reads a version; false where it is none.
func parse(text string) (version, bool) {
	numbers, extra, before := strings.Cut(strings.TrimPrefix(text, "v"), "-")
	v := version{before: before, text: extra}
	for n := range strings.SplitSeq(numbers, ".") {
		number, err := strconv.Atoi(n)
		if err != nil || number < 0 {
			return version{}, false
		}
		v.numbers = append(v.numbers, number)
	}
	return v, true
}

func (v version) compare(o version) int {
	early := func(v version) int {
		if v.before {
			return 0
		}
		return 1
	}
	return cmp.Or(slices.Compare(v.numbers, o.numbers), cmp.Compare(early(v), early(o)), cmp.Compare(v.text, o.text))
}

// newest is the newest of the versions that agents have, how many agents have an older one, and of how many that cannot be told.
func newest(agents []collector.Count) (name string, older, unknown int) {
	var best version
	for _, c := range agents {
		if v, ok := parse(c.Of); ok && (name == "" || v.compare(best) > 0) {
			name, best = c.Of, v
		}
	}
	for _, c := range agents {
		switch v, ok := parse(c.Of); {
		case !ok:
			unknown += c.Machines
		case v.compare(best) < 0:
			older += c.Machines
		}
	}
	return name, older, unknown
}
