package dashboards

import (
	"math"
	"net/url"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
	"veille/ecoindex/practice"
)

// PageScore writes the score of a page: one that was measured is a whole number, as the reference rounds it; an expected one is a mean.
func (p page) PageScore(x float64) string {
	if x == math.Trunc(x) {
		return p.Number(x, 0)
	}
	return p.Score(x)
}

// Range writes a figure and between what it lies: nothing more for a figure that is exact, and that nothing is known where that is so.
func (p page) Range(f collector.WebFigure) string {
	switch {
	case f.Low == nil || f.High == nil:
		return p.Score(f.Value) + " (" + p.Say("web.no_range") + ")"
	case *f.Low == *f.High:
		return p.Score(f.Value)
	}
	return p.Score(f.Value) + " (" + p.Score(*f.Low) + "–" + p.Score(*f.High) + ")"
}

// Change writes how a figure differs from the one before.
func (p page) Change(c change) string {
	switch c.Word {
	case "":
		return p.Say("web.change.first")
	case "same", "otherwise":
		return p.Say("web.change." + c.Word)
	}
	return p.Say("web.change."+c.Word, p.Signed(c.Delta))
}

// Measured writes what a practice measured, in its unit.
func (p page) Measured(x float64, unit string) string {
	n := 0
	if x != math.Trunc(x) {
		n = 1
	}
	text := p.Number(x, n)
	switch unit {
	case "":
		return text
	case "%":
		return p.Percent(x / 100)
	case "kB":
		return text + "\u00a0" + p.Say("unit.kb")
	case "B":
		return text + "\u00a0" + p.Say("unit.b")
	}
	return text + "\u00a0" + unit
}

// Pick is the sentence in the language of the reader.
func (p page) Pick(w practice.Words) string {
	if p.Code == "fr" {
		return w.FR
	}
	return w.EN
}

// Why is the sentence of a code for which a page was not looked at.
func (p page) Why(code string) string { return p.Known("fail.", code, p.Say("fail.other")) }

// Mode says how a website was measured.
func (p page) Mode(m method) string {
	text := p.Known("web.mode.", m.Mode, m.Mode)
	if m.Protocol != "" && m.Protocol != "static" {
		text += " (" + p.Say("web.protocol", m.Protocol) + ")"
	}
	return text
}

// BriefWay names how something was measured, in a word or two.
func (p page) BriefWay(mode, protocol string) string {
	text := p.Known("web.mode.brief.", mode, mode)
	if protocol != "" && protocol != "static" {
		text += " (" + protocol + ")"
	}
	return text
}

// Inside is an address as it is shown beside others of the same site: its path and query.
func (p sitePage) Inside(address string) string {
	u, err := url.Parse(address)
	own, wrong := url.Parse(p.Site.Rules.URL)
	if err != nil || wrong != nil || u.Host != own.Host || u.User != nil {
		return p.Brief(address)
	}
	return p.Brief(strings.TrimPrefix(address, u.Scheme+"://"+u.Host))
}

// PageAt is the address of our page about a page of the website.
func (p sitePage) PageAt(address string) string {
	if len(address) > frame.MostLink {
		return p.To(p.Base+"/page", "key", keyOf(address))
	}
	return p.To(p.Base+"/page", "url", address)
}
