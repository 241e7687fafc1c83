package spool_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"veille/agent/spool"
)

func open(t *testing.T, dir string) *spool.Spool {
	t.Helper()
	s, err := spool.Open(dir, 24)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *spool.Spool, key, body string) {
	t.Helper()
	if err := s.Put(key, record(body)); err != nil {
		t.Fatal(err)
	}
}

// record is a record that says something.
func record(body string) []byte { return strconv.AppendQuote(nil, body) }

func entry(key, body string) spool.Entry { return spool.Entry{Key: key, Body: record(body)} }

func keys(t *testing.T, entries []spool.Entry, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, e := range entries {
		body, err := strconv.Unquote(string(e.Body))
		if err != nil {
			t.Fatalf("%s is %q: %v", e.Key, e.Body, err)
		}
		text += e.Key + "=" + body + " "
	}
	return text
}

// day is a key n days from now.
func day(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }

func TestRecordsWaitOldestFirstThroughARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, day(0)+"T09", "c")
	put(t, s, day(-1), "a")
	put(t, s, day(0)+"T08", "b")
	s = open(t, dir)
	entries, err := s.Waiting(2)
	if got, want := keys(t, entries, err), day(-1)+"=a "+day(0)+"T08=b "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
}

func TestNoFileAndNoFolderTellsWhenSomethingHappened(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	quiet := func(after string, names ...string) {
		t.Helper()
		for _, name := range names {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.ModTime().UTC().Format("2006-01-02T15:04:05"); got != day(0)+"T00:00:00" {
				t.Errorf("after %s, %s tells %v", after, name, got)
			}
		}
	}
	key := day(0) + "T09"
	put(t, s, key, "a")
	quiet("Put", "waiting", "waiting/"+key+".json")
	if err := s.Sending([]spool.Entry{entry(key, "a")}); err != nil {
		t.Fatal(err)
	}
	quiet("Sending", "sent", "sent/"+key+".json")
	if err := s.Acknowledged(entry(key, "a")); err != nil {
		t.Fatal(err)
	}
	quiet("Acknowledged", "waiting")
	put(t, s, key, "b")
	if err := s.SetAside(entry(key, "b"), "no"); err != nil {
		t.Fatal(err)
	}
	quiet("SetAside", "waiting", "refused", "refused/"+key+".json", "refused/"+key+".txt")
	if _, err := s.Requeue(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DropHours(); err != nil {
		t.Fatal(err)
	}
	quiet("DropHours", "waiting")
	put(t, s, key, "c")
	flip(t, dir, "waiting", key)
	if _, err := s.Waiting(0); err != nil {
		t.Fatal(err)
	}
	quiet("damage", "waiting", "refused")
}

func TestWhatIsSentIsInTheJournalBeforeItLeavesAndForgottenWhenAcknowledged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, day(-1), "a")
	e := entry(day(-1), "a")
	for range 2 { // the first answer is lost
		if err := s.Sending([]spool.Entry{e}); err != nil {
			t.Fatal(err)
		}
		entries, err := spool.Journal(dir)
		if got, want := keys(t, entries, err), day(-1)+"=a "; got != want {
			t.Errorf("journal %q, want %q", got, want)
		}
	}
	if err := s.Acknowledged(e); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Waiting(0)
	if got := keys(t, entries, err); got != "" {
		t.Errorf("still waiting: %q", got)
	}
}

func TestReadingTheJournalTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	half := filepath.Join(dir, "waiting", day(0)+".json.part") // being written by the agent
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.Journal(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); err != nil {
		t.Error("the half file is gone")
	}
	if _, err := spool.Journal(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a journal was read where there is none")
	}
}

func TestAMachineThatBecamePersonalForgetsItsHours(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, day(-1), "day")
	put(t, s, day(0)+"T08", "hour")
	put(t, s, day(0)+"T09", "hour")
	if n, err := s.DropHours(); n != 2 || err != nil {
		t.Errorf("%d dropped, %v; want 2", n, err)
	}
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(-1)+"=day "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
}

func TestARecordThatGrewWhileItWasSentStillWaits(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, day(0)+"T09", "10 minutes")
	sending, err := s.Waiting(0)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, day(0)+"T09", "11 minutes")
	if err := s.Acknowledged(sending[0]); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(0)+"T09=11 minutes "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
}

func TestARefusedRecordIsKeptWithItsReason(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, day(-1), "bad")
	put(t, s, day(0), "good")
	if err := s.SetAside(entry(day(-1), "bad"), "the states sum to 1 s"); err != nil {
		t.Fatal(err)
	}
	why, err := os.ReadFile(filepath.Join(dir, "refused", day(-1)+".txt"))
	if err != nil || string(why) != "the states sum to 1 s\n" {
		t.Errorf("reason %q, %v", why, err)
	}
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(0)+"=good "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
}

func TestTheOldestAreDroppedAndCountedWhateverTheClockSays(t *testing.T) {
	s, err := spool.Open(t.TempDir(), 1) // thirty records
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "2016-01-01", "of a clock that was wrong")
	for n := -31; n <= 0; n++ {
		put(t, s, day(n), "x")
	}
	entries, err := s.Waiting(0)
	if err != nil || len(entries) != 30 || entries[0].Key != day(-29) || s.Dropped() != 3 {
		t.Errorf("%d wait from %s on, %d dropped, %v; want 30 from %s on", len(entries), entries[0].Key, s.Dropped(), err, day(-29))
	}
}

func TestAMonthOfAWrongClockDoesNotPushOutTheRecordsOfTheRightOne(t *testing.T) {
	dir := t.TempDir()
	s, err := spool.Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 30 {
		key := time.Date(2099, 1, 1+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		put(t, s, key, "x")
		if err := s.Sending([]spool.Entry{entry(key, "x")}); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, day(0), "true")
	if err := s.Sending([]spool.Entry{entry(day(0), "true")}); err != nil {
		t.Fatal(err)
	}
	if e, ok := s.Find(day(0)); !ok || string(e.Body) != `"true"` {
		t.Error("the new record does not wait")
	}
	journal, err := spool.Journal(dir)
	if err != nil || len(journal) != 30 || journal[0].Key != day(0) {
		t.Errorf("%d in the journal from %s on, %v", len(journal), journal[0].Key, err)
	}
}

func TestWhatACrashLeftHalfWrittenIsRemoved(t *testing.T) {
	dir := t.TempDir()
	put(t, open(t, dir), day(0), "whole")
	half := filepath.Join(dir, "waiting", day(-1)+".json.part")
	if err := os.WriteFile(half, []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	entries, err := open(t, dir).Waiting(0)
	if got, want := keys(t, entries, err), day(0)+"=whole "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("the half file is still there")
	}
}

func TestAFileThatCannotBeReadIsSetAsideAndTheOthersAreSent(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := os.Mkdir(filepath.Join(dir, "waiting", day(-1)+".json"), 0o700); err != nil { // reading a folder fails for root too
		t.Fatal(err)
	}
	put(t, s, day(0), "good")
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(0)+"=good "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
	if why, err := os.ReadFile(filepath.Join(dir, "refused", day(-1)+".txt")); err != nil || len(why) == 0 {
		t.Errorf("reason %q, %v", why, err)
	}
}

func TestAFolderThatCannotBeMadeIsAnErrorThatNamesIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.Open(filepath.Join(file, "spool"), 24); err == nil {
		t.Error("a spool was made below a file")
	}
}
