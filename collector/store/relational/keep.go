package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"veille/collector"
)

// dayBook is a row of table day that records are kept in.
type dayBook struct {
	key
	seat    seat
	kind    int64
	body    []byte // as it was read, by posts that read together
	records []collector.Record
	changed bool
}

// keeper keeps the records of one machine, in one transaction. It reads everything before it writes anything but the words of kinds and
// places, so that a failure of its own leaves nothing to be undone, and only then writes what has changed.
type keeper struct {
	*batch
	machine collector.Machine
	rows    map[int64][]*dayBook // by day
	folded  bool                 // hours that destinations may have are added up to a day of a person's
}

// Keep puts records of a machine on disk, all of them or, after an error, none. A record that covers more seconds than the
// one of the same date and hour takes its place; another is left out. today is when they were received, acked how many of
// its records the machine was told that we have put on disk: where these are fewer, nothing is kept, and the error is a
// RestoredError. A machine that speaks has not been replaced by another, whatever was said. Of personal machines it keeps the
// date on which they spoke, and not in which order; a day that a machine tells of as a person's is kept as one, whatever it is now: its hours,
// those that come later too, are added up to one record of it, and destinations delete them. It answers
// ErrNotFound where the machine is gone, or is used otherwise than m says: it has enrolled again meanwhile. Energies are kept to the thousandth of a watt-hour.
func (s *Store) Keep(ctx context.Context, m collector.Machine, today collector.Date, acked int64, records []collector.Record) (collector.Receipt, error) {
	var receipt collector.Receipt
	err := s.enqueue(job{ctx: ctx, clean: true, asks: s.asks(m, records), do: func(ctx context.Context, b *batch) (err error) {
		b.prepared(ctx)
		k := &keeper{batch: b, machine: m, rows: map[int64][]*dayBook{}}
		receipt, err = k.keep(ctx, today, acked, records)
		return err
	}})
	if err != nil {
		return collector.Receipt{}, fmt.Errorf("keep the records: %w", err)
	}
	return receipt, nil
}

func (k *keeper) keep(ctx context.Context, today collector.Date, acked int64, records []collector.Record) (collector.Receipt, error) {
	receipt := collector.Receipt{Outcomes: make([]collector.Outcome, len(records))}
	added := int64(0)
	if err := k.read(ctx, records); err != nil {
		return receipt, err
	}
	for i, r := range records {
		outcome, err := k.place(ctx, r)
		if err != nil {
			return receipt, fmt.Errorf("record of %s: %w", r.Date, err)
		}
		receipt.Outcomes[i] = outcome
		if outcome != collector.Kept {
			added++
		}
	}
	var err error
	if receipt.Before, err = k.heard(ctx, today, acked, added); err != nil {
		return receipt, err
	}
	// From here on something is written: what fails now undoes the whole transaction.
	if err := k.write(ctx); err != nil {
		return receipt, brokenError{err}
	}
	if err := k.describe(ctx, records); err != nil {
		return receipt, brokenError{err}
	}
	if k.folded {
		if err := k.goneElsewhere(ctx, k.machine.ID); err != nil {
			return receipt, brokenError{err}
		}
	}
	return receipt, nil
}

// heard counts the records that are added to those of the machine, and answers how many there were before. What is said of nearly all
// machines changes nothing that they are looked up by, which would take twice the time; that one was not replaced after all does.
func (k *keeper) heard(ctx context.Context, today collector.Date, acked, added int64) (before int64, err error) {
	if k.gathered != nil {
		return k.gathered.heard(k.machine, today, acked, added)
	}
	for _, say := range []*sql.Stmt{k.tx.heard, k.tx.returned} {
		err = say.QueryRowContext(ctx, added, today, k.machine.ID, acked, k.machine.Use).Scan(&before)
		if !errors.Is(err, sql.ErrNoRows) {
			return before, err
		}
	}
	return 0, k.behind(ctx)
}

// behind is why a machine was not heard: it has been told of more records than there are; or it is gone, or has enrolled meanwhile as something
// else, and has another password.
func (k *keeper) behind(ctx context.Context) error {
	var e collector.RestoredError
	err := k.QueryRowContext(ctx, "SELECT kept FROM machine WHERE id = ? AND use = ?", k.machine.ID, k.machine.Use).Scan(&e.Before)
	if errors.Is(err, sql.ErrNoRows) {
		return collector.ErrNotFound
	}
	if err != nil {
		return err
	}
	return e
}

// place puts one record into the row that it belongs to, in memory.
func (k *keeper) place(ctx context.Context, r collector.Record) (collector.Outcome, error) {
	day, err := dayOf(r.Date)
	if err != nil {
		return 0, err
	}
	if err := k.words.check(r); err != nil {
		return 0, err
	}
	switch {
	case isPersonal(r):
		if err := k.claim(ctx, day); err != nil {
			return 0, err
		}
	case k.machine.Use.Hourly() && r.Hour != collector.WholeDay && k.isPersonal(day):
		r.Hour = collector.WholeDay
	}
	for _, at := range k.rows[day] { // wherever the machine was when it first told of that hour
		i := slices.IndexFunc(at.records, func(x collector.Record) bool { return x.Hour == r.Hour })
		if i < 0 {
			continue
		}
		before := at.records[i]
		if before.CoveredS() >= r.CoveredS() {
			return collector.Kept, nil
		}
		if at.seat.use.Hourly() {
			r = r.Supersede(before)
		}
		return collector.Replaced, k.set(ctx, at, i, r)
	}
	at, err := k.row(ctx, day, seat{site: k.machine.Site.ID, group: k.machine.Group, use: useOf(k.machine, r), simulated: r.Simulated})
	if err != nil {
		return 0, err
	}
	return collector.Stored, k.set(ctx, at, len(at.records), r)
}

