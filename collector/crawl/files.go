package crawl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"veille/collector"
)

// files is the folder of a website.
type files string

// What is in it. No text of a page is in any of them.
const (
	lockName    = "measure"     // to which the lock adds its own ending
	journalNow  = "this.ndjson" // while a measure is under way
	stateNow    = "this.json"   // what is known of that measure beside: an underWay
	journalLast = "last.ndjson" // of the run before: what has not changed since is not measured again
	stateLast   = "last.json"   // what is known of that run: an ended
)

// underWay is a measure that has not ended, or whose result may not be in the ledger yet.
type underWay struct {
	Kind  collector.WebsiteKind  `json:"kind"`
	Rules collector.WebsiteRules `json:"rules"` // by which its journal was begun
	Run   *collector.WebRun      `json:"run"`   // what came of it; nil as long as it goes on. Its time tells it from all other runs
	Plan  collector.WebPlan      `json:"plan"`  // made at the same moment
}

// ended is the run before.
type ended struct {
	At       time.Time `json:"at"`
	Pages    int       `json:"pages"`
	Measured int       `json:"measured"` // with a browser
}

func (c *Crawler) filesOf(id int64) files {
	return files(filepath.Join(c.Folder, strconv.FormatInt(id, 10)))
}

func (f files) path(name string) string { return filepath.Join(string(f), name) }

func (f files) has(name string) bool {
	_, err := os.Stat(f.path(name))
	return err == nil
}

// underWay is what is known of the measure under way. An error says that there is none that could go on.
func (f files) underWay() (u underWay, err error) {
	if !f.has(journalNow) {
		return u, fs.ErrNotExist
	}
	return u, f.read(stateNow, &u)
}

func (f files) last() (e ended, err error) {
	return e, f.read(stateLast, &e)
}

func (f files) read(name string, into any) error {
	text, err := os.ReadFile(f.path(name))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", f.path(name), err)
	}
	return nil
}

// write writes a file whole or not at all, and returns when it is on the disk.
func (f files) write(name string, what any) error {
	text, err := json.Marshal(what)
	if err == nil {
		err = writeSynced(f.path(name)+".new", text)
	}
	if err == nil {
		err = os.Rename(f.path(name)+".new", f.path(name))
	}
	if err != nil {
		return fmt.Errorf("write how far the measure is: %w", err)
	}
	f.sync()
	return nil
}

func writeSynced(name string, text []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// sync brings names of files to the disk, where the system knows how to.
func (f files) sync() {
	if dir, err := os.Open(string(f)); err == nil {
		_ = dir.Sync() // Windows does it without being asked, and refuses to be
		_ = dir.Close()
	}
}

// forget drops the measure under way.
func (f files) forget() error {
	return errors.Join(f.remove(journalNow), f.remove(stateNow))
}

func (f files) remove(name string) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop a measure: %w", err)
	}
	return nil
}

// finish makes the measure under way the run before, once the ledger has it.
func (f files) finish(r collector.WebRun) error {
	if err := os.Rename(f.path(journalNow), f.path(journalLast)); err != nil {
		return fmt.Errorf("keep the journal for the next measure: %w", err)
	}
	f.sync()
	return errors.Join(f.write(stateLast, ended{r.At, r.Pages, r.Measured}), f.remove(stateNow))
}

// folders are the websites that have one.
func (c *Crawler) folders(ctx context.Context) []int64 {
	entries, err := os.ReadDir(c.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.Log.ErrorContext(ctx, "folder of the journals not read", "err", err)
	}
	var all []int64
	for _, e := range entries {
		id, err := strconv.ParseInt(e.Name(), 10, 64)
		if err == nil && e.IsDir() && strconv.FormatInt(id, 10) == e.Name() {
			all = append(all, id)
		}
	}
	return all
}

// sweep removes what is kept of websites that are gone.
func (c *Crawler) sweep(ctx context.Context, all []collector.Website) {
	known := map[int64]bool{}
	for i := range all {
		known[all[i].ID] = true
	}
	c.mu.Lock()
	for id := range c.under {
		known[id] = true
	}
	for id := range c.rests {
		if !known[id] {
			delete(c.rests, id)
		}
	}
	c.mu.Unlock()
	for _, id := range c.folders(ctx) {
		if known[id] {
			continue
		}
		if err := os.RemoveAll(string(c.filesOf(id))); err != nil {
			c.Log.ErrorContext(ctx, "journals of a website that is gone not removed, it is tried again the next night", "website", id, "err", err)
		}
	}
}
