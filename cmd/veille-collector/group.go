package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// noGroup is how machine move names the absence of a group.
const noGroup = "none"

// checkGroup refuses what cannot be the name of a group.
func checkGroup(name string) error {
	if name == "" || name == noGroup || !oneLine(name) {
		return command.Usage("%.40q is not the name of a group: one line of up to %d characters, and not %q", name, longest, noGroup)
	}
	return nil
}

// atSite is a command about groups of one site, that is given so many names, and its one flag more, if any.
func (d *desk) atSite(c command.Command, flags func(*pflag.FlagSet), do func(context.Context, ledger, collector.Site, []string) error, names int) command.Command {
	f := oneSite{desk: d}
	c.Flags = func(fs *pflag.FlagSet) {
		f.flags(fs)
		flags(fs)
	}
	c.Run = func(ctx context.Context, args []string) error {
		if err := f.given(nil); err != nil {
			return err
		}
		if len(args) != names {
			return command.Usage("give %s", c.Args)
		}
		return f.at(ctx, func(l ledger, site collector.Site) error { return do(ctx, l, site, args) })
	}
	return c
}

func noFlags(*pflag.FlagSet) {}

func groupAddCommand(d *desk) command.Command {
	var kind string
	return d.atSite(command.Command{
		Name: "group add", Args: "NAME", Summary: "add a group to a site: a building, or a type of room; figures are shown by group",
		Example: "group add --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --kind room \"Salles informatiques\"",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&kind, "kind", "", "`what` it is: building or room")
		command.Values(fs, "kind", "building", "room")
	}, func(ctx context.Context, l ledger, site collector.Site, args []string) error {
		if kind != "building" && kind != "room" {
			return command.Usage("--kind %q is neither building nor room", kind)
		}
		if err := checkGroup(args[0]); err != nil {
			return err
		}
		_, err := l.store.AddGroup(l.noting(ctx, site.Organisation, "group %q of site %q", args[0], site.Name), collector.Group{Site: site.ID, Kind: kind, Name: args[0]})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: %s %q added\n", site.Name, kind, args[0])
		return err
	}, 1)
}

// groupLine is one group as group list says it.
type groupLine struct {
	Number   int64  `json:"number"`
	Kind     string `json:"kind"` // building or room
	Name     string `json:"name"`
	Machines int    `json:"machines"`
}

func groupListCommand(d *desk) command.Command {
	return d.atSite(command.Command{
		Name: "group list", Summary: "list the groups of a site, and how many machines are in each",
		Example: "group list --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"",
	}, func(fs *pflag.FlagSet) { d.jsonFlag(fs, "array") }, func(ctx context.Context, l ledger, site collector.Site, _ []string) error {
		groups, err := l.store.Groups(ctx, site.ID)
		if err != nil {
			return err
		}
		sizes, err := l.store.GroupSizes(ctx, site.ID)
		if err != nil {
			return err
		}
		lines := []groupLine{}
		for _, g := range groups {
			lines = append(lines, groupLine{g.ID, g.Kind, g.Name, sizes[g.ID]})
		}
		return d.put(lines, func(w io.Writer) error {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(t, "NAME\tKIND\tMACHINES")
			for _, x := range lines {
				_, _ = fmt.Fprintf(t, "%s\t%s\t%d\n", x.Name, x.Kind, x.Machines)
			}
			return t.Flush()
		})
	}, 0)
}

func groupRenameCommand(d *desk) command.Command {
	return d.atSite(command.Command{
		Name: "group rename", Args: "NAME NEW-NAME", Summary: "give a group another name; it stays the same group",
		Example: "group rename --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" \"Bâtiment A\" \"Bâtiment Ampère\"",
	}, noFlags, func(ctx context.Context, l ledger, site collector.Site, args []string) error {
		if err := checkGroup(args[1]); err != nil {
			return err
		}
		g, err := l.group(ctx, site, args[0])
		if err != nil {
			return err
		}
		if err := l.store.RenameGroup(l.noting(ctx, site.Organisation, "group %q of site %q: %q", g.Name, site.Name, args[1]), g.ID, args[1]); err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: %s %q is now %q\n", site.Name, g.Kind, g.Name, args[1])
		return err
	}, 2)
}

