package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"veille/collector"
)

// Positions are how far a destination has followed the streams, by stream; one that it has not begun is absent.
func (s *Store) Positions(ctx context.Context, destination string) (map[collector.Stream]collector.Position, error) {
	type row struct {
		stream collector.Stream
		at     collector.Position
	}
	all, err := list(ctx, s.read, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.stream, &r.at.Acked, &r.at.Settled)
		return r, err
	}, "SELECT stream, acked, settled FROM outbox_position WHERE destination = ?", destination)
	if err != nil {
		return nil, fmt.Errorf("read the positions of %s: %w", destination, err)
	}
	positions := make(map[collector.Stream]collector.Position, len(all))
	for _, r := range all {
		positions[r.stream] = r.at
	}
	return positions, nil
}

// Advance moves what a destination has acknowledged of a stream from one number to a higher one. It answers false, and moves nothing, where it
// is not at the first: somebody has asked for it to begin again meanwhile.
func (s *Store) Advance(ctx context.Context, destination string, stream collector.Stream, from, to int64) (moved bool, err error) {
	if to < from {
		return false, fmt.Errorf("move the position of %s in %s from %d to %d: it only grows", destination, stream, from, to)
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if from == 0 {
			_, err := tx.ExecContext(ctx, "INSERT INTO outbox_position (destination, stream, acked, settled) VALUES (?, ?, 0, 0) ON CONFLICT (destination, stream) DO NOTHING", destination, stream)
			if err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, "UPDATE outbox_position SET acked = ? WHERE destination = ? AND stream = ? AND acked = ?", to, destination, stream, from)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		moved = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("keep the position of %s in %s: %w", destination, stream, err)
	}
	return moved, nil
}

// SettleTo keeps up to which number a destination has a stream on its disk: no further than it has acknowledged, and never less than before.
func (s *Store) SettleTo(ctx context.Context, destination string, stream collector.Stream, settled int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE outbox_position SET settled = CASE WHEN acked < ? THEN acked ELSE ? END
			WHERE destination = ? AND stream = ? AND settled < ?`, settled, settled, destination, stream, settled)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what %s has on its disk of %s: %w", destination, stream, err)
	}
	return nil
}

// Rewind takes back what a destination has acknowledged and may have lost: all that is not settled is sent to it again.
func (s *Store) Rewind(ctx context.Context, destination string) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE outbox_position SET acked = settled WHERE destination = ? AND acked > settled", destination)
		return err
	})
	if err != nil {
		return fmt.Errorf("take %s back to what it has on its disk: %w", destination, err)
	}
	return nil
}

const deliveryColumns = `destination, behind, lag_s, delivered, stopped, error, cause, advice, compared_on, differences, still, comparison, restarts, restarted_on,
	whole_on, lost_from, lost_to, said_s, asked,
	refused_gone + (SELECT count(*) FROM outbox_refused r WHERE r.destination = d.destination) FROM outbox_delivery d`

func scanDelivery(rows *sql.Rows) (d collector.Delivery, err error) {
	var advice string
	err = rows.Scan(&d.Destination, &d.Behind, &d.LagS, &d.Delivered, &d.Stopped, &d.Error, &d.Cause, &advice, &d.ComparedOn, &d.Differences, &d.Still, &d.Comparison,
		&d.Restarts, &d.RestartedOn, &d.WholeOn, &d.LostFrom, &d.LostTo, &d.Said, &d.Asked, &d.Refused)
	d.Advice = []string{}
	if advice != "" {
		d.Advice = strings.Split(advice, "\n")
	}
	return d, err
}

// Deliveries are how all destinations are doing, by name: those that were brought something once, until RemoveDestination.
func (s *Store) Deliveries(ctx context.Context) ([]collector.Delivery, error) {
	all, err := list(ctx, s.read, scanDelivery, "SELECT "+deliveryColumns+" ORDER BY destination")
	if err != nil {
		return nil, fmt.Errorf("list the destinations: %w", err)
	}
	return all, nil
}

// Delivery is how one destination is doing; ErrNotFound where there is none of the name.
func (s *Store) Delivery(ctx context.Context, destination string) (collector.Delivery, error) {
	all, err := list(ctx, s.read, scanDelivery, "SELECT "+deliveryColumns+" WHERE destination = ?", destination)
	if err == nil && len(all) == 0 {
		err = collector.ErrNotFound
	}
	if err != nil {
		return collector.Delivery{}, fmt.Errorf("destination %s: %w", destination, err)
	}
	return all[0], nil
}

// KeepDelivery keeps how a destination is doing. Refused and Asked are not taken from d; whether it has stopped is only as long as nobody has asked
// for it to be tried again since d was read.
func (s *Store) KeepDelivery(ctx context.Context, d collector.Delivery) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO outbox_delivery (destination) VALUES (?) ON CONFLICT (destination) DO NOTHING", d.Destination); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE outbox_delivery SET behind = ?, lag_s = ?, delivered = ?, error = ?, cause = ?, advice = ?, still = ?, comparison = ?, restarts = ?, restarted_on = ?,
			whole_on = ?, lost_from = ?, lost_to = ?, said_s = ?, stopped = CASE WHEN asked = ? THEN ? ELSE stopped END, compared_on = CASE WHEN asked = ? THEN ? ELSE compared_on END, differences = ? WHERE destination = ?`,
			d.Behind, d.LagS, d.Delivered, d.Error, d.Cause, strings.Join(d.Advice, "\n"), d.Still, d.Comparison, d.Restarts, d.RestartedOn, d.WholeOn, d.LostFrom, d.LostTo, d.Said,
			d.Asked, bit(d.Stopped), d.Asked, d.ComparedOn, d.Differences, d.Destination)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep how %s is doing: %w", d.Destination, err)
	}
	return nil
}

