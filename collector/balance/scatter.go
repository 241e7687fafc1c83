package balance

import "math"

// alone is how far, as a share, a single month is taken to lie from the true mean, in 95 cases of 100, where there are fewer than some: two or three
// say next to nothing of how months scatter, and Student's t would make a range of them that nobody can use. It is ours, and meant to be too
// large rather than too small.
const (
	alone = 0.2
	some  = 4
)

// scatter is the standard deviation of figures of months; 0 of fewer than two.
func scatter(months []float64) float64 {
	if len(months) < 2 {
		return 0
	}
	mean, sum := 0.0, 0.0
	for _, x := range months {
		mean += x / float64(len(months))
	}
	for _, x := range months {
		sum += (x - mean) * (x - mean)
	}
	return math.Sqrt(sum / float64(len(months)-1))
}

// student is how many standard errors hold the mean of n figures in 95 cases of 100 (Student's t, n−1 degrees of freedom, two-sided). n is
// at least 2; above 31 the value of 31 is taken, which is larger.
func student(n int) float64 {
	t := [...]float64{
		12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
		2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
		2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
	}
	return t[min(max(n-2, 0), len(t)-1)]
}

// scale is how much less and more the energy of both sides of a comparison may be, as a factor: the meters and models are the same on both
// sides and err alike, so the true difference is the difference times one factor between the two.
//
//	low = (low of one + low of the other) ÷ (figure of one + figure of the other), high likewise
func scale(one, other Range) (low, high float64) {
	both := one.plus(other)
	if both.Value <= 0 {
		return 1, 1
	}
	return min(1, both.Low/both.Value), max(1, both.High/both.Value)
}

// spread is a difference with its range: s less and s more, for months that differ by themselves, and both times the factor of scale that
// takes them furthest out. So the bounds of the meters and the scatter of the months add up, and whether 0 is in the range is for the
// months to say: no error that both sides have alike turns a saving into a loss.
func spread(difference, s, low, high float64) Range {
	least, most := difference-s, difference+s
	return between(min(least*low, least*high), difference, max(most*low, most*high))
}
