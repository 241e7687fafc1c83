package frame_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"veille/collector"
	"veille/dashboards/frame"
)

func TestHowLongAPageIsKeptIsLeftToItWhereItSaysSo(t *testing.T) {
	f, err := frame.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		said string
		user *collector.User
		want string
	}{
		{"", nil, "no-cache"},
		{"", &collector.User{ID: 1}, "no-store"},
		{"no-store", nil, "no-store"},
		{"public, max-age=60", nil, "public, max-age=60"},
	} {
		mux := http.NewServeMux()
		f.Mount(mux, frame.Route{Path: "/x", Open: true, Title: "say.title", Template: "say.html", Show: func(_ context.Context, q frame.Request) (frame.View, error) {
			if tt.said != "" {
				q.Answer.Header().Set("Cache-Control", tt.said)
			}
			return frame.View{}, frame.Problem("no")
		}})
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequestWithContext(frame.With(t.Context(), frame.Reader{User: tt.user}), http.MethodGet, "/x", nil))
		if got := w.Header().Get("Cache-Control"); got != tt.want || len(w.Header().Values("Cache-Control")) != 1 {
			t.Errorf("%q is said, and %q sent; want %q", tt.said, got, tt.want)
		}
	}
}
