// Package command chooses a command by its name, and turns its error into a sentence and an exit status.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"veille/cmd/internal/settings"
)

// Exit statuses that mean the same in every program.
const (
	OK     = 0 // done
	Failed = 1 // it did not work; the sentence on standard error says why
	Misuse = 2 // the words of the command line were wrong; nothing was done
)

// Command is one verb of a program.
type Command struct {
	Name    string               // one or two words: "once", "token create"
	Args    string               // what follows the flags, for help: "URL..."
	Summary string               // one line
	Example string               // command lines that work, without the program's name
	Exits   string               // exit statuses beyond 0, 1 and 2, for help
	Flags   func(*pflag.FlagSet) // declares the flags; may be nil
	Run     func(context.Context, []string) error

	// Sources reads what the system keeps of this command's settings; nil: nothing.
	Sources func() ([]settings.Source, error)
	// Refuse is told what is wrong with the settings before Run, and answers the error of the command; nil: that error.
	Refuse func(error) error
}

// Program is a set of commands under one name.
type Program struct {
	Name     string
	Summary  string
	Commands []Command
	Stdout   io.Writer
	Stderr   io.Writer
	Lookup   func(string) (string, bool) // the environment
}

// Main runs the program made by build for this process and ends it: interrupt and terminate cancel the context.
func Main(build func(stdout, stderr io.Writer) Program) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the words of net/http about strange servers; our own log is not the default one
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := build(os.Stdout, os.Stderr)
	p.Stdout, p.Stderr, p.Lookup = os.Stdout, os.Stderr, os.LookupEnv
	status := p.Run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// Run executes args and returns the exit status. Errors are printed, never returned.
func (p Program) Run(ctx context.Context, args []string) int {
	p = p.whole()
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		p.usage(p.Stdout)
		if len(args) == 0 {
			return Misuse
		}
		return OK
	}
	c, rest, ok := p.find(args)
	if !ok {
		_, _ = fmt.Fprintf(p.Stderr, "%s: no command is called %q%s; see %s --help\n", p.Name, args[0], p.near(args[0]), p.Name)
		return Misuse
	}
	err := p.execute(ctx, c, rest)
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return OK
	}
	status := Status(err)
	if text := err.Error(); text != "" {
		_, _ = fmt.Fprintf(p.Stderr, "%s %s: %s\n", p.Name, c.Name, text)
	}
	if status == Misuse {
		_, _ = fmt.Fprintf(p.Stderr, "see %s %s --help\n", p.Name, c.Name)
	}
	return status
}

// whole is the program with the commands that every program has.
func (p Program) whole() Program {
	all := &Program{}
	*all = p
	all.Commands = append(slices.Clip(p.Commands), manCommand(all), completionCommand(all))
	return *all
}

func (p Program) find(args []string) (c Command, rest []string, ok bool) {
	for _, c := range p.Commands {
		words := strings.Fields(c.Name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.Name {
			return c, args[len(words):], true
		}
	}
	return Command{}, nil, false
}

// near names the commands that begin with a word, for those who typed only that.
func (p Program) near(word string) string {
	var names []string
	for _, c := range p.Commands {
		if strings.HasPrefix(c.Name, word+" ") {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", but " + strings.Join(names, ", ")
}

func (p Program) execute(ctx context.Context, c Command, args []string) error {
	fs := c.flags()
	if err := fs.Parse(args); err != nil {
		return Usage("%w", err)
	}
	if help, err := fs.GetBool("help"); err == nil && help {
		p.help(c, fs)
		return nil
	}
	err := p.fill(c, fs)
	if err != nil && c.Refuse != nil {
		return c.Refuse(err)
	}
	if err != nil {
		return err
	}
	return c.Run(ctx, fs.Args())
}

// fill sets what the command line has left open.
func (p Program) fill(c Command, fs *pflag.FlagSet) error {
	var sources []settings.Source
	if c.Sources != nil {
		var err error
		if sources, err = c.Sources(); err != nil {
			return err
		}
	}
	if err := settings.Fill(fs, p.Lookup, sources...); err != nil {
		return Usage("%w", err)
	}
	return nil
}

// flags are those of the command, and --help.
func (c Command) flags() *pflag.FlagSet {
	fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.SortFlags = false
	if c.Flags != nil {
		c.Flags(fs)
	}
	fs.BoolP("help", "h", false, "print this help")
	return fs
}

func (p Program) usage(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%s: %s\n\ncommands:\n", p.Name, p.Summary)
	widest := 0
	for _, c := range p.Commands {
		widest = max(widest, len(c.Name))
	}
	for _, c := range p.Commands {
		_, _ = fmt.Fprintf(w, "  %-*s  %s\n", widest, c.Name, c.Summary)
	}
	_, _ = fmt.Fprintf(w, "\n%s COMMAND --help says more. Every flag may be set by the environment: --post-every by VEILLE_POST_EVERY.\n", p.Name)
}

func (p Program) help(c Command, fs *pflag.FlagSet) {
	line := strings.TrimSpace(p.Name + " " + c.Name + " [flags] " + c.Args)
	_, _ = fmt.Fprintf(p.Stdout, "%s\n\nusage: %s\n\nexample:\n", c.Summary, line)
	for example := range strings.Lines(strings.TrimSpace(c.Example)) {
		_, _ = fmt.Fprintf(p.Stdout, "  %s %s\n", p.Name, strings.TrimSpace(example))
	}
	_, _ = fmt.Fprintf(p.Stdout, "\nflags:\n%s\nexit status: 0 done, 1 failed, 2 wrong use%s\n", fs.FlagUsages(), c.Exits)
}

type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// Usage is the error of a command line that cannot be understood; the program exits with Misuse.
func Usage(format string, args ...any) error {
	return WithStatus(Misuse, fmt.Errorf(format, args...))
}

// WithStatus is err, making the program exit with status. An err with an empty text prints nothing.
func WithStatus(status int, err error) error { return statusError{err, status} }

// Status is the exit status that err makes the program end with.
func Status(err error) int {
	if err == nil {
		return OK
	}
	if with, ok := errors.AsType[statusError](err); ok {
		return with.status
	}
	return Failed
}

// ErrSilent is an error already reported by the command's own output.
var ErrSilent = errors.New("")

// NoArgs is a usage error when args is not empty.
func NoArgs(args []string) error {
	if len(args) > 0 {
		return Usage("%q is one word too many", args[0])
	}
	return nil
}

// Version is the version the binary was built from, "devel" outside a tagged build.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// VersionCommand prints the name of the program, and what it was built from.
func VersionCommand(stdout io.Writer, program string) Command {
	return Command{
		Name: "version", Summary: "print the version", Example: "version",
		Run: func(_ context.Context, args []string) error {
			if err := NoArgs(args); err != nil {
				return err
			}
			_, err := fmt.Fprintln(stdout, program, Version())
			return err
		},
	}
}

// Terminal tells whether a person looks at w.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
