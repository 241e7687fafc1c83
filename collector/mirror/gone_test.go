package mirror_test

import (
	"slices"
	"testing"
	"time"

	"veille/collector"
)

func TestWhatMetersSaidLongAgoIsNotBroughtToDestinationsThatDeleteIt(t *testing.T) {
	said := func(days int) collector.Point {
		return collector.Point{Measurement: collector.MeterEnergy, Time: now().AddDate(0, 0, -days)}
	}
	l := &ledger{posts: []collector.MeterPost{{ID: 1, Points: []collector.Point{said(120), said(90)}}, {ID: 2, Points: []collector.Point{said(91), said(88), said(0)}}}}
	points, _, upTo, err := mirrorOf(l).Next(t.Context(), collector.StreamMeters, 0)
	if err != nil || upTo != 2 || len(points) != 2 {
		t.Errorf("%+v up to %d, %v; want those that are kept there, and all to be followed", points, upTo, err)
	}
}

func TestOfTwoReadingsOfADayOfAMeterTheLaterOneCounts(t *testing.T) {
	day := collector.Point{Measurement: collector.DayMeter, Time: now().Truncate(24*time.Hour).AddDate(0, 0, -2), Tags: collector.Tags{{Name: "meter", Value: "1"}}, Fields: collector.Fields{"wh": 1}}
	m := mirrorOf(&ledger{meters: []collector.Point{day}})
	before := points(t, m, collector.DayMeter, collector.DateOf(day.Time))
	m.Now = func() time.Time { return now().Add(time.Hour) }
	after := points(t, m, collector.DayMeter, collector.DateOf(day.Time))
	if len(before) != 1 || len(after) != 1 || after[0].Version <= before[0].Version {
		t.Errorf("%+v, then %+v", before, after)
	}
}

func TestWhatIsGoneIsDeletedFromAllMeasurementsThatHaveItWhateverTheTime(t *testing.T) {
	m := mirrorOf(&ledger{gone: []collector.Tombstone{
		{ID: 5, Gone: collector.GoneMachine, Number: 87}, {ID: 6, Gone: collector.GoneMachine, Number: 88}, {ID: 9, Gone: collector.GoneWebsite, Number: 87},
	}})
	points, deletes, upTo, err := m.Next(t.Context(), collector.StreamErased, 0)
	if err != nil || upTo != 9 || len(points) != 0 {
		t.Fatalf("%+v, %+v up to %d, %v", points, deletes, upTo, err)
	}
	var of []string
	for _, q := range deletes {
		of = append(of, string(q.Measurement)+" "+q.Tags[0].Name+" "+q.Tags[0].Value)
		if q.From.Unix() > 0 || q.To.Year() < 2100 || len(q.Tags) != 1 {
			t.Errorf("%+v", q)
		}
	}
	want := []string{
		"hour_energy machine 87", "hour_seconds machine 87", "hour_energy machine 88", "hour_seconds machine 88", "page_score website 87", "site_score website 87",
	}
	if !slices.Equal(of, want) {
		t.Errorf("deletes %q", of)
	}
	if _, _, _, err := m.Next(t.Context(), "x", 0); err == nil {
		t.Error("a stream that is not there has something")
	}
	if err := m.Points(t.Context(), "x", "2026-05-10", nil); err == nil {
		t.Error("a measurement that is not there has something")
	}
}

func TestAMachineThatIsSharedAgainIsDeletedAndWrittenAnewAsItIs(t *testing.T) {
	l := &ledger{}
	hour := func(machine int64, date collector.Date, hour int) {
		l.changes = append(l.changes, collector.Change{
			Revision: int64(len(l.changes) + 1), Machine: machine, Site: collector.Site{ID: 1, TimeZone: "Europe/Paris"},
			Record: collector.Record{Date: date, Hour: hour, LengthS: 3600, Use: "shared", Parts: []collector.Part{{Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: 3600}}}},
		})
	}
	hour(87, "2026-05-19", 9)
	hour(87, "2026-01-01", 9) // which destinations have deleted by themselves
	hour(88, "2026-05-19", 9)
	for n := range 3000 {
		hour(89, collector.DateOf(now().AddDate(0, 0, -n%60-1)), n%24)
	}
	for i, machine := range []int64{87, 90, 89, 89, 87} {
		l.gone = append(l.gone, collector.Tombstone{ID: int64(i + 1), Gone: collector.GoneMachine, Number: machine})
	}
	m := mirrorOf(l)
	points, deletes, upTo, err := m.Next(t.Context(), collector.StreamErased, 0)
	if err != nil || len(deletes) != 8 || upTo != 4 || len(points) != 1+2*3000 {
		t.Fatalf("%d points, %d deletes up to %d, %v; want no more at once than a machine beyond a batch", len(points), len(deletes), upTo, err)
	}
	if p := points[0]; p.Tags.Get("machine") != "87" || collector.DateOf(p.Time) != "2026-05-19" {
		t.Errorf("%+v", p)
	}
	points, deletes, upTo, err = m.Next(t.Context(), collector.StreamErased, upTo)
	if err != nil || len(deletes) != 2 || upTo != 5 || len(points) != 1 {
		t.Errorf("%d points, %d deletes up to %d, %v", len(points), len(deletes), upTo, err)
	}
}
