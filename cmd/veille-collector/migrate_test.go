package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/sqlite"
)

func TestASeriesIsBroughtUpToYesterdayUnlessTheDatesAreGiven(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 30, 0, 0, time.FixedZone("", 3600)) // the 22nd in UTC
	for _, x := range []struct{ name, since, until, from, to, refused string }{
		{name: "neither", from: "2020-11-21", to: "2026-11-22"},
		{name: "the first", since: "2026-10-01", from: "2026-10-01", to: "2026-11-22"},
		{name: "the last, which is in it", until: "2026-11-22", from: "2020-11-21", to: "2026-11-23"},
		{name: "one day", since: "2026-01-31", until: "2026-01-31", from: "2026-01-31", to: "2026-02-01"},
		{name: "only today", since: "2026-11-22", refused: "--since 2026-11-22 is after --until 2026-11-21"},
		{name: "the wrong way round", since: "2026-02-01", until: "2026-01-31", refused: "--since 2026-02-01 is after --until 2026-01-31"},
		{name: "no first date", since: "yesterday", refused: `--since "yesterday" is not a date`},
		{name: "no last date", until: "2026-02-30", refused: `--until "2026-02-30" is not a date`},
	} {
		t.Run(x.name, func(t *testing.T) {
			o, err := daysBetween(x.since, x.until, now)
			if x.refused != "" {
				if err == nil || !strings.Contains(err.Error(), x.refused) {
					t.Errorf("%v; want %s", err, x.refused)
				}
				return
			}
			if from, to := o.From.Format(time.DateOnly), o.To.Format(time.DateOnly); err != nil || from != x.from || to != x.to || collector.DateOf(o.Today) != "2026-11-22" {
				t.Errorf("from %s and before %s, %v; want %s and %s", from, to, err, x.from, x.to)
			}
		})
	}
}

func TestASeriesIsNotBroughtWhereNobodyKnowsWhatIsGone(t *testing.T) {
	data := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, first := store.Advance(t.Context(), "victoria 127.0.0.1:2", collector.StreamErased, 0, 0)
	err = errors.Join(first, store.KeepDelivery(t.Context(), collector.Delivery{Destination: "influx 127.0.0.1:1/veille"}), store.Close())
	if err != nil {
		t.Fatal(err)
	}
	const influx, victoria = " --to-series influx+http://127.0.0.1:1/veille", " --to-series victoria+http://127.0.0.1:2"
	for _, x := range []struct{ name, args, want string }{
		{"no ledger", influx, "say which ledger the points came from, with --data or --ledger"},
		{"a ledger that is lost and there", influx + " --no-ledger --data " + data, "--no-ledger is for a ledger that is lost, and --data " + data + " names one"},
		{"a ledger that is not there", influx + " --data " + filepath.Join(data, "none"), "there is no collector's database in"},
		{"a destination of it", influx + " --data " + data, `give veille-collector outbox remove "influx 127.0.0.1:1/veille", then this command again`},
		{"a destination that has a position only", victoria + " --data " + data, "victoria 127.0.0.1:2 is a destination of " + filepath.Join(data, "veille.db") + ": its collector brings"},
		{"to itself", " --no-ledger --to-series victoria+http://127.0.0.1:3", "victoria 127.0.0.1:3 cannot be brought to itself"},
		{"no destination", " --data " + data, "give --to-series once"},
		{"two destinations", victoria + ",127.0.0.1:4 --data " + data, "give --to-series once"},
	} {
		t.Run(x.name, func(t *testing.T) {
			if text := printed(t, "migrate series --from-series victoria+http://127.0.0.1:3"+x.args); !strings.Contains(text, x.want) {
				t.Errorf("%s; want %s", text, x.want)
			}
		})
	}
}
