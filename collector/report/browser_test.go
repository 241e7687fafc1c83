package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/collector/report"
)

// need skips a test unless REQUIRE names what it needs, or says all; then it must be there.
func need(t *testing.T, what string) {
	t.Helper()
	if required := os.Getenv("REQUIRE"); required != "all" && !strings.Contains(required, what) {
		t.Skip("REQUIRE does not name " + what)
	}
}

// looked is what a browser finds in a page.
type looked struct {
	Dark, Told bool
	Wide       int
	Passes     int
	Violations []struct {
		ID, Help string
		Nodes    []struct{ HTML, FailureSummary string }
	}
}

// look opens a page with axe-core in it, at a width, by day or by night.
func look(t *testing.T, page []byte, width int, dark bool) looked {
	t.Helper()
	axe, err := os.ReadFile(filepath.Join("..", "..", ".tools", "npm", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("%v: make tools installs it", err)
	}
	page = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`).ReplaceAll(page, nil) // it forbids axe-core, too
	script := "<script>" + string(axe) + "</script><script>axe.run().then(r => { const p = document.createElement('pre'); p.id = 'found'; " +
		"p.textContent = btoa(unescape(encodeURIComponent(JSON.stringify({told: true, dark: matchMedia('(prefers-color-scheme: dark)').matches, " +
		"wide: document.documentElement.scrollWidth, passes: r.passes.length, violations: r.violations})))); document.body.append(p) })</script>"
	at := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(at, bytes.Replace(page, []byte("</body>"), []byte(script+"</body>"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	scheme := map[bool]string{true: "0", false: "1"}[dark]
	profile, err := os.MkdirTemp("", "veille-look-") //nolint:usetesting // what is left of a browser may write there after it has ended
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(profile) }()
	c := exec.CommandContext(t.Context(), "chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir="+profile,
		"--blink-settings=preferredColorScheme="+scheme, fmt.Sprintf("--window-size=%d,900", width), "--hide-scrollbars", "--virtual-time-budget=30000", "--dump-dom", "file://"+at)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`<pre id="found">([^<]*)</pre>`).FindSubmatch(out)
	if found == nil {
		t.Fatal("axe-core has said nothing")
	}
	var l looked
	raw := make([]byte, len(found[1]))
	n, err := base64.StdEncoding.Decode(raw, found[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw[:n], &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestThePageIsForEverybodyByDayAndByNightOnADeskAndOnATelephone(t *testing.T) {
	need(t, "axe")
	for _, language := range []string{"fr", "en"} {
		page := write(t, report.HTML, sample(t), language)
		for _, dark := range []bool{false, true} {
			for _, width := range []int{320, 1280} {
				l := look(t, page, width, dark)
				if !l.Told || l.Passes < 15 || l.Dark != dark {
					t.Fatalf("%s: the page was not looked at as it should be: %+v", language, l)
				}
				if l.Wide > width {
					t.Errorf("%s: the page is %d wide where the window is %d", language, l.Wide, width)
				}
				for _, v := range l.Violations {
					t.Errorf("%s, %d wide, dark %t: %s: %s", language, width, dark, v.ID, v.Help)
					for _, n := range v.Nodes[:min(len(v.Nodes), 3)] {
						t.Logf("  %.200s\n  %s", n.HTML, n.FailureSummary)
					}
				}
			}
		}
	}
	bad := bytes.Replace(write(t, report.HTML, sample(t), "en"), []byte(`lang="en"`), nil, 1)
	if l := look(t, bad, 1280, false); len(l.Violations) != 1 || l.Violations[0].ID != "html-has-lang" {
		t.Errorf("a page without a language is found to have %+v", l.Violations)
	}
}
