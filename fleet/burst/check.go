package burst

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// sampled is how many machines a sample has.
const sampled = 1000

// found is what the check of machines has shown, added up by all who check.
type found struct {
	machines, records, missing, twice, unknown atomic.Int64
}

// check posts once more what was acknowledged in this run, and notes in the report what became of it: a collector that has each record
// once answers to each that it is kept, and that it had as many as it acknowledged since the machine was enrolled.
func (l *Load) check(ctx context.Context, report *Report) {
	var machines []int
	for i := range l.states {
		if l.ids.Machines[i].Place > l.states[i].first {
			machines = append(machines, i)
		}
	}
	if l.plan.Check == Sample && len(machines) > sampled {
		some := make([]int, sampled)
		for i := range some {
			some[i] = machines[i*len(machines)/sampled]
		}
		machines = some
	}
	l.done.Store(0)
	defer watch(&l.done, int64(len(machines)), l.tell)()
	begin := time.Now()
	var f found
	var group sync.WaitGroup
	n := min(l.way.Connections, len(machines))
	for first := range n {
		group.Go(func() {
			w := newWorker(l)
			defer w.c.close()
			for i := first; i < len(machines) && ctx.Err() == nil; i += n {
				w.look(ctx, machines[i], &f)
				l.done.Add(1)
			}
		})
	}
	group.Wait()
	report.VerifySeconds = time.Since(begin).Seconds()
	report.Verified, report.Stored = f.machines.Load(), f.records.Load()
	report.Missing, report.Duplicates, report.Unverified = f.missing.Load(), f.twice.Load(), f.unknown.Load()
	if err := ctx.Err(); err != nil {
		report.stopped = err
	}
}

// look looks for the records that a machine was told were kept.
func (w *worker) look(ctx context.Context, machine int, f *found) {
	m, s := &w.l.ids.Machines[machine], &w.l.states[machine]
	acked := int64(m.Place-s.first) - int64(s.refused) // in this run
	before, absent, refused := int64(-1), int64(0), 0
	for first := s.first; first < m.Place; first += largest {
		last := min(first+largest, m.Place)
		o, ok := w.again(ctx, machine, first, last)
		if !ok || first == s.first && o.before < 0 {
			f.unknown.Add(acked)
			return
		}
		if first == s.first {
			before = o.before
		}
		absent += int64(o.stored + o.replaced) // it is there now, and was not
		refused += o.refused
	}
	absent += int64(max(0, refused-s.refused))
	missing := min(acked, max(absent, m.Acked-before))
	f.machines.Add(1)
	f.missing.Add(missing)
	f.records.Add(acked - missing)
	f.twice.Add(max(0, before-m.Acked-int64(s.unsure)))
	s.seen = true
}

// again posts records once more, until they are answered.
func (w *worker) again(ctx context.Context, machine, first, last int) (outcome, bool) {
	for failures := 1; ; failures++ {
		if w.write(machine, first, last, 0) != nil { // 0: a collector that has fewer is to say so record by record
			return outcome{}, false
		}
		r, err := w.c.send(ctx)
		if err == nil && r.status == http.StatusOK {
			o, err := readAnswer(r.text, last-first)
			if err == nil {
				return o, true
			}
		} else if err == nil {
			err = answerError{status: r.status, after: r.after, refused: r.refused}
		}
		if ctx.Err() != nil || final(err) || failures > w.l.way.Retries {
			return outcome{}, false
		}
		if !wait(ctx, pause(err, failures, w.l.way.FirstPause)) {
			return outcome{}, false
		}
	}
}
