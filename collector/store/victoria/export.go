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
	"slices"
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

// export gives the samples of a measurement between two timestamps, both included, by series; a series may come in several lines, the oldest
// first. A line is good until the next one comes. The node leaves out samples that were written twice. A cluster with a node missing answers with an error, as it does for all raw data.
func (s *Store) export(ctx context.Context, selector string, first, last int64, yield func(line) error) error {
	form := url.Values{
		"match[]": {selector}, "start": {seconds(first)}, "end": {seconds(last)},
		"max_rows_per_line": {strconv.Itoa(rowsPerLine)}, "nocache": {"1"}, "deny_partial_response": {"1"},
	}
	const doing = "read points"
	address := s.o.Read + "/api/v1/export"
	return s.ask(ctx, longTime, doing, address, form, func(body io.Reader) error {
		lines := bufio.NewReaderSize(body, 1<<20)
		for {
			text, err := readLine(lines)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil && len(text) > 0 {
				var l line
				if l, err = cutLine(text); err == nil {
					err = yield(l)
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

// line is one line of an export, in the buffer of its reader: {"metric":{…},"values":[…],"timestamps":[…]}.
type line struct {
	labels []byte // what stands between the braces of metric
	values []byte // between the brackets, as the timestamps
	times  []byte
}

// cutLine takes a line apart. A quotation mark in a label is escaped, so what stands between the three is found as it is.
func cutLine(text []byte) (l line, err error) {
	head, ok := bytes.CutPrefix(text, []byte(`{"metric":{`))
	var rest, tail []byte
	var ok1, ok2, ok3 bool
	l.labels, rest, ok1 = bytes.Cut(head, []byte(`},"values":[`))
	l.values, rest, ok2 = bytes.Cut(rest, []byte(`],"timestamps":[`))
	l.times, tail, ok3 = bytes.Cut(rest, []byte(`]`))
	if !ok || !ok1 || !ok2 || !ok3 || string(tail) != "}" {
		return line{}, fmt.Errorf("%.80q is no line of an export", text)
	}
	return l, nil
}

// named is the name of the metric, where it stands first and plainly, and the labels after it.
func (l line) named() (name, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(l.labels, []byte(`"__name__":"`))
	if !ok {
		return nil, nil, false
	}
	name, rest, ok = bytes.Cut(rest, []byte(`"`))
	return name, rest, ok && bytes.IndexByte(name, '\\') < 0
}

// parseLabels reads all labels of a line.
func (l line) parseLabels() (map[string]string, error) {
	labels := map[string]string{}
	if err := json.Unmarshal(slices.Concat([]byte("{"), l.labels, []byte("}")), &labels); err != nil {
		return nil, fmt.Errorf("the labels %.80q of an export: %w", l.labels, err)
	}
	return labels, nil
}

// appendSamples adds the samples of a line to others.
func (l line) appendSamples(samples []sample) ([]sample, error) {
	values, times := l.values, l.times
	samples = slices.Grow(samples, bytes.Count(times, []byte(","))+1)
	for len(times) > 0 || len(values) > 0 {
		var at, value []byte
		at, times, _ = bytes.Cut(times, []byte(","))
		value, values, _ = bytes.Cut(values, []byte(","))
		ms, err := strconv.ParseInt(string(at), 10, 64)
		if err != nil {
			return samples, fmt.Errorf("the timestamp %.40q of an export: %w", at, err)
		}
		if string(value) == "null" || bytes.HasPrefix(value, []byte(`"`)) {
			continue // no number: nothing of ours
		}
		x, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			return samples, fmt.Errorf("the value %.40q of an export: %w", value, err)
		}
		samples = append(samples, sample{ms, x})
	}
	return samples, nil
}

// seconds is a timestamp as nodes understand it whatever its size: of small whole numbers they would not know the unit.
func seconds(ms int64) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }

// selector is what finds the series of a query; more are matchers of our own. A tag without a value asks for points that do not have it.
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
		if !plainName(tag.Name) {
			return fmt.Errorf("%.80q is no name of a tag in VictoriaMetrics", tag.Name)
		}
	}
	return nil
}
