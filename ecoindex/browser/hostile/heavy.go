package hostile

import (
	"fmt"
	"io"
	"net/http"
	"strings"
)

// heavy are the servers whose page takes the processor or the memory.
func heavy() []Server {
	const forever = "for (;;);"
	return []Server{
		{
			Name: "an endless script", About: "Its script never ends, so that it never finishes loading.",
			Code: "timeout", Static: "", Slow: true, start: alone(script(forever)),
		},
		{
			Name: "an endless script once loaded", About: "Once loaded, its script never ends, so that nobody can look at the page.",
			Code: "timeout", Static: "", Slow: true, start: alone(late(forever)),
		},
		{
			Name: "promises without end", About: "Its script keeps the page busy with promises, of which the last makes another.",
			Code: "timeout|memory", Static: "", Slow: true, start: alone(script("let f = () => Promise.resolve().then(f); f()")),
		},
		{
			Name: "memory without end", About: "Its script fills buffers and keeps them, sixteen megabytes at a time.",
			Code: "memory|crash", Static: "",
			start: alone(script("let kept = []; for (;;) kept.push(new Uint8Array(1 << 24).fill(1))")),
		},
		{
			Name: "objects without end", About: "Its script makes objects and keeps them, until the engine that runs it has no more room.",
			Code: "memory|crash|timeout", Static: "",
			start: alone(script("let kept = []; for (let i = 0; ; i++) kept.push({i, text: 'more' + i})")),
		},
		{
			Name: "five million elements", About: "Its script adds five million elements.",
			Code: "|memory|timeout|crash", Static: "",
			start: alone(script("for (let i = 0; i < 5e6; i++) document.body.append(document.createElement('b'))")),
		},
		{
			Name: "elements that come back", About: "Each of its million paragraphs opens again the four hundred elements that were not closed.",
			Code: "memory|crash|timeout", Static: "size|timeout|answer",
			start: web(site{"/": long("text/html", document("<p>")+repeat(400, "<b id=%d>"), strings.Repeat("<p>x", 1000), 1000, "")}),
		},
		{
			Name: "attributes that pile up", About: "Its HTML opens itself three hundred thousand times, each time with one more attribute.",
			Code: "|timeout|memory", Static: "|size|timeout|answer",
			start: web(site{"/": attributes}),
		},
		{
			Name: "elements 10,000 deep", About: "Its HTML nests ten thousand elements.",
			Code: "", Static: "answer", start: alone(document(strings.Repeat("<div>", 10_000))),
		},
		{
			Name: "elements 100,000 deep", About: "Its script nests a hundred thousand elements, more than the browser nests by itself and more than it bears.",
			Code: "crash", Static: "",
			start: alone(script("let d = document.body; for (let i = 0; i < 1e5; i++) { let e = document.createElement('div'); d.append(e); d = e }")),
		},
		{
			Name: "a regular expression without end", About: "Its script looks for a text in a way that takes longer than the world has existed.",
			Code: "timeout", Static: "", Slow: true, start: alone(script("/^(a+)+$/.test('a'.repeat(60) + 'b')")),
		},
	}
}

// large are the servers whose page or resource is more than one expects.
func large() []Server {
	return []Server{
		{
			Name: "an image of 100 megabytes in the page", About: "Its HTML has an image of a hundred megabytes in a data: address.",
			Code: "|memory|timeout|size", Static: "size",
			start: web(site{"/": long("text/html", document("")+"<img src=data:image/png;base64,", strings.Repeat("AAAA", 256*kilobyte), 100, ">")}),
		},
		{
			Name: "a million rules", About: "Its style sheet has a million rules.",
			Code: "|memory|timeout", Static: "",
			start: with(document("<link rel=stylesheet href=/r><div class=c>x</div>"), long("text/css", "", repeat(1000, ".c%d > b { color: red }\n"), 1000, "")),
		},
		{
			Name: "a billion laughs", About: "Its page shows an SVG image whose entities are made of entities, a billion in all.",
			Code: "", Static: "", start: with(document("<img src=/r>"), body("image/svg+xml", laughs())),
		},
		{
			Name: "entities from elsewhere", About: "Its page shows an SVG image that wants files of the machine that measures.",
			Code: "", Static: "",
			start: with(document("<img src=/r><object data=/r></object>"), body("image/svg+xml", `<?xml version="1.0"?><!DOCTYPE svg SYSTEM "/dtd" [`+
				`<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY other SYSTEM "http://name.invalid/">]>`+
				`<svg xmlns="http://www.w3.org/2000/svg"><text>&file;&other;</text></svg>`)),
		},
	}
}

// attributes answers with a page that opens itself three hundred thousand times.
func attributes(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, err := io.WriteString(w, document(""))
	for i := 0; i < 300_000 && err == nil; i++ {
		_, err = fmt.Fprintf(w, "<html a%d>", i)
	}
}

// laughs is an SVG image of a billion words in a kilobyte.
func laughs() string {
	var b strings.Builder
	_, _ = b.WriteString(`<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "laugh">`)
	for i := 1; i < 10; i++ {
		_, _ = fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i, strings.Repeat(fmt.Sprintf("&l%d;", i-1), 10))
	}
	_, _ = b.WriteString(`]><svg xmlns="http://www.w3.org/2000/svg"><text>&l9;</text></svg>`)
	return b.String()
}