// bit is a truth as tables have it.
func bit(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// RetryDelivery lets a destination that has stopped be tried again. It answers ErrNotFound where there is none of the name.
func (s *Store) RetryDelivery(ctx context.Context, destination string) error {
	return s.ask(ctx, "let "+destination+" be tried again", destination, func(context.Context, *sql.Tx) error { return nil })
}

// DeliverAgain lets a destination be brought everything once more, from the beginning, and be compared as on its first day; points in its
// quarantine are forgotten, and tried again. It answers ErrNotFound where there is none of the name.
func (s *Store) DeliverAgain(ctx context.Context, destination string) error {
	return s.ask(ctx, "bring "+destination+" everything again", destination, func(ctx context.Context, tx *sql.Tx) error {
		if err := forgetRefused(ctx, tx, destination, nil); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM outbox_position WHERE destination = ?", destination); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE outbox_delivery SET compared_on = '', whole_on = '', lost_from = '', lost_to = '' WHERE destination = ?", destination)
		return err
	})
}

// ask notes that a person has asked for something, and does it.
func (s *Store) ask(ctx context.Context, what, destination string, do func(context.Context, *sql.Tx) error) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, "UPDATE outbox_delivery SET asked = asked + 1, stopped = 0, error = '', cause = '' WHERE destination = ?", destination))
		if err != nil {
			return err
		}
		return do(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// RemoveDestination forgets a destination, its positions and its quarantine. What it has stays there. It answers ErrNotFound where there is none
// of the name.
func (s *Store) RemoveDestination(ctx context.Context, destination string) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := forgetRefused(ctx, tx, destination, nil); err != nil {
			return err
		}
		known := one(tx.ExecContext(ctx, "DELETE FROM outbox_position WHERE destination = ?", destination))
		if known != nil && !errors.Is(known, collector.ErrNotFound) {
			return known
		}
		err := one(tx.ExecContext(ctx, "DELETE FROM outbox_delivery WHERE destination = ?", destination))
		if errors.Is(err, collector.ErrNotFound) {
			return known
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove destination %s: %w", destination, err)
	}
	return nil
}
