package uptime

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// recorded is a journal made with systemd-journal-remote 252 and asked with journalctl 252: four boots. On Monday the
// machine slept at noon and was shut down; on Tuesday it hibernated at noon and lost its mains; on Wednesday it went to
// sleep in the evening and never came back; on Thursday journald was restarted, it slept at noon, and it still runs.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

const fourDays = `
0/00:00:00 unknown
0/09:00:00 on
0/12:00:00 asleep
0/13:00:00 on
0/18:00:00 off
1/09:00:00 on
1/12:00:00 off
1/14:00:00 on
1/16:00:00 unknown
2/09:00:00 on
2/17:00:00 unknown
3/09:00:00 on
3/12:00:00 asleep
3/13:00:00 on`

func TestTheHistoryThatTheJournalTells(t *testing.T) {
	marks := parseMarks(recorded(t, "marks.jsonl"))
	if len(marks) != 10 {
		t.Errorf("%d messages read, want 10", len(marks))
	}
	for _, name := range []string{"boots.json", "boots.txt"} {
		boots, err := parseBoots(recorded(t, name))
		if err != nil || len(boots) != 4 {
			t.Fatalf("%s: %d boots, %v", name, len(boots), err)
		}
		const thursday = "d0000000000000000000000000000004"
		for _, running := range []string{thursday, ""} {
			all, err := historyOfJournal(boots, marks, running, monday, clock(t, "3/15:00:00"))
			if err != nil {
				t.Fatal(err)
			}
			if got := told(all); got != lines(fourDays) {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, lines(fourDays))
			}
		}
		// The journal of the running boot is kept from us.
		all, err := historyOfJournal(boots[:1], marks, thursday, monday, clock(t, "3/15:00:00"))
		if want := lines(fourDays[:strings.Index(fourDays, "0/18")] + "0/18:00:00 unknown"); err != nil || told(all) != want {
			t.Errorf("%s: got\n%s\n%v; want\n%s", name, told(all), err, want)
		}
	}
}

func TestABootIsOffOnlyAfterAnEndInOrder(t *testing.T) {
	boots := []bootEntries{
		{"one", clock(t, "0/09:00:00"), clock(t, "0/18:00:00")},
		{"two", clock(t, "1/09:00:00"), clock(t, "1/10:00:00")},
	}
	for _, tt := range []struct {
		name string
		mark mark
		want State
	}{
		{"announced by logind", mark{"one", shutDown, "", clock(t, "0/17:55:00")}, Off},
		{"journald ended", mark{"one", journalStop, "", clock(t, "0/18:00:00")}, Off},
		{"journald was restarted at noon", mark{"one", journalStop, "", clock(t, "0/12:00:00")}, Unknown},
		{"another boot ended", mark{"two", shutDown, "", clock(t, "0/18:00:00")}, Unknown},
		{"failed to sleep at the last moment", mark{"one", sleepStop, "suspend", clock(t, "0/18:00:00")}, Unknown},
	} {
		all, err := historyOfJournal(boots, []mark{tt.mark}, "two", clock(t, "0/20:00:00"), clock(t, "1/09:00:00"))
		if err != nil || len(all) != 1 || all[0].State != tt.want {
			t.Errorf("%s: %v, %v; want %v", tt.name, all, err, tt.want)
		}
	}
}

func TestABootThatEndsAsleepIsNotOff(t *testing.T) {
	all, err := historyOfJournal([]bootEntries{
		{"one", clock(t, "0/09:00:00"), clock(t, "0/18:00:00")}, {"two", clock(t, "1/09:00:00"), clock(t, "1/10:00:00")},
	}, []mark{
		{"one", shutDown, "", clock(t, "0/17:57:00")}, {"one", sleepStart, "suspend", clock(t, "0/17:59:00")},
	}, "two", clock(t, "0/09:00:00"), clock(t, "1/10:00:00"))
	if want := "0/09:00:00 on\n0/17:59:00 unknown\n1/09:00:00 on"; err != nil || told(all) != want {
		t.Errorf("got\n%s\n%v; want\n%s", told(all), err, want)
	}
}

func TestOnlyPlainHibernationIsOff(t *testing.T) {
	for sleep, want := range map[string]State{
		"suspend": Asleep, "hibernate": Off, "hybrid-sleep": Asleep, "suspend-then-hibernate": Asleep, "": Asleep,
	} {
		all, err := historyOfJournal([]bootEntries{{"one", monday, clock(t, "0/09:00:00")}}, []mark{
			{"one", sleepStart, sleep, clock(t, "0/12:00:00")}, {"one", sleepStop, sleep, clock(t, "0/13:00:00")},
		}, "one", clock(t, "0/12:00:00"), clock(t, "0/13:00:00"))
		if err != nil || len(all) != 1 || all[0].State != want {
			t.Errorf("%q: %v, %v; want %v", sleep, all, err, want)
		}
	}
}

