package label

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// reader reads what a ledger has of an organisation. Once it failed it reads nothing more.
type reader struct {
	organisation int64
	err          error
}

// read appends a list of the organisation's.
func read[T any](ctx context.Context, r *reader, what string, of func(context.Context, int64) ([]T, error)) []T {
	if r.err != nil {
		return nil
	}
	all, err := of(ctx, r.organisation)
	if err != nil {
		r.err = fmt.Errorf("read the %s of organisation %d: %w", what, r.organisation, err)
		return nil
	}
	return slices.Clone(all)
}

// facts reads all that a report is made of.
func (m *Maker) facts(ctx context.Context, who *collector.User, organisation int64, now, before period) (*facts, books, error) {
	f := &facts{now: now, before: before, today: m.today()}
	if err := m.organisation(ctx, organisation, f); err != nil {
		return nil, books{}, err
	}
	r := &reader{organisation: organisation}
	b := books{
		prices: read(ctx, r, "prices", m.ledger.Prices), targets: read(ctx, r, "targets", m.ledger.Targets), evidence: read(ctx, r, "evidence", m.ledger.Evidence),
		remarks: read(ctx, r, "remarks", m.ledger.Remarks), snapshots: read(ctx, r, "kept reports", m.ledger.Snapshots),
	}
	factors, actions, kept := read(ctx, r, "factors", m.ledger.Factors), read(ctx, r, "actions", m.ledger.Actions), read(ctx, r, "baselines", m.ledger.Baselines)
	f.equipment, f.quantities = read(ctx, r, "equipment", m.ledger.Equipment), read(ctx, r, "quantities", m.ledger.Quantities)
	f.steps, f.readings, f.grids = read(ctx, r, "steps", m.ledger.Steps), read(ctx, r, "readings", m.ledger.Readings), read(ctx, r, "grids", m.ledger.Grids)
	if r.err != nil {
		return nil, books{}, r.err
	}
	b.sort()
	f.sort()
	f.proven = map[string]bool{}
	for _, e := range b.evidence {
		f.proven[e.Of] = true
	}
	var err error
	if f.book, err = balance.NewBook(b.prices, factors); err != nil {
		return nil, books{}, err
	}
	counted := make(chan error, 1) // counting takes as long as reading the months
	go func() { counted <- m.fleet(ctx, organisation, f) }()
	err = m.websites(ctx, organisation, f)
	if err == nil {
		err = m.figures(ctx, who, f, actions, kept)
	}
	if err := errors.Join(err, <-counted); err != nil {
		return nil, books{}, err
	}
	f.effects = map[period][]effect{now: f.effectsIn(now), before: f.effectsIn(before)}
	return f, b, nil
}

