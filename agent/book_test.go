package agent

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"veille/agent/calendar"
	"veille/agent/power"
	"veille/agent/uptime"
	"veille/agent/wire"
)

func paris(t *testing.T) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func newBook(zone *time.Location, hourly bool, start time.Time) *book {
	modes, _ := power.ModesOf("desktop")
	return &book{calendar: calendar.Default(zone), Hourly: hourly, known: known{modes: &modes}, Booked: start.Unix()}
}

// machine is a simulated computer with true clocks, whose clock on the wall may be set wrong.
type machine struct {
	now       time.Time // the true time
	wrong     time.Duration
	awake, up time.Duration
	down      time.Duration // of up, hibernated
	boot      int
	reference uptime.Reading // at the last sample
	stopped   bool
}

func (m *machine) read() uptime.Reading {
	return uptime.Reading{Wall: m.now.Add(m.wrong), Awake: m.awake, SinceBoot: m.up, Down: m.down, Boot: string(rune('a' + m.boot))}
}

func (m *machine) sample() sample {
	now := m.read()
	x := sample{span: uptime.Between(m.reference, now, m.stopped), load: power.Measured(.1)}
	m.reference, m.stopped = now, false
	return x
}

func (m *machine) run(d time.Duration)   { m.now, m.awake, m.up = m.now.Add(d), m.awake+d, m.up+d }
func (m *machine) sleep(d time.Duration) { m.now, m.up = m.now.Add(d), m.up+d }
func (m *machine) hibernate(d time.Duration) {
	m.now, m.up, m.down = m.now.Add(d), m.up+d, m.down+d
}

func (m *machine) reboot(off, start time.Duration) {
	m.now, m.awake, m.up, m.down, m.boot = m.now.Add(off+start), start, start, 0, m.boot+1
}

// totals of all records of a book, which must balance.
func balance(t *testing.T, records []wire.Record) wire.Seconds {
	t.Helper()
	var sum wire.Seconds
	seen := map[string]bool{}
	for _, r := range records {
		if err := r.Validate(); err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
		key := r.Date
		if r.Hour != nil {
			key += "T" + string(rune('a'+*r.Hour))
		}
		if seen[key] {
			t.Fatalf("two records of %s", key)
		}
		seen[key] = true
		for _, p := range r.Parts {
			sum.On += p.Seconds.On
			sum.Sleep += p.Seconds.Sleep
			sum.Off += p.Seconds.Off
			sum.Unknown += p.Seconds.Unknown
		}
	}
	return sum
}

func advance(b *book, m *machine) []wire.Record {
	var records []wire.Record
	for _, s := range b.advance(m.sample(), m.read().Wall, time.Minute) {
		records = append(records, s.record(wire.Server, wire.Machine{}, nil))
	}
	return records
}

// minutesOn runs the machine for n minutes, with a sample each.
func minutesOn(b *book, m *machine, n int) []wire.Record {
	var records []wire.Record
	for range n {
		m.run(time.Minute)
		records = append(records, advance(b, m)...)
	}
	return records
}

func TestADayIsAccountedForToTheSecond(t *testing.T) {
	zone := paris(t)
	for _, hourly := range []bool{true, false} {
		start := time.Date(2026, 11, 16, 0, 0, 0, 0, zone) // a Monday
		m := &machine{now: start, awake: time.Hour, up: time.Hour}
		m.reference = m.read()
		b := newBook(zone, hourly, start)
		var records []wire.Record
		minutes := func(n int) { records = append(records, minutesOn(b, m, n)...) }
		minutes(9 * 60) // on until 9:00
		m.sleep(3 * time.Hour)
		minutes(6 * 60)  // on from 12:00 to 18:00
		m.stopped = true // shut down, the agent told to stop
		m.reboot(4*time.Hour, 30*time.Second)
		records = append(records, advance(b, m)...)
		minutes(125)
		want := wire.Seconds{On: 17 * 3600, Sleep: 3 * 3600, Off: 4 * 3600}
		if got := balance(t, records); got != want {
			t.Errorf("hourly %t: %+v, want %+v", hourly, got, want)
		}
		if want := map[bool]int{true: 24, false: 1}[hourly]; len(records) != want {
			t.Errorf("hourly %t: %d records, want %d", hourly, len(records), want)
		}
	}
}

