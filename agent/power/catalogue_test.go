package power_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"veille/agent/power"
)

func declared(watts float64) power.Draw {
	return power.Draw{Watts: watts, Low: watts, High: watts, N: 1, Error: 15}
}

func product(maker, name string, on float64, numbers ...string) power.Product {
	return power.Product{Maker: maker, Name: name, Numbers: numbers, ShortIdle: declared(on), Source: "ENERGY STAR"}
}

func near(p power.Power, watts float64) bool { return math.Abs(p.Watts()-watts) < 1e-5 }

func is(r power.Range, low, mid, high float64) bool {
	return near(r.Low, low) && near(r.Mid, mid) && near(r.High, high)
}

func TestAnHourOfADeclaredProductSaysSo(t *testing.T) {
	p := product("Example", "Tower 900", 20)
	p.Sleep, p.Off = declared(1.2), declared(.5)
	m, ok := p.Modes("desktop")
	if !ok {
		t.Fatal("a product with declared power has no modes")
	}
	f := m.Figure(power.On, power.Measured(0), time.Hour)
	if !close(f.Low, 17) || !close(f.Energy, 20) || !close(f.High, 23) || f.Method != power.MethodModelDeclared || f.Scope != power.ScopeMachine {
		t.Errorf("an hour idle at 20 W declared: %+v; want 20 Wh, 17 to 23, model-declared", f)
	}
	if !is(m.Sleep, 1, 1.2, 1.4) || !is(m.Off, .3, .5, .7) { // 0.2 W is more than 15 %
		t.Errorf("asleep %v, off %v", m.Sleep, m.Off)
	}
	if around := m.Around(power.On, power.Figure{Covered: time.Hour}); around.Method != power.MethodRAPLModel {
		t.Errorf("around the processors the method is %s", around.Method)
	}
	of, _ := power.ModesOf("desktop")
	if of.Method != "" || of.Figure(power.On, power.Measured(0), time.Hour).Method != power.MethodModelClass {
		t.Error("the modes of a class are not model-class")
	}
}

func TestWhatAProductDoesNotSayIsTypicalOfItsClass(t *testing.T) {
	m, _ := product("Example", "Tower 900", 11).Modes("desktop")
	if !is(m.Idle, 9.35, 11, 12.65) || !is(m.LongIdle, 9.35, 11, 12.65) { // the class has 10, 20 and 35 with the display dark
		t.Errorf("idle %v, display dark %v", m.Idle, m.LongIdle)
	}
	if !is(m.Sleep, .7, 1.5, 5) || !is(m.Off, .2, .5, 1) || !is(m.Busy, 45, 65, 100) {
		t.Errorf("asleep %v, off %v, busy %v; want those of the class", m.Sleep, m.Off, m.Busy)
	}
	if !is(m.Package, 1.5, 4.5, 12.5) { // half of the class's, as the idle power is
		t.Errorf("processors %v; want the share they have in the class", m.Package)
	}
	m, _ = product("Example", "Tower 900", 90).Modes("desktop")
	if !is(m.Busy, 76.5, 90, 163.5) { // never below the declared idle power; above it, what the class adds
		t.Errorf("busy %v", m.Busy)
	}
}

func TestTheClassOfTheMachineGoesBeforeThatOfTheProduct(t *testing.T) {
	p := product("Example", "Foldbook", 5)
	p.Class = "notebook"
	for class, busy := range map[string]float64{"": 25, "unknown": 25, "notebook": 25, "mini": 35} {
		if m, ok := p.Modes(class); !ok || !near(m.Busy.Mid, busy) {
			t.Errorf("class %q: busy %v, %t; want %v W", class, m.Busy.Mid, ok, busy)
		}
	}
	if _, ok := p.Modes("server"); ok {
		t.Error("a server has modes")
	}
	p.ShortIdle, p.Sleep = power.Draw{}, declared(1)
	if _, ok := p.Modes("notebook"); ok {
		t.Error("a product of which only sleep is known has modes")
	}
}

