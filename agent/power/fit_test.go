package power_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"veille/agent/power"
)

// knownMachine is a notebook whose truth is known: watts on battery are base + perWatt × processors + lit, and noise.
type knownMachine struct {
	r                  *rand.Rand
	base, perWatt, lit float64
	minute, slow       float64 // standard deviation of the noise of a minute, and of ten
	step               power.Energy
	gauge              float64 // what the gauge tells of a watt-hour
	mean, swing        float64 // of the processors, W
	dark               float64 // share of the time on battery with the display dark
	real, told         float64 // microjoules used, and told by the gauge, since the beginning
}

const milliwattHour = power.Joule * 36 / 10

func (m *knownMachine) truth(state power.State, processors float64) float64 {
	watts := m.base + m.perWatt*processors
	if state == power.On {
		watts += m.lit
	}
	return watts
}

func (m *knownMachine) processors() float64 { return m.mean + m.swing*m.r.Float64() }

// run teaches f so many windows of ten minutes on battery.
func (m *knownMachine) run(f *power.Fit, windows int) {
	for range windows {
		state := power.On
		if m.r.Float64() < m.dark {
			state = power.DisplayOff
		}
		level, slow := m.processors(), m.slow*m.r.NormFloat64()
		for range 10 {
			p := level
			if m.swing > 0 {
				p *= .8 + .4*m.r.Float64()
			}
			watts := max(m.truth(state, p)+slow+m.minute*m.r.NormFloat64(), p)
			f.Learn(state, battery(m.gives(watts)), processors(p))
		}
	}
}

// gives is what the gauge says of a minute at so many watts.
func (m *knownMachine) gives(watts float64) power.Energy {
	m.real += watts * 60e6 * m.gauge
	before := m.told
	if m.step > 0 {
		m.told = math.Floor(m.real/float64(m.step)) * float64(m.step)
	} else {
		m.told = m.real
	}
	return power.Energy(m.told - before)
}

func battery(e power.Energy) power.Figure {
	return power.Figure{
		Energy: e, Low: e * 95 / 100, High: e * 105 / 100,
		Method: power.MethodBattery, Scope: power.ScopeMachine, Covered: time.Minute,
	}
}

func processors(watts float64) power.Figure {
	e := power.Energy(watts * 60e6)
	return power.Figure{
		Energy: e, Low: e * 95 / 100, High: e * 105 / 100,
		Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: time.Minute,
	}
}

func class() power.Modes {
	m, _ := power.ModesOf("notebook")
	return m
}

// office is the notebook of the examples: 3.2 W, 1.15 W for each of the processors, 2.4 W of the panel, a gauge of 36 mWh.
func office(seed uint64) *knownMachine {
	return &knownMachine{
		r: rand.New(rand.NewPCG(seed, 7)), base: 3.2, perWatt: 1.15, lit: 2.4, minute: .4, slow: .2,
		step: 36 * milliwattHour, gauge: 1, mean: 1, swing: 8, dark: .2,
	}
}

func wattsOf(e power.Energy) float64 { return e.Joules() / 60 }

func coefficients(t *testing.T, f *power.Fit) power.Coefficients {
	t.Helper()
	c, ok := f.Coefficients()
	if !ok {
		t.Fatal("the fit has no coefficients")
	}
	return c
}

