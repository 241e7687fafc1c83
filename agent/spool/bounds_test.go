package spool_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/agent/spool"
)

func waitingKeys(t *testing.T, s *spool.Spool) string {
	t.Helper()
	entries, err := s.Waiting(0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Key)
	}
	return strings.Join(list, " ")
}

func TestWhatWaitsIsTooOldThirtyDaysBeforeTheNewestDateButOne(t *testing.T) {
	for _, tt := range []struct {
		name, puts, wait string
		dropped          int
	}{
		{"a summer passed, and one day since", "2026-06-30 2026-09-01", "2026-06-30 2026-09-01", 0},
		{"and the hours of one day", "2026-06-30 2026-09-01T08 2026-09-01T09", "2026-06-30 2026-09-01T08 2026-09-01T09", 0},
		{"and two days", "2026-06-30 2026-09-01 2026-09-02", "2026-09-01 2026-09-02", 1},
		{"thirty days are not too many", "2026-08-02 2026-09-01 2026-09-02", "2026-08-02 2026-09-01 2026-09-02", 0},
		{"thirty-one are", "2026-08-01T23 2026-09-01 2026-09-02", "2026-09-01 2026-09-02", 1},
		{"a clock years ahead, once", "2026-09-01 2026-09-02 2099-01-01", "2026-09-01 2026-09-02 2099-01-01", 0},
		{"and right again", "2026-09-01 2099-01-01 2026-09-02", "2026-09-01 2026-09-02 2099-01-01", 0},
		{"two days ahead, then right again: those of the future do not count", "2099-01-01 2099-01-02 2026-09-01 2026-09-02", "2026-09-01 2026-09-02 2099-01-01 2099-01-02", 0},
		{"a clock that begins anew", "2026-09-01 2016-01-01", "2016-01-01 2026-09-01", 0},
		{"and is set", "2026-09-01 2016-01-01 2026-09-02", "2026-09-01 2026-09-02", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, t.TempDir())
			for key := range strings.FieldsSeq(tt.puts) {
				put(t, s, key, "x")
			}
			if got := waitingKeys(t, s); got != tt.wait || s.Dropped() != tt.dropped {
				t.Errorf("%s wait, %d dropped; want %s, %d", got, s.Dropped(), tt.wait, tt.dropped)
			}
		})
	}
}

func TestWhatWasSentOrRefusedIsForgottenAfterThirtyDays(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for _, key := range []string{"2026-10-21T23", "2026-10-22", "2026-11-21"} {
		e := entry(key, "x")
		put(t, s, key, "x")
		if err := s.Sending([]spool.Entry{e}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetAside(e, "no"); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, "2026-10-01", "waits for longer")
	if err := s.Expire(time.Date(2026, 11, 21, 23, 59, 0, 0, time.FixedZone("", -3600))); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"sent", "refused"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(files, " ")
		if strings.Contains(text, "10-21") || !strings.Contains(text, "10-22") || !strings.Contains(text, "11-21") {
			t.Errorf("in %s: %s", folder, text)
		}
	}
	if got := waitingKeys(t, s); got != "2026-10-01" || s.Dropped() != 0 {
		t.Errorf("%s wait, %d dropped: the clock is not asked how old they are", got, s.Dropped())
	}
}

