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
	var named []string
	for _, e := range events {
		named = append(named, e.zones...)
	}
	slices.Sort(named)
	named = slices.Compact(named)
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

// ZoneName is the name of a school zone as the files have it: "A" for "a" or "zone A", "Corse" for "corse".
func ZoneName(text string) string {
	text = tidy(text)
	if _, zones := zonesOf(text); len(zones) == 1 {
		return zones[0]
	}
	if len(text) == 1 {
		return strings.ToUpper(text)
	}
	return text
}

// zonesOf takes the school zones off the end of a title: "Vacances d'hiver - Zones A/C - Corse" is "Vacances d'hiver" of A, C
// and Corse. Older files have "Zones A B C". nil: it names none.
func zonesOf(text string) (rest string, zones []string) {
	parts := strings.Split(text, " - ")
	for len(parts) > 0 {
		found := zonesIn(parts[len(parts)-1])
		if found == nil {
			break
		}
		zones, parts = append(zones, found...), parts[:len(parts)-1]
	}
	if zones == nil {
		return text, nil
	}
	slices.Sort(zones)
	return strings.TrimSpace(strings.Join(parts, " - ")), slices.Compact(zones)
}

// zonesIn is the zones of "Zone A", "Zones A/B/C", "Zones A, B et C" or "Corse", nil for anything else.
func zonesIn(part string) []string {
	words := strings.FieldsFunc(strings.ToLower(part), func(r rune) bool { return strings.ContainsRune(" /,&", r) })
	if len(words) == 1 && words[0] == "corse" {
		return []string{corse}
	}
	if len(words) < 2 || words[0] != "zone" && words[0] != "zones" {
		return nil
	}
	var zones []string
	for _, word := range words[1:] {
		switch word {
		case "a", "b", "c":
			zones = append(zones, strings.ToUpper(word))
		case "corse":
			zones = append(zones, corse)
		case "et":
		default:
			return nil
		}
	}
	return zones
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
