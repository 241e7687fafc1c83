package dashboards

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"veille/collector"
	"veille/dashboards/frame"
)

// Web says which websites were measured, and what each measure gave. An error wraps collector.ErrNotFound where there is nothing of the
// kind.
type Web interface {
	Websites(ctx context.Context) ([]collector.Website, error)
	Website(ctx context.Context, id int64) (collector.Website, error)
	LastRuns(ctx context.Context) (map[int64][]collector.WebRun, error) // of each website the last two, the newest first
	WebRuns(ctx context.Context, website int64, from time.Time) ([]collector.WebRun, error)
	LastWebRun(ctx context.Context, website int64) (collector.WebRun, error) // with its Audit
	WebPages(ctx context.Context, website int64) ([]collector.WebPage, error)
	WebPage(ctx context.Context, website int64, url string) (collector.WebPage, error) // with its Audit
	WebScores(ctx context.Context, website int64, url string, from time.Time) ([]collector.WebScore, error)
}

// Queue measures websites.
type Queue interface {
	Measuring(website int64) (looked, waiting int, under bool) // pages that were looked at, and that wait, of a measure that is under way
}

// historyYears is how far back measures are shown.
const historyYears = 6

func since() time.Time { return time.Now().UTC().AddDate(-historyYears, 0, 0) }

// webRoutes are the addresses of the pages of webmasters, and of their figures for programs.
func (h *Handler) webRoutes() {
	for _, path := range []string{"/web/data.json", "/api/v1/web"} {
		h.mux.HandleFunc("GET "+path, h.signed(h.websitesData))
	}
	h.mux.HandleFunc("GET /web", h.signed(h.websites))
	for path, show := range map[string]func(http.ResponseWriter, *http.Request, site) error{
		"":                h.website,
		"/pages":          h.websitePages,
		"/practices":      h.websitePractices,
		"/rules":          h.websiteRules,
		"/rgesn":          h.websiteRGESN,
		"/templates":      h.websiteTemplates,
		"/history":        h.websiteHistory,
		"/page":           h.webpage,
		"/page/practices": h.webpagePractices,
		"/page/history":   h.webpageHistory,
		"/badge.svg":      h.badge,
		"/data.json":      h.websiteData,
		"/page.json":      h.webpageData,
	} {
		h.mux.HandleFunc("GET /web/{id}"+path, h.ofWebsite(show))
	}
	h.mux.HandleFunc("GET /api/v1/web/{id}", h.ofWebsite(h.websiteData))
	h.mux.HandleFunc("GET /api/v1/web/{id}/page", h.ofWebsite(h.webpageData))
	h.mux.HandleFunc("POST /web/{id}/measure", h.ofWebsite(h.measure))
}

// signed lets those ask who have signed in.
func (h *Handler) signed(show func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if h.frame.May(w, r, frame.Route{}) {
			h.frame.Answer(w, r, show(w, r))
		}
	}
}

// ofWebsite finds the website that an address names, among those of the reader.
func (h *Handler) ofWebsite(show func(http.ResponseWriter, *http.Request, site) error) http.HandlerFunc {
	return h.signed(func(w http.ResponseWriter, r *http.Request) error {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil || strconv.FormatInt(id, 10) != r.PathValue("id") { // each page has one address
			return collector.ErrNotFound
		}
		found, err := h.Web.Website(r.Context(), id)
		if err != nil {
			return err
		}
		if !sees(frame.ReaderOf(r.Context()).User, found) {
			return collector.ErrNotFound
		}
		return show(w, r, site{Website: found, public: false})
	})
}

// sees tells whether a website is one of a user's.
func sees(user *collector.User, w collector.Website) bool {
	return user != nil && user.Organisation == w.Organisation && (user.Site == 0 || user.Site == w.Site)
}

// site is a website that somebody asks about.
type site struct {
	collector.Website
	public bool // anybody asks
}

// path is where the pages about it begin.
func (s site) path() string { return "/web/" + strconv.FormatInt(s.ID, 10) }

// address is a path and the query of parameters in pairs, of which the empty are left out.
func address(path string, pairs ...string) (string, url.Values) {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	return path, values
}

// sitePage is what the templates of a website are given.
type sitePage struct {
	page
	Site collector.Website
	Base string // the address of its first page, without the language
}

// When writes the date of a measure, which is all that is known of its moment.
func (p sitePage) When(t time.Time) string { return p.Day(dateOf(t)) }

// dateOf is the date of a measure: midnight UTC and a few seconds stand for it.
func dateOf(t time.Time) collector.Date { return collector.DateOf(t.UTC()) }

// sitePage is a page about a website, at path with query.
func (h *Handler) sitePage(r *http.Request, s site, heading, path string, query url.Values) sitePage {
	more := ""
	if len(query) > 0 {
		more = "&" + query.Encode()
	}
	p := sitePage{page: h.page(r, heading, path, more), Site: s.Website, Base: s.path()}
	p.Title = s.Name + " – " + p.Title
	return p
}

// measure asks for a website to be measured, and shows the page from which that was asked.
func (h *Handler) measure(w http.ResponseWriter, r *http.Request, s site) error {
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		h.frame.Say(w, r, http.StatusBadRequest, "bad_form")
		return nil //nolint:nilerr // it is said
	}
	if !frame.Ours(r) {
		h.frame.Say(w, r, http.StatusForbidden, "foreign_form")
		return nil
	}
	asked := []string{strconv.FormatInt(s.ID, 10)}
	if _, _, err := h.Commands.Give(r.Context(), *frame.ReaderOf(r.Context()).User, "website measure", asked, nil, ""); err != nil {
		return err
	}
	path, query := address(s.path(), "lang", h.frame.Choose(r).Code, "queued", "1", "url", r.PostForm.Get("url"))
	if query.Has("url") {
		path += "/page"
	}
	w.Header().Set("Location", path+"?"+query.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// mostForm is the size of a form, in bytes.
const mostForm = 1 << 16
