package hostile

import (
	"net/http"
	"strings"
)

// dialogs are the servers whose page wants an answer from a person who is not there.
func dialogs() []Server {
	return []Server{
		{
			Name: "two hundred alerts", About: "Its script shows two hundred dialog boxes, one after the other.",
			Code: "", Static: "", start: alone(script("for (let i = 0; i < 200; i++) alert(i)")),
		},
		{
			Name: "alerts without end", About: "Its script shows dialog boxes for ever, so that it never finishes loading.",
			Code: "timeout", Static: "", Slow: true, start: alone(script("for (;;) alert('again')")),
		},
		{
			Name: "alerts without end once loaded", About: "Once loaded, its script shows dialog boxes for ever.",
			Code: "timeout", Static: "", Slow: true, start: alone(late("for (;;) alert('again')")),
		},
		{
			Name: "questions", About: "Its script asks to confirm and to type a text.",
			Code: "", Static: "", start: alone(script("confirm('Really?'); prompt('Your name?', 'nobody')")),
		},
		{
			Name: "a page that does not let go", About: "It asks to stay when one leaves, and shows a dialog box while it ends.",
			Code: "", Static: "",
			start: alone(script("addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 'Stay' }); addEventListener('unload', () => { for (;;); })")),
		},
		{
			Name: "a page that prints itself", About: "Its script prints, before and after the page has loaded.",
			Code: "", Static: "", start: alone(script("print(); addEventListener('load', () => print())")),
		},
		{
			Name: "a page that wants permissions", About: "It asks for notifications, the place, the camera, the microphone and the clipboard.",
			Code: "", Static: "",
			start: alone(script("Notification.requestPermission(); navigator.geolocation.getCurrentPosition(() => {}); " +
				"navigator.mediaDevices.getUserMedia({audio: true, video: true}).catch(() => {}); navigator.clipboard.readText().catch(() => {})")),
		},
		{
			Name: "a page with a break point", About: "Its script stops for a debugger, again and again.",
			Code: "", Static: "", start: alone(script("setInterval(() => { debugger }, 10); debugger")),
		},
	}
}

// windows are the servers whose page opens, closes or leaves its window.
func windows() []Server {
	away := "<script>location.href = location.pathname == '/' ? '/other' : '/'</script>"
	return []Server{
		{
			Name: "a page that closes itself", About: "Its script closes the window.",
			Code: "|closed", Static: "", start: alone(script("close()")),
		},
		{
			Name: "a page that closes itself once loaded", About: "Once loaded, its script closes the window.",
			Code: "|closed", Static: "", start: alone(late("close()")),
		},
		{
			Name: "fifty popups", About: "Its script opens fifty windows.",
			Code: "", Static: "", start: with(script("for (let i = 0; i < 50; i++) open('/r?' + i, '_blank')"), page(document("popup"))),
		},
		{
			Name: "popups at each key", About: "Its script opens a window when a key is pressed, when one scrolls and ten times a second.",
			Code: "", Static: "",
			start: with(script("let f = () => open('/r', '_blank'); addEventListener('keydown', f); addEventListener('scroll', f); setInterval(f, 100)")+
				`<div style="height:3000px"></div>`, page(document("popup"))),
		},
		{
			Name: "a page that reloads itself", About: "Its script reloads it every fifty milliseconds, for ever.",
			Code: "|redirects|size|timeout", Static: "", start: alone(script("setTimeout(() => location.reload(), 50)")),
		},
		{
			Name: "two pages that send to each other", About: "The script of each of two pages leads to the other, for ever.",
			Code: "|redirects|size|timeout", Static: "", start: web(site{"/": page(document(away)), "/other": page(document(away))}),
		},
		{
			Name: "a page that refreshes at once", About: "A meta element sends it to itself after zero seconds, for ever.",
			Code: "|redirects|size|timeout", Static: "", start: alone(document(`<meta http-equiv="refresh" content="0;url=/">`)),
		},
		{
			Name: "a header that refreshes at once", About: "A Refresh header sends it to itself after zero seconds, for ever.",
			Code: "|redirects|size|timeout", Static: "",
			start: web(site{"/": func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Refresh", "0; url=/")
				page(document(""))(w, r)
			}}),
		},
		{
			Name: "a page that leaves for a missing one", About: "Once loaded, its script leads to an address that answers 404.",
			Code: "|status", Static: "", start: alone(late("location.href = '/missing'")),
		},
		{
			Name: "a flood of history", About: "Its script adds a hundred thousand entries to the history.",
			Code: "", Static: "", start: alone(script("for (let i = 0; i < 1e5; i++) try { history.pushState(i, '', '/?' + i) } catch {}")),
		},
		{
			Name: "a flood of fragments", About: "Its script changes the fragment of its address for ever.",
			Code: "", Static: "", start: alone(script("let i = 0; setInterval(() => { location.hash = i++ }, 1)")),
		},
		{
			Name: "a page that empties itself", About: "Once loaded, its script takes the document away.",
			Code: "", Static: "", start: alone(late("document.open(); document.close(); document.documentElement?.remove()")),
		},
	}
}

