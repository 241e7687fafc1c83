package burst

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/agent/wire"
)

// some is a random record that is valid.
func some(rng *rand.Rand) wire.Record {
	r := wire.Record{Date: "2026-11-16", LengthS: 86_400, Use: wire.Individual, Machine: wire.Machine{Class: "mini", OS: "linux", Agent: "v1"}, RoundedS: 900}
	rest := r.LengthS
	for i, name := range []string{"open", "night", "holiday"}[:1+rng.IntN(3)] {
		length := rest
		if i < 2 && rest > 7200 {
			length = 1 + rng.IntN(rest-1)
		}
		p := wire.Part{Part: name, LengthS: length}
		left := length
		for _, s := range []*int{&p.Seconds.On, &p.Seconds.Off, &p.Seconds.Sleep, &p.Seconds.DisplayOff} {
			if rng.IntN(3) > 0 {
				*s = rng.IntN(left + 1)
				left -= *s
			}
		}
		p.Seconds.Unknown = left
		known := length - left
		for _, scope := range []string{"machine", "cpu"}[:rng.IntN(3)] {
			low := rng.Float64() * float64(known) / 100
			e := wire.Energy{LowWh: low, Wh: low + rng.Float64()*.3, Method: "rapl", Scope: scope, CoveredS: known}
			e.HighWh = e.Wh + rng.Float64()*20
			p.Energy = append(p.Energy, e)
		}
		r.Parts = append(r.Parts, p)
		if rest -= length; rest == 0 {
			break
		}
	}
	r.LengthS = 86_400
	if rest > 0 {
		r.Parts = append(r.Parts, wire.Part{Part: "weekend", LengthS: rest, Seconds: wire.Seconds{Unknown: rest}})
	}
	return r
}

func TestEachRecordThatIsMadeIsValidAndSumsAsTheFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		r := some(rng)
		if r.Validate() != nil { // too much power in a short part
			continue
		}
		tmpl, err := newTemplate(r)
		if err != nil {
			t.Fatal(err)
		}
		for place := range 20 {
			text := tmpl.append(nil, seedOf(rng.IntN(1e6), place))
			var made wire.Record
			if err := json.Unmarshal(text, &made); err != nil || made.Validate() != nil || made.CoveredS() != r.CoveredS() || made.LengthS != r.LengthS || len(made.Parts) != len(r.Parts) {
				t.Fatalf("%v, %v: %s", err, made.Validate(), text)
			}
			for i, p := range made.Parts {
				for j, e := range p.Energy {
					if was := r.Parts[i].Energy[j]; e.LowWh != was.LowWh || e.HighWh != was.HighWh || e.CoveredS != was.CoveredS {
						t.Fatalf("an energy has other bounds: %s", text)
					}
				}
			}
		}
	}
}

// week are seven days of a machine that is on by day.
func week(machine, day int) []wire.Record {
	on := 20_000 + 100*machine
	return []wire.Record{{
		Date: fmt.Sprintf("2026-11-%02d", 20-day), LengthS: 86_400, Use: wire.Individual, Machine: wire.Machine{Class: "desktop", OS: "linux", Agent: "v1"},
		Parts: []wire.Part{{
			Part: "open", LengthS: 86_400, Seconds: wire.Seconds{On: on, Off: 86_400 - on},
			Energy: []wire.Energy{{Wh: 300, LowWh: 100, HighWh: 500, Method: "rapl", Scope: "machine", CoveredS: 86_400}},
		}},
	}}
}

