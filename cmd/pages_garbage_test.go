package cmd_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// nasty are values that no page of ours writes into an address or a form, percent-encoded as a client may send them.
func nasty() []string {
	list := []string{
		"", "%00", "a%00b", "%ff%fe", "%C0%AF", "%ED%A0%80", "..%2F..%2Fetc%2Fpasswd", "%2e%2e%5c", "'%20OR%20'1'='1", "%22;DROP%20TABLE%20site;--",
		"%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Csvg%20onload=alert(1)%3E", "%7B%7B.%7D%7D", "%25s%25n%25d", "9223372036854775807", "9223372036854775808", "-1",
		"-9223372036854775808", "1e309", "0x10", "%2B1", "01", "1.5", "NaN", "2026-13", "0000-00", "9999-12", "2026-11-31", "0001-01", "2026-11%0a", "[]", "null", "true",
		"%D9%A1%D9%A2", "%EF%BC%91", "%E2%80%AE", "%F0%9F%92%A9", "%0d%0aSet-Cookie:%20a=b", "https://elsewhere.example/", "//elsewhere.example", "/%5Celsewhere.example", "javascript:alert(1)",
		"1;2", "1&1", "1%2C2", "*", "%25", "en", "fr",
	}
	return append(list, strings.Repeat("a", 6000), strings.Repeat("%3C", 2000), strings.Repeat("9", 400))
}

// parameters are all that some page reads.
func parameters() []string {
	return []string{"to", "page", "page2", "simulated", "lang", "url", "key", "show", "reason", "site", "done", "queued", "secret", "state", "code", "token", "x"}
}

// seed is an address of each kind of page, as the router has them.
func seeds(r *province) []string {
	a := r.webA[0]
	return []string{
		"/", "/sites", "/sites/1", "/sites/1/groups/1", "/sites/1/hours", "/levers", "/actions", fmt.Sprintf("/actions/%d", r.action-1), "/equipment", "/machines", "/machines/kinds", "/machines/1",
		"/settings", "/settings/organisation", "/settings/sites", "/settings/calendars", "/settings/prices", "/settings/factors", "/settings/targets", "/settings/actions",
		"/settings/equipment", "/settings/users", "/settings/tokens", "/settings/metering", "/data", "/method", "/accessibility", "/eco-design", "/public/sites", "/public/sites/1", "/sign-in", "/sign-in/callback",
		"/invite", "/web", fmt.Sprintf("/web/%d", a), fmt.Sprintf("/web/%d/pages", a), fmt.Sprintf("/web/%d/practices", a), fmt.Sprintf("/web/%d/rules", a), fmt.Sprintf("/web/%d/rgesn", a),
		fmt.Sprintf("/web/%d/templates", a), fmt.Sprintf("/web/%d/history", a), fmt.Sprintf("/web/%d/page", a), fmt.Sprintf("/web/%d/page/practices", a), fmt.Sprintf("/web/%d/page/history", a),
		fmt.Sprintf("/web/%d/badge.svg", a), fmt.Sprintf("/web/%d/data.json", a), fmt.Sprintf("/web/%d/page.json", a), "/csv/months/", "/csv/sites/sites", "/csv/months/sites/1", "/csv/levers/levers",
		"/csv/prices/settings/prices", "/api/v1/overview", "/api/v1/sites", "/api/v1/sites/1", "/api/v1/levers", "/api/v1/machines/1", "/api/v1/settings/sites",
		fmt.Sprintf("/api/v1/web/%d", a), fmt.Sprintf("/api/v1/web/%d/page", a), "/api/v1/public/sites/1", "/robots.txt",
	}
}

// mostAnswer is how large an answer to nonsense may be, in bytes.
const mostAnswer = 200_000

// unharmed looks at the answer to nonsense: no trouble, not long, and nothing of it where a browser would take it for markup.
func unharmed(t *testing.T, what, value string, a reply) {
	t.Helper()
	if a.status >= http.StatusInternalServerError || len(a.text) > mostAnswer {
		t.Errorf("%.200s is answered %d with %d bytes: %.300s", what, a.status, len(a.text), a.text)
	}
	plainly, err := url.QueryUnescape(value)
	if err != nil {
		plainly = value
	}
	if strings.ContainsAny(plainly, "<>\"") && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && plainly != html.EscapeString(plainly) && strings.Contains(a.text, plainly) {
		t.Errorf("%.200s is answered with it as it is: %.300s", what, a.text)
	}
	if a.header.Get("Set-Cookie") == "a=b" || strings.Contains(a.header.Get("Location"), "//elsewhere") || strings.Contains(a.header.Get("Location"), "\\elsewhere") {
		t.Errorf("%.200s is answered with the header %v", what, a.header)
	}
}

func TestNoNonsenseInAnAddressOrAFormBreaksAPage(t *testing.T) {
	t.Parallel()
	r := newProvince(t, "30", "60")
	t.Run("Parameters", r.nonsenseInParameters)
	t.Run("Paths", r.nonsenseInPaths)
	t.Run("Forms", r.nonsenseInForms)
	t.Run("SignIn", r.nonsenseAtTheDoor)
	if a := r.page(t, r.people["all"], "/?lang=en"); a.status != http.StatusOK || !strings.Contains(a.text, "Overview") {
		t.Errorf("afterwards the first page is answered %d", a.status)
	}
	if log := r.running.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "page not shown") || strings.Contains(log, "page not written") {
		t.Errorf("the log says %.3000s", log)
	}
}

