package sqlite_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/sqlite/ledgertest"
)

// oldScore is when atVersion's page was measured.
var oldScore = time.Date(2026, 11, 16, 2, 30, 0, 0, time.UTC)

// atVersion makes a database as the program of a version left it: two machines, one of which has sent nothing, and the
// records of the other; two pages, one of which was never measured.
func atVersion(t *testing.T, version int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "veille.db")
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) < version {
		t.Fatalf("%v, %v", files, err)
	}
	run := func(text string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	for _, file := range files[:version] {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		run(string(text))
	}
	run(fmt.Sprintf("PRAGMA user_version = %d", version))
	if version == 0 {
		return name
	}
	pseudonym, password, token, silent := ledgertest.Key(2), ledgertest.Key(3), ledgertest.Key(1), ledgertest.Key(4)
	run("INSERT INTO organisation (id, name) VALUES (1, 'Région'); INSERT INTO site VALUES (1, 1, 'Lycée', 'Europe/Paris')")
	run("INSERT INTO token (hash, site, quota, used, expires_on) VALUES (?, 1, 3, 2, '2027-01-01')", token[:])
	run("INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (1, 1, ?, ?, 'individual', '2026-11-02', '2026-11-02')", silent[:], silent[:])
	run("INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (2, 1, ?, ?, 'individual', '2026-11-02', '2026-11-07')", pseudonym[:], password[:])
	for i, date := range []string{"2026-11-04", "2026-11-06", "2026-11-05"} {
		body := fmt.Sprintf(`{"date":%q,"hour":-1,"length_s":86400,"use":"individual","class":"mini","os":"linux","cpu":"intel-5-8","ram":"%d-16","agent":"v0.%s","parts":[]}`, date, 8*(i%2), date[8:])
		run("INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (2, ?, -1, 1, 86400, ?, ?)", date, i+1, body)
	}
	run("UPDATE revision SET last = 3")
	run(`INSERT INTO page (url, added_on, next_on, problem) VALUES ('http://www.example.org/', '2026-11-02', '2026-11-23', ''),
		('https://www.example.org/', '2026-11-03', '2026-11-17', 'nobody answers')`)
	if version >= 2 {
		for field, value := range map[string]float64{"dom": 120, "requests": 9, "size_kb": 123.4375, "score": 81, "score_raw": 80.625} {
			for _, url := range []string{"http://www.example.org/", "https://gone.example/"} {
				run("INSERT INTO point (measurement, time, tags, field, value) VALUES ('page_score', ?, ?, ?, ?)", oldScore.UnixNano(), "mode=static\x1fprotocol=static\x1furl="+url, field, value)
			}
		}
	}
	if version >= 5 {
		run("INSERT INTO organisation_page (organisation, url) VALUES (1, 'http://www.example.org/'), (1, 'https://www.example.org/')")
	}
	if version >= 3 { // what that program kept of the machine besides
		run("UPDATE machine SET kept = 3, class = 'mini', os = 'linux', cpu = 'intel-5-8', ram = '8-16', agent = 'v0.06', kind_on = '2026-11-06', apart = 2 WHERE id = 2")
	}
	return name
}

func TestADatabaseOfAnyEarlierVersionIsBroughtUpToDate(t *testing.T) {
	for version := range 6 { // the sixth packs the records: see TestADatabaseThatAnEarlierProgramLeftIsTheSameAfterwards
		name := atVersion(t, version)
		s := open(t, name)
		if version == 0 {
			ledgertest.Enrolled(t, s, 1)
			continue
		}
		m, err := s.Machine(t.Context(), ledgertest.Key(3))
		if err != nil || m.ID != 2 || m.SeenOn != "2026-11-07" || m.RevokedOn != "" || m.ReplacedBy != 0 {
			t.Errorf("from version %d: %+v, %v", version, m, err)
		}
		if want := (collector.Kind{Class: "mini", OS: "linux", CPU: "intel-5-8", RAM: "8-16", Agent: "v0.06"}); m.Kind != want {
			t.Errorf("from version %d: kind %+v, want that of the newest record, %+v", version, m.Kind, want)
		}
		receipt, err := s.Keep(t.Context(), m, "2026-11-16", 3, []collector.Record{ledgertest.Record("2026-11-15", collector.WholeDay, 600)})
		if err != nil || receipt.Before != 3 {
			t.Errorf("from version %d: %+v, %v; want 3 records before", version, receipt, err)
		}
		machines, err := s.Machines(t.Context(), 1)
		if err != nil || len(machines) != 2 || machines[0].Kind != (collector.Kind{}) || machines[1].Doubtful != nil {
			t.Errorf("from version %d: %+v, %v", version, machines, err)
		}
		if _, err := s.Enrol(t.Context(), collector.Enrolment{Token: ledgertest.Key(1), Pseudonym: ledgertest.Key(9), Credential: ledgertest.Key(9), Use: "individual", On: "2026-11-16"}); err != nil {
			t.Errorf("from version %d: a token for one more machine: %v", version, err)
		}
		if tokens, err := s.Tokens(t.Context()); err != nil || len(tokens) != 1 || tokens[0].Used != 3 || tokens[0].CreatedOn != "" || tokens[0].RevokedOn != "" {
			t.Errorf("from version %d: %+v, %v", version, tokens, err)
		}
		if all := ledgertest.Everything(t, s); len(all) != 4 {
			t.Errorf("from version %d: %d records; want 4", version, len(all))
		}
		pagesMoved(t, s, version)
	}
}

