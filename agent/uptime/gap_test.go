package uptime

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestWhatTheEventsSayOfAGap(t *testing.T) {
	const h, m = time.Hour, time.Minute
	// Ten to six in the evening, up for nine hours; an hour awake and a night follow.
	last := Reading{Wall: clock(t, "0/17:50:00"), Awake: 9 * h, SinceBoot: 9 * h, Down: m}
	asleep := Reading{Wall: clock(t, "1/08:50:00"), Awake: 10 * h, SinceBoot: 24 * h}
	for _, tt := range []struct {
		name   string
		now    Reading
		dozing bool
		events string
		lit    bool
		want   Span
		still  bool // dozing afterwards
	}{
		{"no events: sleep", asleep, false, "", false, Span{On: h, Sleep: 14 * h}, false},
		{"sleep", asleep, false, "0/18:00:00 Power 42 4\n1/08:00:00 Power 107", false, Span{On: h, Sleep: 14 * h}, false},
		{"hibernation", asleep, false, "0/18:00:00 Power 42 5\n1/08:00:00 Power 107", false, Span{On: h, Off: 14 * h}, false},
		{"hibernation, its end not logged yet", asleep, false, "0/18:00:00 Power 42 5", false, Span{On: h, Off: 14 * h}, false},
		{"shut down, its end dated like its beginning", asleep, false, "0/18:00:00 Power 109\n0/18:00:01 Power 42 4\n0/18:00:02 Power 107\n0/18:00:02 Boot 27 1", false, Span{On: h, Off: 14 * h}, false},
		{"shut down, only the boot was logged", asleep, false, "1/08:00:00 Boot 27 1", false, Span{On: h, Off: 14 * h}, false},
		{"hibernation announced just before the last reading", asleep, false, "0/17:49:58 Power 42 5", false, Span{On: h, Off: 14 * h}, false},
		{"sleep, then hibernation", asleep, false, "0/18:00:00 Power 42 4\n0/21:00:00 Power 42 5\n1/08:00:00 Boot 27 2", false, Span{On: h, Sleep: 3 * h, Off: 11 * h}, false},
		{"the clock was an hour slow", asleep, false, "0/17:00:00 Power 42 5\n1/08:00:00 Power 107", false, Span{On: h, Off: 14 * h}, false},
		{"sleep that comes back from the disk", asleep, false, "0/18:00:00 Power 42 4\n1/08:00:00 Boot 27 2", false, Span{On: h, Sleep: 14 * h}, false},
		{
			"standby in which the unbiased clock stands still", asleep, false, "0/18:00:00 Power 506\n1/08:00:00 Power 507", false,
			Span{On: h, Sleep: 14 * h},
			false,
		},
		{
			"standby in which it goes on",
			Reading{Wall: asleep.Wall, Awake: 24 * h, SinceBoot: 24 * h},
			false,
			"0/18:00:00 Power 506\n1/08:00:00 Power 507", false,
			Span{On: h, Sleep: 14 * h},
			false,
		},
		{
			"standby in which it goes on now and then",
			Reading{Wall: asleep.Wall, Awake: 13 * h, SinceBoot: 24 * h},
			false,
			"0/18:00:00 Power 506\n1/08:00:00 Power 507", false,
			Span{On: h, Sleep: 14 * h},
			false,
		},
		{
			"standby, then hibernation",
			Reading{Wall: asleep.Wall, Awake: 13 * h, SinceBoot: 24 * h},
			false,
			"0/18:00:00 Power 506\n0/21:00:00 Power 507\n0/21:00:00 Power 42 5\n1/08:00:00 Boot 27 2", false,
			Span{On: h, Sleep: 3 * h, Off: 11 * h},
			false,
		},
		{
			"no more standby than was logged, when sleep by the civil clock is longer than by the others",
			Reading{Wall: last.Wall.Add(3 * h), Awake: 11 * h, SinceBoot: 12 * h},
			false,
			"0/18:00:00 Power 506\n0/18:10:00 Power 507\n0/18:10:00 Power 42 4\n0/20:10:00 Power 107", false,
			Span{On: 2*h - 10*m, Sleep: h + 10*m},
			false,
		},
		{
			"a minute in standby, asked nothing",
			Reading{Wall: last.Wall.Add(m), Awake: 9*h + m, SinceBoot: 9*h + m},
			true,
			"", false,
			Span{Sleep: m},
			true,
		},
		{
			"standby that began just now",
			Reading{Wall: last.Wall.Add(m), Awake: 9*h + m, SinceBoot: 9*h + m},
			false,
			"0/17:50:45 Power 506", false,
			Span{On: 45 * time.Second, Sleep: 15 * time.Second},
			true,
		},
		{
			"standby that ended just now",
			Reading{Wall: last.Wall.Add(m), Awake: 9*h + m, SinceBoot: 9*h + m},
			true,
			"0/17:50:45 Power 507", true,
			Span{On: 15 * time.Second, Sleep: 45 * time.Second},
			false,
		},
		{
			"standby whose end was lost ends when the display is on",
			Reading{Wall: last.Wall.Add(m), Awake: 9*h + m, SinceBoot: 9*h + m},
			true,
			"", true,
			Span{Sleep: m},
			false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from := last
			from.Dozing = tt.dozing
			r := tt.now.explained(from, logged(t, tt.events), tt.lit)
			if got := Between(from, r, false); got != tt.want || r.Dozing != tt.still {
				t.Errorf("got %+v, dozing %t; want %+v, %t", got, r.Dozing, tt.want, tt.still)
			}
		})
	}
}

