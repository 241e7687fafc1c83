package energy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
)

// joules is an hour of one machine of site 1.
func joules(w *world, hoursAgo, machine int, method, scope string, wh, covered float64) collector.Point {
	return collector.Point{
		Measurement: collector.HourEnergy, Time: w.now.Truncate(time.Hour).Add(-time.Duration(hoursAgo) * time.Hour),
		Tags: collector.NewTags(
			collector.Tag{Name: "site", Value: "1"}, collector.Tag{Name: "machine", Value: fmt.Sprint(machine)}, collector.Tag{Name: "part", Value: "open"},
			collector.Tag{Name: "method", Value: method}, collector.Tag{Name: "scope", Value: scope}, collector.Tag{Name: "simulated", Value: "no"},
		),
		Fields: collector.Fields{"wh": wh, "low_wh": wh / 2, "high_wh": wh * 2, "covered_s": covered},
	}
}

// seconds is an hour of a machine that sent no energy.
func seconds(w *world, hoursAgo, machine int) collector.Point {
	p := joules(w, hoursAgo, machine, "x", "x", 0, 0)
	p.Measurement = collector.HourSeconds
	p.Tags = collector.NewTags(
		collector.Tag{Name: "site", Value: "1"}, collector.Tag{Name: "machine", Value: fmt.Sprint(machine)}, collector.Tag{Name: "part", Value: "open"},
	)
	p.Fields = collector.Fields{"on": 3600}
	return p
}

func hourly() *world {
	w := &world{
		now:   time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC),
		sites: []collector.Site{{ID: 1, Organisation: 1, Name: "Lycée Marie-Curie", TimeZone: "Europe/Paris"}},
	}
	w.points = []collector.Point{
		joules(w, 2, 1, "model-class", "machine", 20, 3600), joules(w, 2, 2, "model-class", "machine", 30, 3600),
		joules(w, 2, 1, "rapl", "cpu", 8, 3600),
		joules(w, 1, 1, "model-class", "machine", 22, 3600), joules(w, 0, 1, "model-class", "machine", 5, 600),
		joules(w, 40, 1, "model-class", "machine", 1000, 3600), // too long ago
	}
	return w
}

func (w *world) hours(t *testing.T) *goquery.Document {
	t.Helper()
	return w.page(t, officer(), "/sites/1/hours")
}

// rowsOf are the rows of the table, the cells apart.
func rowsOf(d *goquery.Document) string {
	var all []string
	d.Find("main tbody tr").Each(func(_ int, row *goquery.Selection) {
		var cells []string
		row.Find("th, td").Each(func(_ int, cell *goquery.Selection) { cells = append(cells, text(cell)) })
		all = append(all, strings.Join(cells, " | "))
	})
	return strings.Join(all, "\n")
}

func TestEachHourHasItsRangeMethodAndCoverage(t *testing.T) {
	d := hourly().hours(t)
	want := "2026-11-22 11:00 | 0.0050 (0.0025–0.0100) | – | estimated by class | 17 | 1\n" +
		"2026-11-22 10:00 | 0.0220 (0.0110–0.0440) | – | estimated by class | 100 | 1\n" +
		"2026-11-22 09:00 | 0.0500 (0.0250–0.1000) | 0.0080 (0.0040–0.0160) | estimated by class | 100 | 2"
	if got := rowsOf(d); got != want {
		t.Errorf("rows\n%s\nwant\n%s", got, want)
	}
	if got, want := text(d.Find(".number")), "0.0770 kWh between 0.0385 kWh and 0.1540 kWh"; !strings.Contains(got, want) {
		t.Errorf("total %q, want %q: the processors' 8 Wh are part of it and are not added", got, want)
	}
	if n := d.Find("svg rect.bar").Length(); n != 3 || d.Find("svg rect[fill]").Length() != 3 || d.Find("svg path.range").Length() != 3 {
		t.Errorf("%d bars", n)
	}
}

func TestExternalScreensStandBesideTheMachineAndAreNotAddedToIt(t *testing.T) {
	w := hourly()
	w.points = append(w.points, joules(w, 1, 1, "model-class", "display", 12, 3600))
	d := w.hours(t)
	if got, want := text(d.Find(".number")), "0.0770 kWh between 0.0385 kWh and 0.1540 kWh"; !strings.Contains(got, want) {
		t.Errorf("total %q, want %q, as without screens", got, want)
	}
	for i, want := range []string{"–", "0.0120 (0.0060–0.0240)", "–"} {
		if got := text(d.Find("main tbody tr").Eq(i).Find("td").Eq(2)); got != want {
			t.Errorf("row %d: screens %q, want %q", i, got, want)
		}
	}
	if got := text(d.Find("thead").First()); !strings.Contains(got, "External screens, beside (estimated)") {
		t.Errorf("heading %q", got)
	}
}

