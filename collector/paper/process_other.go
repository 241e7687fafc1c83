//go:build !unix

package paper

import (
	"fmt"
	"os/exec"
)

// alone does nothing here: children of the browser end with it.
func alone(*exec.Cmd) {}

// kill ends a program; its children end with it.
func kill(c *exec.Cmd) error {
	if err := c.Process.Kill(); err != nil {
		return fmt.Errorf("end the browser: %w", err)
	}
	return nil
}
