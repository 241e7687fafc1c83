package browser

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// start runs the program with the two pipes of the protocol as inherited handles, whose numbers Chromium is told. Not
// seen on a real machine.
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
	in, out := syscall.Handle(theirIn.Fd()), syscall.Handle(theirOut.Fd())
	for _, h := range []syscall.Handle{in, out} {
		if err := syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT); err != nil {
			return nil, nil, fmt.Errorf("let the browser inherit a pipe: %w", err)
		}
	}
	program.Args = append(program.Args, fmt.Sprintf("--remote-debugging-io-pipes=%d,%d", in, out))
	program.SysProcAttr = &syscall.SysProcAttr{AdditionalInheritedHandles: []syscall.Handle{in, out}}
	err = program.Start()
	_, _ = theirIn.Close(), theirOut.Close()
	if err != nil {
		_, _ = ourIn.Close(), ourOut.Close()
		return nil, nil, fmt.Errorf("%w", err)
	}
	return ourIn, ourOut, nil
}

// kill ends the browser; its children end with it.
func kill(program *exec.Cmd) { _ = program.Process.Kill() }
