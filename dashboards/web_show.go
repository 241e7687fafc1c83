package dashboards

import (
	"math"
	"strconv"
	"strings"

	"veille/collector"
	"veille/ecoindex"
	"veille/ecoindex/practice"
)

// Single tells whether the website is a single page.
func (p sitePage) Single() bool { return p.Site.Kind == collector.KindPage }

// IfSite ends the key of what is said of a whole site otherwise than of a single page.
func (p sitePage) IfSite() string {
	if p.Single() {
		return ""
	}
	return ".site"
}

// MayMeasure tells whether the reader may ask for a measure, as the command website measure says.
func (p sitePage) MayMeasure() bool {
	return p.Reader.User != nil && p.Reader.User.Has(collector.RoleOfficer, collector.RoleWeb)
}

// Way says how a page was measured.
func (p page) Way(mode, protocol string) string { return p.Mode(method{mode, protocol}) }

// GradeOf is the grade of a score that may have decimals.
func (p page) GradeOf(score float64) ecoindex.Grade { return ecoindex.GradeOfRounded(score) }

// Pages writes how many pages there are of something, and between what that lies.
func (p page) Pages(f collector.WebFigure) string {
	text := p.Number(math.Round(f.Value), 0)
	if f.Low == nil || f.High == nil || *f.Low == *f.High {
		return text
	}
	return text + " (" + p.Number(math.Round(*f.Low), 0) + "–" + p.Number(math.Round(*f.High), 0) + ")"
}

// Short is the beginning of a sentence that may be very long.
func (p page) Short(text string) string {
	if letters := []rune(text); len(letters) > mostSentence {
		return string(letters[:mostSentence]) + "…"
	}
	return text
}

// mostSentence is how much of a sentence is shown, in letters.
const mostSentence = 300

// Exact tells whether the mean of the last run has no error, as all pages were measured.
func (p websitePage) Exact() bool { return p.Run.Mean.Low != nil && p.Low() == p.High() }

// Low is the low bound of the mean of the last run.
func (p websitePage) Low() float64 { return value(p.Run.Mean.Low, p.Run.Mean.Value) }

// High is the high bound of it.
func (p websitePage) High() float64 { return value(p.Run.Mean.High, p.Run.Mean.Value) }

// Obtained says how the score of the last run came about.
func (p websitePage) Obtained() string {
	r := p.Run
	counted := func(n int, key string) string { // one page reads otherwise than several
		if n == 1 {
			return p.Say(key + ".one")
		}
		return p.Say(key, p.Count(n))
	}
	var text string
	switch {
	case r.Measured > 0 && r.Expected() > 0:
		text = p.Say("obtained.two", p.Count(r.Pages), p.Count(r.Measured), p.Count(r.Expected()))
	case r.Measured > 0:
		text = counted(r.Pages, "obtained.browser")
	default:
		text = counted(r.Pages, "obtained.static")
	}
	if r.Unchanged > 0 {
		text += " " + counted(r.Unchanged, "obtained.unchanged")
	}
	return text
}

// AccessRate writes the rate that the site states, with the decimals that it states.
func (p websitePage) AccessRate() string {
	_, decimals, _ := strings.Cut(strconv.FormatFloat(p.Access.Rate, 'f', -1, 64), ".")
	return p.Number(p.Access.Rate, len(decimals)) + strings.TrimPrefix(p.Percent(0), "0")
}

// AccessDate is the date of its declaration.
func (p websitePage) AccessDate() collector.Date { return collector.Date(p.Access.Date) }

// NextDOM is how many elements fewer reach the next grade.
func (p webpagePage) NextDOM() int { return *p.Next.DOM }

// NextRequests is how many requests fewer do.
func (p webpagePage) NextRequests() int { return *p.Next.Requests }

// NextBytes is how many bytes fewer do.
func (p webpagePage) NextBytes() int64 { return *p.Next.Bytes }

// PagePart is the address of a list about the page.
func (p webpagePage) PagePart(name string) string {
	return p.To(p.Base+"/page/"+name) + "&" + pageQuery(p.Page.URL).Encode()
}

// PageJSON is the address of its figures.
func (p webpagePage) PageJSON() string {
	return p.Base + "/page.json?" + pageQuery(p.Page.URL).Encode()
}

// offender is what fails a practice, as it is shown.
type offender struct {
	Link, Text    string // of a resource; Link is "" where it cannot be followed
	Where, Detail string
}

// Offending is what fails a practice, with a link where it has an address.
func (p sitePage) Offending(o practice.KeptOffender) offender {
	out := offender{Where: p.Brief(o.Where), Detail: p.Brief(o.Detail)}
	if o.URL != "" {
		out.Link, out.Text = p.Href(o.URL), p.Inside(o.URL)
	}
	return out
}
