package cmd_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"veille/dashboards"
)

// hasChromium tells whether a browser is there, and fails where one must be.
func hasChromium(t *testing.T) bool {
	t.Helper()
	_, err := exec.LookPath("chromium")
	if err != nil && required("browser") {
		t.Fatalf("%v; make test installs it", err)
	}
	return err == nil
}

// bait is a server that counts who connects to it.
type bait struct {
	*httptest.Server
	met atomic.Int64
}

// newBait listens on an address.
func newBait(t *testing.T, listen string, answer http.HandlerFunc) *bait {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", listen)
	if err != nil {
		t.Fatal(err)
	}
	b := &bait{}
	b.Server = httptest.NewUnstartedServer(answer)
	_ = b.Listener.Close()
	b.Listener = l
	b.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			b.met.Add(1)
		}
	}
	b.Start()
	t.Cleanup(b.Close)
	return b
}

// port is the port that a bait listens on.
func (b *bait) port() int { return b.Listener.Addr().(*net.TCPAddr).Port }

func plainPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = fmt.Fprint(w, "<!doctype html><html lang=en><title>Inside</title><p>Inside.")
}

// inside are ways to write addresses that lead to this machine, its link, its network, or what a cloud tells its machines.
func inside(port int) []string {
	hosts := []string{
		"127.0.0.1", "127.1.2.3", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
		"169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "[64:ff9b::7f00:1]", "10.0.0.1", "192.168.1.1", "100.100.100.200", "168.63.129.16",
	}
	var all []string
	for _, h := range hosts {
		all = append(all, "http://"+h+":"+strconv.Itoa(port)+"/")
	}
	return all
}

// strict is a collector that reaches the public internet only, and a key of a webmaster of it.
func strict(t *testing.T) (data, address, key string) {
	t.Helper()
	data = t.TempDir()
	collector := start(t, true, "veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0", "--websites-at-once", "16")
	newSite(t, data, "", "Lycée", "1")
	return data, signIn(t, data, collector.first), webmaster(t, data)
}

// refuses has pages measured by a collector, and wants each to be refused by a sentence.
func refuses(t *testing.T, data, address, key, mode string, pages []string) {
	t.Helper()
	before := len(dataOf[dashboards.WebsitesData](t, address+"web/data.json").Websites)
	for i, page := range pages {
		if status, said := tell(t, address, key, "page/add", []string{page}, map[string]any{"mode": mode, "name": fmt.Sprint(mode, i)}); status != http.StatusOK {
			t.Errorf("%s is refused at once: %d %s", page, status, said)
		}
	}
	for i, page := range pages {
		d := measures(t, address, before+i+1, 1)
		problem := d.Website.Problem
		named := strings.Contains(problem, "private") || strings.Contains(problem, "leads to") || strings.Contains(problem, "public internet")
		unknown := strings.Contains(problem, "no such host") || strings.Contains(problem, "not found") || strings.Contains(problem, "does not exist")
		if d.Run != nil || !strings.Contains(problem, "http://") || !named && !unknown {
			t.Errorf("%s, %s: %q, run %v", mode, page, problem, d.Run)
		}
	}
	hides(t, data)
}

func TestTheCollectorReachesNothingInside(t *testing.T) {
	t.Parallel()
	b := newBait(t, "127.0.0.1:0", plainPage)
	data, address, key := strict(t)
	pages := inside(b.port())
	refuses(t, data, address, key, "static", pages)
	if hasChromium(t) {
		refuses(t, data, address, key, "browser", []string{pages[0] + "?b", pages[8] + "?b", pages[4] + "?b"}) // as it is, as one number, and mapped
	}
	out, said, status := try(t, nil, "veille-collector", "page", "add", "--data", data, "--mode", "static", "--name", "by hand", b.URL+"/by-hand")
	if status != 3 || out != "" || !strings.Contains(said, "private") {
		t.Errorf("on the command line: exit %d, %s%s", status, out, said)
	}
	if met := b.met.Load(); met != 0 {
		t.Errorf("%d connections were made", met)
	}
	if out := do(t, nil, "veille-collector", "website", "measure", "--data", data, "--allow-private", "by hand"); !strings.Contains(out, "grade A") || b.met.Load() == 0 {
		t.Errorf("where private addresses are allowed it is %s", out)
	}
}

// privateAddress is one of this machine that is of a private network; "" for none.
func privateAddress(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().IsPrivate() {
			return p.Addr().String()
		}
	}
	return ""
}

