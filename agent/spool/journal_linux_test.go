package spool_test

import (
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"veille/agent/spool"
)

// When a file was made and last changed nobody can set. Everybody on the machine may read the journal.
func TestTheJournalOfAPersonalMachineTellsTheLastUploadOnly(t *testing.T) {
	dir := t.TempDir()
	s, err := spool.Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"2026-11-18", "2026-11-19", "2026-11-20"}
	var uploaded time.Time
	for _, key := range keys {
		if err := s.Put(key, []byte(`{"date":"`+key+`"}`)); err != nil {
			t.Fatal(err)
		}
		e, _ := s.Find(key)
		<-time.After(50 * time.Millisecond)
		uploaded = time.Now().Add(-5 * time.Millisecond) // the clock of files is coarser
		if err := s.Sending([]spool.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range keys {
		var x unix.Statx_t
		if err := unix.Statx(unix.AT_FDCWD, filepath.Join(dir, "sent", key+".json"), 0, unix.STATX_ALL, &x); err != nil {
			t.Skipf("this system does not tell when a file was made: %v", err)
		}
		for name, at := range map[string]unix.StatxTimestamp{"made": x.Btime, "changed": x.Ctime} {
			if moment := time.Unix(at.Sec, int64(at.Nsec)); at.Sec != 0 && moment.Before(uploaded) {
				t.Errorf("%s was %s at %v, before the last upload at %v", key, name, moment, uploaded)
			}
		}
	}
}
