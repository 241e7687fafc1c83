package hostile

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// lengths are the servers that announce another length than they send.
func lengths() []Server {
	const mismatch = "net::ERR_CONTENT_LENGTH_MISMATCH"
	hello := document("")
	return []Server{
		{
			Name: "a length longer than the page", About: "It announces more bytes than its page has and closes.",
			Code: "answer", Static: "answer", Chromium: mismatch,
			start: wrote(head + "Content-Length: 99999\r\n\r\n" + hello),
		},
		{
			Name: "a length longer than an image", About: "It announces more bytes than an image of its page has and closes.",
			Code: "", Static: "",
			start: with(document("<img src=/r>"), raw(func(c *conn) {
				_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 99999\r\n\r\n\x89PNG")
			})),
		},
		{
			Name: "a length shorter than the page", About: "It announces fewer bytes than its page has.",
			Code: "", Static: "",
			start: wrote(head + "Content-Length: 100\r\n\r\n" + hello + strings.Repeat("<p>more</p>", 100)),
		},
		{
			Name: "a negative length", About: "It announces a page of minus five bytes.",
			Code: "", Static: "answer",
			start: wrote(head + "Content-Length: -5\r\n\r\n" + hello),
		},
		{
			Name: "a length that is no number", About: "It announces a page of many bytes, in a word.",
			Code: "", Static: "answer",
			start: wrote(head + "Content-Length: many\r\n\r\n" + hello),
		},
		{
			Name: "two lengths", About: "It announces two lengths, as in an attempt to smuggle an answer.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_RESPONSE_HEADERS_MULTIPLE_CONTENT_LENGTH",
			start: wrote(head + "Content-Length: 10\r\nContent-Length: 20\r\n\r\n" + hello),
		},
		{
			Name: "a chunk of no length", About: "It sends its page in chunks whose length is not a number.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_INVALID_CHUNKED_ENCODING",
			start: wrote(head + "Transfer-Encoding: chunked\r\n\r\nlong\r\n" + hello),
		},
		{
			Name: "chunks without an end", About: "It sends its page in chunks and closes before the last one.",
			Code: "answer", Static: "answer", Chromium: "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
			start: wrote(head + "Transfer-Encoding: chunked\r\n\r\n10\r\n<!doctype html>\n\r\n"),
		},
	}
}

// types are the servers whose answer is not what it says.
func types() []Server {
	hello := document("")
	attached := func(kind string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Disposition", `attachment; filename="page.html"`)
			body(kind, hello)(w, r)
		}
	}
	return []Server{
		{
			Name: "a page that says it is an image", About: "It serves HTML as image/png.",
			Code: "mime", Static: "mime", start: web(site{"/": body("image/png", hello)}),
		},
		{
			Name: "a page that says it is plain text", About: "It serves HTML as text/plain.",
			Code: "mime", Static: "mime", start: web(site{"/": body("text/plain", hello)}),
		},
		{
			Name: "a page of no type", About: "It serves HTML without saying of which type it is.",
			Code: "|mime", Static: "mime",
			start: wrote("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + hello),
		},
		{
			Name: "a page of two types", About: "It says in two headers that its HTML is HTML and that it is plain text.",
			Code: "mime|", Static: "mime|",
			start: wrote("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" + hello),
		},
		{
			Name: "a type of a hundred kilobytes", About: "The name of the type of its page has a hundred kilobytes.",
			Code: "mime", Static: "mime", start: web(site{"/": body("text/"+strings.Repeat("long", 25*kilobyte), hello)}),
		},
		{
			Name: "a download", About: "It serves a file to be saved.",
			Code: "mime", Static: "mime", Chromium: "net::ERR_ABORTED",
			start: web(site{"/": attached("application/octet-stream")}),
		},
		{
			Name: "a page to be saved", About: "It serves HTML to be saved and not to be shown.",
			Code: "mime", Static: "|mime", Chromium: "net::ERR_ABORTED",
			start: web(site{"/": attached("text/html")}),
		},
		{
			Name: "an endless download", About: "It serves a file to be saved that has no end.",
			Code: "mime", Static: "mime", Chromium: "net::ERR_ABORTED",
			start: web(site{"/": endless("application/octet-stream", "", strings.Repeat("more", kilobyte))}),
		},
		{
			Name: "a page that starts downloads", About: "Once loaded, its script downloads files.",
			Code: "", Static: "",
			start: with(late("for (let i = 0; i < 20; i++) { let a = document.createElement('a'); a.href = '/r?' + i; a.download = 'f' + i; document.body.append(a); a.click() }"+
				"location.href = '/r'"), attached("application/octet-stream")),
		},
	}
}

// codings are the servers whose answer is compressed with harm in mind.
func codings() []Server {
	const failed = "net::ERR_CONTENT_DECODING_FAILED"
	return []Server{
		{
			Name: "a gzip bomb", About: "Its page is two megabytes that decompress to two gigabytes of text.",
			Code: "size|memory|crash|timeout", Static: "size",
			start: web(site{"/": bomb("text/html", document("<p>"), "more ", 2048)}),
		},
		{
			Name: "a gzip bomb of elements", About: "Its page is a few megabytes that decompress to hundreds of millions of elements.",
			Code: "size|memory|crash|timeout", Static: "size",
			start: web(site{"/": bomb("text/html", document(""), "<b>o</b>", 2048)}),
		},
		{
			Name: "a gzip bomb in a style sheet", About: "The style sheet of its page decompresses to two gigabytes.",
			Code: "size|memory|crash|timeout|", Static: "",
			start: with(document("<link rel=stylesheet href=/r>"), bomb("text/css", "", "b{color:red}", 2048)),
		},
		{
			Name: "a gzip bomb in a script", About: "The script of its page decompresses to two gigabytes.",
			Code: "size|memory|crash|timeout|", Static: "",
			start: with(document("<script src=/r></script>"), bomb("text/javascript", "", "f();", 2048)),
		},
		{
			Name: "an image of a billion pixels", About: "Its page shows a PNG of a hundred kilobytes and a billion pixels.",
			Code: "", Static: "",
			start: with(document("<img src=/r width=100 height=100>"), pixels(1<<15)),
		},
		{
			Name: "a broken gzip", About: "It says its page is gzip, and it is not.",
			Code: "answer", Static: "answer", Chromium: failed,
			start: wrote(head + "Content-Encoding: gzip\r\n\r\nthis is not gzip at all"),
		},
		{
			Name: "a gzip that stops", About: "The gzip of its page is cut in the middle, though its length is right.",
			Code: "", Static: "answer",
			start: web(site{"/": cut}),
		},
		{
			Name: "a compression nobody asked for", About: "It says its page is compressed in a way that does not exist, and it is not compressed.",
			Code: "", Static: "answer",
			start: wrote(head + "Content-Encoding: zipzap\r\n\r\n" + document("")),
		},
	}
}

// cut answers with the first half of a page compressed with gzip.
func cut(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, document(repeat(500, "<p>paragraph %d</p>")))
	_ = z.Close()
	w.Header().Set("Content-Encoding", "gzip")
	body("text/html", b.String()[:b.Len()/2])(w, r)
}
