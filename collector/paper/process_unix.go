//go:build unix

package paper

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// alone starts a program in a process group of its own, so that it can be ended with its children.
func alone(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// kill ends a program and its children. It answers os.ErrProcessDone where there is none left.
func kill(c *exec.Cmd) error {
	err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	if err != nil {
		return fmt.Errorf("end the browser: %w", err)
	}
	return nil
}
