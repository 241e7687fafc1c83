package relational_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

func TestATombstoneIsOnlyOfAMachineThatMayHaveHoursElsewhere(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		always, silent, shared, former := r.enrolAs(1, "individual"), r.enrolAs(2, "server"), r.enrolAs(3, "shared"), r.enrolAs(4, "shared")
		r.keep(always, as("individual", record("2026-11-10", collector.WholeDay, 600)))
		r.keep(shared, record("2026-11-10", 9, 600))
		r.keep(former, record("2026-11-10", 9, 600))
		r.enrolAs(4, "individual")
		for _, m := range []collector.Machine{always, silent, shared, former} {
			if _, err := r.Erase(t.Context(), m.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := graves(t, r.Store); !slices.Equal(got, []string{"machine 4", "machine 2", "machine 3"}) {
			t.Errorf("destinations delete %q; want nothing of the one that was always a person's, and no other twice", got)
		}
	})
}

func TestWhatDestinationsRefusedGoesWithTheMachineOrTheWebsiteAndWithTime(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		erased, changed := r.enrolAs(1, "server"), r.enrolAs(2, "shared")
		for n := range byte(20) {
			r.enrolAs(3+n, "shared")
		}
		w := websiteOf(t, r.Store)
		refused := func(on collector.Date, point, reason string) collector.RefusedPoint {
			return collector.RefusedPoint{Destination: "a", On: on, Measurement: collector.HourEnergy, Point: point, Reason: reason}
		}
		err := r.Refuse(t.Context(), "a", []collector.RefusedPoint{
			refused("2026-11-20", "hour_energy,machine=1,part=open wh=1 5", "type conflict"),
			refused("2026-11-20", "hour_energy,machine=2,part=open wh=1 5", "type conflict"),
			refused("2026-11-20", "hour_energy,machine=11,part=open wh=1 5", "type conflict"),
			refused("2026-11-20", "hour_energy,machine=12,part=open wh=1 5", `of {machine="1",part="open"}`),
			refused("2026-11-20", "hour_energy,machine=13,part=open wh=1 5", `of {machine=\"12\"}`),
			refused("2026-08-20", "hour_energy,machine=14,part=open wh=1 5", "too old"),
			refused("2026-11-20", fmt.Sprintf("site_score,mode=static,website=%d mean=1 5", w.ID), "type conflict"),
		})
		if err != nil {
			t.Fatal(err)
		}
		left := func(want ...string) {
			t.Helper()
			points, err := r.RefusedPoints(t.Context(), "a")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range points {
				_, rest, _ := strings.Cut(p.Point, "=")
				number, _, _ := strings.Cut(rest, ",")
				got = append(got, number)
			}
			if !slices.Equal(got, want) {
				t.Errorf("of machines %q is kept what was refused; want %q", got, want)
			}
		}
		if _, err := r.Erase(t.Context(), erased.ID); err != nil {
			t.Fatal(err)
		}
		left("2", "11", "13", "14", "static")
		r.enrolAs(2, "individual")
		left("11", "13", "14", "static")
		if err := r.RemoveWebsite(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
		left("11", "13", "14")
		run, err := r.Finish(t.Context(), collector.Run{On: "2026-11-23"}, collector.Horizon{MachineDays: "2026-08-25"})
		if err != nil || run.Deleted.RefusedPoints != 1 {
			t.Errorf("%+v, %v; want one point to go", run.Deleted, err)
		}
		left("11", "13")
		if changed.Use != "shared" {
			t.Error("the machine was no shared one")
		}
	})
}

func TestAWebsiteThatWasMeasuredIsDeletedElsewhereWhenItIsRemoved(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		never := websiteOf(t, s)
		if err := s.RemoveWebsite(t.Context(), never.ID); err != nil {
			t.Fatal(err)
		}
		w := websiteOf(t, s)
		if err := s.KeepRun(t.Context(), collector.WebRun{Website: w.ID, At: week(1), Mode: "static", Protocol: "static"}, collector.WebPlan{NextOn: "2026-12-01"}, nil, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveWebsite(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
		if got := graves(t, s); !slices.Equal(got, []string{fmt.Sprint("website ", w.ID)}) {
			t.Errorf("destinations delete %q; want the one that had scores", got)
		}
		if err := s.RemoveWebsite(t.Context(), w.ID); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
		if next := websiteOf(t, s); next.ID <= w.ID {
			t.Errorf("another website has the number %d", next.ID)
		}
	})
}