func TestTheLogIsAskedOnlyWhenTheClocksDoNotTell(t *testing.T) {
	const h = time.Hour
	from := Reading{Wall: monday, Awake: h, SinceBoot: h}
	for _, tt := range []struct {
		awake, slept time.Duration
		rang, want   bool
	}{
		{time.Minute, 0, false, false},
		{5 * time.Minute, 20 * time.Millisecond, false, false},
		{time.Minute, 5 * time.Second, false, true},
		{time.Minute, 0, true, true},
		{7 * time.Minute, 0, false, true},
	} {
		r := Reading{Wall: monday.Add(tt.awake + tt.slept), Awake: h + tt.awake, SinceBoot: h + tt.awake + tt.slept}
		if got := r.questionable(from, tt.rang); got != tt.want {
			t.Errorf("awake %v, asleep %v, rang %t: got %t", tt.awake, tt.slept, tt.rang, got)
		}
	}
}

func TestEventsAreLookedForSomeTimeBeforeTheLastReading(t *testing.T) {
	const h = time.Hour
	from := Reading{Wall: clock(t, "0/12:00:00"), Awake: h, SinceBoot: h}
	for at, want := range map[string]string{
		"0/13:00:00": "0/11:58:00",
		"0/16:00:00": "0/11:58:00", // the clock was put forward
		"0/10:00:00": "0/08:58:00", // and back
	} {
		r := Reading{Wall: clock(t, at), Awake: 2 * h, SinceBoot: 2 * h}
		if got := r.since(from); !got.Equal(clock(t, want)) {
			t.Errorf("at %s: since %v, want %s", at, got, want)
		}
	}
}

// laptop is a simulated Windows: it has a schedule, clocks, and a log.
type laptop struct {
	wall             time.Time
	awake, sinceBoot time.Duration
	log              []Event
	frozen           bool // the unbiased clock stands still in Modern Standby
	truth            Span
}

func (l *laptop) write(source Source, id uint16, data uint32) {
	l.log = append(l.log, Event{source, id, data, l.wall})
}

func (l *laptop) pass(d time.Duration, runs bool) {
	l.wall, l.sinceBoot = l.wall.Add(d), l.sinceBoot+d
	if runs {
		l.awake += d
	}
}

func (l *laptop) reading() Reading {
	return Reading{Wall: l.wall, Awake: l.awake, SinceBoot: l.sinceBoot}
}

// live is one stretch of the laptop's life, sampled by each where a service runs. It tells when the bell of standby rings.
func (l *laptop) live(rng *rand.Rand, each func(rang bool)) {
	d := time.Minute + time.Duration(rng.Int64N(int64(5*time.Hour)))
	announce := func() { l.pass(2*time.Second, true); l.truth.On += 2 * time.Second }
	switch rng.IntN(6) {
	case 0: // sleep
		l.write(KernelPower, 42, 4)
		l.pass(d, false)
		l.write(KernelPower, 107, 0)
		l.truth.Sleep += d
	case 1: // hibernation
		l.write(KernelPower, 42, 5)
		l.pass(d, false)
		l.write(KernelBoot, 27, 2)
		l.truth.Off += d
	case 2: // shut down with Fast Startup
		l.write(KernelPower, 109, 0)
		announce()
		l.write(KernelPower, 42, 4)
		l.pass(d, false)
		l.write(KernelBoot, 27, 1)
		l.truth.Off += d
	case 3: // Modern Standby
		l.write(KernelPower, 506, 0)
		rang, sampled := true, rng.IntN(2) == 0
		for left := d; left > 0; left -= time.Minute {
			l.pass(min(left, time.Minute), !l.frozen)
			if sampled {
				each(rang)
				rang = false
			}
		}
		l.truth.Sleep += d
		l.write(KernelPower, 507, 0)
		each(true)
		return
	default:
		for left := d; left > 0; left -= time.Minute {
			l.pass(min(left, time.Minute), true)
			each(false)
		}
		l.truth.On += d
		return
	}
	l.pass(time.Second, true)
	l.truth.On += time.Second
	each(false)
}

func TestALifeOfSleepAndStandbyAddsUp(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		l := &laptop{wall: monday, frozen: seed%2 == 0}
		last, booked := l.reading(), Span{}
		stretches := 0
		each := func(rang bool) {
			r := l.reading()
			var events []Event
			if r.questionable(last, rang) {
				for _, e := range l.log {
					if !e.At.Before(r.since(last)) {
						events = append(events, e)
					}
				}
			}
			r = r.explained(last, events, false)
			s := Between(last, r, false)
			if s.On+s.Sleep+s.Off != r.SinceBoot-last.SinceBoot || s.Boot || min(s.On, s.Sleep, s.Off) < 0 {
				t.Fatalf("seed %d: %+v then %+v give %+v", seed, last, r, s)
			}
			booked.On, booked.Sleep, booked.Off = booked.On+s.On, booked.Sleep+s.Sleep, booked.Off+s.Off
			last = r
		}
		for range 40 {
			l.live(rng, each)
			stretches++
		}
		if sum := booked.On + booked.Sleep + booked.Off; sum != l.sinceBoot {
			t.Errorf("seed %d: %v booked of %v", seed, sum, l.sinceBoot)
		}
		for name, off := range map[string]time.Duration{
			"on": booked.On - l.truth.On, "asleep": booked.Sleep - l.truth.Sleep, "off": booked.Off - l.truth.Off,
		} {
			if off.Abs() > time.Duration(stretches)*5*time.Second {
				t.Errorf("seed %d: %v is wrong by %v, of %+v", seed, name, off, l.truth)
			}
		}
	}
}
