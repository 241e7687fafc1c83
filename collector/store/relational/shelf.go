package relational

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"veille/collector"
)

// mostShelved is how many rows of fixed months are kept in memory once pages ask for them, of all organisations together: some 200 MB. Two and
// a half years of fifty thousand machines in 115 sites of thirteen groups are as many; of more the oldest months are read each time.
const mostShelved = 180_000

// shelf keeps rows of fixed months as they were unpacked, which takes longer than anything that is done with them. A month that is fixed
// never changes until it has served, so what is asked each time is only which months there are: another program may have fixed or deleted
// some.
type shelf struct {
	most int64 // rows that there is room for

	mu   sync.Mutex
	of   map[int64]*shelved // by organisation
	turn int64              // grows with each question
}

// shelved is the rows of an organisation from a month on.
type shelved struct {
	since  int64
	months []int64 // those that were fixed from since on
	rows   []collector.PlaceMonth
	full   bool  // there is no room for the month before since
	used   int64 // the turn in which they were last asked for
}

// get is the rows of an organisation, and from which month on they are: that which is asked for, or an earlier one, or a later one where there
// is no room for more. fixed are the months that it has now; rows of others are dropped.
func (s *shelf) get(organisation int64, fixed []int64, from int64) (rows []collector.PlaceMonth, start int64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.of[organisation]
	switch {
	case x == nil:
		return nil, 0, false
	case !slices.Equal(x.months, since(fixed, x.since)):
		delete(s.of, organisation)
		return nil, 0, false
	case from < x.since && !x.full:
		return nil, 0, false
	}
	s.turn++
	x.used = s.turn
	return x.rows, x.since, true
}

// since are the months from one on.
func since(fixed []int64, from int64) []int64 {
	i, _ := slices.BinarySearch(fixed, from)
	return fixed[i:]
}

// put keeps rows of an organisation in the place of those before. Those of the organisations that were not asked for the longest make room.
func (s *shelf) put(organisation int64, x shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[int64]*shelved{}
	}
	s.turn++
	x.used = s.turn
	s.of[organisation] = &x
	for s.total() > s.most {
		oldest := organisation
		for o, x := range s.of {
			if x.used < s.of[oldest].used {
				oldest = o
			}
		}
		delete(s.of, oldest)
	}
}

func (s *shelf) total() (rows int64) {
	for _, x := range s.of {
		rows += int64(len(x.rows))
	}
	return rows
}

// Shelve says how many rows of fixed months are kept in memory, and drops those that are.
func (s *Store) Shelve(most int64) {
	s.shelf.empty()
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	s.shelf.most = most
}

// Shelved is how many rows of fixed months are in memory.
func (s *Store) Shelved() int64 {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	return s.shelf.total()
}

// empty drops everything.
func (s *shelf) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of = nil
}

// shelved are the rows of an organisation in the months from first to last, from memory where they are there, and kept there where there is
// room.
func (f Figures) shelved(ctx context.Context, organisation, first, last int64) ([]collector.PlaceMonth, error) {
	fixed, err := list(ctx, f.store.read, scanOne[int64], "SELECT month FROM fixed WHERE organisation = ? ORDER BY month", organisation)
	if err != nil {
		return nil, err
	}
	months := since(fixed, first)
	if len(months) == 0 || months[0] > last {
		return nil, nil
	}
	rows, start, ok := f.store.shelf.get(organisation, fixed, first)
	if !ok {
		if rows, start, err = f.load(ctx, organisation, first, months); err != nil {
			return nil, err
		}
	}
	newer := between(rows, first, last)
	if start <= first {
		return newer, nil
	}
	older, err := f.months(ctx, organisation, first, min(last, start-1))
	return slices.Concat(older, newer), err
}

// load reads the rows of these months, which are all from first on, or of the last of them for which there is room, and keeps them. It
// answers from which month on they are.
func (f Figures) load(ctx context.Context, organisation, first int64, months []int64) (rows []collector.PlaceMonth, start int64, err error) {
	newest := months[len(months)-1]
	start, err = f.room(ctx, organisation, first)
	if err == nil && start <= newest {
		rows, err = f.months(ctx, organisation, start, newest)
	}
	if err != nil {
		return nil, 0, err
	}
	f.store.shelf.put(organisation, shelved{since: start, months: since(months, start), rows: rows, full: start > first})
	return rows, start, nil
}

// room is the first month of an organisation, and not before first, from which on there is room for its rows.
func (f Figures) room(ctx context.Context, organisation, first int64) (start int64, err error) {
	counts, err := pairs(ctx, f.store.read, "SELECT month, count(*) FROM fixed_month WHERE organisation = ? AND month >= ? GROUP BY month ORDER BY month DESC", organisation, first)
	if err != nil {
		return 0, err
	}
	rows := int64(0)
	for _, x := range counts {
		if rows += x[1]; rows > f.store.shelf.most {
			return x[0] + 1, nil
		}
	}
	return first, nil
}

// between are the rows, which are sorted by month, of the months from first to last. Nothing can be appended to them.
func between(rows []collector.PlaceMonth, first, last int64) []collector.PlaceMonth {
	from, _ := slices.BinarySearchFunc(rows, monthIn(first), compareMonth)
	to, _ := slices.BinarySearchFunc(rows, monthIn(last+1), compareMonth)
	if from == to {
		return nil
	}
	return rows[from:to:to]
}

func compareMonth(r collector.PlaceMonth, month collector.Month) int {
	return cmp.Compare(r.Month, month)
}
