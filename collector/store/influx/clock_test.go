package influx

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// dated looks at an answer of a server whose clock is so far ahead, to a question that took so long, half of it on the way there.
func dated(c *clock, asked time.Time, took, ahead time.Duration) {
	c.look(asked.Add(took/2+ahead).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"), asked, asked.Add(took))
}

func TestAClockIsWrongFromHalfAMinuteOnHoweverLongAnAnswerTakes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(10, 2))
	for range 10_000 {
		asked := time.Unix(1_790_000_000, random.Int64N(1e9))
		took := time.Duration(random.Int64N(int64(50 * time.Second)))
		ahead := time.Duration(random.Int64N(int64(10*time.Minute))) - 5*time.Minute
		var c clock
		dated(&c, asked, took, ahead)
		got := c.ahead()
		switch {
		case got != 0 && (got > 0) != (ahead > 0), got.Abs() > ahead.Abs(): // no more is told than is certain
			t.Fatalf("%s after %s is told as %s", ahead, took, got)
		case got == 0 && ahead.Abs() > harmless+took/2+time.Second:
			t.Fatalf("%s after %s is not told", ahead, took)
		case got != 0 && (got-ahead).Abs() > took/2+time.Second:
			t.Fatalf("%s after %s is told as %s", ahead, took, got)
		}
	}
}

func TestWhatIsToldOfAClockStaysTheSameUntilItMovesOrIsSet(t *testing.T) {
	t.Parallel()
	var c clock
	asked := time.Unix(1_790_000_000, 0)
	for _, step := range []struct{ ahead, told time.Duration }{
		{0, 0},
		{20 * time.Second, 0},
		{2 * time.Minute, 2 * time.Minute},
		{121 * time.Second, 2 * time.Minute},
		{118 * time.Second, 2 * time.Minute},
		{3 * time.Minute, 3 * time.Minute},
		{-time.Hour, -time.Hour + time.Second},
		{0, 0},
	} {
		dated(&c, asked, 0, step.ahead)
		if got := c.ahead(); got != step.told {
			t.Errorf("%s is told as %s, want %s", step.ahead, got, step.told)
		}
	}
	dated(&c, asked, 0, time.Hour)
	for _, odd := range []string{"", "yesterday", "2026-11-23T00:00:00Z", "\xff"} {
		c.look(odd, asked, asked)
	}
	if got := c.ahead(); got != time.Hour {
		t.Errorf("an answer without a date makes it %s", got)
	}
}

func TestWhatIsSaidOfAClockNamesItAndByHowMuch(t *testing.T) {
	t.Parallel()
	s := &Store{base: "http://host:8086/", name: "veille"}
	for ahead, words := range map[time.Duration]string{
		45 * time.Second: "45 seconds ahead of", 3 * time.Minute: "3 minutes ahead of", -5 * time.Hour: "5 hours behind", -100 * 24 * time.Hour: "100 days behind",
	} {
		got := s.aboutClock(ahead)
		for _, w := range []string{words, "http://host:8086/veille", "date -u", "NTP", "nothing is lost"} {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q does not say %q", ahead, got, w)
			}
		}
	}
}
