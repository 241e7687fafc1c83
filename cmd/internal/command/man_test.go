package command_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
)

// shelf is a program whose words would be taken for something else, were they not quoted.
func shelf(out, bad *strings.Builder) command.Program {
	var text string
	var yes bool
	nothing := func(context.Context, []string) error { return nil }
	return command.Program{
		Name: "veille-shelf", Summary: "keeps what's on it; a 'quote', a \\n and $HOME, `date` too, and words enough that one line does not do", Stdout: out, Stderr: bad,
		Lookup: func(name string) (string, bool) { return "86400", name == "SOURCE_DATE_EPOCH" },
		Commands: []command.Command{
			{
				Name: "run", Summary: ".begins like a request. 'So does this", Example: "run --use shared " + strings.Repeat("word ", 30), Exits: "\n  3 broken\n  4 lost", Run: nothing,
				Flags: func(fs *pflag.FlagSet) {
					fs.StringVar(&text, "use", "shared", "use `class`: the one that's right")
					fs.StringVarP(&text, "output", "o", "", "`file` to write:\n  here\n  there")
					fs.BoolVar(&yes, "json", false, "print JSON")
					command.Values(fs, "use", "individual", "shared", "server")
					command.Values(fs, "missing", "x")
				},
			},
			{Name: "token create", Summary: "make one", Example: "token create", Run: nothing},
			{Name: "token list", Args: "NAME...", Summary: "list them", Example: "token list", Run: nothing},
		},
	}
}

// printed is what shelf prints for some words.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, bad strings.Builder
	if status := shelf(&out, &bad).Run(t.Context(), args); status != 0 {
		t.Fatalf("%v: exit %d, %s", args, status, &bad)
	}
	return out.String()
}

// need skips a test where a program is missing, unless REQUIRE names it.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if required := os.Getenv("REQUIRE"); required == "all" || strings.Contains(required, program) {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func TestTheManualHasNothingThatACheckerOfManualsWouldName(t *testing.T) {
	t.Parallel()
	need(t, "mandoc")
	page := filepath.Join(t.TempDir(), "page.1")
	if err := os.WriteFile(page, []byte(printed(t, "man")), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := exec.CommandContext(t.Context(), "mandoc", "-Tlint", page).CombinedOutput(); err != nil || len(found) > 0 {
		t.Errorf("%v\n%s", err, found)
	}
	shown, err := exec.CommandContext(t.Context(), "mandoc", "-Tascii", "-O", "width=500", page).Output()
	if err != nil {
		t.Fatal(err)
	}
	plain := unstruck(string(shown))
	for _, want := range []string{
		`a 'quote', a \n and $HOME`, ".begins like a request.", "'So does this", `(default "shared")`, "Exit status: 3 broken\n", "here\n", "there\n", "token list [flags] NAME...", "1970-01-02",
		"veille-shelf run --use shared word word word word word word word word word word word word word word word word",
	} {
		if !strings.Contains(plain, want) {
			t.Errorf("%q is missing in\n%s", want, plain)
		}
	}
}

// unstruck is what is read where mandoc types a letter upon another: bold twice the same, underlined upon a stroke.
func unstruck(text string) string {
	return regexp.MustCompile(`.\x08`).ReplaceAllString(text, "")
}
