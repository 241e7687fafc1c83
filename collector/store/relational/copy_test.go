package relational_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// lived is the ledger of a collector of an earlier release, with some of everything that release knew, and a little of what came since.
func lived(t *testing.T) *relational.Store {
	t.Helper()
	s, err := sqlite.Open(context.WithoutCancel(t.Context()), ledgertest.Unzipped(t, "../sqlite/testdata/version-8.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, x := range []collector.Target{{Organisation: 1, Indicator: "kwh", Value: 10, By: "2027-12"}, {Organisation: 1, Indicator: "kwh", Value: 11, By: "2028-12"}} {
		if _, err := s.AddTarget(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	noting := relational.Noting(t.Context(), collector.Entry{On: "2026-12-01", Organisation: 1, Who: "command", What: "site add", Subject: "x"})
	if _, err := s.CreateSite(noting, "Région", "Lycée Sophie-Germain", "Europe/Paris"); err != nil {
		t.Fatal(err)
	}
	roller := rollup.New(s, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler))
	if _, err := roller.Run(t.Context(), "2027-01-20", rollup.Options{Confirmed: true}); err != nil {
		t.Fatal(err)
	}
	return s
}

func rowsOf(all []relational.Copied) map[string]relational.Copied {
	rows := map[string]relational.Copied{}
	for _, c := range all {
		rows[c.Table] = c
	}
	return rows
}

func TestALedgerIsCopiedFromAnyEngineToAnyOther(t *testing.T) {
	from := lived(t)
	each(t, func(t *testing.T, at place) {
		there := at.open(t)
		first, err := relational.Copy(t.Context(), from, there, "a", nil)
		if err != nil {
			t.Fatal(err)
		}
		rows := rowsOf(first)
		for _, table := range []string{"machine", "day", "machine_month", "audit", "web_score", "user", "place", "kind", "run"} {
			if rows[table].Rows == 0 {
				t.Errorf("no row of %s was there to be copied", table)
			}
		}
		if found, err := at.check(t.Context()); err != nil || len(found.Problems) > 0 || found.Records == 0 {
			t.Errorf("the copy is found to be %+v, %v", found, err)
		}
		for _, e := range engines() {
			back := e.place(t).open(t)
			second, err := relational.Copy(t.Context(), there, back, "b", nil)
			if err != nil || !slices.Equal(first, second) {
				t.Errorf("from there to %s: %v\n%+v, want\n%+v", e.name, err, second, first)
			}
		}
	})
}

func TestEveryTableIsCopiedButLeases(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		at.open(t)
		rows, err := at.past(t).QueryContext(t.Context(), at.names)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var there []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			there = append(there, name)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		there = slices.DeleteFunc(there, func(name string) bool {
			return slices.Contains([]string{"moving", "lease"}, name) // of one database only
		})
		slices.Sort(there)
		if copied := slices.Sorted(slices.Values(relational.TablesCopied())); !slices.Equal(copied, there) {
			t.Errorf("copied are %v, and there are %v", copied, there)
		}
	})
}

func TestACopyThatWasInterruptedGoesOnAndServesNobodyBefore(t *testing.T) {
	from := lived(t)
	each(t, func(t *testing.T, at place) {
		to := at.open(t)
		tables, tries := 0, 0
		for ; tries < 100; tries++ {
			ctx, cancel := context.WithCancel(t.Context())
			seen := 0
			_, err := relational.Copy(ctx, from, to, "a", func(string, int64) {
				if seen++; seen > tries {
					cancel()
				}
			})
			cancel()
			if err == nil {
				break
			}
			source, wrong := to.Moving(t.Context())
			if source != "a" || wrong != nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("after %v the ledger says %q, %v", err, source, wrong)
			}
			tables++
		}
		if source, err := to.Moving(t.Context()); source != "" || err != nil || tables < 6 {
			t.Errorf("after %d interruptions the ledger says %q, %v", tables, source, err)
		}
		whole := at.another(t).open(t)
		want, err := relational.Copy(t.Context(), from, whole, "a", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := relational.Copy(t.Context(), from, to, "a", nil); err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %+v, want %+v", err, got, want)
		}
	})
}

func TestACopyGoesIntoAnEmptyLedgerOnly(t *testing.T) {
	from := lived(t)
	each(t, func(t *testing.T, at place) {
		to := at.open(t)
		if _, err := to.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris"); err != nil {
			t.Fatal(err)
		}
		if _, err := relational.Copy(t.Context(), from, to, "a", nil); !errors.Is(err, relational.ErrNotEmpty) {
			t.Errorf("into one with a site: %v", err)
		}
		to = at.another(t).open(t)
		if _, err := relational.Copy(t.Context(), from, to, "a", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := relational.Copy(t.Context(), from, to, "b", nil); err == nil || !strings.Contains(err.Error(), "from a was begun") {
			t.Errorf("from another place: %v", err)
		}
	})
}

func TestWhatWasWrittenWhileALedgerWasCopiedIsFound(t *testing.T) {
	from := lived(t)
	each(t, func(t *testing.T, at place) {
		to := at.open(t)
		once := true
		_, err := relational.Copy(t.Context(), from, to, "a", func(table string, _ int64) {
			if table == "user" && once {
				once = false
				if _, err := from.CreateSite(t.Context(), "Région", "Lycée "+at.engine.name, "Europe/Paris"); err != nil {
					t.Error(err)
				}
			}
		})
		if err == nil || !strings.Contains(err.Error(), "somebody wrote") {
			t.Errorf("a site was added meanwhile, and Copy says %v", err)
		}
	})
}

func TestNoNumberIsGivenAgainAfterACopy(t *testing.T) {
	from := lived(t)
	targets, err := from.Targets(t.Context(), 1)
	if err != nil || len(targets) == 0 {
		t.Fatal(err, targets)
	}
	newest := targets[0].ID
	for _, x := range targets {
		newest = max(newest, x.ID)
	}
	if err := from.RemoveTarget(t.Context(), 1, newest); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, at place) {
		to := at.open(t)
		if _, err := relational.Copy(t.Context(), from, to, "a", nil); err != nil {
			t.Fatal(err)
		}
		x, err := to.AddTarget(t.Context(), collector.Target{Organisation: 1, Indicator: "kwh", Value: 12, By: "2029-12"})
		if err != nil || x.ID <= newest {
			t.Errorf("the next one is number %d, %v; %d was given", x.ID, err, newest)
		}
	})
}

func TestAnotherKeyIsFoundOut(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		a, b := []byte(strings.Repeat("a", 32)), []byte(strings.Repeat("b", 32))
		for _, x := range []struct {
			key   []byte
			renew bool
			want  error
		}{{a, false, nil}, {a, false, nil}, {b, false, relational.ErrOtherKey}, {b, true, nil}, {b, false, nil}, {a, false, relational.ErrOtherKey}} {
			if err := s.KnowKey(t.Context(), "organisation.key", x.key, x.renew); !errors.Is(err, x.want) {
				t.Errorf("%.1s, renew %t: %v, want %v", x.key, x.renew, err, x.want)
			}
		}
		if err := s.KnowKey(t.Context(), "policy.key", a, false); err != nil {
			t.Error(err)
		}
	})
}
