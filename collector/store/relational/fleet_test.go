package relational_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"

	"veille/collector"
)

// part is a machine of some use at the first site, last seen on a date.
func (f fleet) part(install byte, use collector.Use, kind collector.Kind, seen collector.Date) int64 {
	f.t.Helper()
	e, err := f.Enrol(f.t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(install), Credential: key(install), Use: use, Kind: kind, On: seen})
	if err != nil {
		f.t.Fatal(err)
	}
	return e.ID
}

func (f fleet) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// month is what a machine did in a month: its energy by some methods of scope machine, and by a plug that was measured on its display.
func month(machine, site int64, use collector.Use, of collector.Month, sleep string, methods ...string) collector.MachineMonth {
	m := collector.MachineMonth{Machine: machine, Month: of, Place: collector.Place{Site: site, Class: "mini", Use: use}, SleepAfter: sleep}
	m.Sum.Energy = []collector.EnergySum{{Part: "open", Scope: "display", Method: "plug", MWh: 1, CoveredS: 1}}
	for _, method := range methods {
		m.Sum.Add(collector.Sum{Energy: []collector.EnergySum{{Part: "open", Scope: "machine", Method: method, MWh: 1, CoveredS: 1}}})
	}
	return m
}

func count(of string, n int) collector.Count { return collector.Count{Of: of, Machines: n} }

func TestAFleetIsTheMachinesThatAreInServiceCounted(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		old, windows := mini("amd-5-8"), mini("intel-5-8")
		old.Agent, old.OS, old.Class = "v0", "linux", "server"
		ids := []int64{
			f.part(1, "individual", windows, "2026-11-15"), // seven days before
			f.part(2, "individual", windows, "2026-11-14"), // may be the first, and is silent for more than a week
			f.part(3, "shared", windows, "2026-10-23"),
			f.part(4, "server", old, "2026-08-24"),
			f.part(5, "server", old, "2026-08-23"),
			f.part(6, "individual", windows, "2026-11-22"),          // is revoked
			f.part(7, "individual", windows, "2026-11-22"),          // is the last one now
			f.part(8, "individual", collector.Kind{}, "2026-11-23"), // is ahead, and has not told what it is
			f.part(9, "individual", windows, "2026-11-22"),
		}
		f.must(f.Revoke(t.Context(), ids[5], "2026-11-22"))
		f.must(f.Replace(t.Context(), ids[8], ids[6]))
		sites, err := f.Sites(t.Context())
		f.must(err)
		other := sites[1].ID
		f.must(f.PutMonths(t.Context(), "2026-09", 1, 99, []collector.MachineMonth{month(ids[0], f.site.ID, "individual", "2026-09", "15", "rapl")}))
		var of []collector.MachineMonth
		for i, x := range []struct {
			use     collector.Use
			sleep   string
			methods []string
		}{
			{"individual", "never", []string{"model-class", "battery"}},
			{"individual", "15", []string{"none"}},
			{"shared", "16", nil},
			{"server", "60", []string{"model-class", "plug"}},
			{"server", "", []string{"model-class"}},
			{"individual", "60", []string{"plug"}},
			{"individual", "60", []string{"plug"}},
			{"individual", "61", []string{"battery"}},
			{"individual", "on battery", []string{"model-class"}},
		} {
			at := f.site.ID
			if i == 7 {
				at = other // from which it has moved since
			}
			of = append(of, month(ids[i], at, x.use, "2026-10", x.sleep, x.methods...))
		}
		f.must(f.PutMonths(t.Context(), "2026-10", 1, 99, of))
		want := collector.Fleet{On: "2026-11-22", Month: "2026-10", Sites: []collector.SiteFleet{
			{
				Site: f.site.ID, Machines: map[collector.Use]int{"individual": 4, "shared": 1, "server": 2}, Revoked: 1, Doubtful: 2,
				Silent:     []collector.Count{count("7", 3), count("30", 2), count("90", 1), count("longer", 1)},
				Agents:     []collector.Count{count("v1", 4), count("v0", 2), count("", 1)},
				OS:         []collector.Count{count("windows", 4), count("linux", 2), count("", 1)},
				Classes:    []collector.Count{count("mini", 4), count("server", 2), count("", 1)},
				SleepAfter: []collector.Count{count("never", 1), count("1-15", 1), count("16-30", 1), count("31-60", 0), count("longer", 0), count("", 1)},
				Methods:    []collector.Count{count("plug", 1), count("battery", 1), count("model-class", 2), count("none", 2)},
			},
			{
				Site: other, Machines: map[collector.Use]int{}, Silent: []collector.Count{count("7", 0), count("30", 0), count("90", 0), count("longer", 0)},
				Agents: []collector.Count{}, OS: []collector.Count{}, Classes: []collector.Count{},
				SleepAfter: []collector.Count{count("never", 0), count("1-15", 0), count("16-30", 0), count("31-60", 0), count("longer", 1), count("", 0)},
				Methods:    []collector.Count{count("battery", 1)},
			},
		}}
		got, err := f.FleetOn(t.Context(), f.site.Organisation, "2026-11-22")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want\n%+v", got, err, want)
		}
		// What its reader changes, and what changes that day, is in no other answer.
		got.Sites[0].Machines["individual"], got.Sites[0].Silent[0].Machines, got.Sites[1] = 99, 99, collector.SiteFleet{}
		f.part(10, "server", old, "2026-11-22")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if got, err := f.FleetOn(t.Context(), f.site.Organisation, "2026-11-22"); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("asked again: %+v, %v", got, err)
				}
			})
		}
		all.Wait()
		if got, err := f.FleetOn(t.Context(), f.site.Organisation, "2026-11-23"); err != nil || got.On != "2026-11-23" || got.Sites[0].Machines["server"] != 3 {
			t.Errorf("on the next date: %+v, %v", got, err)
		}
		if got, err := f.Fleet(t.Context(), f.site.Organisation); err != nil || got.On < "2026-11-22" || got.Sites[0].Machines["server"] != 3 {
			t.Errorf("today: %+v, %v", got, err)
		}
	})
}

