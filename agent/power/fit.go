package power

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
)

// Fit is what a notebook's batteries taught of its power, beside that of its processors:
//
//	machine W = base + per watt × processors W + lit, while the display is lit
//
// It holds sums, no moment and no series, so that it can be kept on disk and shared between machines of one product. Old
// windows fade: about the last 200 of ten minutes count. A Fit that was read back must be resumed before it is used.
type Fit struct {
	Version int    `json:"version"`
	Product string `json:"product"` // the model of machine it belongs to, as the caller names it
	Windows int    `json:"windows"` // how many were learnt, faded or not

	// Sums over the windows, each with what is left of its weight, of the products of each two of: 1, processors W,
	// 1 if the display was lit, machine W.
	Sums [4][4]float64 `json:"sums"`

	prior prior
	open  window
}

// window is the time that becomes one observation: a gauge moves in steps of 10 to 50 mWh (not verified), which over a
// minute is up to 3 W, and over ten a third of one.
type window struct {
	state         State
	machine, part Energy
	length        time.Duration
}

// prior is what is supposed of the three coefficients before anything was learnt: mean and standard error, in watts.
type prior struct{ mean, sd [3]float64 }

// FitEnough is how many windows of ten minutes on battery a fit needs before it predicts.
const FitEnough = 12

const (
	fitVersion = 1
	fitWindow  = 10 * time.Minute
	fitLongest = time.Hour // a longer interval hides what happened in it
	fitMemory  = 200       // windows; each new one takes this part of the weight of those before
	fitProduct = 200       // bytes of the name of a product

	// A window lies around the line by fitSpread W, as long as few say by how much (ours: brightness, radio, disk); it is
	// never nearer than fitFloor, which is what the steps of a gauge leave.
	fitSpread, fitFloor = .5, .15
	// fitOutlier is how many times the spread a window may lie off once the fit is ready; what is more is cut off: gauges are
	// set right at times, which looks like use.
	fitOutlier = 4
	// fitSigma is how many standard errors the range of a prediction has on each side.
	fitSigma = 2

	// What the adapter hands on of what it takes from the mains. Middle: an average adapter over 49 W must reach 0.88 between
	// a quarter and full load (Regulation (EU) 2019/1782). Low: at a tenth of its load, where an idle notebook keeps it, the
	// EU Code of Conduct for external power supplies (version 5, 2013) asks for 0.79. High is ours.
	adapterLow, adapterMid, adapterHigh = .80, .87, .93
	// brighter is how much more a panel may draw on mains than on battery, where it is often dimmed, of what it can have
	// drawn then (ours). It is in the high bound only.
	brighter = .5
)

// ErrOtherProduct says that a fit belongs to another model of machine.
var ErrOtherProduct = errors.New("a fit of another product")

// NewFit is a fit of a product, without any window. What is supposed before the first comes from the modes of its class.
func NewFit(product string, class Modes) *Fit {
	return &Fit{Version: fitVersion, Product: product, prior: priorOf(class)}
}

// Resume makes a fit that was read back ready to learn and to predict for a product. It answers ErrOtherProduct for one of
// another, and an error for one that no machine can have left.
func (f *Fit) Resume(product string, class Modes) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if f.Product != product {
		return fmt.Errorf("resume that of %.40q for %.40q: %w", f.Product, product, ErrOtherProduct)
	}
	f.prior, f.open = priorOf(class), window{}
	return nil
}

// priorOf takes the middle of the modes, which are of the mains, less the loss of the adapter. The base is let free, because
// ten minutes tell it. A watt of the processors is 1.1 ± 0.1 of what the batteries give, for the regulators on its way (ours;
// with a power supply beside them it was 1.21: docs/method.md). What a panel draws is not known better than by three fifths:
// often nothing else will tell.
func priorOf(class Modes) prior {
	const perWatt, perWattError = 1.1, .1
	lit := adapterMid * (class.Idle.Mid - class.LongIdle.Mid).Watts()
	base := adapterMid*class.Idle.Mid.Watts() - perWatt*class.Package.Mid.Watts() - lit
	return prior{
		mean: [3]float64{base, perWatt, lit},
		sd:   [3]float64{max(class.Idle.High.Watts(), 1), perWattError, max(lit*.6, .5)},
	}
}

