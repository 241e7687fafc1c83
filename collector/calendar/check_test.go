package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/calendar"
)

func TestAShortPartOfADayIsRefusedSinceItIsATimeClock(t *testing.T) {
	open := func(weekday int, stretches ...string) []collector.OpenHours {
		var all []collector.OpenHours
		for _, s := range stretches {
			from, to, _ := strings.Cut(s, "-")
			all = append(all, collector.OpenHours{Weekday: weekday, From: from, To: to})
		}
		return all
	}
	for _, tt := range []struct {
		name string
		open []collector.OpenHours
		want string // of the error; "" for none
	}{
		{"no hours", nil, ""},
		{"a usual day", open(1, "08:00-18:00"), ""},
		{"three hours", open(1, "08:00-11:00"), ""},
		{"three hours in pieces", open(1, "08:00-09:00", "10:00-12:00"), ""},
		{"hours that touch", open(1, "08:00-12:00", "12:00-18:00"), ""},
		{"21 hours", open(7, "00:00-12:00", "15:00-24:00"), ""},
		{"all day", open(7, "00:00-24:00"), ""},
		{"one minute", open(1, "08:00-08:01"), "Monday is open for 1 min from 08:00"},
		{"a minute less than three hours", open(2, "08:00-10:59"), "Tuesday is open for 2 h 59 in all"},
		{"two pieces", open(3, "08:00-09:00", "10:00-11:00"), "Wednesday is open for 2 h in all"},
		{"closed for a minute", open(4, "00:00-08:00", "08:01-24:00"), "Thursday is closed for 1 min from 08:00"},
		{"closed for two hours", open(5, "00:00-22:00"), "Friday is closed for 2 h in all"},
		{"hours that overlap", open(6, "08:00-12:00", "11:00-18:00"), "Saturday: open hours overlap at 11:00"},
		{"the same hours twice", open(6, "08:00-12:00", "08:00-12:00"), "Saturday: open hours overlap"},
		{"hours that end before they begin", open(1, "18:00-08:00"), "end before they begin"},
		{"hours that end when they begin", open(1, "08:00-08:00"), "end before they begin"},
		{"a time that is none", open(1, "8:00-18:00"), "not two times of day"},
		{"an hour that is none", open(1, "08:00-25:00"), "not two times of day"},
		{"past midnight", open(1, "08:00-24:01"), "not two times of day"},
		{"a weekday that is none", open(8, "08:00-18:00"), "weekday 8"},
		{"a ninth stretch", open(1, "00:00-01:00", "02:00-03:00", "04:00-05:00", "06:00-07:00", "08:00-09:00", "10:00-11:00", "12:00-13:00", "14:00-15:00", "16:00-17:00"), "9 stretches"},
	} {
		switch err := calendar.Check(tt.open); {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestHoursAreReadInEnglishAndFrench(t *testing.T) {
	for text, want := range map[string]string{
		"mon-fri 08:00-12:00,14:00-18:00; sat 08:00-12:00":  "mon-fri 08:00-12:00,14:00-18:00; sat 08:00-12:00",
		"lun-ven 8h-12h, 14h-18h ; sam 8h00-12h":            "mon-fri 08:00-12:00,14:00-18:00; sat 08:00-12:00",
		"Lundi – Vendredi 8:00 - 18:00":                     "mon-fri 08:00-18:00",
		"mar, jeu 7h30-12h15; mer. 08:00-11:30;":            "tue 07:30-12:15; wed 08:00-11:30; thu 07:30-12:15",
		"sat-mon 00:00-24:00":                               "mon 00:00-24:00; sat-sun 00:00-24:00",
		"monday tuesday 08:00-18:00":                        "mon-tue 08:00-18:00",
		"mon 14:00-18:00; mon 08:00-12:00; dim 08:00-12:00": "mon 08:00-12:00,14:00-18:00; sun 08:00-12:00",
	} {
		open, err := calendar.ParseHours(text)
		if err != nil || calendar.FormatHours(open) != want {
			t.Errorf("%q: %q, %v; want %q", text, calendar.FormatHours(open), err, want)
		}
	}
	for text, want := range map[string]string{
		"": "no open hours", ";": "no open hours", "mon-fri": "no hours", "08:00-18:00": "without a weekday", "mo 08:00-18:00": "no weekday",
		"mon-xyz 08:00-18:00": "no weekday", "mon 8-18": "no stretch", "mon 08:00": "no stretch", "mon 08:00-": "no stretch", "mon 8h-8h01": "Monday is open for 1 min",
		"mon 18h-8h": "end before they begin", "mon 08:00-18:00 tue": "no stretch", "mon 8h5-18h": "no stretch", strings.Repeat("mon ", 300): "too long",
	} {
		if open, err := calendar.ParseHours(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want an error with %q", text, open, err, want)
		}
	}
}

func TestHoursThatAreWrittenAreReadAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		var open []collector.OpenHours
		for weekday := 1; weekday <= 7; weekday++ {
			if random.IntN(3) > 0 {
				at := random.IntN(300)
				open = append(open,
					collector.OpenHours{Weekday: weekday, From: at0(at), To: at0(at + 200)}, collector.OpenHours{Weekday: weekday, From: at0(at + 230), To: at0(at + 400)})
			}
		}
		if len(open) == 0 {
			continue
		}
		if again, err := calendar.ParseHours(calendar.FormatHours(open)); err != nil || !reflect.DeepEqual(again, open) {
			t.Fatalf("%q: %v, %v; want %v", calendar.FormatHours(open), again, err, open)
		}
	}
}

func at0(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func FuzzParseHours(f *testing.F) {
	for _, text := range []string{"mon-fri 08:00-12:00,14:00-18:00; sat 08:00-12:00", "lun-ven 8h-18h", "sat-mon 0h-24h", "mon 08:00-", "-", ";;"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		open, err := calendar.ParseHours(text)
		if err != nil {
			return
		}
		if err := calendar.Check(open); err != nil {
			t.Errorf("%q gives hours that are refused: %v", text, err)
		}
		if again, err := calendar.ParseHours(calendar.FormatHours(open)); err != nil || !reflect.DeepEqual(again, open) {
			t.Errorf("%q: %v, written and read again %v, %v", text, open, again, err)
		}
	})
}
