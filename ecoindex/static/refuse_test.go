package static_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

func TestWhatIsNotThePageOfAWebSiteIsRefused(t *testing.T) {
	for _, tt := range []struct{ address, want string }{
		{"", "the address is empty"},
		{"ftp://example.org/", "only http and https"},
		{"file:///etc/passwd", "only http and https"},
		{"javascript:alert(1)", "only http and https"},
		{"http://", "names no host"},
		{"http:///path", "names no host"},
		{"https://:443/", "names no host"},
		{"://", "not an address"},
		{"www.example.org", "does not start with http://"},
		{"//www.example.org/", "does not start with http://"},
		{"localhost:8080", "only http and https"},
		{"http://me:secret@example.org/", "a name or a password"},
		{"http://exa mple.org/", "not an address"},
	} {
		_, err := static.New(static.Options{}).Measure(t.Context(), tt.address)
		wantError(t, err, web.CodeURL, tt.want)
		if err != nil && !strings.Contains(err.Error(), "give an address such as") {
			t.Errorf("%v does not say what to give", err)
		}
	}
}

func wantError(t *testing.T, err error, code web.Code, text string) {
	t.Helper()
	var typed *web.Error
	if !errors.As(err, &typed) || typed.Code != code || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %v; want code %q and %q", err, code, text)
	}
}

func TestAPageThatCannotBeMeasuredSaysWhy(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("<p>more</p>", 1000)); err != nil {
				return
			}
		}
	}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	stuck := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<p>the beginning")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	short := static.Options{RequestTimeout: 100 * time.Millisecond}
	for _, tt := range []struct {
		name    string
		site    site
		options static.Options
		code    web.Code
		text    string
	}{
		{"a missing page", site{}, static.Options{}, web.CodeStatus, "404 Not Found"},
		{"an answer that is not exactly 200", site{"/": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }}, static.Options{}, web.CodeStatus, "204 No Content"},
		{"a picture", site{"/": body("image/png", "x")}, static.Options{}, web.CodeMIME, `"image/png"`},
		{"a redirect to itself", site{"/": redirect("/")}, static.Options{}, web.CodeRedirects, "more than 20 times"},
		{"a redirect out of the web", site{"/": redirect("ftp://example.org/")}, static.Options{}, web.CodeRedirects, "ftp://example.org/"},
		{"an endless page", site{"/": endless}, static.Options{MaxResponse: 1 << 20, MaxParsed: 1 << 24}, web.CodeSize, "larger than the limits"},
		{"an endless page that is parsed", site{"/": endless}, static.Options{MaxParsed: 1 << 16}, web.CodeSize, "larger than the limits"},
		{"a server that says nothing", site{"/": slow}, short, web.CodeTimeout, "in time"},
		{"a server that stops in the middle", site{"/": stuck}, short, web.CodeTimeout, "in time"},
		{"a page too slow as a whole", site{"/": html("<img src=/slow>"), "/slow": slow}, static.Options{PageTimeout: 200 * time.Millisecond}, web.CodeTimeout, "in time"},
		{"too many resources", site{"/": html("<img src=a><img src=b><img src=c>")}, static.Options{MaxResources: 3}, web.CodeSize, "more than 3 requests"},
		{"a bomb", site{"/": bomb(t)}, static.Options{}, web.CodeSize, "larger than the limits"},
		{"elements nested without end", site{"/": html(strings.Repeat("<div>", 600))}, static.Options{}, web.CodeAnswer, "exceeds 512"},
		{"a compression nobody asked for", site{"/": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "lzma")
			html("x")(w, r)
		}}, static.Options{}, web.CodeAnswer, "unknown encoding"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, m := serve(t, tt.site).URL, measurer(t, tt.options)
			_, err := m.Measure(t.Context(), url)
			wantError(t, err, tt.code, tt.text)
			_, err = m.Look(t.Context(), url)
			wantError(t, err, tt.code, tt.text)
		})
	}
}

