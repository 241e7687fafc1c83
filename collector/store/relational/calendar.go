package relational

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"veille/collector"
)

// Calendar is the calendar of a site: the zero one where nobody has said anything.
func (s *Store) Calendar(ctx context.Context, site int64) (collector.Calendar, error) {
	return said[collector.Calendar](ctx, s.read, "calendar", site)
}

// SetCalendar keeps the calendar of a site in place of the one before.
func (s *Store) SetCalendar(ctx context.Context, site int64, c collector.Calendar) error {
	return s.EditCalendar(ctx, site, func(collector.Calendar) (collector.Calendar, error) { return c, nil })
}

// EditCalendar changes the calendar of a site, so that of two who edit at once neither undoes the other. edit may be
// called while others wait, and only looks at what it is given; after an error of its own nothing is changed.
func (s *Store) EditCalendar(ctx context.Context, site int64, edit func(collector.Calendar) (collector.Calendar, error)) error {
	return change(ctx, s, "calendar", site, edit, func(context.Context, *sql.Tx, int64) error { return nil })
}

// Limits are what a site asks of its agents beyond the calendar: nothing where nobody has said anything.
func (s *Store) Limits(ctx context.Context, site int64) (collector.Limits, error) {
	return said[collector.Limits](ctx, s.read, "limits", site)
}

// SetLimits keeps the limits of a site in place of those before.
func (s *Store) SetLimits(ctx context.Context, site int64, l collector.Limits) error {
	return s.EditLimits(ctx, site, func(collector.Limits) (collector.Limits, error) { return l, nil })
}

// EditLimits changes the limits of a site, as EditCalendar does its calendar. Where they make each machine a person's, plugs behind machines of the site
// are closed.
func (s *Store) EditLimits(ctx context.Context, site int64, edit func(collector.Limits) (collector.Limits, error)) error {
	return change(ctx, s, "limits", site, edit, closePlugsAt)
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// said is a column of table calendar, the zero value where the site has no row.
func said[T any](ctx context.Context, db querier, column string, site int64) (T, error) {
	var value T
	var text string
	err := db.QueryRowContext(ctx, "SELECT "+column+" FROM calendar WHERE site = ?", site).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return value, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &value)
	}
	if err != nil {
		return value, fmt.Errorf("read the %s of site %d: %w", column, site, err)
	}
	return value, nil
}

func change[T any](ctx context.Context, s *Store, column string, site int64, edit func(T) (T, error), then func(context.Context, *sql.Tx, int64) error) error {
	var refused error
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := said[T](ctx, tx, column, site)
		if err != nil {
			return err
		}
		after, err := edit(before)
		if err != nil {
			refused = err
			return err
		}
		text, err := json.Marshal(after)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO calendar (site, "+column+") VALUES (?, ?) ON CONFLICT (site) DO UPDATE SET "+column+" = excluded."+column,
			site, string(text))
		if err != nil {
			return err
		}
		return then(ctx, tx, site)
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return fmt.Errorf("keep the %s of site %d: %w", column, site, err)
	}
	return nil
}

// ahead is by how much, in seconds, a number that an agent has been given may be larger than now: more than any collector gives,
// whose policies change a few times a day.
const ahead = 24 * 3600

// IssuePolicy is the number of the policy that body is: that of the last one given for the site when it is the same, else a
// new and larger one, no smaller than now, the seconds since 1970. after is the number of the policy that the agent who asks has,
// 0 for none. Where it is larger than the last one given, the ledger was restored from an older copy and the agent refuses that
// one: the same policy is then given once more, under a number larger than after. One that is more than a day ahead of now was
// given by no collector, and is ignored. What is numbered is on disk before the number is known.
func (s *Store) IssuePolicy(ctx context.Context, site int64, body []byte, now, after int64) (serial int64, err error) {
	if after > now+ahead {
		after = 0
	}
	serial, same, err := lastPolicy(ctx, s.read, site, body)
	if err != nil || same && serial >= after {
		return serial, err
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if serial, same, err = lastPolicy(ctx, tx, site, body); err != nil || same && serial >= after {
			return err
		}
		serial = max(serial+1, after+1, now)
		_, err := tx.ExecContext(ctx, `INSERT INTO policy (site, serial, body) VALUES (?, ?, ?)
			ON CONFLICT (site) DO UPDATE SET serial = excluded.serial, body = excluded.body`, site, serial, body)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("number the policy of site %d: %w", site, err)
	}
	return serial, nil
}

// lastPolicy is the number of the last policy of a site, 0 for none, and whether it was this one.
func lastPolicy(ctx context.Context, db querier, site int64, body []byte) (serial int64, same bool, err error) {
	var last []byte
	err = db.QueryRowContext(ctx, "SELECT serial, body FROM policy WHERE site = ?", site).Scan(&serial, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read the policy of site %d: %w", site, err)
	}
	return serial, bytes.Equal(last, body), nil
}
