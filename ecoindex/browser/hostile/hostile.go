// Package hostile serves web servers that mean harm, and says how measuring each must end.
//
// All of them listen on this machine only, stop when the test that started them ends, and send two gigabytes at most.
package hostile

import (
	"slices"
	"strings"
	"testing"
)

// Server is a web server that means harm.
type Server struct {
	Name  string // a phrase, unique
	About string // what it does, in one sentence

	// Code is the error code that measuring the page with a browser ends with, empty when the page is measured all the
	// same. Where chance or a limit of the caller decides there are several, with a bar between them; see Matches.
	Code string
	// Static is the same for a measure that runs no script, when the time for the whole page ends before the time for
	// one of its requests.
	Static string
	// Chromium is the error Chromium 156 names for the page itself, as in net::ERR_EMPTY_RESPONSE; empty when it names
	// none.
	Chromium string
	Slow     bool // with a browser, it ends only by a deadline

	start func(*host) string
}

// Servers are all the servers, in an order that does not change.
func Servers() []Server {
	return slices.Concat(slow(), unending(), lengths(), types(), codings(), redirects(), secure(), broken(), odd(), statuses(),
		dialogs(), windows(), liars(), floods(), growing(), heavy(), large())
}

// Matches says whether code is one of the codes of a Server. The code of a page that was measured is empty.
func Matches(codes, code string) bool {
	return slices.Contains(strings.Split(codes, "|"), code)
}

// Start serves it on loopback until the test ends, and answers the address of its page.
func (s Server) Start(tb testing.TB) string {
	tb.Helper()
	h := newHost(tb)
	tb.Cleanup(h.stop)
	return s.start(h)
}
