package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// PostgreSQL appends rows in the order in which they come, and notes in each which transaction wrote it, for whoever may read the database to see.
// In which order the machines of persons spoke, and persons chose passwords, is to be kept nowhere, so each night rows are written anew in the order
// of their numbers, many in one transaction; sessions and invitations were by then, when those that are over were deleted. Until that night, and in
// the write-ahead log and its archives for as long as they are kept, the order can be found out by who has the server.
//
// A row of a machine is referred to by others. They find it at the end of the statement as they did at its beginning, as long as no key says that
// they go with it; that is asked first. Triggers that tell of machines that go leave these out: tidying() in SQL.

// tidiedTogether is how many numbers of machines are tidied in one transaction, while others wait to write: some tenths of a second.
const tidiedTogether = 5_000

// Tidy forgets in which order rows were written since it was last called.
func (e *engine) Tidy(ctx context.Context) error {
	var last int64
	if err := e.read.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM machine").Scan(&last); err != nil {
		return fmt.Errorf("forget the order of rows: %w", err)
	}
	var cascades int
	err := e.read.QueryRowContext(ctx, "SELECT count(*) FROM pg_constraint WHERE confrelid = CAST('machine' AS regclass) AND confdeltype <> 'a'").Scan(&cascades)
	if err == nil && cascades > 0 {
		err = fmt.Errorf("%d keys would delete what is of machines", cascades)
	}
	if err != nil {
		return fmt.Errorf("forget the order of rows: %w", err)
	}
	days, err := e.untidy(ctx)
	if err != nil {
		return fmt.Errorf("forget the order of rows: %w", err)
	}
	for from := int64(0); from <= last; from += tidiedTogether {
		if err := e.tidyMachines(ctx, from, from+tidiedTogether-1, days); err != nil {
			return fmt.Errorf("forget the order of rows: %w", err)
		}
	}
	err = e.alone(ctx, func(tx *sql.Tx) error {
		for _, text := range []string{anew("kind", "true", "id"), anew("password", "true", `"user"`)} {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		for _, day := range days { // one that was written to meanwhile is marked still, by the roll-up that it waits for
			if _, err := tx.ExecContext(ctx, "UPDATE writing SET untidy = array_remove(untidy, ?)", day); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget the order of rows: %w", err)
	}
	return nil
}

// untidy are the days that were written to.
func (e *engine) untidy(ctx context.Context) (days []int64, err error) {
	rows, err := e.read.QueryContext(ctx, "SELECT unnest(untidy) AS day FROM writing UNION SELECT day FROM stale ORDER BY day")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var day int64
		if err := rows.Scan(&day); err != nil {
			return nil, err
		}
		days = append(days, day)
	}
	return days, rows.Err()
}

// tidyMachines tidies what there is of some machines. Where one transaction has written all of it nothing is done.
func (e *engine) tidyMachines(ctx context.Context, from, to int64, days []int64) error {
	steps := []tidying{
		{"machine", "id BETWEEN ? AND ?", []any{from, to}, anew("machine", "id BETWEEN ? AND ?", "id")},
		{"quarantine", "machine BETWEEN ? AND ?", []any{from, to}, anew("quarantine", "machine BETWEEN ? AND ?", "machine, date, hour")},
	}
	for _, day := range days {
		const these = "day = ? AND machine BETWEEN ? AND ?"
		steps = append(steps, tidying{"day", these, []any{day, from, to}, anew("day", these, "machine, place")})
	}
	for _, x := range steps {
		var writers int
		err := e.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT DISTINCT CAST(xmin AS text) FROM "+x.table+" WHERE "+x.where+" LIMIT 2) AS writers", x.args...).Scan(&writers)
		if err != nil {
			return err
		}
		if writers < 2 {
			continue
		}
		if err := e.alone(ctx, func(tx *sql.Tx) error { _, err := tx.ExecContext(ctx, x.text, x.args...); return err }); err != nil {
			return err
		}
	}
	return nil
}

// tidying is a statement that tidies the rows of a table that a condition chooses.
type tidying struct {
	table, where string
	args         []any
	text         string
}

// anew deletes rows and writes them again in an order. They go where there is room, and not where they were: that is theirs until the end of the
// transaction.
func anew(table, where, order string) string {
	return fmt.Sprintf("WITH gone AS (DELETE FROM %s WHERE %s RETURNING *) INSERT INTO %s SELECT * FROM gone ORDER BY %s", table, where, table, order)
}

// alone runs do in a transaction while nobody else writes, as nobody: the store of this engine takes it for another's, which does no harm.
func (e *engine) alone(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := e.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err = e.begin(ctx, tx, 0); err == nil {
		_, err = tx.ExecContext(ctx, "SET LOCAL veille.tidying = 'yes'")
	}
	if err == nil {
		err = do(tx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
