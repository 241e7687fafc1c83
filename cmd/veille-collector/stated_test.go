package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"veille/collector"
)

// give gives a command on the server, to the collector of the office.
func (o *office) give(args ...string) (status int, stdout, stderr string) {
	o.t.Helper()
	var out, err bytes.Buffer
	p := program(&out, &err)
	p.Stdout, p.Stderr, p.Lookup = &out, &err, func(string) (string, bool) { return "", false }
	status = p.Run(o.t.Context(), args)
	return status, out.String(), err.String()
}

// on is a command on the folder of the office, for organisation A.
func (o *office) on(words ...string) []string {
	return append(words, "--data", o.dir, "--organisation", "Organisation A")
}

// tables are tables that imports take, by command, with the flags that go with them.
func tables() map[string]struct {
	flags []string
	text  string
} {
	type x = struct {
		flags []string
		text  string
	}
	return map[string]x{
		"quantity import":  {nil, "quantity;from;to;value;site;source\nstaff;2025-09;2026-08;412;;register\nweee;2025-09;2026-08;120,5;Site A1;slips\n"},
		"meter import":     {nil, "site;meter;from;to;kwh\nSite A1;PDL 1;2026-01-01;2026-01-31;1 234,5\nSite A2;PDL 2;2026-01-01;2026-01-31;99\n"},
		"price import":     {nil, "from;euro_per_kwh;tax;source\n2026-01;0,21;TTC;contract\n2026-07;0,19;TTC;contract\n"},
		"factor import":    {nil, "id;value;low;high;unit;year;source;link;licence;verified\nown.two;5,5;5;6;kg;2025;a study;;;no\n"},
		"grid import":      {[]string{"--website", "1", "--on", "2026-06-30"}, "criterion;priority;status\n1.1;priority;validated\n1.2;recommended;to-assess\n"},
		"inventory import": {nil, "site;class;bought;as;count\nSite A1;notebook;2021-09;new;12\nSite A2;monitor;;reused;3\n"},
	}
}

func TestADryRunOfAnImportChangesNothingAndTheSameFileTwiceNoMoreThanOnce(t *testing.T) {
	o := newOffice(t)
	for name, table := range tables() {
		file := filepath.Join(t.TempDir(), "table.csv")
		if err := os.WriteFile(file, []byte(table.text), 0o600); err != nil {
			t.Fatal(err)
		}
		args := o.on(append(append(strings.Fields(name), file), table.flags...)...)
		before, entries := o.dump(), len(o.entries())
		status, said, wrong := o.give(append(args, "--dry-run")...)
		if status != 0 || !strings.Contains(said, "would") || !strings.HasSuffix(said, "nothing was changed\n") {
			t.Errorf("%s --dry-run: %d %s%s", name, status, said, wrong)
		}
		if o.dump() != before || len(o.entries()) != entries {
			t.Errorf("%s --dry-run has changed something", name)
		}
		if status, said, wrong := o.give(args...); status != 0 || o.dump() == before || strings.Contains(said, "would") {
			t.Errorf("%s: %d %s%s", name, status, said, wrong)
		}
		once := o.dump()
		if status, _, wrong := o.give(args...); status != 0 || o.dump() != once {
			t.Errorf("%s a second time: %d %s, and has changed something", name, status, wrong)
		}
		if len(o.entries()) == entries {
			t.Errorf("%s left no line in the audit log", name)
		}
	}
}

// spoilt are files that no import takes, made of one that it takes.
func spoilt(good string) map[string]string {
	wide := utf16.Encode([]rune(good))
	var half bytes.Buffer
	for _, u := range wide[:len(wide)-3] {
		half.WriteByte(byte(u >> 8)) // the other way round, and without a mark
		half.WriteByte(byte(u))
	}
	lines := strings.SplitAfter(good, "\n")
	return map[string]string{
		"nothing":               "",
		"a blank":               " \n\n",
		"only its head":         lines[0],
		"zeros":                 strings.Repeat("\x00", 500),
		"a picture":             "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
		"a page":                "<!doctype html><title>Sign in</title>",
		"UTF-16 without a mark": half.String(),
		"one broken line":       good + strings.Repeat("x;", 3) + "\n",
		"another separator":     lines[0] + strings.ReplaceAll(lines[1], ";", "|"),
		"other columns":         "colour;size\nred;2\n",
		"a quote without end":   lines[0] + "\"" + lines[1],
	}
}