// bomb is 12 MB of spaces in 12 kB of gzip.
func bomb(t *testing.T) http.HandlerFunc {
	t.Helper()
	return encoded(t, "text/html", "gzip", "<p>"+strings.Repeat(" ", 12<<20))
}

func TestABombAmongTheStyleSheetsIsCountedAndNotRead(t *testing.T) {
	page := measure(t, site{"/": html(`<link rel=stylesheet href=/b.css>`), "/b.css": encoded(t, "text/css", "zstd", strings.Repeat("a{}", 4<<20))})
	if r := page.Resources[1]; r.Bytes == 0 || !strings.Contains(r.Problem, "larger than the limits") {
		t.Errorf("the style sheet is %+v; want its bytes and a problem", r)
	}
}

func TestManyLargeStyleSheetsEndTheMeasure(t *testing.T) {
	sheet := encoded(t, "text/css", "gzip", strings.Repeat("a{}", 100_000))
	s := site{"/": html(`<link rel=stylesheet href=/1><link rel=stylesheet href=/2><link rel=stylesheet href=/3><link rel=stylesheet href=/4><link rel=stylesheet href=/5>`)}
	for _, path := range []string{"/1", "/2", "/3", "/4", "/5"} {
		s[path] = sheet
	}
	url, m := serve(t, s).URL, measurer(t, static.Options{MaxParsed: 300_000})
	_, err := m.Measure(t.Context(), url)
	wantError(t, err, web.CodeSize, "style sheets and inner documents")
	_, err = m.Look(t.Context(), url)
	wantError(t, err, web.CodeSize, "style sheets and inner documents")
}

func TestNobodyAtTheAddress(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	m := measurer(t, static.Options{})
	_, err = m.Measure(t.Context(), "http://"+address)
	wantError(t, err, web.CodeConnect, "connection refused")
	_, err = m.Measure(t.Context(), "http://name.invalid/")
	wantError(t, err, web.CodeDNS, `"name.invalid"`)
}

func TestAServerWithoutAValidCertificateIsRefused(t *testing.T) {
	server := serve(t, site{"/": html("x")})
	_, err := measurer(t, static.Options{}).Measure(t.Context(), "https"+strings.TrimPrefix(server.URL, "http"))
	wantError(t, err, web.CodeTLS, "check the certificate")
	unknown := httptest.NewUnstartedServer(site{"/": html("x")})
	unknown.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	_, err = measurer(t, static.Options{}).Measure(t.Context(), unknown.URL)
	wantError(t, err, web.CodeTLS, "unknown authority")
}

func TestTheCallerCanStop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stop := site{"/": func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }}
	_, err := measurer(t, static.Options{}).Measure(ctx, serve(t, stop).URL)
	wantError(t, err, web.CodeCancelled, "stopped")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not wrap context.Canceled", err)
	}
}

func TestPrivateAddressesAreRefusedWhateverLedThere(t *testing.T) {
	asked := false
	server := serve(t, site{"/": func(w http.ResponseWriter, r *http.Request) { asked = true; html("secret")(w, r) }})
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	m := static.New(static.Options{})
	t.Cleanup(m.Close)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "[fd00:ec2::254]"} {
		_, err := m.Measure(t.Context(), "http://"+host+port)
		wantError(t, err, web.CodePrivate, "not on the public internet")
		_, err = m.Look(t.Context(), "http://"+host+port)
		wantError(t, err, web.CodePrivate, "not on the public internet")
		_, err = m.Fetch(t.Context(), "http://"+host+port+"/robots.txt", 1000)
		wantError(t, err, web.CodePrivate, "not on the public internet")
		_, _, err = m.Changed(t.Context(), "http://"+host+port, static.Validators{ETag: `"x"`})
		wantError(t, err, web.CodePrivate, "not on the public internet")
	}
	if asked {
		t.Error("the server was asked all the same")
	}
}
