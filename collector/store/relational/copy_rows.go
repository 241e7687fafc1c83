package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// rowsTogether is how many rows are copied in one transaction.
const rowsTogether = 2000

// moving is one table on its way.
type moving struct {
	copied
	from, to *Store
	columns  []string
	progress func(string, int64)
}

func (m *moving) copy(ctx context.Context) (err error) {
	if m.columns, err = columnsOf(ctx, m.from.read, m.name); err != nil {
		return err
	}
	there, err := columnsOf(ctx, m.to.read, m.name)
	if err != nil {
		return err
	}
	if !slices.Equal(slices.Sorted(slices.Values(m.columns)), slices.Sorted(slices.Values(there))) {
		return fmt.Errorf("it has the columns %v there and %v here: open both with the same program first", there, m.columns)
	}
	if len(m.key) == 0 {
		return m.replace(ctx)
	}
	if m.name == "rejoined" { // filled by a trigger while machines were copied
		if err := m.empty(ctx); err != nil {
			return err
		}
	}
	last, err := m.last(ctx)
	if err != nil {
		return err
	}
	n := int64(0)
	for {
		rows, err := m.next(ctx, last)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if err := m.put(ctx, rows); err != nil {
			return err
		}
		last = m.keyOf(rows[len(rows)-1])
		if n += int64(len(rows)); m.progress != nil {
			m.progress(m.name, n)
		}
	}
	if m.later != "" {
		return m.fill(ctx)
	}
	return nil
}

// columnsOf are the columns of a table, in its order.
func columnsOf(ctx context.Context, db *sql.DB, table string) ([]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT * FROM "`+table+`" WHERE 1 = 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	return columns, errors.Join(err, rows.Err())
}

// quoted are names as both engines take them, whatever words they are.
func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// last is the key of the last row that is there; nil where there is none.
func (m *moving) last(ctx context.Context) ([]any, error) {
	down := make([]string, len(m.key))
	for i, k := range m.key {
		down[i] = `"` + k + `" DESC`
	}
	rows, err := readRows(ctx, m.to.read, len(m.key), "SELECT "+quoted(m.key)+` FROM "`+m.name+`" ORDER BY `+strings.Join(down, ", ")+" LIMIT 1")
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// next are the rows after a key, in its order.
func (m *moving) next(ctx context.Context, after []any) ([][]any, error) {
	where := ""
	if after != nil {
		where = " WHERE (" + quoted(m.key) + ") > (" + marks(len(m.key)) + ")"
	}
	return readRows(ctx, m.from.read, len(m.columns), fmt.Sprintf(`SELECT %s FROM "%s"%s ORDER BY %s LIMIT %d`, quoted(m.columns), m.name, where, quoted(m.key), rowsTogether), after...)
}

func marks(n int) string { return strings.Repeat("?, ", n-1) + "?" }

func readRows(ctx context.Context, db *sql.DB, columns int, query string, args ...any) (all [][]any, err error) {
	err = eachRow(ctx, db, columns, query, func(row []any) error {
		all = append(all, row)
		return nil
	}, args...)
	return all, err
}

// eachRow gives each row to do, which may keep it.
func eachRow(ctx context.Context, db *sql.DB, columns int, query string, do func([]any) error, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, into := make([]any, columns), make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (m *moving) keyOf(row []any) []any {
	key := make([]any, len(m.key))
	for i, k := range m.key {
		key[i] = row[slices.Index(m.columns, k)]
	}
	return key
}

// put writes rows in one transaction.
func (m *moving) put(ctx context.Context, rows [][]any) error {
	later := slices.Index(m.columns, m.later)
	return m.to.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for some := range slices.Chunk(rows, max(1, 900/len(m.columns))) {
			args := make([]any, 0, len(some)*len(m.columns))
			for _, row := range some {
				row = slices.Clone(row)
				if later >= 0 {
					row[later] = nil
				}
				args = append(args, row...)
			}
			values := strings.Repeat("("+marks(len(m.columns))+"), ", len(some)-1) + "(" + marks(len(m.columns)) + ")"
			if _, err := tx.ExecContext(ctx, `INSERT INTO "`+m.name+`" (`+quoted(m.columns)+") VALUES "+values, args...); err != nil {
				return err
			}
		}
		return nil
	})
}

func (m *moving) empty(ctx context.Context) error {
	return m.to.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM "`+m.name+`"`)
		return err
	})
}

// replace copies a table of a row or two as a whole.
func (m *moving) replace(ctx context.Context) error {
	rows, err := readRows(ctx, m.from.read, len(m.columns), "SELECT "+quoted(m.columns)+` FROM "`+m.name+`"`)
	if err != nil {
		return err
	}
	if err := m.empty(ctx); err != nil || len(rows) == 0 {
		return err
	}
	return m.put(ctx, rows)
}

// fill fills the column that was left out.
func (m *moving) fill(ctx context.Context) error {
	rows, err := readRows(ctx, m.from.read, 2, fmt.Sprintf(`SELECT "%s", "%s" FROM "%s" WHERE "%s" IS NOT NULL ORDER BY "%s"`, m.key[0], m.later, m.name, m.later, m.key[0]))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(rows, rowsTogether) {
		err := m.to.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			for _, row := range some {
				if _, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE "%s" SET "%s" = ? WHERE "%s" = ?`, m.name, m.later, m.key[0]), row[1], row[0]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
