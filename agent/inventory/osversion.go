package inventory

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// osRelease is the version of a Linux, and the end of its support by its own words, a date or "". It reads os-release(5),
// at etc or else at usr/lib.
func osRelease(root fs.FS) (version, end string) {
	text := read(root, "etc/os-release")
	if text == "" {
		text = read(root, "usr/lib/os-release")
	}
	settings := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			settings[key] = strings.Trim(value, `"'`)
		}
	}
	if end = settings["SUPPORT_END"]; end != "" {
		if _, err := time.Parse(time.DateOnly, end); err != nil {
			end = ""
		}
	}
	return linux(settings["ID"], settings["VERSION_ID"]), end
}

// linux is the family and as much of the version as decides on its support: the first number, or the first two. A family
// that is not listed is linux-other, because an organisation may give its own Linux its own name.
func linux(id, version string) string {
	families := [...][]string{
		{"arch", "endeavouros", "gentoo", "kali", "manjaro", "opensuse-tumbleweed", "void"}, // without versions
		{
			"almalinux", "amzn", "centos", "debian", "devuan", "fedora", "linuxmint", "mageia", "ol", "raspbian", "rhel", "rocky",
			"zorin",
		},
		{"alpine", "elementary", "neon", "nixos", "opensuse-leap", "pop", "sled", "sles", "ubuntu"},
	}
	if id == "" {
		return ""
	}
	for numbers, names := range families {
		if slices.Contains(names, id) {
			return join(id, firstNumbers(version, numbers))
		}
	}
	return "linux-other"
}

// Windows is what a Windows says of its version, in SOFTWARE\Microsoft\Windows NT\CurrentVersion of its registry.
type Windows struct {
	Build        string // CurrentBuildNumber
	Display      string // DisplayVersion, "22H2"; before it was there, ReleaseId, "1909"
	Installation string // InstallationType: Client, Server, Server Core
	Edition      string // EditionID
}

// version is windows-11-24h2, with -enterprise for the editions supported a year longer, -ltsc and -iot-ltsc for the
// long-term ones; windows-server-2022; "" when not known. The number of the build, which tells how far the machine is
// with its updates, is not in it.
func (w Windows) version() string {
	build, err := strconv.Atoi(w.Build)
	switch {
	case err != nil:
		return ""
	case strings.HasPrefix(w.Installation, "Server"):
		return join("windows-server", map[int]string{
			7601: "2008r2", 9200: "2012", 9600: "2012r2", 14393: "2016", 17763: "2019", 20348: "2022", 26100: "2025",
		}[build])
	case build < 10240:
		return join("windows", map[int]string{7601: "7", 9200: "8", 9600: "8.1"}[build])
	}
	const firstWindows11 = 22000
	version := "windows-10"
	if build >= firstWindows11 {
		version = "windows-11"
	}
	release := strings.ToLower(w.Display)
	if release == "" && build == 10240 {
		release = "1507" // the first one did not say
	}
	if !isRelease(release) {
		return version
	}
	return join(version+"-"+release, channel(w.Edition))
}

// isRelease tells whether text is a year and a month, 1909, or a year and a half of it, 22h2.
func isRelease(text string) bool {
	digits := strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return '9'
		}
		return c
	}, text)
	return digits == "9999" || digits == "99h9" && (text[3] == '1' || text[3] == '2')
}

// channel is what of an edition decides on its support.
func channel(edition string) string {
	starts := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(edition, name) })
	}
	switch {
	case starts("Core", "Professional", "Cloud"):
		return ""
	case starts("IoTEnterpriseS"):
		return "iot-ltsc"
	case slices.Contains([]string{"EnterpriseS", "EnterpriseSN", "EnterpriseSEval", "EnterpriseSNEval"}, edition):
		return "ltsc"
	case starts("Enterprise", "Education", "IoTEnterprise", "ServerRdsh"):
		return "enterprise"
	}
	return "other"
}

// Mac is what a macOS says of itself.
type Mac struct {
	Model   string // hw.model, "MacBookPro18,3"
	Version string // kern.osproductversion, "14.5"
	Guest   bool   // kern.hv_vmm_present: it runs on a hypervisor
}

// class is the class of the models that Apple named after their kind, until 2022; "" for the others, "Mac14,2".
func (m Mac) class() Class {
	for _, kind := range []struct {
		name  string
		class Class
	}{{"MacBook", Notebook}, {"iMac", AllInOne}, {"Macmini", Mini}, {"MacPro", Desktop}, {"Xserve", Server}} {
		if strings.HasPrefix(m.Model, kind.name) {
			return kind.class
		}
	}
	return ""
}

func (m Mac) virtual() bool {
	return m.Guest || strings.HasPrefix(m.Model, "VirtualMac") || strings.HasPrefix(m.Model, "VMware") || strings.HasPrefix(m.Model, "Parallels")
}

// version is macos-14, or macos-10.15, as Apple counted before.
func (m Mac) version() string {
	if m.Version == "" {
		return ""
	}
	if strings.HasPrefix(m.Version, "10.") {
		return join("macos", firstNumbers(m.Version, 2))
	}
	return join("macos", firstNumbers(m.Version, 1))
}

// firstNumbers are the first n numbers of a version, "15.6" of "15.6.1"; "" when it does not begin with one, or with one
// of more than four digits, which is a date.
func firstNumbers(version string, n int) string {
	numbers := strings.Split(version, ".")
	numbers = numbers[:min(n, len(numbers))]
	for i, number := range numbers {
		if number == "" || len(number) > 4 || strings.Trim(number, "0123456789") != "" {
			numbers = numbers[:i]
			break
		}
	}
	return strings.Join(numbers, ".")
}

func join(family, version string) string {
	if version == "" {
		return family
	}
	return family + "-" + version
}
