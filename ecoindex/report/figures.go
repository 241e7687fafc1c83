package report

import (
	"veille/ecoindex"
	"veille/ecoindex/web"
)

// figures are a page as programs see it. The names of the keys and their order are a contract with scripts: new ones
// come last. A key is null where there is no figure.
type figures struct {
	URL      string   `json:"url"`
	Mode     string   `json:"mode"`
	Protocol string   `json:"protocol"`
	DOM      *int     `json:"dom"`
	Requests *int     `json:"requests"`
	SizeKB   *float64 `json:"size_kb"`
	scores
	PointsLost *lostPoints `json:"points_lost"`

	// Practices is null where nobody looked for any, which is not the same as nothing found.
	Practices []Practice `json:"practices"`
	Error     *problem   `json:"error"`

	reading
	DOMFrames  *int        `json:"dom_frames"`
	Notes      []string    `json:"notes"`
	Runs       *runs       `json:"runs"`
	Repeat     *repeat     `json:"repeat_visit"`
	Step       *string     `json:"step"`
	Resources  *[]resource `json:"resources,omitempty"`
	Screenshot *string     `json:"screenshot"`
	Breaches   []breach    `json:"breaches"`
	Parts      []part      `json:"parts"`
}

// scored is a measure that was taken elsewhere, as programs see it. The same holds for its keys.
type scored struct {
	scores
	PointsLost *lostPoints `json:"points_lost"`
	reading
}

// scores are what follows from a measure.
type scores struct {
	Score    *int            `json:"score"`
	ScoreRaw *float64        `json:"score_raw"`
	Grade    *ecoindex.Grade `json:"grade"`
	GHG      *float64        `json:"ghg_g"`
	Water    *float64        `json:"water_cl"`
}

// reading is how the scores were read, and what to do.
type reading struct {
	GradeFrom ecoindex.Basis `json:"grade_from"`
	Footprint *string        `json:"footprint"` // the name of the model
	Rating    *string        `json:"rating"`    // the model's own letter, where it has them
	ToReach   *toReach       `json:"to_reach"`
}

