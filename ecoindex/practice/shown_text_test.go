package practice

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/web"
)

func TestAScriptWaitsForUnloadWhereItsOwnWindowIsAsked(t *testing.T) {
	for _, tt := range []struct {
		script string
		want   int
	}{
		{`addEventListener("unload", bye)`, 1},
		{`window.addEventListener ( 'unload', bye); self.addEventListener("unload",bye,!1)`, 2},
		{"globalThis.addEventListener(`unload`, bye)", 1},
		{`window.onunload = bye; onunload=bye`, 2},
		{`$(window).on("unload", bye); jQuery(window).bind('unload', bye)`, 2},
		{`window.onunload = null`, 0},
		{`if (window.onunload == bye) {}`, 0},
		{`window.addEventListener("beforeunload", ask); window.onbeforeunload = ask; addEventListener("pagehide", bye)`, 0},
		{`n.addEventListener("unload",oe,!1)`, 0}, // as in jQuery, for frames
		{`frame.contentWindow.addEventListener("unload", bye); frame.window.onunload = bye`, 0},
		{`// window.addEventListener("unload", bye)`, 0},
		{`say('window.addEventListener("unload", bye)')`, 0},
		{`window.addEventListener(unload, "unload")`, 0},
		{`window.addEventListener("unload`, 0},
		{`window.addEventListener(`, 0},
		{`window.addEventListener("unloaded", bye); myaddEventListener("unload", bye)`, 0},
		{`$(frame).on("unload", bye); button("unload")`, 0},
		{`window.addEventListener(/unload/, bye); var a = "unload"`, 0},
		{``, 0},
	} {
		if got := unloadCalls([]byte(tt.script)); got != tt.want {
			t.Errorf("%s waits %d times; want %d", tt.script, got, tt.want)
		}
	}
}

func TestWhatKeepsAPageFromReturningAtOnceIsNamed(t *testing.T) {
	bye := `addEventListener("unload", bye)`
	for _, tt := range []struct {
		name, html string
		fields     []string
		script     string
		want       []string
	}{
		{name: "nothing", html: "<p>"},
		{name: "a cache that asks", html: "<p>", fields: []string{"Cache-Control: no-cache, private"}},
		{name: "no store", html: "<p>", fields: []string{"Cache-Control: private", "Cache-Control: max-age=0, No-Store"}, want: []string{"Cache-Control: no-store"}},
		{name: "a body", html: `<body onunload="bye()">`, want: []string{"onunload"}},
		{name: "a script in the page", html: "<script>" + bye + ";" + bye + "</script>", want: []string{"unload × 2"}},
		{name: "data in the page", html: `<script type="application/json">` + bye + "</script>"},
		{name: "a script beside it", html: "<p>", script: bye, want: []string{"unload × 1"}},
		{name: "a page that forbids it", html: "<body onunload=x><script>" + bye + "</script>", script: bye, fields: []string{"Permissions-Policy: camera=(), unload=()"}},
		{name: "a page that allows it", html: "<body onunload=x>", fields: []string{"Permissions-Policy: unload=(self)"}, want: []string{"onunload"}},
	} {
		s := seen(tt.html, sent(site+"s.js", "text/javascript", tt.script))
		for _, field := range tt.fields {
			name, value, _ := strings.Cut(field, ": ")
			s.Exchanges[0].Header.Add(name, value)
		}
		f := finds(t, backCache(), s)
		var got []string
		for _, o := range f.Offenders {
			got = append(got, o.Detail)
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) || f.Measured != float64(len(tt.want)) || (f.Status == Failed) != (len(tt.want) > 0) {
			t.Errorf("%s: %+v; want %v", tt.name, f, tt.want)
		}
	}
	if f := finds(t, backCache(), &web.Sight{}); f.Status != Nothing {
		t.Errorf("without an answer: %+v", f)
	}
}

