package victoria

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// parse reads a line as Range does.
func parse(text []byte) (labels map[string]string, samples []sample, err error) {
	l, err := cutLine(text)
	if err != nil {
		return nil, nil, err
	}
	if labels, err = l.parseLabels(); err == nil {
		samples, err = l.appendSamples(nil)
	}
	return labels, samples, err
}

func FuzzALineOfAnExport(f *testing.F) {
	f.Add([]byte(`{"metric":{"__name__":"a_b","db":"veille"},"values":[1,2.5,null],"timestamps":[1,2,3]}`))
	f.Add([]byte(`{"metric":{"__name__":"a_b","x":",\"values\":[1]"},"values":["Infinity"],"timestamps":[1]}`))
	f.Add([]byte(`{"metric":{"__name__":"a\u005fb","x":"},\"values\":["},"values":[1],"timestamps":[1]}`))
	f.Add([]byte(`{"metric":null,"values":[],"timestamps":[]}`))
	f.Add([]byte(`{"metric":{},"values":[],"timestamps":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		labels, samples, err := parse(text)
		if len(samples) > len(text) {
			t.Errorf("%d samples in %d bytes", len(samples), len(text))
		}
		l, wrong := cutLine(text)
		if err != nil || wrong != nil {
			return
		}
		// The name that is read without reading all labels is the one that stands there, in all that nodes write.
		plain := utf8.Valid(l.labels) && !bytes.Contains(l.labels, []byte(`\`)) && bytes.Count(l.labels, []byte("__name__")) == 1
		if name, _, ok := l.named(); ok && plain && labels[labelName] != string(name) {
			t.Errorf("%q is called %q", text, name)
		}
	})
}

func TestALineOfAnExportIsReadAsItIs(t *testing.T) {
	t.Parallel()
	labels, samples, err := parse([]byte(`{"metric":{"__name__":"a_b","x":"é],\"timestamps\":["},"values":[1,null,-2.5e3],"timestamps":[10,20,30]}`))
	if err != nil || !reflect.DeepEqual(samples, []sample{{10, 1}, {30, -2500}}) || labels["x"] != `é],"timestamps":[` {
		t.Error(labels, samples, err)
	}
}

func FuzzANumberAndItsHalvesAreTheNumber(f *testing.F) {
	for _, x := range []float64{0, math.Copysign(0, -1), 1e-9, 1.0 / 3, 1e6, 1e6 + 0.5, 9e10, 9e10 + 1, math.MaxFloat64, math.SmallestNonzeroFloat64, -0.0078125} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		k, exact := kept(x)
		if math.IsNaN(k) || math.Abs(k) > mostWhole || math.Signbit(k) && k == 0 {
			t.Errorf("%v is written as %v", x, k)
		}
		if exact && math.Float64bits(k) != math.Float64bits(x) {
			t.Errorf("%v is said to be %v", x, k)
		}
		if math.Abs(x) <= mostWhole && math.Abs(k-x) > max(0.500001e-6, math.Abs(x)*1e-6) {
			t.Errorf("%v is shown as %v", x, k)
		}
		hi, lo := halves(x)
		if got := whole(k, hi, lo); math.Float64bits(got) != math.Float64bits(x) {
			t.Errorf("%v is read as %v", x, got)
		}
	})
}

func TestHalvesOfAnotherNumberAreLeftAside(t *testing.T) {
	t.Parallel()
	hi, lo := halves(2.0 / 3)
	for _, c := range []struct{ r, hi, lo float64 }{
		{0.333333, hi, lo}, {0.666667, hi + 2, lo}, {0.666667, -1, lo}, {0.666667, hi, 1 << 32}, {0.666667, hi, 0.5}, {0.666667, 0x7ff00000, 0}, {0.666667, 0x7ff80000, 1},
	} {
		if got := whole(c.r, c.hi, c.lo); got != c.r {
			t.Errorf("%v is %v", c, got)
		}
	}
}

func TestMonthsOfASpanAreThoseWithinItAndThoseThatItCuts(t *testing.T) {
	t.Parallel()
	at := func(text string) int64 {
		x, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return x.UnixMilli()
	}
	for _, c := range []struct{ from, to, whole, edges string }{
		{"2026-01-01", "2026-03-01", "[2026-01 2026-02]", "[]"},
		{"2026-01-02", "2026-03-01", "[2026-02]", "[2026-01]"},
		{"2025-12-31", "2026-02-02", "[2026-01]", "[2025-12 2026-02]"},
		{"2026-01-05", "2026-01-06", "[]", "[2026-01]"},
		{"2026-01-05", "2026-01-05", "[]", "[]"},
	} {
		whole, edges := months(span{at(c.from), at(c.to)})
		if fmt.Sprint(whole) != c.whole || fmt.Sprint(edges) != c.edges {
			t.Errorf("%v: %v %v", c, whole, edges)
		}
	}
}

func TestHowLongANodeKeepsSamplesIsReadAsItReadsIt(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"1": 31 * day, "1M": 31 * day, "7y": 7 * 365 * day, "100y": 100 * 365 * day, "1.5d": 36 * time.Hour, "2w": 14 * day, "48h": 2 * day, "0": 0, "1000y": always,
	} {
		if got, err := parseKeeping(text); err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "y", "1x", "-1d", "NaN", "1yy", "Inf"} {
		if got, err := parseKeeping(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func FuzzFlag(f *testing.F) {
	f.Add(`flag{name="retentionPeriod", value="7y", is_set="true"} 1`)
	f.Fuzz(func(t *testing.T, line string) {
		p := page{flags: map[string]string{}}
		p.read(line)
		for name := range p.flags {
			if !strings.Contains(line, strings.TrimPrefix(name, "-")) {
				t.Errorf("%q has no flag %q", line, name)
			}
		}
	})
}
