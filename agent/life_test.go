package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"veille/agent/power"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// life is a machine with its agent, over some months: what it truly did, second by second, and what was booked.
type life struct {
	t        *testing.T
	random   *rand.Rand
	m        *machine
	b        *book
	policies []wire.Policy // the newest first
	hourly   bool
	disk     []byte // as the last sample left it
	records  []wire.Record
	truth    []stretch // what the machine did
	lost     time.Duration
}

// a policy of a site that is open on weekdays, in some zone, and closed on some days.
func somePolicy(random *rand.Rand, serial int64) wire.Policy {
	zones := []string{"Europe/Paris", "Indian/Reunion", "America/Martinique", "Pacific/Noumea", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana", "UTC"}
	p := wire.Policy{Version: 1, Serial: serial, TimeZone: zones[random.IntN(len(zones))]}
	for day := 1; day <= 6; day++ {
		from := 5 + random.IntN(7)
		p.Open = append(p.Open, wire.OpenHours{Weekday: day, From: fmt.Sprintf("%02d:%02d", from, random.IntN(60)), To: fmt.Sprintf("%02d:30", from+4+random.IntN(6))})
	}
	for range 40 {
		p.Holidays = append(p.Holidays, time.Date(2026, 1, 1+random.IntN(500), 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	return p
}

func newLife(t *testing.T, seed uint64, hourly bool) *life {
	random := rand.New(rand.NewPCG(seed, 7))
	l := &life{t: t, random: random, hourly: hourly, policies: []wire.Policy{somePolicy(random, 1)}}
	start := time.Date(2026, 1, 1, 0, 0, random.IntN(365*86_400), 0, time.UTC)
	l.m = &machine{now: start, awake: time.Hour, up: time.Hour}
	l.m.reference = l.m.read()
	l.start()
	l.b.Booked = start.Unix()
	l.keep()
	return l
}

// start makes the agent's book as a process that starts does.
func (l *life) start() {
	modes, _ := power.ModesOf("desktop")
	l.b = &book{Hourly: l.hourly, known: known{modes: &modes}}
	if err := l.b.follow(l.policies); err != nil {
		l.t.Fatal(err)
	}
	if l.disk == nil {
		return
	}
	var k kept
	if err := json.Unmarshal(l.disk, &k); err != nil {
		l.t.Fatal(err)
	}
	l.m.reference, l.m.stopped = k.Last.Clock, k.Last.Stopped
	if _, err := l.b.take(k.Book, l.policies); err != nil {
		l.t.Fatal(err)
	}
}

// keep puts on disk what each sample puts there.
func (l *life) keep() {
	text, err := json.Marshal(kept{Last: position{Clock: l.m.reference, Stopped: l.m.stopped}, Book: *l.b})
	if err != nil {
		l.t.Fatal(err)
	}
	l.disk = text
}

func (l *life) sample() {
	x := l.m.sample()
	for _, s := range l.b.advance(x, l.m.read().Wall, time.Minute) {
		use := wire.Individual
		if l.hourly {
			use = wire.Server
		}
		l.records = append(l.records, s.record(use, wire.Machine{Class: "desktop", OS: "linux", Agent: "v1"}, nil))
	}
	l.keep()
}

// did notes what the machine truly did until now.
func (l *life) did(state power.State, since time.Time) {
	l.truth = append(l.truth, stretch{from: since.Unix(), to: l.m.now.Unix(), condition: condition{state: state}})
}

// step is one event of a life; the clock on the wall is right unless told otherwise.
func (l *life) step(clocks bool) {
	d := time.Duration(1+l.random.IntN(3600)) * time.Second
	was := l.m.now
	switch event := l.random.IntN(20); {
	case event == 0:
		l.m.sleep(d * 10)
		l.did(power.Sleep, was)
	case event == 1: // hibernation, and a shut-down with Fast Startup
		l.m.hibernate(d * 15)
		l.did(power.Off, was)
	case event == 2: // switched off in good order
		l.m.stopped = true
		l.keep()
		l.m.reboot(d*20, 0)
		l.did(power.Off, was)
		l.start()
	case event == 3: // a power cut, some seconds after a sample
		l.crash(time.Duration(1+l.random.IntN(60))*time.Second, d*3)
		return
	case event == 4: // only the agent is killed, and started again
		l.m.run(time.Duration(l.random.IntN(30)) * time.Second)
		l.did(power.On, was)
		l.start()
	case event == 5: // a newer policy: other hours, perhaps another zone
		l.policies = append([]wire.Policy{somePolicy(l.random, l.policies[0].Serial+1)}, l.policies...)
		if l.random.IntN(4) == 0 { // the file of the one in force is gone
			l.policies = l.policies[:1]
		}
		l.start()
		return
	case event == 6 && clocks:
		l.m.wrong += d - 30*time.Minute
		return
	case event == 7 && clocks && l.random.IntN(4) == 0:
		l.m.wrong = time.Duration(l.random.IntN(2000)-1000) * 24 * time.Hour * time.Duration(l.random.IntN(2))
		return
	case event == 8 && clocks: // the agent was not there for a while
		l.m.run(d * 3)
		l.did(power.On, was)
	default:
		for range 1 + l.random.IntN(30) {
			at := l.m.now
			l.m.run(time.Minute)
			l.did(power.On, at)
			l.sample()
		}
		return
	}
	l.sample()
}

// crash cuts the power some time after the last sample, for some time.
func (l *life) crash(after, outage time.Duration) {
	was := l.m.now
	l.m.run(after)
	l.did(power.On, was)
	was = l.m.now
	l.m.reboot(outage, 0)
	l.did(power.Off, was)
	l.lost += after + outage
	l.start()
	l.sample()
}

// in is what the truth was between two moments.
func (l *life) in(from, to int64) (s wire.Seconds) {
	for _, x := range l.truth {
		n := int(min(to, x.to) - max(from, x.from))
		if n <= 0 {
			continue
		}
		switch x.state {
		case power.On:
			s.On += n
		case power.Sleep:
			s.Sleep += n
		case power.Off:
			s.Off += n
		}
	}
	return s
}

// Whatever a machine, its clock, its site and its agent do, every record balances, none comes twice but hours that a wrong clock
// made again, and no more time is booked than went by.
func TestEveryRecordBalancesWhateverHappens(t *testing.T) {
	for seed := range uint64(24) {
		l := newLife(t, seed, seed%2 == 0)
		start := l.m.now
		for range 200 {
			l.step(true)
		}
		known := 0
		for _, r := range l.records {
			if err := r.Validate(); err != nil {
				t.Fatalf("seed %d: %+v: %v", seed, r, err)
			}
			for _, p := range r.Parts { // time off between two boots is known from the clock on the wall alone
				known += p.Seconds.On + p.Seconds.Sleep
			}
		}
		if d := time.Duration(known) * time.Second; d > l.m.now.Sub(start)+200*snap*time.Second {
			t.Errorf("seed %d: %v booked as on or asleep, %v went by", seed, d, l.m.now.Sub(start))
		}
	}
}

// With a clock that is right, what is booked is what was: each day and hour has the seconds of each state that the machine spent in it,
// but for those around a crash, which are unknown, and a period at each change of state; nothing is booked twice, whatever
// policies come.
func TestWithARightClockWhatIsBookedIsWhatWas(t *testing.T) {
	for seed := range uint64(24) {
		l := newLife(t, seed, seed%2 == 0)
		start := l.m.now
		for range 200 {
			l.step(false)
		}
		for range 3 * 24 * 60 { // until all of it is closed
			l.m.run(time.Minute)
			l.did(power.On, l.m.now.Add(-time.Minute))
			l.sample()
		}
		var got wire.Seconds
		seen := map[string]bool{}
		for _, r := range l.records {
			if err := r.Validate(); err != nil {
				t.Fatalf("seed %d: %+v: %v", seed, r, err)
			}
			key := r.Date
			if r.Hour != nil {
				key += fmt.Sprintf("T%02d", *r.Hour)
			}
			if seen[key] {
				t.Fatalf("seed %d: two records of %s", seed, key)
			}
			seen[key] = true
			for _, p := range r.Parts {
				got.On, got.Sleep, got.Off = got.On+p.Seconds.On, got.Sleep+p.Seconds.Sleep, got.Off+p.Seconds.Off
			}
		}
		until := l.b.Booked
		if l.b.Slot != nil {
			until = l.b.Slot.Start
		}
		// Where a site moves to the west, the end of its last day is unknown; that is less than a day each time.
		turns := int(l.policies[0].Serial) * 24 * 3600
		want := l.in(start.Unix(), until)
		lost := want.On + want.Sleep + want.Off - got.On - got.Sleep - got.Off
		if got.On > want.On+60 || got.Sleep > want.Sleep+60 || got.Off > want.Off+60 || lost < -60 || lost > int(l.lost.Seconds())+turns {
			t.Errorf("seed %d: booked %+v, truly %+v; %d s lost, of which crashes explain %.0f", seed, got, want, lost, l.lost.Seconds())
		}
	}
}

// A power cut costs the time since the last sample and the outage, of which nobody knows whether the machine was off or hung; both
// are unknown.
func TestAPowerCutCostsWhatCameAfterTheLastSample(t *testing.T) {
	for seed := range uint64(20) {
		l := newLife(t, seed, false)
		l.policies = []wire.Policy{{Version: 1, Serial: 1, TimeZone: "UTC"}}
		l.disk = nil
		l.m.now = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
		l.m.reference = l.m.read()
		l.start()
		l.b.Booked = l.m.now.Unix()
		day := func(n int) {
			for range n {
				l.m.run(time.Minute)
				l.sample()
			}
		}
		before, after, outage := 1+l.random.IntN(700), time.Duration(1+l.random.IntN(60))*time.Second, time.Duration(1+l.random.IntN(7))*time.Hour
		day(before)
		l.crash(after, outage)
		for len(l.records) == 0 {
			day(1)
		}
		got := balance(t, l.records[:1])
		if want := int((after + outage).Seconds()); got.Unknown != want || got.On != 86_400-want {
			t.Errorf("seed %d: %+v; want %d s unknown and the rest on", seed, got, want)
		}
	}
}

// A log that tells what the agent did not see is believed for the time that it did not see, and for nothing else.
func TestWhatTheAgentDidNotSeeIsTakenFromTheSystemsLog(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	at := func(hours float64) time.Time { return start.Add(time.Duration(hours * float64(time.Hour))) }
	for _, tt := range []struct {
		name    string
		stopped bool
		log     []uptime.Stretch
		want    wire.Seconds // of the eight hours from nine to five
	}{
		{"no log, told to stop", true, nil, wire.Seconds{On: 2 * 3600, Off: 6 * 3600}},
		{"no log, killed", false, nil, wire.Seconds{On: 2 * 3600, Unknown: 6 * 3600}},
		{
			"the agent was stopped three hours before the machine", true,
			[]uptime.Stretch{{From: at(-5), To: at(4), State: uptime.On}, {From: at(4), To: at(7), State: uptime.Off}},
			wire.Seconds{On: 5 * 3600, Off: 3 * 3600},
		},
		{
			"the agent was killed, the machine slept and was switched off later", false,
			[]uptime.Stretch{{From: at(-5), To: at(2), State: uptime.On}, {From: at(2), To: at(3), State: uptime.Asleep}, {From: at(3), To: at(4), State: uptime.On}, {From: at(4), To: at(7), State: uptime.Off}},
			wire.Seconds{On: 4 * 3600, Sleep: 3600, Off: 3 * 3600},
		},
		{
			"the mains failed hours after the agent", true,
			[]uptime.Stretch{{From: at(-5), To: at(4), State: uptime.On}, {From: at(4), To: at(7), State: uptime.Unknown}},
			wire.Seconds{On: 5 * 3600, Unknown: 3 * 3600},
		},
		{
			"the log was lost with the machine, which was going down", true,
			[]uptime.Stretch{{From: at(-5), To: at(1.01), State: uptime.On}, {From: at(1.01), To: at(7), State: uptime.Unknown}},
			wire.Seconds{On: 2 * 3600, Off: 6 * 3600},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{now: start, awake: time.Hour, up: time.Hour}
			m.reference = m.read()
			a := &Agent{book: *newBook(time.UTC, false, start)}
			if tt.log != nil {
				a.System.History = func(context.Context, time.Time) ([]uptime.Stretch, error) { return tt.log, nil }
			}
			minutesOn(&a.book, m, 60)
			a.last.Clock, m.stopped = m.reference, tt.stopped
			m.reboot(6*time.Hour, 0)
			x := m.sample()
			x.between = a.between(t.Context(), position{Clock: m.reference}, x.span)
			a.book.advance(x, m.now, time.Minute)
			minutesOn(&a.book, m, 60)
			got := balance(t, []wire.Record{a.book.Slot.record(wire.Individual, wire.Machine{}, nil)})
			if got.Unknown -= 16 * 3600; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
