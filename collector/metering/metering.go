// Package metering accepts what meters post in line protocol.
package metering

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"veille/collector"
	"veille/collector/intake"
)

// Ledger keeps what meters say: when KeepMeterPost returns without an error, it is on disk. MeterEntrance answers collector.ErrToken for a token that
// opens nothing.
type Ledger interface {
	MeterEntrance(ctx context.Context, hash [32]byte, on collector.Date) (collector.MeterEntrance, error)
	MeterRulesOf(ctx context.Context, site int64) ([]collector.MeterRule, error)
	MetersOf(ctx context.Context, keys []collector.MeterKey) ([]collector.Meter, error)
	MetersAt(ctx context.Context, site int64) (map[collector.MeterKey]int64, error)
	MeterSamplesOn(ctx context.Context, site, day int64) (int64, error)
	KeepMeterPost(ctx context.Context, samples []collector.MeterSample) error
	FoldMeters(ctx context.Context) (collector.MeterDebt, error)
	MeterDebt(ctx context.Context) (collector.MeterDebt, error)
	AccountMeters(ctx context.Context) (int, error)
	TidyMeters(ctx context.Context, today collector.Date) error
}

// Parts are what a handler works with.
type Parts struct {
	Ledger   Ledger
	Now      func() (time.Time, error) // what time it is, or why nobody knows: nothing is then accepted
	Log      *slog.Logger
	Memory   int64 // bytes that posts may take together; 0: DefaultMemory
	MostADay int64 // samples that a site may bring of one day in UTC before its meters are taken less often; 0: DefaultMostADay
}

// DefaultMemory is how many bytes of memory posts may take together.
const DefaultMemory = 64 << 20

// DefaultMostADay is how many samples a site may bring of one day in UTC: those of 2300 meters every ten seconds. In ninety days they take some five
// gigabytes.
const DefaultMostADay = 20_000_000

// Handler answers meters. It writes no access log and remembers no address.
type Handler struct {
	Parts
	mux     *http.ServeMux
	memory  *intake.Memory
	bodies  intake.Bodies
	sites   sites
	counts  Counts
	waiting atomic.Int64  // about how many bytes of posts are not folded, where nobody else folds
	asked   atomic.Int64  // when the ledger was asked how many there are, in seconds since 1970
	full    chan struct{} // says that there are many
	ill     intake.Spell
}

// Counts are what became of posts and lines since the handler was made.
type Counts struct {
	Posts     atomic.Int64 // that were answered: what could be kept of them is on disk
	Lines     atomic.Int64 // kept
	Samples   atomic.Int64 // kept
	Dropped   atomic.Int64 // lines that were not kept, or not whole
	Strangers atomic.Int64 // posts with a token that opens nothing, or that is in the address
	Unusable  atomic.Int64 // posts that nothing could be read of
	Busy      atomic.Int64 // posts that were to come again, as there was no room
	Failed    atomic.Int64 // posts that were to come again, through no fault of theirs
}

// New makes a handler.
func New(p Parts) *Handler {
	h := &Handler{Parts: p, mux: http.NewServeMux(), memory: intake.NewMemory(cmp.Or(p.Memory, DefaultMemory)), full: make(chan struct{}, 1)}
	h.MostADay = cmp.Or(p.MostADay, DefaultMostADay)
	h.bodies = intake.Bodies{Sent: maxText, Text: maxText, Early: mostBefore, Beside: overhead}
	h.mux.HandleFunc("POST /api/v2/write", func(w http.ResponseWriter, r *http.Request) { h.write(answers{w, 2}, r) })
	h.mux.HandleFunc("POST /write", func(w http.ResponseWriter, r *http.Request) { h.write(answers{w, 1}, r) })
	h.mux.HandleFunc("GET /ping", ping)
	h.mux.HandleFunc("GET /health", health)
	return h
}

// Counts are what became of posts and lines since the handler was made.
func (h *Handler) Counts() *Counts { return &h.counts }

