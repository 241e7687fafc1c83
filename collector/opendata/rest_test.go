package opendata_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"veille/collector"
	"veille/collector/opendata"
)

// truth is what one site did, in a class of measured machines.
type truth struct {
	machines int
	kwh      float64
}

const oneMonth = collector.Month("2026-08")

// drawn is an organisation of a few sites, open or not, in one month, and what each of them did by class.
func drawn(t *testing.T, r *rand.Rand) (*world, map[string]map[int64]*truth) {
	t.Helper()
	w := &world{organisations: []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "x"}, SIREN: "233500016"}}}
	all := map[string]map[int64]*truth{"postes": {}, "serveur": {}}
	for i := range 1 + r.IntN(6) {
		id := int64(i + 1)
		w.sites = append(w.sites, collector.Site{ID: id, Organisation: 1, Open: r.IntN(2) > 0})
		for use, class := range map[collector.Use]string{"individual": "postes", "shared": "postes", "server": "serveur"} {
			n := r.IntN(4) * (1 + r.IntN(16))
			if n == 0 {
				continue
			}
			watts := float64(5 + r.IntN(60))
			w.fleet(t, oneMonth, id, use, n, watts, false)
			if all[class][id] == nil {
				all[class][id] = &truth{}
			}
			all[class][id].machines += n
			all[class][id].kwh += 31 * float64(n) * (8*watts + 1) / 1000
		}
	}
	w.fix()
	return w, all
}

// figure is a cell of a row as a number; false of an empty one.
func figure(r map[string]string, field string) (float64, bool) {
	x, err := strconv.ParseFloat(r[field], 64)
	return x, err == nil
}

// An attacker takes all rows of sites from that of the organisation. What he has left is not that of one site which is not open, nor mostly, and it
// is no small number of machines.
func TestNoSiteThatIsNotOpenIsLeftWhenAllRowsAreTakenFromTheWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	left, whole := 0, 0
	for range 500 {
		w, all := drawn(t, r)
		rows := tableOf(t, filesOf(t, w, opendata.Request{Organisation: 1, Quiet: true})[parc+"/donnees.csv"], ',')
		for class, sites := range all {
			of := find(rows, "ensemble", class, string(oneMonth))
			kwh, told := figure(of, "conso_electrique_kwh")
			count, counted := figure(of, "nb_equipements_suivis")
			if counted && !told || !told && len(values(of)) > 0 {
				t.Fatalf("the whole is hidden and is told: %v", of)
			}
			if !told {
				continue
			}
			whole++
			hidden := 0
			for _, s := range w.sites {
				row := find(rows, fmt.Sprintf("site-%d", s.ID), class, string(oneMonth))
				if row != nil && !s.Open {
					t.Fatalf("a site that is not open has a row: %v", row)
				}
				if x, ok := figure(row, "conso_electrique_kwh"); ok {
					kwh -= x
				}
				n, ok := figure(row, "nb_equipements_suivis")
				if ok {
					count -= n
				} else if sites[s.ID] != nil {
					hidden++
				}
				if ok && n < 11 {
					t.Fatalf("%v machines: %v", n, row)
				}
			}
			if counted && hidden > 0 && count < 11 || hidden == 1 && counted {
				t.Fatalf("%v machines are left of %d sites: %v", count, hidden, rows)
			}
			for _, s := range w.sites {
				if x := sites[s.ID]; x != nil && !s.Open {
					left++
					if x.kwh > 0.86*kwh+0.5 {
						t.Fatalf("%s: %.1f kWh are left, and site %d, which is not open, had %.1f: %v", class, kwh, s.ID, x.kwh, rows)
					}
				}
			}
		}
	}
	if left < 100 || whole < 200 {
		t.Errorf("only %d sites were attacked, in %d wholes", left, whole)
	}
}

// Two organisations that differ in which of two closed sites has saved what publish the same, to the byte: so nobody can tell which it was.
func TestWhatOneOfTwoClosedSitesDidIsTheOthersAsWell(t *testing.T) {
	made := func(first, second int64) map[string][]byte {
		w := region(t)
		w.rows = nil
		for i := range 12 {
			month, watts := collector.Month("2025-09").Plus(i), 30.0
			w.fleet(t, month, 1, "individual", 40, 30, false)
			w.fleet(t, month, 2, "individual", 30, 25, false)
			if i > 6 {
				watts = 10
			}
			w.fleet(t, month, first, "individual", 20, watts, false)
			w.fleet(t, month, second, "individual", 20, 30, false)
			w.fleet(t, month, first, "server", 8, 10*watts, false)
			w.fleet(t, month, second, "server", 8, 300, false)
		}
		w.fix()
		w.actions = []collector.Action{{ID: 5, Organisation: 1, Name: "x", Measure: "sleep-policy", On: "2026-04-01", BaseFrom: "2025-09", Base: "2026-02"}}
		w.baselines = []collector.Baseline{{Action: 5, Organisation: 1, KeptOn: "2026-04-02"}}
		return filesOf(t, w, opendata.Request{Organisation: 1})
	}
	one, other := made(4, 7), made(7, 4)
	for name, text := range one {
		if !bytes.Equal(text, other[name]) {
			t.Errorf("%s tells which of the two it was", name)
		}
	}
	evaded := 0
	for _, r := range tableOf(t, one[parc+"/donnees.csv"], ',') {
		if r["conso_evitee_kwh"] != "" {
			evaded++
		}
	}
	if evaded == 0 {
		t.Error("nothing was told of what was saved")
	}
}

// With one closed site the whole would be it: nothing of the whole is told, neither what was saved nor what a machine uses in a year.
func TestOneClosedSiteHidesTheWhole(t *testing.T) {
	w := region(t)
	w.sites = slices.DeleteFunc(w.sites, func(s collector.Site) bool { return s.ID == 7 })
	w.fleet(t, "2026-08", 4, "server", 30, 100, false)
	w.actions = []collector.Action{{ID: 5, Organisation: 1, Name: "x", Measure: "sleep-policy", On: "2026-04-01", BaseFrom: "2025-09", Base: "2026-02"}}
	w.baselines = []collector.Baseline{{Action: 5, Organisation: 1, KeptOn: "2026-04-02"}}
	files := filesOf(t, w, opendata.Request{Organisation: 1})
	for _, r := range tableOf(t, files[parc+"/donnees.csv"], ',') {
		class := r["classe_equipement"]
		closed := class == "postes" || class == "portable" || class == "serveur" && r["periode_debut"] == "2026-08-01" && r["nb_equipements"] == ""
		if got := values(r); r["site_id"] == "ensemble" && closed && (len(got) > 0 || r["secret_statistique"] != "true") {
			t.Errorf("%v is told of the whole: %v", got, r)
		}
	}
	for _, l := range tableOf(t, files["outils/numecoeval/equipementPhysique.csv"], ';') {
		if name := l["nomEquipementPhysique"]; len(name) > 17 && name[:17] == "ensemble-portable" {
			t.Errorf("the notebooks of a site that is not open are told: %v", l)
		}
	}
}
