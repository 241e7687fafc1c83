package main

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

func outboxListCommand(d *desk) command.Command {
	return command.Command{
		Name: "outbox list", Summary: "list the series that points are delivered to: what waits, for how long, and why",
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
				return d.put(append([]collector.Delivery{}, all...), func(w io.Writer) error {
					return columns(w, "DESTINATION\tSTATE\tWAITING\tLAG\tREFUSED\tCOMPARED\tDIFFERENCES\tERROR", all, func(x collector.Delivery) []any {
						state := "well"
						switch {
						case x.Stopped:
							state = "stopped"
						case x.Error != "":
							state = "trying again"
						}
						return []any{x.Destination, state, x.Behind, fmt.Sprintf("%d min", (x.LagS+59)/60), x.Refused, cmp.Or(string(x.ComparedOn), "never"), x.Differences, cmp.Or(x.Error, "-")}
					})
				})
			})
		},
	}
}

func outboxRefusedCommand(d *desk) command.Command {
	var forget bool
	return command.Command{
		Name: "outbox refused", Args: "DESTINATION", Summary: "list the points that a series never takes, with its reason; they stay in the ledger",
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

// ofDestination gives the name of a series that is known.
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

// telling is a command that tells the outbox of a series something.
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
		Name: "outbox retry", Summary: "try a series again that was stopped, when what it needed was done", Example: "outbox retry --data /var/lib/veille-collector \"influx 127.0.0.1:8086/veille\"",
	}, "tried again", "will be tried again within a minute", func(l ledger, ctx context.Context, name string) error { return l.store.RetryDelivery(ctx, name) })
}

func outboxAgainCommand(d *desk) command.Command {
	return telling(d, command.Command{
		Name: "outbox again", Summary: "send everything that the ledger has to a series again, from the beginning: it changes nothing that is there", Example: "outbox again --data /var/lib/veille-collector \"victoria 127.0.0.1:8428\"",
	}, "sent everything again", "will be sent everything again", func(l ledger, ctx context.Context, name string) error { return l.store.DeliverAgain(ctx, name) })
}

func outboxRemoveCommand(d *desk) command.Command {
	return telling(d, command.Command{
		Name: "outbox remove", Summary: "forget a series that is not named by --series any more; what it has stays there", Example: "outbox remove --data /var/lib/veille-collector \"victoria 127.0.0.1:8428\"",
	}, "forgotten", "is forgotten", func(l ledger, ctx context.Context, name string) error { return l.store.RemoveDestination(ctx, name) })
}
