package main

import (
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// usualPeriod is the time between samples.
const usualPeriod = time.Minute

func dataFolder() string {
	programData, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		programData = `C:\ProgramData`
	}
	return filepath.Join(programData, "Veille", "agent")
}
