package postgres_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"veille/collector"
	"veille/collector/store/relational"
)

// column is a query for one column of text.
func column(t *testing.T, url, query string) []string {
	t.Helper()
	db, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// contents is all that is in the tables, but who wrote last and what was run.
func contents(t *testing.T, url string) (all []string) {
	t.Helper()
	tables := column(t, url, "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('writing', 'run') ORDER BY 1")
	for _, table := range tables {
		for _, row := range column(t, url, fmt.Sprintf(`SELECT x::text FROM "%s" x ORDER BY 1`, table)) {
			all = append(all, table+" "+row)
		}
	}
	return all
}

// lie is the place of the newest row of each machine among others, by where it lies or by who wrote it.
func lie(t *testing.T, url, table, of, by string) map[string]int {
	t.Helper()
	where := ""
	if table == "day" {
		where = " WHERE day = (SELECT max(day) FROM day)"
	}
	at := map[string]int{}
	for i, machine := range column(t, url, "SELECT "+of+"::text FROM "+table+where+" ORDER BY "+by) {
		at[machine] = i
	}
	return at
}

// concordance is Kendall's tau of the places of machines and the order in which they spoke: 1 where they are the same, near 0 where the two have
// nothing to do with one another.
func concordance(spoke []collector.Machine, at map[string]int) float64 {
	sum, pairs := 0, 0
	for i := range spoke {
		for j := range i {
			sum += cmp.Compare(at[fmt.Sprint(spoke[i].ID)], at[fmt.Sprint(spoke[j].ID)])
			pairs++
		}
	}
	return float64(sum) / float64(pairs)
}

// people are the numbers of some users.
func people(t *testing.T, s *relational.Store, n int) (users []int64) {
	t.Helper()
	for i := range n {
		u, err := s.AddUser(t.Context(), collector.User{Organisation: 1, Name: fmt.Sprint("user ", i), Roles: []collector.Role{collector.RoleReader}, AddedOn: "2026-11-01"})
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, u.ID)
	}
	return users
}

func TestANightForgetsTheOrderInWhichMachinesSpokeAndNothingElse(t *testing.T) {
	url := shared.Database(t)
	s := open(t, url)
	machines := enrolled(t, s, 90)
	if err := s.Replace(t.Context(), machines[40].ID, machines[2].ID); err != nil {
		t.Fatal(err)
	}
	run(t, url, `INSERT INTO meter_rule (site, name, kind, measurement, tags, by_tags, field, unit, machine, added_on, since) VALUES (1, 'a', 'plug', 'm', '', '', 'f', 'W', 7, '2026-11-01', 0)`)
	run(t, url, "INSERT INTO meter (rule, tag_values) VALUES (1, '')")
	run(t, url, "DELETE FROM machine WHERE id = 90") // erased gets a number that is to stay
	machines = machines[:89]
	if _, err := s.Finish(t.Context(), collector.Run{On: "2026-11-16"}, collector.Horizon{}); err != nil { // what nobody uses goes now
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 1))
	users := people(t, s, 6)
	for day := range 3 {
		for _, i := range random.Perm(len(users)) { // somebody signs in, somebody chooses a password
			if err := errors.Join(s.AddSession(t.Context(), collector.Session{Hash: key(100*day + i), User: users[i], ExpiresOn: "2026-12-01"}),
				s.SetPassword(t.Context(), users[(i+1)%len(users)], fmt.Sprint("hash ", day)),
				s.Invite(t.Context(), collector.Invitation{Hash: key(100*day + i), User: users[(i+2)%len(users)], ExpiresOn: "2026-12-01"})); err != nil {
				t.Fatal(err)
			}
		}
		random.Shuffle(len(machines), func(i, j int) { machines[i], machines[j] = machines[j], machines[i] })
		for _, m := range machines {
			r := hour(24*day+9, 60, "desktop")
			if !m.Use.Hourly() {
				r.Hour = collector.WholeDay
			}
			if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{r}); err != nil {
				t.Fatal(err)
			}
			if err := s.Quarantine(t.Context(), []collector.Refused{{Machine: m.ID, Site: 1, On: "2026-11-17", Date: "2027", Reason: "it is to come"}}); err != nil {
				t.Fatal(err)
			}
		}
		if tau := concordance(machines, lie(t, url, "day", "machine", "xmin::text::bigint")); tau < 0.9 {
			t.Fatalf("before it is night rows say by %.2f only in which order they came: the test sees nothing", tau)
		}
		before := contents(t, url)
		if _, err := s.Finish(t.Context(), collector.Run{On: "2026-11-17"}, collector.Horizon{}); err != nil {
			t.Fatal(err)
		}
		if after := contents(t, url); !slices.Equal(after, before) {
			t.Errorf("%d rows are there after the night, and %d were before", len(after), len(before))
		}
		for table, of := range map[string]string{"day": "machine", "machine": "id", "quarantine": "machine", "session": "", "invitation": "", "password": ""} {
			where := map[string]string{"day": " GROUP BY day"}[table]
			if writers := slices.Compact(column(t, url, "SELECT count(DISTINCT xmin::text)::text FROM "+table+where)); !slices.Equal(writers, []string{"1"}) {
				t.Errorf("%v transactions have written table %s", writers, table)
			}
			if of == "" { // no machine's
				continue
			}
			if tau := concordance(machines, lie(t, url, table, of, "ctid")); math.Abs(tau) > 0.4 { // five times what chance does to 89 numbers
				t.Errorf("rows of %s lie as they came by %.2f", table, tau)
			}
		}
	}
	if last := column(t, url, "SELECT last::text FROM erased"); last[0] != "90" {
		t.Errorf("the last number that was erased is %s; want 90", last[0])
	}
	if _, err := s.Erase(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if left := column(t, url, "SELECT 'rule' FROM meter_rule WHERE machine IS NOT NULL OR barred = 0 UNION ALL SELECT 'meter' FROM meter"); len(left) > 0 {
		t.Errorf("of the plug of a machine that was erased there is left %v", left)
	}
}
