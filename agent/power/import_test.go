package power_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"veille/agent/power"
)

type importer func(io.Reader) (power.Catalogue, power.Report, error)

func fromFile(t *testing.T, name string, read importer) (power.Catalogue, power.Report) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	c, report, err := read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return c, report
}

func productOf(t *testing.T, c power.Catalogue, name string) power.Product {
	t.Helper()
	for _, p := range c.Products {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no product %q in %v", name, c.Products)
	return power.Product{}
}

func TestTheListOfComputersIsImportedAndItsBadRowsAreNamed(t *testing.T) {
	c, report := fromFile(t, "energystar.csv", power.ImportEnergyStar)
	if report.Rows != 7 || report.Refused != 2 || len(c.Products) != 4 {
		t.Errorf("%d rows, %d refused, %d products; want 7, 2 and 4", report.Rows, report.Refused, len(c.Products))
	}
	for i, want := range []string{"line 7: Example Broken 1: sleep 12 W is above display_off 1.1 W", "line 8: Example Broken 2: short_idle_watts is empty or 0"} {
		if got := report.Errors[i].Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if p := productOf(t, c, "Pane 24"); p.ShortIdle != declared(7.3) || p.Sleep.Known() || p.Class != "all-in-one" || p.Source != "ENERGY STAR" {
		t.Errorf("the row of the data set: %+v", p)
	}
	p := productOf(t, c, "Foldbook 14 G2") // two rows
	if p.ShortIdle != (power.Draw{Watts: 5.6, Low: 5.2, High: 6, N: 2, Error: 15}) || p.Sleep.Low != .62 || p.Sleep.High != .7 {
		t.Errorf("two rows of one product: %+v", p)
	}
	if want := []string{"EXF14-2", "EXF14-2B", "Foldbook 14s G2", "EXF14-2S"}; !reflect.DeepEqual(p.Numbers, want) {
		t.Errorf("numbers %q, want %q", p.Numbers, want)
	}
	if p, ok := c.Find("EXAMPLE", "Foldbook 14s G2"); !ok || p.ShortIdle.Watts != 5.6 {
		t.Errorf("by an additional model: %+v, %t", p, ok)
	}
	if p, ok := c.Find("Example, Inc.", "T900S123"); !ok || p.ShortIdle.Low != 15.1 || p.ShortIdle.High != 19.7 {
		t.Errorf("two rows whose wildcards fit equally: %+v, %t", p, ok)
	}
}

func TestTheOlderListHasTwoConfigurationsARow(t *testing.T) {
	c, report := fromFile(t, "energystar-2.csv", power.ImportEnergyStar)
	if report.Refused != 0 || len(c.Products) != 1 {
		t.Fatalf("%+v, %+v", report, c)
	}
	p := c.Products[0]
	if p.ShortIdle != (power.Draw{Watts: 22.85, Low: 17.4, High: 28.3, N: 2, Error: 15}) || p.Off.Low != .4 || p.Off.High != .5 || p.LongIdle.High != 27 {
		t.Errorf("got %+v", p)
	}
}

const columns = "brand_name,model_name,model_number,short_idle_watts\n"

func TestTheFormOfAFileDoesNotMatter(t *testing.T) {
	want, _, err := power.ImportEnergyStar(strings.NewReader(columns + "Example,A 1,X-1,7.3\nExample,B 2,\"X-2,X-3\",8.5\n"))
	if err != nil || len(want.Products) != 2 {
		t.Fatal(want, err)
	}
	for name, file := range map[string]string{
		"byte order mark, CRLF": "\ufeff" + strings.ReplaceAll(columns, "\n", "\r\n") + "Example,A 1,X-1,7.3\r\nExample,B 2,\"X-2,X-3\",8.5\r\n",
		"no end of line":        columns + "Example,A 1,X-1,7.3\nExample,B 2,\"X-2,X-3\",8.5",
		"semicolons, commas":    "Brand Name;Model Name;Model Number;Short Idle (Watts)\nExample;A 1;X-1;7,3\nExample;B 2;X-2,X-3;8,5\n",
		"tabs":                  "Brand Name\tModel Name\tModel Number\tSHORT IDLE (watts)\nExample\tA 1\tX-1\t7.3 W\nExample\tB 2\tX-2,X-3\t8,5\n",
		"blank lines, sep=":     "sep=,\n\n" + columns + "\n,,,\nExample,A 1,X-1,7.3\n\nExample,B 2,\"X-2,X-3\",8.5\n\n",
		"quotes around all":     "\"brand_name\",\"model_name\",\"model_number\",\"short_idle_watts\"\n\"Example\",\"A 1\",\"X-1\",\"7.3\"\n\"Example\",\"B 2\",\"X-2,X-3\",\"8.5\"\n",
		"a field of two lines":  columns + "Example,\"A\n1\",X-1,7.3\nExample,B 2,\"X-2,\r\nX-3\",8.5\n",
		"JSON":                  `[{"brand_name":"Example","model_name":"A 1","model_number":"X-1","short_idle_watts":"7.3"},` + "\n" + `{"brand_name":"Example","model_name":"B 2","model_number":"X-2,X-3","short_idle_watts":8.5,"location":{"a":[1]}}]`,
	} {
		got, report, err := power.ImportEnergyStar(strings.NewReader(file))
		if err != nil || report.Refused > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %+v, %v; want %+v", name, got, report, err, want)
		}
	}
}

func TestABadRowCostsItselfOnly(t *testing.T) {
	for name, bad := range map[string]string{
		"words for watts":            "Example,Bad,B-1,seven",
		"below zero":                 "Example,Bad,B-1,-7",
		"no number":                  "Example,Bad,B-1,NaN",
		"infinite":                   "Example,Bad,B-1,Inf",
		"hexadecimal":                "Example,Bad,B-1,0x10",
		"an exponent":                "Example,Bad,B-1,1e1",
		"a million":                  "Example,Bad,B-1,1000000",
		"two separators":             "Example,Bad,B-1,\"1.234,5\"",
		"too many fields":            "Example,Bad,B-1,7,8,9",
		"too few":                    "Example,Bad",
		"no maker":                   ",Bad,B-1,7",
		"no model":                   "Example,,,7",
		"a quote that is never shut": "Example,\"Bad,B-1",
		"quotes in disorder":         "Example,\"B\"a\"d\",B-1,7,8",
		"a line without end":         strings.Repeat("x", 3<<20),
		"a long name":                "Example," + strings.Repeat("x", 300) + ",B-1,7",
	} {
		file := columns + "Example,A 1,X-1,7.3\n" + bad + "\nExample,B 2,X-2,8.5\nExample,\"C, 3\",X-3,9\n"
		c, report, err := power.ImportEnergyStar(strings.NewReader(file))
		if err != nil || len(c.Products) != 3 || report.Rows != 4 || report.Refused != 1 || !strings.HasPrefix(report.Errors[0].Error(), "line 3: ") {
			t.Errorf("%s: %d products, %+v, %v", name, len(c.Products), report, err)
		}
	}
	c, report, err := power.ImportEnergyStar(strings.NewReader(columns + "Example,Pane 24\",X-1,7.3\nExample,\"Pane 27\" wide\",X-2,8\nExample,A,X-3,7\n"))
	if err != nil || len(c.Products) != 3 || report.Refused != 0 {
		t.Errorf("inch marks: %+v, %+v, %v", c, report, err)
	}
	c, report, err = power.ImportEnergyStar(strings.NewReader(columns + "Example,\"A,X-1,7.3\nExample,24\",7\n")) // three fields, if they were one row
	if err != nil || len(c.Products) != 1 || report.Rows != 2 || report.Refused != 1 {
		t.Errorf("two quotes in two rows: %+v, %+v, %v", c, report, err)
	}
	_, report, err = power.ImportEnergyStar(strings.NewReader(columns + strings.Repeat("x", 3<<20)))
	if err != nil || report.Refused != 1 || report.Errors[0].Error() != "line 2: the line is longer than 1048576 bytes" {
		t.Errorf("a line without end: %+v, %v", report, err)
	}
	c, report, err = power.ImportEnergyStar(strings.NewReader(`[{"brand_name":"Example","model_name":"A","short_idle_watts":"7"},7,null,{"brand_name":"Example"}]`))
	if err != nil || len(c.Products) != 1 || report.Rows != 4 || report.Refused != 3 || report.Errors[0].Error() != `row 2: "7" is no object` {
		t.Errorf("JSON: %+v, %+v, %v", c, report, err)
	}
}

func TestAZeroInTheListIsNotAPower(t *testing.T) {
	c, report, err := power.ImportEnergyStar(strings.NewReader("brand_name,model_name,short_idle_watts,sleep_mode_watts,off_mode_watts\nExample,A 1,7,0,N/A\nExample,B 2,0,0,0\n"))
	if err != nil || len(c.Products) != 1 || c.Products[0].Sleep.Known() || c.Products[0].Off.Known() || report.Refused != 1 {
		t.Errorf("%+v, %+v, %v", c, report, err)
	}
}

func TestAFileThatIsNotTheListIsRefusedWithTheReason(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"", "the file is empty"},
		{"\n \n", "the file is empty"},
		{"pd_id,brand_name,model_name,on_mode_power_watts,screen_size_inches\n1,Example,M,20,24\n", "this is the list of displays"},
		{`[{"brand_name":"Example","model_name":"M","on_mode_power_watts":"20"}]`, "this is the list of displays"},
		{"a,b\n1,2\n", "this is not the list ENERGY STAR Certified Computers"},
		{"\"a,b\n1,2\n", "the header, line 1, cannot be read"},
		{`{"meta":{},"data":[]}`, "this JSON is an object"},
		{`[{"brand_name":`, "row 1: unexpected EOF"},
		{`[{"brand_name":"Example"}`, "the array is not closed"},
		{`[{"brand_name":"` + strings.Repeat("x", 3<<20), "row 1: one piece of it is longer"},
		{"\xff\xfeb\x00r\x00", "no text in UTF-8"},
		{"maker,product,state,watts\nExample,A,on,7\n", "this is not the list"},
	} {
		if _, _, err := power.ImportEnergyStar(strings.NewReader(tt.file)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: %v; want %q", tt.file, err, tt.want)
		}
	}
	for _, read := range []importer{power.ImportEnergyStar, power.ImportReadings} {
		if _, _, err := read(broken{}); !errors.Is(err, errBroken) {
			t.Errorf("a disk that does not read: %v", err)
		}
	}
	if _, _, err := power.ImportReadings(strings.NewReader("maker,product,watts\n")); err == nil || !strings.Contains(err.Error(), "no column state;") {
		t.Errorf("readings without a state: %v", err)
	}
}

