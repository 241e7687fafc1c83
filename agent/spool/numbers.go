package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Files beside the folders, each with one number that outlives the agent.
const (
	ackedFile   = "acked"
	droppedFile = "dropped"
)

// Acked is how many records of this machine the collector said it has, as last kept by SetAcked. It is 0 when nothing was
// kept or the file cannot be read: with 0 there is nothing that a collector could have lost.
func (s *Spool) Acked() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number(ackedFile)
}

// SetAcked keeps how many records of this machine the collector says it has.
func (s *Spool) SetAcked(n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.number(ackedFile) == n {
		return nil
	}
	return s.keepNumber(ackedFile, n)
}

// Dropped is how many waiting records were dropped since Open because they were too many, too large or too old.
func (s *Spool) Dropped() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// TakeDropped is how many waiting records were dropped since it last said so, by this agent or those before it in the same
// folder. Each is told once: what it answers is to be on disk elsewhere soon, for a power cut in between forgets it. With an
// error nothing is told, and the next call answers it again.
func (s *Spool) TakeDropped() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.untold
	if n == 0 {
		return 0, nil
	}
	if err := s.keepNumber(droppedFile, 0); err != nil {
		return 0, err
	}
	s.untold = 0
	return n, nil
}

// number reads a number that was kept; 0 when there is none that can be read.
func (s *Spool) number(name string) int64 {
	text, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 0
	}
	return max(0, n)
}

// keepNumber keeps a number on disk. The file does not tell when that was.
func (s *Spool) keepNumber(name string, n int64) error {
	file, never := filepath.Join(s.dir, name), time.Unix(0, 0)
	err := WriteFile(file, strconv.AppendInt(nil, n, 10))
	if err == nil {
		err = errors.Join(os.Chtimes(file, never, never), os.Chtimes(s.dir, never, never))
	}
	if err != nil {
		return fmt.Errorf("keep the number %q of the spool: %w", name, err)
	}
	return nil
}

// Forget makes the spool in dir forget how many records a collector said it has: the machine goes to another collector.
func Forget(dir string) error {
	err := os.Remove(filepath.Join(dir, ackedFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what the collector has: %w", err)
	}
	return nil
}
