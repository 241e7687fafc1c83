package budget

import (
	"errors"
	"net/url"
	"strings"

	"veille/ecoindex/web"
)

// pattern is an address in which * stands for any text. An address is the pattern that fits itself alone.
type pattern struct {
	any          bool // fits every page
	scheme, host string
	rest         string // path and query, escaped as browsers send them
}

// maxPattern is the longest url that is read.
const maxPattern = 2048

// parsePattern reads a pattern as a person writes it.
func parsePattern(text string) (pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "*":
		return pattern{any: true}, nil
	case len(text) > maxPattern:
		return pattern{}, errors.New("it is too long for an address")
	case strings.Contains(text, "**"):
		return pattern{}, errors.New("** says no more than *, which stands for any text; write *")
	}
	u, err := web.ParseAddress(text)
	if err != nil {
		if known, ok := errors.AsType[*web.Error](err); ok {
			return pattern{}, errors.New(known.Text)
		}
		return pattern{}, err
	}
	return patternOf(u), nil
}

// patternOf is the pattern of an address that was parsed. The parser may have escaped its stars.
func patternOf(u *url.URL) pattern {
	rest := strings.TrimPrefix(u.String(), u.Scheme+"://"+u.Host)
	return pattern{scheme: u.Scheme, host: u.Host, rest: strings.ReplaceAll(rest, "%2A", "*")}
}

// String is the pattern as it is understood.
func (p pattern) String() string {
	if p.any {
		return "*"
	}
	return p.scheme + "://" + p.host + p.rest
}

// fits says whether p fits every page that other fits. The host is looked at apart, so that * in it does not reach into
// the path.
func (p pattern) fits(other pattern) bool {
	if p.any || other.any {
		return p.any
	}
	return p.scheme == other.scheme && glob(p.host, other.host) && glob(p.rest, other.rest)
}

// glob says whether text is what pattern describes. A * of text is found by a * of pattern only, which makes this right
// for a text that is a pattern itself.
func glob(pattern, text string) bool {
	star, from := -1, 0 // the last * that was met, and where in text what it stands for ends
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
