//nolint:misspell // some of it is French
package dossier_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/collector/dossier"
)

// known are facts that leave only those blanks that no program can fill.
func known() dossier.Facts {
	retention, thresholds := dossier.Usual()
	return dossier.Facts{
		Organisation: "Région Démonstration", Address: "1 place de la République, 35000 Rennes", Contact: "donnees@example.org", DPO: "La déléguée, dpd@example.org",
		Sites:  []dossier.Site{{Name: "Lycée A | B", TimeZone: "Europe/Paris", Individual: 12, Shared: 30, Server: 1}, {Name: "Siège", TimeZone: "Europe/Paris", Individual: 8}},
		Fields: map[string][]dossier.Field{"fr": {{Path: "date", Type: "date", Text: "le jour", Note: "un par jour"}}, "en": {{Path: "date", Type: "date", Text: "the day", Note: "one a day"}}},
		Notices: map[string]string{
			"fr/individual": "Poste individuel.", "fr/shared": "Poste partagé.", "fr/server": "Serveur.", "fr/pupils": "Élèves.",
			"en/individual": "Personal.", "en/shared": "Shared.", "en/server": "Server.", "en/pupils": "Pupils.",
		},
		SampleRecord: `{"date": "2026-11-16"}`, Retention: retention, Thresholds: thresholds, GeneratedOn: "2026-11-22", Version: "v0.3.0",
	}
}

func empty() dossier.Facts {
	f := known()
	f.Organisation, f.Address, f.Contact, f.DPO, f.Sites, f.GeneratedOn, f.Version = "", "", "", "", nil, "", ""
	return f
}

func TestOfPostgreSQLItIsNotSaidThatWhatIsDeletedIsOverwritten(t *testing.T) {
	facts := known()
	for _, postgres := range []bool{false, true} {
		facts.PostgreSQL = postgres
		for _, pair := range pairs(t, facts) {
			for _, d := range pair {
				overwritten := strings.Contains(d.Text, "is overwritten in the database") || strings.Contains(d.Text, "overwrites what it deletes") ||
					strings.Contains(d.Text, "y est aussi recouvert") || strings.Contains(d.Text, "recouvre ce qu'elle efface")
				if about := strings.Contains(d.Name, "/1-") || strings.Contains(d.Name, "/2-"); overwritten != (about && !postgres) {
					t.Errorf("%s, PostgreSQL %t: it is said %t", d.Name, postgres, overwritten)
				}
				if postgres && len(pair[0].Blanks) != len(pair[1].Blanks) {
					t.Errorf("%s has %d blanks, %s %d", pair[0].Name, len(pair[0].Blanks), pair[1].Name, len(pair[1].Blanks))
				}
			}
		}
	}
}

