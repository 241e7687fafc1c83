package browser

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/ecoindex"
)

func TestEachProtocolIsFoundByItsNameAndTheFirstWithoutOne(t *testing.T) {
	for _, p := range Protocols() {
		if got, err := ParseProtocol(p.Name); err != nil || got != p {
			t.Errorf("%s is %+v, %v; want %+v", p.Name, got, err, p)
		}
	}
	if got, err := ParseProtocol(""); err != nil || got.Name != "ecoindex-2026" {
		t.Errorf("no name is %s, %v; want ecoindex-2026", got.Name, err)
	}
	for _, name := range []string{"fast", "Adaptive", " adaptive", "ecoindex", "ecoindex-2026 "} {
		want := `is not a protocol; give one of ecoindex-2026, adaptive, published, lighthouse`
		if got, err := ParseProtocol(name); err == nil || !strings.HasSuffix(err.Error(), want) || !strings.HasPrefix(err.Error(), `"`+name+`"`) || got != (Protocol{}) {
			t.Errorf("%q is %+v, %v; want none, and %q", name, got, err, want)
		}
	}
}

func TestProtocolsHaveNamesOfTheirOwnAndASentenceEach(t *testing.T) {
	seen := map[string]bool{}
	sentence := regexp.MustCompile(`^[a-z][^\n]*[^.!?\s]$`) // help puts it after the name, without a full stop
	for _, p := range Protocols() {
		if seen[p.Name] || !regexp.MustCompile(`^[a-z][a-z0-9-]*$`).MatchString(p.Name) {
			t.Errorf("the name %q is taken, or cannot be written on a command line", p.Name)
		}
		seen[p.Name] = true
		if !sentence.MatchString(p.About) || regexp.MustCompile(`[.!?] `).MatchString(p.About) || seen[p.About] {
			t.Errorf("%s is about %q; want one sentence of its own", p.Name, p.About)
		}
		seen[p.About] = true
		if p.width <= 0 || p.height <= 0 || p.wait != 3*time.Second || p.rule.elements == "" {
			t.Errorf("%s cannot be followed: %+v", p.Name, p)
		}
		if want := p.Name == "lighthouse"; (p.Basis == ecoindex.FromRaw) != want {
			t.Errorf("%s has the basis %v; only lighthouse grades the raw score", p.Name, p.Basis)
		}
	}
}

func TestTheAdaptiveProtocolCountsAsTheReferenceDoes(t *testing.T) {
	reference, adaptive := Protocols()[0], Protocols()[1]
	adaptive.Name, adaptive.About, adaptive.adaptive = reference.Name, reference.About, false
	if adaptive != reference {
		t.Errorf("but for its waits it is %+v; want %+v", adaptive, reference)
	}
}
