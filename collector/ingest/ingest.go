// Package ingest accepts the records agents post.
package ingest

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/intake"
)

// Registry knows machines by their password, and enrols new ones.
type Registry interface {
	Enrol(ctx context.Context, token string, installKey []byte, use collector.Use, kind collector.Kind) (password string, e collector.Enrolled, err error)
	Machine(ctx context.Context, password string) (collector.Machine, error)
}

// Ledger puts records on disk: when Keep returns without an error they are there, each once. acked is how many the machine
// was told were there; a ledger that has put fewer on disk keeps nothing and answers a collector.RestoredError. Quarantine keeps what
// cannot be accepted, for a person to look at.
type Ledger interface {
	Keep(ctx context.Context, m collector.Machine, today collector.Date, acked int64, records []collector.Record) (collector.Receipt, error)
	Quarantine(ctx context.Context, refused []collector.Refused) error
}

// Handler answers the agents. It writes no access log and remembers no address: when a machine speaks says when somebody
// is there.
type Handler struct {
	Parts
	desk   *desk
	mux    *http.ServeMux
	memory *intake.Memory
	pace   *pace
	zones  sync.Map // of sites, by name: reading one takes longer than answering
	counts Counts

	bodies intake.Bodies
	ill    intake.Spell
}

// Parts are what a handler works with.
type Parts struct {
	Registry Registry
	Ledger   Ledger
	Policies Policies
	Key      ed25519.PrivateKey        // signs the policies
	Now      func() (time.Time, error) // what time it is, or why nobody knows: nothing is then judged by its date
	Memory   int64                     // bytes that messages may take together; 0: DefaultMemory
	Log      *slog.Logger
}

// DefaultMemory is how many bytes of memory messages may take together: enough for five hundred backlogs of three weeks at once.
const DefaultMemory = 48 << 20

// maxEnrolment is how many bytes an enrolment may have.
const maxEnrolment = 64 << 10

// personal refuses a machine that is somebody's own.
const personal = "this machine is marked as a person's own, and such machines are not measured: remove the agent, or the mark where it is wrong"

// New makes a handler.
func New(p Parts) *Handler {
	h := &Handler{Parts: p, mux: http.NewServeMux(), memory: intake.NewMemory(cmp.Or(p.Memory, DefaultMemory)), pace: newPace()}
	h.bodies = intake.Bodies{Sent: maxBody, Text: maxText, Early: mostBefore}
	h.desk = &desk{policies: p.Policies, key: p.Key, now: p.Now, issued: map[int64]issued{}}
	h.mux.HandleFunc("POST /api/v1/enrol", h.enrol)
	h.mux.HandleFunc("POST /api/v1/records", h.records)
	h.mux.HandleFunc("GET /api/v1/policy", h.policy)
	h.mux.HandleFunc("GET /api/v1/record.schema.json", schema)
	return h
}

// Counts are what became of messages and records since the handler was made.
func (h *Handler) Counts() *Counts { return &h.counts }

// ServeHTTP answers POST /api/v1/enrol, POST /api/v1/records, GET /api/v1/policy and GET /api/v1/record.schema.json.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.mux.ServeHTTP(w, r) }

// schema tells anybody what agents send.
func schema(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(wire.Schema)
}

func (h *Handler) enrol(w http.ResponseWriter, r *http.Request) {
	e, err := wire.DecodeEnrolment(http.MaxBytesReader(w, r.Body, maxEnrolment))
	if err != nil {
		h.refuse(w, err)
		return
	}
	key, err := hex.DecodeString(e.InstallKey)
	if err != nil {
		h.refuse(w, err)
		return
	}
	if e.Personal {
		http.Error(w, personal, http.StatusForbidden)
		return
	}
	if _, err := h.Now(); err != nil { // the date of an enrolment stays
		h.trouble(w, r, "clock in doubt", err)
		return
	}
	password, m, err := h.Registry.Enrol(r.Context(), bearer(r), key, collector.Use(e.Use), kind(e.Machine))
	switch {
	case errors.Is(err, collector.ErrToken):
		h.counts.Strangers.Add(1)
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
		h.counts.Enrolled.Add(1)
		answer(w, http.StatusOK, wire.Credentials{Credential: password, Site: m.Site.Name, Silent: m.Silent, PolicyKey: h.desk.public(), Policy: p.signed})
	}
}

func (h *Handler) records(w http.ResponseWriter, r *http.Request) {
	m, ok := h.machine(w, r)
	if !ok {
		return
	}
	now, err := h.Now()
	if err != nil {
		h.trouble(w, r, "clock in doubt", err)
		return
	}
	if wait := h.pace.take(m.ID); wait > 0 {
		h.counts.Hasty.Add(1)
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		http.Error(w, "this machine posts too often; come back later", http.StatusTooManyRequests)
		return
	}
	memory := h.memory.Share()
	defer memory.Release()
	text, err := h.bodies.Read(w, r, memory)
	if err == nil {
		err = weigh(text, memory)
	}
	if err != nil {
		h.refuse(w, err)
		return
	}
	batch, err := decode(text)
	if err != nil {
		h.refuse(w, err)
		return
	}
	h.answerBatch(w, r, m, batch, now)
}

