package calendar

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"veille/collector"
)

// Bounds of an imported file.
const (
	MaxFile     = 1 << 20 // bytes
	maxEvents   = 5000
	maxRepeated = 50       // events that repeat, by one rule each or a list of dates
	maxLine     = 4 << 10  // bytes of a line that is read
	maxImported = 500      // closures
	maxStretch  = 100      // days of one closure: the longest school holidays have 70; more is a mistake of the file, of which there are
	maxTimes    = 366 * 10 // of one event that repeats
)

// How says how a file is read.
type How struct {
	Zone  string         // school zone of the site: A, B, C, Corse, or another name; "" where the file is of one zone only
	Local *time.Location // of the site, for moments given in UTC
	Until collector.Date // how far what repeats without an end is followed
	From  collector.Date // from when on what repeats counts
}

// Imported is what a file says of days on which a site is closed.
type Imported struct {
	Closures  []collector.Closure // sorted, without a source; those of one name that touch are one
	Skipped   []Skipped           // events that close nothing, in the order of the file, then those that are too long only when joined
	Elsewhere int                 // events of other school zones
	NoZone    bool                // a school zone was asked for, and the file names none: all of it was taken
	Titled    bool                // the titles of some closures are not plainly those of school holidays: they may tell of a person
}

// Skipped is an event that was not taken.
type Skipped struct {
	Name   string
	On     collector.Date // its first day; "" when that could not be read
	Why    string
	Begins bool // holidays begin on that day, and the file does not say when they end: somebody has to
}

// Import reads a calendar file (iCalendar, RFC 5545). Only whole days close a site: an event with times of day is skipped,
// and so is a day on which people come back, and one on which holidays begin without an end being known. An error says that
// the file as a whole cannot be used, and why, or that ctx is done. Nothing but dates, titles, places and rules of repetition
// is read.
func Import(ctx context.Context, file []byte, how How) (Imported, error) {
	components, err := read(file)
	if err != nil {
		return Imported{}, err
	}
	events := make([]event, 0, len(components))
	moved := map[string][]time.Time{} // by event: the times that an event of their own takes the place of
	for _, c := range components {
		e := newEvent(c, how.Local)
		if e.uid != "" && !e.instead.IsZero() {
			moved[e.uid] = append(moved[e.uid], e.instead)
		}
		events = append(events, e)
	}
	in := Imported{NoZone: how.Zone != "" && len(zonesNamed(events)) == 0}
	if events, in.Elsewhere, err = ofZone(events, how.Zone); err != nil {
		return Imported{}, err
	}
	if err := in.take(ctx, events, moved, how); err != nil {
		return Imported{}, err
	}
	in.explainBeginnings(events)
	return in, nil
}

// take turns events into closures.
func (in *Imported) take(ctx context.Context, events []event, moved map[string][]time.Time, how How) error {
	repeated := 0
	var closures []collector.Closure
	for _, e := range events {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("read the events of the calendar file: %w", err)
		}
		if why, begins := e.closesNothing(); why != "" {
			in.Skipped = append(in.Skipped, Skipped{Name: e.name, On: e.on(), Why: why, Begins: begins})
			continue
		}
		if e.repeats() {
			if repeated++; repeated > maxRepeated {
				return fmt.Errorf("more than %d events repeat; write them out as dates", maxRepeated)
			}
		}
		starts, err := e.starts(moved[e.uid], how)
		if err != nil {
			in.Skipped = append(in.Skipped, Skipped{Name: e.name, On: e.on(), Why: err.Error()})
			continue
		}
		in.Titled = in.Titled || len(starts) > 0 && e.zones == nil && !schoolTitle(e.name)
		for _, start := range starts {
			closures = append(closures, collector.Closure{Name: e.name, Days: collector.Days{
				From: collector.DateOf(start), To: collector.DateOf(start.AddDate(0, 0, e.days-1)),
			}})
		}
	}
	for _, c := range joinByName(closures) {
		if n := Length(c.Days); n > maxStretch {
			in.Skipped = append(in.Skipped, Skipped{Name: c.Name, On: c.From, Why: tooLong(n)})
			continue
		}
		in.Closures = append(in.Closures, c)
	}
	if len(in.Closures) > maxImported {
		return fmt.Errorf("the file closes the site %d times; up to %d are possible", len(in.Closures), maxImported)
	}
	return nil
}

