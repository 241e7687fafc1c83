package command

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// known is the name of the annotation that Values makes.
const known = "veille_values"

// Values says which values a flag may have, for completion in a shell. A flag that is not declared is left as it is.
func Values(fs *pflag.FlagSet, flag string, values ...string) {
	_ = fs.SetAnnotation(flag, known, values) // its only error says that there is no such flag
}

// completionCommand prints what a shell needs to complete the command lines of p.
func completionCommand(p *Program) Command {
	return Command{
		Name: "completion", Args: "bash|zsh|fish", Summary: "print what a shell needs to complete the words of this program",
		Example: "completion bash > /usr/share/bash-completion/completions/" + p.Name + "\ncompletion zsh > /usr/share/zsh/vendor-completions/_" + p.Name +
			"\ncompletion fish > /usr/share/fish/vendor_completions.d/" + p.Name + ".fish",
		Run: func(_ context.Context, args []string) error {
			if len(args) != 1 {
				return Usage("no shell given: bash, zsh or fish")
			}
			write, ok := map[string]func(string, []place) string{"bash": bash, "zsh": zsh, "fish": fish}[args[0]]
			if !ok {
				return Usage("%q is none of bash, zsh, fish", args[0])
			}
			_, err := fmt.Fprint(p.Stdout, write(p.Name, p.places()))
			return err
		},
	}
}

// place is where a command line has got to: the words of a command, or the first of them.
type place struct {
	words string // each followed by a space
	whole bool   // they are a command
	next  []word // that may follow
	flags []*pflag.Flag
}

// word is a word of a command, and what is said of it.
type word struct{ name, text string }

// places are all of a program, those with most words first: a shell takes the first that fits.
func (p Program) places() []place {
	all := map[string]*place{"": {}}
	at := func(words string) *place {
		if all[words] == nil {
			all[words] = &place{words: words}
		}
		return all[words]
	}
	for _, c := range p.Commands {
		before := ""
		for name := range strings.FieldsSeq(c.Name) {
			here := at(before)
			before += name + " "
			text := ""
			if strings.TrimSpace(before) == c.Name {
				text = short(c.Summary)
			}
			i := slices.IndexFunc(here.next, func(w word) bool { return w.name == name })
			switch {
			case i < 0:
				here.next = append(here.next, word{name, text})
			case here.next[i].text == "":
				here.next[i].text = text
			}
		}
		here := at(before)
		here.whole = true
		if strings.Contains(c.Args, "|") && c.Args == strings.ToLower(c.Args) { // a choice, not a description
			for choice := range strings.SplitSeq(c.Args, "|") {
				here.next = append(here.next, word{name: choice})
			}
		}
		c.flags().VisitAll(func(f *pflag.Flag) { here.flags = append(here.flags, f) })
	}
	return slices.SortedFunc(func(yield func(place) bool) {
		for v := range maps.Values(all) {
			if !yield(*v) {
				return
			}
		}
	}, func(a, b place) int {
		return cmp.Or(strings.Count(b.words, " ")-strings.Count(a.words, " "), strings.Compare(a.words, b.words))
	})
}

// short is the beginning of a text, for a list.
func short(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, "; ")
	const most = 72
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return text
}

// pattern is what a shell's case compares the words before the first flag with.
func (p place) pattern() string {
	if p.whole {
		return quote(p.words) + "*"
	}
	return quote(p.words)
}

// valued are the flags that a value follows, apart: those whose values are known, and the names of the others.
func (p place) valued() (known []*pflag.Flag, others []string) {
	for _, f := range p.flags {
		switch {
		case f.NoOptDefVal != "": // it may stand alone
		case len(values(f)) > 0:
			known = append(known, f)
		default:
			others = append(others, names(f)...)
		}
	}
	return known, others
}

func values(f *pflag.Flag) []string { return f.Annotations[known] }

// names are the ways to write a flag.
func names(f *pflag.Flag) []string {
	if f.Shorthand != "" {
		return []string{"--" + f.Name, "-" + f.Shorthand}
	}
	return []string{"--" + f.Name}
}

// quote writes text as one word of bash or zsh.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// function is the name of the shell function that completes a program.
func function(program string) string { return "_" + strings.ReplaceAll(program, "-", "_") }

