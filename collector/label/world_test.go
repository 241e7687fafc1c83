package label_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/label"
	"veille/collector/privacy"
)

// world is an organisation, 7, of which everything is known: the ledger of label and of privacy.
type world struct {
	today      collector.Date
	sites      []collector.Site
	groups     []collector.Group
	rows       []collector.PlaceMonth
	prices     []collector.Price
	factors    []collector.Factor
	targets    []collector.Target
	actions    []collector.Action
	baselines  []collector.Baseline
	equipment  []collector.Equipment
	quantities []collector.Quantity
	steps      []collector.Step
	evidence   []collector.Evidence
	remarks    []collector.Remark
	readings   []collector.Reading
	templates  []collector.Template
	fleet      *collector.Fleet
	snapshots  []collector.Snapshot
	asked      []privacy.Question // of the door
}

func (w *world) Organisations(context.Context) ([]collector.Responsible, error) {
	return []collector.Responsible{
		{Organisation: collector.Organisation{ID: 6, Name: "Autre"}},
		{Organisation: collector.Organisation{ID: 7, Name: "Région"}, SIREN: "233500016", Contact: "dpo@region.example"},
	}, nil
}

func (w *world) Sites(context.Context) ([]collector.Site, error) {
	return append([]collector.Site{{ID: 99, Organisation: 6, Name: "Ailleurs"}}, w.sites...), nil
}
func (w *world) Prices(context.Context, int64) ([]collector.Price, error)   { return w.prices, nil }
func (w *world) Factors(context.Context, int64) ([]collector.Factor, error) { return w.factors, nil }

func (w *world) Targets(context.Context, int64) ([]collector.Target, error) { return w.targets, nil }

func (w *world) Actions(context.Context, int64) ([]collector.Action, error) { return w.actions, nil }

func (w *world) Baselines(context.Context, int64) ([]collector.Baseline, error) {
	return w.baselines, nil
}

func (w *world) Equipment(context.Context, int64) ([]collector.Equipment, error) {
	return w.equipment, nil
}

func (w *world) Quantities(context.Context, int64) ([]collector.Quantity, error) {
	return w.quantities, nil
}
func (w *world) Steps(context.Context, int64) ([]collector.Step, error) { return w.steps, nil }
func (w *world) Evidence(context.Context, int64) ([]collector.Evidence, error) {
	return w.evidence, nil
}

func (w *world) Remarks(context.Context, int64) ([]collector.Remark, error) { return w.remarks, nil }

func (w *world) Readings(context.Context, int64) ([]collector.Reading, error) { return w.readings, nil }
func (w *world) Grids(context.Context, int64) ([]collector.Grid, error)       { return nil, nil }
func (w *world) Templates(context.Context, int64) ([]collector.Template, error) {
	return w.templates, nil
}
func (w *world) Websites(context.Context) ([]collector.Website, error) { return nil, nil }
func (w *world) WebRuns(context.Context, int64, time.Time) ([]collector.WebRun, error) {
	return nil, nil
}

func (w *world) Snapshots(context.Context, int64) ([]collector.Snapshot, error) {
	return w.snapshots, nil
}

func (w *world) Fleet(context.Context, int64) (collector.Fleet, error) {
	if w.fleet == nil {
		return collector.Fleet{}, collector.ErrNotFound
	}
	return *w.fleet, nil
}

func (w *world) Tree(_ context.Context, organisation int64) ([]collector.Site, []collector.Group, error) {
	if organisation != 7 {
		return nil, nil, nil
	}
	return w.sites, w.groups, nil
}

