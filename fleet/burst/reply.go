package burst

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// reply is what was answered to a request.
type reply struct {
	status  int
	after   time.Duration // that it asks to wait for; 0: it does not
	refused bool          // it has the header Veille-Refused
	last    bool          // the connection ends with it
	text    []byte
}

// Bounds of an answer.
const (
	maxText    = 1 << 20
	maxHeaders = 200 // lines
)

var (
	errHeader = errors.New("the answer has no header of HTTP/1")
	errLength = errors.New("the answer does not say how long it is")
	errLong   = fmt.Errorf("the answer has more than %d bytes", maxText)
)

// readReply reads one answer of HTTP/1.x (RFC 9112) to its end, its text into the space of text. Provisional answers (1xx) are passed over.
func readReply(in *bufio.Reader, text []byte) (reply, error) {
	for {
		r, length, err := readHead(in)
		if err != nil {
			return reply{}, err
		}
		if r.status >= 200 {
			r.text, err = readText(in, text, length)
			return r, err
		}
		if r.status == 101 {
			return reply{}, errHeader // nobody asked for another protocol
		}
	}
}

// Lengths that are not numbers of bytes.
const (
	toTheEnd = -1 // of the connection
	inChunks = -2
)

// readHead reads the first line and the header, and the length of the text.
func readHead(in *bufio.Reader) (r reply, length int64, err error) {
	line, err := readLine(in)
	if err != nil {
		return r, 0, err
	}
	// HTTP/1.1 200 OK
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) || line[8] != ' ' || len(line) > 12 && line[12] != ' ' {
		return r, 0, errHeader
	}
	status, ok := number(line[9:12])
	if r.status = int(status); !ok || r.status < 100 {
		return r, 0, errHeader
	}
	r.last = line[7] == '0'
	h := header{length: toTheEnd, old: r.last}
	for range maxHeaders {
		line, err = readLine(in)
		if err != nil {
			return r, 0, err
		}
		if len(line) == 0 {
			return h.done(r)
		}
		if err := h.line(line, &r); err != nil {
			return r, 0, err
		}
	}
	return r, 0, errHeader
}

// header is what the lines of a header have said so far.
type header struct {
	length  int64
	chunked bool
	old     bool // HTTP/1.0, which has no chunks
}

// line reads one line of the header.
func (h *header) line(line []byte, r *reply) error {
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok || len(name) == 0 || bytes.ContainsAny(name, " \t") {
		return errHeader
	}
	value = bytes.TrimSpace(value)
	switch {
	case is(name, "content-length"):
		n, ok := number(value)
		if !ok || h.length != toTheEnd && h.length != n {
			return errLength
		}
		h.length = n
	case is(name, "transfer-encoding"):
		if !is(value, "chunked") || h.chunked || h.old {
			return errLength
		}
		h.chunked = true
	case is(name, "connection"):
		for token := range bytes.SplitSeq(value, []byte(",")) {
			r.last = r.last || is(bytes.TrimSpace(token), "close")
		}
	case is(name, "retry-after"):
		if n, ok := number(value); ok {
			r.after = time.Duration(min(n, 24*3600)) * time.Second
		}
	case is(name, "veille-refused"):
		r.refused = len(value) > 0
	}
	return nil
}

// done is how long the text is, once the header is read.
func (h *header) done(r reply) (reply, int64, error) {
	length := h.length
	switch {
	case r.status < 200 || r.status == 204 || r.status == 304:
		length = 0
	case h.chunked:
		length = inChunks
	case length == toTheEnd:
		r.last = true
	}
	return r, length, nil
}

// readText reads a text into the space of b.
func readText(in *bufio.Reader, b []byte, length int64) ([]byte, error) {
	switch length {
	case inChunks:
		return readChunks(in, b)
	case toTheEnd:
		all, err := io.ReadAll(io.LimitReader(in, maxText+1))
		if len(all) > maxText {
			return nil, errLong
		}
		return append(b, all...), err
	}
	return readBytes(in, b, length)
}

// readBytes appends n bytes to b.
func readBytes(in *bufio.Reader, b []byte, n int64) ([]byte, error) {
	from := len(b)
	if n > maxText-int64(from) {
		return nil, errLong
	}
	if room := from + int(n); room > cap(b) {
		b = append(make([]byte, 0, room), b...)
	}
	b = b[:from+int(n)]
	_, err := io.ReadFull(in, b[from:])
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// readChunks reads a text in chunks (RFC 9112 §7.1), and the lines after it.
func readChunks(in *bufio.Reader, b []byte) ([]byte, error) {
	for {
		line, err := readLine(in)
		if err != nil {
			return nil, err
		}
		size, _, _ := bytes.Cut(line, []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimRight(size, " \t")), 16, 32)
		if err != nil {
			return nil, errLength
		}
		if n == 0 {
			break
		}
		if b, err = readBytes(in, b, int64(n)); err != nil {
			return nil, err
		}
		if line, err = readLine(in); err != nil || len(line) > 0 {
			return nil, errors.Join(errLength, err)
		}
	}
	for range maxHeaders {
		line, err := readLine(in)
		if err != nil || len(line) == 0 {
			return b, err
		}
	}
	return nil, errHeader
}

// readLine reads a line, without its end. It is good until the next is read.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, errHeader
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}

// is tells whether b is the word, which is in small letters.
func is(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

// number reads digits and nothing else, up to 15 of them.
func number(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 15 {
		return 0, false
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
