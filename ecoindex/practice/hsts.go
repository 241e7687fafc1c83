package practice

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// leastHSTS is a year, in seconds: what browsers ask of the sites on the list they ship.
const leastHSTS = 31_536_000

// hsts tells whether a site at https says for a year that it is only there (RFC 6797). A site at an address of numbers cannot.
func hsts() Check {
	return Check{
		ID: "hsts", RWEB: []string{"0083"}, RefID: []string{"0084"}, Most: 0,
		Title: Words{"HTTPS annoncé au navigateur (HSTS) : défauts", "HTTPS announced to browsers (HSTS): faults"},
		Advice: Words{
			"Envoyez Strict-Transport-Security avec max-age d’un an au moins : le navigateur va droit en https, sans redirection depuis http.",
			"Send Strict-Transport-Security with a max-age of a year at least: browsers go straight to https, without a redirect from http.",
		},
		Look: func(v *View) Finding {
			e := pageExchange(v)
			if e == nil || !strings.HasPrefix(e.URL, "https:") {
				return Finding{Status: Nothing}
			}
			if u, err := url.Parse(e.URL); err == nil {
				if _, err := netip.ParseAddr(u.Hostname()); err == nil {
					return Finding{Status: Nothing}
				}
			}
			value := e.Header.Get("Strict-Transport-Security") // of several, the first counts: RFC 6797, 8.1
			age, ok := hstsAge(value)
			if ok && age >= leastHSTS {
				return judge(0, 0, nil, Saving{})
			}
			detail := "Strict-Transport-Security"
			if value != "" {
				detail = shortened(detail + ": " + value)
			}
			return judge(1, 0, []Offender{{URL: e.URL, Detail: detail}}, Saving{})
		},
	}
}

// hstsAge is the max-age of a Strict-Transport-Security header, in seconds, and whether it has one that a browser takes: a directive
// that is there twice makes the header void (RFC 6797, 6.1).
func hstsAge(header string) (seconds int64, ok bool) {
	if len(header) > 1000 {
		return 0, false
	}
	seen := map[string]bool{}
	for directive := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(directive, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if seen[name] {
			return 0, false
		}
		seen[name] = true
		if name != "max-age" {
			continue
		}
		value = strings.TrimSpace(value)
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			return 0, false
		}
		seconds, ok = int64(n), true
	}
	return seconds, ok
}
