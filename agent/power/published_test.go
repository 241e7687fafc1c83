package power

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
)

// loadReading is thirty seconds of a processor under a load, as CodeCarbon has published it (testdata/README.md).
type loadReading struct {
	machine         string // processor and run
	tdp, load       float64
	processor, plug float64 // watts; the machine's at the plug, 0 where none was there
}

func published(t *testing.T) []loadReading {
	t.Helper()
	f, err := os.Open("testdata/load.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(s string) float64 {
		if s == "" {
			return 0
		}
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	var all []loadReading
	for _, r := range rows[1:] {
		all = append(all, loadReading{r[0] + " " + r[1], number(r[2]), number(r[3]) / 100, number(r[4]), number(r[5])})
	}
	return all
}

// missed is by how much a model misses the processors' power on average: regardless of the sign, and with it, in percent.
func missed(all []loadReading, model func(loadReading) float64) (size, bias float64) {
	for _, r := range all {
		miss := 100 * (model(r) - r.processor) / r.processor / float64(len(all))
		size, bias = size+math.Abs(miss), bias+miss
	}
	return size, bias
}

func TestHowWrongModelsOfProcessorsAreOn106PublishedReadings(t *testing.T) {
	all := published(t)
	var low []loadReading
	idle, busy := map[string]float64{}, map[string]float64{}
	for _, r := range all {
		if r.load < .15 {
			low = append(low, r)
		}
		if idle[r.machine] == 0 || r.processor < idle[r.machine] {
			idle[r.machine] = r.processor
		}
		busy[r.machine] = max(busy[r.machine], r.processor)
	}
	if len(all) != 106 {
		t.Fatalf("%d readings", len(all))
	}
	for _, tt := range []struct {
		name      string
		model     func(loadReading) float64
		size, low float64 // percent, to the nearest; of all, and below 15 % load
	}{
		{"half the TDP", func(r loadReading) float64 { return r.tdp / 2 }, 75, 217},
		{"TDP × load, at least a tenth", func(r loadReading) float64 { return r.tdp * max(r.load, .1) }, 38, 43},
		{"TDP, cubic (CodeCarbon 3.3)", func(r loadReading) float64 { return r.tdp * (.1 + .9*r.load*r.load*r.load) }, 47, 43},
		{"a straight line from idle to busy, both known", func(r loadReading) float64 {
			w := func(x float64) Power { return Power(x * float64(Watt)) }
			line := Modes{Idle: Range{Mid: w(idle[r.machine])}, Busy: Range{Mid: w(busy[r.machine])}}
			return line.power(On, r.load).Mid.Watts()
		}, 23, 23},
	} {
		size, bias := missed(all, tt.model)
		least, leastBias := missed(low, tt.model)
		t.Logf("%-48s %3.0f %% off (%+.0f %%); below 15 %% load %3.0f %% (%+.0f %%)", tt.name, size, bias, least, leastBias)
		if math.Round(size) != tt.size || math.Round(least) != tt.low {
			t.Errorf("%s: %.1f and %.1f %%, want %v and %v", tt.name, size, least, tt.size, tt.low)
		}
	}
}

// The one machine among them with a wattmeter at its plug tells how much of it a watt of its processor is.
func TestAWattOfTheProcessorIsWhatThePlugOfAPublishedMachineSays(t *testing.T) {
	var n, x, y, xx, xy float64
	for _, r := range published(t) {
		if r.plug > 0 {
			n, x, y, xx, xy = n+1, x+r.processor, y+r.plug, xx+r.processor*r.processor, xy+r.processor*r.plug
		}
	}
	k := (xy - x*y/n) / (xx - x*x/n)
	t.Logf("%.0f readings: machine = %.0f W + %.2f × processor; ours is %v (%v to %v)", n, (y-k*x)/n, k, lossMid, lossLow, lossHigh)
	if n != 22 || k < lossLow || k > lossHigh || math.Abs(k-lossMid) > .02 {
		t.Errorf("%.0f readings give %.3f", n, k)
	}
}
