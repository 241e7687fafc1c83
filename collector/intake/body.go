package intake

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Bodies reads the bodies of messages, within bounds before and after decompression. It must not be copied once it is used.
type Bodies struct {
	Sent   int // bytes that a body may have as it is sent
	Text   int // bytes that it may have after decompression
	Early  int // bytes of memory that a message gets at most before it has sent as many
	Beside int // bytes of memory that a message takes beside its text

	inflaters sync.Pool // readers of gzip that nobody uses: a new one takes more memory than a small message
}

// Read is the body of a message, decompressed; its memory is of s. Too much is an http.MaxBytesError with the bound, no memory ErrBusy.
func (b *Bodies) Read(w http.ResponseWriter, r *http.Request, s *Share) ([]byte, error) {
	if r.ContentLength > int64(b.Sent) {
		return nil, &http.MaxBytesError{Limit: int64(b.Sent)}
	}
	body := io.Reader(http.MaxBytesReader(w, r.Body, int64(b.Sent)))
	size := 512 + int(max(0, min(r.ContentLength, int64(b.Early))))
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		z, err := b.inflater(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip, as its header says: %w", err)
		}
		defer b.inflaters.Put(z)
		body = z
		size *= 8
	default:
		return nil, fmt.Errorf("content encoding %.40q is none of gzip, identity", encoding)
	}
	return b.all(body, s, size)
}

// inflater is a reader of a gzip stream.
func (b *Bodies) inflater(body io.Reader) (*gzip.Reader, error) {
	z, ok := b.inflaters.Get().(*gzip.Reader)
	if !ok {
		return gzip.NewReader(body)
	}
	return z, z.Reset(body)
}

// all reads to the end, into size bytes at first.
func (b *Bodies) all(body io.Reader, s *Share, size int) ([]byte, error) {
	if !s.Grow(b.Beside + size) {
		return nil, ErrBusy
	}
	text := make([]byte, 0, size)
	for {
		if len(text) == cap(text) {
			larger := min(2*cap(text), b.Text+1)
			if !s.Grow(b.Beside + cap(text) + larger) { // both, while one is copied to the other
				return nil, ErrBusy
			}
			text = append(make([]byte, 0, larger), text...)
		}
		n, err := body.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case len(text) > b.Text:
			return nil, &http.MaxBytesError{Limit: int64(b.Text)}
		case errors.Is(err, io.EOF):
			return text, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("the message is truncated: %w", err)
		case err != nil:
			return nil, err
		}
	}
}
