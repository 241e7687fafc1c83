package site

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func robots(t testing.TB, text string) *Robots {
	t.Helper()
	r, err := ParseRobots(strings.NewReader(text))
	if err != nil {
		t.Fatalf("ParseRobots(%.80q) = %v", text, err)
	}
	return r
}

func address(t testing.TB, path string) *url.URL {
	t.Helper()
	u, err := url.Parse("https://example.org" + path)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// robotsCase is a robots.txt, and the paths that an agent may and may not fetch.
type robotsCase struct {
	name, text, agent string
	yes, no           []string
}

func (tt robotsCase) run(t *testing.T) {
	r := robots(t, tt.text)
	for _, path := range tt.yes {
		if !r.Allowed(tt.agent, address(t, path)) {
			t.Errorf("%s may not fetch %s; want that it may", tt.agent, path)
		}
	}
	for _, path := range tt.no {
		if r.Allowed(tt.agent, address(t, path)) {
			t.Errorf("%s may fetch %s; want that it may not", tt.agent, path)
		}
	}
}

const simpleExample = `User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
`

func TestTheExamplesOfTheRFCAreFollowed(t *testing.T) {
	for _, tt := range []robotsCase{
		{"5.1 everyone", simpleExample, "otherbot", []string{"/", "/publications/a", "/a.gif.html"}, []string{"/a.gif", "/example/", "/example/x"}},
		{"5.1 foobot", simpleExample, "foobot", []string{"/example/page.html", "/example/allowed.gif"}, []string{"/", "/example/", "/publications/"}},
		{"5.1 barbot", simpleExample, "barbot", []string{"/", "/example/", "/a.gif"}, []string{"/example/page.html"}},
		{"5.1 bazbot", simpleExample, "bazbot", []string{"/", "/example/", "/a.gif"}, []string{"/example/page.html"}},
		{"5.1 quxbot, whose group is empty", simpleExample, "quxbot", []string{"/", "/example/", "/a.gif"}, nil},
		{
			"5.2 the longest match", "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n", "foobot",
			[]string{"/example/page/", "/example/page/x.gif", "/other"},
			[]string{"/example/page/disallowed.gif"},
		},
		{
			"2.2.1 groups of one agent are one", "user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: ExampleBot\ndisallow: /baz\n",
			"examplebot",
			[]string{"/"},
			[]string{"/foo", "/bar", "/baz"},
		},
		{
			"2.2.1 everyone, without a group of one's own", "user-agent: *\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: BazBot\ndisallow: /baz\n",
			"quxbot",
			[]string{"/baz"},
			[]string{"/foo", "/bar"},
		},
		{
			"2.2.1 one's own group, not that of everyone", "user-agent: *\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: BazBot\ndisallow: /baz\n",
			"BazBot",
			[]string{"/foo", "/bar"},
			[]string{"/baz"},
		},
		{
			"2.2.3 wildcards", "user-agent: *\ndisallow: /\nallow: /this/*/exactly\nallow: /this/path/end$\n", "a",
			[]string{"/this/path/exactly", "/this/a/b/exactly/so", "/this/path/end"},
			[]string{"/this/exactly", "/this/path/end/", "/this/path/end?a"},
		},
		{
			"2.2.3 * and $ as they are", "user-agent: *\ndisallow: /path/file-with-a-%2A.html\ndisallow: /path/foo-%24\n", "a",
			[]string{"/path/file-with-a-x.html", "/path/foo-"},
			[]string{"/path/file-with-a-*.html", "/path/foo-$", "/path/foo-%24x"},
		},
	} {
		t.Run(tt.name, tt.run)
	}
}

// The table of §2.2.2: what is in a column fits what is in the others, both ways.
func TestTwoWaysToWriteAnAddressAreOne(t *testing.T) {
	for _, same := range [][]string{
		{"/foo/bar?baz=quz"},
		{"/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https%3a%2f%2ffoo.bar"},
		{"/foo/bar/\u30C4", "/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"},
		{"/foo/bar/%62%61%7A", "/foo/bar/baz"},
		{"/é", "/%C3%A9"},
		{"/<b>", "/%3Cb%3E", "/%3cb%3e"},
		{"/~a", "/%7Ea", "/%7ea"},
		{"/a b", "/a%20b"},
	} {
		for _, pattern := range same {
			for _, path := range same {
				robotsCase{"", "user-agent: *\ndisallow: " + pattern + "$", "a", nil, []string{path}}.run(t)
			}
		}
	}
	for _, other := range [][2]string{{"/a%2Fb", "/a/b"}, {"/a%3Fb", "/a?b"}, {"/?a%26b", "/?a&b"}, {"/é", "/e"}, {"/A", "/a"}, {"/%", "/%zz"[:1] + "z"}} {
		robotsCase{"", "user-agent: *\ndisallow: " + other[0], "a", []string{other[1]}, nil}.run(t)
	}
	raw := &url.URL{Scheme: "https", Host: "example.org", Path: "/é"} // made, not read
	if robots(t, "user-agent: *\ndisallow: /%c3%a9").Allowed("a", raw) {
		t.Error("an address that was made is not compared as one that was read")
	}
}

// The 14 cases of the project's facts on the known library: 4 of them fail there.
func TestRobotsAreReadByTheRFC(t *testing.T) {
	for _, tt := range []robotsCase{
		{"no prefix of a name", "user-agent: foo\ndisallow: /\n", "foobot", []string{"/"}, nil},
		{"nor a name with more", "user-agent: foobot\ndisallow: /\n", "foo", []string{"/"}, nil},
		{"a rule before any agent is not one", "disallow: /a\nuser-agent: *\ndisallow: /b\n", "x", []string{"/a"}, []string{"/b"}},
		{"accents", "user-agent: *\ndisallow: /é\n", "x", []string{"/e"}, []string{"/%C3%A9", "/é"}},
		{"what is no letter of an address", "user-agent: *\ndisallow: /%3C\n", "x", nil, []string{"/<", "/%3c"}},
		{"the longest, not the first", "user-agent: *\ndisallow: /\nallow: /p\n", "x", []string{"/p", "/page"}, []string{"/q"}},
		{"allow wins a tie", "user-agent: *\ndisallow: /page\nallow: /page\n", "x", []string{"/page"}, nil},
		{"allow wins a tie, whatever the order", "user-agent: *\nallow: /page\ndisallow: /page\n", "x", []string{"/page"}, nil},
		{"*", "user-agent: *\ndisallow: /*.php\n", "x", []string{"/a.htm"}, []string{"/a.php", "/a/b.php?c"}},
		{"$", "user-agent: *\ndisallow: /*.php$\n", "x", []string{"/a.php?b", "/a.php5"}, []string{"/a.php"}},
		{"a byte order mark", "\uFEFFuser-agent: *\ndisallow: /a\n", "x", []string{"/b"}, []string{"/a"}},
		{"groups are merged", "user-agent: a\ndisallow: /1\nuser-agent: b\ndisallow: /2\nuser-agent: a\nallow: /1/2\n", "a", []string{"/2", "/1/2"}, []string{"/1"}},
		{"an empty disallow allows all", "user-agent: *\ndisallow:\n", "x", []string{"/", "/a"}, nil},
		{"robots.txt is always allowed", "user-agent: *\ndisallow: /\n", "x", []string{"/robots.txt"}, []string{"/", "", "/robots.txt2", "/robots.txt?a"}},

		{"no text", "", "x", []string{"/"}, nil},
		{"other ends of lines", "user-agent: *\rdisallow: /a\r\n\r\ndisallow: /b\n", "x", []string{"/"}, []string{"/a", "/b"}},
		{"white space, capitals and comments", " \tUSER-AGENT\t:  FooBot # me\n#\n  DisAllow :\t/a # not b\n", "foobot", []string{"/b"}, []string{"/a"}},
		{"what comes with a name", "user-agent: FooBot/2.1 (+https://foo.example/)\ndisallow: /\n", "foobot/1.0", nil, []string{"/"}},
		{"names with digits", "user-agent: MJ12bot\ndisallow: /\n", "mj12bot", nil, []string{"/"}},
		{"which are not those without", "user-agent: MJ12bot\ndisallow: /\n", "mj", []string{"/"}, nil},
		{"no name", "user-agent: a\ndisallow: /a\nuser-agent:\ndisallow: /b\n", "a", []string{"/b"}, []string{"/a"}},
		{"other lines do not end the names", "user-agent: a\ncrawl-delay: 2\nsitemap: /s\nfoo: bar\nnonsense\nuser-agent: b\ndisallow: /\n", "a", nil, []string{"/"}},
		{"nor the rules", "user-agent: a\ndisallow: /a\nsitemap: /s\ndisallow: /b\n", "a", nil, []string{"/a", "/b"}},
		{"bytes that are no text", "user-agent: *\ndisallow: /\xff\x00\n\xfe\xfe: \x80\ndisallow: /b\n", "x", []string{"/a"}, []string{"/%FF%00", "/b"}},
		{"a page instead", "<!DOCTYPE html>\n<title>404: not here</title>\n<a href='https://a/'>x</a>", "x", []string{"/"}, nil},
		{"a path within a query", "user-agent: *\ndisallow: /*/b\n", "x", []string{"/?a=%2Fb"}, []string{"/?a=/b", "/a/b"}},
		{"no path", "user-agent: *\ndisallow: /$\n", "x", []string{"/a", "/?a"}, []string{"", "/"}},
		{"a pattern that begins nowhere", "user-agent: *\ndisallow: a\n", "x", []string{"/a", "/"}, nil},
		{"many *", "user-agent: *\ndisallow: /**a***b**$\n", "x", []string{"/ba"}, []string{"/ab", "/xaxbx"}},
		{"a $ within", "user-agent: *\ndisallow: /a$b\n", "x", []string{"/a"}, []string{"/a$b", "/a%24bc"}},
		{"pieces do not overlap", "user-agent: *\ndisallow: /ab*bc$\n", "x", []string{"/abc"}, []string{"/abbc"}},
	} {
		t.Run(tt.name, tt.run)
	}
}

func TestADelayIsBounded(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"2": 2 * time.Second, "0.5": 500 * time.Millisecond, " 1.25 ": 1250 * time.Millisecond, "59.9": 59900 * time.Millisecond, ".5": 500 * time.Millisecond,
		"60": time.Minute, "61": time.Minute, "86400": time.Minute, strings.Repeat("9", 400): time.Minute,
		"": 0, "0": 0, "-1": 0, "NaN": 0, "inf": 0, "1e3": 0, "0x10": 0, "5s": 0, "1,5": 0, "1.2.3": 0, ".": 0,
	} {
		if got := robots(t, "user-agent: a\ncrawl-delay: "+text+"\n").Delay("a"); got != want {
			t.Errorf("crawl-delay %q is %v; want %v", text, got, want)
		}
	}
	r := robots(t, "crawl-delay: 9\nuser-agent: *\ncrawl-delay: 8\nuser-agent: a\nuser-agent: b\ndisallow:\ncrawl-delay: 3\nuser-agent: A\ncrawl-delay: 1\nuser-agent: c\ndisallow: /\nuser-agent: d\ncrawl-delay: 4\n")
	for agent, want := range map[string]time.Duration{"a": 3 * time.Second, "b": 3 * time.Second, "c": 0, "d": 4 * time.Second, "other": 8 * time.Second} {
		if got := r.Delay(agent); got != want {
			t.Errorf("the delay of %s is %v; want %v", agent, got, want)
		}
	}
}