func TestOwnReadingsGiveAMeanAndARange(t *testing.T) {
	c, report := fromFile(t, "readings.csv", power.ImportReadings)
	if report.Rows != 8 || report.Refused != 2 || len(c.Products) != 1 {
		t.Fatalf("%+v, %+v", report, c)
	}
	for i, want := range []string{`line 8: state "standby" is none of on, display_off, sleep, off, busy`, "line 9: -3 W is below zero"} {
		if got := report.Errors[i].Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	p := c.Products[0]
	if p.ShortIdle != (power.Draw{Watts: 16.9, Low: 16.5, High: 17.4, N: 3, Error: 2}) || p.Busy.Watts != 58 || p.Sleep.Known() || p.Source != "own wattmeter" {
		t.Errorf("got %+v", p)
	}
	m, ok := p.Modes("desktop")
	if !ok || !is(m.Idle, 16.17, 16.9, 17.748) || !is(m.Off, 0, 0, .2) || !is(m.LongIdle, 13.6, 16, 18.4) || !near(m.Busy.Mid, 58) {
		t.Errorf("modes %+v", m)
	}
	var file strings.Builder
	if err := c.Write(&file); err != nil || strings.Contains(file.String(), "room 12") {
		t.Errorf("a note was kept, or not written: %v", err)
	}
}

func TestStatesHaveTheNamesOfTheRecordOrOfEnergyStar(t *testing.T) {
	for name, want := range map[string]func(power.Product) power.Draw{
		"on": func(p power.Product) power.Draw { return p.ShortIdle }, "Short Idle": func(p power.Product) power.Draw { return p.ShortIdle },
		"display_off": func(p power.Product) power.Draw { return p.LongIdle }, "long_idle": func(p power.Product) power.Draw { return p.LongIdle },
		"sleep": func(p power.Product) power.Draw { return p.Sleep }, "SLEEP MODE": func(p power.Product) power.Draw { return p.Sleep },
		"off": func(p power.Product) power.Draw { return p.Off }, "busy": func(p power.Product) power.Draw { return p.Busy },
	} {
		c, report, err := power.ImportReadings(strings.NewReader("maker;product;state;watts;minutes\nExample;A 1;" + name + ";1,5;10,5\n"))
		if err != nil || report.Refused != 0 || want(c.Products[0]).Watts != 1.5 {
			t.Errorf("%s: %+v, %+v, %v", name, c, report, err)
		}
	}
	for _, row := range []string{",A,on,5,1", "Example,,on,5,1", "Example,A,on,0,1", "Example,A,on,5,0", "Example,A,on,5,x", "Example,A,,5,1", "Example,A,on,,1"} {
		if _, report, err := power.ImportReadings(strings.NewReader("maker,product,state,watts,minutes\n" + row)); err != nil || report.Refused != 1 {
			t.Errorf("%s: %+v, %v", row, report, err)
		}
	}
}

func TestImportingTwiceIsImportingOnce(t *testing.T) {
	for name, read := range map[string]importer{
		"energystar.csv": power.ImportEnergyStar, "energystar-2.csv": power.ImportEnergyStar, "readings.csv": power.ImportReadings,
	} {
		once, _ := fromFile(t, name, read)
		again, _ := fromFile(t, name, read)
		if got := (power.Catalogue{}).Replace(once).Replace(again); !reflect.DeepEqual(got, once) {
			t.Errorf("%s: %+v; want %+v", name, got, once)
		}
		if got := once.Without(again); got != 0 {
			t.Errorf("%s: %d products are new the second time", name, got)
		}
	}
}

// rows is a table of n rows of ten products, made as it is read.
type rows struct {
	n    int
	rest string
}

func (r *rows) Read(b []byte) (int, error) {
	if r.rest == "" {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.rest = fmt.Sprintf("Example,A %d,\"X-%d, %s\",7.3\n", r.n%10, r.n%10, strings.Repeat("prose ", 100))
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func TestALongFileIsReadInTheMemoryOfARow(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	watch := &watched{r: io.MultiReader(strings.NewReader(columns), &rows{n: 20_000}), every: 2000, look: func() {
		runtime.GC()
		runtime.ReadMemStats(&after)
		peak = max(peak, after.HeapAlloc)
	}}
	c, report, err := power.ImportEnergyStar(watch)
	if err != nil || len(c.Products) != 10 || report.Rows != 20_000 {
		t.Fatalf("%d products of %d rows, %v", len(c.Products), report.Rows, err)
	}
	if peak > before.HeapAlloc+4<<20 {
		t.Errorf("12 MB took %d bytes of memory", peak-before.HeapAlloc)
	}
}

type watched struct {
	r        io.Reader
	n, every int
	look     func()
}

func (w *watched) Read(b []byte) (int, error) {
	if w.n++; w.n%w.every == 0 {
		w.look()
	}
	return w.r.Read(b)
}

func FuzzImportEnergyStar(f *testing.F) {
	f.Add([]byte(columns + "Example,A 1,X-1,7.3\n"))
	f.Add([]byte(columns + "Example,\"A\n1\",X-1,7.3\nExample,24\",X,\"7,3\"\n"))
	f.Add([]byte("\ufeffBrand Name;Model Number;Category 1 Short Idle (watts);Category 2 Off Mode (watts)\r\nA;B-1*;7,3;,5\r\n"))
	f.Add([]byte(`[{"brand_name":"Example","model_name":"P13xx*","short_idle_watts":"7","sleep_mode_watts":1.5,"type":"Notebook"},null,7]`))
	f.Fuzz(func(t *testing.T, file []byte) { checkImport(t, file, power.ImportEnergyStar) })
}

func FuzzImportReadings(f *testing.F) {
	f.Add([]byte("maker,product,state,watts,minutes,note\nExample,A 1,on,7.3,10,x\nExample,A 1,sleep,0,,\n"))
	f.Add([]byte("maker;product;state;watts\nHP;HP EliteBook *;Long Idle;7,3\nHewlett-Packard;EliteBook;off;\"\n"))
	f.Fuzz(func(t *testing.T, file []byte) { checkImport(t, file, power.ImportReadings) })
}

func checkImport(t *testing.T, file []byte, read importer) {
	t.Helper()
	c, report, err := read(strings.NewReader(string(file)))
	if err != nil {
		return
	}
	if report.Refused > report.Rows || len(c.Products) > report.Rows-report.Refused || len(report.Errors) > report.Refused {
		t.Fatalf("%d products, %+v", len(c.Products), report)
	}
	checkCatalogue(t, c)
	if got := c.Replace(c); !reflect.DeepEqual(got, c) && len(c.Products) > 0 {
		t.Fatalf("twice %+v; once %+v", got, c)
	}
}
