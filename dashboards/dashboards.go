// Package dashboards is the HTML pages people read.
package dashboards

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"veille/collector"
	"veille/dashboards/about"
	"veille/dashboards/account"
	"veille/dashboards/energy"
	"veille/dashboards/frame"
	"veille/dashboards/machines"
	"veille/dashboards/reports"
	"veille/dashboards/savings"
	"veille/dashboards/settings"
	"veille/dashboards/wall"
)

//go:embed templates/*.html
var files embed.FS

// Ledger says what there is, and what organisations say of themselves.
type Ledger interface {
	energy.Ledger
	machines.Ledger
	reports.Ledger
}

// Door is the only way to figures of machines, see collector/privacy.
type Door interface {
	energy.Door
	machines.Door
}

// Doorkeeper knows who somebody is, see collector/signin.
type Doorkeeper interface {
	account.Doorkeeper
	Who(ctx context.Context, secret string) (collector.User, error) // collector.ErrNotFound: nobody's, or over
}

// Parts are what the pages are made from.
type Parts struct {
	Ledger     Ledger
	Series     energy.Series
	Door       Door
	Web        Web
	Queue      Queue
	Doorkeeper Doorkeeper
	Commands   settings.Commands
	Reports    reports.Maker // see collector/label
	// Key is whose key of the API the Authorization header of a request has; collector.ErrNotFound where it is nobody's.
	Key func(ctx context.Context, header string) (collector.User, error)
	Now func() time.Time
	Log *slog.Logger
}

// Handler serves the pages, and the same figures to programs below /api/v1. They work without JavaScript, keep no cookie but those of
// signing in, and ask no other server for anything.
type Handler struct {
	Parts
	frame     *frame.Frame
	practices catalogue
	mux       *http.ServeMux
	open      chan struct{} // as many as may read public figures at a time
}

// New makes the handler of all pages. It fails when a template or the words are not as they should be.
func New(p Parts) (*Handler, error) {
	f, err := frame.New(p.Log, files, energy.Files, savings.Files, wall.Files, machines.Files, account.Files, settings.Files, reports.Files, about.Files)
	if err != nil {
		return nil, err
	}
	h := &Handler{Parts: p, frame: f, practices: newCatalogue(), mux: http.NewServeMux(), open: make(chan struct{}, mostPublic)}
	today := func() collector.Date { return collector.DateOf(p.Now()) }
	f.StyleRoutes(h.mux)
	f.Mount(h.mux, energy.New(p.Ledger, p.Door, p.Series, p.Now).Routes()...)
	f.Mount(h.mux, machines.New(p.Ledger, p.Door, p.Now).Routes()...)
	account.New(p.Doorkeeper).Mount(f, h.mux)
	f.Mount(h.mux, savings.New(p.Ledger, p.Door, today).Routes()...)
	f.Mount(h.mux, wall.New(p.Ledger, p.Door, today).Routes()...)
	f.Mount(h.mux, settings.New(p.Commands).Routes()...)
	f.Mount(h.mux, reports.New(p.Ledger, p.Reports, p.Commands, today).Routes()...)
	f.Mount(h.mux, about.New(p.Ledger).Routes()...)
	h.webRoutes()
	h.describe()
	h.mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, r *http.Request) {
		h.keep(w, r, "text/plain; charset=utf-8", "max-age=86400", []byte("User-agent: *\nDisallow: /api/\nDisallow: /csv/\n"))
	})
	h.mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) { f.Answer(w, r, collector.ErrNotFound) })
	return h, nil
}

// ServeHTTP answers GET of all pages, of the style sheet that they name and of what is below /api/v1, and POST of their forms. That a page is
// told by which of ours it was asked for is what makes a browser name the origin of a POST.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	frame.Protect(w.Header())
	if r.TLS != nil { // behind a reverse proxy it is the proxy that says so
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	reader, err := h.reader(r)
	if err != nil {
		h.frame.Fail(w, r, err)
		return
	}
	h.mux.ServeHTTP(w, r.WithContext(frame.With(r.Context(), reader)))
}

// reader is who asks: by a session, or by a key where programs are answered.
func (h *Handler) reader(r *http.Request) (frame.Reader, error) {
	var user collector.User
	var err error
	secret := frame.Secret(r)
	switch header := r.Header.Get("Authorization"); {
	case header != "" && strings.HasPrefix(r.URL.Path, "/api/"):
		user, err = h.Key(r.Context(), header)
		secret = ""
	case secret == "" || strings.HasPrefix(r.URL.Path, "/assets/"):
		return frame.Reader{}, nil
	default:
		user, err = h.Doorkeeper.Who(r.Context(), secret)
	}
	if errors.Is(err, collector.ErrNotFound) {
		return frame.Reader{}, nil
	}
	if err != nil {
		return frame.Reader{}, err
	}
	return frame.Reader{User: &user, Token: tokenOf(secret)}, nil
}

// tokenOf is what forms of a session bring back: whoever knows the secret knows it, and nobody finds the secret by it.
func tokenOf(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("form " + secret))
	return hex.EncodeToString(sum[:16])
}

// page is what the templates of webmasters' pages are given.
type page struct{ frame.Page }

// language is how a reader is spoken to.
type language = frame.Language

func (h *Handler) page(r *http.Request, title, path, query string) page {
	return page{h.frame.Page(r, title, path, query)}
}
