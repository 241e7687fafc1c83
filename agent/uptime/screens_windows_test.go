package uptime_test

import (
	"slices"
	"testing"

	"veille/agent/uptime"
)

func TestWindowsScreensAreOfKnownSizes(t *testing.T) {
	for _, panel := range []uptime.Panel{uptime.NoPanel, uptime.NotebookPanel, uptime.AllInOnePanel} {
		screens := uptime.ReadScreens(nil, panel)
		t.Logf("panel %d: %+v", panel, screens)
		internal := 0
		for _, s := range screens {
			if !slices.Contains([]string{"", "<23", "23-24", "25-27", "28-32", ">32"}, s.Size) || s.Internal && s.Size != "" {
				t.Errorf("a screen is %+v", s)
			}
			if s.Internal {
				internal++
			}
		}
		if internal > 1 || panel == uptime.NoPanel && internal > 0 {
			t.Errorf("panel %d: %d screens are built in", panel, internal)
		}
	}
}
