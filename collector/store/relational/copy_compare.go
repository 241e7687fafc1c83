package relational

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
)

// Copied is what Copy did with one table.
type Copied struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Sum   string `json:"sum"` // of all rows, 16 hexadecimal digits: the same for the same rows, in whatever engine they are
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
