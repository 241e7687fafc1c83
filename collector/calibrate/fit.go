package calibrate

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// samples is how many samples of a machine's days its ranges are found by.
const samples = 400

// hourS is the seconds of an hour: watts times hours are watt-hours.
const hourS = 3600

// sums are what a least-squares fit needs of some hours: the products of their states, and of those with their watt-hours.
type sums struct {
	products [states][states]float64
	with     [states]float64
}

func (s *sums) add(h Hour) {
	for i := range states {
		for j := range states {
			s.products[i][j] += h.Seconds[i] / hourS * h.Seconds[j] / hourS
		}
		s.with[i] += h.Seconds[i] / hourS * h.Wh
	}
}

func (s *sums) plus(o *sums) {
	for i := range states {
		for j := range states {
			s.products[i][j] += o.products[i][j]
		}
		s.with[i] += o.with[i]
	}
}

// draws are what a machine draws in each state, by the least squares of its hours, none below 0.
func draws(machine int64, hours []Hour) []Draw {
	var all sums
	var days []*sums // hours of one day are alike: they are drawn together
	var in [states]float64
	last := ""
	for _, h := range hours {
		if day := h.At.UTC().Format("2006-01-02"); day != last || len(days) == 0 {
			days, last = append(days, &sums{}), day
		}
		days[len(days)-1].add(h)
		all.add(h)
		for i := range states {
			in[i] += h.Seconds[i] / hourS
		}
	}
	result := make([]Draw, states)
	for i, state := range States() {
		result[i] = Draw{State: state, Hours: in[i], Plugs: 1}
		if in[i] < LeastHours {
			result[i].Missing, result[i].Plugs = fmt.Sprintf("%.1f hours in this state, %d are needed", in[i], LeastHours), 0
		}
	}
	used, apart := independent(&all, in)
	if !apart {
		for i := range result {
			if result[i].Missing == "" {
				result[i].Missing, result[i].Plugs = "its states come together in each hour in the same shares, and cannot be told apart", 0
			}
		}
		return result
	}
	best := fit(&all, used)
	low, high := ranges(machine, days, used)
	for i := range result {
		if result[i].Missing == "" {
			result[i].Power = &Figure{best[i], min(best[i], low[i]), max(best[i], high[i])}
		}
	}
	return result
}

// independent are the states that a fit can use, and whether those that are to be told can be told apart. A state of few hours that looks like others is
// left out.
func independent(s *sums, in [states]float64) (used []int, apart bool) {
	order := []int{0, 1, 2, 3}
	slices.SortStableFunc(order, func(a, b int) int { // those that are to be told first
		return cmp.Compare(in[b], in[a])
	})
	for _, i := range order {
		if in[i] == 0 {
			continue
		}
		if rest := remainder(s, used, i); rest < 1e-4 {
			if in[i] >= LeastHours {
				return nil, false
			}
			continue
		}
		used = append(used, i)
	}
	slices.Sort(used)
	return used, len(used) > 0
}

// remainder is which share of a state's squares is left when the best of others is taken away: 0 when it is made of them.
func remainder(s *sums, others []int, i int) float64 {
	whole := s.products[i][i]
	if len(others) == 0 {
		return 1
	}
	var target [states]float64
	for _, j := range others {
		target[j] = s.products[j][i]
	}
	x, ok := solve(&s.products, target, others)
	if !ok {
		return 0
	}
	rest := whole
	for _, j := range others {
		rest -= x[j] * target[j]
	}
	return rest / whole
}

// fit finds the watts, none below 0, that are nearest to all hours. There are 15 choices of states that are not 0 at most: it looks at each.
func fit(s *sums, used []int) (best [states]float64) {
	most := math.Inf(-1)
	for choice := 1; choice < 1<<len(used); choice++ {
		var some []int
		for bit, i := range used {
			if choice>>bit&1 == 1 {
				some = append(some, i)
			}
		}
		x, ok := solve(&s.products, s.with, some)
		if !ok || slices.ContainsFunc(some, func(i int) bool { return x[i] < 0 }) {
			continue
		}
		explained := 0.0 // of the squares: at a minimum it is the product of both
		for _, i := range some {
			explained += x[i] * s.with[i]
		}
		if explained > most {
			most, best = explained, x
		}
	}
	return best
}

// ranges are between which watts nine of ten samples of days lie. The samples are the same each time.
func ranges(machine int64, days []*sums, used []int) (low, high [states]float64) {
	random := rand.New(rand.NewPCG(uint64(machine), 1))
	var found [states][]float64
	for range samples {
		var s sums
		for range days {
			s.plus(days[random.IntN(len(days))])
		}
		x := fit(&s, used)
		for i := range states {
			found[i] = append(found[i], x[i])
		}
	}
	for i := range states {
		slices.Sort(found[i])
		low[i], high[i] = found[i][samples/20], found[i][samples-1-samples/20]
	}
	return low, high
}

// solve solves the equations of some states; the others stay 0. It answers false where there is no single solution.
func solve(products *[states][states]float64, with [states]float64, some []int) (x [states]float64, ok bool) {
	var a [states][states + 1]float64
	n := len(some)
	for i, row := range some {
		for j, column := range some {
			a[i][j] = products[row][column]
		}
		a[i][n] = with[row]
	}
	for i := range n {
		pivot := i
		for j := i + 1; j < n; j++ {
			if math.Abs(a[j][i]) > math.Abs(a[pivot][i]) {
				pivot = j
			}
		}
		a[i], a[pivot] = a[pivot], a[i]
		if math.Abs(a[i][i]) < 1e-9 {
			return x, false
		}
		for j := i + 1; j < n; j++ {
			f := a[j][i] / a[i][i]
			for k := i; k <= n; k++ {
				a[j][k] -= f * a[i][k]
			}
		}
	}
	for i := n - 1; i >= 0; i-- {
		sum := a[i][n]
		for j := i + 1; j < n; j++ {
			sum -= a[i][j] * x[some[j]]
		}
		x[some[i]] = sum / a[i][i]
	}
	return x, true
}
