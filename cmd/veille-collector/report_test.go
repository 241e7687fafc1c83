package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/label"
	"veille/ecoindex/browser"
)

// months are the flags of a period of which the office has stated something.
func months() []string { return []string{"--from", "2026-01", "--to", "2026-06-30"} }

// of2026 is the report of organisation A by a template, in words of the command line.
func (o *office) of2026(template string, more ...string) []string {
	return append(append(o.on("report", "--template", template), months()...), more...)
}

func TestAReportIsWrittenInEachFormatAsAWholeFile(t *testing.T) {
	o := newOffice(t)
	for ending, begins := range map[string]string{"html": "<!doctype html>", "json": "{", "csv": "", "xlsx": "PK\x03\x04"} {
		dir := t.TempDir()
		out := filepath.Join(dir, "report."+ending)
		for range 2 { // the second takes the place of the first
			if status, said, wrong := o.give(o.of2026("reen", "-o", out, "--lang", "fr")...); status != 0 || said != out+": reen of Organisation A, 2026-01 to 2026-06\n" || wrong != "" {
				t.Errorf("%s: %d %s%s", ending, status, said, wrong)
			}
		}
		all := filesIn(t, dir)
		if text := all["report."+ending]; len(all) != 1 || len(text) < 500 || !strings.HasPrefix(strings.ToLower(strings.TrimPrefix(text, "\ufeff")), strings.ToLower(begins)) {
			t.Errorf("%s: %d files, %.80q", ending, len(all), text)
		}
		if ending == "xlsx" {
			continue
		}
		if status, said, wrong := o.give(o.of2026("reen", "--format", ending, "--lang", "fr")...); status != 0 || said != all["report."+ending] || wrong != "" {
			t.Errorf("%s printed: %d, %d bytes, %s", ending, status, len(said), wrong)
		}
	}
}

func TestAReportIsPrintedAsPDFByTheBrowser(t *testing.T) {
	path, err := browser.Find("")
	if err != nil {
		t.Skip(err)
	}
	o := newOffice(t)
	out := filepath.Join(t.TempDir(), "report.pdf")
	if status, said, wrong := o.give(o.of2026("reen", "-o", out, "--browser", path)...); status != 0 {
		t.Fatalf("%d %s%s", status, said, wrong)
	}
	if text, err := os.ReadFile(out); err != nil || !bytes.HasPrefix(text, []byte("%PDF-")) {
		t.Errorf("%.20q %v", text, err)
	}
	dir := t.TempDir()
	status, _, wrong := o.give(o.of2026("reen", "-o", filepath.Join(dir, "x.pdf"), "--browser", filepath.Join(dir, "missing"))...)
	if status != 1 || !strings.Contains(wrong, "choose another format") || len(filesIn(t, dir)) != 0 {
		t.Errorf("%d %s", status, wrong)
	}
}

