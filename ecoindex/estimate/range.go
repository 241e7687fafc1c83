package estimate

import (
	"math"

	"veille/ecoindex"
)

const (
	drawn     = 2 // measures that the common spread weighs in the one of a group
	leastMove = 4 // measured pages of a group from which the mean error of its guesses moves it
	leastSeen = 3 // groups with a measured page, to see how groups differ
)

// property is what is summed over the pages: for each score, how much a page with that score adds.
type property struct {
	of        [101]float64
	low, high float64 // the least and the most a page can add
	counts    bool    // of is 0 or 1
	doubt     float64 // the least variance of a group, times its measured pages: what was never seen is not impossible
}

// sum is an estimated sum over all pages.
type sum struct {
	value        float64
	error        float64 // half of the width of the range
	below, above float64 // what the groups that nothing is known of may take away or add
	known        bool    // there is a range
}

// errors are those of the guesses of a group for one property.
type errors struct {
	mean, variance float64
	freedom        float64 // degrees; 0 where nothing was measured twice
}

func (p *property) meanOf(guesses []uint8) (mean float64) {
	for _, score := range guesses {
		mean += p.of[score]
	}
	return mean / float64(len(guesses))
}

func (p *property) total(scores *[101]float64) (total float64) {
	for score, pages := range scores {
		total += p.of[score] * pages
	}
	return total
}

// within is how wrong the guesses of a group are. The variance is the one of a page about its group. Guesses made
// without the page err more than those made with all by n/(n−1), which is taken off.
func (g *group) within(p *property) errors {
	n := float64(len(g.tests))
	if n < 2 {
		return errors{}
	}
	var e errors
	wrong := make([]float64, len(g.tests))
	for i, t := range g.tests {
		wrong[i] = p.of[t.score] - p.meanOf(t.guesses)
		e.mean += wrong[i] / n
	}
	for _, w := range wrong {
		e.variance += (w - e.mean) * (w - e.mean) / (n - 1)
	}
	if len(g.tests) <= maxDonors {
		e.variance *= (n - 1) * (n - 1) / (n * n)
	}
	e.freedom = n - 1
	if p.counts { // a few right guesses do not prove that none can be wrong
		share := p.total(&g.scores) / float64(len(g.pages))
		e.variance = max(e.variance, share*(1-share)/(n+1), p.doubt/n)
	}
	if len(g.tests) < leastMove {
		e.mean = 0
	}
	return e
}

// between is the mean square of the errors of groups that are guessed from the others, and how many groups tell it.
func (s *site) between(p *property) (square float64, groups int) {
	for _, g := range s.groups {
		if len(g.afar) == 0 {
			continue
		}
		wrong := 0.0
		for _, t := range g.afar {
			wrong += (p.of[t.score] - p.meanOf(t.guesses)) / float64(len(g.afar))
		}
		square += wrong * wrong
		groups++
	}
	return square / float64(max(1, groups)), groups
}

// sum estimates the sum of a property over the site.
func (s *site) sum(p *property) sum {
	within := make([]errors, len(s.groups))
	var pooled errors
	for i, g := range s.groups {
		within[i] = g.within(p)
		pooled.variance += within[i].variance * within[i].freedom
		pooled.freedom += within[i].freedom
	}
	far, groups := s.between(p)
	if pooled.freedom > 0 {
		pooled.variance /= pooled.freedom
	} else if groups >= leastSeen { // how groups differ contains how pages do
		pooled = errors{variance: far, freedom: float64(groups - 1)}
	}
	answer := sum{known: s.measured > 0}
	var variance, satterthwaite float64
	add := func(v, freedom float64) {
		variance += v
		if freedom > 0 {
			satterthwaite += v * v / freedom
		}
	}
	for i, g := range s.groups {
		size, n := float64(len(g.pages)), float64(len(g.sample))
		answer.value += p.total(&g.scores)
		switch {
		case n == size:
		case n > 0:
			e := within[i]
			if pooled.freedom == 0 {
				answer.known = false
				continue
			}
			answer.value += (size - n) * e.mean
			weight := min(drawn, pooled.freedom) // borrowed, it is not counted as freedom: what was not seen here proves nothing here
			v := (e.variance*e.freedom + pooled.variance*weight) / (e.freedom + weight)
			add((size-n)*size/n*v, max(e.freedom, 1))
		case groups >= leastSeen:
			add(size*size*far, float64(groups-1))
		default:
			answer.below += p.total(&g.guessed) - p.low*size
			answer.above += p.high*size - p.total(&g.guessed)
		}
	}
	if variance > 0 {
		answer.error = student(variance*variance/satterthwaite) * math.Sqrt(variance)
	}
	return answer
}

