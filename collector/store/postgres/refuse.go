package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// place is where a database is, without any secret.
type place struct {
	user, host, database string
	port                 uint16
	schema               string // that the tables are in
}

// String is the place in an address.
func (p place) String() string {
	return fmt.Sprintf("postgres://%s@%s/%s", url.PathEscape(p.user), p.at(), url.PathEscape(p.database))
}

func (p place) at() string { return net.JoinHostPort(p.host, fmt.Sprint(p.port)) }

// unread is why an address was not understood, without the password that may be in it.
func unread(u *url.URL, err error) error {
	text := err.Error()
	if cause := errors.Unwrap(err); cause != nil {
		text = cause.Error()
	}
	password, _ := u.User.Password()
	for _, secret := range append(u.Query()["password"], password) {
		if secret != "" && (strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret))) {
			return errAddress
		}
	}
	return fmt.Errorf("the address of the ledger, on %s, cannot be used: %s", u.Host, text)
}

// refusedError is why no connection came about, for people.
type refusedError struct {
	text  string
	cause error
}

func (e *refusedError) Error() string { return e.text }

func (e *refusedError) Unwrap() error { return e.cause }

// refused says why no connection came about, and what to do.
func (p place) refused(err error) error {
	text := fmt.Sprintf("connect to %s: ", p)
	var answer *pgconn.PgError
	var unknown *net.DNSError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var header tls.RecordHeaderError
	switch {
	case pooled(err):
		text += fmt.Sprintf("what answers at %s is no PostgreSQL but a pooler of connections, like PgBouncer: give the address of PostgreSQL itself; a collector keeps few "+
			"connections, for as long as it runs", p.at())
	case errors.As(err, &answer):
		text += p.answered(answer)
	case errors.Is(err, context.DeadlineExceeded) || timedOut(err):
		text += fmt.Sprintf("%s does not answer: is the address right, and does a firewall let this machine through?", p.at())
	case errors.Is(err, syscall.ECONNREFUSED):
		text += fmt.Sprintf("nobody listens at %s: is PostgreSQL running there, and does its listen_addresses name that address?", p.at())
	case errors.As(err, &unknown):
		text += fmt.Sprintf("there is no machine called %s: is the name right?", p.host)
	case errors.As(err, &name), errors.As(err, &authority), errors.As(err, &header):
		text += fmt.Sprintf("its certificate is not that of %s, or of nobody who is trusted here: name the certificate of its authority by sslrootcert: %v", p.host, err)
	case strings.Contains(err.Error(), "server refused TLS"):
		text += "the server has no TLS: set it up there (ssl = on), or say sslmode=disable on a network that nobody else is on"
	default:
		text += fmt.Sprintf("%v: mend what psql %s says on this machine, where it says the same; else tell us", err, word(p.String()))
	}
	return &refusedError{text: text, cause: err}
}

// pooled tells whether err is of a pooler: it was found out, or it refuses settings that every PostgreSQL takes.
func pooled(err error) bool {
	e, answered := errors.AsType[*pgconn.PgError](err)
	return errors.Is(err, errPooled) || answered && e.Code == "08P01" && strings.Contains(e.Message, "unsupported startup parameter")
}

func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout() || pgconn.Timeout(err)
}

// answered is what the refusal of a server means.
func (p place) answered(e *pgconn.PgError) string {
	switch e.Code {
	case "28P01":
		return fmt.Sprintf("the server refuses the password of user %s, or was given none: put the right one in PGPASSWORD, or in the file that PGPASSFILE names", p.user)
	case "28000":
		return fmt.Sprintf("the server does not let user %s in from this machine (%s): create the user, and let it in by pg_hba.conf", p.user, e.Message)
	case "3D000":
		return fmt.Sprintf("there is no database %s: make it by createdb --owner %s --encoding UTF8 --template template0 %s", p.database, p.user, p.database)
	case "42501":
		return fmt.Sprintf("user %s may not connect to database %s: GRANT CONNECT ON DATABASE, or make the user its owner", p.user, p.database)
	case "53300":
		return "the server has as many connections as it may have: raise its max_connections"
	case "57P03":
		return "the server is starting, or ending: try again soon"
	}
	return fmt.Sprintf("the server answers %q (%s): mend that there, where its log says more, and try again", e.Message, e.Code)
}
