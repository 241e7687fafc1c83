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

// Folders of a spool. A record that was sent and not acknowledged is in two of them.
const (
	waiting = "waiting" // not acknowledged
	sent    = "sent"    // sent at least once: the journal that `veille-agent show` prints
	refused = "refused" // the collector will never take it, or it cannot be read; beside each, why
)

// Days is how many days' records a spool keeps in each folder, whenever these days were. The oldest are dropped.
const Days = 30

// Spool is a folder of records, one file each, named by the record's key. Keys sort by time. It is safe for concurrent
// use within one process.
type Spool struct {
	dir     string
	most    int // records kept in each folder
	mu      sync.Mutex
	dropped int
}

// Entry is a record that waits.
type Entry struct {
	Key  string // the date, and the hour: 2026-11-21, 2026-11-21T07
	Body []byte
}

// Open makes the folder where it is missing, and removes what a crash left half written: one process may have it open.
// perDay is how many records a day has. The bound of a spool is a number of records, not an age by the clock: a clock that is
// wrong for a minute must not empty it.
func Open(dir string, perDay int) (*Spool, error) {
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
	return &Spool{dir: dir, most: Days * perDay}, nil
}

// Put keeps body under key, in place of what waits under the same key. When it returns without an error the record is on
// disk: written aside, synced, renamed.
func (s *Spool) Put(key string, body []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(waiting, key, body); err != nil {
		return fmt.Errorf("spool the record of %s: %w", key, err)
	}
	return s.bound(waiting, key)
}

// Find is the record that waits under a key, if there is one.
func (s *Spool) Find(key string) (Entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := os.ReadFile(s.path(waiting, key))
	return Entry{key, body}, err == nil
}

// Waiting is the records that wait, oldest first, at most n of them. A file that cannot be read is set aside.
func (s *Spool) Waiting(n int) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, err := keysIn(filepath.Join(s.dir, waiting))
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, key := range keys {
		if n > 0 && len(entries) == n {
			break
		}
		body, err := os.ReadFile(s.path(waiting, key))
		if err != nil {
			if err := s.giveUp(key, err); err != nil {
				return nil, err
			}
			continue
		}
		entries = append(entries, Entry{key, body})
	}
	return entries, nil
}

// Journal is the last thirty days of records that the agent with its spool in dir has sent, oldest first, each as it was sent
// last. It changes nothing, so it may be read while the agent runs.
func Journal(dir string) ([]Entry, error) {
	keys, err := keysIn(filepath.Join(dir, sent))
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, key := range keys {
		body, err := os.ReadFile(filepath.Join(dir, sent, key+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // dropped meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		entries = append(entries, Entry{key, body})
	}
	return entries, nil
}

// Sending puts records in the journal. It is called before they leave, so that nothing is sent that the journal lacks.
func (s *Spool) Sending(entries []Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		if before, err := os.ReadFile(s.path(sent, e.Key)); err == nil && bytes.Equal(before, e.Body) {
			continue // sent before, and the answer was lost
		}
		if err := s.write(sent, e.Key, e.Body); err != nil {
			return fmt.Errorf("journal the record of %s: %w", e.Key, err)
		}
	}
	return s.bound(sent, entries[len(entries)-1].Key)
}

// Acknowledged forgets a record, unless a newer one took its place since it was read.
func (s *Spool) Acknowledged(e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forget(e)
}

// Empty tells whether nothing waits, was sent in the last thirty days, or was refused.
func (s *Spool) Empty() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, folder := range []string{waiting, sent, refused} {
		keys, err := keysIn(filepath.Join(s.dir, folder))
		if err != nil || len(keys) > 0 {
			return false, err
		}
	}
	return true, nil
}

// DropHours forgets the records of hours that wait, and says how many there were. A machine that became personal must not
// send them any more.
func (s *Spool) DropHours() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, err := keysIn(filepath.Join(s.dir, waiting))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, key := range keys {
		if !strings.Contains(key, "T") {
			continue
		}
		if err := os.Remove(s.path(waiting, key)); err != nil {
			return n, fmt.Errorf("drop the record of %s: %w", key, err)
		}
		n++
	}
	return n, nil
}

// SetAside keeps a record that the collector refused, with the reason, out of the way of the others.
func (s *Spool) SetAside(e Entry, reason string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.write(refused, e.Key, e.Body), s.explain(e.Key, reason)); err != nil {
		return fmt.Errorf("set the record of %s aside: %w", e.Key, err)
	}
	if err := s.forget(e); err != nil {
		return err
	}
	return s.bound(refused, e.Key)
}

// Dropped is how many waiting records were dropped since Open because there were too many.
func (s *Spool) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
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

// giveUp sets a file aside that cannot be read, so that it does not hold up the others for ever.
func (s *Spool) giveUp(key string, why error) error {
	err := errors.Join(os.Rename(s.path(waiting, key), s.path(refused, key)), s.explain(key, why.Error()))
	if err != nil {
		return fmt.Errorf("set the unreadable record of %s aside: %w", key, errors.Join(why, err))
	}
	return nil
}

// explain writes beside a refused record why it was refused.
func (s *Spool) explain(key, reason string) error {
	return s.writeFile(refused, key, ".txt", []byte(reason+"\n"))
}

// keysIn are the keys of the records in a folder, in order of time.
func keysIn(folder string) ([]string, error) {
	files, err := os.ReadDir(folder)
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

// write puts a record on disk for good.
func (s *Spool) write(folder, key string, body []byte) error {
	return s.writeFile(folder, key, ".json", body)
}

// writeFile puts a file on disk for good. Its times and those of its folder are then set to the midnight that begins the
// record's date: when it was written is nobody's business (of a personal machine, it would tell when somebody came).
func (s *Spool) writeFile(folder, key, ending string, body []byte) error {
	name := filepath.Join(s.dir, folder, key+ending)
	if err := WriteFile(name, body); err != nil {
		return err
	}
	date, _, _ := strings.Cut(key, "T")
	midnight, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return fmt.Errorf("the key %q is no date: %w", key, err)
	}
	return errors.Join(os.Chtimes(name, midnight, midnight), os.Chtimes(filepath.Dir(name), midnight, midnight))
}

// bound drops records of a folder that has too many: first those of a time after last, the one just written, because a
// clock was wrong when they were made, then the oldest.
func (s *Spool) bound(folder, last string) error {
	keys, err := keysIn(filepath.Join(s.dir, folder))
	if err != nil {
		return err
	}
	future, _ := slices.BinarySearch(keys, last+"\x00")
	order := slices.Concat(keys[future:], keys[:future])
	for _, key := range order[:max(0, len(keys)-s.most)] {
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
	if err := ReplaceFile(name, body); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}