func documents(t *testing.T, f dossier.Facts) []dossier.Document {
	t.Helper()
	all, err := dossier.Documents(f)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// pairs are the documents of both languages, side by side.
func pairs(t *testing.T, f dossier.Facts) [][2]dossier.Document {
	t.Helper()
	all := documents(t, f)
	if len(all) != 16 {
		t.Fatalf("%d documents", len(all))
	}
	var list [][2]dossier.Document
	for i := range len(all) / 2 {
		list = append(list, [2]dossier.Document{all[i], all[i+len(all)/2]})
	}
	return list
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	tests := regexp.MustCompile("`Test[A-Za-z0-9]+`")
	shape := regexp.MustCompile(`(?m)^(#+ |\*\*|\||- |[0-9]+\. |  [a-z]\))`)
	for _, f := range []dossier.Facts{known(), empty()} {
		for _, p := range pairs(t, f) {
			fr, en := p[0], p[1]
			if fr.Name[:2] != "fr" || en.Name[:2] != "en" || fr.Name[3] != en.Name[3] {
				t.Fatalf("%s is beside %s", fr.Name, en.Name)
			}
			if a, b := len(fr.Blanks), len(en.Blanks); a != b {
				t.Errorf("%s has %d blanks, %s %d:\n%s\n%s", fr.Name, a, en.Name, b, strings.Join(fr.Blanks, "\n"), strings.Join(en.Blanks, "\n"))
			}
			if a, b := tests.FindAllString(fr.Text, -1), tests.FindAllString(en.Text, -1); !slices.Equal(a, b) {
				t.Errorf("%s names other tests than %s:\n%v\n%v", fr.Name, en.Name, a, b)
			}
			if a, b := shape.FindAllString(fr.Text, -1), shape.FindAllString(en.Text, -1); !slices.Equal(a, b) {
				t.Errorf("%s is not built as %s is:\n%q\n%q", fr.Name, en.Name, a, b)
			}
		}
	}
}

func TestWhatIsKnownIsNoBlankAndWhatIsNotKnownIsNotInvented(t *testing.T) {
	names := []string{"Région Démonstration", "1 place de la République", "donnees@example.org", "La déléguée", "Siège"}
	count := func(all []dossier.Document) (blanks int, text string) {
		for _, d := range all {
			if d.Name[3] != '7' { // lists those of the others
				blanks += len(d.Blanks)
			}
			text += d.Text
		}
		return blanks, text
	}
	some, with := count(documents(t, known()))
	more, without := count(documents(t, empty()))
	if some >= more || some == 0 {
		t.Errorf("%d blanks with everything known, %d with nothing", some, more)
	}
	for _, name := range names {
		if !strings.Contains(with, name) || strings.Contains(without, name) {
			t.Errorf("%q is there: %t; without being known: %t", name, strings.Contains(with, name), strings.Contains(without, name))
		}
	}
	for _, left := range []string{"<no value>", "{{", "}}", "%!"} {
		if strings.Contains(with, left) || strings.Contains(without, left) {
			t.Errorf("%q is left over", left)
		}
	}
	if !strings.Contains(with, `| Lycée A \| B | Europe/Paris | 12 | 30 | 1 |`) || !strings.Contains(with, "| **ensemble** | | **20** | **30** | **1** |") {
		t.Error("the sites are not counted as they are")
	}
}

func TestTheLastFileListsEveryBlankOfTheOthers(t *testing.T) {
	all := documents(t, empty())
	for _, lang := range []string{"fr", "en"} {
		var last string
		for _, d := range all {
			if strings.HasPrefix(d.Name, lang+"/7") {
				last = d.Text
			}
		}
		for _, d := range all {
			if !strings.HasPrefix(d.Name, lang) || d.Name[3] == '7' {
				continue
			}
			for _, blank := range d.Blanks {
				if !strings.Contains(last, "- [ ] "+blank+"\n") {
					t.Errorf("%s of %s is not in the list", blank, d.Name)
				}
			}
		}
	}
}

// What the file says of the product is held by tests, and these exist.
func TestEveryTestThatIsNamedExists(t *testing.T) {
	there := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == ".tools") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			there[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, d := range documents(t, known()) {
		for _, m := range regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(d.Text, -1) {
			if named++; !there[m[1]] {
				t.Errorf("%s names %s, which does not exist", d.Name, m[1])
			}
		}
	}
	if named < 40 {
		t.Errorf("%d tests are named", named)
	}
}

func TestEveryQuestionOfStaffIsAnswered(t *testing.T) {
	// The list of the project's notes on privacy, and what people ask besides.
	must := map[string][]string{
		"fr": {"Qu'est-ce qui est lu", "Mon supérieur", "La finalité peut-elle changer", "Qui a accès", "si je refuse", "Combien de temps", "Où est-ce hébergé", "en veille pendant que je travaille", "l'économie est-elle mesurée", "comment s'arrête-t-il", "à quelle heure j'arrive", "l'heure de l'envoi", "télétravail", "coûte le programme", "calendrier bien choisi"},
		"en": {"What is read", "my manager", "purpose change", "Who has access", "if I refuse", "How long are", "Where is it hosted", "go to sleep while I work", "savings measured", "how does it end", "when I arrive", "hour of the upload", "work from home", "program itself cost", "well-chosen calendar"},
	}
	for _, d := range documents(t, known()) {
		if d.Name[3] != '3' {
			continue
		}
		for _, question := range must[d.Name[:2]] {
			if !regexp.MustCompile(`(?m)^\*\*[^*]*` + regexp.QuoteMeta(question) + `[^*]*\?\*\*\n[^*\n]`).MatchString(d.Text) {
				t.Errorf("%s does not answer %q", d.Name, question)
			}
		}
	}
}

func TestAFileThatWasEditedIsNotReplacedUnlessForced(t *testing.T) {
	dir := t.TempDir()
	first, err := dossier.Write(dir, empty(), false)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := dossier.Write(dir, known(), false); err != nil || len(again) != len(first) {
		t.Fatalf("files that nobody touched: %v", err)
	}
	name := filepath.Join(dir, "fr", "1-fiche-de-registre.md")
	text, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(text), "Région Démonstration") {
		t.Fatalf("%v\n%s", err, text)
	}
	edited := strings.Replace(string(text), "Région Démonstration", "Région Autre", 1)
	if err := os.WriteFile(name, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "en", "4-notices.md"), []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "en", "1-register-entry.md")
	before, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	_, err = dossier.Write(dir, empty(), false)
	found, ok := errors.AsType[dossier.EditedError](err)
	if !ok || !slices.Equal(found.Files, []string{"fr/1-fiche-de-registre.md", "en/4-notices.md"}) {
		t.Errorf("got %v", err)
	}
	if after, err := os.ReadFile(other); err != nil || string(after) != string(before) {
		t.Errorf("another file was written all the same (%v)", err)
	}
	if _, err := dossier.Write(dir, empty(), true); err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(name); err != nil || strings.Contains(string(text), "Région Autre") {
		t.Errorf("forced, and not replaced (%v)", err)
	}
}

func TestAFileThatWindowsSavedAgainIsNotEdited(t *testing.T) {
	dir := t.TempDir()
	if _, err := dossier.Write(dir, empty(), false); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "en", "0-read-me.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(text), "\n", "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dossier.Write(dir, empty(), false); err != nil {
		t.Error(err)
	}
}

func TestANoticeThatIsMissingIsAnErrorAndNothingIsWritten(t *testing.T) {
	f, dir := known(), t.TempDir()
	delete(f.Notices, "en/pupils")
	if _, err := dossier.Write(dir, f, false); err == nil || !strings.Contains(err.Error(), "en/pupils") {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestAFolderThatCannotBeMadeIsAnErrorThatNamesIt(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dossier.Write(name, known(), false); err == nil || !strings.Contains(err.Error(), name) {
		t.Errorf("got %v", err)
	}
}
