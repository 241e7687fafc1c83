package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"veille/agent/wire"
	"veille/collector/intake"
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
func weigh(text []byte, s *intake.Share) error {
	things := bytes.Count(text, []byte("{"))
	if things > mostThings*wire.MaxRecords {
		return &http.MaxBytesError{Limit: maxText}
	}
	if !s.Grow(weight*len(text) + thing*things) {
		return intake.ErrBusy
	}
	return nil
}

// mostBefore is how many bytes of memory a message gets before it has sent as many.
const mostBefore = 8 << 10

// refuse answers what can never be accepted as it is: 413 for too much, 415 for a later version, which the agent keeps
// until the collector is upgraded, 400 for the rest, which the agent sets aside. A body that did not arrive in time, or not whole,
// is not one of them: what the agent has on disk is whole.
func (h *Handler) refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, intake.ErrBusy) {
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
