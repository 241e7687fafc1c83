package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"veille/collector"
)

// individual is the use of machines of persons, of which whole days are kept and nothing finer.
const individual collector.Use = "individual"

// isPersonal tells whether a record says that it is a person's.
func isPersonal(r collector.Record) bool { return r.Use != "" && !r.Use.Hourly() }

// useOf is how finely a record of a machine may be described: as its machine may be, and no finer than it says of itself. What a machine said while
// it was a person's stays a person's, whatever the machine is when it comes.
func useOf(m collector.Machine, r collector.Record) collector.Use {
	if isPersonal(r) {
		return individual
	}
	return m.Use
}

// isPersonal tells whether a day is kept as a person's. Then it has no hours: one that comes, perhaps once more, is a day of which little is known.
func (k *keeper) isPersonal(day int64) bool {
	return slices.ContainsFunc(k.rows[day], func(at *dayBook) bool { return !at.seat.use.Hourly() && len(at.records) > 0 })
}

// claim lets a day be a person's, since a record says that it is: rows that are not become one, of the whole day. Of that and of what is a person's
// already the one stays that covers more.
func (k *keeper) claim(ctx context.Context, day int64) error {
	var first *dayBook
	var records []collector.Record
	for _, at := range k.rows[day] {
		if !at.seat.use.Hourly() || len(at.records) == 0 {
			continue
		}
		if first == nil {
			first = at
		}
		k.folded = k.folded || slices.ContainsFunc(at.records, func(r collector.Record) bool { return r.Hour != collector.WholeDay })
		records = append(records, at.records...)
		at.records, at.changed = nil, true
	}
	if first == nil {
		return nil
	}
	seat := first.seat
	seat.use = individual
	to, err := k.row(ctx, day, seat)
	if err != nil {
		return err
	}
	whole := wholeDay(records)
	if len(to.records) == 0 || wholeDay(to.records).CoveredS() < whole.CoveredS() {
		to.records, to.kind, to.changed = []collector.Record{whole}, first.kind, true
	}
	return nil
}

// drop deletes a row that has no record any more.
func (k *keeper) drop(ctx context.Context, at *dayBook) error {
	k.stale[at.day] = true
	if g := k.gathered; g != nil { // for the posts that come after, and for the end
		of := [2]int64{at.day, at.machine}
		g.days[of] = slices.DeleteFunc(g.days[of], func(x dayBook) bool { return x.key == at.key })
		delete(g.put, at.key)
	}
	_, err := k.ExecContext(ctx, deleteRow, at.day, at.machine, at.place)
	return err
}

// deleteRow deletes one row of days.
const deleteRow = "DELETE FROM day WHERE day = ? AND machine = ? AND place = ?"

// makePersonal lets what is kept of a machine be a person's, under all numbers that it has and had: hours are added up to days, days lie in places of
// individual machines, and destinations delete its points. was is what it was used as until now. Dates that may still be rolled up are: sums of their
// groups change from one use to the other, and by nothing in all.
func (b *batch) makePersonal(ctx context.Context, machine int64, was collector.Use) error {
	numbers, err := numbersOf(ctx, b, machine)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		rows, err := b.fold(ctx, n)
		if err != nil {
			return fmt.Errorf("add up the hours of machine %d: %w", n, err)
		}
		if rows == 0 && (n != machine || !was.Hourly()) {
			continue
		}
		if err := b.goneElsewhere(ctx, n); err != nil {
			return err
		}
		if _, err := b.ExecContext(ctx, "DELETE FROM quarantine WHERE machine = ? AND hour <> ?", n, collector.WholeDay); err != nil {
			return fmt.Errorf("delete hours of machine %d in quarantine: %w", n, err)
		}
	}
	return nil
}

// goneElsewhere lets destinations delete the points of one number, and deletes those that they refused.
func (b *batch) goneElsewhere(ctx context.Context, machine int64) error {
	if err := bury(ctx, b.Tx, collector.GoneMachine, machine); err != nil {
		return err
	}
	return forgetRefusedOf(ctx, b.Tx, collector.GoneMachine, machine)
}

// joined lets what is kept of a machine be a person's where it was said to be another one since, which is a person's.
func (b *batch) joined(ctx context.Context, machine int64) error {
	numbers, err := numbersOf(ctx, b, machine)
	if err != nil {
		return err
	}
	var is collector.Use
	if err := b.QueryRowContext(ctx, "SELECT use FROM machine WHERE id = ?", slices.Max(numbers)).Scan(&is); err != nil || is.Hourly() {
		return err
	}
	return b.makePersonal(ctx, machine, is)
}

// versionOfTombstones is the version from which on a machine that becomes a person's has no hours any more.
const versionOfTombstones = 10

