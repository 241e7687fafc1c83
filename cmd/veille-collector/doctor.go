package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
	"veille/cmd/internal/settings"
	"veille/collector/store/relational"
)

// finding is what one check has found. Its keys are relied on by scripts.
type finding struct {
	Check string  `json:"check"`
	State verdict `json:"state"`
	Found string  `json:"found"`
	Do    string  `json:"do"` // ""; there is nothing to do
}

// verdict is the word for what a check has found.
type verdict string

const (
	good     verdict = "ok"
	advised  verdict = "advice"
	wrong    verdict = "wrong"
	notAsked verdict = "not asked" // and why, or how to have it looked at
)

// somethingWrong is the exit status of doctor where something is wrong.
const somethingWrong = 3

// patience is how long one question to another program may take.
const patience = 5 * time.Second

// doctor looks at everything that a collector needs, and changes nothing of it.
type doctor struct {
	*desk
	serving
	flagSet  *pflag.FlagSet
	settings laterFile
	backups  string
	lang     string

	found   []finding
	tables  relational.Looked // of the ledger; zero where it could not be looked at
	process holder            // that serves from the file
	answers bool              // a collector answers at --listen
}

// holder is the program that holds the lock of a ledger in a file.
type holder struct {
	held bool
	pid  int // 0: nobody says
}

// laterFile is the name of a settings file that is read by doctor and not before it, so that a mistake in it is a finding.
type laterFile struct {
	name string
	open bool // it is told
}

func (f *laterFile) Set(name string) error {
	f.name = name
	return nil
}

func (f *laterFile) Type() string { return "string" }

func (f *laterFile) String() string {
	if f == nil || !f.open {
		return ""
	}
	return f.name
}

func doctorCommand(d *desk) command.Command {
	x := &doctor{desk: d}
	return command.Command{
		Name: "doctor", Summary: "look at everything that serve needs, with its flags or settings, and say what is wrong and what to do; changes nothing, whether the collector runs or not",
		Example: "doctor --settings /etc/veille/collector.conf --data /var/lib/veille-collector\ndoctor --data /var/lib/veille-collector --backups /backup --json",
		Exits:   ", 3 something is wrong", Flags: x.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if err := language.Check(x.lang); err != nil {
				return err
			}
			if err := x.look(ctx); err != nil {
				return err
			}
			return x.tell()
		},
	}
}

func (d *doctor) flags(fs *pflag.FlagSet) {
	d.flagSet = fs
	of := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	of.SortFlags = false
	d.serving.flags(of)
	of.VisitAll(func(f *pflag.Flag) {
		if f.Name != settings.File {
			fs.AddFlag(f)
		}
	})
	fs.Var(&d.settings, settings.File, "settings `file` of serve, with lines \"name = value\"")
	fs.StringVar(&d.backups, "backups", "", "`folder` that backups are in: the newest is looked at")
	fs.StringVar(&d.lang, "lang", language.Default(os.LookupEnv), "`language` of what is said: en or fr; what other programs say stays as it is")
	command.Values(fs, "lang", language.English, language.French)
	d.jsonFlag(fs, "object")
}

// look makes all checks, in the order in which a person would: what is wrong first is often why the rest is.
func (d *doctor) look(ctx context.Context) error {
	d.ofSettings()
	if len(d.found) == 0 || d.found[len(d.found)-1].State != wrong {
		if d.dir == "" {
			return command.Usage("no folder given; add --data DIR, or --settings FILE with a line \"data = DIR\"")
		}
	}
	d.ofFlags()
	d.ofSecrets()
	d.ofFolder()
	d.ofLedger(ctx)
	d.ofCertificate()
	d.ofACME(ctx)
	d.ofListen(ctx)
	d.ofAddress(ctx)
	d.ofConnections()
	d.ofBackups(ctx)
	return context.Cause(ctx)
}

// in is a sentence in the language of who asks.
func (d *doctor) in(en, fr string, args ...any) string {
	text := en
	if d.lang == language.French {
		text = fr
	}
	return fmt.Sprintf(text, args...)
}

func (d *doctor) add(state verdict, check, found, do string) {
	d.found = append(d.found, finding{check, state, oneOf(found), oneOf(do)})
}

func (d *doctor) ok(check, found string) { d.add(good, check, found, "") }

// oneOf is a text on one line, whatever other programs or files have put into it.
func oneOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(strings.ReplaceAll(strings.TrimSpace(text), "\n", "; "), "?"))
}

// diagnosis is what doctor prints as JSON.
type diagnosis struct {
	Wrong  int       `json:"wrong"`
	Advice int       `json:"advice"`
	Checks []finding `json:"checks"`
}

// tell prints what was found, and is an error without words where something is wrong.
func (d *doctor) tell() error {
	r := diagnosis{Checks: d.found}
	for _, f := range d.found {
		switch f.State {
		case wrong:
			r.Wrong++
		case advised:
			r.Advice++
		case good, notAsked:
		}
	}
	err := d.put(r, func(w io.Writer) error {
		for _, f := range d.found {
			do := ""
			if f.Do != "" {
				do = d.in("; to do: ", " ; à faire : ") + f.Do
			}
			if _, err := fmt.Fprintf(w, "%-11s %-12s %s%s\n", d.word(f.State), f.Check, f.Found, do); err != nil {
				return err
			}
		}
		_, err := fmt.Fprintln(w, d.in("%d wrong, %d to consider", "%d à réparer, %d à considérer", r.Wrong, r.Advice))
		return err
	})
	if err == nil && r.Wrong > 0 {
		return command.WithStatus(somethingWrong, command.ErrSilent)
	}
	return err
}

func (d *doctor) word(v verdict) string {
	if d.lang != language.French {
		return string(v)
	}
	return map[verdict]string{good: "bon", advised: "conseil", wrong: "à réparer", notAsked: "non regardé"}[v]
}
