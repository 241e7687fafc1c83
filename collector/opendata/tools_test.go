package opendata_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"veille/collector"
	"veille/collector/opendata"
)

// quantity is the column for how many there are.
const quantity = "quantite" //nolint:misspell // it is French

func TestTheInventoryIsAsTheStrictSchemaOfPCRSays(t *testing.T) {
	files := filesOf(t, region(t), opendata.Request{Organisation: 1})
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(files["outils/pcr-si.schema.json"]))
	if err != nil {
		t.Fatal(err)
	}
	text := string(files["outils/pcr-si.json"])
	validate(t, schema, []byte(text), "")
	for old, wrong := range map[string]string{
		`"quantity": 20`: `"quantity": 4`, `"unit": "piece"`: `"unit": "pieces"`, `"quality": "low"`: `"quality": "perfect"`, `"tags": [`: `"tag": [`, `"type": "laptop"`: `"type": "bicycle"`,
	} {
		if !strings.Contains(text, old) {
			t.Errorf("there is no %s in %s", old, text)
		}
		validate(t, schema, []byte(strings.Replace(text, old, wrong, 1)), wrong)
	}
	// Of site 1, 1238 machine-days of 24 h × 22/24 covered come to 241 Wh each: 0.241 kWh ÷ 22 h × 8766 h = 96.03 kWh, as of all machines there.
	for _, want := range []string{`"yearly_electricity_consumption": 96`, `"lifetime": 5`, `"GWP"`, `"USE": 0.0519`} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in %s", want, text)
		}
	}
}

func TestNumEcoEvalGetsGroupsWithMeasuredElectricityAndNobody(t *testing.T) {
	w := region(t)
	files := filesOf(t, w, opendata.Request{Organisation: 1})
	header, _, _ := strings.Cut(string(files["outils/numecoeval/equipementPhysique.csv"]), "\n")
	if want := "nomEquipementPhysique;modele;" + quantity + ";nomCourtDatacenter;dateAchat;dateRetrait;type;statut;paysDUtilisation;consoElecAnnuelle;utilisateur;nomSourceDonnee;nomEntite;nbCoeur"; header != want {
		t.Errorf("%s", header)
	}
	by := map[string]map[string]string{}
	for _, r := range tableOf(t, files["outils/numecoeval/equipementPhysique.csv"], ';') {
		if by[r["nomEquipementPhysique"]] != nil {
			t.Errorf("%s comes twice", r["nomEquipementPhysique"])
		}
		by[r["nomEquipementPhysique"]] = r
		if n, err := strconv.Atoi(r[quantity]); err != nil || n < 11 || r["utilisateur"] != "" {
			t.Errorf("%v", r)
		}
	}
	// Of site 2, 201 Wh a day of each machine: 0.201 kWh ÷ 22 h × 8766 h.
	is(t, "notebooks of site 2", by["site-2-portable-2024"], quantity, "20", "dateAchat", "2024-07-01", "type", "Laptop", "consoElecAnnuelle", "80.1", "statut", "In use", "paysDUtilisation", "France")
	// 36 of site 1, 4 of site 3, 12 of site 4 and 15 of site 7 stand together: 30 of 2023 and 27 of 2022; 4 of 2024 and 6 of no year are too few and take the smallest line.
	is(t, "other notebooks of 2023", by["ensemble-portable-2023"], quantity, "30")
	is(t, "the rest", by["ensemble-portable-annees"], quantity, "37", "dateAchat", "")
	is(t, "monitors", by["0350001A-ecran-2020"], quantity, "45", "consoElecAnnuelle", "0")
	// Three servers were measured: too few for a mean, which would say with their electricity how many they are.
	is(t, "servers", by["site-5-serveur-2020"], "nomCourtDatacenter", "site-5", quantity, "14", "consoElecAnnuelle", "")
	if len(by) != 6 {
		t.Errorf("%d lines: %s", len(by), files["outils/numecoeval/equipementPhysique.csv"])
	}
	centres := tableOf(t, files["outils/numecoeval/datacenter.csv"], ';')
	is(t, "data centre", centres[0], "nomCourtDatacenter", "site-5", "nomLongDatacenter", "'@Centre", "pue", "", "localisation", "France")
}