// answerBatch keeps what is good of a batch, and says of each record what became of it.
func (h *Handler) answerBatch(w http.ResponseWriter, r *http.Request, m collector.Machine, batch wire.Batch, now time.Time) {
	verdicts, before, err := h.keep(r.Context(), m, batch, now)
	restored, behind := errors.AsType[collector.RestoredError](err)
	if errors.Is(err, collector.ErrNotFound) { // it was erased meanwhile
		h.stranger(w)
		return
	}
	if err != nil && !behind {
		h.trouble(w, r, "batch not kept", err)
		return
	}
	if h.ill.Ends() {
		h.Log.InfoContext(r.Context(), "requests served again")
	}
	if behind {
		h.counts.Restored.Add(1)
		answer(w, http.StatusConflict, wire.Restored{Before: restored.Before})
		return
	}
	h.counts.Answered.Add(1)
	answer(w, http.StatusOK, wire.Answer{Verdicts: verdicts, Before: &before})
}

// machine is the machine that asks; without one the answer has been given.
func (h *Handler) machine(w http.ResponseWriter, r *http.Request) (m collector.Machine, ok bool) {
	m, err := h.Registry.Machine(r.Context(), bearer(r))
	switch {
	case errors.Is(err, collector.ErrNotFound):
		h.stranger(w)
		return m, false
	case err != nil:
		h.trouble(w, r, "machine not looked up", err)
		return m, false
	}
	return m, true
}

// stranger answers a password that no machine has.
func (h *Handler) stranger(w http.ResponseWriter) {
	h.counts.Strangers.Add(1)
	w.Header().Set("WWW-Authenticate", "Bearer")
	http.Error(w, "no machine has this password; enrol it again", http.StatusUnauthorized)
}

// keep puts the good records on disk, and the others in quarantine. It says of each what became of it, and how many of the machine's were
// there before.
func (h *Handler) keep(ctx context.Context, m collector.Machine, batch wire.Batch, now time.Time) ([]wire.Verdict, int64, error) {
	verdicts := make([]wire.Verdict, len(batch.Records))
	good, places := make([]collector.Record, 0, len(batch.Records)), make([]int, 0, len(batch.Records))
	var refused []collector.Refused
	seen := map[slot]bool{}
	zone, err := h.zone(m.Site)
	if err != nil {
		return nil, 0, err
	}
	now = now.In(zone)
	for i, r := range batch.Records {
		verdicts[i] = wire.Verdict{Index: i, Status: wire.Refused}
		if err := acceptable(r, m, now, seen); err != nil {
			verdicts[i].Reason = err.Error()
			refused = append(refused, quarantined(r, m, collector.DateOf(now), err))
			continue
		}
		good, places = append(good, translate(r)), append(places, i)
	}
	receipt, err := h.Ledger.Keep(ctx, m, collector.DateOf(now), batch.Acked, good)
	if err != nil {
		return nil, 0, err
	}
	if len(refused) > 0 {
		if err := h.Ledger.Quarantine(ctx, refused); err != nil {
			return nil, 0, err
		}
		h.counts.Refused.Add(int64(len(refused)))
	}
	for i, outcome := range receipt.Outcomes {
		verdicts[places[i]].Status = h.status(outcome)
	}
	return verdicts, receipt.Before, nil
}

// status counts an outcome, and says it in the words of the wire.
func (h *Handler) status(o collector.Outcome) wire.Status {
	switch o {
	case collector.Stored:
		h.counts.Stored.Add(1)
		return wire.Stored
	case collector.Replaced:
		h.counts.Replaced.Add(1)
		return wire.Replaced
	default:
		h.counts.Kept.Add(1)
		return wire.Kept
	}
}

// zone is the time zone of a site, which is read once.
func (h *Handler) zone(s collector.Site) (*time.Location, error) {
	if zone, ok := h.zones.Load(s.TimeZone); ok {
		return zone.(*time.Location), nil
	}
	zone, err := s.Zone()
	if err == nil {
		h.zones.Store(s.TimeZone, zone)
	}
	return zone, err
}

func bearer(r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return token
}

// trouble answers that nothing was kept, through no fault of the agent, which will come back. It is logged once: a fleet
// that meets a full disk must not fill the rest of it with log lines. See intake.Spell.
func (h *Handler) trouble(w http.ResponseWriter, r *http.Request, what string, err error) {
	h.counts.Failed.Add(1)
	if r.Context().Err() == nil && h.ill.Begins(what+": "+err.Error(), time.Now()) {
		h.Log.ErrorContext(r.Context(), "requests not served, agents keep their records and come back", "what", what, "err", err)
	}
	later(w)
	http.Error(w, what+"; send it again later", http.StatusServiceUnavailable)
}

// busy answers that there is no memory for the message now.
func (h *Handler) busy(w http.ResponseWriter) {
	h.counts.Busy.Add(1)
	later(w)
	http.Error(w, intake.ErrBusy.Error()+"; send it again later", http.StatusServiceUnavailable)
}

// later asks an agent to come back in one to three minutes: not all at the same moment.
func later(w http.ResponseWriter) {
	w.Header().Set("Retry-After", strconv.Itoa(60+rand.IntN(120)))
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client left; it will ask again and be told the same
}
