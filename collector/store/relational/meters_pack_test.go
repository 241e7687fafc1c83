package relational

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
)

// anyValue is a number as meters say them, or any other.
func anyValue(random *rand.Rand) float64 {
	switch random.IntN(6) {
	case 0:
		return float64(random.Int64N(1e13))
	case 1:
		return math.Float64frombits(random.Uint64())
	case 2:
		return float64(random.Int64N(1e9)) / 1000
	case 3:
		return []float64{0, math.Copysign(0, -1), mostWhole, mostWhole - 1, -mostWhole, 0.1 + 0.2, 1e-7, 5e-324, math.MaxFloat64}[random.IntN(9)]
	case 4:
		return float64(random.Int64N(1e7)) / 3600
	default:
		return float64(random.IntN(3000)) / 10
	}
}

func bits(all []collector.MeterSample) (same [][3]uint64) {
	for _, s := range all {
		same = append(same, [3]uint64{uint64(s.Meter), uint64(s.At), math.Float64bits(s.Value)})
	}
	return same
}

func TestSamplesComeBackToTheLastBit(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		samples := make([]collector.MeterSample, random.IntN(300))
		last := map[[2]int64]float64{}
		for i := range samples {
			s := collector.MeterSample{Meter: 1 + random.Int64N(20), At: 1_790_000_000_000 + random.Int64N(1000)*random.Int64N(100_000), Value: anyValue(random)}
			samples[i] = s
			last[[2]int64{s.Meter, s.At}] = s.Value
		}
		want := make([]collector.MeterSample, 0, len(last))
		for k, value := range last {
			want = append(want, collector.MeterSample{Meter: k[0], At: k[1], Value: value})
		}
		slices.SortFunc(want, func(a, b collector.MeterSample) int {
			return cmp.Or(cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.At, b.At))
		})
		var got []collector.MeterSample
		if err := unpackPost(packPost(samples), func(s collector.MeterSample) { got = append(got, s) }); err != nil || !reflect.DeepEqual(bits(got), bits(want)) {
			t.Fatalf("%v, %v\nwant %v", got, err, want)
		}
		k := blockKey{3, 20_717}
		for i := range want {
			want[i].Meter = 3
		}
		want = merged(want)
		block, err := unpackBlock(k, packBlock(k, want))
		if err != nil || !reflect.DeepEqual(bits(block), bits(want)) {
			t.Fatalf("block: %v, %v\nwant %v", block, err, want)
		}
	}
}

func TestSamplesThatAreNotAsTheyWereWrittenAreFound(t *testing.T) {
	samples := []collector.MeterSample{{Meter: 1, At: 1000, Value: 1.5}, {Meter: 2, At: 2000, Value: math.Pi}}
	post, k := packPost(slices.Clone(samples)), blockKey{1, 0}
	block := packBlock(k, samples[:1])
	ignore := func(collector.MeterSample) {}
	for bit := range 8 * len(post) {
		post[bit/8] ^= 1 << (bit % 8)
		if err := unpackPost(post, ignore); err == nil {
			t.Errorf("bit %d of a post is changed, and nothing said", bit)
		}
		post[bit/8] ^= 1 << (bit % 8)
	}
	for bit := range 8 * len(block) {
		block[bit/8] ^= 1 << (bit % 8)
		if _, err := unpackBlock(k, block); err == nil {
			t.Errorf("bit %d of a block is changed, and nothing said", bit)
		}
		block[bit/8] ^= 1 << (bit % 8)
	}
	for _, other := range []blockKey{{2, 0}, {1, 1}} {
		if _, err := unpackBlock(other, block); err == nil {
			t.Errorf("found under %+v, and nothing said", other)
		}
	}
	for n := range post {
		if err := unpackPost(post[:n], ignore); err == nil {
			t.Errorf("cut after %d bytes, and nothing said", n)
		}
	}
}

// A day of a meter that says watt-hours with a decimal every ten seconds.
func TestADayOfAMeterTakesFewBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var samples []collector.MeterSample
	wh := int64(123_456_789)
	for i := range int64(8640) {
		wh += random.Int64N(30)
		samples = append(samples, collector.MeterSample{Meter: 1, At: i * 10_000, Value: float64(wh) / 10})
	}
	n := len(packBlock(blockKey{1, 0}, samples))
	t.Logf("%d samples take %d bytes", len(samples), n)
	if n > 4*len(samples) {
		t.Errorf("%d samples take %d bytes, want 4 each at most", len(samples), n)
	}
}

// Whatever bytes a block has, reading it ends, and what can be read is what would be written.
func FuzzSamples(f *testing.F) {
	k := blockKey{1, 20_000}
	f.Add(packBlock(k, []collector.MeterSample{{Meter: 1, At: 5, Value: 1}, {Meter: 1, At: 6, Value: math.Pi}})[1:])
	f.Fuzz(func(t *testing.T, body []byte) {
		body = append([]byte{packingOfMeters}, body...)
		sum := castagnoli(body, k.meter, k.day)
		all, err := unpackBlock(k, append(slices.Clone(body), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)))
		if err == nil {
			again, err := unpackBlock(k, packBlock(k, all))
			if err != nil || !reflect.DeepEqual(bits(all), bits(again)) {
				t.Fatalf("%v becomes %v, %v", all, again, err)
			}
		}
		sum = castagnoli(body)
		_ = unpackPost(append(body, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)), func(collector.MeterSample) {})
	})
}
