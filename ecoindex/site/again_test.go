package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// visited are the paths of the visits.
func (w *world) visited() (paths []string) {
	for _, address := range w.visits {
		paths = append(paths, "/"+strings.TrimPrefix(address, home))
	}
	return paths
}

func TestAPageThatFailsForWhatMayPassIsLookedAtOnceMoreAtTheEnd(t *testing.T) {
	w := &world{
		pages: map[string]string{home: link("a", "b", "c", "d"), home + "a": link("e"), home + "b": "", home + "c": "", home + "e": link("f"), home + "f": ""},
		fails: map[string]int{home + "a": 1, home + "b": 2, home + "f": 9},
	}
	s, all := crawls(t, w, Options{})
	if got, want := w.visited(), []string{"/", "/a", "/b", "/c", "/d", "/a", "/e", "/f", "/b", "/f"}; !slices.Equal(got, want) {
		t.Errorf("visited %q; want %q", got, want)
	}
	for path, want := range map[string]State{"a": Seen, "b": Failed, "d": Failed, "e": Seen, "f": Failed} {
		if got := all[home+path].State; got != want {
			t.Errorf("%s is %s; want %s", path, got, want)
		}
	}
	if s.Pages != 4 || s.Failed != 3 {
		t.Errorf("%+v; want 4 pages and 3 in vain", s)
	}
}

func TestAServerIsLeftAloneForAsLongAsItWantsUnlessThatIsTooLong(t *testing.T) {
	for _, tt := range []struct {
		after  time.Duration
		visits int
		waited time.Duration // after the page that failed
	}{
		{0, 4, 5 * time.Second},
		{3 * time.Second, 4, 5 * time.Second},
		{90 * time.Second, 4, 90 * time.Second},
		{2 * time.Minute, 4, 2 * time.Minute},
		{2*time.Minute + 1, 3, time.Second},
		{100 * 365 * 24 * time.Hour, 3, time.Second},
		{-time.Hour, 4, 5 * time.Second},
	} {
		w := &world{pages: map[string]string{home: link("a", "b"), home + "a": "", home + "b": ""}, fails: map[string]int{home + "a": 1}, after: map[string]time.Duration{home + "a": tt.after}}
		var waited []time.Duration
		_, all := crawls(t, w, Options{Delay: time.Second, Wait: func(_ context.Context, d time.Duration) error {
			waited = append(waited, d)
			return nil
		}})
		if len(w.visits) != tt.visits || len(waited) != 2+tt.visits || waited[3] != tt.waited {
			t.Errorf("after %v: %d visits, waited %v; want %d, and %v after the second", tt.after, len(w.visits), waited, tt.visits, tt.waited)
		}
		if want := map[bool]State{true: Seen, false: Failed}[tt.visits == 4]; all[home+"a"].State != want {
			t.Errorf("after %v it is %+v; want %s", tt.after, all[home+"a"], want)
		}
	}
}

// The crawl ends while it leaves the server alone; the next session does not know how long ago that was.
func TestASessionBeginsWithTheRestThatTheLastOneOwed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "j")
	w := &world{pages: map[string]string{home: ""}, fails: map[string]int{home: 1}, after: map[string]time.Duration{home: time.Minute}}
	var waited []time.Duration
	o := Options{Rules: start(t), Delay: time.Second}
	o.Wait = func(_ context.Context, d time.Duration) error {
		if waited = append(waited, d); d == time.Minute && len(waited) == 3 {
			return errKilled
		}
		return nil
	}
	if _, err := Crawl(t.Context(), w, journal(t, name), o); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if s, err := Crawl(t.Context(), w, journal(t, name), o); err != nil || s.Pages != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if len(waited) < 4 || waited[2] != time.Minute || waited[3] != time.Minute {
		t.Errorf("waited %v; want a minute at the end of the first session and at the beginning of the second", waited)
	}
}

// broken is a site of n pages, those from first to last failing as often as they are asked for.
func broken(n, first, last int) *world {
	w := &world{pages: map[string]string{}, fails: map[string]int{}}
	var all []string
	for i := range n {
		address := fmt.Sprintf("%sp%02d", home, i)
		all = append(all, address)
		w.pages[address] = ""
		if i >= first && i <= last {
			w.fails[address] = 99
		}
	}
	w.pages[home] = link(all...)
	return w
}

func TestACrawlEndsWhereFivePagesInARowFailForWhatMayPass(t *testing.T) {
	for failing, want := range map[int]bool{4: false, 5: true, 12: true} {
		w := broken(20, 3, 2+failing)
		name := filepath.Join(t.TempDir(), "j")
		_, err := Crawl(t.Context(), w, journal(t, name), Options{Rules: start(t), Delay: -1})
		if errors.Is(err, ErrTrouble) != want {
			t.Errorf("%d in a row: %v", failing, err)
		}
		if !want {
			continue
		}
		if got := len(w.visits); got != 9 || !strings.Contains(err.Error(), "5 pages in a row could not be looked at, the last of them "+home+"p07: ") {
			t.Errorf("%d in a row: %d visits, %v; want 9, and the last page named", failing, got, err)
		}
		w.fails = nil // the server had its rest
		s, err := Crawl(t.Context(), w, journal(t, name), Options{Rules: start(t), Delay: -1})
		if err != nil || s.Pages != 21 || s.Failed != 0 || len(w.visits) != 9+12+5 {
			t.Errorf("resumed: %+v, %v after %d visits; want 21 pages after 26", s, err, len(w.visits))
		}
	}
}

