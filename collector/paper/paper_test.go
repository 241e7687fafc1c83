package paper_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector/paper"
)

// browser is a Chromium that is installed; the test is skipped unless REQUIRE names it, and then it must be there.
func browser(t *testing.T) string {
	t.Helper()
	if required := os.Getenv("REQUIRE"); required != "all" && !strings.Contains(required, "browser") {
		t.Skip("REQUIRE does not name the browser")
	}
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// folder is where folders of browsers are made, in this test alone. Its path is short.
func folder(t *testing.T) string {
	t.Helper()
	at, err := os.MkdirTemp("/tmp", "vp-") //nolint:usetesting // the path of a test's own folder is too long for a socket below it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(at) })
	t.Setenv("TMPDIR", at)
	return at
}

// isClean fails where a folder or a process of a browser is left.
func isClean(t *testing.T, at string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(at, "veille-paper-*")); err != nil || len(left) > 0 {
		t.Errorf("folders are left: %v, %v", left, err)
	}
	if left := running(at); len(left) > 0 {
		t.Errorf("processes are left: %q", left)
	}
}

// running are the processes that were started with a folder.
func running(at string) (all []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if raw, err := os.ReadFile(f); err == nil && bytes.Contains(raw, []byte(at)) {
			all = append(all, string(raw))
		}
	}
	return all
}

// text is what a PDF document says, as pdftotext reads it.
func text(t *testing.T, pdf []byte) string {
	t.Helper()
	return tool(t, pdf, "pdftotext", "-")
}

