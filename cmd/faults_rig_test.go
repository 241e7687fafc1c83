package cmd_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/store/sqlite"
)

// slot is a date, and an hour of it or collector.WholeDay.
type slot struct {
	date string
	hour int
}

// poster is a machine that posts its hours or days as they grow, again and again until each is acknowledged, as an agent does. It
// remembers what it was told, and finds fault with what must never be answered.
type poster struct {
	client   *http.Client
	address  string // of the collector, without a slash at the end
	password string
	use      wire.Use
	dice     *rand.Rand
	today    time.Time // when it began

	acked   map[slot]int   // seconds covered by the newest record that was acknowledged
	tried   map[slot][]int // seconds covered by each that was ever posted
	told    int64          // records that the collector has said it had put on disk
	pending []wire.Record  // the batch that is not acknowledged yet
	unsure  bool           // it was posted at least once, and nobody knows what became of it

	replies  atomic.Int64
	declines atomic.Int64    // answers 429 and 503
	rest     time.Duration   // after each post: a machine that posts without end is told to wait
	hasty    int             // of them, those without a time to come back at
	took     []time.Duration // from each post to its answer
	faults   []string
}

// days is how many days back a poster tells of; a collector takes 45.
const days = 40

// newPoster is a machine with a password. The number seeds its dice.
func newPoster(client *http.Client, address, password string, number uint64, use wire.Use) *poster {
	return &poster{
		client: client, address: strings.TrimSuffix(address, "/"), password: password, use: use, dice: rand.New(rand.NewPCG(number, 6)), today: time.Now(),
		acked: map[slot]int{}, tried: map[slot][]int{},
	}
}

// enrolled is a new machine, whose install key is its number.
func enrolled(t *testing.T, client *http.Client, address, token string, number uint64, use wire.Use) *poster {
	t.Helper()
	p := newPoster(client, address, "", number, use)
	p.password = enrolment(t, client, p.address, token, installKey(number), use)
	return p
}

func installKey(number uint64) string { return fmt.Sprintf("%032x", number) }

// enrolment enrols a machine and answers its password.
func enrolment(t *testing.T, client *http.Client, address, token, key string, use wire.Use) string {
	t.Helper()
	status, text, err := send(t.Context(), client, address+"/api/v1/enrol", token, wire.Enrolment{Version: 1, InstallKey: key, Use: use})
	var c wire.Credentials
	if err != nil || status != http.StatusOK || json.Unmarshal(text, &c) != nil {
		t.Fatalf("enrolment: %d %s %v", status, text, err)
	}
	return c.Credential
}

// send posts a message and answers what was answered.
func send(ctx context.Context, client *http.Client, address, password string, message any) (status int, text []byte, err error) {
	body, err := json.Marshal(message)
	if err != nil {
		return 0, nil, err
	}
	response, err := transmit(ctx, client, address, password, "", body)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err = io.ReadAll(response.Body)
	return response.StatusCode, text, err
}

// transmit posts a body. The caller closes the answer's.
func transmit(ctx context.Context, client *http.Client, address, password, encoding string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+password)
	if encoding != "" {
		request.Header.Set("Content-Encoding", encoding)
	}
	return client.Do(request)
}

func zipped(body []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body)
	_ = z.Close()
	return b.Bytes()
}

// recordOf is a record that covers so many seconds of a slot, with energies by which it is known again.
func recordOf(s slot, use wire.Use, covered int) wire.Record {
	r := wire.Record{Date: s.date, LengthS: 86_400, Use: use, Machine: wire.Machine{Class: "desktop", OS: "linux", Agent: "test"}}
	if s.hour != collector.WholeDay {
		r.Hour, r.LengthS = &s.hour, 3600
	}
	wh := float64(covered) / 100
	r.Parts = []wire.Part{{
		Part: "open", LengthS: r.LengthS, Seconds: wire.Seconds{On: covered, Unknown: r.LengthS - covered},
		Energy: []wire.Energy{{Wh: wh, LowWh: wh / 2, HighWh: wh * 2, Method: "model-class", Scope: "machine", CoveredS: covered}},
	}}
	return r
}

