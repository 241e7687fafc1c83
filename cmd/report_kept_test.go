package cmd_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAKeptReportStaysAsItWasWhateverIsSaidLater keeps a report, and then changes a price, a quantity and a factor.
func TestAKeptReportStaysAsItWasWhateverIsSaidLater(t *testing.T) {
	t.Parallel()
	data := stated(t)
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	request := []string{"report", "--template", "lnr-2019", "--from", past(14), "--to", past(3)}
	fresh := func(name string, more ...string) []byte {
		manage(t, data, slices.Concat(request, []string{"-o", file(name)}, more)...)
		return contents(t, file(name))
	}
	first := fresh("first.json", "--keep")
	for _, format := range []string{"csv", "html", "xlsx"} {
		fresh("first." + format)
	}
	var kept struct {
		ID     int64
		SHA256 string
	}
	if err := json.Unmarshal([]byte(manage(t, data, "report", "keep", "--template", "lnr-2019", "--from", past(14), "--to", past(3), "--json")), &kept); err != nil || kept.ID != 1 {
		t.Errorf("kept again, the report has the number %d, want 1: %v", kept.ID, err)
	}
	var was wholeReport
	if err := json.Unmarshal(first, &was); err != nil || was.SHA256 != kept.SHA256 {
		t.Errorf("it is kept under %s, and says %s: %v", kept.SHA256, was.SHA256, err)
	}
	asBefore := func(when string) {
		for _, format := range []string{"json", "csv", "html", "xlsx"} {
			manage(t, data, "report", "--snapshot", "1", "-o", file("again."+format))
			if !bytes.Equal(contents(t, file("again."+format)), contents(t, file("first."+format))) {
				t.Errorf("%s the kept report is another as %s", when, format)
			}
		}
	}
	asBefore("at first")
	manage(t, data, "price", "set", "--from", past(8), "--euro", "0.35", "--tax", "excluded", "--source", "contract")
	manage(t, data, "quantity", "set", "staff", "--value", "99", "--from", past(14), "--to", past(3))
	asBefore("with another price and another quantity")
	var later wholeReport
	if err := json.Unmarshal(fresh("later.json"), &later); err != nil || later.MethodVersion != was.MethodVersion || later.SHA256 == was.SHA256 {
		t.Errorf("a new report has method %s and hash %s, before they were %s and %s; %v", later.MethodVersion, later.SHA256, was.MethodVersion, was.SHA256, err)
	}
	if *later.line(t, "E3").Value == *was.line(t, "E3").Value {
		t.Error("the new price changes nothing")
	}
	manage(t, data, "factor", "set", "electricity", "--value", "60", "--low", "50", "--high", "70", "--unit", "gCO2e/kWh", "--year", "2025", "--source", "own")
	asBefore("with another factor")
	if err := json.Unmarshal(fresh("last.json"), &later); err != nil || later.MethodVersion == was.MethodVersion {
		t.Errorf("with another factor the method version is %s as before, %v", later.MethodVersion, err)
	}
	if out := manage(t, data, "report", "verify", file("first.json")); !strings.Contains(out, "as report 1") {
		t.Errorf("report verify says %s", out)
	}
	if out := manage(t, data, "report", "verify", file("last.json")); !strings.Contains(out, "not by this collector") {
		t.Errorf("report verify says %s", out)
	}
	manage(t, data, "check")
}

func (r wholeReport) line(t *testing.T, id string) wholeLine {
	t.Helper()
	i := slices.IndexFunc(r.Lines, func(l wholeLine) bool { return l.ID == id })
	if i < 0 || r.Lines[i].Value == nil {
		t.Fatalf("the report does not have %s", id)
	}
	return r.Lines[i]
}
