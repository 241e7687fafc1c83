package paper

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Whatever a page is, it comes out with the policy first, and without what runs.
func FuzzQuiet(f *testing.F) {
	for _, page := range []string{"<p>a", "<script>x</script>", "<svg><script>x", "<head><base href=x>", "<meta HTTP-EQUIV=Refresh content=0>", "\x00<iframe>", "<frameset><frame>", "<math><mi><a onclick=x>"} {
		f.Add(page)
	}
	f.Fuzz(func(t *testing.T, page string) {
		still, err := quiet([]byte(page))
		if err != nil {
			return // refused
		}
		root, err := html.ParseWithOptions(bytes.NewReader(still), html.ParseOptionEnableScripting(false))
		if err != nil {
			t.Fatalf("%q becomes %q: %v", page, still, err)
		}
		policies := 0
		for n := range root.Descendants() {
			if active(n) {
				t.Errorf("%q becomes %q, with %s", page, still, n.Data)
			}
			if n.Data == "head" && n.FirstChild != nil && len(n.FirstChild.Attr) == 2 && n.FirstChild.Attr[1].Val == policy {
				policies++
			}
		}
		if policies != 1 {
			t.Errorf("%q becomes %q, without a policy", page, still)
		}
	})
}

func TestWhatRunsIsTakenOutAndTheRestStays(t *testing.T) {
	still, err := quiet([]byte(`<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>a</title><style>p > b { color: red }</style><script>x</script></head>` +
		`<body onload="x"><p ONCLICK="x" class="c">é &lt; <b>b</b><iframe src="y"></iframe></p></body></html>`))
	want := `<!DOCTYPE html><html lang="fr"><head><meta http-equiv="Content-Security-Policy" content="` + strings.ReplaceAll(policy, "'", "&#39;") +
		`"/><meta charset="utf-8"/><title>a</title><style>p > b { color: red }</style></head><body><p class="c">é &lt; <b>b</b></p></body></html>`
	if err != nil || string(still) != want {
		t.Errorf("it is %s, %v", still, err)
	}
}

func TestLinksLeadToTheWebOrToThePageOnly(t *testing.T) {
	still, err := quiet([]byte(`<a href="javascript:x">a</a><a href=" JavaScript:x">b</a><a href="file:///etc/passwd">c</a><a href="x.html">d</a><a href="data:text/html,x">e</a>` +
		`<svg><a xlink:href="file:///x">f</a></svg><a href="#g">g</a><a HREF="HTTPS://example.org/">h</a><a href="mailto:a@example.org" ping="https://example.org">i</a>`))
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, part := range strings.Split(string(still), "<a")[1:] {
		left = append(left, part[:strings.Index(part, "<")])
	}
	if got, want := strings.Join(left, ""), `>a>b>c>d>e>f href="#g">g href="HTTPS://example.org/">h href="mailto:a@example.org">i`; got != want {
		t.Errorf("%s", got)
	}
}
