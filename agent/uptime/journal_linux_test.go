package uptime

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// journal puts a program named journalctl first in the path.
func journal(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "journalctl"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestHistoryAsksTheJournalTwiceAndForNoText(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	asked := filepath.Join(t.TempDir(), "asked")
	journal(t, `echo "$@" >>`+asked+`
case "$*" in *--list-boots*) cat `+here+`/testdata/boots.json;; *) cat `+here+`/testdata/marks.jsonl;; esac`)
	all, err := History(t.Context(), monday)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 || !all[0].From.Equal(monday) || all[1].State != On || !all[1].From.Equal(clock(t, "0/09:00:00")) {
		t.Errorf("got %v", all)
	}
	b, err := os.ReadFile(asked)
	if err != nil {
		t.Fatal(err)
	}
	questions := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(questions) != 2 || !strings.Contains(questions[1], "--output-fields=MESSAGE_ID,SLEEP MESSAGE_ID="+sleepStart) {
		t.Errorf("asked %q", questions)
	}
}

func TestAJournalThatDoesNotAnswerIsAClearError(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"refuses", "echo 'No journal files were opened' >&2; exit 1", "exit status 1: No journal files were opened"},
		{"talks without end", "cat /dev/zero", "answers more than 4194304 bytes"},
		{"lists nothing", "exit 0", ErrNoHistory.Error()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			journal(t, tt.script)
			if all, err := History(t.Context(), monday); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want %s", all, err, tt.want)
			}
		})
	}
	t.Run("hangs", func(t *testing.T) {
		journal(t, "exec sleep 60")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := History(ctx, monday); err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
	t.Run("is not there", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := History(t.Context(), monday); !errors.Is(err, ErrNoHistory) {
			t.Errorf("got %v", err)
		}
	})
}