func TestTheMigrationForgetsInWhichOrderPersonalMachinesSpoke(t *testing.T) {
	name := atVersion(t, 2)
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (3, 1, x'31', x'31', 'shared', '2026-11-07', '2026-11-13');
		INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (3, '2026-11-12', 9, 1, 3600, 4, '{"use":"shared"}'), (3, '2026-11-11', -1, 1, 3600, 5, '{"use":"individual"}')`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, name)
	if changes, err := s.Changes(t.Context(), 0, 10); err != nil || len(changes) != 1 || changes[0].Machine != 3 || changes[0].Revision != 4 {
		t.Errorf("%+v, %v; want the hour of the shared machine alone", changes, err)
	}
	all := ledgertest.Everything(t, s)
	if len(all) != 5 {
		t.Fatalf("%d records; want 5", len(all))
	}
	for _, c := range all {
		if hour := c.Record.Use == "shared"; hour != (c.Revision > 0) {
			t.Errorf("%s of machine %d, which is %s, has the number %d", c.Record.Date, c.Machine, c.Record.Use, c.Revision)
		}
	}
}

// It took more than a minute when each machine was compared with all others.
func TestTwentyThousandMachinesEnrolledOnOneDayAreMigratedInNoTime(t *testing.T) {
	name := atVersion(t, 2)
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 20009)
		INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on)
		SELECT i, 1, cast('p' || i AS BLOB), cast('c' || i AS BLOB), 'individual', iif(i = 10, '2026-11-08', '2026-11-09'), '2026-11-09' FROM n`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	open(t, name)
	took := time.Since(start)
	t.Logf("the migration took %v", took)
	if took > 30*time.Second { // the other way took 68 s at best; the race detector makes this one several times slower
		t.Errorf("the migration took %v", took)
	}
	after, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = after.Close() }()
	var machines, wrong int // those of the last day have seen the newest of the days before, 10
	if err := after.QueryRowContext(t.Context(), "SELECT count(*), sum(apart <> iif(id >= 10, 10, iif(id = 2, 2, 0))) FROM machine").Scan(&machines, &wrong); err != nil || machines != 20_002 || wrong > 0 {
		t.Errorf("of %d machines %d are apart from others than before, %v", machines, wrong, err)
	}
}

func TestAMachineSeenBeforeAnotherWasEnrolledIsInDoubtWithItAfterTheMigrationToo(t *testing.T) {
	name := atVersion(t, 2)
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"date":"2026-11-12","hour":-1,"class":"mini","cpu":"intel-5-8","ram":"8-16"}`
	for _, text := range []string{
		"INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (3, 1, x'31', x'31', 'individual', '2026-11-07', '2026-11-13')",
		"INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (3, '2026-11-12', -1, 1, 86400, 4, '" + body + "')",
		// the third has spoken since this one was enrolled
		"INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (4, 1, x'32', x'32', 'individual', '2026-11-10', '2026-11-11')",
		"INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (4, '2026-11-10', -1, 1, 86400, 5, '" + body + "')",
	} {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, name)
	machines, err := s.Machines(t.Context(), 1)
	if err != nil || len(machines) != 4 || !slices.Equal(machines[2].Doubtful, []int64{2}) || !slices.Equal(machines[3].Doubtful, []int64{2}) {
		t.Errorf("%+v, %v; want the third and the fourth to be in doubt with the second", machines, err)
	}
}

func TestMachinesOfEarlierVersionsStayTheMachinesOfTheirOrganisation(t *testing.T) {
	for version := 1; version <= 4; version++ {
		name := atVersion(t, version)
		must(t, raw(t, name, "INSERT INTO organisation (id, name) VALUES (2, 'B'); INSERT INTO site (id, organisation, name, time_zone) VALUES (2, 2, 'Siège', 'Europe/Paris')"))
		s := open(t, name)
		enrol := func(token, password byte) (collector.Enrolled, error) {
			return s.Enrol(t.Context(), collector.Enrolment{Token: ledgertest.Key(token), Pseudonym: ledgertest.Key(2), Credential: ledgertest.Key(password), Use: "individual", On: "2026-11-16"})
		}
		must(t, s.CreateToken(t.Context(), collector.Token{Hash: ledgertest.Key(8), Site: 2, Quota: 1, ExpiresOn: "2027-01-01"}))
		if m, err := s.Machine(t.Context(), ledgertest.Key(3)); err != nil || m.ID != 2 {
			t.Errorf("from version %d: %+v, %v", version, m, err)
		}
		if m, err := enrol(1, 60); err != nil || m.ID != 2 || m.Group != 0 {
			t.Errorf("from version %d: enrolled again: %+v, %v; want machine 2", version, m, err)
		}
		if m, err := enrol(8, 61); err != nil || m.ID == 2 || m.Site.ID != 2 {
			t.Errorf("from version %d: in another organisation: %+v, %v; want another machine", version, m, err)
		}
		pages, err := s.Websites(t.Context())
		if must(t, err); len(pages) != 2 || pages[0].Organisation != 0 || pages[1].Organisation != 0 {
			t.Errorf("from version %d: of two organisations one has the pages %+v", version, pages)
		}
	}
}
