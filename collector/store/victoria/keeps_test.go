package victoria_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/victoria"
)

// sameFrom compares tallies from a date on and before another, as the nightly comparison does.
func sameFrom(t *testing.T, s *victoria.Store, points []collector.Point, from, before collector.Date) bool {
	t.Helper()
	begin, err := from.Midnight(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	end, err := before.Midnight(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	there := tally(t, s, collector.Query{Measurement: collector.HourEnergy, From: begin, To: end})
	n := 0
	for _, p := range points {
		if p.Time.Before(begin) || !p.Time.Before(end) {
			continue
		}
		var c collector.Counter
		c.Add(p)
		if n++; !slices.ContainsFunc(there, func(x collector.Tally) bool { return x.Day == collector.DateOf(p.Time) && x.Same(c.Tally(x.Day)) }) {
			return false
		}
	}
	return n == len(there)
}

func TestANodeThatKeepsForAShorterTimeSaysSoAndSinceWhenNothingIsMissing(t *testing.T) {
	t.Parallel()
	node := engines.StartVictoria(t, "-dedup.minScrapeInterval=1ms", "-retentionPeriod=30d")
	s, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
	if err != nil {
		t.Fatal(err)
	}
	if advice := strings.Join(s.Advice(), "\n"); !strings.Contains(advice, "30 days") || !strings.Contains(advice, "2192 days") || !strings.Contains(advice, "-retentionPeriod=7y") {
		t.Errorf("advice %q", advice)
	}
	now := time.Now().UTC()
	if want := collector.DateOf(now.AddDate(0, 0, -28)); s.KeepsFrom() != want {
		t.Errorf("it keeps from %s on, want %s", s.KeepsFrom(), want)
	}
	var points []collector.Point
	for d := range 100 {
		points = append(points, energy(now.Truncate(24*time.Hour).AddDate(0, 0, -1-d), 1, 3600, float64(d)/7))
	}
	put(t, s, points...) // none is refused, and none of them is quarantined
	today := collector.DateOf(now)
	if !sameFrom(t, s, points, s.KeepsFrom(), today) {
		t.Error("something is missing since the date from which it says that it keeps everything")
	}
	all := collector.DateOf(now.AddDate(0, 0, -101))
	if sameFrom(t, s, points, all, today) {
		t.Error("nothing is missing before, and this test shows nothing")
	}

	node.Kill()
	<-time.After(1100 * time.Millisecond) // a node tells the second in which it was started
	node.Restart("-retentionPeriod=7y")
	started(t, s)
	if advice := s.Advice(); len(advice) > 0 {
		t.Errorf("after it was started with -retentionPeriod=7y it is told: %q", advice)
	}
	put(t, s, points...)
	if !sameFrom(t, s, points, all, today) || s.KeepsFrom() > all {
		t.Error("what was missing is not there now")
	}
}

func TestANodeThatIsStartedAnewWithoutItsFlagsIsFoundAndOneWithThemAgainIsUsed(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	node.Kill()
	node.Restart("-dedup.minScrapeInterval=0s")
	_, err := s.Started(t.Context())
	told(t, err, collector.NeedsHelp, "start it with -dedup.minScrapeInterval=1ms")
	node.Kill()
	node.Restart("-dedup.minScrapeInterval=1ms", "-storage.maxDailySeries=1000")
	started(t, s)
	if advice := strings.Join(s.Advice(), "\n"); !strings.Contains(advice, "-storage.maxDailySeries=1000") {
		t.Errorf("advice %q", advice)
	}
}

func TestAQuestionBeyondALimitOfTheNodeSaysWhichFlagsToTakeAway(t *testing.T) {
	t.Parallel()
	s := open(t, engines.StartVictoria(t, append(flags(), "-search.maxExportSeries=2")...))
	put(t, s, energy(today(), 1, 1, 1), energy(today(), 2, 1, 1))
	_, err := s.Range(t.Context(), hourly(today(), 1))
	told(t, err, collector.NeedsHelp, "start it without them")
	_, err = s.Tally(t.Context(), hourly(today(), 1))
	told(t, err, collector.NeedsHelp, "start it without them")
}
