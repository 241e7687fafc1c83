package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// SARIF writes findings as SARIF 2.1.0 (OASIS, 2020): a result for each limit that a page breaks, and one for a page that
// could not be measured. A page within its budget has none.
type SARIF struct {
	w       io.Writer
	options Options
	results []sarifResult
}

// NewSARIF makes a writer of SARIF. The location of a finding is the address of the page. GitHub's code scanning refuses
// such files whole ("SARIF URI scheme "https" did not match the checkout URI scheme "file""): for it, Options.Anchor
// names a file of the repository, such as that of the budgets, with slashes. The address is then its logical location.
func NewSARIF(w io.Writer, o Options) *SARIF {
	return &SARIF{w: w, options: o, results: []sarifResult{}}
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Short   sarifMessage `json:"shortDescription"`
	Help    sarifMessage `json:"help"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID     string          `json:"ruleId"`
	RuleIndex  int             `json:"ruleIndex"`
	Level      string          `json:"level"`
	Message    sarifMessage    `json:"message"`
	Locations  []sarifLocation `json:"locations,omitempty"`
	Properties sarifFigures    `json:"properties"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
	Logical []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifRegion struct {
	StartLine int `json:"startLine"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// sarifFigures are those of the page, under the names of the JSON report.
type sarifFigures struct {
	Mode     string   `json:"mode"`
	Protocol string   `json:"protocol"`
	Step     *string  `json:"step,omitempty"`
	DOM      *int     `json:"dom,omitempty"`
	Requests *int     `json:"requests,omitempty"`
	SizeKB   *float64 `json:"size_kb,omitempty"`
	Score    *int     `json:"score,omitempty"`
	ScoreRaw *float64 `json:"score_raw,omitempty"`
	Grade    string   `json:"grade,omitempty"`
}

// Write keeps the findings of a page for Close.
func (s *SARIF) Write(p Page) error {
	f := figuresOf(p, s.options)
	figures := sarifFigures{
		Mode: p.Mode, Protocol: p.Protocol, Step: f.Step, DOM: f.DOM, Requests: f.Requests, SizeKB: f.SizeKB,
		Score: f.Score, ScoreRaw: f.ScoreRaw,
	}
	if f.Grade != nil {
		figures.Grade = string(*f.Grade)
	}
	where := s.locate(p.Asked)
	add := func(rule, text string) {
		index := slices.IndexFunc(sarifRules(), func(r sarifRule) bool { return r.ID == rule })
		s.results = append(s.results, sarifResult{rule, index, "error", sarifMessage{text}, where, figures})
	}
	if f.Error != nil {
		add(notMeasured+f.Error.Code, f.Error.Message)
	}
	for _, b := range f.Breaches {
		add(budgetRule+b.What, p.Asked+": "+b.Message)
	}
	return nil
}

// Close writes the whole file.
func (s *SARIF) Close() error {
	log := sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: make([]sarifRun, 1)}
	log.Runs[0].Tool.Driver = sarifDriver{Name: "veille-ecoindex", Version: s.options.Version, Rules: sarifRules()}
	log.Runs[0].Results = s.results
	encoder := json.NewEncoder(s.w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(log); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// What the identifiers of rules begin with.
const (
	budgetRule  = "budget/"
	notMeasured = "not-measured/"
)

// sarifRules are all rules: the limits of a budget, and the causes of a page not being measured.
func sarifRules() []sarifRule {
	var rules []sarifRule
	for _, r := range [][3]string{
		{"score", "ScoreUnderBudget", "The EcoIndex score of the page is under the one its budget wants."},
		{"grade", "GradeUnderBudget", "The EcoIndex grade of the page is worse than the one its budget wants."},
		{"dom", "ElementsOverBudget", "The page has more elements than its budget allows."},
		{"requests", "RequestsOverBudget", "The page makes more requests than its budget allows."},
		{"size_kb", "KilobytesOverBudget", "The page transfers more kilobytes than its budget allows."},
	} {
		rules = append(rules, rule(budgetRule+r[0], r[1], r[2],
			"Make the page lighter, or change its budget. The text report says what costs most, and what to take away."))
	}
	for _, c := range []struct {
		code web.Code
		text string
	}{
		{web.CodeURL, "The address is not one of a web page."},
		{web.CodeDNS, "The name of the server has no address."},
		{web.CodeConnect, "Nobody answers at the address."},
		{web.CodeTLS, "The secure connection was refused."},
		{web.CodeTimeout, "The answer was too slow."},
		{web.CodeStatus, "The server answered with another status than 200."},
		{web.CodeRobots, "The site keeps robots away."},
		{web.CodeMIME, "The answer is not an HTML page."},
		{web.CodePrivate, "The address is inside a private network."},
		{web.CodeRedirects, "The address leads elsewhere too many times, or to nowhere."},
		{web.CodeSize, "The page is larger than the limits."},
		{web.CodeAnswer, "The answer, or the recording, cannot be read."},
		{web.CodeCancelled, "The measurement was stopped."},
		{web.CodeCrash, "The tab of the browser ended."},
		{web.CodeMemory, "The browser took more memory than allowed."},
		{web.CodeClosed, "The page closed itself."},
		{web.CodeStep, "A step of the journey could not be taken."},
		{web.CodeBrowser, "There is no browser, or it does not answer."},
		{internal, "The program could not measure the page."},
	} {
		name := strings.ToUpper(string(c.code[:1])) + string(c.code[1:])
		rules = append(rules, rule(notMeasured+string(c.code), "NotMeasured"+name, c.text, "The message says what was tried, why it failed and what to do."))
	}
	return rules
}

func rule(id, name, short, help string) sarifRule {
	r := sarifRule{ID: id, Name: name, Short: sarifMessage{short}, Help: sarifMessage{help}}
	r.Default.Level = "error"
	return r
}

// locate is where a page is; nowhere when what was asked for is neither an address nor a file, and there is no anchor.
func (s *SARIF) locate(asked string) []sarifLocation {
	var l sarifLocation
	if s.options.Anchor != "" {
		l.Physical.Artifact.URI = uriOf(s.options.Anchor)
		l.Physical.Region = &sarifRegion{1}
		l.Logical = []sarifLogical{{asked, "resource"}}
		return []sarifLocation{l}
	}
	l.Physical.Artifact.URI = uriOf(asked)
	if l.Physical.Artifact.URI == "" {
		return nil
	}
	return []sarifLocation{l}
}

// uriOf is the address of a page, or the name of a file, as a URI; empty when it can be neither.
func uriOf(text string) string {
	if u, err := web.ParseAddress(text); err == nil {
		return u.String()
	}
	if text == "" || strings.Contains(text, "://") {
		return ""
	}
	return (&url.URL{Path: strings.ReplaceAll(text, `\`, "/")}).String()
}