type lostPoints struct {
	DOM      float64 `json:"dom"`
	Requests float64 `json:"requests"`
	Size     float64 `json:"size"`
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// toReach is what to take away for a grade: each alone is enough; null where it is not. share_pct is the part of
// all three that is enough.
type toReach struct {
	Grade    ecoindex.Grade `json:"grade"`
	DOM      *int           `json:"dom"`
	Requests *int           `json:"requests"`
	SizeKB   *float64       `json:"size_kb"`
	SharePct float64        `json:"share_pct"`
}

type spread struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

type runs struct {
	Asked    int     `json:"asked"`
	Measured int     `json:"measured"`
	DOM      *spread `json:"dom"` // null, as those after it, when no run was measured
	Requests *spread `json:"requests"`
	SizeKB   *spread `json:"size_kb"`
	ScoreRaw *spread `json:"score_raw"`
}

type repeat struct {
	DOM      int     `json:"dom"`
	Requests int     `json:"requests"`
	SizeKB   float64 `json:"size_kb"`
	Cached   int     `json:"cached_requests"`
	scores
}

// part is one of the largest pieces of the document, and the points to gain without it.
type part struct {
	Path     string  `json:"path"`
	Elements int     `json:"elements"`
	Gain     float64 `json:"gain"`
}

type resource struct {
	URL     string   `json:"url"`
	Kind    web.Kind `json:"kind"`
	Status  *int     `json:"status"`
	Bytes   int64    `json:"bytes"`
	Problem *string  `json:"problem"`
	Gain    *float64 `json:"gain"` // points to gain without it; null for the page itself
}

type breach struct {
	What    string `json:"what"`
	Message string `json:"message"`
}

// figuresOf are the figures of a page.
func figuresOf(p Page, o Options) figures {
	f := figures{
		URL: p.Asked, Mode: p.Mode, Protocol: p.Protocol, reading: readingOf(o),
		Notes: []string{}, Breaches: []breach{}, Parts: []part{}, Step: orNull(p.Step), Screenshot: orNull(p.Screenshot), Runs: runsOf(p.Runs),
	}
	if p.Err != nil {
		f.Error = &problem{codeOf(p.Err), p.Err.Error()}
		return f
	}
	m := p.Page.Measure()
	f.DOM, f.Requests, f.SizeKB = &m.DOM, &m.Requests, &m.SizeKB
	s := scoredOf(m, p.Result, o)
	f.scores, f.PointsLost, f.reading = s.scores, s.PointsLost, s.reading
	f.Practices = p.Practices
	f.DOMFrames = p.Page.DOMFrames
	f.Notes = append(f.Notes, p.Page.Notes...)
	for _, b := range p.Breaches {
		f.Breaches = append(f.Breaches, breach{b.What, b.Text})
	}
	if r := p.Repeat; r != nil {
		f.Repeat = &repeat{r.Page.DOM, r.Page.Requests, r.Page.SizeKB, r.Cached, scoresOf(r.Page.Measure(), r.Result, o)}
	}
	if o.Resources {
		f.Resources = resourcesOf(p)
	}
	for _, l := range largest(p.Page, p.Result) {
		f.Parts = append(f.Parts, part{l.Path, l.Elements, l.gain})
	}
	return f
}

// scoredOf are the figures of a measure and its result.
func scoredOf(m ecoindex.Measure, r ecoindex.Result, o Options) scored {
	s := scored{scores: scoresOf(m, r, o), PointsLost: &lostPoints{DOM: r.Lost.DOM, Requests: r.Lost.Requests, Size: r.Lost.Size}, reading: readingOf(o)}
	if o.Footprint != nil {
		if rating, ok := o.Footprint.Rating(m, r.Value(o.Basis)); ok {
			s.Rating = &rating
		}
	}
	s.ToReach = toReachOf(m, *s.Grade, o)
	return s
}

// readingOf is how the scores of any page are read.
func readingOf(o Options) reading {
	how := reading{GradeFrom: o.basis()}
	if o.Footprint != nil {
		how.Footprint = &o.Footprint.Name
	}
	return how
}

// scoresOf are what follows from a measure and its result, by the convention and the model of o.
func scoresOf(m ecoindex.Measure, r ecoindex.Result, o Options) scores {
	grade := r.Graded(o.Basis).Grade
	s := scores{Score: &r.Score, ScoreRaw: &r.Raw, Grade: &grade}
	if o.Footprint == nil {
		return s
	}
	if grams, ok := o.Footprint.GHG(m, r.Value(o.Basis)); ok {
		s.GHG = &grams
	}
	if centilitres, ok := o.Footprint.Water(m, r.Value(o.Basis)); ok {
		s.Water = &centilitres
	}
	return s
}

// toReachOf is what a page of grade g has to lose for the grade that o wants, or for the one above g; nil when there is
// none above.
func toReachOf(m ecoindex.Measure, g ecoindex.Grade, o Options) *toReach {
	better, ok := o.To, o.To != ""
	if !ok {
		better, ok = g.Better()
	}
	if !ok {
		return nil
	}
	savings, err := ecoindex.ToReach(m, better, o.Basis)
	if err != nil {
		return nil // m has no score, or o.To is no grade
	}
	t := &toReach{Grade: better, DOM: savings.DOM, Requests: savings.Requests, SharePct: savings.Share}
	if savings.Bytes != nil {
		kilobytes := float64(*savings.Bytes) / 1000
		t.SizeKB = &kilobytes
	}
	return t
}

func runsOf(r *Runs) *runs {
	if r == nil {
		return nil
	}
	all := &runs{Asked: r.Asked, Measured: r.Measured}
	if r.Measured > 0 {
		all.DOM, all.Requests = &spread{r.DOM.Min, r.DOM.Max}, &spread{r.Requests.Min, r.Requests.Max}
		all.SizeKB, all.ScoreRaw = &spread{r.SizeKB.Min, r.SizeKB.Max}, &spread{r.Score.Min, r.Score.Max}
	}
	return all
}

func resourcesOf(p Page) *[]resource {
	all := make([]resource, 0, len(p.Page.Resources))
	for _, r := range p.Page.Resources {
		one := resource{URL: r.URL, Kind: r.Kind, Bytes: r.Bytes, Problem: orNull(r.Problem)}
		if r.Kind != web.Document {
			points := gainWithout(p.Page, p.Result, r)
			one.Gain = &points
		}
		if r.Status != 0 {
			one.Status = &r.Status
		}
		all = append(all, one)
	}
	return &all
}

// orNull is nil for an empty string.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
