package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/settings"
	"veille/collector"
	"veille/collector/clock"
	"veille/collector/listen"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// serving is the flags of serve.
type serving struct {
	folder
	measuring
	directory
	series              seriesFlags
	listen, metrics     string
	certificate, key    string
	acme                listen.ACME
	connections         int
	logFormat           string
	newKeys, trustClock bool
}

func (s *serving) flags(fs *pflag.FlagSet) {
	s.folder.flags(fs)
	fs.StringVar(&s.listen, "listen", "127.0.0.1:8765", "`address` to listen on; one that other machines reach needs --tls-cert or --acme-host")
	fs.StringVar(&s.certificate, "tls-cert", "", "PEM `file` of the certificate, with its chain; read again when it changes")
	fs.StringVar(&s.key, "tls-key", "", "PEM `file` of its key")
	fs.StringArrayVar(&s.acme.Hosts, "acme-host", nil, "`name` of this server, for which certificates are had from an authority by ACME; may be given several times; using it accepts the authority's terms")
	fs.StringVar(&s.acme.Email, "acme-email", "", "`address` that the authority may warn")
	fs.StringVar(&s.acme.Directory, "acme-directory", "", "`URL` of the authority; without it Let's Encrypt")
	fs.StringVar(&s.acme.CA, "acme-ca", "", "PEM `file` of whom the authority's own certificate is trusted by")
	fs.StringVar(&s.metrics, "metrics", "", "`address` on which figures about the collector itself are served in Prometheus format, like 127.0.0.1:9765; without it none are")
	fs.IntVar(&s.connections, "max-connections", listen.DefaultConnections, "`number` of connections open at once; the one that has been idle for longest is closed for a new one")
	fs.StringVar(&s.logFormat, "log-format", "text", "`text` or json")
	command.Values(fs, "log-format", "text", "json")
	s.series.flags(fs, "", "that points are delivered to, beside the ledger, which keeps everything")
	s.directory.flags(fs)
	s.measuring.flags(fs)
	fs.BoolVar(&s.newKeys, "new-keys", false, "make new keys where files of keys are missing that machines rely on: those that enrol again then become new machines "+
		"(organisation.key), all must be enrolled again to hear of policies (policy.key)")
	fs.BoolVar(&s.trustClock, "trust-clock", false, "believe the clock of this server, though it is far from the newest date in the ledger")
	fs.String(settings.File, "", "settings `file` with lines \"name = value\"")
}

func serveCommand(stdout, stderr io.Writer) command.Command {
	var s serving
	return command.Command{
		Name: "serve", Summary: "receive records and serve the dashboards, until told to stop",
		Example: "serve --data /var/lib/veille-collector\nserve --data /var/lib/veille-collector --series influx+http://127.0.0.1:8086/veille --series-token-file /etc/veille/influx.token\n" +
			"serve --data /var/lib/veille-collector --ledger postgres://veille@db.example.org/veille --series victoria+http://a.example.org:8428,b.example.org:8428\nserve --settings /etc/veille/collector.conf\n" +
			"serve --data /var/lib/veille-collector --listen 0.0.0.0:443 --tls-cert /etc/veille/fullchain.pem --tls-key /etc/veille/key.pem --metrics 127.0.0.1:9765\n" +
			"serve --data /var/lib/veille-collector --address https://veille.example.org --oidc-issuer https://login.example.org/realms/region --oidc-client veille --oidc-secret-file /etc/veille/oidc.secret",
		Flags: s.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), s.check()); err != nil {
				return err
			}
			log, err := s.log(stderr)
			if err != nil {
				return err
			}
			if s.shared() && postgres.Secret(s.ledger) {
				log.WarnContext(ctx, "the password in --ledger is seen by whoever lists the programs that run: put it into the file that PGPASSFILE names, or into PGPASSWORD")
			}
			if err := s.make(); err != nil {
				return err
			}
			destinations, err := s.series.destinations()
			if err != nil {
				return err
			}
			for _, warning := range s.series.warnings() {
				log.WarnContext(ctx, "a secret of --series is not kept well", "advice", warning)
			}
			release, err := sqlite.Lock(s.database()) // before it is opened: a newer program would change the tables of one that serves
			if errors.Is(err, sqlite.ErrLocked) {
				return fmt.Errorf("%w: a collector serves from %s already, or that is being restored or copied; let it end first, or choose another folder with --data", err, s.dir)
			}
			if err != nil {
				return fmt.Errorf("%w; choose another folder with --data, or run as the user it belongs to", err)
			}
			s.alone = true
			err = s.create(ctx, func(store *relational.Store) error {
				run, err := s.server(ctx, store, log)
				if err != nil {
					return err
				}
				run.destinations = destinations
				return s.present(ctx, store, run.holder, func(ctx context.Context) error { return run.serve(ctx, stdout) })
			})
			return errors.Join(err, release())
		},
	}
}

// check refuses flags that do not go together.
func (s *serving) check() error {
	encrypted := s.certificate != "" || len(s.acme.Hosts) > 0
	switch {
	case (s.certificate == "") != (s.key == ""):
		return command.Usage("--tls-cert and --tls-key go together")
	case s.certificate != "" && len(s.acme.Hosts) > 0:
		return command.Usage("give --tls-cert or --acme-host, not both")
	case s.connections < 16:
		return command.Usage("--max-connections %d is fewer than 16", s.connections)
	}
	if err := errors.Join(s.measuring.check(), s.directory.check(), listenAddress("--listen", s.listen, encrypted)); err != nil || s.metrics == "" {
		return err
	}
	return listenAddress("--metrics", s.metrics, true)
}

// listenAddress refuses what is no address, and one that other machines reach where nothing that is said on it is encrypted.
func listenAddress(flag, listen string, encrypted bool) error {
	host, port, err := net.SplitHostPort(listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return command.Usage("%s %q is not an address like 127.0.0.1:8765", flag, listen)
	}
	if ip := net.ParseIP(host); !encrypted && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return command.Usage("%s %s could be reached by other machines, and what is said on it would not be encrypted; add --tls-cert and --tls-key, "+
			"or --acme-host, or listen on 127.0.0.1 behind a reverse proxy", flag, listen)
	}
	return nil
}

func (s *serving) log(stderr io.Writer) (*slog.Logger, error) {
	switch s.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(stderr, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(stderr, nil)), nil
	}
	return nil, command.Usage("--log-format %q is neither text nor json", s.logFormat)
}

// server reads what a running collector needs.
func (s *serving) server(ctx context.Context, store *relational.Store, log *slog.Logger) (*server, error) {
	key, policyKey, err := s.keys(ctx, store, s.newKeys)
	if err != nil {
		return nil, err
	}
	newest, err := store.NewestDate(ctx)
	if err != nil {
		return nil, err
	}
	if s.trustClock {
		newest = ""
		if err := store.TrustDate(ctx, collector.DateOf(time.Now())); err != nil {
			return nil, err
		}
	}
	wall, err := clock.New(newest, clock.System())
	if err != nil {
		return nil, err
	}
	return &server{serving: s, store: store, key: key, policyKey: policyKey, clock: wall, log: log, holder: rand.Text()}, nil
}
