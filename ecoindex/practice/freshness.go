package practice

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// aYear is what a life is taken for that is longer, or that cannot be told because the server does not say what time it is.
const aYear = 365 * 24 * time.Hour

// freshness is how long the cache of a browser may use an answer without asking again, by RFC 9111 §4.2.1; 0 where it may not, or where
// the server says nothing. s-maxage speaks to shared caches and "immutable" gives no life, so neither counts.
func freshness(h http.Header) time.Duration {
	for _, vary := range h.Values("Vary") {
		if strings.Contains(vary, "*") {
			return 0
		}
	}
	said := directives(h.Values("Cache-Control"))
	if _, ok := said["no-store"]; ok {
		return 0
	}
	if fields, ok := said["no-cache"]; ok && fields == "" { // with fields, it speaks of those only
		return 0
	}
	if age, ok := said["max-age"]; ok {
		return seconds(age)
	}
	if len(said) == 0 && strings.Contains(strings.ToLower(h.Get("Pragma")), "no-cache") {
		return 0
	}
	expires, err := http.ParseTime(h.Get("Expires"))
	if err != nil { // "0" and "-1" are past, by §5.3
		return 0
	}
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return aYear
	}
	return min(max(0, expires.Sub(date)), aYear)
}

// seconds is a number of seconds; 0 where it is none.
func seconds(text string) time.Duration {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		if len(text) > 18 && strings.Trim(text, "0123456789") == "" {
			return aYear
		}
		return 0
	}
	return time.Duration(min(n, uint64(aYear/time.Second))) * time.Second
}

// maxDirectives bounds those that are read of an answer; servers say five.
const maxDirectives = 64

// directives are those of Cache-Control in small letters, with their values and without quotes. The first of two of a name counts.
func directives(lines []string) map[string]string {
	said := map[string]string{}
	for _, line := range lines {
		for line != "" && len(said) < maxDirectives {
			var one string
			one, line = untilComma(line)
			name, value, _ := strings.Cut(one, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, twice := said[name]; name != "" && !twice {
				said[name] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return said
}

// untilComma cuts a list at its first comma that is not between quotes.
func untilComma(list string) (first, rest string) {
	quoted := false
	for i := range len(list) {
		switch c := list[i]; {
		case c == '"' && (i == 0 || list[i-1] != '\\'):
			quoted = !quoted
		case c == ',' && !quoted:
			return list[:i], list[i+1:]
		}
	}
	return list, ""
}
