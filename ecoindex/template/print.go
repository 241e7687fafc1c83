package template

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// Print is what is kept of a page to tell which others are like it. It is plain bytes, the same on every computer, and
// can be kept as such; ParsePrint reads them back. The zero Print is of a page that was not seen: it is like itself only.
//
// The bytes are: the version; three zeros; whether there is a shape, and whether there are assets, 1 or 0; two zeros;
// 128 numbers of 16 bits for the shape, 96 for the assets, little-endian. Each number is the end of the smallest hash of
// a set (MinHash: Broder 1997, of b bits: Li and König 2010), so that the share of equal numbers of two prints is the
// Jaccard index of the sets: off by 0.04 (shape) and 0.05 (assets) in the mean at worst.
type Print [headBytes + 2*shapeSlots + 2*assetSlots]byte

const (
	version    = 1
	headBytes  = 8
	shapeSlots = 128
	assetSlots = 96
	hasShape   = 4 // the places of two bytes in the head
	hasAssets  = 5
	fromAssets = headBytes + 2*shapeSlots
)

// ParsePrint reads a print that was kept. The error says that b is none, or is one of another version of this package:
// the page must then be seen again.
func ParsePrint(b []byte) (Print, error) {
	var p Print
	switch {
	case len(b) != len(p):
		return p, fmt.Errorf("read the print of a page: it has %d bytes and not %d; look at the page again", len(b), len(p))
	case b[0] == 0 && Print(b) == p: // of a page that was not seen
		return p, nil
	case b[0] != version:
		return p, fmt.Errorf("read the print of a page: it is of version %d and not %d; look at the page again", b[0], version)
	}
	if b[1]|b[2]|b[3]|b[6]|b[7] != 0 || b[hasShape] > 1 || b[hasAssets] > 1 {
		return p, fmt.Errorf("read the print of a page: its first %d bytes are %x, which none has; look at the page again", headBytes, b[:headBytes])
	}
	return Print(b), nil
}

// Like is how alike two pages are, 0 to 1: the smaller of the shares of elements and of assets that they have in common.
// Both must be alike, since pages of one shape behave otherwise with another script. It is the same both ways, and 1 for
// a page and itself.
func (p *Print) Like(o *Print) float64 {
	like, _ := p.atLeast(o, 0)
	return like
}

// atLeast is Like, and whether that is least or more. It stops as soon as it cannot be, and then answers 0.
func (p *Print) atLeast(o *Print, least float64) (float64, bool) {
	if p[0] != o[0] || p[hasShape] != o[hasShape] || p[hasAssets] != o[hasAssets] {
		return 0, least <= 0
	}
	shape, ok := alike(p[headBytes:fromAssets], o[headBytes:fromAssets], least)
	if !ok {
		return 0, false
	}
	assets, ok := alike(p[fromAssets:], o[fromAssets:], least)
	if !ok {
		return 0, false
	}
	return min(shape, assets), true
}

// alike is the share of equal numbers of 16 bits, and whether it is least or more.
func alike(a, b []byte, least float64) (float64, bool) {
	const low15 = 0x7fff7fff7fff7fff
	slots := len(a) / 2
	differ := 0
	most := int(math.Floor(float64(slots) * (1 - least) * (1 + 1e-12)))
	for i := 0; i+8 <= len(a) && i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:])
		x |= (x & low15) + low15 // the highest bit of each 16 tells whether any was set
		differ += bits.OnesCount64(x &^ low15)
		if differ > most {
			return 0, false
		}
	}
	return float64(slots-differ) / float64(slots), true
}

// write puts the numbers of a set at the place from, and says in the head whether the set has anything.
func (p *Print) write(s *sketch, from, has int) {
	if len(s.seen) == 0 {
		return
	}
	p[has] = 1
	for i, least := range s.least {
		binary.LittleEndian.PutUint16(p[from+2*i:], uint16(least&0xffff))
	}
}

// sketch is the smallest hashes of a set that grows.
type sketch struct {
	seen  map[uint64]struct{}
	least []uint64
	seeds []uint64
}

// maxSet bounds a set: the page that has more distinct paths or files is seen by its first ones.
const maxSet = 2048

func newSketch(slots int) *sketch {
	s := &sketch{seen: make(map[uint64]struct{}), least: make([]uint64, slots), seeds: make([]uint64, slots)}
	for i := range slots {
		s.least[i] = math.MaxUint64
		s.seeds[i] = mix(uint64(i) + 1)
	}
	return s
}

// add puts h in the set. What is there already, or comes after maxSet others, changes nothing.
func (s *sketch) add(h uint64) {
	if _, known := s.seen[h]; known || len(s.seen) >= maxSet {
		return
	}
	s.seen[h] = struct{}{}
	for i, seed := range s.seeds {
		s.least[i] = min(s.least[i], mix(h^seed))
	}
}

// mix scatters the bits of x: the last step of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
