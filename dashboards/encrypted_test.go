package dashboards_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestBrowsersAreToldToComeEncryptedOnlyWhereTheyCameSo(t *testing.T) {
	for name, tt := range map[string]struct {
		tls       *tls.ConnectionState
		forwarded string
		want      string
	}{
		"encrypted to us":   {&tls.ConnectionState{}, "", "max-age=31536000"},
		"plain":             {nil, "", ""},
		"by a proxy":        {nil, "https", ""},
		"plain by a liar":   {nil, "http", ""},
		"encrypted, proxy ": {&tls.ConnectionState{}, "https", "max-age=31536000"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/method", nil)
		r.TLS = tt.tls
		if tt.forwarded != "" {
			r.RemoteAddr = "127.0.0.1:4711"
			r.Header.Set("X-Forwarded-Proto", tt.forwarded)
		}
		w := httptest.NewRecorder()
		handler(t, believable()).ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != tt.want || w.Code != http.StatusOK {
			t.Errorf("%s: %d, %q; want %q", name, w.Code, got, tt.want)
		}
	}
}