// liars are the servers whose page deceives those who look at it from inside.
func liars() []Server {
	return []Server{
		{
			Name: "a page that lies about itself", About: "Its script replaces the functions by which one counts its elements.",
			Code: "", Static: "",
			start: alone(script("Document.prototype.querySelectorAll = Document.prototype.getElementsByTagName = () => { throw 0 }; Array.from = JSON.stringify = Object.keys = () => 'lie'; " +
				"Object.defineProperty(Array.prototype, 'length', {get: () => 3}); Element.prototype.scrollIntoView = window.scrollTo = window.scrollBy = () => { for (;;); }; " +
				"Object.defineProperty(Element.prototype, 'scrollHeight', {get: () => 1e15}); window.setTimeout = window.requestAnimationFrame = Promise.prototype.then = () => 0")),
		},
		{
			Name: "a page without a bottom", About: "It grows each time one scrolls.",
			Code: "", Static: "",
			start: alone(script("addEventListener('scroll', () => { for (let i = 0; i < 10; i++) { let d = document.createElement('div'); d.style.height = '1000px'; document.body.append(d) } })") +
				`<div style="height:3000px"></div>`),
		},
		{
			Name: "a full console", About: "Its script writes twenty thousand lines to the console.",
			Code: "", Static: "", start: alone(script("let line = 'more '.repeat(20); for (let i = 0; i < 2e4; i++) console.log(line, i)")),
		},
		{
			Name: "a title that never rests", About: "Its script changes its title of a hundred kilobytes a thousand times a second.",
			Code: "", Static: "", start: alone(script("let i = 0, long = 'more'.repeat(25600); setInterval(() => { document.title = i++ + long }, 1)")),
		},
		{
			Name: "a page that wants files", About: "It shows files of the machine that measures, and pages of the browser.",
			Code: "", Static: "",
			start: alone(document("<img src=file:///etc/passwd><iframe src=file:///etc/passwd></iframe><iframe src=chrome://crash></iframe><iframe src=chrome://settings></iframe>" +
				"<script src=file:///proc/self/environ></script><script>try { location.href = 'chrome://crash' } catch {} try { location.href = 'file:///etc/passwd' } catch {}</script>")),
		},
		{
			Name: "a page that starts other programs", About: "It shows frames of addresses that other programs open.",
			Code: "", Static: "",
			start: alone(script("for (let s of ['mailto:a@name.invalid', 'tel:0', 'ms-word:x', 'vscode://x', 'steam://x']) { let f = document.createElement('iframe'); f.src = s; document.body.append(f) }")),
		},
		{
			Name: "a page that leaves for another program", About: "While it loads, its script leads to an address that another program opens, and Chromium never says that it has loaded.",
			Code: "|timeout", Static: "", Slow: true, start: alone(script("location.href = 'mailto:a@name.invalid'")),
		},
		{
			Name: "an address of a megabyte", About: "It shows an image whose address has a million letters.",
			Code: "", Static: "", start: web(site{"/": long("text/html", document("")+"<img src=/r?", strings.Repeat("long", kilobyte), 256, ">"), "/r": picture()}),
		},
	}
}