// known tells whether a record that was kept is as recordOf made it.
func known(r collector.Record) bool {
	if len(r.Parts) != 1 || len(r.Parts[0].Energy) != 1 {
		return false
	}
	e, wh := r.Parts[0].Energy[0], float64(r.CoveredS())/100
	near := func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }
	return e.CoveredS == r.CoveredS() && near(e.Wh, wh) && near(e.LowWh, wh/2) && near(e.HighWh, wh*2)
}

// next is a batch of one to three records, each of which covers more than what was acknowledged of its slot.
func (p *poster) next() []wire.Record {
	var batch []wire.Record
	seen := map[slot]bool{}
	for n := 1 + p.dice.IntN(3); len(batch) < n; {
		s := slot{p.today.AddDate(0, 0, -2-p.dice.IntN(days)).Format(time.DateOnly), collector.WholeDay}
		most := 86_400
		if p.use.Hourly() {
			s.hour, most = p.dice.IntN(24), 3600
		}
		covered := p.acked[s] + 1 + p.dice.IntN(most/100)
		if seen[s] || covered > most {
			continue
		}
		seen[s] = true
		p.tried[s] = append(p.tried[s], covered)
		batch = append(batch, recordOf(s, p.use, covered))
	}
	return batch
}

func slotOf(r wire.Record) slot {
	s := slot{r.Date, collector.WholeDay}
	if r.Hour != nil {
		s.hour = *r.Hour
	}
	return s
}

// run posts until ctx ends, without a pause but after a failure.
func (p *poster) run(ctx context.Context) {
	for ctx.Err() == nil && len(p.faults) == 0 {
		rest := p.rest
		if !p.post(context.WithoutCancel(ctx)) {
			rest = max(rest, time.Duration(5+p.dice.IntN(10))*time.Millisecond)
		}
		if rest > 0 {
			select {
			case <-ctx.Done():
			case <-time.After(rest):
			}
		}
	}
}

// post tries once to post what is pending, or a new batch. It tells whether that was acknowledged.
func (p *poster) post(ctx context.Context) bool {
	if p.pending == nil {
		p.pending, p.unsure = p.next(), false
	}
	body, err := json.Marshal(wire.Batch{Version: 1, Records: p.pending, Acked: p.told})
	if err != nil {
		p.fault("%v", err)
		return false
	}
	encoding := ""
	if p.dice.IntN(2) == 0 {
		encoding, body = "gzip", zipped(body)
	}
	begin := time.Now()
	response, err := transmit(ctx, p.client, p.address+"/api/v1/records", p.password, encoding, body)
	if err != nil {
		p.unsure = true
		return false
	}
	defer func() { _ = response.Body.Close() }()
	p.took = append(p.took, time.Since(begin))
	text, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		p.declined(response, text)
		p.unsure = true
		return false
	}
	var a wire.Answer
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil { // cut short
		p.unsure = true
		return false
	}
	p.settle(a)
	return true
}

func (p *poster) fault(format string, args ...any) {
	p.faults = append(p.faults, fmt.Sprintf(format, args...))
}

func (p *poster) declined(response *http.Response, text []byte) {
	switch response.StatusCode {
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		p.declines.Add(1)
		if response.Header.Get("Retry-After") == "" {
			p.hasty++
		}
	case http.StatusRequestTimeout:
	default:
		p.fault("answered %s: %s", response.Status, text)
	}
}

