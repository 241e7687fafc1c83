package relational

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// Enrol gives a machine a password and a place at the token's site. A machine whose pseudonym is known in the site's organisation
// stays the same machine, with the new password, and takes nothing from the token's quota; in another organisation it is another
// machine. Where it was shared or a server and becomes a person's, its hours are added up to days, and destinations delete them. It answers ErrToken when the token does not allow it, and ErrRevoked when the machine was revoked; neither takes the
// writer's time.
func (s *Store) Enrol(ctx context.Context, e collector.Enrolment) (collector.Enrolled, error) {
	var got collector.Enrolled
	_, err := admit(ctx, s.read, e)
	if err == nil {
		err = s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) (err error) {
			got, err = enrol(ctx, b, e)
			return err
		}})
	}
	if err != nil {
		return collector.Enrolled{}, fmt.Errorf("enrol a machine: %w", err)
	}
	return got, nil
}

func enrol(ctx context.Context, b *batch, e collector.Enrolment) (got collector.Enrolled, err error) {
	tx := b.Tx
	a, err := admit(ctx, tx, e)
	if err != nil {
		return got, err
	}
	if !a.known {
		if _, err := tx.ExecContext(ctx, "UPDATE token SET used = used + 1 WHERE hash = ?", e.Token[:]); err != nil {
			return got, err
		}
	}
	// A token without a group leaves a machine in that of its site.
	var number int64
	err = tx.QueryRowContext(ctx, `INSERT INTO machine (id, site, site_group, pseudonym, credential, use, enrolled_on, seen_on)
		VALUES ((SELECT 1 + max(id) FROM (SELECT last AS id FROM erased UNION ALL SELECT max(id) FROM machine) AS given), ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (pseudonym) DO UPDATE SET site = excluded.site, credential = excluded.credential, use = excluded.use,
			site_group = coalesce(excluded.site_group, CASE WHEN machine.site = excluded.site THEN machine.site_group END),
			seen_on = excluded.seen_on, replaced_by = NULL, apart = (SELECT max(id) FROM machine)
		RETURNING id`, a.site, a.group, a.pseudonym[:], e.Credential[:], e.Use, e.On, e.On).Scan(&number)
	if err != nil {
		return got, err
	}
	if a.known && !e.Use.Hourly() {
		if err := b.makePersonal(ctx, number, a.use); err != nil {
			return got, err
		}
	}
	if a.known {
		if err := errors.Join(closePlugs(ctx, tx, number), endPlugs(ctx, tx, number, e.On)); err != nil {
			return got, err
		}
	}
	if e.Kind.Class != "" {
		if err := setKind(ctx, tx, number, e.Kind, e.On); err != nil {
			return got, err
		}
	}
	w, err := witness(ctx, tx, number)
	if err != nil || a.known {
		return collector.Enrolled{Machine: w.Machine}, err
	}
	n, err := b.silent(ctx, w.Machine, e.On)
	return collector.Enrolled{Machine: w.Machine, Silent: n}, err
}

// admission is where a token lets a machine enrol, and as which.
type admission struct {
	site      int64
	group     sql.NullInt64
	pseudonym [32]byte // in the site's organisation
	known     bool     // the organisation has it already
	use       collector.Use
}

// admit tells where the token lets the machine enrol, and whether it is known there.
func admit(ctx context.Context, db querier, e collector.Enrolment) (a admission, err error) {
	var organisation int64
	var left int
	err = db.QueryRowContext(ctx, `SELECT t.site, t.site_group, s.organisation, t.quota - t.used FROM token t JOIN site s ON s.id = t.site
		WHERE t.hash = ? AND t.expires_on > ? AND t.revoked_on = ''`, e.Token[:], e.On).Scan(&a.site, &a.group, &organisation, &left)
	if errors.Is(err, sql.ErrNoRows) {
		return a, collector.ErrToken
	}
	if err != nil {
		return a, err
	}
	a.pseudonym = pseudonymIn(organisation, e.Pseudonym[:])
	var revoked collector.Date
	err = db.QueryRowContext(ctx, "SELECT revoked_on, use FROM machine WHERE pseudonym = ?", a.pseudonym[:]).Scan(&revoked, &a.use)
	switch {
	case errors.Is(err, sql.ErrNoRows) && left <= 0:
		return a, collector.ErrToken
	case errors.Is(err, sql.ErrNoRows):
		return a, nil
	case err == nil && revoked != "":
		return a, collector.ErrRevoked
	}
	a.known = true
	return a, err
}

// pseudonymIn is the pseudonym of a machine in one organisation: one that enrols in two has two, which nobody can tell to be of one
// machine without its install key and the collector's key.
func pseudonymIn(organisation int64, pseudonym []byte) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "veille: organisation %d, machine %x", organisation, pseudonym))
}

// versionOfPeople is the version from which on pseudonyms are those of an organisation.
const versionOfPeople = 5

// derivePseudonyms makes the pseudonyms of an earlier version those of the organisations that the machines are in.
func derivePseudonyms(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "SELECT m.id, m.pseudonym, s.organisation FROM machine m JOIN site s ON s.id = m.site")
	if err != nil {
		return fmt.Errorf("read the pseudonyms: %w", err)
	}
	defer func() { _ = rows.Close() }()
	derived := map[int64][32]byte{}
	for rows.Next() {
		var machine, organisation int64
		var pseudonym []byte
		if err := rows.Scan(&machine, &pseudonym, &organisation); err != nil {
			return fmt.Errorf("read the pseudonyms: %w", err)
		}
		derived[machine] = pseudonymIn(organisation, pseudonym)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("read the pseudonyms: %w", err)
	}
	for machine, pseudonym := range derived {
		if _, err := tx.ExecContext(ctx, "UPDATE machine SET pseudonym = ? WHERE id = ?", pseudonym[:], machine); err != nil {
			return fmt.Errorf("keep the pseudonym of machine %d: %w", machine, err)
		}
	}
	return nil
}