func TestSitemapsAreNamedForEveryone(t *testing.T) {
	r := robots(t, "Sitemap: https://a/1.xml\nuser-agent: x\ndisallow: /\nSITEMAP :https://a/2.xml # two\nsitemap:\nsitemap: "+strings.Repeat("a", 3000)+"\n")
	if got, want := r.Sitemaps(), []string{"https://a/1.xml", "https://a/2.xml"}; !slices.Equal(got, want) {
		t.Errorf("Sitemaps() = %q; want %q", got, want)
	}
	r.Sitemaps()[0] = "changed"
	if r.Sitemaps()[0] == "changed" {
		t.Error("what is done to the list changes the Robots")
	}
	if got := len(robots(t, strings.Repeat("sitemap: /a\n", 5000)).Sitemaps()); got != robotsSitemaps {
		t.Errorf("%d sitemaps are kept; want %d", got, robotsSitemaps)
	}
}

func TestAServerErrorMeansStayAway(t *testing.T) {
	refuses := "user-agent: *\ndisallow: /\n"
	for status, want := range map[int]struct{ allowed, away bool }{
		200: {}, 203: {}, 301: {allowed: true}, 400: {allowed: true}, 401: {allowed: true}, 403: {allowed: true}, 404: {allowed: true}, 410: {allowed: true},
		429: {away: true}, 500: {away: true}, 503: {away: true}, 599: {away: true}, 0: {away: true}, 103: {away: true}, 999: {away: true},
	} {
		r, err := Judge(status, strings.NewReader(refuses))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Allowed("a", address(t, "/a")); got != want.allowed {
			t.Errorf("with status %d, Allowed = %t; want %t", status, got, want.allowed)
		}
		if got := r.Away(); (got != "") != want.away || want.away && got != fmt.Sprint("status ", status) {
			t.Errorf("with status %d, Away() = %q; want one: %t", status, got, want.away)
		}
		if !r.Allowed("a", address(t, "/robots.txt")) {
			t.Errorf("with status %d, robots.txt may not be asked for again", status)
		}
	}
	if r, err := Judge(204, nil); err != nil || !r.Allowed("a", address(t, "/a")) {
		t.Errorf("no body: %v; want all allowed", err)
	}
	if r := StayAway(""); r.Away() == "" || r.Allowed("a", address(t, "/a")) {
		t.Error("StayAway without a reason lets us in")
	}
	if !AllowAll().Allowed("a", address(t, "/a")) || !new(Robots).Allowed("a", address(t, "/a")) {
		t.Error("AllowAll does not")
	}
}

