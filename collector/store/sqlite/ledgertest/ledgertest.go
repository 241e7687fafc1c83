// Package ledgertest fills ledgers for tests, and reads what is in them.
package ledgertest

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// Key is a hash that no other number has.
func Key(n byte) [32]byte { return [32]byte{n} }

// Enrolled is a machine of the only site of an empty ledger, a server. quota is how many machines Key(1), a token until 2026-12-01, enrols; its
// pseudonym is Key(2), and its password Key(3).
func Enrolled(t testing.TB, s *relational.Store, quota int) collector.Machine {
	t.Helper()
	site, err := s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateToken(t.Context(), collector.Token{Hash: Key(1), Site: site.ID, Quota: quota, ExpiresOn: "2026-12-01"}); err != nil {
		t.Fatal(err)
	}
	m, err := s.Enrol(t.Context(), collector.Enrolment{Token: Key(1), Pseudonym: Key(2), Credential: Key(3), Use: "server", On: "2026-11-16"})
	if err != nil {
		t.Fatal(err)
	}
	return m.Machine
}

// Record is an hour of a desktop, of which some seconds are covered: from 0 to 3,600.
func Record(date collector.Date, hour, covered int) collector.Record {
	return collector.Record{Date: date, Hour: hour, LengthS: 3600, Class: "desktop", Parts: []collector.Part{{
		Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: covered, Unknown: 3600 - covered},
		Energy: []collector.Energy{{Wh: 1, LowWh: .5, HighWh: 2, Method: "model-class", Scope: "machine", CoveredS: covered}},
	}}}
}

// Everything is all records, those of personal machines included.
func Everything(t testing.TB, s *relational.Store) (all []collector.Change) {
	t.Helper()
	err := s.Records(t.Context(), "2000-01-01", "2100-01-01", func(c collector.Change) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Unzipped is a file of the test that has the text of a compressed one.
func Unzipped(t testing.TB, from string) (name string) {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	z, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "veille.db")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
