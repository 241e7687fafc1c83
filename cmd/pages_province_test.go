package cmd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/agent/wire"
)

// foreign is in every name that the second organisation has given, and nowhere else.
const foreign = "Zanzibar"

// province is a collector with two organisations: A, whose machines are simulated, and B, which was entered by hand. Each has sites, groups, an action, machines
// and websites.
type province struct {
	running       *process
	data, address string
	people        map[string]person // by name
	siteNames     []string          // of A, by number
	site          int64             // of B
	action, web   int64             // of B
	webA          []int64           // of A: of all of it, of its second site
}

// person is a user: on the pages by a session, and over the API by a key.
type person struct {
	name, key string
	browser   *http.Client
	cookies   []*http.Cookie
}

// newProvince makes it, with users that are named after their rights.
func newProvince(t *testing.T, machines, days string) *province {
	t.Helper()
	r := &province{data: filepath.Join(t.TempDir(), "data"), people: map[string]person{}, siteNames: make([]string, 2)}
	to := time.Now().UTC().AddDate(0, 0, -2).Format(time.DateOnly)
	do(t, nil, "veille-fleet", "simulate", "--machines", machines, "--sites", "2", "--days", days, "--to", to, "--through", "store", "--roll-up-every", "28",
		"--organisation", "Région Corail", "--data", r.data)
	r.running = start(t, true, "veille-collector", "serve", "--data", r.data, "--listen", "127.0.0.1:0", "--allow-private")
	r.address = strings.TrimSuffix(r.running.first, "/")
	for _, s := range listed[struct {
		Number int64
		Name   string
	}](t, r, "site", "list") {
		r.siteNames[s.Number-1] = s.Name
	}
	newSite(t, r.data, "Région "+foreign, "Lycée "+foreign, "9")
	r.furnish(t)
	for name, more := range map[string][]string{
		"it": {"--role", "it"}, "officer": {"--role", "officer"}, "web": {"--role", "web"}, "reader": {"--role", "reader"},
		"all": {"--role", "it,officer,web,reader"}, "one-site": {"--role", "it,officer,web,reader", "--site", "1"},
		foreign + "-all": {"--role", "it,officer,web,reader"},
	} {
		organisation := "Région Corail"
		if strings.HasPrefix(name, foreign) {
			organisation = "Région " + foreign
		}
		do(t, nil, append([]string{"veille-collector", "user", "add", "--data", r.data, "--organisation", organisation, name}, more...)...)
		r.people[name] = r.enter(t, name)
	}
	return r
}

// furnish enters what the organisations say of themselves, and has a page of each measured.
func (r *province) furnish(t *testing.T) {
	t.Helper()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<!doctype html><title>x</title><p>x"))
	}))
	t.Cleanup(page.Close)
	now := time.Now().UTC()
	past := func(months int) string { return now.AddDate(0, -months, 0).Format("2006-01") }
	site, year := "Lycée "+foreign, now.Format("2006")
	for _, o := range []struct{ name, mark, site string }{{"Région Corail", "Corail", "1"}, {"Région " + foreign, foreign, site}} {
		for _, line := range [][]string{
			{"price", "set", "--from", past(12), "--euro", "0.21", "--tax", "included", "--source", "contract " + o.mark, "--organisation", o.name},
			{"action", "add", "Action " + o.mark, "--measure", "other", "--on", past(2) + "-01", "--baseline", past(4) + ":" + past(3), "--owner", "service " + o.mark, "--organisation", o.name},
			{"target", "add", "--indicator", "outside_share", "--value", "20", "--by", "2030-12", "--note", "note " + o.mark, "--organisation", o.name},
			{"org", "set", "--contact", o.mark + "@example.org", "--organisation", o.name},
			{"page", "add", page.URL + "/" + o.mark, "--allow-private", "--mode", "static", "--name", "Page " + o.mark, "--organisation", o.name},
			{"group", "add", "--site", o.site, "--kind", "room", "Salles " + o.mark},
			{"calendar", "close", "--site", o.site, "--name", "pont " + o.mark, year + "-12-07"},
		} {
			do(t, nil, append([]string{"veille-collector", line[0], line[1], "--data", r.data}, line[2:]...)...)
		}
	}
	do(t, nil, "veille-collector", "page", "add", page.URL+"/autre", "--data", r.data, "--allow-private", "--mode", "static", "--name", "Page de l’autre", "--site", "2", "--organisation", "Région Corail")
	do(t, nil, "veille-collector", "site", "set", "--data", r.data, "--site", "1", "--open=true")
	do(t, nil, "veille-collector", "report", "keep", "--data", r.data, "--organisation", "Région Corail", "--template", "lnr-2019", "--from", past(12), "--to", past(2))
	token := strings.TrimSpace(do(t, nil, "veille-collector", "token", "create", "--data", r.data, "--site", site, "--machines", "2", "--note", "jeton "+foreign))
	enrolment(t, plain(), r.address, token, installKey(77), wire.Server)
	type named struct {
		ID, Number                           int64
		Name, Organisation, Website, Address string
	}
	for _, x := range listed[named](t, r, "action", "list") {
		if strings.Contains(x.Name, foreign) {
			r.action = x.ID
		}
	}
	for _, x := range listed[named](t, r, "site", "list") {
		if strings.Contains(x.Name, foreign) {
			r.site = x.Number
		}
	}
	for _, x := range listed[named](t, r, "website", "list") {
		if number := max(x.Number, x.ID); strings.Contains(x.Name, foreign) {
			r.web = number
		} else {
			r.webA = append(r.webA, number)
		}
	}
	if r.site == 0 || r.action == 0 || r.web == 0 || len(r.webA) != 2 {
		t.Fatalf("not all is there: %+v", r)
	}
	slices.Sort(r.webA)
}

