package agent

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/agent/wire"
)

// exact is a day of a desktop told to the second.
func exact(random *rand.Rand) wire.Record {
	r := wire.Record{Date: "2026-11-16", Use: wire.Individual, Machine: wire.Machine{Class: "desktop", OS: "linux", Agent: "v1"}, Cost: &wire.Cost{CPUS: 1.234, Wakeups: 4321}}
	lengths := [][]int{{86_400}, {36_000, 50_400}, {34_200, 48_600}, {37_380, 52_620}}[random.IntN(4)]
	for i, n := range lengths {
		p := wire.Part{Part: []string{"open", "night"}[i], LengthS: n}
		left := n
		for _, s := range []*int{&p.Seconds.On, &p.Seconds.Sleep, &p.Seconds.Off} {
			if random.IntN(3) > 0 {
				*s = random.IntN(left + 1)
				left -= *s
			}
		}
		if random.IntN(2) == 0 {
			p.Seconds.Unknown = left
		} else {
			p.Seconds.Off += left
		}
		if known := n - p.Seconds.Unknown; known > 0 {
			wh := float64(p.Seconds.On)*22/3600 + float64(known-p.Seconds.On)/3600
			p.Energy = append(p.Energy, wire.Energy{Wh: wh, LowWh: wh / 2, HighWh: 2 * wh, Method: "model-class", Scope: "machine", CoveredS: known})
		}
		if on := p.Seconds.On; on > 0 {
			wh := float64(on) * 5 / 3600
			p.Energy = append(p.Energy, wire.Energy{Wh: wh, LowWh: wh * .95, HighWh: wh * 1.05, Method: "rapl", Scope: "cpu", CoveredS: on})
		}
		r.Parts, r.LengthS = append(r.Parts, p), r.LengthS+n
	}
	return r
}

func TestTheRecordOfAPersonalMachineIsRoundedAndItsSumsStayRight(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	for range 20_000 {
		r := exact(random)
		b := blur(r, random.Uint64())
		if err := b.Validate(); err != nil {
			t.Fatalf("%+v: %v", b, err)
		}
		for i, p := range b.Parts {
			was, is := r.Parts[i].Seconds, p.Seconds
			cells := (p.LengthS + cellS/2) / cellS
			for _, s := range [][2]int{{was.On, is.On}, {was.DisplayOff, is.DisplayOff}, {was.Sleep, is.Sleep}, {was.Off, is.Off}, {was.Unknown, is.Unknown}} {
				if d := math.Abs(float64(s[1] - s[0])); d > 1.1*cellS || s[0] == 0 && s[1] != 0 || s[1]%(p.LengthS/cells) > cells {
					t.Fatalf("%+v of %d s became %+v", was, p.LengthS, is)
				}
			}
			for _, e := range p.Energy {
				step := stepWh
				if e.Scope == "cpu" {
					step = stepCPUWh
				}
				was := r.Parts[i].Energy[slices.IndexFunc(r.Parts[i].Energy, func(x wire.Energy) bool { return x.Scope == e.Scope })]
				if math.Mod(e.Wh, step) != 0 || e.CoveredS == was.CoveredS && (e.LowWh > was.LowWh+.05 || e.HighWh < was.HighWh-.05) {
					t.Fatalf("%+v became %+v: not in steps, or its bounds do not hold what was", was, e)
				}
			}
		}
		if b.RoundedS != cellS || b.Cost.Wakeups != 4500 || b.Cost.CPUS != 1.2 {
			t.Fatalf("%d, %+v", b.RoundedS, b.Cost)
		}
	}
}

func TestTheSameDayIsRoundedTheSameWay(t *testing.T) {
	r := exact(rand.New(rand.NewPCG(3, 3)))
	one, err := json.Marshal(blur(r, 77))
	if err != nil {
		t.Fatal(err)
	}
	two, err := json.Marshal(blur(r, 77))
	if err != nil || string(one) != string(two) {
		t.Errorf("%s\n%s, %v", one, two, err)
	}
	if three, _ := json.Marshal(blur(r, 78)); string(one) == string(three) {
		t.Error("another draw gives the same")
	}
}

