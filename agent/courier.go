package agent

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"veille/agent/spool"
	"veille/agent/wire"
)

// Courier takes the records that wait in a spool to the collector, and comes back until each has been taken.
type Courier struct {
	Client   *http.Client
	Identity Identity
	Spool    *spool.Spool
	Log      *slog.Logger
	Delay    Delay  // how long a record waits for its upload; nil: not at all
	Data     string // folder of the agent's files; "": no policy is asked for
	Serial   int64  // of the policy in force
	Floor    int64  // number of the newest policy there was: larger than Serial when that one is lost

	wake    chan struct{} // holds one: something waits
	hurry   chan struct{} // holds one: what waits is to go at once
	news    chan struct{} // holds one: a newer policy is on disk
	down    bool          // the last try failed, and was logged
	refused string        // why the last policy was not taken, logged once
}

const (
	batchSize   = 100              // records in one upload
	firstRetry  = 5 * time.Second  // pause after the first failure; it doubles
	longRetry   = time.Hour        // the longest pause, and the one after an answer that only a person can change
	postTimeout = 30 * time.Second // of one upload
	lookAgain   = 5 * time.Minute  // whether a pause is over
)

// NewCourier makes a courier; Run sends it on its way.
func NewCourier(client *http.Client, id Identity, s *spool.Spool, log *slog.Logger, delay Delay) *Courier {
	return &Courier{Client: client, Identity: id, Spool: s, Log: log, Delay: delay, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), news: make(chan struct{}, 1)}
}

// Wake tells the courier that something waits. It never blocks.
func (c *Courier) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Hurry tells the courier that what waits is to go without the delay. It never blocks.
func (c *Courier) Hurry() {
	select {
	case c.hurry <- struct{}{}:
	default:
	}
}

// News receives when a newer policy has come.
func (c *Courier) News() <-chan struct{} { return c.news }

