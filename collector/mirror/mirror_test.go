package mirror_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/mirror"
	"veille/collector/privacy"
)

// points are those of some days.
func points(t *testing.T, m *mirror.Mirror, of collector.Measurement, days ...collector.Date) (all []collector.Point) {
	t.Helper()
	for _, day := range days {
		err := m.Points(t.Context(), of, day, func(p collector.Point) error {
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
			all = append(all, p)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// fleet is an organisation of some sites in which some groups are too small, and one machine takes most of another: its cells of two months, and the
// rows that are kept of them.
func fleet(t *testing.T, r *rand.Rand, told bool) *ledger {
	t.Helper()
	l := &ledger{}
	type key struct {
		collector.Place
		collector.Month
	}
	rows := map[key]*collector.PlaceMonth{}
	for site := range int64(1 + r.IntN(3)) {
		l.sites = append(l.sites, collector.Site{ID: site + 1, Organisation: 7})
		for group := range int64(3) {
			if group > 0 {
				l.groups = append(l.groups, collector.Group{ID: 10*site + group, Site: site + 1})
			}
			for _, p := range []collector.Place{{Class: "desktop", Use: "individual"}, {Class: "", Use: ""}, {Class: "laptop", Use: "individual", Simulated: true}, {Class: "desktop", Use: "shared"}, {Class: "server", Use: "server"}} {
				if p.Site = site + 1; group > 0 {
					p.Group = 10*site + group
				}
				l.live(t, r, p, func(c collector.Cell) {
					k := key{c.Place, c.Date.Month()}
					if rows[k] == nil {
						rows[k] = &collector.PlaceMonth{Place: c.Place, Month: k.Month}
					}
					if err := rows[k].Add(c); err != nil {
						t.Fatal(err)
					}
				})
			}
		}
	}
	months := map[collector.Month][]collector.PlaceMonth{}
	for k, row := range rows {
		months[k.Month] = append(months[k.Month], *row)
	}
	for _, some := range months {
		if told {
			some = privacy.Coarsen(some)
		}
		l.rows = append(l.rows, some...)
	}
	return l
}

// live lets the machines of a place, mostly few, live for some days of two months.
func (l *ledger) live(t *testing.T, r *rand.Rand, p collector.Place, yield func(collector.Cell)) {
	t.Helper()
	machines := []int{0, 1, 2, 4, 5, 6, 9, 20}[r.IntN(8)]
	if machines == 0 {
		return
	}
	most := []int64{100, 100, 50_000}[r.IntN(3)] // what one of them takes
	for _, month := range []collector.Month{"2026-03", "2026-04"} {
		for day := range 4 {
			c := collector.Cell{Date: collector.Date(fmt.Sprintf("%s-%02d", month, day+1)), Place: p, Machines: machines, Top: collector.MilliWattHours(most)}
			for _, part := range []string{"open", "night"} {
				c.Sum.Add(collector.Sum{Days: int64(machines), Seconds: []collector.PartSum{{Part: part, On: r.Int64N(90_000), Off: r.Int64N(90_000)}}, Energy: []collector.EnergySum{
					{Part: part, Scope: "machine", Method: "rapl+model", MWh: collector.MilliWattHours(int64(machines)*100 + most), LowMWh: 5, HighMWh: 9e6, CoveredS: int64(machines) * 3600},
					{Part: part, Scope: "display", Method: "model-class", MWh: 7, LowMWh: 5, HighMWh: 9, CoveredS: 60},
				}})
			}
			l.cells = append(l.cells, c)
			yield(c)
		}
	}
}

// TestMonthsAreWhatTheDoorTellsAUserOfTheOrganisationAndNothingElse asks the door for every node by itself: what it shows is there, with its figures, and
// what it hides is not. As nothing but its answers is a point, nothing can be had by subtraction that its answers do not give.
func TestMonthsAreWhatTheDoorTellsAUserOfTheOrganisationAndNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 1))
	shown, hidden := 0, 0
	for round := range 60 {
		l := fleet(t, r, round%3 > 0) // a ledger that has cells of persons still is told the same of
		m := mirrorOf(l)
		want := map[string]collector.Fields{}
		for _, month := range []collector.Month{"2026-03", "2026-04"} {
			for _, simulated := range []bool{false, true} {
				for _, n := range nodes(l) {
					s, h := expect(t, l, n, month, simulated, want)
					shown, hidden = shown+s, hidden+h
				}
			}
		}
		got := map[string]collector.Fields{}
		for _, of := range []collector.Measurement{collector.MonthEnergy, collector.MonthSeconds} {
			for _, p := range points(t, m, of, "2026-03-01", "2026-03-02", "2026-04-01") {
				if got[name(p)] != nil {
					t.Errorf("%s is there twice", name(p))
				}
				got[name(p)] = p.Fields
			}
		}
		if !reflect.DeepEqual(got, want) {
			for k := range want {
				if !reflect.DeepEqual(got[k], want[k]) {
					t.Errorf("%s: got %v, want %v", k, got[k], want[k])
				}
			}
			for k := range got {
				if want[k] == nil {
					t.Errorf("%s: %v is told to nobody", k, got[k])
				}
			}
			t.FailNow()
		}
	}
	if shown < 200 || hidden < 200 {
		t.Errorf("%d nodes were shown and %d hidden: this says little", shown, hidden)
	}
}

func name(p collector.Point) string {
	return fmt.Sprint(p.Measurement, p.Tags, collector.DateOf(p.Time))
}

// nodes are all there may be.
func nodes(l *ledger) (all []privacy.Node) {
	all = append(all, privacy.Node{})
	for _, s := range l.sites {
		all = append(all, privacy.Site(s.ID))
		groups := []int64{0}
		for _, g := range l.groups {
			if g.Site == s.ID {
				groups = append(groups, g.ID)
			}
		}
		for _, g := range groups {
			all = append(all, privacy.Group(s.ID, g))
			for _, class := range []string{"", "desktop", "laptop", "server"} {
				all = append(all, privacy.Class(s.ID, g, class))
			}
		}
	}
	return all
}

// expect adds what is to be told of a node, and answers whether the door shows or hides it.
func expect(t *testing.T, l *ledger, n privacy.Node, month collector.Month, simulated bool, want map[string]collector.Fields) (shown, hidden int) {
	t.Helper()
	door := privacy.New(l, nil, func() collector.Date { return collector.DateOf(now()) })
	a, err := door.Ask(t.Context(), &collector.User{Organisation: 7, Roles: []collector.Role{collector.RoleReader}}, privacy.Question{Organisation: 7, Node: n, From: month, To: month, Simulated: simulated})
	if err != nil {
		return 0, 0
	}
	tags := []collector.Tag{{Name: "organisation", Value: "7"}, {Name: "simulated", Value: map[bool]string{true: "yes", false: "no"}[simulated]}}
	if n.Level >= privacy.OneSite {
		tags = append(tags, collector.Tag{Name: "site", Value: strconv.FormatInt(n.Site, 10)})
	}
	if n.Level >= privacy.OneGroup {
		tags = append(tags, collector.Tag{Name: "group", Value: strconv.FormatInt(n.Group, 10)})
	}
	if n.Level == privacy.OneClass {
		class := n.Class
		if class == "" {
			class = "none"
		}
		tags = append(tags, collector.Tag{Name: "class", Value: class})
	}
	add := func(use string, machines int, total privacy.Total) {
		first, _, _ := month.Dates()
		for _, part := range total.Parts {
			of := collector.NewTags(append(slices.Clone(tags), collector.Tag{Name: "part", Value: part.Part}, collector.Tag{Name: "use", Value: use})...)
			want[fmt.Sprint(collector.MonthSeconds, of, first)] = collector.Fields{
				"on": float64(part.On), "display_off": float64(part.DisplayOff), "sleep": float64(part.Sleep), "off": float64(part.Off), "unknown": float64(part.Unknown), "machines": float64(machines),
			}
			if part.HighMWh > 0 {
				want[fmt.Sprint(collector.MonthEnergy, of, first)] = collector.Fields{"wh": part.MWh.Wh(), "low_wh": part.LowMWh.Wh(), "high_wh": part.HighMWh.Wh(), "covered_s": float64(part.CoveredS)}
			}
		}
	}
	if a.Self.Personal != nil {
		add("individual", a.Self.Machines, *a.Self.Personal)
		shown++
	}
	if a.Self.Why != "" {
		hidden++
	}
	for _, o := range a.Self.Others {
		add(string(o.Use), o.Machines, privacy.Fold(o.Sum))
	}
	return shown, hidden
}

func TestDaysAreThoseOfSharedMachinesAndServersOnly(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 2))
	for range 30 {
		l := fleet(t, r, true)
		want := map[collector.Use]int64{}
		for _, c := range l.cells {
			if c.Date == "2026-04-02" && (c.Use == "shared" || c.Use == "server") {
				for _, e := range c.Sum.Energy {
					want[c.Use] += int64(e.MWh)
				}
			}
		}
		got := map[collector.Use]int64{}
		for _, p := range points(t, mirrorOf(l), collector.DayEnergy, "2026-04-02") {
			if use := p.Tags.Get("use"); use != "shared" && use != "server" {
				t.Fatalf("%+v is of machines of persons", p)
			}
			got[collector.Use(p.Tags.Get("use"))] += int64(p.Fields["wh"]*1000 + 0.5)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		for _, p := range points(t, mirrorOf(l), collector.DaySeconds, "2026-04-02") {
			if use := p.Tags.Get("use"); use != "shared" && use != "server" {
				t.Fatalf("%+v is of machines of persons", p)
			}
		}
	}
}

