package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"veille/collector"
)

// unmapped tells whether a bucket of InfluxDB 2.x cannot be asked in InfluxQL: no database is mapped to it. 2.x maps one by itself, unless another
// mapping of that name was made by hand, and old ones do not.
func unmapped(at place, err error) bool {
	a, ok := errors.AsType[*answer](err)
	return ok && at.major == 2 && (a.status == http.StatusNotFound || strings.Contains(a.said, "database not found") ||
		strings.Contains(a.said, "retention policy not found") || strings.Contains(a.said, "no dbrp mapping"))
}

// flux hands the points that a query asks for to a sink, by a query in Flux.
func (s *Store) flux(ctx context.Context, from place, q collector.Query, to sink) error {
	result, err := s.client.QueryAPI(s.org).Query(ctx, fluxOf(from.bucket, q))
	if err != nil {
		return err
	}
	defer func() { _ = result.Close() }()
	x, before := &series{}, any(nil)
	for result.Next() {
		record := result.Record().Values()
		if result.TableChanged() || record["table"] != before {
			before = record["table"]
			tags := map[string]string{}
			for _, c := range result.TableMetadata().Columns() {
				if value, ok := record[c.Name()].(string); ok && c.IsGroup() && c.Name() != "_measurement" {
					tags[c.Name()] = value
				}
			}
			x = newSeries(tags)
		}
		fields := collector.Fields{}
		for name, value := range record {
			if number, ok := value.(float64); ok {
				fields[unguard(name)] = number
			}
		}
		at := result.Record().Time()
		if len(fields) > 0 && !at.Before(q.From) && at.Before(q.To) { // the Flux of 1.8 answers the end of the range too
			to(x, at.UnixNano(), fields)
		}
	}
	return result.Err()
}

// fluxOf is a query in Flux: rows of points, with a column for each field.
func fluxOf(bucket string, q collector.Query) string {
	var b strings.Builder
	fmt.Fprintf(&b, "from(bucket: %s) |> range(start: time(v: %d), stop: time(v: %d)) |> filter(fn: (r) => r._measurement == %s",
		fluxText(bucket), nanoseconds(q.From), nanoseconds(q.To), fluxText(string(q.Measurement)))
	for _, tag := range q.Tags {
		name := "r[" + fluxText(guard(tag.Name)) + "]"
		if tag.Value == "" {
			b.WriteString(" and not exists " + name)
			continue
		}
		b.WriteString(" and " + name + " == " + fluxText(guard(tag.Value)))
	}
	b.WriteString(`) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`)
	return b.String()
}

// fluxText quotes text for Flux, in which ${ begins an expression.
func fluxText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "$", `\x24`).Replace(text) + `"`
}
