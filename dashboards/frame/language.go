package dashboards

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// language is the words and the way of writing numbers of one language.
type language struct {
	Code  string // en or fr
	words map[string]string
}

// readLanguages reads the catalogues, which must have the same keys.
func readLanguages() ([]language, error) {
	var all []language
	for _, code := range []string{"en", "fr"} {
		text, err := files.ReadFile("words/" + code + ".json")
		if err != nil {
			return nil, fmt.Errorf("read the words of %s: %w", code, err)
		}
		l := language{Code: code}
		if err := json.Unmarshal(text, &l.words); err != nil {
			return nil, fmt.Errorf("read words/%s.json: %w", code, err)
		}
		all = append(all, l)
		for key := range all[0].words {
			if l.words[key] == "" {
				return nil, fmt.Errorf("words/%s.json lacks %q", code, key)
			}
		}
		if len(l.words) != len(all[0].words) {
			return nil, fmt.Errorf("words/%s.json has %d keys, words/en.json has %d", code, len(l.words), len(all[0].words))
		}
	}
	return all, nil
}

// choose is the language that the address asks for, else the one that the browser prefers, else English.
func (h *Handler) choose(r *http.Request) language {
	wanted := []string{r.URL.Query().Get("lang")}
	for entry := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(entry, ";") // browsers list the preferred first
		code, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
		wanted = append(wanted, strings.ToLower(code))
	}
	for _, code := range wanted {
		if i := slices.IndexFunc(h.languages, func(l language) bool { return l.Code == code }); i >= 0 {
			return h.languages[i]
		}
	}
	return h.languages[0]
}

// Other is the code of the other language.
func (l language) Other() string {
	if l.Code == "fr" {
		return "en"
	}
	return "fr"
}

// Say is the text of a key, with its blanks filled.
func (l language) Say(key string, args ...any) string {
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
func (l language) Method(method string) string { return l.Say("method." + method) }

// Number writes x with so many decimals.
func (l language) Number(x float64, decimals int) string {
	text := strconv.FormatFloat(x, 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	separator, point := ",", "."
	if l.Code == "fr" {
		separator, point = "\u202f", ","
	}
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + separator + whole[i:]
	}
	if fraction == "" {
		return whole
	}
	return whole + point + fraction
}

// Energy writes watt-hours with three significant digits or so, and no more than the figure can bear.
func (l language) Energy(wh float64) string { return l.EnergyLike(wh, wh) }

// EnergyLike writes watt-hours in the unit in which like is written, so that a range has one unit.
func (l language) EnergyLike(wh, like float64) string {
	if like >= 1000 {
		return l.Number(wh/1000, decimals(wh/1000)) + "\u00a0kWh"
	}
	return l.Number(wh, decimals(wh)) + "\u00a0Wh"
}

// tick writes a round number of watt-hours, with the decimals that the distance to the next one needs.
func (l language) tick(wh, step, most float64) string {
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
func (l language) Time(t time.Time) string {
	if l.Code == "fr" {
		return t.Format("02/01/2006 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// Percent writes a share of 1. Only the whole is written as 100 %, and only nothing as 0 %.
func (l language) Percent(share float64) string {
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
