package command

import (
	"context"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// manWidth is how long a line of a page's source may be, in bytes: roff fills lines itself, and checkers of pages ask for lines below 80.
const manWidth = 76

// manCommand prints the page of p for man.
func manCommand(p *Program) Command {
	return Command{
		Name: "man", Summary: "print the manual page of this program, for man", Example: "man > " + p.Name + ".1\nman | man -l -",
		Run: func(_ context.Context, args []string) error {
			if err := NoArgs(args); err != nil {
				return err
			}
			made, err := p.made()
			if err != nil {
				return err
			}
			return p.manual(p.Stdout, made)
		},
	}
}

// made is when the program was made: SOURCE_DATE_EPOCH (seconds since 1970), as builds that can be repeated say it, else the time of the
// commit it was built from, else the epoch. Today would be another page every day.
func (p Program) made() (time.Time, error) {
	if text, ok := p.Lookup("SOURCE_DATE_EPOCH"); ok {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, Usage("SOURCE_DATE_EPOCH is %q, not seconds since 1970: correct or unset it", text)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if at, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil {
				return at.UTC(), nil
			}
		}
	}
	return time.Unix(0, 0).UTC(), nil
}

// manual writes the page: section 1, English, one section for each command.
func (p Program) manual(w io.Writer, made time.Time) error {
	var m roff
	m.line(".TH " + escape(strings.ToUpper(p.Name)) + " 1 " + made.Format(time.DateOnly) + ` "Veille ` + escape(Version()) + `" "User Commands"`)
	m.macro("SH", "NAME")
	m.text(p.Name + " - " + p.Summary)
	m.macro("SH", "SYNOPSIS")
	m.line(`\fB` + escape(p.Name) + `\fR \fICOMMAND\fR [\fIflags\fR] [\fIarguments\fR]`)
	m.macro("SH", "DESCRIPTION")
	m.text(p.Name + " is a set of commands, described below. Each prints what it can do with --help.")
	m.macro("PP")
	m.text("Every flag may be set by the environment too: --post-every by VEILLE_POST_EVERY. What the command line says comes first. Where a command has " +
		"a flag --settings, lines \"name = value\" of that file say what is left.")
	m.macro("SH", "COMMANDS")
	for _, c := range p.Commands {
		p.section(&m, c)
	}
	m.macro("SH", "EXIT STATUS")
	m.text("0: done. 1: it did not work, and the sentence on standard error says why. 2: the words of the command line or the settings were wrong, and nothing " +
		"was done. Where a command has others, it says so above.")
	_, err := io.WriteString(w, m.String())
	return err
}

// section is what the page says of one command.
func (p Program) section(m *roff, c Command) {
	fs := c.flags()
	m.macro("SS", p.Name+" "+c.Name)
	m.text(strings.TrimSpace(p.Name + " " + c.Name + " [flags] " + c.Args))
	m.macro("PP")
	m.text(c.Summary)
	fs.VisitAll(func(f *pflag.Flag) {
		name, usage := pflag.UnquoteUsage(f)
		m.macro("TP")
		title := `\fB` + escape("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			title = `\fB` + escape("-"+f.Shorthand) + `\fR, ` + title
		}
		if name != "" {
			title += ` \fI` + escape(name) + `\fR`
		}
		m.line(title)
		m.text(usage + standard(f))
	})
	if examples := strings.TrimSpace(c.Example); examples != "" {
		m.macro("PP")
		m.text("Example:")
		m.macro("EX")
		for example := range strings.Lines(examples) {
			m.verbatim("  " + p.Name + " " + strings.TrimSpace(example))
		}
		m.macro("EE")
	}
	if exits := strings.TrimSpace(c.Exits); exits != "" {
		m.macro("PP")
		m.text("Exit status: " + strings.TrimLeft(exits, ",; \n"))
	}
}

// standard is what a flag is where nobody sets it, for help.
func standard(f *pflag.Flag) string {
	switch f.DefValue {
	case "", "false", "0", "0s", "[]", "<nil>":
		return ""
	}
	if f.Value.Type() == "string" {
		return " (default " + strconv.Quote(f.DefValue) + ")"
	}
	return " (default " + f.DefValue + ")"
}

// roff is the source of a page.
type roff struct{ strings.Builder }

// macro writes a request, with its words quoted.
func (m *roff) macro(name string, words ...string) {
	_, _ = m.WriteString("." + name)
	for _, word := range words {
		_, _ = m.WriteString(` "` + strings.ReplaceAll(escape(word), `"`, `""`) + `"`)
	}
	_ = m.WriteByte('\n')
}

// line writes one line of roff as it is, which must not begin like a request.
func (m *roff) line(text string) { _, _ = m.WriteString(text + "\n") }

// text writes words to be filled. A line break in them is one on the page.
func (m *roff) text(words string) {
	for i, part := range strings.Split(strings.TrimSpace(words), "\n") {
		if i > 0 {
			m.macro("br")
		}
		line := ""
		for word := range strings.FieldsSeq(escape(part)) {
			if line != "" && (len(line)+len(word) >= manWidth || strings.ContainsAny(line[len(line)-1:], ".!?")) {
				m.line(begin(line))
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		m.line(begin(line))
	}
}

// verbatim writes a line that is not filled. A long one goes on behind a backslash, which man does not show.
func (m *roff) verbatim(text string) {
	line := ""
	for word := range strings.SplitAfterSeq(escape(text), " ") {
		if line != "" && len(line)+len(word) >= manWidth {
			m.line(begin(line) + `\`)
			line = ""
		}
		line += word
	}
	m.line(begin(line))
}

// begin keeps a line from being taken for a request.
func begin(line string) string {
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		return `\&` + line
	}
	return line
}

// escape writes text so that roff prints it as it is, and hyphens so that they can be copied into a shell.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
}