func tooLong(days int) string {
	return fmt.Sprintf("lasts %d days, and more than %d is likely a mistake of the file; if it is none, type it", days, maxStretch)
}

// joinByName sorts closures and makes one of those of the same name that overlap or follow one another: the ministry cuts
// holidays at each day on which another zone's begin or end.
func joinByName(closures []collector.Closure) []collector.Closure {
	byName := map[string][]collector.Days{}
	for _, c := range closures {
		byName[c.Name] = append(byName[c.Name], c.Days)
	}
	var joined []collector.Closure
	for name, days := range byName {
		for _, d := range join(days) {
			joined = append(joined, collector.Closure{Days: d, Name: name})
		}
	}
	sortClosures(joined)
	return joined
}

// explainBeginnings says of holidays without an end what else the file says of them: that something it has closes the day
// anyway, or on which day people come back.
func (in *Imported) explainBeginnings(events []event) {
	backs := slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.why != "" || !e.returns() })
	slices.SortStableFunc(backs, func(a, b event) int { return a.start.Compare(b.start) })
	for i, s := range in.Skipped {
		if !s.Begins {
			continue
		}
		closed := slices.IndexFunc(in.Closures, func(c collector.Closure) bool { return c.From <= s.On && s.On <= c.To })
		if closed >= 0 {
			in.Skipped[i].Begins = false
			in.Skipped[i].Why = fmt.Sprintf("is part of %q, which is taken", in.Closures[closed].Name)
			continue
		}
		next, _ := slices.BinarySearchFunc(backs, s.On, func(e event, on collector.Date) int {
			if e.on() <= on {
				return -1
			}
			return 1
		})
		if next < len(backs) && Length(collector.Days{From: s.On, To: backs[next].on()}) <= maxStretch {
			in.Skipped[i].Why += fmt.Sprintf("; it has %q on %s", backs[next].name, backs[next].on())
		}
	}
}

// closesNothing says why an event closes nothing, or nothing, and whether that is because it tells only when
// holidays begin.
func (e event) closesNothing() (why string, begins bool) {
	switch {
	case e.why != "":
		return e.why, false
	case len(e.rules) > 1:
		return fmt.Sprintf("repeats by %d rules, and one is understood; make it one, or write the days out", len(e.rules)), false
	case e.returns():
		return "is a day on which people come back, not one on which the site is closed", false
	case e.days == 1 && !e.repeats() && beginsHolidays(e.name):
		return "holidays begin, and the file does not say when they end", true
	case e.days > maxStretch:
		return tooLong(e.days), false
	}
	return "", false
}

// returns tells whether people come back from holidays.
func (e event) returns() bool {
	name := plain(e.name)
	for _, word := range []string{"rentree", "prerentree", "pre-rentree", "reprise des cours", "reprise des classes", "back to school"} {
		if strings.HasPrefix(name, word) || e.days == 1 && strings.Contains(name, word) {
			return true
		}
	}
	return strings.Contains(name, "prerentree") || strings.Contains(name, "pre-rentree")
}

// beginsHolidays tells whether a single day of that name is the first of holidays rather than the whole of them.
func beginsHolidays(name string) bool {
	name = plain(name)
	for _, word := range []string{
		"debut", "vacances", "grandes vacances", "fin des cours", "fin des classes", "start of", "beginning of", "summer holiday", "summer break", "summer vacation",
	} {
		if strings.HasPrefix(name, word) {
			return true
		}
	}
	return false
}
