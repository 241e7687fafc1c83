package victoria

import (
	"context"
	"errors"
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

// answered reads an answer that is no success; a text without end is not read to its end.
func answered(r *http.Response) answer {
	said, _ := io.ReadAll(io.LimitReader(r.Body, 4096))
	return answer{status: r.StatusCode, said: string(said), after: wire.RetryAfter(r.Header.Get("Retry-After"), time.Now())}
}

// to says what was tried, and where.
func (a answer) to(doing, address string) answer {
	a.doing, a.on = doing, address
	return a
}

// Error tells the status and the words.
func (a answer) Error() string { return fmt.Sprintf("%d, %s", a.status, shorten(a.said)) }

// trouble makes a sentence of an answer. wrong is what a 400 means: that what was sent is wrong, or that a person has to look.
func (a answer) trouble(wrong collector.Trouble) *collector.DeliveryError {
	e := &collector.DeliveryError{Trouble: collector.NeedsHelp, After: a.after, Err: a.err}
	kind, why := a.judge(wrong)
	if a.status == http.StatusUnprocessableEntity && wrong == collector.NeedsHelp || strings.Contains(a.said, "-search.max") {
		e.Err = limitError{}
	}
	e.Trouble, e.Reason = kind, fmt.Sprintf("could not %s on VictoriaMetrics at %s: %s", a.doing, a.on, why)
	return e
}

// judge says what kind of trouble an answer tells of, and what to do.
func (a answer) judge(wrong collector.Trouble) (collector.Trouble, string) {
	switch {
	case a.status == 0 && wire.AboutTLS(a.err):
		return collector.NeedsHelp, wire.Insecure
	case a.status == 0:
		return collector.TryLater, "it cannot be reached, or did not answer in time; start it, or correct the address in --series; it is tried again"
	case strings.Contains(a.said, "read-only mode"):
		return collector.TryLater, "its disk has less room than -storage.minFreeDiskSpaceBytes, and it takes nothing until there is more; make room on its disk; what was not taken is sent again"
	case strings.Contains(a.said, "-search.max"):
		return collector.NeedsHelp, fmt.Sprintf("it answered %d: what was asked for is more than its flags -search.max… allow; start it without them, or with higher ones%s", a.status, wire.Afterwards)
	case a.status == http.StatusTooManyRequests, a.status >= 500:
		return collector.TryLater, "it answered " + a.Error() + "; it is tried again"
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		return collector.NeedsHelp, fmt.Sprintf("it answered %d; put its user:password, or the token of the proxy before it, into the file that %s names%s", a.status, secretFile, wire.Afterwards)
	case a.status == http.StatusNotFound, strings.Contains(a.said, "unsupported path"), a.status >= 300 && a.status < 400:
		return collector.NeedsHelp, "it answered " + a.Error() + "; correct the address in --series: http://host:8428 for a single node, " +
			"http://insert:8480/insert/0/influx?select=http://select:8481/select/0/prometheus for a cluster" + wire.Afterwards
	case a.status == http.StatusRequestEntityTooLarge && wrong == collector.Unusable:
		return wrong, "it answered " + a.Error() + "; a proxy before it takes nothing of that size: let it take requests of 2 MB (in nginx client_max_body_size 2m); " + wire.LessAtATime
	case (a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity) && wrong == collector.Unusable:
		return wrong, "it refuses points (" + a.Error() + "), " + wire.SetAside
	case a.status < 300:
		return collector.NeedsHelp, "what answers is no VictoriaMetrics (" + a.Error() + ", where it says 204): look at the address in --series, and at proxies before it" + wire.Afterwards
	}
	return collector.NeedsHelp, "it answered " + a.Error() + "; see its own log, and look at the address in --series, and at proxies before it" + wire.Afterwards
}

// doer sends for the client library what is written. What is not 204 becomes an answer before the library sees it, which reads a text without end: what a
// proxy says with 200 is in no node.
type doer struct{ client *http.Client }

// Do sends a request. Its errors are an answer, or those of net/http.
func (d doer) Do(r *http.Request) (*http.Response, error) {
	response, err := d.client.Do(r)
	if err != nil || response.StatusCode == http.StatusNoContent {
		return response, err
	}
	defer func() { _ = response.Body.Close() }()
	return nil, answered(response)
}

// advised adds what to do to an error that a person has to see to.
func advised(err error, words string) error {
	if e, ok := errors.AsType[*collector.DeliveryError](err); ok && e.Trouble == collector.NeedsHelp {
		e.Reason = strings.TrimSuffix(e.Reason, wire.Afterwards) + "; " + words + wire.Afterwards
	}
	return err
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
	response, err := s.client.Do(r)
	if err != nil {
		return answer{doing: doing, on: address, err: err}.trouble(collector.NeedsHelp)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return answered(response).to(doing, address).trouble(collector.NeedsHelp)
	}
	return use(response)
}

// nothing reads an answer whose text does not matter, so that the connection can be used again.
func nothing(r io.Reader) error {
	_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<20))
	return nil
}

// flush makes what was written readable: a single node is told to, and a cluster is given the time that it takes.
func (s *Store) flush(ctx context.Context, since int64) error {
	if !s.o.Cluster() {
		err := s.ask(ctx, shortTime, "make written points readable", s.o.Read+"/internal/force_flush", url.Values{}, nothing)
		if err == nil || collector.TroubleOf(err) == collector.TryLater {
			return err
		} // where it is forbidden, time does it
	}
	return wire.Wait(ctx, time.Until(time.UnixMilli(since).Add(s.o.After)))
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
