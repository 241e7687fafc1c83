package browser

import (
	"context"
	"errors"
	"math"
	"time"
)

// quiet is how long nothing must have happened before a page is taken as idle.
const quiet = 250 * time.Millisecond

// idle waits until nothing more can happen before a moment: no request is under way, no timer is due, no animation
// ends, and the document stays as large as it is. Timers of workers are not seen.
func (t *tab) idle(until time.Time) error {
	elements := -1.0
	for time.Now().Before(until) {
		if err := t.wait(min(quiet, time.Until(until))); err != nil {
			return err
		}
		if look(t, func() bool { return t.ledger.busy(time.Now(), quiet) }) {
			continue
		}
		now, next, err := t.life()
		if err != nil {
			return err
		}
		if now == elements && next > time.Until(until) {
			return nil
		}
		elements = now
		if ahead := min(next-quiet, time.Until(until)); ahead > 0 && next <= time.Until(until) {
			if err := t.wait(ahead); err != nil {
				return err
			}
		}
	}
	return nil
}

// forever is longer than any wait.
const forever = time.Duration(math.MaxInt64)

// life is the number of elements in all documents, and how long it takes until something is due in one of them.
func (t *tab) life() (elements float64, next time.Duration, err error) {
	next = forever
	soon := func(ms float64) {
		if ms >= 0 {
			next = min(next, time.Duration(ms*float64(time.Millisecond)))
		}
	}
	for _, session := range t.documents() {
		for _, frame := range t.frames(session) {
			var alive [2]float64
			if err := t.ask(session, frame, liveliness, &alive); err != nil {
				if session == t.session && frame == t.main.frame {
					return 0, 0, err
				}
				continue // an inner document that went away
			}
			elements += alive[0]
			if alive[1] > 0 {
				soon(alive[1])
			}
		}
	}
	timers, err := t.timers()
	if err != nil {
		return 0, 0, err
	}
	for _, ms := range timers {
		soon(ms)
	}
	return elements, next, nil
}

// timers are the milliseconds to the next timer of each document, -1 where there is none.
func (t *tab) timers() ([]float64, error) {
	ctx, cancel := context.WithTimeoutCause(t.ctx, answerTime, context.DeadlineExceeded)
	defer cancel()
	var list []float64
	for _, session := range t.documents() {
		ms := -1.0
		err := t.evaluate(ctx, session, values{"expression": nextTimer, "returnByValue": true}, &ms)
		if err != nil && session == t.session && !errors.Is(err, errReplaced) {
			return nil, err
		}
		list = append(list, ms)
	}
	return list, nil
}

// frames are the documents that a session shows, the outermost first.
func (t *tab) frames(session string) []string {
	type tree struct {
		Frame struct {
			ID string `json:"id"`
		} `json:"frame"`
		Children []tree `json:"childFrames"`
	}
	var answer struct {
		Tree tree `json:"frameTree"`
	}
	ctx, cancel := context.WithTimeoutCause(t.ctx, answerTime, context.DeadlineExceeded)
	defer cancel()
	if err := t.call(ctx, session, "Page.getFrameTree", values{}, &answer); err != nil {
		return nil
	}
	var list []string
	var walk func(tree)
	walk = func(node tree) {
		list = append(list, node.Frame.ID)
		for _, child := range node.Children {
			walk(child)
		}
	}
	walk(answer.Tree)
	return list
}
