package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"veille/cmd/internal/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"veille-agent": func() { command.Main(program) }})
}

// Each script has a machine, as files below sys and proc, and what the agent says of it.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE_GOLDEN") != "",
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
	})
}
