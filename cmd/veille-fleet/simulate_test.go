package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/sqlite"
	"veille/fleet"
)

// simulation60 is sixty machines for forty days: two are installed anew, of one of which the administrator says so, one is new, one goes.
func simulation60() []string {
	return []string{"--machines", "60", "--sites", "3", "--days", "40", "--to", "2026-03-20", "--seed", "179"}
}

// simulated1 runs a simulation in a new folder.
func simulated1(t *testing.T, args ...string) (dir string, r *simulated) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "data")
	var out, bad strings.Builder
	p := program(&out, &bad)
	p.Stdout, p.Stderr, p.Lookup = &out, &bad, func(string) (string, bool) { return "", false }
	status := p.Run(t.Context(), append([]string{"simulate", "--json", "--data", dir}, args...))
	if status != 0 || bad.Len() > 0 {
		t.Fatalf("exit %d: %s", status, &bad)
	}
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil {
		t.Fatal(err)
	}
	return dir, r
}

// contents are what a folder says: records, cells, months, machines, sites. Left out is what is random (keys, passwords), what numbers the
// order in which posts came (revisions, numbers of places, and the seals made with them), the list of runs, and the date on which a kind was
// first told, which is later where days are kept together.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	name := filepath.Join(dir, "veille.db")
	store, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var all []string
	add := func(what string, v any) {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, what+" "+string(text))
	}
	err = store.Records(t.Context(), "2000-01-01", "2100-01-01", func(c collector.Change) error {
		c.Revision = 0
		add("record", c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	figures := store.Figures()
	for c, err := range figures.Cells(t.Context(), 1, "2025-01-01", "2026-12-31") {
		if err != nil {
			t.Fatal(err)
		}
		add("cell", c)
	}
	fixed, err := figures.Months(t.Context(), 1, "2025-01", "2026-12")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range fixed {
		add("fixed", m)
	}
	for month := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); month.Year() < 2027; month = month.AddDate(0, 1, 0) {
		for site := range int64(3) {
			months, err := figures.MachineMonths(t.Context(), site+1, collector.DateOf(month).Month())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range months {
				add("month", m)
			}
		}
	}
	for table, query := range map[string]string{
		"machine":    "SELECT id, site, site_group, use, class, os, cpu, ram, agent, enrolled_on, seen_on, kept, replaced_by FROM machine",
		"token":      "SELECT site, site_group, quota, used, created_on, expires_on FROM token",
		"site":       "SELECT o.name, s.id, s.name, s.time_zone, c.calendar FROM site s JOIN organisation o ON o.id = s.organisation JOIN calendar c ON c.site = s.id",
		"site_group": "SELECT id, site, kind, name FROM site_group",
		"stale":      "SELECT day, rolling FROM stale",
		"closed":     "SELECT day FROM closed",
		"fixing":     "SELECT organisation, month, on_date FROM fixed",
		"quarantine": "SELECT * FROM quarantine",
	} {
		all = append(all, rows(t, name, table, query)...)
	}
	slices.Sort(all)
	return all
}

// rows are the rows of a query.
func rows(t *testing.T, name, table, query string) (all []string) {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for found.Next() {
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %#v", table, values))
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// same compares what two folders say.
func same(t *testing.T, a, b []string) {
	t.Helper()
	count := map[string]int{}
	for _, line := range a {
		kind, _, _ := strings.Cut(line, " ")
		count[kind]++
	}
	t.Log(count)
	told := 0
	for _, only := range []struct {
		lines, others []string
		of            string
	}{{a, b, "first"}, {b, a, "second"}} {
		for _, line := range only.lines {
			if _, found := slices.BinarySearch(only.others, line); !found && told < 6 {
				told++
				t.Errorf("only in the %s: %.600s", only.of, line)
			}
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d and %d lines", len(a), len(b))
	}
}

func TestBothWaysLeaveTheSameInTheFolder(t *testing.T) {
	t.Parallel()
	// The clocks change on 29 March.
	hours := []string{"--machines", "14", "--sites", "2", "--days", "9", "--to", "2026-03-31", "--seed", "4", "--whole-days=false"}
	for name, args := range map[string][]string{"whole days": append(simulation60(), "--whole-days", "--roll-up-every", "20"), "hours": hours} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			posted, a := simulated1(t, args...)
			kept, b := simulated1(t, append(args, "--through", "store")...)
			if a.Records.Delivered < 1_000 || a.Records.Late == 0 || a.Records.Refused != 0 || a.Rows.MachineMonths == 0 {
				t.Errorf("%+v", a)
			}
			if name == "whole days" && (a.Enrolled != 62 || a.Reimaged != 2 || a.Replaced != 1 || a.RollUps.Fixed == 0) {
				t.Errorf("%+v", a)
			}
			if a.Records != b.Records || a.Rows != b.Rows || a.Enrolled != b.Enrolled || a.Replaced != b.Replaced || a.MachineDays.Waiting != b.MachineDays.Waiting ||
				a.MachineDays.Delivered != b.MachineDays.Delivered {
				t.Errorf("posted %+v\nkept %+v", a, b)
			}
			same(t, contents(t, posted), contents(t, kept))
		})
	}
}

func TestTheSameSeedLeavesTheSameInTheFolderAndAnotherDoesNot(t *testing.T) {
	t.Parallel()
	args := []string{"--machines", "15", "--sites", "2", "--days", "16", "--to", "2026-03-20", "--through", "store", "--sleep-policy", "2026-03-10:0.8"}
	first, _ := simulated1(t, args...)
	second, _ := simulated1(t, args...)
	other, _ := simulated1(t, append(args, "--seed", "5")...)
	a := contents(t, first)
	same(t, a, contents(t, second))
	if slices.Equal(a, contents(t, other)) {
		t.Error("another seed leaves the same")
	}
}

// Long enough that machine-days are deleted, dates closed and months fixed, July when people come back. There
// is a server, which speaks each day and so shows the date.
func TestARollUpAWeekLeavesWhatOneANightDoes(t *testing.T) {
	t.Parallel()
	args := []string{"--machines", "17", "--sites", "1", "--days", "94", "--to", "2025-09-18", "--seed", "5", "--through", "store"}
	weekly, a := simulated1(t, args...)
	nightly, b := simulated1(t, append(args, "--roll-up-every", "1")...)
	if b.RollUps.Runs != 95 || a.RollUps.Runs >= b.RollUps.Runs || a.RollUps.Deleted != b.RollUps.Deleted || a.RollUps.Deleted.MachineDays == 0 ||
		a.RollUps.Fixed != 3 || b.RollUps.Fixed != 3 || a.Replaced == 0 {
		t.Errorf("weekly %+v\nnightly %+v", a, b)
	}
	same(t, contents(t, weekly), contents(t, nightly))
}

// What was posted and what is there is counted from the fleet itself, without the simulation.
func TestEveryDeliveryOfTheFleetIsInTheFolderOnceAndSimulated(t *testing.T) {
	t.Parallel()
	dir, r := simulated1(t, "--machines", "30", "--days", "30", "--to", "2026-03-20", "--seed", "179", "--through", "store", "--roll-up-every", "28", "--sleep-policy", "2026-03-02:1:20")
	plan := fleet.Plan{Seed: 179, Machines: 30, Sites: 1, From: "2026-02-19", To: "2026-03-20", WholeDays: true, Actions: []fleet.Action{{From: "2026-03-02", Share: 1, SleepAfter: 20}}}
	f, err := fleet.New(plan)
	if err != nil {
		t.Fatal(err)
	}
	delivered, late, waiting := map[string]int{}, 0, 0
	for i := range f.Machines() {
		for _, date := range f.Dates() {
			on := f.Delivery(i, date)
			next, _ := time.Parse(time.DateOnly, date)
			switch {
			case on == "":
			case on > "2026-03-21":
				waiting++
			default:
				delivered[date]++
				if on > next.AddDate(0, 0, 1).Format(time.DateOnly) {
					late++
				}
			}
		}
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	found, all := map[string]int{}, 0
	slept := map[bool]int{} // by whether the policy was there
	err = store.Records(t.Context(), "2026-01-01", "2026-12-31", func(c collector.Change) error {
		found[string(c.Record.Date)]++
		all++
		if !c.Record.Simulated {
			t.Errorf("machine %d on %s is not simulated", c.Machine, c.Record.Date)
		}
		if c.Record.SleepAfter == "20" {
			slept[c.Record.Date >= "2026-03-02"]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if slept[false] != 0 || slept[true] < all/3 {
		t.Errorf("the policy is in %d records before its date and %d from it on", slept[false], slept[true])
	}
	for date, n := range delivered {
		if found[date] != n {
			t.Errorf("%s: %d records, want %d", date, found[date], n)
		}
	}
	if r.Records.Delivered != all || r.Records.Late != late || r.MachineDays.Waiting != waiting || r.MachineDays.Delivered != all || r.Rows.MachineDays != int64(all) {
		t.Errorf("%+v; want %d records, %d late, %d waiting", r, all, late, waiting)
	}
	info, err := os.Stat(filepath.Join(dir, "veille.db"))
	if err != nil || r.DatabaseMB < float64(info.Size())/2e6 || r.BytesPerMachineYear < 1 {
		t.Errorf("%v, %+v", err, r)
	}
	for _, key := range []string{"organisation.key", "policy.key"} { // without which no collector would serve the folder
		if _, err := os.Stat(filepath.Join(dir, key)); err != nil {
			t.Error(err)
		}
	}
}

func TestAnInterruptedSimulationSaysHowFarItCameAndLeavesAWholeFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	go func() { // some time after the database was made
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for there := 0; there < 4; {
			if _, err := os.Stat(filepath.Join(dir, "policy.key")); err == nil {
				there++
			}
			<-tick.C
		}
		interrupt()
	}()
	var out, bad strings.Builder
	p := program(&out, &bad)
	p.Stdout, p.Stderr, p.Lookup = &out, &bad, func(string) (string, bool) { return "", false }
	status := p.Run(ctx, []string{"simulate", "--machines", "80", "--days", "3000", "--data", dir})
	if status != 1 || out.Len() > 0 || !strings.Contains(bad.String(), "veille-fleet simulate: interrupted ") || !strings.Contains(bad.String(), "remove the folder and begin again") {
		t.Fatalf("exit %d: %s%s", status, &out, &bad)
	}
	findings, err := sqlite.Check(t.Context(), filepath.Join(dir, "veille.db"), nil)
	if err != nil || len(findings.Problems) > 0 {
		t.Errorf("%v, %+v", err, findings)
	}
}

func TestAPersonWhoWaitsIsToldHowFarItIs(t *testing.T) {
	s := simulation{report: simulated{Days: 99, Enrolled: 7}}
	s.report.delivered(300, 280, 20, nil)
	if got, want := s.progress(10*time.Second), "day 0 of 100: 7 machines enrolled, 280 records, 30 machine-days/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.report.lived("2026-03-02", 20)
	if got, want := s.progress(10*time.Second), "2026-03-02, day 20 of 100: 7 machines enrolled, 280 records, 30 machine-days/s, 40s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestARecordThatIsRefusedIsTold(t *testing.T) {
	var r simulated
	if err := r.err(); err != nil {
		t.Error(err)
	}
	r.delivered(2, 1, 0, []string{"too old"})
	r.delivered(2, 1, 0, []string{"too new"})
	if err := r.err(); err == nil || err.Error() != "2 records were refused; the first: too old" {
		t.Error(err)
	}
}
