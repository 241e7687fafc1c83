package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// machineLine is one machine as machine list says it. Its keys are relied on by scripts.
type machineLine struct {
	Number     int64          `json:"number"`
	Class      string         `json:"class"` // this and the next three are empty until the machine has told them
	OS         string         `json:"os"`
	CPU        string         `json:"cpu"`
	RAM        string         `json:"ram"`
	Use        collector.Use  `json:"use"`
	EnrolledOn collector.Date `json:"enrolled_on"`
	SeenOn     collector.Date `json:"seen_on"`
	Agent      string         `json:"agent"`      // version
	Doubtful   []int64        `json:"doubtful"`   // earlier machines that it may be, installed anew, the last seen first, at most eight
	Replaces   []int64        `json:"replaces"`   // earlier machines that it is, installed anew
	RevokedOn  collector.Date `json:"revoked_on"` // "": its password is good
	Group      string         `json:"group"`      // name of the building or room that it is in; "": none
}

// machineLines are the machines that stand for themselves: one that was installed anew is in the line of what it is now. Of
// doubtful ones only, they are those that may be another, and those that these may be.
func machineLines(machines []collector.Machine, doubtful bool) []machineLine {
	last := map[int64]int64{} // what each is now
	for _, m := range slices.Backward(machines) {
		last[m.ID] = m.ID
		if now, ok := last[m.ReplacedBy]; ok {
			last[m.ID] = now
		}
	}
	replaces, suspect := map[int64][]int64{}, map[int64]bool{}
	for _, m := range machines {
		for _, earlier := range m.Doubtful {
			suspect[m.ID], suspect[earlier] = true, true
		}
		if now := last[m.ID]; now != m.ID {
			replaces[now] = append(replaces[now], m.ID)
		}
	}
	lines := []machineLine{}
	for _, m := range machines {
		if m.ReplacedBy != 0 || doubtful && !suspect[m.ID] {
			continue
		}
		lines = append(lines, machineLine{
			Number: m.ID, Class: m.Kind.Class, OS: m.Kind.OS, CPU: m.Kind.CPU, RAM: m.Kind.RAM, Use: m.Use, EnrolledOn: m.EnrolledOn, SeenOn: m.SeenOn,
			Agent: m.Kind.Agent, Doubtful: append([]int64{}, m.Doubtful...), Replaces: append([]int64{}, replaces[m.ID]...), RevokedOn: m.RevokedOn,
		})
	}
	return lines
}

func machineListCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var doubtful bool
	return command.Command{
		Name: "machine list", Summary: "list the machines of a site: their kind, and the days on which they were enrolled and last seen",
		Example: "machine list --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"\nmachine list --data /var/lib/veille-collector --site 2 --doubtful",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.BoolVar(&doubtful, "doubtful", false, "only those that may be one another: of one kind, one silent since the other was enrolled; say which with machine replace, or machine keep")
			d.jsonFlag(fs, "array")
			d.reasonFlag(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				if err := l.looking(ctx, site); err != nil {
					return err
				}
				machines, err := l.store.Machines(ctx, site.ID)
				if err != nil {
					return err
				}
				groups, err := l.groupsOfMachines(ctx, site)
				if err != nil {
					return err
				}
				lines := machineLines(machines, doubtful)
				for i := range lines {
					lines[i].Group = groups[lines[i].Number]
				}
				return d.put(lines, func(w io.Writer) error { return printMachines(w, lines) })
			})
		},
	}
}

func printMachines(stdout io.Writer, lines []machineLine) error {
	const unknown = "-"
	t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "NUMBER\tCLASS\tCPU\tRAM\tUSE\tENROLLED\tSEEN\tAGENT\tREMARK")
	for _, l := range lines {
		_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", l.Number, cmp.Or(l.Class, unknown), cmp.Or(l.CPU, unknown), cmp.Or(l.RAM, unknown), l.Use, l.EnrolledOn,
			l.SeenOn, cmp.Or(l.Agent, unknown), l.remark())
	}
	return t.Flush()
}

