package practice

import (
	"strings"
	"unicode"
)

// syllablesOf counts the syllables of a word in small letters, at least one, by rules that are right for most words; a formula of
// reading ease wants no more. Each part that a hyphen or an apostrophe ends is counted by itself.
func syllablesOf(lang, word string) int {
	n := 0
	for part := range strings.FieldsFuncSeq(word, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if lang == "fr" {
			n += frenchSyllables(part)
		} else {
			n += englishSyllables(part)
		}
	}
	return max(1, n)
}

// frenchSyllables counts groups of vowels, where
//   - the u after q, and after g before e, i or y, is silent;
//   - y between two vowels is a consonant ("voyage");
//   - a vowel with a diaeresis begins a group ("naïf"), as does é or è after a, e, o or u ("poésie"), and a vowel after é
//     ("océan"), but for the e of "idée";
//   - the last e, es is silent after a consonant, where there is another group ("table", "tables").
//
// -ent counts, though it is silent at the end of verbs: the rules know no grammar. "l", "d", "qu" before an apostrophe have no syllable.
func frenchSyllables(word string) (n int) {
	letters := []rune(strings.ReplaceAll(word, "qu", "q"))
	end := len(letters)
	stem := end
	if stem > 1 && letters[stem-1] == 's' {
		stem--
	}
	if stem > 0 && letters[stem-1] == 'e' {
		end = stem - 1 // silent, unless there is nothing else
	}
	before := rune(0) // the vowel right before; 0 for a consonant
	for i, r := range letters[:end] {
		switch {
		case !strings.ContainsRune("aeiouyàâäéèêëîïôöùûüÿœæ", r):
			before = 0
			continue
		case r == 'y' && before != 0 && i+1 < len(letters) && strings.ContainsRune("aeiouéèê", letters[i+1]):
			before = 0
			continue
		case r == 'u' && i > 0 && letters[i-1] == 'g' && i+1 < len(letters) && strings.ContainsRune("eiyéèê", letters[i+1]):
			before = 0
			continue
		case before == 0, strings.ContainsRune("ëïüÿ", r), strings.ContainsRune("éè", r) && strings.ContainsRune("aeéou", before), before == 'é':
			n++
		}
		before = r
	}
	if n == 0 && end < len(letters) && len(letters) > 1 {
		n = 1 // "le", "que"
	}
	return n
}

// englishSyllables counts groups of vowels, where
//   - y is a vowel but at the beginning;
//   - the last e is silent, but in -le after a consonant ("table"); so is the e of -ed but after t and d, and of -es but after a hiss;
//   - i and a vowel are two but after c, g, s, t and x ("radio", "media"; "nation"), as are "ua" and "uo" but after g and q, and "eo" at the end.
func englishSyllables(word string) (n int) {
	b := []rune(word)
	vowel := func(i int) bool {
		return i >= 0 && i < len(b) && (strings.ContainsRune("aeiouéèêï", b[i]) || b[i] == 'y' && i > 0)
	}
	end := len(b)
	switch {
	case end > 2 && b[end-1] == 'e' && !vowel(end-2) && (b[end-2] != 'l' || vowel(end-3)):
		end--
	case end > 3 && b[end-1] == 'd' && b[end-2] == 'e' && !vowel(end-3) && b[end-3] != 't' && b[end-3] != 'd':
		end -= 2
	case end > 3 && b[end-1] == 's' && b[end-2] == 'e' && !vowel(end-3) && !hisses(b[:end-2]) && (b[end-3] != 'l' || vowel(end-4)):
		end -= 2
	}
	for i := range b[:end] {
		if !vowel(i) {
			continue
		}
		if !vowel(i-1) || splits(b, i) {
			n++
		}
	}
	if n == 0 && end < len(b) {
		n = 1 // "the"
	}
	return n
}

// splits tells whether the vowel at i makes a syllable apart from the vowel before it.
func splits(b []rune, i int) bool {
	switch {
	case b[i-1] == 'i' && strings.ContainsRune("aou", b[i]):
		return i < 2 || !strings.ContainsRune("cgstx", b[i-2])
	case b[i-1] == 'e' && b[i] == 'o':
		return i == len(b)-1
	case b[i-1] == 'u' && (b[i] == 'a' || b[i] == 'o'):
		return i < 2 || b[i-2] != 'q' && b[i-2] != 'g'
	}
	return false
}

// hisses tells whether a word ends with a sound after which -es is a syllable.
func hisses(b []rune) bool {
	last := b[len(b)-1]
	return strings.ContainsRune("szxcg", last) || last == 'h' && strings.ContainsRune("cs", b[len(b)-2])
}
