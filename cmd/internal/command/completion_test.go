package command_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// typed are command lines that end where somebody asks what may follow, and what is offered.
func typed() []struct {
	words string
	want  []string
} {
	return []struct {
		words string
		want  []string
	}{
		{"veille-shelf |", []string{"completion", "man", "run", "token"}},
		{"veille-shelf t|", []string{"token"}},
		{"veille-shelf token |", []string{"create", "list"}},
		{"veille-shelf run --|", []string{"--help", "--json", "--output", "--use"}},
		{"veille-shelf run --json --u|", []string{"--use"}},
		{"veille-shelf run --use |", []string{"individual", "server", "shared"}},
		{"veille-shelf run --json --use s|", []string{"server", "shared"}},
		{"veille-shelf completion |", []string{"bash", "fish", "zsh"}},
	}
}

// script writes what completion prints into a file.
func script(t *testing.T, shell string) string {
	t.Helper()
	need(t, shell)
	name := filepath.Join(t.TempDir(), "completion")
	if err := os.WriteFile(name, []byte(printed(t, "completion", shell)), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// offered asks a shell, and answers the words it printed, in order.
func offered(t *testing.T, shell string, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), shell, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", shell, args, err, out)
	}
	words := []string{}
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			words = append(words, fields[0])
		}
	}
	slices.Sort(words)
	return words
}

func TestBashOffersWhatMayFollow(t *testing.T) {
	t.Parallel()
	name := script(t, "bash")
	more := []struct {
		words string
		want  []string
	}{
		{"veille-shelf run --use = s|", []string{"server", "shared"}}, // as bash splits --use=s
		{"veille-shelf run --use = |", []string{"individual", "server", "shared"}},
		{"veille-shelf run --output |", []string{}}, // files, which bash adds by itself
		{"veille-shelf token list |", []string{}},
		{"veille-shelf nothing |", []string{}},
	}
	for _, tt := range slices.Concat(typed(), more) {
		words := strings.Split(strings.TrimSuffix(tt.words, "|"), " ")
		got := offered(t, "bash", append([]string{"-u", "-c", `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _veille_shelf; printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"}`, name}, words...)...)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: bash offers %q, want %q", tt.words, got, tt.want)
		}
	}
}

func TestFishOffersWhatMayFollow(t *testing.T) {
	t.Parallel()
	name := script(t, "fish")
	for _, tt := range typed() {
		got := offered(t, "fish", "--no-config", "-c", "source "+name+"; complete -C '"+strings.TrimSuffix(tt.words, "|")+"'")
		got = slices.DeleteFunc(got, func(word string) bool { return word == "-h" || word == "-o" })
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: fish offers %q, want %q", tt.words, got, tt.want)
		}
	}
}

// What zsh offers is shown on a terminal only: its own functions are put in the place of those that show.
func TestZshOffersWhatMayFollow(t *testing.T) {
	t.Parallel()
	name := script(t, "zsh")
	for _, tt := range typed() {
		words := strings.Split(strings.TrimSuffix(tt.words, "|"), " ")
		last := words[len(words)-1]
		got := offered(t, "zsh", append([]string{"-f", "-c", `compdef() { }; _files() { }
compadd() { shift; print -l -- "$@" }; _describe() { print -l -- "${(@P)2%%:*}" }
source "$0"; words=("$@"); CURRENT=$#; _veille_shelf`, name}, words...)...)
		got = slices.DeleteFunc(got, func(word string) bool { return !strings.HasPrefix(word, last) }) // as zsh does with what is offered
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: zsh offers %q, want %q", tt.words, got, tt.want)
		}
	}
}

func TestAWrongShellIsNamed(t *testing.T) {
	t.Parallel()
	var out, bad strings.Builder
	if status := shelf(&out, &bad).Run(t.Context(), []string{"completion", "tcsh"}); status != 2 || !strings.Contains(bad.String(), `"tcsh" is none of bash, zsh, fish`) {
		t.Errorf("exit %d, %s", status, &bad)
	}
}
