package link

import (
	"net/url"
	"strings"
	"testing"
)

func noEnvironment(string) string { return "" }

func noSystem() (servers, bypass string) { return "", "" }

// proxyTo is the proxy on the way to a collector, as text.
func proxyTo(t *testing.T, collector, setting string, env map[string]string, servers, bypass string) string {
	t.Helper()
	u, err := url.Parse(collector)
	if err != nil {
		t.Fatal(err)
	}
	way, err := wayTo(u, setting, func(name string) string { return env[name] }, func() (string, string) { return servers, bypass })
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := way()
	if err != nil {
		t.Fatal(err)
	}
	if proxy == nil {
		return ""
	}
	return proxy.String()
}

func TestTheWayToTheCollector(t *testing.T) {
	const there = "https://veille.example.org"
	env := map[string]string{"HTTPS_PROXY": "env:1"}
	for _, tt := range []struct {
		name, collector, setting string
		env                      map[string]string
		servers, bypass, want    string
	}{
		{"nothing is set", there, "", nil, "", "", ""},
		{"the setting wins", there, "http://me:pw@set:3", env, "sys:2", "", "http://me:pw@set:3"},
		{"the setting needs no scheme", there, "set:3", nil, "", "", "http://set:3"},
		{"none is none", there, "none", env, "sys:2", "", ""},
		{"the environment comes before the system", there, "", env, "sys:2", "", "http://env:1"},
		{"in small letters too", there, "", map[string]string{"https_proxy": "http://env:4"}, "", "", "http://env:4"},
		{"capitals win", there, "", map[string]string{"https_proxy": "small:1", "HTTPS_PROXY": "http://large:1"}, "", "", "http://large:1"},
		{"that for http is not asked", there, "", map[string]string{"HTTP_PROXY": "env:1"}, "", "", ""},
		{"the environment exempts", there, "", map[string]string{"HTTPS_PROXY": "env:1", "no_proxy": "example.org"}, "sys:2", "", ""},
		{"of the system's proxy too", there, "", map[string]string{"NO_PROXY": ".example.org"}, "sys:2", "", ""},
		{"but not of a setting", there, "set:3", map[string]string{"NO_PROXY": "*"}, "", "", "http://set:3"},
		{"the system's", there, "", nil, "http=a:1;https=b:2", "", "http://b:2"},
		{"the system exempts", there, "", nil, "sys:2", "*.example.org", ""},
		{"this machine, whatever is set", "http://localhost:8080", "set:3", env, "sys:2", "", ""},
		{"by its address", "https://127.0.0.1:8443", "set:3", env, "sys:2", "", ""},
		{"by its other address", "https://[::1]:8443", "", env, "sys:2", "", ""},
	} {
		if got := proxyTo(t, tt.collector, tt.setting, tt.env, tt.servers, tt.bypass); got != tt.want {
			t.Errorf("%s: by %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTheSystemIsAskedAnewForEachConnection(t *testing.T) {
	servers := "a:1"
	way, err := wayTo(&url.URL{Scheme: "https", Host: "veille.example.org"}, "", noEnvironment, func() (string, string) { return servers, "" })
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a:1", "b:2"} { // a notebook that changes its network
		servers = want
		if proxy, err := way(); err != nil || proxy.Host != want {
			t.Errorf("by %v, %v; want %s", proxy, err, want)
		}
	}
}

func TestAProxyThatIsNoneIsRefusedWithoutRepeatingIt(t *testing.T) {
	for _, text := range []string{
		"https://me:s3cret@host:1", "socks5://me:s3cret@host:1", "http://me:s3cret", "me:s3cret", "http://me:s3c/ret@host:1", "http://me:s3#cret@host",
		"http://me:s3cret@", "http://me:s3cret@host:1/pac", "http://me:s3cret@host:1?x", "http://me:s3%zzcret@host:1", "://me:s3cret", "http://", " http://me:s3cret@host:1",
	} {
		_, err := wayTo(&url.URL{Scheme: "https", Host: "veille.example.org"}, text, noEnvironment, noSystem)
		if err == nil || strings.Contains(err.Error(), "s3") || strings.Contains(err.Error(), "cret") || !strings.Contains(err.Error(), "--proxy") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestExempt(t *testing.T) {
	for _, tt := range []struct {
		list, host, port string
		want             bool
	}{
		{"", "a.example.org", "443", false},
		{" , ,", "a.example.org", "443", false},
		{"*", "a.example.org", "443", true},
		{"example.org", "a.example.org", "443", true},
		{"example.org", "example.org", "443", true},
		{"EXAMPLE.org", "example.org", "443", true},
		{"ample.org", "example.org", "443", false},
		{".example.org", "example.org", "443", false},
		{".example.org", "a.example.org", "443", true},
		{"*.example.org", "a.example.org", "443", true},
		{".", "example.org", "443", false},
		{"x.org example.org", "example.org", "443", true},
		{"example.org:443", "example.org", "443", true},
		{"example.org:8443", "example.org", "443", false},
		{"10.0.0.0/8", "10.1.2.3", "443", true},
		{"10.0.0.0/8", "11.1.2.3", "443", false},
		{"10.0.0.0/8", "example.org", "443", false},
		{"10.1.2.3", "10.1.2.3", "443", true},
		{"2.3", "10.1.2.3", "443", false},
		{"10.1.2.3:443", "10.1.2.3", "443", true},
		{"fe80::/10", "fe80::1", "443", true},
		{"[fe80::1]:443", "fe80::1", "443", true},
		{"[fe80::1]", "fe80::1", "443", true},
		{"fe80:0::1", "fe80::1", "443", true},
	} {
		if got := exempt(tt.list, tt.host, tt.port); got != tt.want {
			t.Errorf("exempt(%q, %q, %s) = %t", tt.list, tt.host, tt.port, got)
		}
	}
}

func TestServerOf(t *testing.T) {
	for list, want := range map[string]string{
		"":                                "",
		"a:1":                             "a:1",
		"http://a:1":                      "a:1",
		"http=a:1":                        "",
		"http=a:1;https=b:2":              "b:2",
		"http=a:1 HTTPS=http://b:2":       "b:2",
		"a:1;https=b:2":                   "b:2",
		"a:1;c:3":                         "a:1",
		";; \r\n socks=s:4 ; a:1":         "a:1",
		"https=":                          "",
		"ftp=f:5;gopher=g:6":              "",
		"https=b.example.org:2;http=a:10": "b.example.org:2",
	} {
		if got := serverOf(list); got != want {
			t.Errorf("serverOf(%q) = %q, want %q", list, got, want)
		}
	}
}

func TestBypassed(t *testing.T) {
	for _, tt := range []struct {
		list, host string
		want       bool
	}{
		{"", "veille.example.org", false},
		{"veille.example.org", "veille.example.org", true},
		{"example.org", "veille.example.org", false},
		{"*.example.org", "veille.example.org", true},
		{"*.example.org", "example.org", false},
		{"*.Example.ORG", "veille.example.org", true},
		{"veille*org", "veille.example.org", true},
		{"ve*ex*org", "veille.example.org", true},
		{"ve*ex*ex*org", "veille.example.org", false},
		{"veille.example.org*.org", "veille.example.org", false},
		{"*", "veille.example.org", true},
		{"10.*", "10.1.2.3", true},
		{"192.168.*;10.*", "10.1.2.3", true},
		{"<local>", "veille", true},
		{"<local>", "veille.example.org", false},
		{"<local>", "fe80::1", false},
		{"<LOCAL> *.example.org", "veille.example.org", true},
		{"http://veille.example.org", "veille.example.org", false},
		{"https://veille.example.org", "veille.example.org", true},
		{"veille.example.org:443", "veille.example.org", true},
		{"veille.example.org:80", "veille.example.org", false},
		{"[fe80::1]", "fe80::1", true},
	} {
		if got := bypassed(tt.list, tt.host, "443"); got != tt.want {
			t.Errorf("bypassed(%q, %q) = %t", tt.list, tt.host, got)
		}
	}
}

// FuzzAProxySetting tries what may be set by hand anywhere: it is a proxy over HTTP, or refused without repeating it.
func FuzzAProxySetting(f *testing.F) {
	for _, text := range []string{"http://me:pw@host:1", "http=a:1;https=b:2", "*.example.org;<local>", "example.org,10.0.0.0/8,[::1]:443", "a*b*c", "https=http://"} {
		f.Add(text, "veille.example.org")
	}
	f.Add("*a*", "a")
	f.Fuzz(func(t *testing.T, text, host string) {
		for _, server := range []string{text, serverOf(text)} {
			if strings.ContainsAny(serverOf(text), "; \t\r\n") {
				t.Errorf("%q has the server %q", text, serverOf(text))
			}
			switch proxy, err := parseProxy(server, "here"); {
			case err == nil && (proxy.Scheme != "http" || proxy.Hostname() == ""):
				t.Errorf("%q is the proxy %q", server, proxy)
			case err != nil && err.Error() != parseError(t):
				t.Errorf("%q: %v", server, err)
			}
		}
		if host = strings.ToLower(host); host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(",;:[]/<>*", r) }) {
			return
		}
		exempt(text, host, "443")
		bypassed(text, host, "443")
		for _, list := range []string{host, text + ";" + host, "*", host[:1] + "*", "*" + host[len(host)/2:]} {
			if !bypassed(list, host, "443") {
				t.Errorf("%q is not exempt by %q", host, list)
			}
		}
		if !strings.HasPrefix(host, ".") && !exempt(text+","+host, host, "443") {
			t.Errorf("%q is not exempt by itself", host)
		}
	})
}

// parseError is what is said of anything that is no proxy: nothing of what it was can be in it.
func parseError(t *testing.T) string {
	t.Helper()
	_, err := parseProxy("://", "here")
	if err == nil {
		t.Fatal(":// is a proxy")
	}
	return err.Error()
}
