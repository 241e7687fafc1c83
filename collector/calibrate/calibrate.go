// Package calibrate finds what machines draw in each state by the plugs behind some of them, and holds models against it.
package calibrate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// States are those of a machine, in the order in which figures come.
func States() []string { return []string{"on", "display_off", "sleep", "off"} }

const states = 4

// Least is how much is needed for a figure to be told.
const (
	LeastHours = 24 // in a state
	LeastPlugs = 3  // of a class
)

// Hour is one hour of a machine of which everything is known.
type Hour struct {
	At      time.Time
	Seconds [4]float64 // in each of States; 3,600 together
	Wh      float64    // of its plug
	Model   *Model     // nil: no model says anything of that hour
}

// Model is what a model said of the same hour, in Wh.
type Model struct{ Wh, Low, High float64 }

// Machine is a shared machine, or a server, with a plug behind it.
type Machine struct {
	ID    int64
	Class string
	Hours []Hour
}

// Figure is a power with its range, in W. The keys of this and of what has it are relied on by scripts.
type Figure struct {
	Value float64 `json:"w"`
	Low   float64 `json:"low_w"`
	High  float64 `json:"high_w"`
}

// Draw is what is drawn in a state, or why that is not told.
type Draw struct {
	State   string  `json:"state"`
	Power   *Figure `json:"power"`   // nil: it is not told
	Hours   float64 `json:"hours"`   // in that state, of all machines
	Plugs   int     `json:"plugs"`   // that tell; 1 for a machine
	Missing string  `json:"missing"` // why nothing is told; "": it is
}

// Comparison is what plugs counted beside what a model said of the same hours, on average.
type Comparison struct {
	Plugs  Figure `json:"plug_power"`
	Model  Figure `json:"model_power"`
	Count  int    `json:"plugs"`
	Hours  int    `json:"hours"`  // of all of them together
	Inside bool   `json:"inside"` // the plugs' value is inside the model's range
}

// OfMachine is what the plug of one machine tells. The range of a draw is that in which nine of ten samples of its days lie.
type OfMachine struct {
	Machine  int64       `json:"machine"`
	Class    string      `json:"class"`
	Hours    int         `json:"hours"`
	Draws    []Draw      `json:"states"`   // in the order of States
	Compared *Comparison `json:"compared"` // nil: no model says anything of its hours
}

// OfClass is what the plugs of a class tell together. The range of a draw is that in which nine of ten other machines of the class are expected. What is
// compared are medians, and the range from the lowest to the highest.
type OfClass struct {
	Class    string      `json:"class"`
	Plugs    int         `json:"plugs"`
	Hours    int         `json:"hours"`
	Draws    []Draw      `json:"states"`
	Compared *Comparison `json:"compared"` // its range is that of the plugs; nil: see Missing
	Missing  string      `json:"missing"`  // why nothing is compared; "": it is
}

// Result is what all plugs tell.
type Result struct {
	Machines []OfMachine `json:"machines"` // by number
	Classes  []OfClass   `json:"classes"`  // by name
}

// Calibrate finds what machines draw in each state. The same hours give the same answer.
func Calibrate(machines []Machine) Result {
	r := Result{Machines: []OfMachine{}, Classes: []OfClass{}}
	for _, m := range machines {
		r.Machines = append(r.Machines, ofMachine(m))
	}
	slices.SortStableFunc(r.Machines, func(a, b OfMachine) int { return cmp.Compare(a.Machine, b.Machine) })
	byClass := map[string][]OfMachine{}
	for _, m := range r.Machines {
		byClass[m.Class] = append(byClass[m.Class], m)
	}
	for _, class := range slices.Sorted(maps.Keys(byClass)) {
		r.Classes = append(r.Classes, ofClass(class, byClass[class]))
	}
	return r
}

