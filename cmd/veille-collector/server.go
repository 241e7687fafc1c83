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
	"path/filepath"
	"sync"

	"veille/collector"
	"veille/collector/clock"
	"veille/collector/crawl"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/listen"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/sqlite"
	"veille/dashboards"
)

// server is one running collector.
type server struct {
	*serving
	store     *sqlite.Store
	key       []byte             // of the organisation
	policyKey ed25519.PrivateKey // signs policies
	clock     *clock.Clock
	log       *slog.Logger
}

// serve answers until ctx ends, then lets the requests under way finish.
func (s *server) serve(ctx context.Context, stdout io.Writer) error {
	crawler := s.crawler(s.store, s.dir, s.log)
	asks := queue{s.store, crawler}
	pages, err := dashboards.New(s.store, s.store.Embedded(), s.store, asks, s.log)
	if err != nil {
		return err
	}
	agents := ingest.New(ingest.Parts{
		Registry: enrol.New(s.key, s.store), Ledger: s.store, Policies: policies{s.store}, Key: s.policyKey, Now: s.clock.Now, Log: s.log,
	})
	checks := s.checks()
	health := listen.NewHealth(s.log, checks...)
	metrics := s.figures(agents.Counts(), health)
	work, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer background.Wait()
	defer stop()
	certificates, err := s.certificates(work, &background)
	if err != nil {
		return err
	}
	listener, err := open(ctx, "--listen", s.listen)
	if err != nil {
		return err
	}
	if err := s.serveFigures(work, &background, metrics); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.work(work, &background, crawler)
	background.Go(func() { listen.Notify(work, s.answers, s.log) })
	s.log.InfoContext(ctx, "collector started", "listen", listener.Addr().String(), "encrypted", certificates != nil)
	if _, err := fmt.Fprintf(stdout, "%s://%s/\n", map[bool]string{true: "https", false: "http"}[certificates != nil], listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	err = listen.Serve(ctx, listener, listen.Options{
		Handler: s.routes(agents, pages, health, asks), TLS: certificates, Connections: s.connections, Metrics: metrics, Log: s.log,
	})
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	s.log.InfoContext(ctx, "collector stopped")
	return nil
}

func open(ctx context.Context, flag, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; stop the program that uses it, or choose another address with %s", address, err, flag)
	}
	return listener, nil
}

// certificates are those of the files or of the authority that were named; nil for none.
func (s *server) certificates(ctx context.Context, background *sync.WaitGroup) (listen.Certificates, error) {
	if s.certificate != "" {
		return listen.LoadFiles(ctx, s.certificate, s.serving.key, s.log)
	}
	if len(s.acme.Hosts) == 0 {
		return nil, nil //nolint:nilnil // no encryption is an answer
	}
	s.acme.Folder = filepath.Join(s.dir, "acme")
	issuer, err := listen.NewIssuer(s.acme, s.log)
	if err != nil {
		return nil, err
	}
	background.Go(func() { issuer.Run(ctx) })
	return issuer, nil
}

// work does what a collector does by itself: measure websites, and roll up at night.
func (s *server) work(ctx context.Context, background *sync.WaitGroup, crawler *crawl.Crawler) {
	background.Go(func() { crawler.Run(ctx) })
	background.Go(func() {
		rollup.New(s.store, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, s.log).Loop(ctx, s.today)
	})
}

// today is the date of a roll-up: "", which none has, while the clock is in doubt.
func (s *server) today() collector.Date {
	now, err := s.clock.Now()
	if err != nil {
		return ""
	}
	return collector.DateOf(now)
}

// serveFigures serves the figures about the collector itself, if an address was given for them.
func (s *server) serveFigures(ctx context.Context, background *sync.WaitGroup, metrics *listen.Metrics) error {
	if s.metrics == "" {
		return nil
	}
	listener, err := open(ctx, "--metrics", s.metrics)
	if err != nil {
		return err
	}
	background.Go(func() {
		if err := listen.Serve(ctx, listener, listen.Options{Handler: metrics.Handler(), Connections: 16, Log: s.log}); err != nil {
			s.log.ErrorContext(ctx, "figures not served any more", "err", err)
		}
	})
	return nil
}

// routes sends the agents' requests to ingest, those of administrators to their commands, and all others to the pages. Below /public/ is what
// organisations show to everybody: a reverse proxy lets it pass without a sign-in.
func (s *server) routes(agents http.Handler, pages *dashboards.Handler, health http.Handler, asks queue) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", agents)
	mux.Handle("/api/v1/admin/", newAdminAPI(s.store, asks.Ask, s.log))
	mux.Handle("/", near(pages))
	mux.Handle("GET /public/", http.StripPrefix("/public", pages.Public()))
	mux.Handle("GET /healthz", health)
	return mux
}

// near serves the pages to this server only, or to its reverse proxy, which knows who may see them: this version has no sign-in.
func near(pages http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			http.Error(w, "the pages have no sign-in yet, so they are shown on the server itself only, or through a reverse proxy that has one", http.StatusForbidden)
			return
		}
		pages.ServeHTTP(w, r)
	})
}
