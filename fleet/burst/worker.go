package burst

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"veille/agent/wire"
)

// worker posts for its share of the machines, over one connection at a time.
type worker struct {
	l       *Load
	c       *client
	body    []byte // of the last post
	packed  []byte
	ready   []int // machines to be served in this round
	next    []int // and in the next
	waiting []due // machines that come back later
	last    time.Time

	latency                    histogram
	late                       time.Duration // the longest after its turn
	posts, records, refused    int64
	stored, busy, errors, lost int64
	first                      error  // why something was not taken, the first time
	reason                     string // why a record was refused, the first time
}

// due is a machine that comes back at a time.
type due struct {
	machine int
	at      time.Time
}

func newWorker(l *Load) *worker { return &worker{l: l, c: newClient(l.to)} }

// run serves the machines until nothing is left to do or ctx ends.
func (w *worker) run(ctx context.Context) {
	defer w.c.close()
	for ctx.Err() == nil {
		if machine, ok := w.returning(); ok {
			w.serve(ctx, machine)
			continue
		}
		if machine, ok := w.fresh(ctx); ok {
			w.serve(ctx, machine)
			continue
		}
		at, ok := w.earliest()
		if !ok {
			return
		}
		w.c.close()
		wait(ctx, time.Until(at))
	}
}

// returning takes a machine whose pause is over.
func (w *worker) returning() (machine int, ok bool) {
	if len(w.waiting) == 0 {
		return 0, false
	}
	now := time.Now()
	for i, d := range w.waiting {
		if !d.at.After(now) {
			w.waiting[i] = w.waiting[len(w.waiting)-1]
			w.waiting = w.waiting[:len(w.waiting)-1]
			return d.machine, true
		}
	}
	return 0, false
}

// earliest is when the first machine comes back.
func (w *worker) earliest() (at time.Time, ok bool) {
	for _, d := range w.waiting {
		if !ok || d.at.Before(at) {
			at, ok = d.at, true
		}
	}
	return at, ok
}

// fresh takes the machine whose turn it is; none when all have done what they are to do, or no new post is allowed.
func (w *worker) fresh(ctx context.Context) (machine int, ok bool) {
	if len(w.ready) == 0 {
		w.ready, w.next = w.next, w.ready[:0]
	}
	if len(w.ready) == 0 {
		return 0, false
	}
	if w.l.plan.Days == 0 {
		late, ok := w.l.ticket(ctx)
		if !ok {
			w.ready, w.next = nil, nil
			return 0, false
		}
		w.late = max(w.late, late)
	}
	machine = w.ready[0]
	w.ready = w.ready[1:]
	return machine, true
}

// serve posts for a machine: all that it has, or one record.
func (w *worker) serve(ctx context.Context, machine int) {
	s := &w.l.states[machine]
	for {
		err := w.post(ctx, machine)
		if err != nil {
			w.failed(ctx, machine, err)
			break
		}
		s.tries, s.unsure = 0, 0
		if w.l.ids.Machines[machine].Place >= s.goal {
			break
		}
		if w.l.plan.Days == 0 {
			w.next = append(w.next, machine)
			break
		}
		if ctx.Err() != nil {
			break
		}
	}
	if !w.l.way.KeepAlive {
		w.c.close()
	}
}

// failed decides whether a machine comes back.
func (w *worker) failed(ctx context.Context, machine int, err error) {
	s := &w.l.states[machine]
	if w.first == nil {
		w.first = err
	}
	answer, answered := err.(answerError) //nolint:errorlint // post does not wrap it
	if answered && answer.busy() {
		w.busy++
	} else {
		w.errors++
	}
	if !answered {
		w.l.patient()
	}
	if ctx.Err() != nil {
		return
	}
	s.tries++
	if final(err) || s.tries > w.l.way.Retries {
		s.lost = true
		w.lost++
		return
	}
	w.waiting = append(w.waiting, due{machine, time.Now().Add(pause(err, s.tries, w.l.way.FirstPause))})
}

// post sends the next batch of a machine once, and notes what was answered.
func (w *worker) post(ctx context.Context, machine int) error {
	m, s := &w.l.ids.Machines[machine], &w.l.states[machine]
	size := largest
	if w.l.plan.Days == 0 {
		size = 1
	}
	last := min(m.Place+size, s.goal)
	if err := w.write(machine, m.Place, last, m.Acked); err != nil {
		return err
	}
	begin := time.Now()
	r, err := w.c.send(ctx)
	end := time.Now()
	if err != nil {
		s.unsure = last - m.Place
		return err
	}
	w.last = end
	w.l.heardNow(end)
	if r.status != http.StatusOK {
		return w.declined(r, s, last-m.Place, m.Acked)
	}
	o, err := readAnswer(r.text, last-m.Place)
	if err != nil {
		s.unsure = last - m.Place
		return err
	}
	w.latency.add(end.Sub(begin))
	w.posts++
	w.l.done.Add(1)
	w.records += int64(last - m.Place)
	w.stored += int64(o.stored)
	w.refused += int64(o.refused)
	if w.reason == "" {
		w.reason = o.reason
	}
	m.Acked += int64(last - m.Place - o.refused)
	m.Place = last
	s.refused += o.refused
	return nil
}

// write prepares the request with the records at the places from first to last-1.
func (w *worker) write(machine, first, last int, acked int64) (err error) {
	w.body = w.l.stock.appendBatch(w.body[:0], machine, first, last, acked)
	if w.packed, err = w.l.packs.append(w.packed[:0], w.body); err != nil {
		return err
	}
	w.c.request("/api/v1/records", w.l.ids.Machines[machine].Credential, w.l.packs.encoding(), w.packed)
	return nil
}

// declined is the error of an answer other than 200 to a post of n records.
func (w *worker) declined(r reply, s *state, n int, acked int64) error {
	err := answerError{status: r.status, after: r.after, refused: r.refused, text: brief(r.text)}
	if r.status == http.StatusConflict {
		var restored wire.Restored
		if json.Unmarshal(r.text, &restored) == nil && restored.Before < acked {
			s.short = acked - restored.Before
			err.text = fmt.Sprintf("it has %d records of a machine of which it acknowledged %d", restored.Before, acked)
		}
	}
	if !final(err) {
		s.unsure = n
	}
	return err
}
