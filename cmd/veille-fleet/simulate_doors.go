package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzip"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/store/relational"
)

// door is a way into the collector. deliver may be called for several identities at once.
type door interface {
	// enrol gives a machine its identity.
	enrol(ctx context.Context, n newcomer) error
	// number is that of the machine to which an identity was given.
	number(ctx context.Context, who int) (int64, error)
	// deliver gives a machine's records to the collector on a day, and answers how many are on disk, and what was said of those that
	// were refused.
	deliver(ctx context.Context, who int, on collector.Date, records []wire.Record) (kept int, refused []string, err error)
}

// keeping gives records to the store itself.
type keeping struct {
	registry *enrol.Registry
	store    *relational.Store
	machines []collector.Machine // by identity
	acked    []int64
}

func (k *keeping) enrol(ctx context.Context, n newcomer) error {
	_, e, err := k.registry.Enrol(ctx, n.token, n.key[:], collector.Use(n.use), kindOfCollector(n.kind))
	k.machines[n.who] = e.Machine
	return err
}

func (k *keeping) number(_ context.Context, who int) (int64, error) { return k.machines[who].ID, nil }

func (k *keeping) deliver(ctx context.Context, who int, on collector.Date, records []wire.Record) (kept int, refused []string, err error) {
	m := &k.machines[who]
	translated := make([]collector.Record, len(records))
	for i, r := range records {
		translated[i] = recordOf(r)
	}
	receipt, err := k.store.Keep(ctx, *m, on, k.acked[who], translated)
	if err != nil {
		return 0, nil, err
	}
	k.acked[who] = receipt.Before
	for _, outcome := range receipt.Outcomes {
		if outcome != collector.Kept {
			k.acked[who]++
		}
	}
	m.Kind = kindOfCollector(records[len(records)-1].Machine) // which the store knows now: it is not to be told again
	return len(receipt.Outcomes), nil, nil
}

// recordOf says in the words of the collector what a record of the fleet says in those of the wire. A test holds it against what ingest
// makes of it.
func recordOf(r wire.Record) collector.Record {
	c := collector.Record{
		Date: collector.Date(r.Date), Hour: collector.WholeDay, LengthS: r.LengthS, History: r.History, Simulated: r.Simulated,
		Class: r.Machine.Class, Virtual: r.Machine.Virtual, Hypervisor: r.Machine.Hypervisor, OS: r.Machine.OS,
		OSVersion: r.Machine.OSVersion, OSEnd: collector.Date(r.Machine.OSEnd), CPU: r.Machine.CPU, RAM: r.Machine.RAM,
		Screens: r.Machine.Screens, Product: r.Machine.Product, SleepAfter: r.Machine.SleepAfter, Agent: r.Machine.Agent,
		Parts: make([]collector.Part, len(r.Parts)),
	}
	if r.Hour != nil {
		c.Hour = *r.Hour
	}
	if r.Cost != nil {
		c.Cost = new(collector.Cost(*r.Cost))
	}
	for i, p := range r.Parts {
		c.Parts[i] = collector.Part{Part: p.Part, LengthS: p.LengthS, Seconds: collector.Seconds(p.Seconds), Energy: make([]collector.Energy, len(p.Energy))}
		for k, e := range p.Energy {
			c.Parts[i].Energy[k] = collector.Energy(e)
		}
	}
	return c
}

// posting posts to a handler as agents do, without a network.
type posting struct {
	handler   http.Handler
	registry  *enrol.Registry
	passwords []string // by identity
	acked     []int64
	packers   sync.Pool // of *gzip.Writer
}

func (p *posting) enrol(ctx context.Context, n newcomer) error {
	body, err := json.Marshal(wire.Enrolment{Version: wire.Version, InstallKey: hex.EncodeToString(n.key[:]), Use: n.use, Machine: &n.kind})
	if err != nil {
		return err
	}
	var c wire.Credentials
	if err := p.post(ctx, "/api/v1/enrol", n.token, "identity", bytes.NewReader(body), &c); err != nil {
		return err
	}
	p.passwords[n.who] = c.Credential
	return nil
}

func (p *posting) number(ctx context.Context, who int) (int64, error) {
	m, err := p.registry.Machine(ctx, p.passwords[who])
	return m.ID, err
}

func (p *posting) deliver(ctx context.Context, who int, _ collector.Date, records []wire.Record) (kept int, refused []string, err error) {
	for len(records) > 0 {
		n := min(len(records), wire.MaxRecords)
		body, err := json.Marshal(wire.Batch{Version: wire.Version, Records: records[:n], Acked: p.acked[who]})
		if err != nil {
			return kept, refused, err
		}
		packed, err := p.pack(body)
		if err != nil {
			return kept, refused, err
		}
		var a wire.Answer
		if err := p.post(ctx, "/api/v1/records", p.passwords[who], "gzip", packed, &a); err != nil {
			return kept, refused, err
		}
		if len(a.Verdicts) != n || a.Before == nil {
			return kept, refused, fmt.Errorf("ingest answered %d verdicts to %d records", len(a.Verdicts), n)
		}
		p.acked[who] = *a.Before
		for i, v := range a.Verdicts {
			switch {
			case v.Index == i && (v.Status == wire.Stored || v.Status == wire.Replaced):
				p.acked[who]++
				kept++
			case v.Index == i && v.Status == wire.Kept:
				kept++
			case v.Index == i && v.Status == wire.Refused:
				refused = append(refused, v.Reason)
			default:
				return kept, refused, fmt.Errorf("ingest answered verdict %d with %+v", i, v)
			}
		}
		records = records[n:]
	}
	return kept, refused, nil
}

// pack is a body in gzip.
func (p *posting) pack(body []byte) (*bytes.Buffer, error) {
	var packed bytes.Buffer
	z, ok := p.packers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one of its own
	}
	defer p.packers.Put(z)
	z.Reset(&packed)
	_, err := z.Write(body)
	return &packed, errors.Join(err, z.Close())
}

// post posts a body and reads the answer.
func (p *posting) post(ctx context.Context, path, secret, encoding string, body io.Reader, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", encoding)
	w := answered{header: http.Header{}, status: http.StatusOK}
	p.handler.ServeHTTP(&w, r)
	switch {
	case ctx.Err() != nil && w.status != http.StatusOK:
		return context.Cause(ctx)
	case w.status != http.StatusOK:
		return fmt.Errorf("ingest answered %d to %s: %s", w.status, path, bytes.TrimSpace(w.body.Bytes()))
	}
	return json.Unmarshal(w.body.Bytes(), into)
}

// answered is an answer that goes nowhere.
type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is that of the answer.
func (a *answered) Header() http.Header { return a.header }

// WriteHeader keeps the status.
func (a *answered) WriteHeader(status int) { a.status = status }

// Write keeps the body.
func (a *answered) Write(p []byte) (int, error) { return a.body.Write(p) }
