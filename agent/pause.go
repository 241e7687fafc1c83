package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// pauseFile is there as long as the administrator of the machine wants nothing counted. It holds the date.
const pauseFile = "paused"

// Paused tells whether the administrator of the machine has paused the agent with its files in the folder data.
func Paused(data string) bool {
	_, err := os.Stat(filepath.Join(data, pauseFile))
	return err == nil
}

// Pause makes the agent with its files in the folder data count nothing and send nothing, within one sampling period, until
// Resume.
func Pause(data string) error {
	if _, err := os.Stat(data); err != nil {
		return fmt.Errorf("pause the agent: %w; name the agent's folder with --data", err)
	}
	text := time.Now().Format(time.DateOnly) + "\n"
	if err := keepFile(filepath.Join(data, pauseFile), []byte(text), forAll); err != nil {
		return fmt.Errorf("pause the agent: %w; run as an administrator of this machine", err)
	}
	return nil
}

// Resume ends a pause; without one it does nothing.
func Resume(data string) error {
	err := os.Remove(filepath.Join(data, pauseFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("resume the agent: %w; run as an administrator of this machine", err)
	}
	return nil
}
