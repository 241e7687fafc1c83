package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestASecretThatOthersCanReadIsWarnedOf(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("veille:pass\n"), mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	own, group := write("own", 0o600), write("group", 0o640)
	readable := 1
	if runtime.GOOS == "windows" {
		readable = 0
	}
	for _, tt := range []struct {
		file     string
		warnings int
	}{{own, 0}, {group, readable}, {"none", 0}} {
		s := seriesFlags{addresses: []string{"influx+http://127.0.0.1:8086/veille"}, secrets: []string{tt.file}}
		all := s.warnings()
		if len(all) != tt.warnings || strings.Contains(strings.Join(all, " "), "veille:pass") {
			t.Errorf("%s: %q, want %d", tt.file, all, tt.warnings)
		}
	}
}

func TestWhatSystemdHandsOverIsRead(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "influx.token")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o440); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		system, credentials string
		open                bool
	}{{"linux", "", true}, {"linux", dir, false}, {"linux", dir + "/", false}, {"linux", filepath.Dir(dir) + "/other", true}, {"windows", "", false}} {
		if _, open := readable(file, tt.system, tt.credentials); open != tt.open && runtime.GOOS != "windows" {
			t.Errorf("%s, %q: %t, want %t", tt.system, tt.credentials, open, tt.open)
		}
	}
	if _, open := readable(file+".not", "linux", ""); open {
		t.Error("a file that is not there is readable")
	}
}
