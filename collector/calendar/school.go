package calendar

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Zones of school holidays that share one file of the ministry. Overseas each place has a file of its own.
const corse = "Corse"

// ofZone keeps the events of a school zone: those that name it, and those that name none. elsewhere is how many it left out.
func ofZone(events []event, zone string) (kept []event, elsewhere int, err error) {
	named := zonesNamed(events)
	if len(named) == 0 {
		return events, 0, nil
	}
	if zone = ZoneName(zone); zone == "" {
		for _, e := range events {
			if e.zones != nil && len(e.zones) < len(named) {
				return nil, 0, fmt.Errorf("the file has the holidays of several school zones (%s); say with --zone which one the site is in", strings.Join(named, ", "))
			}
		}
		return events, 0, nil
	}
	if !slices.Contains(named, zone) {
		return nil, 0, fmt.Errorf("the file has nothing of school zone %q; it is of %s", zone, strings.Join(named, ", "))
	}
	for _, e := range events {
		if e.zones != nil && !slices.Contains(e.zones, zone) {
			elsewhere++
			continue
		}
		kept = append(kept, e)
	}
	return kept, elsewhere, nil
}

// zonesNamed is the school zones that events name, sorted, each once.
func zonesNamed(events []event) []string {
	var named []string
	for _, e := range events {
		named = append(named, e.zones...)
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// ZoneName is the name of a school zone as the files have it: "A" for "a" or "zone A", "Corse" for "corse".
func ZoneName(text string) string {
	text = tidy(text)
	if _, zones, unknown := zonesOf(text); len(zones) == 1 && unknown == "" {
		return zones[0]
	}
	if word, rest, found := strings.Cut(text, " "); found && strings.EqualFold(word, "zone") {
		text = rest
	}
	if len(text) == 1 {
		return strings.ToUpper(text)
	}
	return text
}

// schoolTitle tells whether a title is made of the words of school holidays alone, so that it can name nobody.
func schoolTitle(name string) bool {
	for _, w := range wordsOf(plain(name)) {
		w.text = strings.TrimPrefix(strings.TrimPrefix(w.text, "d'"), "l'")
		if !slices.Contains(strings.Fields("vacances scolaires scolaire grandes de la le les du des et apres toussaint noel hiver printemps ete austral australe "+
			"carnaval paques pont ascension pentecote lundi jeudi vendredi saint abolition esclavage mi careme debut fin cours periode"), w.text) {
			return false
		}
	}
	return true
}

// plain is a text in small letters without accents, for comparison.
func plain(text string) string {
	text = strings.NewReplacer(
		"à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u",
		"’", "'", "œ", "oe",
	).Replace(strings.ToLower(text))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) { // an accent that is a character of its own
			return -1
		}
		return r
	}, text)
}