// A host of the intranet is allowed by an administrator: what its pages name or redirect to is not.
func TestAHostThatIsAllowedOpensNoOther(t *testing.T) {
	t.Parallel()
	host := privateAddress(t)
	if host == "" {
		t.Skip("this machine has no address of a private network")
	}
	loop := newBait(t, "127.0.0.1:0", plainPage)
	near := newBait(t, net.JoinHostPort(host, "0"), func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, loop.URL+"/", http.StatusFound)
			return
		}
		plainPage(w, r)
		_, _ = fmt.Fprintf(w, `<link rel=stylesheet href=%s/s.css><iframe src=/away></iframe><script>fetch("%[1]s/f"); new WebSocket("ws://127.0.0.1:%d/w")</script>`, loop.URL, loop.port())
		for _, address := range inside(loop.port()) {
			_, _ = fmt.Fprintf(w, `<img src="%s"><iframe src="%[1]s"></iframe>`, address)
		}
	})
	data, address, key := strict(t)
	add := func(name, path, mode string) {
		t.Helper()
		if status, said := tell(t, address, key, "page/add", []string{near.URL + path}, map[string]any{"mode": mode, "name": name}); status != http.StatusOK {
			t.Fatalf("%s: %d %s", name, status, said)
		}
	}
	add("closed", "/", "static")
	if d := measures(t, address, 1, 1); d.Run != nil || !strings.Contains(d.Website.Problem, host) || near.met.Load() != 0 {
		t.Errorf("before it is allowed: %+v, %d connections", d, near.met.Load())
	}
	if status, _ := tell(t, address, key, "website/allow", []string{host}, nil); status != http.StatusForbidden {
		t.Errorf("a webmaster allowed a host: %d", status)
	}
	do(t, nil, "veille-collector", "website", "allow", "--data", data, host)
	modes := []string{"static"}
	if hasChromium(t) {
		modes = append(modes, "browser")
	}
	for i, mode := range modes {
		add("open "+mode, "/?"+mode, mode)
		if d := measures(t, address, 2+2*i, 1); d.Run == nil || d.Run.Pages != 1 {
			t.Errorf("%s: %+v", mode, d)
		}
		add("away "+mode, "/away?"+mode, mode)
		if d := measures(t, address, 3+2*i, 1); d.Run != nil || d.Website.Problem == "" {
			t.Errorf("%s: a redirect to this machine: %+v", mode, d)
		} else {
			t.Log(d.Website.Problem)
		}
	}
	if met := loop.met.Load(); met != 0 || near.met.Load() == 0 {
		t.Errorf("%d connections to this machine, %d to the host that is allowed", met, near.met.Load())
	}
}

// outside is an address of this machine by which it is not known as itself; "" for none.
func outside(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast() {
			return p.Addr().String()
		}
	}
	return ""
}

func TestEverybodySeesTheBadgeOfAnOpenWebsiteAndNothingElse(t *testing.T) {
	t.Parallel()
	host := outside(t)
	if host == "" {
		t.Skip("this machine has loopback addresses only")
	}
	m, data, keys := newWebSite(t), t.TempDir(), t.TempDir()
	certFile, keyFile := filepath.Join(keys, "cert.pem"), filepath.Join(keys, "key.pem")
	pool := x509.NewCertPool()
	pool.AddCert(certificate(t, certFile, keyFile, 1))
	address := start(t, true, "veille-collector", "serve", "--data", data, "--listen", net.JoinHostPort(host, "0"), "--tls-cert", certFile, "--tls-key", keyFile).first
	newSite(t, data, "", "Lycée", "1")
	addSite(t, data, "Manual", m.URL+"/", "--max-pages", "6")
	do(t, nil, "veille-collector", "website", "measure", "--data", data, "--allow-private", "Manual")
	client := plain()
	client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}}
	paths := []string{"public/web/1/badge.svg", "public/web/1/data.json", "public/web/1/page.json?url=" + m.URL + "/p1"}
	never := []string{"public/", "public/web", "public/web/1", "public/web/1/pages", "public/web/2/badge.svg", "public/web/data.json", "public/web/1/measure"}
	for _, path := range append(never, paths...) {
		if status, _, text := get(t, client, address+path); status != http.StatusNotFound || strings.Contains(text, "Manual") {
			t.Errorf("closed, %s is answered %d %.200s", path, status, text)
		}
	}
	do(t, nil, "veille-collector", "website", "set", "--data", data, "--open", "Manual")
	for _, path := range paths {
		if status, header, text := get(t, client, address+path); status != http.StatusOK || header.Get("Access-Control-Allow-Origin") != "*" || len(text) < 200 {
			t.Errorf("open, %s is answered %d %v %.200s", path, status, header, text)
		}
	}
	for _, path := range never {
		if status, _, _ := get(t, client, address+path); status != http.StatusNotFound {
			t.Errorf("open, %s is answered %d", path, status)
		}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"", "web", "web/1", "web/1/badge.svg", "web/1/data.json", "web/data.json"} {
		if status, header, text := get(t, client, address+path); status != http.StatusSeeOther || !strings.HasPrefix(header.Get("Location"), "/sign-in?") || strings.Contains(text, "Manual") {
			t.Errorf("/%s is answered %d", path, status)
		}
	}
}
