package influx

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

const (
	chunkRows = 10_000   // rows that InfluxDB answers at a time, so that neither side has a year in memory as text
	chunkMax  = 64 << 20 // bytes of one such piece
)

// call asks for something of the server's own, and reads its JSON into what is given. Its errors are an *answer, or those of net/http.
func (s *Store) call(ctx context.Context, method, path string, params url.Values, body, into any) (http.Header, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("write a request: %w", err)
		}
		content = bytes.NewReader(text)
	}
	address := s.base + path
	if len(params) > 0 {
		address += "?" + params.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, address, content)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.HTTPService().DoHTTPRequestWithResponse(req, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		return nil, fmt.Errorf("read the answer to %s: %w", path, err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			return nil, s.help("what answers to %s is not the JSON of InfluxDB (%s): look at the address in --series, and at proxies before it", path, line(err.Error()))
		}
	}
	return res.Header, nil
}

// table is one piece of what InfluxQL answers: rows of one series.
type table struct {
	Name    string
	Tags    map[string]string
	Columns []string
	Values  []row
	Partial bool
}

// column is the place of a column; -1: it is not there.
func (t table) column(name string) int {
	for i, c := range t.Columns {
		if c == name {
			return i
		}
	}
	return -1
}

// influxQL gives statements, separated by semicolons, and hands each piece of the answer to each, with the number of its statement, from 0. each may
// be nil. An error within the answer is an *answer of status 0.
func (s *Store) influxQL(ctx context.Context, at place, statements string, each func(statement int, t table) error) error {
	form := url.Values{"q": {statements}, "epoch": {"ns"}, "chunked": {"true"}, "chunk_size": {strconv.Itoa(chunkRows)}}
	if at.db != "" {
		form.Set("db", at.db)
	}
	if at.rp != "" {
		form.Set("rp", at.rp)
	}
	if s.org != "" {
		form.Set("org", s.org)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"query", strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("make a query: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := s.client.HTTPService().DoHTTPRequestWithResponse(req, nil)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	return readTables(res.Body, each)
}

// readTables reads the answer to statements, piece by piece.
func readTables(body io.Reader, each func(int, table) error) error {
	limit := &io.LimitedReader{R: body}
	in := json.NewDecoder(limit)
	more := true // whether something is to come still: an answer at all, or what is to be continued
	for {
		limit.N = chunkMax
		var piece struct {
			Error   string
			Results []struct {
				Statement int `json:"statement_id"`
				Series    []table
				Error     string
				Partial   bool
			}
		}
		err := in.Decode(&piece)
		switch {
		case errors.Is(err, io.EOF) && more:
			return fmt.Errorf("an answer that is empty, or was to be continued: %w", io.ErrUnexpectedEOF)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read an answer: %w", err)
		case piece.Error != "":
			return &answer{said: line(piece.Error)}
		}
		more = len(piece.Results) == 0
		for _, r := range piece.Results {
			if r.Error != "" {
				return &answer{said: line(r.Error)}
			}
			more = r.Partial
			for _, t := range r.Series {
				if each == nil {
					continue
				}
				if err := each(r.Statement, t); err != nil {
					return err
				}
			}
		}
	}
}

// row is one row of a table, as its JSON: it is read when it is known what is wanted of it.
type row struct{ raw []byte }

// UnmarshalJSON keeps the text.
func (r *row) UnmarshalJSON(text []byte) error {
	r.raw = append(r.raw[:0], text...)
	return nil
}

// words are the columns as text. Columns that are null are "".
func (r row) words() ([]string, error) {
	var columns []any
	in := json.NewDecoder(bytes.NewReader(r.raw))
	in.UseNumber()
	if err := in.Decode(&columns); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	all := make([]string, len(columns))
	for i, c := range columns {
		if c != nil {
			all[i] = fmt.Sprint(c)
		}
	}
	return all, nil
}

// cut takes the first cell off a row that has no brackets. A cell that is text keeps its quotes; more is false after the last one.
func cut(row []byte) (cell, rest []byte, more bool) {
	quoted := false
	for i := 0; i < len(row); i++ {
		switch c := row[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return row[:i], row[i+1:], true
		}
	}
	return row, nil, false
}

// cells takes a row apart: its moment, in nanoseconds, the n columns behind it, of which each that is a number is given to each by its place, and the
// text of what is left.
func (r row) cells(n int, each func(column int, x float64)) (at int64, rest []byte, err error) {
	rest = bytes.TrimSuffix(bytes.TrimPrefix(r.raw, []byte("[")), []byte("]"))
	cell, rest, more := cut(rest)
	if at, err = strconv.ParseInt(string(bytes.TrimSpace(cell)), 10, 64); err != nil {
		return 0, nil, fmt.Errorf("moment of a row: %w", err)
	}
	for i := 1; i <= n && more; i++ {
		cell, rest, more = cut(rest)
		if x, err := strconv.ParseFloat(string(bytes.TrimSpace(cell)), 64); err == nil { // else null, or text of somebody else's
			each(i, x)
		}
	}
	return at, rest, nil
}

// ident quotes a name for InfluxQL.
func ident(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(name) + `"`
}

// text quotes a value for InfluxQL.
func text(value string) string {
	return `'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(value) + `'`
}

// where is the condition that points of a query meet.
func where(q collector.Query) string {
	var b strings.Builder
	fmt.Fprintf(&b, "time >= %d AND time < %d", nanoseconds(q.From), nanoseconds(q.To))
	for _, tag := range q.Tags {
		b.WriteString(" AND " + ident(guard(tag.Name)) + " = " + text(guard(tag.Value)))
	}
	return b.String()
}

// nanoseconds are those since 1970, within what InfluxDB has moments for: from 1677 to 2262.
func nanoseconds(t time.Time) int64 {
	const first, last = math.MinInt64 + 2, math.MaxInt64 - 1
	if t.Before(time.Unix(0, first)) {
		return first
	}
	if t.After(time.Unix(0, last)) {
		return last
	}
	return t.UnixNano()
}