func TestAnHourIsThatOfTheClocksOfTheSite(t *testing.T) {
	w := hourly()
	w.sites[0].TimeZone = "Pacific/Marquesas" // nine and a half hours behind UTC
	p := joules(w, 0, 1, "model-class", "machine", 20, 3600)
	p.Time = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	w.points = []collector.Point{p}
	if row := text(w.hours(t).Find("main tbody th")); row != "2026-11-22 00:00" {
		t.Errorf("the hour is %q", row)
	}
}

func TestAMachineThatSentNoEnergyIsSeenAndItsEnergyIsMissing(t *testing.T) {
	w := hourly()
	w.points = []collector.Point{joules(w, 1, 1, "model-class", "machine", 20, 3600), seconds(w, 1, 1), seconds(w, 1, 2), seconds(w, 3, 2)}
	got := text(w.hours(t).Find(".number"))
	for _, want := range []string{"2 machines counted by the hour. 0% of the energy is measured by meters", "covers 33% of the time"} {
		if !strings.Contains(got, want) {
			t.Errorf("summary %q, want %q", got, want)
		}
	}
	w.points = append(w.points, joules(w, 1, 1, "battery", "machine", 0, 0)) // a method that a later record has no more
	if got := rowsOf(w.hours(t)); strings.Contains(got, "battery") {
		t.Errorf("methods %q", got)
	}
	w.points = []collector.Point{seconds(w, 1, 2), joules(w, 1, 2, "rapl", "cpu", 4, 3600)}
	d := w.hours(t)
	if d.Find(".number b, svg").Length() != 0 || !strings.Contains(text(d.Find("main")), "it is unknown") {
		t.Errorf("an energy that nobody knows is shown as %q", text(d.Find(".number")))
	}
	if got := rowsOf(d); got != "2026-11-22 10:00 | – | 0.00400 (0.00200–0.00800) | not known | 0" {
		t.Errorf("its hour is %q", got)
	}
}

func TestMeasuredBarsAreFilledAndEstimatedOnesHatched(t *testing.T) {
	w := hourly()
	w.points = []collector.Point{joules(w, 1, 1, "battery", "machine", 20, 3600), joules(w, 0, 1, "model-class", "machine", 20, 600)}
	d := w.hours(t)
	bars := d.Find("svg rect.bar")
	if _, filled := bars.Eq(0).Attr("fill"); filled || bars.Eq(1).AttrOr("fill", "") != "url(#hatch)" {
		t.Errorf("%d bars", bars.Length())
	}
	if got := text(d.Find(".number")); !strings.Contains(got, "1 machine counted by the hour. 50% of the energy is measured by meters") {
		t.Errorf("summary %q", got)
	}
}

func TestHoursAreToldInTheLanguageOfTheReader(t *testing.T) {
	d := hourly().page(t, officer(), "/sites/1/hours?lang=fr")
	if got := text(d.Find(".number")); !strings.Contains(got, "0,0770 kWh entre 0,0385 kWh et 0,1540 kWh") {
		t.Errorf("in French: %q", got)
	}
}

func TestHoursAreShownWhateverIsMissing(t *testing.T) {
	for name, points := range map[string]func(w *world) []collector.Point{
		"nothing at all": func(*world) []collector.Point { return nil },
		"zero energy": func(w *world) []collector.Point {
			return []collector.Point{joules(w, 1, 1, "model-class", "machine", 0, 3600)}
		},
		"only a processor": func(w *world) []collector.Point { return []collector.Point{joules(w, 1, 1, "rapl", "cpu", 4, 3600)} },
		"simulated": func(w *world) []collector.Point {
			p := joules(w, 1, 1, "rapl", "machine", 4, 3600)
			for i := range p.Tags {
				if p.Tags[i].Name == "simulated" {
					p.Tags[i].Value = "yes"
				}
			}
			return []collector.Point{p}
		},
	} {
		w := hourly()
		w.points = points(w)
		d := w.hours(t)
		if name == "nothing at all" && !strings.Contains(text(d.Find("main")), "No machine of this site has sent an hourly record") {
			t.Errorf("%s: %s", name, text(d.Find("main")))
		}
		if (d.Find(".notice").Length() == 1) != (name == "simulated") {
			t.Errorf("%s: %s", name, text(d.Find(".notice")))
		}
	}
}
