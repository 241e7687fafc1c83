package relational_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
)

func TestAPositionGrowsOnlyAndIsTakenBackToWhatIsSettledByRewindAlone(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		move := func(from, to int64, want bool) {
			t.Helper()
			if moved, err := s.Advance(t.Context(), "a", collector.StreamHours, from, to); err != nil || moved != want {
				t.Errorf("from %d to %d: %t, %v; want %t", from, to, moved, err, want)
			}
		}
		is := func(destination string, acked, settled int64) {
			t.Helper()
			p, err := s.Positions(t.Context(), destination)
			if err != nil || p[collector.StreamHours] != (collector.Position{Acked: acked, Settled: settled}) {
				t.Errorf("%s is at %+v, %v; want %d, %d", destination, p, err, acked, settled)
			}
		}
		move(5, 9, false)
		move(0, 7, true)
		move(0, 9, false)
		move(7, 30, true)
		if _, err := s.Advance(t.Context(), "a", collector.StreamHours, 30, 20); err == nil {
			t.Error("it went back")
		}
		is("a", 30, 0)
		for _, n := range []int64{20, 10, 99} {
			if err := s.SettleTo(t.Context(), "a", collector.StreamHours, n); err != nil {
				t.Fatal(err)
			}
			is("a", 30, map[int64]int64{20: 20, 10: 20, 99: 30}[n])
		}
		move(30, 50, true)
		if _, err := s.Advance(t.Context(), "b", collector.StreamHours, 0, 40); err != nil {
			t.Fatal(err)
		}
		if err := s.Rewind(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		is("a", 30, 30)
		is("b", 40, 0)
		move(50, 60, false)
	})
}

