package main

import (
	"os"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
	"veille/ecoindex/practice"
	"veille/ecoindex/report"
)

// langFlag is the language that people are spoken to.
type langFlag struct{ code string }

func (f *langFlag) declare(fs *pflag.FlagSet) {
	fs.StringVar(&f.code, "lang", language.Default(os.LookupEnv), "`language` of texts for people and of what to do: en or fr; sentences of the measurement itself are English, in French between < and >, and keys of JSON, CSV and reports are the same in both")
	command.Values(fs, "lang", language.English, language.French)
}

// speak is the language of the flag, or a usage error.
func (f *langFlag) speak() (report.Language, error) {
	return report.In(f.code, frenchPhrases()...), language.Check(f.code)
}

// pick is the sentence of a check in a language.
func pick(l report.Language, w practice.Words) string {
	if l.French() {
		return w.FR
	}
	return w.EN
}