// Ten days from eight to four, each with a shut-down in order; then one boot's clock is wrong. However wrong it is, no night
// becomes time on, and no more than the days around it become unknown.
func TestOneWrongClockTurnsNoNightIntoTimeOn(t *testing.T) {
	day := func(n int) bootEntries {
		at := monday.AddDate(0, 0, n)
		return bootEntries{fmt.Sprint(n), at.Add(8 * time.Hour), at.Add(16 * time.Hour)}
	}
	for name, change := range map[string]func(*bootEntries){
		"no":                              func(*bootEntries) {},
		"began in 2018":                   func(b *bootEntries) { b.first = b.first.AddDate(-8, 0, 0) },
		"began a week ago":                func(b *bootEntries) { b.first = b.first.AddDate(0, 0, -7) },
		"ended in 2036":                   func(b *bootEntries) { b.last = b.last.AddDate(10, 0, 0) },
		"went on from the last shut-down": func(b *bootEntries) { b.first = b.first.Add(-16 * time.Hour) },
	} {
		var boots []bootEntries
		var marks []mark
		for n := range 10 {
			b := day(n)
			if n == 4 {
				change(&b)
			}
			boots = append(boots, b)
			marks = append(marks, mark{b.id, journalStop, "", b.last.Add(-time.Second)})
		}
		all, err := historyOfJournal(boots, marks, "9", monday, monday.AddDate(0, 0, 9).Add(16*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		var sum [4]time.Duration
		for _, s := range all {
			sum[s.State] += s.To.Sub(s.From)
		}
		if on := sum[On]; on > 80*time.Hour || on < 72*time.Hour || name == "no" && on != 80*time.Hour {
			t.Errorf("%s wrong clock: on for %v of 80 h; %v", name, on, all)
		}
		if unknown := sum[Unknown]; unknown > 8*time.Hour+40*time.Hour || name == "no" && unknown > 8*time.Hour {
			t.Errorf("%s wrong clock: %v unknown", name, unknown)
		}
	}
}

func TestBootsAsOlderSystemsListThem(t *testing.T) {
	const table = " -1 a0000000000000000000000000000001 Mon 2026-11-16 09:00:00 UTC—Mon 2026-11-16 18:00:00 UTC\n" +
		"  0 b0000000000000000000000000000002 Tue 2026-11-17 09:00:00 UTC—Tue 2026-11-17 16:00:00 UTC\n"
	boots, err := parseBoots([]byte(table))
	if err != nil || len(boots) != 2 || !boots[1].last.Equal(clock(t, "1/16:00:00")) {
		t.Errorf("got %v, %v", boots, err)
	}
	for _, bad := range []string{
		strings.ReplaceAll(table, "UTC", "CET"), strings.Replace(table, "18:00:00", "08:00:00", 1), " 0 b2 no such boot\n",
		`[{"boot_id":"b","first_entry":"x"}]`, `[{"first_entry":1,"last_entry":2}]`, `[{"boot_id":"b","first_entry":2,"last_entry":1}]`, `[`,
	} {
		if boots, err := parseBoots([]byte(bad)); err == nil {
			t.Errorf("%s gives %v", bad, boots)
		}
	}
	for _, none := range []string{"", "\n", "[]", "IDX BOOT ID FIRST ENTRY LAST ENTRY\n"} {
		boots, err := parseBoots([]byte(none))
		if err == nil {
			_, err = historyOfJournal(boots, nil, "", monday, monday.AddDate(0, 0, 1))
		}
		if !errors.Is(err, ErrNoHistory) {
			t.Errorf("%q gives %v", none, err)
		}
	}
}

func TestAnyJournalTilesTheTime(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	to := monday.AddDate(0, 0, 2)
	any := func() time.Time { return monday.Add(time.Duration(rng.Int64N(int64(72*time.Hour))) - 12*time.Hour) }
	messages, sleeps := []string{sleepStart, sleepStop, shutDown, journalStop}, []string{"suspend", "hibernate"}
	for range 20_000 {
		var boots []bootEntries
		var marks []mark
		for i := range 1 + rng.IntN(5) {
			first := any()
			boots = append(boots, bootEntries{fmt.Sprint(i), first, first.Add(time.Duration(rng.Int64N(int64(20 * time.Hour))))})
		}
		for range rng.IntN(20) {
			marks = append(marks, mark{fmt.Sprint(rng.IntN(6)), messages[rng.IntN(4)], sleeps[rng.IntN(2)], any()})
		}
		all, err := historyOfJournal(boots, marks, fmt.Sprint(rng.IntN(6)), monday, to)
		if err != nil {
			t.Fatal(err)
		}
		tiles(t, all, monday, to)
	}
}

func FuzzParseBoots(f *testing.F) {
	f.Add(recorded(f, "boots.json"))
	f.Add(recorded(f, "boots.txt"))
	f.Fuzz(func(t *testing.T, b []byte) {
		boots, err := parseBoots(b)
		if err != nil {
			return
		}
		to := monday.AddDate(0, 0, 2)
		if all, err := historyOfJournal(boots, nil, "", monday, to); err == nil {
			tiles(t, all, monday, to)
		}
	})
}

func FuzzParseMarks(f *testing.F) {
	f.Add(recorded(f, "marks.jsonl"))
	f.Add([]byte(`{"_BOOT_ID":["a","b"],"MESSAGE_ID":null,"SLEEP":[1,2],"__REALTIME_TIMESTAMP":1}`))
	boots, err := parseBoots(recorded(f, "boots.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		to := clock(t, "3/15:00:00")
		all, err := historyOfJournal(boots, parseMarks(b), "", monday, to)
		if err != nil {
			t.Fatal(err)
		}
		tiles(t, all, monday, to)
	})
}
