package collector

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// anySum is the sum of a few records of random parts, in random order.
func anySum(random *rand.Rand) (s Sum) {
	s.Days = random.Int64N(1000)
	for range random.IntN(5) {
		s.AddRecord(anyRecord(random))
	}
	return s
}

func anyRecord(random *rand.Rand) Record {
	pick := func(words []string) string { return words[random.IntN(len(words))] }
	n := func() int { return random.IntN(3) * random.IntN(90_000) }
	r := Record{Cost: &Cost{CPUS: random.Float64(), Wakeups: int64(n()), SentBytes: int64(n()), ReceivedBytes: int64(n()), Dropped: n()}}
	if random.IntN(3) == 0 {
		r.Cost = nil
	}
	for range random.IntN(4) {
		p := Part{Part: pick(Parts()), Seconds: Seconds{On: n(), DisplayOff: n(), Sleep: n(), Off: n(), Unknown: n()}}
		for range random.IntN(4) {
			p.Energy = append(p.Energy, Energy{Wh: 1000 * random.Float64(), LowWh: random.Float64(), HighWh: 2000 * random.Float64(), Scope: pick(Scopes()), Method: pick(Methods()), CoveredS: n()})
		}
		r.Parts = append(r.Parts, p)
	}
	return r
}

func plus(a, b Sum) (s Sum) {
	s.Add(a)
	s.Add(b)
	return s
}

func TestSumsAreTheSameInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 800 {
		a, b, c := anySum(random), anySum(random), anySum(random)
		if x, y := plus(a, b), plus(b, a); !reflect.DeepEqual(x, y) {
			t.Fatalf("%+v and %+v come to %+v one way round and %+v the other", a, b, x, y)
		}
		if x, y := plus(plus(a, b), c), plus(a, plus(b, c)); !reflect.DeepEqual(x, y) {
			t.Fatalf("%+v, %+v and %+v come to %+v or %+v, as they are bracketed", a, b, c, x, y)
		}
		if x := plus(a, Sum{}); !reflect.DeepEqual(x, plus(Sum{}, a)) || !reflect.DeepEqual(x, plus(a, Sum{})) || !reflect.DeepEqual(x, a) {
			t.Fatalf("%+v and nothing come to %+v", a, x)
		}
	}
}

func TestRecordsAreTheSameInAnyOrderAndInAnyPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for range 1000 {
		records := make([]Record, 1+random.IntN(6))
		for i := range records {
			records[i] = anyRecord(random)
		}
		var one, left, right Sum
		for i, r := range records {
			one.AddRecord(r)
			if i%2 == 0 {
				left.AddRecord(r)
			}
		}
		slices.Reverse(records)
		for i, r := range records {
			if (len(records)-1-i)%2 == 1 {
				right.AddRecord(r)
			}
		}
		if got := plus(right, left); !reflect.DeepEqual(got, one) {
			t.Fatalf("in pieces %+v, at once %+v", got, one)
		}
	}
}

func TestAddingLeavesTheOtherSumAsItWas(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		a, b := anySum(random), anySum(random)
		before := plus(b, Sum{})
		s := plus(b, a)
		s.Add(a)
		s.Add(b)
		if !reflect.DeepEqual(b, before) {
			t.Fatalf("%+v became %+v by being added", before, b)
		}
	}
}

func TestSumsAreInTheOrderOfTheLists(t *testing.T) {
	var s Sum
	for _, part := range slices.Backward(Parts()) {
		p := Part{Part: part, Seconds: Seconds{On: 1}}
		for _, scope := range slices.Backward(Scopes()) {
			for _, method := range slices.Backward(Methods()) {
				p.Energy = append(p.Energy, Energy{Wh: 1, Scope: scope, Method: method, CoveredS: 1})
			}
		}
		s.AddRecord(Record{Parts: []Part{p}})
	}
	i := 0
	for n, part := range Parts() {
		if s.Seconds[n].Part != part {
			t.Errorf("seconds %d are of %s; want %s", n, s.Seconds[n].Part, part)
		}
		for _, scope := range Scopes() {
			for _, method := range Methods() {
				if e := s.Energy[i]; e.Part != part || e.Scope != scope || e.Method != method {
					t.Errorf("energy %d is %s %s %s; want %s %s %s", i, e.Part, e.Scope, e.Method, part, scope, method)
				}
				i++
			}
		}
	}
	if i != len(s.Energy) {
		t.Errorf("%d energies; want %d", len(s.Energy), i)
	}
}

func TestMilliKeepsTheOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 100_000 {
		low := math.Ldexp(random.Float64(), random.IntN(40)-12)
		wh := low + math.Ldexp(random.Float64(), random.IntN(20)-15)
		if random.IntN(4) == 0 {
			wh = math.Nextafter(low, math.Inf(1))
		}
		if Milli(low) > Milli(wh) {
			t.Fatalf("%v Wh is %d mWh and %v Wh is %d mWh", low, Milli(low), wh, Milli(wh))
		}
		if off := math.Abs(Milli(wh).Wh() - wh); off > 0.0005+wh*1e-15 {
			t.Fatalf("%v Wh is off by %v Wh", wh, off)
		}
	}
}

func TestAMonthOfHalfAMillionMachinesFits(t *testing.T) {
	const machines, days, hours, watts = 500_000, 31, 26, 20_000
	day := Sum{Days: 1}
	part := Part{Part: "open", LengthS: hours * 3600, Seconds: Seconds{On: hours * 3600}}
	part.Energy = []Energy{{Wh: hours * watts, LowWh: hours * watts, HighWh: hours * watts, Scope: "machine", Method: "plug", CoveredS: hours * 3600}}
	day.AddRecord(Record{Parts: []Part{part}, Cost: &Cost{CPUS: hours * 3600, Wakeups: math.MaxInt32, SentBytes: math.MaxInt32, ReceivedBytes: math.MaxInt32}})
	// Doubling adds up 2^24 days of machines, which is more than those of the month, in 24 steps.
	month, doublings := day, 0
	for month.Days < machines*days {
		before := month.Energy[0].MWh
		month = plus(month, month)
		doublings++
		if month.Energy[0].MWh <= before {
			t.Fatalf("%d days of machines come to %d mWh", month.Days, month.Energy[0].MWh)
		}
	}
	n := int64(1) << doublings
	if got, want := month.Energy[0], MilliWattHours(n*hours*watts*1000); got.MWh != want || got.LowMWh != want || got.HighMWh != want || got.CoveredS != n*hours*3600 {
		t.Errorf("%d days of machines come to %+v; want %d mWh", n, got, want)
	}
	if month.Seconds[0].On != n*hours*3600 || month.Seconds[0].Length() != month.Seconds[0].On {
		t.Errorf("%d days of machines come to %+v", n, month.Seconds[0])
	}
	if want := (CostSum{n * hours * 3600 * 1000, n * math.MaxInt32, n * math.MaxInt32, n * math.MaxInt32, 0}); month.Cost != want {
		t.Errorf("%d days of machines cost %+v; want %+v", n, month.Cost, want)
	}
	// What is left between it and the largest number: more than 500 such months, which is 40 years.
	if room := math.MaxInt64 / int64(month.Energy[0].MWh); room < 500 {
		t.Errorf("only %d such months fit into a sum", room)
	}
}
