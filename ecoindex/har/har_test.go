package har_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/ecoindex/har"
	"veille/ecoindex/web"
)

// summary is a page as text, to be compared with a golden file.
func summary(p web.Page) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s\n%d elements, %d requests, %g kB\n", p.URL, p.DOM, p.Requests, p.SizeKB)
	for _, r := range p.Resources {
		_, _ = fmt.Fprintf(&b, "  %7d  %3d  %-10s  %s  %s\n", r.Bytes, r.Status, r.Kind, r.URL, r.Problem)
	}
	for _, note := range p.Notes {
		_, _ = fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}

// read reads a recording of testdata.
func read(t *testing.T, name string, o har.Options) (web.Page, error) {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	return har.Read(file, o)
}

func TestRecordingsAreCountedAsTheReferenceCountsItsOwn(t *testing.T) {
	for _, tt := range []struct{ file, page, golden string }{
		{"playwright.har", "", "playwright.txt"},
		{"playwright-two-visits.har", "", "playwright-two-visits.txt"},
		{"chrome-preserve-log.har", "page_1", "chrome-preserve-log-1.txt"},
		{"chrome-preserve-log.har", "page_2", "chrome-preserve-log-2.txt"},
		{"firefox.har", "", "firefox.txt"},
		{"safari.har", "", "safari.txt"},
		{"mitmproxy.har", "", "mitmproxy.txt"},
	} {
		t.Run(tt.golden, func(t *testing.T) {
			p, err := read(t, tt.file, har.Options{DOM: 123, Page: tt.page})
			if err != nil {
				t.Fatal(err)
			}
			name, got := filepath.Join("testdata", tt.golden), summary(p)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; got\n%s", name, got)
			}
		})
	}
}

func TestSeveralPagesAreToldApart(t *testing.T) {
	for _, file := range []string{"playwright-two-tabs.har", "chrome-har-capturer.har"} {
		_, err := read(t, file, har.Options{Name: file})
		several, ok := errors.AsType[*har.PageError](err)
		if !ok || len(several.Pages) != 2 || several.Asked != "" || !strings.Contains(err.Error(), several.Pages[1].ID) {
			t.Fatalf("%s without a page says %v", file, err)
		}
		first, second := several.Pages[0], several.Pages[1]
		for _, want := range []har.PageInfo{first, second} {
			p, err := read(t, file, har.Options{Page: want.ID})
			if err != nil || p.Requests != want.Requests {
				t.Errorf("%s, %s has %d requests, %v; want %d", file, want.ID, p.Requests, err, want.Requests)
			}
		}
		if second.Requests != 2 || !strings.HasSuffix(second.Title, "econd") && !strings.HasSuffix(second.Title, "second.html") {
			t.Errorf("the second page of %s is %+v", file, second)
		}
	}
	_, err := read(t, "chrome-preserve-log.har", har.Options{Name: "my.har", Page: "page_3"})
	const want = `measure my.har: it holds no request of a page "page_3"; ask for one of these by its id: ` +
		`page_1 (1 request) https://www.example.org/, page_2 (5 requests) https://www.example.org/news`
	if err == nil || err.Error() != want {
		t.Errorf("a page without requests says\n%v; want\n%s", err, want)
	}
}

// document is a recording of one page and the entries given.
func document(entries ...string) string {
	main := `{"request":{"method":"GET","url":"https://a.example/"},"response":{"status":200,"_transferSize":1000,"content":{"mimeType":"text/html"}}}`
	return `{"log":{"version":"1.1","entries":[` + strings.Join(append([]string{main}, entries...), ",") + `]}}`
}

