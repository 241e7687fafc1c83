package machines

import (
	"slices"
	"testing"

	"veille/collector"
)

func TestTheNewestVersionIsFound(t *testing.T) {
	for _, tt := range []struct {
		agents         []collector.Count
		name           string
		older, unknown int
	}{
		{nil, "", 0, 0},
		{[]collector.Count{{Of: "", Machines: 3}, {Of: "devel", Machines: 2}}, "", 0, 5},
		{[]collector.Count{{Of: "v0.9.0", Machines: 3}, {Of: "v0.10.0", Machines: 2}}, "v0.10.0", 3, 0},
		{[]collector.Count{{Of: "0.10.0", Machines: 3}, {Of: "v0.10", Machines: 2}, {Of: "devel", Machines: 1}}, "0.10.0", 2, 1},
		{[]collector.Count{{Of: "v1.0.0-rc.1", Machines: 3}, {Of: "v1.0.0", Machines: 2}, {Of: "v1.0.0-rc.2", Machines: 1}}, "v1.0.0", 4, 0},
		{[]collector.Count{{Of: "v1.-2.0", Machines: 3}, {Of: "v..", Machines: 1}}, "", 0, 4},
	} {
		if name, older, unknown := newest(tt.agents); name != tt.name || older != tt.older || unknown != tt.unknown {
			t.Errorf("%v: %q, %d older, %d unknown", tt.agents, name, older, unknown)
		}
	}
}

func FuzzAVersionComparesTheSameBothWays(f *testing.F) {
	f.Add("v1.2.3", "v1.2.3-rc.1")
	f.Add("1", "-")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, ok := parse(a)
		y, other := parse(b)
		if ok && other && (x.compare(y) != -y.compare(x) || x.compare(x) != 0) {
			t.Errorf("%q and %q", a, b)
		}
		if name, older, unknown := newest([]collector.Count{{Of: a, Machines: 1}, {Of: b, Machines: 2}}); older+unknown > 3 || (name == "") != (unknown == 3) {
			t.Errorf("%q and %q: %q, %d older, %d unknown", a, b, name, older, unknown)
		}
	})
}

func TestOnlyTheWholeIsAHundredPercent(t *testing.T) {
	for _, tt := range []struct {
		part, whole int
		want        float64
	}{{0, 10, 0}, {1, 1000, 1}, {999, 1000, 99}, {1000, 1000, 100}, {1, 3, 33}, {1, 2, 50}, {7, 5, 100}} {
		if got := share(tt.part, tt.whole); got == nil || *got != tt.want {
			t.Errorf("%d of %d: %v, want %v", tt.part, tt.whole, got, tt.want)
		}
	}
	if share(0, 0) != nil {
		t.Error("nothing has a share")
	}
}

func TestCountsOfSitesAreAddedAndNotChanged(t *testing.T) {
	a := []collector.Count{{Of: "x", Machines: 1}}
	b := []collector.Count{{Of: "x", Machines: 2}, {Of: "y", Machines: 4}}
	if got := add(a, b); !slices.Equal(got, []collector.Count{{Of: "x", Machines: 3}, {Of: "y", Machines: 4}}) || a[0].Machines != 1 {
		t.Errorf("%v, of %v", got, a)
	}
	sites := []collector.SiteFleet{{Machines: map[collector.Use]int{"shared": 1}, Silent: a, Revoked: 1}, {Machines: map[collector.Use]int{"shared": 2}, Silent: b, Doubtful: 2}}
	if sum := together(sites); machinesOf(sum) != 3 || all(sum.Silent) != 7 || sum.Revoked != 1 || sum.Doubtful != 2 || sites[0].Machines["shared"] != 1 {
		t.Errorf("%+v", sum)
	}
}

func TestKindsThatAreNotKnownComeLast(t *testing.T) {
	if got := most([]collector.Count{{Of: "", Machines: 9}, {Of: "b", Machines: 1}, {Of: "a", Machines: 1}, {Of: "c", Machines: 5}}); got[0].Of != "c" || got[1].Of != "a" || got[3].Of != "" {
		t.Errorf("%v", got)
	}
	if got := inOrder([]collector.Count{{Of: "z", Machines: 1}, {Of: "", Machines: 2}, {Of: "never", Machines: 3}, {Of: "1-15"}}, settings()); len(got) != 3 || got[0].Of != "never" || got[1].Of != "" || got[2].Of != "z" {
		t.Errorf("%v", got)
	}
}
