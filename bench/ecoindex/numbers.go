package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// writeNumbers measures the numbers that we hold ourselves to, and writes each beside what was found. Pages that ask
// other servers are left out: how long these do not answer is not ours to hold.
func (b *bench) writeNumbers(ctx context.Context, w *strings.Builder) error {
	quiet := *b
	quiet.pages = slices.DeleteFunc(slices.Clone(b.pages), func(p *page) bool { return p.elsewhere })
	if len(quiet.pages) == 0 {
		return errors.New("there is no page that asks its own server only")
	}
	fmt.Fprintf(w, "## EcoIndex, numbers to hold\n\n%s\n", b.setting(ctx))
	n := &numbers{bench: &quiet, table: table{{"number", "wanted", "found", ""}}}
	for _, step := range []func(context.Context) error{n.staticSpeed, n.full, n.adaptive, n.fixtures, n.identical, n.flat} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	n.table.write(w, "Numbers", false)
	if len(n.memory) > 0 {
		n.memory.write(w, "Memory along the long run", true)
	}
	return nil
}

type numbers struct {
	*bench

	table  table
	memory table
}

// hold adds a number, and whether it is held.
func (n *numbers) hold(what, wanted, found string, held bool) {
	verdict := "held"
	if !held {
		verdict = "**missed**"
	}
	n.table.row(what, wanted, found, verdict)
	n.progress.say("%s: %s (wanted %s): %s\n", what, found, wanted, verdict)
}

// figures is what one line of our program says, to be compared with another's.
type figures struct {
	dom, requests int
	sizeKB        float64
	problem       string
}

// run runs our program over addresses, and says what it cost and printed. each is called after each page.
func (n *numbers) run(ctx context.Context, env, args, urls []string, each func(done int, p *peaks)) (cost, []figures, error) {
	var found []figures
	c, err := watch(ctx, n.proc, job{
		args: slices.Concat([]string{n.command, "page", "--json"}, args, urls), env: env,
		line: func(text []byte, p *peaks) {
			var line pageLine
			if err := json.Unmarshal(text, &line); err != nil {
				line.Error = &struct{ Code, Message string }{"unreadable", err.Error()}
			}
			t := line.tally()
			found = append(found, figures{t.measure.DOM, t.measure.Requests, t.measure.SizeKB, t.problem})
			if each != nil {
				each(len(found), p)
			}
		},
	})
	if len(found) == len(urls) {
		err = nil // its status says that a page was not measured, and so does the line of that page
	}
	return c, found, err
}

// skip says that a number could not be measured; only the end of the whole run is an error.
func (n *numbers) skip(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("stopped at %s: %w", what, ctx.Err())
	}
	n.table.row(what, "", "not measured: "+err.Error(), "")
	return nil
}

// measured counts the pages that have figures.
func measured(found []figures) int {
	return len(slices.DeleteFunc(slices.Clone(found), func(f figures) bool { return f.problem != "" }))
}

// addresses are n addresses that all differ, going round the pages.
func addresses(pages []*page, n int) []string {
	var urls []string
	for i := range n {
		urls = append(urls, pages[i%len(pages)].url()+"?n="+strconv.Itoa(1000+i))
	}
	return urls
}

func (n *numbers) staticSpeed(ctx context.Context) error {
	const what = "static mode, one processor, pages a second"
	urls := addresses(n.pages, 5*len(n.pages))
	args := []string{"--mode", "static"}
	if _, _, err := n.run(ctx, nil, args, urls[:len(n.pages)], nil); err != nil { // the server compresses each file once
		return n.skip(ctx, what, err)
	}
	c, found, err := n.run(ctx, []string{"GOMAXPROCS=1"}, args, urls, nil)
	if err != nil {
		return n.skip(ctx, what, err)
	}
	speed := float64(measured(found)) / c.wall.Seconds()
	n.hold(what, "≥ 15", fmt.Sprintf("%.1f (%d pages, %.1f s, of which %.1f s of its processor)", speed, measured(found), c.wall.Seconds(), c.cpu.Seconds()), speed >= 15)
	return nil
}

func (n *numbers) full(ctx context.Context) error {
	return n.sixteen(ctx, "ecoindex-2026", 30*time.Second)
}

