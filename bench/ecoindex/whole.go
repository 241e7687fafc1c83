package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"veille/ecoindex/browser"
)

// The numbers that we hold ourselves to for a whole site.
const (
	leastSpeed   = 15          // pages per second of processor, without a browser
	mostResident = 200_000_000 // bytes, likewise
)

// whole is the run over whole sites. folder is a folder of its own, which is removed in the end.
type whole struct {
	*bench

	folder string
	end    os.Signal // that stops our program; nil for an interrupt
	text   strings.Builder
}

// writeWhole measures what a look at a whole site costs, and whether the score with a browser on some of the pages is
// as near to the score with a browser on all as it says.
func (b *bench) writeWhole(ctx context.Context, stdout io.Writer) (err error) {
	own := *b
	own.tools = "" // what is installed for the comparison is not run
	w := &whole{bench: &own}
	if w.folder, err = os.MkdirTemp("", "veille-bench-site-"); err != nil {
		return fmt.Errorf("make a folder for the site: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(w.folder)) }()
	if err := w.build(ctx); err != nil {
		return err
	}
	fmt.Fprintf(&w.text, "## EcoIndex, a whole site\n\n%s\n", w.setting(ctx))
	if err := w.withoutBrowser(ctx); err != nil {
		return err
	}
	if b.browsers > 0 {
		if err := w.withBrowser(ctx); err != nil {
			return err
		}
	}
	_, err = io.WriteString(stdout, w.text.String())
	return err
}

// build builds our program from the tree, where no other is given.
func (w *whole) build(ctx context.Context) error {
	if !w.built {
		return nil
	}
	w.command = filepath.Join(w.folder, "veille-ecoindex")
	if runtime.GOOS == "windows" {
		w.command += ".exe"
	}
	said, err := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", w.command, "./cmd/veille-ecoindex").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build veille-ecoindex from the tree: %w: %s; run this in the top folder of the repository", err, strings.ReplaceAll(strings.TrimSpace(string(said)), "\n", "; "))
	}
	return nil
}

// open serves the folders that were given, or a made site of so many pages.
func (w *whole) open(ctx context.Context, pages int) (*far, error) {
	if len(w.folders) == 1 {
		return serveFar(ctx, w.folders)
	}
	top, err := os.MkdirTemp(w.folder, "top-")
	if err != nil {
		return nil, err
	}
	if len(w.folders) > 1 {
		if err := makeTop(top, w.folders); err != nil {
			return nil, err
		}
		return serveFar(ctx, append([]string{top}, w.folders...))
	}
	f, err := serveFar(ctx, []string{top})
	if err != nil {
		return nil, err
	}
	return f, makeSite(pages, f.address, func(name string, body []byte) error {
		name = filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		return os.WriteFile(name, body, 0o600)
	})
}

// served is what is looked at, for people.
func (w *whole) served(pages int) string {
	if len(w.folders) == 0 {
		return fmt.Sprintf("a made site of %d pages of %d templates", pages, len(kindsOfPage()))
	}
	return strings.Join(w.folders, ", ")
}

// withoutBrowser looks at a quarter of the site, at half of it and at all, and once more with a kill in the middle.
func (w *whole) withoutBrowser(ctx context.Context) error {
	f, err := w.open(ctx, w.made)
	if f != nil {
		defer func() { _ = f.Close() }() // it has answered what was asked
	}
	if err != nil {
		return err
	}
	if _, err := w.crawl(ctx, f, "first.ndjson", w.static()...); err != nil { // the server compresses each file once
		return fmt.Errorf("look at the site: %w", err)
	}
	if _, err := f.asked(); err != nil {
		return err
	}
	all, err := w.crawl(ctx, f, "all.ndjson", w.static()...)
	if err != nil {
		return fmt.Errorf("look at the site: %w", err)
	}
	asked, err := f.asked()
	if err != nil {
		return err
	}
	if err := w.writeParts(ctx, f, all); err != nil {
		return err
	}
	n := &numbers{bench: w.bench, table: table{{"number", "wanted", "found", ""}}}
	n.hold("pages per second and processor", fmt.Sprintf("≥ %d", leastSpeed), fmt.Sprintf("%.1f", all.speed()), all.speed() >= leastSpeed)
	n.hold("peak memory", fmt.Sprintf("≤ %d MB", mostResident/1_000_000), all.memory()+" MB", all.most() <= mostResident)
	r, err := w.killAndGoOn(ctx, f, all, asked)
	if err != nil {
		if err := n.skip(ctx, "killed in the middle and gone on with", err); err != nil {
			return err
		}
	} else {
		n.hold(fmt.Sprintf("kill -9 at %d pages, gone on with", r.killedAt), "0 lost, the page in hand asked twice",
			fmt.Sprintf("%d pages; %d lost, %d more, %d asked twice", r.pages, r.lost, r.more, r.twice), r.lost == 0 && r.more == 0 && r.twice <= 1)
	}
	n.table.write(&w.text, "Numbers", false)
	return nil
}

