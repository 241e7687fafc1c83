package command_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
)

func run(t *testing.T, env map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, bad strings.Builder
	var n int
	p := command.Program{
		Name: "tool", Summary: "tests commands", Stdout: &out, Stderr: &bad,
		Lookup: func(k string) (string, bool) { v, ok := env[k]; return v, ok },
		Commands: []command.Command{{
			Name: "add one", Args: "WORD", Summary: "adds one", Example: "add one --n 2 x",
			Flags:  func(fs *pflag.FlagSet) { fs.IntVar(&n, "n", 1, "how `many`") },
			Refuse: func(err error) error { return command.WithStatus(4, fmt.Errorf("told: %w", err)) },
			Run: func(_ context.Context, args []string) error {
				switch {
				case len(args) == 0:
					return command.Usage("no word given")
				case args[0] == "broken":
					return command.WithStatus(3, errors.New("the word is broken"))
				case args[0] == "silent":
					return command.WithStatus(1, command.ErrSilent)
				}
				_, _ = out.WriteString(strings.Repeat(args[0], n))
				return nil
			},
		}},
	}
	status = p.Run(t.Context(), args)
	return status, out.String(), bad.String()
}

func TestEachOutcomeHasItsStatusAndItsSentence(t *testing.T) {
	for _, tt := range []struct {
		name           string
		env            map[string]string
		args           []string
		status         int
		stdout, stderr string
	}{
		{name: "a command runs with its flags", args: []string{"add", "one", "--n", "2", "x"}, stdout: "xx"},
		{name: "the environment sets a flag", env: map[string]string{"VEILLE_N": "3"}, args: []string{"add", "one", "x"}, stdout: "xxx"},
		{name: "a wrong setting is the command's to tell", env: map[string]string{"VEILLE_N": "many"}, args: []string{"add", "one", "x"}, status: 4, stderr: "tool add one: told: environment variable VEILLE_N"},
		{name: "no command is misuse", status: 2, stdout: "commands:"},
		{name: "help is not", args: []string{"--help"}, stdout: "commands:"},
		{name: "help of a command shows an example", args: []string{"add", "one", "--help"}, stdout: "tool add one --n 2 x"},
		{name: "an unknown command is named", args: []string{"frobnicate"}, status: 2, stderr: `no command is called "frobnicate"`},
		{name: "an unknown flag is named", args: []string{"add", "one", "--colour"}, status: 2, stderr: "unknown flag: --colour"},
		{name: "a usage error says where to look", args: []string{"add", "one"}, status: 2, stderr: "tool add one: no word given\nsee tool add one --help"},
		{name: "a status of its own", args: []string{"add", "one", "broken"}, status: 3, stderr: "tool add one: the word is broken"},
		{name: "a silent error", args: []string{"add", "one", "silent"}, status: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, stdout, stderr := run(t, tt.env, tt.args...)
			if status != tt.status || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("status %d, stdout %q, stderr %q; want %d, %q, %q", status, stdout, stderr, tt.status, tt.stdout, tt.stderr)
			}
			if tt.stderr == "" && stderr != "" {
				t.Errorf("stderr is %q, want nothing", stderr)
			}
		})
	}
}
