package rollup

import (
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

func TestEachThingHasItsTime(t *testing.T) {
	for _, tt := range []struct {
		on   string
		want collector.Horizon
	}{
		{"2026-11-22", collector.Horizon{MachineDays: "2026-08-24", MachineMonths: "2025-10", GroupDays: "2020-11-22", GroupMonths: "2020-11", Quarantine: "2026-10-23", Entries: "2025-11-22"}},
		{"2027-03-31", collector.Horizon{MachineDays: "2026-12-31", MachineMonths: "2026-02", GroupDays: "2021-03-31", GroupMonths: "2021-03", Quarantine: "2027-03-01", Entries: "2026-03-31"}},
		{"2028-02-29", collector.Horizon{MachineDays: "2027-12-01", MachineMonths: "2027-01", GroupDays: "2022-03-01", GroupMonths: "2022-03", Quarantine: "2028-01-30", Entries: "2027-03-01"}},
	} {
		on, err := parse(collector.Date(tt.on))
		if err != nil {
			t.Fatal(err)
		}
		if got := horizonAt(on); got != tt.want {
			t.Errorf("on %s %+v; want %+v", tt.on, got, tt.want)
		}
	}
}

func TestAWrongClockDoesNotDelete(t *testing.T) {
	ran := func(on, until collector.Date) collector.Run { return collector.Run{On: on, Until: until} }
	for _, tt := range []struct {
		name          string
		today, newest collector.Date
		last          collector.Run
		confirmed     bool
		until         collector.Date
		refused       string
	}{
		{"a night like others", "2026-11-22", "2026-11-21", ran("2026-11-21", "2026-11-21"), false, "2026-11-22", ""},
		{"a second time that night", "2026-11-22", "2026-11-21", ran("2026-11-22", "2026-11-22"), false, "2026-11-22", ""},
		{"the first run", "2026-11-22", "2026-11-21", collector.Run{}, false, "2026-11-22", ""},
		{"the first run, by a clock a year ahead", "2027-11-22", "2026-11-21", collector.Run{}, false, "2026-11-23", ""},
		{"the first run of an empty ledger", "2026-11-22", "", collector.Run{}, false, "", "never was a machine-day"},
		{"a year ahead, and the fleet speaks", "2027-11-22", "2026-11-21", ran("2026-11-21", "2026-11-21"), false, "2026-11-23", ""},
		{"a year ahead, and the fleet is silent", "2027-11-22", "2026-07-03", ran("2026-08-21", "2026-08-21"), false, "2026-08-22", ""},
		{"a year ahead, and all is gone", "2027-11-22", "", ran("2026-08-21", "2026-08-21"), false, "2026-08-22", ""},
		{"the next night of it", "2027-11-23", "2026-07-03", ran("2027-11-22", "2026-08-22"), false, "2026-08-23", ""},
		{"run again and again on one day", "2027-11-22", "2026-07-03", ran("2027-11-22", "2026-08-22"), false, "2026-08-22", ""},
		{"a year ahead, with a machine that is too", "2027-11-22", "2027-11-20", ran("2026-11-21", "2026-11-21"), false, "2026-11-21", "35 days"},
		{"a year back", "2025-11-22", "2026-11-21", ran("2026-11-21", "2026-11-21"), false, "2026-11-21", "set the clock right"},
		{"right again", "2026-11-24", "2026-11-23", ran("2025-11-22", "2026-11-21"), false, "2026-11-24", ""},
		{"35 days off", "2026-11-22", "2026-11-21", ran("2026-10-18", "2026-10-18"), false, "2026-11-22", ""},
		{"36 days off", "2026-11-22", "2026-11-21", ran("2026-10-17", "2026-10-17"), false, "2026-10-17", "35 days"},
		{"36 days off, and confirmed", "2026-11-22", "2026-11-21", ran("2026-10-17", "2026-10-17"), true, "2026-11-22", ""},
		{"back, and confirmed", "2026-11-22", "2026-11-21", ran("2027-11-22", "2027-11-22"), true, "2026-11-22", ""},
	} {
		got, err := reckon(tt.today, tt.newest, tt.last, tt.confirmed)
		if err != nil || got.until != tt.until || (got.refused == "") != (tt.refused == "") || !strings.Contains(got.refused, tt.refused) {
			t.Errorf("%s: %+v, %v; want %s %s", tt.name, got, err, tt.until, tt.refused)
		}
	}
}

// A fleet of one machine that speaks every day, whose collector has the clock that clock says: what is left of it?
func daysKept(t *testing.T, days int, speaks func(day int) bool, clock func(day int, right time.Time) time.Time) (*memory, time.Time) {
	t.Helper()
	m := newMemory()
	r := New(m, rules, slog.New(slog.DiscardHandler))
	right := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := range days {
		right = right.AddDate(0, 0, 1)
		if speaks(day) {
			x := whole(3, 0, 0, 0)
			x.Date = collector.DateOf(right.AddDate(0, 0, -1))
			m.keep(1, leaf(1, 1, "laptop"), x)
		}
		if _, err := r.Run(t.Context(), collector.DateOf(clock(day, right)), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	return m, right
}

func TestAClockThatJumpsAYearForwardAndBackCostsNothing(t *testing.T) {
	always := func(int) bool { return true }
	for name, clock := range map[string]func(int, time.Time) time.Time{
		"right":                    func(_ int, right time.Time) time.Time { return right },
		"ahead for ten nights":     func(d int, right time.Time) time.Time { return right.AddDate(btoi(d >= 150 && d < 160), 0, 0) },
		"back for ten nights":      func(d int, right time.Time) time.Time { return right.AddDate(-btoi(d >= 150 && d < 160), 0, 0) },
		"every second night ahead": func(d int, right time.Time) time.Time { return right.AddDate(d%2, 0, 0) },
		"ahead ever since":         func(d int, right time.Time) time.Time { return right.AddDate(btoi(d >= 150), 0, 0) },
		"ahead from the first":     func(_ int, right time.Time) time.Time { return right.AddDate(1, 0, 0) },
	} {
		m, right := daysKept(t, 200, always, clock)
		// Those of 90 days ago up to yesterday, but for a day: a fleet is ahead of its figures by up to that.
		if n := len(m.rows); n < keepMachineDays-1 || n > keepMachineDays+1 {
			t.Errorf("%s: %d machine-days are left on %s", name, n, right)
		}
		cells := 0
		for _, c := range m.cells {
			cells += len(c)
		}
		if cells != len(m.rows) {
			t.Errorf("%s: %d group-days are left of %d machine-days", name, cells, len(m.rows))
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestASilentFleetIsForgottenInTime(t *testing.T) {
	early := func(day int) bool { return day < 40 }
	right := func(_ int, right time.Time) time.Time { return right }
	for days, want := range map[int]int{keepMachineDays: 40, keepMachineDays + 20: 20, keepMachineDays + 39: 1, keepMachineDays + 40: 0} {
		if m, _ := daysKept(t, days, early, right); len(m.rows) != want {
			t.Errorf("%d machine-days are left after %d days; want %d", len(m.rows), days, want)
		}
	}
	// By a clock a year ahead nothing goes sooner.
	if m, _ := daysKept(t, keepMachineDays+20, early, func(_ int, right time.Time) time.Time { return right.AddDate(1, 0, 0) }); len(m.rows) < 18 {
		t.Errorf("%d machine-days are left", len(m.rows))
	}
}

func TestWhatIsClosedIsNotMadeAgain(t *testing.T) {
	m := newMemory()
	r := New(m, rules, slog.New(slog.DiscardHandler))
	room := leaf(1, 1, "desktop")
	room.Use = "shared"
	m.crowd("2026-08-10", 7, room)
	m.crowd("2026-08-30", 7, room)
	m.crowd("2026-11-20", 7, room)
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil || m.closed != "2026-08-23" {
		t.Fatal(m.closed, err)
	}
	// Both are too old for the door, and come all the same.
	m.crowd("2026-08-10", 1, room)
	m.crowd("2026-08-30", 1, room)
	run, err := r.Run(t.Context(), "2026-11-22", Options{})
	if err != nil || run.Dates != 1 || run.ClosedDates != 1 || run.ClosedMonths != 1 || run.Months != 0 {
		t.Errorf("%+v, %v", run, err)
	}
	if c := m.cells["2026-08-10"]; len(c) != 1 || c[0].Machines != 7 {
		t.Errorf("10 August, whose machine-days are gone, has %+v", c)
	}
	if c := m.cells["2026-08-30"]; len(c) != 1 || c[0].Machines != 8 {
		t.Errorf("30 August, whose machine-days are there, has %+v", c)
	}
	if x := m.fixed[ownMonth{1, "2026-08"}]; x.on != "2026-11-22" || len(x.rows) != 1 || x.rows[0].Sum.Days != 14 || len(m.months["2026-08"]) != 14 {
		t.Errorf("August has %+v and %d machines", x, len(m.months["2026-08"]))
	}
	if len(m.stale) != 0 {
		t.Errorf("%v stay stale for ever", m.stale)
	}
}

func TestGroupDaysOfPersonsGoWithTheirMachineDays(t *testing.T) {
	type count map[collector.Place]int
	shared, simulated := leaf(1, 2, "laptop"), leaf(1, 3, "laptop")
	shared.Use, simulated.Simulated = "shared", true
	m := newMemory()
	for _, date := range []collector.Date{"2026-08-23", "2026-08-24"} {
		for p, n := range (count{leaf(1, 1, "laptop"): 9, leaf(1, 2, "desktop"): 1, simulated: 7, shared: 1}) {
			m.crowd(date, n, p)
		}
	}
	m.crowd("2026-11-20", 1, shared) // the fleet shows the date
	run, err := New(m, rules, slog.New(slog.DiscardHandler)).Run(t.Context(), "2026-11-22", Options{})
	if err != nil || run.Deleted.GroupDays != 3 || run.Deleted.MachineDays != 18 {
		t.Errorf("%+v, %v", run, err)
	}
	for date, want := range map[collector.Date]count{"2026-08-23": {shared: 1}, "2026-08-24": {leaf(1, 1, "laptop"): 9, leaf(1, 2, "desktop"): 1, simulated: 7, shared: 1}} {
		got := count{}
		for _, c := range m.cells[date] {
			got[c.Place] = c.Machines
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s has %v; want %v", date, got, want)
		}
	}
	if x := m.fixed[ownMonth{1, "2026-08"}]; len(x.rows) != 4 {
		t.Errorf("August was fixed as %+v", x)
	}
}
