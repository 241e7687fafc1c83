package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// until is a writer that ends the program when it says that it listens.
type until func()

func (u until) Write(p []byte) (int, error) { u(); return len(p), nil }

// started runs serve with some arguments until it listens, and answers whether it did, and what it said instead.
func started(t *testing.T, args ...string) (ok bool, says string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stderr bytes.Buffer
	p := program(until(func() { ok = true; cancel() }), &stderr)
	p.Stdout, p.Stderr, p.Lookup = &stderr, &stderr, func(string) (string, bool) { return "", false }
	status := p.Run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...))
	if ok != (status == 0) {
		t.Errorf("exit %d, listening: %t", status, ok)
	}
	return ok, stderr.String()
}

func TestALostKeyIsMadeAnewOnlyWhereNobodyReliesOnIt(t *testing.T) {
	f := folder{dir: t.TempDir()}
	organisation, policy := filepath.Join(f.dir, organisationKey), filepath.Join(f.dir, policyKey)
	read := func(name string) string {
		t.Helper()
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	lose := func(names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	serve := func(want bool, says string, args ...string) {
		t.Helper()
		if ok, said := started(t, append([]string{"--data", f.dir}, args...)...); ok != want || !strings.Contains(said, says) {
			t.Errorf("started: %t, %s; want %t and %q", ok, said, want, says)
		}
	}
	serve(true, "")
	lose(organisation, policy)
	serve(true, "") // nobody has enrolled

	store, err := sqlite.Open(t.Context(), f.database())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	site, err := store.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (policies{store}).Policy(t.Context(), site, "2026-11-22", 0); err != nil {
		t.Fatal(err)
	}
	lose(organisation, policy)
	serve(true, "") // a policy that no machine was given
	token, entry := enrol.NewToken(site.ID, 1, 7)
	if err := store.CreateToken(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	if _, _, err := enrol.New([]byte(read(organisation)), store).Enrol(t.Context(), token, []byte("0123456789abcdef"), "server", collector.Kind{}); err != nil {
		t.Fatal(err)
	}
	serve(true, "")

	kept, signer := read(organisation), read(policy)
	lose(policy)
	serve(false, "policy.key is missing from "+f.dir)
	serve(false, "the machines then hear of no policy until each is enrolled again")
	lose(organisation)
	serve(false, "organisation.key is missing from "+f.dir)
	for _, name := range []string{organisation, policy} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s was made all the same", name)
		}
	}
	if err := os.WriteFile(organisation, []byte(kept), 0o600); err != nil { // from the backup
		t.Fatal(err)
	}
	serve(true, "", "--new-keys")
	if read(organisation) != kept || read(policy) == signer {
		t.Error("a key that was there is another, or one that was missing is the same")
	}
	lose(organisation)
	serve(false, "organisation.key is missing")
	serve(true, "", "--new-keys")
}

func TestADatabaseOfAVersionWithoutPoliciesGetsTheirKey(t *testing.T) {
	f := folder{dir: t.TempDir()}
	store, err := sqlite.Open(t.Context(), f.database())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	site, err := store.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	key, err := enrol.LoadKey(filepath.Join(f.dir, organisationKey), "the organisation")
	if err != nil {
		t.Fatal(err)
	}
	token, entry := enrol.NewToken(site.ID, 1, 7)
	if err := store.CreateToken(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	if _, _, err := enrol.New(key, store).Enrol(t.Context(), token, []byte("0123456789abcdef"), "server", collector.Kind{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := f.keys(t.Context(), store, false); err != nil {
		t.Error(err)
	}
}

// What an earlier program left is not changed under an earlier program that serves from it.
func TestTablesAreNotChangedUnderACollectorThatServes(t *testing.T) {
	f := folder{dir: filepath.Dir(ledgertest.Unzipped(t, "../../collector/store/sqlite/testdata/version-4.db.gz"))}
	serving, err := sqlite.Lock(f.database())
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(*relational.Store) error { return nil }
	if err := f.with(t.Context(), nothing); err == nil || !strings.Contains(err.Error(), "earlier version") {
		t.Errorf("a command says %v", err)
	}
	if behind, err := sqlite.Behind(t.Context(), f.database()); !behind || err != nil {
		t.Errorf("the tables were changed: %t, %v", !behind, err)
	}
	if err := serving(); err != nil {
		t.Fatal(err)
	}
	if err := f.with(t.Context(), nothing); err != nil {
		t.Error(err)
	}
	if behind, err := sqlite.Behind(t.Context(), f.database()); behind || err != nil {
		t.Errorf("the tables were not changed: %t, %v", behind, err)
	}
}
