package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/label"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// served is all that a collector on the ledger of an office answers. Its agents are a handler that says that it was asked.
func (o *office) served() http.Handler {
	o.t.Helper()
	s := &server{serving: &serving{}, store: o.store, log: slog.New(slog.DiscardHandler)}
	admin := newAdminAPI(o.store, o.store.AskWebsite, s.log)
	door := privacy.New(s.store.Figures(), s.store.Figures(), today)
	pages, err := s.pages(admin, queue{s.store, s.crawler(s.store, o.dir, s.log)}, door, label.New(s.store, door, today))
	o.must(err)
	said := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) })
	}
	return s.routes(said("agents"), said("meters"), admin, pages, said("well"))
}

// request asks for a path, from another machine.
func (o *office) request(h http.Handler, method, path, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(""))
	r.RemoteAddr = "192.0.2.7:4711"
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestThePagesAskWhoIsThere(t *testing.T) {
	o := newOffice(t)
	h := o.served()
	for _, path := range []string{"/", "/sites", "/sites/1", "/levers", "/actions", "/equipment", "/machines", "/machines/1", "/web", "/web/1", "/web/1/data.json", "/settings"} {
		w := o.request(h, http.MethodGet, path, "")
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in?") || w.Body.Len() > 0 {
			t.Errorf("%s: %d to %q: %.100s", path, w.Code, to, w.Body)
		}
		if w := o.request(h, http.MethodGet, path, o.at["A1"].secret); w.Code != http.StatusSeeOther { // a key is for programs
			t.Errorf("%s with a key: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/sign-in", "/method", "/data", "/accessibility", "/eco-design", "/public/sites"} {
		if w := o.request(h, http.MethodGet, path, ""); w.Code != http.StatusOK {
			t.Errorf("%s: %d; want it shown to everybody", path, w.Code)
		}
	}
}

func TestProgramsReadFiguresWithAKeyAndAgentsAreAnsweredAsBefore(t *testing.T) {
	o := newOffice(t)
	h := o.served()
	for _, path := range []string{"/api/v1/overview", "/api/v1/sites/1", "/api/v1/web"} {
		for key, want := range map[string]int{"": http.StatusUnauthorized, "x": http.StatusUnauthorized, o.at["A1"].secret: http.StatusOK} {
			w := o.request(h, http.MethodGet, path, key)
			if w.Code != want || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s with the key %.4q: %d %.200s; want %d", path, key, w.Code, w.Body, want)
			}
		}
	}
	if w := o.request(h, http.MethodGet, "/api/v1/sites/1", o.at["B1"].secret); w.Code != http.StatusNotFound {
		t.Errorf("a site of another organisation: %d", w.Code)
	}
	for _, r := range []struct{ method, path string }{
		{http.MethodPost, "/api/v1/enrol"},
		{http.MethodGet, "/api/v1/enrol"},
		{http.MethodPost, "/api/v1/records"},
		{http.MethodGet, "/api/v1/records"},
		{http.MethodGet, "/api/v1/policy"},
		{http.MethodHead, "/api/v1/policy"},
		{http.MethodGet, "/api/v1/record.schema.json"},
		{http.MethodPost, "/api/v1/nothing"},
		{http.MethodPut, "/api/v1/overview"},
	} {
		if w := o.request(h, r.method, r.path, ""); w.Body.String() != "agents" {
			t.Errorf("%s %s: %d %.100s; want the agents' answer", r.method, r.path, w.Code, w.Body)
		}
	}
	if w := o.request(h, http.MethodPost, "/api/v1/admin/site/list", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("a command without a key: %d", w.Code)
	}
}

