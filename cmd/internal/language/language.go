// Package language says in which language a program speaks to people: English or French.
package language

import (
	"strings"

	"veille/cmd/internal/command"
)

// The languages.
const (
	English = "en"
	French  = "fr"
)

// Default is the language of an environment: French where the first of LC_ALL, LC_MESSAGES and LANG that is set begins with fr, else
// English.
func Default(lookup func(string) (string, bool)) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value, _ := lookup(name)
		switch {
		case strings.HasPrefix(value, French):
			return French
		case value != "":
			return English
		}
	}
	return English
}

// Check is a usage error where code is none of the languages.
func Check(code string) error {
	if code != English && code != French {
		return command.Usage("--lang %s is none of en, fr", code)
	}
	return nil
}