// tool is what a tool says of a PDF document.
func tool(t *testing.T, pdf []byte, name string, arguments ...string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(at, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), name, append([]string{at}, arguments...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}

// inside is the bytes of a PDF document, with what is packed in it behind.
func inside(pdf []byte) string {
	b := bytes.NewBuffer(bytes.Clone(pdf))
	for _, at := range regexp.MustCompile(`stream\r?\n`).FindAllIndex(pdf, -1) {
		if z, err := zlib.NewReader(bytes.NewReader(pdf[at[1]:])); err == nil {
			_, _ = io.Copy(b, z)
		}
	}
	return b.String()
}

func TestAReportIsATaggedDocumentWithATitleALanguageAndAnOutline(t *testing.T) {
	path, at := browser(t), folder(t)
	page, err := os.ReadFile("../report/testdata/report.fr.html")
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := paper.Print(t.Context(), path, page)
	if err != nil {
		t.Fatal(err)
	}
	isClean(t, at)
	info := tool(t, pdf, "pdfinfo")
	for _, want := range []string{`Tagged: +yes`, `JavaScript: +no`, `Title: +Région d’Échantillon "Ouest" & fils <essai>`, `Page size: +59[45].*A4`} {
		if !regexp.MustCompile(want).MatchString(info) {
			t.Errorf("pdfinfo does not say %s: %s", want, info)
		}
	}
	all := inside(pdf)
	for _, want := range []string{`/MarkInfo`, `/StructTreeRoot`, `/Lang ?\(fr\)`, `/Outlines`, `/S ?/H1`, `/S ?/TH`, `/S ?/Figure`} {
		if !regexp.MustCompile(want).MatchString(all) {
			t.Errorf("the document has no %s", want)
		}
	}
	says := text(t, pdf)
	for _, want := range []string{"Lire d’abord", "SIMULÉ", "consommés en plus", "https://www.exemple.fr/facteurs", "1 / "} {
		if !strings.Contains(says, want) {
			t.Errorf("the document does not say %q", want)
		}
	}
}

func TestAPageReachesNothing(t *testing.T) {
	path, at := browser(t), folder(t)
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("THE SECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := server.URL
	page := fmt.Sprintf(`<!DOCTYPE html><html lang="en"><head><title>hostile</title><meta http-equiv="refresh" content="0;url=file://%[2]s">
<link rel="stylesheet" href="%[1]s/a.css"><link rel="preconnect" href="%[1]s"><base href="%[1]s/"><style>@import "%[1]s/b.css"; p { background: url(%[1]s/c.png) } @font-face { font-family: x; src: url(%[1]s/d.woff) } p { font-family: x }</style>
</head><body><p id="p">still</p><img src="%[1]s/e.png"><iframe src="file://%[2]s"></iframe><object data="file://%[2]s"></object><embed src="file://%[2]s">
<svg><image href="%[1]s/f.png"/><script>document.getElementById("p").textContent = "moved"</script></svg><video src="%[1]s/g.mp4" poster="%[1]s/h.png"></video>
<script>document.getElementById("p").textContent = "moved"; fetch("%[1]s/i")</script><script src="%[1]s/j.js"></script>
<img src="x" onerror="document.getElementById('p').textContent = 'moved'"><body onload="document.getElementById('p').textContent = 'moved'">
<noscript><p>no script</p></noscript></body></html>`, to, secret)
	pdf, err := paper.Print(t.Context(), path, []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	isClean(t, at)
	if n := asked.Load(); n > 0 {
		t.Errorf("the page has asked %d times", n)
	}
	if says := text(t, pdf); !strings.Contains(says, "still") || strings.Contains(says, "moved") || strings.Contains(says, "SECRET") {
		t.Errorf("the document says %q", says)
	}
}

func TestAnyBytesArePrintedOrRefused(t *testing.T) {
	path, at := browser(t), folder(t)
	for _, page := range []string{"\x00\xff\xfe", "<", "<frameset><frame src=x></frameset>", strings.Repeat("<div>", 2000), "text only"} {
		if pdf, err := paper.Print(t.Context(), path, []byte(page)); err == nil && !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%.20q is printed as %.20q", page, pdf)
		}
	}
	isClean(t, at)
}

func TestAnEmptyPageIsRefused(t *testing.T) {
	at := folder(t)
	if _, err := paper.Print(t.Context(), "sh", []byte(" \n")); err == nil || !strings.Contains(err.Error(), "it is empty") {
		t.Error(err)
	}
	isClean(t, at)
}

func TestAPathThatIsNoBrowserSaysSo(t *testing.T) {
	at := folder(t)
	for path, want := range map[string]string{
		"/nowhere/chromium": `"/nowhere/chromium" is no program that can be run`,
		"":                  "is no program that can be run",
		"/bin/true":         "it ended without a document",
		"/bin/false":        "exit status 1",
	} {
		if _, err := paper.Print(t.Context(), path, []byte("<p>a")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", path, err)
		}
	}
	isClean(t, at)
}

// script is a program that plays a browser.
func script(t *testing.T, lines string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(at, []byte("#!/bin/sh\n"+lines+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return at
}

const outOf = `for a in "$@"; do case "$a" in --print-to-pdf=*) out="${a#--print-to-pdf=}";; esac; done`

func TestWhatTheBrowserSaidIsInTheError(t *testing.T) {
	at := folder(t)
	_, err := paper.Print(t.Context(), script(t, `echo "no display here" >&2; exit 7`), []byte("<p>a"))
	if err == nil || !strings.Contains(err.Error(), "exit status 7, it said: no display here") {
		t.Error(err)
	}
	_, err = paper.Print(t.Context(), script(t, outOf+`; echo hello >"$out"`), []byte("<p>a"))
	if err == nil || !strings.Contains(err.Error(), "is no PDF document") {
		t.Error(err)
	}
	isClean(t, at)
}

func TestTheBrowserGetsNoSecretOfOurs(t *testing.T) {
	at := folder(t)
	for _, name := range []string{"VEILLE_SMTP_PASSWORD", "VEILLE_KEY", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "LD_PRELOAD", "SSLKEYLOGFILE"} {
		t.Setenv(name, "the secret")
	}
	t.Setenv("LC_ALL", "C.UTF-8")
	pdf, err := paper.Print(t.Context(), script(t, outOf+`; { printf %%PDF-; env; } >"$out"`), []byte("<p>a"))
	if err != nil {
		t.Fatal(err)
	}
	said := string(pdf)
	if strings.Contains(said, "secret") || strings.Contains(said, "VEILLE_") {
		t.Errorf("the browser has got %s", said)
	}
	for _, want := range []string{"PATH=", "LC_ALL=C.UTF-8", "HOME=" + at, "TMPDIR=" + at} {
		if !strings.Contains(said, want) {
			t.Errorf("the browser has no %s: %s", want, said)
		}
	}
}

func TestOnlyWeMayLookIntoTheFolderOfTheBrowser(t *testing.T) {
	at := folder(t)
	pdf, err := paper.Print(t.Context(), script(t, outOf+`; { printf %%PDF-; stat -c %a . page.html; } >"$out"`), []byte("<p>a"))
	if err != nil || string(pdf) != "%PDF-700\n600\n" {
		t.Errorf("%s, %v", pdf, err)
	}
	isClean(t, at)
}

func TestWhatAKilledRunHasLeftIsTakenAwayByTheNext(t *testing.T) {
	at := folder(t)
	long, now := time.Now().Add(-2*time.Hour), time.Now()
	for name, when := range map[string]time.Time{"veille-paper-1": long, "veille-paper-2": now, "other": long} {
		if err := errors.Join(os.MkdirAll(filepath.Join(at, name, "profile"), 0o700), os.Chtimes(filepath.Join(at, name), when, when)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink(filepath.Join(at, "other"), filepath.Join(at, "veille-paper-3"))); err != nil {
		t.Fatal(err)
	}
	if _, err := paper.Print(t.Context(), "/bin/false", []byte("<p>a")); err == nil {
		t.Error("false has printed")
	}
	left, err := filepath.Glob(filepath.Join(at, "*"))
	if want := []string{"other", "veille-paper-2", "veille-paper-3"}; err != nil || len(left) != len(want) || filepath.Base(left[0]) != want[0] || filepath.Base(left[1]) != want[1] {
		t.Errorf("%v are left, %v", left, err)
	}
}

func TestACancelLeavesNoProcessAndNoFolder(t *testing.T) {
	at := folder(t)
	started := filepath.Join(t.TempDir(), "started")
	path := script(t, `sh -c 'sleep 300; : "$0"' "$1$2$3" & touch `+started+`; sleep 300`) // a child of its own, that knows the folder
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 500 {
			if _, err := os.Stat(started); err == nil {
				break
			}
			<-time.After(10 * time.Millisecond)
		}
		cancel()
	}()
	begun := time.Now()
	if _, err := paper.Print(ctx, path, []byte("<p>a")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("a cancel takes %s", took)
	}
	isClean(t, at)
}

func TestACancelEndsTheRealBrowserWhereverItIs(t *testing.T) {
	path, at := browser(t), folder(t)
	page := []byte(strings.Repeat("<table><tr><td>a</table>", 3000))
	for _, after := range []time.Duration{0, 50 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		if _, err := paper.Print(ctx, path, page); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %s: %v", after, err)
		}
		cancel()
		isClean(t, at)
	}
}
