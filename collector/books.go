package collector

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Price is what an organisation pays for a kilowatt-hour from a month on, until the next one it has said.
type Price struct {
	Organisation int64
	From         Month
	EuroPerKWh   float64 // 0.0001 to 5
	Tax          string  // "excluded" or "included": whether VAT is in it
	Source       string  // a contract, an invoice
}

// Factor is a number that others have found and that figures are reckoned with: grams of CO2e in a kilowatt-hour, years that a
// notebook lasts.
type Factor struct {
	Organisation int64 // 0: it comes with the program
	ID           string
	Value        float64
	Low, High    float64 // between what it may lie; both Value where its source gives no range
	Unit         string
	Year         int    // that it is of
	Source       string // title of what says so
	Link         string // where; "" for none
	Licence      string
	Verified     bool // somebody has read it at its source
}

// Indicators are what a target may be of.
func Indicators() []string { return []string{"kwh", "kwh_per_machine", "outside_share", "carbon"} }

// Target is where an organisation wants to be.
type Target struct {
	ID           int64
	Organisation int64
	Site         int64  // 0: all of it
	Indicator    string // of Indicators: kWh of twelve months, kWh of a machine in twelve months, percent of the energy that is used outside of open hours, kgCO2e of twelve months
	Value        float64
	By           Month // the last of the twelve months
	Note         string
}

// Measures are the kinds of actions.
func Measures() []string {
	return []string{"sleep-policy", "switch-off", "replacement", "removal", "other"}
}

// Action is something that was done to use less, and that figures from before and after are compared for.
type Action struct {
	ID             int64
	Organisation   int64
	Site           int64 // where; 0: everywhere
	Group          int64 // of the site; 0: all of it
	Name           string
	Measure        string // of Measures
	On             Date   // on which it was done
	BaseFrom, Base Month  // the first and last month that later ones are compared with; all before On
	Owner          string // the function that answers for it: never a person's name
	Note           string
}

// Devices are the classes of equipment.
func Devices() []string {
	return []string{"notebook", "desktop", "mini", "all-in-one", "thin-client", "server", "monitor", "tablet", "printer", "other"}
}

// Equipment is devices of one class at a site that were bought in the same month, in the same way. It is a count: no line is of one
// device with a number of its own.
type Equipment struct {
	Organisation int64
	Site         int64
	Class        string // of Devices
	Bought       Month  // "": nobody knows
	As           string // "new", "refurbished" (bought used and made good) or "reused" (given, or from another service)
	Count        int    // in service, above 0
	Source       string // the file that it was imported from
}

// Invitation lets a user choose a password, once.
type Invitation struct {
	Hash      [32]byte // SHA-256 of its secret, which nobody keeps
	User      int64
	ExpiresOn Date // the last date on which it is good
}

// Session is a person who has signed in. It has no moment: that would say when somebody was at his desk.
type Session struct {
	Hash      [32]byte // SHA-256 of what is in the cookie
	User      int64
	ExpiresOn Date // the last date on which it is good
}

// Validate says why p is no price, or nothing.
func (p Price) Validate() error {
	switch err := possible(p.From); {
	case err != nil:
		return err
	case !between(p.EuroPerKWh, leastEuro, mostEuro):
		return fmt.Errorf("%v euros a kWh are not from %v to %v", p.EuroPerKWh, leastEuro, mostEuro)
	case p.Tax != "excluded" && p.Tax != "included":
		return fmt.Errorf("tax %.60q is neither excluded nor included", p.Tax)
	}
	return line("the source", p.Source, true)
}

// Validate says why f is no factor, or nothing.
func (f Factor) Validate() error {
	u, err := url.Parse(f.Link)
	switch {
	case !isFactor().MatchString(f.ID):
		return fmt.Errorf("factor %.60q is not named like electricity or made.notebook", f.ID)
	case !between(f.Low, 0, 1e9) || !between(f.Value, f.Low, 1e9) || !between(f.High, f.Value, 1e9):
		return fmt.Errorf("%v to %v to %v is not a figure from 0 up within its range", f.Low, f.Value, f.High)
	case f.Year < 1990 || f.Year > 2200:
		return fmt.Errorf("the year %d is not from 1990 on", f.Year)
	case f.Link != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == ""):
		return fmt.Errorf("%.60q is not a web address", f.Link)
	}
	return errors.Join(line("the unit", f.Unit, false), line("the source", f.Source, false), line("the link", f.Link, true), line("the licence", f.Licence, true))
}

