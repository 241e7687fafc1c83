package uptime

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// History is when the machine was on, asleep and off since a moment, from the journal of systemd: its list of boots, and the
// numbers and times of the messages about sleep and shutting down. No text of a message is asked for. It runs journalctl
// twice, which is for the first installation only. See Stretch: the times are only ever in memory. ErrNoHistory where the
// journal shows no boot: it does not run, or is kept from us.
func History(ctx context.Context, since time.Time) ([]Stretch, error) {
	now := time.Now()
	list, err := journalctl(ctx, "--list-boots")
	if err != nil {
		return nil, err
	}
	boots, err := parseBoots(list)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	answer, err := journalctl(ctx, fmt.Sprintf("--since=@%d", since.AddDate(0, 0, -1).Unix()), "--output-fields=MESSAGE_ID,SLEEP",
		"MESSAGE_ID="+sleepStart, "+", "MESSAGE_ID="+sleepStop, "+", "MESSAGE_ID="+shutDown, "+", "MESSAGE_ID="+journalStop)
	if err != nil {
		return nil, err
	}
	running, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		running = nil // the last boot of the journal is then taken for the running one
	}
	return historyOfJournal(boots, parseMarks(answer), strings.ReplaceAll(strings.TrimSpace(string(running)), "-", ""), since, now)
}

// journalctl runs it for 30 s at most, and takes 4 MB of its answer at most: some twenty thousand messages.
func journalctl(ctx context.Context, args ...string) ([]byte, error) {
	const most = 4 << 20
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "journalctl", append([]string{"--quiet", "--no-pager", "--utc", "-o", "json"}, args...)...)
	command.Env = append(os.Environ(), "LC_ALL=C", "SYSTEMD_COLORS=0")
	command.WaitDelay = time.Second
	var answer, complaint bytes.Buffer
	out := &limited{w: &answer, left: most}
	command.Stdout, command.Stderr = out, &limited{w: &complaint, left: most}
	err := command.Run()
	switch {
	case out.over:
		return nil, fmt.Errorf("read the journal: journalctl answers more than %d bytes", most)
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("read the journal: %w: %w", ErrNoHistory, err)
	case err != nil:
		return nil, fmt.Errorf("read the journal: journalctl: %w: %s", err, short(complaint.String()))
	}
	return answer.Bytes(), nil
}

// limited refuses what goes beyond its limit, which ends the command that writes.
type limited struct {
	w    io.Writer
	left int
	over bool
}

// Write is all or nothing.
func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		l.over = true
		return 0, io.ErrShortWrite
	}
	l.left -= len(p)
	return l.w.Write(p)
}

// short is enough of a text to recognise it.
func short(s string) string {
	if s = strings.TrimSpace(s); len(s) > 80 {
		s = s[:80]
	}
	return s
}
