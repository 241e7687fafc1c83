package label

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"veille/collector"
	"veille/collector/privacy"
)

// Errors of a request.
var (
	// ErrNothing says that nothing is known of a period.
	ErrNothing = errors.New("nothing is known of this period")
	// ErrTemplate says that there is no such template.
	ErrTemplate = errors.New("no such template")
	// ErrPeriod says that a period is none that a report may be of.
	ErrPeriod = errors.New("no report is made of such a period")
)

// Bounds of the months of a report.
const (
	mostMonths = 36
	firstMonth = collector.Month("1990-01")
	lastMonth  = collector.Month("2200-12")
)

// mostAsked is how many months the door answers at once.
const mostAsked = 120

// Make makes a report, without its seal. who is the reader: figures of machines are those that he may see; a user of one site only gets
// privacy.ErrRole, and so does a role that sees no figures of machines. One of another organisation gets collector.ErrNotFound. It answers ErrPeriod
// where the months are none, out of order or more than 36, ErrTemplate where there is no such template, a TemplateError where it cannot be used,
// and ErrNothing where neither a month of the period is fixed nor anything else was stated or imported of it; the error says which months have
// figures.
func (m *Maker) Make(ctx context.Context, who *collector.User, q Request) (Report, error) {
	one := m.Each(ctx, who, q, q.Template)[0]
	return one.Report, one.Err
}

// Made is a report, or why it could not be made.
type Made struct {
	Report Report
	Err    error // as Make has it
}

// Each makes a report by each of some templates, in their order, from facts that are read once. The template of the request means nothing.
func (m *Maker) Each(ctx context.Context, who *collector.User, q Request, templates ...string) []Made {
	all := make([]Made, len(templates))
	read := sync.OnceValues(func() (func(Template) Report, error) { return m.gather(ctx, who, q) })
	for i, id := range templates {
		q.Template = id
		all[i].Report, all[i].Err = m.one(ctx, who, q, read)
	}
	return all
}

// one makes one report from facts that read gives.
func (m *Maker) one(ctx context.Context, who *collector.User, q Request, read func() (func(Template) Report, error)) (Report, error) {
	if _, _, err := q.periods(); err != nil {
		return Report{}, err
	}
	if err := admit(who, q.Organisation); err != nil {
		return Report{}, err
	}
	template, err := m.template(ctx, q)
	if err != nil {
		return Report{}, err
	}
	by, err := read()
	if err != nil {
		return Report{}, err
	}
	return by(template), nil
}

// gather reads the facts of a request, and answers what makes reports of them.
func (m *Maker) gather(ctx context.Context, who *collector.User, q Request) (func(Template) Report, error) {
	now, before, err := q.periods()
	if err != nil {
		return nil, err
	}
	catalogue, err := m.catalogue()
	if err != nil {
		return nil, err
	}
	f, b, err := m.facts(ctx, who, q.Organisation, now, before)
	if err != nil {
		return nil, err
	}
	if f.nothing() {
		return nil, m.empty(ctx, who, q)
	}
	return func(t Template) Report { return assemble(f, b, t, catalogue, pieces()) }, nil
}

// periods are the period of a request, and the one that it is compared with: the same months a year before, or as many years before as it takes for
// the two not to overlap. Other months would be of another season: of six months, those before have other holidays.
func (q Request) periods() (now, before period, err error) {
	for _, x := range []collector.Month{q.From, q.To} {
		if _, _, err := x.Dates(); err != nil {
			return now, before, fmt.Errorf("%w: %.20q is not a month like 2026-01", ErrPeriod, x)
		}
		if x < firstMonth || x > lastMonth {
			return now, before, fmt.Errorf("%w: %s is not from %s to %s", ErrPeriod, x, firstMonth, lastMonth)
		}
	}
	now = period{q.From, q.To}
	switch n := now.length(); {
	case n < 1:
		return now, before, fmt.Errorf("%w: it ends in %s, before it begins in %s", ErrPeriod, q.To, q.From)
	case n > mostMonths:
		return now, before, fmt.Errorf("%w: from %s to %s are %d months, and a report is of %d at most", ErrPeriod, q.From, q.To, n, mostMonths)
	default:
		years := (n + yearMonths - 1) / yearMonths
		return now, period{q.From.Plus(-years * yearMonths), q.To.Plus(-years * yearMonths)}, nil
	}
}

// length is how many months a period has; below 1 where it ends before it begins. Both of its months are possible.
func (p period) length() int {
	number := func(m collector.Month) (n int) {
		for _, digit := range strings.ReplaceAll(string(m), "-", "") {
			n = n*10 + int(digit-'0')
		}
		return n/100*12 + n%100
	}
	return number(p.to) - number(p.from) + 1
}

// has tells whether a month is in the period.
func (p period) has(m collector.Month) bool { return m >= p.from && m <= p.to }

// dates are the first and the last date of the period.
func (p period) dates() (first, last collector.Date) {
	first, _, _ = p.from.Dates() // an error is not possible: see periods
	_, last, _ = p.to.Dates()
	return first, last
}

