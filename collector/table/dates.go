package table

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

// Dates reads the dates of a column: 2021-09-15, 15/09/2021, 15.09.2021, 15-09-2021, 09/15/2021, 15 sept. 2021, September 15, 2021, with a time of
// day behind, which is dropped, or not; also months, 2021-09, 09/2021 and septembre 2021. Whether day or month come first is decided by the whole
// column: where one date can only be read one way, all are; where none can, day first, as in France. A column that needs both ways is an error.
//
// 0000-00-00, which databases write where there is no date, is none. The number of a day, as spreadsheets keep dates, a year alone, and a year of two
// digits are errors that say so.
type Dates struct {
	monthFirst bool
	open       bool // some dates can be read both ways, and none tells which
}

// NewDates looks at all texts of a column. What is no date is passed over here: Date says it.
func NewDates(texts []string) (Dates, error) {
	return newDates(texts, func(i int) string { return fmt.Sprintf("%.40q", clean(texts[i])) })
}

// DatesOf is NewDates of columns of a table that are written in one way: its error names lines.
func DatesOf(rows []Row, columns ...string) (Dates, error) {
	texts := make([]string, 0, len(rows)*len(columns))
	for _, column := range columns {
		for _, r := range rows {
			texts = append(texts, r.Cells[column])
		}
	}
	return newDates(texts, func(i int) string { return fmt.Sprintf("line %d, %.40q,", rows[i%len(rows)].Number, texts[i]) })
}

func newDates(texts []string, say func(i int) string) (Dates, error) {
	day, month, either := -1, -1, false // the first text that has its day first, its month first
	for i, text := range texts {
		p, err := partsOf(text)
		if err != nil || !p.swaps {
			continue
		}
		dayFirst, monthFirst := p.date(false) == nil, p.date(true) == nil
		switch {
		case dayFirst && !monthFirst && day < 0:
			day = i
		case monthFirst && !dayFirst && month < 0:
			month = i
		case dayFirst && monthFirst && p.a != p.b:
			either = true
		}
	}
	if day >= 0 && month >= 0 {
		return Dates{}, fmt.Errorf("%s has its day first and %s its month: they have to be written in one way, best as 2021-09-15", say(day), say(month))
	}
	return Dates{monthFirst: month >= 0, open: either && day < 0 && month < 0}, nil
}

// Open tells that the column has dates such as 03/04/2021 and none that shows whether day or month come first: they are read day first.
func (d Dates) Open() bool { return d.open }

// Date reads one; "" of nothing. A month is its first day.
func (d Dates) Date(text string) (collector.Date, error) {
	p, err := partsOf(text)
	if err != nil || p == (parts{}) {
		return "", err
	}
	if err := p.date(d.monthFirst); err != nil {
		return "", fmt.Errorf("%.40q is no date: %w", clean(text), err)
	}
	y, m, day := p.ordered(d.monthFirst)
	return collector.Date(fmt.Sprintf("%04d-%02d-%02d", y, m, day)), nil
}

// Day is Date of what has a day: a month alone is an error.
func (d Dates) Day(text string) (collector.Date, error) {
	if p, err := partsOf(text); err == nil && p.month {
		return "", fmt.Errorf("%.40q is a month: write the day too, as in 2021-09-15", clean(text))
	}
	return d.Date(text)
}

// parts are the numbers of a date.
type parts struct {
	year, a, b int
	swaps      bool // a and b are day and month, or month and day; else month and day
	month      bool // there is no day
}

func (p parts) ordered(monthFirst bool) (year, month, day int) {
	if p.swaps && !monthFirst {
		return p.year, p.b, p.a
	}
	return p.year, p.a, p.b
}

// date says why there is no such date, or nothing.
func (p parts) date(monthFirst bool) error {
	y, m, d := p.ordered(monthFirst)
	if t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC); y < 1000 || m < 1 || m > 12 || t.Day() != d || int(t.Month()) != m {
		return fmt.Errorf("there is no day %d of month %d of %d", d, m, y)
	}
	return nil
}

