package calendar_test

import (
	"strings"
	"testing"

	"veille/collector/calendar"
)

func TestHoursAreReadAsAnOfficeWritesThem(t *testing.T) {
	for text, want := range map[string]string{
		"lundi au vendredi 8h-18h":                                      "mon-fri 08:00-18:00",
		"lundi à vendredi 8h00 à 18h00":                                 "mon-fri 08:00-18:00",
		"lundi a\u0300 vendredi 8h00 a\u0300 18h00":                     "mon-fri 08:00-18:00",
		"lun-ven 8 h - 18 h":                                            "mon-fri 08:00-18:00",
		"lun-ven 8\u00a0h\u202f–\u202f18\u00a0h":                        "mon-fri 08:00-18:00",
		"lun-ven 8 h 30 - 18 h 15":                                      "mon-fri 08:30-18:15",
		"lun-ven 8 h30 à 18h 15":                                        "mon-fri 08:30-18:15",
		"Du lundi au vendredi : de 8 heures à 18 heures 30":             "mon-fri 08:00-18:30",
		"du lundi au jeudi de 8h à 12h et de 14h à 18h; le sam. 8h-12h": "mon-thu 08:00-12:00,14:00-18:00; sat 08:00-12:00",
		"lundi, mardi et jeudi 8h-12h,14h-18h":                          "mon-tue 08:00-12:00,14:00-18:00; thu 08:00-12:00,14:00-18:00",
		"les lundis et les mardis 8h-18h":                               "mon-tue 08:00-18:00",
		"monday to friday from 08:00 to 18:00":                          "mon-fri 08:00-18:00",
	} {
		open, err := calendar.ParseHours(text)
		if err != nil || calendar.FormatHours(open) != want {
			t.Errorf("%q: %q, %v; want %q", text, calendar.FormatHours(open), err, want)
		}
	}
	for text, want := range map[string]string{
		"lundi au 8h-18h": "no weekday", "au vendredi 8h-18h": "no weekday", "lundi 8h au": "no stretch", "lundi 8 - 18 h": "no stretch", "lundi 8h à 12h à 18h": "no stretch",
		"lundi 8h de 30 à 18h": "no stretch", "lundi 8 h 5 - 18 h": "no stretch", "lundi 8 h 30 30 - 18 h": "no stretch", "et 8h-18h": "without a weekday",
		"lundi 8h-18h30 h": "no stretch", "lundi au vendredi": "no hours",
	} {
		if open, err := calendar.ParseHours(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v; want an error with %q", text, open, err, want)
		}
	}
}

// What is understood in words is understood in signs, and the same.
func FuzzHoursInWords(f *testing.F) {
	for _, text := range []string{"lundi au vendredi 8h-18h", "lundi à vendredi 8h00 à 18h00", "lun-ven 8 h - 18 h 30", "du lundi : de 8 heures à 12 h et de 14h à 18h", "a a à -, h 8h 30 heures"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		open, err := calendar.ParseHours(text)
		if err != nil {
			return
		}
		signs := calendar.FormatHours(open)
		words := strings.NewReplacer("-", " à ", ",", " et de ", ":", " h ").Replace(signs)
		if again, err := calendar.ParseHours(words); err != nil || calendar.FormatHours(again) != signs {
			t.Errorf("%q is %q, and %q is %q, %v", text, signs, words, calendar.FormatHours(again), err)
		}
	})
}
