package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/agent/uptime"
)

// Both services are installed as somebody does it who reads the guide, in a Debian that runs, and are upgraded, removed and purged.
func TestPackagesAreInstalledUpgradedAndPurgedOnDebian(t *testing.T) {
	t.Parallel()
	before, after := packages(t, older), packages(t, newer)
	begin := time.Now()
	h := boot(t)
	t.Logf("a Debian runs after %.1f s", time.Since(begin).Seconds())
	deb := func(dir, program, version string) string {
		return h.bring(filepath.Join(dir, program+"_"+version+"_amd64.deb"))
	}
	collectors := [2]string{deb(before, "veille-collector", older), deb(after, "veille-collector", newer)}
	agents := [2]string{deb(before, "veille-agent", older), deb(after, "veille-agent", newer)}

	h.do("dpkg", "-i", collectors[0])
	h.until("the collector is well", 30*time.Second, h.well)
	const data = "/var/lib/veille-collector"
	h.do("veille-collector", "site", "add", "--data", data, "--time-zone", "Europe/Paris", "Lycée")
	token := strings.TrimSpace(h.do("veille-collector", "token", "create", "--data", data, "--site", "Lycée", "--machines", "2"))

	h.do("runuser", "-u", "nobody", "--", "cat", "/usr/share/doc/veille-collector/privacy/fr/4-notices.md")
	agentIsInstalled(h, agents[0], token)
	agentIsEnrolledAnew(h, token)
	agentIsPaused(h)
	agentIsUpgraded(h, agents[1])
	agentIsRemovedAndPurged(h, agents[1])
	collectorIsUpgraded(h, collectors[1])
	collectorIsBackedUp(h)
	collectorIsPurged(h, collectors[1])
	rpmIsInstalled(h, filepath.Join(after, "veille-agent-"+newer+"-1.x86_64.rpm"))
}

// well asks the collector in the house whether it is.
func (h *house) well() bool {
	said, err := h.try("python3", "-c", "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:8765/healthz').read().decode())")
	return err == nil && strings.TrimSpace(said) == "ok"
}

func agentIsInstalled(h *house, deb, token string) {
	h.t.Helper()
	begin := time.Now()
	h.do("dpkg", "-i", deb)
	h.until("an agent that was told no collector says so and ends", 10*time.Second, func() bool {
		return strings.Contains(h.do("systemctl", "show", "-P", "ActiveState", "-P", "ExecMainStatus", "veille-agent"), "failed") &&
			strings.Contains(h.journal(), "its settings name no collector and token")
	})
	h.write("/etc/veille/agent.conf", "collector = http://127.0.0.1:8765\ntoken = "+token+"\nuse = shared\nperiod = 5s\n")
	h.do("systemctl", "restart", "veille-agent")
	most := time.Minute + unsettled(h.t)
	h.until("a record is acknowledged", most, func() bool {
		said, err := h.try("runuser", "-u", "nobody", "--", "veille-agent", "show", "--json") // anybody may see what was sent
		return err == nil && strings.Contains(said, `"use":"shared"`)
	})
	took := time.Since(begin)
	h.t.Logf("from dpkg -i to the first record acknowledged: %.1f s", took.Seconds())
	if took > most {
		h.t.Errorf("it took %v, more than %v", took, most)
	}
	if said := h.do("veille-collector", "machine", "list", "--data", "/var/lib/veille-collector", "--site", "Lycée", "--reason", "test"); !strings.Contains(said, "shared") {
		h.t.Errorf("the collector's machines are\n%s", said)
	}
	if _, err := h.try("runuser", "-u", "nobody", "--", "cat", "/etc/veille/agent.conf"); err == nil {
		h.t.Error("everybody may read the token")
	}
	for _, name := range []string{"/usr/share/man/man1/veille-agent.1.gz", "/usr/share/bash-completion/completions/veille-agent", "/usr/share/doc/veille-agent/copyright", "/usr/share/doc/veille-agent/licences.txt"} {
		if _, err := os.Stat(h.root + name); err != nil {
			h.t.Error(err)
		}
	}
}

// unsettled is how much longer the first record takes where this machine was booted just before: its clock is believed ten minutes after.
func unsettled(t *testing.T) time.Duration {
	t.Helper()
	now, err := uptime.Read()
	if err != nil {
		t.Fatal(err)
	}
	return max(0, 10*time.Minute-now.SinceBoot)
}

