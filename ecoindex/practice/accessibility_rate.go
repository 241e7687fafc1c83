package practice

import (
	"slices"
	"strconv"
	"strings"
)

// Bounds of what is read around a figure.
const (
	mostRates = 200 // figures in percent of a page
	mostAside = 300 // bytes of the sentence before a figure and behind it
)

// rateIn is the rate of conformity that a folded text states, in percent, more than 0 and at most 100: the global one of the criteria; else
// one of criteria, of conformity, or the mean of the pages. A figure of another sentence is none.
func rateIn(text string) (rate float64, ok bool) {
	best := 0
	for at, n := 0, 0; n < mostRates; n++ {
		next := strings.IndexByte(text[at:], '%')
		if next < 0 {
			break
		}
		sign := at + next
		at = sign + 1
		figure, from, is := numberBefore(text, sign)
		if !is || figure == 0 {
			continue
		}
		if rank := rankRate(text, from, sign+1); rank > best {
			best, rate = rank, figure
		}
	}
	return rate, best > 0
}

// numberBefore is the number right before a place, at most 100, and where it begins.
func numberBefore(text string, at int) (figure float64, from int, ok bool) {
	end := at
	for end > 0 && at-end < 3 && text[end-1] == ' ' {
		end--
	}
	from = end
	for from > 0 && end-from < 8 && (isDigit(text[from-1]) || text[from-1] == ',' || text[from-1] == '.') {
		from--
	}
	word := text[from:end]
	whole, part, decimal := strings.Cut(strings.Replace(word, ",", ".", 1), ".")
	if len(whole) == 0 || len(whole) > 3 || decimal && (len(part) == 0 || len(part) > 3) || strings.ContainsAny(part, ",.") {
		return 0, 0, false
	}
	if !beginsWord(text, from) || from > 0 && strings.IndexByte("-/+", text[from-1]) >= 0 || from > 1 && text[from-1] == ' ' && isDigit(text[from-2]) {
		return 0, 0, false // a part of another, or "2 072 %"
	}
	figure, err := strconv.ParseFloat(whole+"."+part+"0", 64)
	return figure, from, err == nil && figure <= 100
}

// rankRate says how surely the figure between two places is the rate of conformity, by its sentence; 0 where it is not.
func rankRate(text string, from, to int) int {
	before, after := sentenceBefore(text, from), sentenceAfter(text, to)
	about := before + " " + after
	clause, _, _ := strings.Cut(strings.ReplaceAll(after, "(", ","), ",")
	switch {
	case hasAny(clause, "ne sont pas", "n'est pas", "non respect", "non conforme", "not met", "not satisf", "are not"):
		return 0 // of what is not
	case hasAny(about, "objectif", "d'ici", "vise ", "viser", "atteindre", "target", " goal", "minimum", "au moins", "seuil", "entre 50"):
		return 0 // of what should be
	case endsAny(before, "contre ", "passe de ", "passant de ", "passee de ", "from ", "compared to "), hasAny(before[max(0, len(before)-24):], "precedent"):
		return 0 // of what was
	}
	if of, ok := cutOf(after); ok && !hasAny(of[:min(len(of), 48)], "criter", "rgaa", "referentiel", "exigence", "wcag", "requirement", "points de controle", "conform", "regles", "checkpoint") {
		return 0
	}
	rank := 0
	switch {
	case hasAny(about, "moyen", "average", "thematique", "niveau a ", "niveau aa ", "level a "):
		rank = 10
	case hasAny(about, "taux global", "taux total", "global de conformite", "conformite global", "conformite total", "conformite rgaa global", "overall"):
		return 50
	case hasAny(about, "criter"):
		rank = 40
	case hasAny(about, "taux de conformite", "conformity rate", "compliance rate", "conformance rate", "taux de respect", "taux d'accessibilite"):
		rank = 30
	case hasAny(about, "conform", "rgaa", "complian", "wcag", "accessibilit"):
		rank = 20
	}
	return rank
}

// cutOf is what a figure in percent is a share of.
func cutOf(after string) (of string, ok bool) {
	after = strings.TrimLeft(after, " ")
	for _, word := range []string{"des ", "de l'", "de ", "du ", "d'", "of the ", "of "} {
		if of, ok = strings.CutPrefix(after, word); ok {
			return of, true
		}
	}
	return "", false
}

// sentenceBefore is the beginning of the sentence that a place is in. Where a figure stands alone on its line, as in a table, the line
// before is part of it.
func sentenceBefore(text string, at int) string {
	from := at
	lines := 0
	for from > 0 && at-from < mostAside && !endOfSentence(text, from-1) {
		if text[from-1] == '\n' {
			if lines++; lines > 1 || strings.TrimRight(text[from:at], " :-(~") != "" {
				break
			}
		}
		from--
	}
	return strings.ToValidUTF8(text[from:at], "")
}

// sentenceAfter is the end of the sentence that a place is in.
func sentenceAfter(text string, at int) string {
	to := at
	for to < len(text) && to-at < mostAside && text[to] != '\n' && !endOfSentence(text, to) {
		to++
	}
	return strings.ToValidUTF8(text[at:to], "")
}

// endOfSentence tells whether a sentence ends with the byte at a place: a point in a number ends none.
func endOfSentence(text string, at int) bool {
	switch text[at] {
	case '?', '!', ';':
		return true
	case '.':
		return at+1 == len(text) || text[at+1] == ' ' || text[at+1] == '\n'
	}
	return false
}

// endsAny tells whether a text ends with one of some words.
func endsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.HasSuffix(text, word) })
}
