package spool_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/agent/spool"
)

// model is what a spool should hold, in maps: what is said of it here is all that may happen to a record.
type model struct {
	perDay                 int
	waiting, sent, refused map[string]string // key → body
	reasons                map[string]string // beside the refused
	dropped, untold        int
	damaged                int
	acked                  int64
	noHours                bool
	put, gone              int // records that began to wait; that were acknowledged, replaced, refused, damaged or hours dropped
}

// boundWaiting is the rule for what waits, one record at a time.
func (m *model) boundWaiting(last string) {
	before := len(m.waiting)
	dates := map[string]bool{}
	for key := range m.waiting {
		if key <= last {
			dates[key[:10]] = true
		}
	}
	if sorted := slices.Sorted(maps.Keys(dates)); len(sorted) > 1 {
		newestButOne, _ := time.Parse(time.DateOnly, sorted[len(sorted)-2])
		maps.DeleteFunc(m.waiting, func(key, _ string) bool {
			day, _ := time.Parse(time.DateOnly, key[:10])
			return newestButOne.Sub(day) > 30*24*time.Hour
		})
	}
	m.bound(m.waiting, nil, last)
	m.dropped += before - len(m.waiting)
	m.untold += before - len(m.waiting)
}

// bound is the rule for any folder. reasons stand beside its records.
func (m *model) bound(folder, reasons map[string]string, last string) {
	size := func() int {
		n := 0
		for key, body := range folder {
			n += len(body) + len("\n00000000\n")
			if reasons != nil {
				n += len(reasons[key]) + 1
			}
		}
		return n
	}
	for len(folder) > 1 && (len(folder) > 30*m.perDay || size() > 4<<20) {
		keys := slices.Sorted(maps.Keys(folder))
		victim := keys[0]
		if i := slices.IndexFunc(keys, func(key string) bool { return key > last }); i >= 0 {
			victim = keys[i]
		}
		delete(folder, victim)
	}
}

// leave is a record that waits no more, if it is still the one that waited.
func (m *model) leave(key, body string) {
	if m.waiting[key] == body {
		delete(m.waiting, key)
		m.gone++
	}
}

// play does one random thing to both, and answers its name.
func play(t *testing.T, r *rand.Rand, dir string, m *model, s **spool.Spool, date *time.Time, large bool) string {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	some := func() (spool.Entry, bool) { // a record that waits, at times as it was before it grew
		if len(m.waiting) == 0 {
			return spool.Entry{}, false
		}
		keys := slices.Sorted(maps.Keys(m.waiting))
		key := keys[r.IntN(len(keys))]
		body := m.waiting[key]
		if r.IntN(5) == 0 {
			body = `"before"`
		}
		return spool.Entry{Key: key, Body: []byte(body)}, true
	}
	switch what := r.IntN(20); what {
	case 0, 1, 2, 3, 4, 5, 6, 7:
		*date = date.AddDate(0, 0, []int{0, 0, 1, 1, 1, 2, 9}[r.IntN(7)])
		at := *date
		switch r.IntN(12) { // a clock that is wrong
		case 0:
			at = time.Date(2099, 1, 1+r.IntN(3), 0, 0, 0, 0, time.UTC)
		case 1:
			at = time.Date(2016, 1, 1+r.IntN(3), 0, 0, 0, 0, time.UTC)
		}
		key := at.Format(time.DateOnly)
		if m.perDay > 1 && r.IntN(3) > 0 {
			key += fmt.Sprintf("T%02d", r.IntN(24))
		}
		size := r.IntN(40)
		if large {
			size = r.IntN(500_000)
		}
		body := string(record(strings.Repeat(string(rune('a'+r.IntN(26))), size) + fmt.Sprint(r.Uint32())))
		must((*s).Put(key, []byte(body)))
		if _, ok := m.waiting[key]; ok {
			m.gone++
		}
		m.put++
		m.waiting[key] = body
		m.boundWaiting(key)
		return "put " + key
	case 8, 9, 10:
		n := 1 + r.IntN(5)
		entries, err := (*s).Waiting(n)
		must(err)
		must((*s).Sending(entries))
		for _, e := range entries {
			m.sent[e.Key] = string(e.Body)
		}
		if len(entries) > 0 {
			m.bound(m.sent, nil, entries[len(entries)-1].Key)
		}
		return "sending"
	case 11, 12:
		if e, ok := some(); ok {
			must((*s).Acknowledged(e))
			m.leave(e.Key, string(e.Body))
		}
		return "acknowledged"
	case 13:
		if e, ok := some(); ok {
			reason := strings.Repeat("no", r.IntN(3000))
			must((*s).SetAside(e, reason))
			m.refused[e.Key], m.reasons[e.Key] = string(e.Body), reason[:min(len(reason), 4096)]
			m.leave(e.Key, string(e.Body))
			m.bound(m.refused, m.reasons, e.Key)
		}
		return "set aside"
	case 14:
		before := len(m.waiting)
		for key, body := range m.sent {
			if _, ok := m.waiting[key]; !ok && m.refused[key] != body && (!m.noHours || len(key) == 10) {
				m.waiting[key] = body
			}
		}
		n, err := (*s).Requeue()
		must(err)
		if want := len(m.waiting) - before; n != want {
			t.Errorf("%d put back, want %d", n, want)
		}
		m.put += n
		if len(m.waiting) > 0 {
			m.boundWaiting(slices.Max(slices.Collect(maps.Keys(m.waiting))))
		}
		return "requeue"
	case 15: // a crash: what was being written is half there
		for _, name := range []string{"waiting/" + date.Format(time.DateOnly) + ".json", "sent/x.json", "refused/x.txt", "dropped"} {
			if r.IntN(2) == 0 {
				must(os.WriteFile(filepath.Join(dir, name+".part"), []byte(`{"ha`), 0o600))
			}
		}
		again, err := spool.Open(dir, m.perDay)
		must(err)
		*s, m.dropped, m.damaged, m.noHours = again, 0, 0, false
		return "open"
	case 16:
		if e, ok := some(); ok {
			flip(t, dir, "waiting", e.Key)
			_, err := (*s).Waiting(0)
			must(err)
			m.leave(e.Key, m.waiting[e.Key])
			m.damaged++
			delete(m.refused, e.Key)
			for _, ending := range []string{".json", ".txt"} { // it is there, and its bytes are not the model's business
				must(os.Remove(filepath.Join(dir, "refused", e.Key+ending)))
			}
		}
		return "damage"
	case 17:
		today := date.AddDate(0, 0, r.IntN(20))
		must((*s).Expire(today))
		for _, folder := range []map[string]string{m.sent, m.refused} {
			maps.DeleteFunc(folder, func(key, _ string) bool {
				return key < today.AddDate(0, 0, -30).Format(time.DateOnly)
			})
		}
		return "expire"
	case 18:
		n, err := (*s).TakeDropped()
		must(err)
		if n != m.untold {
			t.Errorf("%d dropped are told, want %d", n, m.untold)
		}
		m.untold = 0
		m.acked = r.Int64N(1 << 40)
		must((*s).SetAcked(m.acked))
		return "numbers"
	default:
		if r.IntN(4) > 0 {
			return "nothing"
		}
		n, err := (*s).DropHours()
		must(err)
		before := len(m.waiting)
		maps.DeleteFunc(m.waiting, func(key, _ string) bool { return len(key) > 10 })
		if n != before-len(m.waiting) {
			t.Errorf("%d hours dropped, want %d", n, before-len(m.waiting))
		}
		m.dropped, m.untold = m.dropped+n, m.untold+n
		m.noHours = true
		return "drop hours"
	}
}

