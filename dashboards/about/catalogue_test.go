package about_test

import (
	"encoding/csv"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

// constants are the whole numbers that a Go file names.
func constants(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Names) == len(v.Values) {
			for i, name := range v.Names {
				if value, ok := v.Values[i].(*ast.BasicLit); ok {
					all[name.Name] = value.Value
				}
			}
		}
		return true
	})
	return all
}

// rows are the catalogue as programs get it.
func rows(t *testing.T, lang string) []map[string]string {
	t.Helper()
	w := get(t, region("contact@example.org"), "/api/v1/data?lang="+lang)
	var view struct {
		Tables []struct {
			ID   string              `json:"id"`
			Rows []map[string]string `json:"rows"`
		} `json:"tables"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d, %v", w.Code, err)
	}
	if len(view.Tables) != 1 || view.Tables[0].ID != "kept" {
		t.Fatalf("there are the tables %+v", view.Tables)
	}
	return view.Tables[0].Rows
}

func TestTheCatalogueSaysHowLongAsTheProgramDoes(t *testing.T) {
	kept := constants(t, "../../collector/rollup/retention.go")
	spool := constants(t, "../../agent/spool/spool.go")
	for begins, want := range map[string]string{
		"On the machine: records":                      spool["Days"] + " days",
		"Records of a personal machine":                kept["keepMachineDays"] + " days",
		"Records of a shared machine":                  kept["keepMachineDays"] + " days",
		"Records that could not be accepted":           kept["keepQuarantine"] + " days",
		"Sums by machine and month":                    kept["keepMachineMonths"] + " months",
		"Sums by group and day, of personal machines":  kept["keepMachineDays"] + " days",
		"Sums by group and day, of shared machines":    kept["keepGroups"] + " years",
		"Sums by group and month":                      kept["keepGroups"] + " years",
		"Scores and figures of web pages":              kept["keepGroups"] + " years",
		"Audit log":                                    kept["keepEntries"] + " months",
		"Users of these pages":                         "until removed, then " + kept["keepEntries"] + " months",
		"Keys of the API":                              "until " + kept["keepEntries"] + " months",
		"How many lines of each kind each night":       "no limit",
		"Invitations to choose a password":             "until used or over, " + constants(t, "../../cmd/veille-collector/userinvite.go")["longestInvitation"] + " days",
		"Equipment: how many devices of a class":       "until the next import",
		"Counts of machines by site":                   "in memory",
		"Machine: pseudonym":                           "until it is erased",
		"Sessions: the hash of a cookie":               "until sign-out, an hour without use",
		"What web pages could do better":               "until the next measure",
		"On the machine: the count of the running day": "until the day is over",
	} {
		found := 0
		for _, row := range rows(t, "en") {
			if strings.HasPrefix(row["what"], begins) {
				found++
				if !strings.HasPrefix(row["long"], want) {
					t.Errorf("%s: %q, want %q", begins, row["long"], want)
				}
			}
		}
		if found != 1 {
			t.Errorf("%d rows begin with %q", found, begins)
		}
	}
}

// The register entry of the privacy file has its own table; what both say must be the same.
func TestTheCatalogueAgreesWithTheRegisterEntry(t *testing.T) {
	for lang, name := range map[string]string{"en": "../../docs/privacy/en/1-register-entry.md", "fr": "../../docs/privacy/fr/1-fiche-de-registre.md"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all := rows(t, lang)
		for what, long := range map[string]map[string]string{
			"en": {"sums by machine and month": "13 months", "records that could not be accepted": "30 days", "sums by group and day, of shared machines and servers": "6 years"},
			"fr": {"sommes par machine et par mois": "13 mois", "relevés qui n’ont pu être acceptés": "30 jours", "sommes par groupe et par jour, des machines partagées et des serveurs": "6 ans"},
		}[lang] {
			plain := strings.ReplaceAll(what, "’", "'")
			if !strings.Contains(string(text), "| "+plain+" | "+long) {
				t.Errorf("%s: %q is not kept for %q in the register entry", lang, what, long)
			}
			found := false
			for _, row := range all {
				found = found || strings.HasPrefix(strings.ToLower(row["what"]), what) && row["long"] == long
			}
			if !found {
				t.Errorf("%s: %q is not kept for %q in the catalogue", lang, what, long)
			}
		}
	}
}

func TestTheCatalogueIsASpreadsheetToo(t *testing.T) {
	link := page(t, region("contact@example.org"), "/data?lang=en").Find("caption a[download]").AttrOr("href", "")
	w := get(t, region("contact@example.org"), link)
	in := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff")))
	n := -1
	for {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil || len(record) != 6 {
			t.Fatalf("%v, %v", record, err)
		}
		for _, cell := range record {
			if cell == "" {
				t.Errorf("a cell of %v is empty", record)
			}
		}
		n++
	}
	if want := len(rows(t, "en")); n != want || n < 20 {
		t.Errorf("%d rows, %d for programs", n, want)
	}
}
