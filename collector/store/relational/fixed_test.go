package relational_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// monthsOf is a place of a site in a month, with two days of n machines.
func monthsOf(t *testing.T, site int64, class string, month collector.Month, n int) collector.PlaceMonth {
	t.Helper()
	m := collector.PlaceMonth{Place: collector.Place{Site: site, Group: 3, Class: class, Use: "individual"}, Month: month}
	for _, day := range []collector.Date{"-02", "-17"} {
		var sum collector.Sum
		sum.AddRecord(record(collector.Date(month)+day, collector.WholeDay, 600))
		sum.Days = int64(n)
		if err := m.Add(collector.Cell{Date: collector.Date(month) + day, Place: m.Place, Machines: n, Top: 1_000, Sum: sum}); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// offices is a store with a site of one organisation and two of another.
func offices(t *testing.T, at place) (s *relational.Store, sites [3]collector.Site) {
	t.Helper()
	s = at.open(t)
	return s, [3]collector.Site{site(t, s, "Région", "Lycée"), site(t, s, "Ville", "Mairie"), site(t, s, "Ville", "École")}
}

func TestAMonthIsFixedOnceAndReadAsItWas(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s, sites := offices(t, at)
		region, town := sites[0].Organisation, sites[1].Organisation
		fix := func(organisation int64, month collector.Month, rows ...collector.PlaceMonth) error {
			return s.Fix(t.Context(), organisation, month, "2026-12-08", rows)
		}
		first := []collector.PlaceMonth{monthsOf(t, sites[0].ID, "desktop", "2026-10", 7), monthsOf(t, sites[0].ID, "laptop", "2026-10", 2)}
		second := []collector.PlaceMonth{monthsOf(t, sites[0].ID, "desktop", "2026-11", 9)}
		if err := errors.Join(fix(region, "2026-10", first...), fix(region, "2026-11", second...)); err != nil {
			t.Fatal(err)
		}
		if err := fix(region, "2026-10", second...); !errors.Is(err, collector.ErrExists) {
			t.Errorf("fixed again: %v", err)
		}
		for what, err := range map[string]error{
			"a site of another":       fix(town, "2026-10", monthsOf(t, sites[1].ID, "desktop", "2026-10", 5), monthsOf(t, sites[0].ID, "desktop", "2026-10", 5)),
			"figures of another time": fix(town, "2026-10", monthsOf(t, sites[1].ID, "desktop", "2026-09", 5)),
			"no figures":              fix(town, "2026-10"),
			"no month":                fix(town, "October", monthsOf(t, sites[1].ID, "desktop", "2026-10", 5)),
		} {
			if err == nil {
				t.Errorf("%s is fixed", what)
			}
		}
		got := func(organisation int64, from, to collector.Month) []collector.PlaceMonth {
			t.Helper()
			rows, err := s.Figures().Months(t.Context(), organisation, from, to)
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		if rows := got(region, "2026-10", "2026-10"); !reflect.DeepEqual(rows, first) {
			t.Errorf("October is %+v; want %+v", rows, first)
		}
		if rows := got(region, "2020-01", "2030-01"); !reflect.DeepEqual(rows, append(first, second...)) {
			t.Errorf("all is %+v", rows)
		}
		if rows := append(got(town, "2020-01", "2030-01"), got(region, "2026-12", "2030-01")...); rows != nil {
			t.Errorf("of nobody: %+v", rows)
		}
		run, err := s.Finish(t.Context(), collector.Run{}, collector.Horizon{GroupMonths: "2026-11"})
		if err != nil || run.Deleted != (collector.Deleted{GroupMonths: 2}) || !reflect.DeepEqual(got(region, "2020-01", "2030-01"), second) {
			t.Errorf("after six years: %+v, %v", run, err)
		}
		if f := at.found(t); f.Problems != nil || f.RollUps != 1 {
			t.Errorf("%+v", f)
		}
	})
}

func TestTheDatabaseItselfRefusesToChangeAMonthThatWasFixed(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s, sites := offices(t, at)
		if err := s.Fix(t.Context(), sites[0].Organisation, "2026-10", "2026-12-08", []collector.PlaceMonth{monthsOf(t, sites[0].ID, "desktop", "2026-10", 7)}); err != nil {
			t.Fatal(err)
		}
		only := map[string]string{
			"sqlite":   "REPLACE INTO fixed_month SELECT organisation, month, place, class, days, x'00' FROM fixed_month",
			"postgres": "INSERT INTO fixed_month SELECT * FROM fixed_month ON CONFLICT (organisation, month, place, class) DO UPDATE SET days = '\\x00'",
		}
		for _, statement := range []string{
			"UPDATE fixed SET month = month - 1",
			"UPDATE fixed_month SET class = 'laptop'",
			"INSERT INTO fixed_month SELECT organisation, month, place, 'laptop', days, body FROM fixed_month",
			only[at.engine.name],
		} {
			if err := at.raw(t, statement); err == nil || !strings.Contains(err.Error(), "does not change") {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if err := at.raw(t, "CREATE TABLE copy AS SELECT * FROM fixed_month"); err != nil {
			t.Fatal(err)
		}
		// What only a damaged disk, or somebody who means it, can do is found.
		for what, x := range map[string]struct{ statement, undo, problem string }{
			"a number of machines": {
				"UPDATE fixed_month SET days = substr(days, 1, 5) || " + at.bytes(2) + " || substr(days, 7)", "UPDATE fixed_month SET days = (SELECT days FROM copy)", "not as it was written",
			},
			"an organisation": {"UPDATE fixed_month SET organisation = 2", "UPDATE fixed_month SET organisation = 1", "not as it was written"},
			"no figures":      {"DELETE FROM fixed_month", "INSERT INTO fixed_month SELECT * FROM copy", "figures are missing"},
			"no mark":         {"DELETE FROM fixed", "INSERT INTO fixed SELECT 1, month, '2026-12-08' FROM copy", "its place is missing, or that it was fixed"},
		} {
			if err := at.forced(t, x.statement); err != nil {
				t.Fatal(what, err)
			}
			if f := at.found(t); len(f.Problems) == 0 || !strings.Contains(strings.Join(f.Problems, "\n"), x.problem) {
				t.Errorf("%s: %+v", what, f)
			}
			if err := at.forced(t, x.undo); err != nil {
				t.Fatal(what, err)
			}
		}
		if f := at.found(t); f.Problems != nil {
			t.Errorf("and when all is as it was: %+v", f)
		}
	})
}

func TestOpenMonthsAreThoseWithCellsThatAreNotFixed(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s, sites := offices(t, at)
		if open, err := s.OpenMonths(t.Context()); err != nil || open != nil {
			t.Errorf("of nothing: %+v, %v", open, err)
		}
		cell := func(site collector.Site, date collector.Date) collector.Cell {
			return collector.Cell{Date: date, Place: collector.Place{Site: site.ID, Class: "laptop", Use: "individual"}, Machines: 1}
		}
		for date, cells := range map[collector.Date][]collector.Cell{
			"2026-09-30": {cell(sites[0], "2026-09-30")},
			"2026-10-01": {cell(sites[0], "2026-10-01"), cell(sites[2], "2026-10-01")},
			"2026-12-31": {cell(sites[1], "2026-12-31")},
		} {
			if err := s.PutDay(t.Context(), date, cells); err != nil {
				t.Fatal(err)
			}
		}
		region, town := sites[0].Organisation, sites[1].Organisation
		ours, theirs := []int64{sites[0].ID}, []int64{sites[1].ID, sites[2].ID}
		want := []collector.OpenMonth{
			{Organisation: region, Month: "2026-09", Sites: ours},
			{Organisation: region, Month: "2026-10", Sites: ours},
			{Organisation: town, Month: "2026-10", Sites: theirs},
			{Organisation: town, Month: "2026-12", Sites: theirs},
		}
		if open, err := s.OpenMonths(t.Context()); err != nil || !reflect.DeepEqual(open, want) {
			t.Errorf("%+v, %v; want %+v", open, err, want)
		}
		if err := s.Fix(t.Context(), region, "2026-10", "2026-12-08", []collector.PlaceMonth{monthsOf(t, sites[0].ID, "laptop", "2026-10", 1)}); err != nil {
			t.Fatal(err)
		}
		if open, err := s.OpenMonths(t.Context()); err != nil || !reflect.DeepEqual(open, append(want[:1:1], want[2:]...)) {
			t.Errorf("%+v, %v", open, err)
		}
		found := 0
		for c, err := range s.Figures().Cells(t.Context(), town, "2026-10-01", "2026-12-31") {
			if err != nil || c.Site == sites[0].ID {
				t.Errorf("%+v, %v", c, err)
			}
			found++
		}
		for _, err := range s.Figures().Cells(t.Context(), town, "yesterday", "2026-12-31") {
			if err == nil {
				t.Error("yesterday is a date")
			}
		}
		if found != 2 {
			t.Errorf("%d cells; want 2", found)
		}
	})
}

