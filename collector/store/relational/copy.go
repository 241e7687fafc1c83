package relational

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
)

// copied is a table that Copy brings from one ledger to another, in the order of its key.
type copied struct {
	name  string
	key   []string // no key: it has one row at most, or few, and is copied as a whole
	later string   // a column that points into the same table: it is filled when all rows are there
}

// tablesCopied are all tables in such an order that a row comes after those that it points to; fixed_month comes before fixed, which closes
// its month. Leases, and what is said of the copy itself, are of one ledger only.
func tablesCopied() []copied { return slices.Concat(tablesOfMachines(), tablesOfOthers()) }

func tablesOfMachines() []copied {
	return []copied{
		{name: "organisation", key: []string{"id"}},
		{name: "site", key: []string{"id"}},
		{name: "site_group", key: []string{"id"}},
		{name: "token", key: []string{"hash"}},
		{name: "machine", key: []string{"id"}, later: "replaced_by"},
		{name: "erased"},
		{name: "meter_rule", key: []string{"id"}},
		{name: "meter", key: []string{"id"}},
		{name: "meter_token", key: []string{"hash"}},
		{name: "meter_post", key: []string{"id"}},
		{name: "meter_block", key: []string{"meter", "day"}},
		{name: "meter_day", key: []string{"meter", "date"}},
		{name: "meter_stale", key: []string{"meter", "day"}},
		{name: "meter_state"},
		{name: "rejoined", key: []string{"machine"}},
		{name: "calendar", key: []string{"site"}},
		{name: "policy", key: []string{"site"}},
		{name: "user", key: []string{"id"}},
		{name: "user_key", key: []string{"hash"}},
		{name: "password", key: []string{"user"}},
		{name: "invitation", key: []string{"hash"}},
		{name: "session", key: []string{"hash"}},
		{name: "audit", key: []string{"id"}},
		{name: "kind", key: []string{"id"}},
		{name: "place", key: []string{"id"}},
		{name: "day", key: []string{"day", "machine", "place"}},
		{name: "revision"},
		{name: "stale", key: []string{"day"}},
		{name: "quarantine", key: []string{"machine", "date", "hour"}},
		{name: "group_day", key: []string{"day", "place", "class"}},
		{name: "machine_month", key: []string{"month", "machine"}},
		{name: "fixed_month", key: []string{"organisation", "month", "place", "class"}},
		{name: "fixed", key: []string{"organisation", "month"}},
		{name: "run", key: []string{"id"}},
		{name: "closed"},
	}
}

func tablesOfOthers() []copied {
	return []copied{
		{name: "website", key: []string{"id"}},
		{name: "web_method", key: []string{"id"}},
		{name: "web_address", key: []string{"id"}},
		{name: "web_run", key: []string{"id"}},
		{name: "web_page", key: []string{"address"}},
		{name: "web_audit", key: []string{"address"}},
		{name: "web_score", key: []string{"address", "at"}},
		{name: "web_host", key: []string{"organisation", "host"}},
		{name: "point", key: []string{"measurement", "time", "tags", "field"}},
		{name: "price", key: []string{"organisation", "from_month"}},
		{name: "factor", key: []string{"organisation", "id"}},
		{name: "target", key: []string{"id"}},
		{name: "action", key: []string{"id"}},
		{name: "equipment", key: []string{"site", "class", "bought", "way", "state", "ecolabel", "left_month", "end"}},
		{name: "quantity", key: []string{"id"}},
		{name: "step", key: []string{"id"}},
		{name: "evidence", key: []string{"id"}},
		{name: "remark", key: []string{"organisation", "about"}},
		{name: "meter_reading", key: []string{"site", "meter", "from_date", "to_date"}},
		{name: "rgesn_grid", key: []string{"website"}},
		{name: "template", key: []string{"organisation", "id"}},
		{name: "snapshot", key: []string{"id"}},
		{name: "baseline", key: []string{"action"}},
		{name: "outbox_position", key: []string{"destination", "stream"}},
		{name: "outbox_delivery", key: []string{"destination"}},
		{name: "outbox_refused", key: []string{"id"}},
		{name: "erased_machine", key: []string{"id"}},
		{name: "key_print", key: []string{"name"}},
	}
}

// rowsTogether is how many rows are copied in one transaction.
const rowsTogether = 2000

// Copied is what Copy did with one table.
type Copied struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Sum   string `json:"sum"` // of all rows, 16 hexadecimal digits: the same for the same rows, in whatever engine they are
}

// ErrNotEmpty says that a ledger that is to be copied to has something in it that did not come from there.
var ErrNotEmpty = errors.New("it has something in it already: give an empty database")

