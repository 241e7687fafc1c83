package static

import (
	"context"
	"net/url"
	"path"
	"strings"

	"veille/ecoindex/web"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
)

// reference is an address a document makes the browser fetch.
type reference struct {
	url    *url.URL
	kind   web.Kind
	idle   bool   // a style sheet for other media: fetched, but its rules do not apply
	from   *frame // the document that wants it
	whole  bool   // a video that plays by itself, read to its end
	strict bool   // given up by browsers when its status says that it is not there
	turn   int    // its place among what the page fetches, of use to a keeper
}

// givenUp says whether a browser gives an answer of this status up, so that the reference counts no byte of it.
// Observed with Chromium 156; of images, inner documents and sound it counts the bytes.
func (r reference) givenUp(status int) bool {
	return status >= 400 && (r.strict || r.kind == web.Stylesheet || r.kind == web.Script || r.kind == web.Font)
}

// finder collects what a document references, in its order.
type finder struct {
	base   *url.URL
	limit  int // of references; with more the page is refused
	refs   []reference
	known  map[string]bool // the addresses in refs
	sheets []sheet         // of style elements and attributes
	inner  []string        // documents written in srcdoc attributes

	sources map[*html.Node]*goquery.Selection // of each picture, the source in use
	hidden  map[*html.Node]bool
}

// discover finds what Chromium would fetch for a document without running a script. Images that load lazily are
// included: the reference scrolls to the bottom of the page. It stops early when ctx ends, and beyond limit references.
func discover(ctx context.Context, doc *goquery.Document, base *url.URL, hidden map[*html.Node]bool, limit int) *finder {
	f := &finder{base: base, limit: limit, known: map[string]bool{}, sources: map[*html.Node]*goquery.Selection{}, hidden: hidden}
	found := doc.Find("link[href], link[imagesrcset], script, style, source, img, input[src], video, audio, iframe, frame[src], object[data], " +
		"embed[src], image, feImage, use, [style], [background]")
	found.EachWithBreak(func(_ int, s *goquery.Selection) bool {
		f.element(ctx, goquery.NodeName(s), s)
		if style, ok := s.Attr("style"); ok && !hidden[s.Nodes[0]] {
			f.dress(readStyle(ctx, style, f.base))
		}
		return ctx.Err() == nil && len(f.refs) <= limit
	})
	return f
}

// dress keeps a style sheet that asks for something.
func (f *finder) dress(s sheet) {
	if len(s.imports)+len(s.rules)+len(s.faces) > 0 {
		f.sheets = append(f.sheets, s)
	}
}

func (f *finder) element(ctx context.Context, name string, s *goquery.Selection) {
	switch name {
	case "link":
		f.link(s)
	case "script":
		f.script(s)
	case "style":
		if mediaMatches(s.AttrOr("media", "")) {
			f.dress(readSheet(ctx, ownText(s.Nodes[0]), f.base))
		}
	case "source":
		f.source(s)
	case "img":
		f.image(s)
	case "input":
		if strings.EqualFold(s.AttrOr("type", ""), "image") {
			f.want(s.AttrOr("src", ""), web.Image)
		}
	case "video", "audio":
		f.media(s)
	case "iframe":
		f.iframe(s)
	case "frame":
		f.want(s.AttrOr("src", ""), web.Frame)
	case "object":
		f.plugin(s, s.AttrOr("data", ""), true)
	case "embed":
		f.plugin(s, s.AttrOr("src", ""), false)
	case "image", "feimage", "feImage":
		f.want(hrefOf(s), web.Image)
	case "use":
		f.add(hrefOf(s), reference{kind: web.Image, strict: true})
	case "body", "table", "thead", "tbody", "tfoot", "tr", "td", "th":
		f.want(s.AttrOr("background", ""), web.Image)
	}
}

func (f *finder) want(address string, kind web.Kind) { f.add(address, reference{kind: kind}) }

// add wants a reference at an address, unless it is known.
func (f *finder) add(address string, ref reference) {
	if strings.HasPrefix(strings.TrimSpace(address), "#") || len(f.refs) > f.limit {
		return
	}
	ref.url = web.Resolve(f.base, address)
	if ref.url == nil || f.known[ref.url.String()] {
		return
	}
	f.known[ref.url.String()] = true
	f.refs = append(f.refs, ref)
}

// link follows the kinds of links the headless shell fetches; observed with Chromium 156. It shows no tab and installs
// no application: of icons and manifests it fetches none.
func (f *finder) link(s *goquery.Selection) {
	href, media := s.AttrOr("href", ""), s.AttrOr("media", "")
	for rel := range strings.FieldsSeq(strings.ToLower(s.AttrOr("rel", ""))) {
		switch rel {
		case "stylesheet":
			_, disabled := s.Attr("disabled")
			if kind := mime(s.AttrOr("type", "")); disabled || (kind != "" && kind != "text/css") {
				continue
			}
			alternate := hasWord(s.AttrOr("rel", ""), "alternate")
			f.add(href, reference{kind: web.Stylesheet, idle: alternate || !mediaMatches(media)})
		case "prefetch":
			f.add(href, reference{kind: web.Other, strict: true})
		case "modulepreload":
			f.want(href, web.Script)
		case "preload":
			f.preload(s, href, media)
		}
	}
}

func (f *finder) preload(s *goquery.Selection, href, media string) {
	if !mediaMatches(media) {
		return
	}
	switch strings.ToLower(s.AttrOr("as", "")) {
	case "style": // most are turned into style sheets by a line of script
		f.want(href, web.Stylesheet)
	case "script":
		f.want(href, web.Script)
	case "font":
		f.want(href, web.Font)
	case "image":
		f.want(choose(s.AttrOr("imagesrcset", ""), s.AttrOr("imagesizes", ""), href), web.Image)
	case "fetch", "track":
		f.want(href, web.Other)
	}
}