// shared is what a shared machine did in October 2026.
func shared(machine, site int64, seconds ...collector.PartSum) collector.MachineMonth {
	m := month(machine, site, "shared", "2026-10", "15", "rapl")
	m.Sum.Add(collector.Sum{Seconds: seconds})
	return m
}

func TestSharedMachinesThatAreHardlyOnInOpenHoursAreCounted(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		open := func(on, dark, sleep, off, unknown int64) collector.PartSum {
			return collector.PartSum{Part: "open", On: on, DisplayOff: dark, Sleep: sleep, Off: off, Unknown: unknown}
		}
		night := collector.PartSum{Part: "night", On: 999_999}
		for name, tt := range map[string]struct {
			use             collector.Use
			seconds         []collector.PartSum
			counted, lowUse int
		}{
			"on for a tenth":                   {"shared", []collector.PartSum{open(90, 10, 800, 100, 1000)}, 1, 0},
			"on for less":                      {"shared", []collector.PartSum{open(90, 9, 801, 100, 1000)}, 1, 1},
			"of which less than half is known": {"shared", []collector.PartSum{open(90, 9, 801, 100, 1001)}, 0, 0},
			"never on":                         {"shared", []collector.PartSum{open(0, 0, 0, 1, 0)}, 1, 1},
			"always on":                        {"shared", []collector.PartSum{open(1, 0, 0, 0, 0)}, 1, 0},
			"on at night only":                 {"shared", []collector.PartSum{open(0, 0, 10, 0, 0), night}, 1, 1},
			"nothing of the open time":         {"shared", []collector.PartSum{open(0, 0, 0, 0, 9999), night}, 0, 0},
			"of a site that was never open":    {"shared", []collector.PartSum{night}, 0, 0},
			"of which nothing is known":        {"shared", nil, 0, 0},
			"a person's":                       {"individual", []collector.PartSum{open(0, 0, 0, 1, 0)}, 0, 0},
			"a server":                         {"server", []collector.PartSum{open(0, 0, 0, 1, 0)}, 0, 0},
		} {
			t.Run(name, func(t *testing.T) {
				f := newFleet(t, at.another(t))
				good, gone := f.part(1, tt.use, mini("intel-5-8"), "2026-11-15"), f.part(2, tt.use, mini("intel-5-8"), "2026-11-15")
				f.must(f.Revoke(t.Context(), gone, "2026-11-20"))
				months := []collector.MachineMonth{shared(good, f.site.ID, tt.seconds...), shared(gone, f.site.ID, tt.seconds...)}
				for i := range months {
					months[i].Use = tt.use
				}
				f.must(f.PutMonths(t.Context(), "2026-10", 1, 99, months))
				got, err := f.FleetOn(t.Context(), f.site.Organisation, "2026-11-22")
				if err != nil || got.Sites[0].Shared != tt.counted || got.Sites[0].LowUse != tt.lowUse {
					t.Errorf("%d of %d, %v; want %d of %d", got.Sites[0].LowUse, got.Sites[0].Shared, err, tt.lowUse, tt.counted)
				}
			})
		}
	})
}

