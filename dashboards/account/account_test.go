package account_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/signin"
	"veille/dashboards/account"
	"veille/dashboards/frame"
)

// keeper lets in whoever gives the password "right", and answers err where there is one.
type keeper struct {
	err         error
	noDirectory bool
	asked       []string
}

func (k *keeper) tell(format string, args ...any) error {
	k.asked = append(k.asked, fmt.Sprintf(format, args...))
	return k.err
}

func (k *keeper) Password(_ context.Context, name, password string, from netip.Addr) (string, error) {
	if password != "right" && k.err == nil {
		return "", signin.ErrWrong
	}
	return "new", k.tell("password of %s from %s", name, from)
}
func (k *keeper) Leave(_ context.Context, secret string) error { return k.tell("leave %s", secret) }

func (k *keeper) Invited(_ context.Context, secret string) (collector.User, error) {
	if secret != "come-in" {
		return collector.User{}, signin.ErrExpired
	}
	return collector.User{ID: 1, Name: "ada"}, nil
}

func (k *keeper) Accept(_ context.Context, secret, password string) (string, error) {
	return "new", k.tell("accept %s: %s", secret, password)
}
func (k *keeper) HasDirectory() bool { return !k.noDirectory }
func (k *keeper) Begin(context.Context) (string, string, error) {
	return "https://directory.example/authorize?x=1", "sealed", k.tell("begin")
}

func (k *keeper) Finish(_ context.Context, state, returned, code string) (string, error) {
	return "new", k.tell("finish %s %s %s", state, returned, code)
}

// site is the pages of a keeper, as dashboards serve them: somebody with the cookie "old" has signed in.
func site(t testing.TB, k *keeper) http.Handler {
	t.Helper()
	f, err := frame.New(slog.New(slog.NewTextHandler(t.Output(), nil)), account.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	account.New(k).Mount(f, mux)
	f.StyleRoutes(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		frame.Protect(w.Header())
		reader := frame.Reader{}
		if frame.Secret(r) == "old" {
			reader = frame.Reader{User: &collector.User{ID: 1, Name: "ada", Roles: collector.Roles()}, Token: "token"}
		}
		mux.ServeHTTP(w, r.WithContext(frame.With(r.Context(), reader)))
	})
}

// request is one of a browser with cookies, "name=value".
func request(t testing.TB, method, address string, form url.Values, cookies ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		name, value, _ := strings.Cut(c, "=")
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	r.RemoteAddr = "192.0.2.7:4444"
	return r
}

// reply is an answer that was read.
type reply struct {
	StatusCode int
	Header     http.Header
	Text       string
	Cookies    []*http.Cookie
}

func answer(t testing.TB, k *keeper, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	site(t, k).ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "[account.") {
		t.Errorf("words are missing: %s", w.Body)
	}
	cookies := (&http.Response{Header: w.Header()}).Cookies()
	return reply{w.Code, w.Header(), w.Body.String(), cookies}
}

// given is the cookies that an answer gives, "name=value"; "name=" for one that it takes back.
func given(a reply) []string {
	var all []string
	for _, c := range a.Cookies {
		all = append(all, c.Name+"="+c.Value)
	}
	return all
}

func expect(t *testing.T, a reply, status int, location string, cookies ...string) {
	t.Helper()
	if got := given(a); a.StatusCode != status || a.Header.Get("Location") != location || !slices.Equal(got, cookies) {
		t.Errorf("%d to %q with %v; want %d to %q with %v", a.StatusCode, a.Header.Get("Location"), got, status, location, cookies)
	}
}

func TestWhoeverSignsInGoesWhereHeWantedTo(t *testing.T) {
	k := &keeper{}
	form := url.Values{"name": {" ada "}, "password": {"right"}, "to": {"/sites/3?lang=fr&from=2026-01"}}
	expect(t, answer(t, k, request(t, "POST", "/sign-in?lang=fr", form)), http.StatusSeeOther, "/sites/3?lang=fr&from=2026-01", "veille=new")
	form.Set("to", "https://example.org/")
	expect(t, answer(t, k, request(t, "POST", "/sign-in?lang=fr", form)), http.StatusSeeOther, "/?lang=fr", "veille=new")
	if want := "password of ada from 192.0.2.7"; k.asked[0] != want {
		t.Errorf("asked %q, want %q", k.asked[0], want)
	}
}

