package relational

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"veille/collector"
)

// anyRecord is a record with what records may have, its energies in thousandths.
func anyRecord(random *rand.Rand, w words) collector.Record {
	number := func() int { return random.IntN(1 << random.IntN(31)) }
	r := collector.Record{Hour: random.IntN(26) - 1, LengthS: number(), History: random.IntN(4) == 0, Parts: []collector.Part{}}
	for range random.IntN(5) {
		p := collector.Part{
			Part: w.parts[random.IntN(len(w.parts))], LengthS: number(),
			Seconds: collector.Seconds{On: number(), DisplayOff: number(), Sleep: number(), Off: number(), Unknown: number()},
		}
		for range random.IntN(4) {
			p.Energy = append(p.Energy, collector.Energy{
				Scope: w.scopes[random.IntN(len(w.scopes))], Method: w.methods[random.IntN(len(w.methods))],
				Wh: float64(number()) / 1000, LowWh: float64(number()) / 1000, HighWh: float64(number()) / 1000, CoveredS: number(),
			})
		}
		r.Parts = append(r.Parts, p)
	}
	if random.IntN(2) == 0 {
		r.Cost = &collector.Cost{CPUS: float64(number()) / 1000, Wakeups: int64(number()), SentBytes: int64(number()), ReceivedBytes: int64(number()), Dropped: number()}
	}
	return r
}

func TestWhatIsPackedIsUnpackedToTheLastDigit(t *testing.T) {
	random, w := rand.New(rand.NewPCG(1, 2)), newWords()
	for range 2000 {
		k := key{day: random.Int64N(40_000), machine: random.Int64N(1 << 40), place: random.Int64N(1000)}
		records := make([]collector.Record, random.IntN(26))
		for i := range records {
			records[i] = anyRecord(random, w)
		}
		body := w.pack(k, records) // sorts them
		got, err := w.unpack(k, body)
		if err != nil || len(got) != len(records) || len(got) > 0 && !reflect.DeepEqual(got, records) {
			t.Fatalf("%+v, %v; want %+v", got, err, records)
		}
	}
}

// One bit that the disk has changed, and a body under another key, are found: a CRC-32C misses no change of so few bits.
func TestABodyThatIsNotAsItWasWrittenIsFound(t *testing.T) {
	random, w := rand.New(rand.NewPCG(3, 4)), newWords()
	k := key{day: 20_779, machine: 7, place: 2}
	body := w.pack(k, []collector.Record{anyRecord(random, w), anyRecord(random, w), anyRecord(random, w)})
	for i := range body {
		for bit := range 8 {
			body[i] ^= 1 << bit
			if _, err := w.unpack(k, body); err == nil || !strings.Contains(err.Error(), "not as it was written") {
				t.Errorf("bit %d of byte %d is changed: %v", bit, i, err)
			}
			body[i] ^= 1 << bit
		}
		if _, err := w.unpack(k, body[:i]); err == nil {
			t.Errorf("cut after %d bytes, and nothing said", i)
		}
	}
	for _, other := range []key{{20_778, 7, 2}, {20_779, 8, 2}, {20_779, 7, 1}} {
		if _, err := w.unpack(other, body); err == nil {
			t.Errorf("found under %+v, and nothing said", other)
		}
	}
}

func TestARecordWithAWordThatNoListHasIsRefused(t *testing.T) {
	for _, r := range []collector.Record{
		{Parts: []collector.Part{{Part: "lunch"}}},
		{Parts: []collector.Part{{Part: "open", Energy: []collector.Energy{{Scope: "room", Method: "plug"}}}}},
		{Parts: []collector.Part{{Part: "open", Energy: []collector.Energy{{Scope: "machine", Method: "guess"}}}}},
	} {
		if err := newWords().check(r); err == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}

// Whatever bytes a body has, reading it ends, and what can be read is what would be written.
func FuzzUnpack(f *testing.F) {
	w, k := newWords(), key{1, 2, 3}
	random := rand.New(rand.NewPCG(5, 6))
	for range 5 {
		body := w.pack(k, []collector.Record{anyRecord(random, w)})
		f.Add(body[:len(body)-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := k.checksum(body)
		sealed := append(append([]byte{}, body...), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
		records, err := w.unpack(k, sealed)
		if err != nil {
			return
		}
		again, err := w.unpack(k, w.pack(k, records))
		if err != nil || len(again) != len(records) {
			t.Fatalf("%+v becomes %+v, %v", records, again, err)
		}
	})
}

// What a day of a personal machine, and a day of hours, take on disk.
func TestADayTakesFewBytes(t *testing.T) {
	w, k := newWords(), key{20_779, 41_234, 17}
	part := func(name string, length int) collector.Part {
		return collector.Part{
			Part: name, LengthS: length, Seconds: collector.Seconds{On: length / 2, Sleep: length / 4, Off: length - length/2 - length/4},
			Energy: []collector.Energy{
				{Wh: 51.234, LowWh: 20.123, HighWh: 90.456, Method: "model-class", Scope: "machine", CoveredS: length},
				{Wh: 20.123, LowWh: 10.456, HighWh: 40.789, Method: "model-class", Scope: "display", CoveredS: length},
			},
		}
	}
	cost := &collector.Cost{CPUS: 1.7, Wakeups: 12_500, SentBytes: 3900, ReceivedBytes: 4600}
	day := []collector.Record{{Hour: collector.WholeDay, LengthS: 86_400, Parts: []collector.Part{part("night", 50_400), part("open", 36_000)}, Cost: cost}}
	var hours []collector.Record
	for h := range 24 {
		hours = append(hours, collector.Record{Hour: h, LengthS: 3600, Parts: []collector.Part{part("open", 3600)}, Cost: cost})
	}
	whole, split := len(w.pack(k, day)), len(w.pack(k, hours))
	t.Logf("a whole day takes %d bytes, 24 hours %d", whole, split)
	if whole > 120 || split > 1300 {
		t.Errorf("a whole day takes %d bytes, 24 hours %d; want 120 and 1300 at most", whole, split)
	}
}

func TestTwoKindsThatDifferAreSpelledDifferently(t *testing.T) {
	seen := map[string]kind{}
	for _, k := range []kind{
		{},
		{Class: "a"},
		{OS: "a"},
		{OSVersion: "a"},
		{OSEnd: "a"},
		{CPU: "a"},
		{RAM: "a"},
		{Product: "a"},
		{SleepAfter: "a"},
		{Agent: "a"},
		{Virtual: true},
		{Hypervisor: true},
		{Screens: []string{""}},
		{Screens: []string{"", ""}},
		{Screens: []string{"a"}},
		{Screens: []string{"a", "b"}},
		{Screens: []string{"ab"}},
		{Class: "a", OS: "b"},
		{Class: "ab"},
	} {
		if other, twice := seen[k.spelled()]; twice {
			t.Errorf("%+v and %+v are both spelled %q", k, other, k.spelled())
		}
		seen[k.spelled()] = k
	}
}
