// Package cmd_test checks the programs together, as a user runs them.
package cmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

func TestOneJouleAndOnePageReachTheReader(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, agentData := filepath.Join(dir, "collector"), filepath.Join(dir, "agent")
	collector, address, token := site(t, data, "1")
	do(t, []string{"VEILLE_TOKEN=" + token}, "veille-agent", "enrol", "--data", agentData, "--collector", address, "--use", "server")
	agent := start(t, false, "veille-agent", "run", "--data", agentData, "--period", "1s", "--post-every", "1s")

	pages := signIn(t, data, address)
	hours := pages + "sites/1/hours"
	until(t, "an hour on the page", func() bool { return read(t, hours).Find("tbody tr").Length() > 0 })
	printed := do(t, nil, "veille-collector", "page", "add", "--data", data, "--allow-private", address+"sign-in")
	if !strings.Contains(printed, "grade A") {
		t.Errorf("our own page: %s", printed)
	}
	if grade := read(t, pages).Find(".grade").Text(); grade != "A" {
		t.Errorf("the page shows grade %q", grade)
	}
	if method := read(t, hours).Find("tbody td").Eq(1).Text(); method == "" || strings.Contains(method, "[") {
		t.Errorf("the energy's method is %q", method)
	}
	if shown := do(t, nil, "veille-agent", "show", "--data", agentData, "--lang", "fr"); !strings.Contains(shown, `"use":"server"`) || !strings.Contains(shown, "envoyé") {
		t.Errorf("show prints %s", shown)
	}
	well := func(name string, status int, log *diary) {
		if status != 0 || strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: exit %d\n%s", name, status, log)
		}
	}
	well("agent", agent.end(t, os.Interrupt), agent.log)
	inBrowser(t, hours, "svg rect.bar") // now that nothing changes any more
	inBrowser(t, pages, ".grade")
	well("collector", collector.end(t, os.Interrupt), collector.log)
	onlyKnownWords(t, agentData)
}

func TestAnAgentKeepsWhatItCannotDeliverAndTheCollectorHasItWhenItIsBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, agentData := filepath.Join(dir, "collector"), filepath.Join(dir, "agent")
	collector, address, token := site(t, data, "1")
	do(t, []string{"VEILLE_TOKEN=" + token}, "veille-agent", "enrol", "--data", agentData, "--collector", address, "--use", "shared")
	_ = collector.end(t, syscall.SIGKILL)

	agent := start(t, false, "veille-agent", "run", "--data", agentData, "--period", "1s", "--post-every", "1s")
	waiting := func() int {
		files, err := filepath.Glob(filepath.Join(agentData, "spool", "waiting", "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	until(t, "a record that waits", func() bool { return waiting() > 0 })
	if _, stderr, status := try(t, nil, "veille-agent", "run", "--data", agentData); status != 1 || !strings.Contains(stderr, "another agent runs") {
		t.Errorf("a second agent: exit %d, %s", status, stderr)
	}
	select { // until it has met nobody
	case <-t.Context().Done():
	case <-time.After(time.Second):
	}
	start(t, true, "veille-collector", "serve", "--data", data, "--listen", strings.Trim(strings.TrimPrefix(address, "http://"), "/"))
	hours := signIn(t, data, address) + "sites/1/hours"
	until(t, "the record on the page", func() bool { return read(t, hours).Find("svg rect.bar").Length() > 0 })
	if status := agent.end(t, os.Interrupt); status != 0 {
		t.Errorf("exit %d", status)
	}
	if n := strings.Count(agent.log.String(), "not delivered"); n != 1 {
		t.Errorf("the failure was logged %d times, want once\n%s", n, agent.log)
	}
}

// The clock that includes sleep runs ten hours ahead in a time namespace, as after ten hours of sleep.
func TestTimeAsleepIsToldFromTimeOn(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), "unshare", "--time", "--boottime", "36000", "true").Run(); err != nil {
		if required("unshare") {
			t.Fatalf("unshare --time: %v", err)
		}
		t.Skip("no time namespace may be made here")
	}
	var before, after struct {
		OnS    float64 `json:"on_s"`
		SleepS float64 `json:"sleep_s"`
	}
	if err := json.Unmarshal([]byte(do(t, nil, "veille-agent", "once", "--json", "--for", "1s")), &before); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "unshare", "--time", "--boottime", "36000", filepath.Join(bin, "veille-agent"), "once", "--json", "--for", "1s").Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &after); err != nil {
		t.Fatal(err)
	}
	if slept := after.SleepS - before.SleepS; slept < 35_999 || slept > 36_001 || after.OnS-before.OnS > 60 {
		t.Errorf("before %+v, after %+v; want 36000 s more asleep and none more on", before, after)
	}
}

