package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/inventory"
)

func inventoryImportCommand(d *desk) command.Command {
	var dryRun bool
	c := ofOrganisation(d, command.Command{
		Name: "inventory import", Summary: "say which devices sites have, from a table: it replaces all devices of the sites that it names",
		Example: "inventory import --data /var/lib/veille-collector equipment.csv --dry-run\n" +
			"inventory import --data ./var --organisation \"Région Démonstration\" equipment.csv",
	}, func(fs *pflag.FlagSet) {
		fs.BoolVar(&dryRun, "dry-run", false, "say what would be kept, and change nothing")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		file, err := d.file(args[0], "inventory", inventory.MaxFile)
		if err != nil {
			return err
		}
		lines, err := inventory.Read(file, filepath.Base(args[0]), today())
		if err != nil {
			return fmt.Errorf("%w\nnothing was changed", err)
		}
		sites, err := l.equipped(ctx, r, lines)
		if err != nil {
			return err
		}
		return d.equip(ctx, l, sites, dryRun)
	})
	c.Args = "FILE.csv"
	return c
}

// file is a file that a command reads, or a little more than may be read of it. Over the API it is what came with the call.
func (d *desk) file(name, what string, most int) ([]byte, error) {
	if d.call != nil {
		if d.call.file == nil {
			return nil, command.Usage("no %s came with the call: give its text as \"file\", beside \"args\"", what)
		}
		return d.call.file, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read the %s file: %w", what, err)
	}
	defer func() { _ = f.Close() }()
	file, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("read the %s file %s: %w", what, name, err)
	}
	return file, nil
}

// equipped is a site with the devices that it is to have.
type equipped struct {
	site  collector.Site
	lines []collector.Equipment
	count int // devices
}

// equipped are the sites that a table names, in its order, or an error that names each line whose site is not there.
func (l ledger) equipped(ctx context.Context, r collector.Responsible, lines []inventory.Line) ([]*equipped, error) {
	l.within = r.ID
	sites, err := l.sites(ctx)
	if err != nil {
		return nil, err
	}
	var all []*equipped
	var errs []error
	for _, line := range lines {
		found := slices.DeleteFunc(slices.Clone(sites), func(s collector.Site) bool { return s.Name != line.Site && strconv.FormatInt(s.ID, 10) != line.Site })
		if len(found) != 1 {
			if len(errs) < 20 {
				errs = append(errs, lineError(line, len(found)))
			}
			continue
		}
		i := slices.IndexFunc(all, func(e *equipped) bool { return e.site.ID == found[0].ID })
		if i < 0 {
			i, all = len(all), append(all, &equipped{site: found[0]})
		}
		e := line.Equipment
		e.Organisation, e.Site = r.ID, found[0].ID
		all[i].add(e)
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("%w\nnothing was changed; see veille-collector site list", errors.Join(errs...))
	}
	return all, nil
}

// lineError says that a line names no site, or several.
func lineError(line inventory.Line, found int) error {
	if found == 0 {
		return fmt.Errorf("line %d: site %.60q: %w", line.Number, line.Site, collector.ErrNotFound)
	}
	return fmt.Errorf("line %d: %d sites are called %.60q; give the number of one", line.Number, found, line.Site)
}

// add adds devices to those of the same class, age and way: a table may name a site by its name and by its number.
func (e *equipped) add(x collector.Equipment) {
	e.count += x.Count
	i := slices.IndexFunc(e.lines, func(y collector.Equipment) bool { return x.Class == y.Class && x.Bought == y.Bought && x.As == y.As })
	if i < 0 {
		e.lines = append(e.lines, x)
		return
	}
	e.lines[i].Count += x.Count
}

// equip keeps what sites have, each by one write.
func (d *desk) equip(ctx context.Context, l ledger, sites []*equipped, dryRun bool) error {
	for i, e := range sites {
		has := "has"
		if dryRun {
			has = "would have"
		} else {
			noting := l.noting(ctx, e.site.Organisation, "site %q: %s", e.site.Name, count(e.count, "device"))
			if err := l.store.ReplaceEquipment(noting, e.site.Organisation, e.site.ID, e.lines); err != nil {
				return fmt.Errorf("%s: %w; %d of %s were kept before: give the same file again", e.site.Name, err, i, count(len(sites), "site"))
			}
		}
		if _, err := fmt.Fprintf(d.stdout, "%s: %s %s\n", e.site.Name, has, count(e.count, "device")); err != nil {
			return err
		}
	}
	if dryRun {
		_, err := fmt.Fprintln(d.stdout, "nothing was changed")
		return err
	}
	return nil
}

// equipmentLine is devices of one kind as inventory list says them.
type equipmentLine struct {
	Site   string          `json:"site"`
	Class  string          `json:"class"`
	Bought collector.Month `json:"bought"` // "": nobody knows
	As     string          `json:"as"`     // new, refurbished, reused
	Count  int             `json:"count"`
	Source string          `json:"source"`
}

func inventoryListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "inventory list", Summary: "list which devices sites have, counted by class, age and how they came", Example: "inventory list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]equipmentLine, error) {
		all, err := l.store.Equipment(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		names, err := l.siteNames(ctx)
		var lines []equipmentLine
		for _, e := range all {
			if name, seen := names[e.Site]; seen {
				lines = append(lines, equipmentLine{name, e.Class, e.Bought, e.As, e.Count, e.Source})
			}
		}
		return lines, err
	}, "SITE\tCLASS\tBOUGHT\tAS\tCOUNT\tSOURCE", func(e equipmentLine) []any {
		return []any{e.Site, e.Class, cmp.Or(e.Bought, "-"), e.As, e.Count, cmp.Or(e.Source, "-")}
	})
}
