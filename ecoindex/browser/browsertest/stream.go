package browsertest

import (
	"context"
	"crypto/sha1" // RFC 6455 asks for it; nothing is kept secret by it
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
)

// stream sends an event at once and then nothing, without ever finishing: until the client leaves or the site closes.
func stream(w http.ResponseWriter, r *http.Request, _ string) {
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = w.Write([]byte("data: the only one\n\n"))
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// socket opens a WebSocket, sends one text and stays until the client leaves or the site closes.
func socket(w http.ResponseWriter, r *http.Request, _ string) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455, 1.3
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	const text = "hello"
	_, _ = fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n\x81%c%s", base64.StdEncoding.EncodeToString(sum[:]), len(text), text)
	stop := context.AfterFunc(r.Context(), func() { _ = c.Close() })
	defer stop()
	_, _ = io.Copy(io.Discard, c) // what the page says is of no interest
}
