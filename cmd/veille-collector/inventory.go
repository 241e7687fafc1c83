package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/inventory"
)

func inventoryImportCommand(d *desk) command.Command {
	var preset string
	return ofFile(d, command.Command{
		Name: "inventory import", Summary: "say which devices sites have, from a table of your own or an export of GLPI or OCS: it replaces all devices of the sites that it names",
		Example: "inventory import --data /var/lib/veille-collector equipment.csv --dry-run\n" +
			"inventory import --data ./var --organisation \"Région Démonstration\" --preset glpi computers.csv",
	}, "inventory", func(fs *pflag.FlagSet) {
		fs.StringVar(&preset, "preset", inventory.PresetAuto, "how the columns are called: `one` of "+strings.Join(inventory.Presets(), ", "))
	}, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		if !slices.Contains(inventory.Presets(), preset) {
			return command.Usage("--preset %.20q is none of %s", preset, strings.Join(inventory.Presets(), ", "))
		}
		l.within = r.ID
		sites, err := l.sites(ctx)
		if err != nil {
			return err
		}
		o := inventory.Options{Source: f.source, Today: today(), Preset: preset}
		for _, s := range sites {
			o.Sites = append(o.Sites, s.Name)
		}
		found, err := inventory.Read(f.bytes, o)
		if err != nil {
			return err
		}
		all, err := equip(sites, r, found.Lines)
		if err != nil {
			return err
		}
		if err := d.tellFound(f, found); err != nil {
			return err
		}
		return d.equip(ctx, l, all, f.dryRun)
	})
}

// tellFound says what was read of an inventory: what was counted, and what a person should look at.
func (d *desk) tellFound(f imported, found inventory.Found) error {
	said := []string{count(found.Assets, "device")}
	for _, x := range []struct {
		n    int
		text string
	}{
		{found.Duplicates, "said twice and counted once"},
		{found.Undated, "without a date of purchase"},
		{found.TakenAsNew, "taken as bought new"},
	} {
		if x.n > 0 {
			said = append(said, fmt.Sprintf("%d %s", x.n, x.text))
		}
	}
	separator := map[rune]string{';': "semicolons", ',': "commas", '\t': "tabs"}
	lines := []string{fmt.Sprintf("%s: %s (%s, %s, preset %s)", f.source, strings.Join(said, ", "), found.Encoding, separator[found.Separator], found.Preset)}
	for _, t := range found.Types {
		lines = append(lines, fmt.Sprintf("%s: %s, taken as %s", cmp.Or(t.Text, "no type"), count(t.Count, "device"), t.Class))
	}
	_, err := fmt.Fprintln(d.stdout, strings.Join(append(lines, found.Notes...), "\n"))
	return err
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

// equip gives the lines of a table to the sites that they name, in its order, or is an error that names each line whose site is not there.
func equip(sites []collector.Site, r collector.Responsible, lines []inventory.Line) ([]*equipped, error) {
	finder := siteFinder{sites: sites}
	var all []*equipped
	var wrong wrongLines
	for _, line := range lines {
		id, err := finder.find(line.Site)
		if err != nil {
			wrong.add(line.Number, err)
			continue
		}
		i := slices.IndexFunc(all, func(e *equipped) bool { return e.site.ID == id })
		if i < 0 {
			site := sites[slices.IndexFunc(sites, func(s collector.Site) bool { return s.ID == id })]
			i, all = len(all), append(all, &equipped{site: site})
		}
		e := line.Equipment
		e.Organisation, e.Site = r.ID, id
		all[i].add(e)
	}
	return all, wrong.err()
}

// add adds devices to those that differ in their count only: a table may name a site by its name and by its number.
func (e *equipped) add(x collector.Equipment) {
	e.count += x.Count
	i := slices.IndexFunc(e.lines, func(y collector.Equipment) bool {
		y.Count = x.Count
		return x == y
	})
	if i < 0 {
		e.lines = append(e.lines, x)
		return
	}
	e.lines[i].Count += x.Count
}

// equip keeps what sites have, all of it by one write, and says so.
func (d *desk) equip(ctx context.Context, l ledger, sites []*equipped, dryRun bool) error {
	has := "would have"
	if !dryRun {
		has = "has"
		if err := l.keepInventory(ctx, sites); err != nil {
			return err
		}
	}
	for _, e := range sites {
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

// keepInventory keeps what sites of one organisation have: of all of them, or of none.
func (l ledger) keepInventory(ctx context.Context, sites []*equipped) error {
	if len(sites) == 0 {
		return nil
	}
	bySite, devices := map[int64][]collector.Equipment{}, 0
	for _, e := range sites {
		bySite[e.site.ID] = e.lines
		devices += e.count
	}
	first := sites[0].site
	subject := fmt.Sprintf("site %q", first.Name)
	if len(sites) > 1 {
		subject = count(len(sites), "site")
	}
	return l.store.ReplaceInventory(l.noting(ctx, first.Organisation, "%s: %s", subject, count(devices, "device")), first.Organisation, bySite)
}

// equipmentLine is devices of one kind as inventory list says them.
type equipmentLine struct {
	Site   string          `json:"site"`
	Class  string          `json:"class"`
	Bought collector.Month `json:"bought"` // "": nobody knows
	As     string          `json:"as"`     // new, refurbished, reused
	Count  int             `json:"count"`
	Source string          `json:"source"`

	State    string          `json:"state"` // in-service, stock, retired
	Ecolabel bool            `json:"ecolabel"`
	Left     collector.Month `json:"left"` // in which it was retired; "" of what is not, or where nobody knows, as in the next
	To       string          `json:"to"`   // where it went
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
				lines = append(lines, equipmentLine{name, e.Class, e.Bought, e.As, e.Count, e.Source, cmp.Or(e.State, collector.EquipmentStates()[0]), e.Ecolabel, e.Left, e.To})
			}
		}
		return lines, err
	}, "SITE\tCLASS\tBOUGHT\tAS\tSTATE\tCOUNT\tSOURCE", func(e equipmentLine) []any {
		return []any{e.Site, e.Class, cmp.Or(e.Bought, "-"), e.As, e.State, e.Count, cmp.Or(e.Source, "-")}
	})
}
