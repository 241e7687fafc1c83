package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"veille/collector/label"
)

//go:embed templates/*
var templateFiles embed.FS

// HTML writes a report as one page in a language, fr or en, that needs nothing else: for a screen, for paper and for a screen reader.
// Its own policy forbids scripts and requests. Nothing is written where it cannot be made.
func HTML(w io.Writer, r label.Report, code string) error {
	l, err := speak(code)
	if err != nil {
		return err
	}
	d, err := newDocument(l, r)
	if err != nil {
		return err
	}
	t, err := template.New("").Funcs(l.functions()).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return fmt.Errorf("read the templates of a report: %w", err)
	}
	var page bytes.Buffer
	if err := t.ExecuteTemplate(&page, "page.html", d); err != nil {
		return fmt.Errorf("write the page of a report: %w", err)
	}
	if _, err := page.WriteTo(w); err != nil {
		return fmt.Errorf("write the page of a report: %w", err)
	}
	return nil
}

// functions are what templates may ask of a language.
func (l language) functions() template.FuncMap {
	return template.FuncMap{
		"say": l.say, "known": l.known, "text": l.text, "day": l.day, "month": l.month, "months": l.months, "exact": l.exact, "percent": l.percent,
		"amount": l.amount, "count": func(n int) string { return l.number(float64(n), 0) }, "href": href, "plain": plain, "two": l.two,
	}
}

// two writes an age in years; in words where it is unknown.
func (l language) two(years *float64) string {
	if years == nil {
		return l.say("unknown")
	}
	return l.number(*years, 1)
}

// document is what the page of a report is made from.
type document struct {
	label.Report
	Code   string
	Style  template.CSS
	Policy string
	First  firstView
	Themes []themeView
	Plan   []actionView
	All    []*lineView
	Weak   []weakView
	Terms  []string // keys of the glossary
}

func newDocument(l language, r label.Report) (document, error) {
	style, err := templateFiles.ReadFile("templates/report.css")
	if err != nil {
		return document{}, fmt.Errorf("read the style of a report: %w", err)
	}
	css := "\n" + string(style) + l.running(r)
	hash := sha256.Sum256([]byte(css))
	d := document{
		Report: r, Code: l.code, Style: template.CSS(css), //nolint:gosec // ours, and texts of the report in it are escaped by cssText
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'",
		Terms:  glossary(),
	}
	views := l.lineViews(r)
	for _, line := range r.Lines {
		d.All = append(d.All, views[line.ID])
	}
	d.Weak = l.weak(r, views)
	d.First = l.first(r)
	d.Themes = l.themes(r, views)
	d.Plan = l.plan(r, views)
	return d, nil
}

// glossary is the terms that are explained, in their order.
func glossary() []string {
	return []string{"coverage", "baseline", "outside", "workstation", "sleep", "extrapolated", "bounds", "carbon", "hash"}
}

// running is the style of what stands at the edges of each sheet of paper: whose report it is, of what, and which sheet.
func (l language) running(r label.Report) string {
	name := []rune(plain(r.Organisation))
	if len(name) > 60 { // there is one line
		name = append(name[:59], '…')
	}
	top := ""
	if r.Simulated {
		top = "@top-right { content: " + cssText(l.say("simulated")) + "; font-weight: 700; color: #8f1d16 } "
	}
	return "@page { @top-left { content: " + cssText(string(name)) + " } " + top + "@bottom-left { content: " +
		cssText(l.say("title")+l.say("and")+l.months(r.Period.From, r.Period.To)) + " } @bottom-right { content: counter(page) \" / \" counter(pages) } }\n" +
		"@page :first { @top-left { content: \"\" } }\n"
}

// cssText is a text as a string of a style, in which only letters and digits stand as they are.
func cssText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "\\%06x", c) // a space behind it would be lost: spaces are written so, too
		}
	}
	b.WriteByte('"')
	return b.String()
}
