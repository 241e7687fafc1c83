package victoria

import "math"

// Numbers that come back from a node as they were: up to a million with six decimals, and whole ones up to ninety thousand millions. All of them
// fit beside each other in the 63 bits and the one power of ten, of −8 at the least, that a block of samples shares.
const (
	mostDecimal = 1e6
	mostWhole   = 9e10
	decimals    = 1e6
	near        = 1e-9 // what a node may have rounded away in a number whose halves are there
)

// kept is the number that is written for x, and whether it is x to the last digit.
func kept(x float64) (float64, bool) {
	var r float64
	if math.Abs(x) <= mostDecimal {
		r = math.Round(x*decimals) / decimals
	} else {
		r = max(-mostWhole, min(math.Round(x), mostWhole))
	}
	if r == 0 {
		return 0, x == 0 && !math.Signbit(x) // 0 and -0 are written alike
	}
	return r, r == x
}

// halves are the upper and the lower half of the bits of a number, as whole numbers.
func halves(x float64) (hi, lo float64) {
	b := math.Float64bits(x)
	return float64(uint32(b >> 32)), float64(uint32(b)) //nolint:gosec // the halves are what is wanted
}

// whole is the number whose halves were written beside r, or r where they are not of it: a number was written over another one at the same
// timestamp, and of each half the biggest was kept.
func whole(r, hi, lo float64) float64 {
	if !half(hi) || !half(lo) {
		return r
	}
	x := math.Float64frombits(uint64(hi)<<32 | uint64(lo))
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return r
	}
	if k, _ := kept(x); math.Abs(k-r) > near*math.Abs(r) {
		return r
	}
	return x
}

func half(x float64) bool { return x >= 0 && x <= math.MaxUint32 && x == math.Trunc(x) }