func TestAFitFindsTheCoefficientsOfAMachine(t *testing.T) {
	within, n := 0, 0
	for seed := range uint64(60) {
		f := power.NewFit("Acme 14", class())
		m := office(seed)
		m.run(f, 80)
		c := coefficients(t, f)
		for _, x := range []struct {
			name  string
			got   power.Estimate
			truth float64
			wrong float64 // the most that the error may be
		}{{"base", c.Base, m.base, .3}, {"per watt", c.PerWatt, m.perWatt, .05}, {"lit", c.Lit, m.lit, .3}} {
			n++
			if off := math.Abs(x.got.Value - x.truth); off <= 2*x.got.Error {
				within++
			} else if off > 4*x.got.Error {
				t.Errorf("seed %d: %s %.3f ± %.3f, truth %v", seed, x.name, x.got.Value, x.got.Error, x.truth)
			}
			if x.got.Error > x.wrong {
				t.Errorf("seed %d: %s is not known better than ± %.3f", seed, x.name, x.got.Error)
			}
		}
	}
	share := float64(within) / float64(n)
	t.Logf("%d of %d coefficients lie within two standard errors (%.1f %%)", within, n, 100*share)
	if share < .93 {
		t.Errorf("%.1f %% of the coefficients lie within two standard errors, want 93", 100*share)
	}
}

// random is a machine somewhere among the notebooks that there are.
func random(r *rand.Rand) *knownMachine {
	between := func(low, high float64) float64 { return low + (high-low)*r.Float64() }
	m := &knownMachine{
		r: r, base: between(1, 7), perWatt: between(1, 1.25), lit: between(.8, 5), minute: between(.1, 1), slow: between(0, .6),
		step: power.Energy(between(10, 50)) * milliwattHour, gauge: between(.95, 1.05), mean: between(.5, 4), swing: between(.5, 10),
	}
	if r.IntN(2) == 0 {
		m.dark = between(0, .4)
	}
	return m
}

// onMains teaches a fit by m and predicts ten minutes on mains, with another load than on battery. It says whether the truth
// is below (-1), in (0) or above (1) the range.
func (m *knownMachine) onMains(t *testing.T, state power.State, efficiency, brighter float64) int {
	t.Helper()
	f := power.NewFit("Acme 14", class())
	m.run(f, 12+m.r.IntN(60))
	p := m.processors() * (.5 + 1.5*m.r.Float64())
	truth := m.truth(state, p) + m.slow*m.r.NormFloat64() + m.minute*m.r.NormFloat64()/math.Sqrt(10)
	if state == power.On {
		truth += brighter * m.lit
	}
	truth /= efficiency
	got, ok := f.Around(state, processors(p))
	switch {
	case !ok:
		t.Fatalf("no figure for %+v", m)
	case truth < wattsOf(got.Low):
		return -1
	case truth > wattsOf(got.High):
		return 1
	}
	return 0
}

func TestTheTrueEnergyOnMainsLiesInTheRange(t *testing.T) {
	for _, tt := range []struct {
		name string
		with func(m *knownMachine) (efficiency, brighter float64)
	}{
		{"any machine", func(m *knownMachine) (float64, float64) { return .80 + .13*m.r.Float64(), .5 * m.r.Float64() }},
		{"gauge 5 % low, worst adapter, brightest panel", func(m *knownMachine) (float64, float64) { m.gauge = .95; return .80, .5 }},
		{"gauge 5 % high, best adapter", func(m *knownMachine) (float64, float64) { m.gauge = 1.05; return .93, 0 }},
	} {
		for _, state := range []power.State{power.On, power.DisplayOff} {
			const machines = 300
			r := rand.New(rand.NewPCG(3, 14))
			met := map[int]int{}
			for range machines {
				m := random(r)
				efficiency, brighter := tt.with(m)
				met[m.onMains(t, state, efficiency, brighter)]++
			}
			share := 100 * float64(met[0]) / machines
			t.Logf("%s, %s: the truth of %d machines lies in the range of %.1f %%, below it %d, above it %d", tt.name, state, machines, share, met[-1], met[1])
			if share < 95 {
				t.Errorf("%s, %s: %.1f %%, want at least 95", tt.name, state, share)
			}
		}
	}
}