// sort puts all into one order, whatever that of the ledger is.
func (f *facts) sort() {
	slices.SortStableFunc(f.quantities, func(x, y collector.Quantity) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortStableFunc(f.steps, func(x, y collector.Step) int {
		return cmp.Or(strings.Compare(string(x.On), string(y.On)), cmp.Compare(x.ID, y.ID))
	})
	slices.SortStableFunc(f.readings, func(x, y collector.Reading) int {
		return cmp.Or(cmp.Compare(x.Site, y.Site), strings.Compare(x.Meter, y.Meter), strings.Compare(string(x.From), string(y.From)))
	})
	slices.SortStableFunc(f.grids, func(x, y collector.Grid) int {
		return cmp.Or(cmp.Compare(x.Website, y.Website), strings.Compare(string(x.On), string(y.On)))
	})
}

// sort is as that of facts.
func (b books) sort() {
	slices.SortStableFunc(b.evidence, func(x, y collector.Evidence) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortStableFunc(b.targets, func(x, y collector.Target) int {
		return cmp.Or(strings.Compare(string(x.By), string(y.By)), cmp.Compare(x.ID, y.ID))
	})
}

// organisation reads who the organisation is, and its sites, by number.
func (m *Maker) organisation(ctx context.Context, id int64, f *facts) error {
	all, err := m.ledger.Organisations(ctx)
	if err != nil {
		return fmt.Errorf("read the organisations: %w", err)
	}
	i := slices.IndexFunc(all, func(o collector.Responsible) bool { return o.ID == id })
	if i < 0 {
		return fmt.Errorf("organisation %d: %w", id, collector.ErrNotFound)
	}
	f.organisation = all[i]
	sites, err := m.ledger.Sites(ctx)
	if err != nil {
		return fmt.Errorf("read the sites: %w", err)
	}
	f.sites = slices.DeleteFunc(slices.Clone(sites), func(s collector.Site) bool { return s.Organisation != id })
	slices.SortFunc(f.sites, func(x, y collector.Site) int { return cmp.Compare(x.ID, y.ID) })
	return nil
}

// fleet reads how many machines of each kind there are, if that is known.
func (m *Maker) fleet(ctx context.Context, organisation int64, f *facts) error {
	fleet, err := m.ledger.Fleet(ctx, organisation)
	switch {
	case errors.Is(err, collector.ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("read the counts of machines of organisation %d: %w", organisation, err)
	}
	f.fleet = &fleet
	return nil
}

// webMonths is how many months before the end of the report the runs of websites are read for at least: a quarter is compared with that of the year
// before.
const webMonths = 15

// websites reads the organisation's, with their runs up to the end of the period.
func (m *Maker) websites(ctx context.Context, organisation int64, f *facts) error {
	all, err := m.ledger.Websites(ctx)
	if err != nil {
		return fmt.Errorf("read the websites: %w", err)
	}
	first, _, err := min(f.before.from, f.now.to.Plus(1-webMonths)).Dates()
	if err != nil {
		return err
	}
	from, err := first.Midnight(time.UTC)
	if err != nil {
		return err
	}
	_, last := f.now.dates()
	for _, w := range all {
		if w.Organisation != organisation {
			continue
		}
		runs, err := m.ledger.WebRuns(ctx, w.ID, from)
		if err != nil {
			return fmt.Errorf("read the runs of the website %q: %w", w.Name, err)
		}
		runs = slices.DeleteFunc(slices.Clone(runs), func(r collector.WebRun) bool { return collector.DateOf(r.At.UTC()) > last })
		x := website{Website: w, runs: runs}
		x.lighten(f.now, f.before)
		f.websites = append(f.websites, x)
	}
	slices.SortFunc(f.websites, func(x, y website) int { return cmp.Compare(x.ID, y.ID) })
	return nil
}

// lighten leaves the audits of the last run of each period, which are large, and of no other.
func (w *website) lighten(periods ...period) {
	audits := map[time.Time][]byte{}
	for _, p := range periods {
		if r, ok := w.lastRun(p); ok {
			audits[r.At] = r.Audit
		}
	}
	for i := range w.runs {
		w.runs[i].Audit = audits[w.runs[i].At]
	}
}

// machines are the answers about an organisation: of real machines, or of simulated ones where it has no real ones in these months.
func (m *Maker) machines(ctx context.Context, who *collector.User, organisation int64, from, to collector.Month) (answers []privacy.Answer, simulated bool, err error) {
	for _, simulated := range []bool{false, true} {
		answers, err := m.ask(ctx, who, privacy.Question{Organisation: organisation, From: from, To: to, Simulated: simulated})
		if err != nil || len(answers) > 0 {
			return answers, simulated, err
		}
	}
	return nil, false, nil
}

// ask asks the door. What is not there has no figures.
func (m *Maker) ask(ctx context.Context, who *collector.User, q privacy.Question) ([]privacy.Answer, error) {
	answers, err := m.door.Monthly(ctx, who, q)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return nil, fmt.Errorf("figures of machines from %s to %s: %w", q.From, q.To, err)
	}
	return answers, nil
}

// figures reads what machines did, in both periods and in the months that actions are compared with: one question about the organisation, and one
// for each other node that an action is about.
func (m *Maker) figures(ctx context.Context, who *collector.User, f *facts, all []collector.Action, kept []collector.Baseline) error {
	bases := make(map[int64]balance.Baseline)
	for _, b := range kept {
		base, err := decoded(b)
		if err != nil {
			return err
		}
		bases[b.Action] = base
	}
	from := map[privacy.Node]collector.Month{{}: f.before.from}
	for _, a := range all {
		node, first := balance.NodeOf(a), max(f.before.from, a.On.Month()) // the months that it is compared in
		if base, ok := bases[a.ID]; !ok || base.Simulated {                // that of simulated machines does not do once there are real ones
			first = min(first, a.BaseFrom)
		}
		if known, ok := from[node]; ok {
			first = min(first, known)
		}
		from[node] = max(first, f.now.to.Plus(1-mostAsked))
	}
	answers, simulated, err := m.machines(ctx, who, f.organisation.ID, from[privacy.Node{}], f.now.to)
	if err != nil {
		return err
	}
	f.simulated = simulated
	whole := m.memory.tell(f, answers)
	f.months = whole.months
	told := map[privacy.Node]balance.Told{{}: whole.told}
	for _, a := range all {
		node := balance.NodeOf(a)
		if _, ok := told[node]; !ok && from[node] <= f.now.to {
			answers, err := m.ask(ctx, who, privacy.Question{
				Organisation: f.organisation.ID, Node: node, From: from[node], To: f.now.to, Simulated: simulated,
			})
			if err != nil {
				return err
			}
			told[node] = f.book.TellOf(answers)
		}
		x := action{Action: a, after: told[node]}
		if base, ok := bases[a.ID]; ok && base.Simulated == simulated {
			x.base = base
		} else {
			x.base, x.why = balance.BaselineOf(a, told[node])
		}
		f.actions = append(f.actions, x)
	}
	slices.SortStableFunc(f.actions, func(x, y action) int {
		return cmp.Or(strings.Compare(string(x.On), string(y.On)), cmp.Compare(x.ID, y.ID))
	})
	return nil
}

// decoded is a baseline that was kept, if it is still what was kept.
func decoded(b collector.Baseline) (balance.Baseline, error) {
	sum := sha256.Sum256(b.JSON)
	if is := hex.EncodeToString(sum[:]); is != b.SHA256 {
		return balance.Baseline{}, fmt.Errorf("the baseline of action %d is not what was kept on %s: its hash is %.12s and was %.12s; restore it from a backup",
			b.Action, b.KeptOn, is, b.SHA256)
	}
	base, err := balance.DecodeBaseline(b.JSON, b.KeptOn)
	if err != nil {
		return balance.Baseline{}, fmt.Errorf("the baseline of action %d: %w", b.Action, err)
	}
	return base, nil
}
