// Command veille-agent counts the energy of this machine and its hours on, asleep and off, and delivers them.
package main

import (
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // Windows has no time zone files, and a small server may have none either

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	return command.Program{
		Name:    "veille-agent",
		Summary: "counts the energy of this machine, and its hours on, asleep and off",
		Commands: []command.Command{
			onceCommand(stdout, stderr), explainCommand(stdout), recordCommand(stdout, stderr), modelsImportCommand(stderr), modelsListCommand(stdout),
			showCommand(stdout), enrolCommand(stdout), runCommand(stderr),
			command.VersionCommand(stdout, "veille-agent"),
		},
	}
}

// dataFlag is the flag of the folder in which the agent keeps its files.
func dataFlag(fs *pflag.FlagSet, data *string) {
	fs.StringVar(data, "data", dataFolder(), "`folder` of the agent's files")
}

// usable tells whether the agent's folder can be written, in a sentence that says what to do.
func usable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the agent's folder: %w; choose another with --data, or run as the user it belongs to", err)
	}
	probe, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return fmt.Errorf("write in the agent's folder: %w; choose another with --data, or run as the user it belongs to", err)
	}
	if err := probe.Close(); err != nil {
		return fmt.Errorf("write in the agent's folder: %w", err)
	}
	return os.Remove(probe.Name())
}