// read reads what is kept of the machine on the days of records.
func (k *keeper) read(ctx context.Context, records []collector.Record) error {
	list := []byte("[")
	for _, r := range records {
		day, err := dayOf(r.Date)
		if err != nil {
			return fmt.Errorf("record of %s: %w", r.Date, err)
		}
		if _, known := k.rows[day]; !known {
			k.rows[day] = nil
			list = append(strconv.AppendInt(list, day, 10), ',')
		}
	}
	if len(k.rows) == 0 {
		return nil
	}
	if k.gathered != nil {
		return k.gathered.read(k)
	}
	list[len(list)-1] = ']'
	ask, args := k.tx.several, []any{string(list), k.machine.ID}
	if len(k.rows) == 1 {
		ask, args[0] = k.tx.before, string(list[1:len(list)-1])
	}
	found, err := ask.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		r := dayBook{key: key{machine: k.machine.ID}}
		var body sql.RawBytes
		if err := found.Scan(&r.day, &r.place, &r.kind, &body, &r.seat.site, &r.seat.group, &r.seat.use, &r.seat.simulated); err != nil {
			return err
		}
		if r.records, err = k.words.unpack(r.key, body); err != nil {
			return damagedDay(err)
		}
		k.rows[r.day] = append(k.rows[r.day], &r)
	}
	return found.Err()
}

// damagedDay does not name the machine: check does, and a log would tell when it spoke.
func damagedDay(err error) error {
	return fmt.Errorf("a machine-day is damaged, and kept as it is: %w", err)
}

// row is the row of a day and seat, which is made where it is missing.
func (k *keeper) row(ctx context.Context, day int64, s seat) (*dayBook, error) {
	for _, at := range k.rows[day] {
		if at.seat == s {
			return at, nil
		}
	}
	place, err := k.names.place(ctx, k.Tx, s)
	if err != nil {
		return nil, err
	}
	at := &dayBook{key: key{day: day, machine: k.machine.ID, place: place}, seat: s}
	k.rows[day] = append(k.rows[day], at)
	return at, nil
}

// set sets record i of a row, which may be a new one.
func (k *keeper) set(ctx context.Context, at *dayBook, i int, r collector.Record) (err error) {
	at.kind, err = k.names.kind(ctx, k.Tx, kindOf(r))
	if err != nil {
		return err
	}
	if i == len(at.records) {
		at.records = append(at.records, r)
	} else {
		at.records[i] = r
	}
	at.changed = true
	return nil
}

// write puts the rows that have changed on disk, in the order of the table.
func (k *keeper) write(ctx context.Context) error {
	args := make([]any, 0, columns*many)
	for _, day := range slices.Sorted(maps.Keys(k.rows)) {
		for _, at := range k.rows[day] {
			if !at.changed {
				continue
			}
			if len(at.records) == 0 {
				if err := k.drop(ctx, at); err != nil {
					return err
				}
				continue
			}
			revision, err := k.number(ctx, at)
			if err != nil {
				return err
			}
			k.stale[day] = true
			if k.gathered != nil {
				k.gathered.write(at, revision, k.words.pack(at.key, at.records))
				continue
			}
			args = append(args, at.day, at.machine, at.place, at.kind, revision, k.words.pack(at.key, at.records))
			if len(args) == cap(args) {
				if _, err := k.tx.putMany.ExecContext(ctx, args...); err != nil {
					return err
				}
				args = args[:0]
			}
		}
	}
	for ; len(args) > 0; args = args[columns:] {
		if _, err := k.tx.put.ExecContext(ctx, args[:columns]...); err != nil {
			return err
		}
	}
	return nil
}

// columns is how many columns a row of days has.
const columns = 6

// number is the revision of a row: the next one, for those that may be described by the hour. Numbers in the order of their arrival
// would tell which of two persons came first on each day, so a row of a personal machine, or of one that is personal now, has none.
func (k *keeper) number(ctx context.Context, at *dayBook) (revision int64, err error) {
	if !k.machine.Use.Hourly() || !at.seat.use.Hourly() {
		return 0, nil
	}
	if k.last == 0 {
		if err := k.tx.revision.QueryRowContext(ctx).Scan(&k.last); err != nil {
			return 0, err
		}
		k.first = k.last
	}
	k.last++
	return k.last, nil
}

// describe keeps what the newest record says of its machine's kind, unless a later one has said something else.
func (k *keeper) describe(ctx context.Context, records []collector.Record) error {
	var newest collector.Record
	for _, r := range records {
		if r.Date > newest.Date || r.Date == newest.Date && r.Hour > newest.Hour {
			newest = r
		}
	}
	is := collector.Kind{Class: newest.Class, OS: newest.OS, CPU: newest.CPU, RAM: newest.RAM, Agent: newest.Agent}
	if len(records) == 0 || is == k.machine.Kind {
		return nil
	}
	return setKind(ctx, k.Tx, k.machine.ID, is, newest.Date)
}
