package static

import (
	"bufio"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// errTooLarge is a body longer than its limit.
var errTooLarge = errors.New("larger than the limit")

// maxEncodings bounds the encodings of one body: each takes memory, and a body can be made to decompress to itself.
const maxEncodings = 4

// decode undoes the content encodings of a body and answers at most limit bytes; more is errTooLarge, with what was
// read until then. A small body that decompresses to gigabytes costs limit bytes and no more.
func decode(body io.Reader, encodings string, limit int64) ([]byte, error) {
	plain, err := unpack(body, encodings)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	text, err := io.ReadAll(io.LimitReader(plain, limit+1))
	if int64(len(text)) > limit {
		return text[:limit], errTooLarge
	}
	if err != nil {
		return text, fmt.Errorf("decode the body: %w", err)
	}
	return text, nil
}

// unpacked is a body without its content encodings.
type unpacked struct {
	io.Reader

	decoders []io.Closer
}

// unpack undoes the content encodings of a body as it is read. Close it, which leaves body open.
func unpack(body io.Reader, encodings string) (*unpacked, error) {
	names := strings.Split(strings.ToLower(encodings), ",")
	if len(names) > maxEncodings {
		return nil, fmt.Errorf("decode the body: more than %d encodings", maxEncodings)
	}
	u := &unpacked{Reader: body}
	for _, name := range slices.Backward(names) { // the last applied is the first undone
		decoder, err := decoderOf(u.Reader, strings.TrimSpace(name))
		if err != nil {
			u.Close()
			return nil, fmt.Errorf("decode %s: %w", quote(strings.TrimSpace(name)), err)
		}
		u.Reader, u.decoders = decoder, append(u.decoders, decoder)
	}
	return u, nil
}

// Close frees what the decoders hold.
func (u *unpacked) Close() {
	for _, d := range u.decoders {
		_ = d.Close()
	}
}

func decoderOf(body io.Reader, encoding string) (io.ReadCloser, error) {
	switch encoding {
	case "", "identity":
		return io.NopCloser(body), nil
	case "gzip", "x-gzip":
		return gzip.NewReader(body)
	case "deflate":
		return zlib.NewReader(bufio.NewReader(body))
	case "br":
		return io.NopCloser(brotli.NewReader(body)), nil
	case "zstd":
		// RFC 9659: a web client need not accept a window above 8 MB. One worker: no goroutine is left behind.
		d, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, fmt.Errorf("start: %w", err)
		}
		return d.IOReadCloser(), nil
	}
	return nil, errors.New("unknown encoding")
}
