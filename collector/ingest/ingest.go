// Package ingest accepts the records agents post.
package ingest

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"veille/agent/wire"
	"veille/collector"
)

// Registry knows machines by their password, and enrols new ones.
type Registry interface {
	Enrol(ctx context.Context, token string, installKey []byte, use collector.Use, kind collector.Kind) (password string, e collector.Enrolled, err error)
	Machine(ctx context.Context, password string) (collector.Machine, error)
}

// Ledger puts records on disk: when Keep returns without an error they are there, each once. acked is how many the machine
// was told were there; a ledger that has put fewer on disk keeps nothing and answers a collector.RestoredError.
type Ledger interface {
	Keep(ctx context.Context, m collector.Machine, today collector.Date, acked int64, records []collector.Record) (collector.Receipt, error)
}

// Handler answers the agents. It writes no access log and remembers no address: when a machine speaks says when somebody
// is there.
type Handler struct {
	registry Registry
	ledger   Ledger
	desk     *desk
	kept     func() // called after records were put on disk
	log      *slog.Logger
	mux      *http.ServeMux
	ill      atomic.Bool // the last request could not be served, and that was logged
}

// Bounds of one request.
const (
	maxBody = 1 << 20 // bytes as sent
	maxText = 8 << 20 // bytes after decompression
)

// retryAfter is what agents are told to wait when the ledger is in trouble, in seconds.
const retryAfter = "60"

// personal refuses a machine that is somebody's own.
const personal = "this machine is marked as a person's own, and such machines are not measured: remove the agent, or the mark where it is wrong"

// New makes a handler. key signs the policies. kept is called each time records were put on disk.
func New(registry Registry, ledger Ledger, policies Policies, key ed25519.PrivateKey, kept func(), log *slog.Logger) *Handler {
	h := &Handler{registry: registry, ledger: ledger, kept: kept, log: log, mux: http.NewServeMux()}
	h.desk = &desk{policies: policies, key: key, issued: map[int64]issued{}}
	h.mux.HandleFunc("POST /api/v1/enrol", h.enrol)
	h.mux.HandleFunc("POST /api/v1/records", h.records)
	h.mux.HandleFunc("GET /api/v1/policy", h.policy)
	h.mux.HandleFunc("GET /api/v1/record.schema.json", schema)
	return h
}

// ServeHTTP answers POST /api/v1/enrol, POST /api/v1/records, GET /api/v1/policy and GET /api/v1/record.schema.json.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// schema tells anybody what agents send.
func schema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(wire.Schema)
}

func (h *Handler) enrol(w http.ResponseWriter, r *http.Request) {
	e, err := wire.DecodeEnrolment(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, err)
		return
	}
	key, err := hex.DecodeString(e.InstallKey)
	if err != nil {
		refuse(w, err)
		return
	}
	if e.Personal {
		http.Error(w, personal, http.StatusForbidden)
		return
	}
	password, m, err := h.registry.Enrol(r.Context(), bearer(r), key, collector.Use(e.Use), kind(e.Machine))
	switch {
	case errors.Is(err, collector.ErrToken):
		http.Error(w, collector.ErrToken.Error(), http.StatusForbidden)
	case errors.Is(err, collector.ErrRevoked):
		http.Error(w, collector.ErrRevoked.Error(), http.StatusForbidden)
	case err != nil:
		h.trouble(w, r, "enrolment not kept", err)
	default:
		p, err := h.desk.of(r.Context(), m.Site, 0)
		if err != nil {
			h.trouble(w, r, "policy not found", err)
			return
		}
		answer(w, http.StatusOK, wire.Credentials{Credential: password, Site: m.Site.Name, Silent: m.Silent, PolicyKey: h.desk.public(), Policy: p.signed})
	}
}

