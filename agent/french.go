package agent

import "strings"

// phrase is a sentence of the survey in English, with %s where something stands that depends on the machine, and the same in
// French.
type phrase struct{ english, french string }

// Phrasebook turns what the survey says into French. What it does not know, such as the words of the system, stays as it is.
type Phrasebook struct{ phrases []phrase }

// French is the phrasebook of the survey.
func French() Phrasebook { return Phrasebook{frenchPhrases()} }

// match is what stands in text where the phrase has %s, each as short as it can be; false when it is another sentence.
func (p phrase) match(text string) ([]string, bool) {
	fixed := strings.Split(p.english, "%s")
	rest, ok := strings.CutPrefix(text, fixed[0])
	if !ok || len(fixed) == 1 {
		return nil, ok && rest == ""
	}
	var parts []string
	last := fixed[len(fixed)-1]
	for _, next := range fixed[1 : len(fixed)-1] {
		part, after, found := strings.Cut(rest, next)
		if !found || part == "" {
			return nil, false
		}
		parts, rest = append(parts, part), after
	}
	part, ok := strings.CutSuffix(rest, last)
	return append(parts, part), ok && part != ""
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
		parts, ok := p.match(text)
		if !ok {
			continue
		}
		french := p.french
		for _, part := range parts {
			part, _ = b.clause(part)
			french = strings.Replace(french, "%s", part, 1)
		}
		return french, true
	}
	if of, why, ok := strings.Cut(text, ": "); ok {
		t, found := b.clause(why)
		return of + " : " + t, found
	}
	return b.brackets(text)
}

// brackets translates what stands in brackets, innermost.
func (b Phrasebook) brackets(text string) (string, bool) {
	open := strings.IndexByte(text, '(')
	if open < 0 {
		return text, false
	}
	end := strings.IndexAny(text[open+1:], "()")
	if end < 0 || text[open+1+end] == '(' {
		rest, ok := b.brackets(text[open+1:])
		return text[:open+1] + rest, ok
	}
	inner, ok := b.clause(text[open+1 : open+1+end])
	rest, more := b.brackets(text[open+1+end:])
	return text[:open+1] + inner + rest, ok || more
}
