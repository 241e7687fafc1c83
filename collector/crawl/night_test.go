package crawl_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/crawl"
)

const day = 24 * time.Hour

func TestAWebsiteIsMeasuredOnceAWeekAtItsOwnTimeOfTheNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const sites, days = 28, 23
		l, w := newLedger(), newWorld()
		for id := range int64(sites) {
			l.websites[id+1] = aWebsite(id + 1)
		}
		p := parts(t, l, w.Open)
		p.Workers = 4
		runFor(t.Context(), crawl.New(p), days*day)
		nights, hours := map[string]int{}, map[int]int{}
		for id := range int64(sites) {
			all := w.starts(id + 1)
			if len(all) < 4 || len(all) > 5 {
				t.Errorf("website %d was measured %d times in %d days: %v", id+1, len(all), days, all)
			}
			for i, at := range all {
				if at.Hour() < 1 || at.Hour() > 4 {
					t.Errorf("website %d was begun at %v", id+1, at)
				}
				if i > 0 {
					nights[at.Format(time.DateOnly)]++
					hours[at.Hour()]++
				}
				if i > 1 && at.Sub(all[i-1]).Round(2*time.Minute) != 7*day {
					t.Errorf("website %d was begun at %v, then at %v", id+1, all[i-1], at)
				}
			}
		}
		for night, n := range nights {
			if n > 6 {
				t.Errorf("%d of %d websites were measured in the night of %s", n, sites, night)
			}
		}
		if len(nights) < 20 || slices.Min([]int{hours[1], hours[2], hours[3], hours[4]}) < 12 {
			t.Errorf("%d nights, by hour %v", len(nights), hours)
		}
		if asked := l.calls; asked > days*361+len(w.sessions) {
			t.Errorf("the ledger was asked for all websites %d times", asked)
		}
	})
}

func TestNoHostIsAskedByTwoWebsitesAndNoMoreAreMeasuredThanMayBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(), newWorld()
		for id := range int64(30) {
			l.websites[id+1] = aWebsite(id+1, func(s *collector.Website) {
				s.Rules.URL = []string{"https://a.example/", "https://www.a.example:8443/x", "https://b.example/", s.Rules.URL}[id%4]
				s.Rules.Mode = []string{"static", "two-speed", "browser"}[id%3]
				s.Asked = id%5 == 0
			})
			w.pages["a.example"], w.pages["b.example"] = 20, 40
		}
		p := parts(t, l, w.Open)
		p.Workers, p.Browsers = 3, 1
		runFor(t.Context(), crawl.New(p), 2*day)
		if w.most != 3 {
			t.Errorf("at most %d were measured at once", w.most)
		}
		if len(w.sessions) < 30 {
			t.Errorf("%d measures", len(w.sessions))
		}
		for i, a := range w.sessions {
			browsers := 0
			for k, b := range w.sessions {
				if !b.begin.After(a.begin) && b.end.After(a.begin) && b.browser {
					browsers++
				}
				if i != k && group(a.host) == group(b.host) && !a.begin.After(b.begin) && b.begin.Before(a.end) {
					t.Errorf("%+v and %+v at once", a, b)
				}
			}
			if browsers > 1 {
				t.Errorf("%d browsers at %v", browsers, a.begin)
			}
		}
	})
}

func group(host string) string {
	if host == "www.a.example:8443" {
		return "a.example"
	}
	return host
}

func TestTheLongestBeginsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(), newWorld()
		for id := range int64(9) {
			l.websites[id+1] = aWebsite(id+1, func(s *collector.Website) { s.Rules.MaxPages, s.Rules.Delay = 300, 30*time.Second })
			w.pages[s(id+1)] = 2
		}
		w.pages[s(7)] = 250
		p := parts(t, l, w.Open)
		p.Workers = 9
		runFor(t.Context(), crawl.New(p), 15*day)
		for id := range int64(9) {
			for _, at := range w.starts(id + 1)[1:] {
				early := at.Hour() < 3
				if id+1 == 7 && !early {
					t.Errorf("the longest was begun at %v", at)
				}
			}
		}
		if runs := l.runsOf(7); len(runs) < 2 || l.ends[7][1].Hour() > 4 || runs[1].Pages != 250 {
			t.Errorf("the longest: %d runs, the second ended at %v with %d pages", len(runs), l.ends[7][1], runs[1].Pages)
		}
	})
}

