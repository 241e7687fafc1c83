package browser

import (
	"slices"
	"strings"
)

// passed are the variables that the browser gets from us: where programs, fonts and libraries are, the language and the zone. All else stays here,
// since secrets are among it, and the browser runs pages of strangers.
func passed() []string {
	return []string{
		"PATH", "LANG", "LANGUAGE", "TZ", "HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "XDG_DATA_DIRS", "LD_LIBRARY_PATH", "CHROME_DEVEL_SANDBOX",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMDATA", "NUMBER_OF_PROCESSORS",
		"USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP",
	}
}

// environment is that of the browser, of ours. All that it leaves behind goes with the profile.
func environment(ours []string, profile string) []string {
	list := []string{"TMPDIR=" + profile}
	for _, variable := range ours {
		name, _, _ := strings.Cut(variable, "=")
		if name = strings.ToUpper(name); slices.Contains(passed(), name) || strings.HasPrefix(name, "LC_") {
			list = append(list, variable)
		}
	}
	return list
}
