package cmd_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// visitor is somebody who has signed in.
type visitor struct{ cookies []*http.Cookie }

// visit makes a user with all roles of a collector that has a site already. He follows an invitation, and chooses a password.
func visit(t *testing.T, data, address string) visitor {
	t.Helper()
	do(t, nil, "veille-collector", "user", "add", "--data", data, "--role", "it,officer,web,reader", "reader")
	path := strings.TrimSpace(do(t, nil, "veille-collector", "user", "invite", "--data", data, "reader"))
	return accept(t, strings.TrimSuffix(address, "/"), path)
}

// accept follows an invitation, the address of whose page is path.
func accept(t *testing.T, address, path string) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := plain()
	browser.Jar = jar
	if status, _, text := submit(t, browser, address, path, map[string]string{"password": "un chien jaune sous la pluie fine"}); status != http.StatusOK {
		t.Fatalf("%s: the password was not taken: %d %s", path, status, text)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	me := visitor{jar.Cookies(at)}
	if status, _, text := get(t, plain(), me.at(t, address)); len(me.cookies) == 0 || status != http.StatusOK || strings.Contains(text, `type="password"`) {
		t.Fatalf("not signed in: %d %s", status, text)
	}
	return me
}

// at is an address at which a collector answers this visitor, whoever asks: a browser, a command, a test.
func (v visitor) at(t *testing.T, address string) string {
	t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
			for _, c := range v.cookies {
				r.Out.AddCookie(c)
			}
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("Set-Cookie")
			return nil
		},
	})
	t.Cleanup(s.Close)
	return s.URL + "/"
}

// signIn is an address at which a collector answers a user with all roles.
func signIn(t *testing.T, data, address string) string {
	t.Helper()
	return visit(t, data, address).at(t, address)
}

// submit fills in the first form on a page of ours, and sends it as a browser does that is too old to say more than the origin. That it says
// even that is due to the policy that the page comes with. Fields are named by their types.
func submit(t *testing.T, client *http.Client, address, path string, fields map[string]string) (status int, header http.Header, text string) {
	t.Helper()
	_, header, text = get(t, client, address+path)
	if header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("%s has the policy %q: a browser would name no origin", path, header.Get("Referrer-Policy"))
	}
	page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	form := page.Find("main form[method=post]").First()
	if form.Length() == 0 {
		t.Fatalf("%s has no form: %s", path, text)
	}
	values := url.Values{}
	for _, input := range form.Find("input").EachIter() {
		name, value := input.AttrOr("name", ""), input.AttrOr("value", "")
		if filled, ok := fields[input.AttrOr("type", "text")]; ok {
			value = filled
		}
		if name != "" {
			values.Set(name, value)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+form.AttrOr("action", path), strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", address)
	return answered(t, client, request)
}
