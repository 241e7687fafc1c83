package frame

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

// Language is the words and the way of writing numbers of one language.
type Language struct {
	Code  string // en or fr
	words map[string]string
}

// Other is the code of the other language.
func (l Language) Other() string {
	if l.Code == "fr" {
		return "en"
	}
	return "fr"
}

// Say is the text of a key, with its blanks filled.
func (l Language) Say(key string, args ...any) string {
	text, ok := l.words[key]
	if !ok {
		return "[" + key + "]" // a test looks for this in every page
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Method is the name of a method, for people.
func (l Language) Method(method string) string { return l.Say("method." + method) }

// minus is the sign of numbers below nothing: a hyphen is shorter, and a line may end after it.
const minus = "−"

// Methods are the names of methods, for people; one that has none as it is.
func (l Language) Methods(all []string) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = l.Known("method.", m, m)
	}
	return strings.Join(names, ", ")
}

// Number writes x with so many decimals. What these round to nothing has no sign.
func (l Language) Number(x float64, decimals int) string {
	text, negative := strings.CutPrefix(strconv.FormatFloat(x, 'f', decimals, 64), "-")
	sign := ""
	if negative && strings.Trim(text, "0.") != "" {
		sign = minus
	}
	whole, fraction, _ := strings.Cut(text, ".")
	separator, point := ",", "."
	if l.Code == "fr" {
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

// Energy writes watt-hours with three significant digits or so, and no more than the figure can bear.
func (l Language) Energy(wh float64) string { return l.EnergyLike(wh, wh) }

// EnergyLike writes watt-hours in the unit in which like is written, so that a range has one unit.
func (l Language) EnergyLike(wh, like float64) string {
	if like >= 1000 {
		return l.Number(wh/1000, decimals(wh/1000)) + "\u00a0kWh"
	}
	return l.Number(wh, decimals(wh)) + "\u00a0Wh"
}

// Tick writes a round number of watt-hours, with the decimals that the distance to the next one needs.
func (l Language) Tick(wh, step, most float64) string {
	unit, name := 1.0, "\u00a0Wh"
	if most >= 1000 {
		unit, name = 1000, "\u00a0kWh"
	}
	return l.Number(wh/unit, max(0, -int(math.Floor(math.Log10(step/unit))))) + name
}

func decimals(x float64) int {
	switch x = math.Abs(x); {
	case x >= 100:
		return 0
	case x >= 10:
		return 1
	default:
		return 2
	}
}

// Time writes a date and a time of day.
func (l Language) Time(t time.Time) string {
	if l.Code == "fr" {
		return t.Format("02/01/2006 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// Percent writes a share of 1. Only the whole is written as 100 %, and only nothing as 0 %.
func (l Language) Percent(share float64) string {
	p := math.Round(100 * share)
	switch {
	case p == 100 && share < 1:
		p = 99
	case p == 0 && share > 0:
		p = 1
	}
	space := ""
	if l.Code == "fr" {
		space = "\u202f"
	}
	return l.Number(p, 0) + space + "%"
}

// Count writes a whole number.
func (l Language) Count(n int) string { return l.Number(float64(n), 0) }

// Score writes a score with a decimal.
func (l Language) Score(x float64) string { return l.Number(x, 1) }

// Signed writes a difference with its sign.
func (l Language) Signed(x float64) string {
	text := l.Number(x, 1)
	if strings.Trim(text, "0.,") == "" || strings.HasPrefix(text, minus) {
		return text
	}
	return "+" + text
}

// KB writes kilobytes, with decimals below ten.
func (l Language) KB(kb float64) string {
	if kb >= 10_000 {
		return l.Number(kb/1000, 1) + "\u00a0" + l.Say("unit.mb")
	}
	return l.Number(kb, map[bool]int{true: 0, false: 1}[kb >= 10]) + "\u00a0" + l.Say("unit.kb")
}

// Bytes writes bytes as kilobytes.
func (l Language) Bytes(n int64) string { return l.KB(float64(n) / 1000) }

// Day writes a civil date; as it is where it is none.
func (l Language) Day(d collector.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || l.Code != "fr" {
		return string(d)
	}
	return t.Format("02/01/2006")
}

// Known is the text of a key that data made, or otherwise what the data says.
func (l Language) Known(prefix, name, otherwise string) string {
	if text, ok := l.words[prefix+name]; ok {
		return text
	}
	return otherwise
}

// Brief is an address as it is shown: without its scheme, and without its middle where it is long.
func (l Language) Brief(address string) string {
	text := address
	for _, scheme := range []string{"https://", "http://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	letters := []rune(strings.ToValidUTF8(text, "\ufffd"))
	if len(letters) <= MostShown {
		return string(letters)
	}
	return string(letters[:MostShown*2/3]) + "…" + string(letters[len(letters)-MostShown/3:])
}

// Href is where a link to an address of the web goes: nowhere where it is not one.
func (l Language) Href(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > MostLink || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return address
}

// MostShown is how much of an address is shown, in letters.
const MostShown = 90

// MostLink is how long an address may be to which a page links, in bytes: hostile sites have addresses that fill a page.
const MostLink = 500