func TestADayIsSentAgainUnderAHigherVersion(t *testing.T) {
	l := &ledger{cells: []collector.Cell{{
		Date: "2026-05-19", Place: collector.Place{Site: 1, Group: 4, Class: "desktop", Use: "shared"}, Machines: 3,
		Sum: collector.Sum{Seconds: []collector.PartSum{{Part: "open", On: 5, Off: 2}}, Energy: []collector.EnergySum{{Part: "open", Scope: "machine", Method: "plug", MWh: 1500, LowMWh: 1000, HighMWh: 2000, CoveredS: 7}}},
	}}}
	got := append(points(t, mirrorOf(l), collector.DayEnergy, "2026-05-19"), points(t, mirrorOf(l), collector.DaySeconds, "2026-05-19")...)
	at := time.Date(2026, 5, 19, 0, 0, 0, 0, time.UTC)
	place := []collector.Tag{{Name: "class", Value: "desktop"}, {Name: "group", Value: "4"}, {Name: "part", Value: "open"}, {Name: "simulated", Value: "no"}, {Name: "site", Value: "1"}, {Name: "use", Value: "shared"}}
	want := []collector.Point{
		{
			Measurement: collector.DayEnergy, Time: at, Version: 27 * 4, Fields: collector.Fields{"wh": 1.5, "low_wh": 1, "high_wh": 2, "covered_s": 7},
			Tags: collector.NewTags(append(slices.Clone(place), collector.Tag{Name: "method", Value: "plug"}, collector.Tag{Name: "scope", Value: "machine"})...),
		},
		{
			Measurement: collector.DaySeconds, Time: at, Version: 27 * 4, Tags: place,
			Fields: collector.Fields{"on": 5, "display_off": 0, "sleep": 0, "off": 2, "unknown": 0, "machines": 3},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
	l.cells[0].Date = "2020-05-19"
	if p := points(t, mirrorOf(l), collector.DaySeconds, "2020-05-19"); p[0].Version != collector.MaxVersion {
		t.Errorf("version %d", p[0].Version)
	}
}

// hourOf is a change of one hour.
func hourOf(revision int64, use collector.Use, date collector.Date, hour int, zone string) collector.Change {
	return collector.Change{
		Revision: revision, Machine: 100 + revision, Site: collector.Site{ID: 1, TimeZone: zone},
		Record: collector.Record{
			Use: use, Date: date, Hour: hour, LengthS: 3600,
			Parts: []collector.Part{{Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: 3600}, Energy: []collector.Energy{{Wh: float64(revision), HighWh: 9, Method: "plug", Scope: "machine", CoveredS: 3600}}}},
		},
	}
}

func TestHoursAreThoseOfSharedMachinesAndServersByTheirMomentInUTC(t *testing.T) {
	l := &ledger{changes: []collector.Change{
		hourOf(1, "server", "2026-05-10", 0, "Europe/Paris"), // the evening before, in UTC
		hourOf(2, "shared", "2026-05-09", 23, "America/Martinique"),
		hourOf(3, "individual", "2026-05-10", 9, "Europe/Paris"),
		hourOf(4, "", "2026-05-10", 9, "Europe/Paris"),
		hourOf(5, "server", "2026-05-10", 12, "Pacific/Noumea"),
		hourOf(6, "server", "2026-05-10", collector.WholeDay, "Europe/Paris"),
		hourOf(7, "server", "2026-01-10", 12, "UTC"), // a destination deletes it by itself
	}}
	m := mirrorOf(l)
	for day, want := range map[collector.Date][]float64{"2026-05-09": {1}, "2026-05-10": {2, 5}, "2026-05-11": nil} {
		var got []float64
		for _, p := range points(t, m, collector.HourEnergy, day) {
			got = append(got, p.Fields["wh"])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", day, got, want)
		}
	}
	tallies, err := m.Tallies(t.Context(), collector.HourEnergy, "2026-05-01", "2026-05-20")
	if err != nil || len(tallies) != 2 || tallies[0].Day != "2026-05-09" || tallies[1].Points != 2 || tallies[1].Sums["wh"] != 7 {
		t.Errorf("got %+v, %v", tallies, err)
	}
	next, _, upTo, err := m.Next(t.Context(), collector.StreamHours, 0)
	if err != nil || upTo != 7 || len(next) != 6 {
		t.Errorf("%d points up to %d, %v; want six of three hours", len(next), upTo, err)
	}
	for _, p := range next {
		if use := p.Tags.Get("use"); use != "server" && use != "shared" {
			t.Errorf("%+v is of a machine of a person", p)
		}
	}
	if none, _, upTo, err := m.Next(t.Context(), collector.StreamHours, 7); err != nil || upTo != 7 || len(none) != 0 {
		t.Errorf("%d points up to %d, %v", len(none), upTo, err)
	}
}

func TestPostsOfMetersMakeBatches(t *testing.T) {
	l := &ledger{}
	for i := range 400 {
		p := collector.MeterPost{ID: int64(10 + i)}
		for range i % 40 {
			p.Points = append(p.Points, collector.Point{Measurement: collector.MeterPower, Time: now()})
		}
		l.posts = append(l.posts, p)
	}
	m := mirrorOf(l)
	total, at := 0, int64(0)
	for range 4 {
		points, _, upTo, err := m.Next(t.Context(), collector.StreamMeters, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(points) > 5000+16*40 {
			t.Errorf("%d points at once", len(points))
		}
		total, at = total+len(points), upTo
	}
	if total != 7800 || at != 409 {
		t.Errorf("%d points up to %d", total, at)
	}
}
