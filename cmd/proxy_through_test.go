package cmd_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// claiming says on each request that it comes from another address, a new one each time.
type claiming struct {
	http.RoundTripper
	times int
}

// RoundTrip adds what is claimed.
func (c *claiming) RoundTrip(r *http.Request) (*http.Response, error) {
	c.times++
	r = r.Clone(r.Context())
	for _, name := range []string{"X-Forwarded-For", "X-Real-Ip"} {
		r.Header.Set(name, fmt.Sprintf("203.0.113.%d", c.times))
	}
	return c.RoundTripper.RoundTrip(r)
}

// tray remembers the cookies that are set.
type tray struct {
	http.RoundTripper
	cookies []*http.Cookie
}

// RoundTrip looks at the answer.
func (c *tray) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.RoundTripper.RoundTrip(r)
	if err == nil {
		c.cookies = append(c.cookies, response.Cookies()...)
	}
	return response, err
}

// guess tries a wrong password from an address, and answers what the page says to that.
func (f *front) guess(t *testing.T, from string, times int) (said string) {
	t.Helper()
	client := f.client(from)
	client.Transport = &claiming{RoundTripper: client.Transport}
	for n := range times {
		status, _, text := submit(t, client, f.address(), "/sign-in?lang=en", map[string]string{"text": fmt.Sprint("nobody ", from, n), "password": "guess"})
		page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
		if err != nil || status != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong password is answered %d, %v: %s", status, err, text)
		}
		said = page.Find("main").Text()
	}
	return said
}

// browser is one that somebody has signed in with, who followed an invitation.
func (f *front) browser(t *testing.T, data string) *http.Client {
	t.Helper()
	do(t, nil, "veille-collector", "user", "add", "--data", data, "--role", "it,officer", "reader")
	path := strings.TrimSpace(do(t, nil, "veille-collector", "user", "invite", "--data", data, "reader"))
	client := f.client(someone)
	client.CheckRedirect = nil
	baked := &tray{RoundTripper: client.Transport}
	client.Transport = baked
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client.Jar = jar
	if status, _, text := submit(t, client, f.address(), path, map[string]string{"password": "un chien jaune sous la pluie fine"}); status != http.StatusOK {
		t.Fatalf("%s: the password was not taken: %d %s", path, status, text)
	}
	for _, c := range baked.cookies {
		if !c.Secure || !c.HttpOnly || !strings.HasPrefix(c.Name, "__Host-veille") {
			t.Errorf("the cookie %+v could travel without encryption", c)
		}
	}
	return client
}

// cookies are what a browser sends to this server.
func (f *front) cookies(t *testing.T, client *http.Client) (names string) {
	t.Helper()
	to, err := url.Parse(f.address() + "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range client.Jar.Cookies(to) {
		names += c.Name
	}
	return names
}

// send posts a form of a page to somebody who has signed in, with a file where there is one.
func (f *front) send(t *testing.T, client *http.Client, page, to string, fields map[string]string, file []byte) (status int, text string) {
	t.Helper()
	_, _, shown := get(t, client, f.address()+page)
	document, err := goquery.NewDocumentFromReader(strings.NewReader(shown))
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("token", document.Find("input[name=token]").First().AttrOr("value", ""))
	for name, value := range fields {
		_ = form.WriteField(name, value)
	}
	if file != nil {
		part, err := form.CreateFormFile("file", "devices.csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(file)
	}
	_ = form.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.address()+to, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", f.address())
	status, _, text = answered(t, client, r)
	return status, text
}

func TestAgentsAndReadersComeThroughAReverseProxy(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"nginx", "caddy"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			data, own := t.TempDir(), filepath.Join(t.TempDir(), "agent")
			_, address, token := site(t, data, "1")
			f := newFront(t, kind, strings.Trim(strings.TrimPrefix(address, "http:"), "/"))
			do(t, []string{"VEILLE_TOKEN=" + token}, "veille-agent", "enrol", "--data", own, "--collector", f.address(), "--ca", f.cert, "--use", "server")
			agent := start(t, false, "veille-agent", "run", "--data", own, "--ca", f.cert, "--period", "1s", "--post-every", "1s")

			client := f.browser(t, data)
			if sent := f.cookies(t, client); sent != "__Host-veille" {
				t.Errorf("signed in with the cookie %q", sent)
			}
			f.looks(t, client)
			f.uploads(t, client)
			if said := f.guess(t, someone, 22); !strings.Contains(said, "minute") {
				t.Errorf("after 22 wrong passwords the page says %q", said)
			}
			if said := f.guess(t, "127.0.0.10", 1); strings.Contains(said, "minute") {
				t.Errorf("somebody elsewhere is told %q", said)
			}
			until(t, "an hour on the page", func() bool {
				_, _, text := get(t, client, f.address()+"/sites/1/hours")
				page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
				return err == nil && page.Find("tbody tr").Length() > 0
			})
			if status := agent.end(t, os.Interrupt); status != 0 || strings.Contains(agent.log.String(), "not delivered") {
				t.Errorf("the agent: exit %d\n%s", status, agent.log)
			}
			if status, text := f.send(t, client, "/?lang=en", "/sign-out", nil, nil); status != http.StatusOK || f.cookies(t, client) != "" || !strings.Contains(text, `type="password"`) {
				t.Errorf("signed out: %d %s, cookies %q", status, text, f.cookies(t, client))
			}
			if said := f.tells(t); said != "" {
				t.Error(said)
			}
		})
	}
}

// looks wants pages by HTTP/2, a way from http to https, and no figures of the collector's own.
func (f *front) looks(t *testing.T, client *http.Client) {
	t.Helper()
	for path, want := range map[string]int{"/": http.StatusOK, "/healthz": http.StatusOK, "/ping": http.StatusNoContent, "/metrics": http.StatusNotFound} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.address()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want || response.ProtoMajor != 2 {
			t.Errorf("%s is answered %s %s", path, response.Proto, response.Status)
		}
	}
	answer, err := say(t, f.open, nil, "GET /web?lang=fr HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	if err != nil || !strings.HasPrefix(answer, "HTTP/1.1 30") || !strings.Contains(answer, "ocation: https://localhost") || !strings.Contains(answer, "/web?lang=fr\r\n") {
		t.Errorf("without encryption: %v, %s", err, answer)
	}
}

// uploads wants a table of the size that the collector takes to be taken, and one beyond it to be refused.
func (f *front) uploads(t *testing.T, client *http.Client) {
	t.Helper()
	const page, head = "/settings/equipment?lang=en", "site;class;bought;as;count\nLycée;desktop;2020-09;new;3\n"
	fields := map[string]string{"do": "inventory import", "dry-run": "yes"}
	table := head + strings.Repeat("\n", 6<<20-10_000)
	if status, text := f.send(t, client, page, page, fields, []byte(table)); status != http.StatusOK || !strings.Contains(text, "would") {
		t.Errorf("a table of %d bytes is answered %d: %s", len(table), status, notice(text))
	}
	for _, more := range []int{1 << 20, 3 << 20} {
		if status, text := f.send(t, client, page, page, fields, []byte(table+strings.Repeat("\n", more))); status != http.StatusBadRequest && status != http.StatusRequestEntityTooLarge {
			t.Errorf("a table of %d bytes is answered %d: %s", len(table)+more, status, notice(text))
		}
	}
}

// notice is what a page of ours says first.
func notice(text string) string {
	page, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	return page.Find(".notice").Text() + page.Find("title").Text()
}
