package victoria

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"veille/collector"
)

// sample is a value at a timestamp, in milliseconds since 1970.
type sample struct {
	at    int64
	value float64
}

// rowsPerLine bounds how long a line of an export is.
const rowsPerLine = 10_000

// export gives the samples of a measurement between two timestamps, both included, by series; a series may come in several pieces, the oldest
// first. The node leaves out samples that were written twice. A cluster with a node missing answers with an error, as it does for all raw data.
func (s *Store) export(ctx context.Context, selector string, first, last int64, yield func(labels map[string]string, samples []sample) error) error {
	form := url.Values{
		"match[]": {selector}, "start": {seconds(first)}, "end": {seconds(last)},
		"max_rows_per_line": {strconv.Itoa(rowsPerLine)}, "nocache": {"1"}, "deny_partial_response": {"1"},
	}
	const doing = "read points"
	address := s.o.Read + "/api/v1/export"
	return s.ask(ctx, longTime, doing, address, form, func(body io.Reader) error {
		lines := bufio.NewReaderSize(body, 1<<20)
		for {
			line, err := readLine(lines)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil && len(line) > 0 {
				var labels map[string]string
				var samples []sample
				if labels, samples, err = parseLine(line); err == nil {
					err = yield(labels, samples)
				}
			}
			if err != nil {
				return answer{doing: doing, on: address, err: err}.broken()
			}
		}
	})
}

// broken is an answer that began well and cannot be understood, or was cut off.
func (a answer) broken() error {
	return &collector.DeliveryError{
		Trouble: collector.TryLater, Err: a.err,
		Reason: fmt.Sprintf("could not %s on VictoriaMetrics at %s: its answer was cut off or is none of VictoriaMetrics; see its own log", a.doing, a.on),
	}
}

// readLine is the next line without its newline; an EOF comes after the last whole line.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		var long []byte
		for errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, line...)
			if len(long) > 64<<20 {
				return nil, errors.New("a line is longer than 64 MiB")
			}
			line, err = r.ReadSlice('\n')
		}
		line = append(long, line...)
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return bytes.TrimRight(line, "\r\n"), err
}

// parseLine reads a line of an export: {"metric":{…},"values":[…],"timestamps":[…]}. A quotation mark in a label is escaped, so what stands
// between the three is found as it is.
func parseLine(line []byte) (map[string]string, []sample, error) {
	head, rest, ok := bytes.Cut(line, []byte(`,"values":[`))
	values, rest, ok2 := bytes.Cut(rest, []byte(`],"timestamps":[`))
	times, tail, ok3 := bytes.Cut(rest, []byte(`]`))
	labels := map[string]string{}
	head, ok4 := bytes.CutPrefix(head, []byte(`{"metric":`))
	if !ok || !ok2 || !ok3 || !ok4 || string(tail) != "}" {
		return nil, nil, fmt.Errorf("%.80q is no line of an export", line)
	}
	if err := json.Unmarshal(head, &labels); err != nil {
		return nil, nil, fmt.Errorf("the labels %.80q of an export: %w", head, err)
	}
	samples := make([]sample, 0, bytes.Count(times, []byte(","))+1)
	for len(times) > 0 || len(values) > 0 {
		var at, value []byte
		at, times, _ = bytes.Cut(times, []byte(","))
		value, values, _ = bytes.Cut(values, []byte(","))
		ms, err := strconv.ParseInt(string(at), 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("the timestamp %.40q of an export: %w", at, err)
		}
		if string(value) == "null" || strings.HasPrefix(string(value), `"`) {
			continue // no number: nothing of ours
		}
		x, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			return nil, nil, fmt.Errorf("the value %.40q of an export: %w", value, err)
		}
		samples = append(samples, sample{ms, x})
	}
	return labels, samples, nil
}

// seconds is a timestamp as nodes understand it whatever its size: of small whole numbers they would not know the unit.
func seconds(ms int64) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }

// selector is what finds the series of a query; more are matchers of our own.
func (s *Store) selector(q collector.Query, more ...string) string {
	matchers := append([]string{
		labelName + `=~` + strconv.Quote(string(q.Measurement)+"_.+"), labelDB + `=` + strconv.Quote(s.o.DB),
	}, more...)
	for _, tag := range q.Tags {
		matchers = append(matchers, tag.Name+"="+strconv.Quote(tag.Value))
	}
	return "{" + strings.Join(matchers, ",") + "}"
}

// askable tells whether a query can be put to a node.
func askable(q collector.Query) error {
	if !plainName(string(q.Measurement)) {
		return fmt.Errorf("%.80q is no name of a measurement in VictoriaMetrics", q.Measurement)
	}
	for _, tag := range q.Tags {
		if !plainName(tag.Name) || tag.Value == "" {
			return fmt.Errorf("%.80q=%.80q is no tag to ask VictoriaMetrics for", tag.Name, tag.Value)
		}
	}
	return nil
}
