package calendar_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"veille/collector"
	"veille/collector/calendar"
)

func load(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n")) // as a Windows checkout may have them
}

func how(t testing.TB, zone string) calendar.How {
	t.Helper()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return calendar.How{Zone: zone, Local: paris, From: "2025-01-01", Until: "2028-12-31"}
}

// told is an import as lines: what is taken, then what is not.
func told(in calendar.Imported) []string {
	var lines []string
	for _, c := range in.Closures {
		lines = append(lines, fmt.Sprint(c.From, " ", c.To, " ", c.Name))
	}
	for _, s := range in.Skipped {
		mark := "-"
		if s.Begins {
			mark = "!"
		}
		lines = append(lines, fmt.Sprint(mark, " ", s.On, " ", s.Name, ": ", s.Why))
	}
	return lines
}

func check(t *testing.T, in calendar.Imported, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	got := told(in)
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing: %s", want[i])
		case i >= len(want):
			t.Errorf("too much: %s", got[i])
		case !strings.HasPrefix(got[i], want[i]):
			t.Errorf("got  %s\nwant %s", got[i], want[i])
		}
	}
}

func TestTheSchoolHolidaysOfAZoneAreTakenFromTheFileOfAllZones(t *testing.T) {
	in, err := calendar.Import(t.Context(), load(t, "school-zones.ics"), how(t, "a"))
	check(t, in, err,
		"2026-07-04 2026-08-31 Vacances d'Été",
		"2026-10-17 2026-11-01 Vacances de la Toussaint",
		"2026-12-19 2027-01-03 Vacances de Noël",
		"2027-02-13 2027-02-28 Vacances d'Hiver",
		"2027-05-06 2027-05-09 Pont de l'Ascension",
		"! 2027-07-03 Début des Vacances d'Été: holidays begin, and the file does not say when they end",
		"- 2026-08-31 Vacances d'Été(prérentrée Enseignants): is a day on which people come back",
		`- 2026-07-04 Début des Vacances d'Été: is part of "Vacances d'Été", which is taken`,
	)
	if in.Elsewhere != 3 {
		t.Errorf("%d events elsewhere, want 3", in.Elsewhere)
	}
	for zone, winter := range map[string]string{"zone B": "2027-02-20 2027-03-07", "C": "2027-02-06 2027-02-21", "corse": "2027-02-13 2027-02-28"} {
		in, err := calendar.Import(t.Context(), load(t, "school-zones.ics"), how(t, zone))
		if err != nil || !slices.Contains(told(in), winter+" Vacances d'Hiver") {
			t.Errorf("zone %s: %v, %v; want winter holidays %s", zone, told(in), err, winter)
		}
		if whit := slices.Contains(told(in), "2027-05-17 2027-05-17 Lundi de Pentecôte"); whit != (zone == "corse") {
			t.Errorf("zone %s: Whit Monday closed %t", zone, whit)
		}
	}
}

func TestAFileOfSeveralZonesIsNotImportedForNone(t *testing.T) {
	for zone, want := range map[string]string{"": "several school zones (A, B, C, Corse)", "Réunion": `nothing of school zone "Réunion"`} {
		if in, err := calendar.Import(t.Context(), load(t, "school-zones.ics"), how(t, zone)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("zone %q: %v, %v; want an error with %s", zone, told(in), err, want)
		}
	}
	if in, err := calendar.Import(t.Context(), load(t, "school-old.ics"), how(t, "")); err != nil || len(in.Closures) != 1 {
		t.Errorf("a file of one zone needs its name: %v, %v", told(in), err)
	}
}

func TestTheMistakesOfAFileAreReportedAndNotBelieved(t *testing.T) {
	in, err := calendar.Import(t.Context(), load(t, "school-overseas.ics"), how(t, "Guadeloupe"))
	check(t, in, err,
		"2027-02-06 2027-02-21 Vacances de Carnaval",
		"2027-05-27 2027-05-27 Abolition de l?esclavage",
		"! 2027-07-03 Début des Vacances d'Été: holidays begin, and the file does not say when they end",
		"- 2026-10-09 Abolition de l?esclavage: lasts 231 days",
		"- 2026-10-10 Abolition de l?esclavage(prérentrée Saint-Barthélémy): is a day on which people come back",
		"- 2026-12-19 Vacances de Noël: ends before it begins",
		"- 2026-08-31 Rentrée scolaire des élèves: is a day on which people come back",
	)
}