// ServeHTTP answers POST /api/v2/write, POST /write, GET /ping and GET /health.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// ping tells clients that look whether somebody is there.
func ping(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Influxdb-Build", "OSS")
	w.Header().Set("X-Influxdb-Version", version)
	w.WriteHeader(http.StatusNoContent)
}

// version is whose answers are given, to clients that ask for it: those of InfluxDB 2.
const version = "v2.0.0-veille"

func health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client left
		"name": "veille", "message": "ready for writes of meters", "status": "pass", "checks": []string{}, "version": version, "commit": "",
	})
}

// write answers one post.
func (h *Handler) write(w answers, r *http.Request) {
	now, err := h.Now()
	if err != nil {
		h.trouble(w, r, "the clock of the collector is in doubt", err)
		return
	}
	if w.version == 2 && r.URL.Query().Has("p") {
		h.counts.Strangers.Add(1)
		w.told()
		return
	}
	e, err := h.Ledger.MeterEntrance(r.Context(), sha256.Sum256([]byte(secretOf(r, w.version))), collector.DateOf(now))
	if errors.Is(err, collector.ErrToken) {
		h.counts.Strangers.Add(1)
		w.stranger()
		return
	}
	if err != nil {
		h.trouble(w, r, "the token could not be looked up", err)
		return
	}
	unit, err := precisionOf(r.URL.Query().Get("precision"), w.version)
	if err != nil {
		h.counts.Unusable.Add(1)
		w.refuse(http.StatusBadRequest, "invalid", err.Error())
		return
	}
	if h.behind(r.Context()) {
		h.counts.Busy.Add(1)
		w.later(http.StatusTooManyRequests, "too many requests", "the collector has more to write than its disk takes; send it again later")
		return
	}
	s := h.memory.ShareOf(e.Site)
	defer s.Release()
	text, err := h.bodies.Read(w.ResponseWriter, r, s)
	if err != nil {
		h.unreadable(w, err)
		return
	}
	h.take(w, r, e, text, moments{unit: unit, now: now.UnixMilli()})
}

// mostWaiting is how many bytes of posts may wait to be folded: when there are more, something is wrong.
const mostWaiting = 512 << 20

// askAgain is after how many seconds the ledger is asked again how much waits.
const askAgain = 5

// behind tells whether too much waits to be folded. Another collector that shares the ledger may be the one that folds: the ledger knows.
func (h *Handler) behind(ctx context.Context) bool {
	if h.waiting.Load() <= mostWaiting {
		return false
	}
	now, before := time.Now().Unix(), h.asked.Load()
	if now-before >= askAgain && h.asked.CompareAndSwap(before, now) {
		if debt, err := h.Ledger.MeterDebt(ctx); err == nil {
			h.waiting.Store(debt.Bytes)
		}
	}
	return h.waiting.Load() > mostWaiting
}

