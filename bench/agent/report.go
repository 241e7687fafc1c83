package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The numbers that our agent holds at rest.
const (
	mostRSS     = 10 << 20 // bytes
	mostCPU     = 0.2      // seconds an hour
	mostWakeups = 0.2      // a second
	mostBinary  = 8e6      // bytes, on each of the systems below
)

func targets() []string {
	return []string{"linux-amd64", "linux-arm64", "windows-amd64", "darwin-amd64", "darwin-arm64"}
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func (f *found) cpu() float64   { return f.ran.Seconds() / f.over.Hours() }
func (f *found) rate() float64  { return float64(f.wakeups) / f.over.Seconds() }
func (f *found) kilos() float64 { return float64(f.written) / 1e3 / f.over.Hours() }

// write writes the whole report, and tells whether every number is held.
func write(w *strings.Builder, long time.Duration, all []*found, sizes map[string]int64) bool {
	fmt.Fprintf(w, "## The agent at rest, beside its peers\n\nAll in one run, over %v after %v to settle, each at work once in %v.\n", long, settle, period)
	costs := table{{"program", "RSS MiB", "PSS MiB", "CPU s/h", "wake-ups/s", "written kB/h", "threads", "binary MB"}}
	ratios := table{{"ours, for each of theirs", "RSS", "PSS", "CPU", "wake-ups", "written", "binary"}}
	us := all[0]
	for _, f := range all {
		if f.err != nil {
			costs.row(f.name, "not measured: "+f.err.Error(), "", "", "", "", "", "")
			continue
		}
		costs.row(f.name, fmt.Sprintf("%.1f", mib(f.rss)), fmt.Sprintf("%.1f", mib(f.pss)), fmt.Sprintf("%.3f", f.cpu()),
			fmt.Sprintf("%.3f", f.rate()), fmt.Sprintf("%.0f", f.kilos()), fmt.Sprint(f.threads), fmt.Sprintf("%.2f", float64(f.size)/1e6))
		if f != us {
			ratios.row(f.name, ratio(mib(us.rss), mib(f.rss)), ratio(mib(us.pss), mib(f.pss)), ratio(us.cpu(), f.cpu()),
				ratio(us.rate(), f.rate()), ratio(us.kilos(), f.kilos()), ratio(float64(us.size), float64(f.size)))
		}
	}
	costs.write(w, "What each takes")
	w.WriteString("\nRSS is the most seen, PSS that at the end. Wake-ups are voluntary context switches of all threads, ended ones included;\n" +
		"CPU is the scheduler's own count. A server of metrics asks node_exporter; what that costs where it runs is not in here.\n")
	ratios.write(w, "Ours to each peer")
	return hold(w, us, sizes)
}

// ratio is how many times theirs ours is. Nothing cannot be compared with.
func ratio(ours, theirs float64) string {
	if theirs == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", ours/theirs)
}

// hold writes each number beside its limit.
func hold(w *strings.Builder, us *found, sizes map[string]int64) bool {
	all := true
	numbers := table{{"number", "limit", "found", ""}}
	check := func(what, limit, found string, held bool) {
		verdict := "held"
		if !held {
			verdict, all = "NOT HELD", false
		}
		numbers.row(what, limit, found, verdict)
	}
	check("memory, RSS", "≤ 10 MiB", fmt.Sprintf("%.1f MiB", mib(us.rss)), us.rss > 0 && us.rss <= mostRSS)
	check("processor", "≤ 0.2 s/h", fmt.Sprintf("%.3f s/h", us.cpu()), us.ran > 0 && us.cpu() <= mostCPU)
	check("wake-ups", "≤ 0.2 /s", fmt.Sprintf("%.3f /s", us.rate()), us.wakeups > 0 && us.rate() <= mostWakeups)
	for _, target := range targets() {
		bytes, there := sizes[target]
		if extended, ok := sizes[target+".exe"]; ok && !there {
			bytes, there = extended, true
		}
		text := fmt.Sprintf("%.2f MB", float64(bytes)/1e6)
		if !there {
			text = "not built: make cross"
		}
		check("binary, "+target, "≤ 8 MB", text, there && bytes <= mostBinary)
	}
	numbers.write(w, "Numbers to hold")
	if extra := slices.DeleteFunc(slices.Sorted(maps.Keys(sizes)), func(name string) bool {
		return slices.Contains(targets(), strings.TrimSuffix(name, ".exe"))
	}); len(extra) > 0 {
		fmt.Fprintf(w, "\nBuilt too, without a limit: %s.\n", strings.Join(extra, ", "))
	}
	return all
}

// table is a Markdown table that is also aligned for the eye. The first row is its head.
type table [][]string

func (t *table) row(cells ...string) { *t = append(*t, cells) }

// write writes the table under a title: the first column to the left, the others to the right. One without rows is not
// written.
func (t table) write(w *strings.Builder, title string) {
	if len(t) == 1 {
		return
	}
	widths := make([]int, len(t[0]))
	for _, cells := range t {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	fmt.Fprintf(w, "\n### %s\n\n", title)
	for n, cells := range t {
		for i, cell := range cells {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				fmt.Fprintf(w, "| %s%s ", cell, pad)
			} else {
				fmt.Fprintf(w, "| %s%s ", pad, cell)
			}
		}
		w.WriteString("|\n")
		if n > 0 {
			continue
		}
		for i, width := range widths {
			if i == 0 {
				fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
			} else {
				fmt.Fprintf(w, "|%s:", strings.Repeat("-", width+1))
			}
		}
		w.WriteString("|\n")
	}
}
