package metering

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"
)

// maxText is how many bytes a post may have, compressed or not.
const maxText = 16 << 20

// errBusy is said when there is no memory left for another post.
var errBusy = errors.New("the collector is busy")

// share is what one post has of the memory that there is.
type share struct {
	of    *atomic.Int64
	bytes int64
}

// grow makes the share large enough for so many bytes, if there are as many.
func (s *share) grow(bytes int) bool {
	more := int64(bytes) - s.bytes
	if more <= 0 {
		return true
	}
	if s.of.Add(-more) < 0 {
		s.of.Add(more)
		return false
	}
	s.bytes += more
	return true
}

// release gives the share back.
func (s *share) release() {
	s.of.Add(s.bytes)
	s.bytes = 0
}

// overhead is the memory that a post takes beside its text: what is read of it at once, and what that is packed into.
const overhead = 512 << 10

// inflaters are readers of gzip that nobody uses: a new one takes more memory than a small post.
type inflaters struct{ sync.Pool }

// open is a reader of a gzip stream.
func (p *inflaters) open(body io.Reader) (*gzip.Reader, error) {
	z, ok := p.Get().(*gzip.Reader)
	if !ok {
		return gzip.NewReader(body)
	}
	return z, z.Reset(body)
}

// read is the text of a post, decompressed, and bounded before and after; its memory is of s. Too much is an http.MaxBytesError, no memory errBusy.
func (p *inflaters) read(w http.ResponseWriter, r *http.Request, s *share) ([]byte, error) {
	if r.ContentLength > maxText {
		return nil, &http.MaxBytesError{Limit: maxText}
	}
	body := io.Reader(http.MaxBytesReader(w, r.Body, maxText))
	size := 4096 + int(max(0, min(r.ContentLength, 256<<10)))
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		z, err := p.open(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip, as its header says: %w", err)
		}
		defer p.Put(z)
		body = z
		size *= 4
	default:
		return nil, fmt.Errorf("content encoding %.40q is none of gzip, identity", encoding)
	}
	return all(body, s, size)
}

// all reads to the end, into size bytes at first.
func all(body io.Reader, s *share, size int) ([]byte, error) {
	if !s.grow(overhead + size) {
		return nil, errBusy
	}
	text := make([]byte, 0, size)
	for {
		if len(text) == cap(text) {
			larger := min(2*cap(text), maxText+1)
			if !s.grow(overhead + cap(text) + larger) { // both, while one is copied to the other
				return nil, errBusy
			}
			text = append(make([]byte, 0, larger), text...)
		}
		n, err := body.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case len(text) > maxText:
			return nil, &http.MaxBytesError{Limit: maxText}
		case errors.Is(err, io.EOF):
			return text, nil
		case err != nil:
			return nil, err
		}
	}
}

// unreadable answers a body that cannot be read.
func (h *Handler) unreadable(w answers, err error) {
	if errors.Is(err, errBusy) {
		h.counts.Busy.Add(1)
		w.later(http.StatusServiceUnavailable, "unavailable", "the collector is busy; send it again later")
		return
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		h.counts.Failed.Add(1)
		w.later(http.StatusServiceUnavailable, "unavailable", "the post did not arrive in time; send it again")
		return
	}
	h.counts.Unusable.Add(1)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		w.refuse(http.StatusRequestEntityTooLarge, "request too large", fmt.Sprintf("the post is larger than %d bytes, decompressed; send fewer lines at once", maxText))
		return
	}
	w.refuse(http.StatusBadRequest, "invalid", fmt.Sprintf("the post cannot be read: %v", err))
}

// spell is a time in which nothing works: its beginning is logged, and every hour of it.
type spell struct {
	mu    sync.Mutex
	since time.Time
	on    bool
}

// begins tells whether a failure is to be logged.
func (s *spell) begins(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on && now.Sub(s.since) < time.Hour {
		return false
	}
	s.on, s.since = true, now
	return true
}

// ends tells whether a success is the first after failures.
func (s *spell) ends() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.on
	s.on = false
	return was
}