// compare says how a spool differs from its model.
func compare(t *testing.T, dir string, m *model, s *spool.Spool) {
	t.Helper()
	same := func(what string, entries []spool.Entry, err error, want map[string]string) {
		t.Helper()
		got := map[string]string{}
		for _, e := range entries {
			got[e.Key] = string(e.Body)
		}
		if err != nil || !maps.Equal(got, want) || !slices.IsSortedFunc(entries, func(a, b spool.Entry) int { return strings.Compare(a.Key, b.Key) }) {
			t.Errorf("%s: %d records %v, %v; want %d: %v", what, len(got), slices.Sorted(maps.Keys(got)), err, len(want), slices.Sorted(maps.Keys(want)))
		}
	}
	entries, err := s.Waiting(0)
	same("waiting", entries, err, m.waiting)
	entries, err = spool.Journal(dir)
	same("sent", entries, err, m.sent)
	files, err := filepath.Glob(filepath.Join(dir, "refused", "*"))
	if err != nil || len(files) != 2*len(m.refused) {
		t.Errorf("refused: %d files, %v; want %d of each kind", len(files), err, len(m.refused))
	}
	for key := range m.refused {
		if !s.Has(key) {
			t.Errorf("%s is not known any more", key)
		}
	}
	if s.Dropped() != m.dropped || s.Acked() != m.acked {
		t.Errorf("%d dropped, %d acknowledged; want %d, %d", s.Dropped(), s.Acked(), m.dropped, m.acked)
	}
}

func TestWhatWaitsIsLostByNothingButTheBounds(t *testing.T) {
	var total atomic.Int64
	t.Run("seeds", func(t *testing.T) {
		for seed := range uint64(8) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()                        // they wait for the disk
				r := rand.New(rand.NewPCG(5, seed)) //nolint:gosec // a test that can be repeated
				total.Add(int64(story(t, r, 1+int(seed%2), seed == 4)))
			})
		}
	})
	if total.Load() < 50 {
		t.Errorf("only %d records were dropped: the bounds are not tried", total.Load())
	}
}

// story plays with a spool and its model, and answers how many records were dropped.
func story(t *testing.T, r *rand.Rand, perDay int, large bool) int {
	t.Helper()
	dir := t.TempDir()
	m := &model{perDay: perDay, waiting: map[string]string{}, sent: map[string]string{}, refused: map[string]string{}, reasons: map[string]string{}}
	s, err := spool.Open(dir, perDay)
	if err != nil {
		t.Fatal(err)
	}
	date := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	var told []string
	lost := 0
	for step := range 100 {
		before := m.untold
		what := play(t, r, dir, m, &s, &date, large)
		if told = append(told, what); what != "numbers" {
			lost += m.untold - before
		}
		if large && step%16 > 0 { // reading them all takes long
			continue
		}
		compare(t, dir, m, s)
		if got := len(s.TakeDamaged()); got != m.damaged {
			t.Errorf("%d damaged are told, want %d", got, m.damaged)
		}
		m.damaged = 0
		if m.put != len(m.waiting)+m.gone+lost {
			t.Errorf("%d records came: %d wait, %d went, %d were dropped", m.put, len(m.waiting), m.gone, lost)
		}
		if t.Failed() {
			t.Fatalf("after %s", strings.Join(told, ", "))
		}
	}
	return lost
}
