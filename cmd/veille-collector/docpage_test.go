package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// word of a command line, in quotes or not.
var wordOfALine = regexp.MustCompile(`"([^"]*)"|(\S+)`)

// docPage is a page of the documentation.
func docPage(t *testing.T, name string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// eachShown gives each command line that a page shows behind a dollar to do: its program, its arguments, and what the page says that it prints. It
// answers how often each program is shown.
func eachShown(page string, do func(program, arguments, want string)) map[string]int {
	shown := map[string]int{}
	for _, block := range regexp.MustCompile("(?s)```\n(\\$ .*?)```").FindAllStringSubmatch(page, -1) {
		for _, one := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			line, want, _ := strings.Cut(one, "\n")
			program, arguments, _ := strings.Cut(line, " ")
			shown[program]++
			do(program, arguments, want)
		}
	}
	return shown
}

// printed is what the collector's command prints to whoever gives this line.
func printed(t *testing.T, line string) string {
	t.Helper()
	var args []string
	for _, m := range wordOfALine.FindAllStringSubmatch(line, -1) {
		args = append(args, m[1]+m[2])
	}
	var text bytes.Buffer
	p := program(&text, &text)
	p.Stdout, p.Stderr, p.Lookup = &text, &text, func(string) (string, bool) { return "", false }
	p.Run(t.Context(), args)
	return text.String()
}

// answered is what a collector on the folder DIR answers to a post.
func answered(t *testing.T, path, authorization, body string, by func(*relational.Store) http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join("DIR", "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	by(store).ServeHTTP(w, r)
	return w
}

// understood is an error where a line is not the name of a command and flags that it has.
func understood(line string) error {
	line, _, _ = strings.Cut(line, " >") // where the shell puts what is printed
	line, _, _ = strings.Cut(line, "  #")
	line, _, _ = strings.Cut(line, " |")
	for _, c := range program(io.Discard, io.Discard).Commands {
		arguments, is := strings.CutPrefix(line+" ", c.Name+" ")
		if !is {
			continue
		}
		flags := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
		flags.SetOutput(io.Discard)
		if c.Flags != nil {
			c.Flags(flags)
		}
		var args []string
		for _, m := range wordOfALine.FindAllStringSubmatch(arguments, -1) {
			args = append(args, m[1]+m[2])
		}
		err := flags.Parse(args)
		if n := flags.NArg(); err == nil && n > 0 && c.Args == "" {
			err = fmt.Errorf("it takes no words, and has %q", flags.Args())
		}
		return err
	}
	return fmt.Errorf("there is no such command")
}

func TestEachCommandInHelpAndOnThePagesIsThereWithItsFlags(t *testing.T) {
	for _, c := range program(io.Discard, io.Discard).Commands {
		for line := range strings.Lines(c.Example) {
			if err := understood(strings.TrimSpace(line)); err != nil || !strings.HasPrefix(line, c.Name) {
				t.Errorf("the help of %s shows %s: %v", c.Name, line, err)
			}
		}
		if c.Example == "" {
			t.Errorf("the help of %s shows no example", c.Name)
		}
	}
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, page := range append(pages, filepath.Join("..", "..", "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^(?:\$ )?veille-collector ([a-z].*[^:\n])$`).FindAllStringSubmatch(string(text), -1) {
			if regexp.MustCompile(`^[a-z -]+: `).MatchString(m[1]) {
				continue // an error that a command prints
			}
			shown++
			if err := understood(m[1]); err != nil {
				t.Errorf("%s shows %s: %v", page, m[1], err)
			}
		}
	}
	if shown < 100 {
		t.Errorf("the pages show %d commands", shown)
	}
}

// docs/grafana.md shows what the command prints: it does.
func TestTheGrafanaPageShowsWhatItsCommandPrints(t *testing.T) {
	page, data := docPage(t, "grafana.md"), namedLedger(t)
	t.Chdir(t.TempDir())
	shown := eachShown(page, func(program, arguments, want string) {
		if program != "veille-collector" {
			return
		}
		if got := filepath.ToSlash(printed(t, strings.Replace(arguments, "/var/lib/veille-collector", data, 1))); got != want {
			t.Errorf("%s\nprints\n%s\nthe page has\n%s", arguments, got, want)
		}
	})
	if shown["veille-collector"] != 1 {
		t.Errorf("the page shows %v", shown)
	}
}
