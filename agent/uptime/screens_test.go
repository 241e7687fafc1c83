package uptime_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"veille/agent/uptime"
)

// edid is a base block of a screen of so many centimetres, with a right checksum.
func edid(width, height byte) []byte {
	b := make([]byte, 128)
	copy(b, []byte{0, 255, 255, 255, 255, 255, 255, 0, 0x10, 0xac, 1, 2, 3, 4, 5, 6})
	b[21], b[22] = width, height
	for _, x := range b[:127] {
		b[127] -= x
	}
	return b
}

func screen(name string, edid []byte) fstest.MapFS {
	sys := drm(map[string]connector{name: {"connected", "disabled", "Off"}})
	sys["class/drm/"+name+"/edid"] = &fstest.MapFile{Data: edid}
	return sys
}

func TestTheSizeOfAScreenIsARange(t *testing.T) {
	damaged, headless := edid(60, 34), edid(60, 34)
	damaged[21]++
	headless[0], headless[127] = 1, headless[127]-1
	for _, tt := range []struct {
		name string
		edid []byte
		want string
	}{
		{"19 inches, 5:4", edid(38, 30), "<23"},
		{"21.5 inches", edid(48, 27), "<23"},
		{"23 inches", edid(51, 29), "23-24"},
		{"23.8 inches", edid(53, 30), "23-24"},
		{"24.5 inches", edid(54, 30), "23-24"},
		{"25 inches", edid(55, 31), "25-27"},
		{"27 inches", edid(60, 34), "25-27"},
		{"28 inches", edid(62, 34), "28-32"},
		{"32 inches", edid(71, 40), "28-32"},
		{"34 inches, 21:9", edid(80, 33), ">32"},
		{"a portrait screen", edid(30, 53), "23-24"},
		{"the biggest", edid(255, 255), ">32"},
		{"a block with its extensions", append(edid(60, 34), make([]byte, 128)...), "25-27"},
		{"a projector has no size", edid(0, 0), ""},
		{"proportions alone are no size", edid(79, 0), ""},
		{"proportions in centimetres are no size", edid(16, 9), ""},
		{"proportions in millimetres are no size", edid(160, 90), ""},
		{"a wrong checksum", damaged, ""},
		{"a wrong header", headless, ""},
		{"a short block", edid(60, 34)[:127], ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, want := uptime.Screens(screen("card0-DP-1", tt.edid)), []uptime.Screen{{Size: tt.want}}
			if !slices.Equal(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// The graphics of servers (ast, mgag200) call their connector connected whether a monitor is there or not.
func TestAConnectorThatShowsNothingOfAScreenHasNone(t *testing.T) {
	for name, sys := range map[string]fstest.MapFS{"an empty EDID": screen("card0-VGA-1", nil), "no EDID": drm(map[string]connector{"card0-VGA-1": {"connected", "enabled", "On"}})} {
		if got := uptime.Screens(sys); got != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPanelsAreToldFromExternalScreens(t *testing.T) {
	lit := connector{"connected", "enabled", "On"}
	sys := drm(map[string]connector{
		"card0-DSI-1": lit, "card0-DVI-D-1": lit, "card0-LVDS-1": lit, "card0-eDP-1": lit,
		"card0-DP-1": {"disconnected", "disabled", "Off"}, "card0-Virtual-1": lit, "card0-Writeback-1": lit,
	})
	sys["class/drm/card0-eDP-1/edid"] = &fstest.MapFile{Data: edid(31, 17)}
	got := uptime.Screens(sys)
	want := []uptime.Screen{{Internal: true}, {Internal: true}, {Internal: true}} // DVI-D shows nothing of a screen
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := uptime.Screens(nil); got != nil {
		t.Errorf("without a sysfs: %+v", got)
	}
}

func TestThePanelIsTheSmallestScreenThatANotebookCanHave(t *testing.T) {
	panel, wide, office, damaged := edid(31, 17), edid(60, 34), edid(53, 30), edid(31, 17)
	damaged[127]++
	internal := uptime.Screen{Internal: true}
	for _, tt := range []struct {
		name  string
		edids [][]byte
		panel uptime.Panel
		want  []uptime.Screen
	}{
		{"no screen", nil, uptime.NotebookPanel, nil},
		{"a tower's", [][]byte{panel, wide}, uptime.NoPanel, []uptime.Screen{{Size: "<23"}, {Size: "25-27"}}},
		{"an open notebook's", [][]byte{wide, panel}, uptime.NotebookPanel, []uptime.Screen{{Size: "25-27"}, internal}},
		{"a closed notebook's", [][]byte{wide, office}, uptime.NotebookPanel, []uptime.Screen{{Size: "25-27"}, {Size: "23-24"}}},
		{"a panel that says nothing", [][]byte{wide, nil}, uptime.NotebookPanel, []uptime.Screen{{Size: "25-27"}}},
		{"a panel behind one that says nothing", [][]byte{nil, wide, panel}, uptime.NotebookPanel, []uptime.Screen{{Size: "25-27"}, internal}},
		{"a panel whose word is damaged", [][]byte{damaged, wide}, uptime.NotebookPanel, []uptime.Screen{{}, {Size: "25-27"}}},
		{"the biggest notebook's, 18.4 inches", [][]byte{edid(41, 23)}, uptime.NotebookPanel, []uptime.Screen{internal}},
		{"an all-in-one's", [][]byte{wide, office}, uptime.AllInOnePanel, []uptime.Screen{{Size: "25-27"}, internal}},
		{"two of one size", [][]byte{office, office}, uptime.AllInOnePanel, []uptime.Screen{internal, {Size: "23-24"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := uptime.ScreensOf(tt.edids, tt.panel); !slices.Equal(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestNotebooksAndAllInOnesHaveAPanel(t *testing.T) {
	for class, want := range map[string]uptime.Panel{
		"notebook": uptime.NotebookPanel, "all-in-one": uptime.AllInOnePanel, "desktop": uptime.NoPanel, "unknown": uptime.NoPanel, "": uptime.NoPanel,
	} {
		if got := uptime.PanelOf(class); got != want {
			t.Errorf("class %q: panel %d, want %d", class, got, want)
		}
	}
}

func FuzzScreensOf(f *testing.F) {
	f.Add(edid(60, 34), edid(31, 17), uint8(1))
	f.Add([]byte{0, 255}, edid(0, 30), uint8(2))
	f.Fuzz(func(t *testing.T, a, b []byte, panel uint8) {
		screens, internal := uptime.ScreensOf([][]byte{a, b}, uptime.Panel(panel%3)), 0
		for _, s := range screens {
			if s.Internal {
				internal++
			}
		}
		if len(screens) != 2 || internal > 1 || internal == 1 && panel%3 == 0 {
			t.Errorf("two screens and panel %d gave %+v", panel%3, screens)
		}
	})
}

func FuzzScreens(f *testing.F) {
	f.Add("card0-DP-1", edid(60, 34))
	f.Add("card0-eDP-1", edid(31, 17))
	f.Add("card0-", []byte{0, 255})
	f.Fuzz(func(t *testing.T, name string, edid []byte) {
		for _, s := range uptime.Screens(screen(name, edid)) {
			if !slices.Contains([]string{"", "<23", "23-24", "25-27", "28-32", ">32"}, s.Size) || s.Internal && s.Size != "" {
				t.Errorf("%q gave %+v", name, s)
			}
		}
	})
}
