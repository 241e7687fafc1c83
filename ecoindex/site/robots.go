package site

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	robotsBytes    = 500 << 10 // RFC 9309 §2.5: at least that much is read
	robotsPattern  = 2048      // bytes of a pattern
	robotsWild     = 10_000    // patterns of a file that hold a *: each may have to look through a whole address
	robotsAddress  = 8192      // bytes of a path and its query
	robotsSitemaps = 1000
	robotsDelay    = 60 * time.Second
)

// Robots is what a robots.txt says, by RFC 9309. It does not change once it is made; the zero value allows everything.
type Robots struct {
	groups   []robotsGroup
	agents   map[string][]robotsName // groups of a product token in small letters, or of "*"
	sitemaps []string
	away     string
}

// robotsGroup is what is said to the agents that are named together.
type robotsGroup struct {
	names  int
	rules  []robotsRule // the one that decides is the first that fits
	delays []robotsPause
}

// robotsName says that an agent is named in a group, and how many are named before it.
type robotsName struct{ group, place int }

// robotsPause is a crawl-delay. Files in use give some agents a delay and go on with the names of others: by the RFC, those are one group
// with the same rules. The delay is for the names that are above it only.
type robotsPause struct {
	names int
	delay time.Duration
}

// AllowAll is the answer of a site that has no robots.txt.
func AllowAll() *Robots { return &Robots{} }

// StayAway is the answer of a site that is to be left alone for now, and why: the answer "status 503", or what went wrong. A site that
// cannot be asked is one of them (RFC 9309 §2.3.1.4).
func StayAway(why string) *Robots { return &Robots{away: cmp.Or(why, "no answer")} }

// Judge says what the answer to a request for robots.txt means, once redirects were followed. The body is read for a 2xx status only,
// and may be nil for others; an error says that it could not be read to its end: half a file may lack the half that matters, so the
// site is then one to StayAway from.
//
// A status 3xx is what is left after five redirects: no robots.txt is there (§2.3.1.2). So it is with 4xx, 401 and 403 included
// (§2.3.1.3), except for 429: a server that already has too many requests is not asked for all of its pages. With 5xx and what is no
// status at all, the rules exist perhaps, and are not known (§2.3.1.4).
func Judge(status int, body io.Reader) (*Robots, error) {
	switch {
	case status == http.StatusTooManyRequests, status < 200, status >= 500:
		return StayAway("status " + strconv.Itoa(status)), nil
	case status >= 300, body == nil:
		return AllowAll(), nil
	}
	return ParseRobots(body)
}

// Away tells why the site is to be left alone; "" when it may be visited.
func (r *Robots) Away() string { return r.away }

// Sitemaps are the addresses of sitemaps as they are written, in the order of the file, at most 1,000. They are not checked.
func (r *Robots) Sitemaps() []string { return slices.Clone(r.sitemaps) }

// Delay is the time that an agent is asked to leave between two requests: crawl-delay, which the RFC does not know. The longest counts
// where its groups say several. It is 0 where nothing, or nothing that can be understood, was said, and at most a minute.
func (r *Robots) Delay(agent string) (longest time.Duration) {
	for _, name := range r.groupsOf(agent) {
		for _, p := range r.groups[name.group].delays {
			if name.place < p.names {
				longest = max(longest, p.delay)
			}
		}
	}
	return longest
}

// Allowed tells whether an agent may fetch an address of the site. The agent is a product token, such as "veille": what follows it, as
// in "veille/1.0", is not looked at. Only the path and the query of the address count. An address longer than 8 KiB is not allowed.
func (r *Robots) Allowed(agent string, u *url.URL) bool {
	path := u.EscapedPath()
	if path == "/robots.txt" && u.RawQuery == "" {
		return true // §2.2.2
	}
	if r.away != "" || len(path)+len(u.RawQuery) > robotsAddress {
		return false
	}
	var decides *robotsRule
	t := targetOf(path, u)
	for _, name := range r.groupsOf(agent) {
		rules := r.groups[name.group].rules
		i := slices.IndexFunc(rules, func(p robotsRule) bool { return p.fits(t) })
		if i >= 0 && (decides == nil || rules[i].before(decides) < 0) {
			decides = &rules[i]
		}
	}
	return decides == nil || decides.allow
}

