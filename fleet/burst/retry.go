package burst

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// answerError is an answer other than 200.
type answerError struct {
	status  int
	after   time.Duration // that the collector asks to wait for
	refused bool          // a collector says so, and not something in between
	text    string
}

// Error is what was answered.
func (e answerError) Error() string {
	return fmt.Sprintf("the collector answered %d: %s", e.status, e.text)
}

// busy tells that the collector asks to come back later.
func (e answerError) busy() bool {
	return e.status == http.StatusServiceUnavailable || e.status == http.StatusTooManyRequests
}

// final tells that the same request would be answered the same for an hour at least, where an agent gives up for that long.
func final(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	e, ok := errors.AsType[answerError](err)
	if !ok {
		return false
	}
	switch e.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnsupportedMediaType:
		return true
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		return e.refused
	}
	return e.status < 400 // a redirection, which an agent does not follow
}

// mostText is how many bytes of an answer an error tells.
const mostText = 300

func brief(text []byte) string {
	return string(bytes.TrimSpace(text[:min(len(text), mostText)]))
}

// pause is how long an agent waits after so many failures in a row: at least what the collector asks for, and a random time below a
// bound that doubles from first on, so that a fleet does not come back all at once.
func pause(err error, failures int, first time.Duration) time.Duration {
	var asked time.Duration
	if answer, ok := errors.AsType[answerError](err); ok {
		asked = answer.after
	}
	bound := min(longestPause, first<<min(failures-1, 12))
	return max(asked, bound/2) + rand.N(bound/2+1)
}

// wait tells whether d went by before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// watch tells once a second how much of all is done, until the function that it answers is called.
func watch(done *atomic.Int64, all int64, tell func(done, all int64)) (stop func()) {
	if tell == nil {
		return func() {}
	}
	ended := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
				tell(done.Load(), all)
			}
		}
	})
	return func() {
		close(ended)
		watcher.Wait()
	}
}
