package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// crawl is what one run of our program over a site gave.
type crawl struct {
	cost

	pages    []string // paths of those that were looked at
	failed   int
	journal  int64 // bytes
	mean     figure
	measured int // by a browser
}

// figure is a figure of the site with the range in which the program says that it lies; nil where it says nothing.
type figure struct {
	Value     float64
	Low, High *float64
}

// holds says whether a value lies in the range of a figure.
func (f figure) holds(value float64) bool {
	return f.Low != nil && f.High != nil && *f.Low <= value && value <= *f.High
}

func (f figure) String() string {
	if f.Low == nil || f.High == nil {
		return fmt.Sprintf("%.2f", f.Value)
	}
	return fmt.Sprintf("%.2f (%.2f to %.2f)", f.Value, *f.Low, *f.High)
}

// crawl runs our program over the site of a server, and reads what it says. journal is the name of a file in the
// folder of this run. kill ends it in the middle, as kill -9 does; a program that was killed has no pages.
func (w *whole) crawl(ctx context.Context, f *far, journal string, args ...string) (*crawl, error) {
	out, err := os.Create(filepath.Join(w.folder, "out.json"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }() // it has been read
	name := filepath.Join(w.folder, journal)
	found := &crawl{}
	found.cost, err = watch(ctx, w.proc, job{
		args: slices.Concat([]string{w.command, "site", "--delay", "0s", "--json", "--journal", name}, args, []string{f.address + "/"}),
		into: out, end: w.end,
	})
	if info, err := os.Stat(name); err == nil {
		found.journal = info.Size()
	}
	if err != nil {
		return found, err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return found, err
	}
	if err := found.read(out); err != nil {
		return found, fmt.Errorf("read what site --json printed: %w", err)
	}
	return found, nil
}

// read reads what site --json printed, page by page: to read it at once would take memory that the next program that
// is started would be said to take.
func (c *crawl) read(r io.Reader) error {
	d := json.NewDecoder(r)
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "crawl":
			var summary struct{ Failed int }
			err = d.Decode(&summary)
			c.failed = summary.Failed
		case "score":
			var score struct {
				Measured int
				Mean     figure
			}
			err = d.Decode(&score)
			c.mean, c.measured = score.Mean, score.Measured
		case "pages":
			err = c.readPages(d)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
	}
	_, err := d.Token() // its end
	return err
}

func (c *crawl) readPages(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		var p struct{ URL string }
		if err := d.Decode(&p); err != nil {
			return err
		}
		u, err := url.Parse(p.URL)
		if err != nil {
			return err
		}
		c.pages = append(c.pages, u.Path)
	}
	_, err := d.Token()
	return err
}

// resumed is what became of a crawl that was killed in the middle and gone on with.
type resumed struct {
	killedAt int // pages that had been asked for
	pages    int // in the end
	twice    int // pages that were asked for more often than a crawl that nobody killed asks
	lost     int // pages that only the crawl that nobody killed has
	more     int // the other way round
}

// killAndGoOn kills a crawl when half of the pages have been asked for, and runs it again. whole is the crawl that
// nobody killed, asked how often it asked for each path.
func (w *whole) killAndGoOn(ctx context.Context, f *far, undisturbed *crawl, asked map[string]int) (resumed, error) {
	const journal = "killed.ndjson"
	var r resumed
	wanted := map[string]bool{}
	for _, p := range undisturbed.pages {
		wanted[p] = true
	}
	if _, err := f.asked(); err != nil { // what was before does not count
		return r, err
	}
	times := map[string]int{}
	killing, kill := context.WithCancel(ctx)
	defer kill()
	half, followed := false, make(chan error, 1)
	go func() {
		defer kill()
		followed <- follow(killing, f, times, func() bool {
			r.killedAt = count(times, wanted)
			half = 2*r.killedAt >= len(wanted)
			return half
		})
	}()
	_, err := (&whole{bench: w.bench, folder: w.folder, end: os.Kill}).crawl(killing, f, journal, w.static()...)
	kill()
	if err := <-followed; err != nil {
		return r, err
	}
	if !half || err == nil {
		return r, errors.Join(errors.New("it came to its end before it could be killed"), err)
	}
	c, err := w.crawl(ctx, f, journal, w.static()...)
	if err != nil {
		return r, err
	}
	rest, err := f.asked()
	if err != nil {
		return r, err
	}
	merge(times, rest)
	r.pages = len(c.pages)
	for path, n := range times {
		if wanted[path] && n > max(asked[path], 1) {
			r.twice++
		}
	}
	r.lost, r.more = missingFrom(undisturbed.pages, c.pages), missingFrom(c.pages, undisturbed.pages)
	return r, nil
}

// follow adds up what a server is asked for until enough says so, or ctx ends.
func follow(ctx context.Context, f *far, times map[string]int, enough func() bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		asked, err := f.asked()
		if err != nil {
			return err
		}
		merge(times, asked)
		if enough() {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func merge(times, more map[string]int) {
	for path, n := range more {
		times[path] += n
	}
}

// count is how many of the paths that are wanted were asked for.
func count(times map[string]int, wanted map[string]bool) int {
	n := 0
	for path := range times {
		if wanted[path] {
			n++
		}
	}
	return n
}

// missingFrom counts what is in all and not in some.
func missingFrom(all, some []string) int {
	rest := map[string]bool{}
	for _, p := range all {
		rest[p] = true
	}
	for _, p := range some {
		delete(rest, p)
	}
	return len(rest)
}

// static are the flags of the crawl without a browser.
func (w *whole) static() []string {
	return []string{"--mode", "static", "--max-pages", strconv.Itoa(w.most)}
}
