package victoria_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/storetest"
	"veille/collector/store/victoria"
)

// flags are those that the documentation tells people to start a node with.
func flags() []string { return []string{"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms"} }

// open opens a node, or what has a label db of its own there.
func open(t testing.TB, node engines.Victoria, db ...string) *victoria.Store {
	t.Helper()
	s, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL(), DB: strings.Join(db, "")})
	if err != nil {
		t.Fatal(err)
	}
	if advice := s.Advice(); len(advice) > 0 {
		t.Errorf("a node with the flags of the documentation is told: %q", advice)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func begin(t testing.TB) (*victoria.Store, engines.Victoria) {
	t.Helper()
	node := engines.StartVictoria(t, flags()...)
	return open(t, node), node
}

func TestANodeKeepsTheCollectorsPromises(t *testing.T) {
	t.Parallel()
	node, n := engines.StartVictoria(t, flags()...), 0
	storetest.RunDestination(t, func(t *testing.T) collector.Destination {
		n++
		return open(t, node, fmt.Sprint("db", n))
	}, storetest.Options{WholeSeries: true, AnyOrder: true})
}

// today is a recent day, so that no node finds it too old.
func today() time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -3) }

func energy(at time.Time, machine, version int, wh float64) collector.Point {
	return collector.Point{
		Measurement: collector.HourEnergy, Time: at, Version: version,
		Tags:   collector.NewTags(collector.Tag{Name: "machine", Value: fmt.Sprint(machine)}, collector.Tag{Name: "site", Value: "1"}),
		Fields: collector.Fields{"wh": wh, "covered_s": float64(version)},
	}
}

func put(t testing.TB, s collector.Series, points ...collector.Point) {
	t.Helper()
	if err := s.Append(t.Context(), points); err != nil {
		t.Fatal(err)
	}
}

// hourly asks for the hours of some days from a moment on.
func hourly(from time.Time, days int) collector.Query {
	return collector.Query{Measurement: collector.HourEnergy, From: from, To: from.AddDate(0, 0, days)}
}

func get(t testing.TB, s collector.Series, q collector.Query) []collector.Point {
	t.Helper()
	points, err := s.Range(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return points
}

// want compares with points that have no versions any more.
func want(t testing.TB, s collector.Series, q collector.Query, points ...collector.Point) {
	t.Helper()
	points = slices.Clone(points)
	for i := range points {
		points[i].Version = 0
	}
	if got := get(t, s, q); (len(got) > 0 || len(points) > 0) && !reflect.DeepEqual(got, points) {
		t.Errorf("got\n%v, want\n%v", got, points)
	}
}

func TestOfTwoVersionsTheHigherCountsWhicheverCameFirst(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	at := today()
	low, high := energy(at, 1, 1800, 900.123456789), energy(at, 1, 3600, 0.1)
	put(t, s, low)
	put(t, s, high)
	want(t, s, hourly(at, 1), high)
	put(t, s, low)
	want(t, s, hourly(at, 1), high)

	other := energy(at.Add(time.Hour), 1, 3600, 1e-9)
	put(t, s, other)
	put(t, s, energy(at.Add(time.Hour), 1, 0, 5))
	want(t, s, hourly(at, 1), high, other)
	q := hourly(at, 1)
	q.To = at.Add(time.Hour)
	want(t, s, q, high)
	q.From = at.Add(time.Millisecond)
	want(t, s, q)
}

func TestADateThatIsSentAgainOnAnotherDayIsCorrectedDownward(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	date := today()
	p := collector.Point{Measurement: collector.DayEnergy, Time: date, Fields: collector.Fields{"wh": 5}, Tags: collector.NewTags(collector.Tag{Name: "site", Value: "1"})}
	// As it was sent two days ago, on the day after.
	raw(t, node, fmt.Sprintf("day_energy,db=veille,site=1 wh=9 %d", date.UnixMilli()+1))
	put(t, s, p)
	q := collector.Query{Measurement: collector.DayEnergy, From: date, To: date.AddDate(0, 0, 1)}
	want(t, s, q, p)
	q.From = date.Add(time.Millisecond)
	want(t, s, q)
}

func TestNumbersComeBackToTheLastDigit(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	numbers := []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 0.1 + 0.2, 1.0 / 3, math.Pi, 1e-6, 3e-6, 1e-7, 999999.999999, 1e6, 1000000.5, 123456789.123456, 999999999.999999,
		9e10, 9e10 + 0.5, 89999999999, 9e12, 8999999999999, 1e13, 1 << 53, 1<<53 + 2, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
		2.2250738585072014e-308, 1e300, -1e300, 1e22, 1e23, math.MaxUint32, math.MaxInt64, 0.3, 4.35, 0.000001234567,
	}
	for range 1500 {
		numbers = append(numbers,
			float64(r.Int64N(2e12)-1e12)/1e6,                      // six decimals
			float64(r.Int64N(2e9)-1e9)/1e3,                        // three decimals
			float64(r.Int64N(2e9)-1e9),                            // whole
			(r.Float64()-0.5)*math.Pow(10, float64(r.IntN(18)-6)), // anything usual
		)
		if x := math.Float64frombits(r.Uint64()); !math.IsNaN(x) && !math.IsInf(x, 0) {
			numbers = append(numbers, x) // anything at all
		}
	}
	r.Shuffle(len(numbers), func(i, j int) { numbers[i], numbers[j] = numbers[j], numbers[i] })
	var points []collector.Point
	start := today()
	for i, x := range numbers {
		points = append(points, collector.Point{
			Measurement: collector.MeterPower, Time: start.Add(time.Duration(i) * 977 * time.Millisecond), Fields: collector.Fields{"w": x},
			Tags: collector.NewTags(collector.Tag{Name: "meter", Value: "1"}),
		})
	}
	for part := range slices.Chunk(points, 1000) {
		put(t, s, part...)
	}
	q := collector.Query{Measurement: collector.MeterPower, From: start, To: start.AddDate(0, 0, 1)}
	exact := func() {
		t.Helper()
		got := get(t, s, q)
		if len(got) != len(points) {
			t.Fatalf("%d points came back of %d", len(got), len(points))
		}
		wrong := 0
		for i, p := range got {
			if x := p.Fields["w"]; math.Float64bits(x) != math.Float64bits(numbers[i]) {
				if wrong++; wrong < 10 {
					t.Errorf("%x came back as %x (%v, %v)", numbers[i], x, numbers[i], x)
				}
			}
		}
		if wrong > 0 {
			t.Errorf("%d of %d numbers are not what they were", wrong, len(numbers))
		}
	}
	exact()
	s = again(t, node) // merged, and read from the disk
	exact()
}

func TestNamesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	var points []collector.Point
	for i, value := range []string{
		"https://école.fr/?a=b,c d\\", `\`, `\\n`, `"quoted" {x="y"}`, "a\\ b", "=", "été, hiver", "🙂", `,"values":[1],"timestamps":[2]}`, "#", " ", "a ", " a", "'", "`", "%", "$1", "\u2028",
	} {
		points = append(points, collector.Point{
			Measurement: collector.PageScore, Time: today().Add(time.Duration(i) * time.Millisecond), Fields: collector.Fields{"score": float64(i)},
			Tags: collector.NewTags(collector.Tag{Name: "url", Value: value}, collector.Tag{Name: "website", Value: "1"}),
		})
	}
	put(t, s, points...)
	q := collector.Query{Measurement: collector.PageScore, From: today(), To: today().AddDate(0, 0, 1)}
	want(t, s, q, points...)
	for _, p := range points {
		q.Tags = collector.NewTags(collector.Tag{Name: "url", Value: p.Tags.Get("url")})
		want(t, s, q, p)
	}
}

func TestATagWithoutAValueAsksForPointsWithoutIt(t *testing.T) {
	t.Parallel()
	s, _ := begin(t)
	with, without := energy(today(), 1, 5, 2), energy(today(), 2, 5, 3)
	with.Tags = collector.NewTags(append(with.Tags, collector.Tag{Name: "version", Value: "x"})...)
	put(t, s, with, without)
	q := hourly(today(), 1)
	q.Tags = collector.Tags{{Name: "version"}}
	want(t, s, q, without)
	q.Tags = collector.NewTags(collector.Tag{Name: "version"}, collector.Tag{Name: "machine", Value: "1"})
	want(t, s, q)
}

func TestOtherPeoplesMetricsDoNotMixWithOurs(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	at := today()
	p := energy(at, 1, 5, 2)
	put(t, s, p)
	raw(t, node, fmt.Sprintf("hour_energy,machine=1,site=1 wh=7,covered_s=5 %d\nhour_energy,db=other,machine=1,site=1 wh=8,covered_s=5 %d", at.UnixMilli()+9, at.UnixMilli()+9))
	want(t, s, hourly(at, 1), p)
}
