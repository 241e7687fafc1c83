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

// seriesFlags are the flags of series of somebody else's.
type seriesFlags struct {
	prefix    string // of the flags
	addresses []string
	secrets   []string // files, in the order of addresses
}

func (s *seriesFlags) flags(fs *pflag.FlagSet, prefix, what string) {
	s.prefix = prefix
	fs.StringArrayVar(&s.addresses, prefix+"series", nil, "`address` of the series "+what+": influx+http://host:8086/DATABASE (1.x), influx+https://host/NAME?org=ORG (2.x) "+
		"or victoria+http://host:8428,host:8428 (each is a node of its own); may be given several times")
	fs.StringArrayVar(&s.secrets, s.secretFlag(), nil, "`file` with the secret of that series: a token, or user:password of InfluxDB 1.x; kept out of the address, which others may see. "+
		"Of several series each has its own, in their order; none for one that has none")
}

// secretFlag is the name of the flag of the secret.
func (s *seriesFlags) secretFlag() string {
	if s.prefix == "" {
		return "series-token-file"
	}
	return s.prefix + "token-file"
}

// destination is one series that is known by its address, and not open yet.
type destination struct {
	name string // without a secret
	open func(context.Context, *slog.Logger) (collector.Destination, error)
}

// destinations reads the addresses that were given.
func (s *seriesFlags) destinations() ([]destination, error) {
	if len(s.addresses) == 0 {
		return nil, nil
	}
	if n := len(s.secrets); n > 0 && n != len(s.addresses) {
		return nil, command.Usage("--%s is given %d times and --%sseries %d times: each series has its own secret, in their order, or none", s.secretFlag(), n, s.prefix, len(s.addresses))
	}
	var all []destination
	for i, address := range s.addresses {
		token, err := s.token(i)
		if err != nil {
			return nil, err
		}
		kind, rest, _ := strings.Cut(address, "+")
		var some []destination
		switch kind {
		case "influx":
			some, err = influxAt(rest, token)
		case "victoria":
			some, err = victoriaAt(rest, token)
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

// noSecret is how --series-token-file says that a series has none.
const noSecret = "none"

// token is the secret of a series; "" where it has none.
func (s *seriesFlags) token(i int) (string, error) {
	if len(s.secrets) == 0 || s.secrets[i] == noSecret {
		return "", nil
	}
	text, err := os.ReadFile(s.secrets[i])
	if err != nil {
		return "", fmt.Errorf("read the secret of the series: %w; correct --%s", err, s.secretFlag())
	}
	return strings.TrimSpace(string(text)), nil
}

func influxAt(address, token string) ([]destination, error) {
	o := influx.Options{URL: address, Token: token}
	name, err := seriesName("influx", address)
	if err != nil {
		return nil, err
	}
	return []destination{{name: name, open: func(ctx context.Context, log *slog.Logger) (collector.Destination, error) {
		o.Log = log
		return influx.Open(ctx, o)
	}}}, nil
}

func victoriaAt(address, token string) ([]destination, error) {
	nodes, err := victoria.Parse(address)
	if err != nil {
		return nil, err
	}
	var all []destination
	for _, o := range nodes {
		o.Token = token
		name, err := seriesName("victoria", o.Write)
		if err != nil {
			return nil, err
		}
		all = append(all, destination{name: name, open: func(ctx context.Context, log *slog.Logger) (collector.Destination, error) {
			s, err := victoria.Open(ctx, o)
			if err != nil {
				return nil, err
			}
			for _, advice := range s.Advice() {
				log.WarnContext(ctx, "a series could be set up better", "destination", name, "advice", advice)
			}
			return s, nil
		}})
	}
	return all, nil
}

// seriesName is what a series is called on pages, in logs and in the ledger: what kind it is, and where. Its position is kept under this name.
func seriesName(kind, address string) (string, error) {
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

// one opens the only series that was named.
func (s *seriesFlags) one(ctx context.Context) (collector.Destination, error) {
	all, err := s.destinations()
	if err != nil {
		return nil, err
	}
	if len(all) != 1 {
		return nil, command.Usage("give --%sseries once, with one address; of several nodes of VictoriaMetrics each is a series of its own", s.prefix)
	}
	return all[0].open(ctx, slog.New(slog.DiscardHandler))
}
