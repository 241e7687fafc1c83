package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"veille/collector/label"
	"veille/collector/report"
)

func parsed(t testing.TB, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// said is all text below a node.
func said(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

func elements(root *html.Node, names ...string) (all []*html.Node) {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && slices.Contains(names, n.Data) {
			all = append(all, n)
		}
	}
	return all
}

func TestThePageHasItsHeadingsInOrder(t *testing.T) {
	for _, r := range []label.Report{sample(t), {}} {
		root, level := parsed(t, write(t, report.HTML, r, "fr")), 0
		if n := len(elements(root, "h1")); n != 1 {
			t.Errorf("there are %d headings of the first level", n)
		}
		for _, h := range elements(root, "h1", "h2", "h3", "h4", "h5", "h6") {
			if is := int(h.Data[1] - '0'); is > level+1 {
				t.Errorf("%s %q comes after a heading of level %d", h.Data, said(h), level)
			} else {
				level = is
			}
		}
	}
}

func TestThePageNeedsNothingElseAndRunsNothing(t *testing.T) {
	page := write(t, report.HTML, sample(t), "fr")
	root := parsed(t, page)
	for _, n := range elements(root, "script", "link", "img", "iframe", "object", "embed", "base", "form", "video", "audio", "i", "essai") {
		t.Errorf("the page has %s", n.Data)
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://") {
				t.Errorf("a link leads to %q", a.Val)
			}
		}
	}
	style := elements(root, "style")[0].FirstChild.Data
	if regexp.MustCompile(`url\(|@import|</`).MatchString(style) {
		t.Error("the style asks for something")
	}
	hash := sha256.Sum256([]byte(style))
	if policy := attribute(elements(root, "meta")[1], "content"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"'") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy %q is not for the style of the page", policy)
	}
}

func TestEveryLinkAndNameInThePageLeadsSomewhere(t *testing.T) {
	for _, r := range []label.Report{sample(t), {}} {
		root, ids := parsed(t, write(t, report.HTML, r, "en")), map[string]bool{}
		for n := range root.Descendants() {
			if id := attribute(n, "id"); id != "" && ids[id] {
				t.Errorf("%s is there twice", id)
			} else {
				ids[id] = true
			}
		}
		for n := range root.Descendants() {
			if to, inside := strings.CutPrefix(attribute(n, "href"), "#"); inside && !ids[to] {
				t.Errorf("#%s leads nowhere", to)
			}
			if by := attribute(n, "aria-labelledby"); by != "" && !ids[by] {
				t.Errorf("%s is named by %s, which is not there", n.Data, by)
			}
		}
	}
}

func TestEveryTableHasACaptionScopesAndARegionToScroll(t *testing.T) {
	all := elements(parsed(t, write(t, report.HTML, sample(t), "fr")), "table")
	if len(all) < 10 {
		t.Fatalf("there are %d tables", len(all))
	}
	for _, table := range all {
		captions := elements(table, "caption")
		if len(captions) != 1 || said(captions[0]) == "" {
			t.Error("a table has no caption")
			continue
		}
		if box := table.Parent; attribute(box, "role") != "region" || attribute(box, "tabindex") != "0" || attribute(box, "aria-labelledby") != attribute(captions[0], "id") {
			t.Errorf("the table %q is in no region with its name", said(captions[0]))
		}
		for _, th := range elements(table, "th") {
			if attribute(th, "scope") == "" {
				t.Errorf("a header of %q has no scope", said(captions[0]))
			}
		}
	}
	for _, svg := range elements(parsed(t, write(t, report.HTML, sample(t), "fr")), "svg") {
		if attribute(svg, "role") != "img" || len(elements(svg, "title")) != 1 {
			t.Error("a drawing has no name")
		}
	}
}

