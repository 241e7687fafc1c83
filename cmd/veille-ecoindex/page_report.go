package main

import (
	"cmp"
	"fmt"
	"slices"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// pageLine is the JSON of one page. The names of its keys are a contract with scripts.
type pageLine struct {
	URL      string   `json:"url"`
	Mode     string   `json:"mode"`
	Protocol string   `json:"protocol"` // what was counted, and how
	DOM      *int     `json:"dom"`
	Requests *int     `json:"requests"`
	SizeKB   *float64 `json:"size_kb"`
	figures

	// Practices is null: nothing was audited, which is not the same as nothing found.
	Practices *[]string  `json:"practices"`
	Error     *lineError `json:"error"`
}

type lineError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (j *pageJob) write(m measured) error {
	if j.asJSON {
		return writeJSON(j.stdout, j.line(m))
	}
	if m.err != nil {
		return writeTable(j.stdout, []string{m.url, "not measured (" + codeOf(m.err) + "): " + m.err.Error(), ""})
	}
	return j.report(m)
}

func (j *pageJob) line(m measured) pageLine {
	line := pageLine{URL: m.url, Mode: j.mode, Protocol: static.Protocol}
	if m.err != nil {
		line.Error = &lineError{Code: codeOf(m.err), Message: m.err.Error()}
		return line
	}
	line.DOM, line.Requests, line.SizeKB = &m.page.DOM, &m.page.Requests, &m.page.SizeKB
	line.figures = figuresOf(m.result, j.footprint)
	return line
}

// report writes a page for people: the score, what costs most, and what was not looked at.
func (j *pageJob) report(m measured) error {
	rows := append([]string{m.url}, scoreRows(m.result, j.footprint)...)
	if u, err := web.ParseAddress(m.url); err == nil && u.String() != m.page.URL {
		rows[0] += " (found at " + m.page.URL + ")"
	}
	rows = append(rows, "", "costs most first:")
	for _, c := range costs(m.page.Measure(), m.result) {
		rows = append(rows, fmt.Sprintf("  %.2f points\t%s", c.points, c.what))
	}
	rows = append(rows, "", "heaviest:")
	for _, r := range heaviest(m.page.Resources, 3) {
		rows = append(rows, fmt.Sprintf("  %.1f kB\t%s\t%s", float64(r.Bytes)/1000, r.Kind, r.URL))
	}
	rows = append(rows, "")
	for _, note := range m.page.Notes {
		rows = append(rows, "note: "+note)
	}
	return writeTable(j.stdout, append(rows, "formula: "+convention, ""))
}

func heaviest(resources []web.Resource, n int) []web.Resource {
	sorted := slices.Clone(resources)
	slices.SortStableFunc(sorted, func(a, b web.Resource) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return sorted[:min(n, len(sorted))]
}