func TestDaysOnWhichPeopleComeBackCloseNothing(t *testing.T) {
	in, err := calendar.Import(t.Context(), load(t, "school-old.ics"), how(t, "A"))
	check(t, in, err,
		"2026-10-17 2026-11-01 Vacances de la Toussaint",
		"- 2026-08-28 Prérentrée des enseignants: is a day on which people come back",
		"- 2026-09-01 Rentrée scolaire des élèves: is a day on which people come back",
		`! 2027-07-03 Vacances d'été: holidays begin, and the file does not say when they end; it has "Rentrée scolaire des élèves" on 2027-09-02`,
		"- 2027-09-02 Rentrée scolaire des élèves: is a day on which people come back",
	)
}

func TestAnExportOfOutlookClosesWholeDaysOnly(t *testing.T) {
	in, err := calendar.Import(t.Context(), load(t, "outlook.ics"), how(t, ""))
	check(t, in, err,
		"2026-08-14 2026-08-14 Pont du 15 août",
		"2026-12-24 2027-01-03 Fermeture de fin d’année",
		"2027-04-05 2027-04-11 Travaux",
		"2027-05-07 2027-05-14 Pont de l'Ascension",
		"2027-06-01 2027-06-01 Inventaire",
		"2027-08-02 2027-08-02 Coupure électrique",
		"2028-08-13 2028-08-14 Pont du 15 août", // the exception of 2027 is out, and 2028 has moved
		"- 2027-01-15 Réunion de service: has a time of day",
		"- 2027-02-01 Relève: repeats within a day",
		"- 2027-03-01 Déménagement: is cancelled",
		"-  Sans date: has no date",
	)
}

func TestWhatRepeatsIsWrittenOut(t *testing.T) {
	in, err := calendar.Import(t.Context(), load(t, "google.ics"), how(t, ""))
	check(t, in, err,
		"2027-01-02 2027-01-02 Samedi fermé",
		"2027-01-04 2027-01-08 Arrêt technique",
		"2027-01-09 2027-01-09 Samedi fermé",
		"2027-01-16 2027-01-16 Samedi fermé",
		"2027-05-10 2027-05-10 Formation, toute la journée",
		"2027-06-10 2027-06-10 Formation, toute la journée",
		"2027-07-05 2027-07-09 Arrêt technique",
		"2027-07-10 2027-07-10 Formation, toute la journée",
	)
}

func calendarOf(events ...string) []byte {
	return []byte("BEGIN:VCALENDAR\nVERSION:2.0\n" + strings.Join(events, "") + "END:VCALENDAR\n")
}

func eventOf(lines ...string) string {
	return "BEGIN:VEVENT\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\n"
}

func TestRulesOfRepetition(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=YEARLY":                            "2027-05-03 2028-05-03",
		"FREQ=YEARLY;UNTIL=20280502":             "2027-05-03",
		"FREQ=YEARLY;UNTIL=20280502T220000Z":     "2027-05-03 2028-05-03", // midnight in Paris
		"FREQ=DAILY;COUNT=3":                     "2027-05-03/2027-05-05",
		"FREQ=MONTHLY;BYDAY=1MO;COUNT=3":         "2027-05-03 2027-06-07 2027-07-05",
		"freq=weekly;byday=mo,tu;until=20270511": "2027-05-03/2027-05-04 2027-05-10/2027-05-11",
		"FREQ=DAILY":                             "- lasts",
		"FREQ=SECONDLY":                          "- repeats within a day",
		"FREQ=DAILY;BYHOUR=8":                    "- repeats within a day",
		"FREQ=SOMETIMES":                         "- repeats by a rule",
		"FREQ=YEARLY;INTERVAL=-1":                "- repeats by a rule",
		"FREQ=YEARLY;INTERVAL=100000000000":      "- repeats by a rule",
		"FREQ=YEARLY;BYMONTH=13":                 "- repeats by a rule",
		"EVERY DAY":                              "- repeats by a rule",
	} {
		in, err := calendar.Import(t.Context(), calendarOf(eventOf("DTSTART;VALUE=DATE:20270503", "RRULE:"+rule, "SUMMARY:x")), how(t, ""))
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		var got []string
		for _, c := range in.Closures {
			text := string(c.From)
			if c.To != c.From {
				text += "/" + string(c.To)
			}
			got = append(got, text)
		}
		for _, s := range in.Skipped {
			got = append(got, "- "+s.Why)
		}
		if !strings.HasPrefix(strings.Join(got, " "), want) || len(got) > strings.Count(want, " ")+1 {
			t.Errorf("%s: %v, want %s", rule, got, want)
		}
	}
}

