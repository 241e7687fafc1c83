package dashboards

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"veille/collector"
	"veille/dashboards/frame"
	"veille/ecoindex/practice"
)

// How many entries a page of each list shows: with them it has grade A.
const (
	pagesShown     = 45
	practicesShown = 25
	rulesShown     = 10
	criteriaShown  = 40
	templatesShown = 25
	runsShown      = 30
)

// listPage is the data of the templates of long lists.
type listPage[T any] struct {
	sitePage
	Rows  []T
	Pager pager
	Show  string // of pages: "worst", "best" or "failed"
	URL   string // of the page that the list is about; "" for the whole site
}

// list shows a part of a list.
func list[T any](h *Handler, w http.ResponseWriter, r *http.Request, s site, name string, all []T, size int, show string) error {
	path := s.path() + "/" + name
	_, query := address(path, "show", show)
	var extra []any
	if show != "" {
		extra = []any{"show", show}
	}
	rows, p := cut(r, all, size, path, extra...)
	base := h.sitePage(r, s, "web."+name, path, query)
	base.Query += p.query()
	h.frame.Render(w, r, http.StatusOK, "website_"+name+".html", listPage[T]{sitePage: base, Rows: rows, Pager: p, Show: show})
	return nil
}

// lastRun is the last measure of a website; nil when there was none.
func (h *Handler) lastRun(r *http.Request, s site) (*run, error) {
	last, err := h.Web.LastWebRun(r.Context(), s.ID)
	switch {
	case errors.Is(err, collector.ErrNotFound):
		return nil, nil //nolint:nilnil // a new website has none
	case err != nil:
		return nil, err
	}
	return &run{WebRun: last}, nil
}

// lastAudit is what the last measure of a website says that could be better.
func (h *Handler) lastAudit(r *http.Request, s site) (audited, error) {
	last, err := h.lastRun(r, s)
	if err != nil || last == nil {
		return audited{}, err
	}
	return h.audited(&last.WebRun)
}

func (h *Handler) websitePages(w http.ResponseWriter, r *http.Request, s site) error {
	last, err := h.lastRun(r, s)
	if err != nil {
		return err
	}
	pages, err := h.Web.WebPages(r.Context(), s.ID)
	if err != nil {
		return err
	}
	var latest *collector.WebRun
	if last != nil {
		latest = &last.WebRun
	}
	good, failed := pageRows(pages, latest)
	show := r.URL.Query().Get("show")
	switch show {
	case "failed":
		good = failed
	case "best":
		slices.Reverse(good)
	default:
		show = "worst"
	}
	return list(h, w, r, s, "pages", good, pagesShown, show)
}

func (h *Handler) websitePractices(w http.ResponseWriter, r *http.Request, s site) error {
	a, err := h.lastAudit(r, s)
	if err != nil {
		return err
	}
	return list(h, w, r, s, "practices", a.practices, practicesShown, "")
}

func (h *Handler) websiteRules(w http.ResponseWriter, r *http.Request, s site) error {
	a, err := h.lastAudit(r, s)
	if err != nil {
		return err
	}
	slices.SortStableFunc(a.rules, func(a, b ruleRow) int { return rank(a.Status) - rank(b.Status) })
	return list(h, w, r, s, "rules", a.rules, rulesShown, "")
}

// rank puts first what is to be mended, and last what has nothing to say.
func rank(s practice.Status) int {
	return slices.Index([]practice.Status{practice.Failed, practice.Passed, practice.Nothing}, s)
}

func (h *Handler) websiteRGESN(w http.ResponseWriter, r *http.Request, s site) error {
	a, err := h.lastAudit(r, s)
	if err != nil {
		return err
	}
	return list(h, w, r, s, "rgesn", a.rgesn, criteriaShown, "")
}

func (h *Handler) websiteTemplates(w http.ResponseWriter, r *http.Request, s site) error {
	last, err := h.lastRun(r, s)
	if err != nil {
		return err
	}
	var all []collector.WebTemplate
	if last != nil {
		all = last.Templates
	}
	return list(h, w, r, s, "templates", all, templatesShown, "")
}

func (h *Handler) websiteHistory(w http.ResponseWriter, r *http.Request, s site) error {
	runs, err := h.runs(r, s.ID)
	if err != nil {
		return err
	}
	return list(h, w, r, s, "history", runs, runsShown, "")
}

// pageQuery is the address of a page, as links to it carry it.
func pageQuery(address string) url.Values {
	if len(address) > frame.MostLink {
		return url.Values{"key": {keyOf(address)}}
	}
	return url.Values{"url": {address}}
}
