package collector

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
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
	Indicator    string // of Indicators: kWh of twelve months, kWh of a machine in twelve months, percent of the energy that is used outside of open hours, kgCO2e of twelve months; or the id of a line of the label report, such as U1
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
	Until          Date    // the last on which it goes on; "": nobody has said
	ExpectedKWh    float64 // that it was to save in a year; 0: nobody has said
	Serves         string  // the indicator of the label report that it is to move, such as "U1"; "": none
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
	case !slices.Contains(Indicators(), t.Indicator) && !isLine().MatchString(t.Indicator):
		return fmt.Errorf("indicator %.60q is none of %s, nor a line of the label report such as U1", t.Indicator, strings.Join(Indicators(), ", "))
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
	case !between(a.ExpectedKWh, 0, mostKWh):
		return fmt.Errorf("the expected gain of %v kWh in a year is not from 0 to %.0f", a.ExpectedKWh, mostKWh)
	case a.Serves != "" && !isLine().MatchString(a.Serves):
		return fmt.Errorf("it serves %.60q, which is no line of the label report such as U1", a.Serves)
	}
	if a.Until != "" {
		if err := inOrder(a.On, a.Until); err != nil {
			return err
		}
	}
	return errors.Join(line("the name", a.Name, false), line("the owner", a.Owner, true), line("the note", a.Note, true))
}

// The bounds of a price, in euros a kWh: less than a hundredth of a cent is a slip of the pen.
const (
	leastEuro = 0.0001
	mostEuro  = 5
)