// onlyKnownWords reads all that the agent sent: each word in it is one of those that the record may hold, and each number
// one that a duration or an energy can be. There is no place in it for a name, an address or a moment.
func onlyKnownWords(t *testing.T, agentData string) {
	t.Helper()
	shown := do(t, nil, "veille-agent", "show", "--data", agentData, "--json")
	var records []any
	if err := json.Unmarshal([]byte(shown), &records); err != nil || len(records) == 0 {
		t.Fatalf("show --json prints %s, %v", shown, err)
	}
	_, version, _ := strings.Cut(strings.TrimSpace(do(t, nil, "veille-agent", "version")), " ")
	known := regexp.MustCompile(`^(20[0-9]{2}-[01][0-9]-[0-3][0-9]|individual|shared|server|open|night|weekend|holiday|` +
		`notebook|desktop|mini|all-in-one|thin-client|unknown|linux|[0-9]+-[0-9]+|64\+|rapl|model-class|machine|cpu|` +
		`(debian|ubuntu|fedora|linux)-[a-z0-9.]+|(intel|amd|arm|other)-([0-9]+-[0-9]+|33\+)|internal|<23|>32|never|[0-9]{1,6}|` + regexp.QuoteMeta(version) + `)$`)
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if !known.MatchString(v) {
				t.Errorf("the agent sent the word %q", v)
			}
		case float64:
			if v < 0 || v > 90_000 {
				t.Errorf("the agent sent the number %v", v)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(records)
}

// inBrowser looks at a page in Chromium, and for something on it. The page's own policy forbids all scripts, so this is the page without any.
func inBrowser(t *testing.T, address, selector string) {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		if required("browser") {
			t.Fatalf("%v; make test installs it", err)
		}
		return
	}
	d, err := goquery.NewDocumentFromReader(bytes.NewReader(chromium(t, "--dump-dom", address)))
	if err != nil {
		t.Fatal(err)
	}
	if d.Find(selector).Length() == 0 {
		t.Errorf("in Chromium the page is\n%s", d.Text())
	}
	if d.Find("script").Length() != 0 {
		t.Error("the page has a script")
	}
	file := filepath.Join(t.TempDir(), "page.png")
	chromium(t, "--window-size=1280,1000", "--screenshot="+file, address)
	if picture, err := os.Stat(file); err != nil || picture.Size() < 10_000 {
		t.Errorf("the picture of the page is empty: %v", err)
	}
}

func chromium(t *testing.T, args ...string) []byte {
	t.Helper()
	flags := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir=" + t.TempDir(),
	}
	c := exec.CommandContext(t.Context(), "chromium", append(flags, args...)...)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("chromium %v: %v", args, err)
	}
	return out
}

