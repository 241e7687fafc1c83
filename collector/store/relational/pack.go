package relational

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"veille/collector"
)

// The records of one machine, day and place are packed into one body: a day of 24 hours takes some hundreds of bytes and not tens of
// thousands. A body is a version, the records by hour, and a CRC-32C of its key and itself, which finds what was changed on disk.
// Numbers are varints of encoding/binary, zigzag where they may be negative. Words are places in collector.Parts, Scopes and Methods.
// Energies are kept to the thousandth of a watt-hour. What kind of machine it was is kept beside, once for all of its days: see kinds.

// packing is the version of bodies that this program writes.
const packing = 1

// Flags of a packed record.
const (
	withHistory = 1 << iota
	withCost
)

// key is what a row of days is found by.
type key struct {
	day     int64 // since 1970-01-01
	machine int64
	place   int64
}

// checksum is the CRC-32C of a body and of the key that it is kept under.
func (k key) checksum(body []byte) uint32 {
	var b [24]byte
	binary.BigEndian.PutUint64(b[:], uint64(k.day))
	binary.BigEndian.PutUint64(b[8:], uint64(k.machine))
	binary.BigEndian.PutUint64(b[16:], uint64(k.place))
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(b[:], table), table, body)
}

// words are the lists by which bodies spell.
type words struct{ parts, scopes, methods []string }

func newWords() words { return words{collector.Parts(), collector.Scopes(), collector.Methods()} }

// check refuses a record with a word that is in none of the lists.
func (w words) check(r collector.Record) error {
	for _, p := range r.Parts {
		if !slices.Contains(w.parts, p.Part) {
			return fmt.Errorf("%q is no part of a day", p.Part)
		}
		for _, e := range p.Energy {
			if !slices.Contains(w.scopes, e.Scope) || !slices.Contains(w.methods, e.Method) {
				return fmt.Errorf("no energy has scope %q and method %q", e.Scope, e.Method)
			}
		}
	}
	return nil
}

// pack is the body of records that were checked. It sorts them by hour.
func (w words) pack(k key, records []collector.Record) []byte {
	slices.SortFunc(records, func(a, b collector.Record) int { return cmp.Compare(a.Hour, b.Hour) })
	b := make([]byte, 0, 32+48*len(records))
	b = append(b, packing)
	b = binary.AppendUvarint(b, uint64(len(records)))
	for _, r := range records {
		b = binary.AppendVarint(b, int64(r.Hour))
		b = w.packRecord(b, r)
	}
	return binary.BigEndian.AppendUint32(b, k.checksum(b))
}

func (w words) packRecord(b []byte, r collector.Record) []byte {
	flags := byte(0)
	if r.History {
		flags |= withHistory
	}
	if r.Cost != nil {
		flags |= withCost
	}
	b = append(b, flags)
	b = binary.AppendVarint(b, int64(r.LengthS))
	b = binary.AppendUvarint(b, uint64(len(r.Parts)))
	for _, p := range r.Parts {
		b = w.packPart(b, p)
	}
	if c := r.Cost; c != nil {
		b = appendVarints(b, int64(math.Round(c.CPUS*1000)), c.Wakeups, c.SentBytes, c.ReceivedBytes, int64(c.Dropped))
	}
	return b
}

func (w words) packPart(b []byte, p collector.Part) []byte {
	s := p.Seconds
	b = appendVarints(append(b, byte(slices.Index(w.parts, p.Part))), int64(p.LengthS), int64(s.On), int64(s.DisplayOff), int64(s.Sleep), int64(s.Off),
		int64(p.LengthS-s.On-s.DisplayOff-s.Sleep-s.Off-s.Unknown)) // the last is 0, as they sum up
	b = binary.AppendUvarint(b, uint64(len(p.Energy)))
	for _, e := range p.Energy {
		scope, method := slices.Index(w.scopes, e.Scope), slices.Index(w.methods, e.Method)
		wh := collector.Milli(e.Wh)
		b = appendVarints(append(b, byte(scope<<4|method)), int64(wh), int64(wh-collector.Milli(e.LowWh)), int64(collector.Milli(e.HighWh)-wh),
			int64(p.LengthS-s.Unknown-e.CoveredS)) // the last is 0 where all known seconds are covered
	}
	return b
}

