//go:build unix

package browser

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// start runs the program with the two pipes of the protocol as its files 3 and 4, in a process group of its own: an
// interrupt at the terminal reaches us, and we end the browser.
func start(program *exec.Cmd) (from io.ReadCloser, to io.WriteCloser, err error) {
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		_, _ = theirIn.Close(), ourOut.Close()
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	program.ExtraFiles = []*os.File{theirIn, theirOut}
	program.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = program.Start()
	_, _ = theirIn.Close(), theirOut.Close()
	if err != nil {
		_, _ = ourIn.Close(), ourOut.Close()
		return nil, nil, fmt.Errorf("%w", err)
	}
	return ourIn, ourOut, nil
}

// kill ends the browser and its children.
func kill(program *exec.Cmd) { _ = syscall.Kill(-program.Process.Pid, syscall.SIGKILL) }
