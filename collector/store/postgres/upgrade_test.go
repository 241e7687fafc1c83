package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"veille/collector"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
)

// A newer program changes the tables while one of this version waits to write: what it then writes could be wrong, so it writes nothing.
func TestACollectorWritesNothingOnceANewerProgramHasChangedTheTables(t *testing.T) {
	url := shared.Database(t)
	s, other := open(t, url), open(t, url)
	m := enrolled(t, s, 1)[0]
	newer, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = newer.Close(t.Context()) }()
	if _, err := newer.Exec(t.Context(), "BEGIN; UPDATE writing SET before = writer, writer = 0; ALTER TABLE site ADD COLUMN more bigint; UPDATE writing SET version = version + 1"); err != nil {
		t.Fatal(err)
	}
	kept := make(chan error, 1)
	go func() {
		_, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{hour(0, 60, "desktop")})
		kept <- err
	}()
	for waits := 0; waits == 0; <-time.After(10 * time.Millisecond) {
		if err := newer.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) OR NOT granted AND transactionid IS NOT NULL").Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := newer.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-kept; !errors.Is(err, relational.ErrOutdated) || !s.Trouble(err) {
		t.Errorf("who waited was told %v", err)
	}
	_, tidied := other.Finish(t.Context(), collector.Run{On: "2026-11-17"}, collector.Horizon{})
	_, opened := postgres.Open(t.Context(), url)
	_, leased := other.Lease(t.Context(), collector.Lease{Job: "crawl", Holder: "a", For: time.Minute})
	for what, err := range map[string]error{"a night": tidied, "who comes": opened, "a lease": leased, "health": other.Healthy(t.Context())} {
		if !errors.Is(err, relational.ErrOutdated) || !strings.Contains(fmt.Sprint(err), "use that program here too") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if rows := column(t, url, "SELECT 'day' FROM day UNION ALL SELECT 'run' FROM run UNION ALL SELECT 'lease' FROM lease"); len(rows) > 0 {
		t.Errorf("it has written %v", rows)
	}
}

func TestADatabaseOfAnEarlierVersionIsToldFromOneThatIsServedFrom(t *testing.T) {
	url := shared.Database(t)
	told := func(when string, behind, served bool) {
		t.Helper()
		if b, s, err := postgres.Behind(t.Context(), url); b != behind || s != served || err != nil {
			t.Errorf("%s: behind %t, served from %t, %v", when, b, s, err)
		}
	}
	told("without tables", false, false)
	s := open(t, url)
	told("with new tables", false, false)
	run(t, url, "UPDATE writing SET version = version - 1")
	told("with earlier tables", true, false)
	run(t, url, "UPDATE writing SET version = version + 1")
	if held, err := s.Lease(t.Context(), collector.Lease{Job: "serve a", Holder: "a", For: time.Minute}); !held || err != nil {
		t.Fatal(held, err)
	}
	run(t, url, "UPDATE writing SET version = version - 1")
	told("while another serves", true, true)
}

func TestEveryNumberThatThisServerGivesIsBroughtToAnother(t *testing.T) {
	from, to := shared.Database(t), shared.Database(t)
	open(t, from)
	open(t, to)
	all := column(t, from, "SELECT sequencename::text FROM pg_sequences ORDER BY 1")
	for i, name := range all {
		run(t, from, fmt.Sprintf("SELECT setval('%q', %d)", name, 100+i))
	}
	numbers, err := postgres.Renumbered(t.Context(), from, to)
	if err != nil || len(numbers) != len(all) {
		t.Errorf("%d counters are there, and %v, %v were brought", len(all), numbers, err)
	}
	const given = "SELECT sequencename || ' ' || coalesce(last_value, 0) FROM pg_sequences ORDER BY 1"
	if got, want := column(t, to, given), column(t, from, given); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the counters are at %v, want %v", got, want)
	}
}
