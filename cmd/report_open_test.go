package cmd_test

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// filesIn are all files of a folder, by their names in it.
func filesIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all[name] = string(contents(t, filepath.Join(folder, name)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const fleetTable = "empreinte-parc-informatique/donnees.csv"

// fleetRows are the rows of the public table of machines, by the names of its columns.
func fleetRows(t *testing.T, files map[string]string) (rows []map[string]string) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(files[fleetTable])).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatalf("%s has %d lines, %v", fleetTable, len(lines), err)
	}
	for _, l := range lines[1:] {
		row := map[string]string{}
		for i, cell := range l {
			row[lines[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}

// published writes the open data of a collector into a new folder, and answers them.
func published(t *testing.T, data string) map[string]string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "open")
	manage(t, data, "opendata", "-o", folder, "--base", "https://data.example.org/")
	return filesIn(t, folder)
}

// tiny is a collector with four sites that are open to the public, the last of them of three machines of persons and a shared one.
func tiny(t *testing.T) history {
	t.Helper()
	return begun(t, "tiny", openSites)
}

func openSites(t *testing.T) history {
	t.Helper()
	h := lived(t, crew{seed: 10, machines: 104, months: 7, weights: []int{4, 3, 3, 1}, slept: past(3) + "-01"})
	manage(t, h.data, "org", "set", "--siren", "123456782")
	for i, site := range h.sites {
		manage(t, h.data, "site", "set", "--site", site, "--open=true", "--scope", "lycees", "--code", "035000"+strconv.Itoa(i)+"A", "--commune", "3523"+strconv.Itoa(i))
	}
	return h
}

func TestOpenDataAreTheSameBytesEachTime(t *testing.T) {
	t.Parallel()
	h := tiny(t)
	first, again := published(t, h.data), published(t, h.data)
	if len(first) < 10 || !maps.Equal(first, again) {
		t.Errorf("%d files and %d are not the same", len(first), len(again))
	}
	folder := t.TempDir()
	for range 2 { // over those that are there
		manage(t, h.data, "opendata", "-o", folder, "--base", "https://data.example.org/")
	}
	if !maps.Equal(first, filesIn(t, folder)) {
		t.Error("written over others, the files are not the same")
	}
}

func TestOpenDataAreServedOnlyOncePublished(t *testing.T) {
	t.Parallel()
	h := tiny(t)
	c := start(t, true, "veille-collector", "serve", "--data", h.data, "--listen", "127.0.0.1:0", "--browser", "none")
	answered := func(path string) (int, string) {
		status, _, text := get(t, plain(), c.first+path)
		return status, text
	}
	nothing := func(when string) {
		for _, path := range []string{"opendata/", "opendata/catalog.jsonld", "opendata/1/", "opendata/1/catalog.jsonld", "opendata/1/" + fleetTable, "opendata/1/outils/metriques.prom", "opendata/2/catalog.jsonld", "opendata/1/../../veille.db"} {
			if status, text := answered(path); status != http.StatusNotFound || strings.Contains(text, "Site 1") {
				t.Errorf("%s /%s answers %d: %.200s", when, path, status, text)
			}
		}
	}
	nothing("before they are published")
	manage(t, h.data, "org", "set", "--open-data=true")
	folder := filepath.Join(t.TempDir(), "open")
	manage(t, h.data, "opendata", "-o", folder, "--base", c.first+"opendata/1/")
	for name, want := range filesIn(t, folder) {
		if strings.HasPrefix(name, "outils/") { // for tools that people run themselves
			if status, _ := answered("opendata/1/" + name); status != http.StatusNotFound {
				t.Errorf("/%s answers %d", name, status)
			}
			continue
		}
		if status, text := answered("opendata/1/" + name); status != http.StatusOK || text != want {
			t.Errorf("/%s answers %d and %d bytes, want those %d of the file", name, status, len(text), len(want))
		}
	}
	if status, text := answered("opendata/catalog.jsonld"); status != http.StatusOK || !strings.Contains(text, "dcat:Dataset") {
		t.Errorf("the catalogue of all answers %d: %.300s", status, text)
	}
	manage(t, h.data, "org", "set", "--open-data=false")
	nothing("after they were taken back")
}

// TestNobodyFindsAHiddenSiteInOpenDataBySubtraction takes all numbers that are published, month by month and column by column, and subtracts the sites
// that are told from the whole: what is left must be of eleven machines of persons at least, or of nothing.
func TestNobodyFindsAHiddenSiteInOpenDataBySubtraction(t *testing.T) {
	t.Parallel()
	h := tiny(t)
	raw := rowsOf(t, h)
	files := published(t, h.data)
	rows := fleetRows(t, files)
	numbers := []string{
		"nb_equipements", "nb_equipements_suivis", "conso_electrique_kwh", "conso_basse_kwh", "conso_haute_kwh", "heures_allume", "heures_veille", "heures_eteint", "heures_inconnu",
		"couverture_pct", "part_eteints_hors_usage_pct", "ges_usage_kgco2e", "conso_evitee_kwh",
	}
	shownSites, hiddenSites := 0, 0
	for _, month := range h.months {
		of := slices.DeleteFunc(slices.Clone(rows), func(r map[string]string) bool {
			return !strings.HasPrefix(r["periode_debut"], month) || r["classe_equipement"] != "postes"
		})
		for _, column := range numbers {
			left := persons(h, month)
			all := 0
			for _, n := range left {
				all += n
			}
			whole := false
			for _, r := range of {
				switch site := slices.Index(h.sites, r["site_nom"]); {
				case r[column] == "":
				case site < 0:
					whole = true
				default:
					if left[site] < 11 {
						t.Errorf("%s of %s tells %s of %s, where %d persons work", column, month, r[column], r["site_nom"], left[site])
					}
					all -= left[site]
					shownSites++
				}
			}
			if whole && all > 0 && all < 11 {
				t.Errorf("%s of %s: less the sites that are told, the whole is of %d persons", column, month, all)
			}
			if whole && all > 0 {
				hiddenSites++
			}
		}
		for _, r := range of {
			site := slices.Index(h.sites, r["site_nom"])
			isTrue(t, r, "conso_electrique_kwh", raw.sum([]string{month}, func(k heapKey) bool { return !k.server && (site < 0 || k.site == site) }).kwh)
		}
	}
	if shownSites == 0 || hiddenSites == 0 {
		t.Errorf("%d numbers are of sites, and %d of a whole with hidden sites: this test says nothing", shownSites, hiddenSites)
	}
	secret := h.sites[3]
	for _, r := range rows {
		for _, column := range numbers {
			if r["site_nom"] == secret && r["classe_equipement"] == "postes" && r[column] != "" {
				t.Errorf("%s of %s is %s", column, secret, r[column])
			}
		}
	}
	for name, text := range files {
		for line := range strings.Lines(text) {
			if strings.HasSuffix(name, ".prom") && (strings.Contains(line, secret) || strings.Contains(line, "0350003A")) && strings.Contains(line, `class="postes"`) {
				t.Errorf("%s says %s", name, line)
			}
		}
	}
}

// persons is how many machines of persons each site had in a month, as they posted.
func persons(h history, month string) []int {
	n := make([]int, len(h.sites))
	for _, m := range h.machines {
		if m.use == "individual" && slices.ContainsFunc(m.bodies, func(b []byte) bool { return bytes.Contains(b, []byte(`"date":"`+month)) }) {
			n[m.site]++
		}
	}
	return n
}

// isTrue holds a number that is published against the true one.
func isTrue(t *testing.T, row map[string]string, column string, want float64) {
	t.Helper()
	if row[column] == "" {
		return
	}
	if x, err := strconv.ParseFloat(row[column], 64); err != nil || math.Abs(x-want) > 0.0501 {
		t.Errorf("%s of %q in %s is %s, and %.3f by hand", column, row["site_nom"], row["periode_debut"], row[column], want)
	}
}

func TestWhatAnActionSavedAtAHiddenSiteIsNotInOpenData(t *testing.T) {
	t.Parallel()
	h := tiny(t)
	avoided := func() (all []string) {
		for _, r := range fleetRows(t, published(t, h.data)) {
			all = append(all, r["periode_debut"]+" "+r["site_id"]+" "+r["classe_equipement"]+" "+r["conso_evitee_kwh"])
		}
		return all
	}
	manage(t, h.data, "action", "add", "Sleep", "--measure", "sleep-policy", "--on", past(3)+"-01", "--baseline", past(7)+":"+past(4))
	before := avoided()
	manage(t, h.data, "action", "add", "Sleep there too", "--measure", "sleep-policy", "--on", past(3)+"-01", "--baseline", past(7)+":"+past(4), "--site", h.sites[3])
	if after := avoided(); !slices.Equal(after, before) {
		t.Errorf("with an action at the hidden site there is\n%s\nbefore it was\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
	if n := len(slices.DeleteFunc(before, func(line string) bool { return strings.HasSuffix(line, " ") })); n == 0 {
		t.Error("nothing that was avoided is published: this test says nothing")
	}
}
