package opendata

import (
	"slices"
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// classOf is the public class of a class of collector.Devices.
func classOf(device string) string {
	switch device {
	case "notebook":
		return "portable"
	case "desktop", "mini", "all-in-one", "thin-client":
		return "poste_fixe"
	case "server":
		return classServers
	case "monitor":
		return "ecran"
	case "tablet":
		return "tablette"
	case "printer":
		return "imprimante"
	}
	return "autre"
}

// stock is the devices of one public class, by site.
type stock struct {
	class  string
	counts []count // by site
	whole  bool    // that of the organisation is shown
	of     map[int64][]collector.Equipment
	all    []collector.Equipment
}

// stocks are the devices in service by public class, in the order of collector.Devices, and which of their counts may be shown.
func (m *material) stocks() []*stock {
	var all []*stock
	by := map[string]*stock{}
	for _, device := range collector.Devices() {
		class := classOf(device)
		if by[class] == nil {
			by[class] = &stock{class: class, of: map[int64][]collector.Equipment{}}
			all = append(all, by[class])
		}
	}
	for _, e := range m.equipment {
		s := by[classOf(e.Class)]
		s.of[e.Site], s.all = append(s.of[e.Site], e), append(s.all, e)
	}
	kept := all[:0]
	for _, s := range all {
		for _, site := range m.sites {
			if n := number(s.of[site.ID]); n > 0 {
				s.counts = append(s.counts, count{site: site.ID, n: n, open: site.Open})
			}
		}
		if len(s.counts) > 0 {
			s.whole = concealSites(s.counts)
			kept = append(kept, s)
		}
	}
	return kept
}

// number is how many devices there are.
func number(equipment []collector.Equipment) (n int) {
	for _, e := range equipment {
		n += e.Count
	}
	return n
}

// inventory are the rows of devices in service, at the end of the last month that is over.
func (f *fleet) inventory() {
	month := f.stockMonth()
	for _, s := range f.stocks() {
		f.devices(key{month, 0, s.class}, s.all, s.whole)
		for _, c := range s.counts {
			if c.open {
				f.devices(key{month, c.site, s.class}, s.of[c.site], c.shown)
			}
		}
	}
}

// devices is the row of some devices. Where their count is hidden, so is all that follows from it, and how many of them were followed in any month:
// that says how many there are at least.
func (f *fleet) devices(k key, equipment []collector.Equipment, shown bool) {
	r := f.row(k)
	if !shown {
		r["secret_statistique"] = true
		for i := range f.answers {
			if of := f.rows[key{f.answers[i].From, k.site, k.class}]; of["nb_equipements_suivis"] != nil {
				of["secret_statistique"] = true
				delete(of, "nb_equipements_suivis")
			}
		}
		return
	}
	n, known, months, reused := number(equipment), 0, 0, 0
	for _, e := range equipment {
		if e.As != "new" {
			reused += e.Count
		}
		if age, ok := monthsBetween(e.Bought, k.month); ok {
			known += e.Count
			months += age * e.Count
		}
	}
	r["nb_equipements"] = n
	if percent, ok := privacy.Percent(float64(reused), float64(n), n); ok {
		r["part_reemploi_pct"] = percent
	}
	if known >= privacy.Public && float64(known) >= enough*float64(n) {
		r["age_moyen_mois"] = tenth(float64(months) / float64(known))
	}
	f.made(r, equipment)
}

// made is the yearly share of what it took to make devices: what one took ÷ the years that one lasts.
func (f *fleet) made(r row, equipment []collector.Equipment) {
	var carbon float64
	var sources []string
	for _, e := range equipment {
		made, ok := f.book.Factor(balance.Made + e.Class)
		lasts, usual := f.book.Factor(balance.Lasts + e.Class)
		if !ok || !usual || lasts.Value <= 0 {
			return
		}
		carbon += float64(e.Count) * made.Value / lasts.Value
		sources = append(sources, clean(made.Source), clean(lasts.Source))
	}
	r["ges_fabrication_kgco2e"] = rounded(carbon, 0)
	say(r, "facteur_fabrication_source", textList(sources))
}

// mostMonths is the age above which a date is taken to be mistyped, as in collector/balance.
const mostMonths = 50 * 12

// monthsBetween is how many months lie between two; false where one is none, or they are too far apart.
func monthsBetween(from, to collector.Month) (int, bool) {
	a, ok := index(from)
	b, fine := index(to)
	return b - a, ok && fine && b >= a && b-a <= mostMonths
}

// index numbers months.
func index(m collector.Month) (int, bool) {
	if _, _, err := m.Dates(); err != nil || len(m) != len("2006-01") {
		return 0, false
	}
	year, err := strconv.Atoi(string(m[:4]))
	if err != nil {
		return 0, false
	}
	month, err := strconv.Atoi(string(m[5:]))
	return 12*year + month, err == nil
}

// textList is texts without those that come again, in one.
func textList(texts []string) string {
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), " ; ")
}
