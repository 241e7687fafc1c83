package power_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"veille/agent/power"
)

// plugs are lines as veille-collector meter calibrate --csv writes them.
const plugs = `maker,product,state,watts,low_watts,high_watts,plugs,minutes,note
*,desktop,on,31.25,24.5,38,5,48000,"5 plugs, 800 hours"
*,desktop,display_off,27,21,33,5,12000,
*,desktop,sleep,2.1,1.6,2.6,4,60000,
*,desktop,off,0.4,0.3,0.5,3,60000,
`

func classOf(t *testing.T, text, class string) power.Modes {
	t.Helper()
	c, report, err := power.ImportReadings(strings.NewReader(text))
	if err != nil || report.Refused > 0 {
		t.Fatal(report.Errors, err)
	}
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		t.Fatal(err)
	}
	p, ok, err := power.FindIn(&file, power.AnyMaker, class)
	if err != nil || !ok || !p.OfClass() {
		t.Fatalf("%+v, %t, %v", p, ok, err)
	}
	m, ok := p.Modes(class)
	if !ok {
		t.Fatalf("%+v has no modes", p)
	}
	return m
}

func nearWh(e power.Energy, wh float64) bool { return math.Abs(e.WattHours()-wh) < 1e-5 }

func TestWhatPlugsSayOfAClassTakesThePlaceOfWhatIsTypical(t *testing.T) {
	m := classOf(t, plugs, "desktop")
	if !is(m.Idle, 24.01, 31.25, 38.76) || !is(m.LongIdle, 20.58, 27, 33.66) || !is(m.Sleep, 1.4, 2.1, 2.8) || !is(m.Off, .1, .4, .7) {
		t.Errorf("%+v", m) // with the 2 % of the plugs, 0.2 W at least
	}
	// The plugs saw the load of these machines: it is not added once more. A machine with more load than others may draw as much more as is typical.
	for _, load := range []float64{0, .05, 1} {
		f := m.Figure(power.On, power.Measured(load), time.Hour)
		if !nearWh(f.Energy, 31.25) || !nearWh(f.Low, 24.01) || !nearWh(f.High, 38.76+load*60) || f.Method != power.MethodModelClass {
			t.Errorf("load %v: %+v", load, f)
		}
	}
	if f := m.Figure(power.DisplayOff, power.Measured(.5), time.Hour); !nearWh(f.Energy, 27) || !nearWh(f.High, 33.66+.5*60) {
		t.Errorf("%+v", f)
	}
}

func TestStatesOfAClassThatPlugsDoNotTellStayTypical(t *testing.T) {
	m := classOf(t, "maker,product,state,watts\n*,thin-client,on,9\n*,thin-client,on,11\n*,thin-client,on,13\n", "thin-client")
	of, _ := power.ModesOf("thin-client")
	if !is(m.Idle, 8.8, 11, 13.26) || m.Sleep != of.Sleep || m.Off != of.Off {
		t.Errorf("%+v", m)
	}
}

func TestAClassOfPlugsIsNoProduct(t *testing.T) {
	c, report, err := power.ImportReadings(strings.NewReader(plugs + "Example,Tower 900,on,20\n"))
	if err != nil || report.Refused > 0 || len(c.Products) != 2 {
		t.Fatalf("%+v, %+v, %v", c, report, err)
	}
	for _, firmware := range [][2]string{{"Example", "desktop"}, {"Example", "Desktop"}, {"", "desktop"}} {
		if p, ok := c.Find(firmware[0], firmware[1]); ok {
			t.Errorf("%q is taken for %v", firmware, p)
		}
	}
	if p, ok := c.Find("Example", "Tower 900"); !ok || p.OfClass() {
		t.Errorf("%v, %t", p, ok)
	}
}

func TestARowOfAClassThatMakesNoSenseIsNamed(t *testing.T) {
	const head = "maker,product,state,watts,low_watts,high_watts,plugs\n"
	for row, want := range map[string]string{
		"*,server,on,80,70,90,3":       "is no class of which something can be said",
		"*,unknown,on,80,70,90,3":      "is no class of which something can be said",
		"*,desktop,on,30,31,40,3":      "30 W is not between 31 and 40",
		"*,desktop,on,30,20,29,3":      "30 W is not between 20 and 29",
		"*,desktop,on,30,x,40,3":       `low_watts: "x" is not a number of watts`,
		"*,desktop,on,30,20,9999,3":    "high_watts: 9999 W is above 2000 W",
		"*,desktop,on,30,20,40,0":      `"0" is not a number of plugs`,
		"*,desktop,on,30,20,40,-3":     `"-3" is not a number of plugs`,
		"*,desktop,on,30,20,40,many":   `"many" is not a number of plugs`,
		"*,desktop,on,30,0,40,3":       "0 W: a machine that is on uses power",
		"*,desktop,asleep,30,20,40,12": "is none of on, display_off",
	} {
		c, report, err := power.ImportReadings(strings.NewReader(head + row + "\n"))
		if err != nil || report.Refused != 1 || len(c.Products) != 0 || !strings.Contains(report.Errors[0].Error(), want) {
			t.Errorf("%s: %+v, %+v, %v; want %q", row, c, report, err, want)
		}
	}
}
