package victoria

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// setup is what a look at a destination found: what it drops, and what should be set up otherwise there.
type setup struct {
	limits limits
	advice []string
}

// look finds out whether a destination can be used as it is now, and which run of its processes this is. What it found counts from then on. Where
// flags cannot be read, samples are written on trial: at first, and when a single node was started anew.
func (s *Store) look(ctx context.Context) (run string, err error) {
	s.looking.Lock()
	defer s.looking.Unlock()
	found := &setup{limits: unlimited()}
	if err := s.askTime(ctx, found); err != nil {
		return "", err
	}
	if s.o.Cluster() {
		run, err = s.cluster(ctx, found)
	} else {
		run, err = s.single(ctx, found)
	}
	if err != nil {
		return "", err
	}
	if s.tried > 0 {
		found.keeps(s.o.Read, s.tried)
	}
	s.run = run
	s.found.Store(found)
	return run, nil
}

// single looks at the only node.
func (s *Store) single(ctx context.Context, found *setup) (run string, err error) {
	page, err := s.metrics(ctx, s.o.Write)
	if err != nil {
		return "", err
	}
	run = page.started()
	switch {
	case run == "":
		return "", help(s.o.Write, "its page /metrics does not say when it was started, after which its last minute is sent again; let this address answer /metrics")
	case page.flags[dedup] != "":
		s.tried = 0
		return run, found.judge(s.o.Write, page)
	case run != s.run:
		s.tried, err = s.trial(ctx)
	}
	return run, err
}

// cluster looks at all parts of a cluster whose pages can be read: those of vminsert and vmselect may be a proxy's.
func (s *Store) cluster(ctx context.Context, found *setup) (string, error) {
	var runs []string
	look := func(node string, storage bool) error {
		page, err := s.metrics(ctx, node)
		run := page.started()
		switch away := err != nil && collector.TroubleOf(err) == collector.TryLater; {
		case ctx.Err() != nil:
			return ctx.Err()
		case away && storage:
			found.advice = append(found.advice, fmt.Sprintf("VictoriaMetrics at %s cannot be reached, and its flags and its clock were not checked; start it, or correct ?nodes= in --series", node))
			fallthrough
		case away:
			run = "away"
		case err != nil && storage:
			return err
		case storage && page.flags["-retentionPeriod"] == "":
			return help(node, "it is no vmstorage: its page /metrics says nothing of -retentionPeriod; correct ?nodes= in --series")
		case err == nil && (storage || page.flags[dedup] != ""):
			if err := found.judge(node, page); err != nil {
				return err
			}
		}
		if run != "" {
			runs = append(runs, node+"="+run)
		}
		return nil
	}
	for i, node := range append([]string{root(s.o.Write), root(s.o.Read)}, s.o.Nodes...) {
		if err := look(node, i > 1); err != nil {
			return "", err
		}
	}
	var err error
	if !s.opened {
		s.tried, err = s.trial(ctx)
	}
	return strings.Join(runs, " "), err
}

func help(node, why string) error {
	return &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: "VictoriaMetrics at " + node + " cannot be used as it is: " + why + wire.Afterwards}
}

// dedup is the flag without which what is sent twice counts twice.
const dedup = "-dedup.minScrapeInterval"

// longestFlush is after which time a node has to have on its disk what it acknowledged: whoever delivers sends its last minute again.
const longestFlush = 30 * time.Second

// judge reads the flags and the clock of a node. What makes figures wrong is an error; what a node drops becomes a limit, and an advice.
func (found *setup) judge(node string, page page) error {
	flags := page.flags
	for _, f := range []struct{ name, want, why string }{
		{"precisionBits", "64", "it rounds what it is sent; start it without -precisionBits"},
		{"influxMeasurementFieldSeparator", "_", "it names metrics otherwise; start it without -influxMeasurementFieldSeparator"},
		{"influxSkipMeasurement", "false", "it names metrics otherwise; start it without -influxSkipMeasurement"},
		{"influxSkipSingleField", "false", "it names metrics otherwise; start it without -influxSkipSingleField"},
	} {
		if is := flags["-"+f.name]; is != "" && is != f.want {
			return help(node, f.why)
		}
	}
	every, err := time.ParseDuration(flags[dedup])
	if err != nil || every <= 0 {
		return help(node, "it counts what is sent twice as two; start it with -dedup.minScrapeInterval=1ms")
	}
	if every > time.Millisecond {
		return help(node, fmt.Sprintf("it keeps one sample of each %v and drops the others; start it with -dedup.minScrapeInterval=1ms", every))
	}
	if trim, err := time.ParseDuration(flags["-influxTrimTimestamp"]); err == nil && trim > time.Millisecond {
		return help(node, "it rounds moments; start it without -influxTrimTimestamp")
	}
	for _, name := range []string{"storage.maxHourlySeries", "storage.maxDailySeries"} {
		if n, err := strconv.ParseInt(flags["-"+name], 10, 64); err == nil && n > 0 {
			found.advice = append(found.advice, fmt.Sprintf("VictoriaMetrics at %s drops new series beyond -%s=%d without a word; start it without that flag", node, name, n))
		}
	}
	for _, name := range []string{"relabelConfig", "streamAggr.config", "downsampling.period", "retentionFilter"} {
		if flags["-"+name] != "" {
			found.advice = append(found.advice, fmt.Sprintf("VictoriaMetrics at %s has -%s, by which it may change or drop what it is sent without a word; start it without, or leave out of it what has the label db", node, name))
		}
	}
	if d, err := time.ParseDuration(flags["-inmemoryDataFlushInterval"]); err == nil && d > longestFlush {
		found.advice = append(found.advice, fmt.Sprintf("VictoriaMetrics at %s has what it acknowledged in memory for %s, and loses more when it is killed than is sent again at once; "+
			"start it without -inmemoryDataFlushInterval", node, wire.HowLong(d)))
	}
	found.limit(node, flags)
	return found.clock(node, page.date, page.asked, page.came)
}

