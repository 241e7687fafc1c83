package web

import (
	"fmt"
	"net/url"
)

// Code is the cause of a page not being measured, one word that scripts may rely on.
type Code string

// The causes.
const (
	CodeURL       Code = "url"       // not an address of a web page
	CodeDNS       Code = "dns"       // the name has no address
	CodeConnect   Code = "connect"   // nobody answers at the address
	CodeTLS       Code = "tls"       // the secure connection was refused
	CodeTimeout   Code = "timeout"   // the answer was too slow
	CodeStatus    Code = "status"    // an answer other than 200
	CodeRobots    Code = "robots"    // the site keeps robots away
	CodeMIME      Code = "mime"      // not an HTML page
	CodePrivate   Code = "private"   // an address inside a private network
	CodeRedirects Code = "redirects" // sent elsewhere too many times, or to nowhere
	CodeSize      Code = "size"      // larger than the limits
	CodeAnswer    Code = "answer"    // not a readable answer
	CodeCancelled Code = "cancelled" // stopped by the caller
	CodeCrash     Code = "crash"     // the browser's tab ended
	CodeMemory    Code = "memory"    // the browser took more memory than allowed
	CodeClosed    Code = "closed"    // the page closed itself
	CodeStep      Code = "step"      // a step of a journey could not be taken
	CodeBrowser   Code = "browser"   // there is no browser, or it does not answer
)

// Error says why a page could not be measured: what was tried, on what, why not, and what to do.
type Error struct {
	Code       Code
	URL        string
	Text       string // why not, and after a semicolon what to do
	Err        error  // what was behind it; may be nil
	Screenshot []byte // PNG of what was shown then; nil when there was nothing to show
}

// Error is the whole sentence.
func (e *Error) Error() string { return "measure " + e.URL + ": " + e.Text }

// Unwrap is what was behind it.
func (e *Error) Unwrap() error { return e.Err }

// Problem makes an Error of u.
func Problem(code Code, u *url.URL, err error, format string, args ...any) *Error {
	return &Error{Code: code, URL: u.String(), Text: fmt.Sprintf(format, args...), Err: err}
}