// listed is what a command of the server's command line lists.
func listed[T any](t *testing.T, r *province, words ...string) (list []T) {
	t.Helper()
	text := do(t, nil, append(append([]string{"veille-collector"}, words...), "--json", "--data", r.data)...)
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
		t.Fatalf("%v: %s %v", words, text, err)
	}
	return list
}

// enter lets a user choose a password, and makes him a key.
func (r *province) enter(t *testing.T, name string) person {
	t.Helper()
	v := accept(t, r.address, strings.TrimSpace(do(t, nil, "veille-collector", "user", "invite", "--data", r.data, name)))
	p := person{name: name, key: strings.TrimSpace(do(t, nil, "veille-collector", "user", "key", "--data", r.data, name, "--days", "2")), cookies: v.cookies, browser: plain()}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(r.address)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(at, v.cookies)
	p.browser.Jar = jar
	p.browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p
}

// reply is what was answered.
type reply struct {
	status int
	header http.Header
	text   string
}

// page asks for an address of the pages as somebody who has signed in, in English.
func (r *province) page(t *testing.T, p person, path string) reply {
	t.Helper()
	return r.send(t, p.browser, http.MethodGet, path, nil, nil)
}

// call asks for an address of the API with the key of a user.
func (r *province) call(t *testing.T, p person, path string) reply {
	t.Helper()
	return r.send(t, plain(), http.MethodGet, path, map[string]string{"Authorization": "Bearer " + p.key}, nil)
}

// send sends a request with headers, and a form where one is given.
func (r *province) send(t *testing.T, client *http.Client, method, path string, headers map[string]string, form url.Values) reply {
	t.Helper()
	body := strings.NewReader(form.Encode())
	request, err := http.NewRequestWithContext(t.Context(), method, r.address+path, body)
	if err != nil {
		t.Fatalf("%s %q: %v", method, path, err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Origin", r.address)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	status, header, text := answered(t, client, request)
	return reply{status, header, text}
}

// doc is a page that was answered.
func (a reply) doc(t *testing.T) *goquery.Document {
	t.Helper()
	d, err := goquery.NewDocumentFromReader(strings.NewReader(a.text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// crawl follows each link on the pages of a user, and answers what each address is answered. Lists of the same pages in other words are left out.
func (r *province) crawl(t *testing.T, p person) map[string]reply {
	t.Helper()
	seen, queue := map[string]reply{}, []string{"/"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, ok := seen[path]; ok {
			continue
		}
		a := r.page(t, p, path)
		seen[path] = a
		if a.status != http.StatusOK {
			t.Errorf("%s follows a link to %s: %d %.200s", p.name, path, a.status, a.text)
		}
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range a.doc(t).Find("a[href]").EachIter() {
			to, err := url.Parse(link.AttrOr("href", ""))
			if err != nil {
				t.Fatal(err)
			}
			q := to.Query()
			q.Del("lang")
			if to.IsAbs() || to.Path == "" {
				continue
			}
			next := (&url.URL{Path: to.Path, RawQuery: q.Encode()}).String()
			queue = append(queue, next)
		}
	}
	if len(seen) < 12 {
		t.Fatalf("%s found %d addresses only", p.name, len(seen))
	}
	return seen
}

// apiOf is the address for programs of the page at a path; "" where there is none.
func apiOf(path string) string {
	at, query, _ := strings.Cut(path, "?")
	switch {
	case at == "/":
		at = "/overview"
	case strings.HasPrefix(at, "/web/") && strings.Count(at, "/") > 2 && !strings.HasSuffix(at, "/page"), strings.HasPrefix(at, "/csv/"), strings.HasSuffix(at, ".json"):
		return ""
	case strings.HasPrefix(at, "/settings/templates/"), strings.Contains(at, "/file/"): // files
		return ""
	case !slices.ContainsFunc([]string{"/sites", "/levers", "/what-if", "/reports", "/actions", "/equipment", "/machines", "/settings", "/data", "/public", "/web"}, func(root string) bool {
		return at == root || strings.HasPrefix(at, root+"/")
	}):
		return ""
	}
	if query != "" {
		at += "?" + query
	}
	return "/api/v1" + at
}

// admin gives a command over the API, and answers its JSON.
func (r *province) admin(t *testing.T, p person, command string, flags map[string]any) string {
	t.Helper()
	status, text, err := send(t.Context(), plain(), r.address+"/api/v1/admin/"+strings.ReplaceAll(command, " ", "/"), p.key, map[string]any{"flags": flags})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s: %d %s\n", command, status, text)
}

// state is all that a user with all roles can list of his organisation.
func (r *province) state(t *testing.T, p person, site string) string {
	t.Helper()
	var b strings.Builder
	for _, command := range []string{"org show", "site list", "price list", "factor list", "target list", "action list", "inventory list", "user list", "token list", "website list"} {
		b.WriteString(r.admin(t, p, command, nil))
	}
	for _, command := range []string{"group list", "calendar show", "policy show"} {
		b.WriteString(r.admin(t, p, command, map[string]any{"site": site}))
	}
	if strings.Count(b.String(), ": 200 ") != 13 {
		t.Fatalf("not all lists were answered:\n%s", &b)
	}
	return b.String()
}