// settle compares an answer with what is known: what is new is stored, what has grown replaced; a batch of which the answer was lost was
// kept whole or not at all, and counted once.
func (p *poster) settle(a wire.Answer) {
	n, keeps := len(p.pending), 0
	if len(a.Verdicts) != n || a.Before == nil {
		p.fault("%d verdicts on %d records, before %v", len(a.Verdicts), n, a.Before)
		return
	}
	for i, v := range a.Verdicts {
		s := slotOf(p.pending[i])
		_, again := p.acked[s]
		switch {
		case v.Status == wire.Kept && p.unsure:
			keeps++
		case v.Status == wire.Stored && !again, v.Status == wire.Replaced && again:
		default:
			p.fault("%v: %s %s, acknowledged before: %t", s, v.Status, v.Reason, again)
		}
	}
	before := p.told
	if keeps > 0 {
		before += int64(n)
	}
	if keeps != 0 && keeps != n || *a.Before != before {
		p.fault("%d of %d records were there already; the collector counts %d before them, and said %d", keeps, n, *a.Before, p.told)
	}
	p.told = *a.Before + int64(n-keeps)
	p.replies.Add(1)
	for _, r := range p.pending {
		p.acked[slotOf(r)] = r.CoveredS()
	}
	p.pending = nil
}

// inLedger compares a ledger with what its machines were told. Machine i of posters is number i+1.
func inLedger(t *testing.T, data string, posters []*poster) {
	t.Helper()
	name := filepath.Join(data, "veille.db")
	found, err := sqlite.Check(t.Context(), name, nil)
	if err != nil || len(found.Problems) > 0 {
		t.Errorf("check: %v, %q", err, found.Problems)
	}
	store, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	kept, hours := make([]map[slot]int, len(posters)), 0
	for i := range kept {
		kept[i] = map[slot]int{}
	}
	err = store.Records(t.Context(), "2000-01-01", "2100-01-01", func(c collector.Change) error {
		s := slot{string(c.Record.Date), c.Record.Hour}
		p := posters[c.Machine-1]
		covered := c.Record.CoveredS()
		if _, twice := kept[c.Machine-1][s]; twice {
			t.Errorf("machine %d, %v is there twice", c.Machine, s)
		}
		if !slices.Contains(p.tried[s], covered) || !known(c.Record) {
			t.Errorf("machine %d, %v: %+v was never posted", c.Machine, s, c.Record)
		}
		kept[c.Machine-1][s] = covered
		if c.Record.Hour != collector.WholeDay {
			hours++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	acked, replies, sum := 0, int64(0), 0
	for i, p := range posters {
		p.compare(t, i+1, kept[i])
		acked, replies, sum = acked+len(p.acked), replies+p.replies.Load(), sum+len(kept[i])
	}
	if acked == 0 || found.Records != sum {
		t.Errorf("%d records acknowledged; check counts %d, there are %d", acked, found.Records, sum)
	}
	points, err := store.Embedded().Range(t.Context(), collector.Query{Measurement: collector.HourEnergy, From: time.Now().AddDate(0, 0, -100), To: time.Now()})
	if err != nil || len(points) != hours {
		t.Errorf("%d points in the series, %v; %d hours in the ledger", len(points), err, hours)
	}
	t.Logf("%d acknowledgements of %d records, %d in the ledger", replies, acked, sum)
}

// compare compares what is kept of a machine with what it was told.
func (p *poster) compare(t *testing.T, number int, kept map[slot]int) {
	t.Helper()
	for _, f := range p.faults {
		t.Errorf("machine %d: %s", number, f)
	}
	may := map[slot]int{} // of the last batch nobody knows
	for _, r := range p.pending {
		if p.unsure {
			may[slotOf(r)] = r.CoveredS()
		}
	}
	lost := 0
	for s, covered := range p.acked {
		if kept[s] != covered && kept[s] != may[s] {
			t.Errorf("machine %d, %v: %d s kept, %d s acknowledged", number, s, kept[s], covered)
			lost++
		}
	}
	for s, covered := range kept {
		if _, ok := p.acked[s]; !ok && may[s] != covered {
			t.Errorf("machine %d, %v is there, and was not acknowledged", number, s)
		}
	}
	if lost > 0 {
		t.Errorf("machine %d lost %d of %d records", number, lost, len(p.acked))
	}
}