// mean is the mean score.
func (s *site) mean() Figure {
	p := property{high: 100}
	for score := range p.of {
		p.of[score] = float64(score)
	}
	return s.figure(&p, float64(len(s.pages)))
}

// grades are the numbers of pages of each grade.
func (s *site) grades() map[ecoindex.Grade]Figure {
	all := make(map[ecoindex.Grade]Figure)
	unmeasured := make(map[ecoindex.Grade]float64)
	total := 0.0
	for _, grade := range []ecoindex.Grade{ecoindex.A, ecoindex.B, ecoindex.C, ecoindex.D, ecoindex.E, ecoindex.F, ecoindex.G} {
		p := property{high: 1, counts: true, doubt: 0.1}
		for score := range p.of {
			if ecoindex.GradeOf(float64(score)) == grade {
				p.of[score] = 1
			}
		}
		all[grade] = s.figure(&p, 1)
		unmeasured[grade] = all[grade].Value - s.seen(&p)
		total += unmeasured[grade]
	}
	left := float64(len(s.pages) - s.measured)
	for grade, f := range all { // what was cut off at 0 is too much elsewhere
		if total > 0 {
			f.Value += unmeasured[grade] * (left/total - 1)
		}
		if f.Range != nil {
			f.Range.Low, f.Range.High = min(f.Range.Low, f.Value), max(f.Range.High, f.Value)
		}
		all[grade] = f
	}
	return all
}

// seen is the sum of p over the measured pages.
func (s *site) seen(p *property) (sum float64) {
	for i := range s.pages {
		if s.pages[i].Browser != nil {
			sum += p.of[int(s.scores[i])]
		}
	}
	return sum
}

// figure is the sum of p over the site divided by a number. It is never beyond what the measured pages leave possible.
func (s *site) figure(p *property, by float64) Figure {
	left := float64(len(s.pages) - s.measured)
	least := s.seen(p) + p.low*left
	most := s.seen(p) + p.high*left
	keep := func(v float64) float64 { return min(max(v, least), most) / by }
	sum := s.sum(p)
	f := Figure{Value: keep(sum.value)}
	if sum.known {
		f.Range = &Range{Low: keep(sum.value - sum.error - sum.below), High: keep(sum.value + sum.error + sum.above)}
	}
	return f
}

// median is the score that half of the pages do not exceed. Its range is made of the scores that the shares at both ends
// of the range of that half do not exceed.
func (s *site) median() Figure {
	var scores [101]float64
	for _, g := range s.groups {
		for score, pages := range g.scores {
			scores[score] += pages
		}
	}
	total := float64(len(s.pages))
	about := quantile(&scores, total, 0.5)
	p := property{high: 1, counts: true}
	for score := range p.of {
		switch { // pages at the median itself are half on either side
		case float64(score) < about:
			p.of[score] = 1
		case float64(score) == about:
			p.of[score] = 0.5
		}
	}
	sum := s.sum(&p)
	half := 0.5 - (sum.value-p.total(&scores))/total
	f := Figure{Value: quantile(&scores, total, half)}
	if sum.known {
		f.Range = &Range{
			Low:  min(f.Value, quantile(&scores, total, half-(sum.error+sum.above)/total)),
			High: max(f.Value, quantile(&scores, total, half+(sum.error+sum.below)/total)),
		}
	}
	return f
}

// quantile is the score that a share of the pages does not exceed; between two when the share ends between them.
func quantile(scores *[101]float64, total, share float64) float64 {
	want := min(max(share, 0), 1) * total
	slack := 1e-9 * total
	before, last := 0.0, -1
	for score, pages := range scores {
		if pages <= 0 {
			continue
		}
		if last >= 0 && math.Abs(before-want) <= slack {
			return float64(last+score) / 2
		}
		before, last = before+pages, score
		if before > want+slack {
			break
		}
	}
	return float64(last)
}

// student is the quantile 0.975 of Student's t, from the usual table; between its rows it is straight in 1/freedom, which
// is right to 0.01 from 3 degrees on.
func student(freedom float64) float64 {
	table := [...]struct{ freedom, t float64 }{
		{1, 12.706},
		{2, 4.303},
		{3, 3.182},
		{4, 2.776},
		{5, 2.571},
		{6, 2.447},
		{7, 2.365},
		{8, 2.306},
		{10, 2.228},
		{12, 2.179},
		{15, 2.131},
		{20, 2.086},
		{30, 2.042},
		{60, 2},
		{120, 1.980},
		{math.Inf(1), 1.960},
	}
	for i := 1; i < len(table); i++ {
		if a, b := table[i-1], table[i]; freedom < b.freedom || i == len(table)-1 {
			x := min(1/freedom, 1/a.freedom)
			return b.t + (a.t-b.t)*(x-1/b.freedom)/(1/a.freedom-1/b.freedom)
		}
	}
	return table[0].t
}
