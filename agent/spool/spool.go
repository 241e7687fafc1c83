// Package spool keeps records on disk until they are acknowledged.
package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// Days is how many days' records a spool keeps in each folder. The oldest are dropped.
const Days = 30

// Spool is a folder of records, one file each, named by the record's key. Keys sort by time. It is safe for concurrent
// use within one process.
type Spool struct {
	dir     string
	most    int // records kept in each folder
	mu      sync.Mutex
	dropped int      // since Open
	untold  int      // dropped, and not asked for by TakeDropped
	damaged []Damage // not asked for by TakeDamaged
	noHours bool     // records of hours are not to be sent any more
}

// Entry is a record that waits.
type Entry struct {
	Key  string // the date, and the hour: 2026-11-21, 2026-11-21T07
	Body []byte
}

// Open makes the folder where it is missing, and removes what a crash left half written: one process may have it open.
// perDay is how many records a day has.
//
// A folder holds at most Days times perDay records and MaxBytes. A record that waits is also too old when it is more than Days
// older than the newest date but one that waits. Its age is never asked of the clock: a clock that is years ahead for a minute
// would empty the spool, and even the one record that such a minute leaves says nothing of the others. Only two dates can, and
// only of what is older than both. What was sent or refused is a copy, and Expire judges it by the clock.
//
// Everybody on the machine may read what was sent, nobody else what waits or was refused.
func Open(dir string, perDay int) (*Spool, error) {
	for _, folder := range []string{"", sent, waiting, refused} {
		if err := prepare(filepath.Join(dir, folder), folder == "" || folder == sent); err != nil {
			return nil, fmt.Errorf("make the spool: %w", err)
		}
	}
	s := &Spool{dir: dir, most: Days * perDay}
	s.untold = int(s.number(droppedFile))
	return s, nil
}

// prepare makes a folder, sets who may read it and what is in it, and removes what is half written.
func prepare(dir string, public bool) error {
	folder, file := ownersFolder, ownersFile
	if public {
		folder, file = publicFolder, publicFile
	}
	if err := errors.Join(os.MkdirAll(dir, folder), permit(dir, folder)); err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dir, f.Name())
		switch {
		case strings.HasSuffix(name, ".part"):
			err = os.Remove(name)
		case strings.HasSuffix(name, ".json") && f.Type().IsRegular():
			err = permit(name, file)
		}
		if err != nil {
			return err
		}
	}
	return nil
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
	body, err := s.read(waiting, key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Entry{}, false
	case err != nil:
		// What Put writes next under the key must not hide that something is lost. Where even this fails, Waiting says so.
		_ = s.giveUp(key, err)
		return Entry{}, false
	}
	return Entry{key, body}, true
}

// Has tells whether a record waits, is in the journal or was refused.
func (s *Spool) Has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, folder := range []string{waiting, sent, refused} {
		if _, err := os.Lstat(s.path(folder, key)); err == nil {
			return true
		}
	}
	return false
}

// Waits tells whether a record waits.
func (s *Spool) Waits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, err := keysIn(filepath.Join(s.dir, waiting))
	return err != nil || len(keys) > 0
}

// Waiting is the records that wait, oldest first, at most n of them, or all when n is 0. A file that is damaged or
// cannot be read is set aside, and TakeDamaged tells of it.
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
		body, err := s.read(waiting, key)
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

// TakeDamaged is what was found damaged since it was last asked. What waited was set aside; what is in the journal is left
// there, and skipped.
func (s *Spool) TakeDamaged() []Damage {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.damaged
	s.damaged = nil
	return found
}

// Journal is the last thirty days of records that the agent with its spool in dir has sent, oldest first, each as it was sent
// last. It changes nothing, so it may be read while the agent runs. What is damaged is skipped: ReadJournal tells of it.
func Journal(dir string) ([]Entry, error) {
	entries, _, err := ReadJournal(dir)
	return entries, err
}

// ReadJournal is Journal, and what of it is damaged. A file that may not be read is an error: it is not lost.
func ReadJournal(dir string) ([]Entry, []Damage, error) {
	keys, err := keysIn(filepath.Join(dir, sent))
	if err != nil {
		return nil, nil, err
	}
	var entries []Entry
	var damaged []Damage
	for _, key := range keys {
		text, err := os.ReadFile(filepath.Join(dir, sent, key+".json"))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // dropped meanwhile
		case errors.Is(err, fs.ErrPermission):
			return nil, nil, fmt.Errorf("read the journal: %w", err)
		}
		var body []byte
		if err == nil {
			body, err = unseal(text)
		}
		if err != nil {
			damaged = append(damaged, Damage{key, err.Error()})
			continue
		}
		entries = append(entries, Entry{key, body})
	}
	return entries, damaged, nil
}

