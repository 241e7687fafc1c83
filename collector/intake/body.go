package intake

import (
	"bytes"
	"encoding/binary"
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
	Beside int // bytes of memory that a message takes beside its text, once it is there

	inflaters sync.Pool // of *inflater that nobody uses: a new one takes more memory than a small message
}

// Read is the body of a message, decompressed; its memory is of s. Until all of it is there, a message has no more memory than follows from the bytes
// that it has sent: whoever sends slowly keeps nobody out by what they inflate to. Too much is an http.MaxBytesError with the bound, no memory ErrBusy.
func (b *Bodies) Read(w http.ResponseWriter, r *http.Request, s *Share) ([]byte, error) {
	encoding := r.Header.Get("Content-Encoding")
	most := b.Sent
	switch encoding {
	case "", "identity":
		most = min(b.Sent, b.Text)
	case "gzip":
	default:
		return nil, fmt.Errorf("content encoding %.40q is none of gzip, identity", encoding)
	}
	if r.ContentLength > int64(b.Sent) {
		return nil, &http.MaxBytesError{Limit: int64(b.Sent)}
	}
	text, err := all(http.MaxBytesReader(w, r.Body, int64(b.Sent)), s, buffer{size: 512 + int(max(0, min(r.ContentLength, int64(b.Early)))), most: most})
	if err != nil {
		return nil, err
	}
	if encoding == "gzip" {
		return b.inflate(text, s)
	}
	if !s.Grow(b.Beside + cap(text)) {
		return nil, ErrBusy
	}
	return text, nil
}

// inflater decompresses what is in memory.
type inflater struct {
	from bytes.Reader
	gzip gzip.Reader
}

// inflate decompresses a body that is there.
func (b *Bodies) inflate(packed []byte, s *Share) ([]byte, error) {
	z, ok := b.inflaters.Get().(*inflater)
	if !ok {
		z = &inflater{}
	}
	defer b.inflaters.Put(z)
	z.from.Reset(packed)
	defer z.from.Reset(nil)
	if err := z.gzip.Reset(&z.from); err != nil {
		return nil, fmt.Errorf("the body is not gzip, as its header says: %w", err)
	}
	return all(&z.gzip, s, buffer{held: b.Beside + cap(packed), size: min(lengthSaid(packed), b.Text) + 1, most: b.Text})
}

// densest is how many bytes one byte may become by gzip.
const densest = 1032

// lengthSaid is how many bytes a body becomes, by its own last four bytes, and no more than it can. It is wrong where the body has several parts.
func lengthSaid(packed []byte) int {
	if len(packed) < 4 {
		return 0
	}
	said := int64(binary.LittleEndian.Uint32(packed[len(packed)-4:]))
	return int(min(said, densest*int64(len(packed))))
}

// buffer is the memory that something is read into, in bytes.
type buffer struct {
	held int // that the message has besides
	size int // at first
	most int // that there may be to read
}

// all reads to the end.
func all(from io.Reader, s *Share, b buffer) ([]byte, error) {
	if !s.Grow(b.held + b.size) {
		return nil, ErrBusy
	}
	text := make([]byte, 0, b.size)
	for {
		if len(text) == cap(text) {
			larger := min(2*cap(text), b.most+1)
			if !s.Grow(b.held + cap(text) + larger) { // both, while one is copied to the other
				return nil, ErrBusy
			}
			text = append(make([]byte, 0, larger), text...)
		}
		n, err := from.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case len(text) > b.most:
			return nil, &http.MaxBytesError{Limit: int64(b.most)}
		case errors.Is(err, io.EOF):
			return text, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("the message is truncated: %w", err)
		case err != nil:
			return nil, err
		}
	}
}
