package practice

import "strings"

// stateForms are the ways to say a state, folded; a space stands for spaces, hyphens and line ends.
func stateForms() [][2]string {
	return [][2]string{
		{"totalement conforme", fullyAccessible},
		{"entierement conforme", fullyAccessible},
		{"pleinement conforme", fullyAccessible},
		{"partiellement conforme", partlyAccessible},
		{"non conforme", notAccessible},
		{"pas conforme", notAccessible},
		{"en conformite totale", fullyAccessible},
		{"conformite totale", fullyAccessible},
		{"en conformite partielle", partlyAccessible},
		{"conformite partielle", partlyAccessible},
		{"en non conformite", notAccessible},
		{"fully compliant", fullyAccessible},
		{"fully conformant", fullyAccessible},
		{"totally compliant", fullyAccessible},
		{"partially compliant", partlyAccessible},
		{"partially conformant", partlyAccessible},
		{"partly compliant", partlyAccessible},
		{"not compliant", notAccessible},
		{"not conformant", notAccessible},
		{"non compliant", notAccessible},
		{"non conformant", notAccessible},
		{"noncompliant", notAccessible},
	}
}

// stateAt is the state that is said at the beginning of a folded text, and where it ends; "" for none. The plural is that of contents or
// of criteria, and no state.
func stateAt(text string) (state string, end int) {
	if text == "" || strings.IndexByte("tepncf", text[0]) < 0 { // that any of them begins with
		return "", 0
	}
	for _, f := range stateForms() {
		if n := matches(text, f[0]); n > 0 && endsWord(text, n) && !strings.HasPrefix(text[n:], "/") {
			return f[1], n
		}
	}
	return "", 0
}

// matches is the length of a pattern at the beginning of a text; 0 where it is not there. A space of it is one to three of those that
// part words.
func matches(text, pattern string) int {
	at := 0
	for i := range len(pattern) {
		if pattern[i] != ' ' {
			if at >= len(text) || text[at] != pattern[i] {
				return 0
			}
			at++
			continue
		}
		n := 0
		for n < 3 && at < len(text) && strings.IndexByte(" -\n", text[at]) >= 0 {
			at, n = at+1, n+1
		}
		if n == 0 {
			return 0
		}
	}
	return at
}

// fillers are what may stand between "accessibility" and the state.
func fillers() []string {
	return []string{
		"numerique", "du site internet", "du site web", "du site", "de ce site", "du service", "de l'application", "web", "internet", "site", "niveau", "statut", "etat",
		"rgaa", "status", "statement", "level", "of this site", "of the site", "of this website", "est", "is",
	}
}

// mentionAt is the state that a mention says behind the word "accessibility", and the rate that stands right behind it.
func mentionAt(text string) (state string, rate float64) {
	const most = 6
	for range most {
		text = strings.TrimLeft(text[:min(len(text), 120)], " \n:-(,|=>«\"")
		s, end := stateAt(text)
		if s != "" {
			text = text[end:]
			if hasAny(text[:min(len(text), 40)], "pmr", " erp", "normes", "handicap") { // of a building
				return "", 0
			}
			return s, rateBehind(text)
		}
		before := len(text)
		for _, word := range fillers() {
			if rest, ok := strings.CutPrefix(text, word); ok && endsWord(rest, 0) {
				text = rest
				break
			}
		}
		if len(text) == before {
			break
		}
	}
	return "", 0
}

// rateBehind is the rate right behind a mention, as in "partiellement conforme (72 %)"; 0 for none.
func rateBehind(text string) float64 {
	const near = 16
	text = text[:min(len(text), near)]
	at := strings.IndexByte(text, '%')
	if at < 0 || strings.ContainsFunc(text[:at], func(r rune) bool { return r >= 'a' && r <= 'z' && r != 'a' || r == '\n' }) {
		return 0
	}
	rate, _, ok := numberBefore(text, at)
	if !ok {
		return 0
	}
	return rate
}

// mentionPlace says how much a place is one of a mention.
type mentionPlace int

