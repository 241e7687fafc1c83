package opendata

import (
	"cmp"
	"maps"
	"slices"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// The classes of measured machines. The public is told no class of machines of persons.
const (
	classDesks   = "postes"
	classServers = "serveur"
)

// fieldScope is the field for the scope of a site.
const fieldScope = "perimetre" //nolint:misspell // it is French

// enough is the share of the time of which something must be known before it says something of the rest, as in collector/balance.
const enough = 0.6

// key is what a row is of. Site 0 is the whole organisation.
type key struct {
	month collector.Month
	site  int64
	class string
}

// fleet is the rows of the fleet while they are put together.
type fleet struct {
	*material
	rows map[key]row
}

// fleetRows are the rows of the fleet: by month, the whole organisation before its sites, by class.
func (m *material) fleetRows() []row {
	f := fleet{m, map[key]row{}}
	for i := range m.answers {
		f.measured(&m.answers[i])
	}
	f.avoided()
	f.inventory()
	keys := slices.SortedFunc(maps.Keys(f.rows), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(a.site, b.site), cmp.Compare(a.class, b.class))
	})
	rows := make([]row, 0, len(keys))
	for _, k := range keys {
		rows = append(rows, f.rows[k])
	}
	return rows
}

// row is the row of a key, begun where there is none.
func (f *fleet) row(k key) row {
	if r := f.rows[k]; r != nil {
		return r
	}
	first, last, _ := k.month.Dates() // the door and the clock give months only
	r := row{
		"organisation_siren": f.of.SIREN, "organisation_nom": f.of.Name, fieldScope: wholeID, "site_id": wholeID, "periode_debut": first, "periode_fin": last,
		"classe_equipement": k.class, "methode_version": Method, "secret_statistique": false, "donnees_simulees": f.simulated,
	}
	if k.class == classServers {
		r["usage"] = "serveur"
	}
	if s, ok := f.site(k.site); ok {
		delete(r, fieldScope)
		say(r, fieldScope, s.Scope)
		say(r, "site_nom", s.Name)
		say(r, "commune_insee", s.Commune)
		r["site_id"] = f.idOf(s.ID)
	}
	f.rows[k] = r
	return r
}

// measured are the rows of one month that come through the door: of the whole organisation, and of the sites that are open.
func (f *fleet) measured(a *privacy.Answer) {
	for class, kind := range kinds() {
		t := f.telling(a, kind)
		if t.any {
			f.account(key{a.From, 0, class}, t.whole, t.hidden, t.counted)
		}
		for _, s := range t.sites {
			f.account(key{a.From, s.site, class}, s.account, s.account.HiddenMonths > 0, s.counted)
		}
	}
}

// account is the row of an account of a month. Where machines of persons are hidden it says so and nothing more: what is left would be of some of the
// machines only, in a row that is of all. Means of few machines are not told: with those of the others they would say how many there are.
func (f *fleet) account(k key, a balance.Account, hidden, counted bool) {
	r := f.row(k)
	if hidden {
		r["secret_statistique"] = true
		return
	}
	f.energy(r, a)
	if counted {
		r["nb_equipements_suivis"] = a.Machines
	} else {
		r["secret_statistique"] = true
	}
	if a.Machines < privacy.Public {
		delete(r, "couverture_pct")
		return
	}
	f.hours(r, a)
}

// hours are those of one machine: the mean of all machines and days, times the days of the month.
func (f *fleet) hours(r row, a balance.Account) {
	if a.MachineDays <= 0 {
		return
	}
	var on, sleep, off, unknown float64
	for _, p := range a.Parts {
		on, sleep, off, unknown = on+p.On+p.DisplayOff, sleep+p.Sleep, off+p.Off, unknown+p.UnknownTime
	}
	per := float64(a.Days) / float64(a.MachineDays)
	r["heures_allume"], r["heures_veille"], r["heures_eteint"], r["heures_inconnu"] = tenth(on*per), tenth(sleep*per), tenth(off*per), tenth(unknown*per)
	if r["classe_equipement"] != classDesks {
		return
	}
	apart, _ := balance.Apart([]balance.Account{a})
	for _, one := range apart {
		if share, _, known, ok := balance.OffShare(one); ok && known >= enough {
			if percent, ok := privacy.Percent(share, 1, a.Machines); ok {
				r["part_eteints_hors_usage_pct"] = percent
			}
		}
	}
}

// energy is the electricity and its carbon, of the time that is covered.
func (f *fleet) energy(r row, a balance.Account) {
	if a.Covered <= 0 && a.KWh.High <= 0 {
		return
	}
	r["conso_electrique_kwh"], r["conso_basse_kwh"], r["conso_haute_kwh"] = tenth(a.KWh.Value), tenth(a.KWh.Low), tenth(a.KWh.High)
	say(r, "conso_qualite", qualityOf(a.Methods))
	if percent, ok := privacy.Percent(a.Known*a.Covered, 1, a.Machines); ok {
		r["couverture_pct"] = percent
	}
	factor, ok := f.book.Factor(balance.Electricity)
	if !ok || a.Carbon == nil {
		return
	}
	r["ges_usage_kgco2e"] = tenth(a.Carbon.Value)
	r["facteur_electricite_kgco2e_kwh"], r["facteur_annee"] = rounded(factor.Value/1000, 6), factor.Year
	say(r, "facteur_source", factor.Source)
}

// qualityOf is the quality of the weakest of some methods: how much was obtained by each is not told of machines of persons.
func qualityOf(methods []string) string {
	quality := ""
	for _, m := range methods {
		switch m {
		case "none": // of time without any energy
		case "plug":
			quality = cmp.Or(quality, "haute")
		case "battery", "psys", "emi", "rapl", "rapl+model":
			quality = "moyenne"
		default:
			return "basse"
		}
	}
	return quality
}

// avoided fills in what an action in the whole organisation has avoided in a month, where one alone has gone on in it. It is reckoned from rows that
// are published, before and after.
func (f *fleet) avoided() {
	told := f.book.TellOf(f.published(balance.Workstations))
	for _, a := range told.Self {
		r := f.rows[key{a.From, 0, classDesks}]
		if r == nil || a.HiddenMonths > 0 {
			continue
		}
		on := slices.DeleteFunc(slices.Clone(f.actions), func(x collector.Action) bool { return !goesOn(x, a.From) })
		if len(on) != 1 {
			continue
		}
		base, why := balance.BaselineOf(on[0], told)
		if why != "" {
			continue
		}
		if e, why := f.book.Since(on[0], base, told, a.From, a.From); why == "" {
			r["conso_evitee_kwh"] = tenth(e.KWh.Value)
		}
	}
}

// goesOn tells whether an action is at work in all of a month.
func goesOn(a collector.Action, month collector.Month) bool {
	_, last, err := month.Dates()
	return err == nil && balance.IsAfter(a, month) && (a.Until == "" || last <= a.Until)
}
