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

func TestNoOtherSiteAsksForFiguresInTheNameOfSomebodyWhoHasSignedIn(t *testing.T) {
	f, err := frame.New(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	mux, asked := http.NewServeMux(), 0
	f.Mount(mux, frame.Route{Path: "/x", API: "/api/v1/x", Title: "say.title", Template: "say.html", Show: func(context.Context, frame.Request) (frame.View, error) {
		asked++
		return frame.View{}, nil
	}})
	user := &collector.User{ID: 1, Name: "ada", Roles: collector.Roles()}
	for _, tt := range []struct {
		site  string
		token string // "": a program with a key
		want  int
	}{
		{"cross-site", "token", http.StatusForbidden},
		{"same-site", "token", http.StatusForbidden},
		{"same-origin", "token", http.StatusOK},
		{"none", "token", http.StatusOK},
		{"", "token", http.StatusOK},
		{"cross-site", "", http.StatusOK},
	} {
		asked = 0
		r := httptest.NewRequestWithContext(frame.With(t.Context(), frame.Reader{User: user, Token: tt.token}), http.MethodGet, "/api/v1/x", nil)
		r.Header.Set("Sec-Fetch-Site", tt.site)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != tt.want || (asked == 1) != (tt.want == http.StatusOK) {
			t.Errorf("from %q, token %q: %d, asked %d times; want %d", tt.site, tt.token, w.Code, asked, tt.want)
		}
	}
}