func TestWrongUseIsRefusedInASentenceWithItsExitStatus(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "collector")
	collector, address, token := site(t, data, "1")
	taken := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/")
	other := filepath.Join(dir, "agent")
	enrol := func(more ...string) []string {
		return append([]string{"veille-agent", "enrol", "--data", other, "--use", "server"}, more...)
	}
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		says   []string
	}{
		{"unknown flag", []string{"veille-agent", "once", "--colour"}, 2, []string{"unknown flag: --colour", "see veille-agent once --help"}},
		{"unknown command", []string{"veille-collector", "sing"}, 2, []string{`no command is called "sing"`}},
		{"a word too many", []string{"veille-agent", "once", "twice"}, 2, []string{`"twice" is one word too many`}},
		{"sysfs that is not there", []string{"veille-agent", "once", "--sysfs", file}, 2, []string{"not a folder that can be read"}},
		{"a class nobody knows", []string{"veille-agent", "once", "--class", "toaster"}, 2, []string{"none of [notebook"}},
		{"too short a measure", []string{"veille-agent", "once", "--for", "1ms"}, 2, []string{"not between 1s and 1h"}},
		{"agent's folder below a file", []string{"veille-agent", "run", "--data", filepath.Join(file, "x")}, 1, []string{"choose another with --data"}},
		{"an agent without identity", []string{"veille-agent", "run", "--data", filepath.Join(dir, "new")}, 2, []string{"set both and start the service again", "or run veille-agent enrol"}},
		{"a period that makes no sense", []string{"veille-agent", "run", "--data", other, "--period", "1h"}, 2, []string{"not between 1s and 5m"}},
		{"a post that never comes", []string{"veille-agent", "run", "--data", other, "--post-every", "-5s"}, 2, []string{"not between 0 and 1h"}},
		{"a language nobody speaks here", []string{"veille-agent", "show", "--data", other, "--lang", "de"}, 2, []string{"none of en, fr"}},
		{"nothing to show", []string{"veille-agent", "show", "--data", filepath.Join(dir, "none")}, 1, []string{"--data"}},
		{"no collector given", enrol("--token", token), 2, []string{"add --collector"}},
		{"no token given", enrol("--collector", address), 2, []string{"VEILLE_TOKEN"}},
		{"a use nobody knows", append(enrol("--collector", address, "--token", token), "--use", "vip"), 2, []string{"none of individual"}},
		{"a collector without TLS", enrol("--collector", "http://192.0.2.1", "--token", token), 2, []string{"use https"}},
		{"a collector that is none", enrol("--collector", "gopher://x", "--token", token), 2, []string{"not an address like https://"}},
		{"nobody there", enrol("--collector", "http://127.0.0.1:9", "--token", token), 1, []string{"connection refused", "check the address"}},
		{"a bad token", enrol("--collector", address, "--token", "guess"), 1, []string{"unknown, expired, revoked or used up"}},
		{"no folder given", []string{"veille-collector", "serve"}, 2, []string{"add --data DIR"}},
		{"collector's folder below a file", []string{"veille-collector", "serve", "--data", filepath.Join(file, "x")}, 1, []string{"choose another with --data"}},
		{"port in use", []string{"veille-collector", "serve", "--data", filepath.Join(dir, "second"), "--listen", taken}, 1, []string{"address already in use", "--listen"}},
		{"an address for all to reach", []string{"veille-collector", "serve", "--data", data, "--listen", "0.0.0.0:0"}, 2, []string{"reverse proxy"}},
		{"an address that is none", []string{"veille-collector", "serve", "--data", data, "--listen", "here"}, 2, []string{"not an address like"}},
		{"a port that is none", []string{"veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:99999"}, 2, []string{"not an address like"}},
		{"half a command", []string{"veille-collector", "site"}, 2, []string{"site add, site set, site list"}},
		{"a folder mistyped", []string{"veille-collector", "site", "list", "--data", filepath.Join(dir, "typo")}, 1, []string{"no collector's database", "--data"}},
		{"a site without a name", []string{"veille-collector", "site", "add", "--data", data, "  "}, 2, []string{"name of a site"}},
		{"a site twice", []string{"veille-collector", "site", "add", "--data", data, "Lycée"}, 1, []string{"exists already"}},
		{"a time zone that is none", []string{"veille-collector", "site", "add", "--data", data, "--time-zone", "Mars", "X"}, 2, []string{"Europe/Paris"}},
		{"a token for no site", []string{"veille-collector", "token", "create", "--data", data, "--site", "X"}, 1, []string{"not found", "site list"}},
		{"a token for nobody", []string{"veille-collector", "token", "create", "--data", data, "--site", "Lycée", "--machines", "-1"}, 2, []string{"not from 1"}},
		{"a page that is a file", []string{"veille-collector", "page", "add", "--data", data, "file:///etc/passwd"}, 2, []string{"http"}},
		{"a page inside", []string{"veille-collector", "page", "add", "--data", data, address}, 3, []string{"private"}},
		{"a page nobody serves", []string{"veille-collector", "page", "add", "--data", data, "--allow-private", "http://127.0.0.1:9/"}, 3, []string{"127.0.0.1:9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			stdout, stderr, status := try(t, nil, tt.args...)
			if status != tt.status || stdout != "" {
				t.Errorf("exit %d, printed %q; want %d and nothing\n%s", status, stdout, tt.status, stderr)
			}
			for _, words := range tt.says {
				if !strings.Contains(stderr, words) {
					t.Errorf("stderr is %q, want %q in it", stderr, words)
				}
			}
		})
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("after all this the collector exits with %d\n%s", status, collector.log)
	}
}