// agentIsEnrolledAnew does what docs/agent.md says of another site, after which it is the same machine, and of a copy of a disk, after which it is another.
func agentIsEnrolledAnew(h *house, token string) {
	h.t.Helper()
	machines := func() int {
		said := h.do("veille-collector", "machine", "list", "--data", "/var/lib/veille-collector", "--site", "Lycée", "--reason", "test", "--json")
		return strings.Count(said, `"number"`)
	}
	h.do("systemctl", "stop", "veille-agent")
	h.do("runuser", "-u", "veille-agent", "--", "env", "VEILLE_TOKEN="+token, "veille-agent", "enrol", "--collector", "http://127.0.0.1:8765", "--use", "shared")
	h.do("systemctl", "start", "veille-agent")
	if n := machines(); n != 1 {
		h.t.Errorf("enrolled by hand there are %d machines", n)
	}
	h.do("sh", "-ec", "systemctl stop veille-agent; rm -rf /var/lib/veille-agent/*; systemctl start veille-agent")
	h.until("a copy is a machine of its own", 20*time.Second, func() bool { return machines() == 2 })
}

func agentIsPaused(h *house) {
	h.t.Helper()
	if said, err := h.try("runuser", "-u", "nobody", "--", "veille-agent", "pause"); err == nil {
		h.t.Errorf("anybody may pause the agent: %s", said)
	}
	h.do("veille-agent", "pause")
	h.until("the agent heeds the pause", 20*time.Second, func() bool {
		return strings.Contains(h.do("journalctl", "--no-pager", "-u", "veille-agent"), "paused, nothing is counted")
	})
	h.do("veille-agent", "resume")
}

func agentIsUpgraded(h *house, deb string) {
	h.t.Helper()
	read := func() (settings, identity, process string) {
		return h.do("cat", "/etc/veille/agent.conf"), h.do("cat", "/var/lib/veille-agent/identity.json"), h.do("systemctl", "show", "-P", "MainPID", "veille-agent")
	}
	settings, identity, process := read()
	h.do("dpkg", "-i", deb)
	h.until("the agent runs after the upgrade", 20*time.Second, func() bool { return h.active("veille-agent") })
	settings2, identity2, process2 := read()
	if settings != settings2 || identity != identity2 || process == process2 {
		h.t.Errorf("after the upgrade: settings %q, identity kept %t, process %s as before %s", settings2, identity == identity2, process2, process)
	}
	if mode := h.do("stat", "-c", "%a %U:%G", "/etc/veille/agent.conf"); mode != "640 root:veille-agent\n" {
		h.t.Errorf("the settings are %s", mode)
	}
}

func agentIsRemovedAndPurged(h *house, deb string) {
	h.t.Helper()
	identity := h.do("cat", "/var/lib/veille-agent/identity.json")
	h.do("dpkg", "-r", "veille-agent")
	if _, err := os.Stat(h.root + "/usr/bin/veille-agent"); err == nil || h.active("veille-agent") {
		h.t.Error("the agent is removed, and is there or runs")
	}
	h.do("dpkg", "-i", deb)
	h.until("the agent runs again", 20*time.Second, func() bool { return h.active("veille-agent") })
	if again := h.do("cat", "/var/lib/veille-agent/identity.json"); again != identity {
		h.t.Error("installed again the machine is another one")
	}
	h.do("dpkg", "-P", "veille-agent")
	if left := h.left("veille-agent"); left != "" || h.active("veille-agent") {
		h.t.Errorf("a purge leaves\n%s", left)
	}
	for _, table := range []string{"passwd", "group"} {
		if entry, err := h.try("getent", table, "veille-agent"); err == nil {
			h.t.Errorf("a purge leaves in %s %s", table, entry)
		}
	}
}

func collectorIsUpgraded(h *house, deb string) {
	h.t.Helper()
	h.write("/etc/veille/collector.conf", "listen = 127.0.0.1:8765\nmetrics = 127.0.0.1:9765\n")
	h.do("dpkg", "-i", deb)
	h.until("the collector is well after the upgrade", 30*time.Second, h.well)
	if settings := h.do("cat", "/etc/veille/collector.conf"); !strings.Contains(settings, "9765") {
		h.t.Errorf("after the upgrade the settings are %s", settings)
	}
	h.siteIsThere()
}

