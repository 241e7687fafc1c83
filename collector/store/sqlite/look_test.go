package sqlite_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// beside are the files of a folder, with what is in them.
func beside(t *testing.T, dir string) (all []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		must(t, err)
		all = append(all, f.Name()+"\x00"+string(text))
	}
	return all
}

func TestALookTellsTheVersionOfAFileAndChangesNothing(t *testing.T) {
	files, err := filepath.Glob("testdata/version-*.db.gz")
	must(t, err)
	for _, file := range files {
		name := ledgertest.Unzipped(t, file)
		before := beside(t, filepath.Dir(name))
		l, err := sqlite.Look(t.Context(), name)
		if want := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "version-"), ".db.gz"); err != nil || l.Version == 0 || l.Version > l.Known || want != strconv.Itoa(l.Version) || l.Problems != nil || l.Tables == 0 {
			t.Errorf("%s: %+v, %v", file, l, err)
		}
		if _, err := sqlite.Read(t.Context(), name); l.Version < l.Known && (err == nil || !strings.Contains(err.Error(), "this program reads")) {
			t.Errorf("%s was opened: %v", file, err)
		}
		if after := beside(t, filepath.Dir(name)); !slices.Equal(after, before) {
			t.Errorf("%s was changed, or a file is beside it", file)
		}
	}
}

func TestALedgerThatIsReadIsWholeAndTakesNothing(t *testing.T) {
	name := filepath.Join(t.TempDir(), "veille.db")
	s := open(t, name)
	m := ledgertest.Enrolled(t, s, 1)
	must(t, s.KnowKey(t.Context(), "organisation.key", []byte("key"), false))
	look := func(when string) {
		t.Helper()
		before := beside(t, filepath.Dir(name))
		l, err := sqlite.Look(t.Context(), name)
		if err != nil || l.Version != l.Known || l.Problems != nil {
			t.Errorf("%s: %+v, %v", when, l, err)
		}
		r, err := sqlite.Read(t.Context(), name)
		must(t, err)
		if got, err := r.Machine(t.Context(), ledgertest.Key(3)); err != nil || got.ID != m.ID || got.Use != m.Use {
			t.Errorf("%s: %+v, %v; want %+v", when, got, err, m)
		}
		for since, want := range map[collector.Date]int64{"2026-11-16": 1, "2026-11-17": 0} {
			if enrolled, heard, err := r.Present(t.Context(), since); err != nil || enrolled != 1 || heard != want {
				t.Errorf("%s: %d, %d since %s, %v", when, enrolled, heard, since, err)
			}
		}
		for key, want := range map[string]bool{"key": true, "other": false} {
			if fits, known, err := r.FitsKey(t.Context(), "organisation.key", []byte(key)); err != nil || fits != want || !known {
				t.Errorf("%s: %s: %t, %t, %v", when, key, fits, known, err)
			}
		}
		if fits, known, err := r.FitsKey(t.Context(), "policy.key", []byte("key")); err != nil || fits || known {
			t.Errorf("%s: %t, %t, %v", when, fits, known, err)
		}
		if _, err := r.CreateSite(t.Context(), "Autre", "Site", "UTC"); err == nil {
			t.Errorf("%s: it was written to", when)
		}
		must(t, r.Close())
		if after := beside(t, filepath.Dir(name)); when == "closed" && !slices.Equal(after, before) || len(after) != len(before) {
			t.Errorf("%s: something was changed, or is beside it", when)
		}
	}
	look("open")
	must(t, s.Close())
	look("closed")
}

func TestALookAtWhatIsNoDatabaseOrDamagedSaysSo(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "veille.db")
	if _, err := sqlite.Look(t.Context(), name); err == nil {
		t.Error("there is none")
	}
	s := open(t, name)
	ledgertest.Enrolled(t, s, 1)
	must(t, s.Close())
	whole, err := os.ReadFile(name)
	must(t, err)
	hollow := slices.Clone(whole)
	for i := 4096; i < len(hollow); i++ {
		hollow[i] = byte(i * 7)
	}
	for says, text := range map[string][]byte{"is no SQLite database": []byte(strings.Repeat("garbage ", 1000)), "": hollow, "malformed": whole[:5000]} {
		must(t, os.WriteFile(name, text, 0o600))
		l, err := sqlite.Look(t.Context(), name)
		if said := strings.Join(l.Problems, "; "); err == nil && said == "" || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%d bytes: %q, %v; want %q", len(text), said, err, says)
		}
	}
	must(t, os.WriteFile(name, nil, 0o600)) // as of a first start that was cut short
	if l, err := sqlite.Look(t.Context(), name); err != nil || l.Version != 0 || l.Tables != 0 || l.Problems != nil {
		t.Errorf("of no bytes: %+v, %v", l, err)
	}
}