func TestAnImportOfGarbageChangesNothingAndSaysWhy(t *testing.T) {
	o := newOffice(t)
	before, entries := o.dump(), len(o.entries())
	for name, table := range tables() {
		for what, text := range spoilt(table.text) {
			file := filepath.Join(t.TempDir(), "table.csv")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, more := range [][]string{nil, {"--dry-run"}} {
				args := append(o.on(append(append(strings.Fields(name), file), table.flags...)...), more...)
				status, said, wrong := o.give(args...)
				if status != 1 || said != "" || len(wrong) < 20 || !strings.Contains(wrong, "table.csv") || !strings.Contains(wrong, "nothing was changed") {
					t.Errorf("%s of %s: %d %q %q", name, what, status, said, wrong)
				}
			}
		}
		if status, _, wrong := o.give(o.on(append(append(strings.Fields(name), filepath.Join(t.TempDir(), "missing.csv")), table.flags...)...)...); status != 1 || !strings.Contains(wrong, "no such file") {
			t.Errorf("%s of a missing file: %d %s", name, status, wrong)
		}
	}
	if o.dump() != before || len(o.entries()) != entries {
		t.Error("something was changed")
	}
}

func TestEachWrongLineOfATableOfNumbersIsNamed(t *testing.T) {
	o := newOffice(t)
	before := o.dump()
	text := "quantity;from;to;value;site\nstaff;2025-09;2026-08;412;\nstaff;2025-09;2026-08;12;Nowhere\nstaff;2025-09;2026-08;1;Site B1\n"
	status, got := o.post(o.at["A1"].secret, ask{command: "quantity import", args: []string{"x.csv"}, file: text})
	for _, says := range []string{"x.csv", "line 3", "line 4", `"Nowhere": not found`, "nothing was changed"} {
		if status != http.StatusNotFound || !strings.Contains(got.Error, says) {
			t.Errorf("%d %s; want %s in it", status, got.Error, says)
		}
	}
	if strings.Contains(got.Error, "line 2") || o.dump() != before {
		t.Errorf("%s, or something was changed", got.Error)
	}
}

func TestAFileThatIsTooLargeForACallIsForTheServer(t *testing.T) {
	o := newOffice(t)
	large := "quantity;from;to;value;site\n" + strings.Repeat("staff;2025-09;2026-08;412;\n", maxCall/25)
	for name := range tables() {
		status, got := o.post(o.at["A1"].secret, ask{command: name, args: []string{"x.csv"}, file: large})
		if status != http.StatusRequestEntityTooLarge || !strings.Contains(got.Error, "larger than 4194 kB") || !strings.Contains(got.Error, "give the command on the server") {
			t.Errorf("%s: %d %s", name, status, got.Error)
		}
	}
}

