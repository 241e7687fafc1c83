package relational

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"veille/collector"
)

// Samples are packed twice: those of a post into one body, by meter and moment, and those of one meter and one day in UTC into another, which is
// called a block. Both begin with the version and end with a CRC-32C, that of a block with its key in front. A number that has up to six decimals is
// kept as a whole number and how many they are, as its difference to the one before: of counters that is one byte or two, and every number comes back
// to the last bit.

// packingOfMeters is the version of bodies of samples that this program writes.
const packingOfMeters = 1

// plain is said in the place of how many decimals a number has: it follows in eight bytes.
const plain = 7

// mostWhole is the largest whole number up to which a float64 has all of them.
const mostWhole = 1 << 53

// power10 is how often a number is to be multiplied by ten for its decimals to be whole.
func power10(decimals int) float64 {
	return [...]float64{1, 10, 100, 1e3, 1e4, 1e5, 1e6}[decimals]
}

// number10 is a number as a whole number and its decimals.
type number10 struct {
	whole    int64
	decimals int
}

// exact finds such a number, first with as many decimals as the one before had.
func exact(x float64, before int) (n number10, ok bool) {
	if x == 0 && math.Signbit(x) || !(math.Abs(x) < mostWhole) {
		return n, false
	}
	if before < plain {
		if n, ok = exactly(x, before); ok {
			return n, true
		}
	}
	for decimals := range plain {
		if n, ok = exactly(x, decimals); ok {
			return n, true
		}
	}
	return n, false
}

func exactly(x float64, decimals int) (number10, bool) {
	scale := power10(decimals)
	whole := math.RoundToEven(x * scale)
	return number10{int64(whole), decimals}, math.Abs(whole) < mostWhole && whole/scale == x
}

// valuePacker packs numbers that follow each other.
type valuePacker struct{ before number10 }

func (p *valuePacker) append(b []byte, x float64) []byte {
	n, ok := exact(x, p.before.decimals)
	if !ok {
		p.before = number10{decimals: plain}
		return binary.LittleEndian.AppendUint64(append(b, plain), math.Float64bits(x))
	}
	from := int64(0)
	if n.decimals == p.before.decimals {
		from = p.before.whole
	}
	d := n.whole - from
	p.before = n
	return binary.AppendUvarint(b, uint64(d<<1^d>>63)<<3|uint64(n.decimals))
}

// meterUnpacking reads what was packed. After its end it is bad, and answers zeros.
type meterUnpacking struct {
	unpacking
	before number10
}

func (u *meterUnpacking) value() float64 {
	x, size := binary.Uvarint(u.left)
	if size <= 0 {
		u.bad = true
		return 0
	}
	u.left = u.left[size:]
	decimals := int(x & plain)
	if decimals == plain {
		u.before = number10{decimals: plain}
		if len(u.left) < 8 {
			u.bad = true
			return 0
		}
		bits := binary.LittleEndian.Uint64(u.left)
		u.left = u.left[8:]
		return math.Float64frombits(bits)
	}
	z := x >> 3
	whole := int64(z>>1) ^ -int64(z&1)
	if decimals == u.before.decimals {
		whole += u.before.whole
	}
	u.before = number10{whole, decimals}
	return float64(whole) / power10(decimals)
}

func castagnoli(b []byte, key ...int64) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := uint32(0)
	for _, k := range key {
		var word [8]byte
		binary.BigEndian.PutUint64(word[:], uint64(k))
		sum = crc32.Update(sum, table, word[:])
	}
	return crc32.Update(sum, table, b)
}

// packPost is the body of a post. It sorts the samples by meter and moment; of several of one moment the last counts.
func packPost(samples []collector.MeterSample) []byte {
	slices.SortStableFunc(samples, func(a, b collector.MeterSample) int {
		return cmp.Or(cmp.Compare(a.Meter, b.Meter), cmp.Compare(a.At, b.At))
	})
	samples = lastOfEach(samples)
	b := make([]byte, 0, 16+12*len(samples))
	b = append(b, packingOfMeters)
	b = binary.AppendUvarint(b, uint64(len(samples)))
	var before collector.MeterSample
	var values valuePacker
	for _, s := range samples {
		if s.Meter != before.Meter {
			values = valuePacker{}
		}
		b = binary.AppendUvarint(b, uint64(s.Meter-before.Meter))
		b = binary.AppendVarint(b, s.At-before.At)
		b = values.append(b, s.Value)
		before = s
	}
	return binary.BigEndian.AppendUint32(b, castagnoli(b))
}

// lastOfEach leaves the last of those samples of one meter and moment that stand together.
func lastOfEach(sorted []collector.MeterSample) []collector.MeterSample {
	n := 0
	for i, s := range sorted {
		if i+1 < len(sorted) && sorted[i+1].Meter == s.Meter && sorted[i+1].At == s.At {
			continue
		}
		sorted[n] = s
		n++
	}
	return sorted[:n]
}

// unpackPost gives each sample of a post to take.
func unpackPost(body []byte, take func(collector.MeterSample)) error {
	u, err := openMeters(body)
	if err != nil {
		return err
	}
	var s collector.MeterSample
	for range u.count() {
		more, size := binary.Uvarint(u.left)
		if size <= 0 {
			return errDamaged
		}
		u.left = u.left[size:]
		if more > 0 {
			u.before = number10{}
		}
		s.Meter += int64(more)
		s.At += u.number()
		s.Value = u.value()
		if u.bad {
			return errDamaged
		}
		take(s)
	}
	if len(u.left) > 0 {
		return errDamaged
	}
	return nil
}

// blockKey is what a block is found by.
type blockKey struct{ meter, day int64 }

const millisecondsOfDay = 86_400_000

// dayAt is the day in UTC of a moment after 1970.
func dayAt(milliseconds int64) int64 { return milliseconds / millisecondsOfDay }

// packBlock is the body of a block, of samples of its meter and day in the order of their moments.
func packBlock(k blockKey, samples []collector.MeterSample) []byte {
	b := make([]byte, 0, 16+5*len(samples))
	b = append(b, packingOfMeters)
	b = binary.AppendUvarint(b, uint64(len(samples)))
	at, step := k.day*millisecondsOfDay, int64(0)
	var values valuePacker
	for _, s := range samples {
		b = binary.AppendVarint(b, s.At-at-step)
		at, step = s.At, s.At-at
		b = values.append(b, s.Value)
	}
	return binary.BigEndian.AppendUint32(b, castagnoli(b, k.meter, k.day))
}

// unpackBlock is the samples of a block.
func unpackBlock(k blockKey, body []byte) ([]collector.MeterSample, error) {
	u, err := openMeters(body, k.meter, k.day)
	if err != nil {
		return nil, err
	}
	at, step := k.day*millisecondsOfDay, int64(0)
	n := u.count()
	all := make([]collector.MeterSample, 0, n)
	for range n {
		step += u.number()
		at += step
		all = append(all, collector.MeterSample{Meter: k.meter, At: at, Value: u.value()})
	}
	if u.bad || len(u.left) > 0 {
		return nil, errDamaged
	}
	return all, nil
}

// openMeters checks that a body is as it was written, by a program no newer than this one.
func openMeters(body []byte, key ...int64) (u meterUnpacking, err error) {
	n := len(body) - 4
	if n < 2 || binary.BigEndian.Uint32(body[n:]) != castagnoli(body[:n], key...) {
		return u, errDamaged
	}
	if body[0] != packingOfMeters {
		return u, fmt.Errorf("it is packed by version %d, this program knows %d: use the newer program", body[0], packingOfMeters)
	}
	u.left = body[1:n]
	return u, nil
}
