package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const role = "../agent/packaging/ansible"

func TestTheRoleHasNothingThatALinterWouldName(t *testing.T) {
	t.Parallel()
	needCommand(t, "ansible-lint")
	dir := t.TempDir() // where no repository of git tells the linter which files are not there yet
	output(t, "cp", "-r", role+"/.", dir)
	said := output(t, "sh", "-c", "cd "+dir+" && ansible-lint --offline --nocolor --profile production site.yml roles/veille_agent 2>&1")
	if !strings.Contains(said, "Passed with production profile: 0 failure(s), 0 warning(s)") {
		t.Errorf("ansible-lint says\n%s", said)
	}
}

// The role is run by a Debian on itself.
func TestTheRoleInstallsUpgradesAndRemovesAndASecondRunChangesNothing(t *testing.T) {
	t.Parallel()
	before, after := packages(t, older), packages(t, newer)
	h := boot(t)
	output(t, "cp", "-r", role, h.root+"/root/ansible")
	h.write("/root/ansible/playbook.yml", "- name: Test\n  hosts: localhost\n  connection: local\n  roles: [veille_agent]\n")
	name := func(version string) string { return "veille-agent_" + version + "_amd64.deb" }
	play := func(want string, vars ...string) {
		t.Helper()
		args := []string{"sh", "-c", `cd /root/ansible && exec ansible-playbook -vv playbook.yml "$@"`, "sh", "-e", "veille_agent_collector=http://127.0.0.1:1 veille_agent_token=SECRET", "-e", `{"veille_agent_settings": {"history": 0, "products": ["one", "two"]}}`}
		for _, v := range vars {
			if v != "--check" {
				args = append(args, "-e")
			}
			args = append(args, v)
		}
		said := h.do(args...)
		changed := regexp.MustCompile(`changed=([0-9]+)`).FindStringSubmatch(said)
		if changed == nil || want == "none" && changed[1] != "0" || want == "some" && changed[1] == "0" {
			t.Errorf("%v: changed %v, want %s\n%s", vars, changed, want, said)
		}
		if strings.Contains(said, "SECRET") {
			t.Errorf("%v: the token is printed\n%s", vars, said)
		}
	}
	of := func(dir, version string) []string {
		file := filepath.Join(dir, name(version))
		return []string{"veille_agent_package=" + h.bring(file), "veille_agent_checksum=sha256:" + sumOf(t, file)}
	}
	play("some", append(of(before, older), "--check")...)
	if _, err := os.Stat(h.root + "/etc/veille"); err == nil {
		t.Error("--check installs")
	}
	play("some", of(before, older)...)
	play("none", of(before, older)...)
	if settings := h.do("cat", "/etc/veille/agent.conf"); !strings.Contains(settings, "token = SECRET\nhistory = 0\nproducts = one\nproducts = two\n") {
		t.Errorf("the settings are\n%s", settings)
	}
	if !h.active("veille-agent") {
		t.Errorf("the agent does not run\n%s", h.journal())
	}
	play("some", of(after, newer)...)
	if version := h.do("dpkg-query", "-W", "-f", "${Version}", "veille-agent"); version != newer {
		t.Errorf("the version is %s, want %s", version, newer)
	}
	wrong := append(of(after, newer)[:1], "veille_agent_checksum=sha256:"+strings.Repeat("0", 64))
	if said, err := h.try("sh", "-c", fmt.Sprintf("cd /root/ansible && ansible-playbook playbook.yml -e veille_agent_collector=http://127.0.0.1:1 -e %s -e %s", wrong[0], wrong[1])); err == nil || !strings.Contains(said, "is not the file whose sum is") {
		t.Errorf("a wrong sum: %v\n%s", err, said)
	}
	if said, err := h.try("sh", "-c", "cd /root/ansible && ansible-playbook playbook.yml -e veille_agent_collector=http://127.0.0.1:1 -e veille_agent_package=agent.rpm"); err == nil || !strings.Contains(said, "agent.rpm is not for Debian") {
		t.Errorf("an .rpm for Debian: %v\n%s", err, said)
	}
	h.write("/var/cache/veille/other", "")
	play("some", "veille_agent_state=absent", "veille_agent_purge=true")
	play("none", "veille_agent_state=absent", "veille_agent_purge=true")
	if left := h.left("veille"); left != "/var/cache/veille\n/var/cache/veille/other\n" { // the folder may be one of others too
		t.Errorf("removed, it leaves\n%s", left)
	}
}
