// Package paper prints a page as a PDF document that screen readers can follow.
package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mostTime is how long a page may take: a report of a year takes a few seconds, on a slow machine.
const mostTime = 60 * time.Second

// Print prints a page, HTML that needs nothing else, with the Chromium at path. The document is tagged and has an outline. Nothing of the
// page is run, and nothing is fetched: what would do that is taken out of the page first, a policy in the page forbids it, and the browser has
// no network. It takes a minute at most. The browser, its children and its folder are gone when it returns, whatever happens.
func Print(ctx context.Context, path string, page []byte) (pdf []byte, err error) {
	program, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("print with Chromium: %q is no program that can be run (%w); give the path of Chromium or Chrome, or install it: "+
			"apt-get install chromium", path, err)
	}
	still, err := quiet(page)
	if err != nil {
		return nil, fmt.Errorf("print a page: %w", err)
	}
	folder, err := newFolder()
	if err != nil {
		return nil, err
	}
	defer func() {
		if gone := remove(folder); gone != nil && err == nil {
			pdf, err = nil, fmt.Errorf("remove the folder of the browser: %w", gone)
		}
	}()
	from, to := filepath.Join(folder, "page.html"), filepath.Join(folder, "page.pdf")
	if err := os.WriteFile(from, still, 0o600); err != nil {
		return nil, fmt.Errorf("write the page for the browser: %w", err)
	}
	if err := run(ctx, program, folder, from, to); err != nil {
		return nil, err
	}
	pdf, err = os.ReadFile(to)
	if err != nil {
		return nil, fmt.Errorf("read what %s printed: %w", program, err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		return nil, fmt.Errorf("print with %s: what it wrote is no PDF document", program)
	}
	return pdf, nil
}

// run runs the browser until it has printed.
func run(ctx context.Context, program, folder, from, to string) error {
	limited, cancel := context.WithTimeout(ctx, mostTime)
	defer cancel()
	c := exec.CommandContext(limited, program, arguments(folder, from, to)...)
	said := &tail{}
	c.Stdout, c.Stderr, c.Dir = said, said, folder
	c.Env = environment(os.Environ(), folder)
	c.WaitDelay = 2 * time.Second // its children may hold on to what it said
	alone(c)
	c.Cancel = func() error { return kill(c) }
	err := c.Run()
	if c.Process != nil {
		_ = kill(c) // what it left behind; mostly there is nothing any more
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("print with %s: %w", program, ctx.Err())
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		return fmt.Errorf("print with %s: it took more than %s%s", program, mostTime, said.after())
	case err != nil:
		return fmt.Errorf("print with %s: %w%s; run it once by hand", program, err, said.after())
	}
	if _, err := os.Stat(to); err != nil {
		return fmt.Errorf("print with %s: it ended without a document%s", program, said.after())
	}
	return nil
}

// arguments are those of the browser. It asks nobody for anything: no update, no proxy that answers, no name that is found. Its scripts cannot
// be turned off, since it prints with one of its own: quiet takes care of those of the page.
func arguments(folder, from, to string) []string {
	list := []string{
		"--headless", "--user-data-dir=" + filepath.Join(folder, "profile"), "--no-first-run", "--no-default-browser-check",
		"--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
		"--disable-domain-reliability", "--disable-client-side-phishing-detection", "--disable-crash-reporter", "--disable-breakpad",
		"--no-service-autorun", "--metrics-recording-only", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--mute-audio",
		"--password-store=basic", "--use-mock-keychain",
		"--proxy-server=http://127.0.0.1:9", "--proxy-bypass-list=<-loopback>", "--host-resolver-rules=MAP * ~NOTFOUND",
		"--print-to-pdf=" + to, "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline",
	}
	if os.Geteuid() == 0 { // Chromium refuses to start its sandbox as root
		list = append(list, "--no-sandbox")
	}
	return append(list, address(from))
}

// address is that of a file.
func address(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive of Windows
		path = "/" + path
	}
	return "file://" + strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23", " ", "%20").Replace(path)
}

// longestFolder is how long the path of a folder may be: the browser makes a socket below it, whose path has a limit of a hundred-odd bytes.
const longestFolder = 50

// newFolder makes a folder that nobody else may look into.
func newFolder() (string, error) {
	parent := os.TempDir()
	if len(parent)+len("/veille-paper-1234567890") > longestFolder && filepath.Separator == '/' {
		parent = "/tmp"
	}
	sweep(parent)
	folder, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return "", fmt.Errorf("make a folder for the browser: %w", err)
	}
	return folder, nil
}

// prefix is how the names of folders begin, and stale after what time one is of a run that was killed: none takes nearly as long.
const (
	prefix = "veille-paper-"
	stale  = time.Hour
)

// sweep removes what runs that were killed have left. What it may not remove, or what is of others, stays.
func sweep(parent string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), prefix) && time.Since(info.ModTime()) > stale {
			_ = os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}

// remove removes a folder, in which what is left of a browser may still write for a moment.
func remove(folder string) error {
	var err error
	for range 40 {
		if err = os.RemoveAll(folder); err == nil {
			return nil
		}
		<-time.After(50 * time.Millisecond)
	}
	return fmt.Errorf("%w", err)
}

// tail keeps the end of what the browser says.
type tail struct{ text []byte }

// Write keeps p, and forgets what is long past.
func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - 4096; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(p), nil
}

// after is what the browser said last, behind an error.
func (t *tail) after() string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(t.text), "\ufffd")), "\n")
	lines = lines[max(0, len(lines)-3):]
	if said := strings.TrimSpace(strings.Join(lines, " | ")); said != "" {
		return ", it said: " + said
	}
	return ""
}
