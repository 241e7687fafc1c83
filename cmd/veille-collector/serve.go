package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/settings"
	"veille/collector/crawl"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/store/outbox"
	"veille/collector/store/sqlite"
	"veille/dashboards"
)

func serveCommand(stdout, stderr io.Writer) command.Command {
	var f folder
	var listen string
	var private, newKeys bool
	return command.Command{
		Name: "serve", Summary: "receive records and serve the dashboards, until told to stop",
		Example: "serve --data /var/lib/veille-collector\nserve --settings /etc/veille/collector.conf",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&listen, "listen", "127.0.0.1:8765", "`address` to listen on; a loopback address: TLS and sign-in are the reverse proxy's")
			privateFlag(fs, &private)
			fs.BoolVar(&newKeys, "new-keys", false, "make new keys where files of keys are missing that machines rely on: those that enrol again then become new machines "+
				"(organisation.key), all must be enrolled again to hear of policies (policy.key)")
			fs.String(settings.File, "", "settings `file` with lines \"name = value\"")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if err := loopback(listen); err != nil {
				return err
			}
			return f.create(ctx, func(store *sqlite.Store) error {
				key, policyKey, err := f.keys(ctx, store, newKeys)
				if err != nil {
					return err
				}
				s := server{store: store, key: key, policyKey: policyKey, private: private, log: slog.New(slog.NewTextHandler(stderr, nil))}
				return s.serve(ctx, listen, stdout)
			})
		},
	}
}

// loopback refuses an address that other machines could reach: this version has neither TLS nor sign-in of its own.
func loopback(listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return command.Usage("--listen %q is not an address like 127.0.0.1:8765", listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return command.Usage("--listen %s could be reached by other machines, and this version has no TLS and no sign-in of its own; "+
			"listen on 127.0.0.1 and put a reverse proxy with both in front", listen)
	}
	return nil
}

// server is one running collector.
type server struct {
	store     *sqlite.Store
	key       []byte             // of the organisation
	policyKey ed25519.PrivateKey // signs policies
	private   bool
	log       *slog.Logger
}

// serve answers on listen until ctx ends, then lets the requests under way finish.
func (s server) serve(ctx context.Context, listen string, stdout io.Writer) error {
	pages, err := dashboards.New(s.store, s.store, s.log)
	if err != nil {
		return err
	}
	series := outbox.New("series", s.store, s.store, s.log)
	measurer := newMeasurer(s.private)
	defer measurer.Close()
	crawler := crawl.New(s.store, s.store, measurer, s.log)

	agents := ingest.New(enrol.New(s.key, s.store), s.store, policies{s.store}, s.policyKey, series.Wake, s.log)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; stop the program that uses it, or choose another address with --listen", listen, err)
	}
	web := &http.Server{
		Handler:           s.survive(routes(agents, pages)),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would log addresses
	}
	work, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	background.Go(func() { series.Run(work) })
	background.Go(func() { crawler.Run(work) })
	background.Go(func() {
		<-work.Done()
		wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := web.Shutdown(wait); err != nil {
			s.log.WarnContext(wait, "requests cut short", "err", err)
		}
	})
	s.log.InfoContext(ctx, "collector started", "listen", listener.Addr().String())
	if _, err := fmt.Fprintf(stdout, "http://%s/\n", listener.Addr()); err != nil {
		return err
	}
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	s.log.InfoContext(ctx, "collector stopped")
	return nil
}

// survive logs a handler's panic, without the address of whoever met it, and answers that it is our fault.
func (s server) survive(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				s.log.ErrorContext(r.Context(), "handler panicked", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				http.Error(w, "something is wrong here; the administrator finds the reason in the collector's log", http.StatusInternalServerError)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// routes sends the agents' requests to ingest, and all others to the pages.
func routes(agents, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", agents)
	mux.Handle("/", pages)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux
}