func s(id int64) string { return "site" + string(rune('0'+id)) + ".example" }

func TestWhatSomebodyAskedForIsBegunAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		later := func(w *collector.Website) { w.NextOn = "2000-01-05" }
		l, w := newLedger(aWebsite(1, later), aWebsite(2, later)), newWorld()
		c := crawl.New(parts(t, l, w.Open))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { c.Run(ctx); close(done) }()
		<-time.After(12*time.Hour + 17*time.Second)
		ask := func(id int64) { l.change(id, func(w *collector.Website) { w.Asked = true }) }
		begin := time.Now()
		ask(1) // by another process
		<-time.After(61 * time.Second)
		ask(2)
		c.Ask(2)
		synctest.Wait()
		if got := c.State(); len(got) != 1 || got[0].Website != 2 || !got[0].Asked || !got[0].Since.Equal(time.Now()) {
			t.Errorf("under way: %+v", got)
		}
		<-time.After(time.Hour)
		if a := w.starts(1); len(a) != 1 || a[0].Sub(begin) > time.Minute || len(l.runsOf(1)) != 1 || len(l.runsOf(2)) != 1 || len(c.State()) != 0 {
			t.Errorf("begun at %v, asked for at %v; %d and %d runs", a, begin, len(l.runsOf(1)), len(l.runsOf(2)))
		}
		if got := l.websites[1]; got.Asked || got.NextOn != "2000-01-07" { // a week, and a day earlier the first time
			t.Errorf("%+v", got)
		}
		stop()
		<-done
	})
}

func TestAWebsiteThatCannotBeMeasuredIsTriedInOneTwoAndFourDaysThenAsEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(aWebsite(1), aWebsite(2, func(w *collector.Website) { w.EveryDays = 3 })), newWorld()
		w.down[s(1)], w.down[s(2)] = true, true
		c := crawl.New(parts(t, l, w.Open))
		runFor(t.Context(), c, 24*day)
		want := map[int64][]int{1: {1, 2, 4, 8, 15, 22}, 2: {1, 2, 4, 7, 10, 13, 16, 19, 22}}
		for id, days := range want {
			var got []int
			for _, at := range w.starts(id) {
				got = append(got, at.Day())
			}
			if !slices.Equal(got, days) {
				t.Errorf("website %d was tried on %v of January, want %v", id, got, days)
			}
		}
		if got := l.websites[1]; got.Tries != 6 || got.Problem != "measure https://site1.example/: nobody answers at site1.example" || len(l.runs) != 0 {
			t.Errorf("%+v, %d runs", got, len(l.runs))
		}
		w.down[s(1)] = false
		runFor(t.Context(), c, 8*day)
		if got := l.websites[1]; got.Tries != 0 || got.Problem != "" || len(l.runsOf(1)) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatIsNotDoneAtTheEndOfTheNightGoesOnTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(aWebsite(1, func(w *collector.Website) { w.Rules.MaxPages = 20_000 }))
		w := newWorld()
		w.pages[s(1)], w.takes = 300, 3*time.Minute // fifteen hours
		runFor(t.Context(), crawl.New(parts(t, l, w.Open)), 4*day)
		all := w.starts(1)
		if len(all) != 3 || len(l.runsOf(1)) != 1 || l.runsOf(1)[0].Pages != 300 {
			t.Fatalf("begun %v; %+v", all, l.runsOf(1))
		}
		for i, at := range all {
			if at.Hour() != 1 || w.sessions[i].end.Hour() >= 7 && w.sessions[i].end.Minute() > 1 {
				t.Errorf("from %v to %v", at, w.sessions[i].end)
			}
		}
		twice := 0
		for _, n := range w.looked {
			twice += n - 1
		}
		if twice > 0 || len(w.looked) != 300 { // a look that was interrupted does not count as one
			t.Errorf("%d looks too many, of %d pages", twice, len(w.looked))
		}
	})
}

