package uptime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// monday is the day of the tables; clock is a time of it, or of a later day.
var monday = time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)

func clock(t testing.TB, s string) time.Time {
	t.Helper()
	var day int
	var h, m, sec time.Duration
	if _, err := fmt.Sscanf(s, "%d/%d:%d:%d", &day, &h, &m, &sec); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return monday.AddDate(0, 0, day).Add(h*time.Hour + m*time.Minute + sec*time.Second)
}

// logged reads events written as "0/18:00:00 KernelPower 42 4", one a line.
func logged(t testing.TB, text string) []Event {
	t.Helper()
	byName := map[string]Source{
		"Power": KernelPower, "Boot": KernelBoot, "General": KernelGeneral, "Troubleshooter": PowerTroubleshooter, "EventLog": EventLog,
	}
	var all []Event
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		e := Event{Source: byName[f[1]], At: clock(t, f[0])}
		if _, err := fmt.Sscan(f[2], &e.ID); err != nil {
			t.Fatal(err)
		}
		if len(f) > 3 {
			if _, err := fmt.Sscan(f[3], &e.Data); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, e)
	}
	return all
}

func told(all []Stretch) string {
	var lines []string
	for _, s := range all {
		lines = append(lines, fmt.Sprintf("%d/%s %v", s.From.YearDay()-monday.YearDay(), s.From.Format(time.TimeOnly), s.State))
	}
	return strings.Join(lines, "\n")
}

func lines(text string) string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return strings.Join(all, "\n")
}

func TestTheHistoryThatEventsTell(t *testing.T) {
	for _, tt := range []struct{ name, events, want string }{
		{
			"a boot and an orderly end", `
			0/08:00:00 General 12
			0/08:00:01 Boot 27 0
			0/18:00:00 EventLog 6006
			0/18:00:04 Power 109
			0/18:00:05 General 13
			1/08:00:00 General 12`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:05 off
			1/08:00:00 on`,
		},
		{
			"a shut-down with Fast Startup", `
			0/08:00:00 General 12
			0/18:00:00 Power 109
			0/18:00:02 Power 42 4
			1/08:00:00 Power 107
			1/08:00:00 Boot 27 1`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:02 off
			1/08:00:00 on`,
		},
		{
			"the same where only the boot tells", `
			0/08:00:00 General 12
			0/18:00:02 Power 42 4
			1/08:00:00 Power 107
			1/08:00:03 Boot 27 1`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:02 off
			1/08:00:00 on`,
		},
		{
			"sleep", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			0/13:00:00 Power 107
			0/13:00:04 Troubleshooter 1`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/13:00:00 on`,
		},
		{
			"a resume dated before the clock was set", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			0/12:00:01 Power 107
			0/13:00:00 General 1
			0/13:00:04 Troubleshooter 1
			0/15:00:00 General 1`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/13:00:00 on`,
		},
		{
			"hibernation", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 5
			0/13:00:00 Boot 27 2
			0/13:00:01 Power 107`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 off
			0/13:00:00 on`,
		},
		{
			"sleep that becomes hibernation", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			0/15:00:00 Power 42 5
			1/08:00:00 Boot 27 2`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/15:00:00 off
			1/08:00:00 on`,
		},
		{
			"sleep that comes back from the disk: nobody knows when it went there", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			1/08:00:00 Boot 27 2`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 unknown
			1/08:00:00 on`,
		},
		{
			"Modern Standby that becomes hibernation, and passes through standby when it wakes", `
			0/08:00:00 General 12
			0/12:00:00 Power 506
			0/20:00:00 Power 507
			0/20:00:01 Power 42 5
			1/08:00:00 Boot 27 2
			1/08:00:01 Power 506
			1/08:00:03 Power 507`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/20:00:00 on
			0/20:00:01 off
			1/08:00:00 on
			1/08:00:01 asleep
			1/08:00:03 on`,
		},
		{
			"Modern Standby whose end was lost ends with a resume", `
			0/08:00:00 General 12
			0/12:00:00 Power 506
			0/13:00:00 Power 107`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/13:00:00 on`,
		},
		{
			"a power cut is not off", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			0/13:00:00 Power 107
			1/08:00:00 General 12
			1/08:00:20 EventLog 6008`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/13:00:00 unknown
			1/08:00:00 on`,
		},
		{
			"a power cut while asleep is not off", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			1/08:00:00 General 12
			1/08:00:20 EventLog 6008`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 unknown
			1/08:00:00 on`,
		},
		{
			"an end in order that Windows takes back", `
			0/08:00:00 General 12
			0/18:00:00 Power 109
			1/08:00:00 General 12
			1/08:00:20 EventLog 6008`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:00 unknown
			1/08:00:00 on`,
		},
		{
			"a sleep without an end, on a machine that runs", `
			0/08:00:00 General 12
			0/18:00:00 Power 42 5`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:00 unknown`,
		},
		{
			"a shut-down with Fast Startup whose boot was not logged", `
			0/08:00:00 General 12
			0/18:00:00 Power 109
			0/18:00:02 Power 42 4
			1/08:00:00 Power 107`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:02 off
			1/08:00:00 on`,
		},
		{
			"a clock set on the way down wakes nothing", `
			0/08:00:00 General 12
			0/18:00:00 EventLog 6006
			0/18:00:04 General 1
			1/08:00:00 General 12`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/18:00:00 off
			1/08:00:00 on`,
		},
		{
			"a boot from the disk says nothing of a sleep hours before", `
			0/08:00:00 General 12
			0/12:00:00 Power 42 4
			0/13:00:00 Power 107
			0/20:00:00 Boot 27 1`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/13:00:00 on`,
		},
		{
			"in another order, with what means nothing", `
			0/13:00:00 Power 107
			0/09:00:00 Power 41
			0/12:00:00 Power 42 4
			0/12:30:00 EventLog 12
			0/08:00:00 General 12`, `
			0/00:00:00 unknown
			0/08:00:00 on
			0/12:00:00 asleep
			0/13:00:00 on`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all, err := historyOfEvents(logged(t, tt.events), monday, monday.AddDate(0, 0, 2))
			if err != nil {
				t.Fatal(err)
			}
			if got := told(all); got != lines(tt.want) {
				t.Errorf("got\n%s\nwant\n%s", got, lines(tt.want))
			}
		})
	}
	if _, err := historyOfEvents(nil, monday, monday.AddDate(0, 0, 2)); !errors.Is(err, ErrNoHistory) {
		t.Errorf("no events give %v", err)
	}
}

