package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"veille/collector"
)

// pastOf is what is left of samples of a meter that were deleted.
func (s *Store) pastOf(ctx context.Context, meter int64) (collector.MeterPast, error) {
	var text string
	err := s.read.QueryRowContext(ctx, "SELECT past FROM meter WHERE id = ?", meter).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return collector.MeterPast{}, nil
	}
	if err != nil {
		return collector.MeterPast{}, s.noticed(err)
	}
	past, err := openPast([]byte(text))
	if err != nil {
		return past, fmt.Errorf("meter %d: %w", meter, s.noticed(err))
	}
	return past, nil
}

// openPast reads a past as it is kept: nothing is none.
func openPast(text []byte) (past collector.MeterPast, err error) {
	if len(text) == 0 {
		return past, nil
	}
	if err := json.Unmarshal(text, &past); err != nil {
		return past, fmt.Errorf("the last of its samples that were deleted: %w: %w", errDamaged, err)
	}
	return past, nil
}

// aged is a meter that has samples which are to be deleted, or something left of those that were.
type aged struct {
	collector.Meter
	past    string
	zone    string
	endedOn collector.Date
}

// dropOld deletes what meters said before a moment, which is a midnight in UTC, and leaves of it what is needed to reckon what comes next: see leave. A
// meter whose days are not accounted for yet waits for the next night.
func (s *Store) dropOld(ctx context.Context, before time.Time) error {
	day := dayAt(before.UnixMilli())
	found, err := list(ctx, s.read, func(rows *sql.Rows) (a aged, err error) {
		err = rows.Scan(&a.ID, &a.Kind, &a.Unit, &a.past, &a.endedOn, &a.zone)
		return a, err
	}, `SELECT m.id, r.kind, r.unit, m.past, r.removed_on, s.time_zone FROM meter m JOIN meter_rule r ON r.id = m.rule JOIN site s ON s.id = r.site
		WHERE m.past <> '' OR m.id IN (SELECT meter FROM meter_block WHERE day < ?) ORDER BY m.id`, day)
	if err != nil {
		return s.noticed(err)
	}
	var failed []error
	for some := range slices.Chunk(found, agedTogether) {
		for again := 0; ; again++ {
			err := s.dropOldOf(ctx, some, before, day)
			if errors.Is(err, errTurn) && again < 10 { // somebody folds just now
				continue
			}
			failed = append(failed, err)
			break
		}
	}
	return errors.Join(failed...)
}

// agedTogether is of how many meters samples are deleted in one transaction.
const agedTogether = 64

// dropOldOf does so of some meters. One that is damaged stays as it is, and does not keep the others.
func (s *Store) dropOldOf(ctx context.Context, some []aged, before time.Time, day int64) error {
	st, err := s.meterState(ctx)
	if err != nil {
		return err
	}
	var damaged []error
	left := map[int64]string{}
	for _, a := range some {
		text, waits, err := s.leave(ctx, a, before, day)
		if err != nil {
			damaged = append(damaged, fmt.Errorf("meter %d: %w", a.ID, err))
		} else if !waits {
			left[a.ID] = text
		}
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := takeTurn(ctx, tx, st.turn); err != nil {
			return err
		}
		for meter, text := range left {
			if _, err := tx.ExecContext(ctx, "UPDATE meter SET past = ? WHERE id = ? AND past <> ?", text, meter, text); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM meter_block WHERE meter = ? AND day < ?", meter, day); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errTurn) {
		return err
	}
	return errors.Join(append(damaged, err)...)
}

// leave is what is left of a meter's samples of before a day in UTC when they are deleted: as long as more may come of the meter, the last of them. It
// waits where days are not accounted for yet.
func (s *Store) leave(ctx context.Context, a aged, before time.Time, day int64) (text string, waits bool, err error) {
	var stale int
	if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM meter_stale WHERE meter = ?", a.ID).Scan(&stale); err != nil || stale > 0 {
		return "", stale > 0, s.noticed(err)
	}
	zone, err := collector.Site{TimeZone: a.zone}.Zone()
	if err != nil {
		return "", false, err
	}
	past, err := openPast([]byte(a.past))
	if err != nil {
		return "", false, s.noticed(err)
	}
	days, err := list(ctx, s.read, scanInt, "SELECT day FROM meter_block WHERE meter = ? AND day < ? ORDER BY day DESC LIMIT ?", a.ID, day, around+1)
	if err != nil {
		return "", false, s.noticed(err)
	}
	if len(days) > around { // the past does not touch the date of the last sample
		past, days = collector.MeterPast{}, days[:around]
	}
	var samples []collector.MeterSample
	for _, day := range slices.Backward(days) {
		all, err := s.block(ctx, blockKey{a.ID, day})
		if err != nil {
			return "", false, err
		}
		samples = append(samples, all...)
	}
	if past, err = past.With(a.Meter, zone, samples); err != nil || !a.needs(past, before, collector.DateOf(before.In(zone))) {
		return "", false, err
	}
	body, err := json.Marshal(past)
	return string(body), false, err
}

// needs tells whether what may still come of a meter is reckoned with what is left of what it said before a moment, which is on a date of its site. Of a
// rule that was ended the day before yesterday nothing is under way any more. Power holds for minutes: it is of use on its own date only. Of
// a plug no more is kept than that either: somebody sits at the machine behind it.
func (a aged) needs(past collector.MeterPast, before time.Time, date collector.Date) bool {
	ended := a.endedOn != "" && a.endedOn < collector.DateOf(before.AddDate(0, 0, keepBlocks-1))
	holds := past.Date >= date || past.At+collector.MeterHold.Milliseconds() > before.UnixMilli()
	return past.Date != "" && !ended && (a.Counts() && a.Kind != "plug" || holds)
}

// settle folds what waits, and accounts for it: what is deleted next is in the accounts.
func (s *Store) settle(ctx context.Context) error {
	for waits := int64(math.MaxInt64); ; {
		debt, err := s.FoldMeters(ctx)
		if err != nil {
			return err
		}
		if debt.Posts == 0 || debt.Posts >= waits {
			break
		}
		waits = debt.Posts
	}
	_, err := s.AccountMeters(ctx)
	return err
}