func TestAClockThatIsSetMakesNothingGoInACircle(t *testing.T) {
	for name, step := range map[string][2]int{"a day back": {-1, 0}, "a year ahead": {365, 0}, "a year ahead and back again": {365, -365}, "thirty years back": {-30 * 365, 30 * 365}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, w := newLedger(), newWorld()
				for id := range int64(3) {
					l.websites[id+1] = aWebsite(id + 1)
				}
				offset := time.Duration(0)
				p := parts(t, l, w.Open)
				p.Workers = 3
				p.Now = func() time.Time { return utc().Add(offset) }
				c := crawl.New(p)
				runFor(t.Context(), c, 13*day+2*time.Hour) // in a night
				for _, days := range step {
					before := len(w.sessions)
					offset += time.Duration(days) * day
					runFor(t.Context(), c, 14*day)
					for id := range int64(3) {
						if n := len(w.starts(id + 1)); n < 2 {
							t.Errorf("website %d was measured %d times", id+1, n)
						}
					}
					if n := len(w.sessions) - before; n < 3 || n > 12 { // two a website, or one less, or two more
						t.Errorf("%d measures of three websites in the two weeks after %d days", n, days)
					}
				}
			})
		})
	}
}

func TestATroubleOfOursIsNoProblemOfTheWebsiteAndIsNotTriedInACircle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(aWebsite(1)), newWorld()
		fails := 0
		l.keeps = func() error { fails++; return errDisk }
		runFor(t.Context(), crawl.New(parts(t, l, w.Open)), 2*day)
		if len(l.runs) != 0 || len(l.plans) != 0 || fails > 13 || fails < 4 || w.looked["https://site1.example/"] != 1 {
			t.Errorf("%d runs, plans %v, tried %d times, looked %v", len(l.runs), l.plans, fails, w.looked)
		}
		l.keeps = nil
		runFor(t.Context(), crawl.New(parts(t, l, w.Open)), day)
		if len(l.runs) != 1 {
			t.Errorf("%d runs", len(l.runs))
		}
	})
}

func TestAWebsiteThatIsRemovedOrChangedWhileItIsMeasuredEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := func(w *collector.Website) { w.Asked = true }
		l, w := newLedger(aWebsite(1, asked), aWebsite(2, asked)), newWorld()
		w.pages[s(1)], w.pages[s(2)], w.takes = 20, 20, 30*time.Second
		p := parts(t, l, w.Open)
		c := crawl.New(p)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { c.Run(ctx); close(done) }()
		<-time.After(5 * time.Minute)
		l.remove(1)
		l.change(2, func(w *collector.Website) { w.Rules.Exclude = []string{"/1*"} })
		<-time.After(2 * time.Minute)
		if n := len(w.starts(2)); n != 2 || len(c.State()) != 1 {
			t.Errorf("begun %d times; %+v", n, c.State())
		}
		<-time.After(day)
		if len(l.runsOf(1)) != 0 || len(l.runsOf(2)) != 1 || l.runsOf(2)[0].Pages != 9 { // neither 1 nor 10 to 19
			t.Errorf("%+v", l.runs)
		}
		if _, err := os.Stat(filepath.Join(p.Folder, "1")); !os.IsNotExist(err) {
			t.Errorf("its folder: %v", err)
		}
		stop()
		<-done
	})
}

func TestAWebsiteThatIsPlannedTooFarAwayIsPlannedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, w := newLedger(aWebsite(3, func(w *collector.Website) { w.NextOn = "2001-02-03" })), newWorld()
		runFor(t.Context(), crawl.New(parts(t, l, w.Open)), 7*day)
		if len(l.runs) != 1 || l.runs[0].At.Day() != 5 {
			t.Errorf("%+v", l.runs)
		}
	})
}
