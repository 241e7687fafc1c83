// Package dashboards is the HTML pages people read.
package dashboards

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"veille/collector"
)

//go:embed templates/*.html assets/veille.css words/*.json
var files embed.FS

// Ledger says which sites there are, and whose they are.
type Ledger interface {
	Sites(ctx context.Context) ([]collector.Site, error)
	Organisations(ctx context.Context) ([]collector.Responsible, error)
}

// Series answers questions about points.
type Series interface {
	Range(ctx context.Context, q collector.Query) ([]collector.Point, error)
}

// Handler serves the pages. They work without JavaScript, keep no cookie, and ask no other server for anything.
type Handler struct {
	ledger    Ledger
	series    Series
	web       Web
	queue     Queue
	practices catalogue
	log       *slog.Logger
	templates *template.Template
	languages []language // the first is the one of those who ask for none that we have
	style     []byte
	styleName string // holds a hash of the style, so that it can be kept for ever
	mux       *http.ServeMux
	open      chan struct{} // as many as may read public figures at a time
}

// New makes the handler of all pages. It fails when a template or a catalogue of words is not as it should be.
func New(ledger Ledger, series Series, web Web, queue Queue, log *slog.Logger) (*Handler, error) {
	style, err := files.ReadFile("assets/veille.css")
	if err != nil {
		return nil, fmt.Errorf("read the style sheet: %w", err)
	}
	languages, err := readLanguages()
	if err != nil {
		return nil, err
	}
	templates, err := template.ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	sum := sha256.Sum256(style)
	h := &Handler{
		ledger: ledger, series: series, web: web, queue: queue, log: log, templates: templates, languages: languages,
		practices: newCatalogue(), open: make(chan struct{}, mostPublic),
		style: style, styleName: "/assets/veille-" + hex.EncodeToString(sum[:6]) + ".css", mux: http.NewServeMux(),
	}
	h.mux.HandleFunc("GET /{$}", h.overview)
	h.mux.HandleFunc("GET /method", h.method)
	h.mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { h.say(w, r, http.StatusNotFound, "no_such_page") })
	h.mux.HandleFunc("GET "+h.styleName, h.css)
	h.webRoutes()
	return h, nil
}

// ServeHTTP answers GET /, /method and /web with what is below it, the style sheet that they name, and the one POST: to measure a
// website again. That a page is told by which of ours it was asked for is what makes a browser name the origin of that POST.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	h.mux.ServeHTTP(w, r)
}

// page is what every template is given.
type page struct {
	language
	Title string
	Path  string // without the language
	Query string // the parameters but the language, to be appended to ?lang=xx
	Style string
}

// Elsewhere is the address of the same page in the other language.
func (p page) Elsewhere() string { return p.Path + "?lang=" + p.Other() + p.Query }

// Self is the page itself, for what embeds it.
func (p page) Self() page { return p }

// To is the address of a page of ours in the language of the reader. Names and values of further parameters follow.
func (p page) To(path string, more ...any) string {
	for i := 0; i+1 < len(more); i += 2 {
		path += map[bool]string{true: "?lang=" + p.Code + "&", false: "&"}[i == 0] + fmt.Sprint(more[i]) + "=" + url.QueryEscape(fmt.Sprint(more[i+1]))
	}
	if len(more) == 0 {
		path += "?lang=" + p.Code
	}
	return path
}

func (h *Handler) page(l language, title, path, query string) page {
	return page{language: l, Title: l.Say(title), Path: path, Query: query, Style: h.styleName}
}

func (h *Handler) css(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	h.send(w, r, http.StatusOK, h.style)
}

// render writes a template, whole or not at all.
func (h *Handler) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := h.templates.ExecuteTemplate(&b, name, data); err != nil {
		h.log.ErrorContext(r.Context(), "page not written", "template", name, "err", err)
		http.Error(w, h.choose(r).Say("trouble"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Vary", "Accept-Language")
	h.send(w, r, status, b.Bytes())
}

// send writes a body, compressed where that is understood.
func (h *Handler) send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if understandsGzip(r.Header.Get("Accept-Encoding")) {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(body)
			err = errors.Join(err, z.Close())
		}
		if err == nil {
			w.Header().Set("Content-Encoding", "gzip")
			body = b.Bytes()
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader left
}

// understandsGzip reads an Accept-Encoding header: gzip is named, and not with a weight of nothing.
func understandsGzip(header string) bool {
	for entry := range strings.SplitSeq(strings.ToLower(header), ",") {
		name, weight, _ := strings.Cut(entry, ";")
		if strings.TrimSpace(name) == "gzip" {
			return strings.Trim(strings.TrimSpace(weight), "q=0.") != "" || !strings.Contains(weight, "q")
		}
	}
	return false
}

// fail tells the reader that the page cannot be shown, and the operator why.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		h.log.ErrorContext(r.Context(), "page not shown", "path", r.URL.Path, "err", err)
	}
	h.say(w, r, http.StatusInternalServerError, "trouble")
}

// sayPage is the data of templates/say.html.
type sayPage struct {
	page
	Sentence string
}

// say answers one sentence, as a page with a way back.
func (h *Handler) say(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	l := h.choose(r)
	h.render(w, r, status, "say.html", sayPage{h.page(l, "say.title", "/", ""), l.Say(sentence)})
}
