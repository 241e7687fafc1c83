package main

import (
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// usualPeriod is the time between samples.
const usualPeriod = time.Minute

// lookInto tells whether everybody may look into the agent's folder: files would inherit that; the readable folders in it can be reached all the same.
const lookInto = false

func dataFolder() string {
	programData, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		programData = `C:\ProgramData`
	}
	return filepath.Join(programData, "Veille", "agent")
}
