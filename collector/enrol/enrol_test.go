package enrol_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/enrol"
)

// ledger remembers the last enrolment, and knows its machine only.
type ledger struct{ last collector.Enrolment }

func (l *ledger) Enrol(_ context.Context, e collector.Enrolment) (collector.Enrolled, error) {
	l.last = e
	return collector.Enrolled{Machine: collector.Machine{ID: 1, Use: e.Use}}, nil
}

func (l *ledger) Machine(_ context.Context, credential [32]byte) (collector.Machine, error) {
	if credential != l.last.Credential {
		return collector.Machine{}, collector.ErrNotFound
	}
	return collector.Machine{ID: 1}, nil
}

func TestTheLedgerLearnsNoSecret(t *testing.T) {
	l := &ledger{}
	key, install := bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 16)
	password, _, err := enrol.New(key, l).Enrol(t.Context(), "token", install, "individual", collector.Kind{Class: "mini"})
	if err != nil {
		t.Fatal(err)
	}
	if l.last.Kind.Class != "mini" || l.last.Use != "individual" {
		t.Errorf("the ledger learns that it is %+v", l.last)
	}
	for name, kept := range map[string][32]byte{"pseudonym": l.last.Pseudonym, "password": l.last.Credential, "token": l.last.Token} {
		for _, secret := range [][]byte{install, []byte(password), []byte("token"), key} {
			if bytes.Contains(kept[:], secret) || bytes.Contains(secret, kept[:]) {
				t.Errorf("the %s is kept as it is", name)
			}
		}
	}
	if _, err := enrol.New(key, l).Machine(t.Context(), password); err != nil {
		t.Errorf("the password given is not known: %v", err)
	}
	if _, err := enrol.New(key, l).Machine(t.Context(), password+"x"); err == nil {
		t.Error("another password is known")
	}
}

func TestAMachineHasOnePseudonymPerOrganisation(t *testing.T) {
	l, install := &ledger{}, bytes.Repeat([]byte{9}, 16)
	pseudonym := func(key byte) [32]byte {
		if _, _, err := enrol.New(bytes.Repeat([]byte{key}, 32), l).Enrol(t.Context(), "t", install, "shared", collector.Kind{}); err != nil {
			t.Fatal(err)
		}
		return l.last.Pseudonym
	}
	first := pseudonym(1)
	if again := pseudonym(1); again != first {
		t.Error("the same machine has two pseudonyms")
	}
	if first == pseudonym(2) {
		t.Error("two organisations give the same pseudonym")
	}
}

func TestTheKeyIsMadeOnceAndReadAgain(t *testing.T) {
	name := filepath.Join(t.TempDir(), "organisation.key")
	made, err := enrol.LoadKey(name, "the organisation")
	if err != nil || len(made) != 32 {
		t.Fatalf("%d bytes, %v", len(made), err)
	}
	if again, err := enrol.LoadKey(name, "the organisation"); err != nil || !bytes.Equal(made, again) {
		t.Errorf("read again: another key, %v", err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v", info.Mode())
	}
	if err := os.WriteFile(name, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := enrol.LoadKey(name, "the organisation"); err == nil {
		t.Error("a damaged key was accepted")
	}
}

func TestATokenIsShownOnceAndItsEntryExpires(t *testing.T) {
	token, entry := enrol.NewToken(3, 20, 7)
	other, _ := enrol.NewToken(3, 20, 7)
	if len(token) < 40 || token == other || entry.Site != 3 || entry.Quota != 20 || len(entry.ExpiresOn) != 10 ||
		entry.CreatedOn >= entry.ExpiresOn || len(entry.Number()) != 8 || strings.Contains(token, entry.Number()) {
		t.Errorf("%q, %+v", token, entry)
	}
}
