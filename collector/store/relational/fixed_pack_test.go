package relational

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
)

func anyDays(random *rand.Rand) (days []collector.PlaceDay) {
	days = slices.Repeat([]collector.PlaceDay{{}}, random.IntN(32))
	for i := range days {
		if random.IntN(3) > 0 {
			days[i] = collector.PlaceDay{
				Machines: random.Int32N(1 << random.IntN(31)), Parts: collector.PartSet(random.IntN(32)), Top: collector.MilliWattHours(random.Int64N(1 << random.IntN(62))),
			}
		}
	}
	if len(days) == 0 {
		return nil
	}
	return days
}

func anyTold(random *rand.Rand) *collector.Told {
	if random.IntN(2) == 0 {
		return nil
	}
	return &collector.Told{
		Inside: uint8(random.IntN(256)), Public: uint8(random.IntN(256)), Mixed: collector.PartSet(random.IntN(256)), Machines: random.Int32N(1 << random.IntN(31)),
	}
}

func TestDaysOfAPlaceArePackedToTheLastDigitAndSealed(t *testing.T) {
	random, w := rand.New(rand.NewPCG(1, 2)), newWords()
	for range 500 {
		k := fixedKey(random.Int64N(50), random.Int64N(30_000), random.Int64N(1000), "laptop")
		days, told := anyDays(random), anyTold(random)
		body := w.packDays(k, days, told)
		if got, of, err := w.unpackDays(k, body); err != nil || !reflect.DeepEqual(got, days) || !reflect.DeepEqual(of, told) {
			t.Fatalf("%+v, %+v, %v; want %+v, %+v", got, of, err, days, told)
		}
		body[random.IntN(len(body))] ^= 1 << random.IntN(8)
		if _, _, err := w.unpackDays(k, body); err == nil {
			t.Fatalf("a bit is changed, and nothing said")
		}
	}
	body := w.packDays(fixedKey(1, 24_321, 7, "laptop"), nil, nil)
	for _, k := range []key{fixedKey(2, 24_321, 7, "laptop"), fixedKey(1, 24_322, 7, "laptop"), fixedKey(1, 24_321, 8, "laptop"), fixedKey(1, 24_321, 7, "desktop")} {
		if _, _, err := w.unpackDays(k, body); err == nil {
			t.Errorf("found under %+v, and nothing said", k)
		}
	}
}

func TestASumOfMixedPartsIsPackedToTheLastDigit(t *testing.T) {
	w, k := newWords(), fixedKey(1, 24_321, 7, "*")
	sum := collector.Sum{
		Days:    9,
		Seconds: []collector.PartSum{{Part: "night", Off: 5}, {Part: collector.Mixed, On: 1, Unknown: 2}},
		Energy: []collector.EnergySum{
			{Part: "night", Scope: "machine", Method: "plug", MWh: 10, LowMWh: 5, HighMWh: 20, CoveredS: 60},
			{Part: collector.Mixed, Scope: "machine", Method: "plug", MWh: 3, LowMWh: 2, HighMWh: 4, CoveredS: 30},
			{Part: collector.Mixed, Scope: "machine", Method: "battery"},
		},
	}
	if got, err := w.unpackSum(k, w.packSum(k, sum)); err != nil || !reflect.DeepEqual(got, sum) {
		t.Errorf("%+v, %v; want %+v", got, err, sum)
	}
}

// What a month of twelve machines takes on disk, their sums aside.
func TestAMonthOfAPlaceTakesFewBytes(t *testing.T) {
	days := make([]collector.PlaceDay, 31)
	for i := range days {
		days[i] = collector.PlaceDay{Machines: 12, Parts: 3, Top: 1_234_567}
	}
	if n := len(newWords().packDays(key{}, days, nil)); n > 200 {
		t.Errorf("%d bytes", n)
	}
}

func FuzzUnpackDays(f *testing.F) {
	w, k := newWords(), fixedKey(1, 2, 3, "laptop")
	random := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		body := w.packDays(k, anyDays(random), anyTold(random))
		f.Add(body[:len(body)-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := k.checksum(body)
		days, told, err := w.unpackDays(k, append(append([]byte{}, body...), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum)))
		if err != nil {
			return
		}
		again, still, err := w.unpackDays(k, w.packDays(k, days, told))
		if err != nil || !reflect.DeepEqual(again, days) || !reflect.DeepEqual(still, told) {
			t.Fatalf("%+v, %+v becomes %+v, %+v, %v", days, told, again, still, err)
		}
	})
}