func TestTheDayOnWhichTheClocksChangeIsWhole(t *testing.T) {
	zone := paris(t)
	for _, tt := range []struct {
		date    time.Time
		seconds int
		hours   int
	}{
		{time.Date(2026, 3, 29, 0, 0, 0, 0, zone), 82_800, 23},
		{time.Date(2026, 10, 25, 0, 0, 0, 0, zone), 90_000, 25},
	} {
		for _, hourly := range []bool{true, false} {
			m := &machine{now: tt.date, awake: time.Hour, up: time.Hour}
			m.reference = m.read()
			b := newBook(zone, hourly, tt.date)
			records := minutesOn(b, m, tt.seconds/60)
			if got := balance(t, records); got.On != tt.seconds || got.Unknown != 0 {
				t.Errorf("%s: %+v, want %d s on", tt.date.Format(time.DateOnly), got, tt.seconds)
			}
			if hourly && len(records) != tt.hours {
				t.Errorf("%s: %d hours, want %d", tt.date.Format(time.DateOnly), len(records), tt.hours)
			}
		}
	}
}

func TestAClockThatStepsBackCountsNoSecondTwiceAndOneThatStepsForwardInventsNone(t *testing.T) {
	start := time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC)
	m := &machine{now: start, awake: time.Hour, up: time.Hour}
	m.reference = m.read()
	b := newBook(time.UTC, true, start)
	var records []wire.Record
	for i := range 10 * 60 {
		switch i {
		case 90:
			m.wrong -= 30 * time.Minute
		case 200:
			m.wrong += 45 * time.Minute
		}
		m.run(time.Minute)
		records = append(records, advance(b, m)...)
	}
	got := balance(t, records)
	// 30 minutes of running time fell on seconds already booked, the last 15 minutes are in the hour still running, and
	// the 45 minutes that the clock jumped over are unknown.
	if want := (wire.Seconds{On: (600 - 30 - 15) * 60, Unknown: 45 * 60}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestAClockThatWasYearsAheadDoesNotSilenceTheAgent(t *testing.T) {
	start := time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC)
	m := &machine{now: start, awake: time.Hour, up: time.Hour, wrong: 10 * 365 * 24 * time.Hour}
	m.reference = m.read()
	b := newBook(time.UTC, true, m.read().Wall)
	var records []wire.Record
	for i := range 4 * 60 {
		if i == 30 {
			m.wrong = 0
		}
		m.run(time.Minute)
		records = append(records, advance(b, m)...)
	}
	if got := balance(t, records); got.On != 4*3600-31*60 || records[0].Date != "2026-11-16" {
		t.Errorf("%+v from %s on, want all but the half hour of the wrong clock, and the minute it was set right in", got, records[0].Date)
	}
}

