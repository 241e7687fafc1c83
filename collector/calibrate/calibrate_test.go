package calibrate_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/calibrate"
)

func start() time.Time { return time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC) }

// lived is a desktop that draws so much in each state, with some noise, and a model that says so much of each hour.
func lived(id int64, hours int, watts [4]float64, noise float64, model *calibrate.Model) calibrate.Machine {
	random := rand.New(rand.NewPCG(uint64(id), 7))
	m := calibrate.Machine{ID: id, Class: "desktop"}
	for n := range hours {
		h := calibrate.Hour{At: start().Add(time.Duration(n) * time.Hour), Model: model}
		left := 3600.0
		order := random.Perm(4)
		for i, state := range order {
			s := math.Floor(left * random.Float64())
			if i == 3 {
				s = left
			}
			h.Seconds[state], left = s, left-s
			h.Wh += watts[state] * s / 3600
		}
		h.Wh = max(0, h.Wh+noise*random.NormFloat64())
		m.Hours = append(m.Hours, h)
	}
	return m
}

func TestTheWattsOfEachStateAreFoundAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		want := [4]float64{20 + 80*random.Float64(), 10 + 30*random.Float64(), 3 * random.Float64(), random.Float64()}
		r := calibrate.Calibrate([]calibrate.Machine{lived(random.Int64N(1000), 400, want, 0, nil)})
		for i, d := range r.Machines[0].Draws {
			if d.Missing != "" || math.Abs(d.Power.Value-want[i]) > 1e-6 || d.Power.Low > d.Power.Value || d.Power.High < d.Power.Value || d.State != calibrate.States()[i] {
				t.Fatalf("%+v, want %v", d, want[i])
			}
		}
	}
}

