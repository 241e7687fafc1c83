package table_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/table"
)

func TestADateIsReadInEachForm(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"0000-00-00", ""},
		{"0000-00-00 00:00:00", ""},
		{"2021-09-15", "2021-09-15"},
		{" 2021-9-5 ", "2021-09-05"},
		{"2021/09/15", "2021-09-15"},
		{"15/09/2021", "2021-09-15"},
		{"15.09.2021", "2021-09-15"},
		{"15-09-2021", "2021-09-15"},
		{"5/9/2021", "2021-09-05"},
		{"2021-09-15 10:12", "2021-09-15"},
		{"2021-09-15T10:12:13Z", "2021-09-15"},
		{"2021-09-15T10:12:13.5+02:00", "2021-09-15"},
		{"15/09/2021 10h30", "2021-09-15"},
		{"15/09/2021 9:05:00 PM", "2021-09-15"},
		{"2021-09", "2021-09-01"},
		{"09/2021", "2021-09-01"},
		{"15 sept. 2021", "2021-09-15"},
		{"1er août 2021", "2021-08-01"},
		{"15-Sep-2021", "2021-09-15"},
		{"September 15, 2021", "2021-09-15"},
		{"décembre 2021", "2021-12-01"},
		{"29/02/2024", "2024-02-29"},
	} {
		d, err := table.NewDates([]string{c.text})
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		got, err := d.Date(c.text)
		if err != nil || string(got) != c.want {
			t.Errorf("%q is %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestWhatIsNoDateIsRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"x", "is no date like 2021-09-15"},
		{"2021-13-01", "there is no day 1 of month 13 of 2021"},
		{"29/02/2023", "there is no day 29 of month 2 of 2023"},
		{"2021", "a year alone"},
		{"44454", "the number of a day, as spreadsheets keep dates, perhaps 2021-09-15"},
		{"123456", "it is a number"},
		{"15/09/21", "a year of two digits"},
		{"2021-09/15", "is no date like"},
		{"-2021-09-15", "is no date like"},
		{"2021-09-15 at noon", "is no date like"},
		{"15 jui 2021", "is no date like"},
		{"32 mars 2021", "there is no day 32 of month 3"},
		{"٢٠٢١-09-15", "is no date like"},
		{"0001-01-01", "there is no day"},
		{strings.Repeat("2021-", 1000), "is no date like"},
	} {
		got, err := table.Dates{}.Date(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || got != "" {
			t.Errorf("%.60q: %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestTheWholeColumnDecidesWhetherTheDayComesFirst(t *testing.T) {
	for _, c := range []struct {
		column     string
		text, want string
		open       bool
	}{
		{"03/04/2021 05/06/2021", "03/04/2021", "2021-04-03", true},
		{"03/04/2021 25/06/2021", "03/04/2021", "2021-04-03", false},
		{"03/04/2021 06/25/2021", "03/04/2021", "2021-03-04", false},
		{"03-04-2021 06-25-2021 2021-05-06", "03-04-2021", "2021-03-04", false},
		{"06/25/2021 x 99/99/2021 09/2021", "09/2021", "2021-09-01", false},
		{"05/05/2021 2021-01-02", "05/05/2021", "2021-05-05", false},
	} {
		d, err := table.NewDates(strings.Fields(c.column))
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Date(c.text)
		if err != nil || string(got) != c.want || d.Open() != c.open {
			t.Errorf("%s: %q is %q, %v, open %v; want %q", c.column, c.text, got, err, d.Open(), c.want)
		}
	}
}

func TestAColumnThatNeedsBothWaysNamesTwoLines(t *testing.T) {
	rows := []table.Row{{Number: 2, Cells: map[string]string{"d": "01/02/2021"}}, {Number: 4, Cells: map[string]string{"d": "25/12/2021"}}, {Number: 9, Cells: map[string]string{"d": "12/25/2021"}}}
	_, err := table.DatesOf(rows, "d")
	if err == nil || !strings.HasPrefix(err.Error(), `line 4, "25/12/2021", has its day first and line 9, "12/25/2021", its month`) {
		t.Error(err)
	}
	if _, err := table.NewDates([]string{"25/12/2021", "12/25/2021"}); err == nil || !strings.HasPrefix(err.Error(), `"25/12/2021" has its day first and "12/25/2021" its month`) {
		t.Error(err)
	}
}

func TestAMonthIsNoDay(t *testing.T) {
	for text, want := range map[string]string{"2021-09": "", "09/2021": "", "sept. 2021": "", "2021-09-15": "2021-09-15", "": "", "1 sept. 2021": "2021-09-01"} {
		got, err := table.Dates{}.Day(text)
		if string(got) != want || (err != nil) != (want == "" && text != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

// Each day of some years is read in each form, whichever comes first, where the column has a date that tells.
func TestEachDayIsReadInEachForm(t *testing.T) {
	for day := time.Date(2019, 12, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2021; day = day.AddDate(0, 0, 1) {
		want := collector.DateOf(day)
		for form, tells := range map[string]string{"02/01/2006": "31/12/2020", "01/02/2006": "12/31/2020", "2.1.2006": "31/12/2020", "2006-01-02": "", "2 January 2006": "", "Jan 2, 2006 ": ""} {
			d, err := table.NewDates([]string{tells, day.Format(form)})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := d.Date(day.Format(form)); err != nil || got != want {
				t.Errorf("%s: %q, %v; want %s", day.Format(form), got, err, want)
			}
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, text := range []string{"2021-09-15", "15/09/2021 10:00", "15 sept. 2021", "44454", "", "12/25/2021"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := table.NewDates([]string{text})
		if err != nil {
			t.Fatalf("one date tells one way: %v", err)
		}
		got, err := d.Date(text)
		if got == "" {
			return
		}
		if _, bad := got.Midnight(time.UTC); bad != nil || err != nil {
			t.Errorf("%q is %q: %v, %v", text, got, bad, err)
		}
	})
}

func TestANumberIsReadInEachForm(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"0", 0},
		{"1234", 1234},
		{"1234.56", 1234.56},
		{"1234,56", 1234.56},
		{"1 234,56", 1234.56},
		{"1\u00a0234,56", 1234.56},
		{"1\u202f234\u202f567,8", 1234567.8},
		{"1,234.56", 1234.56},
		{"1.234,56", 1234.56},
		{"1.234.567", 1234567},
		{"1.234.567,89", 1234567.89},
		{"1'234.56", 1234.56},
		{"0,174", 0.174},
		{"0.174", 0.174},
		{"1 234,567", 1234.567},
		{"12345,678", 12345.678},
		{"1,2340", 1.234},
		{"1,23", 1.23},
		{"-12,5", -12.5},
		{"−12,5", -12.5},
		{" 007 ", 7},
	} {
		if got, err := table.Number(c.text); err != nil || got != c.want {
			t.Errorf("%q is %v, %v; want %v", c.text, got, err, c.want)
		}
	}
}

func TestWhatIsNoNumberOrMayBeTwoIsRefused(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "there is nothing"},
		{"1,234", "it may be 1234 or 1.234: write it without a mark between thousands, and with one digit more behind the decimal mark, 1,2340"},
		{"12.345", "it may be 12345 or 12.345"},
		{"12 34", "do not stand between thousands"},
		{"1.23.456", "do not stand between thousands"},
		{"1,2345.6", "do not stand between thousands"},
		{"1 234'567", "do not stand between thousands"},
		{"1.234.56,7", "do not stand between thousands"},
		{"5,", "a digit is missing"},
		{",5", "a digit is missing"},
		{"1e5", "write it in digits"},
		{"NaN", "write it in digits"},
		{"Inf", "write it in digits"},
		{"0x10", "write it in digits"},
		{"12 kWh", "thousands"},
		{"--1", "write it in digits"},
		{"+1", "write it in digits"},
		{"1,5-", "write it in digits"},
		{"٣", "write it in digits"},
		{strings.Repeat("9", 400), "write it in digits"},
	} {
		if got, err := table.Number(c.text); err == nil || !strings.Contains(err.Error(), c.want) || got != 0 {
			t.Errorf("%.60q: %v, %v; want %q", c.text, got, err, c.want)
		}
	}
}

// A number that is written with two decimals is read as it is, in each way of writing thousands.
func TestEachWayOfWritingANumberIsTheSameNumber(t *testing.T) {
	for _, x := range []int{0, 1, 99, 100, 123456, 99999999, 1234567890} {
		plain := fmt.Sprintf("%d.%02d", x/100, x%100)
		want, err := strconv.ParseFloat(plain, 64)
		if err != nil {
			t.Fatal(err)
		}
		whole := strconv.Itoa(x / 100)
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "_" + whole[i:]
		}
		for _, way := range [][2]string{{" ", ","}, {"\u202f", ","}, {".", ","}, {",", "."}, {"'", "."}, {"", ","}, {"", "."}} {
			text := strings.ReplaceAll(whole, "_", way[0]) + way[1] + fmt.Sprintf("%02d", x%100)
			if got, err := table.Number(text); err != nil || got != want {
				t.Errorf("%q is %v, %v; want %v", text, got, err, want)
			}
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, text := range []string{"1 234,56", "1,234", "-0", "1.234.567,8", "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := table.Number(text)
		if math.IsNaN(x) || math.IsInf(x, 0) || err != nil && x != 0 {
			t.Errorf("%q is %v, %v", text, x, err)
		}
	})
}
