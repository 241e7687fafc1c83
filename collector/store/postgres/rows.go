package postgres

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// rows are the answer of a statement.
type rows struct {
	rows  pgx.Rows
	first bool // there is a first row
	begun bool // and it was not given yet
	names []string
}

// Columns are the names of the columns.
func (r *rows) Columns() []string {
	if r.names == nil {
		for _, f := range r.rows.FieldDescriptions() {
			r.names = append(r.names, f.Name)
		}
	}
	return r.names
}

// Close reads what is left and throws it away.
func (r *rows) Close() error {
	r.rows.Close()
	return r.rows.Err()
}

// Next gives the next row. Bytes are good until the one after it.
func (r *rows) Next(into []driver.Value) (err error) {
	more := r.first
	if !r.begun {
		more = r.rows.Next()
	}
	r.begun = false
	if !more {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	fields := r.rows.FieldDescriptions()
	for i, text := range r.rows.RawValues() {
		if into[i], err = value(fields[i].DataTypeOID, text); err != nil {
			return fmt.Errorf("read column %s: %w", fields[i].Name, err)
		}
	}
	return nil
}

// value is what PostgreSQL has sent, as database/sql knows it: numbers, truths and bytes in its binary form, all else as text.
func value(oid uint32, text []byte) (driver.Value, error) {
	if text == nil {
		return nil, nil
	}
	switch {
	case oid == pgtype.ByteaOID:
		return text, nil
	case oid == pgtype.Int8OID && len(text) == 8:
		return int64(binary.BigEndian.Uint64(text)), nil
	case oid == pgtype.Float8OID && len(text) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(text)), nil
	case oid == pgtype.Int4OID && len(text) == 4:
		return int64(int32(binary.BigEndian.Uint32(text))), nil
	case oid == pgtype.Int2OID && len(text) == 2:
		return int64(int16(binary.BigEndian.Uint16(text))), nil
	case oid == pgtype.BoolOID && len(text) == 1:
		return text[0] != 0, nil
	case oid == pgtype.Int8OID, oid == pgtype.Float8OID, oid == pgtype.Int4OID, oid == pgtype.Int2OID, oid == pgtype.BoolOID:
		return nil, fmt.Errorf("PostgreSQL has sent %d bytes for a number", len(text))
	}
	return stored(string(text)), nil
}
