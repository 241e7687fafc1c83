// Package spool keeps records on disk until they are acknowledged.
package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Folders of a spool. A record waits in one, and is in one only.
const (
	waiting = "waiting" // not acknowledged
	sent    = "sent"    // acknowledged: the journal that `veille-agent show` prints
	refused = "refused" // the collector will never take it, or it cannot be read; beside each, why
)

// Limits bound what a spool keeps.
type Limits struct {
	Age   time.Duration // of a record, waiting or sent; older ones are dropped
	Files int           // waiting; the oldest are dropped
}

// DefaultLimits keep thirty days, and as many hourly records as they have.
func DefaultLimits() Limits {
	return Limits{Age: 30 * 24 * time.Hour, Files: 31 * 24}
}

// Spool is a folder of records, one file each, named by the record's key. Keys sort by time. It is safe for concurrent
// use within one process.
type Spool struct {
	dir     string
	limits  Limits
	mu      sync.Mutex
	dropped int
}

// Entry is a record that waits.
type Entry struct {
	Key  string // the date, and the hour: 2026-11-21, 2026-11-21T07
	Body []byte
}

// Open makes the folder where it is missing, and removes what a crash left half written.
func Open(dir string, limits Limits) (*Spool, error) {
	for _, name := range []string{waiting, sent, refused} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return nil, fmt.Errorf("make the spool: %w", err)
		}
	}
	halves, err := filepath.Glob(filepath.Join(dir, "*", "*.part"))
	if err != nil {
		return nil, fmt.Errorf("look into the spool %s: %w", dir, err)
	}
	for _, name := range halves {
		if err := os.Remove(name); err != nil {
			return nil, fmt.Errorf("clean the spool: %w", err)
		}
	}
	return &Spool{dir: dir, limits: limits}, nil
}

// Put keeps body under key, in place of what waits under the same key. When it returns without an error the record is on
// disk: written aside, synced, renamed.
func (s *Spool) Put(key string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(waiting, key, body); err != nil {
		return fmt.Errorf("spool the record of %s: %w", key, err)
	}
	return s.bound(waiting, s.limits.Files)
}

// Waiting is the records that wait, oldest first, at most n of them. A file that cannot be read is set aside.
func (s *Spool) Waiting(n int) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries(waiting, n)
}

// Sent is the records acknowledged in the last thirty days, oldest first.
func (s *Spool) Sent() ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries(sent, 0)
}

// Acknowledged moves a record to the journal, unless a newer one took its place since it was read.
func (s *Spool) Acknowledged(e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(sent, e.Key, e.Body); err != nil {
		return fmt.Errorf("journal the record of %s: %w", e.Key, err)
	}
	if err := s.forget(e); err != nil {
		return err
	}
	return s.bound(sent, 0)
}

// SetAside keeps a record that the collector refused, with the reason, out of the way of the others.
func (s *Spool) SetAside(e Entry, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.setAside(e, reason)
}

// Dropped is how many records were dropped since Open because they were too old or too many.
func (s *Spool) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

func (s *Spool) setAside(e Entry, reason string) error {
	if err := errors.Join(s.write(refused, e.Key, e.Body), s.explain(e.Key, reason)); err != nil {
		return fmt.Errorf("set the record of %s aside: %w", e.Key, err)
	}
	if err := s.forget(e); err != nil {
		return err
	}
	return s.bound(refused, 0)
}

// forget removes e from the waiting folder if it is still what waits there.
func (s *Spool) forget(e Entry) error {
	name := s.path(waiting, e.Key)
	now, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(now, e.Body) {
		return nil
	}
	if err := os.Remove(name); err != nil {
		return fmt.Errorf("forget the record of %s: %w", e.Key, err)
	}
	return nil
}

func (s *Spool) entries(folder string, n int) ([]Entry, error) {
	names, err := s.names(folder)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, key := range names {
		if n > 0 && len(entries) == n {
			break
		}
		body, err := os.ReadFile(s.path(folder, key))
		if err != nil {
			if err := s.giveUp(folder, key, err); err != nil {
				return nil, err
			}
			continue
		}
		entries = append(entries, Entry{key, body})
	}
	return entries, nil
}

// giveUp sets a file aside that cannot be read, so that it does not hold up the others for ever.
func (s *Spool) giveUp(folder, key string, why error) error {
	err := errors.Join(os.Rename(s.path(folder, key), s.path(refused, key)), s.explain(key, why.Error()))
	if err != nil {
		return fmt.Errorf("set the unreadable record of %s aside: %w", key, errors.Join(why, err))
	}
	return nil
}

// explain writes beside a refused record why it was refused.
func (s *Spool) explain(key, reason string) error {
	return WriteFile(filepath.Join(s.dir, refused, key+".txt"), []byte(reason+"\n"))
}

// names are the keys in a folder, in order of time.
func (s *Spool) names(folder string) ([]string, error) {
	files, err := os.ReadDir(filepath.Join(s.dir, folder))
	if err != nil {
		return nil, fmt.Errorf("look into the spool: %w", err)
	}
	var keys []string
	for _, f := range files {
		if key, ok := strings.CutSuffix(f.Name(), ".json"); ok {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func (s *Spool) path(folder, key string) string {
	return filepath.Join(s.dir, folder, key+".json")
}

// write puts body on disk for good. The file's times are then set to the midnight that begins the record's date: when
// it was written is nobody's business (of a personal machine, it would tell when somebody came).
func (s *Spool) write(folder, key string, body []byte) error {
	name := s.path(folder, key)
	if err := WriteFile(name, body); err != nil {
		return err
	}
	date, _, _ := strings.Cut(key, "T")
	midnight, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return fmt.Errorf("the key %q is no date: %w", key, err)
	}
	return os.Chtimes(name, midnight, midnight)
}

// bound drops from a folder what is older than the limit by its key, and all but the last most records (0: no limit).
func (s *Spool) bound(folder string, most int) error {
	keys, err := s.names(folder)
	if err != nil {
		return err
	}
	oldest := time.Now().Add(-s.limits.Age).Format(time.DateOnly)
	for i, key := range keys {
		if key >= oldest && (most == 0 || len(keys)-i <= most) {
			break
		}
		if err := os.Remove(s.path(folder, key)); err != nil {
			return fmt.Errorf("drop the record of %s: %w", key, err)
		}
		switch folder {
		case waiting:
			s.dropped++
		case refused:
			_ = os.Remove(filepath.Join(s.dir, refused, key+".txt")) // the reason goes with its record
		}
	}
	return nil
}

// WriteFile writes a small file, readable by its owner only, so that after a crash or a power cut either the old or the
// new content is there, whole.
func WriteFile(name string, body []byte) error {
	aside := name + ".part"
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	if err := os.Rename(aside, name); err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	return syncDir(filepath.Dir(name))
}
