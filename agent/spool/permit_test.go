//go:build !windows

package spool_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"veille/agent/spool"
)

func TestEverybodyMayReadWhatWasSentAndNothingElse(t *testing.T) {
	old := syscall.Umask(0o077) // a careful service manager's
	defer syscall.Umask(old)
	dir := filepath.Join(t.TempDir(), "spool")
	key := day(-1)
	for _, step := range []struct {
		name string
		do   func(*spool.Spool)
	}{
		{"new", func(s *spool.Spool) {
			put(t, s, key, "x")
			if err := s.Sending([]spool.Entry{entry(key, "x")}); err != nil {
				t.Fatal(err)
			}
			if err := s.SetAside(entry(key, "x"), "no"); err != nil {
				t.Fatal(err)
			}
			put(t, s, key, "y")
			if err := s.SetAcked(3); err != nil {
				t.Fatal(err)
			}
		}},
		{"of an older agent", func(*spool.Spool) {
			for name, mode := range map[string]os.FileMode{"": 0o700, "sent": 0o700, "waiting": 0o755, "sent/" + key + ".json": 0o600, "waiting/" + key + ".json": 0o644} {
				if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			open(t, dir)
		}},
	} {
		step.do(open(t, dir))
		for name, want := range map[string]os.FileMode{
			"": 0o755, "sent": 0o755, "waiting": 0o700, "refused": 0o700, "acked": 0o600, "sent/" + key + ".json": 0o644,
			"waiting/" + key + ".json": 0o600, "refused/" + key + ".json": 0o600, "refused/" + key + ".txt": 0o600,
		} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s: %q is %o, want %o", step.name, name, got, want)
			}
		}
	}
}

func TestAJournalThatMayNotBeReadIsNotAnEmptyOne(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := t.TempDir()
	if err := open(t, dir).Sending([]spool.Entry{entry(day(0), "x")}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "sent", day(0)+".json"), 0); err != nil {
		t.Fatal(err)
	}
	if entries, err := spool.Journal(dir); err == nil {
		t.Errorf("%d records and no error", len(entries))
	}
}
