package static

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"veille/ecoindex/web"
)

// Answer is what came back for an address that is no page to measure.
type Answer struct {
	URL    string // where it came from, after redirects
	Status int    // any but a redirect that could be followed
	Header http.Header
	Body   io.ReadCloser // without its compression; never nil, to be closed. Its errors are *web.Error
	Hops   int           // redirects followed
}

// Fetch asks for a file of a site, such as robots.txt or a sitemap, by the limits and the rule on private addresses of
// Measure. The body comes as it is read: after most bytes without its compression, or MaxResponse transferred, it ends in
// an error of code size. RequestTimeout runs until its end, and PageTimeout for all redirects and the body together. Every
// error is a *web.Error; a status, whatever it is, is none.
func (m *Measurer) Fetch(ctx context.Context, address string, most int64) (Answer, error) {
	f, err := m.ask(ctx, address, map[string]string{"Accept": "*/*"})
	if err != nil {
		return Answer{}, err
	}
	b := &plainBody{final: f, most: most, transfer: m.options.MaxResponse}
	return Answer{URL: f.url.String(), Status: f.response.StatusCode, Header: f.response.Header, Body: b, Hops: f.hops}, nil
}

// final is the last response for an address, with its body still to be read.
type final struct {
	response *http.Response
	url      *url.URL // where it came from
	hops     int      // redirects before it
	end      []context.CancelFunc
}

// close ends the response, read or not.
func (f *final) close() {
	if f.response != nil {
		_ = f.response.Body.Close()
	}
	for _, end := range f.end {
		end()
	}
}

// ask asks for an address with some fields more, and follows its redirects. Its error is a *web.Error.
func (m *Measurer) ask(ctx context.Context, address string, fields map[string]string) (*final, error) {
	u, err := web.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, m.options.PageTimeout)
	v, err := newVisit(m, u)
	if err != nil {
		cancel()
		return nil, explain(u, err)
	}
	f := &final{url: u}
	for {
		next, err := v.send(ctx, f, fields)
		switch {
		case err != nil:
			cancel()
			return nil, explain(f.url, err)
		case next == nil:
			f.end = append(f.end, cancel)
			return f, nil
		case f.hops == m.options.MaxRedirects:
			cancel()
			return nil, web.Problem(web.CodeRedirects, u, nil, "redirected more than %d times; look where the server sends its readers", f.hops)
		}
		f.url = next
		f.hops++
	}
}

// send makes one request. It answers where the response sends us, or leaves it in f.
func (v *visit) send(ctx context.Context, f *final, fields map[string]string) (*url.URL, error) {
	ctx, cancel := context.WithTimeout(ctx, v.options.RequestTimeout)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url.String(), nil)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("write the request: %w", err)
	}
	v.dress(request, web.Document)
	for name, value := range fields {
		request.Header.Set(name, value)
	}
	response, err := v.client.Do(request)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("send the request: %w", err)
	}
	location := response.Header.Get("Location")
	if location == "" || !isRedirect(response.StatusCode) {
		f.response, f.end = response, []context.CancelFunc{cancel}
		return nil, nil
	}
	_ = response.Body.Close()
	cancel()
	next := web.Resolve(f.url, location)
	if next == nil {
		return nil, web.Problem(web.CodeRedirects, f.url, nil, "redirected to %s, which is not a web address; look where the server sends its readers", quote(location))
	}
	return next, nil
}

// plainBody is a body without its compression, within limits. It is decoded from the first Read on, so that a body that
// cannot be read hides no status.
type plainBody struct {
	final    *final
	most     int64 // bytes without compression
	transfer int64 // bytes transferred

	plain  io.Reader // nil before the first Read
	undone *unpacked // nil when there is nothing to undo
	err    error     // what ended it
}

func (b *plainBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.plain == nil {
		b.err = b.open()
	}
	n := 0
	if b.err == nil {
		n, b.err = b.plain.Read(p)
	}
	switch {
	case b.err == nil, b.err == io.EOF: //nolint:errorlint // the end of the body is never wrapped, an EOF of a decoder that wants more is
	case errors.Is(b.err, errTooLarge):
		b.err = web.Problem(web.CodeSize, b.final.url, b.err, "its body is larger than the limits (%d bytes transferred, %d decompressed); take what was read, or raise them",
			b.transfer, b.most)
	default:
		b.err = explain(b.final.url, fmt.Errorf("read the body: %w", b.err))
	}
	return n, b.err
}

// open begins to decode. A body of no byte is empty in any encoding.
func (b *plainBody) open() error {
	encoded := bufio.NewReader(&ceiling{from: b.final.response.Body, left: b.transfer})
	if _, err := encoded.Peek(1); err != nil {
		return err
	}
	undone, err := unpack(encoded, b.final.response.Header.Get("Content-Encoding"))
	if err != nil {
		return err
	}
	b.undone, b.plain = undone, &ceiling{from: undone, left: b.most}
	return nil
}

// Close ends the request. It does not fail.
func (b *plainBody) Close() error {
	if b.undone != nil {
		b.undone.Close()
	}
	b.final.close()
	if b.err == nil {
		b.err = errors.New("read the body: it was closed")
	}
	return nil
}

// ceiling is a body of at most left bytes, and then errTooLarge where there are more.
type ceiling struct {
	from io.Reader
	left int64
}

func (c *ceiling) Read(p []byte) (int, error) {
	if c.left > 0 {
		n, err := c.from.Read(p[:min(int64(len(p)), c.left)])
		c.left -= int64(n)
		return n, err
	}
	if _, err := io.ReadFull(c.from, make([]byte, 1)); err != nil {
		return 0, err
	}
	return 0, errTooLarge
}