func (w *world) Months(_ context.Context, _ int64, from, to collector.Month) (rows []collector.PlaceMonth, err error) {
	for _, r := range w.rows {
		if r.Month >= from && r.Month <= to {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (w *world) Cells(context.Context, int64, collector.Date, collector.Date) iter.Seq2[collector.Cell, error] {
	return func(func(collector.Cell, error) bool) {}
}

func (w *world) MachineMonths(context.Context, int64, collector.Month) ([]collector.MachineMonth, error) {
	return nil, nil
}

func (w *world) Log(context.Context, collector.Entry) error { return nil }

// counting is a door that remembers what it was asked.
type counting struct {
	*privacy.Door
	w *world
}

func (c counting) Monthly(ctx context.Context, who *collector.User, q privacy.Question) ([]privacy.Answer, error) {
	c.w.asked = append(c.w.asked, q)
	return c.Door.Monthly(ctx, who, q)
}

func (w *world) maker() *label.Maker {
	today := func() collector.Date { return w.today }
	return label.New(w, counting{privacy.New(w, w, today), w}, today)
}

// officer may have reports of the organisation.
func officer() *collector.User {
	return &collector.User{ID: 1, Organisation: 7, Name: "officer", Roles: []collector.Role{collector.RoleOfficer}}
}

// lines are those that come from machines.
func lines() []string {
	return []string{
		"C1", "C2", "C3", "C4.high", "C4.medium", "C4.low", "C5.bytes", "C5.cpu", "U1", "U1.sleep", "U2", "U3", "U4.on", "U4.sleep", "U4.off", "U5",
		"E1", "E1n", "E2", "E3", "E4a", "E4b", "E5", "E6",
	}
}

// newWorld has two sites, a price, and a template, "mine", of all lines in two items.
func newWorld() *world {
	return &world{
		today: "2026-11-20",
		sites: []collector.Site{{ID: 1, Organisation: 7, Name: "Lycée A"}, {ID: 2, Organisation: 7, Name: "Lycée B"}},
		prices: []collector.Price{
			{Organisation: 7, From: "2020-01", EuroPerKWh: 0.1, Tax: "excluded"}, {Organisation: 7, From: "2024-01", EuroPerKWh: 0.2, Tax: "excluded"},
		},
		templates: []collector.Template{{Organisation: 7, ID: "mine", Version: "3", Text: templateOf(lines()...)}},
	}
}

func templateOf(lines ...string) string {
	return fmt.Sprintf(`id: mine
version: "3"
title: {fr: Essai, en: Trial}
source: {fr: Nous, en: Us}
themes:
  - id: T1
    title: {fr: Thème, en: Theme}
    items:
      - id: PA1
        title: {fr: Premier, en: First}
        points: []
        indicators: [%s]
        evidence: []
      - id: PA2
        title: {fr: Second, en: Second}
        points: []
        indicators: [%s]
        evidence: []
`, strings.Join(lines, ", "), strings.Join(lines[:1], ", "))
}

// share is how much of some hours machines are in each state, which add up to 1.
type share struct{ on, sleep, off, unknown float64 }

// habit is what machines of a place do each day.
type habit struct {
	site, group   int64
	class         string
	use           collector.Use
	machines      int
	open, outside share
	watts         float64 // on; asleep they take 1 W, off 0.5 W
	method        string
	covered       float64 // share of the known time that the energy covers
	simulated     bool
	cpuMs, sent   int64 // of a machine and day
}

// usual are machines of persons that are on for half of the open time, and off in nine tenths of the rest.
func usual(site int64, machines int) habit {
	return habit{
		site: site, class: "desktop", use: "individual", machines: machines, watts: 30, method: "model-class", covered: 1,
		open: share{on: 0.5, off: 0.5}, outside: share{on: 0.1, off: 0.9},
	}
}

// does adds what machines do in a month: open hours from 8 to 18 on weekdays, and no holidays.
func (w *world) does(t testing.TB, month collector.Month, all ...habit) {
	t.Helper()
	first, last, err := month.Dates()
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range all {
		row := collector.PlaceMonth{Month: month, Place: collector.Place{Site: h.site, Group: h.group, Class: h.class, Use: h.use, Simulated: h.simulated}}
		for day, err := first.Midnight(time.UTC); err == nil && collector.DateOf(day) <= last; day = day.AddDate(0, 0, 1) {
			cell := collector.Cell{Date: collector.DateOf(day), Place: row.Place, Machines: h.machines}
			cell.Sum.Days = int64(h.machines)
			cell.Sum.Cost = collector.CostSum{CPUMs: h.cpuMs * int64(h.machines), SentBytes: h.sent * int64(h.machines)}
			if wd := day.Weekday(); wd == time.Saturday || wd == time.Sunday {
				h.add(&cell, "weekend", 24, h.outside)
			} else {
				h.add(&cell, "open", 10, h.open)
				h.add(&cell, "night", 14, h.outside)
			}
			if err := row.Add(cell); err != nil {
				t.Fatal(err)
			}
		}
		w.rows = append(w.rows, row)
	}
}

func (h habit) add(c *collector.Cell, part string, hours float64, s share) {
	seconds := func(share float64) int64 { return int64(math.Round(share * hours * 3600 * float64(h.machines))) }
	mwh := (s.on*h.watts + s.sleep + s.off*0.5) * hours * h.covered * 1000
	c.Top += collector.MilliWattHours(mwh)
	e := collector.MilliWattHours(math.Round(mwh * float64(h.machines)))
	sum := collector.Sum{Seconds: []collector.PartSum{{Part: part, On: seconds(s.on), Sleep: seconds(s.sleep), Off: seconds(s.off), Unknown: seconds(s.unknown)}}}
	if h.covered > 0 {
		sum.Energy = []collector.EnergySum{{
			Part: part, Scope: "machine", Method: h.method, MWh: e, LowMWh: e * 8 / 10, HighMWh: e * 12 / 10, CoveredS: seconds((1 - s.unknown) * h.covered),
		}}
	}
	c.Sum.Add(sum)
}

// years are the months from one to another.
func span(from, to collector.Month) (all []collector.Month) {
	for m := from; m <= to; m = m.Plus(1) {
		all = append(all, m)
	}
	return all
}

// report is that of the template "mine".
func (w *world) report(t testing.TB, from, to collector.Month) label.Report {
	t.Helper()
	r, err := w.maker().Make(t.Context(), officer(), reportOf(from, to))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func lineOf(t testing.TB, r label.Report, id string) label.Line {
	t.Helper()
	i := slices.IndexFunc(r.Lines, func(l label.Line) bool { return l.ID == id })
	if i < 0 {
		t.Fatalf("the report has no line %s", id)
	}
	return r.Lines[i]
}

// is fails where a line has not this value.
func is(t testing.TB, r label.Report, id string, want float64) label.Line {
	t.Helper()
	l := lineOf(t, r, id)
	if l.Value == nil {
		t.Fatalf("%s is missing: %v; want %v", id, l.Missing, want)
	}
	if math.Abs(*l.Value-want) > 1e-6*math.Max(1, math.Abs(want)) {
		t.Errorf("%s = %v, want %v", id, *l.Value, want)
	}
	return l
}

// lacks fails where a line has a value, or does not say why it has none.
func lacks(t testing.TB, r label.Report, id string) label.Line {
	t.Helper()
	l := lineOf(t, r, id)
	if l.Value != nil || l.Status != label.ToComplete || l.Missing == nil || l.Missing.FR == "" || l.Missing.EN == "" {
		t.Errorf("%s = %v, %s, missing %v; want no value, to complete, and why", id, l.Value, l.Status, l.Missing)
	}
	return l
}

// reportOf asks for a report with the template "mine".
func reportOf(from, to collector.Month) label.Request {
	return label.Request{Organisation: 7, Template: "mine", From: from, To: to}
}