// collectorIsBackedUp has the backup of a night made, finds it whole, and restores it as the guide says.
func collectorIsBackedUp(h *house) {
	h.t.Helper()
	h.do("systemctl", "enable", "--now", "veille-backup.timer")
	h.do("systemctl", "start", "veille-backup.service")
	if said, _ := h.try("veille-collector", "doctor", "--data", "/var/lib/veille-collector", "--backups", "/var/backups/veille"); !strings.Contains(said, "ok          backups") {
		h.t.Errorf("doctor says of the backups\n%s", said)
	}
	h.do("sh", "-ec", "systemctl stop veille-collector; veille-collector restore --data /var/lib/veille-collector /var/backups/veille/*.db; systemctl start veille-collector")
	h.until("the collector is well after its backup was restored", 30*time.Second, h.well)
	h.siteIsThere()
	if owner := h.do("find", "/var/lib/private/veille-collector", "-user", "root"); owner != "" {
		h.t.Errorf("a backup and a restore leave files of root beside the ledger\n%s", owner)
	}
}

// siteIsThere asks the ledger.
func (h *house) siteIsThere() {
	h.t.Helper()
	if sites := h.do("veille-collector", "site", "list", "--data", "/var/lib/veille-collector"); !strings.Contains(sites, "Lycée") {
		h.t.Errorf("the sites are\n%s", sites)
	}
}

// A purge keeps the ledger, unless it is told not to.
func collectorIsPurged(h *house, deb string) {
	h.t.Helper()
	if said := h.do("dpkg", "-P", "veille-collector"); !strings.Contains(said, "the ledger is kept in /var/lib/private/veille-collector") {
		h.t.Errorf("the purge says %s", said)
	}
	if h.active("veille-collector") {
		h.t.Error("the collector runs after it was purged")
	}
	h.do("dpkg", "-i", deb)
	h.until("the collector is well, installed again", 30*time.Second, h.well)
	h.siteIsThere()
	h.write("/etc/veille/purge-data", "")
	h.do("dpkg", "-P", "veille-collector")
	h.do("rm", "-r", "/var/backups/veille") // which no purge touches
	if left := h.left("veille"); left != "" {
		h.t.Errorf("a purge with its data leaves\n%s", left)
	}
}

// The .rpm is installed by Debian's rpm, from outside the house: that tries its files and scripts, and is no Fedora.
func rpmIsInstalled(h *house, file string) {
	h.t.Helper()
	needCommand(h.t, "rpm")
	output(h.t, "rpm", "--root", h.root, "--nodeps", "-i", file)
	if mode := h.do("stat", "-c", "%a %U:%G", "/etc/veille/agent.conf"); mode != "640 root:veille-agent\n" {
		h.t.Errorf("the settings are %s", mode)
	}
	h.do("systemctl", "daemon-reload")
	if enabled := h.do("systemctl", "is-enabled", "veille-agent"); enabled != "enabled\n" {
		h.t.Errorf("the service is %s", enabled)
	}
	h.write("/etc/veille/agent.conf", "collector = http://127.0.0.1:8765\ntoken = none\nuse = shared\n") // nobody answers: it waits
	h.do("systemctl", "start", "veille-agent")
	h.until("the agent of the .rpm runs", 10*time.Second, func() bool { return h.active("veille-agent") })
	h.do("systemctl", "stop", "veille-agent")
	output(h.t, "rpm", "--root", h.root, "-e", "veille-agent")
	for _, name := range []string{"/usr/bin/veille-agent", "/usr/lib/systemd/system/veille-agent.service", "/usr/share/man/man1/veille-agent.1.gz"} {
		if _, err := os.Stat(h.root + name); err == nil {
			h.t.Errorf("%s is left by rpm -e", name)
		}
	}
}

func TestTheRPMHasItsFilesAndScripts(t *testing.T) {
	t.Parallel()
	needCommand(t, "rpm")
	listed := output(t, "rpm", "-qp", "--list", "--scripts", filepath.Join(packages(t, newer), "veille-agent-"+newer+"-1.x86_64.rpm"))
	for _, want := range []string{
		"/usr/bin/veille-agent\n", "/usr/lib/systemd/system/veille-agent.service\n", "/etc/veille/agent.conf\n", "/usr/lib/sysusers.d/veille-agent.conf\n",
		"/usr/share/zsh/site-functions/_veille-agent\n", "postinstall scriptlet", "preuninstall scriptlet", "postuninstall scriptlet", "systemctl enable veille-agent.service",
	} {
		if !strings.Contains(listed, want) {
			t.Errorf("%q is missing in\n%s", want, listed)
		}
	}
}