func TestAPageThatIsAnsweredEndsTheRow(t *testing.T) {
	for name, change := range map[string]func(*world){
		"seen":       func(w *world) { delete(w.fails, home+"p04") },
		"not found":  func(w *world) { delete(w.fails, home+"p04"); delete(w.pages, home+"p04") },
		"of a robot": nil,
	} {
		w := broken(12, 0, 8)
		if change != nil {
			change(w)
		} else {
			w.texts = map[string]string{home + "robots.txt": "User-agent: *\nDisallow: /p04\n"}
		}
		s, err := Crawl(t.Context(), w, journal(t, filepath.Join(t.TempDir(), "j")), Options{Rules: start(t), Delay: -1})
		switch {
		case change != nil && err != nil:
			t.Errorf("%s: %v", name, err)
		case change != nil && len(w.visits) != 13+8:
			t.Errorf("%s: %d visits, %+v; want 21", name, len(w.visits), s)
		case change == nil && !errors.Is(err, ErrTrouble): // it was not asked for
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Pages that are broken for good are no trouble of the server, as long as others lie between them.
func TestManyBrokenPagesAreNoTrouble(t *testing.T) {
	w := broken(40, 0, 39)
	for i := 0; i < 40; i += 2 {
		delete(w.fails, fmt.Sprintf("%sp%02d", home, i))
	}
	if s, _ := crawls(t, w, Options{}); s.Pages != 21 || s.Failed != 20 || len(w.visits) != 41+20 {
		t.Errorf("%+v after %d visits; want 21 pages, 20 in vain and 61 visits", s, len(w.visits))
	}
}

func TestAPlaceThatIsKeptForAPageToBeTriedAgainIsNotLost(t *testing.T) {
	w := &world{
		pages: map[string]string{home: link("a", "b", "c"), home + "b": "", home + "c": ""},
		moved: map[string]string{home + "a": home + "b"}, // so that its place is free in the end
		fails: map[string]int{home + "a": 1},
	}
	o := Options{}
	o.MaxPages = 3
	s, all := crawls(t, w, o)
	if s.Pages != 3 || all[home+"a"].To != home+"b" || all[home+"c"].State != Seen || s.Left[Enough] != 0 {
		t.Errorf("%+v\n%+v; want that three pages were looked at", s, all)
	}
	w = broken(10, 0, 1)
	o.MaxPages = 6
	if s, _ := crawls(t, w, o); s.Pages != 4 || s.Failed != 2 || s.Left[Enough] != 5 || len(w.visits) != 8 {
		t.Errorf("%+v after %d visits; want 4 pages, 2 in vain, 5 left", s, len(w.visits))
	}
}

func TestAPageThatAnotherAddressLedToIsNotTriedAgain(t *testing.T) {
	w := &world{
		pages: map[string]string{home: link("b", "c"), home + "b": ""}, moved: map[string]string{home + "c": home + "b"}, fails: map[string]int{home + "b": 1},
	}
	s, all := crawls(t, w, Options{})
	if got, want := w.visited(), []string{"/", "/b", "/c"}; !slices.Equal(got, want) || s.Pages != 2 || all[home+"b"].State != Seen || all[home+"c"].To != home+"b" {
		t.Errorf("visited %q, %+v; want %q", got, all, want)
	}
}

// Several at a time: one that failed is not asked for again while its rest lasts.
func TestNoPageIsTriedAgainBeforeItsRestIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := broken(30, 5, 6)
		w.fails[home+"p05"], w.fails[home+"p06"] = 1, 2
		w.after = map[string]time.Duration{home + "p05": time.Minute, home + "p06": 2 * time.Minute}
		timed := &stamped{world: w, at: map[string][]time.Time{}}
		o := Options{Rules: start(t), Delay: time.Second, Parallel: 4}
		s, err := Crawl(t.Context(), timed, journal(t, filepath.Join(t.TempDir(), "j")), o)
		if err != nil || s.Pages != 30 || s.Failed != 1 {
			t.Errorf("%+v, %v; want 30 pages", s, err)
		}
		for path, want := range map[string]time.Duration{"p05": time.Minute, "p06": 2 * time.Minute} {
			if at := timed.at[home+path]; len(at) != 2 || at[1].Sub(at[0]) < want {
				t.Errorf("%s was asked for at %v; want %v between", path, at, want)
			}
		}
	})
}

// stamped is a world that notes when it is asked.
type stamped struct {
	*world
	at map[string][]time.Time
}

func (s *stamped) Visit(ctx context.Context, address string, before json.RawMessage) (View, error) {
	s.mu.Lock()
	s.at[address] = append(s.at[address], time.Now())
	s.mu.Unlock()
	return s.world.Visit(ctx, address, before)
}