func TestASizeIsTheBestThatIsKnown(t *testing.T) {
	const get = `{"request":{"method":"GET","url":"https://a.example/b"},"response":{"status":200,`
	for _, tt := range []struct {
		name, entry string
		want        int64
		note        string
	}{
		{"transferred", get + `"_transferSize":120,"headersSize":1,"bodySize":2}}`, 120, ""},
		{"a fraction of a byte", get + `"_transferSize":119.6}}`, 120, ""},
		{"headers and body", get + `"_transferSize":-1,"headersSize":100,"bodySize":20}}`, 120, "1 of 2 sizes are those of headers and body"},
		{"body alone", get + `"headersSize":-1,"bodySize":20}}`, 20, "1 of 2 sizes are those of the body alone"},
		{"a body below zero, as Chrome writes", get + `"headersSize":115,"bodySize":-115,"content":{"size":7}}}`, 7, "those of the content"},
		{"content less what compression saved", get + `"content":{"size":100,"compression":60}}}`, 40, "those of the content"},
		{"content that compression made larger", get + `"content":{"size":100,"compression":-5}}}`, 105, "those of the content"},
		{"compression of more than there is", get + `"content":{"size":100,"compression":500}}}`, 100, "those of the content"},
		{"content alone", get + `"bodySize":null,"content":{"size":100}}}`, 100, "those of the content"},
		{"nothing", get + `"bodySize":-1}}`, 0, "1 of 2 sizes are not in the recording, and were taken for 0 bytes"},
		{"without a response", `{"request":{"url":"https://a.example/b"},"response":{"status":0,"bodySize":20}}`, 0, ""},
		{"from the cache", `{"_fromCache":"disk",` + get[1:] + `"bodySize":20}}`, 0, "1 of 2 requests were answered by the browser itself"},
		{"not from the cache", `{"_fromCache":null,` + get[1:] + `"_transferSize":20}}`, 20, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := har.Read(strings.NewReader(document(tt.entry)), har.Options{})
			if err != nil || p.Requests != 2 {
				t.Fatalf("%d requests, %v", p.Requests, err)
			}
			if p.Resources[1].Bytes != tt.want || p.SizeKB != float64(1000+tt.want)/1000 {
				t.Errorf("%d bytes, %v kB in all; want %d bytes", p.Resources[1].Bytes, p.SizeKB, tt.want)
			}
			notes := strings.Join(p.Notes, "\n")
			if !strings.Contains(notes, tt.note) || (tt.note == "" && len(p.Notes) != 1) {
				t.Errorf("the notes are\n%s\nwant %q in them", notes, tt.note)
			}
		})
	}
}

func TestTheKindIsTheRecordersOrThatOfTheContent(t *testing.T) {
	for mime, want := range map[string]web.Kind{
		"text/html; charset=utf-8": web.Frame, "application/xhtml+xml": web.Frame, "TEXT/CSS": web.Stylesheet,
		"application/javascript": web.Script, "text/x-javascript": web.Script, "image/svg+xml": web.Image,
		"font/woff2": web.Font, "application/font-woff": web.Font, "application/vnd.ms-fontobject": web.Font,
		"video/mp4": web.Media, "application/json": web.Fetch, "application/geo+json": web.Fetch, "": web.Other, "x-unknown": web.Other,
	} {
		entry := fmt.Sprintf(`{"request":{"url":"https://a.example/b"},"response":{"status":200,"_transferSize":1,"content":{"mimeType":%q}}}`, mime)
		p, err := har.Read(strings.NewReader(document(entry)), har.Options{})
		if err != nil || p.Resources[1].Kind != want {
			t.Errorf("%q is %q, %v; want %q", mime, p.Resources[1].Kind, err, want)
		}
	}
	for kind, want := range map[string]web.Kind{
		"document": web.Frame, "stylesheet": web.Stylesheet, "script": web.Script, "image": web.Image, "font": web.Font,
		"media": web.Media, "texttrack": web.Media, "xhr": web.Fetch, "fetch": web.Fetch, "eventsource": web.Fetch,
		"manifest": web.Other, "ping": web.Other, "other": web.Other,
	} {
		entry := fmt.Sprintf(`{"_resourceType":%q,"request":{"url":"https://a.example/b"},"response":{"status":200,"_transferSize":1,"content":{"mimeType":"text/css"}}}`, kind)
		p, err := har.Read(strings.NewReader(document(entry)), har.Options{})
		if err != nil || p.Resources[1].Kind != want {
			t.Errorf("%q is %q, %v; want %q", kind, p.Resources[1].Kind, err, want)
		}
	}
}

