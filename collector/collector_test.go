package collector_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

func at(zone string, use collector.Use, r collector.Record) collector.Change {
	r.Use = use
	return collector.Change{Machine: 7, Site: collector.Site{ID: 3, TimeZone: zone}, Record: r}
}

func record(date collector.Date, hour int) collector.Record {
	return collector.Record{Date: date, Hour: hour, LengthS: 3600, Parts: []collector.Part{
		{Part: "open", LengthS: 1800, Seconds: collector.Seconds{On: 1800}, Energy: []collector.Energy{
			{Wh: 10, LowWh: 5, HighWh: 20, Method: "model-class", Scope: "machine", CoveredS: 1800},
			{Wh: 3, LowWh: 2.9, HighWh: 3.1, Method: "rapl", Scope: "cpu", CoveredS: 1800},
		}},
		{Part: "night", LengthS: 1800, Seconds: collector.Seconds{Off: 800, Unknown: 1000}},
	}}
}

func TestAnHourStandsAtTheMomentItBegan(t *testing.T) {
	for _, tt := range []struct {
		zone string
		date collector.Date
		hour int
		want string
	}{
		{"Europe/Paris", "2026-11-16", 9, "2026-11-16T08:00:00Z"},
		{"Europe/Paris", "2026-10-25", 2, "2026-10-25T00:00:00Z"}, // two o'clock, summer time
		{"Europe/Paris", "2026-10-25", 3, "2026-10-25T01:00:00Z"}, // two o'clock again, winter time
		{"Europe/Paris", "2026-10-25", 24, "2026-10-25T22:00:00Z"},
		{"Europe/Paris", "2026-03-29", 2, "2026-03-29T01:00:00Z"},      // the clock shows three
		{"Pacific/Marquesas", "2026-11-16", 0, "2026-11-16T09:30:00Z"}, // nine and a half hours behind
		{"America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T03:00:00Z"}, // no clock showed midnight
		{"UTC", "2026-11-16", 0, "2026-11-16T00:00:00Z"},
	} {
		points, err := at(tt.zone, "server", record(tt.date, tt.hour)).Points()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range points {
			if got := p.Time.Format(time.RFC3339); got != tt.want {
				t.Errorf("hour %d of %s in %s is at %s, want %s", tt.hour, tt.date, tt.zone, got, tt.want)
			}
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
		}
		if len(points) != 4 {
			t.Errorf("%d points, want two of seconds and two of energy", len(points))
		}
	}
}

func TestWhatIsOfOnePersonHasNoPoint(t *testing.T) {
	for name, c := range map[string]collector.Change{
		"a day of a personal machine":   at("Europe/Paris", "individual", record("2026-11-16", collector.WholeDay)),
		"an hour of a personal machine": at("Europe/Paris", "individual", record("2026-11-16", 9)),
		"a day of a shared machine":     at("Europe/Paris", "shared", record("2026-11-16", collector.WholeDay)),
	} {
		if points, err := c.Points(); err != nil || len(points) != 0 {
			t.Errorf("%s: %+v, %v", name, points, err)
		}
	}
}

func TestARecordThatSupersedesAnotherSaysWhatIsGone(t *testing.T) {
	before, now := record("2026-11-16", 9), record("2026-11-16", 9)
	before.Use, now.Use = "shared", "server"
	now.Parts = now.Parts[1:] // the calendar has changed: the whole hour is night
	now.Parts[0].LengthS, now.Parts[0].Seconds = 3600, collector.Seconds{On: 3600}
	now.Parts[0].Energy = []collector.Energy{{Wh: 25, LowWh: 15, HighWh: 40, Method: "model-class", Scope: "machine", CoveredS: 3600}}
	both := now.Supersede(before)
	both = both.Supersede(both) // nothing is added twice
	points, err := collector.Change{Machine: 7, Site: collector.Site{ID: 3, TimeZone: "UTC"}, Record: both}.Points()
	if err != nil {
		t.Fatal(err)
	}
	sum, seconds := 0.0, 0.0
	for _, p := range points {
		if p.Tags.Get("use") != "shared" {
			t.Errorf("the point moved to use %s", p.Tags.Get("use"))
		}
		sum += p.Fields["wh"]
		seconds += p.Fields["on"] + p.Fields["off"] + p.Fields["unknown"]
	}
	if len(points) != 5 || sum != 25 || seconds != 3600 || both.CoveredS() != 3600 {
		t.Errorf("%d points, %v Wh, %v s, %d covered; want 5 (three of them nothing), 25, 3600, 3600", len(points), sum, seconds, both.CoveredS())
	}
}

