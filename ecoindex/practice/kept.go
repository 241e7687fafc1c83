package practice

import "veille/ecoindex/web"

// PageKept is what is kept of the checks of a page. Nothing of the page's text is in it.
type PageKept struct {
	Failed   []Kept     `json:"failed"`             // practices, in the order of Checks
	Passed   int        `json:"passed"`             // practices
	Verdicts []Verdict  `json:"verdicts,omitempty"` // on criteria of the RGESN, in their order
	Access   *Statement `json:"access,omitempty"`   // what it says of accessibility; nil for nothing
	Browser  bool       `json:"browser,omitempty"`  // a browser looked
}

// Kept is a practice that failed on a page.
type Kept struct {
	ID        string         `json:"id"`
	Measured  float64        `json:"measured"`
	Points    float64        `json:"points"`             // to be gained, 0 to 100
	Bytes     int64          `json:"bytes,omitempty"`    // to be saved
	Requests  int            `json:"requests,omitempty"` // to be saved
	Offenders []KeptOffender `json:"offenders,omitempty"`
}

// KeptOffender is what fails a practice.
type KeptOffender struct {
	URL    string `json:"url,omitempty"`
	Where  string `json:"where,omitempty"`
	Detail string `json:"detail,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
}

// What is kept of one page at most.
const (
	mostOffenders = 5
	mostText      = 300 // bytes of an address or a detail
)

// Keep looks at a page by every check, and keeps what is worth it. m is as for Page.
func Keep(s *web.Sight, m *Memory) (PageKept, error) {
	v, err := NewView(s)
	if err != nil {
		return PageKept{Failed: []Kept{}}, err
	}
	v.memory = m
	all := v.page()
	k := PageKept{Failed: []Kept{}, Verdicts: Criteria(v, all), Access: StatementOf(v), Browser: v.Shown != nil}
	for i := range all {
		switch r := &all[i]; r.Status {
		case Passed:
			k.Passed++
		case Failed:
			k.Failed = append(k.Failed, kept(r))
		}
	}
	return k, nil
}

func kept(r *Result) Kept {
	k := Kept{ID: r.ID, Measured: r.Measured, Points: r.Points, Bytes: r.Saves.Bytes, Requests: r.Saves.Requests}
	for _, o := range r.Offenders[:min(len(r.Offenders), mostOffenders)] {
		k.Offenders = append(k.Offenders, KeptOffender{brief(o.URL), brief(o.Where), brief(o.Detail), o.Bytes})
	}
	return k
}

// brief is the beginning of a text that a page may have made very long.
func brief(text string) string {
	if len(text) <= mostText {
		return text
	}
	cut := mostText
	for cut > 0 && text[cut]&0xc0 == 0x80 { // in the middle of a letter
		cut--
	}
	return text[:cut] + "…"
}
