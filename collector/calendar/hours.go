package calendar

import (
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// maxHoursText bounds what is read as open hours, bytes.
const maxHoursText = 1000

// ParseHours reads open hours as "mon-fri 08:00-12:00,14:00-18:00; sat 8h-12h": days, then times, and a semicolon before
// other days. Days are English or French, three letters or more, also in words: "du lundi au vendredi de 8 h à 12 h et de
// 14 h 30 à 18 h". What it gives has passed Check.
func ParseHours(text string) ([]collector.OpenHours, error) {
	if len(text) > maxHoursText {
		return nil, fmt.Errorf("open hours of %d bytes are too long", len(text))
	}
	var hours []collector.OpenHours
	for clause := range strings.SplitSeq(text, ";") {
		clause = inSigns(clause)
		if clause == "" {
			continue
		}
		digit := strings.IndexAny(clause, "0123456789")
		if digit < 0 {
			return nil, fmt.Errorf("%q has no hours; write them like mon-fri 08:00-18:00", clause)
		}
		days, err := parseWeekdays(strings.TrimRight(clause[:digit], " :"))
		if err != nil {
			return nil, err
		}
		stretches, err := parseStretches(clause[digit:])
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			for _, s := range stretches {
				hours = append(hours, collector.OpenHours{Weekday: day, From: s[0], To: s[1]})
			}
		}
	}
	if len(hours) == 0 {
		return nil, fmt.Errorf("%q has no open hours; write them like mon-fri 08:00-18:00", text)
	}
	hours = Hours(collector.Calendar{Open: hours})
	return hours, Check(hours)
}

// inSigns is a text in small letters with hyphens and commas in the place of words, and hours like 8h30: "lundi à jeudi 8 h 30
// - 12 heures" is "lundi - jeudi 8h30 - 12h".
func inSigns(text string) string {
	text = strings.NewReplacer("–", "-", "—", "-", "‑", "-", "−", "-", "\u00a0", " ", "\u202f", " ").Replace(strings.ToLower(text))
	var words []string
	hour := false // the last word ends with the h of an hour
	for word := range strings.FieldsSeq(strings.NewReplacer(",", " , ", "-", " - ").Replace(text)) {
		switch word {
		case "du", "de", "le", "les", "from":
			hour = false
			continue
		case "au", "aux", "à", "a\u0300", "a", "to":
			word = "-"
		case "et", "and", "&":
			word = ","
		case "heure", "heures":
			word = "h"
		}
		last := len(words) - 1
		switch {
		case last >= 0 && isDigits(words[last]) && (word == "h" || len(word) == 3 && word[0] == 'h' && isDigits(word[1:])):
			words[last] += word
			hour = word == "h"
			continue
		case last >= 0 && hour && len(word) == 2 && isDigits(word):
			words[last] += word
			hour = false
			continue
		}
		number, isHour := strings.CutSuffix(word, "h")
		hour = isHour && isDigits(number)
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// isDigits tells whether a text is one or more digits.
func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// list splits at commas and spaces, and lets a range have spaces about its hyphen.
func list(text string) []string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.NewReplacer(" - ", "-", " -", "-", "- ", "-").Replace(text)
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func parseWeekdays(text string) ([]int, error) {
	var days []int
	for _, word := range list(text) {
		first, last, isRange := strings.Cut(word, "-")
		if !isRange {
			last = first
		}
		from, to := weekdayOf(first), weekdayOf(last)
		if from == 0 || to == 0 {
			return nil, fmt.Errorf("%q is no weekday, nor two; write mon-fri, sat, or lun-ven, sam", word)
		}
		for day := from; ; day = day%7 + 1 {
			days = append(days, day)
			if day == to {
				break
			}
		}
	}
	if len(days) == 0 {
		return nil, fmt.Errorf("hours without a weekday; write them like mon-fri 08:00-18:00")
	}
	slices.Sort(days)
	return slices.Compact(days), nil
}

// weekdayOf is the number of a weekday by the beginning of its name, 0 for none.
func weekdayOf(word string) int {
	word = strings.TrimSuffix(word, ".")
	if len(word) < 3 {
		return 0
	}
	for i, names := range [7][2]string{
		{"monday", "lundi"},
		{"tuesday", "mardi"},
		{"wednesday", "mercredi"},
		{"thursday", "jeudi"},
		{"friday", "vendredi"},
		{"saturday", "samedi"},
		{"sunday", "dimanche"},
	} {
		if strings.HasPrefix(names[0]+"s", word) || strings.HasPrefix(names[1]+"s", word) {
			return i + 1
		}
	}
	return 0
}

func parseStretches(text string) ([][2]string, error) {
	var stretches [][2]string
	for _, word := range list(text) {
		first, last, ok := strings.Cut(word, "-")
		from, to := parseClock(first), parseClock(last)
		if !ok || from < 0 || to < 0 {
			return nil, fmt.Errorf("%q is no stretch of hours; write 08:00-12:00 or 8h-12h", word)
		}
		stretches = append(stretches, [2]string{clock(from), clock(to)})
	}
	return stretches, nil
}

// parseClock reads 08:00, 8:00, 8h, 8h30 or 08h30 as minutes since midnight, or -1.
func parseClock(text string) int {
	hour, minute, ok := strings.Cut(strings.Replace(text, "h", ":", 1), ":")
	if !ok {
		return -1
	}
	if minute == "" && strings.HasSuffix(text, "h") {
		minute = "00"
	}
	if len(hour) == 1 {
		hour = "0" + hour
	}
	return minutes(hour + ":" + minute)
}

// FormatHours writes open hours as ParseHours reads them, weekdays that follow one another with the same hours together.
func FormatHours(open []collector.OpenHours) string {
	var week [9]string // 0 and 8 stay empty
	for _, h := range Hours(collector.Calendar{Open: open}) {
		if h.Weekday < 1 || h.Weekday > 7 {
			continue
		}
		if week[h.Weekday] != "" {
			week[h.Weekday] += ","
		}
		week[h.Weekday] += h.From + "-" + h.To
	}
	var clauses []string
	for first := 1; first <= 7; first++ {
		if week[first] == "" {
			continue
		}
		last := first
		for week[last+1] == week[first] {
			last++
		}
		days := short(first)
		if last > first {
			days += "-" + short(last)
		}
		clauses = append(clauses, days+" "+week[first])
		first = last
	}
	return strings.Join(clauses, "; ")
}

func short(weekday int) string { return strings.ToLower(weekdayName(weekday)[:3]) }