func TestMachinesOfPersonsAreHeardOfInALaterMonth(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s, sites := offices(t, at)
		put := func(month collector.Month, machines map[int64]collector.Place) {
			t.Helper()
			var rows []collector.MachineMonth
			for n, p := range machines {
				rows = append(rows, collector.MachineMonth{Machine: n, Month: month, Place: p})
			}
			if err := s.PutMonths(t.Context(), month, 1, 100, rows); err != nil {
				t.Fatal(err)
			}
		}
		ours := collector.Place{Site: sites[0].ID, Class: "laptop", Use: "individual"}
		shared, theirs, elsewhere := ours, ours, ours
		shared.Use, theirs.Site, elsewhere.Group = "shared", sites[1].ID, 4
		put("2026-08", map[int64]collector.Place{9: ours})
		put("2026-09", map[int64]collector.Place{1: ours, 2: ours, 3: ours, 4: shared, 5: theirs})
		put("2026-10", map[int64]collector.Place{2: elsewhere, 3: ours, 6: ours, 4: shared, 5: theirs})
		put("2026-11", map[int64]collector.Place{1: shared, 6: ours, 4: shared, 5: theirs})
		put("2026-12", map[int64]collector.Place{3: ours, 9: ours})
		for month, want := range map[collector.Month][2]int{"2026-10": {4, 3}, "2026-09": {4, 4}, "2026-12": {3, 0}, "2027-05": {0, 0}} {
			if machines, heard, err := s.Heard(t.Context(), sites[0].Organisation, month); err != nil || [2]int{machines, heard} != want {
				t.Errorf("%s: %d machines, %d heard of, %v; want %v", month, machines, heard, err, want)
			}
		}
	})
}