// limit keeps what a node drops.
func (found *setup) limit(node string, flags map[string]string) {
	age := always
	for _, name := range []string{"-retentionPeriod", "-maxBackfillAge"} {
		if d, err := parseKeeping(flags[name]); err == nil && d > 0 {
			age = min(age, d)
		}
	}
	found.keeps(node, age)
	l := &found.limits
	if d, err := parseKeeping(flags["-futureRetention"]); err == nil {
		l.future = max(d, 48*time.Hour)
	}
	if n, err := strconv.Atoi(flags["-maxLabelValueLen"]); err == nil && n > 0 {
		l.valueBytes = min(l.valueBytes, n)
	}
	if n, err := strconv.Atoi(flags["-maxLabelsPerTimeseries"]); err == nil && n > 0 {
		l.labels = min(l.labels, n)
	}
}

// keeps lowers the age of what is there to what a node keeps.
func (found *setup) keeps(node string, age time.Duration) {
	if want := collector.KeepYears.For(); age < want {
		found.advice = append(found.advice, fmt.Sprintf("VictoriaMetrics at %s keeps samples for %s and drops older ones without a word, and figures of groups "+
			"are kept for %s: what is older is missing there; start it with -retentionPeriod=7y and without -maxBackfillAge",
			node, wire.HowLong(age), wire.HowLong(want)))
	}
	found.limits.age = min(found.limits.age, age)
}

// KeepsFrom is the first date, in UTC, of which a destination keeps all samples for the next day at least: older ones it drops without a word, on
// their way or later. They are sent to it all the same where they are among what is to be sent, and missing them is no difference to make good.
func (s *Store) KeepsFrom() collector.Date {
	return collector.DateOf(time.Now().UTC().Add(-s.found.Load().limits.age).AddDate(0, 0, 2))
}

// trialAges are how many days old the samples of a trial are.
func trialAges() []int { return []int{2191, 1096, 396, 91, 30, 7} }

// trial writes a sample twice and others that are old, and looks what comes back: for nodes whose flags cannot be read. It answers how long samples
// are kept at least; always where that is as long as we do.
func (s *Store) trial(ctx context.Context) (time.Duration, error) {
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
			return 0, err
		}
	}
	times, err := s.comesBack(ctx, now)
	if err != nil {
		return 0, err
	}
	switch n := times[now.UnixMilli()]; {
	case n == 0:
		return 0, help(s.o.Read, fmt.Sprintf("a sample that was written to %s cannot be read there; correct the addresses in --series: they are not of the same cluster", s.o.Write))
	case n > 1:
		return 0, help(s.o.Read, "a sample that was written twice counts as two; start it with -dedup.minScrapeInterval=1ms, in a cluster every vmstorage and every vmselect")
	case times[today.AddDate(0, 0, -trialAges()[0]).UnixMilli()] > 0:
		return always, nil
	}
	age := time.Duration(0)
	for _, days := range trialAges() {
		if at := today.AddDate(0, 0, -days); times[at.UnixMilli()] > 0 {
			age = max(age, now.Sub(at))
		}
	}
	return age, nil
}

// comesBack reads the samples of a trial, when its sample of now is there, and counts them by their timestamps.
func (s *Store) comesBack(ctx context.Context, now time.Time) (map[int64]int, error) {
	times := map[int64]int{}
	for tries := 0; times[now.UnixMilli()] == 0 && tries < trials; tries++ {
		pause := s.o.After / 4
		if tries == 0 {
			pause = s.o.After / 2 // who asks too early is told for ten seconds that there is nothing
		}
		if err := wire.Wait(ctx, pause); err != nil {
			return nil, err
		}
		clear(times)
		selector := fmt.Sprintf(`{%s="veille_trial_sample",%s=%q}`, labelName, labelDB, s.o.DB)
		err := s.export(ctx, selector, 0, now.Add(24*time.Hour).UnixMilli(), func(l line) error {
			samples, err := l.appendSamples(nil)
			for _, x := range samples {
				times[x.at]++
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return times, nil
}

// trials are how often the samples of a trial are looked for, within two and a half times as long as they take to be there.
const trials = 9
