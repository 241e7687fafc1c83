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
)

// The bounds of what is stated: more is a slip of the pen.
const (
	mostValue    = 1e12
	mostKWh      = 1e12
	longestGap   = 1100 // days between two readings of a meter: three years
	mostCriteria = 78   // that the RGESN has
)

// KindOf is the kind of quantity of that name, and whether there is one.
func KindOf(name string) (QuantityKind, bool) {
	all := Quantities()
	i := slices.IndexFunc(all, func(k QuantityKind) bool { return k.Name == name })
	if i < 0 {
		return QuantityKind{}, false
	}
	return all[i], true
}

// Validate says why q is no quantity, or nothing.
func (q Quantity) Validate() error {
	kind, known := KindOf(q.Name)
	if !known {
		var names []string
		for _, k := range Quantities() {
			names = append(names, k.Name)
		}
		return fmt.Errorf("quantity %.60q is none of %s", q.Name, strings.Join(names, ", "))
	}
	if err := inMonths(q.From, q.To); err != nil {
		return err
	}
	switch {
	case !between(q.Value, 0, mostValue):
		return fmt.Errorf("%v is not a number from 0 to %.0f", q.Value, mostValue)
	case kind.Whole && q.Value != math.Trunc(q.Value):
		return fmt.Errorf("%v is not a whole number, and %s are counted", q.Value, q.Name)
	}
	return errors.Join(line("the source", q.Source, true), line("the owner", q.Owner, true), line("the note", q.Note, true))
}

// Validate says why s is no step, or nothing.
func (s Step) Validate() error {
	if !slices.Contains(StepKinds(), s.Kind) {
		return fmt.Errorf("kind %.60q is none of %s", s.Kind, strings.Join(StepKinds(), ", "))
	}
	return errors.Join(possibleDate(s.On), line("the title", s.Title, false), line("the owner", s.Owner, true), line("the note", s.Note, true))
}

// Validate says why e is no evidence, or nothing.
func (e Evidence) Validate() error {
	if err := validOf(e.Of); err != nil {
		return err
	}
	if err := errors.Join(line("the title", e.Title, false), line("where it is", e.Where, false), line("the note", e.Note, true)); err != nil {
		return err
	}
	if (strings.Contains(e.Where, "://") || isScript().MatchString(e.Where)) && e.Link() == "" {
		return fmt.Errorf("%.300q is no address that begins with http:// or https://, has a host, and has no password in it; a document elsewhere is named by its reference", e.Where)
	}
	if e.SHA256 != "" && !isHash().MatchString(e.SHA256) {
		return fmt.Errorf("the SHA-256 %.80q is not 64 digits from 0 to 9 and a to f", e.SHA256)
	}
	if e.On != "" {
		return possibleDate(e.On)
	}
	return nil
}

// isScript is what browsers run, or read from the disk, where it becomes a link.
func isScript() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*(javascript|vbscript|data|file|blob)\s*:`)
}

// Link is the address of the web that the evidence is at, or "" where Where is a reference, which no page may make a link of.
func (e Evidence) Link() string {
	u, err := url.Parse(e.Where)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return e.Where
}

// Validate says why r is no remark, or nothing.
func (r Remark) Validate() error {
	if err := validOf(r.Of); err != nil {
		return err
	}
	empty := strings.TrimSpace(r.Text) == ""
	switch {
	case empty && r.NotApplicable:
		return errors.New("a line that does not concern the organisation needs a text that says why")
	case empty && r.By == "":
		return errors.New("the text is missing")
	case (r.By == "") != (r.On == ""):
		return errors.New("who has validated it and on which date are said together")
	}
	if r.On != "" {
		if err := possibleDate(r.On); err != nil {
			return err
		}
	}
	return errors.Join(paragraphs("the text", r.Text, MaxRemark, "\n"), line("the function that validated it", r.By, true))
}

// validOf says why nothing of a report is called so.
func validOf(of string) error {
	if !isOf().MatchString(of) {
		return fmt.Errorf("%.60q is neither a line such as U1 or L1.age, nor an item such as PA10, nor like action 3 or step 2", of)
	}
	return nil
}

// Validate says why r is no reading, or nothing.
func (r Reading) Validate() error {
	if err := inOrder(r.From, r.To); err != nil {
		return err
	}
	if days := daysIn(r.From, r.To); days > longestGap {
		return fmt.Errorf("from %s to %s are %d days, and a reading is of %d at most", r.From, r.To, days, longestGap)
	}
	if !between(r.KWh, 0, mostKWh) {
		return fmt.Errorf("%v kWh are not from 0 to %.0f", r.KWh, mostKWh)
	}
	return errors.Join(line("the meter", r.Meter, false), line("the source", r.Source, true))
}

// daysIn is how many days there are from a date to another, both in it; 0 where one is no date.
func daysIn(from, to Date) int {
	first, err := from.Midnight(time.UTC)
	if err != nil {
		return 0
	}
	last, err := to.Midnight(time.UTC)
	if err != nil {
		return 0
	}
	return int(last.Sub(first)/(24*time.Hour)) + 1
}

// Validate says why g is no grid, or nothing.
func (g Grid) Validate() error {
	if err := errors.Join(possibleDate(g.On), line("the source", g.Source, true)); err != nil {
		return err
	}
	if len(g.Criteria) < 1 || len(g.Criteria) > mostCriteria {
		return fmt.Errorf("%d criteria are not from 1 to %d", len(g.Criteria), mostCriteria)
	}
	met := map[string]bool{}
	for _, c := range g.Criteria {
		if err := c.Validate(); err != nil {
			return err
		}
		if met[c.ID] {
			return fmt.Errorf("criterion %s is there twice", c.ID)
		}
		met[c.ID] = true
	}
	return nil
}

// Validate says why c is no criterion, or nothing.
func (c Criterion) Validate() error {
	switch {
	case !isCriterion().MatchString(c.ID):
		return fmt.Errorf("criterion %.60q is not named like 6.3", c.ID)
	case !slices.Contains(Priorities(), c.Priority):
		return fmt.Errorf("criterion %s: priority %.60q is none of %s", c.ID, c.Priority, strings.Join(Priorities(), ", "))
	case !slices.Contains(Statuses(), c.Status):
		return fmt.Errorf("criterion %s: status %.60q is none of %s", c.ID, c.Status, strings.Join(Statuses(), ", "))
	}
	return nil
}

// isCriterion matches the number of a criterion of the RGESN, which has nine themes.
func isCriterion() *regexp.Regexp { return regexp.MustCompile(`^[1-9]\.[1-9][0-9]?$`) }