func TestWhatAPersonAsksOfADestinationIsNotOverwrittenByWhatItWasDoing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		for _, do := range []func() error{
			func() error { return s.RetryDelivery(t.Context(), "a") }, func() error { return s.DeliverAgain(t.Context(), "a") },
			func() error { return s.RemoveDestination(t.Context(), "a") }, func() error { _, err := s.ForgetRefused(t.Context(), "a"); return err },
			func() error { _, err := s.Delivery(t.Context(), "a"); return err },
		} {
			if err := do(); !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("of what is not there: %v", err)
			}
		}
		d := collector.Delivery{
			Destination: "a", Behind: 10, LagS: 20, Delivered: 1 << 40, Stopped: true, Error: "401: mend it", Cause: collector.Unready,
			Advice: []string{"set the clock", "keep it for longer"}, ComparedOn: "2026-11-22", Differences: 3, Still: 1,
			Comparison: "x", Restarts: 2, RestartedOn: "2026-11-20", WholeOn: "2026-11-21", LostFrom: "2026-01-01", LostTo: "2026-01-02", Said: 1_790_000_000,
		}
		keep := func() {
			t.Helper()
			if err := s.KeepDelivery(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		got := func() collector.Delivery {
			t.Helper()
			x, err := s.Delivery(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		keep()
		if x := got(); !reflect.DeepEqual(x, d) {
			t.Errorf("got %+v, want %+v", x, d)
		}
		if err := s.RetryDelivery(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		keep() // as it was doing before
		if x := got(); x.Stopped || x.Asked != 1 {
			t.Errorf("it is stopped again: %+v", x)
		}
		if _, err := s.Advance(t.Context(), "a", collector.StreamMeters, 0, 9); err != nil {
			t.Fatal(err)
		}
		if err := s.DeliverAgain(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		keep()
		p, err := s.Positions(t.Context(), "a")
		if x := got(); err != nil || len(p) != 0 || x.ComparedOn != "" || x.Asked != 2 {
			t.Errorf("again: %+v, %+v, %v", p, x, err)
		}
		all, err := s.Deliveries(t.Context())
		if err != nil || len(all) != 1 {
			t.Errorf("got %+v, %v", all, err)
		}
		if err := s.RemoveDestination(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if all, err := s.Deliveries(t.Context()); err != nil || len(all) != 0 {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}

func TestAQuarantineOfPointsIsBoundedAndCounts(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		point := func(n int) collector.RefusedPoint {
			return collector.RefusedPoint{Destination: "a", On: "2026-11-23", Measurement: collector.HourEnergy, Point: fmt.Sprintf("hour_energy wh=%d 1", n), Reason: "type conflict"}
		}
		refuse := func(points ...collector.RefusedPoint) {
			t.Helper()
			if err := s.Refuse(t.Context(), "a", points); err != nil {
				t.Fatal(err)
			}
		}
		refuse(point(1), point(2))
		again := point(1)
		again.Reason = "still"
		refuse(again)
		got, err := s.RefusedPoints(t.Context(), "")
		if err != nil || len(got) != 2 || got[0].Point != point(1).Point || got[0].Reason != "still" || got[1].Destination != "a" {
			t.Errorf("got %+v, %v", got, err)
		}
		for from := 3; from < 10_100; from += 2000 {
			var some []collector.RefusedPoint
			for n := range 2000 {
				some = append(some, point(from+n))
			}
			refuse(some...)
		}
		got, err = s.RefusedPoints(t.Context(), "a")
		if err != nil || len(got) != 10_000 || got[9999].Point != point(12_002).Point {
			t.Errorf("%d, the last %+v, %v; want the newest ten thousand", len(got), got[len(got)-1], err)
		}
		if d, err := s.Delivery(t.Context(), "a"); err != nil || d.Refused != 12_002 {
			t.Errorf("%+v, %v; want all counted", d, err)
		}
		if n, err := s.ForgetRefused(t.Context(), "a"); err != nil || n != 10_000 {
			t.Errorf("%d, %v", n, err)
		}
		if d, err := s.Delivery(t.Context(), "a"); err != nil || d.Refused != 0 || d.Asked != 1 {
			t.Errorf("%+v, %v", d, err)
		}
	})
}

func TestATombstoneStaysUntilEveryDestinationHasFollowedIt(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		for _, d := range []string{"a", "b"} {
			if err := s.KeepDelivery(t.Context(), collector.Delivery{Destination: d}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Erase(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		gone, err := s.Tombstones(t.Context(), 0, 9)
		if err != nil || len(gone) != 1 || gone[0] != (collector.Tombstone{ID: gone[0].ID, Gone: collector.GoneMachine, Number: m.ID}) {
			t.Fatalf("got %+v, %v", gone, err)
		}
		id := gone[0].ID
		if n, err := s.Behind(t.Context(), collector.StreamErased, 0); err != nil || n != 1 {
			t.Errorf("%d behind, %v", n, err)
		}
		left := func(before collector.Date, want int) {
			t.Helper()
			if err := s.ForgetTombstones(t.Context(), before); err != nil {
				t.Fatal(err)
			}
			if gone, err := s.Tombstones(t.Context(), 0, 9); err != nil || len(gone) != want {
				t.Errorf("%d tombstones, %v; want %d", len(gone), err, want)
			}
		}
		tomorrow := collector.DateOf(time.Now().AddDate(0, 0, 2))
		for _, d := range []string{"a", "b"} {
			left(tomorrow, 1)
			if _, err := s.Advance(t.Context(), d, collector.StreamErased, 0, id); err != nil {
				t.Fatal(err)
			}
			left(tomorrow, 1)
			if err := s.SettleTo(t.Context(), d, collector.StreamErased, id); err != nil {
				t.Fatal(err)
			}
		}
		left("2026-01-01", 1)
		left(tomorrow, 0)
	})
}

func TestHowFarAllHaveFollowedIsHowFarTheLastHas(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		is := func(want int64) {
			t.Helper()
			if n, err := s.FollowedTo(t.Context(), collector.StreamMeters); err != nil || n != want {
				t.Errorf("%d, %v; want %d", n, err, want)
			}
		}
		is(math.MaxInt64)
		for i, d := range []string{"a", "b"} {
			if err := s.KeepDelivery(t.Context(), collector.Delivery{Destination: d}); err != nil {
				t.Fatal(err)
			}
			is(0)
			if _, err := s.Advance(t.Context(), d, collector.StreamMeters, 0, 10); err != nil {
				t.Fatal(err)
			}
			if err := s.SettleTo(t.Context(), d, collector.StreamMeters, int64(7-i)); err != nil {
				t.Fatal(err)
			}
		}
		is(6)
	})
}

func TestHowManyChangesAreBehindIsCounted(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		for i := range 5 {
			if _, err := s.Keep(t.Context(), m, "2026-11-20", 0, []collector.Record{record(collector.Date(fmt.Sprintf("2026-11-%02d", 10+i)), 9, 600)}); err != nil {
				t.Fatal(err)
			}
		}
		changes, err := s.Changes(t.Context(), 0, 100)
		if err != nil || len(changes) != 5 {
			t.Fatalf("%d changes, %v", len(changes), err)
		}
		for i, c := range changes {
			if n, err := s.Behind(t.Context(), collector.StreamHours, c.Revision); err != nil || n != int64(4-i) {
				t.Errorf("after %d: %d, %v", c.Revision, n, err)
			}
		}
		for _, stream := range []collector.Stream{collector.StreamMeters, collector.StreamWebsites, collector.StreamErased} {
			if n, err := s.Behind(t.Context(), stream, 0); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", stream, n, err)
			}
		}
		if _, err := s.Behind(t.Context(), "x", 0); err == nil {
			t.Error("a stream that is not there has a number")
		}
		var dates []collector.Date
		err = s.Hours(t.Context(), "2026-11-11", "2026-11-13", func(c collector.Change) error {
			dates = append(dates, c.Record.Date)
			return nil
		})
		if err != nil || !slices.Equal(dates, []collector.Date{"2026-11-11", "2026-11-12", "2026-11-13"}) {
			t.Errorf("hours of %v, %v", dates, err)
		}
	})
}

func TestRunsOfWebsitesAreFollowedWithTheirPagesEachScoreOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		w := websiteOf(t, s)
		moment := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
		score := func(day int, raw float64) collector.WebScore {
			return collector.WebScore{At: moment(day), Mode: "static", Protocol: "static", WebSizes: collector.WebSizes{DOM: 10, Requests: 2, SizeKB: 3}, Raw: raw}
		}
		keep := func(day int, scores map[string]collector.WebScore) {
			t.Helper()
			r := collector.WebRun{Website: w.ID, At: moment(day), Mode: "static", Protocol: "static", Pages: 2, Mean: collector.WebFigure{Value: 50}}
			var pages []collector.WebPage
			for _, url := range []string{w.Rules.URL, w.Rules.URL + "a"} {
				pages = append(pages, collector.WebPage{Website: w.ID, URL: url, At: moment(day), SeenAt: moment(day)})
			}
			if err := s.KeepRun(t.Context(), r, collector.WebPlan{NextOn: "2026-12-01"}, pages, scores); err != nil {
				t.Fatal(err)
			}
		}
		keep(10, map[string]collector.WebScore{w.Rules.URL: score(10, 40), w.Rules.URL + "a": score(9, 41)}) // a page that was looked at on the evening before
		keep(17, map[string]collector.WebScore{w.Rules.URL: score(17, 42)})
		runs, err := s.RunsAfter(t.Context(), 0, 100)
		if err != nil || len(runs) != 2 || len(runs[0].Points) != 3 || len(runs[1].Points) != 2 {
			t.Fatalf("got %+v, %v", runs, err)
		}
		var followed []collector.Point
		for _, r := range runs {
			followed = append(followed, r.Points...)
		}
		for _, m := range []collector.Measurement{collector.SiteScore, collector.PageScore} {
			asked, err := s.Embedded().Range(t.Context(), collector.Query{Measurement: m, From: moment(1), To: moment(30)})
			n := 0
			for _, p := range followed {
				if p.Measurement == m {
					n++
					if !slices.ContainsFunc(asked, func(x collector.Point) bool { return fmt.Sprint(x) == fmt.Sprint(p) }) {
						t.Errorf("%+v is followed and not told", p)
					}
				}
			}
			if err != nil || n != len(asked) {
				t.Errorf("%s: %d followed, %d told, %v", m, n, len(asked), err)
			}
		}
		if one, err := s.RunsAfter(t.Context(), 0, 1); err != nil || len(one) != 1 {
			t.Errorf("%d runs at once, %v; want one", len(one), err)
		}
		if none, err := s.RunsAfter(t.Context(), runs[1].Run, 9); err != nil || len(none) != 0 {
			t.Errorf("got %+v, %v", none, err)
		}
		if err := s.RemoveWebsite(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
		w = websiteOf(t, s)
		keep(18, nil)
		if later, err := s.RunsAfter(t.Context(), runs[1].Run, 9); err != nil || len(later) != 1 {
			t.Errorf("got %+v, %v; want the run of another website under a number of its own", later, err)
		}
	})
}