func TestThreeReadingsShowHowMuchMachinesDifferAndTwoDoNot(t *testing.T) {
	p := power.Product{ShortIdle: power.Draw{Watts: 20, Low: 19, High: 22, N: 3, Error: 2}}
	if m, _ := p.Modes("desktop"); !is(m.Idle, 18.62, 20, 22.44) {
		t.Errorf("three readings: %v", m.Idle)
	}
	p.ShortIdle.N = 2
	if m, _ := p.Modes("desktop"); !is(m.Idle, 16.15, 20, 25.3) {
		t.Errorf("two readings: %v", m.Idle)
	}
}

// randomProduct is a product that may make no sense.
func randomProduct(r *rand.Rand) power.Product {
	p := power.Product{
		Maker: []string{"Example", "Dell Inc.", "HP"}[r.IntN(3)], Name: []string{"Model 1", "Model 2", "Model 3"}[r.IntN(3)],
		Source: []string{"ENERGY STAR", "own wattmeter"}[r.IntN(2)], Class: append(power.Classes(), "", "server")[r.IntN(7)],
	}
	top := 100.0
	for i, d := range []*power.Draw{&p.Busy, &p.ShortIdle, &p.LongIdle, &p.Sleep, &p.Off} {
		if i != 1 && r.IntN(3) == 0 {
			continue
		}
		low := top * r.Float64()
		high := low + r.Float64()*r.Float64()*50
		*d = power.Draw{Watts: low + r.Float64()*(high-low), Low: low, High: high, N: 1 + r.IntN(4), Error: []float64{2, 15}[r.IntN(2)]}
		top = min(100, d.Watts*1.1)
	}
	return p
}

func TestModesOfAProductAreInOrderOrRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	refused, tried := 0, 20_000
	for range tried {
		p := randomProduct(r)
		if p.Validate() != nil {
			refused++
			continue
		}
		for _, class := range append(power.Classes(), "unknown") {
			m, ok := p.Modes(class)
			if !ok {
				if p.Class != "server" || class != "unknown" {
					t.Fatalf("%+v has no modes as %s", p, class)
				}
				continue
			}
			checkModes(t, p, m)
		}
	}
	if refused == 0 || refused > tried*9/10 {
		t.Errorf("%d of %d products were refused: the test says little", refused, tried)
	}
}

func checkModes(t *testing.T, p power.Product, m power.Modes) {
	t.Helper()
	for name, r := range map[string]power.Range{
		"idle": m.Idle, "long idle": m.LongIdle, "sleep": m.Sleep, "off": m.Off, "busy": m.Busy, "package": m.Package,
	} {
		if r.Low < 0 || r.Low > r.Mid || r.Mid > r.High {
			t.Fatalf("%s of %+v: %v", name, p, r)
		}
	}
	for _, x := range []struct{ less, more power.Range }{{m.Off, m.Sleep}, {m.Sleep, m.LongIdle}, {m.LongIdle, m.Idle}, {m.Idle, m.Busy}} {
		if x.less.Mid.Watts() > x.more.Mid.Watts()+max(.5, .05*x.more.Mid.Watts())+1e-5 {
			t.Fatalf("%+v: %+v are not in order", p, m)
		}
	}
	if m.Busy.Low < m.Idle.Low || m.Busy.Mid < m.Idle.Mid || m.Busy.High < m.Idle.High || m.Package.High > m.Idle.High {
		t.Fatalf("%+v: busy %v, idle %v, processors %v", p, m.Busy, m.Idle, m.Package)
	}
	for _, state := range []power.State{power.On, power.DisplayOff, power.Sleep, power.Off} {
		for _, load := range []power.Load{power.Measured(0), power.Measured(.5), power.Measured(1), power.UnknownLoad()} {
			f := m.Figure(state, load, time.Hour)
			if f.Low > f.Energy+1 || f.Energy > f.High+1 || f.Method != power.MethodModelDeclared {
				t.Fatalf("%+v: %s at load %v: %+v", p, state, load, f)
			}
		}
	}
}

