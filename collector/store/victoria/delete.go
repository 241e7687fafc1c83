package victoria

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

// atOnce is how many series are named in one request to delete.
const atOnce = 200

// Delete deletes the points of a query as far as a node can, which deletes whole series and nothing less: all points that have the same tags
// (and month, of measurements that are kept for 90 days) when all of them lie in the query. What is left of a month until it lies in the query as
// a whole is so for up to 31 days more; points of years are there until [Store.DeleteSeries], or the node's own -retentionPeriod. All points of a
// machine, over all time, are deleted exactly. What was deleted can be written again at once. A deletion that is not on the node's disk yet is undone by its death, as a
// write is: delete again after it was started anew.
func (s *Store) Delete(ctx context.Context, q collector.Query) error {
	if err := askable(q); err != nil {
		return err
	}
	in, now := spanOf(q), time.Now()
	if in.from >= in.to {
		return nil
	}
	// What was written just now, by anybody, is not found before it can be read.
	if err := s.flush(ctx, now.UnixMilli()); err != nil {
		return err
	}
	all := s.everything(now)
	if in.from == 0 && in.to > all.to {
		return s.drop(ctx, s.selector(q))
	}
	if q.Measurement.Keeping() != collector.KeepHours {
		return s.dropWithin(ctx, q, in, all)
	}
	whole, edges := months(s.found.Load().limits.clamp(in, now))
	if len(whole) > 0 {
		if err := s.drop(ctx, s.selector(q, labelKept+"=~"+strconv.Quote(strings.Join(whole, "|")))); err != nil {
			return err
		}
	}
	for _, edge := range edges {
		err := s.dropWithin(ctx, q, in, monthSpan(edge), labelKept+"="+strconv.Quote(edge))
		if _, ok := errors.AsType[limitError](err); ok && len(q.Tags) == 0 {
			continue // the month is deleted when it lies in the query as a whole
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteSeries deletes all points of a measurement, over all time, that have exactly one of some tags, and none that have others besides. They can be
// written again at once.
func (s *Store) DeleteSeries(ctx context.Context, of collector.Measurement, tags []collector.Tags) error {
	q, now := collector.Query{Measurement: of}, time.Now()
	if err := askable(q); err != nil {
		return err
	}
	if err := s.flush(ctx, now.UnixMilli()); err != nil {
		return err
	}
	asked := map[string]bool{}
	for _, t := range tags {
		asked[join(t)] = true
	}
	return s.dropSome(ctx, q, s.everything(now), func(x extent) bool { return asked[join(tagsOf(x.labels))] })
}

// everything is where all points lie that a node can have.
func (s *Store) everything(now time.Time) span {
	return span{0, now.Add(s.found.Load().limits.future + 24*time.Hour).UnixMilli()}
}

// months are the months of a span: those that lie in it as a whole, and those that it cuts.
func months(in span) (whole, edges []string) {
	if in.from >= in.to {
		return nil, nil
	}
	t := time.UnixMilli(in.from).UTC()
	for t = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC); t.UnixMilli() < in.to; t = t.AddDate(0, 1, 0) {
		if t.UnixMilli() >= in.from && t.AddDate(0, 1, 0).UnixMilli() <= in.to {
			whole = append(whole, t.Format(monthForm))
		} else {
			edges = append(edges, t.Format(monthForm))
		}
	}
	return whole, edges
}

// monthSpan is when a month begins and ends; both are 0 when it is none.
func monthSpan(m string) span {
	t, err := time.Parse(monthForm, m)
	if err != nil {
		return span{}
	}
	return span{milli(t), milli(t.AddDate(0, 1, 0))}
}

// dropWithin deletes the points with the same tags that all lie in a span; over is where they are looked for, and has all of them.
func (s *Store) dropWithin(ctx context.Context, q collector.Query, in, over span, more ...string) error {
	return s.dropSome(ctx, q, over, func(x extent) bool {
		return moment(q.Measurement, x.first) >= in.from && moment(q.Measurement, x.last) < in.to
	}, more...)
}

// dropSome deletes the points with the same tags that are meant.
func (s *Store) dropSome(ctx context.Context, q collector.Query, over span, meant func(extent) bool, more ...string) error {
	found, err := s.extents(ctx, q, over, more...)
	if err != nil {
		return err
	}
	names := map[string]bool{} // of all labels: a series that has one less than another is found by its absence
	for _, x := range found {
		for name := range x.labels {
			names[name] = true
		}
	}
	var selectors []string
	for _, x := range found {
		if !meant(x) {
			continue
		}
		matchers := []string{labelName + "=~" + strconv.Quote(string(q.Measurement)+"_.+")}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			matchers = append(matchers, name+"="+strconv.Quote(x.labels[name]))
		}
		selectors = append(selectors, "{"+strings.Join(matchers, ",")+"}")
	}
	for some := range slices.Chunk(selectors, atOnce) {
		if err := s.drop(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}

// extent is the first and the last timestamp of the points that have the same labels.
type extent struct {
	labels      map[string]string // without the name of a metric
	first, last int64
}

// extents are those of all points of a query that lie in a span, by their tags joined.
func (s *Store) extents(ctx context.Context, q collector.Query, over span, more ...string) (map[string]extent, error) {
	found := map[string]extent{}
	window := fmt.Sprintf("[%dms]", over.to-over.from)
	for _, function := range []string{"tfirst_over_time", "tlast_over_time"} {
		form := url.Values{
			"query": {function + "(" + s.selector(q, more...) + window + ") keep_metric_names"}, "time": {seconds(over.to - 1)},
			"nocache": {"1"}, "deny_partial_response": {"1"}, "latency_offset": {"1ms"},
		}
		var answer struct {
			Data struct {
				Result []struct {
					Metric map[string]string `json:"metric"`
					Value  [2]any            `json:"value"`
				} `json:"result"`
			} `json:"data"`
		}
		if err := s.askJSON(ctx, "find what to delete", "/api/v1/query", form, &answer); err != nil {
			return nil, err
		}
		for _, r := range answer.Data.Result {
			text, _ := r.Value[1].(string)
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, fmt.Errorf("find what to delete on VictoriaMetrics: %.40q is no time", text)
			}
			widen(found, r.Metric, int64(math.Round(x*1000)))
		}
	}
	return found, nil
}

// widen adds a timestamp to the extent of the points that have the same labels.
func widen(found map[string]extent, labels map[string]string, at int64) {
	delete(labels, labelName)
	key := join(collector.NewTags(pairs(labels)...))
	e, seen := found[key]
	if !seen {
		e = extent{labels: labels, first: at, last: at}
	}
	e.first, e.last = min(e.first, at), max(e.last, at)
	found[key] = e
}

func pairs(labels map[string]string) (all []collector.Tag) {
	for name, value := range labels {
		all = append(all, collector.Tag{Name: name, Value: value})
	}
	return all
}

// drop deletes all series that a selector finds.
func (s *Store) drop(ctx context.Context, selectors ...string) error {
	base := s.o.Read
	if s.o.Cluster() {
		base = strings.Replace(base, "/select/", "/delete/", 1)
	}
	const doing = "delete points"
	address := base + "/api/v1/admin/tsdb/delete_series"
	err := s.do(ctx, longTime, doing, address, url.Values{"match[]": selectors}, func(r *http.Response) error {
		if r.StatusCode != http.StatusNoContent {
			return answered(r).to(doing, address).trouble(collector.NeedsHelp)
		}
		return nil
	})
	return advised(err, "a node that has -deleteAuthKey lets nobody delete: protect it by -httpAuth.username and -httpAuth.password instead")
}

// askJSON asks a question whose whole answer is needed.
func (s *Store) askJSON(ctx context.Context, doing, path string, form url.Values, into any) error {
	address := s.o.Read + path
	return s.ask(ctx, longTime, doing, address, form, func(body io.Reader) error {
		var partial struct {
			IsPartial bool `json:"isPartial"`
		}
		text, err := io.ReadAll(io.LimitReader(body, 256<<20)) // what is cut off is no JSON
		if err == nil {
			err = errors.Join(json.Unmarshal(text, &partial), json.Unmarshal(text, into))
		}
		if err != nil {
			return answer{doing: doing, on: address, err: err}.broken()
		}
		if partial.IsPartial {
			return &collector.DeliveryError{Trouble: collector.TryLater, Reason: fmt.Sprintf(
				"could not %s on VictoriaMetrics at %s: a node of the cluster is missing and its answer is not whole; start the node", doing, address)}
		}
		return nil
	})
}
