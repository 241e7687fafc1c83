package opendata

import (
	"fmt"
	"slices"
	"strconv"

	"veille/collector"
	"veille/collector/balance"
)

// pcrRequest is an inventory in the exchange format PCR-SI; pcr-si.schema.json says what may be in it.
type pcrRequest struct {
	Organization string           `json:"organization"`
	Dataset      string           `json:"dataset"`
	Electricity  []pcrElectricity `json:"electricity"`
	Inventory    []pcrItem        `json:"inventory"`
}

type pcrElectricity struct {
	Name    string         `json:"name"`
	Impacts map[string]any `json:"impacts"`
	Source  string         `json:"source"`
}

type pcrItem struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Name     string   `json:"name"`
	Quantity int      `json:"quantity"`
	Unit     string   `json:"unit"`
	Lifetime float64  `json:"lifetime,omitempty"`
	Quality  string   `json:"quality"`
	Yearly   *float64 `json:"yearly_electricity_consumption,omitempty"`
	Mix      string   `json:"mix_of_use,omitempty"`
	Tags     []string `json:"tags"`
}

// pcr is the inventory as PCR-SI.
func (m *material) pcr(lines []line, years map[desksOrServers]use) ([]byte, error) {
	mark, _ := m.marks()
	r := pcrRequest{Organization: m.of.Name, Dataset: "Parc informatique " + string(m.stockMonth()) + mark, Electricity: []pcrElectricity{}, Inventory: []pcrItem{}}
	mix := ""
	if f, ok := m.book.Factor(balance.Electricity); ok {
		mix = "mix " + strconv.Itoa(f.Year)
		r.Electricity = append(r.Electricity, pcrElectricity{
			Name: mix, Source: textList([]string{clean(f.Source)}),
			Impacts: map[string]any{"GWP": map[string]any{"unit": "kg CO2 eq", "USE": rounded(f.Value/1000, 6)}},
		})
	}
	for _, l := range lines {
		item := pcrItem{ID: m.name(l), Type: pcrType(l.class), Name: l.class, Quantity: l.n, Unit: "piece", Quality: "low", Lifetime: m.lasts(l.class), Mix: mix, Tags: []string{m.idOf(l.site)}}
		if u, ok := usedBy(l, years); ok {
			item.Yearly = &u.kwh
		}
		if item.Lifetime == 0 && item.Yearly != nil {
			item.Quality = "medium" // the quantity is the organisation's own, and the electricity was measured
		}
		r.Inventory = append(r.Inventory, item)
	}
	return pretty(r)
}

// lasts is how many years devices of a public class usually last: the least of its classes; 0 where that is not known of all.
func (m *material) lasts(class string) (years float64) {
	for _, device := range collector.Devices() {
		if classOf(device) != class || !slices.ContainsFunc(m.equipment, func(e collector.Equipment) bool { return e.Class == device }) {
			continue
		}
		f, ok := m.book.Factor(balance.Lasts + device)
		if !ok {
			return 0
		}
		if years == 0 || f.Value < years {
			years = f.Value
		}
	}
	return years
}

// pcrType is the type of a public class.
func pcrType(class string) string {
	switch class {
	case "portable":
		return "laptop"
	case "poste_fixe":
		return "desktop"
	case classServers:
		return "server"
	case "ecran":
		return "monitor"
	case "tablette":
		return "tablet"
	case "imprimante":
		return "printer"
	}
	return "other"
}

// numType is the type of a public class in the files of NumEcoEval.
func numType(class string) string {
	switch class {
	case "portable":
		return "Laptop"
	case "poste_fixe":
		return "Desktop"
	case classServers:
		return "Server"
	case "ecran":
		return "Monitor"
	case "tablette":
		return "Tablet"
	case "imprimante":
		return "Printer"
	}
	return "Other"
}

// numEquipment is the inventory as NumEcoEval's equipementPhysique.csv.
func (m *material) numEquipment(lines []line, years map[desksOrServers]use) ([]byte, error) {
	records := [][]string{{
		"nomEquipementPhysique", "modele",
		"quantite", //nolint:misspell // it is French
		"nomCourtDatacenter", "dateAchat", "dateRetrait", "type", "statut", "paysDUtilisation", "consoElecAnnuelle",
		"utilisateur", "nomSourceDonnee", "nomEntite", "nbCoeur",
	}}
	for _, l := range lines {
		bought, kwh, source := "", "", "inventaire"
		if l.year != "" {
			bought = l.year + "-07-01"
		}
		if u, ok := usedBy(l, years); ok {
			kwh, source = decimal(u.kwh), "mesure agent, méthode "+Method
			if l.class == "ecran" {
				source = "compté avec les postes, méthode " + Method
			}
		}
		records = append(records, []string{
			harmless(m.name(l)), l.class, strconv.Itoa(l.n), m.centre(l), bought, "", numType(l.class), "In use", "France", kwh, "", source, harmless(m.of.Name), "",
		})
	}
	return separated(';', records)
}

// centre is the data centre that servers of a line are in; "" for desks.
func (m *material) centre(l line) string {
	if s, ok := m.site(l.site); ok && l.class == classServers && s.Scope == collector.ScopeDataCentre {
		return m.idOf(l.site)
	}
	return ""
}

// numCentres are the data centres that are open, as NumEcoEval's datacenter.csv. Nobody has told us their PUE.
func (m *material) numCentres() ([]byte, error) {
	records := [][]string{{"nomCourtDatacenter", "nomLongDatacenter", "pue", "localisation", "nomEntite"}}
	for _, s := range m.sites {
		if s.Open && s.Scope == collector.ScopeDataCentre {
			records = append(records, []string{m.idOf(s.ID), harmless(clean(s.Name)), "", "France", harmless(m.of.Name)})
		}
	}
	out, err := separated(';', records)
	if err != nil {
		return nil, fmt.Errorf("write datacenter.csv: %w", err)
	}
	return out, nil
}
