package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
)

func key(n int) (k [32]byte) {
	copy(k[:], fmt.Sprintf("%032d", n))
	return k
}

// enrolled are machines of one site: shared ones, whose changes are followed, and those of persons, in turn.
func enrolled(t *testing.T, s *relational.Store, n int) (all []collector.Machine) {
	t.Helper()
	site, err := s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateToken(t.Context(), collector.Token{Hash: key(0), Site: site.ID, Quota: n, ExpiresOn: "2027-12-01"}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		e := collector.Enrolment{Token: key(0), Pseudonym: key(i + 1), Credential: key(i + 1), Use: []collector.Use{"shared", "individual"}[i%2], On: "2026-11-01"}
		m, err := s.Enrol(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m.Machine)
	}
	return all
}

// hour is what a machine did in one of many hours, and how.
func hour(n, seconds int, class string) collector.Record {
	return collector.Record{
		Date: collector.Date(fmt.Sprintf("2026-%02d-%02d", 1+n/24/28%12, 1+n/24%28)), Hour: n % 24, LengthS: 3600, Class: class, OS: "windows", CPU: "intel-5-8", RAM: "8-16", Agent: "v1",
		Parts: []collector.Part{{
			Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: seconds, Unknown: 3600 - seconds},
			Energy: []collector.Energy{{Wh: float64(seconds) / 8, LowWh: 1, HighWh: 600, Method: "model-class", Scope: "machine", CoveredS: seconds}},
		}},
	}
}

