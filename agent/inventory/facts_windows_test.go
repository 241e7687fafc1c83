package inventory_test

import (
	"strings"
	"testing"

	"veille/agent/inventory"
)

func TestWindowsSaysWhatItIs(t *testing.T) {
	facts, err := inventory.ReadFacts()
	t.Logf("%+v, %v", facts, err)
	m := inventory.Look(inventory.Sources{Facts: facts})
	t.Logf("%+v", m)
	words(t, m)
	if facts.Processors < 1 || !strings.HasPrefix(m.OSVersion, "windows-") {
		t.Errorf("%d processors, %q", facts.Processors, m.OSVersion)
	}
}
