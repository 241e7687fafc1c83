package static

import (
	"bytes"
	"container/heap"
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"veille/ecoindex/web"

	"golang.org/x/net/html/charset"
)

// Look measures the page at address as Measure does, with the same figures, and keeps what was said of each resource for
// those who look for what the page could do better. Every error is a *web.Error.
//
// Of a body is kept: of a text (HTML, CSS, JavaScript, JSON, SVG, XML) the first MiB, of an image all up to 256 KiB and
// else the first 64 KiB, of a font the first 4 KiB, of others and of redirects nothing. Decoded is 0, and there is no
// Body, where it was not read to its end, could not be decompressed, or is too long: above MaxParsed for what is parsed,
// above MaxResponse for the rest. HTML has no byte order mark.
//
// Memory: besides what Measure takes, a page keeps up to 8 MiB of texts, 8 of images, 1 of fonts, 8 of headers, and up to
// three times MaxParsed of HTML; a MiB or two for each of the six bodies that are being read comes on top. Resources that
// come when a share is full have no Body, or headers of no field; which they are does not depend on who answers first.
// Time: once 256 MiB were decompressed that Measure does not decompress, no further such body is, and its Decoded is 0.
func (m *Measurer) Look(ctx context.Context, address string) (*web.Sight, error) {
	page, v, err := m.see(ctx, address, newKeeper(m.options.MaxResponse))
	if err != nil {
		return nil, err
	}
	s := &web.Sight{Page: page, HTML: v.html, Exchanges: make([]web.Exchange, 0, len(page.Resources))}
	for i, r := range page.Resources {
		e := v.said[i]
		s.Exchanges = append(s.Exchanges, web.Exchange{
			Resource: r, Protocol: e.protocol, Asked: e.asked, Header: e.header, Decoded: e.decoded, Body: e.body,
		})
	}
	return s, nil
}

