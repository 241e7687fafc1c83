package spool_test

import (
	"os"
	"path/filepath"
	"testing"

	"veille/agent/spool"
)

func TestAReplacedFileHasTheNewContentAndNothingIsLeftBesideIt(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "running.json")
	for _, body := range []string{"a longer first content", "second"} {
		if err := spool.ReplaceFile(name, []byte(body)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != body {
			t.Errorf("got %q, %v; want %q", got, err, body)
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

func TestAFileThatCannotBeReplacedStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "full") // a folder with something in it cannot be replaced by a file
	if err := os.MkdirAll(filepath.Join(name, "inside"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := spool.ReplaceFile(name, []byte("x")); err == nil {
		t.Error("a folder was replaced")
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files, %v; want the folder only", len(files), err)
	}
	if err := spool.ReplaceFile(filepath.Join(dir, "nowhere", "file"), []byte("x")); err == nil {
		t.Error("a file was written in a folder that is not there")
	}
}
