// Package har reads the recording of a page that a browser saved.
//
// A recording (HAR 1.1 or 1.2, of Chrome, Edge, Firefox, Safari, Playwright, mitmproxy, Charles and others) holds requests
// and no document, so that the number of elements is given by the caller. Requests are counted as the EcoIndex reference
// counts those of its own recording: every redirect, every failure and every answer of a cache is one; addresses that
// never leave the browser, preflights, web sockets and /favicon.ico are none.
//
// Recorders disagree about sizes. What was transferred is taken from _transferSize; without it from headersSize and
// bodySize; without them from the size of the content. Which of these was used is said in the notes of the page.
package har

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"veille/ecoindex/web"
)

// Protocol is the name of this way of counting, to be shown with each figure.
const Protocol = "har"

// Options say what a recording does not. A field left at zero has its default.
type Options struct {
	Name string // of the recording, for errors; default "the recording"
	DOM  int    // elements of the page, counted by the caller; it is not looked at here
	Page string // the id of the page to read, where the recording holds several

	MaxBytes   int64 // of the whole recording; default 4 GiB
	MaxEntries int   // requests, and pages, in the recording; default 20,000

	maxEntry int // bytes of one request, its bodies shortened; a web socket's messages are part of its request
}

// maxValue is the most bytes that anything other than a request may take in a recording.
const maxValue = 1 << 20

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "the recording"
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 4 << 30
	}
	if o.MaxEntries <= 0 {
		o.MaxEntries = 20_000
	}
	if o.maxEntry <= 0 {
		o.maxEntry = 32 << 20
	}
	return o
}

// Read reads the recording of one page. It holds one request at a time in memory, without its bodies, and a short
// summary of those before it.
//
// Errors are a *web.Error: of CodeAnswer for what is not a whole recording, of CodeSize for what is beyond the limits, of
// CodeStatus when the page itself was answered with an error; or a *PageError when it is unclear which page is meant.
func Read(r io.Reader, o Options) (web.Page, error) {
	rec := &recording{options: o.withDefaults()}
	input := bufio.NewReaderSize(r, 1<<16)
	if err := rec.skipMark(input); err != nil {
		return web.Page{}, err
	}
	if err := rec.read(input); err != nil {
		return web.Page{}, err
	}
	kept, err := rec.choose()
	if err != nil {
		return web.Page{}, err
	}
	return rec.page(kept)
}

// skipMark skips a byte order mark, and tells other kinds of files by their first bytes.
func (r *recording) skipMark(input *bufio.Reader) error {
	first, err := input.Peek(4)
	if len(first) == 0 {
		if errors.Is(err, io.EOF) {
			return r.refuse(web.CodeAnswer, nil, "it is empty; save it again")
		}
		return r.refuse(web.CodeAnswer, err, "it cannot be read: %v", err)
	}
	for magic, what := range map[string]string{
		"PK\x03\x04": "it is a ZIP archive; unpack it, and give the .har file that is inside",
		"\x1f\x8b":   "it is compressed with gzip; give it decompressed, as by gunzip -c",
		"\xff\xfe":   "it is written in UTF-16; save it in UTF-8",
		"\xfe\xff":   "it is written in UTF-16; save it in UTF-8",
		"<":          "it is HTML or XML and not JSON; give the .har file that the network panel of a browser saves",
	} {
		if len(first) >= len(magic) && string(first[:len(magic)]) == magic {
			return r.refuse(web.CodeAnswer, nil, "%s", what)
		}
	}
	if string(first[:min(3, len(first))]) == "\xef\xbb\xbf" {
		_, _ = input.Discard(3) // they were peeked at
	}
	return nil
}

// refuse makes an error about the recording.
func (r *recording) refuse(code web.Code, err error, format string, args ...any) error {
	return &web.Error{Code: code, URL: r.options.Name, Text: fmt.Sprintf(format, args...), Err: err}
}
