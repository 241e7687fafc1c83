package main

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// outcomes are what all measurers found, in their order.
type outcomes []outcome

// of is the outcome of the measurer with this key, or nil when it was not run.
func (all outcomes) of(key string) *outcome {
	for i := range all {
		if all[i].measurer.key == key && all[i].skipped == "" {
			return &all[i]
		}
	}
	return nil
}

// tallies are what all measurers found on a page, by key.
func (all outcomes) tallies(p *page) map[string]tally {
	found := map[string]tally{}
	for _, o := range all {
		if t, ok := o.tallies[p]; ok && o.skipped == "" && t.problem == "" {
			found[o.measurer.key] = t
		}
	}
	return found
}

func (b *bench) writeComparison(ctx context.Context, w *strings.Builder) error {
	var all outcomes
	for _, m := range measurers() {
		if m.peer && !b.peers || m.some && !b.peers || len(b.only) > 0 && !slices.Contains(b.only, m.key) {
			continue
		}
		pages := b.pages
		if m.some {
			pages = slices.DeleteFunc(slices.Clone(pages), func(p *page) bool { return !p.peer })
		}
		if len(pages) == 0 {
			continue
		}
		b.progress.say("%s: %d pages\n", m.name, len(pages))
		o := b.measure(ctx, m, pages)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("stopped while %s measured: %w", m.name, err)
		}
		if o.skipped != "" {
			b.progress.say("%s is left out: %s\n", m.name, o.skipped)
		} else {
			b.progress.say("  %d pages, %.1f s\n", len(pages), o.cost.wall.Seconds())
		}
		all = append(all, o)
	}
	fmt.Fprintf(w, "## EcoIndex beside its peers\n\n%s\n", b.setting(ctx))
	all.writeCosts(w)
	all.writeCounts(w, b.pages)
	all.writeDifferences(w, b.pages)
	all.writeGaps(w, b.pages)
	return nil
}

// setting says what the run was made with, as far as it is known.
func (b *bench) setting(ctx context.Context) string {
	said := []string{fmt.Sprintf("%d processors, loopback, one run", runtime.NumCPU())}
	if version, err := exec.CommandContext(ctx, "chromium", "--version").Output(); err == nil {
		said = append(said, strings.TrimSpace(string(version)))
	}
	if peers, err := os.ReadFile(filepath.Join(b.tools, "peers.installed")); err == nil {
		for peer := range strings.FieldsSeq(string(peers)) {
			if strings.Contains(peer, "@") {
				said = append(said, peer)
			}
		}
	}
	if load, err := fs.ReadFile(b.proc, "loadavg"); err == nil {
		said = append(said, "load when it began "+strings.Fields(string(load) + " ?")[0])
	}
	return strings.Join(said, "; ") + "."
}

