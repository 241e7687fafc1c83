package web_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"veille/ecoindex/web"
)

func TestAServerIsLeftAloneForAsLongAsItSays(t *testing.T) {
	const date, century = "Sun, 22 Nov 2026 19:00:00 GMT", 100 * 365 * 24 * time.Hour
	for _, tt := range []struct {
		field, date string
		want        time.Duration
	}{
		{"120", "", 2 * time.Minute},
		{" 3 ", "", 3 * time.Second},
		{"0", "", 0},
		{"", "", 0},
		{"-5", "", 0},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"99999999999999999999999", "", century},
		{"9999999999", "", century},
		{"Sun, 22 Nov 2026 19:01:30 GMT", date, 90 * time.Second},
		{"Sunday, 22-Nov-26 19:01:30 GMT", date, 90 * time.Second},
		{"Sun, 22 Nov 2026 18:00:00 GMT", date, 0},
		{"Sun, 22 Nov 2026 19:01:30 GMT", "", 0},
	} {
		if got := web.RetryAfter(http.Header{"Retry-After": {tt.field}, "Date": {tt.date}}); got != tt.want {
			t.Errorf("Retry-After %q at %q is %v; want %v", tt.field, tt.date, got, tt.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT")
	f.Fuzz(func(t *testing.T, field, date string) {
		if d := web.RetryAfter(http.Header{"Retry-After": {field}, "Date": {date}}); d < 0 {
			t.Errorf("Retry-After %q at %q is %v", field, date, d)
		}
	})
}

func TestWhatMayPassIsWorthAnotherTry(t *testing.T) {
	at, _ := url.Parse("https://www.example.org/")
	problem := func(code web.Code, err error) error {
		return fmt.Errorf("look: %w", web.Problem(code, at, err, "why"))
	}
	status := func(code int, after time.Duration) error {
		return problem(web.CodeStatus, &web.StatusError{Status: code, RetryAfter: after})
	}
	for _, tt := range []struct {
		err   error
		again bool
		after time.Duration
	}{
		{problem(web.CodeTimeout, nil), true, 0},
		{problem(web.CodeConnect, nil), true, 0},
		{problem(web.CodeDNS, &net.DNSError{IsTemporary: true}), true, 0},
		{problem(web.CodeDNS, &net.DNSError{IsNotFound: true}), false, 0},
		{problem(web.CodeAnswer, io.ErrUnexpectedEOF), true, 0},
		{problem(web.CodeAnswer, &url.Error{Op: "Get", Err: io.EOF}), true, 0},
		{problem(web.CodeAnswer, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}), true, 0},
		{problem(web.CodeAnswer, errors.New("gzip: invalid header")), false, 0},
		{status(429, time.Minute), true, time.Minute},
		{status(500, 0), true, 0},
		{status(502, 0), true, 0},
		{status(503, time.Hour), true, time.Hour},
		{status(504, 0), true, 0},
		{status(501, 0), false, 0},
		{status(404, time.Second), false, 0},
		{status(403, 0), false, 0},
		{problem(web.CodeStatus, nil), false, 0},
		{problem(web.CodeRobots, nil), false, 0},
		{problem(web.CodeTLS, nil), false, 0},
		{problem(web.CodePrivate, nil), false, 0},
		{problem(web.CodeSize, nil), false, 0},
		{errors.New("another"), false, 0},
	} {
		if again, after := web.MayPass(tt.err); again != tt.again || after != tt.after {
			t.Errorf("%v (%+v): again %t after %v; want %t after %v", tt.err, errors.Unwrap(tt.err), again, after, tt.again, tt.after)
		}
	}
}
