// Package settings fills a flag set from the environment, from what the system keeps, and from a file.
package settings

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// File is the name of the flag that names the settings file. Programs that read one declare it as a string flag.
const File = "settings"

// Source is a place of settings that the system keeps, such as a key of Windows' registry.
type Source struct {
	Name   string // for errors
	Values []Value
}

// Value is a setting: the name of its flag, in any case, and what it is set to, several times where the flag may be. An empty text sets
// nothing.
type Value struct {
	Name  string
	Texts []string
}

// Fill gives every flag of fs that the command line did not set the value found in the environment, else in the first of the sources
// that has one, else in the settings file, else leaves its default. The flag "post-every" is read from VEILLE_POST_EVERY and from a line
// "post-every = 1h". A source or a file that names an unknown flag is refused: a misspelt setting must not be ignored.
func Fill(fs *pflag.FlagSet, lookup func(string) (string, bool), sources ...Source) error {
	if err := fromEnvironment(fs, lookup); err != nil {
		return err
	}
	for _, s := range sources {
		if err := fromSource(fs, s); err != nil {
			return err
		}
	}
	flag := fs.Lookup(File)
	if flag == nil || flag.Value.String() == "" {
		return nil
	}
	name := flag.Value.String()
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("read the settings file: %w; correct --%s", err, File)
	}
	defer func() { _ = f.Close() }()
	return fromFile(fs, f, name)
}

// Variable is the environment variable that sets a flag: VEILLE_ and its name in capitals, "-" written "_".
func Variable(flag string) string {
	return "VEILLE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func fromEnvironment(fs *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var errs []error
	fs.VisitAll(func(f *pflag.Flag) {
		value, ok := lookup(Variable(f.Name))
		if f.Changed || !ok || f.Name == "help" {
			return
		}
		if err := fs.Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("environment variable %s: %w", Variable(f.Name), err))
		}
	})
	return errors.Join(errs...)
}

func fromSource(fs *pflag.FlagSet, s Source) error {
	var errs []error
	for _, v := range s.Values {
		flag := fs.Lookup(strings.ToLower(v.Name))
		if flag == nil || flag.Name == "help" {
			errs = append(errs, fmt.Errorf("%s: no setting is called %q; remove or rename the value", s.Name, v.Name))
			continue
		}
		if flag.Changed { // by what comes before
			continue
		}
		for _, text := range v.Texts {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			if err := fs.Set(flag.Name, text); err != nil {
				errs = append(errs, fmt.Errorf("%s: the value %s: %w", s.Name, v.Name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// mentioned is the setting that a line begins with, for errors. Of the rest nothing is said: it may be a secret, and errors go to logs.
func mentioned(fs *pflag.FlagSet, line string) string {
	word := line[:len(line)-len(strings.TrimLeft(line, "abcdefghijklmnopqrstuvwxyz0123456789-"))]
	if fs.Lookup(word) == nil {
		return ""
	}
	return fmt.Sprintf("%q ", word)
}

func fromFile(fs *pflag.FlagSet, r io.Reader, name string) error {
	given := map[string]bool{} // by the command line or the environment
	fs.Visit(func(f *pflag.Flag) { given[f.Name] = true })
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff")) // that some editors begin a file with
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return fmt.Errorf("%s:%d: %sis not a line \"name = value\"", name, n, mentioned(fs, line))
		}
		flag := fs.Lookup(strings.TrimSpace(key))
		if flag == nil || flag.Name == File {
			return fmt.Errorf("%s:%d: no setting is called %q", name, n, strings.TrimSpace(key))
		}
		if _, several := flag.Value.(pflag.SliceValue); given[flag.Name] || flag.Changed && !several {
			continue
		}
		if err := fs.Set(flag.Name, strings.TrimSpace(value)); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
