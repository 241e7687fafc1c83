package hostile

import (
	"io"
	"net/http"
	"strings"
)

const kilobyte = 1 << 10

// slow are the servers that take their time.
func slow() []Server {
	return []Server{
		{
			Name: "a server that never answers", About: "It accepts connections and says nothing.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: func(h *host) string { return "http://" + h.sockets((*conn).wait) + "/" },
		},
		{
			Name: "headers one byte a second", About: "It sends its headers one byte a second.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: bare(func(c *conn) { c.drip(head + "X-Padding: ") }),
		},
		{
			Name: "a body one byte a second", About: "It sends its headers at once and its body one byte a second, for ever.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: bare(func(c *conn) {
				_, _ = io.WriteString(c, head+"\r\n")
				c.drip(document(""))
			}),
		},
		{
			Name: "a page that stops in the middle", About: "It sends half of its page and keeps the connection open.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: bare(func(c *conn) {
				_, _ = io.WriteString(c, head+"Content-Length: 9999\r\n\r\n<!doctype html><p>the beginning")
				c.wait()
			}),
		},
		{
			Name: "an image that never finishes", About: "Its page shows an image whose body does not come, so that it never finishes loading.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: with(document("<img src=/r>"), never("image/png")),
		},
		{
			Name: "a script that never comes", About: "Its page waits for a script that the server does not answer.",
			Code: "timeout", Static: "timeout", Slow: true,
			start: with(document("<script src=/r></script>"), func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
		},
	}
}

// unending are the servers whose answers have no end.
func unending() []Server {
	return []Server{
		{
			Name: "an endless page", About: "Its page is paragraphs without end, as fast as they are read.",
			Code: "size|memory|timeout", Static: "size",
			start: web(site{"/": endless("text/html", document(""), strings.Repeat("<p>more</p>", kilobyte))}),
		},
		{
			Name: "an endless comment", About: "Its page is one comment without end: many bytes and no element.",
			Code: "size", Static: "size",
			start: web(site{"/": endless("text/html", document("")+"<!--", strings.Repeat("more", 16*kilobyte))}),
		},
		{
			Name: "endless headers", About: "It sends header lines without end.",
			Code: "size", Static: "answer|size", Chromium: "net::ERR_RESPONSE_HEADERS_TOO_BIG",
			start: bare(func(c *conn) {
				_, _ = io.WriteString(c, head)
				pour(c.host.ctx, c, strings.Repeat("X-More: and more\r\n", kilobyte))
			}),
		},
		{
			Name: "endless early hints", About: "It sends 103 Early Hints without end and never the answer.",
			Code: "timeout", Static: "answer", Slow: true,
			start: bare(func(c *conn) {
				pour(c.host.ctx, c, strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </r>; rel=preload; as=image\r\n\r\n", 100))
			}),
		},
		{
			Name: "an endless image", About: "Its page shows an image of chunks without end.",
			Code: "size", Static: "",
			start: with(document("<img src=/r>"), endless("image/png", "\x89PNG\r\n\x1a\n", strings.Repeat("more", 16*kilobyte))),
		},
		{
			Name: "an endless video", About: "Its page plays a video that is padding without end.",
			Code: "size|timeout", Static: "",
			start: with(document("<video src=/r autoplay muted></video>"),
				endless("video/mp4", "\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom", "\x00\x01\x00\x00free"+strings.Repeat("\x00", 64*kilobyte-8))),
		},
		{
			Name: "a flood of server events", About: "Its page listens to an EventSource that never ends and never rests.",
			Code: "size|", Static: "",
			start: with(script("new EventSource('/r')"), endless("text/event-stream", "", "data: "+strings.Repeat("more", kilobyte)+"\n\n")),
		},
		{
			Name: "a flood over a WebSocket", About: "Its page opens a WebSocket on which messages come without end.",
			Code: "|size|timeout", Static: "",
			start: with(script("new WebSocket('ws://' + location.host + '/r')"), websocket("\x82\x7e\x10\x00"+strings.Repeat("more", kilobyte))),
		},
	}
}