// Learn takes what the batteries gave in an interval and what the processors used of it, both over the same time. Ten
// minutes on end in one state make one observation. Anything else ends the window under way and is not learnt: figures of
// other meters or scopes, of no time or more than an hour, out of bounds, in other states.
func (f *Fit) Learn(state State, machine, part Figure) {
	if machine.Method != MethodBattery || machine.Scope != ScopeMachine || !inBounds(machine) ||
		!awake(state) || !ofProcessors(part) || machine.Covered != part.Covered || part.Covered > fitLongest {
		f.Break()
		return
	}
	if f.open.state != state {
		f.Break()
	}
	f.open = window{state, f.open.machine + machine.Energy, f.open.part + part.Energy, f.open.length + part.Covered}
	if f.open.length >= fitWindow {
		f.observe(f.open)
		f.Break()
	}
}

// Break ends the window under way, because an interval was missed, or the machine slept in it, or mains fed it.
func (f *Fit) Break() { f.open = window{} }

func (f *Fit) observe(w window) {
	x := at(w.state, w.part, w.length)
	machine := w.machine.Joules() / w.length.Seconds()
	if w.part <= 0 || machine < x[1] {
		return // the machine cannot have used less than its processors
	}
	if l, ok := f.line(); ok && f.Ready() && l.sane() {
		mid, sd := l.predict(x)
		machine = max(x[1], min(max(machine, mid-fitOutlier*sd), mid+fitOutlier*sd))
	}
	row := [4]float64{x[0], x[1], x[2], machine}
	for i := range row {
		for j := range row {
			f.Sums[i][j] = f.Sums[i][j]*(1-1./fitMemory) + row[i]*row[j]
		}
	}
	f.Windows++
}

// Ready tells whether enough was learnt to predict from.
func (f *Fit) Ready() bool { return f.Windows >= FitEnough }

// Around is the energy that a machine on mains took from there, of which its processors were measured to use part, or
// false when that cannot be said: too little learnt, no such figure, or a line that no machine has. The range is two
// standard errors of a window and of the coefficients, the error of the gauge, the adapter, and a panel that may be
// brighter than on battery. No bound lies below what the processors took with their loss. It covers what part covers.
//
// What charges the batteries is not in it: that is counted when the batteries give it, so that a cycle counts once, but for
// what charging loses. The error of the processors' counters is not added: the fit was learnt with the same counters.
func (f *Fit) Around(state State, part Figure) (Figure, bool) {
	l, ok := f.line()
	if !ok || !f.Ready() || !l.sane() || !awake(state) || !ofProcessors(part) {
		return Figure{}, false
	}
	x := at(state, part.Energy, part.Covered)
	mid, sd := l.predict(x)
	if mid > maxBatteryPower.Watts() {
		return Figure{}, false
	}
	off := fitSigma*sd + mid*batteryError/100
	more := brighter * x[2] * max(l.mean[2]+fitSigma*math.Sqrt(l.covariance[2][2]), 0)
	took := func(watts, efficiency float64) Energy {
		return Power(watts / efficiency * float64(Watt)).Over(part.Covered)
	}
	around := Figure{
		Low:    max(took(mid-off, adapterHigh), times(part.Low, lossLow)),
		Energy: max(took(mid, adapterMid), times(part.Energy, lossMid)),
		High:   max(took(mid+off+more, adapterLow), times(part.High, lossHigh)),
		Method: MethodRAPLModel, Scope: ScopeMachine, Covered: part.Covered,
	}
	return around, around.Low <= around.Energy && around.Energy <= around.High
}

