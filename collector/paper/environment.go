package paper

import (
	"slices"
	"strings"
)

// passed are the variables that the browser gets from us: where programs, fonts and libraries are, the language and the zone. All else stays here,
// since secrets of ours are among it: whatever a page made of the browser would find them in its environment.
func passed() []string {
	return []string{
		"PATH", "LANG", "LANGUAGE", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "XDG_DATA_DIRS", "LD_LIBRARY_PATH", "CHROME_DEVEL_SANDBOX",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMDATA", "NUMBER_OF_PROCESSORS",
	}
}

// environment is that of the browser, of ours. All that it writes goes into the folder.
func environment(ours []string, folder string) []string {
	var list []string
	for _, variable := range ours {
		name, _, _ := strings.Cut(variable, "=")
		if name = strings.ToUpper(name); slices.Contains(passed(), name) || strings.HasPrefix(name, "LC_") {
			list = append(list, variable)
		}
	}
	for _, name := range []string{"TMPDIR", "TMP", "TEMP", "HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"} {
		list = append(list, name+"="+folder)
	}
	return list
}
