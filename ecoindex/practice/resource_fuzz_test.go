package practice

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// What is stripped is never longer, and nothing is left to strip of it.
func FuzzStrip(f *testing.F) {
	for _, s := range []string{"a / b // c\n`${ a }`", "p { a : url( x ) } /*! b; */", "<pre> a </pre><!-- a note for people --><style> a </style>", "<svg><path d='1.23456'/><metadata></metadata></svg>", "a='\\", "\"", "`${`", "/*!", "<a b='"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		js, ok := stripJS(text)
		for name, got := range map[string][]byte{"js": js, "css": stripCSS(text), "html": stripHTML(text), "svg": stripSVG(text)} {
			if len(got) > len(text)+strings.Count(before, "*/")+strings.Count(before, "//") { // a licence is followed by a line end
				t.Errorf("%s: %q became %q", name, text, got)
			}
		}
		if again, still := stripJS(js); ok && (!still || len(again) > len(js)+strings.Count(before, "/")) {
			t.Errorf("%q became %q, then %q", text, js, again)
		}
		if string(text) != before {
			t.Error("the text was changed")
		}
	})
}

func FuzzReadCSS(f *testing.F) {
	f.Add([]byte("@import 'a'; p, a > * { margin: 0 !important } @media x { b { c: d } } @font-face { src: url(data:font/woff2,a) }"))
	f.Add([]byte("a{b:url('data:font/ttf,x')}}}{{\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := string(text)
		facts := readCSS(text)
		if facts.rules.n > strings.Count(before, "{") || facts.important.n > strings.Count(before, "!") || string(text) != before {
			t.Errorf("%q: %+v", text, facts)
		}
	})
}

func FuzzReadPicture(f *testing.F) {
	for _, format := range []string{"png", "jpeg", "gif"} {
		f.Add([]byte(drawn(f, format, 5, 5, 2)))
	}
	f.Add([]byte(avif("avif", 3, 4)))
	f.Add([]byte(webp("VP8X", 2, 0, 0, 0, 1, 2, 3, 4, 5, 6)))
	f.Fuzz(func(t *testing.T, body []byte) {
		if p, ok := readPicture(body); ok && (p.pixels() <= 0 || p.width > maxSide || p.height > maxSide) {
			t.Errorf("%+v", p)
		}
		if n := framesOf(body); n < 0 || n > len(body) {
			t.Errorf("%d frames in %d bytes", n, len(body))
		}
	})
}

func FuzzFreshness(f *testing.F) {
	f.Add("max-age=60, no-cache=\"a,b\"", "Mon, 02 Mar 2026 11:00:00 GMT", "Mon, 02 Mar 2026 10:00:00 GMT")
	f.Fuzz(func(t *testing.T, control, expires, date string) {
		got := freshness(http.Header{"Cache-Control": {control}, "Expires": {expires}, "Date": {date}})
		if got < 0 || got > 366*24*time.Hour {
			t.Errorf("%s", got)
		}
	})
}
