package listen

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Files are a certificate and its key in two PEM files, read again when they change. The files are looked at during handshakes, so a
// collector to which nobody speaks does nothing.
type Files struct {
	names [2]string // certificate with its chain, key
	log   *slog.Logger
	pair  atomic.Pointer[tls.Certificate]

	mu      sync.Mutex // of what follows
	checked time.Time
	loaded  [2]stamp // of the pair in use
	broken  bool     // what is on disk cannot be used, and that was told
}

// every is how often files are looked at, at most.
const every = 5 * time.Second

// stamp is how a change of a file is seen: renewals are written anew or linked anew, with another time.
type stamp struct {
	changed time.Time
	size    int64
}

// LoadFiles reads a certificate (with the chain up to its authority) and its key. It logs if it has expired or soon will.
func LoadFiles(ctx context.Context, certificate, key string, log *slog.Logger) (*Files, error) {
	f := &Files{names: [2]string{certificate, key}, log: log}
	stamps, err := f.stamps()
	if err != nil {
		return nil, err
	}
	if err := f.load(stamps); err != nil {
		return nil, err
	}
	tell(ctx, log, f.pair.Load().Leaf)
	return f, nil
}

// Config is the encryption with this certificate.
func (f *Files) Config() *tls.Config { return config(f.certificate) }

// DaysLeft is how long the certificate in use is valid.
func (f *Files) DaysLeft() (days float64, known bool) { return daysLeft(f.pair.Load().Leaf), true }

func (f *Files) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if f.mu.TryLock() { // if another handshake is looking, this one does not wait for it
		f.look(hello.Context())
		f.mu.Unlock()
	}
	return f.pair.Load(), nil
}

// look takes a changed pair into use. One that cannot be used, such as one half of which is not written yet, is told once and
// tried again at the next look. The caller holds mu.
func (f *Files) look(ctx context.Context) {
	if time.Since(f.checked) < every {
		return
	}
	f.checked = time.Now()
	stamps, err := f.stamps()
	if err == nil && stamps == f.loaded {
		f.broken = false
		return
	}
	if err == nil {
		err = f.load(stamps)
	}
	switch {
	case err == nil:
		f.broken = false
		f.log.InfoContext(ctx, "certificate replaced", "days_left", int(daysLeft(f.pair.Load().Leaf)))
		tell(ctx, f.log, f.pair.Load().Leaf)
	case !f.broken:
		f.broken = true
		f.log.WarnContext(ctx, "the new certificate cannot be used, the one before is kept", "err", err)
	}
}

func (f *Files) stamps() (out [2]stamp, err error) {
	for i, name := range f.names {
		info, err := os.Stat(name)
		if err != nil {
			return out, fmt.Errorf("look at the certificate: %w", err)
		}
		out[i] = stamp{changed: info.ModTime(), size: info.Size()}
	}
	return out, nil
}

// load reads the pair whose stamps were taken before: a file written meanwhile is then seen as changed at the next look.
func (f *Files) load(stamps [2]stamp) error {
	pair, err := tls.LoadX509KeyPair(f.names[0], f.names[1])
	if err != nil {
		return fmt.Errorf("load the certificate %s and its key %s: %w", f.names[0], f.names[1], err)
	}
	f.pair.Store(&pair)
	f.loaded = stamps
	return nil
}
