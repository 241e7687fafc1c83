// Command veille-fleet is a fleet that does not exist, for load and demonstrations: its records say that they are simulated.
package main

import (
	"io"
	_ "time/tzdata" // sites have time zones, and a small server may have no files of them

	"veille/cmd/internal/command"
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	return command.Program{
		Name:     "veille-fleet",
		Summary:  "a simulated fleet, for load and demonstrations",
		Commands: []command.Command{simulateCommand(stdout, stderr), loadCommand(stdout, stderr), command.VersionCommand(stdout, "veille-fleet")},
	}
}
