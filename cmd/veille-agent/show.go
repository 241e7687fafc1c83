package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/pflag"

	"veille/agent/spool"
	"veille/cmd/internal/command"
)

func showCommand(stdout io.Writer) command.Command {
	var data, lang string
	var asJSON bool
	return command.Command{
		Name: "show", Summary: "print the last thirty days of records sent, each as it was sent last, word for word",
		Example: "show\nshow --lang fr\nshow --json",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			fs.BoolVar(&asJSON, "json", false, "print one JSON array")
			langFlag(fs, &lang)
		},
		Run: func(_ context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if err := knownLanguage(lang); err != nil {
				return err
			}
			entries, err := sent(data)
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
			return printSent(stdout, lang, entries)
		},
	}
}

func sent(data string) ([]spool.Entry, error) {
	entries, err := spool.Journal(filepath.Join(data, "spool"))
	if err != nil {
		return nil, fmt.Errorf("%w; name the agent's folder with --data, and run as the user it belongs to", err)
	}
	return entries, nil
}

func printSent(w io.Writer, lang string, entries []spool.Entry) error {
	words := [2]string{"Nothing has been sent.", "This was sent about this machine: the last thirty days of records, one a line, each as it was sent last."}
	if lang == "fr" {
		words = [2]string{"Rien n'a été envoyé.", "Voici ce qui a été envoyé sur cette machine : les trente derniers jours de relevés, un par ligne, chacun dans son dernier état."}
	}
	if len(entries) == 0 {
		_, err := fmt.Fprintln(w, words[0])
		return err
	}
	_, _ = fmt.Fprintf(w, "%s\n\n", words[1])
	for _, e := range entries {
		if _, err := fmt.Fprintf(w, "%s\n", e.Body); err != nil {
			return err
		}
	}
	return nil
}