// tiles checks that stretches cover the time without hole, overlap or end outside.
func tiles(t *testing.T, all []Stretch, from, to time.Time) {
	t.Helper()
	at := from
	for i, s := range all {
		if !s.From.Equal(at) || !s.From.Before(s.To) || s.State > Off || i > 0 && all[i-1].State == s.State {
			t.Fatalf("stretch %d of %v does not follow from %v", i, all, at)
		}
		at = s.To
	}
	if len(all) > 0 && !at.Equal(to) || len(all) == 0 && from.Before(to) {
		t.Fatalf("%v ends at %v, want %v", all, at, to)
	}
}

// randomEvents makes a log of any events at all, with times before and after it as well.
func randomEvents(rng *rand.Rand, n int) []Event {
	ids := append(eventIDs(), 41)
	var all []Event
	for range n {
		all = append(all, Event{
			Source(rng.IntN(6)), uint16(ids[rng.IntN(len(ids))]), uint32(rng.IntN(7)),
			monday.Add(time.Duration(rng.Int64N(int64(72*time.Hour))) - 12*time.Hour),
		})
	}
	return all
}

func TestAnyEventsTileTheTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	to := monday.AddDate(0, 0, 2)
	for range 20_000 {
		all, err := historyOfEvents(randomEvents(rng, 1+rng.IntN(30)), monday, to)
		if err == nil {
			tiles(t, all, monday, to)
		}
	}
	if got, err := historyOfEvents(randomEvents(rng, 30), to, monday); got != nil || err != nil {
		t.Errorf("a history that ends before it begins: %v, %v", got, err)
	}
}

func FuzzHistoryOfEvents(f *testing.F) {
	var seed []byte
	for _, e := range logged(f, "0/08:00:00 General 12\n0/18:00:00 Power 109\n0/18:00:02 Power 42 4\n1/08:00:00 Boot 27 1") {
		seed = binary.LittleEndian.AppendUint32(append(seed, byte(e.Source), byte(slices.Index(eventIDs(), int(e.ID))), byte(e.Data)),
			uint32(e.At.Sub(monday)/time.Second))
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		var events []Event
		for ; len(b) >= 7; b = b[7:] {
			at := time.Duration(int32(binary.LittleEndian.Uint32(b[3:]))) * time.Second
			events = append(events, Event{Source(b[0]), uint16(eventIDs()[int(b[1])%len(eventIDs())]), uint32(b[2]), monday.Add(at)})
		}
		to := monday.AddDate(0, 0, 2)
		if all, err := historyOfEvents(events, monday, to); err == nil {
			tiles(t, all, monday, to)
		}
		from := Reading{Wall: monday, Awake: time.Hour, SinceBoot: 2 * time.Hour}
		now := Reading{Wall: to, Awake: 9 * time.Hour, SinceBoot: 50 * time.Hour}
		s := Between(from, now.explained(from, events, false), false)
		if s.On+s.Sleep+s.Off != 48*time.Hour || min(s.On, s.Sleep, s.Off) < 0 {
			t.Fatalf("%v give %+v", events, s)
		}
	})
}
