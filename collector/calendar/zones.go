package calendar

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is a piece of a text: letters, digits, accents and apostrophes.
type word struct {
	text     string // in small letters
	from, to int    // bytes
}

func wordsOf(text string) []word {
	var words []word
	from := -1
	for i, r := range text + " " {
		switch in := unicode.In(r, unicode.L, unicode.N, unicode.M) || r == '\'' || r == '’'; {
		case in && from < 0:
			from = i
		case !in && from >= 0:
			words = append(words, word{strings.ToLower(text[from:i]), from, i})
			from = -1
		}
	}
	return words
}

// zonesOf takes the school zones out of a title: "Vacances d'hiver - Zones A/C - Corse" is "Vacances d'hiver" of A, C and Corse.
// "Vacances d'hiver (zone B)", "Vacances d'hiver, zones A B C" and "Zone A : Vacances d'hiver" are understood too. zones is
// sorted, nil where it names none. unknown is what has the word zone and is none that is known: "zone D", "hors zone A".
func zonesOf(text string) (rest string, zones []string, unknown string) {
	words := wordsOf(text)
	rest = text
	end := len(words) // of the words that are not looked at
	for i := end - 1; i >= 0; i-- {
		w := words[i]
		if w.text != "zone" && w.text != "zones" || i+1 >= end || everyZone(words[:i]) {
			continue
		}
		found, after, ok := zonesAfter(text, w.to, words[i+1:end])
		from := w.from
		if i > 0 && slices.Contains([]string{"hors", "sauf", "except"}, words[i-1].text) {
			from, ok = words[i-1].from, false
		}
		if !ok {
			unknown = text[from:after]
		}
		zones = append(zones, found...)
		if end = i; found != nil {
			rest = cut(rest, w.from, after) // rest is text as far as that, since this goes backwards
		}
	}
	rest, island := withoutCorse(rest)
	if island {
		zones = append(zones, corse)
	}
	slices.Sort(zones)
	return rest, slices.Compact(zones), unknown
}

// zonesAfter reads the zones after the word zone, which ends at a byte of a text: A, B and C in "A/B - C", "A, B et C". end is
// where they end. ok is false when what follows is no zone, or a list goes on with something that is none.
func zonesAfter(text string, at int, words []word) (zones []string, end int, ok bool) {
	end = at
	last, joined := at, false // joined: by the word "et"
	for i, w := range words {
		gap := text[last:w.from]
		stops := i > 0 && strings.ContainsAny(gap, "():;.")
		zone := ""
		if slices.Contains([]string{"a", "b", "c"}, w.text) {
			zone = strings.ToUpper(w.text)
		} else if w.text == "corse" {
			zone = corse
		}
		last = w.to
		switch {
		case i > 0 && !joined && slices.Contains([]string{"et", "ou", "and"}, w.text):
			joined = true
			continue
		case zone != "" && !stops && (gap != "-" || zone != "C" || !slices.Equal(zones, []string{"A"})): // A-C may be two, or three
			zones, end = append(zones, zone), w.to
		case i == 0 || joined || gap == "-" || strings.ContainsAny(gap, "/&+") || !stops && utf8.RuneCountInString(w.text) == 1:
			return zones, w.to, false
		default:
			return zones, end, true
		}
		joined = false
	}
	return zones, end, true
}

// everyZone tells whether words before the word zones say that it is all of them.
func everyZone(before []word) bool {
	n := len(before)
	return n > 0 && before[n-1].text == "toutes" || n > 1 && before[n-2].text == "toutes" && before[n-1].text == "les"
}

// cut is a text without some of its bytes, and what they were set apart by.
func cut(text string, from, to int) string {
	const marks = " -–—,:;"
	left, right := strings.TrimRight(text[:from], marks), strings.TrimLeft(text[to:], marks)
	opens, closes := strings.HasSuffix(left, "("), strings.HasPrefix(right, ")")
	if opens && closes {
		left, right = strings.TrimRight(left[:len(left)-1], marks), strings.TrimLeft(right[1:], marks)
	}
	if left == "" || right == "" || opens != closes {
		return left + right
	}
	return left + " " + right
}

// withoutCorse takes the word Corse out of a title where it stands by itself, as the ministry writes it.
func withoutCorse(text string) (string, bool) {
	parts := strings.Split(text, " - ")
	left := slices.DeleteFunc(slices.Clone(parts), func(part string) bool { return strings.EqualFold(strings.Trim(part, " ()"), corse) })
	text = strings.TrimSpace(strings.Join(left, " - "))
	found := len(left) < len(parts)
	if n := len(text) - len("(corse)"); n >= 0 && strings.EqualFold(text[n:], "(corse)") {
		text, found = strings.TrimSpace(text[:n]), true
	}
	return text, found
}
