package privacy

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"veille/collector"
)

// region is a month of 115 sites: each has three to eight buildings or types of rooms and machines in none, with desktops, laptops and a
// few workstations of persons; a tenth of the sites are small.
func region() (rows []collector.PlaceMonth, machines int) {
	r := rand.New(rand.NewPCG(115, 6))
	for site := range int64(115) {
		size := 4 + r.IntN(40) // of a group, in desktops
		if site%10 == 0 {
			size = 1 + r.IntN(4)
		}
		for group := range int64(4 + r.IntN(6)) {
			for _, class := range []struct {
				name string
				n    int
			}{{"desktop", r.IntN(size)}, {"laptop", r.IntN(size)}, {"workstation", r.IntN(size) - size*3/4}} {
				if class.n > 0 {
					rows = append(rows, place(site+1, 10*site+group, class.name, class.n, 100, 1+r.Int64N(4)))
					machines += class.n
				}
			}
		}
	}
	return rows, machines
}

func TestMostFiguresOfAnOrganisationAreShown(t *testing.T) {
	rows, machines := region()
	tree := newTree(pointers(rows))
	inside := tree.decide(audience{k: Inside}, nil, omissions{})
	public := tree.decide(audience{k: Public, public: true}, inside, omissions{})
	var all, shown, within [OneClass + 1]int // nodes, those that are shown, machines in those that are shown
	sites, open := 0, 0
	for v, x := range tree.nodes {
		all[x.node.Level]++
		if inside.why[v] == "" {
			shown[x.node.Level]++
			within[x.node.Level] += x.count
		}
		if x.node.Level == OneSite && public.why[v] == "" {
			open++
			sites += x.count
		}
	}
	for l, name := range []string{"organisation", "sites", "groups", "classes"} {
		t.Logf("inside: %d of %d %s are shown, with %.1f %% of %d machines", shown[l], all[l], name, 100*float64(within[l])/float64(machines), machines)
	}
	t.Logf("public: %d of %d sites are shown, with %.1f %% of the machines", open, all[OneSite], 100*float64(sites)/float64(machines))
	if within[OneSite] < machines*99/100 || within[OneGroup] < machines*95/100 || within[OneClass] < machines*70/100 || sites < machines*95/100 {
		t.Error("too much is hidden")
	}
}

func BenchmarkDecideAMonthOf115Sites(b *testing.B) {
	rows, machines := region()
	all := pointers(rows)
	for _, public := range []bool{false, true} {
		b.Run(map[bool]string{false: "inside", true: "public"}[public], func(b *testing.B) {
			for b.Loop() {
				tree := newTree(all)
				p := tree.decide(audience{k: Inside}, nil, omissions{})
				if public {
					tree.decide(audience{k: Public, public: true}, p, omissions{})
				}
			}
			b.ReportMetric(float64(len(rows)), "places")
			b.ReportMetric(float64(machines), "machines")
		})
	}
}

func BenchmarkCoarsenAMonthOf115Sites(b *testing.B) {
	rows, _ := region()
	kept := 0
	for b.Loop() {
		kept = len(Coarsen(rows))
	}
	b.ReportMetric(float64(len(rows)), "places")
	b.ReportMetric(float64(kept), "rows")
}

func BenchmarkAskAYearOf115Sites(b *testing.B) {
	s := &stub{}
	rows, _ := region()
	for site := range int64(115) {
		s.sites = append(s.sites, collector.Site{ID: site + 1, Organisation: 7})
	}
	for month := range 12 {
		for i := range rows {
			rows[i].Month = collector.Month(fmt.Sprintf("2025-%02d", month+1))
		}
		s.rows = append(s.rows, Coarsen(rows)...)
	}
	d := doorOf(s, "2026-04-08")
	for b.Loop() {
		if _, err := d.Ask(b.Context(), user(0, "officer"), Question{Organisation: 7, From: "2025-01", To: "2025-12"}); err != nil {
			b.Fatal(err)
		}
	}
}
