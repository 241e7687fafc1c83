package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/pflag"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"

	"veille/cmd/internal/command"
)

// serviceName is what the manager of services knows the agent by. The name decides its account, NT SERVICE\VeilleAgent: see package private.
const serviceName = "VeilleAgent"

func serviceFlag(fs *pflag.FlagSet, managed *bool) {
	fs.BoolVar(managed, "service", false, "answer to Windows' manager of services, which has started this program")
}

// manage does a job as a service of Windows, until the manager of services asks it to stop. What it logs is in the event log.
func manage(job func(context.Context, *slog.Logger) error) error {
	events, err := eventlog.Open(serviceName)
	if err != nil {
		return fmt.Errorf("open the event log: %w", err)
	}
	defer func() { _ = events.Close() }() // nothing is lost with it
	log := slog.New(newEvents(events))
	m := &managed{job: func(ctx context.Context) error { return job(ctx, log) }}
	if err := svc.Run(serviceName, m); err != nil {
		return command.Usage("answer to the manager of services: %w; only it may start the agent with --service: run sc start %s", err, serviceName)
	}
	if m.err != nil {
		log.Error("the agent ended", "err", m.err)
	}
	return m.err
}

// managed is a job under the manager of services.
type managed struct {
	job func(context.Context) error
	err error // what it ended with
}

// accepted is what the manager may ask. Of sleep and of people it is asked to tell nothing: the clocks tell of sleep.
const accepted = svc.AcceptStop | svc.AcceptShutdown

// Execute does the job and answers the manager, as svc.Handler wants it. A job that failed is told as the service's own exit code, which
// makes the manager start it again.
func (m *managed) Execute(_ []string, asks <-chan svc.ChangeRequest, says chan<- svc.Status) (own bool, code uint32) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 1)
	go func() { done <- m.job(ctx) }()
	says <- svc.Status{State: svc.Running, Accepts: accepted}
	for {
		select {
		case m.err = <-done:
			says <- svc.Status{State: svc.StopPending}
			if m.err != nil {
				return true, uint32(command.Status(m.err))
			}
			return false, uint32(windows.ERROR_SUCCESS)
		case ask := <-asks:
			switch ask.Cmd {
			case svc.Interrogate:
				says <- ask.CurrentStatus
			case svc.Stop, svc.Shutdown:
				says <- svc.Status{State: svc.StopPending, WaitHint: 10_000}
				stop()
			}
		}
	}
}