func appendVarints(b []byte, numbers ...int64) []byte {
	for _, n := range numbers {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// errDamaged is what is said of a body that is not as it was written.
var errDamaged = errors.New("it is not as it was written: the disk or the database is damaged; see veille-collector check, and restore the newest backup")

// unpack is the records of a body, without what is kept beside it. It fails when the body, or the key, is not as it was written.
func (w words) unpack(k key, body []byte) ([]collector.Record, error) {
	u, err := w.open(k, body)
	if err != nil {
		return nil, err
	}
	records := make([]collector.Record, 0, 1)
	for range u.count() {
		r := collector.Record{Hour: int(u.number())}
		u.record(&r)
		records = append(records, r)
	}
	if u.bad || len(u.left) > 0 {
		return nil, errDamaged
	}
	return records, nil
}

// open checks that a body is as it was written, by a program no newer than this one.
func (w words) open(k key, body []byte) (unpacking, error) {
	if n := len(body) - 4; n < 2 || binary.BigEndian.Uint32(body[n:]) != k.checksum(body[:n]) {
		return unpacking{}, errDamaged
	}
	if body[0] != packing {
		return unpacking{}, fmt.Errorf("it is packed by version %d, this program knows %d: use the newer program", body[0], packing)
	}
	return unpacking{words: w, left: body[1 : len(body)-4]}, nil
}

// unpacking reads a body. After its end, and for a word that is in no list, it is bad and answers zeros.
type unpacking struct {
	words
	left []byte
	bad  bool
}

func (u *unpacking) record(r *collector.Record) {
	flags := u.byte()
	r.History = flags&withHistory != 0
	r.LengthS = int(u.number())
	n := u.count()
	r.Parts = make([]collector.Part, n)
	for i := range r.Parts {
		u.part(&r.Parts[i])
	}
	if flags&withCost != 0 {
		r.Cost = &collector.Cost{
			CPUS: float64(u.number()) / 1000, Wakeups: u.number(), SentBytes: u.number(), ReceivedBytes: u.number(), Dropped: int(u.number()),
		}
	}
}

func (u *unpacking) part(p *collector.Part) {
	p.Part = u.word(u.parts, u.byte())
	p.LengthS = int(u.number())
	s := collector.Seconds{On: int(u.number()), DisplayOff: int(u.number()), Sleep: int(u.number()), Off: int(u.number())}
	s.Unknown = p.LengthS - s.On - s.DisplayOff - s.Sleep - s.Off - int(u.number())
	p.Seconds = s
	n := u.count()
	if n == 0 {
		return
	}
	p.Energy = make([]collector.Energy, n)
	for i := range p.Energy {
		names := u.byte()
		wh := u.number()
		low, high := wh-u.number(), u.number()+wh
		p.Energy[i] = collector.Energy{
			Scope: u.word(u.scopes, names>>4), Method: u.word(u.methods, names&15),
			Wh: collector.MilliWattHours(wh).Wh(), LowWh: collector.MilliWattHours(low).Wh(), HighWh: collector.MilliWattHours(high).Wh(),
			CoveredS: p.LengthS - s.Unknown - int(u.number()),
		}
	}
}

func (u *unpacking) byte() byte {
	if len(u.left) == 0 {
		u.bad = true
		return 0
	}
	b := u.left[0]
	u.left = u.left[1:]
	return b
}

func (u *unpacking) number() int64 {
	n, size := binary.Varint(u.left)
	if size <= 0 {
		u.bad = true
		return 0
	}
	u.left = u.left[size:]
	return n
}

// count is a number of things that follow, each of which takes a byte at least.
func (u *unpacking) count() int {
	n, size := binary.Uvarint(u.left)
	if size <= 0 || n > uint64(len(u.left)) {
		u.bad = true
		return 0
	}
	u.left = u.left[size:]
	return int(n)
}

func (u *unpacking) word(list []string, i byte) string {
	if int(i) >= len(list) {
		u.bad = true
		return ""
	}
	return list[i]
}
