package frame_test

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"veille/collector"
	"veille/dashboards/frame"
)

// part is a part of the pages with one template.
func part() fs.FS {
	return fstest.MapFS{"templates/part.html": {Data: []byte(`{{template "head" .}}{{template "notices" .}}<p>{{.To "/x"}}</p>{{range .Tables}}{{template "table" ($.TableOf .ID)}}{{end}}{{template "foot" .}}`)}}
}

// mounted serves one route.
func mounted(t *testing.T, route frame.Route) *http.ServeMux {
	t.Helper()
	f, err := frame.New(slog.New(slog.DiscardHandler), part())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	route.Path, route.Title, route.Template = "/p", "method.title", "part.html"
	if route.Show == nil {
		route.Show = func(context.Context, frame.Request) (frame.View, error) { return frame.View{To: "2026-11"}, nil }
	}
	f.Mount(mux, route)
	return mux
}

func answered(t *testing.T, mux *http.ServeMux, user *collector.User, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r.WithContext(frame.With(t.Context(), frame.Reader{User: user, Token: map[bool]string{true: "t"}[user != nil]})))
	return w
}

// multi is a form of several parts with a file of so many bytes.
func multi(t *testing.T, size int) *http.Request {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "a.csv")
	if err == nil {
		_, err = file.Write(bytes.Repeat([]byte("a"), size))
	}
	for _, err := range []error{err, form.WriteField("token", "t"), form.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/p", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return r
}

func TestWhatIsToldOnceIsOnThePageAndInNoError(t *testing.T) {
	once := frame.Once{Sentence: "Copy it <now>", Text: "se<cret", Secret: true}
	if strings.Contains(once.Error(), "cret") {
		t.Errorf("the error %q has the secret, and errors are logged", once.Error())
	}
	mux := mounted(t, frame.Route{Do: func(context.Context, frame.Request) (string, error) { return "", once }})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/p", strings.NewReader(url.Values{"token": {"t"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := answered(t, mux, &collector.User{}, r)
	if text := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(text, "Copy it &lt;now&gt;") || !strings.Contains(text, "se&lt;cret") {
		t.Errorf("the page is answered %d: %s", w.Code, text)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Error("browsers may keep the page with the secret")
	}
}

func TestAFileReachesThePageOfSomebodyWhoHasSignedIn(t *testing.T) {
	var got *frame.File
	route := frame.Route{Open: true, Do: func(_ context.Context, q frame.Request) (string, error) {
		got = q.File
		return "/p", nil
	}}
	mux, user := mounted(t, route), &collector.User{}
	for _, c := range []struct {
		user *collector.User
		size int
		want int // status
	}{
		{user, 3 << 20, http.StatusSeeOther},
		{user, 7 << 20, http.StatusBadRequest},
		{nil, 3 << 20, http.StatusBadRequest},
		{nil, 100, http.StatusSeeOther},
	} {
		got = nil
		w := answered(t, mux, c.user, multi(t, c.size))
		if w.Code != c.want || (got != nil) != (c.want == http.StatusSeeOther) {
			t.Errorf("a file of %d bytes, signed in %v, is answered %d, not %d", c.size, c.user != nil, w.Code, c.want)
		}
		if got != nil && (got.Name != "a.csv" || len(got.Text) != c.size) {
			t.Errorf("the file is %q with %d bytes", got.Name, len(got.Text))
		}
	}
}

func TestATableHasItsNumbersOnTheRightAndItsSentencesBroken(t *testing.T) {
	show := func(context.Context, frame.Request) (frame.View, error) {
		return frame.View{To: "2026-11", Tables: []frame.Table{{
			ID: "t", Columns: []frame.Column{{ID: "a"}, {ID: "b"}, {ID: "c"}},
			Rows: [][]frame.Cell{{frame.Text("x"), {}, frame.Text(strings.Repeat("word ", 9))}, {frame.Text("y"), frame.Num(1), frame.Text("short")}},
		}}}, nil
	}
	text := answered(t, mounted(t, frame.Route{Show: show, Open: true}), nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/p?lang=en", nil)).Body.String()
	if !strings.Contains(text, `<th scope="col" class="n"></th>`) || strings.Count(text, `<td class="n">`) != 2 || strings.Count(text, `<td class="words">`) != 2 {
		t.Errorf("the table is %s", text)
	}
	if !strings.Contains(text, "<p>/x?lang=en</p>") {
		t.Errorf("a page with a last month has no addresses: %s", text)
	}
}