func TestAnExportOfGLPIIsCountedAndSaidWithWhatIsNotKnown(t *testing.T) {
	o := newOffice(t)
	file := filepath.Join(t.TempDir(), "glpi.csv")
	o.must(os.WriteFile(file, []byte("\ufeff\"Nom\";\"Lieu\";\"Statut\";\"Type\";\"Numéro de série\";\"Date d'achat\"\n"+
		"\"PC-1\";\"Site A1 > Salle 1\";\"En service\";\"Portable\";\"SN1\";\"15-03-2021\"\n"+
		"\"PC-2\";\"Site A1\";\"En service\";\"Portable\";\"SN2\";\"\"\n"+
		"\"PC-2\";\"Site A1\";\"En service\";\"Portable\";\"SN2\";\"\"\n"), 0o600))
	status, said, wrong := o.give(o.on("inventory", "import", file)...)
	for _, says := range []string{"glpi.csv: 2 devices", "1 said twice and counted once", "1 without a date of purchase", "UTF-8, semicolons, preset glpi", "Portable: 2 devices, taken as notebook", "Site A1: has 2 devices"} {
		if status != 0 || !strings.Contains(said, says) {
			t.Errorf("%d %s%s; want %s", status, said, wrong, says)
		}
	}
	_, list, _ := o.give(o.on("inventory", "list", "--json")...)
	if strings.Contains(list+said, "SN1") || strings.Contains(list+said, "PC-1") {
		t.Errorf("a single device is named: %s%s", said, list)
	}
	if status, _, wrong := o.give(o.on("inventory", "import", file, "--preset", "veille")...); status != 1 {
		t.Errorf("as a table of our own: %d %s", status, wrong)
	}
	if _, after, _ := o.give(o.on("inventory", "list", "--json")...); after != list {
		t.Errorf("it has changed to %s", after)
	}
}

func TestWhatIsStatedIsWhatTheListsTell(t *testing.T) {
	o := newOffice(t)
	for _, args := range [][]string{
		{"quantity", "set", "staff", "--value", "412", "--from", "2025-09", "--to", "2026-08", "--source", "register", "--owner", "human resources"},
		{"quantity", "set", "staff", "--value", "413", "--from", "2025-09-01", "--to", "2026-08-31"}, // takes the place of the one before
		{"step", "add", "Charter signed", "--kind", "charter", "--on", "2026-01-20"},
		{"evidence", "add", "Power policy", "--of", "U1", "--where", "https://intranet.example.org/policy.pdf", "--sha256", strings.Repeat("AB", 32)},
		{"remark", "set", "S4.pue", "--not-applicable", "--text", "There is\nno data centre."},
		{"meter", "remove", "Meter A1", "--site", "Site A1"},
		{"quantity", "remove", o.at["A2"].quantity},
	} {
		args = append(args, "--data", o.dir)
		if args[1] != "remove" {
			args = append(args, "--organisation", "Organisation A")
		}
		if status, _, wrong := o.give(args...); status != 0 {
			t.Errorf("%q: %d %s", args, status, wrong)
		}
	}
	for name, want := range map[string][]string{
		"quantity list": {`"name":"staff","unit":"","from":"2025-09","to":"2026-08","value":413,"site":"","source":""`, `"name":"printers"`},
		"step list":     {`"kind":"charter","on":"2026-01-20","title":"Charter signed","owner":"","note":""`},
		"evidence list": {`"of":"U1","title":"Power policy","where":"https://intranet.example.org/policy.pdf","on":"","sha256":"` + strings.Repeat("ab", 32)},
		"remark list":   {`"of":"S4.pue","text":"There is\nno data centre.","not_applicable":true,"by":"","on":""`},
		"meter list":    {`"site":"Site A2","meter":"Meter A2","from":"2026-01-01","to":"2026-01-31","readings":1,"kwh":1000`},
		"grid list":     {`"website":1,"name":"Website A1","on":"2026-06-30","criteria":1,"score":100,"to_assess":0,"source":"Grid A1"`},
		"report list":   {`"template":"reen","from":"2026-01","to":"2026-01","made_on":"2026-02-10","method_version":"Method A1","simulated":false,"sha256":"` + strings.Repeat("0", 63) + `1"`},
		"baseline list": {`"action":1,"name":"Action A1","from":"2026-01","to":"2026-02","kept_on":"","sha256":""`},
	} {
		status, said, wrong := o.give(o.on(append(strings.Fields(name), "--json")...)...)
		for _, w := range want {
			if status != 0 || !strings.Contains(said, w) {
				t.Errorf("%s: %d %s%s; want %s", name, status, said, wrong, w)
			}
		}
		for _, gone := range []string{"412", "Meter A1", "Quantity A2"} {
			if strings.Contains(said, gone) {
				t.Errorf("%s still tells %s: %s", name, gone, said)
			}
		}
		if status, text, wrong := o.give(o.on(strings.Fields(name)...)...); status != 0 || strings.Count(text, "\n") < 2 {
			t.Errorf("%s as text: %d %s%s", name, status, text, wrong)
		}
	}
}