func TestADamagedDatabaseIsNotTouched(t *testing.T) {
	data := t.TempDir()
	name := filepath.Join(data, "veille.db")
	junk := bytes.Repeat([]byte("not a database "), 1000)
	if err := os.WriteFile(name, junk, 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, status := try(t, nil, "veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0")
	if status != 1 || !strings.Contains(stderr, "veille.db") {
		t.Errorf("exit %d: %s", status, stderr)
	}
	if after, err := os.ReadFile(name); err != nil || !bytes.Equal(after, junk) {
		t.Error("the file was changed")
	}
}

func TestEveryCommandHasHelpWithAnExample(t *testing.T) {
	for _, program := range []string{"veille-agent", "veille-collector", "veille-ecoindex", "veille-fleet"} {
		usage := do(t, nil, program, "--help")
		_, list, ok := strings.Cut(usage, "commands:\n")
		if !ok {
			t.Fatalf("%s --help prints %s", program, usage)
		}
		n := 0
		for line := range strings.Lines(list) {
			if !strings.HasPrefix(line, "  ") {
				break
			}
			n++
			name, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
			help := do(t, nil, append(append([]string{program}, strings.Fields(name)...), "--help")...)
			if !strings.Contains(help, "example:\n  "+program+" "+name) || !strings.Contains(help, "exit status:") {
				t.Errorf("%s %s --help prints %s", program, name, help)
			}
		}
		if n < 3 {
			t.Errorf("%s has %d commands", program, n)
		}
	}
}

// The policy that a machine was enrolled under is on its disk, signed; an administrator's pause stops the count within a sample, and
// nothing of it is sent.
func TestAPausedAgentCountsAndSendsNothingUntilItIsResumed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data, agentData := filepath.Join(dir, "collector"), filepath.Join(dir, "agent")
	_, address, token := site(t, data, "1")
	do(t, []string{"VEILLE_TOKEN=" + token}, "veille-agent", "enrol", "--data", agentData, "--collector", address, "--use", "server")
	policies, err := filepath.Glob(filepath.Join(agentData, "policies", "*-*.json"))
	if err != nil || len(policies) != 1 {
		t.Fatalf("policies on disk: %v, %v", policies, err)
	}
	agent := start(t, false, "veille-agent", "run", "--data", agentData, "--period", "1s", "--post-every", "1s")
	sent := func() string { return do(t, nil, "veille-agent", "show", "--data", agentData, "--json") }
	until(t, "a record that was sent", func() bool { return strings.Contains(sent(), `"on":`) })
	do(t, nil, "veille-agent", "pause", "--data", agentData)
	until(t, "the pause", func() bool {
		text, err := os.ReadFile(filepath.Join(agentData, "running.json"))
		return err == nil && strings.Contains(string(text), `"Awake":0`)
	})
	before := sent()
	select {
	case <-t.Context().Done():
	case <-time.After(4 * time.Second):
	}
	if after := sent(); after != before {
		t.Errorf("while paused\n%s became\n%s", before, after)
	}
	do(t, nil, "veille-agent", "resume", "--data", agentData)
	until(t, "a record after the pause", func() bool { return sent() != before })
	if status := agent.end(t, os.Interrupt); status != 0 {
		t.Errorf("exit %d\n%s", status, agent.log)
	}
	if n := strings.Count(agent.log.String(), "paused, nothing is counted") + strings.Count(agent.log.String(), "counting again"); n != 2 {
		t.Errorf("the log tells of it %d times\n%s", n, agent.log)
	}
}
