package dashboards

import (
	"math"
	"net/url"
	"strings"
	"time"

	"veille/collector"
	"veille/ecoindex/practice"
)

// Count writes a whole number.
func (l language) Count(n int) string { return l.Number(float64(n), 0) }

// Score writes a score with a decimal.
func (l language) Score(x float64) string { return l.Number(x, 1) }

// PageScore writes the score of a page: one that was measured is a whole number, as the reference rounds it; an expected one is a mean.
func (l language) PageScore(x float64) string {
	if x == math.Trunc(x) {
		return l.Number(x, 0)
	}
	return l.Score(x)
}

// Signed writes a difference with its sign.
func (l language) Signed(x float64) string {
	text := l.Number(math.Abs(x), 1)
	switch {
	case strings.Trim(text, "0.,") == "":
		return text
	case x < 0:
		return "−" + text
	}
	return "+" + text
}

// Range writes a figure and between what it lies: nothing more for a figure that is exact, and that nothing is known where that is so.
func (l language) Range(f collector.WebFigure) string {
	switch {
	case f.Low == nil || f.High == nil:
		return l.Score(f.Value) + " (" + l.Say("web.no_range") + ")"
	case *f.Low == *f.High:
		return l.Score(f.Value)
	}
	return l.Score(f.Value) + " (" + l.Score(*f.Low) + "–" + l.Score(*f.High) + ")"
}

// Change writes how a figure differs from the one before.
func (l language) Change(c change) string {
	switch c.Word {
	case "":
		return l.Say("web.change.first")
	case "same", "otherwise":
		return l.Say("web.change." + c.Word)
	}
	return l.Say("web.change."+c.Word, l.Signed(c.Delta))
}

// KB writes kilobytes, with decimals below ten.
func (l language) KB(kb float64) string {
	if kb >= 10_000 {
		return l.Number(kb/1000, 1) + "\u00a0" + l.Say("unit.mb")
	}
	return l.Number(kb, map[bool]int{true: 0, false: 1}[kb >= 10]) + "\u00a0" + l.Say("unit.kb")
}

// Bytes writes bytes as kilobytes.
func (l language) Bytes(n int64) string { return l.KB(float64(n) / 1000) }

// Measured writes what a practice measured, in its unit.
func (l language) Measured(x float64, unit string) string {
	n := 0
	if x != math.Trunc(x) {
		n = 1
	}
	text := l.Number(x, n)
	switch unit {
	case "":
		return text
	case "%":
		return l.Percent(x / 100)
	case "kB":
		return text + "\u00a0" + l.Say("unit.kb")
	case "B":
		return text + "\u00a0" + l.Say("unit.b")
	}
	return text + "\u00a0" + unit
}

// Day writes a civil date; as it is where it is none.
func (l language) Day(d collector.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || l.Code != "fr" {
		return string(d)
	}
	return t.Format("02/01/2006")
}

// Pick is the sentence in the language of the reader.
func (l language) Pick(w practice.Words) string {
	if l.Code == "fr" {
		return w.FR
	}
	return w.EN
}

// Known is the text of a key that data made, or otherwise what the data says.
func (l language) Known(prefix, name, otherwise string) string {
	if text, ok := l.words[prefix+name]; ok {
		return text
	}
	return otherwise
}

// Why is the sentence of a code for which a page was not looked at.
func (l language) Why(code string) string { return l.Known("fail.", code, l.Say("fail.other")) }

// Mode says how a website was measured.
func (l language) Mode(m method) string {
	text := l.Known("web.mode.", m.Mode, m.Mode)
	if m.Protocol != "" && m.Protocol != "static" {
		text += " (" + l.Say("web.protocol", m.Protocol) + ")"
	}
	return text
}

// BriefWay names how something was measured, in a word or two.
func (l language) BriefWay(mode, protocol string) string {
	text := l.Known("web.mode.brief.", mode, mode)
	if protocol != "" && protocol != "static" {
		text += " (" + protocol + ")"
	}
	return text
}

// mostShown is how much of an address is shown, in letters.
const mostShown = 90

// Brief is an address as it is shown: without its scheme, and without its middle where it is long.
func (l language) Brief(address string) string {
	text := address
	for _, scheme := range []string{"https://", "http://"} {
		text = strings.TrimPrefix(text, scheme)
	}
	letters := []rune(strings.ToValidUTF8(text, "\ufffd"))
	if len(letters) <= mostShown {
		return string(letters)
	}
	return string(letters[:mostShown*2/3]) + "…" + string(letters[len(letters)-mostShown/3:])
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

// mostLink is how long an address may be to which a page links, in bytes: hostile sites have addresses that fill a page.
const mostLink = 500

// Href is where a link to an address of the web goes: nowhere where it is not one.
func (l language) Href(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > mostLink || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return address
}

// PageAt is the address of our page about a page of the website.
func (p sitePage) PageAt(address string) string {
	if len(address) > mostLink {
		return p.To(p.Base+"/page", "key", keyOf(address))
	}
	return p.To(p.Base+"/page", "url", address)
}