func TestAFitIsNarrowerThanTheClass(t *testing.T) {
	for _, state := range []power.State{power.On, power.DisplayOff} {
		for _, p := range []float64{1, 3, 8} {
			m, f := office(1), power.NewFit("Acme 14", class())
			m.run(f, 60)
			fitted, ok := f.Around(state, processors(p))
			typical := class().Around(state, processors(p))
			ratio := float64(fitted.High-fitted.Low) / float64(typical.High-typical.Low)
			t.Logf("%s, processors at %v W: %.1f W (%.1f to %.1f); the class says %.1f (%.1f to %.1f): %.2f of its width", state, p,
				wattsOf(fitted.Energy), wattsOf(fitted.Low), wattsOf(fitted.High),
				wattsOf(typical.Energy), wattsOf(typical.Low), wattsOf(typical.High), ratio)
			if truth := m.truth(state, p) / .87; !ok || ratio > .6 || math.Abs(wattsOf(fitted.Energy)-truth) > .5 {
				t.Errorf("%s at %v W: %+v, %t; the truth is %.1f W", state, p, fitted, ok, truth)
			}
		}
	}
}

func TestWhatNeverVariedStaysAsSupposed(t *testing.T) {
	supposed := coefficients(t, power.NewFit("Acme 14", class()))
	for _, tt := range []struct {
		name   string
		change func(*knownMachine)
		of     func(power.Coefficients) power.Estimate
	}{
		{"processors always at 3 W", func(m *knownMachine) { m.mean, m.swing = 3, 0 }, func(c power.Coefficients) power.Estimate { return c.PerWatt }},
		{"display never dark", func(m *knownMachine) { m.dark = 0 }, func(c power.Coefficients) power.Estimate { return c.Lit }},
		{"display never lit", func(m *knownMachine) { m.dark = 1 }, func(c power.Coefficients) power.Estimate { return c.Lit }},
	} {
		m, f := office(2), power.NewFit("Acme 14", class())
		m.base = 8 // far from what is supposed
		tt.change(m)
		m.run(f, 100)
		want, got := tt.of(supposed), tt.of(coefficients(t, f))
		if math.Abs(got.Value-want.Value) > .15*want.Error || got.Error < .9*want.Error {
			t.Errorf("%s: %.3f ± %.3f, supposed %.3f ± %.3f", tt.name, got.Value, got.Error, want.Value, want.Error)
		}
	}
}

func TestWhatIsSupposedIsAnIdleMachineOfTheClass(t *testing.T) {
	c := coefficients(t, power.NewFit("Acme 14", class())) // 0.87 × 6 − 1.1 × 2 − 0.87 × (6 − 3.5)
	if math.Abs(c.Base.Value-.845) > 1e-9 || math.Abs(c.PerWatt.Value-1.1) > 1e-9 || math.Abs(c.Lit.Value-2.175) > 1e-9 {
		t.Errorf("%+v; want 0.845, 1.1 and 2.175 W", c)
	}
}

func TestAFitSaysNothingBeforeTwoHours(t *testing.T) {
	m, f := office(3), power.NewFit("Acme 14", class())
	m.run(f, 11)
	if _, ok := f.Around(power.On, processors(2)); ok || f.Ready() {
		t.Error("eleven windows were enough")
	}
	m.run(f, 1)
	if _, ok := f.Around(power.On, processors(2)); !ok || !f.Ready() {
		t.Error("twelve windows were not enough")
	}
}

