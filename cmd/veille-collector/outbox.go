package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// listed is how a destination is doing, with the word for it.
type listed struct {
	collector.Delivery
	State collector.DeliveryState `json:"state"`
}

func outboxListCommand(d *desk) command.Command {
	return command.Command{
		Name: "outbox list", Summary: "list the destinations that points are delivered to: what waits, for how long, and what a person has to do",
		Example: "outbox list --data /var/lib/veille-collector\noutbox list --data /var/lib/veille-collector --json",
		Flags:   d.flagsWithJSON,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				all, err := l.store.Deliveries(ctx)
				if err != nil {
					return err
				}
				lines := make([]listed, 0, len(all))
				for _, x := range all {
					lines = append(lines, listed{x, x.State(time.Now())})
				}
				return d.put(lines, func(w io.Writer) error { return writeDeliveries(w, lines) })
			})
		},
	}
}

// writeDeliveries writes a line for each destination, and below what has to be said of them in sentences.
func writeDeliveries(w io.Writer, all []listed) error {
	err := columns(w, "DESTINATION\tSTATE\tWAITING\tLAG\tREFUSED\tCOMPARED\tSENT AGAIN\tDIFFER STILL\tRESTARTED", all, func(x listed) []any {
		restarted := "never"
		if x.Restarts > 0 {
			restarted = fmt.Sprintf("%d, last %s", x.Restarts, cmp.Or(x.RestartedOn, "?"))
		}
		return []any{
			x.Destination, x.State, x.Behind, fmt.Sprintf("%d min", (x.LagS+59)/60), x.Refused, cmp.Or(string(x.ComparedOn), "never"),
			count(x.Differences, "day"), count(x.Still, "day"), restarted,
		}
	})
	for _, x := range all {
		for _, said := range sentences(x) {
			if err == nil {
				_, err = fmt.Fprintf(w, "%s: %s\n", x.Destination, said)
			}
		}
	}
	return err
}

// sentences are what has to be said of a destination, each with what to do.
func sentences(x listed) (all []string) {
	if x.State == collector.Unattended {
		all = append(all, fmt.Sprintf("no collector has delivered to it since %s: name it by --series, or forget it by outbox remove; what was kept for it is deleted after %d days",
			time.Unix(x.Said, 0).UTC().Format("2006-01-02 15:04 UTC"), int(collector.ForgottenAfter.Hours()/24)))
	}
	if x.Error != "" {
		all = append(all, x.Error)
	}
	if x.Comparison != "" {
		all = append(all, "the comparison of the night: "+x.Comparison)
	}
	if x.LostFrom != "" {
		all = append(all, fmt.Sprintf("hours of %s to %s never came there, they had served their time here before; days and months do come", x.LostFrom, x.LostTo))
	}
	for _, advice := range x.Advice {
		all = append(all, "advice: "+advice)
	}
	return all
}

func outboxRefusedCommand(d *desk) command.Command {
	var forget bool
	return command.Command{
		Name: "outbox refused", Args: "DESTINATION", Summary: "list the points that a destination never takes, with its reason; they stay in the ledger",
		Example: "outbox refused --data /var/lib/veille-collector \"influx 127.0.0.1:8086/veille\"\noutbox refused --data /var/lib/veille-collector \"influx 127.0.0.1:8086/veille\" --forget",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.BoolVar(&forget, "forget", false, "delete that list, when the reason is mended; outbox again then sends them again")
			d.jsonFlag(fs, "array")
		},
		Run: func(ctx context.Context, args []string) error {
			return d.ofDestination(ctx, args, func(l ledger, name string) error {
				if forget {
					n, err := l.store.ForgetRefused(l.noting(ctx, 0, "refused points of %s forgotten", name), name)
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(d.stdout, "%s: %s forgotten\n", name, count(int(n), "refused point"))
					return err
				}
				all, err := l.store.RefusedPoints(ctx, name)
				if err != nil {
					return err
				}
				return d.put(append([]collector.RefusedPoint{}, all...), func(w io.Writer) error {
					return columns(w, "NUMBER\tDATE\tREASON\tPOINT", all, func(x collector.RefusedPoint) []any { return []any{x.ID, x.On, x.Reason, x.Point} })
				})
			})
		},
	}
}

// ofDestination gives the name of a destination that is known.
func (d *desk) ofDestination(ctx context.Context, args []string, do func(ledger, string) error) error {
	if len(args) != 1 {
		return command.Usage("give one destination, see veille-collector outbox list")
	}
	return d.with(ctx, func(l ledger) error {
		all, err := l.store.Deliveries(ctx)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Destination == args[0] {
				return do(l, x.Destination)
			}
		}
		return fmt.Errorf("destination %.80q: %w; see veille-collector outbox list", args[0], collector.ErrNotFound)
	})
}

// telling is a command that tells the outbox of a destination something.
func telling(d *desk, c command.Command, subject, done string, tell func(ledger, context.Context, string) error) command.Command {
	c.Args, c.Flags = "DESTINATION", d.flags
	c.Run = func(ctx context.Context, args []string) error {
		return d.ofDestination(ctx, args, func(l ledger, name string) error {
			if err := tell(l, l.noting(ctx, 0, "%s %s", name, subject), name); err != nil {
				return err
			}
			_, err := fmt.Fprintf(d.stdout, "%s: %s\n", name, done)
			return err
		})
	}
	return c
}

func outboxRetryCommand(d *desk) command.Command {
	return telling(d, command.Command{
		Name: "outbox retry", Summary: "try a destination again that was stopped, when what it needed was done; its secret is read anew", Example: "outbox retry --data /var/lib/veille-collector \"influx 127.0.0.1:8086/veille\"",
	}, "tried again", "will be tried again within a minute", func(l ledger, ctx context.Context, name string) error { return l.store.RetryDelivery(ctx, name) })
}

func outboxAgainCommand(d *desk) command.Command {
	return telling(d, command.Command{
		Name: "outbox again", Summary: "send everything that the ledger has to a destination again, from the beginning, and forget which points it refused", Example: "outbox again --data /var/lib/veille-collector \"victoria 127.0.0.1:8428\"",
	}, "sent everything again", "will be sent everything again", func(l ledger, ctx context.Context, name string) error { return l.store.DeliverAgain(ctx, name) })
}

func outboxRemoveCommand(d *desk) command.Command {
	return telling(d, command.Command{
		Name: "outbox remove", Summary: "forget a destination that --series names no more; what it has stays there, and is not deleted with what is erased here later", Example: "outbox remove --data /var/lib/veille-collector \"victoria 127.0.0.1:8428\"",
	}, "forgotten", "is forgotten", func(l ledger, ctx context.Context, name string) error { return l.store.RemoveDestination(ctx, name) })
}
