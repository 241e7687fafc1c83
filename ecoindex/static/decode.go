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
	names := strings.Split(strings.ToLower(encodings), ",")
	if len(names) > maxEncodings {
		return nil, fmt.Errorf("decode the body: more than %d encodings", maxEncodings)
	}
	for _, name := range slices.Backward(names) { // the last applied is the first undone
		decoder, err := decoderOf(body, strings.TrimSpace(name))
		if err != nil {
			return nil, fmt.Errorf("decode %s: %w", quote(strings.TrimSpace(name)), err)
		}
		defer func() { _ = decoder.Close() }()
		body = decoder
	}
	text, err := io.ReadAll(io.LimitReader(body, limit+1))
	if int64(len(text)) > limit {
		return text[:limit], errTooLarge
	}
	if err != nil {
		return text, fmt.Errorf("decode the body: %w", err)
	}
	return text, nil
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
