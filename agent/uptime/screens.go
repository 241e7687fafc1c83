package uptime

import (
	"bytes"
	"io/fs"
	"math"
)

// Screen is a kind of screen connected to the machine: nothing that tells it from another one of its size.
type Screen struct {
	Internal bool   // the panel of a notebook or of an all-in-one, whose energy is part of the machine's
	Size     string // of an external screen, the range of its diagonal in inches; "" when not known
}

// Screens lists the screens connected, in the order of their connectors, lit or not. sys is the root of sysfs. Of what a
// screen says of itself only the two bytes of its size are looked at; its maker, name and serial number are not. A connector
// that is called connected and shows nothing of a screen has none: the graphics of servers are always called so.
func Screens(sys fs.FS) []Screen {
	var screens []Screen
	for _, connector := range connected(sys) {
		switch kindOf(connector) {
		case "eDP", "LVDS", "DSI":
			screens = append(screens, Screen{Internal: true})
			continue
		}
		if edid, err := fs.ReadFile(sys, connector+"/edid"); err == nil && len(edid) > 0 {
			screens = append(screens, Screen{Size: sizeOf(edid)})
		}
	}
	return screens
}

// Panel is the screen that a machine has built in, where the system does not tell it from the others.
type Panel uint8

// The panels.
const (
	NoPanel       Panel = iota // all screens are external
	NotebookPanel              // the smallest screen, unless it is too big for a notebook
	AllInOnePanel              // the smallest screen
)

// PanelOf is the panel of a machine of a class: "notebook", "all-in-one", or one that has none.
func PanelOf(class string) Panel {
	switch class {
	case "notebook":
		return NotebookPanel
	case "all-in-one":
		return AllInOnePanel
	}
	return NoPanel
}

// ScreensOf lists the screens of a system that gives no more of them than their EDIDs, one each; one whose
// EDID is damaged is a screen of which the size is not known, and one without any is none. Of each only the header, the checksum and the two bytes of the size are
// looked at. Which one is the panel is a guess: the smallest that says its size. A notebook used closed may have none.
func ScreensOf(edids [][]byte, panel Panel) []Screen {
	const biggestNotebook = 19 // inches
	own, smallest := -1, math.Inf(1)
	if panel == NotebookPanel {
		smallest = biggestNotebook
	}
	var screens []Screen
	for _, edid := range edids {
		if len(edid) == 0 {
			continue
		}
		s := Screen{Size: sizeOf(edid)}
		if inches := diagonal(edid); s.Size != "" && inches < smallest && panel != NoPanel {
			own, smallest = len(screens), inches
		}
		screens = append(screens, s)
	}
	if own >= 0 {
		screens[own] = Screen{Internal: true}
	}
	return screens
}

// diagonal is that of an EDID whose size is known, in inches.
func diagonal(edid []byte) float64 {
	const width, height, inch = 21, 22, 2.54
	if len(edid) <= height {
		return 0
	}
	return math.Hypot(float64(edid[width]), float64(edid[height])) / inch
}

// sizeOf is the range of the diagonal that an EDID declares (VESA E-EDID A2, bytes 21 and 22: width and height in cm).
func sizeOf(edid []byte) string {
	const block = 128
	if len(edid) < block || !bytes.HasPrefix(edid, []byte{0, 255, 255, 255, 255, 255, 255, 0}) {
		return ""
	}
	var sum byte
	for _, b := range edid[:block] {
		sum += b
	}
	if sum != 0 {
		return ""
	}
	return sizeRange(edid[21], edid[22], diagonal(edid))
}

// sizeRange takes the diagonal to the nearest inch, because whole centimetres move it by a quarter of one: a 32 inch
// screen declares 71 × 40 cm, which is 32.1.
func sizeRange(width, height byte, diagonal float64) string {
	switch [2]byte{width, height} {
	case [2]byte{16, 9}, [2]byte{16, 10}, [2]byte{160, 90}, [2]byte{160, 100}:
		return "" // some televisions and projectors write their proportions here
	}
	if width == 0 || height == 0 {
		return "" // a projector, or, with one of them, proportions
	}
	switch inches := math.Round(diagonal); {
	case inches < 23:
		return "<23"
	case inches < 25:
		return "23-24"
	case inches < 28:
		return "25-27"
	case inches <= 32:
		return "28-32"
	}
	return ">32"
}