func TestTheSessionBeforeEndsWhenSomebodySignsIn(t *testing.T) {
	for _, cookie := range []string{"old", "stale"} {
		k := &keeper{}
		form := url.Values{"name": {"ada"}, "password": {"right"}, "token": {"token"}}
		expect(t, answer(t, k, request(t, "POST", "/sign-in?lang=en", form, "veille="+cookie)), http.StatusSeeOther, "/?lang=en", "veille=new")
		if !slices.Contains(k.asked, "leave "+cookie) {
			t.Errorf("asked %v; want that %s leaves", k.asked, cookie)
		}
	}
	k := &keeper{}
	expect(t, answer(t, k, request(t, "GET", "/sign-in/callback?state=s&code=c", nil, "veille=old", "veille-directory=sealed.en.")), http.StatusSeeOther, "/?lang=en", "veille-directory=", "veille=new")
	if want := []string{"finish sealed s c", "leave old"}; !slices.Equal(k.asked, want) {
		t.Errorf("asked %v, want %v", k.asked, want)
	}
}

func TestEachErrorIsToldInTheLanguageOfTheReaderAndGivesNoCookie(t *testing.T) {
	for _, tt := range []struct {
		err    error
		en, fr string
	}{
		{signin.ErrWrong, "The name or the password is wrong.", "Le nom ou le mot de passe est faux."},
		{signin.LockedError{Minutes: 1}, "in one minute", "dans une minute"},
		{signin.LockedError{Minutes: 15}, "in 15 minutes", "dans 15 minutes"},
		{fmt.Errorf("sign in: %w", signin.ErrBusy), "in a few seconds", "dans quelques secondes"},
		{signin.ErrForeign, "no user of that name", "pas d’utilisateur de ce nom"},
		{signin.ErrSilent, "does not answer", "ne répond pas"},
		{signin.ErrExpired, "used or expired", "utilisée ou expirée"},
		{signin.WeakError{Why: "short"}, "too short", "trop court"},
		{signin.WeakError{Why: "long"}, "too long", "trop long"},
		{signin.WeakError{Why: "known"}, "common words", "mots courants"},
		{signin.WeakError{Why: "name"}, "more than your user name", "plus que votre nom"},
		{signin.WeakError{Why: "another"}, "too easy to guess", "trop facile à deviner"},
	} {
		for _, language := range []string{"en", "fr"} {
			a := answer(t, &keeper{err: tt.err}, request(t, "POST", "/sign-in?lang="+language, url.Values{"name": {"<ada>"}, "password": {"hunter2"}, "to": {"/sites"}}))
			expect(t, a, http.StatusUnprocessableEntity, "")
			text := a.Text
			want := map[string]string{"en": tt.en, "fr": tt.fr}[language]
			if _, alert, _ := strings.Cut(text, `role="alert">`); !strings.Contains(strings.SplitN(alert, "<", 2)[0], want) {
				t.Errorf("%v: the alert lacks %q", tt.err, want)
			}
			if !strings.Contains(text, `value="&lt;ada&gt;"`) || !strings.Contains(text, `name="to" value="/sites"`) || strings.Contains(text, "hunter2") {
				t.Errorf("%v: the form keeps the name and where to go, and no password: %s", tt.err, text)
			}
		}
	}
}

func TestATroubleOfOursIsNotShown(t *testing.T) {
	trouble := errors.New("disk full")
	for _, r := range []*http.Request{
		request(t, "POST", "/sign-in", url.Values{}),
		request(t, "GET", "/sign-in/directory", nil),
		request(t, "GET", "/sign-in/callback?state=s&code=c", nil, "veille-directory=sealed.en."),
	} {
		a := answer(t, &keeper{err: trouble}, r)
		if text := a.Text; a.StatusCode != http.StatusInternalServerError || strings.Contains(text, "disk") {
			t.Errorf("%s: %d, %s", r.URL, a.StatusCode, text)
		}
	}
}