func TestOnlyTenMinutesOnEndInOneStateAreLearnt(t *testing.T) {
	minutes := func(f *power.Fit, state power.State, n int) {
		for range n {
			f.Learn(state, battery(8*60*power.Joule), processors(2))
		}
	}
	for _, tt := range []struct {
		name string
		do   func(*power.Fit)
		want int
	}{
		{"ten", func(f *power.Fit) { minutes(f, power.On, 10) }, 1},
		{"twenty-nine", func(f *power.Fit) { minutes(f, power.On, 29) }, 2},
		{"nine and one dark", func(f *power.Fit) { minutes(f, power.On, 9); minutes(f, power.DisplayOff, 1) }, 0},
		{"nine, dark, and ten dark", func(f *power.Fit) { minutes(f, power.On, 9); minutes(f, power.DisplayOff, 10) }, 1},
		{"five, a break, nine", func(f *power.Fit) { minutes(f, power.On, 5); f.Break(); minutes(f, power.On, 9) }, 0},
		{"five, a break, ten", func(f *power.Fit) { minutes(f, power.On, 5); f.Break(); minutes(f, power.On, 10) }, 1},
		{"asleep", func(f *power.Fit) { minutes(f, power.Sleep, 20) }, 0},
		{"off", func(f *power.Fit) { minutes(f, power.Off, 20) }, 0},
		{"in no state", func(f *power.Fit) { minutes(f, "", 20) }, 0},
	} {
		f := power.NewFit("Acme 14", class())
		if tt.do(f); f.Windows != tt.want {
			t.Errorf("%s: %d windows, want %d", tt.name, f.Windows, tt.want)
		}
	}
}

func TestGarbageIsNotLearntAndEndsTheWindow(t *testing.T) {
	for _, tt := range []struct {
		name string
		bad  func(machine, part *power.Figure)
	}{
		{"no time", func(m, p *power.Figure) { m.Covered, p.Covered = 0, 0 }},
		{"time that runs back", func(m, p *power.Figure) { m.Covered, p.Covered = -time.Minute, -time.Minute }},
		{"two different times", func(m, _ *power.Figure) { m.Covered = 2 * time.Minute }},
		{"more than an hour", func(m, p *power.Figure) { m.Covered, p.Covered = 61*time.Minute, 61*time.Minute }},
		{"the platform's counter", func(m, _ *power.Figure) { m.Method = power.MethodPsys }},
		{"a model", func(m, _ *power.Figure) { m.Method = power.MethodModelClass }},
		{"a machine of scope cpu", func(m, _ *power.Figure) { m.Scope = power.ScopeCPU }},
		{"processors of scope machine", func(_, p *power.Figure) { p.Scope = power.ScopeMachine }},
		{"processors by a model", func(_, p *power.Figure) { p.Method = power.MethodRAPLModel }},
		{"a machine that gives back", func(m, _ *power.Figure) { m.Energy, m.Low, m.High = -1, -1, -1 }},
		{"processors that give back", func(_, p *power.Figure) { p.Energy, p.Low, p.High = -1, -1, -1 }},
		{"a power station", func(m, _ *power.Figure) { m.Energy, m.High = math.MaxInt64, math.MaxInt64 }},
		{"processors of a power station", func(_, p *power.Figure) { p.Energy, p.High = math.MaxInt64, math.MaxInt64 }},
		{"bounds the wrong way round", func(m, _ *power.Figure) { m.Low, m.High = m.High, m.Low }},
	} {
		f := power.NewFit("Acme 14", class())
		for i := range 19 { // nine good ones, one bad, nine good ones: no ten on end
			machine, part := battery(8*60*power.Joule), processors(2)
			if i == 9 {
				tt.bad(&machine, &part)
			}
			f.Learn(power.On, machine, part)
		}
		if f.Windows != 0 || f.Sums != (power.Fit{}).Sums {
			t.Errorf("%s was learnt", tt.name)
		}
	}
}

func TestAMachineThatUsesLessThanItsProcessorsIsNotLearnt(t *testing.T) {
	f := power.NewFit("Acme 14", class())
	for range 10 {
		f.Learn(power.On, battery(2*60*power.Joule), processors(3))
	}
	for range 10 {
		f.Learn(power.On, battery(2*60*power.Joule), processors(0))
	}
	if f.Windows != 0 {
		t.Errorf("%d windows were learnt of a machine below its processors, or of processors that use nothing", f.Windows)
	}
}

