package practice

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/practices.md is the list of the checks themselves. UPDATE_GOLDEN=1 writes it.
func TestThePageOfThePracticesListsThemAll(t *testing.T) {
	const name = "../../docs/practices.md"
	var b strings.Builder
	b.WriteString("# What is looked for on each page · Ce qui est cherché sur chaque page\n\n")
	b.WriteString("Numbers are those of the RWEB referential, 5th edition, and of the RGESN 2024; the words are ours. A threshold of 0 means that there should be none. ")
	b.WriteString("This file is written by `UPDATE_GOLDEN=1 go test ./ecoindex/practice -run Practices`.\n\n")
	const head = "| `id` | English | Français | at most | RWEB | RGESN |\n|---|---|---|--:|---|---|\n"
	row := func(id string, title, advice Words, most float64, unit string, rweb, rgesn []string) {
		fmt.Fprintf(&b, "| <a id=\"%s\"></a>`%s` | **%s.** %s | **%s.** %s | %s | %s | %s |\n", id, id, title.EN, advice.EN, title.FR, advice.FR,
			strings.TrimSpace(fmt.Sprintf("%g %s", most, unit)), strings.Join(rweb, ", "), strings.Join(rgesn, ", "))
	}
	fmt.Fprintf(&b, "%d practices.\n\n%s", len(Checks()), head)
	for _, c := range Checks() {
		row(c.ID, c.Title, c.Advice, c.Most, c.Unit, c.RWEB, c.RGESN)
	}
	fmt.Fprintf(&b, "\n## The site as a whole · Le site entier\n\n%d rules.\n\n%s", len(SiteChecks()), head)
	for _, c := range SiteChecks() {
		row(c.ID, c.Title, c.Advice, c.Most, c.Unit, c.RWEB, c.RGESN)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil || string(text) != b.String() {
		t.Errorf("%s does not list the checks as they are (%v); write it anew with UPDATE_GOLDEN=1", name, err)
	}
}
