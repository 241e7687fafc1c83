package static_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// asset is a server whose pages want the same files, and counts what it is asked for.
func assets(t *testing.T) (address string, asked func() map[string]int) {
	t.Helper()
	var mu sync.Mutex
	counts := map[string]int{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		counts[r.URL.Path]++
		mu.Unlock()
		switch r.URL.Path {
		case "/s.css":
			w.Header().Set("Content-Type", "text/css")
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			_, _ = fmt.Fprint(w, "p { background: url(b.png) }")
		case "/i.png", "/b.png":
			w.Header().Set("Content-Type", "image/png")
			_, _ = fmt.Fprint(w, strings.Repeat("x", 5000))
		case "/large.png":
			w.Header().Set("Content-Type", "image/png")
			_, _ = fmt.Fprint(w, strings.Repeat("x", 300_000))
		case "/short.png": // says more than it sends
			w.Header().Set("Content-Length", "9000")
			_, _ = fmt.Fprint(w, "x")
		case "/gone.js":
			http.NotFound(w, r)
		case "/old.js":
			http.Redirect(w, r, "/s.js", http.StatusFound)
		case "/s.js":
			_, _ = fmt.Fprint(w, "1")
		default:
			w.Header().Set("Content-Type", "text/html")
			_, _ = fmt.Fprint(w, "<link rel=stylesheet href=s.css><p>x<img src=i.png><img src=large.png><img src=short.png><script src=gone.js></script><script src=old.js></script>")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		was := counts
		counts = map[string]int{}
		return was
	}
}

func TestWhatPagesShareIsAskedForOnceAndCountedOnEach(t *testing.T) {
	address, asked := assets(t)
	alone := static.New(static.Options{AllowPrivate: true})
	defer alone.Close()
	want, err := alone.Look(t.Context(), address+"/1")
	if err != nil {
		t.Fatal(err)
	}
	first := asked()
	m := static.New(static.Options{AllowPrivate: true, Shared: 1 << 20})
	defer m.Close()
	for i := range 4 {
		got, err := m.Look(t.Context(), address+"/1")
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*web.Sight{got, want} {
			for i := range s.Exchanges { // which of two has the cookie of the other depends on who comes first
				s.Exchanges[i].Header.Del("Date")
				s.Exchanges[i].Asked = 0
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("look %d: %+v; want %+v", i, got, want)
		}
		expected := map[string]int{"/1": 1, "/large.png": 1, "/short.png": 1, "/gone.js": 1, "/old.js": 1}
		if i == 0 {
			expected = first
		}
		if a := asked(); !reflect.DeepEqual(a, expected) {
			t.Errorf("look %d asked for %v; want %v", i, a, expected)
		}
	}
}

func TestWhatIsKeptForOtherPagesHasAnEnd(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".png") {
			w.Header().Set("Content-Type", "image/png")
			_, _ = fmt.Fprint(w, strings.Repeat("x", 50_000))
			return
		}
		w.Header().Set("Content-Type", "text/html")
		for i := range 20 {
			_, _ = fmt.Fprintf(w, "<img src=%s-%d.png>", r.URL.Path, i)
		}
	}))
	t.Cleanup(s.Close)
	m := static.New(static.Options{AllowPrivate: true, Shared: 1 << 20})
	defer m.Close()
	for i := range 10 {
		if _, err := m.Measure(t.Context(), fmt.Sprintf("%s/%d", s.URL, i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.Held(); n > 1<<20 || n < 1<<19 {
		t.Errorf("%d bytes are kept", n)
	}
}
