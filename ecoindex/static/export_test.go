package static

import (
	"io"
	"net/http"
	"net/url"
)

// Plain is what a Fetch gives of a body, without a server.
func Plain(encoded io.Reader, encodings string, most int64) ([]byte, error) {
	response := &http.Response{Header: http.Header{"Content-Encoding": {encodings}}, Body: io.NopCloser(encoded)}
	b := &plainBody{final: &final{response: response, url: &url.URL{Scheme: "http", Host: "site.example", Path: "/"}}, most: most, transfer: 1 << 20}
	defer func() { _ = b.Close() }()
	return io.ReadAll(b)
}

// Held is how many bytes are kept for other pages.
func (m *Measurer) Held() int64 {
	s := m.round.(*shared)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}