func TestTheRangeHoldsTheTruthAboutAsOftenAsItSays(t *testing.T) {
	want := [4]float64{60, 25, 2, 0.5}
	inside, n := 0, 0
	for id := range int64(60) {
		r := calibrate.Calibrate([]calibrate.Machine{lived(id, 240, want, 4, nil)})
		for i, d := range r.Machines[0].Draws[:2] {
			n++
			if d.Power.Low <= want[i] && want[i] <= d.Power.High {
				inside++
			}
		}
		for _, d := range r.Machines[0].Draws {
			if d.Power.Value < 0 || d.Power.Low < 0 {
				t.Errorf("%+v is below 0", d)
			}
		}
	}
	t.Logf("%d of %d ranges hold the truth", inside, n)
	if inside < n*70/100 { // ten days a machine are few
		t.Errorf("%d of %d ranges hold the truth", inside, n)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	short := lived(1, 30, [4]float64{50, 20, 2, 1}, 0, nil)
	same := calibrate.Machine{ID: 2, Class: "desktop"}
	for n := range 200 {
		same.Hours = append(same.Hours, calibrate.Hour{At: start().Add(time.Duration(n) * time.Hour), Seconds: [4]float64{1800, 1800, 0, 0}, Wh: 30})
	}
	alwaysOn := calibrate.Machine{ID: 3, Class: "server"}
	for n := range 24 {
		alwaysOn.Hours = append(alwaysOn.Hours, calibrate.Hour{At: start().Add(time.Duration(n) * time.Hour), Seconds: [4]float64{3600, 0, 0, 0}, Wh: 80})
	}
	r := calibrate.Calibrate([]calibrate.Machine{alwaysOn, same, short, {ID: 4, Class: "server"}})
	if d := r.Machines[0].Draws[0]; !strings.Contains(d.Missing, "24 are needed") || d.Plugs != 0 {
		t.Errorf("few hours: %+v", d)
	}
	if d := r.Machines[1].Draws[0]; !strings.Contains(d.Missing, "cannot be told apart") {
		t.Errorf("always the same shares: %+v", d)
	}
	if d := r.Machines[2].Draws[0]; d.Missing != "" || *d.Power != (calibrate.Figure{Value: 80, Low: 80, High: 80}) {
		t.Errorf("always on: %+v", d)
	}
	if d := r.Machines[2].Draws[2]; d.Missing != "0.0 hours in this state, 24 are needed" {
		t.Errorf("never asleep: %+v", d)
	}
	if c := r.Classes[0]; c.Class != "desktop" || c.Compared != nil || !strings.Contains(c.Missing, "3 plugs are needed") || !strings.Contains(c.Draws[0].Missing, "3 are needed") {
		t.Errorf("%+v", c)
	}
	if r := calibrate.Calibrate(nil); len(r.Machines) > 0 || len(r.Classes) > 0 {
		t.Errorf("nothing: %+v", r)
	}
}

func TestAClassIsComparedWithItsModel(t *testing.T) {
	model := &calibrate.Model{Wh: 42, Low: 30, High: 60}
	var machines []calibrate.Machine
	for id := range int64(5) {
		machines = append(machines, lived(id+1, 200, [4]float64{60 + 10*float64(id), 30, 2, 1}, 1, model))
	}
	r := calibrate.Calibrate(machines)
	c := r.Classes[0]
	if c.Plugs != 5 || c.Hours != 1000 || c.Compared == nil || c.Compared.Hours != 1000 || c.Compared.Count != 5 || c.Compared.Model != (calibrate.Figure{Value: 42, Low: 30, High: 60}) {
		t.Fatalf("%+v, %+v", c, c.Compared)
	}
	// 60 to 100 W, and 13/25 of those 40 W more at both ends.
	if on := c.Draws[0]; on.Plugs != 5 || math.Abs(on.Power.Value-80) > 2 || math.Abs(on.Power.Low-39.2) > 2 || math.Abs(on.Power.High-120.8) > 2 {
		t.Errorf("%+v", on.Power)
	}
	// All draw the same: a machine of another product need not.
	if asleep := c.Draws[2].Power; asleep.Low > 0.86*asleep.Value || asleep.High < 1.14*asleep.Value {
		t.Errorf("%+v", asleep)
	}
	plugs := c.Compared.Plugs
	if plugs.Low >= plugs.Value || plugs.High <= plugs.Value || c.Compared.Inside != (plugs.Value >= 30 && plugs.Value <= 60) {
		t.Errorf("%+v", c.Compared)
	}
	low := &calibrate.Model{Wh: 1, Low: 1, High: 2}
	for i := range machines {
		for j := range machines[i].Hours {
			machines[i].Hours[j].Model = low
		}
	}
	if c := calibrate.Calibrate(machines).Classes[0]; c.Compared.Inside {
		t.Errorf("%+v is inside", c.Compared)
	}
	if again := calibrate.Calibrate(machines); !reflect.DeepEqual(again, calibrate.Calibrate(machines)) {
		t.Error("the same hours give another answer")
	}
}

// As many machines of a class have plugs as may have; another one of the class has none.
func TestNineOfTenOtherMachinesLieInTheRangeOfTheirClass(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	hours := func(watts float64) (all []calibrate.Hour) {
		for n := range calibrate.LeastHours {
			all = append(all, calibrate.Hour{At: start().Add(time.Duration(n) * time.Hour), Seconds: [4]float64{3600}, Wh: watts})
		}
		return all
	}
	for _, plugs := range []int{3, 5, 12} {
		inside, tries := 0, 250
		for range tries {
			draw := func() float64 { return max(1, 60+20*random.NormFloat64()) }
			var machines []calibrate.Machine
			for id := range int64(plugs) {
				machines = append(machines, calibrate.Machine{ID: id, Class: "desktop", Hours: hours(draw())})
			}
			p, other := calibrate.Calibrate(machines).Classes[0].Draws[0].Power, draw()
			if p.Low <= other && other <= p.High {
				inside++
			}
		}
		t.Logf("%d plugs: %d of %d others inside", plugs, inside, tries)
		if inside < tries*85/100 || inside > tries*96/100 {
			t.Errorf("%d plugs: %d of %d others inside; want about nine of ten", plugs, inside, tries)
		}
	}
}

// hourly are points of an hour in one part of the day.
func hourly(hour int, part string, on, unknown float64, tags ...collector.Tag) []collector.Point {
	at := start().Add(time.Duration(hour) * time.Hour)
	with := func(more ...collector.Tag) collector.Tags {
		return collector.NewTags(append(append([]collector.Tag{{Name: "part", Value: part}}, tags...), more...)...)
	}
	return []collector.Point{
		{Measurement: collector.HourSeconds, Time: at, Tags: with(), Fields: collector.Fields{"on": on, "unknown": unknown}},
		{Measurement: collector.HourEnergy, Time: at, Tags: with(collector.Tag{Name: "scope", Value: "machine"}, collector.Tag{Name: "method", Value: "model-class"}), Fields: collector.Fields{"wh": on / 60, "low_wh": on / 90, "high_wh": on / 30, "covered_s": on}},
		{Measurement: collector.HourEnergy, Time: at, Tags: with(collector.Tag{Name: "scope", Value: "display"}, collector.Tag{Name: "method", Value: "model-class"}), Fields: collector.Fields{"wh": 99, "covered_s": on}},
		{Measurement: collector.HourEnergy, Time: at, Tags: with(collector.Tag{Name: "scope", Value: "machine"}, collector.Tag{Name: "method", Value: "rapl+model"}), Fields: collector.Fields{"wh": 99, "covered_s": on}},
	}
}

func plug(meter string, measurement collector.Measurement, field string, from, to, every time.Duration, value func(time.Duration) float64) (all []collector.Point) {
	for d := from; d <= to; d += every {
		all = append(all, collector.Point{Measurement: measurement, Time: start().Add(d), Tags: collector.Tags{{Name: "meter", Value: meter}}, Fields: collector.Fields{field: value(d)}})
	}
	return all
}

func TestHoursAreThoseOfWhichEverythingIsKnown(t *testing.T) {
	var seconds []collector.Point
	seconds = append(seconds, hourly(0, "night", 3600, 0)...)
	seconds = append(seconds, hourly(1, "night", 1800, 0)...) // of two parts of the day
	seconds = append(seconds, hourly(1, "open", 1800, 0)...)
	seconds = append(seconds, hourly(2, "open", 3000, 600)...)                                               // ten minutes unknown
	seconds = append(seconds, hourly(3, "open", 3600, 0, collector.Tag{Name: "simulated", Value: "yes"})...) // simulated
	seconds = append(seconds, hourly(4, "open", 3600, 0)...)
	seconds = append(seconds, hourly(5, "open", 3600, 0)...) // the plug does not cover it
	steady := func(d time.Duration) float64 { return 1000 + 60*d.Hours() }
	counter := plug("1", collector.MeterEnergy, "wh", -3*time.Minute, 5*time.Hour+2*time.Minute, 5*time.Minute, steady)
	power := plug("2", collector.MeterPower, "w", -time.Minute, 5*time.Hour, time.Minute, func(time.Duration) float64 { return 61 })
	for name, test := range map[string]struct {
		points []collector.Point
		wh     float64
		hours  []int
	}{
		"a counter":            {counter, 60, []int{0, 1, 4}},
		"power":                {power, 61, []int{0, 1, 4}},
		"both are one plug":    {append(append([]collector.Point{}, power...), counter...), 60, []int{0, 1, 4}},
		"two plugs":            {append(plug("9", collector.MeterEnergy, "wh", -time.Minute, 3*time.Hour, time.Minute, steady), counter...), 120, []int{0, 1}},
		"none":                 {nil, 0, nil},
		"readings far apart":   {plug("1", collector.MeterEnergy, "wh", -time.Hour, 6*time.Hour, 11*time.Minute, steady), 0, nil},
		"power of six minutes": {plug("1", collector.MeterPower, "w", -time.Hour, 6*time.Hour, 6*time.Minute, steady), 0, nil},
		"a counter that falls": {plug("1", collector.MeterEnergy, "wh", -time.Minute, 6*time.Hour, time.Minute, func(d time.Duration) float64 {
			if d > 90*time.Minute {
				return 60 * d.Hours()
			}
			return steady(d)
		}), 60, []int{0, 4, 5}},
	} {
		t.Run(name, func(t *testing.T) {
			got := calibrate.Hours(seconds, seconds, test.points)
			if len(got) != len(test.hours) {
				t.Fatalf("%+v, want hours %v", got, test.hours)
			}
			for i, h := range got {
				if !h.At.Equal(start().Add(time.Duration(test.hours[i])*time.Hour)) || math.Abs(h.Wh-test.wh) > 1e-9 || h.Seconds != [4]float64{3600} {
					t.Errorf("%+v, want hour %d with %v Wh", h, test.hours[i], test.wh)
				}
				if h.Model == nil || math.Abs(h.Model.Wh-60) > 1e-9 || math.Abs(h.Model.Low-40) > 1e-9 || math.Abs(h.Model.High-120) > 1e-9 {
					t.Errorf("%+v", h.Model)
				}
			}
		})
	}
}
