package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"veille/collector"
)

// Undone is what an older copy of a ledger would undo in its place: what may not come back.
type Undone struct {
	Erasures   []collector.Entry     // of the audit log: see Erases
	Personal   []Belonging           // machines that are a person's
	Tombstones []collector.Tombstone // what destinations were to delete
	Numbers    map[string]int64      // the highest numbers that were given, by table; see Engine.Numbers
	Last       int64                 // the highest number that a machine had
}

// Belonging is a machine that is a person's, or was said to be one since that is.
type Belonging struct {
	ID        int64
	Pseudonym [32]byte
	Use       collector.Use // its own, which may be another where it was said to be one since
}

// Redone is what was done anew in a copy.
type Redone struct {
	Erased   []int64 // machines
	Personal []int64 // machines that are a person's again, whose hours are added up to days
}

// Erases is what the audit log says that erases a machine: the name of the command. The subject is as erasureOf says.
const Erases = "erase"

func erasureOf(machine int64) string { return fmt.Sprintf("machine %d", machine) }

// Redo does anew what was done since this ledger was copied: it erases machines, lets others be a person's, keeps what destinations are to delete, and gives
// no number again that was given. What fails keeps nothing else from being done. It may be called again.
func (s *Store) Redo(ctx context.Context, u Undone) (done Redone, err error) {
	errs := []error{s.goOn(ctx, u)}
	for _, e := range u.Erasures {
		again, err := s.eraseAgain(ctx, e)
		done.Erased, errs = append(done.Erased, again...), append(errs, err)
	}
	since, err := s.unknown(ctx, u.Tombstones)
	errs = append(errs, err)
	for _, p := range u.Personal {
		became := func(t collector.Tombstone) bool { return t.Gone == collector.GoneMachine && t.Number == p.ID }
		if !slices.ContainsFunc(since, became) { // it was then, and what this ledger says may be newer
			continue
		}
		is, err := s.belongAgain(ctx, p)
		if err != nil {
			err = fmt.Errorf("let machine %d be a person's: %w", p.ID, err)
		} else if is {
			done.Personal = append(done.Personal, p.ID)
		}
		errs = append(errs, err)
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, t := range since { // under a number of its own: destinations have come as far as this ledger says, or less
			if err := bury(ctx, tx, t.Gone, t.Number); err != nil {
				return err
			}
		}
		return nil
	})
	return done, errors.Join(append(errs, err, s.engine.Overwrite(ctx))...)
}

// goOn lets numbers go on after those that were given elsewhere.
func (s *Store) goOn(ctx context.Context, u Undone) error {
	err := s.engine.SetNumbers(ctx, u.Numbers)
	return errors.Join(err, s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE erased SET last = ?1 WHERE last < ?1", u.Last)
		return err
	}))
}

// unknown are the tombstones that this ledger does not have.
func (s *Store) unknown(ctx context.Context, all []collector.Tombstone) (since []collector.Tombstone, err error) {
	for _, t := range all {
		known := 0
		if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM tombstone WHERE id = ? AND gone = ? AND number = ?", t.ID, t.Gone, t.Number).Scan(&known); err != nil {
			return since, fmt.Errorf("find what destinations are to delete: %w", err)
		}
		if known == 0 {
			since = append(since, t)
		}
	}
	return since, nil
}

// eraseAgain erases a machine as an entry of another audit log says, and keeps that entry in ours. A machine of the same number that was enrolled after
// that is another one.
func (s *Store) eraseAgain(ctx context.Context, e collector.Entry) ([]int64, error) {
	var machine int64
	_, _ = fmt.Sscanf(e.Subject, "machine %d", &machine)
	if e.Subject != erasureOf(machine) { // no command says so
		return nil, nil
	}
	m, err := s.MachineNumbered(ctx, machine)
	if err == nil && m.EnrolledOn <= e.On {
		again, err := s.Erase(Noting(ctx, e), machine)
		return again.Machines, err
	}
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return nil, err
	}
	all, err := s.Entries(ctx, e.Organisation, e.On, e.On)
	if err != nil {
		return nil, err
	}
	same := func(x collector.Entry) bool { x.ID = e.ID; return x == e }
	if slices.ContainsFunc(all, same) {
		return nil, nil
	}
	return nil, s.Note(ctx, e)
}

// belongAgain lets a machine be a person's, and tells whether it was not.
func (s *Store) belongAgain(ctx context.Context, p Belonging) (is bool, err error) {
	err = s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error {
		var was collector.Use
		err := b.QueryRowContext(ctx, "SELECT use FROM machine WHERE id = ? AND pseudonym = ?", p.ID, p.Pseudonym[:]).Scan(&was)
		if errors.Is(err, sql.ErrNoRows) || err == nil && !was.Hourly() {
			return nil
		}
		is = true
		if err == nil && !p.Use.Hourly() {
			_, err = b.ExecContext(ctx, "UPDATE machine SET use = ? WHERE id = ?", p.Use, p.ID)
		}
		if err != nil {
			return err
		}
		return errors.Join(b.makePersonal(ctx, p.ID, was), closePlugs(ctx, b.Tx, p.ID))
	}})
	return is, err
}
