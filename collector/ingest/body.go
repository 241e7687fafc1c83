package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"veille/agent/wire"
)

// Bounds of one request.
const (
	maxBody = 1 << 20 // bytes as sent
	maxText = 8 << 20 // bytes after decompression
)

// weight is how many bytes of memory one byte of text takes from when it is decoded until its records are on disk: itself, what it is
// decoded into, and what that is translated into.
const weight = 4

// What a text is decoded into depends on how many things it holds as well: an empty one takes three bytes of text, and this much memory.
const (
	thing      = 320
	mostThings = 160 // for each record that a batch may have: a part, an energy, a machine and a cost are things
)

// weigh takes the memory that a text will need, from its share. A text of more things than any batch has is an http.MaxBytesError.
func weigh(text []byte, s *share) error {
	things := bytes.Count(text, []byte("{"))
	if things > mostThings*wire.MaxRecords {
		return &http.MaxBytesError{Limit: maxText}
	}
	if !s.grow(weight*len(text) + thing*things) {
		return errBusy
	}
	return nil
}

// errBusy is said when there is no memory left for another message.
var errBusy = errors.New("the collector is busy")

// budget is the memory that messages may take together, in bytes.
type budget struct{ left atomic.Int64 }

func newBudget(bytes int64) *budget {
	b := &budget{}
	b.left.Store(bytes)
	return b
}

// share is what one message has of the budget.
type share struct {
	of    *budget
	bytes int64
}

// grow makes the share large enough for so many bytes, if the budget allows it.
func (s *share) grow(bytes int) bool {
	more := int64(bytes) - s.bytes
	if more <= 0 {
		return true
	}
	if s.of.left.Add(-more) < 0 {
		s.of.left.Add(more)
		return false
	}
	s.bytes += more
	return true
}

// release gives the share back.
func (s *share) release() {
	s.of.left.Add(s.bytes)
	s.bytes = 0
}

// mostBefore is how many bytes of memory a message gets before it has sent as many.
const mostBefore = 8 << 10

// inflaters are readers of gzip that nobody uses: a new one takes more memory than a message.
type inflaters struct{ sync.Pool }

// open is a reader of a gzip stream.
func (p *inflaters) open(body io.Reader) (*gzip.Reader, error) {
	z, ok := p.Get().(*gzip.Reader)
	if !ok {
		return gzip.NewReader(body)
	}
	return z, z.Reset(body)
}

// read is the body of a message, decompressed, and bounded before and after; its memory is of s. Too much is an http.MaxBytesError,
// no memory errBusy.
func (p *inflaters) read(w http.ResponseWriter, r *http.Request, s *share) ([]byte, error) {
	body := io.Reader(http.MaxBytesReader(w, r.Body, maxBody))
	size := 512 + int(max(0, min(r.ContentLength, mostBefore)))
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		z, err := p.open(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip, as its header says: %w", err)
		}
		defer p.Put(z)
		body = z
		size *= 8
	default:
		return nil, fmt.Errorf("content encoding %q is none of gzip, identity", encoding)
	}
	return all(body, s, size)
}

// all reads to the end, into size bytes at first.
func all(body io.Reader, s *share, size int) ([]byte, error) {
	if !s.grow(size) {
		return nil, errBusy
	}
	text := make([]byte, 0, size)
	for {
		if len(text) == cap(text) {
			larger := min(2*cap(text), maxText+1)
			if !s.grow(larger) {
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
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("the message is truncated: %w", err)
		case err != nil:
			return nil, err
		}
	}
}

// refuse answers what can never be accepted as it is: 413 for too much, 415 for a later version, which the agent keeps
// until the collector is upgraded, 400 for the rest, which the agent sets aside. A body that did not arrive in time, or not whole,
// is not one of them: what the agent has on disk is whole.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, errBusy) {
		h.busy(w)
		return
	}
	status, text, counter := http.StatusBadRequest, err.Error(), &h.counts.Unreadable
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status, text, counter = http.StatusRequestEntityTooLarge, fmt.Sprintf("the batch is larger than %d bytes; send fewer records at once", large.Limit), &h.counts.TooLarge
	}
	if _, ok := errors.AsType[wire.NewerVersionError](err); ok {
		status, counter = http.StatusUnsupportedMediaType, &h.counts.Newer
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		h.counts.Late.Add(1)
		http.Error(w, "the message did not arrive in time; send it again", http.StatusRequestTimeout)
		return
	}
	counter.Add(1)
	if !damaged(err) {
		w.Header().Set(wire.RefusedHeader, "yes")
	}
	http.Error(w, text, status)
}

// damaged tells that a body was changed or cut short on its way.
func damaged(err error) bool {
	_, garbled := errors.AsType[flate.CorruptInputError](err)
	return garbled || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, gzip.ErrChecksum)
}
