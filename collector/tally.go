package collector

import "math"

// Counter counts points of one measurement and day, and adds up their fields so that the sum of many is as good as that of few. The zero value
// has counted nothing.
type Counter struct {
	points int64
	sums   map[string]*FloatSum
}

// Add adds a point.
func (c *Counter) Add(p Point) {
	if c.sums == nil {
		c.sums = map[string]*FloatSum{}
	}
	c.points++
	for name, x := range p.Fields {
		sum := c.sums[name]
		if sum == nil {
			sum = &FloatSum{}
			c.sums[name] = sum
		}
		sum.Add(x)
	}
}

// Tally is what was counted, as that of a day.
func (c *Counter) Tally(day Date) Tally {
	t := Tally{Day: day, Points: c.points, Sums: make(map[string]float64, len(c.sums))}
	for name, sum := range c.sums {
		t.Sums[name] = sum.Value()
	}
	return t
}

// Same tells whether two tallies are of the same points, as far as counts and sums can tell: counts are equal, and sums to a billionth, of
// themselves or of a unit where they are smaller. A field that nothing has and one whose sum is 0 are the same.
func (t Tally) Same(o Tally) bool {
	return t.Points == o.Points && near(t.Sums, o.Sums) && near(o.Sums, t.Sums)
}

func near(a, b map[string]float64) bool {
	for name, x := range a {
		y := b[name]
		if !(math.Abs(x-y) <= 1e-9*max(1, math.Abs(x), math.Abs(y))) { // not a number is near nothing
			return false
		}
	}
	return true
}