// What is told to tools, added up, is what is told to the public, and no group is small.
func TestGroupsForToolsAddUpToWhatIsPublished(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	lines := 0
	for range 300 {
		w := &world{organisations: []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "x"}, SIREN: "233500016"}}}
		for i := range 1 + r.IntN(5) {
			w.sites = append(w.sites, collector.Site{ID: int64(i + 1), Organisation: 1, Open: r.IntN(4) > 0})
			for range 1 + r.IntN(4) {
				w.equipment = append(w.equipment, collector.Equipment{
					Organisation: 1, Site: int64(i + 1), Class: "notebook", Bought: []collector.Month{"", "2020-01", "2021-01", "2022-07"}[r.IntN(4)], As: "new", Count: 1 + r.IntN(20),
				})
			}
		}
		files := filesOf(t, w, opendata.Request{Organisation: 1})
		rows := tableOf(t, files[parc+"/donnees.csv"], ',')
		sum, at := 0, map[string]int{}
		for _, l := range tableOf(t, files["outils/numecoeval/equipementPhysique.csv"], ';') {
			n, _ := strconv.Atoi(l[quantity])
			if n < 11 {
				t.Fatalf("%v", l)
			}
			sum += n
			at[strings.SplitN(l["nomEquipementPhysique"], "-portable", 2)[0]] += n
			lines++
		}
		whole := find(rows, "ensemble", "portable", "2026-08")
		if want, _ := strconv.Atoi(whole["nb_equipements"]); whole["nb_equipements"] != "" && sum != want {
			t.Fatalf("%d in groups, and %q published", sum, whole["nb_equipements"])
		}
		subtracts(t, w, rows, whole["nb_equipements"])
		for _, row := range rows {
			if n, _ := strconv.Atoi(row["nb_equipements"]); row["site_id"] != "ensemble" && n != at[row["site_id"]] {
				t.Fatalf("%s: %d in groups, and %q published", row["site_id"], at[row["site_id"]], row["nb_equipements"])
			}
		}
	}
	if lines < 300 {
		t.Errorf("only %d groups", lines)
	}
}

// subtracts fails where what is published of some sites, taken from what is published of all, leaves a small count alone, or nearly.
func subtracts(t *testing.T, w *world, rows []map[string]string, whole string) {
	t.Helper()
	left, err := strconv.Atoi(whole)
	if err != nil {
		return
	}
	truth := map[int64]int{}
	for _, e := range w.equipment {
		truth[e.Site] += e.Count
	}
	for _, s := range w.sites {
		if row := find(rows, fmt.Sprintf("site-%d", s.ID), "portable", "2026-08"); row != nil && row["nb_equipements"] != "" {
			n, _ := strconv.Atoi(row["nb_equipements"])
			left -= n
			delete(truth, s.ID)
		}
	}
	sum, small := 0, 0
	for _, n := range truth {
		sum += n
		if n < 11 {
			small++
		}
	}
	if sum != left {
		t.Errorf("%d are left, and not %d", left, sum)
	}
	if small > 0 && (len(truth) == small || left < 21) {
		t.Errorf("%d of %v are left", left, truth)
	}
}

func TestMetricsAreOpenMetrics(t *testing.T) {
	text := string(filesOf(t, region(t), opendata.Request{Organisation: 1})["outils/metriques.prom"])
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if !strings.Contains(p.Text, "use base unit") { // kWh and hours, as people ask for them
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] != "" || lines[len(lines)-2] != "# EOF" || strings.Count(text, "# EOF") != 1 {
		t.Error("it does not end in # EOF")
	}
	sample := regexp.MustCompile(`^([a-z_0-9]+)\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\} -?[0-9.]+$`)
	family, seen, samples := "", map[string]bool{}, 0
	for _, l := range lines[:len(lines)-2] {
		var kind, name string
		if n, _ := fmt.Sscanf(l, "# %s %s", &kind, &name); n == 2 {
			if kind == "TYPE" {
				if seen[name] {
					t.Errorf("%s comes twice", name)
				}
				family, seen[name] = name, true
			}
			if name != family || kind == "UNIT" && !strings.HasSuffix(l, name[strings.LastIndex(name, "_")+1:]) {
				t.Errorf("%s is out of place", l)
			}
			continue
		}
		m := sample.FindStringSubmatch(l)
		if m == nil || m[1] != family {
			t.Errorf("%q is no sample of %s", l, family)
		}
		if seen[l] {
			t.Errorf("%s comes twice", l)
		}
		seen[l] = true
		samples++
	}
	for _, want := range []string{
		`veille_group_electricity_kwh{organisation="233500016",site="ensemble",class="postes",month="2026-08",simulated="false"} 785.1`,
		`veille_group_state_hours{organisation="233500016",site="0350001A",class="postes",month="2026-08",simulated="false",state="off"} 372`,
	} {
		if !seen[want] {
			t.Errorf("there is no %s in %s", want, text)
		}
	}
	if strings.Contains(text, "site-3") && strings.Contains(text, `site="site-3",class="postes"`) || samples < 20 {
		t.Errorf("%d samples, or those of a site that is hidden: %s", samples, text)
	}
}
