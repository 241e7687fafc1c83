package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// quiet is how long nothing must have happened before a page is taken as idle.
const quiet = 250 * time.Millisecond

// idle waits until nothing more can happen before a moment: no request is under way, no timer is due, no animation
// ends, and the documents stay as large as they are. Timers of workers are not seen.
func (t *tab) idle(until time.Time) error {
	before, _, err := t.life(0)
	for err == nil && time.Now().Before(until) {
		if err = t.wait(min(quiet, time.Until(until))); err != nil {
			break
		}
		busy := look(t, func() bool { return t.ledger.busy(time.Now(), quiet) })
		var elements int
		var due bool
		if elements, due, err = t.life(time.Until(until)); err != nil || (!busy && !due && elements == before) {
			break
		}
		before = elements
	}
	return err
}

// life is the number of elements in all documents, and whether something is due in one of them within some time.
func (t *tab) life(within time.Duration) (elements int, due bool, err error) {
	script := fmt.Sprintf(liveliness, max(within.Milliseconds(), 0))
	for _, session := range t.documents() {
		for _, frame := range t.frames(session) {
			var alive [2]json.RawMessage
			var n int
			var soon bool
			err := t.ask(session, frame, script, &alive)
			if err == nil {
				err = errors.Join(json.Unmarshal(alive[0], &n), json.Unmarshal(alive[1], &soon))
			}
			if err != nil && session == t.session && frame == t.main.frame {
				return 0, false, err
			}
			elements += n // nothing of an inner document that went away
			due = due || soon
		}
	}
	moves := look(t, func() bool { return t.main.answer != nil && t.main.answer.header("Refresh") != "" })
	return elements, due || moves, nil
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