// nonsenseInParameters asks for each page with each parameter; of the values each pair of page and parameter gets some, and all pairs together all of them many times.
func (r *province) nonsenseInParameters(t *testing.T) {
	values, me, n := nasty(), r.people["all"], 0
	for _, path := range seeds(r) {
		for _, name := range parameters() {
			for range 3 {
				value := values[n%len(values)]
				n++
				for _, query := range []string{name + "=" + value, name + "=1&" + name + "=" + value + "&" + name + "[]=" + value}[:1+n%2] {
					what := path + "?" + query
					unharmed(t, what, value, r.page(t, me, what))
				}
			}
		}
	}
	for _, query := range []string{"%zz", "=&=&=", ";;;", "a;b", strings.Repeat("to=1&", 2000), "%3Cscript%3E=1"} {
		for _, path := range seeds(r) {
			unharmed(t, path+"?"+query, query, r.raw(t, me, path, query))
		}
	}
}

// raw asks for an address whose query is sent as it is.
func (r *province) raw(t *testing.T, p person, path, query string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.RawQuery = query
	status, header, text := answered(t, p.browser, request)
	return reply{status, header, text}
}

func (r *province) nonsenseInPaths(t *testing.T) {
	me := r.people["all"]
	for _, value := range nasty() {
		value = url.PathEscape(unescaped(value))
		for _, path := range []string{
			"/sites/%s", "/sites/1/groups/%s", "/sites/%s/groups/1", "/sites/%s/hours", "/machines/%s", "/actions/%s", "/public/sites/%s", "/settings/%s", "/web/%s", "/web/%s/pages", "/web/1/%s",
			"/csv/%s/sites/1", "/csv/months/sites/%s", "/csv/months/%s", "/csv/%s/", "/api/v1/%s", "/api/v1/sites/%s", "/api/v1/machines/%s", "/api/v1/web/%s/page", "/%s", "/assets/%s",
		} {
			what := fmt.Sprintf(path, value)
			unharmed(t, what, value, r.page(t, me, what))
		}
	}
}

// unescaped is a value as a form or a path has it before it is encoded.
func unescaped(value string) string {
	if text, err := url.QueryUnescape(value); err == nil {
		return text
	}
	return value
}

func (r *province) nonsenseInForms(t *testing.T) {
	me, values, n, read := r.people["all"], nasty(), 0, 0
	for _, page := range []string{"organisation", "sites", "calendars", "prices", "factors", "targets", "actions", "equipment", "users", "tokens", "metering"} {
		forms := r.page(t, me, "/settings/"+page+"?lang=en").doc(t).Find("main form[method=post]")
		for _, form := range forms.EachIter() {
			base := filled(form)
			for field := range base {
				if field == "token" || strings.HasPrefix(base.Get("do"), "user ") && field == "user" {
					continue
				}
				for range 8 {
					value := unescaped(values[n%len(values)])
					n++
					sent := url.Values{}
					for name, old := range base {
						sent.Set(name, ordinary(name, old[0]))
					}
					sent.Del("sure") // nothing is taken away, so that each form stays
					sent[field] = []string{value, value}
					what := fmt.Sprintf("/settings/%s: %s with %s = %.60q", page, base.Get("do"), field, value)
					a := r.send(t, me.browser, http.MethodPost, form.AttrOr("action", ""), nil, sent)
					unharmed(t, what, value, a)
					if a.status == http.StatusUnprocessableEntity || a.status == http.StatusSeeOther {
						read++
					}
				}
			}
		}
	}
	if read < 200 {
		t.Errorf("only %d forms were read", read)
	}
	token := r.page(t, me, "/machines/1").doc(t).Find("main input[name=token]").AttrOr("value", "")
	for _, value := range values {
		value = unescaped(value)
		for path, form := range map[string]url.Values{
			"/machines/1": {"reason": {value}, "part": {value}, "token": {token}}, fmt.Sprintf("/web/%d/measure", r.webA[0]): {"url": {value}, "token": {token}},
		} {
			unharmed(t, path+" with "+value, value, r.send(t, me.browser, http.MethodPost, path, nil, form))
			form.Set("reason", "because of "+value)
			unharmed(t, path+" because of "+value, value, r.send(t, me.browser, http.MethodPost, path, nil, form))
		}
	}
}

func (r *province) nonsenseAtTheDoor(t *testing.T) {
	for _, value := range nasty() {
		text := unescaped(value)
		nobody := person{browser: plain()}
		nobody.browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for what, form := range map[string]url.Values{
			"/sign-in":  {"name": {text}, "password": {text}, "to": {text}},
			"/invite":   {"password": {text}, "again": {text}, "secret": {text}},
			"/sign-out": {"lang": {text}},
		} {
			unharmed(t, what, value, r.send(t, nobody.browser, http.MethodPost, what, nil, form))
		}
		for _, path := range []string{"/sign-in?to=" + value, "/sign-in?lang=" + value, "/invite?secret=" + value, "/sign-in/callback?state=" + value + "&code=" + value, "/sites?to=" + value} {
			unharmed(t, path, value, r.page(t, nobody, path))
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.address+"/api/v1/overview", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+url.QueryEscape(text))
		request.Header.Set("Cookie", "veille="+url.QueryEscape(text))
		request.Header.Set("Accept-Language", url.QueryEscape(text))
		status, header, body := answered(t, plain(), request)
		unharmed(t, "a key "+text, value, reply{status, header, body})
		if status != http.StatusUnauthorized {
			t.Errorf("the key %.60q is answered %d", text, status)
		}
	}
}