func TestWhatIsNoRecordingIsRefusedWithASentence(t *testing.T) {
	whole := document()
	for _, tt := range []struct {
		name, file string
		code       web.Code
		want       string
	}{
		{"nothing", "", web.CodeAnswer, "it is empty; save it again"},
		{"spaces", "  \n", web.CodeAnswer, "it stops in the middle, at its beginning"},
		{"a word", "hello", web.CodeAnswer, "it is not JSON (at its beginning, "},
		{"a page", "<!doctype html>", web.CodeAnswer, "it is HTML or XML and not JSON"},
		{"a ZIP archive", "PK\x03\x04....", web.CodeAnswer, "unpack it, and give the .har file that is inside"},
		{"gzip", "\x1f\x8b\x08\x00", web.CodeAnswer, "it is compressed with gzip"},
		{"UTF-16", "\xff\xfe{\x00", web.CodeAnswer, "save it in UTF-8"},
		{"a list", "[]", web.CodeAnswer, "it is not a HAR (at its beginning, there is [ where an object is to be)"},
		{"an empty object", "{}", web.CodeAnswer, `it has no "log"`},
		{"another object", `{"a":[{"b":[1,"x",null]}]}`, web.CodeAnswer, `it has no "log"`},
		{"a log that is a word", `{"log":"x"}`, web.CodeAnswer, "there is x where an object is to be"},
		{"entries that are a word", `{"log":{"entries":"x"}}`, web.CodeAnswer, "there is x where a list is to be"},
		{"no entries", `{"log":{"entries":[]}}`, web.CodeAnswer, "it holds no request to a web server"},
		{"null entries", `{"log":{"entries":null,"pages":null}}`, web.CodeAnswer, "it holds no request to a web server"},
		{"an entry that is a word", `{"log":{"entries":["x"]}}`, web.CodeAnswer, "it is not a HAR (at its beginning, "},
		{"an entry without an address", `{"log":{"entries":[{}]}}`, web.CodeAnswer, "it names no address"},
		{"files alone", `{"log":{"entries":[{"request":{"url":"file:///tmp/a.html"}}]}}`, web.CodeAnswer, "it holds no request to a web server"},
		{"a size that is a word", document(`{"request":{"url":"https://a.example/"},"response":{"bodySize":"x"}}`), web.CodeAnswer, `after 1 request, "x" is no number`},
		{"a size that is not finite", document(`{"request":{"url":"https://a.example/"},"response":{"bodySize":NaN}}`), web.CodeAnswer, "it is not JSON (after 1 request"},
		{"a size beyond numbers", document(`{"request":{"url":"https://a.example/"},"response":{"bodySize":1e999}}`), web.CodeAnswer, `1e999 is no number`},
		{"a size beyond belief", document(`{"request":{"url":"https://a.example/"},"response":{"status":200,"_transferSize":1e300}}`), web.CodeAnswer, "a size of 1e+300 bytes is not believable"},
		{"an address that is a number", document(`{"request":{"url":1}}`), web.CodeAnswer, "request.url is a number"},
		{"cut in an entry", whole[:60], web.CodeAnswer, "it stops in the middle, at its beginning; save it again"},
		{"cut after an entry", whole[:len(whole)-3], web.CodeAnswer, "it stops in the middle, after 1 request; save it again"},
		{"cut at its end", whole[:len(whole)-1], web.CodeAnswer, "it stops in the middle, after 1 request"},
		{"two in one", whole + whole, web.CodeAnswer, "something follows its end"},
		{"deep", `{"a":` + strings.Repeat("[", 2000), web.CodeAnswer, "it is nested too deep"},
		{"deep in an entry", `{"log":{"entries":[` + strings.Repeat("[", 20000), web.CodeAnswer, "it is not JSON"},
		{
			"an error page", `{"log":{"entries":[{"request":{"url":"https://a.example/x"},"response":{"status":404,"_transferSize":9,"content":{"mimeType":"text/html"}}}]}}`,
			web.CodeStatus, "https://a.example/x was answered with status 404",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := har.Read(strings.NewReader(tt.file), har.Options{Name: "my.har"})
			known, ok := errors.AsType[*web.Error](err)
			if !ok || known.Code != tt.code || !strings.HasPrefix(err.Error(), "measure my.har: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v (%T); want %q of code %s", err, err, tt.want, tt.code)
			}
		})
	}
}

