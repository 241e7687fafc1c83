package rollup

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/privacy"
)

// never closes no month.
func never(collector.Month, collector.Date, int, int) (bool, error) { return false, nil }

// asIs keeps all of a month, to see what it came to.
func asIs(rows []collector.PlaceMonth) []collector.PlaceMonth { return rows }

// rules are those of the collector, and months are kept as they are.
var rules = Rules{privacy.Closes, asIs}

// office is a ledger whose machines speak every day of their own, from 1 September on; machine n tells of yesterday.
type office struct {
	*memory
	t      *testing.T
	places []collector.Place
	right  time.Time                 // today
	on     map[ownMonth]time.Time    // when each month was fixed in truth
	rows   map[collector.Month]int64 // days of machines that were told of
}

func newOffice(t *testing.T, places ...collector.Place) *office {
	o := &office{newMemory(), t, places, time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), map[ownMonth]time.Time{}, map[collector.Month]int64{}}
	o.fixing = func(of ownMonth, _ collector.Date) { o.on[of] = o.right }
	return o
}

// live lets days pass, with a run each night by a clock.
func (o *office) live(days int, r *Roller, speaks func(machine int, on collector.Date) bool, clock func(time.Time) time.Time) {
	o.t.Helper()
	for range days {
		yesterday := collector.DateOf(o.right)
		o.right = o.right.AddDate(0, 0, 1)
		for n, place := range o.places {
			if speaks(n, yesterday) {
				x := whole(3, 0, 0, 0)
				x.Date = yesterday
				o.keep(int64(n+1), place, x)
				o.rows[yesterday.Month()]++
			}
		}
		if _, err := r.Run(o.t.Context(), collector.DateOf(clock(o.right)), Options{}); err != nil {
			o.t.Fatal(err)
		}
	}
}

func honest(right time.Time) time.Time { return right }

func many(n int, p collector.Place) []collector.Place { return slices.Repeat([]collector.Place{p}, n) }

func TestAMonthIsFixedWhenNearlyAllMachinesWereHeardOfSince(t *testing.T) {
	always := func(int, collector.Date) bool { return true }
	for _, tt := range []struct {
		name   string
		places []collector.Place
		speaks func(int, collector.Date) bool
		want   map[ownMonth]string
	}{
		{
			"all speak: after a week", many(20, leaf(1, 1, "laptop")), always,
			map[ownMonth]string{{1, "2026-09"}: "2026-10-08", {1, "2026-10"}: "2026-11-08"},
		},
		{
			"one of twenty is gone: as well", many(20, leaf(1, 1, "laptop")),
			func(n int, on collector.Date) bool { return n > 0 || on < "2026-09-20" },
			map[ownMonth]string{{1, "2026-09"}: "2026-10-08", {1, "2026-10"}: "2026-11-08"},
		},
		{
			"two are away for some weeks: when one is back", many(20, leaf(1, 1, "laptop")),
			func(n int, on collector.Date) bool { return n > 1 || on < "2026-09-20" || on > "2026-10-18" && n == 0 },
			map[ownMonth]string{{1, "2026-09"}: "2026-10-20", {1, "2026-10"}: "2026-11-08"},
		},
		{
			"two are gone: September after 46 days, October is without them, and waits since they were there the month before", many(20, leaf(1, 1, "laptop")),
			func(n int, on collector.Date) bool { return n > 1 || on < "2026-09-20" },
			map[ownMonth]string{{1, "2026-09"}: "2026-11-15"},
		},
		{
			"shared machines are not waited for", append(many(20, leaf(1, 1, "laptop")), many(9, collector.Place{Site: 1, Class: "desktop", Use: "shared"})...),
			func(n int, on collector.Date) bool { return n < 20 || on < "2026-09-20" },
			map[ownMonth]string{{1, "2026-09"}: "2026-10-08", {1, "2026-10"}: "2026-11-08"},
		},
		{
			"another organisation has a date of its own, and none for a month without figures", append(many(20, leaf(1, 1, "laptop")), leaf(3, 0, "laptop"), leaf(4, 0, "laptop")),
			func(n int, on collector.Date) bool {
				return n < 20 || on > "2026-10-05" && (n == 20 || on < "2026-10-20")
			},
			map[ownMonth]string{{1, "2026-09"}: "2026-10-08", {1, "2026-10"}: "2026-11-08"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t, tt.places...)
			o.live(80, New(o, rules, slog.New(slog.DiscardHandler)), tt.speaks, honest) // up to 20 November
			got := map[ownMonth]string{}
			for of, on := range o.on {
				got[of] = on.Format(time.DateOnly)
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("fixed: %v; want %v", got, tt.want)
			}
			runs := 0
			for _, run := range o.runs {
				runs += run.Fixed
			}
			if runs != len(tt.want) {
				t.Errorf("the runs tell of %d", runs)
			}
		})
	}
}