func TestAFleetOfNothingIsEmptyAndThatOfNobodyIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		elsewhere, err := f.CreateSite(t.Context(), "Ville", "École", "Europe/Paris")
		f.must(err)
		id := f.part(1, "individual", mini("intel-5-8"), "2026-11-15")
		f.must(f.PutMonths(t.Context(), "2026-10", 1, 99, []collector.MachineMonth{month(id, f.site.ID, "individual", "2026-10", "15", "rapl")}))
		got, err := f.FleetOn(t.Context(), elsewhere.Organisation, "2026-11-22")
		if err != nil || got.Month != "" || len(got.Sites) != 1 || got.Sites[0].Site != elsewhere.ID || len(got.Sites[0].Machines) != 0 || got.Sites[0].SleepAfter != nil || got.Sites[0].Methods != nil {
			t.Errorf("%+v, %v; want a site without machines, and no month of another organisation", got, err)
		}
		if got, err := f.FleetOn(t.Context(), 77, "2026-11-22"); !errors.Is(err, collector.ErrNotFound) || got.Sites != nil {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := f.FleetOn(t.Context(), f.site.Organisation, "today"); err == nil {
			t.Errorf("on no date: %+v", got)
		}
		if got, err := f.FleetOn(t.Context(), f.site.Organisation, "2026-11-22"); err != nil || got.Sites[0].Machines["individual"] != 1 {
			t.Errorf("after a failure: %+v, %v", got, err)
		}
	})
}

func TestAFleetIsSimulatedWhereAllItsMachinesAre(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		for name, tt := range map[string]struct {
			simulated []bool // of the machines in the last month
			revoked   bool   // the first of them
			want      bool
		}{
			"no month":                    {nil, false, false},
			"all simulated":               {[]bool{true, true}, false, true},
			"one real":                    {[]bool{false, true}, false, false},
			"the real one is out of use":  {[]bool{false, true}, true, true},
			"only one, that is not there": {[]bool{true}, true, false},
		} {
			t.Run(name, func(t *testing.T) {
				f := newFleet(t, at.another(t))
				var months []collector.MachineMonth
				for i, simulated := range tt.simulated {
					m := month(f.part(byte(1+i), "individual", mini("intel-5-8"), "2026-11-15"), f.site.ID, "individual", "2026-10", "15", "rapl")
					m.Simulated = simulated
					months = append(months, m)
				}
				if months != nil {
					f.must(f.PutMonths(t.Context(), "2026-10", 1, 99, months))
				}
				if tt.revoked {
					f.must(f.Revoke(t.Context(), months[0].Machine, "2026-11-20"))
				}
				got, err := f.FleetOn(t.Context(), f.site.Organisation, "2026-11-22")
				if err != nil || got.Simulated != tt.want {
					t.Errorf("simulated: %t, %v; want %t", got.Simulated, err, tt.want)
				}
			})
		}
	})
}
