package practice

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// backCache counts what keeps a browser from holding the page as it was left, for the visitor who comes back to it: an answer with
// no-store, and scripts that wait for the page's unload. It is read from texts: that a script runs, and what else would keep the browser
// from it, such as an open connection, nobody said. A page that forbids unload by its Permissions-Policy has none.
func backCache() Check {
	return Check{
		ID: "back-cache", RWEB: []string{"0008"}, RefID: []string{"0007"}, Most: 0,
		Title: Words{"Obstacles au retour instantané (bfcache)", "What prevents an instant return (bfcache)"},
		Advice: Words{
			"Remplacez l’évènement unload par pagehide, et no-store par no-cache où rien n’est confidentiel : revenir à la page ne la charge ni ne la calcule plus.",
			"Replace the unload event by pagehide, and no-store by no-cache where nothing is confidential: going back to the page no longer loads or computes it.",
		},
		Look: func(v *View) Finding {
			page := document(v)
			if page == nil {
				return Finding{Status: Nothing}
			}
			var found []suspect
			if directive(page.Header.Values("Cache-Control"), "no-store") {
				found = append(found, suspect{Offender: Offender{URL: page.URL, Detail: "Cache-Control: no-store"}})
			}
			if !forbidsUnload(page) {
				found = append(found, unloads(v)...)
			}
			return judge(float64(len(found)), 0, offending(found), Saving{})
		},
	}
}

// directive tells whether a field with parts between commas has one.
func directive(values []string, want string) bool {
	for _, value := range values {
		for part := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(part), want) {
				return true
			}
		}
	}
	return false
}

// forbidsUnload tells whether a page says that nothing in it may wait for its unload.
func forbidsUnload(page *web.Exchange) bool {
	return directive(page.Header.Values("Permissions-Policy"), "unload=()")
}

// unloads are the attributes and scripts that wait for the page's unload.
func unloads(v *View) (found []suspect) {
	eachElement(v, func(n *html.Node) {
		switch {
		case isElement(n, "body", "frameset") && hasAttr(n, "onunload"):
			found = append(found, suspect{Offender: Offender{Detail: "onunload"}, node: n})
		case runsScript(n) && !hasAttr(n, "src") && n.FirstChild != nil:
			if calls := remember(v.memory, "unloads", []byte(writtenIn(n)), unloadCalls); calls > 0 {
				found = append(found, suspect{Offender: Offender{Detail: fmt.Sprintf("unload × %d", calls)}, node: n})
			}
		}
	})
	known := map[string]bool{}
	for i := range v.Exchanges {
		e := &v.Exchanges[i]
		if !isCode(e) || len(e.Body) == 0 || known[e.URL] {
			continue
		}
		known[e.URL] = true
		if calls := remember(v.memory, "unloads", e.Body, unloadCalls); calls > 0 {
			found = append(found, suspect{Offender: Offender{URL: e.URL, Detail: fmt.Sprintf("unload × %d", calls)}})
		}
	}
	return found
}

// unloadCalls counts where a script waits for the unload of its own window: by addEventListener, by onunload, or by jQuery's on and bind.
// What it does with a variable is not counted: jQuery itself has such code, for frames only.
func unloadCalls(script []byte) (calls int) {
	if !bytes.Contains(script, []byte("unload")) {
		return 0
	}
	code := scriptCode(script, false) // as long as the script, without its strings
	eachWord(code, "addEventListener", func(before, after int) {
		if ofOwnWindow(code[:before]) && firstArgument(script, code, after) == "unload" {
			calls++
		}
	})
	for _, method := range []string{"on", "bind"} {
		eachWord(code, method, func(before, after int) {
			if ofJQueryWindow(code[:before]) && firstArgument(script, code, after) == "unload" {
				calls++
			}
		})
	}
	eachWord(code, "onunload", func(before, after int) {
		rest, set := bytes.CutPrefix(trimSpaces(code[after:]), []byte("="))
		if set && ofOwnWindow(code[:before]) && !bytes.HasPrefix(rest, []byte("=")) && !bytes.HasPrefix(trimSpaces(rest), []byte("null")) {
			calls++
		}
	})
	return calls
}

// eachWord shows the places before and after a name in code, where it is a name of its own.
func eachWord(code []byte, name string, visit func(before, after int)) {
	for at := 0; ; {
		i := bytes.Index(code[at:], []byte(name))
		if i < 0 {
			return
		}
		before, after := at+i, at+i+len(name)
		at = after
		if (before == 0 || !inName(code[before-1])) && (after == len(code) || !inName(code[after])) {
			visit(before, after)
		}
	}
}

// ofJQueryWindow tells by the code before a method whether it is one of jQuery's window.
func ofJQueryWindow(before []byte) bool {
	const enough = 40 // bytes
	before = before[max(0, len(before)-enough):]
	return bytes.HasSuffix(before, []byte("$(window).")) || bytes.HasSuffix(before, []byte("jQuery(window)."))
}

// firstArgument is the string of 20 bytes and less that a call has as its first argument, whose code begins here; "" for anything else.
func firstArgument(script, code []byte, at int) string {
	const longest = 20
	at = afterSpaces(code, at)
	if at == len(code) || code[at] != '(' {
		return ""
	}
	at = afterSpaces(code, at+1)
	if at == len(code) || bytes.IndexByte([]byte("\"'`"), script[at]) < 0 {
		return ""
	}
	rest := script[at+1 : min(len(script), at+longest+2)]
	return string(rest[:max(0, bytes.IndexByte(rest, script[at]))])
}

// afterSpaces is the place of what follows up to a hundred spaces.
func afterSpaces(code []byte, at int) int {
	const most = 100
	for end := min(len(code), at+most); at < end && (code[at] <= ' '); at++ {
	}
	return at
}