func TestTheRecordsOfMachinesDifferAndAreTheSameTheNextTime(t *testing.T) {
	s, err := newStock(week, 7)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	const machines = 300
	for i := range machines {
		body := s.appendBatch(nil, i, 0, 7, 0)
		if again := s.appendBatch(nil, i, 0, 7, 0); !bytes.Equal(body, again) {
			t.Fatalf("machine %d says something else the second time", i)
		}
		b, err := wire.DecodeBatch(bytes.NewReader(body))
		if err != nil || len(b.Records) != 7 || b.Records[0].Date != "2026-11-13" || b.Records[6].Date != "2026-11-19" {
			t.Fatalf("%v: %s", err, body)
		}
		for _, r := range b.Records {
			text, _ := json.Marshal(r.Parts)
			seen[string(text)] = true
		}
	}
	if len(seen) < machines*7*99/100 {
		t.Errorf("%d records, of which %d differ", machines*7, len(seen))
	}
	b, err := wire.DecodeBatch(bytes.NewReader(s.appendBatch(nil, 3, 2, 5, 41)))
	if err != nil || b.Acked != 41 || len(b.Records) != 3 || b.Records[0].Date != "2026-11-15" {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestARecordThatNoCollectorTakesIsNotLoaded(t *testing.T) {
	bad := func(machine, day int) []wire.Record {
		r := week(machine, day)
		r[0].Parts[0].Seconds.On++
		return r
	}
	if _, err := newStock(bad, 1); err == nil || !strings.Contains(err.Error(), "states sum to") {
		t.Errorf("%v", err)
	}
}

func TestABodyIsUnpackedAsItWas(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, how := range []Pack{Fastest, Stored} {
		p := packers{how: how}
		for _, n := range []int{0, 1, 1000, block - 1, block, block + 1, 3*block + 7} {
			body := make([]byte, n)
			for i := range body {
				body[i] = byte(rng.IntN(4))
			}
			packed, err := p.append([]byte("x"), body)
			if err != nil {
				t.Fatal(err)
			}
			z, err := gzip.NewReader(bytes.NewReader(packed[1:]))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); err != nil || !bytes.Equal(got, body) {
				t.Errorf("%s, %d bytes: %d came back, %v", how, n, len(got), err)
			}
		}
	}
	if p := (packers{how: Plain}); p.encoding() != "" {
		t.Error("what is not packed is said to be")
	}
}

func TestAQuantileIsAtMostOnePercentTooLong(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		h, other := &histogram{}, &histogram{}
		var all []time.Duration
		for i := range 1 + rng.IntN(2000) {
			d := time.Duration(math.Exp(rng.Float64()*22)) * time.Microsecond // to an hour
			all = append(all, d)
			[]*histogram{h, other}[i%2].add(d)
		}
		h.merge(other)
		slices.Sort(all)
		for _, q := range []float64{0, .01, .5, .9, .99, .999, 1} {
			want := all[max(0, int(math.Ceil(q*float64(len(all))))-1)]
			if got := h.quantile(q); got < want || float64(got) > float64(want)*1.01+1 {
				t.Fatalf("%v of %d is %v, want %v", q, len(all), got, want)
			}
		}
		if h.longest != all[len(all)-1] || h.n != int64(len(all)) {
			t.Errorf("the longest of %d is %v", h.n, h.longest)
		}
	}
	if h := (&histogram{}); h.quantile(.5) != 0 {
		t.Error("nothing has a median")
	}
	h := &histogram{}
	h.add(-time.Second)
	h.add(1000 * time.Hour)
	if h.quantile(1) < time.Hour {
		t.Errorf("%v", h.quantile(1))
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	for _, address := range []string{"", "veille.example.org", "ftp://x", "https://", "https://me:pw@x", "https://x?y", "https://x#y", "http://x:y:z"} {
		if err := (Way{Collector: address}).Valid(); err == nil {
			t.Errorf("%q", address)
		}
	}
	for address, want := range map[string]string{"https://x": "x:443", "http://x/": "x:80", "http://[::1]:8": "[::1]:8", "https://x:8443/veille/": "x:8443"} {
		if to, err := newTarget(Way{Collector: address}); err != nil || to.address != want || strings.HasSuffix(to.path, "/") {
			t.Errorf("%q: %+v, %v", address, to, err)
		}
	}
}

func TestAPauseGrowsAsAnAgentsAndIsNeverShorterThanAsked(t *testing.T) {
	for failures, bound := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 4: 40 * time.Second, 30: time.Hour} {
		for range 100 {
			if d := pause(io.EOF, failures, usualPause); d < bound/2 || d > bound {
				t.Fatalf("%v after %d failures", d, failures)
			}
			asked := answerError{status: 503, after: 2 * time.Hour}
			if d := pause(asked, failures, usualPause); d < 2*time.Hour || d > 3*time.Hour {
				t.Fatalf("%v where two hours were asked for", d)
			}
		}
	}
}

func TestIdentitiesAreTheOwnersAndNotThoseOfALoadThatWasCutOff(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fleet.json")
	ids := &Identities{Collector: "https://x", Zone: "Europe/Paris", Since: "2026-11-02", Machines: []Machine{{"secret", 3, 3}, {"other", 4, 2}}}
	if err := ids.Save(name); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if got, err := ReadIdentities(name); err != nil || !slices.Equal(got.Machines, ids.Machines) || got.Zone != ids.Zone {
		t.Errorf("%+v, %v", got, err)
	}
	ids.Running = true
	if err := ids.Save(name); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadIdentities(name); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("%v", err)
	}
	for _, text := range []string{"", "{}", `{"zone":"Europe/Paris"}`, `{"zone":"x","since":"2026-11-02"}`, `{"zone":"UTC","since":"2026-11-02","machines":[{"place":-1}]}`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadIdentities(name); err == nil {
			t.Errorf("%s are identities", text)
		}
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(name), ".identities*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDaysCountBackFromTheEnrolmentAndHaveTheLengthOfTheSite(t *testing.T) {
	ids := &Identities{Zone: "Europe/Paris", Since: "2026-11-02"}
	for back, want := range map[int]string{1: "2026-11-01 24h0m0s", 8: "2026-10-25 25h0m0s", 9: "2026-10-24 24h0m0s", 218: "2026-03-29 23h0m0s"} {
		start, length, err := ids.Day(back)
		if got := fmt.Sprint(start.Format(time.DateOnly), " ", length); err != nil || got != want {
			t.Errorf("%d days back: %s, %v; want %s", back, got, err, want)
		}
	}
	for now, want := range map[string]int{"2026-11-02T10:00:00Z": 44, "2026-11-02T23:30:00Z": 43, "2026-11-12T00:00:00Z": 34, "2027-11-12T00:00:00Z": 0} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ids.days(at); err != nil || got != want {
			t.Errorf("at %s %d days, %v; want %d", now, got, err, want)
		}
	}
}