// Run delivers what waits each time it is woken, after the delay, and tries again after a failure, until ctx ends. What
// waits at the start waits for a wake too.
func (c *Courier) Run(ctx context.Context) {
	for failures := 0; ; {
		if failures == 0 && !c.called(ctx) {
			return
		}
		if c.Data != "" && Paused(c.Data) { // the agent wakes it when the pause is over, unless that was too short for it to see
			failures = 0
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
			case <-time.After(lookAgain):
			}
			c.Wake()
			continue
		}
		err := c.Deliver(ctx)
		if err == nil {
			c.ask(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		c.report(ctx, err)
		if err == nil {
			failures = 0
			continue
		}
		failures++
		if !wait(ctx, pause(err, failures)) {
			return
		}
	}
}

// called waits for a wake, and then for the delay. A record that comes while nothing waited does not wait for the longer delay. It
// tells whether ctx goes on.
func (c *Courier) called(ctx context.Context) bool {
	var timer *time.Timer
	var due <-chan time.Time
	for hurried := false; ; {
		select {
		case <-ctx.Done():
			return false
		case <-due:
			return true
		case <-c.hurry:
			return true
		case <-c.wake:
		}
		if c.Delay == nil {
			return true
		}
		waits := c.Spool.Waits()
		if hurried || due != nil && !waits {
			continue
		}
		hurried = waits
		if timer != nil {
			timer.Stop()
		}
		timer = time.NewTimer(c.Delay(waits))
		due = timer.C
	}
}

// report logs a failure once, and its end once: an agent that is well, or ill for long, writes nothing.
func (c *Courier) report(ctx context.Context, err error) {
	switch {
	case err != nil && !c.down:
		c.Log.WarnContext(ctx, "records not delivered, they are kept and tried again", "collector", c.Identity.Collector, "err", err)
	case err == nil && c.down:
		c.Log.InfoContext(ctx, "records delivered again", "collector", c.Identity.Collector)
	}
	c.down = err != nil
}

// ask asks for a newer policy, once a day at most, whatever is answered. A problem is logged when it appears, and waits for the next
// day, or the next wake where nobody answered: a machine that asked again and again would tell that it is on.
func (c *Courier) ask(ctx context.Context) {
	if c.Data == "" {
		return
	}
	name, today := filepath.Join(c.Data, askedFile), time.Now().Format(time.DateOnly)
	if asked, err := os.ReadFile(name); err == nil && strings.TrimSpace(string(asked)) == today {
		return
	}
	within, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	newer, err := pull(within, c.Client, c.Identity, c.Data, c.Serial, c.Floor)
	if ctx.Err() != nil {
		return
	}
	if _, silent := errors.AsType[net.Error](err); !silent {
		err = errors.Join(err, keepFile(name, []byte(today+"\n"), forOwner))
	}
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	if reason != c.refused && reason != "" {
		c.Log.WarnContext(ctx, "policy not taken", "collector", c.Identity.Collector, "err", err)
	}
	c.refused = reason
	if newer {
		select {
		case c.news <- struct{}{}:
		default:
		}
	}
}

// ForgetAsked makes the agent with its files in the folder data ask for its policy again, although it has today.
func ForgetAsked(data string) error {
	err := os.Remove(filepath.Join(data, askedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// askedFile holds the date on which the collector was last asked for its policy.
const askedFile = "asked"

// Deliver uploads what waits, oldest first, until nothing waits or an upload fails.
func (c *Courier) Deliver(ctx context.Context) error {
	again := false
	for size := batchSize; ; {
		entries, err := c.Spool.Waiting(size)
		for _, d := range c.Spool.TakeDamaged() {
			c.Log.WarnContext(ctx, "record set aside, its file is damaged", "record", d.Key, "reason", d.Reason)
		}
		if err != nil || len(entries) == 0 {
			return err
		}
		answer, err := c.upload(ctx, entries)
		if refused, ok := errors.AsType[answerError](err); ok && refused.unusable() {
			if len(entries) > 1 { // one of them is; alone it is found, and the others are taken
				size = 1
				continue
			}
			c.Log.WarnContext(ctx, "record set aside, the collector refused it", "record", entries[0].Key, "reason", refused.text)
			err = c.Spool.SetAside(entries[0], refused.Error())
		} else if restored, ok := errors.AsType[restoredError](err); ok && !again && restored.Before < c.Spool.Acked() {
			again, err = true, c.again(ctx, restored.Before)
		} else if err == nil {
			err = c.settle(ctx, entries, answer)
		}
		if err != nil {
			return err
		}
	}
}

// again makes all records of the journal wait once more: the collector was restored from an older copy, and has only so many.
func (c *Courier) again(ctx context.Context, before int64) error {
	n, err := c.Spool.Requeue()
	if err != nil {
		return err
	}
	c.Log.InfoContext(ctx, "the collector was restored from an older copy, the last thirty days are sent once more", "records", n)
	return c.Spool.SetAcked(before) // only now: what stops here happens again
}

// restoredError is the answer of a collector that has fewer records than it once said.
type restoredError struct{ wire.Restored }

// Error is what it means.
func (e restoredError) Error() string {
	return fmt.Sprintf("the collector was restored from an older copy: it has %d records of this machine", e.Before)
}

// settle does with each record what the collector's verdict asks for, and remembers how many the collector has.
func (c *Courier) settle(ctx context.Context, entries []spool.Entry, answer wire.Answer) error {
	added := int64(0)
	for i, v := range answer.Verdicts {
		var err error
		switch v.Status {
		case wire.Stored, wire.Replaced:
			added++
			err = c.Spool.Acknowledged(entries[i])
		case wire.Kept:
			err = c.Spool.Acknowledged(entries[i])
		case wire.Refused:
			c.Log.WarnContext(ctx, "record set aside, the collector refused it", "record", entries[i].Key, "reason", v.Reason)
			err = c.Spool.SetAside(entries[i], v.Reason)
		default:
			err = fmt.Errorf("the answer to the upload has the verdict %q, which this agent does not know: upgrade it", v.Status)
		}
		if err != nil {
			return err
		}
	}
	if answer.Before == nil {
		return nil
	}
	return c.Spool.SetAcked(*answer.Before + added)
}

func (c *Courier) upload(ctx context.Context, entries []spool.Entry) (wire.Answer, error) {
	var answer wire.Answer
	body, err := c.pack(entries)
	if err != nil {
		return answer, err
	}
	if err := c.Spool.Sending(entries); err != nil {
		return answer, err
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	reply, err := post(ctx, c.Client, c.Identity.Collector+"/api/v1/records", c.Identity.Credential, "gzip", body)
	if err != nil {
		return answer, fmt.Errorf("upload: %w", err)
	}
	switch reply.code {
	case http.StatusOK:
	case http.StatusConflict:
		var restored struct {
			Before *int64 `json:"before"`
		}
		if err := json.Unmarshal(reply.text, &restored); err == nil && restored.Before != nil { // else it is no collector's
			return answer, restoredError{wire.Restored{Before: *restored.Before}}
		}
		fallthrough
	default:
		return answer, answerError{reply.code, string(reply.text), retryAfter(reply.header), reply.header.Get(wire.RefusedHeader) != ""}
	}
	if err := json.Unmarshal(reply.text, &answer); err != nil {
		return answer, fmt.Errorf("the answer to the upload is not a collector's: %w", err)
	}
	if len(answer.Verdicts) != len(entries) {
		return answer, fmt.Errorf("the answer to the upload is not a collector's: it has %d verdicts on %d records", len(answer.Verdicts), len(entries))
	}
	return answer, nil
}

// pack is a compressed batch of records as they are on disk.
func (c *Courier) pack(entries []spool.Entry) (*bytes.Buffer, error) {
	records := make([]json.RawMessage, 0, len(entries))
	for _, e := range entries {
		records = append(records, e.Body)
	}
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	err := json.NewEncoder(z).Encode(struct {
		Version int               `json:"version"`
		Records []json.RawMessage `json:"records"`
		Acked   int64             `json:"acked,omitempty"`
	}{wire.Version, records, c.Spool.Acked()})
	if err := errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("pack the records: %w", err)
	}
	return &body, nil
}

// mostText is how many bytes of an answer an error tells: what stands between the agent and the collector may answer a page.
const mostText = 300

// answerError is an answer other than 200.
type answerError struct {
	status     int
	text       string
	retryAfter time.Duration
	final      bool // a collector says so, and not something between it and us
}

// said is the answer.
func (e answerError) said() string {
	return fmt.Sprintf("the collector answered %d: %s", e.status, e.text[:min(len(e.text), mostText)])
}

// Error is the answer, and what it means for the records.
func (e answerError) Error() string {
	text := e.said()
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return text + "; enrol this machine again"
	case http.StatusUnsupportedMediaType:
		return text + "; the records are kept until the collector is upgraded"
	}
	return text
}

// unusable tells that the same upload will never be taken.
func (e answerError) unusable() bool {
	return e.final && (e.status == http.StatusBadRequest || e.status == http.StatusRequestEntityTooLarge)
}

// pause is how long to wait after so many failures in a row: a random time below a bound that doubles, so that a fleet does not
// come back all at once, and at least what the collector asks for. It cannot ask for less: a machine that came each second would
// tell that it is on.
func pause(err error, failures int) time.Duration {
	var asked time.Duration
	if answer, ok := errors.AsType[answerError](err); ok {
		asked = answer.retryAfter
		switch answer.status {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusUnsupportedMediaType:
			return max(asked, longRetry) + rand.N(longRetry)
		}
	}
	bound := min(longRetry, firstRetry<<min(failures-1, 20))
	return max(asked, bound/2) + rand.N(bound/2)
}

// retryAfter is the pause a collector asks for, at most a day; 0 when it asks for none.
func retryAfter(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, 24*time.Hour)
}

// wait tells whether d went by before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
