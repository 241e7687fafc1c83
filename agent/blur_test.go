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
		if math.Abs(on-float64(tt.on)) > second || math.Abs(wh-tt.wh) > energy || low > tt.wh/2 || high < 2*tt.wh || low < tt.wh/2-stepWh || high > 2*(tt.wh+stepWh) {
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