// groupsOf are the groups that speak to an agent: its own, else those of everyone.
func (r *Robots) groupsOf(agent string) []robotsName {
	if own, ok := r.agents[productToken(agent)]; ok {
		return own
	}
	return r.agents["*"]
}

// productToken is the name that an agent is called by, in small letters: "foo" for "Foo/1.2 (me)". The RFC has letters, _ and - only;
// names in use have digits, dots and more, so that anything but what ends a token is accepted.
func productToken(agent string) string {
	agent = strings.ToLower(strings.TrimSpace(agent))
	if strings.HasPrefix(agent, "*") {
		return "*"
	}
	if end := strings.IndexAny(agent, " \t/*(),;"); end >= 0 {
		agent = agent[:end]
	}
	return agent
}

// ParseRobots reads a robots.txt: the first 500 KiB, without the line that this cuts. No text is an error, as the RFC wants it: lines
// that are not understood are skipped. An error says that the text could not be read to its end.
func ParseRobots(r io.Reader) (*Robots, error) {
	text, err := io.ReadAll(io.LimitReader(r, robotsBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read robots.txt: %w", err)
	}
	if len(text) > robotsBytes {
		text = text[:bytes.LastIndexAny(text[:robotsBytes], "\r\n")+1]
	}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	p := robotsParser{robots: &Robots{agents: map[string][]robotsName{}}}
	for line := range strings.FieldsFuncSeq(string(text), func(c rune) bool { return c == '\r' || c == '\n' }) {
		p.line(line)
	}
	for _, g := range p.robots.groups {
		slices.SortStableFunc(g.rules, func(a, b robotsRule) int { return a.before(&b) })
	}
	return p.robots, nil
}

type robotsParser struct {
	robots *Robots
	naming bool // the last line that opens or fills a group was a user-agent
	wild   int  // patterns with a * so far
}

func (p *robotsParser) line(line string) {
	line, _, _ = strings.Cut(line, "#")
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return
	}
	value = strings.TrimSpace(value)
	r := p.robots
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "user-agent":
		if !p.naming {
			r.groups = append(r.groups, robotsGroup{})
		}
		p.naming = true
		token, last := strings.Clone(productToken(value)), len(r.groups)-1
		if named := r.agents[token]; token != "" && (len(named) == 0 || named[len(named)-1].group != last) {
			r.agents[token] = append(named, robotsName{last, r.groups[last].names})
		}
		r.groups[last].names++
	case "allow", "disallow":
		p.naming = false
		if value != "" && len(r.groups) > 0 { // a rule that nobody is told is no rule
			p.rule(strings.EqualFold(strings.TrimSpace(key), "allow"), value)
		}
	case "crawl-delay": // does not end the names of a group: §2.2.4 for what the RFC does not know
		if delay := crawlDelay(value); delay > 0 && len(r.groups) > 0 {
			g := &r.groups[len(r.groups)-1]
			g.delays = append(g.delays, robotsPause{g.names, delay})
		}
	case "sitemap":
		if value != "" && len(value) <= robotsPattern && len(r.sitemaps) < robotsSitemaps {
			r.sitemaps = append(r.sitemaps, strings.Clone(value)) // not the whole file
		}
	}
}

// rule adds a rule to the group that is open. What is too much to follow is made simpler on the side of caution: a Disallow keeps its
// beginning, and so refuses more; an Allow is left out.
func (p *robotsParser) rule(allow bool, pattern string) {
	cut := len(pattern)
	if cut > robotsPattern {
		cut = robotsPattern
		if percent := strings.LastIndexByte(pattern[:cut], '%'); percent > cut-3 {
			cut = percent
		}
	}
	if star := strings.IndexByte(pattern, '*'); star >= 0 && star < cut {
		if p.wild++; p.wild > robotsWild {
			cut = star
		}
	}
	if allow && cut < len(pattern) {
		return
	}
	g := &p.robots.groups[len(p.robots.groups)-1]
	g.rules = append(g.rules, ruleOf(allow, pattern[:cut]))
}

