package agent

import (
	"regexp"
	"strings"
)

// phrase is a sentence of the survey in English, with %s where something stands that depends on the machine, and the same in
// French.
type phrase struct{ english, french string }

// Phrasebook turns what the survey says into French. What it does not know, such as the words of the system, stays as it is.
type Phrasebook struct {
	phrases []compiled
}

type compiled struct {
	english *regexp.Regexp
	french  string
}

// French is the phrasebook of the survey.
func French() Phrasebook {
	var b Phrasebook
	for _, p := range frenchPhrases() {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(p.english), "%s", "(.+?)")
		b.phrases = append(b.phrases, compiled{regexp.MustCompile("^" + pattern + "$"), p.french})
	}
	return b
}

// Translate is text in the language of the book, sentence by sentence, and whether all of it was found there.
func (b Phrasebook) Translate(text string) (string, bool) {
	var all []string
	found := true
	for _, clause := range strings.FieldsFunc(strings.ReplaceAll(text, "; ", "\n"), func(c rune) bool { return c == '\n' }) {
		t, ok := b.clause(clause)
		all, found = append(all, t), found && ok
	}
	return strings.Join(all, " ; "), found
}

// clause translates a part of a sentence. What stands where the machine's own words do may be a clause too; so may what is in
// brackets, or follows a name and a colon.
func (b Phrasebook) clause(text string) (string, bool) {
	for _, p := range b.phrases {
		parts := p.english.FindStringSubmatch(text)
		if parts == nil {
			continue
		}
		french := p.french
		for _, part := range parts[1:] {
			part, _ = b.clause(part)
			french = strings.Replace(french, "%s", part, 1)
		}
		return french, true
	}
	if of, why, ok := strings.Cut(text, ": "); ok {
		t, found := b.clause(why)
		return of + " : " + t, found
	}
	found := false
	translated := regexp.MustCompile(`\(([^()]+)\)`).ReplaceAllStringFunc(text, func(inner string) string {
		t, ok := b.clause(inner[1 : len(inner)-1])
		found = found || ok
		return "(" + t + ")"
	})
	return translated, found
}
