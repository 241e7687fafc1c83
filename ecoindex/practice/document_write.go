package practice

import (
	"bytes"
	"fmt"

	"golang.org/x/net/html"

	"veille/ecoindex/web"
)

// documentWrite counts calls of document.write and writeln in scripts, comments and strings left out. Those into another window or
// frame are not counted.
func documentWrite() Check {
	return Check{
		ID: "document-write", Most: 0,
		Title: Words{"Appels de document.write", "Calls of document.write"},
		Advice: Words{
			"Remplacez document.write par la création d’éléments ou par du HTML écrit d’avance : le navigateur ne s’arrête plus de lire la page pour l’attendre.",
			"Replace document.write by creating elements or by HTML written beforehand: the browser no longer stops reading the page to wait for it.",
		},
		Look: func(v *View) Finding {
			scripts, calls := 0, 0
			var found []suspect
			look := func(text []byte, s suspect) {
				scripts++
				if n := remember(v.memory, "writes", text, writeCalls); n > 0 {
					s.Detail, s.weight = fmt.Sprint(n), int64(n)
					found, calls = append(found, s), calls+n
				}
			}
			eachElement(v, func(n *html.Node) {
				if runsScript(n) && !hasAttr(n, "src") && n.FirstChild != nil {
					look([]byte(writtenIn(n)), suspect{node: n})
				}
			})
			for i := range v.Exchanges {
				if e := &v.Exchanges[i]; came(e) && len(e.Body) > 0 && (e.Kind == web.Script || isScript(typeOf(e))) {
					look(e.Body, suspect{Offender: Offender{URL: e.URL}})
				}
			}
			if scripts == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(calls), 0, offending(found), Saving{})
		},
	}
}

// writeCalls counts the calls of document.write in a script.
func writeCalls(script []byte) (calls int) {
	if !bytes.Contains(script, []byte("document")) {
		return 0
	}
	code := scriptCode(script, false)
	for at := 0; ; {
		i := bytes.Index(code[at:], []byte("document"))
		if i < 0 {
			return calls
		}
		before, rest := code[:at+i], code[at+i+len("document"):]
		at += i + len("document")
		if ofOwnWindow(before) && beginsWrite(rest) {
			calls++
		}
	}
}

// ofOwnWindow tells by the code before the word whether "document" is the page's own: a name by itself, or a part of its window.
func ofOwnWindow(before []byte) bool {
	if n := len(before); n == 0 || !inName(before[n-1]) && before[n-1] != '.' {
		return true
	}
	for _, own := range []string{"window.", "self.", "globalThis."} {
		if left, is := bytes.CutSuffix(before, []byte(own)); is && (len(left) == 0 || !inName(left[len(left)-1]) && left[len(left)-1] != '.') {
			return true
		}
	}
	return false
}

// beginsWrite tells whether code begins with a call of write or writeln. Only so many spaces are passed over, so that a page of spaces
// costs no more.
func beginsWrite(code []byte) bool {
	code = trimSpaces(code)
	code, _ = bytes.CutPrefix(code, []byte("?"))
	code, ok := bytes.CutPrefix(code, []byte("."))
	if !ok {
		return false
	}
	code, ok = bytes.CutPrefix(trimSpaces(code), []byte("write"))
	if !ok {
		return false
	}
	code, _ = bytes.CutPrefix(code, []byte("ln"))
	return bytes.HasPrefix(trimSpaces(code), []byte("("))
}

func trimSpaces(code []byte) []byte {
	const most = 100
	return bytes.TrimLeft(code[:min(len(code), most)], " \t\r\n")
}
