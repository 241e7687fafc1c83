package influx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/storetest"
)

func FuzzAGuardedTextComesBack(f *testing.F) {
	for _, text := range storetest.OddTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		guarded := guard(text)
		if unguard(guarded) != text {
			t.Errorf("%q is guarded as %q, which is %q", text, guarded, unguard(guarded))
		}
		for i := range len(guarded) {
			if guarded[i] == '\\' && (i+1 == len(guarded) || strings.ContainsRune(",= \"", rune(guarded[i+1]))) {
				t.Errorf("%q is guarded as %q, which InfluxDB cannot keep", text, guarded)
			}
		}
	})
}

func FuzzALineIsReadAsThePointThatWasWritten(f *testing.F) {
	for _, text := range storetest.OddTexts() {
		f.Add(text, 1.5, int64(1))
	}
	f.Fuzz(func(t *testing.T, text string, x float64, at int64) {
		p := collector.Point{
			Measurement: collector.PageScore, Time: time.Unix(0, at).UTC(), Tags: collector.Tags{{Name: "url", Value: text}}, Fields: collector.Fields{"dom": x},
		}
		all, err := batches([]collector.Point{p})
		if err != nil {
			if p.Validate() == nil && utf8.ValidString(text) && nanoseconds(p.Time) == at && !strings.ContainsFunc(text, unicode.IsControl) {
				t.Errorf("%+v: %v", p, err)
			}
			return
		}
		lines := lineprotocol.NewDecoderWithBytes([]byte(all[0].text))
		if !lines.Next() {
			t.Fatalf("%q is no line", all[0].text)
		}
		_, err = lines.Measurement()
		name, value, err2 := lines.NextTag()
		if err != nil || err2 != nil || string(name) != "url" || unguard(string(value)) != text {
			t.Errorf("%q has the tag %s=%q, want %q: %v %v", all[0].text, name, value, text, err, err2)
		}
		_, _, _ = lines.NextTag()
		field, number, err := lines.NextField()
		if err != nil || string(field) != "dom" || number.FloatV() != x || number.Kind() != lineprotocol.Float {
			t.Errorf("%q has the field %s=%v: %v", all[0].text, field, number, err)
		}
		_, _, _ = lines.NextField()
		if moment, err := lines.Time(lineprotocol.Nanosecond, time.Time{}); err != nil || moment.UnixNano() != at {
			t.Errorf("%q is at %s: %v", all[0].text, moment, err)
		}
	})
}

func FuzzRowsAreReadWithoutPanic(f *testing.F) {
	for _, text := range []string{"[1,2]", `[1,"a,b",2]`, "[1,null,-0,1e308]", "[]", "null", `[1,[2],{"a":3}]`, "1"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		_ = readTables(strings.NewReader(`{"results":[{"series":[{"columns":["time","a"],"values":[`+text+`]}]}]}`), func(_ int, x table) error {
			for _, r := range x.Values {
				_, _, _ = r.cells(2, func(int, float64) {})
				_, _ = r.words()
			}
			return nil
		})
	})
}

// odd is text of any kind: characters that mean something to somebody, more often than others.
func odd(random *rand.Rand) string {
	const special = "\\\\\\'\"\"',,==  ${}[]()/*-;:.|^%#\u2060\u2060éà🌱日\u00a0a1"
	characters := []rune(special)
	text := make([]rune, 1+random.IntN(12))
	for i := range text {
		if text[i] = characters[random.IntN(len(characters))]; random.IntN(5) == 0 {
			if r := rune(random.IntN(unicode.MaxRune)); utf8.ValidRune(r) && !unicode.IsControl(r) {
				text[i] = r
			}
		}
	}
	return string(text)
}

