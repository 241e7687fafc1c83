package opendata

import (
	"bytes"
	"fmt"
	"strings"

	"veille/collector"
)

// gauge is one metric, from a field of the rows of the fleet.
type gauge struct {
	name, unit, help string
	values           []gaugeValue
}

type gaugeValue struct{ field, label string } // label: more labels, as they are written

func gauges() []gauge {
	state := func(field, name string) gaugeValue { return gaugeValue{field, `,state="` + name + `"`} }
	return []gauge{
		{"veille_group_machines", "", "Machines followed, at least, in the month.", []gaugeValue{{"nb_equipements_suivis", ""}}},
		{"veille_group_electricity_kwh", "kwh", "Electricity of the time that is covered in the month.", []gaugeValue{{"conso_electrique_kwh", ""}}},
		{"veille_group_electricity_low_kwh", "kwh", "Its low bound.", []gaugeValue{{"conso_basse_kwh", ""}}},
		{"veille_group_electricity_high_kwh", "kwh", "Its high bound.", []gaugeValue{{"conso_haute_kwh", ""}}},
		{"veille_group_coverage_percent", "percent", "Share of the time that the electricity covers.", []gaugeValue{{"couverture_pct", ""}}},
		{"veille_group_state_hours", "hours", "Hours of one machine in each state in the month, in the mean.", []gaugeValue{
			state("heures_allume", "on"), state("heures_veille", "sleep"), state("heures_eteint", "off"), state("heures_inconnu", "unknown"),
		}},
		{"veille_group_off_outside_percent", "percent", "Share of the known time outside of open hours in which workstations were off.", []gaugeValue{{"part_eteints_hors_usage_pct", ""}}},
		{"veille_group_carbon_kgco2e", "kgco2e", "Carbon of the electricity in the month.", []gaugeValue{{"ges_usage_kgco2e", ""}}},
	}
}

// metrics are the measured rows of the last month, as OpenMetrics text.
func (m *material) metrics() []byte {
	var last collector.Date
	var rows []row
	if len(m.answers) > 0 {
		last, _, _ = m.answers[len(m.answers)-1].From.Dates()
	}
	for _, r := range m.fleetRows() {
		if class := r["classe_equipement"]; r["periode_debut"] == last && (class == classDesks || class == classServers) {
			rows = append(rows, r)
		}
	}
	var out bytes.Buffer
	for _, g := range gauges() {
		fmt.Fprintf(&out, "# TYPE %s gauge\n", g.name)
		if g.unit != "" {
			fmt.Fprintf(&out, "# UNIT %s %s\n", g.name, g.unit)
		}
		fmt.Fprintf(&out, "# HELP %s %s\n", g.name, g.help)
		for _, r := range rows {
			for _, v := range g.values {
				if x := r[v.field]; x != nil {
					fmt.Fprintf(&out, "%s{%s%s} %s\n", g.name, labels(r), v.label, cell(x))
				}
			}
		}
	}
	out.WriteString("# EOF\n")
	return out.Bytes()
}

// labels are those of a row: numbers, and no names of people's own making.
func labels(r row) string {
	var all []string
	for _, l := range [][2]string{{"organisation", "organisation_siren"}, {"site", "site_id"}, {"class", "classe_equipement"}, {"month", "periode_debut"}, {"simulated", "donnees_simulees"}} {
		value := cell(r[l[1]])
		if l[0] == "month" {
			value = value[:len("2006-01")]
		}
		all = append(all, l[0]+`="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value)+`"`)
	}
	return strings.Join(all, ",")
}