// bash offers words of commands, flags, and values that are known; files elsewhere.
func bash(program string, places []place) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("# Completion of %s in bash; made by: %s completion bash", program, program)
	line("%s() {", function(program))
	line("\tlocal cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" before='' next='' flags='' values='' i")
	line("\tCOMPREPLY=()")
	line("\tfor ((i = 1; i < COMP_CWORD; i++)); do")
	line("\t\t[[ ${COMP_WORDS[i]} == -* ]] && break")
	line("\t\tbefore+=\"${COMP_WORDS[i]} \"")
	line("\tdone")
	line("\t# bash takes the = of --flag=value for a word.")
	line("\t[[ $prev == = ]] && prev=\"${COMP_WORDS[COMP_CWORD-2]}\"")
	line("\t[[ $cur == = ]] && cur=''")
	line("\tcase \"$before\" in")
	for _, p := range places {
		line("\t%s)", p.pattern())
		if len(p.next) > 0 {
			line("\t\tnext=%s", quote(joined(p.next)))
		}
		if p.whole {
			bashFlags(line, p)
		}
		line("\t\t;;")
	}
	line("\tesac")
	line("\tif [[ -n $values ]]; then")
	line("\t\tmapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")")
	line("\telif [[ $cur == -* ]]; then")
	line("\t\tmapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\")")
	line("\telif [[ -n $next ]]; then")
	line("\t\tmapfile -t COMPREPLY < <(compgen -W \"$next\" -- \"$cur\")")
	line("\tfi")
	line("}")
	line("complete -o default -F %s %s", function(program), program)
	return b.String()
}

func bashFlags(line func(string, ...any), p place) {
	var all []string
	for _, f := range p.flags {
		all = append(all, names(f)...)
	}
	line("\t\tflags=%s", quote(strings.Join(all, " ")))
	chosen, others := p.valued()
	if len(chosen)+len(others) == 0 {
		return
	}
	line("\t\tcase \"$prev\" in")
	for _, f := range chosen {
		line("\t\t%s) values=%s ;;", strings.Join(names(f), " | "), quote(strings.Join(values(f), " ")))
	}
	if len(others) > 0 {
		line("\t\t%s) return ;;", strings.Join(others, " | "))
	}
	line("\t\tesac")
}

func joined(words []word) string {
	var names []string
	for _, w := range words {
		names = append(names, w.name)
	}
	return strings.Join(names, " ")
}

// zsh offers the same, with what is said of each.
func zsh(program string, places []place) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	described := func(name, text string) string { return quote(strings.ReplaceAll(name, ":", `\:`) + ":" + text) }
	line("#compdef %s", program)
	line("# Completion of %s in zsh; made by: %s completion zsh", program, program)
	line("%s() {", function(program))
	line("\tlocal before='' prev=\"${words[CURRENT-1]}\" i")
	line("\tlocal -a next flags")
	line("\tfor ((i = 2; i < CURRENT; i++)); do")
	line("\t\t[[ ${words[i]} == -* ]] && break")
	line("\t\tbefore+=\"${words[i]} \"")
	line("\tdone")
	line("\tcase \"$before\" in")
	for _, p := range places {
		line("\t%s)", p.pattern())
		for _, w := range p.next {
			line("\t\tnext+=(%s)", described(w.name, w.text))
		}
		for _, f := range p.flags {
			_, usage := pflag.UnquoteUsage(f)
			line("\t\tflags+=(%s)", described("--"+f.Name, short(usage)))
		}
		if chosen, others := p.valued(); len(chosen)+len(others) > 0 {
			line("\t\tcase \"$prev\" in")
			for _, f := range chosen {
				line("\t\t%s) compadd -- %s; return ;;", strings.Join(names(f), " | "), strings.Join(values(f), " "))
			}
			if len(others) > 0 {
				line("\t\t%s) _files; return ;;", strings.Join(others, " | "))
			}
			line("\t\tesac")
		}
		line("\t\t;;")
	}
	line("\tesac")
	line("\tif [[ ${words[CURRENT]} == -* ]]; then _describe flag flags")
	line("\telif (( $#next )); then _describe command next")
	line("\telse _files; fi")
	line("}")
	line("if [[ ${funcstack[1]} == _%s ]]; then %s; else compdef %s %s; fi", program, function(program), function(program), program)
	return b.String()
}

// fish offers the same, with what is said of each.
func fish(program string, places []place) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	quoted := func(text string) string {
		return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
	}
	at := "_" + function(program) + "_at"
	line("# Completion of %s in fish; made by: %s completion fish", program, program)
	line("function %s", at)
	line("\tset -l before ''")
	line("\tfor word in (commandline -opc)[2..-1]")
	line("\t\tstring match -q -- '-*' $word; and break")
	line("\t\tset before \"$before$word \"")
	line("\tend")
	line("\tstring match -q -- $argv[1] $before")
	line("end")
	for _, p := range places {
		only := fmt.Sprintf("complete -c %s -n %s", program, quoted(at+" '"+p.words+"'"))
		within := fmt.Sprintf("complete -c %s -n %s", program, quoted(at+" '"+p.words+"*'"))
		for _, w := range p.next {
			line("%s -f -a %s -d %s", only, quoted(w.name), quoted(w.text))
		}
		for _, f := range p.flags {
			_, usage := pflag.UnquoteUsage(f)
			more := ""
			if f.Shorthand != "" {
				more += " -s " + f.Shorthand
			}
			switch {
			case f.NoOptDefVal != "":
			case len(values(f)) > 0:
				more += " -x -a " + quoted(strings.Join(values(f), " "))
			default:
				more += " -r"
			}
			line("%s -l %s%s -d %s", within, f.Name, more, quoted(short(usage)))
		}
	}
	return b.String()
}
