package relational

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"

	"veille/collector"
)

// turnKey finds the turn that a context brings with it.
type turnKey struct{}

// rollUpTurn is the row of table lease that has the run of a roll-up that began last, as its holder. It is no lease: its time was always over.
const rollUpTurn = "turn rollup"

// BeginRollUp begins a run of a roll-up, and answers the context that the run is to write with. Once another run has begun, of this program or of
// another one, such a write changes nothing and answers collector.ErrOvertaken: what a run has read cannot take the place of what a later one has read. It
// needs no clock, so it holds for a collector that was suspended while its lease ran out, and for one that has the lease again since.
func (s *Store) BeginRollUp(ctx context.Context) (context.Context, error) {
	turn := rand.Text()
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO lease (job, holder, until) VALUES (?, ?, 0) ON CONFLICT (job) DO UPDATE SET holder = excluded.holder", rollUpTurn, turn)
		return err
	})
	if err != nil {
		return ctx, fmt.Errorf("begin a roll-up: %w", err)
	}
	return context.WithValue(ctx, turnKey{}, turn), nil
}

// inTurn is a write that is done only while the run that its context is of, if any, is the last that began. The engine lets nobody else write
// from the beginning of its transaction on: none begins in between.
func inTurn(j job) job {
	turn, ok := j.ctx.Value(turnKey{}).(string)
	if !ok {
		return j
	}
	do := j.do
	j.do = func(ctx context.Context, b *batch) error {
		var last string
		if err := b.QueryRowContext(ctx, "SELECT holder FROM lease WHERE job = ?", rollUpTurn).Scan(&last); err != nil {
			return fmt.Errorf("ask which roll-up began last: %w", err)
		}
		if last != turn {
			return collector.ErrOvertaken
		}
		return do(ctx, b)
	}
	return j
}