func ofMachine(m Machine) OfMachine {
	hours := slices.SortedStableFunc(slices.Values(m.Hours), func(a, b Hour) int { return a.At.Compare(b.At) })
	o := OfMachine{Machine: m.ID, Class: m.Class, Hours: len(hours), Draws: draws(m.ID, hours)}
	var c Comparison
	for _, h := range hours {
		if h.Model == nil {
			continue
		}
		c.Hours++
		c.Plugs.Value += h.Wh
		c.Model.Value, c.Model.Low, c.Model.High = c.Model.Value+h.Model.Wh, c.Model.Low+h.Model.Low, c.Model.High+h.Model.High
	}
	if c.Hours > 0 {
		n := float64(c.Hours)
		mean := c.Plugs.Value / n
		c.Plugs = Figure{mean, mean, mean}
		c.Model = Figure{c.Model.Value / n, c.Model.Low / n, c.Model.High / n}
		c.Inside = c.inside()
		c.Count, o.Compared = 1, &c
	}
	return o
}

func (c Comparison) inside() bool {
	return c.Plugs.Value >= c.Model.Low && c.Plugs.Value <= c.Model.High
}

func ofClass(class string, machines []OfMachine) OfClass {
	c := OfClass{Class: class, Plugs: len(machines)}
	for _, m := range machines {
		c.Hours += m.Hours
	}
	for i, state := range States() {
		d := Draw{State: state}
		var told []Figure
		for _, m := range machines {
			d.Hours += m.Draws[i].Hours
			if x := m.Draws[i].Power; x != nil {
				told = append(told, *x)
			}
		}
		if d.Plugs = len(told); d.Plugs < LeastPlugs {
			d.Missing = fmt.Sprintf("%d plugs tell what is drawn in this state, %d are needed", d.Plugs, LeastPlugs)
		} else {
			d.Power = new(expected(told))
		}
		c.Draws = append(c.Draws, d)
	}
	c.compare(machines)
	return c
}

// How far the range of a class goes beyond what its plugs say. Of so many machines that are spread as most things are, nine of ten others lie within the range
// from the lowest to the highest, made longer at both ends by beyond/n² of it: see the test. Three machines of one product may be as good as the same, and
// others of the class are not: so the range is never smaller than that of a single declared product (docs/method.md).
const (
	beyond     = 13
	leastShare = 0.15
	leastLow   = 0.1 // of the mean: no machine that is on draws nothing
)

// expected is what another machine of the class is expected to draw, by what some do: the mean of those, and the range of nine of ten.
func expected(told []Figure) Figure {
	f := Figure{Low: told[0].Low, High: told[0].High}
	n := float64(len(told))
	for _, x := range told {
		f.Value += x.Value / n
		f.Low, f.High = min(f.Low, x.Low), max(f.High, x.High)
	}
	more := beyond / (n * n) * (f.High - f.Low)
	f.Low = max(f.Value*leastLow, min(f.Low-more, f.Value*(1-leastShare)))
	f.High = max(f.High+more, f.Value*(1+leastShare))
	return f
}

// compare puts the machines' comparisons together: each machine counts once, however many hours it has.
func (c *OfClass) compare(machines []OfMachine) {
	var plugs, model, low, high []float64
	hours := 0
	for _, m := range machines {
		if x := m.Compared; x != nil && x.Hours >= LeastHours {
			plugs, model, low, high = append(plugs, x.Plugs.Value), append(model, x.Model.Value), append(low, x.Model.Low), append(high, x.Model.High)
			hours += x.Hours
		}
	}
	if len(plugs) < LeastPlugs {
		c.Missing = fmt.Sprintf("%d plugs have %d hours of which a model says something, %d plugs are needed", len(plugs), LeastHours, LeastPlugs)
		return
	}
	x := Comparison{Plugs: spread(plugs), Model: Figure{median(model), median(low), median(high)}, Count: len(plugs), Hours: hours}
	x.Inside = x.inside()
	c.Compared = &x
}

// spread is the median of numbers, and the range from the lowest to the highest.
func spread(x []float64) Figure { return Figure{median(x), slices.Min(x), slices.Max(x)} }

// median is the middle one of numbers, of which there is one at least.
func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}
