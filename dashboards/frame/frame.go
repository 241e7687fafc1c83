// Package frame is what every page has in common: its words and numbers, its menu, its tables, and the road from a request to an answer.
package frame

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

//go:embed templates/*.html assets/veille.css words/*.json
var files embed.FS

// Frame puts pages together.
type Frame struct {
	log       *slog.Logger
	templates *template.Template
	languages []Language // the first is the one of those who ask for none that we have
	style     []byte
	styleName string // holds a hash of the style, so that it can be kept for ever
}

// New reads the frame, and of each part of the pages its templates (templates/*.html) and its words (words/en.json, words/fr.json). It fails
// when a template or the words are not as they should be: each key has words in both languages, and no two parts have the same key.
func New(log *slog.Logger, parts ...fs.FS) (*Frame, error) {
	style, err := files.ReadFile("assets/veille.css")
	if err != nil {
		return nil, fmt.Errorf("read the style sheet: %w", err)
	}
	sum := sha256.Sum256(style)
	f := &Frame{
		log: log, templates: template.New(""), style: style, styleName: "/assets/veille-" + hex.EncodeToString(sum[:6]) + ".css",
		languages: []Language{{Code: "en", words: map[string]string{}}, {Code: "fr", words: map[string]string{}}},
	}
	for _, part := range append([]fs.FS{files}, parts...) {
		if names, err := fs.Glob(part, "templates/*.html"); err != nil || len(names) > 0 {
			if _, err := f.templates.ParseFS(part, "templates/*.html"); err != nil {
				return nil, fmt.Errorf("read the templates: %w", err)
			}
		}
		for _, l := range f.languages {
			if err := l.read(part); err != nil {
				return nil, err
			}
		}
	}
	return f, f.agree()
}

// read adds the words of a part.
func (l Language) read(part fs.FS) error {
	name := "words/" + l.Code + ".json"
	text, err := fs.ReadFile(part, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	words := map[string]string{}
	if err == nil {
		err = json.Unmarshal(text, &words)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for key, text := range words {
		if l.words[key] != "" {
			return fmt.Errorf("%s: two parts of the pages have the key %q", name, key)
		}
		l.words[key] = text
	}
	return nil
}

// agree is an error where one language lacks what another has.
func (f *Frame) agree() error {
	for _, a := range f.languages {
		for _, b := range f.languages {
			for key := range a.words {
				if b.words[key] == "" {
					return fmt.Errorf("the words in %s lack %q", b.Code, key)
				}
			}
		}
	}
	return nil
}

// Choose is the language that the address asks for, else the one that the browser prefers, else English.
func (f *Frame) Choose(r *http.Request) Language {
	wanted := []string{r.URL.Query().Get("lang")}
	for entry := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(entry, ";") // browsers list the preferred first
		code, _, _ := strings.Cut(strings.TrimSpace(tag), "-")
		wanted = append(wanted, strings.ToLower(code))
	}
	for _, code := range wanted {
		if i := slices.IndexFunc(f.languages, func(l Language) bool { return l.Code == code }); i >= 0 {
			return f.languages[i]
		}
	}
	return f.languages[0]
}

// Protect sets the headers that all pages have: nothing comes from anywhere else, and no script runs.
func Protect(header http.Header) {
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
}

// StyleRoutes serves the style sheet.
func (f *Frame) StyleRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET "+f.styleName, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		f.Send(w, r, http.StatusOK, f.style)
	})
}

// Execute writes a template that is no page of its own.
func (f *Frame) Execute(out *bytes.Buffer, name string, data any) error {
	return f.templates.ExecuteTemplate(out, name, data)
}

// Render writes a page, whole or not at all. Nobody keeps a page that somebody had to sign in for; a Cache-Control that is
// set already stays.
func (f *Frame) Render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := f.templates.ExecuteTemplate(&b, name, data); err != nil {
		f.log.ErrorContext(r.Context(), "page not written", "template", name, "err", err)
		http.Error(w, f.Choose(r).Say("trouble"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if cache := w.Header(); cache.Get("Cache-Control") == "" {
		cache.Set("Cache-Control", map[bool]string{true: "no-store", false: "no-cache"}[ReaderOf(r.Context()).User != nil])
	}
	w.Header().Add("Vary", "Accept-Language")
	f.Send(w, r, status, b.Bytes())
}

// Send writes a body, compressed where that is understood.
func (f *Frame) Send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if understandsGzip(r.Header.Get("Accept-Encoding")) {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.DefaultCompression)
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

// Fail tells the reader that the page cannot be shown, and the operator why.
func (f *Frame) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		f.log.ErrorContext(r.Context(), "page not shown", "path", r.URL.Path, "err", err)
	}
	f.Say(w, r, http.StatusInternalServerError, "trouble")
}

// said is the data of templates/say.html.
type said struct {
	Page
	Sentence string
}

// Say answers one sentence, by its key, as a page with a way back.
func (f *Frame) Say(w http.ResponseWriter, r *http.Request, status int, key string, args ...any) {
	p := f.Page(r, "say.title", "", "")
	f.Render(w, r, status, "say.html", said{p, p.Say(key, args...)})
}
