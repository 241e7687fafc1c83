package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"veille/cmd/internal/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"veille-ecoindex": func() { command.Main(program) }})
}

// The scripts run the program against a small site at $SITE. "exits 3 veille-ecoindex …" runs a command and wants its
// exit status; what it printed is compared with stdout and stderr as after exec.
func TestScripts(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(site.Close)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Setenv("SITE", site.URL)
			env.Setenv("OLDPATH", env.Getenv("PATH"))
			for name, steps := range map[string]string{"journey": `consent: "#accept"`, "stuck": `click: "#none"`} {
				text := "url: " + site.URL + "/consent\nsteps:\n  - measure: start\n  - " + steps + "\n"
				if err := os.WriteFile(filepath.Join(env.WorkDir, name+".yaml"), []byte(text), 0o600); err != nil {
					return err
				}
			}
			program, err := exec.LookPath("veille-ecoindex")
			env.Setenv("PROGRAM", program)
			return err
		},
		Condition: func(name string) (bool, error) {
			required := os.Getenv("REQUIRE")
			return name == "browser" && (required == "all" || strings.Contains(required, "browser")), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	status := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %q: %v", args[1:], err)
		}
		status = exit.ExitCode()
	}
	if status != want {
		ts.Fatalf("exit status is %d; want %d", status, want)
	}
}

func answer(w http.ResponseWriter, r *http.Request) {
	w.Header()["Date"] = nil // the same bytes each time
	switch r.URL.Path {
	case "/":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<p>one</p><img src="/big.png"><img src="/small.png">`)
	case "/heavy":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, strings.Repeat("<p>one</p>", 2000))
	case "/scripted":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<p>one</p><script>for (let i = 0; i < 12; i++) document.body.append(document.createElement("i")); fetch("/small.png")</script>`)
	case "/consent":
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<button id=accept onclick="this.remove(); fetch('/small.png')">OK</button>`)
	case "/slow":
		w.Header().Set("Content-Type", "text/html")
		select {
		case <-r.Context().Done():
		case <-time.After(300 * time.Millisecond):
		}
		_, _ = io.WriteString(w, `<p>one</p>`)
	case "/private":
		user, password, _ := r.BasicAuth()
		cookie, err := r.Cookie("seen")
		if err != nil || cookie.Value != "1" || user != "me" || password != "secret" || r.Header.Get("X-Key") != "k" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<p>welcome</p>`)
	case "/moved":
		http.Redirect(w, r, "/", http.StatusFound)
	case "/big.png":
		_, _ = w.Write(make([]byte, 2000))
	case "/small.png":
		_, _ = w.Write(make([]byte, 10))
	default:
		http.NotFound(w, r)
	}
}