// writeCosts writes what each measurer took.
func (all outcomes) writeCosts(w *strings.Builder) {
	t := table{{"measured by", "pages", "at once", "s", "s a page", "pages a minute", "CPU s a page", "peak MB", "times as fast"}}
	var left []string
	plugin := all.of("plugin")
	for _, o := range all {
		if o.skipped != "" {
			left = append(left, o.measurer.name+": "+o.skipped)
			continue
		}
		n := float64(len(o.pages))
		each := o.cost.wall.Seconds() / n
		ratio := "–"
		if plugin != nil && o.measurer.key != staticKey {
			ratio = fmt.Sprintf("%.1f", plugin.cost.wall.Seconds()/float64(len(plugin.pages))/each)
		}
		t.row(o.measurer.name, fmt.Sprint(len(o.pages)), fmt.Sprint(o.measurer.atOnce), seconds(o.cost.wall), fmt.Sprintf("%.2f", each),
			fmt.Sprintf("%.1f", 60/each), fmt.Sprintf("%.2f", o.cost.cpu.Seconds()/n), fmt.Sprint(o.cost.peak/1e6), ratio)
	}
	t.write(w, "Time and memory", true)
	fmt.Fprintf(w, "\n\"Times as fast\" is against lighthouse-plugin-ecoindex, by seconds a page, for those that run the page as it does.\n"+
		"Peak: the proportional set sizes of all processes of the measurer added up, every %d ms. CPU: the time of them all.\n", sampling/time.Millisecond)
	for _, sentence := range left {
		fmt.Fprintf(w, "\nLeft out: %s\n", sentence)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }

// writeCounts writes elements, requests, kilobytes and score, page by page.
func (all outcomes) writeCounts(w *strings.Builder, pages []*page) {
	t := table{{"page"}}
	var shown []outcome
	for _, o := range all {
		if o.skipped == "" && o.measurer.key != "same" {
			shown = append(shown, o)
			t[0] = append(t[0], o.measurer.name)
		}
	}
	var problems []string
	for _, p := range pages {
		cells := []string{p.name}
		for _, o := range shown {
			cell := "–"
			if found, ok := o.tallies[p]; ok && found.problem != "" {
				cell = "not measured"
				problems = append(problems, p.name+", "+o.measurer.name+": "+found.problem)
			} else if ok {
				m := found.measure
				cell = fmt.Sprintf("%d / %d / %.1f / %d", m.DOM, m.Requests, m.SizeKB, found.result.Score)
			}
			cells = append(cells, cell)
		}
		t.row(cells...)
	}
	t.write(w, "Elements / requests / kB / score by the reference's formula", true)
	for _, problem := range problems {
		fmt.Fprintf(w, "\nNot measured: %s\n", problem)
	}
}

// writeDifferences writes where measurers disagree, and why.
func (all outcomes) writeDifferences(w *strings.Builder, pages []*page) {
	pairs := []struct{ a, b string }{
		{"reference", ours}, {ours, "adaptive"}, {ours, "plugin"}, {"plugin", "lighthouse"}, {staticKey, ours}, {staticKey, "reference"},
	}
	t := table{{"between", "page", "difference", "reason"}}
	var equal []string
	for _, keys := range pairs {
		a, b := all.of(keys.a), all.of(keys.b)
		if a == nil || b == nil || keys.a == staticKey && keys.b == "reference" && all.of(ours) != nil {
			continue
		}
		compared, same := 0, 0
		for _, p := range pages {
			found := all.tallies(p)
			one, ok1 := found[keys.a]
			two, ok2 := found[keys.b]
			if !ok1 || !ok2 {
				continue
			}
			compared++
			pr := pair{page: p, a: one, b: two, aKey: keys.a, bKey: keys.b, siblings: found, tolerance: 0.05}
			differences := pr.differences()
			if len(differences) == 0 {
				same++
			}
			if len(differences) > 0 {
				what, why := cells(differences)
				t.row(keys.a+", "+keys.b, p.name, what, why)
			}
		}
		equal = append(equal, fmt.Sprintf("%s and %s: equal in all three on %d of %d pages", keys.a, keys.b, same, compared))
	}
	t.write(w, "Differences, and why", false)
	fmt.Fprintf(w, "\nThe second less the first; kilobytes within 0.05 are equal. %s.\n", strings.Join(equal, "; "))
}

// cells are the differences on one page, and their reasons.
func cells(differences []difference) (what, why string) {
	var deltas, reasons []string
	for _, d := range differences {
		if d.what == "kB" {
			deltas = append(deltas, fmt.Sprintf("%+.1f kB", d.delta))
		} else {
			deltas = append(deltas, fmt.Sprintf("%+.0f %s", d.delta, d.what))
		}
		reasons = append(reasons, d.what+": "+d.reason)
	}
	return strings.Join(deltas, ", "), strings.Join(reasons, "; ")
}

// writeGaps writes how far static mode is from a browser: from ours, or from the reference where ours is not there.
func (all outcomes) writeGaps(w *strings.Builder, pages []*page) {
	static, truth := all.of(staticKey), all.of(ours)
	if truth == nil {
		truth = all.of("reference")
	}
	if static == nil || truth == nil {
		return
	}
	t := table{{"page", "elements %", "requests %", "kB %", "points"}}
	with, without := []gap{}, []gap{}
	for _, p := range pages {
		found := all.tallies(p)
		one, ok1 := found[staticKey]
		two, ok2 := found[truth.measurer.key]
		if !ok1 || !ok2 || strings.HasPrefix(p.name, "fixture") {
			continue // what we made to be hard says nothing of pages that people made
		}
		g := gapOf(one, two)
		if p.scripts {
			with = append(with, g)
		} else {
			without = append(without, g)
		}
		t.row(p.name, fmt.Sprintf("%+.1f", g.dom), fmt.Sprintf("%+.1f", g.requests), fmt.Sprintf("%+.1f", g.size), fmt.Sprintf("%+.1f", g.points))
	}
	t.summary("all", slices.Concat(with, without))
	t.summary("with scripts", with)
	t.summary("without scripts", without)
	t.write(w, fmt.Sprintf("Static mode against %s, on pages that others wrote", truth.measurer.name), true)
}

// summary adds the medians and the largest of the absolute values.
func (t *table) summary(which string, gaps []gap) {
	if len(gaps) == 0 {
		return
	}
	median, most := []string{fmt.Sprintf("median, %s (%d)", which, len(gaps))}, []string{fmt.Sprintf("largest, %s", which)}
	for _, of := range []func(gap) float64{
		func(g gap) float64 { return g.dom },
		func(g gap) float64 { return g.requests },
		func(g gap) float64 { return g.size },
		func(g gap) float64 { return g.points },
	} {
		values := column(gaps, of)
		median = append(median, fmt.Sprintf("%.1f", middle(values)))
		most = append(most, fmt.Sprintf("%.1f", slices.Max(values)))
	}
	t.row(median...)
	t.row(most...)
}

func column(gaps []gap, of func(gap) float64) []float64 {
	var values []float64
	for _, g := range gaps {
		values = append(values, math.Abs(of(g)))
	}
	return values
}
