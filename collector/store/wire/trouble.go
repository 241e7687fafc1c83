package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Ends of sentences about destinations: what becomes of the points, and what a person does then.
const (
	// Afterwards is for a destination that is stopped.
	Afterwards = "; after that: veille-collector outbox retry"
	// SetAside is for points that are refused.
	SetAside = "which are set aside: see which by veille-collector outbox refused, and when the reason is mended send them by veille-collector outbox again"
	// LessAtATime is for requests that are too big.
	LessAtATime = "less is sent at a time until then, and a point that is too much by itself is set aside: see veille-collector outbox refused"
	// Insecure is for errors that AboutTLS knows.
	Insecure = "no secure connection can be made: look at http or https in --series, at the server's certificate, and at the file of its authority (--series-ca-file)" + Afterwards
)

// AboutTLS tells whether an error is about TLS: it does not pass by itself.
func AboutTLS(err error) bool {
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

// HowLong is a time, for people, in days, hours, minutes or seconds, whichever is told best.
func HowLong(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d.Round(24*time.Hour)/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d.Round(time.Hour)/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d.Round(time.Minute)/time.Minute)
	}
	return fmt.Sprintf("%d seconds", d.Round(time.Second)/time.Second)
}

// Wait waits for so long, or until ctx ends: then it answers why.
func Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
