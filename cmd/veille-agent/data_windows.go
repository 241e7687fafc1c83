package main

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

func dataFolder() string {
	programData, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		programData = `C:\ProgramData`
	}
	return filepath.Join(programData, "Veille", "agent")
}
