package browser

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

func TestBrowsersAreLookedForWhereEachSystemHasThem(t *testing.T) {
	windows := map[string]string{"ProgramFiles": `C:\Program Files`, "ProgramFiles(x86)": `C:\Program Files (x86)`, "LocalAppData": `C:\Users\a\AppData\Local`}
	for _, tt := range []struct {
		system string
		env    map[string]string
		want   []string
	}{
		{"linux", windows, []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"}},
		{"freebsd", nil, []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"}},
		{"darwin", nil, []string{
			"chromium", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
			"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
		}},
		{"windows", windows, []string{
			filepath.Join(`C:\Program Files`, `Chromium\Application\chrome.exe`), filepath.Join(`C:\Program Files (x86)`, `Chromium\Application\chrome.exe`),
			filepath.Join(`C:\Users\a\AppData\Local`, `Chromium\Application\chrome.exe`),
			filepath.Join(`C:\Program Files`, `Google\Chrome\Application\chrome.exe`), filepath.Join(`C:\Program Files (x86)`, `Google\Chrome\Application\chrome.exe`),
			filepath.Join(`C:\Users\a\AppData\Local`, `Google\Chrome\Application\chrome.exe`),
			filepath.Join(`C:\Program Files`, `Microsoft\Edge\Application\msedge.exe`), filepath.Join(`C:\Program Files (x86)`, `Microsoft\Edge\Application\msedge.exe`),
			filepath.Join(`C:\Users\a\AppData\Local`, `Microsoft\Edge\Application\msedge.exe`),
		}},
		{"windows", map[string]string{"ProgramFiles": `D:\Programs`}, []string{
			filepath.Join(`D:\Programs`, `Chromium\Application\chrome.exe`), filepath.Join(`D:\Programs`, `Google\Chrome\Application\chrome.exe`),
			filepath.Join(`D:\Programs`, `Microsoft\Edge\Application\msedge.exe`),
		}},
		{"windows", nil, nil},
	} {
		if got := candidates(tt.system, func(name string) string { return tt.env[name] }); !slices.Equal(got, tt.want) {
			t.Errorf("%s with %v looks for %q; want %q", tt.system, tt.env, got, tt.want)
		}
	}
}

func TestHowToInstallABrowserIsSaidForEachSystem(t *testing.T) {
	for system, want := range map[string]string{
		"linux": "sudo apt-get install chromium", "freebsd": "chromium", "darwin": "brew install", "windows": "winget install",
	} {
		if got := install(system); !strings.HasPrefix(got, "install it with: ") || !strings.Contains(got, want) || strings.HasSuffix(got, ".") {
			t.Errorf("%s: %q; want %q in it", system, got, want)
		}
	}
}

func TestABrowserThatIsGivenIsTheOneThatIsFound(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if path, err := Find(self); err != nil || path != self {
		t.Errorf("%s is found at %q, %v", self, path, err)
	}
	for _, wanted := range []string{filepath.Join(folder, "none"), text, folder, "no-such-browser", " "} {
		path, err := Find(wanted)
		problem, ok := errors.AsType[*web.Error](err)
		if !ok || path != "" || problem.Code != web.CodeBrowser || problem.Err == nil {
			t.Errorf("%q is found at %q, %v; want an error of code %s", wanted, path, err, web.CodeBrowser)
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, "measure with a browser: "+wanted+" is not a program that can be run (") || !strings.HasSuffix(text, "; give the path of Chromium or Chrome with --browser") {
			t.Errorf("%q: the error is %q", wanted, text)
		}
	}
}

func TestWithoutAnyBrowserWhatToDoIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, name := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
		t.Setenv(name, "")
	}
	path, err := Find("")
	if err == nil && filepath.IsAbs(path) {
		t.Skipf("this machine has %s outside of its PATH", path)
	}
	problem, ok := errors.AsType[*web.Error](err)
	if !ok || path != "" || problem.Code != web.CodeBrowser {
		t.Fatalf("a browser is found at %q, %v; want an error of code %s", path, err, web.CodeBrowser)
	}
	for _, want := range []string{"no Chromium was found; install it with: ", "--browser", "--mode static"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %q; want %q in it", err, want)
		}
	}
}