// Estimate is a number in watts, or watts per watt, and its standard error.
type Estimate struct{ Value, Error float64 }

// Coefficients are those of the line that a fit draws, before the adapter: what was supposed, corrected by what was
// learnt. Spread is the standard deviation of a window of ten minutes around it, in watts.
type Coefficients struct {
	Base, PerWatt, Lit Estimate
	Spread             float64
}

// Coefficients are what f says of a machine on battery, or false for a fit that was not resumed.
func (f *Fit) Coefficients() (Coefficients, bool) {
	l, ok := f.line()
	of := func(i int) Estimate { return Estimate{l.mean[i], math.Sqrt(l.covariance[i][i])} }
	return Coefficients{of(0), of(1), of(2), math.Sqrt(l.noise)}, ok
}

// Merge is the fit that has learnt what two of the same product have. It answers ErrOtherProduct when they are not. It is
// supposed what a was supposed.
func Merge(a, b Fit) (Fit, error) {
	if err := errors.Join(a.Validate(), b.Validate()); err != nil {
		return Fit{}, err
	}
	if a.Product != b.Product {
		return Fit{}, fmt.Errorf("merge that of %.40q into %.40q: %w", b.Product, a.Product, ErrOtherProduct)
	}
	a.Break()
	a.Windows += b.Windows
	for i := range a.Sums {
		for j := range a.Sums[i] {
			a.Sums[i][j] += b.Sums[i][j]
		}
	}
	return a, a.Validate()
}

// Validate tells whether windows within their bounds can have left these sums: finite and symmetric, of no more weight than
// there were windows and no less than they keep, and such that no line leaves a negative sum of squares.
func (f *Fit) Validate() error {
	bad := func(what string) error { return fmt.Errorf("fit of %.40q: %s", f.Product, what) }
	const mostWindows = 1e9
	control := strings.ContainsFunc(f.Product, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar })
	switch {
	case f.Version != fitVersion:
		return bad(fmt.Sprintf("version %d, not %d", f.Version, fitVersion))
	case f.Product == "" || len(f.Product) > fitProduct || control:
		return bad("no name of a product")
	case f.Windows < 0 || f.Windows > mostWindows:
		return bad(fmt.Sprintf("%d windows", f.Windows))
	}
	most := [4]float64{1, maxBatteryPower.Watts(), 1, maxBatteryPower.Watts()}
	for i := range f.Sums {
		for j, sum := range f.Sums[i] {
			if !(sum >= 0 && sum <= float64(f.Windows)*most[i]*most[j]) || sum != f.Sums[j][i] { // NaN is not either
				return bad("sums out of bounds")
			}
		}
	}
	least := fitMemory * (1 - math.Pow(1-1./fitMemory, float64(f.Windows)))
	const rounding = 1e-9
	if f.Sums[0][0] < least*(1-rounding) || f.Sums[0][2] != f.Sums[2][2] {
		return bad("sums that do not fit the windows")
	}
	square := make([][]float64, len(f.Sums))
	for i := range f.Sums {
		square[i] = append(square[i], f.Sums[i][:]...)
		square[i][i] += rounding * (1 + square[i][i])
	}
	if _, ok := cholesky(square); !ok {
		return bad("sums that no windows have")
	}
	return nil
}

func awake(state State) bool { return state == On || state == DisplayOff }

func ofProcessors(f Figure) bool {
	return f.Scope == ScopeCPU && (f.Method == MethodRAPL || f.Method == MethodEMI) && inBounds(f)
}

func inBounds(f Figure) bool {
	return f.Covered > 0 && 0 <= f.Low && f.Low <= f.Energy && f.Energy <= f.High && f.Energy <= maxBatteryPower.Over(f.Covered)
}

// at is the point of the line that an interval lies at: 1, processors W, 1 if the display was lit.
func at(state State, part Energy, length time.Duration) [3]float64 {
	x := [3]float64{1, part.Joules() / length.Seconds(), 0}
	if state == On {
		x[2] = 1
	}
	return x
}

