package label_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/label"
)

func TestTheCatalogueNamesEachLineOnceInBothLanguages(t *testing.T) {
	all, err := label.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`^[A-Z]\d{1,2}[a-z]?(\.[a-z_]+)?$`)
	var quantities []string
	for _, q := range collector.Quantities() {
		quantities = append(quantities, q.Name)
	}
	seen := map[string]bool{}
	for _, i := range all {
		if !id.MatchString(i.ID) || seen[i.ID] {
			t.Errorf("the id %q is not like U1 or L1.age, or is there twice", i.ID)
		}
		seen[i.ID] = true
		if i.Decimals < 0 || i.Decimals > 6 || i.Better != "up" && i.Better != "down" && i.Better != "" {
			t.Errorf("%s has %d decimals and is better when %q", i.ID, i.Decimals, i.Better)
		}
		for _, w := range []label.Words{i.Title, i.Formula} {
			checkWords(t, i.ID, w)
		}
		for _, name := range i.Quantities {
			if !slices.Contains(quantities, name) {
				t.Errorf("%s names the quantity %q, which is none", i.ID, name)
			}
		}
	}
}

// checkWords complains of a text that is missing, or whose French typography is wrong.
func checkWords(t *testing.T, where string, w label.Words) {
	t.Helper()
	if strings.TrimSpace(w.FR) == "" || strings.TrimSpace(w.EN) == "" {
		t.Errorf("%s: a text is missing: %q, %q", where, w.FR, w.EN)
	}
	if bad := regexp.MustCompile(`[ \x{a0}][:;?!»%]|«[ \x{a0}]|'|[^\x{202f}“”]»`).FindString(w.FR); bad != "" {
		t.Errorf("%s: %q in %q: French has a narrow space there, or another apostrophe", where, bad, w.FR)
	}
}

func TestEachQuantityOfACatalogueLineIsUsedByNoOtherNameThanItsOwn(t *testing.T) {
	all, err := label.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, i := range all {
		for _, name := range i.Quantities {
			used[name] = true
		}
	}
	for _, q := range collector.Quantities() {
		if !used[q.Name] && q.Name != "area" {
			t.Errorf("nothing is reckoned from %q: why ask for it?", q.Name)
		}
		if w := label.QuantityWords(q.Name); w.FR == q.Name || w.FR == "" || w.EN == "" {
			t.Errorf("the quantity %q has no words: %v", q.Name, w)
		} else {
			checkWords(t, q.Name, w)
		}
	}
}

func TestTheStepsAndDevicesHaveWords(t *testing.T) {
	for _, k := range collector.StepKinds() {
		if w := label.StepWords(k); w.EN == k && k != "audit" || w.FR == "" {
			t.Errorf("the step %q has no words: %v", k, w)
		}
	}
	for _, d := range collector.Devices() {
		if w := label.DeviceWords(d); w.EN == d || w.FR == "" {
			t.Errorf("the class %q has no words: %v", d, w)
		}
	}
	if w := label.DeviceWords("lamp"); w.FR != "lamp" {
		t.Errorf("an unknown class is called %v", w)
	}
}

func shipped(t *testing.T) map[string]label.Template {
	t.Helper()
	texts, err := label.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]label.Template{}
	for id, text := range texts {
		x, err := label.ReadTemplate(text)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if x.ID != id {
			t.Errorf("the file %s has the id %s", id, x.ID)
		}
		all[id] = x
	}
	return all
}

func TestTheShippedTemplatesAreFourAndCanBeRead(t *testing.T) {
	all := shipped(t)
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, []string{"lnr-2019", "lnr-2022", "rcp-si", "reen"}) {
		t.Fatalf("shipped are %v", got)
	}
	for id, themes := range map[string]int{"lnr-2019": 5, "lnr-2022": 5, "reen": 6} {
		if n := len(all[id].Themes); n != themes {
			t.Errorf("%s has %d themes, not %d", id, n, themes)
		}
	}
	for id, x := range all {
		checkWords(t, id, x.Title)
		checkWords(t, id, x.Source)
		for _, theme := range x.Themes {
			checkWords(t, id, theme.Title)
			for _, item := range theme.Items {
				for _, w := range slices.Concat([]label.Words{item.Title}, item.Points, item.Evidence) {
					checkWords(t, id+" "+item.ID, w)
				}
			}
		}
	}
}

func TestTheFrameworkOf2019HasFourteenPrinciplesAndSevenDemands(t *testing.T) {
	var items []string
	demands := map[string]int{}
	for _, theme := range shipped(t)["lnr-2019"].Themes {
		for _, item := range theme.Items {
			items = append(items, item.ID)
			for _, p := range item.Points {
				if n, ok := strings.CutPrefix(p.EN, "Demand "); ok {
					demands[n[:1]]++
				}
			}
		}
	}
	want := []string{"PA1", "PA2", "PA3", "PA4", "PA5", "PA6", "PA7", "PA8", "PA9", "PA10", "PA11", "PA12", "PA13", "PA14"}
	if !slices.Equal(items, want) {
		t.Errorf("its principles are %v", items)
	}
	for n := range strings.SplitSeq("1234567", "") {
		if demands[n] != 1 {
			t.Errorf("demand %s of 7 is there %d times", n, demands[n])
		}
	}
}