func TestAReportThatIsKeptIsWrittenAgainToTheLastByte(t *testing.T) {
	o := newOffice(t)
	file := filepath.Join(t.TempDir(), "report.json")
	if status, _, wrong := o.give(o.of2026("reen", "--format", "csv", "--keep")...); status != 0 { // the one before it, by the method of today
		t.Fatal(wrong)
	}
	status, said, wrong := o.give(o.of2026("lnr-2019", "-o", file, "--keep")...)
	if status != 0 || !strings.Contains(said, "report 6 is kept: lnr-2019, 2026-01 to 2026-06, sha256 ") {
		t.Fatalf("%d %s%s", status, said, wrong)
	}
	sealed, err := os.ReadFile(file)
	o.must(err)
	before, entries := o.dump(), o.entries()
	// Kept again on the same day it is the same, and nothing is changed.
	status, said, wrong = o.give(o.on("report", "keep", "--template", "lnr-2019", "--from", "2026-01-01", "--to", "2026-06", "--json")...)
	var kept struct {
		ID     int64  `json:"id"`
		SHA256 string `json:"sha256"`
	}
	if err := json.Unmarshal([]byte(said), &kept); status != 0 || err != nil || kept.ID != 6 || !bytes.Contains(sealed, []byte(kept.SHA256)) {
		t.Errorf("%d %s%s %v", status, said, wrong, err)
	}
	if o.dump() != before || len(o.entries()) != len(entries) {
		t.Error("something was changed")
	}
	// What is stated later does not change what was kept.
	if status, _, wrong := o.give(o.on("quantity", "set", "staff", "--value", "9", "--from", "2026-01", "--to", "2026-06")...); status != 0 {
		t.Fatal(wrong)
	}
	if _, said, wrong := o.give(o.on("report", "--snapshot", "6", "--format", "json")...); said != string(sealed) || wrong != "" {
		t.Errorf("%d bytes, %s; want the %d that were kept", len(said), wrong, len(sealed))
	}
	if status, said, wrong := o.give(o.on("report", "--snapshot", "6", "--lang", "en")...); status != 0 || !strings.Contains(said, kept.SHA256) {
		t.Errorf("%d %.200s %s; want its hash in it", status, said, wrong)
	}
	if status, said, wrong := o.give(o.of2026("lnr-2019", "--format", "json")...); status != 0 || said == string(sealed) {
		t.Errorf("%d %s: what was stated since is not in the new one", status, wrong)
	}
	// A kept one that is damaged is said to be.
	if status, _, wrong := o.give(o.on("report", "--snapshot", "1")...); status != notSealed || !strings.Contains(wrong, "report 1 is kept, and not as it was") {
		t.Errorf("%d %s", status, wrong)
	}
}

func TestAReportSaysWhetherItIsAsItWasSealed(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	at := func(name, text string) string {
		file := filepath.Join(dir, name)
		o.must(os.WriteFile(file, []byte(text), 0o600))
		return file
	}
	_, sealed, _ := o.give(o.of2026("reen", "--format", "json", "--keep")...)
	good := at("good.json", sealed)
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{good}, "as it was sealed"},
		{[]string{good, "--data", o.dir}, "by this collector, as report 5"},
		{[]string{good, "--json"}, `"organisation":"Organisation A","from":"2026-01","to":"2026-06"`},
		{[]string{at("other.json", sealedText(o)), "--data", o.dir}, "not by this collector"},
	} {
		status, said, wrong := o.give(append([]string{"report", "verify"}, tt.args...)...)
		if status != 0 || !strings.Contains(said, tt.says) || strings.Contains(said, "kept") != (len(tt.args) > 2) {
			t.Errorf("%q: %d %s%s; want %s", tt.args, status, said, wrong, tt.says)
		}
	}
	var whole label.Report
	o.must(json.Unmarshal([]byte(sealed), &whole))
	tampered := strings.Replace(sealed, `"organisation":"Organisation A"`, `"organisation":"Organisation Z"`, 1)
	status, said, wrong := o.give("report", "verify", at("tampered.json", tampered))
	if status != notSealed || said != "" || !strings.Contains(wrong, "tampered.json is not as it was sealed") || !strings.Contains(wrong, whole.SHA256) || len(hashOnAPage.FindAllString(wrong, -1)) != 2 {
		t.Errorf("%d %s%s; want both hashes", status, said, wrong)
	}
	for name, text := range map[string]string{"empty": "", "page": "<!doctype html>", "list": "[]", "half": sealed[:len(sealed)/2], "zeros": strings.Repeat("\x00", 99), "other": `{"a": 1}`} {
		if status, said, wrong := o.give("report", "verify", at(name, text)); status != notSealed || said != "" || !strings.Contains(wrong, name) {
			t.Errorf("%s: %d %s%s", name, status, said, wrong)
		}
	}
	if status, _, wrong := o.give("report", "verify", filepath.Join(dir, "missing")); status != 1 || !strings.Contains(wrong, "no such file") {
		t.Errorf("%d %s", status, wrong)
	}
}

