package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// way is the proxy to take, nil for none. It is asked anew for each connection.
type way func() (*url.URL, error)

// wayTo says how to reach a collector: directly when it is on this machine; else as the setting says, or without one the
// environment (HTTPS_PROXY and NO_PROXY, in either case of letters), or the system. An automatic configuration (PAC) is never
// followed: it is a program from the network.
func wayTo(collector *url.URL, setting string, env func(string) string, system func() (servers, bypass string)) (way, error) {
	direct := func() (*url.URL, error) { return nil, nil }
	host, port := strings.ToLower(collector.Hostname()), collector.Port()
	if port == "" {
		port = "443"
	}
	var from string
	switch {
	case loopback(host) || setting == "none":
		return direct, nil
	case setting != "":
		from = "--proxy"
	case exempt(either(env, "NO_PROXY"), host, port):
		return direct, nil
	case either(env, "HTTPS_PROXY") != "":
		setting, from = either(env, "HTTPS_PROXY"), "the environment's HTTPS_PROXY"
	default:
		return func() (*url.URL, error) {
			servers, bypass := system()
			server := serverOf(servers)
			if server == "" || bypassed(bypass, host, port) {
				return nil, nil
			}
			return parseProxy(server, "the system's own setting")
		}, nil
	}
	proxy, err := parseProxy(setting, from)
	if err != nil {
		return nil, err
	}
	return func() (*url.URL, error) { return proxy, nil }, nil
}

// either is a variable of the environment, in capitals or else in small letters.
func either(env func(string) string, name string) string {
	if value := env(name); value != "" {
		return value
	}
	return env(strings.ToLower(name))
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// parseProxy reads the address of a proxy. Its error does not repeat it: a password may be in it, where it was not meant to be.
func parseProxy(text, from string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Scheme != "http" || proxy.Hostname() == "" || strings.Trim(proxy.Path, "/") != "" || proxy.RawQuery != "" || proxy.Fragment != "" {
		return nil, fmt.Errorf("the proxy of %s is not http://host:port or http://name:password@host:port; in a name or password, write @ : / ? # and %% as %%40 %%3A %%2F %%3F %%23 and %%25", from)
	}
	return proxy, nil
}

// connected judges what a proxy answered when it was asked to connect to the collector.
func connected(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	switch {
	case answer.StatusCode == http.StatusOK:
		return nil
	case answer.StatusCode != http.StatusProxyAuthRequired:
		return fmt.Errorf("the proxy %s does not let this machine through to the collector: it answered %s", proxy.Host, answer.Status)
	case !asksForPassword(answer.Header.Values("Proxy-Authenticate")):
		return fmt.Errorf("the proxy %s asks for a sign-in that this agent does not know, such as NTLM or Kerberos: let it pass the collector's address without one", proxy.Host)
	case proxy.User != nil:
		return fmt.Errorf("the proxy %s does not accept the name and password that --proxy gives", proxy.Host)
	}
	return errors.New("the proxy asks for a name and password: set --proxy http://name:password@" + proxy.Host)
}

// asksForPassword tells whether a name and password is among the sign-ins that a proxy accepts, or nothing is said of them.
func asksForPassword(offers []string) bool {
	for _, offer := range offers {
		if len(offer) >= 5 && strings.EqualFold(offer[:5], "basic") {
			return true
		}
	}
	return len(offers) == 0
}

// exempt tells whether NO_PROXY lists a host: itself, a domain it is in (with a dot before it, those in the domain only), its
// address, a network (CIDR) its address is in, or *. An entry may name a port.
func exempt(list, host, port string) bool {
	ip := net.ParseIP(host)
	for entry := range strings.FieldsFuncSeq(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		name, ok := portless(entry, port)
		if !ok {
			continue
		}
		if name == "*" {
			return true
		}
		if _, network, err := net.ParseCIDR(name); err == nil && ip != nil && network.Contains(ip) {
			return true
		}
		if other := net.ParseIP(name); other != nil && other.Equal(ip) {
			return true
		}
		name = strings.TrimPrefix(name, "*")
		domain := strings.TrimPrefix(name, ".")
		if domain != "" && ip == nil && (name == host || strings.HasSuffix(host, "."+domain)) {
			return true
		}
	}
	return false
}

// portless is an entry without its port and its brackets; not ok if that is another port.
func portless(entry, port string) (name string, ok bool) {
	if name, its, err := net.SplitHostPort(entry); err == nil {
		return name, its == port
	}
	return strings.TrimSuffix(strings.TrimPrefix(entry, "["), "]"), true
}

// windowsList splits a list as WinHTTP has them: by semicolons or white space.
func windowsList(r rune) bool { return r == ';' || r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// serverOf is the proxy for https in a list of servers as WinHTTP has it (WINHTTP_PROXY_INFO): each is
// [scheme=][scheme://]server[:port]. One that names no scheme is for all. "" when there is none.
func serverOf(list string) string {
	all := ""
	for entry := range strings.FieldsFuncSeq(list, windowsList) {
		scheme, server, named := strings.Cut(entry, "=")
		switch {
		case named && strings.EqualFold(scheme, "https"):
			return schemeless(server)
		case !named && all == "":
			all = schemeless(entry)
		}
	}
	return all
}

func schemeless(server string) string {
	if _, after, ok := strings.Cut(server, "://"); ok {
		return after
	}
	return server
}

// bypassed tells whether a list of hosts that need no proxy, as WinHTTP has it, holds a host: by name or address, with * for
// any characters, or <local> for all whose name has no dot. An entry may name a scheme and a port.
func bypassed(list, host, port string) bool {
	for entry := range strings.FieldsFuncSeq(strings.ToLower(list), windowsList) {
		if scheme, after, ok := strings.Cut(entry, "://"); ok {
			if scheme != "https" {
				continue
			}
			entry = after
		}
		name, ok := portless(entry, port)
		if ok && (like(host, name) || name == "<local>" && !strings.ContainsAny(host, ".:")) {
			return true
		}
	}
	return false
}

// like tells whether a name is as a pattern says, in which * stands for any characters.
func like(name, pattern string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return name == pattern
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}
