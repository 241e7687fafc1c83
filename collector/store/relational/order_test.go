package relational_test

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

// concordance is Kendall's tau of values and their order: 1 where they only grow, -1 where they only shrink, near 0 where the two
// have nothing to do with one another; 0 where all are the same. Of sixty random values it lies within 0.09 of 0 in two cases of three.
func concordance(values []string) float64 {
	same, sum, pairs := true, 0, 0
	for i := range values {
		for j := range i {
			same = same && values[i] == values[j]
			c := strings.Compare(values[i], values[j])
			sum += c
			pairs += c * c
		}
	}
	if same {
		return 0
	}
	return float64(sum) / float64(pairs)
}

// ordered are the columns of all tables that tell in which order machines came, given in the order in which they did. What is not of
// one machine is not looked at here.
func ordered(t *testing.T, at place, db *sql.DB, arrived []int64) (found []string) {
	t.Helper()
	for name, of := range map[string]string{"machine": "id", "day": "machine"} {
		columns, rows := at.table(t, db, name)
		byMachine := map[string][]string{}
		for _, row := range rows {
			byMachine[row[slices.Index(columns, of)]] = row
		}
		for i, column := range columns {
			var values []string
			for _, m := range arrived {
				values = append(values, byMachine[sorted(m)][i])
			}
			if tau := concordance(values); math.Abs(tau) > 0.6 {
				found = append(found, fmt.Sprintf("%s.%s (%.2f)", name, column, tau))
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestNoOneLearnsInWhichOrderPersonalMachinesSpoke(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		here := site(t, s, "Région", "Lycée")
		if err := s.CreateToken(t.Context(), collector.Token{Hash: key(1), Site: here.ID, Quota: 200, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
		var all []collector.Machine
		for n := range byte(120) {
			e := collector.Enrolment{Token: key(1), Pseudonym: key(n), Credential: key(n), Use: []collector.Use{"individual", "shared"}[n%2], Kind: mini("intel-5-8"), On: "2026-11-02"}
			m, err := s.Enrol(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, m.Machine)
		}
		db := at.past(t)
		rest := func() string { return at.rows(t, db, "machine", "day") }
		random := rand.New(rand.NewPCG(5, 5))
		// The first of them all tells the ledger of a kind of machine, a place, and a day to roll up.
		before, err := s.Enrol(t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(200), Credential: key(200), Use: "individual", Kind: mini("intel-5-8"), On: "2026-11-02"})
		if err != nil {
			t.Fatal(err)
		}
		r := record("2026-11-05", collector.WholeDay, 600)
		r.Class, r.OS, r.CPU, r.RAM, r.Agent = before.Kind.Class, before.Kind.OS, before.Kind.CPU, before.Kind.RAM, before.Kind.Agent
		if _, err := s.Keep(t.Context(), before.Machine, "2026-11-06", 0, []collector.Record{r}); err != nil {
			t.Fatal(err)
		}
		for covered := range 3 { // each day's record, and what takes its place
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			arrived := map[bool][]int64{} // by whether they are hourly
			for _, m := range all {
				r := record("2026-11-05", collector.WholeDay, 600+covered)
				r.Class, r.OS, r.CPU, r.RAM, r.Agent = m.Kind.Class, m.Kind.OS, m.Kind.CPU, m.Kind.RAM, m.Kind.Agent
				if m.Use.Hourly() {
					r.Hour = 9
				}
				watched, before := covered == 0 && !m.Use.Hourly() && len(arrived[false])%10 == 0, ""
				if watched { // reading all tables takes its time
					before = rest()
				}
				if _, err := s.Keep(t.Context(), m, "2026-11-06", 0, []collector.Record{r}); err != nil {
					t.Fatal(err)
				}
				if watched {
					if after := rest(); after != before {
						t.Fatalf("a personal machine has left a trace:\n%s\nbefore\n%s", after, before)
					}
				}
				arrived[m.Use.Hourly()] = append(arrived[m.Use.Hourly()], m.ID)
			}
			at.sleep(t, s)
			if found := ordered(t, at, db, arrived[false]); found != nil {
				t.Errorf("these order the personal machines: %v", found)
			}
			found := slices.DeleteFunc(ordered(t, at, db, arrived[true]), func(column string) bool { return strings.Contains(column, ".hidden") })
			if !slices.Equal(found, []string{"day.revision (1.00)"}) {
				t.Errorf("these order the others: %v; the test must see the one that does", found)
			}
			changes, err := s.Changes(t.Context(), 0, 1000)
			if err != nil || len(changes) != 60 {
				t.Fatalf("%d changes to follow, %v; want those of the 60 hourly machines", len(changes), err)
			}
			for i, c := range changes { // a gap would tell that a personal machine spoke in between
				if want := int64(60*covered + i + 1); c.Revision != want || c.Record.Use != "shared" {
					t.Errorf("change %d has the number %d and is of use %s, want %d", i, c.Revision, c.Record.Use, want)
				}
			}
			if all := everything(t, s); len(all) != 121 {
				t.Errorf("%d records; want 121", len(all))
			}
		}
	})
}

func TestARecordFromWhenAMachineWasPersonalHasNoPlaceInTheOrder(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, mini("intel-5-8"), "2026-11-16").Machine
		f.day(m, "2026-11-17", "2026-11-16", 600)
		now, err := f.Enrol(t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(1), Credential: key(1), Use: "shared", Kind: mini("intel-5-8"), On: "2026-11-17"})
		if err != nil {
			t.Fatal(err)
		}
		m = now.Machine
		f.day(m, "2026-11-18", "2026-11-16", 700)
		if changes, err := f.Changes(t.Context(), 0, 10); err != nil || len(changes) != 0 {
			t.Errorf("%+v, %v; want nothing to follow", changes, err)
		}
		f.day(m, "2026-11-18", "2026-11-17", 700)
		if changes, err := f.Changes(t.Context(), 0, 10); err != nil || len(changes) != 1 || changes[0].Revision != 1 {
			t.Errorf("%+v, %v; want the one of the shared machine", changes, err)
		}
	})
}
