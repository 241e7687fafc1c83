package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Phrase is a sentence for people in English and in French, or a name of something. The blanks of both are the same, in the same order.
type Phrase struct{ English, French string }

// Language is what a text for people is written in. The zero value is English.
type Language struct {
	french map[string]string // by the English sentence; nil in English
	causes map[string]string // by the code of an error
}

// In is French where code is fr, else English. More are sentences beside those of this package.
func In(code string, more ...Phrase) Language {
	if code != "fr" {
		return Language{}
	}
	l := Language{french: map[string]string{}, causes: frenchCauses()}
	spaces := strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " %%", "\u202f%%", "%s ko", "%s\u00a0ko", "%s g ", "%s\u00a0g\u00a0", "%s cl", "%s\u00a0cl", "« ", "«\u00a0", " »", "\u00a0»")
	for _, list := range [][]Phrase{frenchPhrases(), frenchNames(), more} {
		for _, p := range list {
			l.french[p.English] = spaces.Replace(p.French)
		}
	}
	return l
}

// French tells whether it is French.
func (l Language) French() bool { return l.french != nil }

// Say is an English sentence in this language, with its blanks filled. What has no French stays English.
func (l Language) Say(english string, args ...any) string {
	text := english
	if french, ok := l.french[english]; ok {
		text = french
	}
	if len(args) == 0 {
		return strings.ReplaceAll(text, "%%", "%")
	}
	return fmt.Sprintf(text, args...)
}

// Name is the name of something that a measurement knows by an English word or sentence, such as a kind of resource. In French, a name
// that is not known stays as it is.
func (l Language) Name(english string) string {
	if french, ok := l.french[english]; ok {
		return french
	}
	return english
}

// Quote is a sentence of the measurement. In French, one that is not known is in English and says so by its angle brackets.
func (l Language) Quote(english string) string {
	if !l.French() || english == "" {
		return english
	}
	if french, ok := l.french[english]; ok {
		return french
	}
	return "<" + english + ">"
}

// Cause is why something could not be measured: the sentence of the error, in French after that of its code.
func (l Language) Cause(code, text string) string {
	if !l.French() {
		return text
	}
	why, ok := l.causes[code]
	if !ok {
		why = l.causes[internal]
	}
	return why + " " + l.Quote(text)
}

// Number is x with so many decimals: 1010.5, 1 010,5 in French.
func (l Language) Number(x float64, decimals int) string {
	return l.numeral(strconv.FormatFloat(x, 'f', decimals, 64))
}

// numeral is a number that is written in English, in this language.
func (l Language) numeral(english string) string {
	if !l.French() {
		return english
	}
	whole, fraction, _ := strings.Cut(english, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if fraction == "" {
		return whole
	}
	return whole + "," + fraction
}

// Noun is a thing of which there are x, written with so many decimals: page, pages. English has but one singular, 1.
func (l Language) Noun(x float64, decimals int, thing string) string {
	written, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', decimals, 64), 64)
	one := written == 1 && decimals == 0
	if l.French() {
		one = math.Abs(written) < 2
	}
	if one || err != nil {
		return l.Name(thing)
	}
	return l.Name(Plural(thing))
}

// Plural is the plural of an English noun: pages, addresses.
func Plural(thing string) string {
	if strings.HasSuffix(thing, "s") {
		return thing + "es"
	}
	return thing + "s"
}

// Count is a number of things: 1 page, 2 pages.
func (l Language) Count(n int, thing string) string {
	return l.Number(float64(n), 0) + " " + l.Noun(float64(n), 0, thing)
}

// KB is a size, to a tenth of a kilobyte.
func (l Language) KB(kb float64) string {
	return l.Say("%s kB", l.Number(kb, 1))
}

// Size is a size as it is easily read: in French, megabytes from ten on.
func (l Language) Size(kb float64) string {
	if l.French() && kb >= 10_000 {
		return l.Number(kb/1000, 1) + "\u00a0Mo"
	}
	return l.KB(kb)
}

// Percent is a share in percent, written with so many decimals.
func (l Language) Percent(share float64, decimals int) string {
	return l.Say("%s %%", l.Number(share, decimals))
}

// Amount is a figure of a practice with its unit: "", "%", "kB", "B", "ms" or "s".
func (l Language) Amount(v float64, unit string) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if len(text) > 8 {
		text = strconv.FormatFloat(v, 'f', 1, 64)
	}
	text = l.numeral(text)
	switch {
	case unit == "":
		return text
	case !l.French():
		return text + " " + unit
	case unit == "%":
		return text + "\u202f%"
	}
	return text + "\u00a0" + l.Name(unit)
}

// Day is a civil date, such as 2026-01-31, as this language writes it.
func (l Language) Day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil || !l.French() {
		return date
	}
	return t.Format("02/01/2006")
}

// Breach is the sentence of a limit that is broken.
func (l Language) Breach(b Breach) string {
	if !l.French() || b.Want == 0 {
		return l.Quote(b.Text)
	}
	got, want := l.exact(math.Round(1000*b.Got)/1000), l.exact(b.Want)
	if got == want {
		got = l.exact(b.Got) // more than the limit by less than a byte
	}
	switch b.What {
	case "score":
		return l.Say("score %s is under %s", got, want)
	case "grade":
		return l.Say("grade %s is worse than %s", letter(b.Got), letter(b.Want))
	case "dom":
		return l.Say("%s elements are more than %s", got, want)
	case "requests":
		return l.Say("%s requests are more than %s", got, want)
	case "size_kb":
		return l.Say("%s kB are more than %s", got, want)
	}
	return l.Quote(b.Text)
}

// exact is a number without zeros that say nothing.
func (l Language) exact(v float64) string { return l.numeral(strconv.FormatFloat(v, 'f', -1, 64)) }

// letter is the grade of a place, 1 for A to 7 for G.
func letter(place float64) string {
	if !(place >= 1 && place <= 7) {
		return "?"
	}
	return string(rune('A' + int(place) - 1))
}