func groupRemoveCommand(d *desk) command.Command {
	return d.atSite(command.Command{
		Name: "group remove", Args: "NAME", Summary: "remove a group in which no machine is; what its machines did stays under its name",
		Example: "group remove --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" \"Salles informatiques\"",
	}, noFlags, func(ctx context.Context, l ledger, site collector.Site, args []string) error {
		g, err := l.group(ctx, site, args[0])
		if err != nil {
			return err
		}
		if err := l.store.RemoveGroup(l.noting(ctx, site.Organisation, "group %q of site %q", g.Name, site.Name), g.ID, today()); err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: %s %q removed\n", site.Name, g.Kind, g.Name)
		return err
	}, 1)
}

func machineMoveCommand(d *desk) command.Command {
	var group string
	return command.Command{
		Name: "machine move", Args: "NUMBER...", Summary: "put machines of a site in one of its groups; what they did before stays where it was",
		Example: "machine move --data /var/lib/veille-collector 12 13 14 --group \"Salles informatiques\"\nmachine move --data /var/lib/veille-collector 12 --group none",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&group, "group", "", "`name` of the group, see group list; none: no group")
			d.reasonFlag(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			switch {
			case len(args) == 0:
				return command.Usage("give the numbers of machines, as machine list numbers them")
			case group == "":
				return command.Usage("no group given; add --group NAME, or --group none")
			}
			all, err := machineNumbers(args)
			if err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error { return d.move(ctx, l, all, group) })
		},
	}
}

// move puts machines in the group of that name of their site.
func (d *desk) move(ctx context.Context, l ledger, all []int64, group string) error {
	machines, err := l.machinesNumbered(ctx, all)
	if err != nil {
		return err
	}
	site := machines[0].Site
	for _, m := range machines {
		if m.Site.ID != site.ID {
			return fmt.Errorf("%d is at %s and %d at %s: move the machines of one site at a time", all[0], site.Name, m.ID, m.Site.Name)
		}
	}
	var in collector.Group
	text, done := "out of its group", "in no group"
	if group != noGroup {
		if in, err = l.group(ctx, site, group); err != nil {
			return err
		}
		text, done = fmt.Sprintf("to group %q", in.Name), "in "+in.Name
	}
	noting := l.noting(ctx, site.Organisation, "machine %s of site %q: %s", numbers(all), site.Name, text)
	if err := l.store.MoveMachines(noting, in.ID, all...); errors.Is(err, collector.ErrNotFound) {
		return fmt.Errorf("%w: it, or the group, was just changed", err)
	} else if err != nil {
		return err
	}
	_, err = fmt.Fprintf(d.stdout, "%s: %s %s\n", site.Name, count(len(all), "machine"), done)
	return err
}

// groupsOfMachines are the names of the groups that the machines of a site are in, by their numbers.
func (l ledger) groupsOfMachines(ctx context.Context, site collector.Site) (map[int64]string, error) {
	groups, err := l.store.Groups(ctx, site.ID)
	if err != nil {
		return nil, err
	}
	in, err := l.store.Grouped(ctx, site.ID)
	if err != nil {
		return nil, err
	}
	names, of := map[int64]string{}, map[int64]string{}
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	for machine, group := range in {
		of[machine] = names[group]
	}
	return of, nil
}

// groupsOfTokens are the names of the groups in which tokens put machines, by the tokens' hashes.
func (l ledger) groupsOfTokens(ctx context.Context) (map[[32]byte]string, error) {
	groups, err := l.store.EveryGroup(ctx)
	if err != nil {
		return nil, err
	}
	in, err := l.store.TokenGroups(ctx)
	if err != nil {
		return nil, err
	}
	names, of := map[int64]string{}, map[[32]byte]string{}
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	for hash, group := range in {
		of[hash] = names[group]
	}
	return of, nil
}
