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
	"strings"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/clock"
	"veille/collector/crawl"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/label"
	"veille/collector/lease"
	"veille/collector/listen"
	"veille/collector/metering"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/signin"
	"veille/collector/store/relational"
	"veille/dashboards"
)

// server is one running collector.
type server struct {
	*serving
	store        *relational.Store
	key          []byte             // of the organisation
	policyKey    ed25519.PrivateKey // signs policies
	clock        *clock.Clock
	log          *slog.Logger
	holder       string        // of leases: drawn for this run
	destinations []destination // that points are delivered to
}

// serve answers until ctx ends, then lets the requests under way finish.
func (s *server) serve(ctx context.Context, stdout io.Writer) error {
	crawler := s.crawler(s.store, s.dir, s.log)
	asks := queue{s.store, crawler}
	admin := newAdminAPI(s.store, asks.Ask, s.log)
	figures := privacy.New(s.store.Figures(), s.store.Figures(), today)
	reports := label.New(s.store, figures, today)
	pages, err := s.pages(admin, asks, figures, reports)
	if err != nil {
		return err
	}
	agents := ingest.New(ingest.Parts{
		Registry: enrol.New(s.key, s.store), Ledger: s.store, Policies: policies{s.store}, Key: s.policyKey, Now: s.clock.Now, Log: s.log,
	})
	door := metering.New(metering.Parts{Ledger: s.store, Now: s.clock.Now, Log: s.log})
	checks := s.checks()
	health := listen.NewHealth(s.log, checks...)
	metrics := s.figures(agents.Counts(), health)
	s.meterFigures(metrics, door.Counts())
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
	s.once(work, &background, "baselines", func(ctx context.Context) { nightly(ctx, func(ctx context.Context) { s.baselines(ctx, reports) }) })
	s.once(work, &background, "meters", door.Run)
	s.deliverAll(work, &background)
	background.Go(func() { listen.Notify(work, s.answers, s.log) })
	s.log.InfoContext(ctx, "collector started", "listen", listener.Addr().String(), "encrypted", certificates != nil)
	if _, err := fmt.Fprintf(stdout, "%s://%s/\n", map[bool]string{true: "https", false: "http"}[certificates != nil], listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	err = listen.Serve(ctx, listener, listen.Options{
		Handler: s.routes(agents, door, admin, pages, health), TLS: certificates, Connections: s.connections, Metrics: metrics, Log: s.log,
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
	s.once(ctx, background, "crawl", crawler.Run)
	s.once(ctx, background, jobRollUp, func(ctx context.Context) {
		rollup.New(s.store, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, s.log).Loop(ctx, s.today)
	})
}

// once does a job in the background, and where several collectors share a ledger in one of them at a time.
func (s *server) once(ctx context.Context, background *sync.WaitGroup, job string, do func(context.Context)) {
	background.Go(func() {
		if !s.shared() {
			do(ctx)
			return
		}
		lease.Keep(ctx, s.store, job, s.holder, do)
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

// pages are the pages, and the doors that let people and figures through to them.
func (s *server) pages(admin *adminAPI, asks queue, door *privacy.Door, reports *label.Maker) (*dashboards.Handler, error) {
	directory, err := s.directory.open(s.log)
	if err != nil {
		return nil, err
	}
	return dashboards.New(dashboards.Parts{
		Ledger: s.store, Series: s.store.Embedded(), Web: s.store, Queue: asks, Commands: admin, Key: admin.user, Reports: reports,
		Door:       door,
		Doorkeeper: signin.New(s.store, directory, today),
		Now:        time.Now, Log: s.log,
	})
}

// routes sends the agents' requests to ingest, those of meters to metering, those of administrators to their commands, and all others to the pages, which ask who is there.
// Below /public/ and /opendata/ is what organisations show to everybody.
func (s *server) routes(agents, meters http.Handler, admin *adminAPI, pages *dashboards.Handler, health http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/", func(w http.ResponseWriter, r *http.Request) {
		if ofAgents(r) {
			agents.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
	for _, pattern := range []string{"/api/v2/write", "/write", "/ping", "/health"} { // as InfluxDB has them
		mux.Handle(pattern, meters)
	}
	mux.Handle("/api/v1/admin/", admin)
	mux.Handle("/", pages)
	mux.Handle("GET /public/web/", http.StripPrefix("/public", pages.Public()))
	mux.Handle("/opendata/", publisher(s.store).Handler(s.base()))
	mux.Handle("GET /healthz", health)
	return mux
}

// base is the address of this collector as others reach it; "" where nobody has said it.
func (s *serving) base() string {
	if s.address == "" && len(s.acme.Hosts) > 0 {
		return "https://" + s.acme.Hosts[0]
	}
	return strings.TrimSuffix(s.address, "/")
}

// ofAgents tells whether a request below /api/v1/ is for ingest: what agents ask for, and whatever only they would send. Others read figures.
func ofAgents(r *http.Request) bool {
	switch r.URL.Path {
	case "/api/v1/enrol", "/api/v1/records", "/api/v1/policy", "/api/v1/record.schema.json":
		return true
	}
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}
