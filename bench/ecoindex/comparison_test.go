package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The measurer is a program of three lines that prints what our program would.
func TestTheTablesSayWhatEachMeasurerFoundAndWhoWasLeftOut(t *testing.T) {
	program := filepath.Join(t.TempDir(), "veille-ecoindex")
	script := `#!/bin/sh
case $* in *adaptive*) echo "no such protocol" >&2; exit 2;; esac
for url; do case $url in http*) echo "{\"url\": \"$url\", \"dom\": 50, \"requests\": 2, \"size_kb\": 12.5, \"error\": null}";; esac; done
`
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	var out, progress strings.Builder
	args := []string{"--command", program, "--tools", t.TempDir(), "--only", "static,ecoindex-2026,adaptive,reference", "--pages", "2"}
	if err := run(t.Context(), args, &out, &progress); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| fixture/long.html | 50 / 2 / 12.5 / 95 |    50 / 2 / 12.5 / 95 |\n",
		"Left out: veille, adaptive: " + program + ": exit status 2: no such protocol",
		"static and ecoindex-2026: equal in all three on 2 of 2 pages",
		"Left out: the reference, re-enacted: playwright-core is not installed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestAMeasurerThatDoesNotExistIsRefused(t *testing.T) {
	err := run(t.Context(), []string{"--only", "sorcery"}, &strings.Builder{}, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "static") {
		t.Errorf("got %v", err)
	}
}