func isFactor() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}(\.[a-z0-9-]{1,30})?$`)
}

// Validate says why t is no target, or nothing.
func (t Target) Validate() error {
	switch err := possible(t.By); {
	case err != nil:
		return err
	case !slices.Contains(Indicators(), t.Indicator):
		return fmt.Errorf("indicator %.60q is none of %s", t.Indicator, strings.Join(Indicators(), ", "))
	case !between(t.Value, 0, 1e12):
		return fmt.Errorf("%v is not a figure from 0 up", t.Value)
	case t.Indicator == "outside_share" && t.Value > 100:
		return fmt.Errorf("%v percent are more than all of the energy", t.Value)
	}
	return line("the note", t.Note, true)
}

// Validate says why a is no action, or nothing.
func (a Action) Validate() error {
	if !slices.Contains(Measures(), a.Measure) {
		return fmt.Errorf("measure %.60q is none of %s", a.Measure, strings.Join(Measures(), ", "))
	}
	if _, err := a.On.Midnight(time.UTC); err != nil {
		return fmt.Errorf("%.60q is not a date like 2026-01-31", a.On)
	}
	for _, m := range []Month{a.BaseFrom, a.Base} {
		if err := possible(m); err != nil {
			return err
		}
	}
	switch {
	case a.Base < a.BaseFrom:
		return fmt.Errorf("the baseline ends in %s, before it begins in %s", a.Base, a.BaseFrom)
	case a.Base >= a.On.Month():
		return fmt.Errorf("the baseline ends in %s, and the action was done on %s: it ends in a month before", a.Base, a.On)
	case a.Group != 0 && a.Site == 0:
		return errors.New("a group is of a site: name the site too")
	}
	return errors.Join(line("the name", a.Name, false), line("the owner", a.Owner, true), line("the note", a.Note, true))
}

// Validate says why e is no equipment, or nothing.
func (e Equipment) Validate() error {
	if err := possible(e.Bought); err != nil && e.Bought != "" {
		return err
	}
	switch {
	case !slices.Contains(Devices(), e.Class):
		return fmt.Errorf("class %.60q is none of %s", e.Class, strings.Join(Devices(), ", "))
	case e.As != "new" && e.As != "refurbished" && e.As != "reused":
		return fmt.Errorf("acquired as %.60q is none of new, refurbished, reused", e.As)
	case e.Count < 1 || e.Count > 1e6:
		return fmt.Errorf("%d devices are not from 1 to 1000000", e.Count)
	}
	return line("the source", e.Source, true)
}

// The bounds of a price, in euros a kWh: less than a hundredth of a cent is a slip of the pen.
const (
	leastEuro = 0.0001
	mostEuro  = 5
)

// The first and the last month that may be said of anything.
const (
	firstMonth = Month("1990-01")
	lastMonth  = Month("2200-12")
)

// possible says why a month is none that may be said, or nothing.
func possible(m Month) error {
	if _, _, err := m.Dates(); err != nil {
		return fmt.Errorf("%.60q is not a month like 2026-01", m) // its own error says all of it
	}
	if m < firstMonth || m > lastMonth {
		return fmt.Errorf("the month %s is not from %s to %s", m, firstMonth, lastMonth)
	}
	return nil
}

// between tells whether x is a number from low to high.
func between(x, low, high float64) bool {
	return !math.IsNaN(x) && !math.IsInf(x, 0) && x >= low && x <= high
}

// longestLine is how many bytes a text of one line may have.
const longestLine = 300

// line says why a text is not one line of words, or nothing. Marks of the direction of writing would let a text pass for another.
func line(what, text string, mayBeEmpty bool) error {
	switch {
	case !mayBeEmpty && strings.TrimSpace(text) == "":
		return fmt.Errorf("%s is missing", what)
	case len(text) > longestLine || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s is not one line of up to %d bytes in UTF-8", what, longestLine)
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
		return fmt.Errorf("%s has an invisible mark that turns the direction of writing: type it anew", what)
	}
	return nil
}