func TestWhatCannotBeStatedIsRefusedWithASentence(t *testing.T) {
	o := newOffice(t)
	before, entries := o.dump(), len(o.entries())
	tomorrow := string(collector.DateOf(clockTomorrow()))
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"quantity", "set", "beds", "--value", "1", "--from", "2026-01", "--to", "2026-01"}, `"beds" is none of staff, pupils`},
		{[]string{"quantity", "set", "staff", "--value", "1.5", "--from", "2026-01", "--to", "2026-01"}, "not a whole number"},
		{[]string{"quantity", "set", "staff", "--value", "-1", "--from", "2026-01", "--to", "2026-01"}, "not a number from 0"},
		{[]string{"quantity", "set", "staff", "--value", "NaN", "--from", "2026-01", "--to", "2026-01"}, "not a number from 0"},
		{[]string{"quantity", "set", "staff", "--value", "many", "--from", "2026-01", "--to", "2026-01"}, `"many" is not a number`},
		{[]string{"quantity", "set", "staff", "--value", "1"}, "give --value, --from and --to"},
		{[]string{"quantity", "set", "staff", "--value", "1", "--from", "2026-01", "--to", "2026-01", "--note", "two\nlines"}, "one line"},
		{[]string{"step", "add", "X", "--kind", "party", "--on", "2026-01-20"}, `"party" is none of charter`},
		{[]string{"step", "add", "X", "--kind", "audit", "--on", tomorrow}, "is not here yet"},
		{[]string{"step", "add", "X", "--kind", "audit", "--on", "20 January"}, "not a date"},
		{[]string{"evidence", "add", "X", "--of", "U1", "--where", "archive", "--sha256", "abc"}, "64 digits"},
		{[]string{"evidence", "add", "X", "--of", "U1", "--where", "javascript://alert(1)"}, "no address"},
		{[]string{"evidence", "add", "X", "--of", "the wall", "--where", "archive"}, "neither a line"},
		{[]string{"remark", "set", "U1"}, "text is missing"},
		{[]string{"remark", "set", "U1", "--not-applicable"}, "says why"},
		{[]string{"remark", "set", "U1", "--text", "x", "--by", "officer"}, "together"},
		{[]string{"remark", "set", "U1", "--text", strings.Repeat("x", 4001)}, "4000"},
		{[]string{"grid", "import", "x.csv"}, "give --website and --on"},
		{[]string{"inventory", "import", "x.csv", "--preset", "excel"}, `--preset "excel" is none of auto`},
		{[]string{"target", "add", "--indicator", "Z9", "--value", "1", "--by", "2027-12"}, "no line of a report"},
		{[]string{"action", "add", "X", "--measure", "other", "--on", "2026-03-02", "--baseline", "2026-01:2026-02", "--serves", "Z9"}, "no line of a report"},
		{[]string{"action", "add", "X", "--measure", "other", "--on", "2026-03-02", "--baseline", "2026-01:2026-02", "--until", "2026-02-01"}, "2026-02-01"},
		{[]string{"org", "set", "--siren", "123456789"}, "SIREN"},
		{[]string{"org", "set", "--open-data=true"}, "add --siren"},
		{[]string{"report", "keep", "--template", "reen", "--from", "2026-01-02", "--to", "2026-01"}, "give 2026-01-01 or 2026-02-01"},
		{[]string{"report", "keep", "--from", "2026-01", "--to", "2026-01"}, "give --template"},
		{[]string{"report", "--template", "reen", "--from", "2026-01", "--to", "2026-01", "--lang", "de"}, "none of en, fr"},
		{[]string{"report", "--snapshot", "1", "--template", "reen"}, "goes without --template"},
		{[]string{"opendata"}, "with -o"},
	} {
		if len(tt.args) > 1 && tt.args[1] == "import" {
			file := filepath.Join(t.TempDir(), "x.csv")
			if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			tt.args[2] = file
		}
		status, said, wrong := o.give(o.on(tt.args...)...)
		if status != 2 || said != "" || !strings.Contains(wrong, tt.says) {
			t.Errorf("%q: %d %s%s; want %s", tt.args, status, said, wrong, tt.says)
		}
	}
	for _, tt := range [][]string{
		{"evidence", "add", "X", "--of", "action 99", "--where", "archive"},
		{"evidence", "add", "X", "--of", "step 99", "--where", "archive"},
		{"evidence", "add", "X", "--of", "ZZ9.9", "--where", "archive"},
		{"remark", "set", "action " + o.at["B1"].action, "--text", "x"}, // of the other organisation
		{"remark", "remove", "S4.pue"},
		{"template", "show", "nothing"},
		{"template", "remove", "reen"}, // comes with the program, and is not its own
		{"report", "--snapshot", o.at["B1"].report},
	} {
		if status, said, wrong := o.give(o.on(tt...)...); status != 1 || said != "" || !strings.Contains(wrong, "not found") {
			t.Errorf("%q: %d %s%s", tt, status, said, wrong)
		}
	}
	if o.dump() != before || len(o.entries()) != entries {
		t.Error("something was changed")
	}
}

