package spool_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/agent/spool"
)

// flip damages a file of a spool by one bit.
func flip(t *testing.T, dir, folder, key string) {
	t.Helper()
	name := filepath.Join(dir, folder, key+".json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[1] ^= 1 // still JSON: only the checksum tells
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedRecordIsSetAsideOnceAndTold(t *testing.T) {
	for _, tt := range []struct {
		name string
		find func(*testing.T, *spool.Spool)
	}{
		{"by Waiting", func(t *testing.T, s *spool.Spool) {
			entries, err := s.Waiting(1)
			if got, want := keys(t, entries, err), day(0)+"=good "; got != want {
				t.Errorf("waiting %q, want %q", got, want)
			}
		}},
		{"by Find", func(t *testing.T, s *spool.Spool) {
			if e, ok := s.Find(day(-1)); ok {
				t.Errorf("found %q", e.Body)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			put(t, s, day(-1), "bad")
			put(t, s, day(0), "good")
			flip(t, dir, "waiting", day(-1))
			for range 2 {
				tt.find(t, s)
			}
			damaged := s.TakeDamaged()
			if len(damaged) != 1 || damaged[0].Key != day(-1) || !strings.Contains(damaged[0].Reason, "checksum") {
				t.Errorf("damaged: %+v", damaged)
			}
			why, err := os.ReadFile(filepath.Join(dir, "refused", day(-1)+".txt"))
			if err != nil || string(why) != damaged[0].Reason+"\n" {
				t.Errorf("the reason beside it is %q, %v", why, err)
			}
			if again := s.TakeDamaged(); len(again) != 0 || s.Dropped() != 0 {
				t.Errorf("told twice: %+v; %d dropped", again, s.Dropped())
			}
		})
	}
}

func TestTheJournalSkipsWhatIsDamagedAndTellsIt(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.Sending([]spool.Entry{entry(day(-1), "bad"), entry(day(0), "good")}); err != nil {
		t.Fatal(err)
	}
	flip(t, dir, "sent", day(-1))
	entries, damaged, err := spool.ReadJournal(dir)
	if got, want := keys(t, entries, err), day(0)+"=good "; got != want || len(damaged) != 1 || damaged[0].Key != day(-1) {
		t.Errorf("journal %q, damaged %+v; want %q, one of %s", got, damaged, want, day(-1))
	}
	entries, err = spool.Journal(dir)
	if got, want := keys(t, entries, err), day(0)+"=good "; got != want {
		t.Errorf("journal %q, want %q", got, want)
	}
	if n, err := s.Requeue(); n != 1 || err != nil || len(s.TakeDamaged()) != 1 {
		t.Errorf("%d put back, %v; want 1, and the damage told", n, err)
	}
	if err := s.Sending([]spool.Entry{entry(day(-1), "bad")}); err != nil { // sent again, it is whole again
		t.Fatal(err)
	}
	if entries, err := spool.Journal(dir); err != nil || len(entries) != 2 {
		t.Errorf("%d in the journal, %v; want 2", len(entries), err)
	}
}

func TestRecordsOfAnOlderAgentAreSentAndForgotten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, folder := range []string{"waiting", "sent"} {
		if err := os.WriteFile(filepath.Join(dir, folder, day(-1)+".json"), record("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(-1)+"=old "; got != want {
		t.Fatalf("waiting %q, want %q", got, want)
	}
	if err := s.Acknowledged(entries[0]); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Find(day(-1)); ok {
		t.Error("it still waits")
	}
	entries, err = spool.Journal(dir)
	if got, want := keys(t, entries, err), day(-1)+"=old "; got != want {
		t.Errorf("journal %q, want %q", got, want)
	}
}

func TestAFileThatIsNotOursIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, day(0), "good")
	name := filepath.Join(dir, "waiting", "notes.json")
	if err := os.WriteFile(name, []byte("not a record"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(0)+"=good "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
	if err := s.Put("notes", record("x")); err == nil {
		t.Error("a record without a date was spooled")
	}
}

func TestALongReasonIsCut(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, day(0), "bad")
	if err := s.SetAside(entry(day(0), "bad"), "x"+strings.Repeat("é", 1<<20)); err != nil { // an é is cut in two
		t.Fatal(err)
	}
	why, err := os.ReadFile(filepath.Join(dir, "refused", day(0)+".txt"))
	if err != nil || len(why) > 4100 || string(why) != "x"+strings.Repeat("é", 2047)+"\n" {
		t.Errorf("the reason has %d bytes, %v", len(why), err)
	}
}