const (
	inText mentionPlace = iota
	inFooter
	inLink
)

// mention is the state that the page says of itself, and the rate beside it. A link says it, or the footer does, rather than a text; where
// several places of the same kind say several states, the page explains them, and says none.
func (t *foldedPage) mention() (state string, rate float64) {
	best, states := inText-1, map[string]bool{}
	link, foot := 0, 0
	for at := 0; ; {
		next := strings.Index(t.text[at:], "accessibilit")
		if next < 0 {
			break
		}
		from := at + next
		at = from + len("accessibilit")
		for link < len(t.links) && t.links[link].to <= from { // links end in their order, but for one inside another
			link++
		}
		for foot < len(t.foots) && t.foots[foot].to <= from {
			foot++
		}
		if at >= len(t.text) || t.text[at] != 'e' && t.text[at] != 'y' || quoted(t.text[:from]) {
			continue
		}
		s, beside := mentionAt(t.text[at+1:])
		if s == "" {
			continue
		}
		place := inText
		switch {
		case link < len(t.links) && t.links[link].holds(from):
			place = inLink
		case foot < len(t.foots) && t.foots[foot].holds(from):
			place = inFooter
		}
		if place > best {
			best, state, rate, states = place, s, beside, map[string]bool{}
		}
		if place == best {
			states[s] = true
			if rate == 0 && s == state {
				rate = beside
			}
		}
	}
	if state == "" {
		return t.labelled()
	}
	if len(states) > 1 {
		return "", 0
	}
	return state, rate
}

// labelled is the state that the label or the title of a link says, where no text does.
func (t *foldedPage) labelled() (string, float64) {
	for _, l := range t.links {
		for _, label := range labelsOf(l.node) {
			if _, behind, ok := strings.Cut(label, "accessibilit"); ok && behind != "" {
				if s, rate := mentionAt(behind[1:]); s != "" {
					return s, rate
				}
			}
		}
	}
	return "", 0
}

// quoted tells whether an opening quote stands right before: the text speaks of a mention, and does not make it. So it does where the
// mention's word is said behind "mention".
func quoted(before string) bool {
	const near = 24
	before = strings.TrimRight(before[max(0, len(before)-near):], " ")
	return strings.HasSuffix(before, "«") || strings.HasSuffix(before, "“") || strings.HasSuffix(before, "„") || strings.HasSuffix(before, "mention")
}

// declaredState is the state that a declaration says: the first behind its heading for it, else the first of all.
func declaredState(text string) string {
	for _, heading := range []string{"etat de conformite", "compliance status", "conformance status"} {
		if _, behind, ok := strings.Cut(text, heading); ok {
			if s := firstState(behind); s != "" {
				return s
			}
		}
	}
	return firstState(text)
}

// firstState is the first state that a sentence says: "est partiellement conforme". One that is denied, and one of several between which a
// template lets its reader choose, is none.
func firstState(text string) string {
	const longest = 24 // bytes of what stands before "conform" in a form
	for at := 0; ; {
		next := strings.Index(text[at:], "co")
		if next < 0 {
			return ""
		}
		stem := at + next
		at = stem + len("co")
		if !strings.HasPrefix(text[at:], "nform") && !strings.HasPrefix(text[at:], "mplian") {
			continue
		}
		if s := stateEnding(text, max(0, stem-longest), stem); s != "" {
			return s
		}
	}
}

// stateEnding is the state of which the stem is at a place, and which begins after another.
func stateEnding(text string, from, stem int) string {
	for i := from; i <= stem; i++ {
		if !beginsWord(text, i) {
			continue
		}
		s, n := stateAt(text[i:min(len(text), stem+40)])
		if s == "" || i+n <= stem {
			continue
		}
		before := strings.TrimRight(text[max(0, i-6):i], " \n")
		if strings.HasSuffix(before, "/") || strings.HasSuffix(before, "pas") || strings.HasSuffix(before, "not") || strings.HasSuffix(before, " non") || strings.HasSuffix(before, " ou") {
			return ""
		}
		return s
	}
	return ""
}