// Copy brings everything that is in a ledger to another one, which is empty or was left half copied from the same source, and compares both
// row by row at the end. Nobody may write to the first meanwhile. source says where it comes from, without a secret; progress is told of each
// table how many rows it has, nil: nobody is. After an error, it is called again and goes on where it was.
func Copy(ctx context.Context, from, to *Store, source string, progress func(table string, rows int64)) ([]Copied, error) {
	if err := to.beginMoving(ctx, source); err != nil {
		return nil, err
	}
	var all []Copied
	for _, t := range tablesCopied() {
		m := moving{copied: t, from: from, to: to, progress: progress}
		if err := m.copy(ctx); err != nil {
			return all, fmt.Errorf("copy table %s: %w; give the same command again to go on", t.name, err)
		}
	}
	if err := copyNumbers(ctx, from, to); err != nil {
		return all, fmt.Errorf("copy the numbers that were given: %w", err)
	}
	for _, t := range tablesCopied() {
		c, err := compare(ctx, t, from, to)
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, to.endMoving(ctx)
}

// Moving tells from where this ledger is being copied, if a copy of it was begun and has not ended; "" if not.
func (s *Store) Moving(ctx context.Context) (source string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT source FROM moving WHERE done = 0").Scan(&source)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("ask whether the ledger is being copied: %w", err)
	}
	return source, nil
}

func (s *Store) beginMoving(ctx context.Context, source string) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var begun string
		err := tx.QueryRowContext(ctx, "SELECT source FROM moving").Scan(&begun)
		switch {
		case err == nil && begun != source:
			return fmt.Errorf("a copy from %s was begun there, not from %s: go on with that, or give an empty database", begun, source)
		case err == nil:
			_, err = tx.ExecContext(ctx, "UPDATE moving SET done = 0")
			return err
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
		var something bool
		if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM organisation) OR EXISTS (SELECT 1 FROM audit)").Scan(&something); err != nil {
			return err
		}
		if something {
			return ErrNotEmpty
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO moving (source, done) VALUES (?, 0)", source)
		return err
	})
}

func (s *Store) endMoving(ctx context.Context) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE moving SET done = 1")
		return err
	})
}

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

// compare reads a table in both ledgers, and fails where they differ.
func compare(ctx context.Context, t copied, from, to *Store) (Copied, error) {
	columns, err := columnsOf(ctx, from.read, t.name)
	if err != nil {
		return Copied{}, fmt.Errorf("compare table %s: %w", t.name, err)
	}
	here, wrong := sumOf(ctx, from.read, t.name, columns)
	there, missing := sumOf(ctx, to.read, t.name, columns)
	if err := errors.Join(wrong, missing); err != nil {
		return Copied{}, fmt.Errorf("compare table %s: %w", t.name, err)
	}
	if here != there {
		return there, fmt.Errorf("table %s has %d rows with the sum %s at the source, and %d with %s in the copy: somebody wrote to one of them meanwhile; "+
			"stop all collectors, and copy to an empty database again", t.name, here.Rows, here.Sum, there.Rows, there.Sum)
	}
	return there, nil
}

// sumOf adds the hashes of all rows: the order in which an engine gives them does not matter.
func sumOf(ctx context.Context, db *sql.DB, table string, columns []string) (Copied, error) {
	c, sum := Copied{Table: table}, uint64(0)
	err := eachRow(ctx, db, len(columns), "SELECT "+quoted(columns)+` FROM "`+table+`"`, func(row []any) error {
		h, err := hashOf(row)
		sum += h
		c.Rows++
		return err
	})
	c.Sum = fmt.Sprintf("%016x", sum)
	return c, err
}

// hashOf is a hash of the values of a row, each with its kind and length.
func hashOf(row []any) (uint64, error) {
	h := fnv.New64a()
	for _, value := range row {
		var kind byte
		var body []byte
		switch v := value.(type) {
		case nil:
			kind = 'n'
		case int64:
			kind, body = 'i', binary.BigEndian.AppendUint64(nil, uint64(v))
		case float64:
			kind, body = 'f', binary.BigEndian.AppendUint64(nil, math.Float64bits(v))
		case string:
			kind, body = 't', []byte(v)
		case []byte:
			kind, body = 'b', v
		default:
			return 0, fmt.Errorf("a value is of type %T, which no table of ours has", value)
		}
		_, _ = h.Write(binary.BigEndian.AppendUint64([]byte{kind}, uint64(len(body)))) // a hash never fails
		_, _ = h.Write(body)
	}
	return h.Sum64(), nil
}
