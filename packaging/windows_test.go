package main_test

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestTheInstallerForWindowsSaysWhatItsServiceIsAndKeepsTheTokenSecret(t *testing.T) {
	t.Parallel()
	needCommand(t, "wixl")
	needCommand(t, "msibuild")
	out := t.TempDir()
	if err := shop.pack(t.Context(), "..", "--version", newer, "--out", out, "--only", "agent/windows/amd64/msi"); err != nil {
		t.Fatal(err)
	}
	const service = "S-1-5-80-1603894018-2442607396-906538286-987619645-2244000395" // as in package private
	file := filepath.Join(out, "veille-agent-"+newer+"-x64.msi")
	if text := output(t, "msiinfo", "export", file, "InstallUISequence"); strings.Contains(text, "AppSearch") {
		t.Errorf("the settings before are searched for without the rights to read them:\n%s", text)
	}
	for table, want := range map[string][]string{
		"ServiceInstall":                 {"VeilleAgent\tVeille Agent\t16\t2\t1\t\t\tNT SERVICE\\VeilleAgent\t\trun --service\t"},
		"MsiServiceConfig":               {"VeilleAgent\t1\t3\t1\t"},
		"MsiServiceConfigFailureActions": {"1[~]1[~]1\t60000[~]300000[~]1800000\t"},
		"MsiLockPermissionsEx":           {"\tRegistry\tO:SYD:P(A;OICI;KA;;;SY)(A;OICI;KA;;;BA)(A;OICI;KA;;;" + service + ")", "LockData\tAGENTDATA\tCreateFolder\tO:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + service + ")", "LockAbove\tVEILLEDATA\tCreateFolder\tO:SYD:P("},
		"ServiceControl":                 {"AgentStart\tVeilleAgent\t1\t\t0\t", "AgentStop\tVeilleAgent\t162\t\t1\t"}, // a start that fails undoes nothing
		"Upgrade":                        {"\t" + newer + "\t\t513\t\tWIX_UPGRADE_DETECTED"},
		"Property":                       {"MsiHiddenProperties\tTOKEN;KEPTTOKEN", "COLLECTOR;TOKEN;USE;CAFILE;PURGE", "ProductVersion\t" + newer},
		"Registry":                       {`SOFTWARE\Veille\Agent` + "\ttoken\t[TOKEN]", `EventLog\Application\VeilleAgent` + "\tEventMessageFile\t#%%SystemRoot%"},
		"InstallExecuteSequence":         {"RemoveExistingProducts\t\t1501", "MsiConfigureServices\tVersionMsi >= \"5.00\"\t5850", "KeepToken\tNOT TOKEN AND KEPTTOKEN\t52"},
		"CustomAction":                   {"KeepToken\t51\tTOKEN\t[KEPTTOKEN]", "Purge\t3170\tTARGETDIR\t"},
	} {
		text := output(t, "msiinfo", "export", file, table)
		for _, line := range want {
			if !strings.Contains(text, line) {
				t.Errorf("%s has not %q:\n%s", table, line, text)
			}
		}
	}
}

func TestACertificateWithoutItsKeySignsNothing(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--code-cert", "--code-key"} {
		err := shop.pack(t.Context(), "..", "--version", newer, "--out", t.TempDir(), "--only", "agent/windows/amd64/msi", flag, "file.pem")
		if err == nil || !strings.Contains(err.Error(), "give both --code-cert and --code-key") {
			t.Errorf("%s alone: %v", flag, err)
		}
	}
}
