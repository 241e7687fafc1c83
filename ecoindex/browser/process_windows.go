package browser

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// hand lets the program inherit the two pipes as handles, whose numbers Chromium is told. Seen under wine with a program
// of ours; not seen with Chromium.
func hand(program *exec.Cmd, in, out *os.File) error {
	handles := []syscall.Handle{syscall.Handle(in.Fd()), syscall.Handle(out.Fd())}
	for _, h := range handles {
		if err := syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT); err != nil {
			return fmt.Errorf("let the browser inherit a pipe: %w", err)
		}
	}
	program.Args = append(program.Args, fmt.Sprintf("--remote-debugging-io-pipes=%d,%d", handles[0], handles[1]))
	program.SysProcAttr = &syscall.SysProcAttr{AdditionalInheritedHandles: handles}
	return nil
}

// kill ends the browser; its children end with it.
func kill(program *exec.Cmd) { _ = program.Process.Kill() }
