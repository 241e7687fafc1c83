package hostile

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// floods are the servers whose page makes requests without measure.
func floods() []Server {
	return []Server{
		{
			Name: "ten thousand images", About: "Its script asks for ten thousand images.",
			Code: "size|timeout", Static: "", start: with(script("for (let i = 0; i < 1e4; i++) new Image().src = '/r?' + i"), picture()),
		},
		{
			Name: "ten thousand images in the page", About: "Its HTML shows ten thousand images.",
			Code: "size", Static: "size", start: with(document(repeat(10_000, "<img src=/r?%d>")), picture()),
		},
		{
			Name: "ten thousand requests of a worker", About: "A worker of its page makes ten thousand requests.",
			Code: "size|timeout|", Static: "",
			start: web(site{
				"/": page(script("new Worker('/worker.js')")), "/r": picture(),
				"/worker.js": body("text/javascript", "for (let i = 0; i < 1e4; i++) fetch('/r?' + i).catch(() => {})"),
			}),
		},
		{
			Name: "a page that never rests", About: "It makes a request every fifty milliseconds, and works at each tick and each frame.",
			Code: "", Static: "",
			start: with(script("let n = 0; setInterval(() => { n++ }, 1); setInterval(() => fetch('/r?' + n), 50); let f = () => { n++; requestAnimationFrame(f) }; f()"), picture()),
		},
		{
			Name: "a worker that hangs requests", About: "A service worker takes the requests of its page and never answers them.",
			Code: "", Static: "",
			start: web(site{
				"/":          page(script("navigator.serviceWorker.oncontrollerchange = () => { for (let i = 0; i < 20; i++) fetch('/r?' + i) }; navigator.serviceWorker.register('/worker.js')")),
				"/worker.js": body("text/javascript", "oninstall = () => skipWaiting(); onactivate = e => e.waitUntil(clients.claim()); onfetch = e => e.respondWith(new Promise(() => {}))"),
				"/r":         picture(),
			}),
		},
	}
}

// growing are the servers whose page wants more the more one looks.
func growing() []Server {
	return []Server{
		{
			Name: "a page inside itself", About: "It shows itself in a frame, with another address each time, without end.",
			Code: "|timeout|memory|size", Static: "", start: web(site{"/": mirror(1)}),
		},
		{
			Name: "a page twice inside itself", About: "It shows itself in two frames, with another address each time, without end.",
			Code: "|timeout|memory|size", Static: "", start: web(site{"/": mirror(2)}),
		},
		{
			Name: "style sheets one after the other", About: "Each of its style sheets imports another, without end.",
			Code: "size|timeout", Static: "size|timeout", start: web(site{"/": page(document("<link rel=stylesheet href=/s>")), "/s": imports(1)}),
		},
		{
			Name: "style sheets a hundred by a hundred", About: "Each of its style sheets imports a hundred others, without end.",
			Code: "size", Static: "size", start: web(site{"/": page(document("<link rel=stylesheet href=/s>")), "/s": imports(100)}),
		},
		{
			Name: "a resource of no name", About: "Its page shows an image of a name that has no address.",
			Code: "", Static: "", start: alone(document("<img src=http://name.invalid/r>")),
		},
		{
			Name: "a resource of a closed port", About: "Its page shows an image of a port nobody listens to.",
			Code: "", Static: "",
			start: func(h *host) string { return alone(document("<img src=http://" + h.closed() + "/r>"))(h) },
		},
		{
			Name: "resources in a circle", About: "Its page shows twenty images that redirect to themselves.",
			Code: "", Static: "",
			start: web(site{"/": page(document(repeat(20, "<img src=/r?%d>"))), "/r": func(w http.ResponseWriter, r *http.Request) {
				redirect(r.URL.String())(w, r)
			}}),
		},
	}
}

// number is the n of a request.
func number(r *http.Request) int {
	n, _ := strconv.Atoi(r.FormValue("n"))
	return n
}

// mirror is a page that shows itself a number of times.
func mirror(times int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		for i := range times {
			_, _ = fmt.Fprintf(&b, "<iframe src='/?n=%d'></iframe>", number(r)*times+i+1)
		}
		page(document(b.String()))(w, r)
	}
}

// imports is a style sheet that imports a number of others.
func imports(times int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		for i := range times {
			_, _ = fmt.Fprintf(w, "@import '/s?n=%d';\n", number(r)*times+i+1)
		}
		_, _ = io.WriteString(w, "p { color: red }\n")
	}
}
