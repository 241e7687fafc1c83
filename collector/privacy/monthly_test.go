package privacy

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"veille/collector"
)

// TestMonthByMonthIsToldWhatAsManyQuestionsAreTold holds Monthly against Ask: in worlds made up at random, of all nodes, by all who may ask and some
// who may not, of real and of simulated machines, before and after the second month is fixed.
func TestMonthByMonthIsToldWhatAsManyQuestionsAreTold(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 26))
	readers := []*collector.User{nil, user(0, "officer"), user(1, "reader"), user(2, "it"), user(0, "web")}
	months := []collector.Month{"2026-02", "2026-03", "2026-04", "2026-05"}
	told, hidden := 0, 0
	for range 40 {
		w := newWorld(r)
		for i := range w.rows {
			w.rows[i].Simulated = r.IntN(3) == 0
		}
		d := doorOf(&w.stub, []collector.Date{"2026-05-07", "2026-05-08"}[r.IntN(2)])
		for _, n := range append(nodesOf(w), Site(9), Group(1, 77), Node{Site: 1}) {
			for _, who := range readers {
				q := Question{Organisation: 7, Node: n, From: months[0], To: months[3], Simulated: r.IntN(2) == 0}
				all, err := d.Monthly(t.Context(), who, q)
				if _, wanted := d.Ask(t.Context(), who, q); !sameError(err, wanted) {
					t.Fatalf("%+v: %v, and Ask %v", q, err, wanted)
				}
				var want []Answer
				for _, m := range months {
					one := q
					one.From, one.To = m, m
					// A removed group is known by its rows: of a month without any, Ask knows nothing.
					a, err := d.Ask(t.Context(), who, one)
					if err == nil && len(a.Months) > 0 {
						want = append(want, a)
					}
				}
				if err == nil && (len(all) != len(want) || len(want) > 0 && !reflect.DeepEqual(all, want)) {
					t.Fatalf("%+v: got %+v, want %+v", q, all, want)
				}
				for _, a := range all {
					told, hidden = told+a.Self.Months, hidden+a.Self.Of-a.Self.Months
				}
			}
		}
	}
	if told < 100 || hidden < 100 {
		t.Errorf("%d answers tell something and %d hide it: this says little", told, hidden)
	}
}

// nodesOf are the nodes of a world in which there is something, and what they are in.
func nodesOf(w *world) (all []Node) {
	seen := map[Node]bool{}
	for i := range w.rows {
		for l := WholeOrganisation; l <= OneClass; l++ {
			if n := leaf(w.rows[i].Place).at(l); !seen[n] {
				seen[n] = true
				all = append(all, n)
			}
		}
	}
	return all
}

func sameError(a, b error) bool {
	for _, known := range []error{collector.ErrNotFound, ErrRole} {
		if errors.Is(a, known) || errors.Is(b, known) {
			return errors.Is(a, known) && errors.Is(b, known)
		}
	}
	return a == nil && b == nil
}
