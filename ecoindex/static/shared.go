package static

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"sync"

	"veille/ecoindex/web"
)

// shared keeps the answers for style sheets, scripts, images and fonts, so that a site is asked for each once, however many of its pages
// want it. What is counted is what was transferred the first time: every page is one that a visitor opens first. An answer of another
// status than 200, or longer than a sixteenth of the limit, is not kept.
type shared struct {
	next  http.RoundTripper
	limit int64

	mu   sync.Mutex
	held int64
	all  map[string]*held
	turn []string // the oldest first
}

// held is an answer.
type held struct {
	response http.Response // without its body
	body     []byte        // as it was transferred
}

// forAll marks the context of a request whose answer other pages may use.
type forAll struct{}

// may tells whether a kind of resource is one that pages share.
func may(kind web.Kind) bool {
	return kind == web.Stylesheet || kind == web.Script || kind == web.Image || kind == web.Font
}

func newShared(next http.RoundTripper, limit int64) *shared {
	return &shared{next: next, limit: limit, all: map[string]*held{}}
}

// RoundTrip answers from what is kept, or asks.
func (s *shared) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(forAll{}) == nil || r.Method != http.MethodGet {
		return s.next.RoundTrip(r)
	}
	key := r.URL.String() + " " + r.Header.Get("Accept")
	s.mu.Lock()
	known := s.all[key]
	s.mu.Unlock()
	if known != nil {
		return known.again(r), nil
	}
	response, err := s.next.RoundTrip(r)
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	most := s.limit / 16
	body, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	if err != nil || int64(len(body)) > most { // whoever reads it meets what we met
		rest := io.Reader(response.Body)
		if err != nil {
			rest = broken{err}
		}
		response.Body = &resumed{io.MultiReader(bytes.NewReader(body), rest), response.Body}
		return response, nil
	}
	if err := response.Body.Close(); err != nil {
		return nil, err
	}
	h := &held{response: *response, body: body}
	h.response.Body, h.response.Request = nil, nil
	s.keep(key, h)
	return h.again(r), nil
}

// keep keeps an answer, and lets the oldest go.
func (s *shared) keep(key string, h *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all[key] != nil { // another page has asked meanwhile
		return
	}
	s.all[key], s.turn, s.held = h, append(s.turn, key), s.held+h.weight()
	for s.held > s.limit {
		s.held -= s.all[s.turn[0]].weight()
		delete(s.all, s.turn[0])
		s.turn = s.turn[1:]
	}
}

// weight is about what an answer takes, in bytes.
func (h *held) weight() int64 {
	n := int64(len(h.body)) + 1000
	for name, values := range h.response.Header {
		for _, v := range values {
			n += int64(len(name) + len(v))
		}
	}
	return n
}

// again is the answer once more.
func (h *held) again(r *http.Request) *http.Response {
	response := h.response
	response.Header = h.response.Header.Clone()
	response.Request, response.Body = r, io.NopCloser(bytes.NewReader(h.body))
	return &response
}

// resumed is a body of which the beginning was read already.
type resumed struct {
	io.Reader
	from io.Closer
}

// Close closes what the rest comes from.
func (b *resumed) Close() error { return b.from.Close() }

// broken is what is left of a body that could not be read further.
type broken struct{ err error }

// Read answers why.
func (b broken) Read([]byte) (int, error) { return 0, b.err }

// asks marks requests for what pages share.
func asks(ctx context.Context, kind web.Kind) context.Context {
	if !may(kind) {
		return ctx
	}
	return context.WithValue(ctx, forAll{}, true)
}
