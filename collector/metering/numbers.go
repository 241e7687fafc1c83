package metering

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
)

// moments turns time stamps into milliseconds since 1970.
type moments struct {
	unit int64 // nanoseconds of what a time stamp counts
	now  int64 // in milliseconds
}

// How old what a meter says may be, and how far ahead, in milliseconds.
const (
	oldest = 90 * 86_400_000
	ahead  = 3_600_000
)

// precisionOf is what time stamps count, in nanoseconds.
func precisionOf(name string, version int) (int64, error) {
	units := map[string]int64{"": 1, "ns": 1, "n": 1, "us": 1e3, "u": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}
	if version == 2 {
		delete(units, "n")
		delete(units, "u")
		delete(units, "m")
		delete(units, "h")
	}
	if n, ok := units[name]; ok {
		return n, nil
	}
	if version == 2 {
		return 0, fmt.Errorf("precision %.20q is none of ns, us, ms, s", name)
	}
	return 0, fmt.Errorf("precision %.20q is none of n, u, ms, s, m, h", name)
}

// of is the moment of a time stamp; now without one.
func (m moments) of(stamp []byte) (int64, error) {
	if stamp == nil {
		return m.now, nil
	}
	n, err := strconv.ParseInt(string(stamp), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the time stamp %.30q is no number of 64 bits", stamp)
	}
	var at int64
	if m.unit < 1e6 {
		at = n / (1e6 / m.unit)
	} else {
		scale := m.unit / 1e6
		if n > math.MaxInt64/scale || n < math.MinInt64/scale {
			return 0, fmt.Errorf("the time stamp %d is no moment; is precision right?", n)
		}
		at = n * scale
	}
	switch {
	case at < m.now-oldest:
		return 0, fmt.Errorf("the time stamp %d is more than 90 days ago; is precision right?", n)
	case at > m.now+ahead:
		return 0, fmt.Errorf("the time stamp %d is more than an hour ahead of the collector's clock; is precision right?", n)
	}
	return at, nil
}

// shiftOf is by how many digits the decimal point of a number moves that is in a unit, for it to be in Wh or W.
func shiftOf(unit string) int {
	switch unit {
	case "kWh", "kW":
		return 3
	case "MWh":
		return 6
	}
	return 0
}

// joules are in a watt-hour.
const joules = 3600

// valueIn is a field's number in Wh or W, as exactly as float64 can have it: the decimal point moves before anything is rounded.
func valueIn(kind lineprotocol.ValueKind, text []byte, unit string) (float64, error) {
	switch kind {
	case lineprotocol.Float, lineprotocol.Int, lineprotocol.Uint:
	default:
		return 0, errors.New("is no number, and meters say numbers")
	}
	if kind != lineprotocol.Float && !digits(text, kind == lineprotocol.Int) {
		return 0, fmt.Errorf("%.30q is no whole number", text)
	}
	x, ok := quick(text, shiftOf(unit))
	if !ok {
		var err error
		if x, err = slow(string(text), shiftOf(unit)); err != nil {
			return 0, err
		}
	}
	if unit == "J" {
		x /= joules
	}
	return x, nil
}

// digits tells whether a text has nothing else, and is not empty.
func digits(text []byte, signed bool) bool {
	if signed && len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}

// quick reads a number of up to 15 digits without an exponent: a whole number times or by a power of ten that are both exact, so it is rounded once.
func quick(text []byte, shift int) (float64, bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	whole, seen, decimals, point := uint64(0), 0, 0, false
	for _, c := range text {
		switch {
		case c == '.' && !point:
			point = true
		case c >= '0' && c <= '9':
			whole = whole*10 + uint64(c-'0')
			if seen++; point {
				decimals++
			}
		default:
			return 0, false
		}
	}
	if seen == 0 || seen > 15 {
		return 0, false
	}
	x := float64(whole)
	if e := shift - decimals; e >= 0 {
		x *= tenTo(e)
	} else {
		x /= tenTo(-e)
	}
	if negative {
		x = -x
	}
	return x, true
}

// tenTo is a power of ten up to 22, which is exact.
func tenTo(n int) float64 {
	return [...]float64{
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	}[n]
}

// slow reads any other number.
func slow(text string, shift int) (float64, error) {
	if len(text) > 400 || strings.Trim(text, "0123456789+-.eE") != "" || strings.ContainsAny(text, "xX_pP") {
		return 0, fmt.Errorf("%.30q is no number", text)
	}
	mantissa, exponent, e := text, "", 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i+1:]
		n, err := strconv.Atoi(exponent)
		if err != nil || n > 1000 || n < -1000 {
			return 0, fmt.Errorf("%.30q is no number", text)
		}
		e = n
	}
	x, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(e+shift), 64)
	if err != nil {
		return 0, fmt.Errorf("%.30q is no number that can be kept", text)
	}
	return x, nil
}
