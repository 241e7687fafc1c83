package ingest

import (
	"context"
	"crypto/ed25519"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"veille/agent/wire"
	"veille/collector"
)

// Policies says what a site asks of its agents. after is the number of the policy that the agent who asks has, 0 for none: where
// it is larger than that of the last one given, which is so after a backup was restored, the same policy gets a number after it.
type Policies interface {
	Policy(ctx context.Context, site collector.Site, today collector.Date, after int64) (collector.Policy, error)
}

// desk hands out the policies of sites, signed.
type desk struct {
	policies Policies
	key      ed25519.PrivateKey
	now      func() (time.Time, error)
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

// of is the policy of a site, for an agent that has the one with the number after, 0 for none.
func (d *desk) of(ctx context.Context, site collector.Site, after int64) (issued, error) {
	now, err := d.now()
	if err != nil {
		return issued{}, err
	}
	d.mu.Lock()
	i, ok := d.issued[site.ID]
	d.mu.Unlock()
	if ok && now.Before(i.until) && after <= i.serial {
		return i, nil
	}
	zone, err := site.Zone()
	if err != nil {
		return issued{}, err
	}
	p, err := d.policies.Policy(ctx, site, collector.DateOf(now.In(zone)), after)
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
		Version: wire.Version, Serial: p.Serial, Organisation: p.Organisation, Contact: p.Contact, DPO: p.DPO, Address: p.Address, Site: p.Site, TimeZone: p.TimeZone,
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

// numberOf is the number in an agent's tag, 0 for one that has none.
func numberOf(tag string) int64 {
	text, found := strings.CutPrefix(tag, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	serial, err := strconv.ParseInt(text, 10, 64)
	if !found || !closed || err != nil {
		return 0
	}
	return max(0, serial)
}

// policy tells a machine what its site asks of it, unless it knows already.
func (h *Handler) policy(w http.ResponseWriter, r *http.Request) {
	m, ok := h.machine(w, r)
	if !ok {
		return
	}
	known := r.Header.Get("If-None-Match")
	p, err := h.desk.of(r.Context(), m.Site, numberOf(known))
	if err != nil {
		h.trouble(w, r, "policy not found", err)
		return
	}
	tag := strconv.Quote(strconv.FormatInt(p.serial, 10))
	w.Header().Set("ETag", tag)
	if known == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, http.StatusOK, p.signed)
}
