package fleet_test

import (
	"slices"
	"testing"
	"time"

	daycalendar "veille/agent/calendar"
	"veille/agent/inventory"
	"veille/agent/power"
	"veille/agent/wire"
	"veille/collector"
	"veille/collector/calendar"
	"veille/fleet"
)

func daysBetween(t *testing.T, from, to string) int {
	t.Helper()
	a, err := time.Parse(time.DateOnly, from)
	if err != nil {
		t.Fatal(err)
	}
	b, err := time.Parse(time.DateOnly, to)
	if err != nil {
		t.Fatal(err)
	}
	return int(b.Sub(a) / (24 * time.Hour))
}

// calendarOf is the calendar that an agent at a site follows: the collector expands what the site says.
func calendarOf(t *testing.T, s fleet.Site) daycalendar.Calendar {
	t.Helper()
	open, err := calendar.ParseHours(s.Open)
	if err != nil {
		t.Fatal(err)
	}
	c := collector.Calendar{Open: open, Territory: s.Territory}
	for _, closure := range s.Closures {
		days := collector.Days{From: collector.Date(closure.From), To: collector.Date(closure.To)}
		c.Closures = append(c.Closures, collector.Closure{Days: days, Name: closure.Name, Source: "zone " + s.Zone})
	}
	open, closed, err := calendar.Expand(c, s.TimeZone, "2024-09-01", "2029-12-31")
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	minute := func(clock string) int {
		at, err := time.Parse("15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		return at.Hour()*60 + at.Minute()
	}
	var hours []daycalendar.Hours
	for _, o := range open {
		hours = append(hours, daycalendar.Hours{Weekday: time.Weekday(o.Weekday % 7), From: minute(o.From), To: minute(o.To)})
	}
	var holidays []string
	for _, date := range closed {
		holidays = append(holidays, string(date))
	}
	c2, err := daycalendar.New(zone, hours, holidays)
	if err != nil {
		t.Fatal(err)
	}
	if err := daycalendar.Check(c2); err != nil {
		t.Errorf("%s: %v", s.Name, err)
	}
	return c2
}

func TestThePartsOfADayAreThoseThatTheAgentWouldCount(t *testing.T) {
	for _, plan := range []fleet.Plan{
		{Machines: 2000, Sites: 26, From: "2025-01-01", To: "2027-12-31"},
		{Machines: 200, Sites: 4, From: "2029-01-01", To: "2029-12-31"},
		{Machines: 200, Sites: 3, From: "2026-01-01", To: "2026-12-31", TimeZone: "Indian/Reunion"},
	} {
		f := newFleet(t, plan)
		one := map[int]int{} // machine of each site that is there on all days
		for i := range f.Machines() {
			if m := f.Machine(i); m.EnrolledOn == plan.From && m.RetiredOn == "" && m.ReplacedOn == "" && m.Use != wire.Individual {
				one[m.Site] = i
			}
		}
		for k, site := range f.Sites() {
			i, ok := one[k]
			if !ok {
				t.Fatalf("no machine of %s is there all the time", site.Name)
			}
			agent := calendarOf(t, site)
			for _, date := range f.Dates() {
				noon, _ := time.Parse(time.DateOnly, date)
				_, at, end := agent.Day(noon.Add(12 * time.Hour))
				var want []map[string]int
				for at.Before(end) {
					hour := map[string]int{}
					for until := at.Add(time.Hour); at.Before(until); {
						next := agent.Next(at, until)
						hour[string(agent.Part(at))] += int(next.Sub(at) / time.Second)
						at = next
					}
					want = append(want, hour)
				}
				got := f.Day(i, date)
				if len(got) != len(want) {
					t.Fatalf("%s has %d records on %s, want %d", site.Name, len(got), date, len(want))
				}
				for h, r := range got {
					if len(r.Parts) != len(want[h]) {
						t.Fatalf("%s on %s, hour %d: %+v, want %v", site.Name, date, h, r.Parts, want[h])
					}
					for _, p := range r.Parts {
						if p.LengthS != want[h][p.Part] {
							t.Fatalf("%s on %s, hour %d: %+v, want %v", site.Name, date, h, r.Parts, want[h])
						}
					}
				}
			}
		}
	}
}

func TestTheKindsAreThoseThatTheAgentCanTell(t *testing.T) {
	f := newFleet(t, year(20_000, 50))
	seen := map[string]int{}
	for i := range f.Machines() {
		m := f.Machine(i).Kind
		seen[m.Class]++
		if seen[m.OSVersion]++; seen[m.OSVersion] > 1 && seen[m.Class] > 1 {
			continue
		}
		if end, ok := inventory.EndOfSupport(m.OSVersion); m.OS != "darwin" && (!ok || end.End != m.OSEnd) {
			t.Fatalf("%s ends on %q, the agent says %+v", m.OSVersion, m.OSEnd, end)
		}
		if class := m.Class; class != "server" && !m.Virtual && !slices.Contains(power.Classes(), class) {
			t.Fatalf("%q is no class of the agent", class)
		}
	}
	for _, class := range []string{"notebook", "desktop", "mini", "all-in-one", "thin-client", "server"} {
		if seen[class] == 0 {
			t.Errorf("no machine is a %s: %v", class, seen)
		}
	}
}

func TestThePowersOfAClassAreThoseOfTheAgent(t *testing.T) {
	f := newFleet(t, year(4000, 10))
	checked := 0
	for i := range f.Machines() {
		m := f.Machine(i)
		if m.Use != wire.Shared {
			continue
		}
		modes, _ := power.ModesOf(m.Kind.Class)
		for _, r := range f.Day(i, "2025-11-18") {
			for _, p := range r.Parts {
				s := p.Seconds
				if len(r.Parts) > 1 || s.Off != 3600 && s.Sleep != 3600 {
					continue
				}
				state := power.Off
				if s.Sleep > 0 {
					state = power.Sleep
				}
				for _, e := range p.Energy {
					want := modes.Figure(state, power.Measured(0), time.Hour)
					if e.Scope == "display" {
						want, _ = power.ScreensFigure(external(m.Kind.Screens), state, true, time.Hour)
					}
					if string(want.Method) != e.Method {
						continue
					}
					checked++
					if near(e.Wh, want.Energy) && near(e.LowWh, want.Low) && near(e.HighWh, want.High) {
						continue
					}
					t.Fatalf("%s in state %s for an hour: %+v, the agent says %+v", m.Kind.Class, state, e, want)
				}
			}
		}
	}
	if checked < 1000 {
		t.Errorf("%d hours are too few to tell", checked)
	}
}

func external(screens []string) []string {
	return slices.DeleteFunc(slices.Clone(screens), func(s string) bool { return s == "internal" })
}

func near(wh float64, e power.Energy) bool {
	d := wh - e.WattHours()
	return d > -.001 && d < .001
}