func TestAWrongClockFixesNoMonthMoreThanADayEarly(t *testing.T) {
	for name, clock := range map[string]func(time.Time) time.Time{
		"right":                    honest,
		"a year ahead":             func(right time.Time) time.Time { return right.AddDate(1, 0, 0) },
		"three weeks ahead":        func(right time.Time) time.Time { return right.AddDate(0, 0, 21) },
		"every second night ahead": func(right time.Time) time.Time { return right.AddDate(0, 2*(right.Day()%2), 0) },
		"a year back now and then": func(right time.Time) time.Time { return right.AddDate(-btoi(right.Day()%5 == 0), 0, 0) },
	} {
		o := newOffice(t, many(6, leaf(1, 1, "laptop"))...)
		r := New(o, rules, slog.New(slog.DiscardHandler))
		o.live(60, r, func(int, collector.Date) bool { return true }, clock)
		o.live(60, r, func(n int, _ collector.Date) bool { return n < 2 }, clock)
		o.live(60, r, func(int, collector.Date) bool { return false }, clock)
		if len(o.on) < 4 {
			t.Errorf("%s: only %v are fixed", name, o.on)
		}
		for of, on := range o.on {
			_, last, _ := of.month.Dates()
			end, _ := parse(last)
			earliest := end.AddDate(0, 0, privacy.FirstDay-1)
			if of.month == "2026-10" { // of which most were not heard of since
				earliest = end.AddDate(0, 0, privacy.LastDay-1)
			}
			if on.Before(earliest) {
				t.Errorf("%s: %s was fixed on %s", name, of.month, on)
			}
			if x := o.fixed[of]; len(x.rows) != 1 || x.rows[0].Sum.Days != o.rows[of.month] {
				t.Errorf("%s: %s has %+v, and should have %d days", name, of.month, x.rows, o.rows[of.month])
			}
			if x := o.fixed[of].on; x > collector.DateOf(on.AddDate(0, 0, 1)) {
				t.Errorf("%s: %s was fixed on %s, and it says %s", name, of.month, on, x)
			}
		}
	}
}

func TestNothingIsFixedWhileTheDateIsNotKnown(t *testing.T) {
	o := newOffice(t, many(6, leaf(1, 1, "laptop"))...)
	r := New(o, rules, slog.New(slog.DiscardHandler))
	o.live(20, r, func(int, collector.Date) bool { return true }, honest)
	x := whole(1, 0, 0, 0) // machine and collector have the same wrong clock
	x.Date = "2027-01-20"
	o.keep(1, leaf(1, 1, "laptop"), x)
	run, err := r.Run(t.Context(), "2027-01-21", Options{})
	if err != nil || run.Refused == "" || run.Fixed != 0 || len(o.fixed) != 0 {
		t.Errorf("%+v, %v", run, err)
	}
	run, err = r.Run(t.Context(), "2027-01-21", Options{Confirmed: true})
	if err != nil || run.Fixed != 1 || len(o.fixed[ownMonth{1, "2026-09"}].rows) != 1 {
		t.Errorf("confirmed: %+v, %v", run, err)
	}
}

func TestAMonthIsFixedAtTheLatestBeforeItsCellsGo(t *testing.T) {
	o := newOffice(t, append(many(3, leaf(1, 1, "laptop")), many(4, leaf(1, 2, "laptop"))...)...)
	o.live(140, New(o, Rules{never, asIs}, slog.New(slog.DiscardHandler)), func(int, collector.Date) bool { return true }, honest)
	if len(o.cells["2026-09-01"]) != 0 || len(o.cells["2026-09-30"]) != 0 || len(o.cells["2027-01-05"]) != 2 {
		t.Fatal("cells do not go as they should")
	}
	if on := o.on[ownMonth{1, "2026-09"}]; on.Format(time.DateOnly) != "2026-12-01" { // 1 September is of 91 days ago
		t.Errorf("September was fixed on %s", on)
	}
	x := o.fixed[ownMonth{1, "2026-09"}].rows
	if len(x) != 2 || x[0].Sum.Days != 90 || x[1].Sum.Days != 120 || len(x[0].Days) != 30 || x[1].Days[29].Machines != 4 || len(o.fixed) != 2 {
		t.Errorf("September is %+v", x)
	}
}

