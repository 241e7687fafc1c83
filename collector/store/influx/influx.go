// Package influx keeps the series in an InfluxDB of the organisation's own: 1.8, or 2.x.
//
// Every field is a float, always: an engine that has seen one type of a field refuses another. Points lie at their moment to the nanosecond, and
// the one written last counts, so versions are left aside. InfluxDB has points in its log on disk before it answers.
//
// InfluxDB cannot keep a name or a value of a tag in which a backslash stands before a comma, an equals sign, a space, a quote or the end. There a
// word joiner (U+2060), which nobody sees, stands behind the backslash in InfluxDB, and is taken away when points are read.
package influx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"

	"veille/collector"
	"veille/collector/store/wire"
)

// Options say where the series is, and by what it is opened.
type Options struct {
	// URL is http(s)://host:port/NAME?org=ORG: NAME is the database of InfluxDB 1.8, or what the names of buckets of 2.x begin with. ORG is for
	// 2.x only. What stands before NAME in the path, as behind a proxy, is kept.
	URL string
	// Token is the token of InfluxDB 2.x, or user:password of 1.8; "" where it asks for none. It is in no error.
	Token string
	// CAFile has the certificates, in PEM, of the authorities that are trusted in place of those of the system; "": those of the system.
	CAFile string
	Log    *slog.Logger     // nil: nothing is told
	Now    func() time.Time // the clock of the collector; nil: time.Now
}

// Store is a series in InfluxDB. Several goroutines may use it.
type Store struct {
	client influxdb2.Client
	http   *http.Client
	base   string // address without the name, for requests and for people
	name   string
	org    string
	token  string
	log    *slog.Logger
	now    func() time.Time
	clock  clock // of the server

	mutex sync.Mutex // guards what follows
	major int        // version that the database or the buckets were found ready in: 1 or 2; 0: they were not yet
}

var ( // checked when it is built
	_ collector.Destination = (*Store)(nil)
	_ collector.Advised     = (*Store)(nil)
)

// Open opens the series, and makes what is missing there where it may. A server that cannot be reached, or that a person has to do something
// for, is no error: each use tries again, and says so. It answers an error when the options cannot be used. With a new secret it is to be opened
// anew: a few small requests find out whether the secret may do what is needed, and nothing is kept of another Store.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{token: o.Token, log: o.Log, now: o.Now}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.parse(o.URL); err != nil {
		return nil, fmt.Errorf("address of InfluxDB: %w; it looks like http://host:8086/NAME, with ?org=ORG behind it for InfluxDB 2", err)
	}
	if strings.ContainsFunc(o.Token, unicode.IsControl) {
		return nil, errors.New("the token of InfluxDB holds a line break or another control character: write it on one line, with nothing else")
	}
	trusted, err := wire.Authorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	s.http = wire.Client(trusted, 2*time.Minute)
	options := influxdb2.DefaultOptions().SetPrecision(time.Nanosecond).SetApplicationName("veille-collector")
	options.HTTPOptions().SetHTTPDoer(&doer{s.http, s.now, &s.clock})
	s.client = influxdb2.NewClientWithOptions(s.base, o.Token, options)

	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := s.prepared(ctx); err != nil {
		s.log.WarnContext(ctx, "the series in InfluxDB is not ready", "at", s.at(), "error", err)
	}
	return s, nil
}

// parse takes an address apart.
func (s *Store) parse(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return errors.New("it is no address") // the library's words may hold a password
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("it begins neither with http:// nor with https://")
	case u.User != nil:
		return errors.New("a user or a password is in it: write them, as user:password, into the file of the token, which --series-token-file names")
	case u.Host == "" || u.Hostname() == "":
		return errors.New("it names no host")
	case u.Fragment != "":
		return errors.New("a # is in it")
	}
	for name, values := range u.Query() {
		if name != "org" || len(values) != 1 {
			return fmt.Errorf("after the ? stands %.40q: only org is known, once", name)
		}
	}
	path := strings.TrimRight(u.Path, "/")
	cut := strings.LastIndexByte(path, '/') + 1
	if err := usable(path[cut:]); err != nil {
		return err
	}
	s.name, s.org = path[cut:], u.Query().Get("org")
	s.base = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path[:cut]}).String()
	if !strings.HasSuffix(s.base, "/") {
		s.base += "/"
	}
	return nil
}

// usable tells whether a name may be that of a database, and the beginning of that of a bucket.
func usable(name string) error {
	switch {
	case name == "":
		return errors.New("it names no database or bucket")
	case len(name) > 100 || name == "." || name == ".." || strings.HasPrefix(name, "_"):
		return fmt.Errorf("%.40q cannot be the name of a database or bucket: it is longer than 100 bytes, made of dots, or begins with _", name)
	case strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsPrint(r) || r == unicode.ReplacementChar || strings.ContainsRune(`"'\`, r)
	}):
		return fmt.Errorf("%.40q cannot be the name of a database or bucket: it holds a quote, a backslash or what cannot be printed", name)
	}
	return nil
}

// at is where the series is, for people.
func (s *Store) at() string { return s.base + s.name }

// Started is always "": InfluxDB has points on disk before it answers. Its error says why the series cannot be used now, by looking whether all is
// ready there, or, where it was once, by a Ping.
func (s *Store) Started(ctx context.Context) (string, error) {
	if s.ready() == 0 {
		_, err := s.prepared(ctx)
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	_, err := s.client.Ping(ctx)
	return "", s.trouble("reach", err)
}

// Advice says what should be set up otherwise: the clocks, and the way to the server.
func (s *Store) Advice() (all []string) {
	if ahead := s.clock.ahead(); ahead != 0 {
		all = append(all, s.aboutClock(ahead))
	}
	if text := wire.InTheClear(s.base, s.token); text != "" {
		all = append(all, text)
	}
	return all
}

// Close lets go of idle connections.
func (s *Store) Close() error {
	s.client.Close()
	s.http.CloseIdleConnections()
	return nil
}
