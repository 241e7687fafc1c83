package postgres_test

import (
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/postgres"
)

func TestALookAtALedgerTellsItsVersionAndChangesNothing(t *testing.T) {
	url := shared.Database(t)
	if l, err := postgres.Look(t.Context(), url); err != nil || l.Version != 0 || l.Tables != 0 || l.Served {
		t.Errorf("of an empty database: %+v, %v", l, err)
	}
	s := open(t, url)
	enrolled(t, s, 1)
	if l, err := postgres.Look(t.Context(), url); err != nil || l.Version != l.Known || l.Tables == 0 || l.Served {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := s.Lease(t.Context(), collector.Lease{Job: "crawl", Holder: "a", For: time.Minute}); err != nil {
		t.Fatal(err)
	}
	r, err := postgres.Read(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	if n, heard, err := r.Present(t.Context(), "2026-01-01"); err != nil || n != 1 || heard != 1 {
		t.Errorf("%d, %d, %v", n, heard, err)
	}
	if _, known, err := r.FitsKey(t.Context(), "organisation.key", []byte("key")); err != nil || known {
		t.Errorf("%t, %v", known, err)
	}
	if _, err := r.CreateSite(t.Context(), "Autre", "Site", "UTC"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("it was written to: %v", err)
	}
	if l, err := postgres.Look(t.Context(), url); err != nil || !l.Served {
		t.Errorf("while a collector serves: %+v, %v", l, err)
	}
	run(t, url, "UPDATE writing SET version = version + 1")
	if l, err := postgres.Look(t.Context(), url); err != nil || l.Version != l.Known+1 {
		t.Errorf("of a newer program: %+v, %v", l, err)
	}
}
