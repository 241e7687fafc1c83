package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/label"
)

// baselineLine is one baseline as baseline list says it.
type baselineLine struct {
	Organisation string          `json:"organisation"`
	Action       int64           `json:"action"` // its number
	Name         string          `json:"name"`   // of the action
	From         collector.Month `json:"from"`
	To           collector.Month `json:"to"`      // in it
	KeptOn       collector.Date  `json:"kept_on"` // "": it is not kept yet, as in the next
	SHA256       string          `json:"sha256"`
}

func baselineListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "baseline list", Summary: "list the baselines that actions are compared with: those that are kept, and those that are to be", Example: "baseline list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]baselineLine, error) {
		actions, err := l.store.Actions(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		kept, err := l.store.Baselines(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		of := map[int64]collector.Baseline{}
		for _, b := range kept {
			of[b.Action] = b
		}
		var lines []baselineLine
		for _, a := range actions {
			if l.seesSite(a.Site) {
				lines = append(lines, baselineLine{r.Name, a.ID, a.Name, a.BaseFrom, a.Base, of[a.ID].KeptOn, of[a.ID].SHA256})
			}
		}
		return lines, nil
	}, "ACTION\tORGANISATION\tNAME\tFROM\tTO\tKEPT\tSHA256", func(b baselineLine) []any {
		return []any{b.Action, b.Organisation, b.Name, b.From, b.To, cmp.Or(b.KeptOn, "not yet"), cmp.Or(b.SHA256, "-")}
	})
}

func baselineKeepCommand(d *desk) command.Command {
	var organisation string
	return command.Command{
		Name: "baseline keep", Summary: "keep the baselines of actions whose months are fixed, as serve does every night", Example: "baseline keep --data /var/lib/veille-collector",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the only organisation to do it for")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				all, err := l.organisationsNamed(ctx, organisation)
				if err != nil {
					return err
				}
				for _, r := range all {
					n, err := l.keepBaselines(ctx, r)
					if err != nil {
						return fmt.Errorf("%s: %w", r.Name, err)
					}
					if _, err := fmt.Fprintf(d.stdout, "%s: %s kept\n", r.Name, count(n, "baseline")); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// keepBaselines keeps the baselines of an organisation's actions that have none yet, with a line of the audit log for each.
func (l ledger) keepBaselines(ctx context.Context, r collector.Responsible) (int, error) {
	return maker(l.store, nil).KeepBaselines(ctx, r.ID, func(ctx context.Context, b collector.Baseline) error {
		return l.store.KeepBaseline(l.noting(ctx, r.ID, "baseline of action %d, sha256 %s", b.Action, b.SHA256), b)
	})
}

// keptSince says what came of the baseline of an action that was just added: where it cannot be kept now, the nightly run tries again.
func (d *desk) keptSince(ctx context.Context, l ledger, r collector.Responsible, action int64) error {
	n, err := l.keepBaselines(ctx, r)
	if err != nil && ctx.Err() == nil {
		_, said := fmt.Fprintf(d.stdout, "the baseline could not be kept now, and the collector tries again at night: %v\n", err)
		return said
	}
	if err != nil || n == 0 {
		return err
	}
	kept, err := l.store.Baselines(ctx, r.ID)
	for _, b := range kept {
		if b.Action == action {
			_, said := fmt.Fprintf(d.stdout, "its baseline is kept, sha256 %s\n", b.SHA256)
			return errors.Join(err, said)
		}
	}
	return err
}

// The time at which baselines are kept at night: the roll-up that fixes months has begun an hour before.
const (
	baselineHour   = 3
	baselineMinute = 30
)

// nightly does something at once and every night, until ctx ends.
func nightly(ctx context.Context, do func(context.Context)) {
	for {
		do(ctx)
		timer := time.NewTimer(untilTime(time.Now(), baselineHour, baselineMinute))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// baselines keeps the baselines of actions that can be kept today, of all organisations. What failed is made up for by the next night; nothing
// is kept while the clock is in doubt, since they say when they were.
func (s *server) baselines(ctx context.Context, reports *label.Maker) {
	if s.today() == "" {
		return
	}
	all, err := s.store.Organisations(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "baselines were not kept, that is made up for next night", "err", err)
	}
	for _, r := range all {
		n, err := reports.KeepBaselines(ctx, r.ID, s.store.KeepBaseline)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.ErrorContext(ctx, "baselines were not kept, that is made up for next night", "organisation", r.ID, "err", err)
		case n > 0:
			s.log.InfoContext(ctx, "baselines of actions kept", "organisation", r.ID, "baselines", n)
		}
	}
}

// untilTime is the time to the next time of day.
func untilTime(now time.Time, hour, minute int) time.Duration {
	y, m, d := now.Date()
	next := time.Date(y, m, d, hour, minute, 0, 0, now.Location())
	if !next.After(now) {
		next = time.Date(y, m, d+1, hour, minute, 0, 0, now.Location())
	}
	return next.Sub(now)
}
