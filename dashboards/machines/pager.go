package machines

import "strconv"

// pager is which part of a long list is shown.
type pager struct {
	Page, Pages int // from 1
	First, Last int // entries, from 1
	Of          int
}

// Before is the number of the part before this one; 0 where there is none.
func (p pager) Before() int { return p.Page - 1 }

// After is the number of the part after this one; 0 where there is none.
func (p pager) After() int {
	if p.Page >= p.Pages {
		return 0
	}
	return p.Page + 1
}

// cut takes the part of a list that is asked for by its number. What is no number is the first, and what is after the last the last.
func cut[T any](asked string, list []T, size int) ([]T, pager) {
	n, err := strconv.Atoi(asked)
	if err != nil {
		n = 1
	}
	p := pager{Pages: max(1, (len(list)+size-1)/size), Of: len(list)}
	p.Page = min(max(1, n), p.Pages)
	from, to := (p.Page-1)*size, min(len(list), p.Page*size)
	p.First, p.Last = min(from+1, to), to
	return list[from:to], p
}
