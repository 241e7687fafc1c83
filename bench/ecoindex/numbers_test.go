package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachNumberStandsBesideTheOneThatIsWanted(t *testing.T) {
	program := filepath.Join(t.TempDir(), "veille-ecoindex")
	script := `#!/bin/sh
case $* in *adaptive*) echo "no such protocol" >&2; exit 2;; esac
n=0
for url; do case $url in http*)
	n=$((n+1))
	if [ $n = 100 ]; then echo "{\"url\": \"$url\", \"error\": {\"code\": \"late\", \"message\": \"too late\"}}"
	else echo "{\"url\": \"$url\", \"dom\": 50, \"requests\": 2, \"size_kb\": 12.5, \"error\": null}"; fi;;
esac; done
test $n -lt 100 || exit 3
`
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	var out, progress strings.Builder
	if err := run(t.Context(), []string{"--command", program, "--tools", t.TempDir(), "--numbers", "--many", "100"}, &out, &progress); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ") // however wide a column is
	for _, want := range []string{
		"| 16 times fixture/long.html, 8 tabs, ecoindex-2026 | ≤ 30 s ",
		"| 40 identical ", "| held ",
		"not measured: " + program + ": exit status 2: no such protocol",
		"s; 1 not measured, such as: late: too late ", "| **missed** |",
		"84 fixtures, 4 tabs, adaptive, chromium-headless-shell", "84 fixtures, 4 tabs, adaptive, chromium |", "| 20 | 0 |", "| 100 | 0 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