// partsOf takes a date apart; nothing of nothing.
func partsOf(text string) (parts, error) {
	text = clean(text)
	date := withoutTime(text)
	if date == "" || date == "0000-00-00" || date == "00/00/0000" || date == "00-00-0000" {
		return parts{}, nil
	}
	n := strings.FieldsFunc(date, func(c rune) bool { return strings.ContainsRune("-/.", c) })
	switch {
	case len(date) > 60:
	case digits(date):
		return parts{}, fmt.Errorf("%.40q is no date: %s", text, bareNumber(date))
	case len(n) < 2 || len(n) > 3 || !digits(strings.Join(n, "")) || !oneMark(date, len(n)-1):
		if p, ok := named(date); ok {
			return p, nil
		}
	case len(n[0]) == 4 && len(n) == 3 && len(n[1]) <= 2 && len(n[2]) <= 2:
		return parts{year: number(n[0]), a: number(n[1]), b: number(n[2])}, nil
	case len(n[0]) == 4 && len(n) == 2 && len(n[1]) <= 2:
		return parts{year: number(n[0]), a: number(n[1]), b: 1, month: true}, nil
	case len(n[0]) <= 2 && len(n) == 2 && len(n[1]) == 4:
		return parts{year: number(n[1]), a: number(n[0]), b: 1, month: true}, nil
	case len(n[0]) <= 2 && len(n) == 3 && len(n[1]) <= 2 && len(n[2]) == 4:
		return parts{year: number(n[2]), a: number(n[0]), b: number(n[1]), swaps: true}, nil
	case len(n[len(n)-1]) == 2:
		return parts{}, fmt.Errorf("%.40q has a year of two digits: write four, as in 2021-09-15", text)
	}
	return parts{}, fmt.Errorf("%.40q is no date like 2021-09-15, 15/09/2021 or 2021-09", text)
}

// bareNumber says what a number is that stands where a date should.
func bareNumber(date string) string {
	n := number(date)
	switch {
	case len(date) == 4:
		return "it is a year alone; write the month too, as in 2021-09"
	case len(date) == 5 && n > 20_000 && n < 80_000:
		day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
		return "it is the number of a day, as spreadsheets keep dates, perhaps " + day + "; give the column a date format in the spreadsheet and save it again"
	}
	return "it is a number; write it as in 2021-09-15"
}

// withoutTime is a date without the time of day behind it.
func withoutTime(text string) string {
	i := strings.IndexAny(text, "T ")
	if i < 1 || text[i-1] < '0' || text[i-1] > '9' {
		return text
	}
	clock := strings.TrimLeft(text[i+1:], " ")
	if clock == "" || clock[0] < '0' || clock[0] > '9' || !strings.ContainsAny(clock, ":h") || strings.Trim(clock, "0123456789:.,hZ+- APMapm") != "" {
		return text
	}
	return text[:i]
}

// digits tells whether a text is ASCII digits alone.
func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// number is the number of at most a few digits; 0 of more.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || len(text) > 8 {
		return 0
	}
	return n
}

// oneMark tells whether a text has so many marks between its numbers, all the same.
func oneMark(date string, marks int) bool {
	i := strings.IndexAny(date, "-/.")
	return i > 0 && strings.Count(date, date[i:i+1]) == marks && len(strings.Trim(date, "-/.")) == len(date)
}

// named reads a date whose month is a word.
func named(date string) (parts, bool) {
	words := strings.Fields(Plain(date))
	alone := len(words) == 2
	if alone { // septembre 2021
		words = append([]string{"1"}, words...)
	}
	if len(words) != 3 {
		return parts{}, false
	}
	day, month := words[0], monthNamed(words[1])
	if month == 0 { // September 15, 2021
		day, month = words[1], monthNamed(words[0])
	}
	if day == "1er" {
		day = "1"
	}
	if month == 0 || !digits(day) || len(day) > 2 || !digits(words[2]) || len(words[2]) != 4 {
		return parts{}, false
	}
	return parts{year: number(words[2]), a: month, b: number(day), month: alone}, true
}

// monthNamed is the number of a month by its French or English name, whole or cut after three letters or more; 0 where it is none.
func monthNamed(word string) int {
	for i, names := range [][2]string{
		{"janvier", "january"},
		{"fevrier", "february"},
		{"mars", "march"},
		{"avril", "april"},
		{"mai", "may"},
		{"juin", "june"},
		{"juillet", "july"},
		{"aout", "august"},
		{"septembre", "september"},
		{"octobre", "october"},
		{"novembre", "november"},
		{"decembre", "december"}, //nolint:misspell // French, without its accent
	} {
		if len(word) >= 3 && word != "jui" && (strings.HasPrefix(names[0], word) || strings.HasPrefix(names[1], word)) {
			return i + 1
		}
	}
	return 0
}