func TestNoFolderIsLargerThanItMay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	body := strings.Repeat("x", 1<<20)
	for n := -4; n <= 0; n++ {
		put(t, s, day(n), body)
		if err := s.Sending([]spool.Entry{entry(day(n), body)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"waiting", "sent"} {
		if files, err := filepath.Glob(filepath.Join(dir, folder, "*")); err != nil || len(files) != 3 || filepath.Base(files[0]) != day(-2)+".json" {
			t.Errorf("%v, %v; want three from %s on", files, err, day(-2))
		}
	}
	if s.Dropped() != 2 {
		t.Errorf("%d dropped, want 2", s.Dropped())
	}
	put(t, s, day(1), strings.Repeat("x", spool.MaxBytes+1))
	if !s.Has(day(1)) || s.Dropped() != 5 {
		t.Errorf("%d dropped; want all but the one just written, whatever it takes", s.Dropped())
	}
}

func TestWhatWasDroppedIsToldOnceThroughRestarts(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for key := range strings.FieldsSeq("2026-01-01 2026-01-02 2026-09-01 2026-09-02") {
		put(t, s, key, "x")
	}
	s = open(t, dir)
	if s.Dropped() != 0 {
		t.Errorf("%d dropped since the restart", s.Dropped())
	}
	for _, want := range []int{2, 0} {
		if n, err := s.TakeDropped(); n != want || err != nil {
			t.Errorf("%d dropped, %v; want %d", n, err, want)
		}
	}
	if n, err := open(t, dir).TakeDropped(); n != 0 || err != nil {
		t.Errorf("%d told again, %v", n, err)
	}
}

func TestANumberThatCannotBeKeptIsToldAgain(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	for key := range strings.FieldsSeq("2026-01-01 2026-09-01 2026-09-02") {
		put(t, s, key, "x")
	}
	name := filepath.Join(dir, "dropped")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(name, "inside"), 0o700); err != nil { // cannot be replaced by a file
		t.Fatal(err)
	}
	if n, err := s.TakeDropped(); n != 0 || err == nil {
		t.Errorf("%d told, %v; want an error", n, err)
	}
	if err := s.Put("2026-12-24", record("x")); err != nil { // drops nothing
		t.Error(err)
	}
	if err := s.Put("2026-12-25", record("x")); err == nil { // drops two
		t.Error("the count was lost and nobody knows")
	}
	if got := waitingKeys(t, s); got != "2026-12-24 2026-12-25" {
		t.Errorf("%s wait: a full disk keeps what should make room", got)
	}
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	if n, err := s.TakeDropped(); n != 3 || err != nil {
		t.Errorf("%d told, %v; want 3", n, err)
	}
}

func TestWhatTheCollectorHasIsRemembered(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if n := s.Acked(); n != 0 {
		t.Errorf("a new spool says %d", n)
	}
	for _, n := range []int64{1 << 40, 12, 12} {
		if err := s.SetAcked(n); err != nil {
			t.Fatal(err)
		}
		if got := open(t, dir).Acked(); got != n {
			t.Errorf("%d, want %d", got, n)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "acked"))
	if err != nil || info.ModTime().Unix() != 0 {
		t.Errorf("the file tells when the agent was answered: %v, %v", info.ModTime(), err)
	}
	for _, text := range []string{"", "many", "-3", "99999999999999999999"} {
		if err := os.WriteFile(filepath.Join(dir, "acked"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if n := open(t, dir).Acked(); n != 0 {
			t.Errorf("%q is read as %d", text, n)
		}
	}
}

func TestACollectorThatLostRecordsGetsThemAgain(t *testing.T) {
	s := open(t, t.TempDir())
	sent := []spool.Entry{entry(day(-3), "refused"), entry(day(-2), "taken"), entry(day(-1), "old"), entry(day(0)+"T08", "hour")}
	if err := s.Sending(sent); err != nil {
		t.Fatal(err)
	}
	if err := s.SetAside(sent[0], "no"); err != nil {
		t.Fatal(err)
	}
	put(t, s, day(-1), "new")
	for _, want := range []int{2, 0} {
		if n, err := s.Requeue(); n != want || err != nil {
			t.Errorf("%d put back, %v; want %d", n, err, want)
		}
	}
	entries, err := s.Waiting(0)
	if got, want := keys(t, entries, err), day(-2)+"=taken "+day(-1)+"=new "+day(0)+"T08=hour "; got != want {
		t.Errorf("waiting %q, want %q", got, want)
	}
	for key, want := range map[string]bool{day(-3): true, day(-2): true, day(0): false} {
		if s.Has(key) != want {
			t.Errorf("has %s: %t", key, !want)
		}
	}
	if n, err := s.DropHours(); n != 1 || err != nil {
		t.Errorf("%d hours dropped, %v", n, err)
	}
	if n, err := s.Requeue(); n != 0 || err != nil {
		t.Errorf("%d put back, %v: hours of a machine that is personal now", n, err)
	}
}

func TestTheRefusedAreBoundedToo(t *testing.T) {
	dir := t.TempDir()
	s, err := spool.Open(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	for n := -40; n <= 0; n++ {
		put(t, s, day(n), "x")
		if n%2 == 0 {
			flip(t, dir, "waiting", day(n))
			_, err = s.Waiting(0)
		} else {
			err = s.SetAside(entry(day(n), "x"), "no")
		}
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "refused", "*"))
		if want := 2 * min(n+41, 30); err != nil || len(files) != want {
			t.Fatalf("%d files, %v; want %d", len(files), err, want)
		}
	}
	if s.Has(day(-30)) || !s.Has(day(-29)) || s.Dropped() != 0 {
		t.Errorf("the oldest kept is not of 29 days ago, or %d counted as dropped", s.Dropped())
	}
}
