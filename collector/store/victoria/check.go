package victoria

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

// check finds out whether a destination can be used, and what it drops.
func (s *Store) check(ctx context.Context) error {
	if err := s.ask(ctx, shortTime, "reach the node", s.o.Write+"/health", nil, nothing); err != nil {
		return err
	}
	if err := s.answersQueries(ctx); err != nil {
		return err
	}
	if !s.o.Cluster() {
		flags, err := s.metrics(ctx, s.o.Write)
		if err != nil {
			return err
		}
		if flags["-dedup.minScrapeInterval"] == "" {
			return s.trial(ctx)
		}
		return s.judge(s.o.Write, flags)
	}
	for _, node := range s.o.Nodes {
		flags, err := s.metrics(ctx, node)
		switch {
		case err != nil && collector.TroubleOf(err) == collector.TryLater:
			s.advice = append(s.advice, fmt.Sprintf("VictoriaMetrics at %s cannot be reached now, and its flags were not checked", node))
		case err != nil:
			return err
		case flags["-retentionPeriod"] == "":
			return s.help(node, "it is no vmstorage: its page /metrics says nothing of -retentionPeriod; correct ?nodes= in --series")
		default:
			if err := s.judge(node, flags); err != nil {
				return err
			}
		}
	}
	return s.trial(ctx)
}

// answersQueries asks the address that is read from for the number one.
func (s *Store) answersQueries(ctx context.Context) error {
	address := s.o.Read + "/api/v1/query"
	const doing = "ask a question"
	return s.ask(ctx, shortTime, doing, address, url.Values{"query": {"1"}}, func(body io.Reader) error {
		var said struct {
			Status string `json:"status"`
		}
		if err := json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(&said); err != nil || said.Status != "success" {
			return answer{doing: doing, on: address, err: err}.broken()
		}
		return nil
	})
}

func (s *Store) help(node, why string) error {
	return &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: "VictoriaMetrics at " + node + " cannot be used as it is: " + why}
}

// judge reads the flags of a node. What makes figures wrong is an error; what a node drops becomes a limit of this store, and an advice.
func (s *Store) judge(node string, flags gauges) error {
	for _, f := range []struct{ name, want, why string }{
		{"precisionBits", "64", "it rounds what it is sent; start it without -precisionBits"},
		{"influxMeasurementFieldSeparator", "_", "it names metrics otherwise; start it without -influxMeasurementFieldSeparator"},
		{"influxSkipMeasurement", "false", "it names metrics otherwise; start it without -influxSkipMeasurement"},
		{"influxSkipSingleField", "false", "it names metrics otherwise; start it without -influxSkipSingleField"},
	} {
		if is := flags["-"+f.name]; is != "" && is != f.want {
			return s.help(node, f.why)
		}
	}
	dedup, err := time.ParseDuration(flags["-dedup.minScrapeInterval"])
	if err != nil || dedup <= 0 {
		return s.help(node, "it counts what is sent twice as two; start it with -dedup.minScrapeInterval=1ms")
	}
	if dedup > time.Millisecond {
		return s.help(node, fmt.Sprintf("it keeps one sample of each %v and drops the others; start it with -dedup.minScrapeInterval=1ms", dedup))
	}
	if trim, err := time.ParseDuration(flags["-influxTrimTimestamp"]); err == nil && trim > time.Millisecond {
		return s.help(node, "it rounds moments; start it without -influxTrimTimestamp")
	}
	for _, name := range []string{"storage.maxHourlySeries", "storage.maxDailySeries"} {
		if n, err := strconv.ParseInt(flags["-"+name], 10, 64); err == nil && n > 0 {
			s.advice = append(s.advice, fmt.Sprintf("VictoriaMetrics at %s drops new series beyond -%s=%d without a word; start it without that flag", node, name, n))
		}
	}
	s.limit(node, flags)
	return nil
}

// limit keeps what a node drops.
func (s *Store) limit(node string, flags gauges) {
	age := always
	for _, name := range []string{"-retentionPeriod", "-maxBackfillAge"} {
		if d, err := parseKeeping(flags[name]); err == nil && d > 0 {
			age = min(age, d)
		}
	}
	s.keeps(node, age)
	if d, err := parseKeeping(flags["-futureRetention"]); err == nil {
		s.limits.future = max(d, 48*time.Hour)
	}
	if n, err := strconv.Atoi(flags["-maxLabelValueLen"]); err == nil && n > 0 {
		s.limits.valueBytes = min(s.limits.valueBytes, n)
	}
	if n, err := strconv.Atoi(flags["-maxLabelsPerTimeseries"]); err == nil && n > 0 {
		s.limits.labels = min(s.limits.labels, n)
	}
}

// keeps lowers the age of what can be written to what a node keeps, less an hour, in which it might be dropped on its way.
func (s *Store) keeps(node string, age time.Duration) {
	if want := collector.KeepYears.For(); age < want {
		s.advice = append(s.advice, fmt.Sprintf("VictoriaMetrics at %s keeps samples for %s and drops older ones without a word; "+
			"figures of groups are kept for %s: start it with -retentionPeriod=7y and without -maxBackfillAge", node, inDays(age), inDays(want)))
	}
	s.limits.age = min(s.limits.age, age-time.Hour)
}

// trialAges are how many days old the samples of a trial are.
func trialAges() []int { return []int{2191, 1096, 396, 91, 30, 7} }

// trial writes a sample twice and others that are old, and looks what comes back: for nodes whose flags cannot be read.
func (s *Store) trial(ctx context.Context) error {
	now := time.Now()
	today := now.UTC().Truncate(24 * time.Hour)
	line := func(at time.Time) string {
		return fmt.Sprintf("veille_trial,%s=%s sample=1 %d\n", labelDB, s.o.DB, at.UnixMilli())
	}
	var old strings.Builder
	for _, days := range trialAges() {
		old.WriteString(line(today.AddDate(0, 0, -days)))
	}
	for _, lines := range []string{line(now), line(now), old.String()} {
		if err := s.send(ctx, lines); err != nil {
			return err
		}
	}
	times := map[int64]int{}
	for tries := 0; times[now.UnixMilli()] == 0 && tries < 5; tries++ {
		if err := wait(ctx, s.o.After/2); err != nil {
			return err
		}
		clear(times)
		selector := fmt.Sprintf(`{%s="veille_trial_sample",%s=%q}`, labelName, labelDB, s.o.DB)
		err := s.export(ctx, selector, 0, now.Add(24*time.Hour).UnixMilli(), func(_ map[string]string, samples []sample) error {
			for _, x := range samples {
				times[x.at]++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	switch n := times[now.UnixMilli()]; {
	case n == 0:
		return s.help(s.o.Read, fmt.Sprintf("a sample that was written to %s cannot be read there; correct the addresses in --series: they are not of the same cluster", s.o.Write))
	case n > 1:
		return s.help(s.o.Read, "a sample that was written twice counts as two; start it with -dedup.minScrapeInterval=1ms, in a cluster every vmstorage and every vmselect")
	}
	age := time.Duration(0)
	for _, days := range trialAges() {
		if at := today.AddDate(0, 0, -days); times[at.UnixMilli()] > 0 {
			age = max(age, now.Sub(at))
		}
	}
	if age < time.Duration(trialAges()[0])*24*time.Hour {
		s.keeps(s.o.Read, age+time.Hour)
	}
	return nil
}
