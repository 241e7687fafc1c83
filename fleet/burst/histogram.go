package burst

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts durations in buckets that are less than 1 % wide, from 1 µs to about an hour. What lasts longer counts as that.
type histogram struct {
	buckets [26 * half]uint32
	n       int64
	longest time.Duration
}

// half is how many buckets there are for each doubling; twice as many are exact.
const half = 128

// add counts a duration.
func (h *histogram) add(d time.Duration) {
	h.n++
	h.longest = max(h.longest, d)
	v := uint64(max(0, d.Microseconds()))
	shift := max(0, bits.Len64(v)-8)
	h.buckets[min(shift*half+int(v>>shift), len(h.buckets)-1)]++
}

// merge counts all that other has counted.
func (h *histogram) merge(other *histogram) {
	h.n += other.n
	h.longest = max(h.longest, other.longest)
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
}

// quantile is a duration that the share q of those counted does not exceed, at most 1 % too long; 0 when none was counted.
func (h *histogram) quantile(q float64) time.Duration {
	rank := max(1, int64(math.Ceil(q*float64(h.n))))
	for i, n := range h.buckets {
		if rank -= int64(n); rank <= 0 {
			shift := max(0, i/half-1)
			end := (uint64(i-shift*half)+1)<<shift - 1 // the last of the bucket
			return min(time.Duration(end)*time.Microsecond, h.longest)
		}
	}
	return h.longest
}
