package relational_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/storetest"
)

func tidyMeters(t testing.TB, s *relational.Store, today collector.Date) {
	t.Helper()
	if err := s.TidyMeters(t.Context(), today); err != nil {
		t.Fatal(err)
	}
}

// leftOfMeters is how many blocks of meters there are, and what is left of those that were deleted.
func leftOfMeters(t testing.TB, at place) (blocks, pasts string) {
	t.Helper()
	return oneText(t, at, "SELECT count(*) FROM meter_block"), oneText(t, at, "SELECT count(*) FROM meter WHERE past <> ''")
}

// oneText is what a query answers, past the store.
func oneText(t testing.TB, at place, query string) (text string) {
	t.Helper()
	if err := at.past(t).QueryRowContext(t.Context(), query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

// A meter falls silent, and speaks again after half a year: nothing that it said is told after 90 days, and what it counted meanwhile is known.
func TestOfAMeterThatFellSilentNothingIsKeptButWhereItGoesOn(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := building(t, s, meterSite(t, s, "Lycée"), "A")
		said := []collector.MeterSample{
			sample(t, m, "2026-01-09 12:00:00", 100), sample(t, m, "2026-01-10 06:00:00", 190), sample(t, m, "2026-01-10 22:30:00", 220), // the last on the 10th in UTC, and in Paris
		}
		keepSamples(t, s, said...)
		for _, today := range []collector.Date{"2026-04-09", "2026-04-10", "2026-04-11", "2026-04-12", "2026-06-20"} {
			tidyMeters(t, s, today)
		}
		if blocks, pasts := leftOfMeters(t, at); blocks != "0" || pasts != "1" || len(meterRange(t, s, collector.MeterEnergy)) > 0 {
			t.Errorf("%s blocks are left, %s pasts, and %v is told", blocks, pasts, meterRange(t, s, collector.MeterEnergy))
		}
		again := sample(t, m, "2026-07-01 10:00:00", 4000)
		keepSamples(t, s, again)
		storetest.FoldAll(t, s)
		accountAll(t, s)
		sameDays(t, s, m, append(said, again))
	})
}

// sameDays holds the accounts of a meter against those of all that it has ever said.
func sameDays(t testing.TB, s *relational.Store, m collector.Meter, all []collector.MeterSample) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	want, err := collector.MeterDays(m, zone, all, "2025-12-01", "2027-12-31")
	if err != nil {
		t.Fatal(err)
	}
	got := meterDaysOf(t, s, collector.Site{ID: m.Site})
	if len(got) != len(want) {
		t.Fatalf("%d days, want %d", len(got), len(want))
	}
	for i, d := range got {
		w := want[i]
		if math.Abs(d.Wh-w.Wh) > 1e-9*max(1, w.Wh) {
			t.Errorf("%+v, want %v Wh", d, w.Wh)
		}
		if d.Wh = w.Wh; d != w {
			t.Errorf("%+v\nwant %+v", d, w)
		}
	}
}

// Whatever comes late, and whenever the night deletes what is old: the days are those of all samples together.
func TestTheDaysOfAMeterDoNotDependOnWhatWasDeleted(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		random := rand.New(rand.NewPCG(7, 8))
		for i, unit := range []string{"Wh", "W"} {
			site := meterSite(t, s, "Lycée "+unit)
			m := theMeter(t, s, meterRule(t, s, collector.MeterRule{Site: site.ID, Name: "x", Kind: "building", Field: "f", Unit: unit}).ID, "")
			now, value := moment(t, "2026-01-01 00:00:00").Add(time.Duration(i)*time.Hour), 0.0
			var all, late []collector.MeterSample
			for range 60 {
				if value += 100 * random.Float64(); random.IntN(15) == 0 {
					value = 3
				}
				x := collector.MeterSample{Meter: m.ID, At: now.UnixMilli() + int64(len(all)), Value: value}
				all, late = append(all, x), append(late, x)
				next := now.Add(time.Duration(random.Int64N(int64([]time.Duration{time.Minute, 8 * time.Hour, 30 * 24 * time.Hour}[random.IntN(3)]))))
				// It comes in any order, up to 90 days after it was said.
				late = slices.DeleteFunc(late, func(x collector.MeterSample) bool {
					comes := random.IntN(6) == 0 || time.UnixMilli(x.At).Before(next.AddDate(0, 0, -90))
					if comes {
						keepSamples(t, s, x)
					}
					return comes
				})
				if now = next; random.IntN(4) == 0 {
					tidyMeters(t, s, collector.DateOf(now))
				}
			}
			if len(late) > 0 {
				keepSamples(t, s, late...)
			}
			storetest.FoldAll(t, s)
			accountAll(t, s)
			sameDays(t, s, m, all)
		}
	})
}