func (h *Handler) records(w http.ResponseWriter, r *http.Request) {
	m, err := h.registry.Machine(r.Context(), bearer(r))
	switch {
	case errors.Is(err, collector.ErrNotFound):
		stranger(w)
		return
	case err != nil:
		h.trouble(w, r, "machine not looked up", err)
		return
	}
	body, err := open(w, r)
	if err != nil {
		refuse(w, err)
		return
	}
	batch, err := wire.DecodeBatch(body)
	if err != nil {
		refuse(w, err)
		return
	}
	verdicts, before, err := h.keep(r.Context(), m, batch)
	restored, behind := errors.AsType[collector.RestoredError](err)
	if err != nil && !behind {
		h.trouble(w, r, "batch not kept", err)
		return
	}
	if h.ill.Swap(false) {
		h.log.InfoContext(r.Context(), "requests served again")
	}
	if behind {
		answer(w, http.StatusConflict, wire.Restored{Before: restored.Before})
		return
	}
	answer(w, http.StatusOK, wire.Answer{Verdicts: verdicts, Before: &before})
}

// stranger answers a password that no machine has.
func stranger(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", "Bearer")
	http.Error(w, "no machine has this password; enrol it again", http.StatusUnauthorized)
}

// keep puts the good records on disk, and says of each what became of it, and how many of the machine's were there before.
func (h *Handler) keep(ctx context.Context, m collector.Machine, batch wire.Batch) ([]wire.Verdict, int64, error) {
	verdicts := make([]wire.Verdict, len(batch.Records))
	var good []collector.Record
	var places []int
	seen := map[string]bool{}
	zone, err := m.Site.Zone()
	if err != nil {
		return nil, 0, err
	}
	now := time.Now().In(zone)
	for i, r := range batch.Records {
		verdicts[i] = wire.Verdict{Index: i, Status: wire.Refused}
		if err := acceptable(r, m, now, seen); err != nil {
			verdicts[i].Reason = err.Error()
			continue
		}
		good, places = append(good, translate(r)), append(places, i)
	}
	receipt, err := h.ledger.Keep(ctx, m, collector.DateOf(now), batch.Acked, good)
	if err != nil {
		return nil, 0, err
	}
	for i, outcome := range receipt.Outcomes {
		verdicts[places[i]].Status = status(outcome)
	}
	if len(good) > 0 {
		h.kept()
	}
	return verdicts, receipt.Before, nil
}

func status(o collector.Outcome) wire.Status {
	switch o {
	case collector.Stored:
		return wire.Stored
	case collector.Replaced:
		return wire.Replaced
	default:
		return wire.Kept
	}
}

// open is the body of a batch, decompressed, and bounded before and after. Reading past a bound is an http.MaxBytesError.
func open(w http.ResponseWriter, r *http.Request) (io.Reader, error) {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		return body, nil
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip, as its header says: %w", err)
		}
		return http.MaxBytesReader(w, z, maxText), nil
	default:
		return nil, fmt.Errorf("content encoding %q is none of gzip, identity", encoding)
	}
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// refuse answers what can never be accepted as it is: 413 for too much, 415 for a later version, which the agent keeps
// until the collector is upgraded, 400 for the rest, which the agent sets aside. A body that did not arrive in time, or not whole,
// is not one of them: what the agent has on disk is whole.
func refuse(w http.ResponseWriter, err error) {
	status, text := http.StatusBadRequest, err.Error()
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status, text = http.StatusRequestEntityTooLarge, fmt.Sprintf("the batch is larger than %d bytes; send fewer records at once", large.Limit)
	}
	if _, ok := errors.AsType[wire.NewerVersionError](err); ok {
		status = http.StatusUnsupportedMediaType
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		http.Error(w, "the message did not arrive in time; send it again", http.StatusRequestTimeout)
		return
	}
	if !damaged(err) {
		w.Header().Set(wire.RefusedHeader, "yes")
	}
	http.Error(w, text, status)
}

// damaged tells that a body was changed or cut short on its way.
func damaged(err error) bool {
	_, garbled := errors.AsType[flate.CorruptInputError](err)
	return garbled || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, gzip.ErrChecksum)
}

// trouble answers that nothing was kept, through no fault of the agent, which will come back. It is logged once: a fleet
// that meets a full disk must not fill the rest of it with log lines.
func (h *Handler) trouble(w http.ResponseWriter, r *http.Request, what string, err error) {
	if r.Context().Err() == nil && !h.ill.Swap(true) {
		h.log.ErrorContext(r.Context(), "requests not served, agents keep their records and come back", "what", what, "err", err)
	}
	w.Header().Set("Retry-After", retryAfter)
	http.Error(w, what+"; send it again later", http.StatusServiceUnavailable)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client left; it will ask again and be told the same
}
