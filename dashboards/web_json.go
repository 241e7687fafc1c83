package dashboards

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"veille/collector"
	"veille/ecoindex"
	"veille/ecoindex/practice"
)

// The JSON of websites. Names are for ever: fields are added, never renamed. Moments are UTC, sizes are kilobytes of 1000 bytes, scores
// go from 0 to 100. What only users of the organisation may see is left out of what everybody may.

// WebsitesData is the answer of GET /web/data.json.
type WebsitesData struct {
	Websites []WebsiteBrief `json:"websites"` // the worst first, those without a measure last
}

// WebsiteBrief is a website and its last measure.
type WebsiteBrief struct {
	Website WebsiteData `json:"website"`
	Run     *RunData    `json:"run"` // null where there was none
}

// SiteData is the answer of GET /web/{id}/data.json.
type SiteData struct {
	Website WebsiteData     `json:"website"`
	Run     *RunData        `json:"run"`     // the last; null where there was none
	Audit   json.RawMessage `json:"audit"`   // a practice.SiteAudit of that run; null where nothing is known
	History []RunData       `json:"history"` // of six years, the newest first, without templates
}

// WebsiteData is a website.
type WebsiteData struct {
	ID        int64                 `json:"id"`
	Name      string                `json:"name"`
	Kind      collector.WebsiteKind `json:"kind"` // "site" or "page"
	URL       string                `json:"url"`
	EveryDays int                   `json:"every_days"`
	Open      bool                  `json:"open"`
	NextOn    collector.Date        `json:"next_on"`
	Asked     bool                  `json:"asked,omitempty"`   // for users of the organisation
	Problem   string                `json:"problem,omitempty"` // likewise
}

// MethodData is how figures were obtained.
type MethodData struct {
	Mode     string `json:"mode"`     // "two-speed", "static" or "browser"
	Protocol string `json:"protocol"` // of the browser, or "static"
	Version  string `json:"version"`  // of the program
}

// RunData is one measure of a website.
type RunData struct {
	On        collector.Date                 `json:"on"` // all that is known of its moment
	Method    MethodData                     `json:"method"`
	Grade     ecoindex.Grade                 `json:"grade"` // of the mean
	Mean      collector.WebFigure            `json:"mean"`
	Median    collector.WebFigure            `json:"median"`
	Grades    map[string]collector.WebFigure `json:"grades"` // pages
	Pages     int                            `json:"pages"`
	Measured  int                            `json:"measured"` // of them, with a browser
	Failed    int                            `json:"failed"`
	Unchanged int                            `json:"unchanged"`
	SizeKB    float64                        `json:"size_kb"`
	Templates []collector.WebTemplate        `json:"templates,omitempty"`
	Notes     []string                       `json:"notes,omitempty"` // for users of the organisation
}

// PageData is the answer of GET /web/{id}/page.json?url=….
type PageData struct {
	Website int64               `json:"website"`
	URL     string              `json:"url"`
	Found   string              `json:"found"` // "browser": measured, "expected": by what a browser found on others, "static": by the quick look
	Score   *float64            `json:"score"` // null where the page could not be looked at
	Grade   ecoindex.Grade      `json:"grade"`
	Static  *collector.WebSizes `json:"static"`
	Browser *collector.WebSizes `json:"browser"`
	Lost    *LostData           `json:"points_lost"`
	On      *collector.Date     `json:"on"`                // when the figures were measured; null where there are none
	SeenOn  collector.Date      `json:"seen_on"`           // when it was last asked for
	Code    string              `json:"code"`              // why it could not be looked at
	Problem string              `json:"problem,omitempty"` // for users of the organisation
	Audit   json.RawMessage     `json:"audit"`             // a practice.PageKept
	History []ScoreData         `json:"history"`           // of six years, the newest first
}

// LostData is the points that each measure costs, by the figures of the browser, or of the quick look where there are none.
type LostData struct {
	DOM      float64 `json:"dom"`
	Requests float64 `json:"requests"`
	Size     float64 `json:"size"`
}

// ScoreData is one measure of a page.
type ScoreData struct {
	On     collector.Date `json:"on"`
	Method MethodData     `json:"method"`
	Score  float64        `json:"score"` // before rounding
	Grade  ecoindex.Grade `json:"grade"`
	collector.WebSizes
}

func websiteData(w *collector.Website, public bool) WebsiteData {
	d := WebsiteData{ID: w.ID, Name: w.Name, Kind: w.Kind, URL: w.Rules.URL, EveryDays: w.EveryDays, Open: w.Open, NextOn: w.NextOn}
	if !public {
		d.Asked, d.Problem = w.Asked, w.Problem
	}
	return d
}

