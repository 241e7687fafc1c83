//go:build unix

package browser

import (
	"os"
	"os/exec"
	"syscall"
)

// hand gives the program the two pipes as its files 3 and 4, in a process group of its own: an interrupt at the terminal
// reaches us, and we end the browser.
func hand(program *exec.Cmd, in, out *os.File) error {
	program.ExtraFiles = []*os.File{in, out}
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return nil
}

// kill ends the browser and its children.
func kill(program *exec.Cmd) { _ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) }
