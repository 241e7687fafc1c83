// Command veille-ecoindex measures the EcoIndex of web pages, and is a gate for continuous integration.
package main

import (
	"io"
	"os"

	"veille/cmd/internal/command"
)

func main() { command.Main(program) }

// program is the command without the process, so that tests call it.
func program(stdout, stderr io.Writer) command.Program {
	return command.Program{
		Name:    "veille-ecoindex",
		Summary: "the EcoIndex of web pages: elements, requests, bytes, and what they cost",
		Commands: []command.Command{
			pageCommand(stdout, stderr), siteCommand(stdout, stderr), journeyCommand(stdout, stderr, os.LookupEnv), harCommand(stdout, stderr), scoreCommand(stdout),
			command.VersionCommand(stdout, "veille-ecoindex"),
		},
	}
}
