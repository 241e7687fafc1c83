package inventory_test

import (
	"testing"

	"veille/agent/inventory"
)

func TestALinuxIsItsFamilyAndWhatDecidesOnItsSupport(t *testing.T) {
	for _, tt := range []struct{ name, release, version, end string }{
		{"Debian", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian", "debian-12", "2026-07-11"},
		{"Debian testing, which has no number", "ID=debian\nVERSION_CODENAME=forky", "debian", ""},
		{"Ubuntu", "ID=ubuntu\nVERSION_ID=\"24.04\"", "ubuntu-24.04", "2029-05-31"},
		{"Fedora", "ID=fedora\nVERSION_ID=43\nSUPPORT_END=2026-12-02", "fedora-43", "2026-12-02"},
		{"a Fedora that is newer than the table says itself until when", "ID=fedora\nVERSION_ID=45\nSUPPORT_END=\"2027-12-01\"", "fedora-45", "2027-12-01"},
		{"its word must be a date", "ID=fedora\nVERSION_ID=45\nSUPPORT_END=never", "fedora-45", ""},
		{"a date that was not checked is not given", "ID=rocky\nVERSION_ID=\"10.1\"", "rocky-10", ""},
		{"Rocky, whose own word is then taken", "ID=\"rocky\"\nVERSION_ID=\"10.1\"\nSUPPORT_END=\"2035-05-31\"", "rocky-10", "2035-05-31"},
		{"RHEL", "ID=\"rhel\"\nVERSION_ID=\"9.4\"", "rhel-9", "2032-05-31"},
		{"Linux Mint", "ID=linuxmint\nVERSION_ID=\"22.1\"", "linuxmint-22", "2029-04-30"},
		{"openSUSE Leap", "ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"", "opensuse-leap-15.6", "2026-04-30"},
		{"openSUSE Tumbleweed, whose number is the day of its last update", "ID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20261120\"", "opensuse-tumbleweed", ""},
		{"SLES", "ID=\"sles\"\nVERSION_ID=\"15.5\"", "sles-15.5", "2024-12-31"},
		{"Arch", "ID=arch\nBUILD_ID=rolling", "arch", ""},
		{"a number that is a date", "ID=debian\nVERSION_ID=20261120", "debian", ""},
		{"an organisation's own Linux is not named", "ID=example-town-linux\nVERSION_ID=3", "linux-other", ""},
		{"single quotes", "ID='ubuntu'\nVERSION_ID='22.04'", "ubuntu-22.04", "2027-06-01"},
		{"comments", "# ID=debian\nID=ubuntu", "ubuntu", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inventory.Look(inventory.Sources{Root: files(map[string]string{"etc/os-release": tt.release})})
			if got.OSVersion != tt.version || got.OSEnd != tt.end {
				t.Errorf("got %q until %q, want %q until %q", got.OSVersion, got.OSEnd, tt.version, tt.end)
			}
		})
	}
}

func TestAWindowsIsItsReleaseAndItsChannel(t *testing.T) {
	for _, tt := range []struct {
		windows      inventory.Windows
		version, end string
	}{
		{windows("19045", "22H2", "Client", "Core"), "windows-10-22h2", "2025-10-14"},
		{windows("19045", "22H2", "Client", "Education"), "windows-10-22h2-enterprise", "2025-10-14"},
		{windows("22631", "23H2", "Client", "Professional"), "windows-11-23h2", "2025-11-11"},
		{windows("22631", "23H2", "Client", "ProfessionalEducation"), "windows-11-23h2", "2025-11-11"},
		{windows("22631", "23H2", "Client", "EnterpriseN"), "windows-11-23h2-enterprise", "2026-11-10"},
		{windows("26200", "25H2", "Client", "Enterprise"), "windows-11-25h2-enterprise", "2028-10-10"},
		{windows("26300", "26H2", "Client", "Enterprise"), "windows-11-26h2-enterprise", ""},
		{windows("26100", "24H2", "Client", "IoTEnterpriseS"), "windows-11-24h2-iot-ltsc", "2034-10-10"},
		{windows("26100", "24H2", "Client", "PPIPro"), "windows-11-24h2-other", ""},
		{windows("19044", "21H2", "Client", "EnterpriseS"), "windows-10-21h2-ltsc", "2027-01-12"},
		{windows("17763", "1809", "Client", "EnterpriseS"), "windows-10-1809-ltsc", "2029-01-09"},
		{windows("10240", "", "Client", "EnterpriseS"), "windows-10-1507-ltsc", "2025-10-14"},
		{windows("18363", "1909", "Client", "Enterprise"), "windows-10-1909-enterprise", "2022-05-10"},
		{windows("27000", "Dev", "Client", "Professional"), "windows-11", ""},
		{windows("22000", "", "Client", "Professional"), "windows-11", ""},
		{windows("9600", "", "Client", "Professional"), "windows-8.1", "2023-01-10"},
		{windows("26100", "24H2", "Server", "ServerStandard"), "windows-server-2025", "2034-10-10"},
		{windows("14393", "1607", "Server", "ServerStandard"), "windows-server-2016", "2027-01-12"},
		{windows("19042", "20H2", "Server Core", "ServerDatacenterACor"), "windows-server", ""},
		{windows("", "24H2", "Client", "Core"), "", ""},
	} {
		got := inventory.Look(inventory.Sources{Facts: inventory.Facts{Windows: tt.windows}})
		if got.OSVersion != tt.version || got.OSEnd != tt.end {
			t.Errorf("%+v is %q until %q, want %q until %q", tt.windows, got.OSVersion, got.OSEnd, tt.version, tt.end)
		}
	}
}

func windows(build, display, installation, edition string) inventory.Windows {
	return inventory.Windows{Build: build, Display: display, Installation: installation, Edition: edition}
}