// everything is all records as text, by machine and hour, without revisions.
func everything(t *testing.T, s *relational.Store) []string {
	t.Helper()
	var all []string
	err := s.Records(t.Context(), "2026-01-01", "2026-12-31", func(c collector.Change) error {
		text, err := json.Marshal(c.Record)
		all = append(all, fmt.Sprintf("%d %s %d %s", c.Machine, c.Record.Date, c.Record.Hour, text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sound is an error where check finds something, or has found another number of records.
func sound(t *testing.T, url string, records int) {
	t.Helper()
	f, err := postgres.Check(t.Context(), url, nil)
	if err != nil || f.Problems != nil || f.Records != records {
		t.Errorf("%+v, %v; want %d records and no problem", f, err, records)
	}
}

func TestAKilledServerLosesNothingThatWasAcknowledgedAndNothingCountsTwice(t *testing.T) {
	p := engines.Postgres(t)
	url := p.Database(t)
	s := open(t, url)
	machines := enrolled(t, s, 16)
	const each = 150
	var acked [16]atomic.Int64
	var failed atomic.Int64
	var running sync.WaitGroup
	for i, m := range machines {
		running.Go(func() {
			for n := 0; n < each && t.Context().Err() == nil; {
				told := acked[i].Load()
				_, err := s.Keep(t.Context(), m, "2026-11-17", told, []collector.Record{hour(n, 60, "desktop"), hour(n+1, 60, "desktop")})
				if err == nil {
					n += 2
					acked[i].Store(int64(n))
					continue
				}
				failed.Add(1)
				if restored, ok := errors.AsType[collector.RestoredError](err); ok {
					t.Errorf("machine %d was told of %d records, and %d are there", m.ID, told, restored.Before)
					return
				}
				if !s.Trouble(err) {
					t.Errorf("machine %d: %v is taken for an answer", m.ID, err)
					return
				}
				<-time.After(20 * time.Millisecond)
			}
		})
	}
	done := make(chan struct{})
	go func() { defer close(done); running.Wait() }()
	for killed := range 4 {
		select {
		case <-done:
		case <-time.After(time.Duration(200+killed*150) * time.Millisecond):
		}
		before := make([]int64, len(machines))
		for i := range acked {
			before[i] = acked[i].Load()
		}
		p.Kill()
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		for i, m := range machines { // whatever was acknowledged before is there, for whoever asks
			own, err := s.Own(t.Context(), m.ID)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(own.Days)) < before[i] {
				t.Errorf("machine %d has %d records after kill %d; %d were acknowledged", m.ID, len(own.Days), killed, before[i])
			}
		}
	}
	<-done
	if failed.Load() == 0 {
		t.Error("no post has failed: the server was killed when nobody wrote")
	}
	for i, m := range machines {
		receipt, err := s.Keep(t.Context(), m, "2026-11-17", acked[i].Load(), nil)
		if err != nil || receipt.Before != each {
			t.Errorf("machine %d: %d records were counted, %v; want %d, each once", m.ID, receipt.Before, err, each)
		}
	}
	sound(t, url, each*len(machines))
	if err := s.Healthy(t.Context()); err != nil {
		t.Error(err)
	}
}

// following reads changes by their revisions until told to stop, as an outbox does, and answers the machines and hours that it has seen.
func following(t *testing.T, s *relational.Store, stop <-chan struct{}) map[string]int {
	t.Helper()
	seen, after := map[string]int{}, int64(0)
	for last := false; ; {
		changes, err := s.Changes(context.WithoutCancel(t.Context()), after, 50)
		if err != nil {
			t.Error(err)
			return seen
		}
		for _, c := range changes {
			if c.Revision < after {
				t.Errorf("revision %d comes after %d", c.Revision, after)
			}
			after = c.Revision
			seen[fmt.Sprint(c.Machine, " ", c.Record.Date, " ", c.Record.Hour)] = c.Record.CoveredS()
		}
		if len(changes) > 0 {
			continue
		}
		if last {
			return seen
		}
		select {
		case <-stop:
			last = true // once more: nothing comes now
		default:
		}
	}
}

// work is what many machines post, in an order of their own; each hour comes twice, the second time with more seconds.
func work(machines []collector.Machine, hours int) (posts [][]collector.Record, of []collector.Machine) {
	random := rand.New(rand.NewPCG(3, 3))
	for again := range 2 {
		for n := range hours {
			for _, i := range random.Perm(len(machines)) {
				posts = append(posts, []collector.Record{hour(n, 60+600*again+n, fmt.Sprint("class-", (n+i)%7))})
				of = append(of, machines[i])
			}
		}
	}
	return posts, of
}

func TestTwoCollectorsThatWriteAtOnceKeepWhatOneKeepsAndRevisionsComeInTheirOrder(t *testing.T) {
	url, alone := shared.Database(t), shared.Database(t)
	stores := []*relational.Store{open(t, url), open(t, url)}
	one := open(t, alone)
	posts, of := work(enrolled(t, stores[0], 10), 24)
	_, same := work(enrolled(t, one, 10), 24)
	stop, seen := make(chan struct{}), make(chan map[string]int)
	reader := open(t, url)
	go func() { seen <- following(t, reader, stop) }()
	var running sync.WaitGroup
	for worker := range 5 { // each machine speaks to both collectors, one after the other
		running.Go(func() {
			for i := range posts {
				if of[i].ID%5 != int64(worker) {
					continue
				}
				if _, err := stores[i%2].Keep(t.Context(), of[i], "2026-11-17", 0, posts[i]); err != nil {
					t.Error(err)
				}
				if i%100 == 50 { // what nobody uses any more goes, while others give it
					if _, err := stores[i%2].Finish(t.Context(), collector.Run{On: "2026-11-17"}, collector.Horizon{}); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	for i := range posts {
		if _, err := one.Keep(t.Context(), same[i], "2026-11-17", 0, posts[i]); err != nil {
			t.Fatal(err)
		}
	}
	running.Wait()
	close(stop)
	followed := <-seen
	got, want := everything(t, stores[1]), everything(t, one)
	if !slices.Equal(got, want) || len(got) != 240 {
		t.Errorf("two keep %d records, and one %d; want the same 240", len(got), len(want))
	}
	sound(t, url, 240)
	sound(t, alone, 240)
	if len(followed) != 120 {
		t.Errorf("%d hours were followed; want those of the 5 shared machines", len(followed))
	}
	for what, covered := range followed {
		if covered < 660 {
			t.Errorf("%s was last seen with %d seconds; want those that came last", what, covered)
		}
	}
}

func TestTwoCollectorsNumberNoMachineTwice(t *testing.T) {
	url := shared.Database(t)
	stores := []*relational.Store{open(t, url), open(t, url)}
	enrolled(t, stores[0], 1)
	if err := stores[1].CreateToken(t.Context(), collector.Token{Hash: key(1000), Site: 1, Quota: 60, ExpiresOn: "2027-12-01"}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	numbers := map[int64]int{}
	var running sync.WaitGroup
	for worker := range 8 {
		running.Go(func() {
			for n := range 10 {
				m, err := stores[worker%2].Enrol(t.Context(), collector.Enrolment{Token: key(1000), Pseudonym: key(2000 + 10*worker + n), Credential: key(2000 + 10*worker + n), Use: "shared", On: "2026-11-01"})
				mu.Lock()
				if err == nil {
					numbers[m.ID]++
				} else if !errors.Is(err, collector.ErrToken) {
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	running.Wait()
	if len(numbers) != 60 {
		t.Errorf("%d machines were numbered; the token is for 60", len(numbers))
	}
	for number, n := range numbers {
		if n > 1 {
			t.Errorf("%d machines have number %d", n, number)
		}
	}
}

func TestAPostThatTheServerRefusesFailsAloneAmongOthers(t *testing.T) {
	url := shared.Database(t)
	s := open(t, url)
	machines := enrolled(t, s, 8)
	for i, m := range machines { // the first post of each meets nobody: what follows is about posts that come together
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{hour(i, 60, "desktop")}); err != nil {
			t.Fatal(err)
		}
	}
	run(t, url, fmt.Sprintf(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not this one''; END';
		CREATE TRIGGER no BEFORE INSERT ON day FOR EACH ROW WHEN (new.machine = %d) EXECUTE FUNCTION no()`, machines[3].ID))
	var running sync.WaitGroup
	for i, m := range machines {
		running.Go(func() {
			for n := range 20 {
				_, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{hour(100+n, 60, "desktop")})
				if refused := err != nil && strings.Contains(err.Error(), "not this one"); refused != (i == 3) || err != nil && !refused {
					t.Errorf("machine %d: %v", m.ID, err)
				}
			}
		})
	}
	running.Wait()
	sound(t, url, 8+7*20)
}

func TestALedgerThatAnotherHoldsIsNotWaitedForWithoutEnd(t *testing.T) {
	url := engines.Postgres(t).Database(t)
	s := open(t, url)
	enrolled(t, s, 1)
	run(t, url, "ALTER ROLE veille SET idle_in_transaction_session_timeout = 0")
	held := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { held <- tryRun(ctx, url, "BEGIN; UPDATE writing SET writer = 7; SELECT pg_sleep(300); COMMIT") }()
	t.Cleanup(func() {
		cancel()
		if err := <-held; err == nil {
			t.Error("the lock was given back by itself")
		}
	})
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if postgres.Writing(t.Context(), url, "SELECT 1 FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'writing'", new(int)) == nil {
			break
		}
	}
	began := time.Now()
	_, err := s.CreateSite(t.Context(), "Région", "B", "Europe/Paris")
	if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "another collector or command has been writing for 30s: try again") || !s.Trouble(err) || took > 45*time.Second {
		t.Errorf("%v after %v", err, took)
	}
}
