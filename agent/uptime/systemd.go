package uptime

import (
	"strconv"
	"strings"
	"time"
)

// assignments gives each key and value of a section to set, in order (systemd.syntax(7)).
func assignments(text, section string, set func(key, value string)) {
	inside, held := false, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue // also between a line and its continuation
		}
		if part, more := strings.CutSuffix(line, `\`); more {
			held += part + " "
			continue
		}
		line, held = strings.TrimSpace(held+line), ""
		if strings.HasPrefix(line, "[") {
			inside = line == "["+section+"]"
			continue
		}
		if key, value, ok := strings.Cut(line, "="); ok && inside {
			set(strings.TrimSpace(key), strings.TrimSpace(value))
		}
	}
}

// timeSpan reads a time span (systemd.time(7)): "20min", "1h 30min", and seconds where there is no unit. What has no end,
// or one that no machine sees, is 0.
func timeSpan(s string) (time.Duration, bool) {
	rest := strings.TrimSpace(s)
	if rest == "infinity" {
		return 0, true
	}
	if rest == "" {
		return 0, false
	}
	total := 0.0
	for rest != "" {
		end := len(rest) - len(strings.TrimLeft(rest, "0123456789."))
		n, err := strconv.ParseFloat(rest[:end], 64)
		if err != nil {
			return 0, false
		}
		rest = strings.TrimLeft(rest[end:], " \t")
		end = len(rest) - len(strings.TrimLeftFunc(rest, func(r rune) bool { return !strings.ContainsRune("0123456789. \t", r) }))
		unit, ok := timeUnit(rest[:end])
		if !ok {
			return 0, false
		}
		total += n * float64(unit)
		rest = strings.TrimLeft(rest[end:], " \t")
	}
	const century = 100 * 365 * 24 * time.Hour
	if total > float64(century) {
		return 0, true
	}
	return time.Duration(total), true
}

func timeUnit(name string) (time.Duration, bool) {
	switch name {
	case "us", "usec", "µs", "μs":
		return time.Microsecond, true
	case "ms", "msec":
		return time.Millisecond, true
	case "", "s", "sec", "second", "seconds":
		return time.Second, true
	case "m", "min", "minute", "minutes":
		return time.Minute, true
	case "h", "hr", "hour", "hours":
		return time.Hour, true
	case "d", "day", "days":
		return 24 * time.Hour, true
	case "w", "week", "weeks":
		return 7 * 24 * time.Hour, true
	case "M", "month", "months":
		return 2_629_800 * time.Second, true
	case "y", "year", "years":
		return 31_557_600 * time.Second, true
	}
	return 0, false
}