// script is downloaded whether it is run or not; what its type says is not JavaScript is data, and is not.
func (f *finder) script(s *goquery.Selection) {
	kind, typed := s.Attr("type")
	if language := s.AttrOr("language", ""); !typed && language != "" {
		kind = "text/" + language
	}
	if _, old := s.Attr("nomodule"); old || !runs(strings.ToLower(strings.Trim(kind, " \t\n\f\r"))) {
		return
	}
	address, ok := s.Attr("src")
	if !ok {
		address = hrefOf(s) // inside an svg
	}
	f.want(address, web.Script)
}

// runs says whether a script of a type is one to a browser (HTML standard, "JavaScript MIME type essence match"): the
// type as it is, without parameters.
func runs(kind string) bool {
	switch kind {
	case "", "module", "application/ecmascript", "application/javascript", "application/x-ecmascript", "application/x-javascript",
		"text/ecmascript", "text/javascript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2", "text/javascript1.3",
		"text/javascript1.4", "text/javascript1.5", "text/jscript", "text/livescript", "text/x-ecmascript", "text/x-javascript":
		return true
	}
	return false
}

// source remembers the first source of a picture that the browser can use.
func (f *finder) source(s *goquery.Selection) {
	picture := s.Nodes[0].Parent
	if f.sources[picture] != nil || !isPicture(picture) {
		return
	}
	if s.AttrOr("srcset", "") != "" && mediaMatches(s.AttrOr("media", "")) && readsImage(s.AttrOr("type", "")) {
		f.sources[picture] = s
	}
}

func (f *finder) image(s *goquery.Selection) {
	if f.hidden[s.Nodes[0]] && strings.EqualFold(s.AttrOr("loading", ""), "lazy") {
		return // the scroll never comes near it
	}
	if source := f.sources[s.Nodes[0].Parent]; source != nil {
		f.want(choose(source.AttrOr("srcset", ""), source.AttrOr("sizes", ""), ""), web.Image)
		return
	}
	f.want(choose(s.AttrOr("srcset", ""), s.AttrOr("sizes", ""), s.AttrOr("src", "")), web.Image)
}

func isPicture(n *html.Node) bool { return n != nil && n.Data == "picture" }

func readsImage(kind string) bool {
	switch mime(kind) {
	case "", "image/avif", "image/webp", "image/png", "image/apng", "image/jpeg", "image/jpg", "image/gif", "image/svg+xml",
		"image/bmp", "image/x-icon", "image/vnd.microsoft.icon", "image/jxl":
		return true
	}
	return false
}

func (f *finder) media(s *goquery.Selection) {
	f.want(s.AttrOr("poster", ""), web.Image)
	s.ChildrenFiltered("track[default]").Each(func(_ int, t *goquery.Selection) { f.want(t.AttrOr("src", ""), web.Other) })
	_, plays := s.Attr("autoplay")
	if strings.EqualFold(s.AttrOr("preload", ""), "none") && !plays {
		return
	}
	address, ok := s.Attr("src")
	if !ok {
		address = s.ChildrenFiltered("source[src]").FilterFunction(func(_ int, source *goquery.Selection) bool {
			return readsMedia(source.AttrOr("type", "")) && mediaMatches(source.AttrOr("media", ""))
		}).First().AttrOr("src", "")
	}
	f.add(address, reference{kind: web.Media, whole: plays})
}

func readsMedia(kind string) bool {
	switch mime(kind) {
	case "", "video/mp4", "video/webm", "video/ogg", "audio/mpeg", "audio/mp3", "audio/mp4", "audio/ogg", "audio/webm", "audio/wav",
		"audio/x-wav", "audio/flac", "audio/aac", "audio/x-m4a":
		return true
	}
	return false
}

// plugin is an object or an embed: the browser fetches what it can show, where it is shown.
func (f *finder) plugin(s *goquery.Selection, address string, isObject bool) {
	kind := mime(s.AttrOr("type", ""))
	if kind == "" {
		kind = unreadable(address)
	}
	family, _, _ := strings.Cut(kind, "/")
	shows := kind == "" || family == "text" || family == "video" || family == "audio" || (family == "image" && readsImage(kind)) ||
		strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "javascript")
	if !shows || f.hidden[s.Nodes[0]] {
		return
	}
	f.add(address, reference{kind: web.Frame, strict: isObject && (family != "image" || kind == "image/svg+xml")})
}

// unreadable is the type of what the headless shell cannot show, by the end of its name.
func unreadable(address string) string {
	address, _, _ = strings.Cut(address, "?")
	switch end := strings.ToLower(path.Ext(address)); end {
	case ".pdf", ".swf", ".zip", ".bin", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods":
		return "application/" + end[1:]
	}
	return ""
}

func (f *finder) iframe(s *goquery.Selection) {
	if text, ok := s.Attr("srcdoc"); ok {
		f.inner = append(f.inner, text)
		return
	}
	f.want(s.AttrOr("src", ""), web.Frame)
}

// ownText is the text directly inside an element: of a style sheet, elements inside an svg style are no part.
func ownText(n *html.Node) []byte {
	var text []byte
	for c := range n.ChildNodes() {
		if c.Type == html.TextNode {
			text = append(text, c.Data...)
		}
	}
	return text
}

// hrefOf is the link of an svg element, in the old writing or the new one.
func hrefOf(s *goquery.Selection) string {
	address := ""
	for _, a := range s.Nodes[0].Attr {
		if a.Key == "href" && (a.Namespace == "" || address == "") {
			address = a.Val
		}
	}
	return address
}

// mime is a media type without its parameters, in small letters.
func mime(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}