func TestAPageGivesCommandsAsItsUserMay(t *testing.T) {
	o := newOffice(t)
	admin := newAdminAPI(o.store, o.store.AskWebsite, slog.New(slog.DiscardHandler))
	user := func(name string) collector.User {
		o.t.Helper()
		u, err := o.store.UserNamed(t.Context(), name)
		o.must(err)
		return u
	}
	all := user("user.A1")
	o.user("reader", all.Organisation, 0, collector.RoleReader)
	o.user("one", all.Organisation, o.at["A1"].site.ID, collector.Roles()...)
	printed, _, err := admin.Give(t.Context(), all, "price set", nil, map[string]any{"from": "2026-01", "euro": "0,21", "tax": "excluded"}, "")
	if err != nil || !strings.Contains(printed, "0.21 euros") {
		t.Errorf("%q, %v", printed, err)
	}
	_, asJSON, err := admin.Give(t.Context(), all, "price list", nil, nil, "")
	if err != nil || !strings.Contains(string(asJSON), `"euro_per_kwh":0.21`) {
		t.Errorf("%s, %v", asJSON, err)
	}
	if e := o.entries(); len(e) != 1 || e[0].Who != "user.A1" || e[0].What != "price set" {
		t.Errorf("the audit log has %+v", e)
	}
	for _, c := range []struct {
		who, name string
		args      []string
		flags     map[string]any
		want      error
	}{
		{who: "reader", name: "price list", want: privacy.ErrRole},
		{who: "one", name: "price set", flags: map[string]any{"from": "2026-01", "euro": 1, "tax": "excluded"}, want: privacy.ErrRole},
		{who: "one", name: "target add", flags: map[string]any{"indicator": "kwh", "value": 1, "by": "2027-12"}, want: privacy.ErrRole},
		{who: "user.A1", name: "target remove", args: []string{o.at["B1"].target}, want: collector.ErrNotFound},
		{who: "user.A1", name: "price set", want: frame.Problem("give --from, --euro and --tax")},
		{who: "user.A1", name: "site add", args: []string{"Site A1"}, want: frame.Problem("")},
	} {
		_, _, err := admin.Give(t.Context(), user(c.who), c.name, c.args, c.flags, "")
		_, problem := errors.AsType[frame.Problem](err)
		if _, wanted := errors.AsType[frame.Problem](c.want); problem != wanted || !wanted && !errors.Is(err, c.want) || wanted && !strings.Contains(err.Error(), c.want.Error()) {
			t.Errorf("%s: %s: %v; want %v", c.who, c.name, err, c.want)
		}
	}
	if _, _, err := admin.Give(t.Context(), all, "serve", nil, nil, ""); err == nil {
		t.Error("a page started a collector")
	}
}

func TestCommandsOfPagesOfOneUserWaitForEachOther(t *testing.T) {
	o := newOffice(t)
	admin := newAdminAPI(o.store, o.store.AskWebsite, slog.New(slog.DiscardHandler))
	u, err := o.store.UserNamed(t.Context(), "user.A1")
	o.must(err)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, asJSON, err := admin.Give(t.Context(), u, "site list", nil, nil, ""); err != nil || len(asJSON) == 0 {
				t.Errorf("%s, %v", asJSON, err)
			}
		})
	}
	all.Wait()
}

func TestFlagsAboutTheDirectoryGoTogether(t *testing.T) {
	for _, c := range []struct {
		directory directory
		says      string
	}{
		{directory{claim: "email"}, ""},
		{directory{claim: "email", address: "https://veille.example"}, ""},
		{directory{claim: "email", client: "veille"}, "go with --oidc-issuer"},
		{directory{claim: "email", secretFile: "x"}, "go with --oidc-issuer"},
		{directory{claim: "email", issuer: "https://login.example", client: "veille"}, "--address"},
		{directory{claim: "email", issuer: "https://login.example", address: "https://veille.example"}, "--oidc-client"},
		{directory{issuer: "https://login.example", client: "veille", address: "https://veille.example"}, "--oidc-claim"},
		{directory{claim: "email", issuer: "http://login.example", client: "veille", address: "https://veille.example"}, "https"},
		{directory{claim: "email", issuer: "https://login.example", client: "veille", address: "https://veille.example/x"}, "path"},
		{directory{claim: "email", issuer: "https://login.example", client: "veille", address: "https://veille.example", secretFile: "/dev/null"}, "is empty"},
		{directory{claim: "email", issuer: "https://login.example", client: "veille", address: "https://veille.example", secretFile: "/none"}, "--oidc-secret-file"},
		{directory{claim: "email", issuer: "https://login.example", client: "veille", address: "https://veille.example"}, ""},
	} {
		err := c.directory.check()
		if err == nil {
			_, err = c.directory.open(slog.New(slog.DiscardHandler))
		}
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v; want %q", c.directory, err, c.says)
		}
	}
}
