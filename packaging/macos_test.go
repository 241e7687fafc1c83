package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// No Mac is here: the scripts are tried below a folder, the plist by a reader of XML.
func TestTheDeliveryForMacOSInstallsAndRemovesBelowAFolder(t *testing.T) {
	t.Parallel()
	out, root := t.TempDir(), t.TempDir()
	if err := shop.pack(t.Context(), "..", "--version", older, "--out", out, "--only", "agent/darwin/amd64"); err != nil {
		t.Fatal(err)
	}
	output(t, "tar", "-C", out, "-xzf", filepath.Join(out, "veille-agent-"+older+"-macos-amd64.tar.gz"))
	from := filepath.Join(out, "veille-agent-"+older+"-macos-amd64")
	licences, err := os.ReadFile(filepath.Join(from, "licences.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"EUPL v. 1.2", "github.com/spf13/pflag v", "Redistributions in binary form must reproduce the above copyright notice"} {
		if !strings.Contains(string(licences), want) {
			t.Errorf("%q is not in licences.txt", want)
		}
	}
	run := func(script string, args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `umask 077; exec "$0" "$@"`, filepath.Join(from, script)}, args...)...)
		c.Env = append(os.Environ(), "DESTDIR="+root, "COLLECTOR=https://veille.example.org", "TOKEN=secret")
		if text, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, text)
		}
	}
	run("install.sh")
	conf := filepath.Join(root, "etc/veille/agent.conf")
	text, err := os.ReadFile(conf)
	if err != nil || !strings.HasSuffix(string(text), "\ncollector = https://veille.example.org\ntoken = secret\n") {
		t.Errorf("the settings are %s, %v", text, err)
	}
	if info, err := os.Stat(conf); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the settings have mode %v, %v", info.Mode(), err)
	}
	for _, folder := range []string{"etc/veille", "usr/local/bin", "Library/Application Support/Veille", "Library/Logs/Veille"} {
		if info, err := os.Stat(filepath.Join(root, folder)); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s has mode %v, %v: the agent's user cannot come through", folder, info.Mode(), err)
		}
	}
	if err := os.WriteFile(conf, []byte("collector = https://kept.example.org\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run("install.sh")
	if text, err := os.ReadFile(conf); err != nil || string(text) != "collector = https://kept.example.org\n" {
		t.Errorf("after an upgrade the settings are %s, %v", text, err)
	}
	run("uninstall.sh")
	if _, err := os.Stat(conf); err != nil {
		t.Errorf("removal takes the settings: %v", err)
	}
	run("uninstall.sh", "--purge")
	if left := output(t, "find", root, "-type", "f", "-o", "-name", "*eille*"); left != "" {
		t.Errorf("a purge leaves\n%s", left)
	}
	needCommand(t, "xmllint")
	output(t, "xmllint", "--nonet", "--noout", filepath.Join(from, "veille-agent.plist"))
}
