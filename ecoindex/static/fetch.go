package static

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"veille/ecoindex/web"
)

// answer is what came back for a reference.
type answer struct {
	hops        []web.Resource // each redirect, then the last response; a failed one has no status and no byte
	said        []*said        // one per hop where somebody looks, else none
	url         *url.URL       // where the last response came from
	contentType string
	refresh     string // of the Refresh header
	body        []byte // decoded, for what is read: pages and style sheets
	err         error  // why the last response is missing or incomplete
}

// fetch asks for a reference and follows its redirects.
func (v *visit) fetch(ctx context.Context, ref reference) answer {
	a := answer{url: ref.url}
	for {
		location, err := v.hop(ctx, ref, &a)
		if err != nil {
			a.err = err
			a.hops[len(a.hops)-1].Problem = explain(a.url, err).Text
			return a
		}
		if location == nil {
			return a
		}
		a.url = location
		if len(a.hops) > v.options.MaxRedirects {
			a.err = web.Problem(web.CodeRedirects, ref.url, nil, "redirected more than %d times; look where the server sends its readers", v.options.MaxRedirects)
			a.hops[len(a.hops)-1].Problem = "redirected too many times"
			return a
		}
	}
}

// hop makes one request and adds its response to a. It answers where the response sends us, or nil.
func (v *visit) hop(ctx context.Context, ref reference, a *answer) (*url.URL, error) {
	a.hops = append(a.hops, web.Resource{URL: a.url.String(), Kind: ref.kind})
	made, said := &a.hops[len(a.hops)-1], v.keeper.next(ref, a)
	if v.asked.Add(1) > int64(v.options.MaxResources) {
		return nil, v.greedy()
	}
	ctx, cancel := context.WithTimeout(ctx, v.options.RequestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(asks(ctx, ref.kind), http.MethodGet, a.url.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("write the request: %w", err)
	}
	v.dress(request, ref.kind)
	response, err := v.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("send the request: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	made.Status, made.Bytes = response.StatusCode, headerBytes(response)
	a.contentType, a.refresh = response.Header.Get("Content-Type"), response.Header.Get("Refresh")

	location := response.Header.Get("Location")
	redirect := location != "" && isRedirect(response.StatusCode)
	said.answered(request, response, redirect)
	if !redirect && ref.kind == web.Document {
		if err := refuse(a.url, response); err != nil {
			return nil, err
		}
	}
	body, n, err := v.receive(response, ref, redirect, said)
	made.Bytes += n
	switch {
	case err != nil:
		if !isOurs(err) { // for a browser the request has failed
			made.Bytes = 0
		}
		return nil, err
	case !redirect && ref.givenUp(response.StatusCode):
		made.Bytes, made.Problem = 0, "given up by browsers: answered "+status(response.StatusCode)
		return nil, nil
	case !redirect:
		a.body = body
		return nil, nil
	}
	next := web.Resolve(a.url, location)
	if next == nil {
		return nil, web.Problem(web.CodeRedirects, a.url, nil, "redirected to %s, which is not a web address; look where the server sends its readers", quote(location))
	}
	return next, nil
}

// isOurs says whether it was us who stopped an answer, by a limit that a browser does not have.
func isOurs(err error) bool {
	return errors.Is(err, errTooLarge) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// mediaSample is how much of an audio or video file that does not play by itself is read. A browser takes what it
// needs to know its length, which depends on the file; a few hundred kilobytes is usual.
const mediaSample = 256 << 10

// receive reads a body to its end or its limit, and answers the number of bytes transferred. What is to be parsed is
// decoded; of the rest only the length is kept, and what said keeps.
func (v *visit) receive(response *http.Response, ref reference, redirect bool, said *said) (body []byte, n int64, err error) {
	limit := v.options.MaxResponse
	if ref.kind == web.Media && !ref.whole {
		limit = min(limit, mediaSample)
	}
	encoded := &counter{from: io.LimitReader(response.Body, limit)}
	encodings := response.Header.Get("Content-Encoding")
	if !redirect && v.reads(ref.kind, response) {
		body, err = decode(encoded, encodings, v.options.MaxParsed)
		said.took(body)
		if v.parsed.Add(int64(len(body))) > maxParsedPerPage*v.options.MaxParsed {
			err = errTooLarge
		}
	} else {
		said.read(encoded, encodings)
	}
	if _, drained := io.Copy(io.Discard, encoded); err == nil {
		err = drained
	}
	if err == nil && encoded.n == limit && (ref.kind != web.Media || ref.whole) {
		if more, _ := response.Body.Read(make([]byte, 1)); more > 0 {
			err = errTooLarge
		}
	}
	said.settle(err == nil && encoded.n < limit)
	if errors.Is(err, errTooLarge) {
		err = web.Problem(web.CodeSize, response.Request.URL, err, "its body is larger than the limits (%d bytes transferred, %d decompressed); a browser can measure it, if it is a page",
			limit, v.options.MaxParsed)
	}
	return body, encoded.n, err
}

// reads says whether a response is to be parsed. Browsers ignore a style sheet that failed or is not CSS, and show the
// inner documents of any status.
func (v *visit) reads(kind web.Kind, response *http.Response) bool {
	answered := mime(response.Header.Get("Content-Type"))
	switch kind {
	case web.Document:
		return true
	case web.Frame:
		return answered == "text/html"
	case web.Stylesheet:
		return response.StatusCode == http.StatusOK && answered == "text/css"
	}
	return false
}

// counter counts what is read through it. Its first error stays: a body of net/http says why it was cancelled only once.
type counter struct {
	from io.Reader
	n    int64
	err  error
}

func (c *counter) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.from.Read(p)
	c.n, c.err = c.n+int64(n), err
	return n, err
}

// headerBytes is the length of the status line and the headers as HTTP/1.1 writes them. Over HTTP/2 they are
// compressed, so that a browser counts up to some hundred bytes less per response.
func headerBytes(response *http.Response) int64 {
	n := len("HTTP/1.1 ") + len(response.Status) + len("\r\n") + len("\r\n")
	for name, values := range response.Header {
		for _, value := range values {
			n += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	for _, coding := range response.TransferEncoding { // net/http takes it out of the headers
		n += len("Transfer-Encoding: ") + len(coding) + len("\r\n")
	}
	return int64(n)
}

// dress gives a request the headers by which servers choose what to send.
func (v *visit) dress(request *http.Request, kind web.Kind) {
	h := request.Header
	h.Set("User-Agent", v.options.UserAgent)
	h.Set("Accept-Encoding", encodingsFor(request.URL))
	h.Set("Accept-Language", "fr-FR,fr;q=0.9,en;q=0.8")
	switch kind {
	case web.Document, web.Frame:
		h.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8")
	case web.Stylesheet:
		h.Set("Accept", "text/css,*/*;q=0.1")
	case web.Image:
		h.Set("Accept", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8")
	case web.Media:
		h.Set("Accept", "*/*")
		h.Set("Range", "bytes=0-")
	default:
		h.Set("Accept", "*/*")
	}
	if referer := refererFor(v.page, request.URL); kind != web.Document && referer != "" {
		h.Set("Referer", referer)
	}
	if request.URL.Scheme == v.wanted.Scheme && request.URL.Host == v.wanted.Host {
		for name, value := range v.options.Access.Fields() {
			request.Header.Set(name, value)
		}
	}
}

// encodingsFor is what browsers ask for: brotli and zstd only where nobody between can spoil them.
func encodingsFor(u *url.URL) string {
	if u.Scheme == "https" || web.Loopback(u.Hostname()) {
		return "gzip, br, zstd"
	}
	return "gzip"
}

// refererFor is the default policy of browsers: the page to its own site, the site alone to others.
func refererFor(page, to *url.URL) string {
	switch {
	case page.Scheme == "https" && to.Scheme == "http":
		return ""
	case page.Scheme == to.Scheme && page.Host == to.Host:
		return page.String()
	}
	return page.Scheme + "://" + page.Host + "/"
}