func TestTimeNobodyKnowsStaysUnknown(t *testing.T) {
	start := time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		gap  func(*machine)
		want wire.Seconds
	}{
		{
			"a power cut", func(m *machine) { m.reboot(3*time.Hour, time.Minute) },
			wire.Seconds{On: 4*3600 - 60 + 60, Unknown: 3 * 3600},
		},
		{
			"agent away while the machine ran", func(m *machine) { m.run(3*time.Hour + time.Minute) },
			wire.Seconds{On: 7 * 3600},
		},
		{
			"agent away while the machine ran and slept", func(m *machine) { m.run(time.Hour); m.sleep(2*time.Hour + time.Minute) },
			wire.Seconds{On: 4*3600 - 60, Unknown: 3*3600 + 60},
		},
		{
			"agent away, but all of it in one part of one hour", func(m *machine) { m.run(5 * time.Minute); m.sleep(10 * time.Minute) },
			wire.Seconds{On: 230 * 60, Sleep: 600, Unknown: 3 * 3600},
		},
		{
			"hibernated, which is off", func(m *machine) { m.hibernate(3*time.Hour + time.Minute) },
			wire.Seconds{On: 4*3600 - 60, Off: 3*3600 + 60},
		},
		{
			"asleep, then hibernated", func(m *machine) { m.sleep(time.Hour); m.hibernate(2*time.Hour + time.Minute) },
			wire.Seconds{On: 4*3600 - 60, Sleep: 3600, Off: 2*3600 + 60},
		},
		{
			"agent away while the machine ran and hibernated", func(m *machine) { m.run(time.Hour); m.hibernate(2*time.Hour + time.Minute) },
			wire.Seconds{On: 4*3600 - 60, Unknown: 3*3600 + 60},
		},
		{
			"asleep", func(m *machine) { m.sleep(3*time.Hour + time.Minute) },
			wire.Seconds{On: 4*3600 - 60, Sleep: 3*3600 + 60},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{now: start, awake: time.Hour, up: time.Hour}
			m.reference = m.read()
			b := newBook(time.UTC, true, start)
			var records []wire.Record
			minutes := func(n int) { records = append(records, minutesOn(b, m, n)...) }
			minutes(60)
			tt.gap(m)
			records = append(records, advance(b, m)...)
			minutes(179)
			// hours of which nothing is known give no record
			got := balance(t, records)
			got.Unknown = 7*3600 - got.On - got.Sleep - got.Off
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestMeasuredEnergyIsSharedBetweenTheHoursItFallsIn(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 59, 0, 0, time.UTC)
	b := newBook(time.UTC, true, start)
	f := power.Figure{Energy: 1200, Low: 1140, High: 1260, Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: 2 * time.Minute}
	closed := b.advance(sample{span: uptime.Span{On: 2 * time.Minute}, measured: []power.Figure{f}}, start.Add(2*time.Minute), time.Minute)
	if len(closed) != 1 || b.Slot == nil {
		t.Fatalf("closed %+v, running %+v", closed, b.Slot)
	}
	for _, s := range []slot{closed[0], *b.Slot} {
		if got := s.Parts[0].Energy[0]; got.Energy != 600 || got.Covered != time.Minute || got.Scope != power.ScopeCPU {
			t.Errorf("hour %d has %+v, want half of %+v", s.Hour, got, f)
		}
	}
}

func TestAMachineIsEstimatedAroundWhatItsProcessorWasMeasuredToUse(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	b := newBook(time.UTC, true, start) // a desktop: 22 W idle, 12 to 40, of which the processor 9, 3 to 25
	f := power.Figure{Energy: 1800 * power.Joule, Low: 1700 * power.Joule, High: 1900 * power.Joule, Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: time.Minute}
	b.advance(sample{span: uptime.Span{On: time.Minute}, measured: []power.Figure{f}}, start.Add(time.Minute), time.Minute)
	got := b.Slot.Parts[0].Energy[1]
	want := power.Figure{ // 22 + 1.2 × 21 W, from 1.1 × 28.3 to 40 + 1.4 × 28.7
		Energy: 2832 * power.Joule, Low: 1870 * power.Joule, High: 4808 * power.Joule, Method: power.MethodRAPLModel, Scope: power.ScopeMachine, Covered: time.Minute,
	}
	if got != want {
		t.Errorf("with 30 W of processor the machine uses %+v; want %+v", got, want)
	}
}

func TestAMachineThatWasMeasuredIsNotEstimated(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	b := newBook(time.UTC, true, start)
	whole := power.Figure{Energy: 360 * power.Joule, Method: power.MethodBattery, Scope: power.ScopeMachine, Covered: time.Minute}
	part := power.Figure{Energy: 120 * power.Joule, Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: time.Minute}
	b.advance(sample{span: uptime.Span{On: time.Minute}, measured: []power.Figure{part, whole}}, start.Add(time.Minute), time.Minute)
	if got := b.Slot.Parts[0].Energy; len(got) != 2 || got[0] != part || got[1] != whole {
		t.Errorf("booked are %+v; want what was measured, and nothing else", got)
	}
}

func TestSecondsWithTheDisplayOffAreOnesOfTheirOwn(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	b := newBook(time.UTC, true, start)
	b.advance(sample{span: uptime.Span{On: time.Minute}}, start.Add(time.Minute), time.Minute)
	b.advance(sample{span: uptime.Span{On: time.Minute}, dark: true}, start.Add(2*time.Minute), time.Minute)
	if got := b.Slot.Parts[0].Seconds; got.On != 60 || got.DisplayOff != 60 {
		t.Errorf("booked are %+v; want a minute on and a minute with the display off", got)
	}
}

func TestARunningDayThatNoLongerFitsTheCalendarIsLeftAsItIs(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	b := newBook(time.UTC, false, start)
	b.advance(sample{span: uptime.Span{On: time.Minute}}, start.Add(time.Minute), time.Minute)
	other := newBook(time.UTC, false, start)
	closed, err := calendar.New(time.UTC, nil, []string{"2026-11-16"}) // the day became a holiday
	if err != nil {
		t.Fatal(err)
	}
	other.calendar = closed
	if taken, err := other.take(*b, nil); !taken || err != nil {
		t.Errorf("the slot was not taken over: %v", err)
	}
	slots := other.advance(sample{span: uptime.Span{On: time.Minute}}, start.Add(2*time.Minute), time.Minute)
	if len(slots) != 1 || slots[0].Parts[1].Seconds.On != 60 || other.Slot != nil {
		t.Errorf("closed %+v, running %+v; want the day with its 60 s, and nothing before the next", slots, other.Slot)
	}
}

func TestAChangeBetweenHoursAndDaysTakesNothingOver(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	for _, hourly := range []bool{true, false} {
		b := newBook(time.UTC, hourly, start)
		b.advance(sample{span: uptime.Span{On: time.Minute}}, start.Add(time.Minute), time.Minute)
		other := newBook(time.UTC, !hourly, start)
		if taken, err := other.take(*b, nil); taken || err != nil || other.Slot != nil || other.Booked != time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC).Unix() {
			t.Errorf("from hourly %t: %+v was taken over, up to %d", hourly, other.Slot, other.Booked)
		}
	}
}

