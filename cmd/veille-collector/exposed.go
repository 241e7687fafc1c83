package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// warnings are sentences about files of secrets that others may read, each with what to do.
func (s *seriesFlags) warnings() (all []string) {
	for i := range s.addresses {
		file := fileOf(s.secrets, i)
		if mode, open := readable(file, runtime.GOOS, os.Getenv("CREDENTIALS_DIRECTORY")); open {
			all = append(all, fmt.Sprintf("others than its owner may read %s, in which the secret of a series is (mode %04o): give it to the user of the collector, run chmod 600 %q, and change the secret where others use this server", file, mode, file))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// readable tells whether others than the owner of a file may read it. A credential of systemd is in a folder that only this service may look into,
// whatever its mode; Windows has no such modes.
func readable(file, system, credentials string) (mode os.FileMode, open bool) {
	if system == "windows" || credentials != "" && strings.HasPrefix(filepath.Clean(file), filepath.Clean(credentials)+string(filepath.Separator)) {
		return 0, false
	}
	info, err := os.Stat(file)
	if err != nil {
		return 0, false
	}
	mode = info.Mode().Perm()
	return mode, mode&0o077 != 0
}
