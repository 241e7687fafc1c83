package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
)

// models runs the commands of the catalogue, and gives the exit status with what was printed.
func models(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	p := command.Program{
		Name: "veille-agent", Commands: []command.Command{modelsImportCommand(&errs), modelsListCommand(&out)},
		Stdout: &out, Stderr: &errs, Lookup: func(string) (string, bool) { return "", false },
	}
	status = p.Run(t.Context(), append([]string{"models"}, args...))
	return status, out.String(), errs.String()
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const header = "maker,product,state,watts\n"

func TestModelsAreImportedOnceHoweverOftenTheyAreGiven(t *testing.T) {
	data := filepath.Join(t.TempDir(), "agent")
	first := file(t, "a.csv", header+"Example,Tower 900,on,20\nExample,Tower 900,sleep,1\n")
	same, second := file(t, "b.csv", header+"Example,Tower 900,on,20\nExample,Tower 900,sleep,1\n"), file(t, "c.csv", header+"Example,Tower 900,on,24\n")
	status, _, stderr := models(t, "import", "--from", "readings", "--data", data, first, same, second)
	if status != command.OK || !strings.Contains(stderr, "it is the same as "+first) || !strings.Contains(stderr, "products 1, of them new 1, brought up to date 0") {
		t.Fatalf("status %d: %s", status, stderr)
	}
	once, err := os.ReadFile(filepath.Join(data, "models.json"))
	if err != nil || !bytes.Contains(once, []byte(`"on":{"w":22,"low":20,"high":24,"n":2,"error_pct":2}`)) {
		t.Fatalf("%s, %v", once, err)
	}
	if status, _, stderr := models(t, "import", "--from", "readings", "--data", data, first, second); status != command.OK || !strings.Contains(stderr, "products 1, of them new 0, brought up to date 1") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if twice, err := os.ReadFile(filepath.Join(data, "models.json")); err != nil || !bytes.Equal(once, twice) {
		t.Errorf("once %s\ntwice %s (%v)", once, twice, err)
	}
	if _, stdout, _ := models(t, "list", "--data", data); !strings.Contains(stdout, "22 (20-24, 2)") {
		t.Errorf("list: %s", stdout)
	}
}

func TestAnImportThatFailsLeavesTheCatalogueAsItWas(t *testing.T) {
	good := file(t, "good.csv", header+"Example,Tower 900,on,20\n")
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"--from", "readings"}, command.Misuse, "no file given"},
		{[]string{good}, command.Misuse, "add --from"},
		{[]string{"--from", "glpi", good}, command.Misuse, "--from glpi is none of"},
		{[]string{"--from", "readings", good, "nowhere.csv"}, command.Failed, "nowhere.csv"},
		{[]string{"--from", "energy-star", good}, command.Failed, "not the list ENERGY STAR Certified Computers"},
		{[]string{"--from", "readings", file(t, "bad.csv", header+"Example,Tower 900,on,many\n")}, command.Failed, "line 2: \"many\" is not a number of watts"},
	} {
		catalogue := file(t, "models.json", `{"version":1,"products":[]}`)
		status, _, stderr := models(t, append([]string{"import", "-o", catalogue}, tt.args...)...)
		after, err := os.ReadFile(catalogue)
		if status != tt.status || !strings.Contains(stderr, tt.want) || err != nil || string(after) != `{"version":1,"products":[]}` {
			t.Errorf("%q: status %d, %s, and left %s (%v)", tt.args, status, stderr, after, err)
		}
	}
	damaged := file(t, "models.json", `{"version":1,"prod`)
	if status, _, stderr := models(t, "import", "-o", damaged, "--from", "readings", good); status != command.Failed || !strings.Contains(stderr, "move it away to begin a new one") {
		t.Errorf("onto a damaged catalogue: status %d, %s", status, stderr)
	}
}

func TestOnlyTheFirstTenRefusedRowsArePrinted(t *testing.T) {
	many := file(t, "many.csv", header+"Example,Tower 900,on,20\n"+strings.Repeat("Example,Tower 900,on,x\n", 25))
	status, _, stderr := models(t, "import", "--from", "readings", "-o", filepath.Join(t.TempDir(), "m.json"), many)
	if status != command.OK || strings.Count(stderr, "  line ") != 10 || !strings.Contains(stderr, "  and 15 more\n") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestAnImportThatIsInterruptedWritesNothing(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("told to stop"))
	out := filepath.Join(t.TempDir(), "models.json")
	c := modelsImportCommand(io.Discard)
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	c.Flags(flags)
	if err := flags.Parse([]string{"--from", "readings", "-o", out}); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(ctx, []string{file(t, "a.csv", header+"Example,Tower 900,on,20\n")}); err == nil || !strings.Contains(err.Error(), "told to stop") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written (%v)", err)
	}
}