// admit tells whether a user may have a report of an organisation: it is of all of it.
func admit(who *collector.User, organisation int64) error {
	switch {
	case who == nil, who.RemovedOn != "":
		return privacy.ErrRole
	case who.Organisation != organisation:
		return collector.ErrNotFound
	case who.Site != 0, !who.Has(collector.RoleIT, collector.RoleOfficer, collector.RoleReader):
		return privacy.ErrRole
	}
	return nil
}

// template is that of a request: the organisation's own before the one that comes with the program.
func (m *Maker) template(ctx context.Context, q Request) (Template, error) {
	own, err := m.ledger.Templates(ctx, q.Organisation)
	if err != nil {
		return Template{}, fmt.Errorf("read the templates of organisation %d: %w", q.Organisation, err)
	}
	shipped, err := m.shipped()
	if err != nil {
		return Template{}, err
	}
	ids := slices.Collect(maps.Keys(shipped))
	for _, t := range own {
		if t.ID == q.Template {
			read, err := ReadTemplate([]byte(t.Text))
			if err != nil {
				return Template{}, fmt.Errorf("read the template %s: %w", q.Template, err)
			}
			return read, nil
		}
		ids = append(ids, t.ID)
	}
	t, ok := shipped[q.Template]
	if !ok {
		slices.Sort(ids)
		return Template{}, fmt.Errorf("%w: %.60q; there are %s", ErrTemplate, q.Template, strings.Join(slices.Compact(ids), ", "))
	}
	return t, nil
}

// equipped tells whether the inventory says what there was at the end of the period of the report.
func (f *facts) equipped() bool {
	s, _, ok := f.stock(f.now)
	return ok && len(s.serving) > 0
}

// nothing tells whether nothing is known of the period of the report: of one that has not begun nothing is.
func (f *facts) nothing() bool {
	if f.now.from > f.today.Month() {
		return true // what was stated holds on, but nobody knows how long
	}
	first, last := f.now.dates()
	of := func(on collector.Date) bool { return on >= first && on <= last }
	return len(f.within(f.now)) == 0 &&
		!slices.ContainsFunc(f.quantities, func(q collector.Quantity) bool { return q.From <= f.now.to && q.To >= f.now.from }) &&
		!slices.ContainsFunc(f.steps, func(s collector.Step) bool { return of(s.On) }) &&
		!slices.ContainsFunc(f.readings, func(r collector.Reading) bool { return r.From <= last && r.To >= first }) &&
		!slices.ContainsFunc(f.grids, func(g collector.Grid) bool { return of(g.On) }) &&
		!f.equipped() &&
		!slices.ContainsFunc(f.websites, func(w website) bool {
			return slices.ContainsFunc(w.runs, func(r collector.WebRun) bool { return of(collector.DateOf(r.At.UTC())) })
		})
}

// empty is the error of a period of which nothing is known. It says which of the last ten years' months have figures of machines.
func (m *Maker) empty(ctx context.Context, who *collector.User, q Request) error {
	today := m.today().Month()
	answers, _, err := m.machines(ctx, who, q.Organisation, today.Plus(1-mostAsked), today)
	if err != nil {
		return err
	}
	if len(answers) == 0 {
		return fmt.Errorf("%w, from %s to %s: no month has figures of machines yet; a month has them at the latest %d days after its end",
			ErrNothing, q.From, q.To, privacy.LastDay)
	}
	return fmt.Errorf("%w, from %s to %s: figures of machines are known of %s",
		ErrNothing, q.From, q.To, monthsList(answers))
}

// monthsList names the months of answers, those that follow each other as one span.
func monthsList(answers []privacy.Answer) string {
	var spans []period
	for i := range answers {
		m := answers[i].From
		if n := len(spans); n > 0 && spans[n-1].to.Plus(1) == m {
			spans[n-1].to = m
			continue
		}
		spans = append(spans, period{m, m})
	}
	names := make([]string, len(spans))
	for i, s := range spans {
		names[i] = string(s.from)
		if s.from != s.to {
			names[i] += " to " + string(s.to)
		}
	}
	return strings.Join(names, ", ")
}

// books are what a report says beside what its lines are reckoned from.
type books struct {
	prices    []collector.Price
	targets   []collector.Target
	evidence  []collector.Evidence
	remarks   []collector.Remark
	snapshots []collector.Snapshot
}

// last is the last report that was kept, of real machines or of simulated ones; false where there is none.
func (b books) last(simulated bool) (collector.Snapshot, bool) {
	kept := slices.DeleteFunc(slices.Clone(b.snapshots), func(s collector.Snapshot) bool { return s.Simulated != simulated })
	if len(kept) == 0 {
		return collector.Snapshot{}, false
	}
	return slices.MaxFunc(kept, func(x, y collector.Snapshot) int { return cmp.Compare(x.ID, y.ID) }), true
}
