package dashboards_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/dashboards"
)

// firstPage is what ada reads where nothing is asked of it.
func firstPage(h http.Handler) string {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "veille", Value: "ada"})
	h.ServeHTTP(w, r)
	return w.Body.String()
}

// formTokenIn is the token of the forms of a page; "" where there is none.
func formTokenIn(page string) string {
	found := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(page)
	if len(found) < 2 {
		return ""
	}
	return found[1]
}

// tokenAtEnd is a form with the token of the reader, so that it is read.
func tokenAtEnd(form, token string) string {
	if form != "" {
		form += "&"
	}
	return form + "token=" + token
}

// Whoever has signed in, whatever is asked: no trouble on our side, no endless answer, nothing of the address as markup, and nobody is led elsewhere.
func FuzzNoAddressBreaksAPage(f *testing.F) {
	for _, path := range []string{
		"/", "/sites", "/sites/1", "/sites/1/hours", "/sites/1/groups/1", "/levers", "/actions", "/actions/1", "/equipment", "/machines", "/machines/1", "/machines/kinds", "/settings", "/settings/prices",
		"/settings/sites", "/public/sites", "/public/sites/1", "/web", "/web/1", "/web/1/pages", "/web/1/page", "/web/1/page.json", "/web/1/badge.svg", "/data", "/method", "/sign-in", "/invite",
		"/csv/months/sites/1", "/csv/sites/sites", "/api/v1/overview", "/api/v1/machines/1", "/api/v1/web/1/page", "/nothing", "//", "/%00", "/sites/-1", "/csv//", "/web/9223372036854775808",
		"/reports", "/reports/draft", "/reports/draft/use", "/reports/1", "/reports/1/use", "/reports/1/file/html", "/csv/kept/reports", "/settings/quantities", "/settings/templates/x",
	} {
		f.Add(true, path, "to=2026-13&page=-1&simulated=1&lang=fr", "")
		f.Add(true, path, "url=%3Cscript%3E&key=%00&show=%ff&reason=%22&site=..%2F", "")
	}
	f.Add(false, "/reports", "lang=fr", "do=report+keep&template=%3Cscript%3E&from=2026-13&to=%00")
	f.Add(false, "/settings/remarks", "of=%22%3E%3Cscript%3E", "do=remark+set&of=U1&text=%ff%00")
	f.Add(false, "/settings/prices", "lang=en", "do=price+set&from=2026-13&euro=%3Cb%3E&tax=included")
	f.Add(false, "/settings/sites", "site=1", "do=site+add&name=%00&at=%ff")
	f.Add(false, "/settings/users", "", "do=user+add&user-name=%22%3E%3Cscript%3E&role=it&role=it")
	f.Add(false, "/machines/1", "", "reason=%3Cscript%3Ealert(1)%3C%2Fscript%3E&part=99999999999999999999")
	f.Add(false, "/sign-in", "to=//elsewhere.example", "name=a&password=b&to=//elsewhere.example")
	f.Add(false, "/web/1/measure", "", "url=%0d%0ax")
	f.Add(false, "/sign-out", "", "lang=%3Cb%3E")
	w := believable()
	h, err := dashboards.New(dashboards.Parts{
		Ledger: w, Series: w, Door: noFigures{}, Web: w, Queue: w, Doorkeeper: keeper{w}, Commands: w, Reports: w,
		Key: func(context.Context, string) (collector.User, error) { return collector.User{}, collector.ErrNotFound },
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		f.Fatal(err)
	}
	ordinary := firstPage(h)
	token := formTokenIn(ordinary)
	if token == "" {
		f.Fatal("the pages have no token")
	}
	f.Fuzz(func(t *testing.T, reads bool, path, query, form string) {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		method := map[bool]string{true: http.MethodGet, false: http.MethodPost}[reads]
		r := httptest.NewRequestWithContext(t.Context(), method, "http://veille.example/", strings.NewReader(tokenAtEnd(form, token)))
		r.URL = &url.URL{Path: path, RawQuery: query}
		if decoded, err := url.PathUnescape(path); err == nil {
			r.URL.Path, r.URL.RawPath = decoded, path
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "veille", Value: "ada"})
		w.given = nil
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		body, kind := answer.Body.String(), answer.Header().Get("Content-Type")
		if answer.Code >= http.StatusInternalServerError || len(body) > 200_000 {
			t.Errorf("%s %q ? %q with %q is answered %d with %d bytes: %.500s", method, path, query, form, answer.Code, len(body), body)
		}
		if to := answer.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) || to != "" && !strings.HasPrefix(to, "/") {
			t.Errorf("%s %q ? %q with %q leads to %q", method, path, query, form, to)
		}
		if !strings.HasPrefix(kind, "text/html") {
			return
		}
		for _, value := range values(query + "&" + form) {
			// What is short is in every page as it is.
			if len(value) > 6 && strings.ContainsAny(value, "<>\"") && strings.Contains(body, value) && !strings.Contains(ordinary, value) {
				t.Errorf("%s %q is answered with %q as it is: %s", method, path, value, body)
			}
		}
	})
}

// values are those of a query, as far as it can be read.
func values(query string) (all []string) {
	read, _ := url.ParseQuery(query) // what cannot be read is left out
	for _, list := range read {
		all = append(all, list...)
	}
	return all
}
