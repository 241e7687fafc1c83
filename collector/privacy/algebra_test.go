package privacy

import "math/big"

// space is what can be computed from figures by adding, subtracting and multiplying: the vectors that are combinations of those added.
// It is kept in reduced row echelon form, in fractions, so nothing is rounded.
type space struct {
	width  int
	rows   [][]*big.Rat
	pivots []int
}

// reduce takes from v what is a combination of the rows; nothing is left of a vector of the space.
func (s *space) reduce(v []*big.Rat) {
	for i, row := range s.rows {
		subtract(v, row, new(big.Rat).Set(v[s.pivots[i]]))
	}
}

func subtract(v, row []*big.Rat, factor *big.Rat) {
	if factor.Sign() == 0 {
		return
	}
	for j, x := range row {
		if x.Sign() != 0 {
			v[j].Sub(v[j], new(big.Rat).Mul(x, factor))
		}
	}
}

func (s *space) vector(of []bool) []*big.Rat {
	v := make([]*big.Rat, s.width)
	for i := range v {
		v[i] = new(big.Rat)
		if of[i] {
			v[i].SetInt64(1)
		}
	}
	return v
}

func first(v []*big.Rat) int {
	for i, x := range v {
		if x.Sign() != 0 {
			return i
		}
	}
	return -1
}

// add adds a sum of unknowns that is known.
func (s *space) add(of []bool) {
	v := s.vector(of)
	s.reduce(v)
	p := first(v)
	if p < 0 {
		return
	}
	inverse := new(big.Rat).Inv(v[p])
	for _, x := range v {
		x.Mul(x, inverse)
	}
	for _, row := range s.rows {
		subtract(row, v, new(big.Rat).Set(row[p]))
	}
	s.rows, s.pivots = append(s.rows, v), append(s.pivots, p)
}

// tells whether the sum of these unknowns can be computed.
func (s *space) tells(of []bool) bool {
	v := s.vector(of)
	s.reduce(v)
	return first(v) < 0
}

// sums gives every sum of unknowns that can be computed from rows of the echelon form, each unknown taken once or not at all: in such a
// sum each row counts once or not at all, because its pivot is in no other row. It gives none where there are too many rows to try.
func (s *space) sums(rows []int, yield func(of []bool)) bool {
	if len(rows) > 11 {
		return false
	}
	one := big.NewRat(1, 1)
	v := s.vector(make([]bool, s.width))
	var try func(i int)
	try = func(i int) {
		if i < len(rows) {
			try(i + 1)
			subtract(v, s.rows[rows[i]], big.NewRat(-1, 1))
			try(i + 1)
			subtract(v, s.rows[rows[i]], one)
			return
		}
		of := make([]bool, s.width)
		for j, x := range v {
			if x.Sign() != 0 && x.Cmp(one) != 0 {
				return
			}
			of[j] = x.Sign() != 0
		}
		yield(of)
	}
	try(0)
	return true
}