// line is a fit worked out: base, per watt, lit; how sure they are; the variance of a window around them.
type line struct {
	mean       [3]float64
	covariance [3][3]float64
	noise      float64
}

// line weighs the prior and the windows against one another (Bayesian linear regression: the precisions add). How much a
// window weighs depends on how far the windows lie off the line, so the two are found in turn. Three windows of the spread
// supposed stand in for the three coefficients that the windows were bent to.
func (f *Fit) line() (line, bool) {
	if f.prior == (prior{}) {
		return line{}, false
	}
	l := line{noise: fitSpread * fitSpread}
	for range 20 {
		precision, weighted := make([][]float64, 3), make([]float64, 3)
		for i := range 3 {
			own := 1 / (f.prior.sd[i] * f.prior.sd[i])
			weighted[i] = own*f.prior.mean[i] + f.Sums[i][3]/l.noise
			for j := range 3 {
				precision[i] = append(precision[i], f.Sums[i][j]/l.noise)
			}
			precision[i][i] += own
		}
		root, ok := cholesky(precision)
		if !ok {
			return line{}, false
		}
		l.mean = solve(root, weighted)
		for i := range 3 {
			unit := make([]float64, 3)
			unit[i] = 1
			l.covariance[i] = solve(root, unit)
		}
		const own = 3
		last := l.noise
		l.noise = max((own*fitSpread*fitSpread+f.squares(l.mean))/max(f.Sums[0][0], own), fitFloor*fitFloor)
		if math.Abs(l.noise-last) < 1e-6*last {
			break
		}
	}
	return l, true
}

// squares is the sum of the squares by which the windows lie off a line.
func (f *Fit) squares(mean [3]float64) float64 {
	off := [4]float64{-mean[0], -mean[1], -mean[2], 1}
	sum := 0.
	for i := range off {
		for j := range off {
			sum += off[i] * f.Sums[i][j] * off[j]
		}
	}
	return max(sum, 0)
}

// predict is what a machine at x used on battery in W, and the standard error of that: of one window, and of the line.
func (l line) predict(x [3]float64) (mid, sd float64) {
	variance := l.noise
	for i := range x {
		mid += l.mean[i] * x[i]
		for j := range x {
			variance += x[i] * l.covariance[i][j] * x[j]
		}
	}
	return mid, math.Sqrt(variance)
}

// sane tells whether a notebook can have such a line (bounds ours): something learnt was wrong when not.
func (l line) sane() bool {
	base, perWatt, lit := l.mean[0], l.mean[1], l.mean[2]
	return -2 <= base && base <= 100 && .5 <= perWatt && perWatt <= 3 && -1 <= lit && lit <= 30
}

// cholesky is the lower triangle whose product with its transpose is the symmetric matrix a, or false when a is not
// positive definite.
func cholesky(a [][]float64) ([][]float64, bool) {
	root := make([][]float64, len(a))
	for i := range a {
		root[i] = make([]float64, len(a))
		for j := range i + 1 {
			rest := a[i][j]
			for k := range j {
				rest -= root[i][k] * root[j][k]
			}
			switch {
			case i != j:
				root[i][j] = rest / root[j][j]
			case rest > 0:
				root[i][i] = math.Sqrt(rest)
			default: // NaN too
				return nil, false
			}
		}
	}
	return root, true
}

// solve is the x for which a x = b, root being the cholesky of a.
func solve(root [][]float64, b []float64) (x [3]float64) {
	for i := range x {
		x[i] = b[i]
		for k := range i {
			x[i] -= root[i][k] * x[k]
		}
		x[i] /= root[i][i]
	}
	for i := len(x) - 1; i >= 0; i-- {
		for k := i + 1; k < len(x); k++ {
			x[i] -= root[k][i] * x[k]
		}
		x[i] /= root[i][i]
	}
	return x
}