func TestAMorningIsNotForgottenWhenTheClockFallsBackTenYears(t *testing.T) {
	start := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	m := &machine{now: start, awake: time.Hour, up: time.Hour}
	m.reference = m.read()
	b := newBook(time.UTC, false, start)
	var records []wire.Record
	minutes := func(n int) { records = append(records, minutesOn(b, m, n)...) }
	minutes(4 * 60)
	m.reboot(0, time.Minute)
	m.wrong = -10 * 365 * 24 * time.Hour // the battery of the clock is dead
	records = append(records, advance(b, m)...)
	minutes(10)
	m.wrong = 0
	minutes(12 * 60)
	balance(t, records)
	last := records[len(records)-1] // the others are of the year that the clock believed in
	if got := last.CoveredS(); last.Date != "2026-11-16" || got < (4*60+11*60+48)*60 || got > 16*3600 {
		t.Errorf("the day of %s covers %d s, want the morning in it too", last.Date, got)
	}
}

func TestASlotPutAsideIsSentWhenItsTimeGoesByAndSurvivesARestart(t *testing.T) {
	start := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	b := newBook(time.UTC, false, start)
	minute := sample{span: uptime.Span{On: time.Minute}}
	b.advance(minute, start.Add(time.Minute), time.Minute)
	b.advance(minute, start.AddDate(-10, 0, 0), time.Minute)
	if b.Aside == nil || b.Aside.Slot.Date != "2026-11-16" {
		t.Fatalf("aside is %+v", b.Aside)
	}
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var kept book
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	again := newBook(time.UTC, false, start)
	if _, err := again.take(kept, nil); err != nil {
		t.Fatal(err)
	}
	var dates []string
	for _, s := range again.advance(minute, start.AddDate(0, 0, 3), time.Minute) {
		dates = append(dates, s.Date)
	}
	if len(dates) == 0 || dates[0] != "2026-11-16" || again.Aside != nil {
		t.Errorf("closed %v, want the day put aside first", dates)
	}
	other := newBook(time.UTC, false, start)
	if other.calendar, err = calendar.New(time.UTC, nil, []string{"2026-11-16"}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.take(kept, nil); err != nil { // the day became a holiday: it is left as it was booked
		t.Fatal(err)
	}
	for range 3 {
		start = start.Add(time.Minute)
		for _, s := range other.advance(minute, start.Add(time.Minute), time.Minute) {
			if err := s.record(wire.Individual, wire.Machine{}, nil).Validate(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCarriedEnergyCoversNoTimeThatNoMeterSaw(t *testing.T) {
	start := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	b := newBook(time.UTC, true, start)
	f := power.Figure{Energy: 6 * power.Joule, Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: 300 * time.Millisecond}
	b.advance(sample{span: uptime.Span{On: 300 * time.Millisecond}, measured: []power.Figure{f}}, start.Add(300*time.Millisecond), time.Minute)
	if len(b.Carry) != 1 {
		t.Fatalf("carried %+v", b.Carry)
	}
	b.advance(sample{span: uptime.Span{On: 20 * time.Minute}}, start.Add(20*time.Minute), time.Minute) // restarted, no meter read
	for _, e := range b.Slot.Parts[0].Energy {
		if e.Scope == power.ScopeCPU {
			t.Errorf("%+v was never measured", e)
		}
	}
	for range 100 { // a clock set back an hour: each second was passed before
		b.advance(sample{span: uptime.Span{On: time.Second}, measured: []power.Figure{f}}, start.Add(-time.Hour), time.Second)
	}
	if len(b.Carry) != 0 {
		t.Errorf("carried %+v from seconds that were passed before", b.Carry)
	}
}

// The sum of what is booked is the sum of what was measured, wherever in a second the samples fall.
func TestMeasuredEnergyIsBookedWhole(t *testing.T) {
	for _, period := range []time.Duration{time.Second, 10 * time.Second} {
		random := rand.New(rand.NewPCG(5, 6))
		start := time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC)
		b := newBook(time.UTC, true, start)
		last, at := start, start
		var measured power.Energy
		var booked power.Energy
		for at.Sub(start) < time.Hour {
			at = at.Add(period)
			now := at.Add(time.Duration(random.Int64N(int64(10*time.Millisecond))) - 5*time.Millisecond)
			f := power.Figure{Method: power.MethodRAPL, Scope: power.ScopeCPU, Energy: (10 * power.Watt).Over(now.Sub(last)), Covered: now.Sub(last)}
			measured += f.Energy
			for _, s := range b.advance(sample{span: uptime.Span{On: now.Sub(last)}, measured: []power.Figure{f}}, now, period) {
				booked += s.Parts[0].Energy[0].Energy
			}
			last = now
		}
		if b.Slot != nil {
			booked += b.Slot.Parts[0].Energy[0].Energy
		}
		if missing := float64(measured-booked) / float64(measured); missing > .001 || missing < -.001 {
			t.Errorf("every %v: %v measured, %v booked", period, measured, booked)
		}
	}
}