// A thousand values of any text, and a hundred names of tags and of fields, written into a real server and read back; some are asked for, and deleted, by
// their own text.
func TestQuotingHoldsForAnyTextOnARealServer(t *testing.T) {
	server := engines.Influxd(t)
	s, err := Open(t.Context(), Options{URL: server.URL + "/veille", Token: server.Token})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(10, 18))
	at := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	var names []string
	for range 100 {
		names = append(names, odd(random))
	}
	var points []collector.Point
	seen := map[string]bool{}
	for len(points) < 1000 {
		value := odd(random)
		if seen[value] {
			continue
		}
		seen[value] = true
		tags := collector.NewTags(collector.Tag{Name: "url", Value: value}, collector.Tag{Name: "z" + names[random.IntN(len(names))], Value: odd(random)})
		points = append(points, collector.Point{
			Measurement: collector.PageScore, Time: at, Tags: tags, Fields: collector.Fields{"dom": float64(len(points)), "f" + names[random.IntN(len(names))]: 0.1},
		})
	}
	if err := s.Append(t.Context(), points); err != nil {
		t.Fatal(err)
	}
	q := collector.Query{Measurement: collector.PageScore, From: at, To: at.Add(time.Second)}
	got, err := s.Range(t.Context(), q)
	if err != nil || len(got) != len(points) {
		t.Fatalf("%d points come back, %v, want %d", len(got), err, len(points))
	}
	back := map[string]bool{}
	for _, p := range got {
		back[fmt.Sprintf("%q", fmt.Sprint(p))] = true
	}
	for i, p := range points {
		if !back[fmt.Sprintf("%q", fmt.Sprint(p))] {
			t.Errorf("%v does not come back", p)
		}
		if i%20 > 0 {
			continue // one by one takes long
		}
		q.Tags = p.Tags
		got, err := s.Range(t.Context(), q)
		if err != nil || len(got) != 1 || fmt.Sprint(got[0]) != fmt.Sprint(p) {
			t.Fatalf("%q: %v %v, want %v", p.Tags, got, err, p)
		}
		if err := s.Delete(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Range(t.Context(), q); err != nil || len(got) != 0 {
			t.Fatalf("%q was deleted, and is %v, %v", p.Tags, got, err)
		}
	}
	q.Tags = nil
	tally, err := s.Tally(t.Context(), q)
	if err != nil || len(tally) != 1 || tally[0].Points != 950 {
		t.Errorf("%.300v %v, want 950 points that are left", tally, err)
	}
}

func TestMomentsBeyondThoseOfInfluxDBAreItsFirstAndLast(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at   time.Time
		want int64
	}{
		{time.Unix(0, 0), 0}, {time.Unix(0, -1), -1}, {time.Time{}, math.MinInt64 + 2}, {time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), math.MaxInt64 - 1},
	} {
		if got := nanoseconds(tt.at); got != tt.want {
			t.Errorf("%s is %d, want %d", tt.at, got, tt.want)
		}
	}
}

func TestAnAnswerThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	for text, whole := range map[string]bool{
		`{"results":[{"statement_id":0}]}`: true,
		"":                                 false,
		"{}":                               false,
		`{"results":[{"statement_id":0,"partial":true}]}`:                                 false,
		`{"results":[{"statement_id":0,"partial":true}]}{"results":[{"statement_id":0}]}`: true,
		`{"results":[{"statement_id":0,"err`:                                              false,
		`{"error":"timeout"}`:                                                             false,
		`{"results":[{"statement_id":0,"error":"max-select-point limit exceeded"}]}`:      false,
	} {
		if err := readTables(strings.NewReader(text), nil); (err == nil) != whole {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestBatchesAreOfOneClassAndOfBoundedSize(t *testing.T) {
	t.Parallel()
	at := time.Now()
	var points []collector.Point
	for i := range 12_001 {
		points = append(points, collector.Point{Measurement: collector.HourEnergy, Time: at.Add(time.Duration(i)), Fields: collector.Fields{"wh": 1}})
		if i < 3 {
			points = append(points, collector.Point{Measurement: collector.PageScore, Time: at, Tags: collector.Tags{{Name: "url", Value: strings.Repeat("x", 3<<20)}}, Fields: collector.Fields{"dom": 1}})
		}
	}
	all, err := batches(points)
	if err != nil {
		t.Fatal(err)
	}
	var sizes []string
	for _, b := range all {
		sizes = append(sizes, fmt.Sprintf("%s %d", b.keeping, len(b.moments)))
		if lines := strings.Count(b.text, "\n"); lines != len(b.moments) {
			t.Errorf("%d lines, and %d points", lines, len(b.moments))
		}
	}
	if want := []string{"years 2", "hours 5000", "hours 5000", "hours 2001", "years 1"}; !slices.Equal(sizes, want) {
		t.Errorf("batches are %q, want %q", sizes, want)
	}
}
