package influx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"veille/collector"
)

// trouble says, for people, why what was being done did not succeed, and what to do. An error that says so already is kept.
func (s *Store) trouble(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*collector.DeliveryError](err); ok {
		return err
	}
	doing = fmt.Sprintf("%s InfluxDB at %s", doing, s.at())
	if a, ok := errors.AsType[*answer](err); ok {
		kind, why := s.judge(a)
		return &collector.DeliveryError{Trouble: kind, Reason: doing + ": " + why, After: a.after}
	}
	if errors.Is(err, context.Canceled) {
		return &collector.DeliveryError{Reason: doing + ": it was interrupted", Err: err}
	}
	if secure(err) {
		return &collector.DeliveryError{
			Trouble: collector.NeedsHelp, Err: err,
			Reason: doing + ": no secure connection can be made: look at http or https in the address, at the server's certificate, and at the file of its authority",
		}
	}
	return &collector.DeliveryError{Reason: doing + ": it cannot be reached, or broke off: look whether it runs, and at what stands between; it is tried again", Err: err}
}

// secure tells whether an error is about TLS: it does not pass by itself.
func secure(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}

// judge says what kind of trouble an answer tells of, and what to do. Its words count before its status: 1.8 says 400
// where a limit is reached, and 500 where its disk is full.
func (s *Store) judge(a *answer) (collector.Trouble, string) {
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(a.said, w) {
				return true
			}
		}
		return false
	}
	switch {
	case a.status == http.StatusUnauthorized:
		return collector.NeedsHelp, "it does not know the token, or the token may not do this (" + a.Error() +
			"): put the right one into the file of the token; for InfluxDB 1.8 that is user:password, for 2 a token that may read and write both buckets"
	case a.status == http.StatusForbidden:
		return collector.NeedsHelp, "the token has no right to do this (" + a.Error() + "): " + s.grant()
	case a.missing():
		return collector.NeedsHelp, "the database, policy, bucket or organisation is not there (" + a.Error() + "): look at the name and at org in the address, then: " + s.statements()
	case has("max-series-per-database", "max-values-per-tag"):
		return collector.NeedsHelp, "a limit of its configuration is reached (" + a.Error() + "): set max-series-per-database = 0 and max-values-per-tag = 0 under [data], and start it again"
	case has("no space left on device", "read-only file system", "disk quota exceeded", "input/output error"):
		return collector.TryLater, "its disk takes no more (" + a.Error() + "): make room on the disk of the server, and start InfluxDB again, for 1.8 goes on refusing until then; what was not taken is sent again"
	case a.status == http.StatusRequestEntityTooLarge:
		return collector.Unusable, "that is too much for one request (" + a.Error() + "): raise max-body-size of InfluxDB, or the limit of the proxy before it"
	case has("partial write") || a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity:
		return collector.Unusable, "it refuses what was sent: " + a.Error()
	}
	return judgeRest(a)
}

// missing tells whether what points are kept in is not there. InfluxDB 1.8 says 500 where a policy is gone.
func (a *answer) missing() bool {
	return a.status == http.StatusNotFound || strings.Contains(a.said, "retention policy not found") || strings.Contains(a.said, "database not found")
}

// judgeRest is for answers that tell of no point, and of no name.
func judgeRest(a *answer) (collector.Trouble, string) {
	switch {
	case a.status == 0:
		return collector.TryLater, "it did not answer a question: " + a.said
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable:
		return collector.TryLater, "it is too busy (" + a.Error() + "): it is tried again when it said"
	case a.status >= 500 || a.status == http.StatusRequestTimeout || a.status == http.StatusTooEarly:
		return collector.TryLater, "it failed (" + a.Error() + "): look at its log; it is tried again"
	case a.status >= 300 && a.status < 400:
		return collector.NeedsHelp, fmt.Sprintf("it sends on to %q (%s): give the address that it sends to", a.to, a.Error())
	case a.status < 300:
		return collector.NeedsHelp, "what answers is no InfluxDB (" + a.Error() + ", where InfluxDB says 204): look at the address, and at proxies before it"
	}
	return collector.NeedsHelp, "what answers does not do what InfluxDB does (" + a.Error() + "): look at the address, and at proxies before it"
}
