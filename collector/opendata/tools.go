package opendata

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// folder is where the files for tools are.
const folder = "outils/"

// tools are the files for other tools. They tell no more than the public data do, but for the years in which groups of 11 or more were bought.
func (m *material) tools() ([]File, error) {
	lines, years := m.lines(), m.yearly()
	request, err := m.pcr(lines, years)
	if err != nil {
		return nil, err
	}
	strict, err := texts.ReadFile("texts/tools/pcr-si.schema.json")
	if err != nil {
		return nil, err
	}
	equipment, err := m.numEquipment(lines, years)
	if err != nil {
		return nil, err
	}
	centres, err := m.numCentres()
	if err != nil {
		return nil, err
	}
	readme, err := m.text("texts/tools/README.md", published{})
	if err != nil {
		return nil, err
	}
	return []File{
		{folder + "README.md", typeMarkdown, readme},
		{folder + "pcr-si.json", typeJSON, request},
		{folder + "pcr-si.schema.json", typeJSON, strict},
		{folder + "numecoeval/datacenter.csv", typeCSV, centres},
		{folder + "numecoeval/equipementPhysique.csv", typeCSV, equipment},
		{folder + "metriques.prom", "application/openmetrics-text; version=1.0.0; charset=utf-8", m.metrics()},
	}, nil
}

// line is a group of devices of one class, 11 or more of them.
type line struct {
	site  int64 // 0: of all sites that have no line of their own
	class string
	year  string // of purchase; "": of several, or not known
	n     int
}

// lines are the devices of the inventory in groups, by class, site and year. Devices of sites whose count is hidden are told together, but for those of a
// class whose count is hidden: the sum of its lines would be that count.
func (m *material) lines() []line {
	var all []line
	for _, s := range m.stocks() {
		var rest []collector.Equipment
		for _, c := range s.counts {
			if c.shown {
				all = append(all, byYear(c.site, s.class, s.of[c.site])...)
			} else {
				rest = append(rest, s.of[c.site]...)
			}
		}
		// With conceal, the rest is of 11 or more, or of nothing: where it has a small count it has another one above. Of sites that are not open
		// it is of 11 or more as well.
		if s.whole {
			all = append(all, byYear(0, s.class, rest)...)
		}
	}
	return all
}

// byYear are devices, 11 or more of them, by the year in which they were bought. What is of fewer than 11 is put together, with the smallest other line
// if that is still of fewer.
func byYear(site int64, class string, equipment []collector.Equipment) []line {
	years := map[string]int{}
	for _, e := range equipment {
		year := ""
		if _, ok := index(e.Bought); ok {
			year = string(e.Bought[:4])
		}
		years[year] += e.Count
	}
	var all []line
	rest := years[""]
	delete(years, "")
	for _, year := range slices.Sorted(maps.Keys(years)) {
		if n := years[year]; n >= privacy.Public {
			all = append(all, line{site, class, year, n})
		} else {
			rest += n
		}
	}
	for rest > 0 && rest < privacy.Public && len(all) > 0 {
		i := slices.IndexFunc(all, func(l line) bool {
			return l.n == slices.MinFunc(all, func(a, b line) int { return cmp.Compare(a.n, b.n) }).n
		})
		rest += all[i].n
		all = slices.Delete(all, i, i+1)
	}
	if rest >= privacy.Public {
		all = append(all, line{site, class, "", rest})
	}
	return all
}

// use is what a machine uses in a year.
type use struct {
	kwh     float64
	quality string // as qualityOf
}

// desksOrServers is a site, 0 for the whole organisation, and a class of measured machines.
type desksOrServers struct {
	site  int64
	class string
}

// leastMonths is of how many months a year is told at least: machines do not do the same in July as in November.
const leastMonths = 3

// hoursOfYear are the hours of a year, 365.25 days.
const hoursOfYear = 8766

// yearly is what one machine uses in a year, of the organisation and of the sites that are open, by the last twelve months that are fixed: of rows that are
// published, and of as many machines as a count is told of.
func (m *material) yearly() map[desksOrServers]use {
	months := map[desksOrServers][]balance.Account{}
	answers := m.lastYear()
	for i := range answers {
		for class, kind := range kinds() {
			t := m.telling(&answers[i], kind)
			if t.any && !t.hidden && t.whole.Machines >= privacy.Public {
				months[desksOrServers{0, class}] = append(months[desksOrServers{0, class}], t.whole)
			}
			for _, s := range t.sites {
				if k := (desksOrServers{s.site, class}); s.account.HiddenMonths == 0 && s.account.Machines >= privacy.Public {
					months[k] = append(months[k], s.account)
				}
			}
		}
	}
	all := map[desksOrServers]use{}
	for k, accounts := range months {
		if u, ok := usedInYear(accounts); ok {
			all[k] = u
		}
	}
	return all
}

// lastYear are the answers of the last twelve months of which there is one.
func (m *material) lastYear() []privacy.Answer {
	if len(m.answers) == 0 {
		return nil
	}
	first := m.answers[len(m.answers)-1].From.Plus(-11)
	i := slices.IndexFunc(m.answers, func(a privacy.Answer) bool { return a.From >= first })
	return m.answers[i:]
}

// usedInYear is what one machine uses in a year: its mean power in the time that is covered, for all hours of a year. False where less than 60 percent
// of the time is covered, or there are too few months.
func usedInYear(months []balance.Account) (use, bool) {
	a := balance.Add(months)
	var hours float64
	for _, p := range a.Parts {
		hours += p.On + p.DisplayOff + p.Sleep + p.Off + p.UnknownTime
	}
	share := a.Known * a.Covered
	if a.Months < leastMonths || share < enough || hours <= 0 {
		return use{}, false
	}
	return use{tenth(a.KWh.Value / (hours * share) * hoursOfYear), qualityOf(a.Methods)}, true
}

// measuredClass is the class of measured machines that devices of a public class are counted in; "" for none.
func measuredClass(class string) string {
	switch class {
	case "portable", "poste_fixe", "ecran":
		return classDesks
	case classServers:
		return classServers
	}
	return ""
}

// usedBy is what one device of a line uses in a year: that of its site, or else of the whole organisation. Monitors use nothing beside what is counted
// with workstations.
func usedBy(l line, years map[desksOrServers]use) (use, bool) {
	class := measuredClass(l.class)
	u, ok := years[desksOrServers{l.site, class}]
	if !ok {
		u, ok = years[desksOrServers{0, class}]
	}
	if l.class == "ecran" {
		u.kwh = 0
	}
	return u, ok
}

// name is the name of a line: of what it is, and never of a person's machine.
func (m *material) name(l line) string {
	return m.idOf(l.site) + "-" + l.class + "-" + cmp.Or(l.year, "annees")
}

// decimal is a figure as CSV has it.
func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
