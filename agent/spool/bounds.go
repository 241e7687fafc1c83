package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// MaxBytes is how much a spool keeps in each folder.
const MaxBytes = 4 << 20

// file is a record in a folder, and its size on disk.
type file struct {
	key  string
	size int64
}

// Expire forgets what was sent and what was refused of dates more than Days before today, which is the civil date at the
// site. What waits is not judged by the clock: see Open.
func (s *Spool) Expire(today time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	cut := daysBefore(today, Days)
	for _, folder := range []string{sent, refused} {
		keys, err := keysIn(filepath.Join(s.dir, folder))
		if err != nil {
			return err
		}
		end, _ := slices.BinarySearch(keys, cut)
		if err := s.drop(folder, keys[:end]); err != nil {
			return err
		}
	}
	return nil
}

// bound drops what a folder has too much of: from those that wait what is too old, then from any folder first the records of
// a time after last, the one just written, because a clock was wrong when they were made, then the oldest. The one just
// written stays in any case.
func (s *Spool) bound(folder, last string) error {
	files, err := s.list(folder)
	if err != nil {
		return err
	}
	if folder == waiting {
		cut := tooOld(files, last)
		end, _ := slices.BinarySearchFunc(files, cut, compareKey)
		if err := s.drop(folder, keysOf(files[:end])); err != nil {
			return err
		}
		files = files[end:]
	}
	future, _ := slices.BinarySearchFunc(files, last+"\x00", compareKey)
	order := slices.Concat(files[future:], files[:future])
	var size int64
	for _, f := range files {
		size += f.size
	}
	n := 0
	for ; n < len(order)-1 && (len(order)-n > s.most || size > MaxBytes); n++ {
		size -= order[n].size
	}
	return s.drop(folder, keysOf(order[:n]))
}

// tooOld is the first date that is not too old to wait: Days before the newest date but one, of the dates up to that of the
// record just written. The newest of all may be of a clock that was wrong once. "" when nothing is too old.
func tooOld(files []file, last string) string {
	newest := ""
	for _, f := range slices.Backward(files) {
		switch date := dateOf(f.key); {
		case f.key > last || date == newest:
		case newest == "":
			newest = date
		default:
			day, _ := time.Parse(time.DateOnly, date)
			return daysBefore(day, Days)
		}
	}
	return ""
}

// drop removes records of a folder, and counts those that waited. A full disk may not take the count: it is then known until
// the agent ends, and the records are removed all the same, to make room.
func (s *Spool) drop(folder string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var errs []error
	if folder == waiting {
		s.dropped += len(keys)
		s.untold += len(keys)
		errs = append(errs, s.keepNumber(droppedFile, int64(s.untold))) // first: a power cut may count some twice, but forget none
	}
	for _, key := range keys {
		errs = append(errs, s.remove(folder, key))
	}
	return errors.Join(errs...)
}

// remove takes a record out of a folder, and the reason that may stand beside it.
func (s *Spool) remove(folder, key string) error {
	var err error
	if folder == refused {
		if err = os.Remove(filepath.Join(s.dir, refused, key+".txt")); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err := errors.Join(err, os.Remove(s.path(folder, key)), s.still(folder, key)); err != nil {
		return fmt.Errorf("remove the record of %s: %w", key, err)
	}
	return nil
}

// list is the records in a folder, in order of time, with their sizes.
func (s *Spool) list(folder string) ([]file, error) {
	keys, err := keysIn(filepath.Join(s.dir, folder))
	if err != nil {
		return nil, err
	}
	files := make([]file, 0, len(keys))
	for _, key := range keys {
		f := file{key: key}
		for _, ending := range []string{".json", ".txt"} {
			if info, err := os.Lstat(filepath.Join(s.dir, folder, key+ending)); err == nil {
				f.size += info.Size()
			}
		}
		files = append(files, f)
	}
	return files, nil
}

// keysIn are the keys of the records in a folder, in order of time. A file that is not named after a date is not ours.
func keysIn(folder string) ([]string, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("look into the spool: %w", err)
	}
	var keys []string
	for _, f := range files {
		key, ok := strings.CutSuffix(f.Name(), ".json")
		if _, err := time.Parse(time.DateOnly, dateOf(key)); ok && err == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func keysOf(files []file) []string {
	keys := make([]string, len(files))
	for i, f := range files {
		keys[i] = f.key
	}
	return keys
}

func compareKey(f file, key string) int { return strings.Compare(f.key, key) }

// dateOf is the date in a key.
func dateOf(key string) string {
	date, _, _ := strings.Cut(key, "T")
	return date
}

// daysBefore is the date n days before that of t.
func daysBefore(t time.Time, n int) string {
	year, month, day := t.Date()
	return time.Date(year, month, day-n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