// Requeue makes every record of the journal wait that does not, and says how many those are: a collector that was restored
// from an older copy lacks them. Those that it refused as they are stay refused, and hours stay at home after DropHours.
func (s *Spool) Requeue() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, damaged, err := ReadJournal(s.dir)
	if err != nil {
		return 0, err
	}
	s.damaged = append(s.damaged, damaged...)
	n := 0
	for _, e := range entries {
		if _, err := os.Lstat(s.path(waiting, e.Key)); err == nil || s.noHours && hourly(e.Key) {
			continue
		}
		if body, err := s.read(refused, e.Key); err == nil && bytes.Equal(body, e.Body) {
			continue
		}
		if err := s.write(waiting, e.Key, e.Body); err != nil {
			return n, fmt.Errorf("spool the record of %s again: %w", e.Key, err)
		}
		n++
	}
	keys, err := keysIn(filepath.Join(s.dir, waiting))
	if err != nil || len(keys) == 0 {
		return n, err
	}
	return n, s.bound(waiting, keys[len(keys)-1])
}

// Sending puts records in the journal. It is called before they leave, so that nothing is sent that the journal lacks.
func (s *Spool) Sending(entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		if before, err := s.read(sent, e.Key); err == nil && bytes.Equal(before, e.Body) {
			continue // sent before, and the answer was lost
		}
		if err := s.write(sent, e.Key, e.Body); err != nil {
			return fmt.Errorf("journal the record of %s: %w", e.Key, err)
		}
	}
	if err := s.bound(sent, entries[len(entries)-1].Key); err != nil {
		return err
	}
	return s.rewrite()
}

// rewrite writes the days in the journal once more. When a file was made and last changed the system notes where nobody can set
// it: everybody may read the journal, and of a personal machine each day's file would tell when the machine was used. So all
// of them tell the last upload only. Hours are not of a personal machine.
func (s *Spool) rewrite() error {
	keys, err := keysIn(filepath.Join(s.dir, sent))
	if err != nil {
		return err
	}
	for _, key := range keys {
		if hourly(key) {
			continue
		}
		text, err := os.ReadFile(s.path(sent, key))
		if err == nil {
			err = s.writeFile(sent, key, ".json", text)
		}
		if err != nil { // it holds no upload up
			s.damaged = append(s.damaged, Damage{key, fmt.Sprintf("the journal's file cannot be written again: %v", err)})
		}
	}
	return nil
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
// send them any more, nor does Requeue bring them back.
func (s *Spool) DropHours() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.noHours = true
	keys, err := keysIn(filepath.Join(s.dir, waiting))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, key := range keys {
		if !hourly(key) {
			continue
		}
		if err := s.drop(waiting, []string{key}); err != nil {
			return n, err
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

// forget removes e from the waiting folder if it is still what waits there. What became damaged meanwhile stays for Waiting
// to find.
func (s *Spool) forget(e Entry) error {
	if body, err := s.read(waiting, e.Key); err != nil || !bytes.Equal(body, e.Body) {
		return nil //nolint:nilerr // nothing waits under the key that is known to be e
	}
	return s.remove(waiting, e.Key)
}

// giveUp sets a file aside that is damaged or cannot be read, so that it does not hold up the others for ever.
func (s *Spool) giveUp(key string, why error) error {
	err := errors.Join(os.Rename(s.path(waiting, key), s.path(refused, key)), s.still(waiting, key), s.explain(key, why.Error()))
	if err != nil {
		return fmt.Errorf("set the unreadable record of %s aside: %w", key, errors.Join(why, err))
	}
	s.damaged = append(s.damaged, Damage{key, why.Error()})
	return s.bound(refused, key)
}

// longestReason is how many bytes of a reason are kept: it may be whatever page something on the way answered with.
const longestReason = 4096

// explain writes beside a refused record why it was refused.
func (s *Spool) explain(key, reason string) error {
	reason = strings.ToValidUTF8(reason[:min(len(reason), longestReason)], "")
	return s.writeFile(refused, key, ".txt", []byte(reason+"\n"))
}

func (s *Spool) path(folder, key string) string {
	return filepath.Join(s.dir, folder, key+".json")
}

// hourly tells a key of an hour from that of a day.
func hourly(key string) bool { return strings.Contains(key, "T") }

// read is a record in a folder. It is an fs.ErrNotExist when there is none.
func (s *Spool) read(folder, key string) ([]byte, error) {
	text, err := os.ReadFile(s.path(folder, key))
	if err != nil {
		return nil, err
	}
	return unseal(text)
}

// write puts a record on disk for good.
func (s *Spool) write(folder, key string, body []byte) error {
	return s.writeFile(folder, key, ".json", seal(body))
}

// writeFile puts a file on disk for good.
func (s *Spool) writeFile(folder, key, ending string, text []byte) error {
	midnight, err := time.Parse(time.DateOnly, dateOf(key))
	if err != nil {
		return fmt.Errorf("the key %q is no date: %w", key, err)
	}
	mode := ownersFile
	if folder == sent {
		mode = publicFile
	}
	name := filepath.Join(s.dir, folder, key+ending)
	if err := writeAs(name, text, mode); err != nil {
		return err
	}
	return errors.Join(os.Chtimes(name, midnight, midnight), s.still(folder, key))
}

// still sets the times of a folder in which something changed to the midnight that begins a record's date, as those of the
// record's file are: when it was written is nobody's business (of a personal machine, it would tell when somebody came).
func (s *Spool) still(folder, key string) error {
	midnight, err := time.Parse(time.DateOnly, dateOf(key))
	if err != nil {
		return err
	}
	return os.Chtimes(filepath.Join(s.dir, folder), midnight, midnight)
}