func TestAReportThatAnotherOrganisationKeepsIsNotSaidToBeKept(t *testing.T) {
	o := newOffice(t)
	_, sealed, _ := o.give(o.of2026("reen", "--format", "json", "--keep")...)
	for secret, want := range map[string]string{o.at["A1"].secret: `"kept":5`, o.at["B1"].secret: `"kept":0`} {
		status, got := o.post(secret, ask{command: "report verify", args: []string{"x.json"}, file: sealed})
		if status != http.StatusOK || !strings.Contains(string(got.JSON), want) {
			t.Errorf("%d %s %s; want %s", status, got.JSON, got.Error, want)
		}
	}
	status, got := o.post(o.at["A1"].secret, ask{command: "report verify", args: []string{"x.json"}, file: "garbage"})
	if status != http.StatusOK || got.Status != notSealed || !strings.Contains(got.Error, "x.json is not a report") {
		t.Errorf("%d %+v", status, got)
	}
}

func TestAPeriodOfWhichNothingIsKnownIsSaid(t *testing.T) {
	o := newOffice(t)
	before := o.dump()
	dir := t.TempDir()
	for _, args := range [][]string{
		o.on("report", "--template", "reen", "--from", "1999-01", "--to", "1999-12", "-o", filepath.Join(dir, "x.html"), "--keep"),
		o.on("report", "keep", "--template", "reen", "--from", "1999-01", "--to", "1999-12"),
	} {
		if status, said, wrong := o.give(args...); status != nothingKnown || said != "" || !strings.Contains(wrong, "Organisation A, 1999-01 to 1999-12: ") {
			t.Errorf("%q: %d %s%s", args, status, said, wrong)
		}
	}
	if len(filesIn(t, dir)) != 0 || o.dump() != before {
		t.Error("something was written")
	}
	status, got := o.post(o.at["A1"].secret, ask{command: "report keep", flags: map[string]any{"template": "reen", "from": "1999-01", "to": "1999-12"}})
	if status != http.StatusOK || got.Status != nothingKnown || !strings.Contains(got.Error, "1999-01 to 1999-12") {
		t.Errorf("%d %+v", status, got)
	}
}

func TestATemplateOfAFileIsUsedForOneReportOnly(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	all, err := label.Shipped()
	o.must(err)
	file := filepath.Join(dir, "ours.yaml")
	text := strings.Replace(string(all["reen"]), "id: reen", "id: ours", 1)
	o.must(os.WriteFile(file, []byte(text), 0o600))
	before := o.dump()
	if status, said, wrong := o.give(o.of2026(file, "--format", "json")...); status != 0 || !strings.Contains(said, `"template":"ours"`) {
		t.Errorf("%d %.300s %s", status, said, wrong)
	}
	if o.dump() != before {
		t.Error("something was kept")
	}
	if status, _, wrong := o.give(o.of2026("ours", "--format", "json")...); status != 1 || !strings.Contains(wrong, `template "ours": not found; see veille-collector template list`) {
		t.Errorf("%d %s", status, wrong)
	}
	// Typed in, it is one of the organisation's, and of nobody else's.
	if status, said, wrong := o.give(o.on("template", "add", file, "--dry-run")...); status != 0 || !strings.Contains(said, "template ours") || o.dump() != before {
		t.Errorf("%d %s%s", status, said, wrong)
	}
	if status, _, wrong := o.give(o.on("template", "add", file)...); status != 0 {
		t.Error(wrong)
	}
	if _, said, _ := o.give(o.on("template", "show", "ours")...); said != text {
		t.Errorf("%.200s; want what was typed in", said)
	}
	if status, _, wrong := o.give(o.of2026("ours", "--format", "csv")...); status != 0 {
		t.Errorf("%d %s", status, wrong)
	}
	if status, got := o.post(o.at["B1"].secret, ask{command: "template show", args: []string{"ours"}}); status != http.StatusNotFound {
		t.Errorf("%d %+v", status, got)
	}
	// A template that names a line that there is none of is refused, in each way.
	bad := filepath.Join(dir, "bad.yaml")
	o.must(os.WriteFile(bad, []byte(strings.Replace(text, "indicators: [", "indicators: [Z9, ", 1)), 0o600))
	before = o.dump()
	for _, args := range [][]string{o.of2026(bad, "--format", "csv"), o.on("template", "add", bad), o.on("template", "add", bad, "--dry-run")} {
		if status, said, wrong := o.give(args...); status != 1 || said != "" || !strings.Contains(wrong, "Z9") || !strings.Contains(wrong, "bad.yaml") {
			t.Errorf("%q: %d %s%s", args, status, said, wrong)
		}
	}
	if o.dump() != before {
		t.Error("something was changed")
	}
}

