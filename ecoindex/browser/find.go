package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"veille/ecoindex/web"
)

// Find answers the path of the browser to use: wanted when it is given, else the first Chromium or Chrome that is
// installed. The error is a *web.Error of CodeBrowser that says how to install one.
func Find(wanted string) (string, error) {
	if wanted != "" {
		path, err := exec.LookPath(wanted)
		if err != nil {
			return "", &web.Error{
				Code: web.CodeBrowser, URL: "with a browser", Err: err,
				Text: fmt.Sprintf("%s is not a program that can be run (%v); give the path of Chromium or Chrome with --browser", wanted, err),
			}
		}
		return path, nil
	}
	for _, candidate := range candidates(runtime.GOOS, os.Getenv) {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", &web.Error{Code: web.CodeBrowser, URL: "with a browser", Text: "no Chromium was found; " + install(runtime.GOOS) +
		", or give its path with --browser, or measure without scripts with --mode static"}
}

// candidates are names and paths of browsers of a system, the one we know best first.
func candidates(system string, env func(string) string) []string {
	switch system {
	case "darwin":
		return []string{
			"chromium", "/Applications/Chromium.app/Contents/MacOS/Chromium",
			"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
			"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
		}
	case "windows":
		var list []string
		for _, program := range []string{`Chromium\Application\chrome.exe`, `Google\Chrome\Application\chrome.exe`, `Microsoft\Edge\Application\msedge.exe`} {
			for _, root := range []string{"ProgramFiles", "ProgramFiles(x86)", "LocalAppData"} {
				if folder := env(root); folder != "" {
					list = append(list, filepath.Join(folder, program))
				}
			}
		}
		return list
	}
	// The shell has no window around its pages: it takes half the time, and is what the reference starts.
	return []string{"chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"}
}

// install is the command that installs Chromium on a system.
func install(system string) string {
	switch system {
	case "darwin":
		return "install it with: brew install --cask chromium"
	case "windows":
		return "install it with: winget install Hibbiki.Chromium"
	}
	return "install it with: sudo apt-get install chromium (or chromium-headless-shell, which is quicker), or sudo dnf install chromium"
}
