package about_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/dashboards/about"
	"veille/dashboards/frame"
)

// ledger is who answers for the pages.
type ledger struct {
	all    []collector.Responsible
	broken error
}

func (l ledger) Organisations(context.Context) ([]collector.Responsible, error) {
	return l.all, l.broken
}

func region(contact string) ledger {
	return ledger{all: []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "Région Démonstration"}, Contact: contact, DPO: "Jeanne Payet"}}}
}

// get asks for a page as a stranger.
func get(t *testing.T, l ledger, address string) *httptest.ResponseRecorder {
	t.Helper()
	f, err := frame.New(slog.New(slog.DiscardHandler), about.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	f.StyleRoutes(mux)
	f.Mount(mux, about.New(l).Routes()...)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
	return w
}

func page(t *testing.T, l ledger, address string) *goquery.Document {
	t.Helper()
	w := get(t, l, address)
	if w.Code != http.StatusOK {
		t.Fatalf("%s answers %d", address, w.Code)
	}
	if strings.Contains(w.Body.String(), "[about.") || strings.Contains(w.Body.String(), "%!") {
		t.Errorf("%s lacks words", address)
	}
	if w.Body.Len() > 100_000 {
		t.Errorf("%s has %d bytes", address, w.Body.Len())
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// ids are the ids of a page in their order, but those of the frame.
func ids(doc *goquery.Document) (all []string) {
	doc.Find("main [id]").Each(func(_ int, s *goquery.Selection) { all = append(all, s.AttrOr("id", "")) })
	return all
}

func addresses() []string { return []string{"/method", "/data", "/accessibility", "/eco-design"} }

func TestEachPageIsForStrangersInBothLanguagesAndSmall(t *testing.T) {
	for _, address := range addresses() {
		en, fr := page(t, region("contact@example.org"), address+"?lang=en"), page(t, region("contact@example.org"), address+"?lang=fr")
		for _, doc := range []*goquery.Document{en, fr} {
			if n := doc.Find("*").Length(); n > 600 {
				t.Errorf("%s has %d elements", address, n)
			}
			if n := doc.Find("h1").Length(); n != 1 {
				t.Errorf("%s has %d h1", address, n)
			}
			level := 1
			doc.Find("h1, h2, h3, h4").Each(func(_ int, s *goquery.Selection) {
				next := int(goquery.NodeName(s)[1] - '0')
				if next > level+1 {
					t.Errorf("%s: %q comes after a heading of level %d", address, s.Text(), level)
				}
				level = next
			})
			doc.Find("a[href^='#']").Each(func(_ int, s *goquery.Selection) {
				if doc.Find(s.AttrOr("href", "")).Length() != 1 {
					t.Errorf("%s: nothing is at %s", address, s.AttrOr("href", ""))
				}
			})
		}
		for _, what := range []string{"h2", "h3", "p", "li", "dt", "dd", "table", "tr"} {
			if a, b := en.Find("main "+what).Length(), fr.Find("main "+what).Length(); a != b {
				t.Errorf("%s: %d of %s in English and %d in French", address, a, what, b)
			}
		}
		if !slices.Equal(ids(en), ids(fr)) {
			t.Errorf("%s has %v in English and %v in French", address, ids(en), ids(fr))
		}
	}
}

func TestFrenchHasItsOwnSpacesAndApostrophes(t *testing.T) {
	wrong := regexp.MustCompile(`.{0,15}(?:[^\s\x{202f}/p]:\s|[^\x{202f}];\s|\w'\w|« | »| [;?!])`)
	for _, address := range addresses() {
		text := page(t, region("contact@example.org"), address+"?lang=fr").Find("main").Text()
		if found := wrong.FindString(text); found != "" {
			t.Errorf("%s: %q", address, found)
		}
	}
}

// anchors are the parts of the method page that pages lead to, whether they do so in a template or in a figure made at run time.
func anchors(t *testing.T) []string {
	t.Helper()
	all := []string{
		"energy", "outside", "money", "carbon", "levers", "effect", "target", "equipment", "privacy", "hours", "website",
		"states", "ecoindex", "site", "practices", "machines", "compare", "coverage", "read", "label",
	}
	named := regexp.MustCompile(`(?:/method[^#"]*#|How:\s*"|\.How\s*=\s*")([a-z]+)`)
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"../templates/*.html", "../*/templates/*.html"} {
		more, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	found := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			all, found = append(all, m[1]), found+1
		}
	}
	if found < 5 {
		t.Errorf("only %d links to the method page were found: the test looks in the wrong place", found)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestEachFigureLeadsToItsMethod(t *testing.T) {
	for _, lang := range []string{"en", "fr"} {
		doc := page(t, ledger{}, "/method?lang="+lang)
		for _, a := range anchors(t) {
			if doc.Find("[id='"+a+"']").Length() != 1 {
				t.Errorf("the method page in %s has no part %q", lang, a)
			}
		}
	}
}

func TestThePartOnLinesOfReportsNamesEachStateAndQualityAsReportsDo(t *testing.T) {
	for _, lang := range []string{"en", "fr"} {
		file, err := os.ReadFile(filepath.Join("..", "reports", "words", lang+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var words map[string]string
		if err := json.Unmarshal(file, &words); err != nil {
			t.Fatal(err)
		}
		part := page(t, ledger{}, "/method?lang="+lang).Find("#label").NextUntil("h2").Text()
		said := 0
		for key, word := range words {
			if !strings.HasPrefix(key, "reports.status.") && !strings.HasPrefix(key, "reports.quality.") {
				continue
			}
			said++
			if !strings.Contains(strings.ToLower(part), strings.ToLower(word)) {
				t.Errorf("the method page in %s does not say what %q means", lang, word)
			}
		}
		if said < 8 {
			t.Errorf("only %d states and qualities were found in the words of reports in %s: the test looks in the wrong place", said, lang)
		}
	}
}

func TestWhoAnswersIsSaidWhereThereIsOneOnly(t *testing.T) {
	two := region("contact@example.org")
	two.all = append(two.all, collector.Responsible{Organisation: collector.Organisation{ID: 2, Name: "Hôtel de ville"}, Contact: "ville@example.org"})
	for _, address := range []string{"/data", "/accessibility"} {
		for _, tt := range []struct {
			name   string
			ledger ledger
			want   bool
		}{{"one", region("contact@example.org"), true}, {"two", two, false}, {"none", ledger{}, false}, {"one without an address", region(""), false}} {
			text := page(t, tt.ledger, address+"?lang=en").Text()
			if got := strings.Contains(text, "contact@example.org"); got != tt.want || strings.Contains(text, "Hôtel de ville") {
				t.Errorf("%s with %s: the address is shown: %t", address, tt.name, got)
			}
			if strings.Contains(text, "Jeanne Payet") {
				t.Errorf("%s names a person to strangers", address)
			}
			if got := strings.Contains(text, "has not entered an address"); got == tt.want {
				t.Errorf("%s with %s: that there is none is said: %t", address, tt.name, got)
			}
		}
	}
}

func TestALedgerThatFailsIsTold(t *testing.T) {
	if w := get(t, ledger{broken: errors.New("broken")}, "/data"); w.Code != http.StatusInternalServerError {
		t.Errorf("answered %d", w.Code)
	}
}
