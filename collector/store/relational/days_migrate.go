package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"veille/collector"
)

// packRecords brings the records of versions up to 5, one row of JSON each, into table day, and drops theirs.
func packRecords(ctx context.Context, tx *sql.Tx) error {
	put, err := tx.PrepareContext(ctx, "INSERT INTO day (day, machine, place, kind, revision, body) VALUES (?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = put.Close() }()
	b := packing5{tx: tx, put: put, words: newWords(), names: newNames(), stale: map[int64]bool{}}
	rows, err := tx.QueryContext(ctx, "SELECT machine, date, site, revision, body FROM record ORDER BY machine, date, hour")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var machine, site, revision int64
		var date collector.Date
		var body sql.RawBytes
		if err := rows.Scan(&machine, &date, &site, &revision, &body); err != nil {
			return err
		}
		var r collector.Record
		if err := json.Unmarshal(body, &r); err != nil {
			return fmt.Errorf("record of machine %d, %s: %w", machine, date, err)
		}
		if err := b.add(ctx, machine, date, seat{site: site, use: r.Use, simulated: r.Simulated}, max(0, revision), r); err != nil {
			return fmt.Errorf("record of machine %d, %s: %w", machine, date, err)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if err := b.flush(ctx); err != nil {
		return err
	}
	for day := range b.stale {
		if _, err := tx.ExecContext(ctx, "INSERT INTO stale (day, rolling) VALUES (?, 0)", day); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DROP TABLE record")
	return err
}

// packing5 collects the records of one machine and day.
type packing5 struct {
	tx    *sql.Tx
	put   *sql.Stmt
	words words
	names *names
	stale map[int64]bool
	rows  []migrated
}

type migrated struct {
	dayBook
	revision int64
}

func (b *packing5) add(ctx context.Context, machine int64, date collector.Date, s seat, revision int64, r collector.Record) error {
	day, err := dayOf(date)
	if err != nil {
		return err
	}
	if err := b.words.check(r); err != nil {
		return err
	}
	if len(b.rows) > 0 && (b.rows[0].machine != machine || b.rows[0].day != day) {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	number, err := b.names.kind(ctx, b.tx, kindOf(r))
	if err != nil {
		return err
	}
	for i := range b.rows {
		if at := &b.rows[i]; at.seat == s {
			at.records, at.kind, at.revision = append(at.records, r), number, max(at.revision, revision)
			return nil
		}
	}
	place, err := b.names.place(ctx, b.tx, s)
	if err != nil {
		return err
	}
	at := dayBook{key: key{day: day, machine: machine, place: place}, seat: s, kind: number, records: []collector.Record{r}}
	b.rows = append(b.rows, migrated{at, revision})
	b.stale[day] = true
	return nil
}

func (b *packing5) flush(ctx context.Context) error {
	for _, at := range b.rows {
		if _, err := b.put.ExecContext(ctx, at.day, at.machine, at.place, at.kind, at.revision, b.words.pack(at.key, at.records)); err != nil {
			return err
		}
	}
	b.rows = b.rows[:0]
	return nil
}