func TestARecordingThatCannotBeReadSaysWhy(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, begin := range []string{"", `{"log":{"entries":[`} {
		_, err := har.Read(io.MultiReader(strings.NewReader(begin), failing{broken}), har.Options{})
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "it cannot be read: the disk is gone") {
			t.Errorf("after %q the error is %v", begin, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAByteOrderMarkIsAccepted(t *testing.T) {
	if p, err := har.Read(strings.NewReader("\xef\xbb\xbf"+document()), har.Options{}); err != nil || p.Requests != 1 {
		t.Errorf("%d requests, %v; want 1", p.Requests, err)
	}
}

func TestPagesMayFollowTheRequests(t *testing.T) {
	const file = `{"log":{"entries":[
		{"pageref":"a","request":{"url":"https://a.example/"},"response":{"status":200}},
		{"pageref":"b","request":{"url":"https://b.example/"},"response":{"status":200}}],
		"pages":[{"id":"b","title":"Second"}],"comment":{"x":[1]}}, "more":[{}]}`
	_, err := har.Read(strings.NewReader(file), har.Options{})
	if err == nil || !strings.HasSuffix(err.Error(), "a (1 request), b (1 request) Second") {
		t.Errorf("the error is %v", err)
	}
	p, err := har.Read(strings.NewReader(file), har.Options{Page: "b"})
	if err != nil || p.URL != "https://b.example/" || p.Requests != 1 {
		t.Errorf("page b is %s with %d requests, %v", p.URL, p.Requests, err)
	}
}

func TestLimitsAreHeld(t *testing.T) {
	entry := `{"request":{"url":"https://a.example/"},"response":{"status":200,"_transferSize":1}}`
	for name, tt := range map[string]struct {
		file io.Reader
		o    har.Options
		want string
	}{
		"requests": {strings.NewReader(document(entry, entry, entry)), har.Options{MaxEntries: 3}, "it holds more than 3 requests or pages"},
		"pages":    {strings.NewReader(`{"log":{"pages":[{},{},{}]}}`), har.Options{MaxEntries: 2}, "it holds more than 2 requests or pages"},
		"bytes":    {strings.NewReader(document(entry)), har.Options{MaxBytes: 100}, "it has more than 100 bytes"},
		"spaces":   {io.MultiReader(strings.NewReader(`{"log":`), endless(" ")), har.Options{}, "one part of it, at its beginning, takes more than"},
		"a body":   {io.MultiReader(strings.NewReader(`{"log":{"entries":[{"a":"`), endless("x")), har.Options{MaxBytes: 1 << 20}, "it has more than 1048576 bytes"},
	} {
		_, err := har.Read(tt.file, tt.o)
		known, ok := errors.AsType[*web.Error](err)
		if !ok || known.Code != web.CodeSize || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the error is %v; want %q", name, err, tt.want)
		}
	}
}

// endless answers the same bytes for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e[i%len(e)]
	}
	return len(p), nil
}
