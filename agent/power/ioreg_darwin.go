package power

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// ReadAppleBattery asks ioreg, a program of macOS, for the state of the battery. It needs no privilege, gives the program
// no environment, waits some seconds for it and takes a bounded answer; that is empty where there is no battery. It
// starts a program because a call of IOKit needs cgo.
func ReadAppleBattery() ([]byte, error) {
	const patience = 5 * time.Second
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	cmd := exec.CommandContext(ctx, "/usr/sbin/ioreg", "-rn", "AppleSmartBattery", "-a")
	cmd.Env = []string{}
	cmd.WaitDelay = time.Second
	var answer bounded
	cmd.Stdout = &answer
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run /usr/sbin/ioreg: %w", errors.Join(err, ctx.Err()))
	}
	return answer.bytes, nil
}

// bounded takes no more than an answer may have.
type bounded struct{ bytes []byte }

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.bytes)+len(p) > maxAppleAnswer {
		return 0, fmt.Errorf("an answer of more than %d bytes", maxAppleAnswer)
	}
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}
