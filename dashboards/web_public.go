package dashboards

import (
	"errors"
	"net/http"
	"strconv"

	"veille/collector"
)

// Public serves to anybody the badge and the figures of those websites that their organisation has opened: GET /web/{id}/badge.svg,
// /web/{id}/data.json and /web/{id}/page.json?url=…. A website that is not open is answered like one that does not exist. Only so many
// requests are answered at a time; the others are told to come again.
func (h *Handler) Public() http.Handler {
	mux := http.NewServeMux()
	for path, show := range map[string]func(http.ResponseWriter, *http.Request, site) error{
		"/badge.svg": h.badge, "/data.json": h.websiteData, "/page.json": h.webpageData,
	} {
		mux.HandleFunc("GET /web/{id}"+path, h.ofOpen(show))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { notOpen(w) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Access-Control-Allow-Origin", "*")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		select {
		case h.open <- struct{}{}:
			defer func() { <-h.open }()
			mux.ServeHTTP(w, r)
		default:
			header.Set("Retry-After", "5")
			http.Error(w, "too many ask at the same time; come again in a few seconds", http.StatusServiceUnavailable)
		}
	})
}

// mostPublic is how many public requests are answered at a time.
const mostPublic = 8

// ofOpen finds the open website that an address names.
func (h *Handler) ofOpen(show func(http.ResponseWriter, *http.Request, site) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil || r.URL.Query().Has("key") { // a key is looked for among all pages: that is for those who know the website
			notOpen(w)
			return
		}
		found, err := h.Web.Website(r.Context(), id)
		if err == nil && found.Open {
			err = show(w, r, site{Website: found, public: true})
		} else if err == nil {
			err = collector.ErrNotFound
		}
		switch {
		case errors.Is(err, collector.ErrNotFound):
			notOpen(w)
		case err != nil:
			if r.Context().Err() == nil {
				h.Log.ErrorContext(r.Context(), "public figures not shown", "path", r.URL.Path, "err", err)
			}
			http.Error(w, "the figures cannot be shown just now", http.StatusInternalServerError)
		}
	}
}

// notOpen is one answer for what does not exist and for what is not for everybody.
func notOpen(w http.ResponseWriter) { http.Error(w, "not found", http.StatusNotFound) }
