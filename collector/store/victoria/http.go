package victoria

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// secretFile is how secrets are given.
const secretFile = "--series-token-file (of migrate: --from-token-file, --to-token-file)"

const (
	shortTime = 30 * time.Second // for small questions
	longTime  = 10 * time.Minute // for exports
	mostSaid  = 300              // of what a node says in an error
)

// answer is how a request that failed was answered.
type answer struct {
	doing  string // what was tried
	on     string // the address
	status int    // 0: none came
	said   string
	after  time.Duration
	err    error
}

// trouble makes a sentence of an answer. wrong is what a 400 means: that what was sent is wrong, or that a person has to look.
func (a answer) trouble(wrong collector.Trouble) *collector.DeliveryError {
	e := &collector.DeliveryError{Trouble: collector.NeedsHelp, After: a.after, Err: a.err}
	said := shorten(a.said)
	reason := func(why string) *collector.DeliveryError {
		e.Reason = fmt.Sprintf("could not %s on VictoriaMetrics at %s: %s", a.doing, a.on, why)
		return e
	}
	switch {
	case a.status == 0:
		e.Trouble = collector.TryLater
		return reason("it cannot be reached, or did not answer in time; start it, or correct the address in --series")
	case strings.Contains(a.said, "read-only mode"):
		e.Trouble = collector.TryLater
		return reason("its disk has less room than -storage.minFreeDiskSpaceBytes, and it takes nothing until there is more; make room on its disk")
	case strings.Contains(a.said, "-search.max"):
		e.Err = limitError{}
		return reason(fmt.Sprintf("it answered %d: what was asked for is more than its flags -search.max… allow; start it without them, or with higher ones", a.status))
	case a.status == http.StatusTooManyRequests, a.status >= 500:
		e.Trouble = collector.TryLater
		return reason(fmt.Sprintf("it answered %d, %s; it is tried again", a.status, said))
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return reason(fmt.Sprintf("it answered %d; give its user:password, or the token of the proxy before it, by %s", a.status, secretFile))
	case a.status == http.StatusNotFound, strings.Contains(a.said, "unsupported path"), a.status >= 300 && a.status < 400:
		return reason(fmt.Sprintf("it answered %d, %s; correct the address in --series: http://host:8428 for a single node, "+
			"http://insert:8480/insert/0/influx?select=http://select:8481/select/0/prometheus for a cluster", a.status, said))
	case a.status == http.StatusRequestEntityTooLarge:
		e.Trouble = wrong
		return reason(fmt.Sprintf("it answered 413: a proxy before it takes nothing of that size; let it take requests of 2 MB (in nginx client_max_body_size 2m), %s", said))
	case a.status == http.StatusBadRequest, a.status == http.StatusUnprocessableEntity:
		e.Trouble = wrong
		if a.status == http.StatusUnprocessableEntity {
			e.Err = limitError{}
		}
		return reason(fmt.Sprintf("it answered %d, %s", a.status, said))
	}
	return reason(fmt.Sprintf("it answered %d, %s; see its own log", a.status, said))
}

// limitError is that a node refuses to look at so many series, or for so long.
type limitError struct{}

// Error says so.
func (limitError) Error() string { return "the question goes beyond a limit of the node" }

func shorten(said string) string {
	said = strings.Join(strings.Fields(said), " ")
	switch {
	case said == "":
		return "without a word"
	case len(said) > mostSaid:
		return strings.ToValidUTF8(said[:mostSaid], "") + "…"
	}
	return said
}

// ask posts a form and gives the body of the answer to use, which reads it.
func (s *Store) ask(ctx context.Context, timeout time.Duration, doing, address string, form url.Values, use func(io.Reader) error) error {
	return s.do(ctx, timeout, doing, address, form, func(r *http.Response) error { return use(r.Body) })
}

// do posts a form, or asks for a page where there is none, and gives the answer to use.
func (s *Store) do(ctx context.Context, timeout time.Duration, doing, address string, form url.Values, use func(*http.Response) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s on VictoriaMetrics: %w", doing, err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.auth != "" {
		r.Header.Set("Authorization", s.auth)
	}
	r.Header.Set("User-Agent", s.o.Agent)
	a := answer{doing: doing, on: address}
	response, err := s.client.Do(r)
	if err != nil {
		a.err = err
		return a.trouble(collector.NeedsHelp)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		a.status, a.said, a.after = response.StatusCode, string(said), wire.RetryAfter(response.Header.Get("Retry-After"), time.Now())
		return a.trouble(collector.NeedsHelp)
	}
	return use(response)
}

// nothing reads an answer whose text does not matter, so that the connection can be used again.
func nothing(r io.Reader) error {
	_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	return nil
}

// wait waits, or stops when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// flush makes what was written readable: a single node is told to, and a cluster is given the time that it takes.
func (s *Store) flush(ctx context.Context, since int64) error {
	if !s.o.Cluster() {
		err := s.ask(ctx, shortTime, "make written points readable", s.o.Read+"/internal/force_flush", url.Values{}, nothing)
		if err == nil || collector.TroubleOf(err) == collector.TryLater {
			return err
		} // where it is forbidden, time does it
	}
	return wait(ctx, time.Until(time.UnixMilli(since).Add(s.o.After)))
}

// settle makes what this store wrote readable.
func (s *Store) settle(ctx context.Context) error {
	since := s.dirty.Load()
	if since == 0 {
		return nil
	}
	if time.Since(time.UnixMilli(since)) < 2*s.o.After {
		if err := s.flush(ctx, since); err != nil {
			return err
		}
	}
	s.dirty.CompareAndSwap(since, 0)
	return nil
}
