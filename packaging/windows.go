package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// windowsFolder is where what the installer is made of is kept.
const windowsFolder = "agent/packaging/windows"

// upgradeCode is what all versions of the installer have in common, as in veille-agent.wxs.
const upgradeCode = "8D0B3C0E-5F5A-4C55-9C52-7B1A0C5E2F41"

// windows makes the .msi of a program that is built.
func (r *release) windows(ctx context.Context, s staged) error {
	name := fmt.Sprintf("%s-%s-x64.msi", s.program.name, r.version.text)
	m := msi{version: r.version.numeric, stage: s.dir, out: filepath.Join(r.out, name), cert: r.codeCert, key: r.codeKey}
	if err := m.build(ctx); err != nil {
		return err
	}
	return r.finish(name)
}

// msi is an installer for Windows. Two that are made of the same are not the same to the byte: each has a number and a time of its own.
type msi struct {
	version   string // three numbers, as Windows compares them
	stage     string // folder with veille-agent.exe, and for what is made on the way
	out       string // file
	cert, key string // files (PEM) that the program and the installer are signed with, or ""
}

// build makes the installer: wixl what it can say, msibuild the rest.
func (m msi) build(ctx context.Context) error {
	if (m.cert == "") != (m.key == "") {
		return errors.New("a certificate and its key go together; give both --code-cert and --code-key, or none")
	}
	from, err := filepath.Abs(windowsFolder)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(m.stage, "msi-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	const program, raw = "veille-agent.exe", "agent.msi"
	if err := m.sign(ctx, filepath.Join(m.stage, program), filepath.Join(work, program)); err != nil {
		return err
	}
	if err := os.Link(filepath.Join(m.stage, licencesFile), filepath.Join(work, licencesFile)); err != nil {
		return err
	}
	// wixl finds no file by a whole path, so it works where the program is.
	if err := tool(ctx, work, "wixl", "--arch", "x64", "-D", "Version="+m.version, "-o", raw, filepath.Join(from, "veille-agent.wxs")); err != nil {
		return err
	}
	for _, table := range []string{"MsiServiceConfig", "MsiServiceConfigFailureActions", "MsiLockPermissionsEx"} {
		if err := tool(ctx, work, "msibuild", raw, "-i", filepath.Join(from, table+".idt")); err != nil {
			return err
		}
	}
	for _, query := range corrections(m.version) {
		if err := tool(ctx, work, "msibuild", raw, "-q", query); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return m.sign(ctx, filepath.Join(work, raw), m.out)
}

// corrections are what wixl 0.101 cannot say, or says wrongly, in the language of the installer's tables.
func corrections(version string) []string {
	all := []string{
		// What the command line may set also where the installation is done for somebody else, and what no log shows.
		`UPDATE Property SET Value='WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;COLLECTOR;TOKEN;USE;CAFILE;PURGE' WHERE Property='SecureCustomProperties'`,
		`INSERT INTO Property (Property, Value) VALUES ('MsiHiddenProperties', 'TOKEN;KEPTTOKEN')`,
		// A search before the window asks for the administrator would read no key that users may not read, and is not made again after it.
		"DELETE FROM InstallUISequence WHERE Action='AppSearch'",
		// A build of the same version replaces the one before: packages between two releases have the same three numbers.
		"DELETE FROM Upgrade WHERE ActionProperty='WIX_UPGRADE_DETECTED'",
		"INSERT INTO Upgrade (UpgradeCode, VersionMax, Attributes, ActionProperty) VALUES ('{" + upgradeCode + "}', '" + version + "', 513, 'WIX_UPGRADE_DETECTED')",
		// The one before goes inside the transaction, and comes back where the new one fails.
		`UPDATE InstallExecuteSequence SET Sequence=1501 WHERE Action='RemoveExistingProducts'`,
		`INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('MsiConfigureServices', 'VersionMsi >= "5.00"', 5850)`,
		// wixl drops what follows a backslash in a key, and takes a percent sign for its own.
		"UPDATE Registry SET `Key`='SOFTWARE\\Veille\\Agent' WHERE Component_='AgentSettings'",
		"UPDATE Registry SET `Key`='SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\VeilleAgent' WHERE Component_='AgentEvents'",
		`UPDATE Registry SET Value='#%%SystemRoot%\System32\EventCreate.exe' WHERE Name='EventMessageFile'`,
		// 3170: a program, run as the system when files are gone, whose failure does not undo the removal. The folder above goes when it is empty.
		`INSERT INTO CustomAction (Action, Type, Source, Target) VALUES ('Purge', 3170, 'TARGETDIR', '"[System64Folder]cmd.exe" /c rmdir /s /q "[CommonAppDataFolder]Veille\agent" & rmdir "[CommonAppDataFolder]Veille"')`,
		`INSERT INTO InstallExecuteSequence (Action, Condition, Sequence) VALUES ('Purge', 'REMOVE="ALL" AND PURGE=1 AND NOT UPGRADINGPRODUCTCODE', 3650)`,
	}
	for i, action := range []string{"KeepCollector", "KeepToken", "KeepUse", "KeepCA"} { // after AppSearch, which wixl puts at 50
		all = append(all,
			fmt.Sprintf("UPDATE InstallExecuteSequence SET Sequence=%d WHERE Action='%s'", 51+i, action),
			fmt.Sprintf("UPDATE CustomAction SET Type=51 WHERE Action='%s'", action))
	}
	return all
}

// sign writes a file signed, or as it is where there is no certificate. Without a service of time stamps, which is not asked, the signature
// is good as long as its certificate.
func (m msi) sign(ctx context.Context, file, signed string) error {
	if m.cert == "" {
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(signed, text, 0o644)
		}
		return err
	}
	if err := os.Remove(signed); err != nil && !os.IsNotExist(err) { // osslsigncode replaces nothing
		return err
	}
	return tool(ctx, "", "osslsigncode", "sign", "-certs", m.cert, "-key", m.key, "-h", "sha256", "-n", "Veille Agent", "-in", file, "-out", signed)
}

// tool runs a program of Debian in a folder. Some say what is wrong and end well: what they print about it is an error too.
func tool(ctx context.Context, dir, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	text, err := c.CombinedOutput()
	if err == nil && strings.Contains(string(text), "CRITICAL") {
		err = errors.New("it complains")
	}
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w; make tools installs it", err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, bytes.TrimSpace(text))
	}
	return nil
}
