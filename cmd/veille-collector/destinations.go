package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/store/influx"
	"veille/collector/store/victoria"
)

// seriesFlags are the flags of series that points are brought to.
type seriesFlags struct {
	prefix      string // of the flags
	addresses   []string
	secrets     []string // files, in the order of addresses
	authorities []string // likewise
}

func (s *seriesFlags) flags(fs *pflag.FlagSet, prefix, what string) {
	s.prefix = prefix
	fs.StringArrayVar(&s.addresses, prefix+"series", nil, "`address` of the series "+what+": influx+http://host:8086/DATABASE (1.x), influx+https://host/NAME?org=ORG (2.x) "+
		"or victoria+http://host:8428,host:8428 (each is a destination of its own); may be given several times")
	fs.StringArrayVar(&s.secrets, s.flagOf("token-file"), nil, "`file` with the secret of that series: a token, or user:password of InfluxDB 1.x; kept out of the address, which others may see. "+
		"Of several series each has its own, in their order; none for one that has none. Read again when the secret is not accepted")
	fs.StringArrayVar(&s.authorities, s.flagOf("ca-file"), nil, "PEM `file` of whom the certificate of that series is trusted by, in place of the system's; one for each series, in their order, or none")
}

// flagOf is the name of a flag that belongs to a series.
func (s *seriesFlags) flagOf(name string) string {
	if s.prefix == "" {
		return "series-" + name
	}
	return s.prefix + name
}

// destination is one place that points are brought to, which is known by its address, and not open yet.
type destination struct {
	name string // without a secret
	// open reads the files of the secret and of the authorities as they are then.
	open func(context.Context, *slog.Logger) (collector.Destination, error)
}

// destinations reads the addresses that were given.
func (s *seriesFlags) destinations() ([]destination, error) {
	for _, f := range []struct {
		name  string
		files []string
	}{{"token-file", s.secrets}, {"ca-file", s.authorities}} {
		if n := len(f.files); n > 0 && n != len(s.addresses) {
			return nil, command.Usage("--%s is given %d times and --%sseries %d times: each series has its own, in their order, or none", s.flagOf(f.name), n, s.prefix, len(s.addresses))
		}
	}
	var all []destination
	for i, address := range s.addresses {
		if _, err := s.token(i); err != nil {
			return nil, err
		}
		kind, rest, _ := strings.Cut(address, "+")
		var some []destination
		var err error
		switch kind {
		case "influx":
			some, err = s.influxAt(i, rest)
		case "victoria":
			some, err = s.victoriaAt(i, rest)
		default:
			err = fmt.Errorf("it begins with neither influx+http:// nor victoria+http://")
		}
		if err != nil {
			return nil, command.Usage("--%sseries %.80q: %v", s.prefix, withoutSecret(address), err)
		}
		all = append(all, some...)
	}
	for i, d := range all {
		for _, other := range all[:i] {
			if other.name == d.name {
				return nil, command.Usage("--%sseries: %s is named twice", s.prefix, d.name)
			}
		}
	}
	return all, nil
}

// noFile is how --series-token-file and --series-ca-file say that a series has none.
const noFile = "none"

// fileOf is the file of a series; "" where it has none.
func fileOf(files []string, i int) string {
	if len(files) == 0 || files[i] == noFile {
		return ""
	}
	return files[i]
}

// token is the secret of a series, as it is in its file now; "" where it has none.
func (s *seriesFlags) token(i int) (string, error) {
	file := fileOf(s.secrets, i)
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // whoever starts the collector names it
	if err != nil {
		return "", fmt.Errorf("read the secret of the series: %w; correct --%s", err, s.flagOf("token-file"))
	}
	return strings.TrimSpace(string(text)), nil
}

func (s *seriesFlags) influxAt(i int, address string) ([]destination, error) {
	name, err := destinationName("influx", address)
	if err != nil {
		return nil, err
	}
	return []destination{{name: name, open: func(ctx context.Context, log *slog.Logger) (collector.Destination, error) {
		token, err := s.token(i)
		if err != nil {
			return nil, err
		}
		return influx.Open(ctx, influx.Options{URL: address, Token: token, CAFile: fileOf(s.authorities, i), Log: log})
	}}}, nil
}

func (s *seriesFlags) victoriaAt(i int, address string) ([]destination, error) {
	nodes, err := victoria.Parse(address)
	if err != nil {
		return nil, err
	}
	var all []destination
	for _, o := range nodes {
		name, err := destinationName("victoria", o.Write)
		if err != nil {
			return nil, err
		}
		all = append(all, destination{name: name, open: func(ctx context.Context, _ *slog.Logger) (collector.Destination, error) {
			token, err := s.token(i)
			if err != nil {
				return nil, err
			}
			o.Token, o.CAFile = token, fileOf(s.authorities, i)
			return victoria.Open(ctx, o)
		}})
	}
	return all, nil
}

// destinationName is what a destination is called on pages, in logs and in the ledger: what kind it is, and where. Its positions are kept under this name.
func destinationName(kind, address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", errors.New("it is no address")
	case u.User != nil:
		return "", errors.New("a password in an address is seen by others: take it out, and put it into a file, see --help")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return "", errors.New("it has no http:// or https:// and host behind the plus")
	}
	return kind + " " + u.Host + strings.TrimSuffix(u.Path, "/"), nil
}

// only is the only series that was named.
func (s *seriesFlags) only() (destination, error) {
	all, err := s.destinations()
	if err != nil {
		return destination{}, err
	}
	if len(all) != 1 {
		return destination{}, command.Usage("give --%sseries once, with one address; of several nodes of VictoriaMetrics each is a destination of its own", s.prefix)
	}
	return all[0], nil
}