func TestCookiesAreKeptFromScriptsOtherSitesAndPlainConnections(t *testing.T) {
	form := url.Values{"name": {"ada"}, "password": {"right"}}
	for _, address := range []string{"/sign-in", "/sign-in/directory", "/invite?secret=come-in"} {
		for _, encrypted := range []bool{false, true} {
			method := "GET"
			if address == "/sign-in" {
				method = "POST"
			}
			r := request(t, method, address, form)
			prefix := ""
			if encrypted {
				r.TLS, prefix = &tls.ConnectionState{}, "__Host-"
			}
			all := answer(t, &keeper{}, r).Cookies
			if len(all) != 1 {
				t.Fatalf("%s: %v; want one cookie", address, all)
			}
			if c := all[0]; !strings.HasPrefix(c.Name, prefix+"veille") || c.Secure != encrypted || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 {
				t.Errorf("%s, encrypted %t: %v", address, encrypted, c)
			}
		}
	}
}

func TestFormsOfOthersDoNothing(t *testing.T) {
	right := url.Values{"name": {"ada"}, "password": {"right"}, "again": {"right"}}
	with := func(token string) url.Values {
		v := url.Values{"token": {token}}
		maps.Copy(v, right)
		return v
	}
	for _, path := range []string{"/sign-in", "/sign-out", "/invite"} {
		for name, change := range map[string]func() *http.Request{
			"another site": func() *http.Request {
				r := request(t, "POST", path, right, "veille-invitation=come-in")
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				return r
			},
			"another origin": func() *http.Request {
				r := request(t, "POST", path, right, "veille-invitation=come-in")
				r.Header.Set("Origin", "https://example.org")
				return r
			},
			"no origin": func() *http.Request {
				r := request(t, "POST", path, right, "veille-invitation=come-in")
				r.Header.Set("Origin", "null")
				return r
			},
			"no token": func() *http.Request {
				return request(t, "POST", path, right, "veille=old", "veille-invitation=come-in")
			},
			"wrong token": func() *http.Request {
				return request(t, "POST", path, with("x"), "veille=old", "veille-invitation=come-in")
			},
		} {
			k := &keeper{}
			a := answer(t, k, change())
			if a.StatusCode != http.StatusForbidden || len(k.asked) != 0 || len(a.Cookies) != 0 {
				t.Errorf("%s of %s: %d, asked %v, gave %v; want 403 and nothing", path, name, a.StatusCode, k.asked, a.Cookies)
			}
		}
		k := &keeper{}
		r := request(t, "POST", path, with("token"), "veille=old", "veille-invitation=come-in")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if a := answer(t, k, r); a.StatusCode != http.StatusSeeOther {
			t.Errorf("%s of ours: %d; want 303", path, a.StatusCode)
		}
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"PUT", "/sign-in", 405},
		{"DELETE", "/sign-out", 405},
		{"GET", "/sign-out", 404},
		{"POST", "/sign-in/directory", 405},
		{"POST", "/sign-in/callback", 405},
		{"PUT", "/invite", 405},
		{"GET", "/csv/x/sign-in", 404},
	} {
		k := &keeper{}
		if a := answer(t, k, request(t, tt.method, tt.path, nil, "veille=old")); a.StatusCode != tt.want || len(k.asked) != 0 {
			t.Errorf("%s %s: %d, asked %v; want %d", tt.method, tt.path, a.StatusCode, k.asked, tt.want)
		}
	}
}

func TestSigningOutEndsTheSessionAndTakesTheCookieBack(t *testing.T) {
	k := &keeper{}
	a := answer(t, k, request(t, "POST", "/sign-out", url.Values{"token": {"token"}, "lang": {"fr"}}, "veille=old"))
	expect(t, a, http.StatusSeeOther, "/sign-in?lang=fr", "veille=")
	if c := a.Cookies; c[0].MaxAge >= 0 || !slices.Equal(k.asked, []string{"leave old"}) {
		t.Errorf("cookie %v, asked %v", c, k.asked)
	}
	expect(t, answer(t, &keeper{}, request(t, "POST", "/sign-out", url.Values{"lang": {"//x"}})), http.StatusSeeOther, "/sign-in?lang=en", "veille=")
	stuck := answer(t, &keeper{err: errors.New("disk full")}, request(t, "POST", "/sign-out", url.Values{"token": {"token"}}, "veille=old"))
	expect(t, stuck, http.StatusInternalServerError, "") // the session is not over, and the page does not say so
}
