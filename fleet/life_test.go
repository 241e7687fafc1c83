package fleet_test

import (
	"testing"

	"veille/agent/wire"
	"veille/fleet"
)

func TestForgottenRoomsWasteAtNightAndOthersDoNot(t *testing.T) {
	f := newFleet(t, year(3000, 10))
	sites := f.Sites()
	type room struct{ site, group int }
	awake, night := map[room]float64{}, map[room]float64{}
	for i := range f.Machines() {
		m := f.Machine(i)
		if m.Use != wire.Shared || sites[m.Site].Kind != fleet.School {
			continue
		}
		for _, date := range between(f, "2025-11-17", "2025-11-23") {
			s := sum(f.Day(i, date), "night")
			awake[room{m.Site, m.Group}] += float64(s.On + s.DisplayOff)
			night[room{m.Site, m.Group}] += float64(s.Sum())
		}
	}
	never, tidy := 0, 0
	for r, n := range awake {
		switch share := n / night[r]; {
		case share > .55: // the others of these rooms have a sleep setting
			never++
		case share < .12:
			tidy++
		}
	}
	if n := len(awake); never*100 < 3*n || never*100 > 15*n || tidy*2 < n {
		t.Errorf("of %d rooms %d are on in the night and %d are not", n, never, tidy)
	}
}

func TestASleepPolicyLowersTheTimeOnByTheTimeThatNobodyUsed(t *testing.T) {
	p := year(2400, 8)
	without := newFleet(t, p)
	p.Actions = []fleet.Action{{From: "2026-03-01", Share: .8, SleepAfter: 20}}
	with := newFleet(t, p)
	wasted := func(f *fleet.Fleet, from, to string) (on, used, days, setting int) {
		for i := range f.Machines() {
			for _, date := range between(f, from, to) {
				day := f.Day(i, date)
				if len(day) == 0 || day[0].Use == wire.Server {
					continue
				}
				for _, part := range []string{"night", "weekend"} {
					s := sum(day, part)
					on += s.On + s.DisplayOff
				}
				used += sum(day, "open").On
				days++
				if day[0].Machine.SleepAfter == "20" {
					setting++
				}
			}
		}
		return on, used, days, setting
	}
	before1, _, _, n := wasted(without, "2026-02-02", "2026-02-08")
	before2, _, _, m := wasted(with, "2026-02-02", "2026-02-08")
	if before1 != before2 || n != 0 || m != 0 {
		t.Errorf("an action changed the weeks before it: %d s and %d s", before1, before2)
	}
	after1, used1, _, n := wasted(without, "2026-03-16", "2026-03-22")
	after2, used2, days, m := wasted(with, "2026-03-16", "2026-03-22")
	// 80 % have the policy, of which 5 % are kept awake; what is left of the others is the minutes before they sleep, and evening use.
	if left := float64(after2) / float64(after1); left > .5 || left < .2 {
		t.Errorf("nights and weekends went from %d s on to %d: %.2f of it is left, want 0.2 to 0.5", after1, after2, left)
	}
	if ratio := float64(used2) / float64(used1); ratio < .97 {
		t.Errorf("the policy took %.3f of the time that machines were used", 1-ratio)
	}
	if share := float64(m) / float64(days); n != 0 || share < .77 || share > .83 {
		t.Errorf("%.3f of the machines say that they sleep after 20 minutes, want 0.8", share)
	}
}

func TestSomeClocksForget(t *testing.T) {
	f := newFleet(t, year(3000, 10))
	forgetful := 0
	for i := range f.Machines() {
		unknown := 0
		for _, date := range between(f, "2025-11-17", "2025-11-21") {
			if sum(f.Day(i, date), "").Unknown > 4*3600 {
				unknown++
			}
		}
		if unknown >= 2 {
			forgetful++
		}
	}
	if forgetful < 10 || forgetful > 60 {
		t.Errorf("%d of 3000 machines have days that are mostly unknown, want some 30", forgetful)
	}
}