func TestTheAnnexHasSixteenPointsOfWhichFiveAreFilledIn(t *testing.T) {
	themes := shipped(t)["rcp-si"].Themes
	list := themes[len(themes)-1]
	filled := 0
	for _, item := range list.Items {
		if strings.HasPrefix(item.Points[0].EN, "Filled in") {
			filled++
		}
	}
	if len(list.Items) != 16 || filled != 5 {
		t.Errorf("it has %d points, of which %d are filled in", len(list.Items), filled)
	}
}

func TestEachLineOfTheCatalogueStandsInATemplateOfTheLabel(t *testing.T) {
	all, err := label.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"lnr-2019", "lnr-2022"} {
		named := map[string]bool{}
		for _, theme := range shipped(t)[id].Themes {
			for _, item := range theme.Items {
				for _, line := range item.Indicators {
					named[line] = true
				}
			}
		}
		for _, i := range all {
			if !named[i.ID] {
				t.Errorf("%s does not name %s", id, i.ID)
			}
		}
	}
}

const small = `id: own
version: 1
title: {fr: "Titre", en: Title}
source: {fr: Nous}
themes:
  - id: T1
    title: {fr: Un}
    items:
      - id: T1.1
        title: {fr: Point}
        indicators: [U1, L1.age]
`

func TestAnOwnTemplateMayHaveOneLanguage(t *testing.T) {
	x, err := label.ReadTemplate([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if x.Source.EN != "Nous" || x.Version != "1" || x.Themes[0].Items[0].Indicators[1] != "L1.age" {
		t.Errorf("read %+v", x)
	}
}

func TestATemplateThatCannotBeUsedSaysWhy(t *testing.T) {
	tests := []struct{ name, old, put, want string }{
		{"unknown indicator", "[U1, L1.age]", "[u1]", "nearest is U1"},
		{"unknown indicator, far", "[U1, L1.age]", "[L1.agee]", "nearest is L1.age"},
		{"same indicator twice", "[U1, L1.age]", "[U1, U1]", "U1 twice"},
		{"unknown field", "version: 1", "version: 1\ncolour: red", "colour is not known here"},
		{"field twice", "version: 1", "version: 1\nversion: 2", "version"},
		{"same id twice", "id: T1.1", "id: T1", "there twice"},
		{"id of a line", "id: T1.1", "id: U1", "that of an indicator"},
		{"id of no kind", "id: T1.1", "id: 1 2", "is not named like"},
		{"template id", "id: own", "id: Own One", "not named like lnr-2022"},
		{"version", "version: 1", `version: ""`, "version"},
		{"no title", `{fr: "Titre", en: Title}`, "{}", "the title is missing"},
		{"line break", "{fr: Point}", `{fr: "a\nb"}`, "line break"},
		{"mark of direction", "{fr: Point}", `{fr: "a\u202Eb"}`, "invisible mark"},
		{"a list for a text", "{fr: Point}", `[a]`, "cannot unmarshal"},
		{"trailing", "[U1, L1.age]\n", "[U1]\n---\nid: more\n", "follows behind"},
		{"no items", "    items:\n      - id: T1.1\n        title: {fr: Point}\n        indicators: [U1, L1.age]\n", "", "no items"},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			text := strings.Replace(small, x.old, x.put, 1)
			if text == small {
				t.Fatalf("%q is not in the template", x.old)
			}
			_, err := label.ReadTemplate([]byte(text))
			if _, ok := errors.AsType[label.TemplateError](err); !ok || !strings.Contains(err.Error(), x.want) {
				t.Errorf("it says %v, not %q", err, x.want)
			}
		})
	}
	var many strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&many, "f%d: 1\n", i)
	}
	for _, text := range []string{"", "[]", many.String(), "id: &a x\nversion: *a", "- a", "\xff", strings.Repeat("#", collector.MaxTemplate+1), "id: &a [*a]"} {
		_, err := label.ReadTemplate([]byte(text))
		if _, ok := errors.AsType[label.TemplateError](err); !ok {
			t.Errorf("%.20q is read: %v", text, err)
		}
	}
}

func TestAnErrorOfATemplateListsTwentyProblems(t *testing.T) {
	text := label.TemplateError{Problems: slices.Repeat([]string{"x"}, 25)}.Error()
	if strings.Count(text, "x") != 20 || !strings.HasSuffix(text, "and 5 more") {
		t.Error(text)
	}
}

func TestALineIsKnownByItsID(t *testing.T) {
	for id, want := range map[string]bool{"U1": true, "F3.adpe": true, "u1": false, "": false, "W9": false} {
		if label.Known(id) != want {
			t.Errorf("%q is known: %v", id, !want)
		}
	}
}

func FuzzATemplateIsReadOrRefused(f *testing.F) {
	f.Add([]byte(small))
	texts, _ := label.Shipped()
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		x, err := label.ReadTemplate(text)
		if err == nil {
			if len(x.Themes) == 0 || x.ID == "" || x.Title.FR == "" || x.Title.EN == "" {
				t.Errorf("it was read without what it must have: %+v", x)
			}
			return
		}
		if _, ok := errors.AsType[label.TemplateError](err); !ok {
			t.Errorf("it is refused by %T: %v", err, err)
		}
	})
}