// Over many days, sums of what is sent are those of what was.
func TestSumsOfRoundedRecordsAreRightOnAverage(t *testing.T) {
	for _, tt := range []struct {
		on int // seconds in the open hours
		wh float64
	}{{60, .37}, {1200, 7.3}, {8 * 3600, 176}} {
		r := wire.Record{Date: "2026-11-16", LengthS: 36_000, Use: wire.Individual, Parts: []wire.Part{{
			Part: "open", LengthS: 36_000, Seconds: wire.Seconds{On: tt.on, Off: 36_000 - tt.on},
			Energy: []wire.Energy{{Wh: tt.wh, LowWh: tt.wh / 2, HighWh: 2 * tt.wh, Method: "model-class", Scope: "machine", CoveredS: 36_000}},
		}}}
		const n = 40_000
		on, wh, low, high := 0.0, 0.0, 0.0, 0.0
		for draw := range uint64(n) {
			p := blur(r, draw).Parts[0]
			on += float64(p.Seconds.On) / n
			for _, e := range p.Energy {
				wh, low, high = wh+e.Wh/n, low+e.LowWh/n, high+e.HighWh/n
			}
		}
		// The error of one draw is at most a cell or a step; of the mean of n draws, five standard errors are at most these.
		second, energy := 5*cellS/2/math.Sqrt(n), 5*stepWh/2/math.Sqrt(n)
		if math.Abs(on-float64(tt.on)) > second || math.Abs(wh-tt.wh) > energy || low > tt.wh/2 || high < 2*tt.wh || low < tt.wh/2-stepWh || high > 2*(tt.wh+stepWh)+.1 {
			t.Errorf("%d s and %v Wh became %.1f s and %.3f Wh (%.3f to %.3f) on average", tt.on, tt.wh, on, wh, low, high)
		}
	}
}

// Whoever starts the machine before the site opens is not told to the minute: all mornings of a quarter of an hour give the same
// records.
func TestWhatIsSentOfAMorningIsOneOfTwoQuartersOfAnHour(t *testing.T) {
	for _, minutes := range []int{16, 20, 29} {
		var seen []int
		for draw := range uint64(400) {
			r := blur(wire.Record{Parts: []wire.Part{{Part: "night", LengthS: 50_400, Seconds: wire.Seconds{On: minutes * 60, Off: 50_400 - minutes*60}}}}, draw)
			if on := r.Parts[0].Seconds.On; !slices.Contains(seen, on) {
				seen = append(seen, on)
			}
		}
		slices.Sort(seen)
		if !slices.Equal(seen, []int{900, 1800}) {
			t.Errorf("%d minutes on before the opening become %v s", minutes, seen)
		}
	}
}

// What is measured of nearly all of the known time is right on average too, and two energies of one scope never cover more than is known.
func TestEnergiesOfPartOfTheTimeAreRightOnAverage(t *testing.T) {
	for _, known := range []int{600, 1320, 3600, 30_000} {
		part := wire.Part{Part: "open", LengthS: 36_000, Seconds: wire.Seconds{On: known, Unknown: 36_000 - known}, Energy: []wire.Energy{
			{Wh: 100, LowWh: 95, HighWh: 105, Method: "rapl", Scope: "cpu", CoveredS: known - 60},
			{Wh: 40, LowWh: 20, HighWh: 80, Method: "rapl+model", Scope: "machine", CoveredS: known - 60},
			{Wh: 4, LowWh: 2, HighWh: 8, Method: "model-class", Scope: "machine", CoveredS: 60},
		}}
		const n = 20_000
		sum := map[string]float64{}
		for draw := range uint64(n) {
			p := blur(wire.Record{Parts: []wire.Part{part}}, draw).Parts[0]
			covered := map[string]int{}
			for _, e := range p.Energy {
				sum[e.Method] += e.Wh / n
				if covered[e.Scope] += e.CoveredS; covered[e.Scope] > p.LengthS-p.Seconds.Unknown {
					t.Fatalf("%+v covers more than is known", p)
				}
			}
		}
		for _, e := range part.Energy { // an energy that covers a cell of a few seconds comes rarely, and then large
			if slack := 5 * e.Wh * math.Sqrt(float64(cellS)/float64(e.CoveredS)/n); math.Abs(sum[e.Method]-e.Wh) > slack+5*stepWh/math.Sqrt(n) {
				t.Errorf("%d s known: %s is %.2f Wh on average, and was %v", known, e.Method, sum[e.Method], e.Wh)
			}
		}
	}
}

// The bounds tell no more than the draw does.
func TestTheBoundsOfARoundedEnergyTellNoMoreThanTheDraw(t *testing.T) {
	bounds := map[float64][2]float64{}
	for minutes := range 60 {
		wh := 1 + float64(minutes)*.35
		for draw := range uint64(50) {
			e, ok := blurEnergy(wire.Energy{Wh: wh, LowWh: wh / 2, HighWh: 2 * wh, Method: "model-class", Scope: "machine", CoveredS: 3600}, 3600, float64(draw)/50)
			if !ok {
				t.Fatal("nothing")
			}
			if seen, ok := bounds[e.Wh]; ok && seen != [2]float64{e.LowWh, e.HighWh} {
				t.Fatalf("%v Wh has the bounds %v, and %v to %v", e.Wh, seen, e.LowWh, e.HighWh)
			}
			bounds[e.Wh] = [2]float64{e.LowWh, e.HighWh}
		}
	}
}
