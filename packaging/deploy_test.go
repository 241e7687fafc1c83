package main_test

import (
	"archive/zip"
	"path/filepath"
	"slices"
	"testing"
)

func TestWhatRollsTheAgentOutIsDeliveredTheSameEachTime(t *testing.T) {
	t.Parallel()
	var sums [2]string
	for i := range sums {
		out := t.TempDir()
		if err := shop.pack(t.Context(), "..", "--version", newer, "--out", out, "--only", "deploy.zip"); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(out, "veille-agent-"+newer+"-deploy.zip")
		sums[i] = sumOf(t, file)
		names := namesIn(t, file)
		for _, want := range []string{"LICENSE", "agent.md", "windows.md", "policy/Veille.admx", "policy/fr-FR/Veille.adml", "policy/en-US/Veille.adml", "ansible/roles/veille_agent/tasks/main.yml"} {
			if !slices.Contains(names, "veille-agent-"+newer+"-deploy/"+want) {
				t.Errorf("%s is not among %q", want, names)
			}
		}
	}
	if sums[0] != sums[1] {
		t.Error("made twice it is another file")
	}
}

func namesIn(t *testing.T, file string) (names []string) {
	t.Helper()
	r, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	for _, f := range r.File {
		names = append(names, f.Name)
	}
	return names
}