func TestOpenDataAreWrittenForThoseWhoHaveANumberInTheRegister(t *testing.T) {
	o := newOffice(t)
	dir := filepath.Join(t.TempDir(), "data")
	if status, _, wrong := o.give(o.on("opendata", "-o", dir)...); status != 1 || !strings.Contains(wrong, `org set --organisation "Organisation A" --siren NUMBER`) {
		t.Errorf("%d %s", status, wrong)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	if status, _, wrong := o.give(o.on("org", "set", "--siren", "123456782")...); status != 0 {
		t.Fatal(wrong)
	}
	for range 2 {
		status, said, wrong := o.give(o.on("opendata", "-o", dir, "--base", "https://data.example.org/veille")...)
		all := filesIn(t, dir)
		if status != 0 || strings.Count(said, "\n") < 5 || wrong != "" {
			t.Fatalf("%d %s%s", status, said, wrong)
		}
		for name, text := range all {
			if text == "folder" {
				continue
			}
			if !strings.Contains(said, filepath.Join(dir, name)) || len(text) == 0 || strings.HasPrefix(name, ".") {
				t.Errorf("%s is there, and said are\n%s", name, said)
			}
		}
	}
}

func TestOpenDataOfSimulatedMachinesAreWrittenOnlyWhereThatIsAskedFor(t *testing.T) {
	o := newOffice(t)
	site := o.at["A1"].site
	number, err := strconv.ParseInt(o.at["A1"].machine, 10, 64)
	o.must(err)
	o.must(o.store.PutMonths(t.Context(), "2026-01", number, number, []collector.MachineMonth{
		{Machine: number, Month: "2026-01", Place: collector.Place{Site: site.ID, Use: "shared", Class: "desktop", Simulated: true}},
	}))
	if status, _, wrong := o.give(o.on("org", "set", "--siren", "123456782")...); status != 0 {
		t.Fatal(wrong)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if status, said, wrong := o.give(o.on("opendata", "-o", dir)...); status != 1 || !strings.Contains(wrong, "are simulated") || !strings.Contains(wrong, "--simulated") {
		t.Errorf("%d %s%s", status, said, wrong)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	if status, said, wrong := o.give(o.on("opendata", "-o", dir, "--simulated")...); status != 0 || !strings.Contains(said, "catalog.jsonld") || !strings.Contains(wrong, "without --base") {
		t.Errorf("%d %s%s", status, said, wrong)
	}
}

func TestOpenDataOfAnOrganisationAreServedToEverybodyWhereItSaysSo(t *testing.T) {
	o := newOffice(t)
	if status, _, wrong := o.give(o.on("org", "set", "--siren", "123456782", "--open-data=true")...); status != 0 {
		t.Fatal(wrong)
	}
	h := o.served()
	if w := o.request(h, http.MethodGet, "/opendata/catalog.jsonld", ""); w.Code != http.StatusOK || !json.Valid(w.Body.Bytes()) {
		t.Errorf("the catalogue: %d %.200s", w.Code, w.Body)
	}
	if w := o.request(h, http.MethodGet, "/opendata/2/", ""); w.Code != http.StatusNotFound {
		t.Errorf("an organisation that publishes nothing: %d", w.Code)
	}
	for flag, want := range map[string]string{"https://veille.example.org/": "https://veille.example.org", "": ""} {
		s := &server{serving: &serving{directory: directory{address: flag}}}
		if got := s.base(); got != want {
			t.Errorf("--address %q: the base is %q", flag, got)
		}
	}
	s := &server{serving: &serving{}}
	s.acme.Hosts = []string{"veille.example.org", "other.example.org"}
	if got := s.base(); got != "https://veille.example.org" {
		t.Errorf("the base is %q", got)
	}
}
