package frame_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// sending serves a file at /f.
func sending(t *testing.T, open bool, roles []collector.Role, sent frame.Sent, err error) *http.ServeMux {
	t.Helper()
	f, wrong := frame.New(slog.New(slog.DiscardHandler), part())
	if wrong != nil {
		t.Fatal(wrong)
	}
	mux := http.NewServeMux()
	f.Mount(mux, frame.Route{Path: "/f", Open: open, Roles: roles, Send: func(context.Context, frame.Request) (frame.Sent, error) { return sent, err }})
	return mux
}

func get(t *testing.T, path string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
}

func TestAFileIsKeptByItsReaderAndByNobodyElse(t *testing.T) {
	sent := frame.Sent{Name: "veille-lnr-2019.xlsx", Type: "application/x-of-ours", Bytes: []byte("<script>1</script>")}
	for _, c := range []struct {
		open  bool
		user  *collector.User
		cache string
	}{{false, &collector.User{}, "no-store"}, {true, &collector.User{}, "no-store"}, {true, nil, "no-cache"}} {
		w := answered(t, sending(t, c.open, nil, sent, nil), c.user, get(t, "/f"))
		h := w.Header()
		if w.Code != http.StatusOK || w.Body.String() != string(sent.Bytes) || h.Get("Content-Type") != sent.Type || h.Get("Cache-Control") != c.cache {
			t.Errorf("%+v: %d %v %s", c, w.Code, h, w.Body)
		}
		if h.Get("Content-Disposition") != `attachment; filename="veille-lnr-2019.xlsx"` || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("a browser may open the file: %v", h)
		}
	}
}

func TestAFileIsNotForThoseWhoMayNotReadIt(t *testing.T) {
	sent := frame.Sent{Name: "a", Type: "text/plain", Bytes: []byte("secret")}
	it := []collector.Role{collector.RoleIT}
	for name, c := range map[string]struct {
		user *collector.User
		err  error
		want int
		says string
	}{
		"nobody":           {nil, nil, http.StatusSeeOther, ""},
		"another role":     {&collector.User{Roles: []collector.Role{collector.RoleWeb}}, nil, http.StatusForbidden, "n’a pas le rôle"},
		"one site only":    {&collector.User{Roles: it}, privacy.ErrRole, http.StatusForbidden, "n’a pas le rôle"},
		"for a reason":     {&collector.User{Roles: it}, frame.Forbidden("pour tous"), http.StatusForbidden, "pour tous"},
		"what is not":      {&collector.User{Roles: it}, collector.ErrNotFound, http.StatusNotFound, "n’existe pas"},
		"what is wrong":    {&collector.User{Roles: it}, frame.Problem("trop long"), http.StatusUnprocessableEntity, "trop long"},
		"what has failed":  {&collector.User{Roles: it}, errors.New("disk on fire"), http.StatusInternalServerError, "journal du collecteur"},
		"somebody who may": {&collector.User{Roles: it}, nil, http.StatusOK, "secret"},
	} {
		w := answered(t, sending(t, false, it, sent, c.err), c.user, get(t, "/f?lang=fr"))
		text := w.Body.String()
		if w.Code != c.want || !strings.Contains(text, c.says) || strings.Contains(text, "secret") != (c.want == http.StatusOK) || strings.Contains(text, "fire") {
			t.Errorf("%s: %d %s", name, w.Code, text)
		}
	}
}

func TestAFileIsNoPageOfItsOwn(t *testing.T) {
	mux := sending(t, false, nil, frame.Sent{Name: "a"}, nil)
	for _, path := range []string{"/csv/lines/f", "/api/v1/f"} {
		if w := answered(t, mux, &collector.User{}, get(t, path)); w.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, w.Code)
		}
	}
}

func FuzzTheNameOfAFileBreaksNoHeader(f *testing.F) {
	for _, name := range []string{"", "été.csv", "../../etc/passwd", "a\r\nSet-Cookie: b=c", `a"; filename="b`, "-rf", strings.Repeat("é", 300) + ".html", "rapport.pdf"} {
		f.Add(name)
	}
	safe := regexp.MustCompile(`^attachment; filename="[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"$`)
	f.Fuzz(func(t *testing.T, name string) {
		w := answered(t, sending(t, true, nil, frame.Sent{Name: name, Type: "text/plain"}, nil), nil, get(t, "/f"))
		if got := w.Header().Get("Content-Disposition"); !safe.MatchString(got) || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q became %q", name, got)
		}
	})
}

func TestWhatCannotBeToldIsSaidBesideTheForm(t *testing.T) {
	show := func(context.Context, frame.Request) (frame.View, error) {
		return frame.View{Problem: "no such month", Tables: []frame.Table{{ID: "t"}}}, nil
	}
	mux := mounted(t, frame.Route{Show: show, API: "/api/v1/p"})
	w := answered(t, mux, &collector.User{}, get(t, "/p?lang=en"))
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `role="alert">no such month`) || !strings.Contains(w.Body.String(), "/x?lang=en") {
		t.Errorf("the page is answered %d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/api/v1/p", "/csv/t/p"} {
		w := answered(t, mux, &collector.User{}, get(t, path))
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "no such month") || strings.Contains(w.Body.String(), `"tables"`) {
			t.Errorf("%s is answered %d %s", path, w.Code, w.Body)
		}
	}
}

func TestTwoLongTablesOfAPageAreLeafedThroughApart(t *testing.T) {
	var rows [][]frame.Cell
	for i := range 25 {
		rows = append(rows, []frame.Cell{frame.Num(float64(i))})
	}
	q := frame.Request{HTTP: get(t, "/p?lines=2&template=a"), Language: frame.Language{Code: "en"}}
	part, pager := frame.CutBy(q, "lines", rows, 10)
	first, _ := frame.Cut(q, rows, 10)
	if len(part) != 10 || *part[0][0].Number != 10 || *first[0][0].Number != 0 || pager.Keep().Get("lines") != "2" {
		t.Errorf("%v %v %+v", part, first, pager)
	}
	pager.Kept = []any{"template", "a&b"}
	if got := pager.At(1, frame.Page{Language: q.Language}); got != "/p?lang=en&template=a%26b&lines=3" {
		t.Errorf("the next part is at %s", got)
	}
}

func TestReportsAreInTheMenuOfThoseWhoMayReadThem(t *testing.T) {
	for _, c := range []struct {
		user collector.User
		want bool
	}{
		{collector.User{Roles: []collector.Role{collector.RoleReader}}, true},
		{collector.User{Roles: []collector.Role{collector.RoleOfficer}}, true},
		{collector.User{Roles: []collector.Role{collector.RoleIT}}, true},
		{collector.User{Roles: []collector.Role{collector.RoleIT}, Site: 3}, false},
		{collector.User{Roles: []collector.Role{collector.RoleWeb}}, false},
	} {
		got := false
		for _, door := range (frame.Page{Reader: frame.Reader{User: &c.user}}).Menu() {
			got = got || door.Path == "/reports"
		}
		if got != c.want {
			t.Errorf("%+v: %v", c.user, got)
		}
	}
}