func TestASiteSaysWhatItIsAndTakesItBack(t *testing.T) {
	o := newOffice(t)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--scope", "lycees", "--code", "0123456A", "--commune", "97411"}, `site "Site A1": scope lycees, code 0123456A, commune 97411`},
		{[]string{"--commune", "97411"}, "as before"},
		{[]string{"--code", "", "--open=true"}, "figures for everybody, by the rules for the public, code not known"},
	} {
		if status, said, wrong := o.give(append([]string{"site", "set", "--data", o.dir, "--site", "Site A1"}, tt.args...)...); status != 0 || !strings.Contains(said, tt.says) {
			t.Errorf("%q: %d %s%s", tt.args, status, said, wrong)
		}
	}
	if _, said, _ := o.give("site", "list", "--data", o.dir, "--json"); !strings.Contains(said, `"open":true,"scope":"lycees","code":"","commune":"97411"`) {
		t.Errorf("%s", said)
	}
	for _, bad := range [][]string{{"--scope", "school"}, {"--commune", "97400 Saint-Denis"}, {"--code", "two words"}} {
		if status, _, wrong := o.give(append([]string{"site", "set", "--data", o.dir, "--site", "Site A1"}, bad...)...); status != 2 {
			t.Errorf("%q: %d %s", bad, status, wrong)
		}
	}
}

func TestAnOrganisationSaysWhetherItsDataArePublished(t *testing.T) {
	o := newOffice(t)
	for _, args := range [][]string{{"--siren", "123 456 782"}, {"--open-data=true", "--licence", "ODbL 1.0"}, {"--contact", "dpo@example.org"}} {
		if status, _, wrong := o.give(o.on(append([]string{"org", "set"}, args...)...)...); status != 0 {
			t.Errorf("%q: %d %s", args, status, wrong)
		}
	}
	if _, said, _ := o.give("org", "show", "--data", o.dir, "--json"); !strings.Contains(said, `"contact":"dpo@example.org","dpo":"","address":"","siren":"123456782","open_data":true,"licence":"ODbL 1.0"`) {
		t.Errorf("%s", said)
	}
	if status, said, wrong := o.give(o.on("org", "set", "--open-data=false", "--licence", "")...); status != 0 || !strings.Contains(said, "not published") {
		t.Errorf("%d %s%s", status, said, wrong)
	}
}

func clockTomorrow() time.Time { return time.Now().AddDate(0, 0, 2) }