func TestWholeDaysAreWrittenInManyWays(t *testing.T) {
	for lines, want := range map[string]string{
		"DTSTART;VALUE=DATE:20270503":                                          "2027-05-03/2027-05-03",
		"DTSTART;VALUE=DATE:20270503\nDTEND;VALUE=DATE:20270503":               "2027-05-03/2027-05-03",
		"DTSTART;VALUE=DATE:20270503\nDTEND;VALUE=DATE:20270505":               "2027-05-03/2027-05-04",
		"dtstart;value=date:20270503\nDuration:P2D":                            "2027-05-03/2027-05-04",
		"DTSTART:20270503\nDURATION:P1W":                                       "2027-05-03/2027-05-09",
		"DTSTART:20270503T000000\nDURATION:PT24H":                              "2027-05-03/2027-05-03",
		"DTSTART:20270503T000000\nDURATION:P1DT0H0M0S":                         "2027-05-03/2027-05-03",
		"DTSTART:20270502T220000Z\nDTEND:20270503T220000Z":                     "2027-05-03/2027-05-03",
		"DTSTART;TZID=America/New_York:20270503T000000\nDTEND:20270504":        "2027-05-03/2027-05-03",
		"DTSTART:20270503T000000\nDTEND:20270503T235959":                       "2027-05-03/2027-05-03",
		"DTSTART:20270503T000000":                                              "has a time of day",
		"DTSTART:20270503T000000\nDTEND:20270503T000000":                       "has a time of day",
		"DTSTART:20270503T080000\nDTEND:20270503T120000":                       "has a time of day",
		"DTSTART:20270503T000000\nDTEND:20270503T120000":                       "has a time of day",
		"DTSTART:20270503\nDURATION:PT2H":                                      "has a time of day",
		"DTSTART:20270503\nDURATION:P0D":                                       "has a time of day",
		"DTSTART:20270503\nDURATION:for ever":                                  "has a time of day",
		"DTSTART:20270503T000000Z\nDTEND:20270504T000000Z":                     "has a time of day", // two in the morning in Paris
		"DTSTART:20270503\nDTEND:20270502":                                     "ends before it begins",
		"DTSTART:20270503\nDTEND:20270904":                                     "lasts 124 days",
		"DTSTART:20270230":                                                     "has no date",
		"DTSTART:19040503":                                                     "has no date",
		"DTSTART:tomorrow":                                                     "has no date",
		"DTSTART:20270503\nDTEND:tomorrow":                                     "has no date",
		"DTSTART:20270503\nDTEND:20270504\nSTATUS:cancelled":                   "is cancelled",
		"DTSTART:20270503\nRDATE:20270601T080000":                              "lists",
		"DTSTART:20270503\nRRULE:FREQ=DAILY;COUNT=2\nRECURRENCE-ID:20270503":   "repeats, and takes the place",
		"DTSTART:20270503\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20270503,20270505": "2027-05-04/2027-05-04",
	} {
		in, err := calendar.Import(t.Context(), calendarOf(eventOf(lines, "UID:x", "SUMMARY:Something")), how(t, ""))
		if err != nil {
			t.Errorf("%q: %v", lines, err)
			continue
		}
		got := fmt.Sprint(told(in))
		switch {
		case len(in.Closures) == 1 && len(in.Skipped) == 0:
			got = fmt.Sprint(in.Closures[0].From, "/", in.Closures[0].To)
		case len(in.Skipped) == 1 && len(in.Closures) == 0:
			got = in.Skipped[0].Why
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s, want %s", lines, got, want)
		}
	}
}

// However a file is written down, it says the same.
func TestAFileSaysTheSameInAnyEncoding(t *testing.T) {
	file := load(t, "outlook.ics")
	plainText, err := calendar.Import(t.Context(), file, how(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	var latin1, folded bytes.Buffer
	for _, r := range string(file) {
		if r == '’' {
			r = 0x92 // Windows-1252
		}
		latin1.WriteByte(byte(r))
	}
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, " ") {
			folded.WriteString(line)
			continue
		}
		for len(line) > 3 { // also within a character
			folded.WriteString(line[:2] + "\n\t")
			line = line[2:]
		}
		folded.WriteString(line)
	}
	utf16le := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(file))) {
		utf16le = append(utf16le, byte(unit), byte(unit>>8))
	}
	for name, file := range map[string][]byte{
		"Windows line ends":      bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n")),
		"line ends of old Macs":  bytes.ReplaceAll(file, []byte("\n"), []byte("\r")),
		"a mark of UTF-8":        append([]byte("\ufeff"), file...),
		"Windows-1252":           latin1.Bytes(),
		"UTF-16":                 utf16le,
		"folded after two bytes": folded.Bytes(),
		"small letters":          bytes.ReplaceAll(bytes.ReplaceAll(file, []byte("BEGIN:VEVENT"), []byte("begin:vevent")), []byte("END:VEVENT"), []byte("End:VEvent ")),
		"no line end at the end": bytes.TrimSuffix(file, []byte("\n")),
		"empty lines":            bytes.ReplaceAll(file, []byte("\nBEGIN"), []byte("\n\n\nBEGIN")),
		"a stray line":           bytes.ReplaceAll(file, []byte("SUMMARY"), []byte("this is; no: line of a calendar\nSUMMARY")),
	} {
		if in, err := calendar.Import(t.Context(), file, how(t, "")); err != nil || !reflect.DeepEqual(in, plainText) {
			t.Errorf("%s: %v, %v; want %v", name, told(in), err, told(plainText))
		}
	}
}

