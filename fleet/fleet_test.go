package fleet_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"veille/agent/wire"
	"veille/fleet"
)

// year is a plan of one year; some tests look at a part of it.
func year(machines, sites int) fleet.Plan {
	return fleet.Plan{Seed: 7, Machines: machines, Sites: sites, From: "2025-09-01", To: "2026-08-31"}
}

func newFleet(t testing.TB, p fleet.Plan) *fleet.Fleet {
	t.Helper()
	f, err := fleet.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// between are the dates of a plan from one to another.
func between(f *fleet.Fleet, from, to string) []string {
	return slices.DeleteFunc(f.Dates(), func(d string) bool { return d < from || d > to })
}

// sum is the seconds of a part, "" all parts, in some records.
func sum(records []wire.Record, part string) (s wire.Seconds) {
	for _, r := range records {
		for _, p := range r.Parts {
			if part == "" || p.Part == part {
				s.On += p.Seconds.On
				s.DisplayOff += p.Seconds.DisplayOff
				s.Sleep += p.Seconds.Sleep
				s.Off += p.Seconds.Off
				s.Unknown += p.Seconds.Unknown
			}
		}
	}
	return s
}

func TestThePlanMakesTheSameFleetToTheByte(t *testing.T) {
	p := year(60, 3)
	p.To = "2025-11-30"
	p.Actions = []fleet.Action{{From: "2025-10-15", Share: .5, SleepAfter: 20}}
	const golden = "87169e8e45066a56b1025fc626e20a11f0cf1a77b1034c5ecf6c252634ac320f"
	f, digest := newFleet(t, p), sha256.New()
	written := json.NewEncoder(digest)
	for i := range f.Machines() {
		if err := written.Encode(f.Machine(i)); err != nil {
			t.Fatal(err)
		}
		for _, date := range f.Dates() {
			if err := written.Encode([]any{f.Day(i, date), f.Delivery(i, date)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != golden {
		t.Errorf("the fleet is %s, it was %s: say so in the CHANGELOG, what a plan gives has changed", got, golden)
	}
}

func TestTheOrderOfQuestionsChangesNothing(t *testing.T) {
	f, g := newFleet(t, year(300, 4)), newFleet(t, year(300, 4))
	dates := []string{"2025-09-04", "2025-10-26", "2026-03-29", "2026-07-14"}
	want := map[string]string{}
	text := func(f *fleet.Fleet, i int, date string) string {
		b, err := json.Marshal([]any{f.Day(i, date), f.Delivery(i, date)})
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
	for i := range 300 {
		for _, date := range dates {
			want[date+string(rune(i))] = text(f, i, date)
		}
	}
	var wait sync.WaitGroup
	for _, date := range dates {
		wait.Go(func() {
			for i := 299; i >= 0; i-- {
				if got := text(g, i, date); got != want[date+string(rune(i))] {
					t.Errorf("machine %d on %s: %s, and %s when it is asked in another order", i, date, got, want[date+string(rune(i))])
				}
			}
		})
	}
	wait.Wait()
}

func TestEveryRecordIsOneThatAnAgentCouldSend(t *testing.T) {
	p := year(1200, 25)
	p.Actions = []fleet.Action{{From: "2026-03-01", Share: .8, SleepAfter: 20}}
	f := newFleet(t, p)
	records, silent := 0, 0
	for k, date := range f.Dates() {
		lengths := map[string]int{"2025-10-26": 90_000, "2026-03-29": 82_800}
		length := max(lengths[date], 86_400*(1-min(1, lengths[date])))
		for i := k % 23; i < f.Machines(); i += 23 {
			day := f.Day(i, date)
			if day == nil {
				silent++
				continue
			}
			records += len(day)
			seconds := 0
			for h, r := range day {
				seconds += r.LengthS
				if err := r.Validate(); err != nil || !r.Simulated || r.Date != date {
					t.Fatalf("machine %d on %s: %v, simulated %t: %+v", i, date, err, r.Simulated, r)
				}
				if r.Use == wire.Individual && (r.Hour != nil || r.RoundedS == 0) || r.Use.Hourly() && *r.Hour != h {
					t.Fatalf("machine %d on %s is %s and has a record %+v", i, date, r.Use, r)
				}
			}
			if seconds != length || sum(day, "").Sum() != length {
				t.Fatalf("machine %d has %d s on %s, want %d", i, seconds, date, length)
			}
		}
	}
	if records < 50_000 || silent == 0 {
		t.Errorf("%d records and %d silent days are too few to tell", records, silent)
	}
}

func TestWholeDaysSumToTheirHours(t *testing.T) {
	p := year(200, 3)
	hourly := newFleet(t, p)
	p.WholeDays = true
	daily := newFleet(t, p)
	for i := range 200 {
		for _, date := range []string{"2025-10-26", "2025-11-19", "2025-12-24", "2026-03-29", "2026-05-07"} {
			hours, day := hourly.Day(i, date), daily.Day(i, date)
			if len(day) > 1 || len(hours) > 0 && len(day) == 0 {
				t.Fatalf("machine %d on %s has %d records of whole days", i, date, len(day))
			}
			for _, part := range []string{"open", "night", "weekend", "holiday"} {
				if a, b := sum(hours, part), sum(day, part); a != b {
					t.Fatalf("machine %d on %s, %s: the hours have %+v, the day %+v", i, date, part, a, b)
				}
			}
			if a, b := wh(hours, "machine"), wh(day, "machine"); math.Abs(a-b) > .01 {
				t.Errorf("machine %d on %s: the hours have %v Wh, the day %v", i, date, a, b)
			}
		}
	}
}

func wh(records []wire.Record, scope string) (sum float64) {
	for _, r := range records {
		for _, p := range r.Parts {
			for _, e := range p.Energy {
				if e.Scope == scope {
					sum += e.Wh
				}
			}
		}
	}
	return sum
}

func TestTheSharesAreThoseOfThePlan(t *testing.T) {
	for _, tt := range []struct {
		machines, sites int
		shares          fleet.Shares
		want            [3]int
	}{
		{50_000, 115, fleet.Shares{}, [3]int{31_000, 17_500, 1500}},
		{1000, 1, fleet.Shares{Shared: 10, Individual: 90}, [3]int{100, 900, 0}},
		{7, 7, fleet.Shares{Server: 100}, [3]int{0, 0, 7}},
		{1, 1, fleet.Shares{Individual: 100}, [3]int{0, 1, 0}},
	} {
		p := year(tt.machines, tt.sites)
		p.Shares = tt.shares
		f := newFleet(t, p)
		var got [3]int
		sites := f.Sites()
		for i := range f.Machines() {
			m := f.Machine(i)
			got[slices.Index([]wire.Use{wire.Shared, wire.Individual, wire.Server}, m.Use)]++
			if m.Index != i || m.Group < 0 || m.Group >= len(sites[m.Site].Groups) {
				t.Fatalf("machine %d is %+v, at %+v", i, m, sites[m.Site])
			}
		}
		if got != tt.want {
			t.Errorf("%d machines at %d sites with %+v: %v, want %v", tt.machines, tt.sites, tt.shares, got, tt.want)
		}
	}
}

func TestMachinesComeAreInstalledAnewAndGo(t *testing.T) {
	f := newFleet(t, year(5000, 20))
	keys := map[[16]byte]bool{}
	var later, reborn, gone int
	for i := range f.Machines() {
		m := f.Machine(i)
		keys[m.InstallKey] = true
		there := func(date string) bool { return f.Day(i, date) != nil }
		if m.EnrolledOn > "2025-09-01" {
			later++
			if there("2025-09-01") || !there(m.EnrolledOn) || sum(f.Day(i, m.EnrolledOn), "").Unknown < 8*3600 {
				t.Errorf("machine %d was enrolled on %s, and has %+v", i, m.EnrolledOn, f.Day(i, m.EnrolledOn))
			}
		}
		if m.RetiredOn != "" {
			gone++
			if there(m.RetiredOn) || there("2026-08-31") {
				t.Errorf("machine %d went on %s and has records", i, m.RetiredOn)
			}
		}
		if m.ReplacedOn != "" {
			reborn++
			keys[m.RebornKey] = true
			if m.ReplacedOn <= m.EnrolledOn || m.RetiredOn != "" && m.ReplacedOn >= m.RetiredOn || !there(m.ReplacedOn) {
				t.Errorf("machine %d was enrolled on %s, replaced on %s, retired on %s", i, m.EnrolledOn, m.ReplacedOn, m.RetiredOn)
			}
		} else if m.RebornKey != ([16]byte{}) {
			t.Errorf("machine %d has a second key and was never installed anew", i)
		}
	}
	if len(keys) != 5000+reborn {
		t.Errorf("%d keys of %d machines, %d of them installed anew", len(keys), 5000, reborn)
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{{"new", later, 400}, {"gone", gone, 300}, {"installed anew", reborn, 235}} {
		if c.got < c.want*8/10 || c.got > c.want*12/10 {
			t.Errorf("%d machines are %s, want about %d", c.got, c.what, c.want)
		}
	}
}

func TestRecordsArriveLaterThanTheirDayAndWithinAMonth(t *testing.T) {
	f := newFleet(t, year(1500, 10))
	count := [fleet.MaxLate + 1]int{}
	travelled := 0
	for i := range f.Machines() {
		m, last := f.Machine(i), ""
		for _, date := range f.Dates() {
			if i%12 != 0 && date[8:] > "02" {
				continue
			}
			at := f.Delivery(i, date)
			if (at == "") != (f.Day(i, date) == nil) {
				t.Fatalf("machine %d, %s: delivered on %q with %d records", i, date, at, len(f.Day(i, date)))
			}
			if at == "" {
				continue
			}
			late := daysBetween(t, date, at)
			if late < 1 || late > fleet.MaxLate || at < last {
				t.Fatalf("machine %d delivers %s on %s, the record before on %s", i, date, at, last)
			}
			last = at
			count[late]++
			if late > 7 && m.Use == wire.Individual {
				travelled++
			}
		}
	}
	total, week := 0, 0
	for late, n := range count {
		total += n
		if late > 7 {
			week += n
		}
	}
	if count[1]*100 < 50*total || count[1]*100 > 90*total || week*100 < 2*total || travelled == 0 {
		t.Errorf("of %d records %d came the day after and %d more than a week later (%d of them personal): %v", total, count[1], week, travelled, count)
	}
}

func TestAPlanThatCannotBeLivedIsRefusedWithTheReason(t *testing.T) {
	for _, tt := range []struct {
		change func(*fleet.Plan)
		want   string
	}{
		{func(p *fleet.Plan) { p.Machines = 0 }, "at least one"},
		{func(p *fleet.Plan) { p.Sites = 11 }, "a machine for each"},
		{func(p *fleet.Plan) { p.To = "2025-08-31" }, "days"},
		{func(p *fleet.Plan) { p.From = "2025-9-1" }, "not a date"},
		{func(p *fleet.Plan) { p.To = "2045-01-01" }, "3660"},
		{func(p *fleet.Plan) { p.TimeZone = "Europe/Nowhere" }, "Europe/Nowhere"},
		{func(p *fleet.Plan) { p.TimeZone = "Australia/Lord_Howe" }, "23, 24 or 25"},
		{func(p *fleet.Plan) { p.Shares = fleet.Shares{Shared: 99} }, "100"},
		{func(p *fleet.Plan) { p.Zones = []string{"D"} }, "school zone"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "2026-01-01", Share: 1.5}} }, "share"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "2026-01-01", Share: math.NaN()}} }, "share"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "x"}} }, "not a date"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "2026-01-01", Sites: []int{2}}} }, "site 2"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "2026-01-01", Use: "x"}} }, "use"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "2026-01-01", SleepAfter: 1000}} }, "minutes"},
		{func(p *fleet.Plan) { p.Actions = []fleet.Action{{From: "2026-02-01"}, {From: "2026-01-01"}} }, "order"},
	} {
		p := year(10, 2)
		tt.change(&p)
		if _, err := fleet.New(p); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v, want %q", p, err, tt.want)
		}
	}
	f := newFleet(t, year(10, 2))
	for _, date := range []string{"2025-08-31", "2026-09-01", "", "2026-02-30"} {
		if f.Day(0, date) != nil || f.Delivery(0, date) != "" {
			t.Errorf("%s is not in the plan and has records", date)
		}
	}
}

func TestADayTakesFewAllocations(t *testing.T) {
	f := newFleet(t, year(1000, 4))
	for _, i := range []int{0, 199, f.Machines() - 1} {
		if n := testing.AllocsPerRun(100, func() { f.Day(i, "2025-11-18") }); n > 4 {
			t.Errorf("a day of machine %d (%s) takes %v allocations, want 4", i, f.Machine(i).Use, n)
		}
	}
	if n := testing.AllocsPerRun(100, func() { f.Delivery(3, "2026-07-08") }); n > 0 {
		t.Errorf("a delivery takes %v allocations", n)
	}
}
