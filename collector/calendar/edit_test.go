package calendar_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/calendar"
)

func show(c collector.Calendar) string {
	var lines []string
	for _, x := range c.Closures {
		lines = append(lines, fmt.Sprint(x.From, "/", x.To, " ", x.Name, " ", x.Source))
	}
	for _, d := range c.Reopened {
		lines = append(lines, fmt.Sprint(d.From, "/", d.To, " open"))
	}
	return strings.Join(lines, ", ")
}

func TestWhatIsTypedLaterTakesThePlaceOfWhatWasTypedBefore(t *testing.T) {
	c := collector.Calendar{Territory: calendar.None}
	var err error
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error {
			c, err = calendar.Close(c, days("2026-12-24", "2027-01-03"), "Fin  d'année\n")
			return err
		}, "2026-12-24/2027-01-03 Fin d'année typed"},
		{func() error { c, err = calendar.Close(c, days("2026-12-31", "2027-01-01"), "Fête"); return err }, "2026-12-24/2026-12-30 Fin d'année typed, 2026-12-31/2027-01-01 Fête typed, 2027-01-02/2027-01-03 Fin d'année typed"},
		{func() error { c, err = calendar.Reopen(c, "", days("2026-12-28", "2027-01-02")); return err }, "2026-12-24/2026-12-27 Fin d'année typed, 2027-01-03/2027-01-03 Fin d'année typed"},
		{func() error { c, err = calendar.Reopen(c, "", days("2026-12-01", "2026-12-20")); return err }, "error"},
		{func() error { c, err = calendar.Close(c, days("2026-12-24", "2025-12-24"), "x"); return err }, "error"},
	} {
		before := show(c)
		err := step.do()
		if want := step.want; (want == "error") != (err != nil) || want != "error" && show(c) != want || want == "error" && show(c) != before {
			t.Fatalf("%s, %v; want %s", show(c), err, want)
		}
	}
	if _, err := calendar.Reopen(c, "", days("2026-12-01", "2026-12-20")); !errors.Is(err, calendar.ErrOpen) {
		t.Errorf("open days reopened: %v, want ErrOpen", err)
	}
}

