package ingest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"veille/agent/wire"
	"veille/collector"
)

// Policies says what a site asks of its agents.
type Policies interface {
	Policy(ctx context.Context, site collector.Site, today collector.Date) (collector.Policy, error)
}

// desk hands out the policies of sites, signed.
type desk struct {
	policies Policies
	key      ed25519.PrivateKey
	mu       sync.Mutex
	issued   map[int64]issued // by site
}

// issued is a policy that was signed, and until when it is handed out without another look.
type issued struct {
	serial int64
	signed wire.SignedPolicy
	until  time.Time
}

// fresh is how long a policy is handed out without another look: a change reaches the agents, which ask once a day, a minute later.
const fresh = time.Minute

// public is the key with which the signatures are checked.
func (d *desk) public() []byte {
	key, _ := d.key.Public().(ed25519.PublicKey) // as documented
	return key
}

// of is the policy of a site.
func (d *desk) of(ctx context.Context, site collector.Site) (issued, error) {
	now := time.Now()
	d.mu.Lock()
	i, ok := d.issued[site.ID]
	d.mu.Unlock()
	if ok && now.Before(i.until) {
		return i, nil
	}
	zone, err := site.Zone()
	if err != nil {
		return issued{}, err
	}
	p, err := d.policies.Policy(ctx, site, collector.DateOf(now.In(zone)))
	if err != nil {
		return issued{}, err
	}
	i = issued{serial: p.Serial, until: now.Add(fresh)}
	if i.signed, err = wire.SignPolicy(wirePolicy(p), d.key); err != nil {
		return issued{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.issued[site.ID] = i
	return i, nil
}

// wirePolicy says in the words of the wire what the policy says in those of the collector.
func wirePolicy(p collector.Policy) wire.Policy {
	w := wire.Policy{
		Version: wire.Version, Serial: p.Serial, Organisation: p.Organisation, Contact: p.Contact, Site: p.Site, TimeZone: p.TimeZone,
		Use: wire.Use(p.Limits.Use), SampleEveryS: p.Limits.SampleEveryS, UploadWithinS: p.Limits.UploadWithinS, Pause: p.Limits.Pause,
		Omit: p.Limits.Omit, Products: p.Limits.Products,
	}
	for _, c := range p.Clock {
		w.Clock = append(w.Clock, wire.ClockChange{From: c.From.UTC().Format(time.RFC3339), OffsetS: c.OffsetS})
	}
	for _, o := range p.Open {
		w.Open = append(w.Open, wire.OpenHours(o))
	}
	for _, date := range p.Holidays {
		w.Holidays = append(w.Holidays, string(date))
	}
	return w
}

// policy tells a machine what its site asks of it, unless it knows already.
func (h *Handler) policy(w http.ResponseWriter, r *http.Request) {
	m, err := h.registry.Machine(r.Context(), bearer(r))
	switch {
	case errors.Is(err, collector.ErrNotFound):
		stranger(w)
		return
	case err != nil:
		h.trouble(w, r, "machine not looked up", err)
		return
	}
	p, err := h.desk.of(r.Context(), m.Site)
	if err != nil {
		h.trouble(w, r, "policy not found", err)
		return
	}
	tag := strconv.Quote(strconv.FormatInt(p.serial, 10))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, http.StatusOK, p.signed)
}