// inUTF8 is a page as the parser reads it.
func inUTF8(body []byte, contentType string) []byte {
	if len(body) == 0 {
		return nil
	}
	r, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return bytes.ToValidUTF8(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\ufffd"))
}

// keeper is what a page may keep beside its figures, for all its resources. A nil one keeps nothing.
type keeper struct {
	limit   int64        // bytes of a body without its compression
	inflate atomic.Int64 // bytes decompressed for the keeper alone

	texts, images, fonts, headers ration
}

// What a page may keep in all, and what may be decompressed to that end.
const (
	maxTexts   = 8 << 20
	maxImages  = 8 << 20
	maxFonts   = 1 << 20
	maxHeaders = 8 << 20
	maxInflate = 256 << 20
)

func newKeeper(limit int64) *keeper {
	return &keeper{limit: limit, texts: rationOf(maxTexts), images: rationOf(maxImages), fonts: rationOf(maxFonts), headers: rationOf(maxHeaders)}
}

// next makes room for what the next response to ref will say.
func (k *keeper) next(ref reference, a *answer) *said {
	if k == nil {
		return nil
	}
	s := &said{keeper: k, kind: ref.kind, order: int64(ref.turn)<<20 | int64(len(a.hops))}
	a.said = append(a.said, s)
	return s
}

// share is how much is kept of a body: all of it up to whole bytes, of a longer one the first head bytes.
type share struct {
	whole, head int
	of          *ration
}

// shareOf tells texts, images and fonts by the type that was answered, or where it does not say by what the page wants.
func (k *keeper) shareOf(wanted web.Kind, contentType string) share {
	text := share{whole: 1 << 20, head: 1 << 20, of: &k.texts}
	image := share{whole: 256 << 10, head: 64 << 10, of: &k.images}
	font := share{whole: 4 << 10, head: 4 << 10, of: &k.fonts}
	answered := mime(contentType)
	family, name, _ := strings.Cut(answered, "/")
	switch {
	case isText(answered):
		return text
	case family == "image":
		return image
	case family == "font", strings.Contains(name, "font"):
		return font
	case family == "audio", family == "video":
		return share{}
	}
	switch wanted {
	case web.Document, web.Frame, web.Stylesheet, web.Script:
		return text
	case web.Image:
		return image
	case web.Font:
		return font
	}
	return share{}
}

func isText(mime string) bool {
	_, name, _ := strings.Cut(mime, "/")
	switch name {
	case "html", "css", "javascript", "x-javascript", "ecmascript", "json", "xml", "manifest":
		return true
	}
	return strings.HasSuffix(name, "+xml") || strings.HasSuffix(name, "+json")
}

// said is what one response said. A nil one takes no notice of anything.
type said struct {
	keeper *keeper
	kind   web.Kind
	order  int64 // of the response on its page
	share  share

	protocol string
	asked    int
	header   http.Header
	decoded  int64
	body     []byte
}

// answered takes note of what comes before the body.
func (s *said) answered(request *http.Request, response *http.Response, redirect bool) {
	if s == nil {
		return
	}
	s.protocol = strings.ToLower(response.Proto)
	if response.ProtoMajor == 2 {
		s.protocol = "h2"
	}
	s.asked = len(request.Header.Get("Cookie")) // the client has added those of the jar
	s.header = response.Header.Clone()
	if !redirect {
		s.share = s.keeper.shareOf(s.kind, s.header.Get("Content-Type"))
	}
	weight := 0
	for name, values := range s.header {
		weight += 100 // of the map and the slice
		for _, v := range values {
			weight += len(name) + len(v) + 16
		}
	}
	s.keeper.headers.add(piece{s.order, weight, func() { s.header = http.Header{} }})
}

// took takes note of a body that was decoded to be parsed.
func (s *said) took(body []byte) {
	if s != nil {
		s.decoded, s.body = int64(len(body)), s.share.cut(body)
	}
}

// read decodes a body as it comes, and keeps its share of it.
func (s *said) read(encoded io.Reader, encodings string) {
	if s == nil {
		return
	}
	limit, k := s.keeper.limit, s.keeper
	compressed := encodings != "" && !strings.EqualFold(strings.TrimSpace(encodings), "identity")
	if compressed && k.inflate.Load() > maxInflate {
		return
	}
	plain, err := unpack(encoded, encodings)
	if err != nil {
		return // the body is counted all the same
	}
	defer plain.Close()
	head, err := io.ReadAll(io.LimitReader(plain, min(int64(s.share.whole), limit)+1))
	n := int64(len(head))
	if err == nil && n <= limit {
		var rest int64
		rest, err = io.Copy(io.Discard, io.LimitReader(plain, limit+1-n))
		n += rest
	}
	if compressed {
		k.inflate.Add(n)
	}
	if err == nil && n <= limit {
		s.decoded, s.body = n, s.share.cut(head)
	}
}

// settle gives the body its place among those of the page, or forgets it if it is not complete.
func (s *said) settle(complete bool) {
	switch {
	case s == nil:
	case !complete:
		s.decoded, s.body = 0, nil
	case len(s.body) > 0:
		s.share.of.add(piece{s.order, len(s.body), func() { s.body = nil }})
	}
}

// cut is a copy of what is kept of a body, of no more room than its length.
func (s share) cut(body []byte) []byte {
	if len(body) > s.whole {
		body = body[:s.head]
	}
	if len(body) == 0 {
		return nil
	}
	return bytes.Clone(body)
}

// ration is bytes that resources share. It goes to the first of the page, whichever come first over the network: when it
// is exceeded the last of the page loses its piece, and no later one gets any.
type ration struct {
	mu   sync.Mutex
	left int
	end  int64 // where in the order of the page it ends
	all  pieces
}

func rationOf(n int) ration { return ration{left: n, end: math.MaxInt64} }

// piece is what one resource has of a ration. Orders are unique within a ration.
type piece struct {
	order  int64
	weight int
	drop   func()
}

func (r *ration) add(p piece) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.order >= r.end {
		p.drop()
		return
	}
	heap.Push(&r.all, p)
	r.left -= p.weight
	for r.left < 0 {
		last := heap.Pop(&r.all).(piece)
		r.left, r.end = r.left+last.weight, last.order
		last.drop()
	}
}

// pieces is a heap for container/heap, the last of the page on top.
type pieces []piece

func (p pieces) Len() int           { return len(p) }
func (p pieces) Less(i, j int) bool { return p[i].order > p[j].order }
func (p pieces) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }

// Push adds x at the end.
func (p *pieces) Push(x any) { *p = append(*p, x.(piece)) }

// Pop takes the end.
func (p *pieces) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	(*p)[last] = piece{}
	*p = (*p)[:last]
	return x
}
