package relational

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"veille/collector"
)

// Figures answers what a door to figures asks (collector/privacy: Ledger and Register). It decides nothing: whoever holds it sees everything.
type Figures struct {
	store *Store
	once  bool // rows of fixed months are read anew each time, and not kept in memory
}

// Figures are those of the store.
func (s *Store) Figures() Figures { return Figures{store: s} }

// FiguresOnce are those of the store, for whoever asks for each month once: rows of fixed months are not kept in memory.
func (s *Store) FiguresOnce() Figures { return Figures{store: s, once: true} }

// Tree is the sites of an organisation, by name, and the groups that they have.
func (f Figures) Tree(ctx context.Context, organisation int64) (sites []collector.Site, groups []collector.Group, err error) {
	all, err := f.store.Sites(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, site := range all {
		if site.Organisation == organisation {
			sites = append(sites, site)
		}
	}
	groups, err = f.store.groups(ctx, "WHERE site IN (SELECT id FROM site WHERE organisation = ?) AND removed_on = '' ORDER BY id", organisation)
	return sites, groups, err
}

// Months are the figures of the months of an organisation that were fixed, as they were then, the oldest first. Both ends are in it. Whoever
// asks shares them with others, and only reads them.
func (f Figures) Months(ctx context.Context, organisation int64, from, to collector.Month) (all []collector.PlaceMonth, err error) {
	first, err := monthOf(from)
	if err != nil {
		return nil, err
	}
	last, err := monthOf(to)
	if err != nil {
		return nil, err
	}
	rows := f.shelved
	if f.once {
		rows = f.months
	}
	if all, err = rows(ctx, organisation, first, last); err != nil {
		return nil, fmt.Errorf("read the fixed months: %w", err)
	}
	return all, nil
}

// months reads the rows of the months from first to last, by month.
func (f Figures) months(ctx context.Context, organisation, first, last int64) (all []collector.PlaceMonth, err error) {
	rows, err := f.store.read.QueryContext(ctx, "SELECT f.month, f.place, f.class, f.days, f.body, "+placeColumns+` FROM fixed_month f JOIN place p ON p.id = f.place
		WHERE f.organisation = ? AND f.month BETWEEN ? AND ? ORDER BY f.month, f.place, f.class`, organisation, first, last)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	spelt := spelling{}
	for rows.Next() {
		var m collector.PlaceMonth
		var month, place int64
		var class, use, days, body sql.RawBytes
		if err := rows.Scan(&month, &place, &class, &days, &body, &m.Site, &m.Group, &use, &m.Simulated); err != nil {
			return nil, err
		}
		m.Month, m.Class, m.Use = spelt.month(month), spelt.word(class), collector.Use(spelt.word(use))
		k := fixedKey(organisation, month, place, m.Class)
		if m.Days, m.Told, err = f.store.words.unpackDays(k, days); err == nil {
			m.Sum, err = f.store.words.unpackSum(k, body)
		}
		if err != nil {
			return nil, fmt.Errorf("%s, place %d, %s: %w", m.Month, place, m.Class, f.store.noticed(err))
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// spelling keeps each word that many rows have once.
type spelling struct {
	words  map[string]string
	months map[int64]collector.Month
}

func (s *spelling) word(text []byte) string {
	if s.words == nil {
		s.words = map[string]string{}
	}
	word, known := s.words[string(text)]
	if !known {
		word = string(text)
		s.words[word] = word
	}
	return word
}

func (s *spelling) month(number int64) collector.Month {
	if s.months == nil {
		s.months = map[int64]collector.Month{}
	}
	month, known := s.months[number]
	if !known {
		month = monthIn(number)
		s.months[number] = month
	}
	return month
}

// Cells are the cells of an organisation as they are now, in the order of their dates. Both ends are in it.
func (f Figures) Cells(ctx context.Context, organisation int64, from, to collector.Date) iter.Seq2[collector.Cell, error] {
	first, last, err := daysOf(from, to)
	if err != nil {
		return func(yield func(collector.Cell, error) bool) { yield(collector.Cell{}, err) }
	}
	return f.store.cells(ctx, "g.day BETWEEN ? AND ? AND p.site IN (SELECT id FROM site WHERE organisation = ?) ORDER BY g.day", first, last, organisation)
}

// MachineMonths is what each machine of a site did in a month, by number.
func (f Figures) MachineMonths(ctx context.Context, site int64, month collector.Month) ([]collector.MachineMonth, error) {
	number, err := monthOf(month)
	if err != nil {
		return nil, err
	}
	return f.store.machineMonths(ctx, "m.month = ? AND p.site = ? ORDER BY m.machine", number, site)
}

// machineMonths are the machine-months that a condition chooses.
func (s *Store) machineMonths(ctx context.Context, where string, args ...any) (all []collector.MachineMonth, err error) {
	err = s.eachMachineMonth(ctx, func(m collector.MachineMonth) { all = append(all, m) }, where, args...)
	return all, err
}

// eachMachineMonth gives the machine-months that a condition chooses.
func (s *Store) eachMachineMonth(ctx context.Context, yield func(collector.MachineMonth), where string, args ...any) error {
	rows, err := s.read.QueryContext(ctx, "SELECT m.month, m.machine, m.place, m.class, m.sleep_after, m.body, "+placeColumns+` FROM machine_month m
		JOIN place p ON p.id = m.place WHERE `+where, args...)
	if err != nil {
		return fmt.Errorf("read the months of machines: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var m collector.MachineMonth
		var month, place int64
		var body sql.RawBytes
		if err := rows.Scan(append([]any{&month, &m.Machine, &place, &m.Class, &m.SleepAfter, &body}, placeInto(&m.Place)...)...); err != nil {
			return fmt.Errorf("read the months of machines: %w", err)
		}
		m.Month = monthIn(month)
		if m.Sum, err = s.words.unpackSum(key{month, m.Machine, place}, body); err != nil {
			return fmt.Errorf("%s, machine %d: %w", m.Month, m.Machine, s.noticed(err))
		}
		yield(m)
	}
	return rows.Err()
}

// Log writes an entry of the audit log to disk before it returns.
func (f Figures) Log(ctx context.Context, e collector.Entry) error { return f.store.Note(ctx, e) }
