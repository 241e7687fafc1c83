package listen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Check is one thing that must be well. Name is shown to whoever asks: two or three words. Ask must end with its context; its error
// goes to the log only.
type Check struct {
	Name string
	Ask  func(context.Context) error
}

const (
	checkTime   = 5 * time.Second // for all checks together, which are asked at once
	checkMemory = time.Second     // how long their answer is good, so that asking often costs nothing
)

// Health answers whether the program is well: status 200 and "ok", or 503 and a line for each check that fails, without its reason.
// When a check begins or ceases to fail, the log says so once, with the reason.
type Health struct {
	checks []Check
	log    *slog.Logger
	turn   chan struct{} // capacity 1, held by who asks

	asked time.Time
	errs  []error // one for each check, nil if well
}

// NewHealth answers a Health that makes these checks.
func NewHealth(log *slog.Logger, checks ...Check) *Health {
	return &Health{checks: checks, log: log, turn: make(chan struct{}, 1), errs: make([]error, len(checks))}
}

// ServeHTTP answers GET and HEAD.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	failing, err := h.failing(r.Context())
	if err != nil || len(failing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, strings.Join(append(failing, ""), ": not well\n"))
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// Err is nil if the program is well, and names what fails otherwise.
func (h *Health) Err(ctx context.Context) error {
	failing, err := h.failing(ctx)
	if err != nil {
		return err
	}
	if len(failing) > 0 {
		return fmt.Errorf("not well: %s", strings.Join(failing, ", "))
	}
	return nil
}

// failing are the names of the checks that fail. It is an error if nobody could be asked in time.
func (h *Health) failing(ctx context.Context) (names []string, err error) {
	errs, err := h.ask(ctx)
	for i, err := range errs {
		if err != nil {
			names = append(names, h.checks[i].Name)
		}
	}
	return names, err
}

// ask answers an error or nil for each check.
func (h *Health) ask(ctx context.Context) ([]error, error) {
	wait, cancel := context.WithTimeout(ctx, 2*checkTime)
	defer cancel()
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-wait.Done():
		return nil, errors.New("the checks of health do not end")
	}
	if !h.asked.IsZero() && time.Since(h.asked) < checkMemory {
		return h.errs, nil
	}
	limited, done := context.WithTimeout(context.WithoutCancel(ctx), checkTime) // an asker who hangs up makes nothing fail
	defer done()
	errs := make([]error, len(h.checks))
	var all sync.WaitGroup
	for i, check := range h.checks {
		all.Go(func() { errs[i] = check.Ask(limited) })
	}
	all.Wait()
	for i, check := range h.checks {
		switch {
		case errs[i] != nil && h.errs[i] == nil:
			h.log.ErrorContext(ctx, "not well", "check", check.Name, "err", errs[i])
		case errs[i] == nil && h.errs[i] != nil:
			h.log.InfoContext(ctx, "well again", "check", check.Name)
		}
	}
	h.errs, h.asked = errs, time.Now() // a new slice each time: answers given before stay as they are
	return errs, nil
}