// writeParts looks at a quarter of the site and at half of it, and writes what these take beside what all takes.
func (w *whole) writeParts(ctx context.Context, f *far, all *crawl) error {
	t := table{{"pages", "wall s", "CPU s", "pages per s of CPU", "peak MB", "journal MB", "failed"}}
	for _, part := range []int{4, 2, 1} {
		c := all
		if part > 1 {
			var err error
			most := strconv.Itoa(max(len(all.pages)/part, 1))
			if c, err = w.crawl(ctx, f, "part-"+most+".ndjson", "--mode", "static", "--max-pages", most); err != nil {
				return fmt.Errorf("look at a part of the site: %w", err)
			}
		}
		t.row(strconv.Itoa(len(c.pages)), fmt.Sprintf("%.1f", c.wall.Seconds()), fmt.Sprintf("%.1f", c.cpu.Seconds()), fmt.Sprintf("%.1f", c.speed()),
			c.memory(), fmt.Sprintf("%.1f", float64(c.journal)/1e6), strconv.Itoa(c.failed))
		w.progress.say("%d pages: %.1f s of CPU, %s MB\n", len(c.pages), c.cpu.Seconds(), c.memory())
	}
	t.write(&w.text, "Without a browser, "+w.served(w.made), true)
	return nil
}

// withBrowser measures a smaller site with a browser on some pages, and on all.
func (w *whole) withBrowser(ctx context.Context) error {
	if _, err := browser.Find(""); err != nil {
		fmt.Fprintf(&w.text, "\nWith a browser: not measured: %v\n", err)
		return nil
	}
	f, err := w.open(ctx, w.browsers)
	if f != nil {
		defer func() { _ = f.Close() }() // it has answered what was asked
	}
	if err != nil {
		return err
	}
	t := table{{"mode", "pages", "measured by the browser", "mean score", "s", "CPU s", "peak MB"}}
	var found []*crawl
	for _, mode := range []string{"static", "two-speed", "browser"} {
		c, err := w.crawl(ctx, f, mode+".ndjson", "--mode", mode, "--max-pages", strconv.Itoa(w.browsers))
		if err != nil {
			return fmt.Errorf("measure the site, --mode %s: %w", mode, err)
		}
		found = append(found, c)
		t.row(mode, strconv.Itoa(len(c.pages)), strconv.Itoa(c.measured), c.mean.String(), fmt.Sprintf("%.0f", c.wall.Seconds()),
			fmt.Sprintf("%.0f", c.cpu.Seconds()), strconv.FormatInt(c.peak/1e6, 10))
		w.progress.say("%s: %s, %d measures of the browser, %.0f s\n", mode, c.mean, c.measured, c.wall.Seconds())
	}
	t.write(&w.text, "With a browser, "+w.served(w.browsers), true)
	n := &numbers{bench: w.bench, table: table{{"number", "wanted", "found", ""}}}
	some, every := found[1], found[2]
	n.hold("the mean with a browser on all pages", "in the range that is said with a browser on some",
		fmt.Sprintf("%.2f in %s, %.2f off", every.mean.Value, some.mean, every.mean.Value-some.mean.Value), some.mean.holds(every.mean.Value))
	n.table.write(&w.text, "Numbers", false)
	return nil
}

// speed is pages per second of processor.
func (c *crawl) speed() float64 { return float64(len(c.pages)) / max(c.cpu.Seconds(), 0.001) }

// most is the most memory it took, in bytes: as the kernel kept it, or else as it was seen from time to time.
func (c *crawl) most() int64 { return max(c.rss, c.peak) }

func (c *crawl) memory() string { return strconv.FormatInt(c.most()/1e6, 10) }