func TestAllThatIsKeptOfAMonthIsWhatMayBeTold(t *testing.T) {
	o := newOffice(t, append(append(many(3, leaf(1, 1, "laptop")), many(6, leaf(2, 0, "laptop"))...), leaf(3, 0, "laptop"))...)
	o.places = append(o.places, collector.Place{Site: 3, Class: "desktop", Use: "shared"})
	var given []collector.PlaceMonth
	r := New(o, Rules{privacy.Closes, func(rows []collector.PlaceMonth) []collector.PlaceMonth {
		given = append(given, rows...)
		return privacy.Coarsen(rows)
	}}, slog.New(slog.DiscardHandler))
	o.live(40, r, func(int, collector.Date) bool { return true }, honest)
	if len(o.fixed) != 2 || len(given) != 4 {
		t.Fatalf("%d months are fixed, of %d places", len(o.fixed), len(given))
	}
	for of, x := range o.fixed {
		for _, row := range x.rows {
			shared := row.Use == "shared"
			if organisationOf(row.Site) != of.organisation || (row.Told == nil) != shared || (len(row.Days) > 0) != shared {
				t.Errorf("%+v has %+v", of, row)
			}
			if of.organisation == 2 && !shared && row.Sum.Days != 0 {
				t.Errorf("of one machine there is kept %+v", row)
			}
		}
	}
	days := int64(0)
	for _, row := range o.fixed[ownMonth{1, "2026-09"}].rows {
		days += row.Sum.Days
	}
	if days != 9*30 {
		t.Errorf("%d days of nine machines are kept", days)
	}
}

func TestAMonthThatIsNotOverIsFixedByNobody(t *testing.T) {
	o := newOffice(t, many(6, leaf(1, 1, "laptop"))...)
	always := func(collector.Month, collector.Date, int, int) (bool, error) { return true, nil }
	o.live(31, New(o, Rules{always, asIs}, slog.New(slog.DiscardHandler)), func(int, collector.Date) bool { return true }, honest)
	if on := o.on[ownMonth{1, "2026-09"}]; on.Format(time.DateOnly) != "2026-10-01" {
		t.Errorf("September was fixed on %s", on)
	}
}

func TestTheFirstRunFixesAllThatIsLongPast(t *testing.T) {
	m := newMemory()
	for _, date := range []collector.Date{"2026-05-10", "2026-07-31", "2026-10-04", "2026-10-30", "2026-11-20"} {
		m.crowd(date, 6, leaf(1, 1, "laptop"))
		m.crowd(date, 2, leaf(3, 1, "laptop"))
	}
	run, err := New(m, rules, slog.New(slog.DiscardHandler)).Run(t.Context(), "2026-11-22", Options{})
	if err != nil || run.Fixed != 4 || len(m.fixed) != 4 {
		t.Errorf("%+v, %v; want May and July of two organisations", run, err)
	}
	for of, x := range m.fixed {
		if want := []int64{6, 2}[of.organisation-1]; len(x.rows) != 1 || x.rows[0].Sum.Days != want || organisationOf(x.rows[0].Site) != of.organisation {
			t.Errorf("%+v has %d places, the first at site %d", of, len(x.rows), x.rows[0].Site)
		}
	}
}

func TestWhereItIsNotKnownWhetherAMonthClosesNothingIsDeleted(t *testing.T) {
	m := season()
	errBad := errors.New("bad")
	closes := func(collector.Month, collector.Date, int, int) (bool, error) { return false, errBad }
	if _, err := New(m, Rules{closes, asIs}, slog.New(slog.DiscardHandler)).Run(t.Context(), "2026-11-22", Options{}); !errors.Is(err, errBad) || len(m.rows) != 19 || m.closed != "" {
		t.Errorf("%v; %d machine-days are left, closed up to %s", err, len(m.rows), m.closed)
	}
}