func TestAProductThatMakesNoSenseIsRefusedWithTheReason(t *testing.T) {
	for _, tt := range []struct {
		change func(*power.Product)
		want   string
	}{
		{func(p *power.Product) { p.ShortIdle = power.Draw{Watts: math.NaN(), Low: 1, High: 2, N: 1, Error: 15} }, "on: NaN is no power"},
		{func(p *power.Product) { p.ShortIdle.High = math.Inf(1) }, "on: +Inf is no power"},
		{func(p *power.Product) { p.Sleep = declared(-1) }, "sleep: -1 W is below zero"},
		{func(p *power.Product) { p.ShortIdle = declared(3000) }, "on: 3000 W is above 2000 W"},
		{func(p *power.Product) { p.ShortIdle = declared(0) }, "on: 0 W: a machine that is on uses power"},
		{func(p *power.Product) { p.Sleep = declared(30) }, "sleep 30 W is above on 20 W"},
		{func(p *power.Product) { p.Off = declared(30) }, "off 30 W is above on 20 W"},
		{func(p *power.Product) { p.Off, p.Sleep = declared(3), declared(2) }, "off 3 W is above sleep 2 W"},
		{func(p *power.Product) { p.LongIdle = declared(25) }, "display_off 25 W is above on 20 W"},
		{func(p *power.Product) { p.Busy = declared(15) }, "on 20 W is above busy 15 W"},
		{func(p *power.Product) { p.ShortIdle.Low = 21 }, "on: 20 W is not between 21 and 20"},
		{func(p *power.Product) { p.ShortIdle.Error = 0 }, "on: an error of 0 % is not between 0 and 100"},
		{func(p *power.Product) { p.ShortIdle.N = 0 }, "on: 20 W of 0 readings"},
		{func(p *power.Product) { p.ShortIdle = power.Draw{} }, "no power is given"},
		{func(p *power.Product) { p.Maker = " " }, "a name is missing"},
		{func(p *power.Product) { p.Numbers = []string{""} }, "a name is missing"},
		{func(p *power.Product) { p.Name = "a\nb" }, "is no name"},
		{func(p *power.Product) { p.Class = "toaster" }, `class "toaster" is none of`},
	} {
		p := product("Example", "Tower 900", 20)
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
		tt.change(&p)
		if err := p.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v; want %q", err, tt.want)
		}
	}
	p := product("Example", "Foldbook", 5)
	p.LongIdle, p.Sleep = declared(.9), declared(1.1) // as notebooks of 2025 are
	if err := p.Validate(); err != nil {
		t.Errorf("asleep a little above idle: %v", err)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var c power.Catalogue
	for range 200 {
		if p := randomProduct(r); p.Validate() == nil {
			c = c.Join(power.Catalogue{Products: []power.Product{p}})
		}
	}
	if again := readBack(t, c); !reflect.DeepEqual(again, c) {
		t.Errorf("wrote %+v, read %+v", c, again)
	}
	if !reflect.DeepEqual(c.Replace(c), c) || c.Without(c) != 0 || c.Without(power.Catalogue{}) != len(c.Products) {
		t.Error("a catalogue brought up to date by itself is another")
	}
	if again := readBack(t, power.Catalogue{}); len(again.Products) != 0 {
		t.Errorf("the empty catalogue is read as %+v", again)
	}
}