func TestHalfAFileIsAnError(t *testing.T) {
	broken := errors.New("the line broke")
	_, err := Judge(200, io.MultiReader(strings.NewReader("user-agent: *\n"), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "read robots.txt") {
		t.Errorf("Judge = %v; want that robots.txt could not be read", err)
	}
}

func TestWhatIsBeyond500KiBIsIgnored(t *testing.T) {
	head := "user-agent: *\ndisallow: /a\n"
	fill := strings.Repeat("#", robotsBytes-len(head)-len("\ndisallow: /b\ndisallow: ")) + "\ndisallow: /b\ndisallow: "
	r := robots(t, head+fill+"/only-this-is-refused\ndisallow: /c\n")
	for path, want := range map[string]bool{"/a": false, "/b": false, "/c": true, "/only": true, "/": true} {
		if got := r.Allowed("x", address(t, path)); got != want {
			t.Errorf("Allowed(%s) = %t; want %t", path, got, want)
		}
	}
	// All that is within counts, however many the lines.
	many := "user-agent: *\n" + strings.Repeat("disallow: /a\n", (robotsBytes-100)/len("disallow: /a\n")) + "disallow: /last\n"
	if robots(t, many).Allowed("x", address(t, "/last")) {
		t.Error("the last of many rules was lost")
	}
	if u := address(t, "/"+strings.Repeat("a", robotsAddress)); robots(t, "").Allowed("x", u) {
		t.Error("an address without end is allowed")
	}
}

func TestWhatIsTooMuchRefusesMore(t *testing.T) {
	long := strings.Repeat("a", robotsPattern-3)
	robotsCase{
		"long", "user-agent: *\ndisallow: /" + long + "%C3%A9$\nallow: /" + long + "%C3%A9/b\n", "x",
		[]string{"/a"},
		[]string{"/" + long + "%C3%A9", "/" + long + "%C3%A9/b", "/" + long + "x"},
	}.run(t)
	wild := "user-agent: *\n" + strings.Repeat("allow: *\n", robotsWild) + "disallow: /a*b\nallow: /a*bc\n"
	robotsCase{"wild", wild, "x", []string{"/b"}, []string{"/ab", "/ac", "/abc"}}.run(t)
}

// Each would take hours by trying all ways to fit a *.
func TestHostilePatternsAreQuick(t *testing.T) {
	path := "/" + strings.Repeat("a", robotsAddress-1)
	for name, text := range map[string]string{
		"many *":                  "user-agent: *\n" + strings.Repeat("disallow: /"+strings.Repeat("*a", 1000)+"*b\n", 240),
		"many rules":              "user-agent: *\n" + strings.Repeat("allow: *ab\n", 40_000),
		"many agents, many rules": strings.Repeat("user-agent: a\nuser-agent: x\n", 8000) + strings.Repeat("allow: *b\n", 20_000),
		"many groups":             strings.Repeat("user-agent: x\nallow: *b\n", 20_000),
		"many delays":             strings.Repeat("user-agent: x\n", 9000) + strings.Repeat("crawl-delay: 1\n", 25_000),
		"long pieces":             "user-agent: *\n" + strings.Repeat("disallow: *"+strings.Repeat("a", 1000)+"b\n", 500),
	} {
		start := time.Now()
		if r := robots(t, text); !r.Allowed("x", address(t, path)) {
			t.Errorf("%s: refused; want no rule to fit", name)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// naive is the RFC in regular expressions, for paths of letters, /, *, $ and what is encoded.
func naive(text, path string) bool {
	allowed, longest := true, -1
	canon := func(s string) string {
		return strings.NewReplacer("%2a", "%2A", "%61", "a", "é", "%C3%A9", "%c3%a9", "%C3%A9").Replace(s)
	}
	path = strings.NewReplacer("*", "%2A", "$", "%24").Replace(canon(path))
	for line := range strings.Lines(text) {
		key, pattern, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if key == "user-agent" || pattern == "" {
			continue
		}
		pattern = canon(pattern)
		body, end := strings.CutSuffix(pattern, "$")
		for strings.Contains(body, "**") { // they are one
			body = strings.ReplaceAll(body, "**", "*")
		}
		body = strings.ReplaceAll(body, "$", "%24")
		n, expression := len(body), "^"+strings.ReplaceAll(regexp.QuoteMeta(body), `\*`, ".*")
		if end {
			n, expression = n+1, expression+"$"
		}
		if (n > longest || n == longest && key == "allow") && regexp.MustCompile(expression).MatchString(path) {
			allowed, longest = key == "allow", n
		}
	}
	return allowed
}

func TestRandomRulesAreThoseOfRegularExpressions(t *testing.T) {
	random := rand.New(rand.NewPCG(9309, 7))
	word := func(pieces []string, most int) string {
		var b strings.Builder
		for range random.IntN(most) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		return b.String()
	}
	refused := 0
	for range 5000 {
		var text strings.Builder
		text.WriteString("user-agent: *\n")
		for range 1 + random.IntN(4) {
			key := []string{"allow", "disallow", "disallow"}[random.IntN(3)]
			fmt.Fprintf(&text, "%s: /%s%s\n", key, word([]string{"a", "b", "/", "*", "*", "$", "%2A", "%2a", "é", "%61"}, 6), []string{"", "", "$"}[random.IntN(3)])
		}
		path := "/" + word([]string{"a", "b", "/", "*", "$", "%2A", "%c3%a9", "é"}, 8)
		got, want := robots(t, text.String()).Allowed("x", address(t, path)), naive(text.String(), path)
		if got != want {
			t.Fatalf("Allowed(%s) = %t; want %t with\n%s", path, got, want, text.String())
		}
		if !got {
			refused++
		}
	}
	if refused < 250 || refused > 4750 {
		t.Errorf("%d of 5,000 were refused: the test compares next to nothing", refused)
	}
}