func TestAMinuteInWhichTheGaugeDidNotMoveIsPartOfItsWindow(t *testing.T) {
	f := power.NewFit("Acme 14", class())
	for i := range 10 {
		f.Learn(power.On, battery(power.Energy(i%2)*16*60*power.Joule), processors(2))
	}
	if f.Windows != 1 || math.Abs(f.Sums[0][3]-8) > 1e-9 {
		t.Errorf("%d windows of %v W, want one of 8", f.Windows, f.Sums[0][3])
	}
}

func TestAGaugeThatWasSetRightHardlyMovesAFit(t *testing.T) {
	m, f := office(4), power.NewFit("Acme 14", class())
	m.run(f, 40)
	before, _ := f.Around(power.On, processors(3))
	m.real += 4 * 3600e6 // 4 Wh that nobody used
	m.run(f, 1)
	after, _ := f.Around(power.On, processors(3))
	if off := math.Abs(wattsOf(after.Energy - before.Energy)); off > .2 {
		t.Errorf("one window moved the middle by %.2f W", off)
	}
}

func TestOldWindowsFade(t *testing.T) {
	m, f := office(5), power.NewFit("Acme 14", class())
	m.run(f, 400)
	m.base += 2 // a second disk
	m.run(f, 1200)
	c := coefficients(t, f)
	if math.Abs(c.Base.Value-m.base) > .3 || f.Sums[0][0] > 200 || f.Sums[0][0] < 199 || f.Windows != 1600 {
		t.Errorf("base %+v, want %v; weight %v of %d windows, want about 200 of 1600", c.Base, m.base, f.Sums[0][0], f.Windows)
	}
}

func TestEveryPredictionIsInOrderAndNotBelowTheProcessors(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for range 200 {
		m, f := random(r), power.NewFit("Acme 14", class())
		if r.IntN(4) == 0 {
			m.base, m.perWatt, m.swing = 20, .5, 10 // far above them, its processors use more than this line says of all of it
		}
		m.run(f, 12+r.IntN(60))
		for range 20 {
			part := processors(math.Pow(10, 4*r.Float64()-2))
			got, ok := f.Around([]power.State{power.On, power.DisplayOff}[r.IntN(2)], part)
			if !ok {
				continue
			}
			checkOrder(t, got, part)
			if got.Method != power.MethodRAPLModel || got.Scope != power.ScopeMachine || got.Covered != part.Covered {
				t.Fatalf("%+v around %+v", got, part)
			}
		}
	}
}

func checkOrder(t *testing.T, f, part power.Figure) {
	t.Helper()
	below := func(e, part power.Energy, loss float64) bool { return float64(e) < float64(part)*loss-1 }
	if below(f.Low, part.Low, 1.1) || below(f.Energy, part.Energy, 1.2) || below(f.High, part.High, 1.4) || f.Low > f.Energy || f.Energy > f.High {
		t.Fatalf("%+v around %+v", f, part)
	}
}