// What is older than what is left came before the night, and was not folded in time: it does not undo accounts that nobody can make again.
func TestWhatIsOlderThanWhatWasDeletedChangesNoAccount(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := building(t, s, meterSite(t, s, "Lycée"), "A")
		said := []collector.MeterSample{sample(t, m, "2026-01-09 12:00:00", 100), sample(t, m, "2026-01-10 06:00:00", 190), sample(t, m, "2026-04-12 06:00:00", 900)}
		keepSamples(t, s, said...)
		tidyMeters(t, s, "2026-04-12")
		keepSamples(t, s, sample(t, m, "2026-01-09 13:00:00", 101))
		storetest.FoldAll(t, s)
		accountAll(t, s)
		sameDays(t, s, m, said)
		next := sample(t, m, "2026-04-12 07:00:00", 950)
		keepSamples(t, s, next)
		storetest.FoldAll(t, s)
		accountAll(t, s)
		sameDays(t, s, m, append(said, next))
	})
}

func TestOfARuleThatEndedNothingIsLeftAfterNinetyDays(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		ended, goes := building(t, s, site, "A"), building(t, s, site, "B")
		watts := theMeter(t, s, meterRule(t, s, collector.MeterRule{Site: site.ID, Name: "C", Kind: "pdu", Field: "w", Unit: "W"}).ID, "")
		pc := meterMachine(t, s, site, 1, "shared")
		plug := theMeter(t, s, meterRule(t, s, collector.MeterRule{Site: site.ID, Name: "D", Kind: "plug", Field: "wh", Unit: "Wh", Machine: pc.ID, Tags: collector.Tags{{Name: "name", Value: "D"}}}).ID, "")
		for _, m := range []collector.Meter{ended, goes, watts, plug} {
			keepSamples(t, s, sample(t, m, "2026-01-09 12:00:00", 100), sample(t, m, "2026-01-10 06:00:00", 190))
		}
		tidyMeters(t, s, "2026-04-12") // of power and of plugs nothing is kept for other dates
		if blocks, pasts := leftOfMeters(t, at); blocks != "0" || pasts != "2" {
			t.Errorf("%s blocks, %s pasts are left, want those of two counters of buildings", blocks, pasts)
		}
		if err := s.RemoveMeterRule(t.Context(), site.ID, ended.Rule, "2026-04-12"); err != nil {
			t.Fatal(err)
		}
		tidyMeters(t, s, "2026-04-13") // what was under way may still come
		if _, pasts := leftOfMeters(t, at); pasts != "2" {
			t.Errorf("%s pasts are left on the next day", pasts)
		}
		before := meterDaysOf(t, s, site)
		tidyMeters(t, s, "2026-04-14")
		if _, pasts := leftOfMeters(t, at); pasts != "1" || len(meterDaysOf(t, s, site)) != len(before) || len(before) == 0 {
			t.Errorf("%s pasts are left, and %d accounts of %d", pasts, len(meterDaysOf(t, s, site)), len(before))
		}
	})
}

func TestPostsLoseWhatIsOlderThanNinetyDays(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := building(t, s, meterSite(t, s, "Lycée"), "A")
		keepSamples(t, s, sample(t, m, "2026-01-09 23:59:59", 100), sample(t, m, "2026-01-10 00:00:00", 190))
		tidyMeters(t, s, "2026-04-10")
		want := []collector.Point{m.Point(sample(t, m, "2026-01-10 00:00:00", 190))}
		posts, err := s.MeterPosts(t.Context(), 0, 9)
		if err != nil || len(posts) != 1 || !reflect.DeepEqual(posts[0].Points, want) {
			t.Errorf("%+v, %v; want %+v", posts, err, want)
		}
		tidyMeters(t, s, "2026-04-11")
		if posts, err := s.MeterPosts(t.Context(), 0, 9); err != nil || len(posts) != 1 || len(posts[0].Points) > 0 {
			t.Errorf("%+v, %v; want a post of nothing, which destinations count", posts, err)
		}
	})
}

// A meter whose samples the disk has changed stays as it is, is named, and does not keep the others.
func TestAMeterThatIsDamagedDoesNotKeepWhatOthersSaid(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		a, b := building(t, s, site, "A"), building(t, s, site, "B")
		keepSamples(t, s, sample(t, a, "2026-01-10 10:00:00", 1), sample(t, b, "2026-01-10 10:00:00", 1))
		tidyMeters(t, s, "2026-01-11")
		if err := at.raw(t, "UPDATE meter_block SET body = "+at.bytes(1, 1, 2, 3, 4, 5, 6, 7, 8)+" WHERE meter = 1"); err != nil {
			t.Fatal(err)
		}
		if err := s.TidyMeters(t.Context(), "2026-06-01"); err == nil || !strings.Contains(err.Error(), "meter 1 on 2026-01-10: it is not as it was written") {
			t.Errorf("the night says %v", err)
		}
		if left := oneText(t, at, "SELECT max(meter) FROM meter_block"); left != "1" {
			t.Errorf("meter %s is left", left)
		}
		if err := at.raw(t, "UPDATE meter SET past = '{' WHERE id = 2"); err != nil {
			t.Fatal(err)
		}
		if err := s.TidyMeters(t.Context(), "2026-06-02"); err == nil || !strings.Contains(err.Error(), "meter 2: the last of its samples") {
			t.Errorf("the night says %v", err)
		}
		if problems := strings.Join(at.found(t).Problems, "\n"); !strings.Contains(problems, "meter 2") {
			t.Errorf("the check says %s", problems)
		}
	})
}