func FuzzUnloadCalls(f *testing.F) {
	for _, seed := range []string{`addEventListener("unload", x)`, "window.onunload", "$(window).on('unload'", "addEventListener(`", `"\`, "/unload/=\n", "unload"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if n := unloadCalls(script); n < 0 || n > len(script)/len("onunload=") {
			t.Errorf("%q waits %d times", script, n)
		}
	})
}

func TestBitmapsOfTheInterfaceAreThoseAroundTheContent(t *testing.T) {
	six := strings.Repeat(`<img src="/%d.png">`, 6)
	number := func(html string) string { return fmt.Sprintf(html, 1, 2, 3, 4, 5, 6) }
	for _, tt := range []struct {
		name, html string
		status     Status
		measured   float64
	}{
		{"nothing", "<p>", Nothing, 0},
		{"content", number("<main>" + six + "</main>"), Nothing, 0},
		{"five", `<header><img src="/1.png"><img src="/2.jpg"><img src="/3.webp"></header><nav><img src="/4.gif"></nav><button><img src="/5.avif"></button>`, Passed, 5},
		{"six", number("<header><div><p>" + six), Failed, 6},
		{"six in the foot", number("<footer><section>" + six), Failed, 6},
		{"six by roles", number(`<div role=banner><img src="/%d.png"></div><div role="Navigation"><img src="/%d.png"></div><a role=button><img src="/%d.png"></a>` + strings.Repeat(`<input type=image src="/%d.png">`, 3)), Failed, 6},
		{"the head of an article", number("<article><header>" + six + "</header></article>"), Nothing, 0},
		{"a menu in an article", number("<article><nav>" + six), Failed, 6},
		{"a head after an article", number("<article><p></p></article><header>" + six), Failed, 6},
		{"one six times", "<header>" + strings.Repeat(`<img src="/1.png">`, 6), Passed, 1},
		{"drawings", number("<header>" + strings.ReplaceAll(six, "png", "svg")), Passed, 0},
		{"a drawing by its type", `<nav><img src="/drawing.png"></nav>`, Passed, 0},
		{"a bitmap by its type", `<nav><img src="/bitmap"></nav>`, Passed, 1},
		{"a picture with a drawing", `<nav><picture><source srcset="/d.svg"><img src="/1.png"></picture></nav>`, Passed, 0},
		{"data", `<nav><img src="data:image/png;base64,AAAA"></nav>`, Passed, 0},
		{"a template", number("<template><nav>" + six + "</nav></template>"), Nothing, 0},
	} {
		s := seen(tt.html, sent(site+"drawing.png", "image/svg+xml", "x"), sent(site+"bitmap", "image/png", "x"), sent(site+"d.svg", "image/svg+xml", "x"))
		if f := finds(t, interfaceBitmaps(), s); f.Status != tt.status || f.Measured != tt.measured || f.Saves != (Saving{}) {
			t.Errorf("%s: %+v; want %s of %v", tt.name, f, tt.status, tt.measured)
		}
	}
}

func TestALibraryOfStylesIsKnownByItsBannerOrItsFile(t *testing.T) {
	for _, tt := range []struct {
		file, text, want string
	}{
		{"a.css", "/*!\n * Bootstrap  v5.3.0 (https://getbootstrap.com/)\n */ a{}", "bootstrap"},
		{"a.css", "@charset \"utf-8\";/*!\n * animate.css - https://animate.style/\n*/", "animate"},
		{"a.css", "/*! normalize.css v8.0.1 | MIT License */ a{} /*! tailwindcss v3.4.1 */", "normalize tailwindcss"},
		{"a.css", "/*! bulma.io v0.9.4 */ /* Bootstrap v4.0 */", "bulma"},
		{"a.css", "/* Skeleton of the page */", ""},
		{"a.css", "/* ours */ /*! Skeleton of the page */", ""},
		{"a.css", "/*! Bootstrapper 3 */", ""},
		{"a.css", "/*! Font Awesome Free 6.5.1 */", "font awesome"},
		{"a.css", "/*", ""},
		{"bootstrap.min.css?v=5", "a{}", "bootstrap"},
		{"fontawesome.css", "/*! Font Awesome Free 6.5.1 */", "font awesome"},
		{"dsfr.min.css", "a{}", "dsfr"},
		{"bootstrapper.css", "a{}", ""},
		{"my-bootstrap.css", "a{}", ""},
	} {
		f := finds(t, cssLibraries(), seen("<p>", sent(site+tt.file, "text/css", tt.text)))
		var got []string
		for _, o := range f.Offenders {
			got = append(got, o.Detail)
		}
		names := librariesIn([]byte(tt.text))
		if named := libraryOf(fileOf(site + tt.file)); named != "" && len(names) == 0 {
			names = append(names, named)
		}
		if strings.Join(names, " ") != tt.want || f.Measured != float64(len(strings.Fields(strings.ReplaceAll(tt.want, "font awesome", "fa")))) || f.Status != Passed || got != nil {
			t.Errorf("%s with %s is %v, %+v; want %q", tt.file, tt.text, names, f, tt.want)
		}
	}
}

func TestAPageMayHaveTwoLibrariesOfStyles(t *testing.T) {
	two := []web.Exchange{sent(site+"bulma.css", "text/css", "a{}"), sent(site+"all.css", "text/css", "/*! normalize.css v8 *//*! bulma.io v1.0 */")}
	if f := finds(t, cssLibraries(), seen("<p>", two...)); f.Status != Passed || f.Measured != 2 {
		t.Errorf("two: %+v", f)
	}
	f := finds(t, cssLibraries(), seen("<p><style>/*! UIkit 3.16 */</style>", two...))
	if f.Status != Failed || f.Measured != 3 || len(f.Offenders) != 3 || f.Offenders[2].Where == "" || f.Saves != (Saving{}) {
		t.Errorf("three: %+v", f)
	}
	if f := finds(t, cssLibraries(), seen("<p>")); f.Status != Nothing {
		t.Errorf("none: %+v", f)
	}
}

// What a page writes may be as long, as deep and as much as it likes.
func TestAHostilePageCostsTheReadersOfTextsLittle(t *testing.T) {
	many := 20_000
	html := strings.Repeat("<header>", 400) + "<picture>" + strings.Repeat(`<source srcset="/a 1x, /b 2x"><img src="/1.png">`, many) + "<script>" + strings.Repeat("addEventListener( onunload\n=", many) + "</script>"
	s := seen(html, sent(site+"a.css", "text/css", strings.Repeat("/*! bootstrap 5", many)+strings.Repeat("/*!bulma 1*/", many)), sent(site+"a.js", "text/javascript", strings.Repeat(`addEventListener("unload" `, many)))
	v, err := NewView(s)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for _, c := range []Check{backCache(), interfaceBitmaps(), cssLibraries()} {
		if f := c.Look(v); len(f.Offenders) > maxOffendersListed {
			t.Errorf("%s: %d offenders", c.ID, len(f.Offenders))
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}