func TestNothingIsPredictedAroundGarbage(t *testing.T) {
	m, f := office(6), power.NewFit("Acme 14", class())
	m.run(f, 20)
	good := processors(3)
	for _, tt := range []struct {
		name  string
		state power.State
		bad   func(*power.Figure)
	}{
		{"asleep", power.Sleep, func(*power.Figure) {}},
		{"off", power.Off, func(*power.Figure) {}},
		{"in no state", "", func(*power.Figure) {}},
		{"no time", power.On, func(p *power.Figure) { p.Covered = 0 }},
		{"less than nothing", power.On, func(p *power.Figure) { p.Low, p.Energy = -5, -4 }},
		{"a power station", power.On, func(p *power.Figure) { p.Energy, p.High = math.MaxInt64, math.MaxInt64 }},
		{"more than batteries give", power.On, func(p *power.Figure) { *p = processors(290) }},
		{"the whole machine", power.On, func(p *power.Figure) { p.Scope = power.ScopeMachine }},
		{"a model", power.On, func(p *power.Figure) { p.Method = power.MethodModelClass }},
	} {
		part := good
		tt.bad(&part)
		if got, ok := f.Around(tt.state, part); ok {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	if _, ok := f.Around(power.On, good); !ok {
		t.Error("nothing is predicted around a good figure")
	}
}

func TestALineThatNoMachineHasIsNotUsed(t *testing.T) {
	m, f := office(7), power.NewFit("Acme 14", class())
	m.base = 110
	m.run(f, 60)
	if got, ok := f.Around(power.On, processors(3)); ok {
		t.Errorf("a base of 110 W gave %+v", got)
	}
}

func TestAFitSurvivesTheDisk(t *testing.T) {
	m, f := office(8), power.NewFit("Acme 14", class())
	m.run(f, 25)
	f.Learn(power.On, battery(8*60*power.Joule), processors(2)) // a window under way, which stays behind
	data, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes: %s", len(data), data)
	var back power.Fit
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if _, ok := back.Around(power.On, processors(3)); ok {
		t.Error("a fit that was not resumed predicts")
	}
	if err := back.Resume("Acme 15", class()); !errors.Is(err, power.ErrOtherProduct) {
		t.Errorf("resumed for another product: %v", err)
	}
	if err := back.Resume("Acme 14", class()); err != nil {
		t.Fatal(err)
	}
	want, _ := f.Around(power.On, processors(3))
	if got, ok := back.Around(power.On, processors(3)); !ok || got != want {
		t.Errorf("%+v, before %+v", got, want)
	}
	for range 9 {
		back.Learn(power.On, battery(8*60*power.Joule), processors(2))
	}
	if back.Windows != 25 {
		t.Error("the window under way went over the disk")
	}
	if err := back.Resume("Acme 14", class()); err != nil {
		t.Fatal(err)
	}
	back.Learn(power.On, battery(8*60*power.Joule), processors(2))
	if back.Windows != 25 {
		t.Error("a fit that was resumed went on with the window under way")
	}
}

func TestGarbageOnDiskIsRefused(t *testing.T) {
	m, good := office(9), power.NewFit("Acme 14", class())
	m.run(good, 30)
	for _, tt := range []struct {
		name string
		bad  func(*power.Fit)
	}{
		{"another version", func(f *power.Fit) { f.Version = 2 }},
		{"no product", func(f *power.Fit) { f.Product = "" }},
		{"a long product", func(f *power.Fit) { f.Product = string(make([]byte, 201)) }},
		{"a product with a line feed", func(f *power.Fit) { f.Product = "a\nb" }},
		{"fewer than no windows", func(f *power.Fit) { f.Windows = -1 }},
		{"windows and no sums", func(f *power.Fit) { f.Sums = power.Fit{}.Sums }},
		{"sums and no windows", func(f *power.Fit) { f.Windows = 0 }},
		{"more windows than weight", func(f *power.Fit) { f.Windows = 60 }},
		{"more weight than windows", func(f *power.Fit) { f.Windows = 20 }},
		{"not a number", func(f *power.Fit) { f.Sums[3][3] = math.NaN() }},
		{"no end", func(f *power.Fit) { f.Sums[1][1] = math.Inf(1) }},
		{"not symmetric", func(f *power.Fit) { f.Sums[1][3] += 1e-3 }},
		{"less than nothing", func(f *power.Fit) { f.Sums[1][0], f.Sums[0][1] = -1, -1 }},
		{"a display more than lit", func(f *power.Fit) { f.Sums[2][2] *= 1.1 }},
		{"no square", func(f *power.Fit) { f.Sums[3][3] /= 2 }},
		{"a power station", func(f *power.Fit) { f.Sums[3][3] = 31 * 300 * 300 }},
	} {
		f := *good
		if tt.bad(&f); f.Validate() == nil || f.Resume("Acme 14", class()) == nil {
			t.Errorf("%s is valid", tt.name)
		}
	}
	if err := good.Validate(); err != nil {
		t.Errorf("what was learnt is not valid: %v", err)
	}
	if err := power.NewFit("Acme 14", class()).Validate(); err != nil {
		t.Errorf("a new fit is not valid: %v", err)
	}
}

func TestWhatAnyMachineTeachesIsValid(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 1))
	for range 80 {
		m, f := random(r), power.NewFit("Acme 14", class())
		if r.IntN(3) == 0 {
			m.swing, m.minute, m.slow, m.step = 0, 0, 0, 0 // nothing varies: singular sums
		}
		m.run(f, r.IntN(300))
		if err := f.Validate(); err != nil {
			t.Fatalf("%+v after %d windows: %v", m, f.Windows, err)
		}
	}
}

