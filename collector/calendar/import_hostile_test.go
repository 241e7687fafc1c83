package calendar_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector/calendar"
)

// A file made to keep us busy is done with in the time that a person waits. Of parameters it is a twenty-fifth of what a file
// may hold.
func TestTheWorstFileTakesSeconds(t *testing.T) {
	parameters := eventOf("DTSTART" + strings.Repeat(";a=b", 1000) + ":20270503")
	for name, file := range map[string][]byte{
		"lines of parameters":   calendarOf(strings.Repeat(parameters, 10)),
		"days that never come":  calendarOf(strings.Repeat(eventOf("DTSTART:19700101", "RRULE:FREQ=DAILY;INTERVAL=1;BYMONTH=2;BYDAY=2MO", "SUMMARY:x"), 50)),
		"rules that never meet": calendarOf(strings.Repeat(eventOf("DTSTART:20270503", strings.Repeat("RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU\n", 400)+"SUMMARY:x"), 50)),
		"one in each event":     calendarOf(strings.Repeat(eventOf("DTSTART:20270503", "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU", "SUMMARY:x"), 50)),
		"months without a day":  calendarOf(strings.Repeat(eventOf("DTSTART:19700131", "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31"), 50)),
		"years without a day":   calendarOf(strings.Repeat(eventOf("DTSTART:19700131", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"), 50)),
		"weeks without a month": calendarOf(strings.Repeat(eventOf("DTSTART:19700131", "RRULE:FREQ=WEEKLY;INTERVAL=52;BYMONTH=8"), 50)),
		"lists and exceptions":  calendarOf(eventOf("DTSTART:19700131", strings.Repeat("RDATE:20270101,20270102,20270103,20270104\nEXDATE:20270101,20270102,20270103,20270104\n", 3000))),
		"beginnings and ends":   calendarOf(strings.Repeat(eventOf("DTSTART:20270703", "SUMMARY:Vacances"), 2500), strings.Repeat(eventOf("DTSTART:20270101", "SUMMARY:Rentrée"), 2500)),
		"a thousand events":     calendarOf(strings.Repeat(eventOf("DTSTART:20270503", "SUMMARY:x"), 1000)),
	} {
		start := time.Now()
		if _, err := calendar.Import(t.Context(), file, how(t, "")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 10*time.Second { // a second at most, when nothing else runs
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestAnEventOfManyRulesIsReportedAndTheOthersAreTaken(t *testing.T) {
	rule := "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU\n"
	in, err := calendar.Import(t.Context(), calendarOf(
		eventOf("DTSTART:20270503", strings.Repeat(rule, 400)+"SUMMARY:Lundi"), eventOf("DTSTART:20270504", rule+"RRULE:FREQ=DAILY", "SUMMARY:Mardi"),
		eventOf("DTSTART:20270505", "SUMMARY:Mercredi"),
	), how(t, ""))
	check(t, in, err, "2027-05-05 2027-05-05 Mercredi", "- 2027-05-03 Lundi: repeats by 400 rules, and one is understood", "- 2027-05-04 Mardi: repeats by 2 rules")
}

func TestAnImportEndsBetweenEventsWhenItIsToldTo(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if in, err := calendar.Import(ctx, calendarOf(eventOf("DTSTART:20270503", "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=TU")), how(t, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v; want %v", told(in), err, context.Canceled)
	}
}

// Rules are followed in another cycle of the calendar: leap days, weeks of the year and last weekdays are where they were.
func TestRulesGiveTheDaysOfTheirOwnYears(t *testing.T) {
	for rule, want := range map[string]string{
		"20240229 FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29": "2028-02-29",
		"20260102 FREQ=MONTHLY;BYDAY=-1FR;COUNT=4":     "2026-01-02 2026-01-30 2026-02-27 2026-03-27 2026-04-24",
		"20251229 FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO":     "2025-12-29 2027-01-04 2028-01-03",
		"20250630 FREQ=YEARLY;BYYEARDAY=-1;COUNT=2":    "2025-06-30 2025-12-31 2026-12-31",
		"20281230 FREQ=DAILY":                          "2028-12-30/2028-12-31",
	} {
		start, text, _ := strings.Cut(rule, " ")
		in, err := calendar.Import(t.Context(), calendarOf(eventOf("DTSTART:"+start, "RRULE:"+text, "SUMMARY:x")), how(t, ""))
		var got []string
		for _, c := range in.Closures {
			got = append(got, strings.TrimSuffix(fmt.Sprint(c.From, "/", c.To), "/"+string(c.From)))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v, %v; want %s", rule, got, in.Skipped, err, want)
		}
	}
}

func TestARuleThatEndsBeforeItBeginsIsNotOneWithoutEnd(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=WEEKLY;UNTIL=00010101":                "- 2027-05-03 x: repeats until a day before its first (FREQ=WEEKLY;UNTIL=00010101)",
		"FREQ=WEEKLY;UNTIL=00010101T000000Z":        "- 2027-05-03 x: repeats until a day before",
		"FREQ=WEEKLY;UNTIL=20270502":                "- 2027-05-03 x: repeats until a day before",
		"FREQ=WEEKLY;UNTIL=20270510;UNTIL=00010101": "- 2027-05-03 x: repeats until a day before",
		"FREQ=WEEKLY;COUNT=0":                       "- 2027-05-03 x: repeats by a rule that is not understood",
		"FREQ=WEEKLY;INTERVAL=0":                    "- 2027-05-03 x: repeats by a rule that is not understood",
		"FREQ=WEEKLY;UNTIL=20270503":                "2027-05-03 2027-05-03 x",
	} {
		in, err := calendar.Import(t.Context(), calendarOf(eventOf("DTSTART:20270503", "RRULE:"+rule, "SUMMARY:x")), how(t, ""))
		if got := told(in); err != nil || len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %v, %v; want %s", rule, got, err, want)
		}
	}
}

func TestAllCalendarsOfAFileAreTaken(t *testing.T) {
	file := slices.Concat(calendarOf(eventOf("DTSTART:20270503", "SUMMARY:Pont")), []byte("\n"), calendarOf(), calendarOf(eventOf("DTSTART:20270604", "SUMMARY:Travaux")))
	in, err := calendar.Import(t.Context(), file, how(t, ""))
	check(t, in, err, "2027-05-03 2027-05-03 Pont", "2027-06-04 2027-06-04 Travaux")
}

func TestZonesAreRecognisedHoweverTitlesNameThem(t *testing.T) {
	for title, want := range map[string]string{ // what zone B takes of it: a name, nothing, or why not
		"Vacances d'hiver (zone B)":              "Vacances d'hiver",
		"Vacances d'hiver zone B":                "Vacances d'hiver",
		"Vacances d'hiver, ZONE B":               "Vacances d'hiver",
		"Vacances d'hiver [x] - Zone : B":        "Vacances d'hiver [x]",
		"Zone B - Vacances d'hiver":              "Vacances d'hiver",
		"Zones A et B : Vacances d'hiver":        "Vacances d'hiver",
		"Zones A B C Vacances d'hiver":           "Vacances d'hiver",
		"Vacances d'hiver (zones A/B) 2027":      "Vacances d'hiver 2027",
		"Vacances d'hiver (zone B, 2027)":        "Vacances d'hiver (2027)",
		"Vacances d'hiver Zone-A-B-C-Corse":      "Vacances d'hiver",
		"Vacances d'hiver - Corse - Zone B":      "Vacances d'hiver",
		"Vacances zone A, vacances zone B":       "Vacances vacances",
		"Vacances d'hiver, toutes les zones":     "Vacances d'hiver, toutes les zones",
		"Vacances d'hiver\\, académie":           "Vacances d'hiver, académie",
		"Vacances d'hiver (zone C)":              "",
		"Vacances d'hiver zone A":                "",
		"Zone A - Vacances d'hiver":              "",
		"Zone A: a winter break":                 "",
		"Vacances d'hiver (Corse)":               "",
		"Vacances d'hiver - zone D":              `"zone D"`,
		"Vacances d'hiver zones B et D":          `"zones B et D"`,
		"Vacances d'hiver zones B/Est":           `"zones B/Est"`,
		"Vacances d'hiver zones A-C":             `"zones A-C"`,
		"Vacances d'hiver zones A à C":           `"zones A à"`,
		"Vacances d'hiver, hors zone B":          `"hors zone B"`,
		"Travaux Zone Industrielle":              `"Zone Industrielle"`,
		"Zone aérienne fermée":                   `"Zone aérienne"`,
		"Travaux\nLOCATION:Zone artisanale nord": `"Zone artisanale"`,
		"Pont\nLOCATION:Zone B":                  "Pont",
		"Pont\nLOCATION:Zone C":                  "",
	} {
		in, err := calendar.Import(t.Context(), calendarOf(
			eventOf("DTSTART:20270215", "DTEND:20270227", "SUMMARY:"+title), eventOf("DTSTART:20270101", "SUMMARY:Noël - Zones B/C"),
		), how(t, "B"))
		got := ""
		switch {
		case err != nil:
			t.Fatal(title, err)
		case len(in.Skipped) > 0:
			got = in.Skipped[0].Why
			want = "has " + want + ", and that is no school zone that is known; if it closes the site, type it"
		case len(in.Closures) > 1:
			got = in.Closures[1].Name
		case in.Elsewhere != 1:
			t.Errorf("%s: lost", title)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
}

func TestAFileThatNamesNoZoneIsTakenAndSaysSo(t *testing.T) {
	file := calendarOf(eventOf("DTSTART:20270215", "DTEND:20270227", "SUMMARY:Vacances d'hiver"))
	for zone, want := range map[string]bool{"A": true, "": false, "Guadeloupe": true} {
		if in, err := calendar.Import(t.Context(), file, how(t, zone)); err != nil || len(in.Closures) != 1 || in.NoZone != want {
			t.Errorf("zone %q: %+v, %v; want no zone %t", zone, in, err, want)
		}
	}
	if in, err := calendar.Import(t.Context(), load(t, "school-zones.ics"), how(t, "A")); err != nil || in.NoZone {
		t.Errorf("the file of all zones: names none %t, %v", in.NoZone, err)
	}
}

func TestTitlesThatMayTellOfAPersonAreToldFromThoseOfSchoolHolidays(t *testing.T) {
	for title, want := range map[string]bool{
		"Arrêt maladie Mme X": true, "Vacances de Paul": true, "Pont": false, "Vacances de la Toussaint": false, "Vacances d’été": false, "Congés Dupont - Zone A": false,
		"Vacances d'été austral": false, "Fermeture": true,
	} {
		in, err := calendar.Import(t.Context(), calendarOf(eventOf("DTSTART:20270215", "DTEND:20270227", "SUMMARY:"+title)), how(t, ""))
		if err != nil || len(in.Closures) != 1 || in.Titled != want {
			t.Errorf("%s: %+v, %v; want %t", title, in, err, want)
		}
	}
	if in, err := calendar.Import(t.Context(), load(t, "school-zones.ics"), how(t, "A")); err != nil || in.Titled {
		t.Errorf("the ministry's file: %t, %v", in.Titled, err)
	}
}
