package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"testing"

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
			env.Setenv("SITE", site.URL)
			return nil
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
