package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/spool"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
)

func showCommand(stdout io.Writer) command.Command {
	var data, lang string
	var asJSON, fields bool
	return command.Command{
		Name: "show", Summary: "print the last thirty days of records sent, readable, and each as it was sent last, word for word",
		Example: "show\nshow --lang fr\nshow --fields\nshow --json",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			fs.BoolVar(&asJSON, "json", false, "print one JSON array")
			fs.BoolVar(&fields, "fields", false, "print what each field means that is ever sent, instead of records")
			langFlag(fs, &lang)
		},
		Run: func(_ context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), language.Check(lang)); err != nil {
				return err
			}
			if asJSON && fields {
				return command.Usage("--json and --fields do not go together")
			}
			if fields {
				return printFields(stdout, lang)
			}
			entries, damaged, err := sent(data)
			if err != nil {
				return err
			}
			if asJSON {
				records := make([]json.RawMessage, 0, len(entries))
				for _, e := range entries {
					records = append(records, e.Body)
				}
				return json.NewEncoder(stdout).Encode(records)
			}
			return errors.Join(printSent(stdout, lang, entries), printLeft(stdout, lang, data, damaged))
		},
	}
}

func sent(data string) ([]spool.Entry, []spool.Damage, error) {
	entries, damaged, err := spool.ReadJournal(filepath.Join(data, "spool"))
	if err != nil {
		return nil, nil, fmt.Errorf("%w; name the agent's folder with --data, and run as the user it belongs to", err)
	}
	return entries, damaged, nil
}

func printSent(w io.Writer, lang string, entries []spool.Entry) error {
	say := showWordsIn(lang)
	if len(entries) == 0 {
		_, err := fmt.Fprintln(w, say.Nothing)
		return err
	}
	_, _ = fmt.Fprintln(w, say.Sent)
	before := ""
	for _, e := range entries {
		var r wire.Record
		if err := json.Unmarshal(e.Body, &r); err == nil {
			var err error
			if before, err = say.record(w, r, before); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "%s\n", e.Body); err != nil {
			return err
		}
	}
	return nil
}

// record prints what a record says, readably. The machine is described where it is not as it was before.
func (say showWords) record(w io.Writer, r wire.Record, before string) (machine string, err error) {
	when := say.WholeDay
	if r.Hour != nil {
		when = fmt.Sprintf(say.Hour, *r.Hour)
	}
	_, _ = fmt.Fprintf(w, "\n%s, %s, %s\n", r.Date, when, orItself(say.Uses, string(r.Use)))
	if r.History {
		_, _ = fmt.Fprintln(w, say.History)
	}
	if r.Simulated {
		_, _ = fmt.Fprintln(w, say.Simulated)
	}
	if machine = say.machine(r.Machine); machine != before {
		_, _ = fmt.Fprint(w, machine)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "%s\n", strings.Join(say.Columns[:], "\t"))
	for _, p := range r.Parts {
		s := p.Seconds
		energies := make([]string, 0, len(p.Energy))
		for _, e := range p.Energy {
			energies = append(energies, say.energy(e))
		}
		if len(energies) == 0 {
			energies = append(energies, say.NoEnergy)
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", orItself(say.Parts, p.Part), say.time(s.On), say.time(s.DisplayOff), say.time(s.Sleep), say.time(s.Off),
			say.time(s.Unknown), energies[0])
		for _, more := range energies[1:] {
			_, _ = fmt.Fprintf(t, "\t\t\t\t\t\t%s\n", more)
		}
	}
	if err := t.Flush(); err != nil {
		return machine, err
	}
	if r.Cost != nil {
		_, err = fmt.Fprintln(w, say.cost(*r.Cost))
	}
	return machine, err
}

// orItself is the word for a name of the record, or the name where there is no word.
func orItself(words map[string]string, name string) string {
	if word, ok := words[name]; ok {
		return word
	}
	return name
}

// machine is the lines about the kind of a machine.
func (say showWords) machine(m wire.Machine) string {
	screens := make([]string, 0, len(m.Screens))
	for _, s := range m.Screens {
		if word, ok := say.Screen[s]; ok {
			screens = append(screens, word)
			continue
		}
		screens = append(screens, s+"″")
	}
	lines := fmt.Sprintf(say.Kind, say.kind(m), m.Agent)
	if len(screens) > 0 {
		lines += fmt.Sprintf(say.ScreensAre, strings.Join(screens, ", "))
	}
	if m.Product != "" {
		lines += fmt.Sprintf(say.Product, m.Product)
	}
	switch m.SleepAfter {
	case "":
	case "never":
		lines += say.SleepsNever
	default:
		lines += fmt.Sprintf(say.SleepsAfter, m.SleepAfter)
	}
	return lines
}

// time is a number of seconds as people read it.
func (say showWords) time(seconds int) string {
	minutes := (seconds + 30) / 60
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s", seconds)
	case minutes < 60:
		return fmt.Sprintf("%d min", minutes)
	}
	return fmt.Sprintf("%d h %02d min", minutes/60, minutes%60)
}

func (say showWords) energy(e wire.Energy) string {
	text := fmt.Sprintf(say.Energy, orItself(say.Scopes, e.Scope), say.number(e.Wh, 1), say.number(e.LowWh, 1), say.number(e.HighWh, 1), e.Method)
	return text + fmt.Sprintf(say.Covers, say.time(e.CoveredS))
}

func (say showWords) cost(c wire.Cost) string {
	text := fmt.Sprintf(say.Cost, say.number(c.CPUS, 1), c.SentBytes, c.ReceivedBytes)
	if c.Wakeups > 0 {
		text += fmt.Sprintf(say.Wakeups, c.Wakeups)
	}
	if c.Dropped > 0 {
		text += fmt.Sprintf(say.Dropped, c.Dropped)
	}
	return text
}

// printLeft says what is not among the records above: what waits, what was refused, what is damaged, and whether the agent is
// paused.
func printLeft(w io.Writer, lang, data string, damaged []spool.Damage) error {
	say := showWordsIn(lang)
	count := func(folder string) string {
		files, err := os.ReadDir(filepath.Join(data, "spool", folder))
		if errors.Is(err, fs.ErrNotExist) {
			return "0"
		}
		if err != nil {
			return say.NotForYou
		}
		n := 0
		for _, f := range files {
			if strings.HasSuffix(f.Name(), ".json") {
				n++
			}
		}
		return fmt.Sprint(n)
	}
	for _, d := range damaged {
		_, _ = fmt.Fprintf(w, say.Damaged, d.Key, d.Reason)
	}
	state := say.Counting
	if _, limits, _, err := standing(data); limits.Paused {
		state = say.Paused
	} else if errors.Is(err, agent.ErrNotEnrolled) {
		state = say.NotEnrolled
	}
	_, err := fmt.Fprintf(w, "\n"+say.Left+"\n", count("waiting"), count("refused"), state)
	return err
}

// printFields prints what each field means that an agent ever sends.
func printFields(w io.Writer, lang string) error {
	say := showWordsIn(lang)
	_, _ = fmt.Fprintln(w, say.Fields)
	for _, f := range wire.Fields() {
		text, note := f.TextIn(lang)
		kind := f.TypeIn(lang)
		if unit := f.UnitIn(lang); unit != "" {
			kind += ", " + unit
		}
		_, _ = fmt.Fprintf(w, "\n%s (%s)\n    %s\n", f.Path, kind, text)
		if note != "" {
			_, _ = fmt.Fprintf(w, "    → %s\n", note)
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", say.NoMore)
	return err
}