// foldPersonal lets what earlier releases kept of machines that became a person's be a person's.
func foldPersonal(ctx context.Context, tx *sql.Tx) error {
	b := &batch{Tx: tx, words: newWords(), names: newNames(), stale: map[int64]bool{}}
	machines, err := list(ctx, tx, scanOne[int64], "SELECT DISTINCT d.machine FROM day d JOIN place p ON p.id = d.place WHERE p.use IN ('shared', 'server') ORDER BY d.machine")
	if err != nil {
		return fmt.Errorf("find machines that have hours: %w", err)
	}
	for _, m := range machines {
		if err := b.joined(ctx, m); err != nil && !errors.Is(err, collector.ErrNotFound) { // check tells of days whose machine is missing
			return err
		}
	}
	return b.mark(ctx)
}

// fold puts whole days of an individual machine in the place of all rows of one number that are not of one, and answers how many those were.
func (b *batch) fold(ctx context.Context, machine int64) (rows int, err error) {
	all, err := list(ctx, b.Tx, func(rows *sql.Rows) (*dayBook, error) { return b.scanBook(rows, machine) },
		keptDays+rowsBefore+"day d JOIN place p ON p.id = d.place WHERE d.machine = ? AND d.day IN (SELECT day FROM kept) ORDER BY d.day, d.place", machine)
	if err != nil {
		return 0, err
	}
	at := map[key]*dayBook{} // rows of individual machines
	for _, r := range all {
		if !r.seat.use.Hourly() {
			at[r.key] = r
		}
	}
	for _, r := range all {
		if !r.seat.use.Hourly() {
			continue
		}
		rows++
		if err := b.foldRow(ctx, r, at); err != nil {
			return rows, fmt.Errorf("%s: %w", dateOf(r.day), err)
		}
	}
	return rows, nil
}

// foldRow moves one row; at are the rows of the machine that it may be moved to. Where there is one, what knows more stays, as when a record comes.
func (b *batch) foldRow(ctx context.Context, r *dayBook, at map[key]*dayBook) error {
	if _, err := b.ExecContext(ctx, deleteRow, r.day, r.machine, r.place); err != nil {
		return err
	}
	b.stale[r.day] = true
	to := dayBook{key: r.key, seat: r.seat, kind: r.kind, records: []collector.Record{wholeDay(r.records)}}
	to.seat.use = individual
	var err error
	if to.place, err = b.names.place(ctx, b.Tx, to.seat); err != nil {
		return err
	}
	if there := at[to.key]; there != nil && wholeDay(there.records).CoveredS() >= to.records[0].CoveredS() {
		return nil
	}
	at[to.key] = &to
	_, err = b.ExecContext(ctx, putRows(1), to.day, to.machine, to.place, to.kind, 0, b.words.pack(to.key, to.records))
	return err
}

// scanBook reads a row of rowsBefore.
func (b *batch) scanBook(rows *sql.Rows, machine int64) (*dayBook, error) {
	r := dayBook{key: key{machine: machine}}
	var body sql.RawBytes
	err := rows.Scan(&r.day, &r.place, &r.kind, &body, &r.seat.site, &r.seat.group, &r.seat.use, &r.seat.simulated)
	if err != nil {
		return nil, err
	}
	if r.records, err = b.words.unpack(r.key, body); err != nil {
		return nil, damagedDay(err)
	}
	return &r, nil
}

// wholeDay is one record of a whole day that says what records of it and of its hours say: of both what knows more, as roll-ups count them. What no
// hour tells of is not unknown but left out, and the day is shorter by it.
func wholeDay(records []collector.Record) collector.Record {
	var whole *collector.Record
	var sum collector.Sum
	hours := collector.Record{Hour: collector.WholeDay}
	for _, r := range records {
		if r.Hour == collector.WholeDay {
			whole = &r
			continue
		}
		sum.AddRecord(r)
		if r.Cost != nil {
			hours.Cost = new(collector.Cost)
		}
	}
	for _, p := range sum.Seconds {
		part := collector.Part{Part: p.Part, LengthS: int(p.Length()), Seconds: collector.Seconds{
			On: int(p.On), DisplayOff: int(p.DisplayOff), Sleep: int(p.Sleep), Off: int(p.Off), Unknown: int(p.Unknown),
		}}
		for _, e := range sum.Energy {
			if e.Part == p.Part {
				part.Energy = append(part.Energy, collector.Energy{
					Wh: e.MWh.Wh(), LowWh: e.LowMWh.Wh(), HighWh: e.HighMWh.Wh(), Method: e.Method, Scope: e.Scope, CoveredS: int(e.CoveredS),
				})
			}
		}
		hours.LengthS += part.LengthS
		hours.Parts = append(hours.Parts, part)
	}
	if whole != nil && hours.CoveredS() <= whole.CoveredS() {
		return *whole
	}
	if c := sum.Cost; hours.Cost != nil {
		*hours.Cost = collector.Cost{CPUS: float64(c.CPUMs) / 1000, Wakeups: c.Wakeups, SentBytes: c.SentBytes, ReceivedBytes: c.ReceivedBytes, Dropped: int(c.Dropped)}
	}
	return hours
}