func TestAPointThatAnEngineCouldNotKeepIsRefused(t *testing.T) {
	good := func() collector.Point {
		return collector.Point{
			Measurement: collector.HourEnergy, Time: time.Unix(1, 0), Fields: collector.Fields{"wh": 1},
			Tags: collector.NewTags(collector.Tag{Name: "b", Value: "2"}, collector.Tag{Name: "a", Value: "1"}),
		}
	}
	if p := good(); p.Validate() != nil || p.Tags[0].Name != "a" || p.Tags.Get("b") != "2" || p.Tags.Get("c") != "" {
		t.Errorf("%+v: %v", p, p.Validate())
	}
	for name, change := range map[string]func(*collector.Point){
		"no measurement": func(p *collector.Point) { p.Measurement = "" },
		"no moment":      func(p *collector.Point) { p.Time = time.Time{} },
		"no field":       func(p *collector.Point) { p.Fields = nil },
		"NaN":            func(p *collector.Point) { p.Fields["wh"] = math.NaN() },
		"infinite":       func(p *collector.Point) { p.Fields["wh"] = math.Inf(-1) },
		"tags unsorted":  func(p *collector.Point) { p.Tags[0], p.Tags[1] = p.Tags[1], p.Tags[0] },
		"a tag twice":    func(p *collector.Point) { p.Tags[1].Name = "a" },
		"an empty tag":   func(p *collector.Point) { p.Tags[1].Value = "" },
		"a separator":    func(p *collector.Point) { p.Tags[1].Value = "x\x1fy" },
	} {
		p := good()
		change(&p)
		if p.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestADateThatIsNoneIsAnError(t *testing.T) {
	if _, err := collector.Date("16/11/2026").Midnight(time.UTC); err == nil || !strings.Contains(err.Error(), "2006-01-02") {
		t.Errorf("got %v", err)
	}
	if _, err := (collector.Site{Name: "x", TimeZone: "Mars/Olympus"}).Zone(); err == nil {
		t.Error("a zone on Mars was accepted")
	}
}

func TestADayHasTheLengthItHasAtTheSite(t *testing.T) {
	for _, tt := range []struct {
		zone   string
		date   collector.Date
		hour   int
		length int // seconds
	}{
		{"Europe/Paris", "2026-11-16", collector.WholeDay, 86_400},
		{"Europe/Paris", "2026-03-29", collector.WholeDay, 82_800},
		{"Europe/Paris", "2026-10-25", collector.WholeDay, 90_000},
		{"Europe/Paris", "2026-10-25", 24, 3600},
		{"Europe/Paris", "2026-11-16", 24, 0},
		{"Europe/Paris", "2026-03-29", 23, 0},
		{"Atlantic/Azores", "2026-03-28", collector.WholeDay, 86_400}, // the clocks change at the midnight that ends it
		{"Atlantic/Azores", "2026-03-29", collector.WholeDay, 82_800},
		{"America/Santiago", "2026-09-05", collector.WholeDay, 86_400},
		{"America/Havana", "2026-03-07", collector.WholeDay, 86_400},
		{"Australia/Lord_Howe", "2026-04-05", 24, 1800},
		{"Pacific/Marquesas", "2026-11-16", 23, 3600},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := tt.date.Extent(tt.hour, zone); got != time.Duration(tt.length)*time.Second || err != nil {
			t.Errorf("%s, hour %d, in %s lasts %v, %v; want %d s", tt.date, tt.hour, tt.zone, got, err, tt.length)
		}
	}
}