// take keeps what can be kept of a text, and answers.
func (h *Handler) take(w answers, r *http.Request, e collector.MeterEntrance, text []byte, m moments) {
	rules, err := h.sites.of(r.Context(), h.Ledger, e, time.UnixMilli(m.now))
	if err != nil {
		h.trouble(w, r, "the rules of meters could not be read", err)
		return
	}
	p := &post{ledger: h.Ledger, site: e.Site, rules: rules, mostADay: h.MostADay, moments: m}
	if err := p.read(r.Context(), text); err != nil {
		h.trouble(w, r, "the post could not be kept", err)
		return
	}
	if h.ill.Ends() {
		h.Log.InfoContext(r.Context(), "posts of meters are kept again")
	}
	h.counts.Posts.Add(1)
	h.counts.Lines.Add(p.lines)
	h.counts.Samples.Add(p.kept)
	h.counts.Dropped.Add(p.dropped)
	if h.waiting.Add(p.kept*bytesOfSample) > foldFrom {
		select {
		case h.full <- struct{}{}:
		default:
		}
	}
	if p.dropped > 0 {
		w.partial(p)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// trouble answers that nothing was kept for certain, through no fault of the client. It is logged once: see intake.Spell.
func (h *Handler) trouble(w answers, r *http.Request, what string, err error) {
	h.counts.Failed.Add(1)
	if r.Context().Err() == nil && h.ill.Begins(what+": "+err.Error(), time.Now()) {
		h.Log.ErrorContext(r.Context(), "posts of meters not kept, clients send them again", "what", what, "err", err)
	}
	w.later(http.StatusServiceUnavailable, "unavailable", what+"; send it again later")
}

// secretOf is the secret that a request brings, however its client says it; "" without one. Small clients of InfluxDB 1.x know no other way than the
// address: there it is looked for by that API only, as addresses are written into logs.
func secretOf(r *http.Request, version int) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Token"), strings.EqualFold(scheme, "Bearer"):
		rest = strings.TrimSpace(rest)
		if _, password, ok := strings.Cut(rest, ":"); ok { // as clients say user and password to InfluxDB 1.8
			return password
		}
		return rest
	case strings.EqualFold(scheme, "Basic"):
		_, password, _ := r.BasicAuth()
		return password
	}
	if version == 1 {
		return r.URL.Query().Get("p")
	}
	return ""
}

// NewToken makes a token for the meters of a site, which is good until a date, the first on which it is not: its secret, which is shown once, and the hash of
// it, which is kept.
func NewToken(site int64, note string, on, until collector.Date) (secret string, hash [32]byte, t collector.MeterToken) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	secret = "m" + base64.RawURLEncoding.EncodeToString(b)
	hash = sha256.Sum256([]byte(secret))
	return secret, hash, collector.MeterToken{Number: hex.EncodeToString(hash[:4]), Site: site, Note: note, CreatedOn: on, ExpiresOn: until}
}

// answers are given as InfluxDB gives them, of one version of its API or the other.
type answers struct {
	http.ResponseWriter
	version int
}

func (w answers) stranger() {
	w.Header().Set("WWW-Authenticate", `Token realm="veille"`)
	w.refuse(http.StatusUnauthorized, "unauthorized", "unauthorized access: the token is unknown, expired or revoked; make one with veille-collector meter token")
}

// told answers a password in the address, which whoever is between has written down by now.
func (w answers) told() {
	w.refuse(http.StatusBadRequest, "invalid", "the address has a password (p=), and addresses are written into logs: send the header Authorization: Token, followed by the token; "+
		"if this was one, end it with veille-collector meter revoke-token, and make another")
}

// refuse answers in the words of InfluxDB, and in ours.
func (w answers) refuse(status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	body := map[string]string{"code": code, "message": message}
	if w.version == 1 {
		w.Header().Set("X-Influxdb-Error", strings.ToValidUTF8(strings.Map(printable, message), ""))
		body = map[string]string{"error": message}
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w.ResponseWriter).Encode(body) // the client left; it will ask again and be told the same
}

// printable leaves what a header may hold.
func printable(c rune) rune {
	if c < ' ' || c > '~' {
		return '?'
	}
	return c
}

// later asks a client to come back in half a minute to a minute: not all at the same moment.
func (w answers) later(status int, code, message string) {
	w.Header().Set("Retry-After", strconv.Itoa(30+mathrand.IntN(30)))
	w.refuse(status, code, message)
}

// partial says how many lines were not kept, and why the first was not.
func (w answers) partial(p *post) {
	message := "partial write: " + p.first + "; dropped=" + strconv.FormatInt(p.dropped, 10) + ", kept=" + strconv.FormatInt(p.lines, 10)
	if w.version == 2 && !p.syntax {
		w.refuse(http.StatusUnprocessableEntity, "unprocessable entity", message)
		return
	}
	w.refuse(http.StatusBadRequest, "invalid", message)
}