func TestWhatIsReopenedStaysOpenWhenTheSourceIsImportedAgain(t *testing.T) {
	summer := []collector.Closure{{Days: days("2027-07-03", "2027-08-31"), Name: "Été"}}
	c, kept, _, err := calendar.Replace(collector.Calendar{Territory: calendar.None}, "zone A", summer)
	if err != nil || kept != 0 {
		t.Fatal(kept, err)
	}
	if c, err = calendar.Reopen(c, "", days("2027-07-05", "2027-07-09")); err != nil {
		t.Fatal(err)
	}
	if c, err = calendar.Reopen(c, "", days("2027-07-08", "2027-07-10")); err != nil {
		t.Fatal(err)
	}
	if c, _, _, err = calendar.Replace(c, "zone A", summer); err != nil {
		t.Fatal(err)
	}
	if got, want := show(c), "2027-07-03/2027-08-31 Été zone A, 2027-07-05/2027-07-10 open"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	closed, err := calendar.Closed(c, "", "2027-01-01", "2027-12-31")
	if err != nil || len(closed) != 2 || closed[0].To != "2027-07-04" || closed[1].From != "2027-07-11" {
		t.Errorf("%+v, %v", closed, err)
	}
	if c, err = calendar.Close(c, days("2027-07-07", "2027-07-07"), "Pont"); err != nil {
		t.Fatal(err)
	}
	if got, want := show(c), "2027-07-03/2027-08-31 Été zone A, 2027-07-07/2027-07-07 Pont typed, 2027-07-05/2027-07-06 open, 2027-07-08/2027-07-10 open"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestImportingAgainReplacesThatSourceAndKeepsThePast(t *testing.T) {
	c := collector.Calendar{Closures: []collector.Closure{
		{Days: days("2025-10-18", "2025-11-02"), Name: "Toussaint", Source: "zone A"},
		{Days: days("2026-10-17", "2026-11-02"), Name: "Toussaint, with a mistake", Source: "zone A"},
		{Days: days("2026-10-17", "2026-11-01"), Name: "Arrêt", Source: "closures.ics"},
		typed("2026-11-12", "2026-11-13", "Pont"),
	}}
	before := show(c)
	next, kept, out, err := calendar.Replace(c, "zone A", []collector.Closure{
		{Days: days("2026-12-19", "2027-01-03"), Name: "Noël"}, {Days: days("2026-10-17", "2026-11-01"), Name: "Toussaint"},
	})
	want := "2025-10-18/2025-11-02 Toussaint zone A, 2026-10-17/2026-11-01 Arrêt closures.ics, 2026-10-17/2026-11-01 Toussaint zone A, " +
		"2026-11-12/2026-11-13 Pont typed, 2026-12-19/2027-01-03 Noël zone A"
	if err != nil || kept != 1 || out != 1 || show(next) != want {
		t.Errorf("%s, kept %d, taken out %d, %v\nwant %s", show(next), kept, out, err, want)
	}
	if show(c) != before {
		t.Errorf("the calendar that was given is changed: %s", show(c))
	}
	if got := calendar.Sources(next); !reflect.DeepEqual(got, []string{"closures.ics", "typed", "zone A"}) {
		t.Errorf("sources %v", got)
	}
	if left, n := calendar.Forget(next, "zone A"); n != 3 || strings.Contains(show(left), "zone A") {
		t.Errorf("forgot %d, left %s", n, show(left))
	}
	for _, source := range []string{"", collector.Typed, "a\nb"} {
		if _, _, _, err := calendar.Replace(c, source, next.Closures); err == nil {
			t.Errorf("source %q was accepted", source)
		}
	}
	if _, _, _, err := calendar.Replace(c, "x", nil); err == nil {
		t.Error("nothing was imported, without an error")
	}
}

func TestAPastYearIsImportedBesideTheNextOne(t *testing.T) {
	next := []collector.Closure{{Days: days("2026-10-17", "2026-11-01"), Name: "Toussaint"}, {Days: days("2027-02-13", "2027-02-28"), Name: "Hiver"}}
	past := []collector.Closure{{Days: days("2025-10-18", "2025-11-02"), Name: "Toussaint"}, {Days: days("2026-07-04", "2026-08-31"), Name: "Été"}}
	c, kept, out, err := calendar.Replace(collector.Calendar{}, "zone A", next)
	if err != nil || kept != 0 || out != 0 {
		t.Fatal(kept, out, err)
	}
	want := "2025-10-18/2025-11-02 Toussaint zone A, 2026-07-04/2026-08-31 Été zone A, 2026-10-17/2026-11-01 Toussaint zone A, 2027-02-13/2027-02-28 Hiver zone A"
	if c, kept, out, err = calendar.Replace(c, "zone A", past); err != nil || kept != 2 || out != 0 || show(c) != want {
		t.Errorf("the past year after the next: %s, kept %d, taken out %d, %v\nwant %s", show(c), kept, out, err, want)
	}
	// A closure that begins among the new ones and ends after them is one of theirs, shorter now.
	want = "2025-10-18/2025-11-02 Toussaint zone A, 2026-07-04/2026-08-29 Été zone A, 2026-10-17/2026-11-01 Toussaint zone A, 2027-02-13/2027-02-28 Hiver zone A"
	if c, kept, out, err = calendar.Replace(c, "zone A", []collector.Closure{{Days: days("2026-07-04", "2026-08-29"), Name: "Été"}}); err != nil || kept != 3 || out != 1 || show(c) != want {
		t.Errorf("%s, kept %d, taken out %d, %v\nwant %s", show(c), kept, out, err, want)
	}
}