func TestAFileThatCannotBeUsedSaysWhy(t *testing.T) {
	many := strings.Repeat(eventOf("DTSTART:20270503", "SUMMARY:x"), 5001)
	var scattered, repeated strings.Builder
	for i := range 501 {
		scattered.WriteString(eventOf(fmt.Sprint("DTSTART:", time.Date(2020, 1, 1+2*i, 0, 0, 0, 0, time.UTC).Format("20060102")), fmt.Sprint("SUMMARY:", i)))
		repeated.WriteString(eventOf("DTSTART:20270503", "RRULE:FREQ=DAILY;COUNT=2", fmt.Sprint("SUMMARY:", i)))
	}
	for name, tt := range map[string]struct {
		file []byte
		want string
	}{
		"empty":                  {nil, "no calendar file"},
		"a page":                 {[]byte("<!DOCTYPE html>\n<p>404</p>"), "no calendar file"},
		"text before":            {append([]byte("Content-Type: text/calendar\n"), calendarOf()...), "no calendar file"},
		"an event alone":         {[]byte(eventOf("DTSTART:20270503")), "no calendar file"},
		"cut off":                {[]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:2027"), "ends within VEVENT"},
		"an event in between":    {append(append(calendarOf(), eventOf("DTSTART:20270503")...), calendarOf()...), "line 4: BEGIN:VEVENT is out of place"},
		"ends that do not match": {[]byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n"), "line 3: END:VCALENDAR is out of place"},
		"a line that is none":    {calendarOf(eventOf("DTSTART;VALUE:20270503")), `line 4: "DTSTART;VALUE:20270503" cannot be understood`},
		"nested":                 {[]byte("BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:VEVENT\n", 9)), "nested too deeply"},
		"a long line":            {calendarOf(eventOf("SUMMARY:" + strings.Repeat("x", 9000))), "line 4: SUMMARY has 9008 bytes"},
		"a large file":           {make([]byte, calendar.MaxFile+1), "1048577 bytes"},
		"many events":            {calendarOf(many), "more than 5000 events"},
		"many closures":          {calendarOf(scattered.String()), "501 times"},
		"many that repeat":       {calendarOf(repeated.String()), "more than 50 events repeat"},
	} {
		if in, err := calendar.Import(t.Context(), tt.file, how(t, "")); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, %v; want an error with %q", name, told(in), err, tt.want)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, name := range []string{"school-zones.ics", "school-overseas.ics", "school-old.ics", "outlook.ics", "google.ics"} {
		f.Add(load(f, name), "A")
		f.Add(bytes.ReplaceAll(load(f, name), []byte("\n"), []byte("\r\n")), "")
	}
	for _, rule := range []string{"FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=-1", "FREQ=YEARLY;BYWEEKNO=53;BYEASTER=1", "FREQ=WEEKLY;WKST=SU;INTERVAL=2"} {
		f.Add(calendarOf(eventOf("DTSTART;VALUE=DATE:20270503", "RRULE:"+rule, "EXDATE:20270503", "DURATION:P1W", "SUMMARY:x")), "Corse")
	}
	f.Fuzz(func(t *testing.T, file []byte, zone string) {
		in, err := calendar.Import(t.Context(), file, how(t, zone))
		if err != nil {
			return
		}
		for _, c := range in.Closures {
			if n := calendar.Length(c.Days); n < 1 || n > 100 || c.Source != "" {
				t.Errorf("%+v lasts %d days", c, n)
			}
		}
		for _, s := range in.Skipped {
			if s.Name == "" || s.Why == "" || strings.ContainsAny(s.Name+s.Why, "\n\r\x1b") {
				t.Errorf("%+v", s)
			}
		}
		if again, err := calendar.Import(t.Context(), file, how(t, zone)); err != nil || !reflect.DeepEqual(in, again) {
			t.Errorf("read twice: %+v and %+v, %v", in, again, err)
		}
		if len(in.Closures) == 0 {
			return
		}
		if _, _, _, err := calendar.Replace(collector.Calendar{}, "file.ics", in.Closures); err != nil {
			t.Errorf("what was imported is no calendar: %v", err)
		}
	})
}
