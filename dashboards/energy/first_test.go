package energy_test

import (
	"strings"
	"testing"
	"time"

	"veille/collector"
)

// bare has two sites and no figures.
func bare() *world {
	return &world{
		now:   time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC),
		sites: []collector.Site{{ID: 1, Organisation: 1, Name: "Bureau", TimeZone: "Europe/Paris"}, {ID: 2, Organisation: 1, Name: "Annexe", TimeZone: "Europe/Paris"}},
	}
}

func TestASiteWithoutMachinesSaysWhatToDoNext(t *testing.T) {
	it := officer()
	it.Roles = append(it.Roles, collector.RoleIT)
	for _, path := range []string{"/", "/sites/1"} {
		d := bare().page(t, it, path)
		if main := text(d.Find("main")); d.Find(`main a[href="/settings/tokens?lang=en"]`).Length() != 1 || !strings.Contains(main, "veille-agent enrol") || !strings.Contains(main, "2026-12-08") {
			t.Errorf("%s: %s", path, main)
		}
		d = bare().page(t, officer(), path)
		if main := text(d.Find("main")); d.Find(`main a[href^="/settings/tokens"]`).Length() != 0 || !strings.Contains(main, "A person with the role IT makes a token") {
			t.Errorf("%s leads somebody to what he may not open: %s", path, main)
		}
	}
}

func TestHoursOfTheFirstDayAreLedTo(t *testing.T) {
	w := bare()
	w.points = []collector.Point{seconds(w, 1, 1)}
	d := w.page(t, officer(), "/")
	main := text(d.Find("main"))
	if d.Find(`main a[href^="/sites/1/hours?"]`).Length() != 1 || d.Find(`main a[href^="/sites/2/hours?"]`).Length() != 0 {
		t.Errorf("the links are not those of the sites with hours: %s", main)
	}
	if strings.Contains(main, "in the last 30 days") || strings.Contains(main, "What to do next") || !strings.Contains(main, "have sent hours today") {
		t.Errorf("it says that nothing came: %s", main)
	}
}

func TestRealAndSimulatedHoursAreNeverAdded(t *testing.T) {
	w := hourly()
	before := rowsOf(w.hours(t))
	false1 := joules(w, 1, 9, "model-class", "machine", 500, 3600)
	for i := range false1.Tags {
		if false1.Tags[i].Name == "simulated" {
			false1.Tags[i].Value = "yes"
		}
	}
	w.points = append(w.points, false1)
	d := w.hours(t)
	if after := rowsOf(d); after != before || d.Find(".notice").Length() != 0 {
		t.Errorf("with a simulated machine:\n%s\nwithout:\n%s", after, before)
	}
	w.points = []collector.Point{false1}
	if d := w.hours(t); d.Find(".notice").Length() != 1 || !strings.Contains(rowsOf(d), "0.500") {
		t.Errorf("simulated hours that are alone: %s", rowsOf(d))
	}
}
