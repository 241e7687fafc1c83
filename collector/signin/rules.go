package signin

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// How long a password is, in characters. There is no rule about capitals, digits or signs: they make people write passwords down.
const (
	ShortestPassword = 12
	LongestPassword  = 128
)

// leastOwn is how many characters of a password must be its own: neither of a common word, nor of the name, nor found from the one before.
const leastOwn = 6

// leastDistinct is how many different characters a password has at least.
const leastDistinct = 5

// commonWords is what passwords are often made from, in France too, with the rows of keyboards. The list is ours, and short: the length of a
// password and the locks do more than a long one.
func commonWords() []string {
	return []string{
		"motdepasse", "mot de passe", "mdp", "password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "azertyuiop", "qsdfghjklm", "wxcvbn", "azerty",
		"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "qwerty", "administrateur", "administrator", "admin", "utilisateur", "bienvenue", "welcome",
		"bonjour", "soleil", "doudou", "chouchou", "jetaime", "iloveyou", "letmein", "changeme", "changezmoi", "secret", "sesame", "veille", "lycee",
		"lycée", "college", "collège", "ecole", "école", "region", "région", "mairie", "france", "printemps", "automne", "hiver", "janvier", "marseille",
	}
}

// weak says why a password is not taken from the user of a name, or nothing.
func weak(password, name string) error {
	password = norm.NFC.String(password)
	letters := utf8.RuneCountInString(password)
	lower, name := strings.ToLower(password), strings.ToLower(norm.NFC.String(name))
	switch {
	case letters < ShortestPassword:
		return WeakError{"short"}
	case letters > LongestPassword:
		return WeakError{"long"}
	case name != "" && strings.Contains(lower, name) && own(strings.ReplaceAll(lower, name, "")) < leastOwn:
		return WeakError{"name"}
	case own(withoutWords(lower)) < leastOwn || distinct(lower) < leastDistinct || repeats([]rune(lower)):
		return WeakError{"known"}
	}
	return nil
}

// withoutWords is a text without common words, the longest first.
func withoutWords(text string) string {
	words := commonWords()
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, word := range words {
		text = strings.ReplaceAll(text, word, "")
	}
	return text
}

// own is how many characters of a text are neither that before them nor its neighbour in the alphabet, as in aaaa, 1234 and zyxw.
func own(text string) int {
	n, before := 0, rune(-2)
	for _, c := range text {
		if c < before-1 || c > before+1 {
			n++
		}
		before = c
	}
	return n
}

// distinct is how many different characters a text has.
func distinct(text string) int {
	letters := []rune(text)
	slices.Sort(letters)
	return len(slices.Compact(letters))
}

// repeats tells whether a text is one that is at most a third as long, over and over.
func repeats(text []rune) bool {
	for length := 1; length <= len(text)/3; length++ {
		same := true
		for i := length; i < len(text) && same; i++ {
			same = text[i] == text[i-length]
		}
		if same {
			return true
		}
	}
	return false
}
