package victoria

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const example = "it is to be like victoria+http://a:8428,b:8428, or victoria+http://insert:8480/insert/0/influx?select=http://select:8481/select/0/prometheus for a cluster"

// Parse reads what --series says after "victoria+". Each host that it names is a destination of its own, and has all points; the first scheme,
// the one port and the last path are those of all hosts that have none. ?select= makes it a cluster, of which ?nodes= has the addresses of
// vmstorage, with commas; ?db= is the value of the label db. Its error says what is wrong with it.
func Parse(address string) ([]Options, error) {
	refuse := func(why string) ([]Options, error) {
		return nil, fmt.Errorf("the address of VictoriaMetrics in --series: %s; %s", why, example)
	}
	if len(address) > 4096 || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return refuse("it is too long, or holds a space or a control character")
	}
	if strings.Contains(address, "#") {
		return refuse("there is a # in it")
	}
	hosts, query, _ := strings.Cut(address, "?")
	o, err := parseQuery(query)
	if err != nil {
		return refuse(err.Error())
	}
	bases, err := parseHosts(hosts)
	if err != nil {
		return refuse(err.Error())
	}
	cluster := o.Read != ""
	switch {
	case cluster && len(bases) > 1:
		return refuse("a cluster is written to by one address; put a proxy before several vminsert")
	case !cluster && strings.Contains(bases[0]+"/", "/insert/"):
		return refuse("it is of a vminsert, and ?select= does not say which vmselect is read")
	case !cluster && len(o.Nodes) > 0:
		return refuse("?nodes= is for a cluster, and there is no ?select=")
	case cluster && !strings.Contains(o.Read+"/", "/select/"):
		return refuse("what ?select= says has no /select/ in its path")
	}
	var all []Options
	for _, b := range bases {
		one := o
		one.Write, one.Nodes = b, slices.Clone(o.Nodes)
		all = append(all, one)
	}
	return all, nil
}

func parseQuery(query string) (Options, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return Options{}, errors.New("what stands after the ? cannot be understood")
	}
	var o Options
	for name, all := range values {
		if len(all) != 1 || all[0] == "" {
			return Options{}, fmt.Errorf("?%.40s= is to be there once, and to say something", name)
		}
		switch value := all[0]; name {
		case "select":
			o.Read, err = clean(value)
		case "db":
			o.DB = value
			if !plainName(value) {
				err = fmt.Errorf("?db=%.40s is to be letters, digits and underscores", value)
			}
		case "nodes":
			for node := range strings.SplitSeq(value, ",") {
				var one string
				if one, err = clean(node); err != nil {
					break
				}
				o.Nodes = append(o.Nodes, one)
			}
		default:
			err = fmt.Errorf("?%.40s= is not known; there are select, nodes and db, and secrets come by %s", name, secretFile)
		}
		if err != nil {
			return Options{}, err
		}
	}
	return o, nil
}

// clean is an address that paths can be added to, without the slash at its end.
func clean(address string) (string, error) {
	u, err := base(address)
	if err != nil {
		return "", err
	}
	if p := u.Port(); p != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return "", fmt.Errorf("%.80q has no port from 1 to 65535", u.Host)
		}
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// host is one of the hosts that an address names; what it does not say is "".
type host struct{ scheme, name, port, path string }

func parseHosts(text string) ([]string, error) {
	var hosts []host
	scheme, path, ports := "", "", map[string]bool{}
	for item := range strings.SplitSeq(text, ",") {
		h, err := parseHost(item)
		if err != nil {
			return nil, err
		}
		if scheme == "" {
			scheme = h.scheme
		}
		if h.path != "" {
			path = h.path
		}
		if h.port != "" {
			ports[h.port] = true
		}
		hosts = append(hosts, h)
	}
	if hosts[0].scheme == "" {
		return nil, errors.New("it does not begin with http:// or https://")
	}
	var bases []string
	for _, h := range hosts {
		port := h.port
		for p := range ports {
			switch {
			case h.port != "":
			case len(ports) > 1:
				return nil, fmt.Errorf("host %.80s has no port, and the others have different ones", h.name)
			default:
				port = p
			}
		}
		if port == "" && len(ports) == 0 && len(hosts) > 1 {
			port = "8428"
		}
		if port != "" {
			port = ":" + port
		}
		b, err := clean(orElse(h.scheme, scheme) + "://" + h.name + port + orElse(h.path, path))
		if err != nil {
			return nil, err
		}
		if slices.Contains(bases, b) {
			return nil, fmt.Errorf("%.80s is there twice", b)
		}
		bases = append(bases, b)
	}
	return bases, nil
}

func parseHost(item string) (host, error) {
	h := host{}
	scheme, rest, ok := strings.Cut(item, "://")
	if ok {
		if scheme != "http" && scheme != "https" {
			return h, fmt.Errorf("%.20q is neither http nor https", scheme)
		}
		h.scheme = scheme
	} else {
		rest = item
	}
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		rest, h.path = rest[:i], rest[i:]
	}
	if strings.Contains(rest, "@") {
		return h, errors.New("it holds a password; give it by " + secretFile + ", as user:password")
	}
	h.name = rest
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") { // [::1] has colons of its own
		h.name, h.port = rest[:i], rest[i+1:]
		if h.port == "" {
			return h, fmt.Errorf("host %.80s has a colon and no port", h.name)
		}
	}
	if h.name == "" {
		return h, errors.New("a host has no name")
	}
	return h, nil
}

func orElse(text, other string) string {
	if text != "" {
		return text
	}
	return other
}
