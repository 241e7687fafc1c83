package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"
)

// window is a tab that remembers what its page asks for, and what it complains of.
type window struct {
	*tab
	*ear
}

// event is what a browser tells of itself.
type event struct {
	Method string
	Params struct {
		Request          struct{ URL string }
		Entry            struct{ Level, Text, URL string }
		Type             string
		Args             []struct{ Value any }
		ExceptionDetails struct{ Text string }
	}
}

// ear hears all that a browser says.
type ear struct {
	rest  []byte
	heard []event
}

func (e *ear) Write(p []byte) (int, error) {
	e.rest = append(e.rest, p...)
	for {
		message, rest, whole := bytes.Cut(e.rest, []byte{0})
		if !whole {
			return len(p), nil
		}
		e.rest = rest
		var said event
		if err := json.Unmarshal(message, &said); err == nil && said.Method != "" {
			e.heard = append(e.heard, said)
		}
	}
}

// newWindow starts a browser as newTab does.
func newWindow(t *testing.T) window {
	t.Helper()
	b := window{newTab(t), &ear{}}
	b.reader = bufio.NewReader(io.TeeReader(b.reader, b.ear))
	for _, domain := range []string{"Network", "Log", "Runtime"} {
		b.call(t, domain+".enable", nil, nil)
	}
	b.call(t, "Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}, nil)
	return b
}

// wears sets the width of the window, and whether it is day or night.
func (b window) wears(t *testing.T, width int, scheme string) {
	t.Helper()
	b.call(t, "Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.wide(t, width)
}

func (b window) wide(t *testing.T, width int) {
	t.Helper()
	b.call(t, "Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// isPlain fails where the page that was opened has asked much, or others, or complains. What was heard before is forgotten.
func (b window) isPlain(t *testing.T, at string) {
	t.Helper()
	here, elements := eval[string](t, b.tab, "location.origin"), eval[int](t, b.tab, "document.querySelectorAll('*').length")
	if elements > 600 || elements < 20 {
		t.Errorf("%s has %d elements", at, elements)
	}
	requests := 0
	for _, said := range b.heard {
		to := said.Params.Request.URL
		switch said.Method {
		case "Network.requestWillBeSent":
			if strings.HasPrefix(to, "data:") {
				continue
			}
			requests++
			if u, err := url.Parse(to); err != nil || u.Scheme+"://"+u.Host != here {
				t.Errorf("%s asks for %s", at, to)
			}
		case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown":
			t.Errorf("%s: the console says %+v", at, said.Params)
		}
	}
	if requests > 10 || requests < 1 {
		t.Errorf("%s makes %d requests", at, requests)
	}
	b.heard = nil
}

// isFor fails where axe-core finds fault with the page that was opened, or where it is wider than a telephone.
func (b window) isFor(t *testing.T, at, script string) {
	t.Helper()
	_ = eval[any](t, b.tab, script+";0")
	for _, v := range eval[[]violation](t, b.tab, runAxe) {
		t.Errorf("%s: %s: %s", at, v.ID, v.Help)
		for _, n := range v.Nodes[:min(len(v.Nodes), 3)] {
			t.Logf("  %.200s\n  %s", n.HTML, n.FailureSummary)
		}
	}
	for _, width := range []int{320, 360} {
		b.wide(t, width)
		if is := eval[int](t, b.tab, "document.documentElement.scrollWidth"); is > width {
			t.Errorf("%s is %d wide where the window is %d: %s", at, is, width, eval[string](t, b.tab, widest))
		}
	}
	b.heard = nil // what axe-core does is its own
}

// widest names what reaches farthest to the right.
const widest = `[...document.querySelectorAll("body *")].reduce((a, b) => a.getBoundingClientRect().right < b.getBoundingClientRect().right ? b : a).outerHTML.slice(0, 200)`

// strike presses a key and lets it go. Its name is that of the DevTools protocol.
func (b window) strike(t *testing.T, key string) {
	t.Helper()
	number, text := map[string]int{"Tab": 9, "Enter": 13, "ArrowDown": 40}[key], ""
	if key == "Enter" {
		text = "\r"
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.call(t, "Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number, "text": text}, nil)
		text = ""
	}
}

// types writes into the field that has the focus.
func (b window) types(t *testing.T, text string) {
	t.Helper()
	for _, letter := range text {
		b.call(t, "Input.dispatchKeyEvent", map[string]any{"type": "char", "text": string(letter)}, nil)
	}
}

// reach presses Tab until the focus is at what a selector says, and is seen to be there.
func (b window) reach(t *testing.T, selector string) {
	t.Helper()
	quoted, err := json.Marshal(selector)
	if err != nil {
		t.Fatal(err)
	}
	for range 300 {
		b.strike(t, "Tab")
		if eval[bool](t, b.tab, "document.activeElement.matches("+string(quoted)+")") {
			if !eval[bool](t, b.tab, focusShown) {
				t.Errorf("the focus at %s is not seen", selector)
			}
			return
		}
	}
	t.Fatalf("%s: Tab never leads to %s", eval[string](t, b.tab, "location.href"), selector)
}

// follow presses Enter at what a selector says, and waits for the page to which that leads.
func (b window) follow(t *testing.T, selector string) {
	t.Helper()
	b.reach(t, selector)
	b.arrive(t, func() { b.strike(t, "Enter") })
}

// focusShown tells whether what has the focus is in the window, with a line around it.
const focusShown = `(() => {
	const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect()
	return e.matches(":focus-visible") && s.outlineStyle != "none" && parseFloat(s.outlineWidth) >= 2 &&
		r.width > 0 && r.height > 0 && r.right > 0 && r.left < innerWidth && r.bottom > 0 && r.top < innerHeight
})()`

// stops are what a keyboard must reach, in the order of the document.
const stops = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]` +
	`.filter(e => e.tabIndex >= 0 && e.checkVisibility())`

// tabsThrough presses Tab from the top of a page to its end.
func (b window) tabsThrough(t *testing.T, at string) {
	t.Helper()
	b.open(t, at)
	all := eval[int](t, b.tab, stops+".length")
	if all < 5 {
		t.Errorf("%s has %d stops", at, all)
	}
	for want := range all {
		is := -2
		for range 8 { // a date has a stop for each of its parts
			b.strike(t, "Tab")
			if is = eval[int](t, b.tab, stops+".indexOf(document.activeElement)"); is != want-1 {
				break
			}
		}
		if is != want {
			t.Errorf("%s: Tab leads to stop %d of %d, not to %d: %s", at, is, all, want, eval[string](t, b.tab, "document.activeElement.outerHTML.slice(0, 200)"))
			return
		}
		if !eval[bool](t, b.tab, focusShown) {
			t.Errorf("%s: the focus is not seen at %s", at, eval[string](t, b.tab, "document.activeElement.outerHTML.slice(0, 200)"))
		}
	}
	for range 8 {
		b.strike(t, "Tab")
		if is := eval[int](t, b.tab, stops+".indexOf(document.activeElement)"); is != all-1 {
			return
		}
	}
	t.Errorf("%s: Tab does not leave the last stop", at)
}

// Everything that a new officer does first is done without a mouse, and without any script.
func TestAKeyboardIsEnoughAndNoScriptIsNeeded(t *testing.T) {
	t.Parallel()
	if !hasChromium(t) {
		t.Skip("no browser is there")
	}
	w := opened(t, "keys", simulated(t, 40, 1, 100))
	manage(t, w.data, "user", "add", "c.martin", "--role", "officer")
	link := strings.TrimSpace(manage(t, w.data, "user", "invite", "c.martin"))
	const password = "trois lampes et un grand chapeau"
	b := newWindow(t)
	b.call(t, "Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil)
	b.open(t, "data:text/html,<title>still</title><script>document.title = 'moved'</script>")
	if is := eval[string](t, b.tab, "document.title"); is != "still" {
		t.Fatalf("scripts are not off: the title is %s", is)
	}
	says := func(selector, text string) {
		t.Helper()
		if is := eval[string](t, b.tab, `document.querySelector("`+selector+`").textContent`); !strings.Contains(is, text) {
			t.Errorf("%s: %s says %q, not %q", eval[string](t, b.tab, "location.href"), selector, is, text)
		}
	}

	b.open(t, strings.TrimSuffix(w.address, "/")+link+"&lang=en")
	b.reach(t, "#password")
	b.types(t, password)
	b.reach(t, "#again")
	b.types(t, password)
	b.arrive(t, func() { b.strike(t, "Enter") })
	says("h1", "Overview")
	b.follow(t, ".who button")
	says("h1", "Sign in")
	b.reach(t, "#name")
	b.types(t, "c.martin")
	b.reach(t, "#password")
	b.types(t, password)
	b.follow(t, "main button")
	says("h1", "Overview")

	b.strike(t, "Tab")
	if !eval[bool](t, b.tab, `document.activeElement.matches(".skip")`) || !eval[bool](t, b.tab, focusShown) {
		t.Error("the first stop is not the way to the content, or is not seen")
	}
	b.strike(t, "Enter")
	b.strike(t, "Tab")
	if !eval[bool](t, b.tab, `document.activeElement.matches("main *")`) {
		t.Errorf("after the way to the content comes %s", eval[string](t, b.tab, "document.activeElement.outerHTML"))
	}

	b.follow(t, `main a[href^="/sites/1"]`)
	says("h1", "Lycée")
	b.reach(t, "main summary")
	const below = `document.querySelector("main details table").checkVisibility()`
	if eval[bool](t, b.tab, below) {
		t.Error("the table is shown already")
	}
	b.strike(t, "Enter")
	if !eval[bool](t, b.tab, below) {
		t.Error("the table does not open")
	}
	b.follow(t, ".who a[hreflang=fr]")
	if is := eval[string](t, b.tab, "document.documentElement.lang"); is != "fr" {
		t.Errorf("the language is %s", is)
	}

	b.follow(t, `header a[href^="/settings"]`)
	b.follow(t, `main a[href^="/settings/prices"]`)
	b.reach(t, "main [name=from]")
	b.types(t, "2026-01")
	b.reach(t, "main [name=euro]")
	b.types(t, "0,2571")
	b.reach(t, "main select[name=tax]")
	b.strike(t, "ArrowDown")
	b.reach(t, "main [name=source]")
	b.types(t, "marché 2026")
	b.follow(t, "main button")
	says("main", "marché 2026")
	says("main", "0,2571")

	for _, path := range []string{"?lang=en", "sites/1?lang=fr", "levers?lang=en", "machines/1?lang=en", "settings/calendars?lang=fr", "settings/users?lang=en", "public/sites?lang=fr"} {
		b.tabsThrough(t, w.signed+path)
	}
}
