package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// StatusError is an answer of another status than the one that was needed.
type StatusError struct {
	Status     int
	RetryAfter time.Duration // for which the server wants to be left alone; 0 where it does not say
}

// Error names the status.
func (e *StatusError) Error() string { return "status " + strconv.Itoa(e.Status) }

// RetryAfter is how long a server wants to be left alone: the field Retry-After (RFC 9110 §10.2.3), of which a date is
// counted from the date of the answer. 0 where it does not say, or nothing that can be understood; a number without end
// is a hundred years.
func RetryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text != "" && strings.Trim(text, "0123456789") == "" {
		const longest = 100 * 365 * 24 * time.Hour
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(longest/time.Second) {
			return longest
		}
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(until.Sub(from), 0)
}

// MayPass tells whether a page that could not be measured for err is worth another try a little later, and for how long
// its server wants to be left alone before: a time-out, a lost connection, a name that was not found for a while, and the
// statuses 429, 500, 502, 503 and 504.
func MayPass(err error) (again bool, after time.Duration) {
	problem, ok := errors.AsType[*Error](err)
	if !ok {
		return false, 0
	}
	switch problem.Code {
	case CodeTimeout, CodeConnect:
		return true, 0
	case CodeDNS:
		dns, ok := errors.AsType[*net.DNSError](err)
		return ok && !dns.IsNotFound, 0
	case CodeAnswer:
		_, network := errors.AsType[*net.OpError](err)
		return network || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF), 0
	case CodeStatus:
		answer, ok := errors.AsType[*StatusError](err)
		if !ok {
			return false, 0
		}
		switch answer.Status {
		case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true, answer.RetryAfter
		}
	}
	return false, 0
}