func readBack(t *testing.T, c power.Catalogue) power.Catalogue {
	t.Helper()
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := power.ReadCatalogue(&file)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestADamagedCatalogueIsRefusedWithTheReason(t *testing.T) {
	const good = `{"version":1,"products":[{"maker":"Example","name":"A","on":{"w":5,"low":5,"high":5,"n":1,"error_pct":15},"source":"x"}]}`
	if _, err := power.ReadCatalogue(strings.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ file, want string }{
		{"", "it does not begin with"},
		{"[]", "it does not begin with"},
		{`{"products":[]}`, "it does not begin with"},
		{`{"version":2,"products":[]}`, "its version is 2, and this program knows version 1 only"},
		{`{"version":"1","products":[]}`, "its version is not a number"},
		{`{"version":1}`, `no "products":[ follows`},
		{good[:len(good)-1], `"}" is missing at its end`},
		{good[:len(good)-2], `"]" is missing at its end`},
		{good[:60], "product 1: unexpected EOF"},
		{strings.Replace(good, `"w":5`, `"w":-5`, 1), "product 1: Example A: on: -5 W is below zero"},
		{strings.Replace(good, `"w":5`, `"w":1e999`, 1), "product 1: json"},
		{`{"version":1,"products":[{"maker":"` + strings.Repeat("x", 3<<20), "longer than 1048576 bytes"},
	} {
		if _, err := power.ReadCatalogue(strings.NewReader(tt.file)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.60q: %v; want %q", tt.file, err, tt.want)
		}
	}
	if err := (power.Catalogue{Products: []power.Product{{}}}).Write(io.Discard); err == nil {
		t.Error("a product that says nothing is written")
	}
	if err := (power.Catalogue{}).Write(broken{}); !errors.Is(err, errBroken) {
		t.Errorf("a disk that is full: %v", err)
	}
}

var errBroken = errors.New("no space left")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
func (broken) Read([]byte) (int, error)  { return 0, errBroken }

func TestANewImportReplacesAndKeepsWhatItDoesNotSay(t *testing.T) {
	old := product("Example", "Tower 900", 20)
	old.Sleep = declared(1)
	newer := product("EXAMPLE INC.", "tower-900", 30)
	other := product("Example", "Tower 901", 40)
	c := power.Catalogue{Products: []power.Product{old, other}}.Replace(power.Catalogue{Products: []power.Product{newer}})
	if len(c.Products) != 2 || c.Products[1].ShortIdle.Watts != 30 || c.Products[1].Sleep.Watts != 1 || c.Products[0].ShortIdle.Watts != 40 {
		t.Errorf("got %+v", c)
	}
	c = power.Catalogue{Products: []power.Product{old}}.Join(power.Catalogue{Products: []power.Product{newer}})
	if d := c.Products[0].ShortIdle; len(c.Products) != 1 || d != (power.Draw{Watts: 25, Low: 20, High: 30, N: 2, Error: 15}) {
		t.Errorf("two files of one import: %+v", c)
	}
	newer.ShortIdle = declared(.1) // below what it slept at
	c = power.Catalogue{Products: []power.Product{old}}.Replace(power.Catalogue{Products: []power.Product{newer}})
	if p := c.Products[0]; p.ShortIdle.Watts != .1 || p.Sleep.Known() {
		t.Errorf("what contradicts the new import is kept: %+v", p)
	}
}

func FuzzReadCatalogue(f *testing.F) {
	f.Add([]byte(`{"version":1,"products":[{"maker":"Example","name":"A 1","on":{"w":5,"low":5,"high":5,"n":1,"error_pct":15},"source":"x"}]}`))
	f.Add([]byte(`{"version":1,"products":[{"maker":"Example","name":"*xx1","numbers":["A1xx*"],"sleep":{"w":5,"low":0,"high":1e3,"n":3,"error_pct":2},"source":"y"},{}]}`))
	f.Add([]byte(`{"version":2`))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := power.ReadCatalogue(bytes.NewReader(file))
		if err != nil {
			return
		}
		checkCatalogue(t, c)
	})
}

// checkCatalogue holds for every catalogue that was read or imported.
func checkCatalogue(t *testing.T, c power.Catalogue) {
	t.Helper()
	if again := readBack(t, c); !reflect.DeepEqual(again, c) && len(c.Products) > 0 {
		t.Fatalf("wrote %+v, read %+v", c, again)
	}
	for _, p := range c.Products {
		found, ok := c.Find(p.Maker, append([]string{p.Name}, p.Numbers...)...)
		if !ok {
			continue
		}
		if m, ok := found.Modes("desktop"); ok {
			checkModes(t, found, m)
		}
	}
}
