package victoria_test

import (
	"fmt"
	"testing"
	"time"

	"veille/collector"
)

// What the documentation tells people to ask: hours at their beginnings, days at their ends, dates at 00:00 UTC, whatever the versions.
func TestQueriesOfTheDocumentationGiveTheFiguresOfTheNewestVersions(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	day := today()
	var points []collector.Point
	perHour, total := map[time.Time]float64{}, 0.0
	for h := -3; h < 27; h++ { // the hours around the day are not in it
		at := day.Add(time.Duration(h) * time.Hour)
		for machine := range 3 {
			wh := float64((h+4)*10 + machine)
			points = append(points, energy(at, machine+1, 0, 4000), energy(at, machine+1, 1800, 5000), energy(at, machine+1, 3000+h*10, wh))
			perHour[at] += wh
			if h >= 0 && h < 24 {
				total += wh
			}
		}
	}
	date := collector.Point{Measurement: collector.DayEnergy, Time: day, Fields: collector.Fields{"wh": 77}, Tags: collector.NewTags(collector.Tag{Name: "site", Value: "1"})}
	old := date
	old.Fields, old.Time = collector.Fields{"wh": 88}, day.AddDate(0, 0, -1)
	put(t, s, append(points, date, old)...)
	flush(t, node)

	hours := `sum(last_over_time(hour_energy_wh{db="veille"}[1h] offset -3599999ms))`
	for _, step := range []string{"1h", "3h"} {
		got := query(t, node, hours, day, day.Add(23*time.Hour), step)
		if len(got) == 0 {
			t.Error("nothing")
		}
		for at, x := range got {
			if x != perHour[at] {
				t.Errorf("step %s: the hour of %v has %v Wh, want %v", step, at, x, perHour[at])
			}
		}
	}
	sum := `sum(sum_over_time((last_over_time(hour_energy_wh{db="veille"}[1h] offset -3599999ms))[1d:1h]))`
	end := day.AddDate(0, 0, 1).Add(-time.Millisecond)
	if got := query(t, node, sum, end, end, "")[end]; got != total {
		t.Errorf("the day has %v Wh, want %v", got, total)
	}
	// A panel of days asks at whole days: the same, shifted so that each stands at its 00:00 UTC.
	days := `sum(sum_over_time((last_over_time(hour_energy_wh{db="veille"}[1h] offset -3599999ms))[1d:1h] offset -86399999ms))`
	if got := query(t, node, days, day, day, "1d")[day]; got != total {
		t.Errorf("the day in a panel has %v Wh, want %v", got, total)
	}
	for at, want := range map[time.Time]float64{day: 77, day.AddDate(0, 0, -1): 88} {
		if got := query(t, node, `sum(last_over_time(day_energy_wh{db="veille"}[1d] offset -86399999ms))`, at, at, "1d")[at]; got != want {
			t.Errorf("the date %v has %v Wh, want %v", at, got, want)
		}
	}
	// What not to ask: each version counts.
	if got := query(t, node, `sum(sum_over_time(hour_energy_wh{db="veille"}[1d]))`, end, end, "")[end]; got == total {
		t.Error("versions do not matter, and the documentation says they do")
	}
}

// What each correction of a date leaves behind, and what that does to questions of people's own.
func TestADateThatWasCorrectedFiveTimesHasSixSamplesOfWhichTheLastCounts(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	date := today().AddDate(0, 0, -10)
	for i, wh := range []float64{9, 4, 7, 2, 5, 3} { // as they are sent, one after the other
		put(t, s, collector.Point{
			Measurement: collector.DayEnergy, Time: date, Version: 100 + i, Fields: collector.Fields{"wh": wh}, Tags: collector.NewTags(collector.Tag{Name: "site", Value: "1"}),
		})
	}
	flush(t, node)
	end := date.AddDate(0, 0, 1).Add(-time.Millisecond)
	for function, want := range map[string]float64{"last_over_time": 3, "count_over_time": 6, "sum_over_time": 30, "max_over_time": 9, "avg_over_time": 5} {
		if got := query(t, node, function+`(day_energy_wh{db="veille"}[1d])`, end, end, "")[end]; got != want {
			t.Errorf("%s is %v, want %v", function, got, want)
		}
	}
	at := date.AddDate(0, 0, 1) // a metric without a function is its last sample, too
	if got := query(t, node, `day_energy_wh{db="veille"}`, date, at, "1d"); len(got) != 1 || got[at] != 3 {
		t.Errorf("without a function it is %v, want 3", got)
	}
	q := collector.Query{Measurement: collector.DayEnergy, From: date, To: at}
	if got := get(t, s, q); len(got) != 1 || got[0].Fields["wh"] != 3 {
		t.Errorf("the store has %v, want 3 Wh", got)
	}
}

func TestATallyIsThatOfTheNewestVersionsToTheLastDigit(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	day := today()
	put(t, s,
		energy(day, 1, 1800, 9), energy(day, 1, 3600, 0.1), energy(day.Add(23*time.Hour), 1, 3600, 1e-9), energy(day.Add(23*time.Hour), 2, 10, 1e18),
		energy(day.AddDate(0, 0, 1), 1, 3600, 1.0/3), energy(day.AddDate(0, 0, -1).Add(23*time.Hour), 1, 3600, 4), energy(day.AddDate(0, 0, 2), 1, 1, 2))
	q := hourly(day, 2)
	got, err := s.Tally(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprint([]collector.Tally{
		{Day: collector.DateOf(day), Points: 3, Sums: map[string]float64{"wh": 0.1 + 1e-9 + 1e18, "covered_s": 7210}},
		{Day: collector.DateOf(day.AddDate(0, 0, 1)), Points: 1, Sums: map[string]float64{"wh": 1.0 / 3, "covered_s": 3600}},
	})
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	q.Tags = collector.NewTags(collector.Tag{Name: "machine", Value: "2"})
	if got, err := s.Tally(t.Context(), q); err != nil || len(got) != 1 || got[0].Points != 1 {
		t.Error(got, err)
	}
	q.From, q.To = time.Time{}, time.Now().AddDate(200, 0, 0)
	q.Tags = nil
	if got, err := s.Tally(t.Context(), q); err != nil || len(got) != 4 {
		t.Error(got, err)
	}
	q.From, q.To = day, day.Add(time.Hour) // part of a day
	if got, err := s.Tally(t.Context(), q); err != nil || len(got) != 1 || got[0].Points != 1 || got[0].Sums["wh"] != 0.1 {
		t.Error(got, err)
	}
}
