package victoria_test

import (
	"testing"
	"time"

	"veille/collector"
)

func machine(n string) collector.Tags {
	return collector.NewTags(collector.Tag{Name: "machine", Value: n})
}

// ever asks for all hours of all time.
func ever(tags collector.Tags) collector.Query {
	return collector.Query{Measurement: collector.HourEnergy, Tags: tags, To: time.Now().AddDate(100, 0, 0)}
}

func TestAnErasedMachineDoesNotComeBackAndOthersAreWhole(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	at := today()
	var one, others []collector.Point
	for h := range 24 {
		one = append(one, energy(at.Add(time.Duration(h)*time.Hour), 1, h, 1.0/float64(h+3)))
		others = append(others, energy(at.Add(time.Duration(h)*time.Hour), 11, h, 2), energy(at.Add(time.Duration(h)*time.Hour), 12, h, 1.0/7))
	}
	one = append(one, energy(at.AddDate(0, -2, 0), 1, 7, 1)) // of another month
	put(t, s, one...)
	put(t, s, others...)
	if err := s.Delete(t.Context(), ever(machine("1"))); err != nil { // at once, before it can be read
		t.Fatal(err)
	}
	want(t, s, ever(machine("1")))
	want(t, s, ever(nil), others...)
	put(t, s, others...) // sent again, as an outbox does
	want(t, s, ever(machine("1")))
	want(t, s, ever(nil), others...)
	s = again(t, node)
	want(t, s, ever(machine("1")))
	want(t, s, ever(nil), others...)
}

func TestWhatWasDeletedCanBeWrittenAgainAtOnce(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	p, other := energy(today(), 1, 9, 1.0/3), energy(today(), 2, 9, 5)
	for range 5 {
		put(t, s, p, other)
		want(t, s, ever(nil), p, other)
		if err := s.Delete(t.Context(), ever(machine("1"))); err != nil {
			t.Fatal(err)
		}
		put(t, s, p)
		want(t, s, ever(nil), p, other)
		if err := s.Delete(t.Context(), ever(machine("1"))); err != nil {
			t.Fatal(err)
		}
		want(t, s, ever(nil), other)
	}
	put(t, s, p)
	s = again(t, node)
	want(t, s, ever(nil), p, other)
}

func TestMonthsBeforeAHorizonAreDeletedAndTheMonthItCutsWhereAllOfASeriesIsBefore(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	first := time.Date(today().Year(), today().Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -1, 0) // of last month
	old, older := energy(first.Add(-time.Hour), 1, 5, 1), energy(first.AddDate(0, -1, 0), 1, 5, 2)
	gone := energy(first.AddDate(0, 0, 2), 2, 5, 3)                                                     // a machine that has only this
	left, kept := energy(first.AddDate(0, 0, 2), 1, 5, 1.0/3), energy(first.AddDate(0, 0, 20), 1, 6, 5) // one that goes on
	versioned := gone
	versioned.Version, versioned.Tags = 3600, collector.NewTags(append(gone.Tags, collector.Tag{Name: "version", Value: "x"})...)
	versioned.Time = first.AddDate(0, 0, 21) // and one whose tags are the same, and one more
	put(t, s, old, older, gone, left, kept, versioned)
	q := ever(nil)
	q.To = first.AddDate(0, 0, 10)
	if err := s.Delete(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	want(t, s, ever(nil), left, kept, versioned) // left is there for up to 31 days more
	q.To = first.AddDate(0, 1, 0)
	if err := s.Delete(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	want(t, s, ever(nil))
}

func TestSeriesOfYearsAreDeletedWhenAllOfThemLieInTheQuery(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	score := func(at time.Time, url string) collector.Point {
		return collector.Point{Measurement: collector.PageScore, Time: at, Fields: collector.Fields{"score": 1.0 / 3}, Tags: collector.NewTags(collector.Tag{Name: "url", Value: url})}
	}
	from := today().Add(time.Hour)
	before, in, after := score(from.Add(-time.Millisecond), "a"), score(from, "a"), score(from.Add(time.Hour), "b")
	alone, late := score(from.Add(59*time.Minute), "c"), score(from.Add(time.Hour-time.Millisecond), "b")
	put(t, s, before, in, after, alone, late)
	q := collector.Query{Measurement: collector.PageScore, From: from, To: from.Add(time.Hour)}
	if err := s.Delete(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	want(t, s, collector.Query{Measurement: collector.PageScore, To: time.Now()}, before, in, late, after)
	q.To = q.From // nothing at all
	if err := s.Delete(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

func TestADayThatVanishedIsDeletedWithItsSeriesAndWithNoOther(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	first := today().AddDate(-1, 0, 0)
	place := func(days int, more ...collector.Tag) collector.Point {
		tags := append(more, collector.Tag{Name: "site", Value: `a"\1`}, collector.Tag{Name: "use", Value: "shared"})
		return collector.Point{
			Measurement: collector.DaySeconds, Time: first.AddDate(0, 0, days), Version: 100, Tags: collector.NewTags(tags...),
			Fields: collector.Fields{"on": 3600, "machines": 1.0 / 3},
		}
	}
	group, part := collector.Tag{Name: "group", Value: "1"}, collector.Tag{Name: "part", Value: "open"}
	vanished, kept := []collector.Point{place(0), place(1), place(300)}, []collector.Point{place(0, group), place(0, part), place(1, group), place(300, part)}
	other := place(0) // of another measurement
	other.Measurement = collector.MonthSeconds
	put(t, s, append(append(vanished, kept...), other)...)
	all := collector.Query{Measurement: collector.DaySeconds, To: time.Now()}
	day := collector.Query{Measurement: collector.DaySeconds, From: first.AddDate(0, 0, 1), To: first.AddDate(0, 0, 2)}
	if err := s.Delete(t.Context(), day); err != nil {
		t.Fatal(err)
	}
	want(t, s, day, kept[2], vanished[1]) // its series have other days
	for range 2 {                         // the second time there is nothing
		if err := s.DeleteSeries(t.Context(), collector.DaySeconds, []collector.Tags{vanished[0].Tags}); err != nil {
			t.Fatal(err)
		}
		want(t, s, all, kept...)
	}
	put(t, s, vanished[0], vanished[2]) // at once, under the versions that they had
	sent := []collector.Point{kept[0], kept[1], vanished[0], kept[2], kept[3], vanished[2]}
	want(t, s, all, sent...)
	s = again(t, node)
	want(t, s, all, sent...)
	want(t, s, collector.Query{Measurement: collector.MonthSeconds, To: time.Now()}, other)
}