// crawlDelay reads seconds, such as "10" or "0.5". What is not a plain number is no delay.
func crawlDelay(text string) time.Duration {
	if strings.Trim(text, "0123456789.") != "" {
		return 0 // a sign, an exponent, "inf"
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if seconds >= robotsDelay.Seconds() { // as is infinity, for more digits than a number can have
		return robotsDelay
	}
	if err != nil {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// robotsRule is a pattern, cut at each *.
type robotsRule struct {
	allow    bool
	anchored bool     // by a $ at its end
	asks     bool     // it has a ?, so that it is compared with robotsTarget.asked
	octets   int      // of the pattern: the longest decides
	head     string   // before the first *
	parts    []string // after each *; none for a pattern without
}

// robotsTarget is the path and the query of an address, as rules are written once both are normalised.
type robotsTarget struct{ plain, asked string }

func ruleOf(allow bool, pattern string) robotsRule {
	rule := robotsRule{allow: allow, asks: strings.Contains(pattern, "?")}
	pattern, rule.anchored = strings.CutSuffix(pattern, "$")
	for strings.Contains(pattern, "**") {
		pattern = strings.ReplaceAll(pattern, "**", "*")
	}
	pattern = normalise(pattern, true, rule.asks)
	rule.octets = len(pattern)
	if rule.anchored {
		rule.octets++
	}
	pieces := strings.Split(pattern, "*")
	rule.head = pieces[0]
	if len(pieces) > 1 {
		rule.parts = pieces[1:]
	}
	return rule
}

func targetOf(path string, u *url.URL) robotsTarget {
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	return robotsTarget{normalise(path, false, false), normalise(path, false, true)}
}

// before orders rules: the longest first, and of two as long the one that allows.
func (p robotsRule) before(other *robotsRule) int {
	if p.octets == other.octets && p.allow != other.allow {
		if p.allow {
			return -1
		}
		return 1
	}
	return cmp.Compare(other.octets, p.octets)
}

// fits takes a time that grows with the address, whatever the number of *: each piece is found where it comes first, which leaves the
// most to those that follow, and nothing is tried twice.
func (p robotsRule) fits(t robotsTarget) bool {
	text := t.plain
	if p.asks {
		text = t.asked
	}
	text, ok := strings.CutPrefix(text, p.head)
	if !ok {
		return false
	}
	for i, part := range p.parts {
		if p.anchored && i == len(p.parts)-1 {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return !p.anchored || text == ""
}

// normalise writes a path so that two ways to write the same are equal (§2.2.2): what is not reserved is decoded, what is not ASCII or
// may not stand in an address is encoded, with capitals. * and $ are encoded in an address, as a pattern has to write them (§2.2.3).
//
// In the table of §2.2.2, "https://foo.bar" is "https%3A%2F%2Ffoo.bar" within a query, where : and / separate nothing; in a path they
// do. So they are encoded after the first ? where asked is true, which a pattern without a ? cannot tell: it is compared as it is.
func normalise(text string, pattern, asked bool) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(text)+len(text)/8)
	query := false
	for i := 0; i < len(text); i++ {
		c, encoded := text[i], false
		if c == '%' && i+2 < len(text) {
			if v, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				c, encoded, i = byte(v), true, i+2
			}
		}
		switch {
		case unreserved(c), pattern && !encoded && c == '*':
			b = append(b, c)
		case !encoded && strings.IndexByte("!&'()+,;=?", c) >= 0, !encoded && (!asked || !query) && strings.IndexByte(":/@[]", c) >= 0:
			b = append(b, c)
			query = query || c == '?'
		default:
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

// unreserved is RFC 3986 §2.3.
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
