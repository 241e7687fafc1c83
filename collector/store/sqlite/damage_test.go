package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

func TestCheckChangesNothingOfABackup(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "veille.db"))
	backup := filepath.Join(dir, "copy.db")
	if err := s.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := sqlite.Check(t.Context(), backup, nil); err != nil || f.Problems != nil {
		t.Errorf("%+v, %v", f, err)
	}
	if after, err := os.ReadFile(backup); err != nil || !bytes.Equal(after, before) {
		t.Errorf("it was written to: %v", err)
	}
	if files, err := filepath.Glob(backup + "-*"); err != nil || len(files) > 0 {
		t.Errorf("beside it there are %v, %v", files, err)
	}
}

func TestAFileWhosePagesAreDamagedIsSaidAndNotWrittenToAnyMore(t *testing.T) {
	name := filepath.Join(t.TempDir(), "veille.db")
	s := open(t, name)
	m := ledgertest.Enrolled(t, s, 1)
	if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{ledgertest.Record("2026-11-16", 9, 60)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil { // everything is in the file now
		t.Fatal(err)
	}
	s = open(t, name)
	if err := s.Intact(t.Context()); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size())-2*4096), 2*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := s.Keep(t.Context(), m, "2026-11-17", 1, []collector.Record{ledgertest.Record("2026-11-16", 10, 60)})
		if err == nil || !strings.Contains(err.Error(), "nothing is written to it any more") {
			t.Errorf("written to: %v", err)
		}
	}
	if err := s.Intact(t.Context()); err == nil || !strings.Contains(err.Error(), "restore the newest backup") {
		t.Errorf("it is %v", err)
	}
}
