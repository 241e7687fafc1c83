package static

import "testing"

func TestTheImageForThisWindowIsChosen(t *testing.T) {
	for _, tt := range []struct{ name, srcset, sizes, src, want string }{
		{"no srcset", "", "", "a", "a"},
		{"nothing at all", "", "", "", ""},
		{"density 1 is the source's", "b 2x", "", "a", "a"},
		{"a density of one is written without descriptor", "a, b 2x", "", "c", "a"},
		{"the first dense enough", "a 0.5x, b 1.5x, c 3x", "", "", "b"},
		{"the densest when none is", "a 0.25x, b 0.5x", "", "", "b"},
		{"widths for the whole window", "a 640w, b 1280w, c 2560w", "", "s", "b"},
		{"widths for a slot", "a 400w, b 800w, c 1600w", "(max-width: 600px) 100vw, 600px", "s", "b"},
		{"widths never use the source", "a 100w", "", "s", "a"},
		{"the first condition that holds", "a 300w, b 700w", "(min-width: 1000px) 25vw, 50vw", "", "b"},
		{"calc in sizes", "a 300w, b 700w, c 900w", "calc((100vw - 80px) / 2)", "", "b"},
		{"auto is taken as the window", "a 300w, b 1300w", "auto, 100px", "", "a"},
		{"commas inside an address", "data:image/png;base64,AA 2x, /a,b.png 1x", "", "", "/a,b.png"},
		{"a comma ends an address", "a, b 2x", "", "", "a"},
		{"spaces and lines", "\n  a   1x ,\n  b 2x\n", "", "", "a"},
		{"a descriptor that is none", "a 1y, b 1x", "", "", "b"},
		{"a height is allowed beside a width", "a 1280w 720h", "", "", "a"},
		{"a negative density", "a -1x, b 1x", "", "", "b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := choose(tt.srcset, tt.sizes, tt.src); got != tt.want {
				t.Errorf("choose(%q, %q, %q) = %q; want %q", tt.srcset, tt.sizes, tt.src, got, tt.want)
			}
		})
	}
}

func TestLengthsAreComputedInPixels(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"600px", 600, true},
		{"50vw", 640, true},
		{"2em", 32, true},
		{"0", 0, true},
		{"calc(100vw - 2 * 40px)", 1200, true},
		{"calc((100vw - 80px)/2)", 600, true},
		{"min(100vw, 900px)", 900, true},
		{"max(10px, 1in)", 96, true},
		{"clamp(100px, 50vw, 300px)", 300, true},
		{"calc(10px + -5px)", 5, true},
		{"", 0, false},
		{"auto", 0, false},
		{"calc(", 0, false},
		{"calc(1px", 0, false},
		{"1px 2px", 0, false},
		{"calc(1px / 0)", 0, false},
		{"clamp(1px,2px)", 0, false},
		{"sin(1)", 0, false},
		{"12parsecs", 0, false},
	} {
		if got, ok := length(tt.text); ok != tt.ok || (ok && got != tt.want) {
			t.Errorf("length(%q) = %v, %t; want %v, %t", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestMediaAreThoseOfTheReferenceBrowser(t *testing.T) {
	for query, want := range map[string]bool{
		"":                                    true,
		"all":                                 true,
		"screen":                              true,
		"only screen":                         true,
		"print":                               false,
		"not print":                           true,
		"print, screen":                       true,
		"(min-width: 1280px)":                 true,
		"(min-width:1281px)":                  false,
		"(max-width: 80em)":                   true,
		"screen and (max-width:600px)":        false,
		"(width >= 600px)":                    true,
		"(400px<=width<=900px)":               false,
		"(orientation: portrait)":             false,
		"(prefers-color-scheme: dark)":        false,
		"(prefers-reduced-motion)":            true,
		"(prefers-reduced-motion: reduce)":    false,
		"(-webkit-min-device-pixel-ratio: 2)": false,
		"(min-resolution: 192dpi), (min-width:1px)": true,
		"(min-aspect-ratio: 16/9)":                  true,
		"(hover: hover) and (pointer: fine)":        true,
		"(something: new)":                          true,
		"((a) or (b))":                              true,
	} {
		if got := mediaMatches(query); got != want {
			t.Errorf("mediaMatches(%q) = %t; want %t", query, got, want)
		}
	}
}