func (n *numbers) adaptive(ctx context.Context) error {
	return n.sixteen(ctx, "adaptive", 10*time.Second)
}

func browserArgs(protocol string) []string {
	return []string{"--mode", "browser", "--protocol", protocol, "--parallel", "8"}
}

// sixteen measures sixteen pages that differ, most of them real, and one small page sixteen times.
func (n *numbers) sixteen(ctx context.Context, protocol string, limit time.Duration) error {
	small := slices.IndexFunc(n.pages, func(p *page) bool { return strings.HasPrefix(p.name, "fixture/") })
	for _, set := range []struct {
		name  string
		pages []*page
	}{
		{"16 pages of the list", n.pages},
		{"16 times " + n.pages[max(small, 0)].name, n.pages[max(small, 0):][:1]},
	} {
		what := set.name + ", 8 tabs, " + protocol
		c, found, err := n.run(ctx, nil, browserArgs(protocol), addresses(set.pages, 16), nil)
		if err != nil {
			if err := n.skip(ctx, what, err); err != nil {
				return err
			}
			continue
		}
		n.hold(what, fmt.Sprintf("≤ %.0f s", limit.Seconds()),
			fmt.Sprintf("%.1f s, %.1f s of CPU, peak %d MB%s", c.wall.Seconds(), c.cpu.Seconds(), c.peak/1e6, missing(found)),
			c.wall <= limit && measured(found) == len(found))
	}
	return nil
}

// missing says how many pages have no figures, and why the first of them has none.
func missing(found []figures) string {
	i := slices.IndexFunc(found, func(f figures) bool { return f.problem != "" })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("; %d not measured, such as: %s", len(found)-measured(found), found[i].problem)
}

// identical measures the first page forty times; its server always answers the same.
func (n *numbers) identical(ctx context.Context) error {
	what := "40 times " + n.pages[0].name
	_, found, err := n.run(ctx, nil, browserArgs("ecoindex-2026"), addresses(n.pages[:1], 40), nil)
	if err != nil {
		return n.skip(ctx, what, err)
	}
	times := map[figures]int{}
	for _, f := range found {
		times[f]++
	}
	most := 0
	for _, t := range times {
		most = max(most, t)
	}
	var said strings.Builder
	fmt.Fprintf(&said, "%d identical", most)
	for f, t := range times {
		if len(times) > 1 {
			fmt.Fprintf(&said, "; %d times %d / %d / %.3f %s", t, f.dom, f.requests, f.sizeKB, f.problem)
		}
	}
	n.hold(what, "40 identical", said.String(), most == 40 && measured(found) == 40)
	return nil
}

// flat follows the memory of a long run: flat is a last fifth that takes no more than a tenth above the first. Each
// step has the same pages.
func (n *numbers) flat(ctx context.Context) error {
	const step = 20
	pages := n.pages[:min(step, len(n.pages))]
	what := fmt.Sprintf("%d pages, 8 tabs, peak memory", n.many)
	n.memory = table{{"pages", "peak MB since the row above"}}
	var windows []int64
	c, found, err := n.run(ctx, nil, browserArgs("ecoindex-2026"), addresses(pages, n.many), func(done int, p *peaks) {
		if done%step == 0 {
			windows = append(windows, p.mark())
			n.memory.row(strconv.Itoa(done), fmt.Sprint(windows[len(windows)-1]/1e6))
		}
		n.progress.say("  %d of %d\r", done, n.many)
	})
	if err == nil && len(windows) < 5 {
		err = errors.New("too few pages to tell; give --many 100 or more")
	}
	if err != nil {
		n.memory = nil
		return n.skip(ctx, what, err)
	}
	fifth := len(windows) / 5
	first, last := slices.Max(windows[:fifth]), slices.Max(windows[len(windows)-fifth:])
	n.hold(what, "≤ 1000 MB, flat", fmt.Sprintf("%d MB; first fifth %d MB, last %d MB; %.0f s%s",
		c.peak/1e6, first/1e6, last/1e6, c.wall.Seconds(), missing(found)),
		c.peak <= 1e9 && float64(last) <= 1.1*float64(first) && measured(found) == n.many)
	return nil
}
