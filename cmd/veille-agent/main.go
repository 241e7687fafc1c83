// Command veille-agent counts the energy of this machine and its hours on, asleep and off, and delivers them.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/private"
	"veille/cmd/internal/command"
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	return command.Program{
		Name:    "veille-agent",
		Summary: "counts the energy of this machine, and its hours on, asleep and off",
		Commands: []command.Command{
			onceCommand(stdout, stderr), explainCommand(stdout), recordCommand(stdout, stderr), modelsImportCommand(stderr), modelsListCommand(stdout),
			showCommand(stdout), noticeCommand(stdout), enrolCommand(stdout), runCommand(stderr), pauseCommand(stdout), resumeCommand(stdout),
			command.VersionCommand(stdout, "veille-agent"),
		},
	}
}

// dataFlag is the flag of the folder in which the agent keeps its files.
func dataFlag(fs *pflag.FlagSet, data *string) {
	fs.StringVar(data, "data", dataFolder(), "`folder` of the agent's files")
}

// usable makes the agent's folder and tells whether it can be written, in a sentence that says what to do. Of what is in it
// everybody may read what was sent, the policy and the notice, and nobody else the rest.
func usable(dir string) error {
	err := private.Folder(dir, lookInto)
	for _, open := range agent.Readable() {
		if err == nil {
			err = private.Folder(filepath.Join(dir, open), true)
		}
	}
	if err != nil {
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