func (l machineLine) remark() string {
	var words []string
	if l.Group != "" {
		words = append(words, "in "+l.Group)
	}
	if l.RevokedOn != "" {
		words = append(words, "revoked on "+string(l.RevokedOn))
	}
	if len(l.Replaces) > 0 {
		words = append(words, "was "+numbers(l.Replaces))
	}
	if len(l.Doubtful) > 0 {
		words = append(words, "may be "+numbers(l.Doubtful))
	}
	if len(l.Doubtful) == collector.MaxDoubts {
		words = append(words, "or an earlier one")
	}
	return strings.Join(words, ", ")
}

func numbers(all []int64) string {
	words := make([]string, len(all))
	for i, n := range all {
		words[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(words, ", ")
}

func machineReplaceCommand(d *desk) command.Command {
	return d.onMachines(command.Command{
		Name: "machine replace", Args: "NEW OLD", Summary: "say that machine NEW is machine OLD, installed anew: from then on they are one",
		Example: "machine replace --data /var/lib/veille-collector 212 87",
	}, 2, func(ctx context.Context, l ledger, n []int64) error {
		if err := l.store.Replace(ctx, n[0], n[1]); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "machine %d is machine %d, installed anew; machine restore %d undoes it\n", n[0], n[1], n[1])
		return err
	})
}

func machineKeepCommand(d *desk) command.Command {
	return d.onMachines(command.Command{
		Name: "machine keep", Args: "NUMBER", Summary: "say that a machine is one of its own: no earlier one installed anew, and none of those enrolled since",
		Example: "machine keep --data /var/lib/veille-collector 212",
	}, 1, func(ctx context.Context, l ledger, n []int64) error {
		if err := l.store.Settle(ctx, n[0]); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "machine %d is one of its own\n", n[0])
		return err
	})
}

func machineRevokeCommand(d *desk) command.Command {
	return d.onMachines(command.Command{
		Name: "machine revoke", Args: "NUMBER", Summary: "take a machine's password away; its records stay, and it cannot enrol again",
		Example: "machine revoke --data /var/lib/veille-collector 87",
	}, 1, func(ctx context.Context, l ledger, n []int64) error {
		if err := l.store.Revoke(ctx, n[0], collector.DateOf(time.Now())); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "machine %d revoked; a good token would enrol it as another machine once it is installed anew, see token list\n", n[0])
		return err
	})
}

func machineRestoreCommand(d *desk) command.Command {
	return d.onMachines(command.Command{
		Name: "machine restore", Args: "NUMBER", Summary: "undo machine replace, of its second machine, or machine revoke",
		Example: "machine restore --data /var/lib/veille-collector 87",
	}, 1, func(ctx context.Context, l ledger, n []int64) error {
		if err := l.store.Restore(ctx, n[0]); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "machine %d is one of its own, and its password is good\n", n[0])
		return err
	})
}

// onMachines completes a command that is given so many numbers of machines and does something with them, by one write.
func (d *desk) onMachines(c command.Command, many int, do func(context.Context, ledger, []int64) error) command.Command {
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		d.reasonFlag(fs)
	}
	c.Run = func(ctx context.Context, args []string) error {
		if len(args) != many {
			return command.Usage("give %s, as machine list numbers them", c.Args)
		}
		all, err := machineNumbers(args)
		if err != nil {
			return err
		}
		return d.with(ctx, func(l ledger) error {
			machines, err := l.machinesNumbered(ctx, all)
			if err != nil {
				return fmt.Errorf("%s %w", strings.TrimPrefix(c.Name, "machine "), err)
			}
			return do(l.noting(ctx, machines[0].Site.Organisation, "machine %s", numbers(all)), l, all)
		})
	}
	return c
}

// machineNumbers reads the numbers of machines.
func machineNumbers(args []string) ([]int64, error) {
	all := make([]int64, len(args))
	for i, arg := range args {
		n, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || n < 1 {
			return nil, command.Usage("%.20q is not the number of a machine; see veille-collector machine list", arg)
		}
		all[i] = n
	}
	return all, nil
}

// machinesNumbered are the machines of those numbers, in that order.
func (l ledger) machinesNumbered(ctx context.Context, all []int64) ([]collector.Machine, error) {
	machines := make([]collector.Machine, len(all))
	for i, n := range all {
		var err error
		if machines[i], err = l.machine(ctx, n); errors.Is(err, collector.ErrNotFound) {
			return nil, fmt.Errorf("%w; see veille-collector machine list", err)
		} else if err != nil {
			return nil, err
		}
	}
	return machines, nil
}