func TestTwoFitsOfAProductLearnAsOne(t *testing.T) {
	a, b := power.NewFit("Acme 14", class()), power.NewFit("Acme 14", class())
	lit, dark := office(10), office(11)
	lit.dark, dark.dark = 0, 1
	lit.run(a, 40)
	dark.run(b, 40)
	both, err := power.Merge(*a, *b)
	if err != nil {
		t.Fatal(err)
	}
	a.Learn(power.On, battery(8*60*power.Joule), processors(2)) // a window under way, which stays behind
	swapped, _ := power.Merge(*a, *b)
	for range 9 {
		swapped.Learn(power.On, battery(8*60*power.Joule), processors(2))
	}
	if swapped.Windows != 80 {
		t.Error("the window under way was merged")
	}
	swapped, _ = power.Merge(*b, *a)
	if both.Windows != 80 || both.Sums != swapped.Sums {
		t.Errorf("%d windows, and the other way round %+v, %+v", both.Windows, swapped.Sums, both.Sums)
	}
	c := coefficients(t, &both) // neither knew what the panel draws
	if math.Abs(c.Lit.Value-2.4) > 2*c.Lit.Error || c.Lit.Error > .2 || c.Lit.Error >= coefficients(t, a).Lit.Error/3 {
		t.Errorf("lit %+v, alone %+v and %+v", c.Lit, coefficients(t, a).Lit, coefficients(t, b).Lit)
	}
	if _, err := power.Merge(*a, *power.NewFit("Acme 15", class())); !errors.Is(err, power.ErrOtherProduct) {
		t.Errorf("merged with another product: %v", err)
	}
	broken := *b
	broken.Sums[0][0] = -1
	if _, err := power.Merge(*a, broken); err == nil {
		t.Error("merged with sums that no windows have")
	}
}

func FuzzAFitFromDisk(f *testing.F) {
	m, fit := office(12), power.NewFit("Acme 14", class())
	m.run(fit, 20)
	data, err := json.Marshal(fit)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, 3.)
	f.Add([]byte(`{"version":1,"product":"Acme 14","windows":12,"sums":[[12,0,0,0],[0,0,0,0],[0,0,0,0],[0,0,0,0]]}`), 1.)
	f.Add([]byte(`{}`), 0.)
	f.Fuzz(func(t *testing.T, data []byte, watts float64) {
		var fit power.Fit
		if json.Unmarshal(data, &fit) != nil || fit.Resume(fit.Product, class()) != nil || !(watts >= 0 && watts < 1000) {
			return
		}
		part := processors(watts)
		for _, state := range []power.State{power.On, power.DisplayOff} {
			got, ok := fit.Around(state, part)
			if ok {
				checkOrder(t, got, part)
			}
			for range 10 {
				fit.Learn(state, battery(2*part.Energy), part)
			}
		}
		if fit.Windows < 1e9 && fit.Validate() != nil {
			t.Fatalf("learning made it invalid: %v", fit.Validate())
		}
		if c, ok := fit.Coefficients(); !ok || math.IsNaN(c.Base.Value+c.PerWatt.Error+c.Lit.Value+c.Spread) {
			t.Fatalf("coefficients %+v, %t", c, ok)
		}
	})
}
