package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/fr"

	"veille/collector"
)

// None is the territory without public holidays.
const None = "none"

// Territories are the parts of France that have public holidays of their own, and None.
func Territories() []string {
	return []string{
		"metropole", "alsace-moselle", "guadeloupe", "martinique", "guyane", "reunion", "mayotte", "saint-barthelemy", "saint-martin",
		"saint-pierre-et-miquelon", "polynesie", "nouvelle-caledonie", "wallis-et-futuna", None,
	}
}

// TerritoryOf is the territory whose clocks are those of a time zone, None for a zone outside France. Alsace and Moselle have
// the clocks of metropole, and must be told.
func TerritoryOf(timeZone string) string {
	switch timeZone {
	case "Europe/Paris":
		return "metropole"
	case "America/Guadeloupe":
		return "guadeloupe"
	case "America/Martinique":
		return "martinique"
	case "America/Cayenne":
		return "guyane"
	case "Indian/Reunion":
		return "reunion"
	case "Indian/Mayotte":
		return "mayotte"
	case "America/St_Barthelemy":
		return "saint-barthelemy"
	case "America/Marigot":
		return "saint-martin"
	case "America/Miquelon":
		return "saint-pierre-et-miquelon"
	case "Pacific/Tahiti", "Pacific/Marquesas", "Pacific/Gambier":
		return "polynesie"
	case "Pacific/Noumea":
		return "nouvelle-caledonie"
	case "Pacific/Wallis":
		return "wallis-et-futuna"
	}
	return None
}

// PublicHolidays are the legal public holidays of a territory in a year, in order, each as a closure of one day with its
// French name. Those of all France are the library's; those of one part are local's. Legal is not the same as not worked:
// what a site works, it reopens.
func PublicHolidays(territory string, year int) ([]collector.Closure, error) {
	if !slices.Contains(Territories(), territory) {
		return nil, fmt.Errorf("%q is no territory; these are: %s", territory, strings.Join(Territories(), ", "))
	}
	if territory == None {
		return nil, nil
	}
	holidays := make([]collector.Closure, 0, len(fr.Holidays)+3)
	for _, h := range slices.Concat(fr.Holidays, local(territory)) {
		at, _ := h.Calc(year)
		if at.IsZero() {
			continue
		}
		// The library answers with a midnight of this machine's zone, which some zones do not have.
		date := collector.DateOf(at.Add(6 * time.Hour))
		holidays = append(holidays, collector.Closure{
			Days: collector.Days{From: date, To: date}, Name: h.Name, Source: "public holidays of " + territory,
		})
	}
	slices.SortFunc(holidays, func(a, b collector.Closure) int { return strings.Compare(string(a.From), string(b.From)) })
	return holidays, nil
}

// local are the public holidays that a territory has beyond those of all France (code du travail, article L3133-1). Days off
// by custom only are not among them: Good Friday, mid-Lent and Schœlcher day in the Antilles, the feasts of Islam in Mayotte.
func local(territory string) []*cal.Holiday {
	goodFriday := func() *cal.Holiday { return aa.GoodFriday.Clone(&cal.Holiday{Name: "Vendredi saint"}) }
	const abolition = "Abolition de l'esclavage" // the dates: code du travail, article L3422-2, and décret 83-1003 as changed by décret 2012-553
	switch territory {
	case "alsace-moselle": // article L3134-13, after the ordinance of 16 August 1892: Good Friday only in communes with a Protestant or a mixed church
		return []*cal.Holiday{goodFriday(), on("Saint-Étienne", time.December, 26)}
	case "mayotte":
		return []*cal.Holiday{on(abolition, time.April, 27)}
	case "martinique":
		return []*cal.Holiday{on(abolition, time.May, 22)}
	case "guadeloupe":
		return []*cal.Holiday{on(abolition, time.May, 27)}
	case "saint-martin": // 28 May since 2018, says the prefecture (circulars of 2018 and 2019); the code, by an error of its own, has another day
		return []*cal.Holiday{on(abolition, time.May, 28)}
	case "guyane":
		return []*cal.Holiday{on(abolition, time.June, 10)}
	case "saint-barthelemy":
		return []*cal.Holiday{on(abolition, time.October, 9)}
	case "reunion":
		return []*cal.Holiday{on(abolition, time.December, 20)}
	case "polynesie": // code du travail of Polynésie, as changed by loi du pays 2025-12; unverified at the source
		autonomy, abundance := on("Fête de l'autonomie", time.June, 29), on("Matari'i i ni'a", time.November, 20)
		autonomy.EndYear, abundance.StartYear = 2025, 2026
		return []*cal.Holiday{on("Arrivée de l'Évangile", time.March, 5), goodFriday(), autonomy, abundance}
	case "nouvelle-caledonie": // accord interprofessionnel territorial, article 74
		return []*cal.Holiday{on("Fête de la citoyenneté", time.September, 24)}
	case "wallis-et-futuna": // the prefect's order of each year, here as that of 28 December 2022; unverified for later years
		return []*cal.Holiday{
			on("Saint Pierre Chanel", time.April, 28), on("Saints Pierre et Paul", time.June, 29), on("Fête du Territoire", time.July, 29),
		}
	}
	return nil
}

// on is a holiday on the same date each year.
func on(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Type: cal.ObservancePublic, Month: month, Day: day, Func: cal.CalcDayOfMonth}
}