func TestThePageSaysWhatItMust(t *testing.T) {
	text := said(parsed(t, write(t, report.HTML, sample(t), "fr")))
	for _, part := range []string{
		"SIMULÉ", "1\u202f284\u202f310\u00a0kWh", "entre 1\u202f098\u202f000 et 1\u202f502\u202f251\u00a0kWh", "1\u202f005\u202f615\u00a0kWh", // with its range, and before it was extrapolated
		"44\u202f371\u00a0kWh consommés en plus", "8\u202f874\u00a0€ dépensés en plus", "2\u202f307\u00a0kgCO2e émis en plus", "−44\u202f371", // a saving below zero
		"À compléter\u202f: Le nombre de feuilles n’est pas encore déclaré", "Sans objet\u202f: L’organisation n’a pas de centre de données.",
		"52\u202f%\u202f: non représentatif, non extrapolé", "septembre 2024 à août 2025", "80,0\u202f%, au plus tard en août 2027", "non vérifié",
		"Validé par\u202f: Direction du numérique, le 15\u00a0septembre 2026.", "Cette remarque n’est pas encore validée.", "1er\u00a0mars 2026",
		"veille-collector report verify RAPPORT.json", "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", "<script>alert(1)</script> & \"Mairie\"",
		"haute 4\u202f%, moyenne 71\u202f%, basse 25\u202f%", "3\u202f412 sur 4\u202f100", "moins de cinq machines\u202f: non montré",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the page does not say %q", part)
		}
	}
	if text := said(parsed(t, write(t, report.HTML, sample(t), "en"))); !strings.Contains(text, "1,284,310\u00a0kWh") || !strings.Contains(text, "70.0%") || !strings.Contains(text, "20\u00a0November 2025") {
		t.Error("numbers and dates are not written as in English")
	}
}

func TestALineWithoutAValueIsNeverZero(t *testing.T) {
	r := sample(t)
	for i := range r.Lines {
		l := &r.Lines[i]
		l.Value, l.Low, l.High, l.Previous, l.Target, l.Observed, l.Missing, l.Parts, l.Status = nil, nil, nil, nil, nil, nil, nil, nil, label.ToComplete
	}
	root := parsed(t, write(t, report.HTML, r, "en"))
	n := 0
	for _, div := range elements(root, "div") {
		if attribute(div, "class") != "line" {
			continue
		}
		n++
		if text := said(div); !strings.Contains(text, "To be completed: the reason is not known") {
			t.Errorf("a line without a value says %q", text)
		}
		for _, p := range elements(div, "p") {
			if attribute(p, "class") == "value" {
				t.Errorf("a line without a value has one: %q", said(p))
			}
		}
	}
	if n != len(r.Lines) {
		t.Errorf("%d of %d lines are told", n, len(r.Lines))
	}
}

func TestALineThatSeveralItemsNameIsToldOnce(t *testing.T) {
	root, n := parsed(t, write(t, report.HTML, sample(t), "en")), 0
	for _, h := range elements(root, "h4") {
		if strings.HasPrefix(said(h), "E1 ") {
			n++
		}
	}
	if n != 1 || !strings.Contains(said(root), "See also, above: E1 Electricity of the IT fleet.") {
		t.Errorf("E1 is told %d times", n)
	}
}

func TestASealIsOnThePageOnlyWhereThereIsOne(t *testing.T) {
	r := sample(t)
	r.SHA256, r.Simulated = "", false
	text := said(parsed(t, write(t, report.HTML, r, "en")))
	if !strings.Contains(text, "This report is not frozen") || strings.Contains(text, "SIMULATED") {
		t.Error("a report that is not frozen, of real figures, does not say so")
	}
}

// Whatever somebody has typed in, all formats are written, and it stays a text.
func FuzzTexts(f *testing.F) {
	for _, text := range []string{"", "a", "</style><script>x</script>", "=1+1", "\x00\xff\ufffe", "“]]>”", "\\", "'; } * { display: none", strings.Repeat("é", 400), "a\nb\r\n\tc", "History", "a/b:c*[d]?"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := label.Report{Organisation: text, SIREN: text, Template: text}
		r.Title.FR, r.Title.EN = text, text
		value := -1.5
		line := label.Line{ID: text, Value: &value, Unit: text, Status: text, Methods: []string{text}, Trend: text, Remark: &label.Remark{Text: text, By: text}}
		line.Title.FR, line.Obtained.EN = text, text
		r.Lines, r.Weak = []label.Line{line}, []string{text}
		r.Themes = []label.Theme{{ID: text, Items: []label.Item{{ID: text, Lines: []string{text, "none"}}}}, {ID: text}}
		r.Evidence = []label.Evidence{{Number: 1, Title: text, Where: text}}
		root := parsed(t, write(t, report.HTML, r, "fr"))
		if n := len(elements(root, "script")) + len(elements(root, "style")); n != 1 || len(elements(root, "h1")) != 1 {
			t.Errorf("%q changes the page", text)
		}
		if n := len(read(t, write(t, report.XLSX, r, "en"))); n != 1+2+8 {
			t.Errorf("%q: there are %d sheets", text, n)
		}
		if rows := table(t, write(t, report.CSV, r, "en"), ','); len(rows) != 2 || rows[1][4] != "-1.5" {
			t.Errorf("%q: the table is %q", text, rows)
		}
	})
}
