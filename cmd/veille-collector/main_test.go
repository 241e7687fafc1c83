package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"veille/cmd/internal/command"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"veille-collector": func() { command.Main(program) }, "machines": machines})
}

// Each script is a collector's administrator at work.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: os.Getenv("UPDATE_GOLDEN") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"word": word},
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", os.Getenv("GORACE"))
			e.Setenv("TODAY", string(today()))
			return nil
		},
	})
}