func TestMetersAreToldDayByDayTheLastPostIncluded(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		here := site(t, s, "Région", "Lycée")
		rule, err := s.AddMeterRule(t.Context(), collector.MeterRule{Site: here.ID, Name: "main", Kind: "building", Measurement: "m", Field: "w", Unit: "W", AddedOn: "2026-11-01"})
		if err != nil {
			t.Fatal(err)
		}
		meters, err := s.MetersOf(t.Context(), []collector.MeterKey{{Rule: rule.ID}})
		if err != nil {
			t.Fatal(err)
		}
		noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
		for i := range 4 { // a sample every 12 hours
			x := collector.MeterSample{Meter: meters[0].ID, At: noon.Add(time.Duration(i) * 12 * time.Hour).UnixMilli(), Value: float64(i)}
			if err := s.KeepMeterPost(t.Context(), []collector.MeterSample{x}); err != nil {
				t.Fatal(err)
			}
		}
		told := func(from, to collector.Date) (values []float64) {
			t.Helper()
			err := s.MeterPoints(t.Context(), collector.MeterPower, from, to, func(p collector.Point) error {
				values = append(values, p.Fields["w"])
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return values
		}
		if got := told("2026-11-20", "2026-11-21"); !slices.Equal(got, []float64{0}) {
			t.Errorf("got %v", got)
		}
		if got := told("2026-11-21", "2026-11-23"); !slices.Equal(got, []float64{1, 2, 3}) {
			t.Errorf("got %v", got)
		}
		if n, err := s.Behind(t.Context(), collector.StreamMeters, 2); err != nil || n != 2 {
			t.Errorf("%d posts behind, %v", n, err)
		}
	})
}

// websiteOf adds a website.
func websiteOf(t *testing.T, s *relational.Store) collector.Website {
	t.Helper()
	w, err := s.AddWebsite(t.Context(), collector.Website{
		Kind: "site", Name: "lycée", Rules: collector.WebsiteRules{URL: "https://lycee.example.org/", Mode: "static", MaxPages: 10, Depth: 3}, EveryDays: 7, AddedOn: "2026-11-01", NextOn: "2026-11-01",
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
