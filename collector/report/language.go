package report

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/label"
)

//go:embed words/*.json
var wordFiles embed.FS

// language is the words and the way of writing numbers of one language, with the habits of dashboards/frame, which this package may not know.
type language struct {
	code  string // en or fr
	words map[string]string
}

// speak is a language by its code. Another one than fr and en is an error.
func speak(code string) (language, error) {
	if code != "fr" && code != "en" {
		return language{}, fmt.Errorf("write a report in the language %.20q: there are fr and en", code)
	}
	raw, err := wordFiles.ReadFile("words/" + code + ".json")
	if err != nil {
		return language{}, fmt.Errorf("read the words of a report: %w", err)
	}
	l := language{code: code}
	if err := json.Unmarshal(raw, &l.words); err != nil {
		return language{}, fmt.Errorf("read words/%s.json: %w", code, err)
	}
	return l, nil
}

// say is the text of a key, with its blanks filled.
func (l language) say(key string, args ...any) string {
	text, ok := l.words[key]
	if !ok {
		return "[" + key + "]" // a test looks for this in all that is written
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// known is the text of a code that data has, or the code where there is none.
func (l language) known(prefix, code string) string {
	if text, ok := l.words[prefix+code]; ok {
		return text
	}
	return plain(code)
}

// text is words in the language: in the other one where they are missing, since that says more than nothing.
func (l language) text(w label.Words) string {
	if text := plain(w.In(l.code)); strings.TrimSpace(text) != "" {
		return text
	}
	if l.code == "fr" {
		return plain(w.EN)
	}
	return plain(w.FR)
}

// texts are several words in the language.
func (l language) texts(all []label.Words) []string {
	list := make([]string, len(all))
	for i, w := range all {
		list[i] = l.text(w)
	}
	return list
}

// minus is the sign of numbers below nothing: a hyphen is shorter, and a line may end after it.
const minus = "−"

// number writes x with so many decimals. What these round to nothing has no sign.
func (l language) number(x float64, decimals int) string {
	text, negative := strings.CutPrefix(strconv.FormatFloat(x, 'f', decimals, 64), "-")
	sign := ""
	if negative && strings.Trim(text, "0.") != "" {
		sign = minus
	}
	whole, fraction, _ := strings.Cut(text, ".")
	separator, point := ",", "."
	if l.code == "fr" {
		separator, point = "\u202f", ","
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + separator + whole[i:]
	}
	if fraction == "" {
		return sign + whole
	}
	return sign + whole + point + fraction
}

// exact writes x with all of its decimals, as factors and prices are stated.
func (l language) exact(x float64) string {
	_, fraction, _ := strings.Cut(strconv.FormatFloat(x, 'f', -1, 64), ".")
	return l.number(x, len(fraction))
}

// rough writes x with three significant digits or so.
func (l language) rough(x float64) string {
	switch size := math.Abs(x); {
	case size >= 100:
		return l.number(x, 0)
	case size >= 10:
		return l.number(x, 1)
	default:
		return l.number(x, 2)
	}
}

// unit is a unit as it stands behind a number, with its space.
func (l language) unit(unit string) string {
	switch {
	case unit == "":
		return ""
	case unit == "%" && l.code == "fr":
		return "\u202f%"
	case unit == "%":
		return "%"
	}
	return "\u00a0" + l.known("unit.", unit)
}

// amount writes a number with its unit.
func (l language) amount(x float64, decimals int, unit string) string {
	return l.number(x, decimals) + l.unit(unit)
}

// percent writes a share in percent without decimals. Only the whole is written as 100 %, and only nothing as 0 %.
func (l language) percent(share float64) string {
	p := math.Round(share)
	switch {
	case p == 100 && share < 100:
		p = 99
	case p == 0 && share > 0:
		p = 1
	}
	return l.amount(p, 0, "%")
}

// day writes a date in words; as it is where it is none.
func (l language) day(d collector.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return plain(string(d))
	}
	n := strconv.Itoa(t.Day())
	if l.code == "fr" && t.Day() == 1 {
		n = "1er"
	}
	return n + "\u00a0" + l.month(d.Month())
}

// month writes a month in words; as it is where it is none.
func (l language) month(m collector.Month) string {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return plain(string(m))
	}
	return l.say("month."+strconv.Itoa(int(t.Month()))) + " " + strconv.Itoa(t.Year())
}

// months writes a span of months.
func (l language) months(from, to collector.Month) string {
	if from == to {
		return l.month(from)
	}
	return l.say("months", l.month(from), l.month(to))
}

// href is where a link goes: nowhere where it is no address of the web, or has a password in it, as collector.Evidence says.
func href(address string) string {
	if len(address) > longestLink {
		return ""
	}
	return collector.Evidence{Where: address}.Link()
}

// longestLink is how long an address may be that a report links to, in bytes.
const longestLink = 500