func runData(r *collector.WebRun, public bool) RunData {
	d := RunData{
		On: dateOf(r.At), Method: MethodData{r.Mode, r.Protocol, r.Version}, Grade: ecoindex.GradeOfRounded(r.Mean.Value), Mean: r.Mean, Median: r.Median, Grades: r.Grades,
		Pages: r.Pages, Measured: r.Measured, Failed: r.Failed, Unchanged: r.Unchanged, SizeKB: r.SizeKB, Templates: r.Templates,
	}
	if !public {
		d.Notes = r.Notes
	}
	return d
}

// websitesData answers all websites.
func (h *Handler) websitesData(w http.ResponseWriter, r *http.Request) error {
	rows, err := h.webRows(r.Context())
	if err != nil {
		return err
	}
	data := WebsitesData{Websites: []WebsiteBrief{}}
	for i := range rows {
		b := WebsiteBrief{Website: websiteData(&rows[i].Website, false)}
		if rows[i].Run != nil {
			x := runData(&rows[i].Run.WebRun, false)
			b.Run = &x
		}
		data.Websites = append(data.Websites, b)
	}
	return h.json(w, r, data, false)
}

// websiteData answers a website with its last measure and those before it.
func (h *Handler) websiteData(w http.ResponseWriter, r *http.Request, s site) error {
	data := SiteData{Website: websiteData(&s.Website, s.public), History: []RunData{}}
	last, err := h.lastRun(r, s)
	if err != nil {
		return err
	}
	if last != nil {
		x := runData(&last.WebRun, s.public)
		data.Run = &x
		var audit practice.SiteAudit
		if data.Audit = auditData(last.Audit, &audit); s.public {
			data.Audit = openAudit(audit, data.Audit)
		}
	}
	runs, err := h.runs(r, s.ID)
	if err != nil {
		return err
	}
	for _, x := range runs {
		one := runData(&x.WebRun, true)
		one.Templates = nil
		data.History = append(data.History, one)
	}
	return h.json(w, r, data, s.public)
}

// webpageData answers a page with its measures.
func (h *Handler) webpageData(w http.ResponseWriter, r *http.Request, s site) error {
	p, err := h.pageOf(r, s)
	if err != nil {
		return err
	}
	last, err := h.lastRun(r, s)
	if err != nil {
		return err
	}
	var latest *collector.WebRun
	if last != nil {
		latest = &last.WebRun
	}
	row := rowOf(&p, latest)
	data := PageData{
		Website: s.ID, URL: p.URL, Found: row.How, Grade: row.Grade, SeenOn: dateOf(p.SeenAt), Code: p.Code,
		Audit: auditData(p.Audit, &practice.PageKept{}), History: []ScoreData{},
	}
	if !s.public {
		data.Problem = p.Problem
	}
	if on := dateOf(p.At); !p.At.IsZero() {
		data.On = &on
	}
	if p.Code == "" {
		sizes := row.Sizes()
		result, err := ecoindex.Compute(ecoindex.Measure{DOM: sizes.DOM, Requests: sizes.Requests, SizeKB: sizes.SizeKB})
		if err != nil {
			return fmt.Errorf("score the page %s: %w", p.URL, err)
		}
		data.Score, data.Static, data.Browser = &p.Score, &p.Static, p.Browser
		data.Lost = &LostData{result.Lost.DOM, result.Lost.Requests, result.Lost.Size}
	} else {
		data.Found = ""
	}
	scores, err := h.scores(r, s, p.URL)
	if err != nil {
		return err
	}
	for i := range scores {
		x := &scores[i]
		data.History = append(data.History, ScoreData{dateOf(x.At), MethodData{x.Mode, x.Protocol, x.Version}, x.Raw, ecoindex.GradeOfRounded(x.Raw), x.WebSizes})
	}
	return h.json(w, r, data, s.public)
}

// auditData is the JSON of an audit, whole, or null: of what is stored only what kind knows is handed on.
func auditData(stored []byte, kind any) json.RawMessage {
	if len(stored) == 0 || json.Unmarshal(stored, kind) != nil {
		return json.RawMessage("null")
	}
	text, err := json.Marshal(kind)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// openAudit is an audit for everybody; as it is where it is null. Why a sitemap could not be read may tell of the network that the collector is in.
func openAudit(a practice.SiteAudit, text json.RawMessage) json.RawMessage {
	for i := range a.Rules {
		if a.Rules[i].ID != "sitemap-errors" {
			continue
		}
		for n := range a.Rules[i].Offenders {
			a.Rules[i].Offenders[n].Detail = ""
		}
		text, _ = json.Marshal(a) // what was JSON is JSON
	}
	return text
}

// json answers data. What is public may be kept for an hour.
func (h *Handler) json(w http.ResponseWriter, r *http.Request, data any, public bool) error {
	text, err := json.MarshalIndent(data, "", " ")
	if err != nil {
		return fmt.Errorf("write the figures as JSON: %w", err)
	}
	cache := "no-cache"
	if public {
		cache = "public, max-age=3600"
	}
	h.keep(w, r, "application/json; charset=utf-8", cache, slices.Concat(text, []byte("\n")))
	return nil
}
