package report

import (
	"math"
	"testing"

	"veille/collector/label"
)

// Whatever the figures are, a drawing stays in its frame, and its marks stand in the order of what they mean.
func FuzzBar(f *testing.F) {
	f.Add(70.0, 66.4, 73.1, 61.5, 80.0, true)
	f.Add(-3120.0, -9800.0, 3400.0, 0.0, 50000.0, false)
	f.Add(0.0, 0.0, 0.0, 0.0, 0.0, true)
	f.Add(1e-300, 0.0, 1e300, -1e300, 5.0, false)
	f.Fuzz(func(t *testing.T, value, low, high, previous, target float64, share bool) {
		line := label.Line{Value: &value, Previous: &previous, Target: &target}
		if low <= value && value <= high {
			line.Low, line.High = &low, &high
		}
		if share {
			line.Unit = "%"
		}
		for _, x := range []float64{value, low, high, previous, target} {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return // a report has none
			}
		}
		b := newBar(language{code: "en"}, line)
		if b == nil {
			return
		}
		for _, x := range []float64{b.Value, b.Previous, b.Target, b.Low, b.Low + b.Wide} {
			if !(x >= 0 && x <= barWidth) {
				t.Errorf("%v of %+v stands at %v", line, b, x)
			}
		}
		if (value < target && b.Value > b.Target) || (value > target && b.Value < b.Target) {
			t.Errorf("%v and the target %v stand at %v and %v", value, target, b.Value, b.Target)
		}
		if line.Low != nil && (b.Value < b.Low-0.11 || b.Value > b.Low+b.Wide+0.11) {
			t.Errorf("%v stands at %v, outside of its band from %v, %v wide", value, b.Value, b.Low, b.Wide)
		}
	})
}

func TestEndsOfAScaleAreRoundAndWrittenShort(t *testing.T) {
	l := language{code: "fr"}
	for x, want := range map[float64]string{0: "0", 1502250: "2\u202f000\u202f000", 0.0013: "0,0015", 7: "8", 0.61: "0,8", 99: "100", 101: "150", 1.2: "1,5"} {
		if got := l.mark(rounded(x)); got != want {
			t.Errorf("above %v is %s, not %s", x, got, want)
		}
	}
	if got := l.mark(-rounded(0.03)); got != "−0,03" {
		t.Errorf("it is %s", got)
	}
}

func TestASplitFillsItsFrame(t *testing.T) {
	for _, q := range []label.Quality{{HighPct: 4.2, MediumPct: 71.1, LowPct: 24.7}, {LowPct: 100}, {HighPct: 33.3, MediumPct: 33.3, LowPct: 33.4}} {
		s := newSplit(q)
		if sum := s.High + s.Medium + s.Low; math.Abs(sum-barWidth) > 0.05 || s.MediumAt != s.High || s.Low < 0 {
			t.Errorf("%+v is drawn as %+v", q, s)
		}
	}
	if newSplit(label.Quality{}) != nil {
		t.Error("nothing is drawn as something")
	}
}

func TestNumbersAndDatesAreWrittenAsThePagesWriteThem(t *testing.T) {
	fr, err := speak("fr")
	if err != nil {
		t.Fatal(err)
	}
	en, err := speak("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{fr.number(1234567.891, 1), "1\u202f234\u202f567,9"},
		{en.number(1234567.891, 1), "1,234,567.9"},
		{fr.number(-0.04, 1), "0,0"},
		{fr.number(-1000, 0), "−1\u202f000"},
		{fr.amount(70, 1, "%"), "70,0\u202f%"},
		{en.amount(70, 1, "%"), "70.0%"},
		{fr.amount(3, 0, "months"), "3\u00a0mois"},
		{fr.amount(3, 0, ""), "3"},
		{fr.percent(99.7), "99\u202f%"},
		{fr.percent(0.2), "1\u202f%"},
		{fr.percent(103.4), "103\u202f%"},
		{fr.exact(0.1875), "0,1875"},
		{fr.exact(12345), "12\u202f345"},
		{fr.day("2026-09-01"), "1er\u00a0septembre 2026"},
		{en.day("2026-09-01"), "1\u00a0September 2026"},
		{fr.day("soon"), "soon"},
		{fr.months("2025-09", "2026-08"), "septembre 2025 à août 2026"},
		{en.months("2025-09", "2025-09"), "September 2025"},
		{fr.month("2026-13"), "2026-13"},
		{fr.text(label.Words{EN: "only"}), "only"},
		{en.text(label.Words{FR: "seul"}), "seul"},
		{en.known("step.", "odd\x00"), "odd"},
		{href("javascript:alert(1)"), ""},
		{href("https://jean:secret@example.org/"), ""},
		{href("file:///etc/passwd"), ""},
		{href("data:text/html,x"), ""},
		{href("//example.org/"), ""},
		{href("https://:80/"), ""},
		{href("https://example.org/a?b#c"), "https://example.org/a?b#c"},
		{href("java\nscript:x"), ""},
		{href(" https://example.org"), ""},
		{href("//example.org/"), ""},
		{href("https://example.org/a?b=c"), "https://example.org/a?b=c"},
		{cssText("a\"b</é"), `"a\000022b\00003c\00002f\0000e9"`},
	} {
		if c.got != c.want {
			t.Errorf("%q, not %q", c.got, c.want)
		}
	}
}
