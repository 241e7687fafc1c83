// Package listen answers the network: connections within bounds, encryption, time-outs.
//
// No address of whoever speaks is kept, logged or counted, and there is no access log: the time at which a machine speaks says when
// somebody came to work.
package listen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"
)

// DefaultConnections is how many connections are open at once where Options say nothing. An idle one costs 17 kB (HTTP/1.1) or 27 kB
// (HTTP/2) with TLS, its other end included (BenchmarkIdleConnection), and Go's collector lets garbage grow to as much again.
const DefaultConnections = 4096

const (
	defaultGrace  = 10 * time.Second
	headerTimeout = 10 * time.Second // of the TLS handshake too
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = time.Minute // an agent says what it has to say at once, and then nothing for a day
	headerBytes   = 16 << 10
)

// Options say how one address is served.
type Options struct {
	Handler     http.Handler
	TLS         Certificates  // nil: no encryption, for loopback and a reverse proxy
	Connections int           // open at once; 0: DefaultConnections
	Grace       time.Duration // how long requests under way may take when the program is told to stop; 0: ten seconds
	Metrics     *Metrics      // where connections are counted; nil: nowhere. One Serve at most for each Metrics
	Log         *slog.Logger
}

// Serve answers on listener until ctx ends. Then it takes no more connections, closes those without a request, lets requests under way
// finish within the grace, and cuts short what is left. It answers nil if it was stopped so, and an error if it could not go on before.
// It closes listener. A handler's panic is answered with status 500 and logged by its route, without an address.
func Serve(ctx context.Context, listener net.Listener, o Options) error {
	panics := counter(func() {})
	closed := counter(func() {})
	if o.Metrics != nil {
		panics = o.Metrics.Counter("handler_panics_total", "Requests whose handler panicked; each has a line in the log.").Inc
		closed = o.Metrics.Counter("connections_closed_for_room_total", "Connections closed to make room for new ones.").Inc
	}
	room := withinFiles(ctx, cmp.Or(max(o.Connections, 0), DefaultConnections), o.Log)
	crowd := newCrowd(listener, room, closed)
	if o.Metrics != nil {
		o.Metrics.Gauge("connections_open", "Connections that are open.", func() (float64, bool) { return float64(crowd.size()), true })
		if o.TLS != nil {
			o.Metrics.certificate(o.TLS.DaysLeft)
		}
	}

	base, cut := context.WithCancel(context.WithoutCancel(ctx)) // a request under way outlives ctx by the grace
	defer cut()
	web := newServer(base, crowd, survive(o.Handler, panics, o.Log), o.TLS)
	served := make(chan error, 1)
	go func() { served <- serve(web, crowd) }()
	select {
	case err := <-served:
		_ = web.Close()
		return fmt.Errorf("answer on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	crowd.dismiss()
	wait, cancel := context.WithTimeout(base, cmp.Or(o.Grace, defaultGrace))
	defer cancel()
	if err := web.Shutdown(wait); err != nil {
		o.Log.WarnContext(base, "requests cut short", "connections", crowd.size(), "err", err)
		_ = web.Close() // and with cut, the contexts of the requests
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("answer on %s: %w", listener.Addr(), err)
	}
	return nil
}

type counter func()

func serve(web *http.Server, l net.Listener) error {
	if web.TLSConfig != nil {
		return web.ServeTLS(l, "", "")
	}
	return web.Serve(l)
}

// newServer is Go's server with every bound that it has.
func newServer(base context.Context, crowd *crowd, h http.Handler, certificates Certificates) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(certificates != nil)
	web := &http.Server{
		Handler:           crowd.follow(h),
		Protocols:         protocols,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: headerBytes,
		HTTP2: &http.HTTP2Config{ // the least that the protocol allows: a batch of records is some 10 kB
			MaxConcurrentStreams: 32, MaxReadFrameSize: 16 << 10,
			MaxReceiveBufferPerConnection: 64 << 10, MaxReceiveBufferPerStream: 64 << 10,
			MaxDecoderHeaderTableSize: 4 << 10, MaxEncoderHeaderTableSize: 4 << 10,
			WriteByteTimeout: readTimeout,
		},
		ErrorLog:    slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would log addresses
		BaseContext: func(net.Listener) context.Context { return base },
		ConnContext: withConn,
		ConnState:   state,
	}
	if certificates != nil {
		web.TLSConfig = certificates.Config()
	}
	return web
}

// survive logs a handler's panic, without the address or the path of whoever met it, and answers that it is our fault. If the answer
// had begun, nothing can be said any more and the connection is closed.
func survive(h http.Handler, count counter, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // the handler's way to close the connection, which net/http knows
			}
			count()
			log.ErrorContext(r.Context(), "handler panicked", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
			http.Error(w, "something is wrong here; the administrator finds the reason in the collector's log", http.StatusInternalServerError)
		}()
		h.ServeHTTP(w, r)
	})
}
