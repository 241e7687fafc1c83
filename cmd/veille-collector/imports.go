package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/books"
	"veille/collector/table"
)

// imported is a file that a command imports.
type imported struct {
	bytes  []byte
	source string // its name, without the folder
	dryRun bool
}

// ofFile completes a command that imports a file: all of it, or nothing.
func ofFile(d *desk, c command.Command, what string, flags func(*pflag.FlagSet), do func(context.Context, ledger, collector.Responsible, imported) error) command.Command {
	var dryRun bool
	name := c.Name
	c = ofOrganisation(d, c, func(fs *pflag.FlagSet) {
		flags(fs)
		fs.BoolVar(&dryRun, "dry-run", false, "say what would be kept, and change nothing")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		file, err := d.file(args[0], what, table.MaxFile)
		if err != nil {
			return err
		}
		source := filepath.Base(args[0])
		if !oneLine(source) {
			return command.Usage("the name of the file %.60q is not one line of up to %d characters: rename it", source, longest)
		}
		if err := do(ctx, l, r, imported{file, source, dryRun}); err != nil {
			return fmt.Errorf("%s: %w\nnothing was changed", cmp.Or(source, name), err)
		}
		return nil
	})
	c.Args = "FILE"
	return c
}

// keptFrom says what came of an import.
func (d *desk) keptFrom(r collector.Responsible, f imported, what string) error {
	if !f.dryRun {
		_, err := fmt.Fprintf(d.stdout, "%s: %s: %s kept\n", r.Name, f.source, what)
		return err
	}
	_, err := fmt.Fprintf(d.stdout, "%s: %s: %s would be kept\nnothing was changed\n", r.Name, f.source, what)
	return err
}

// wrongLines is what is wrong with the lines of a file, for a person who mends it.
type wrongLines struct {
	errs []error
	all  int
}

// add says that something is wrong with a line.
func (w *wrongLines) add(number int, err error) {
	if w.all++; len(w.errs) < 20 {
		w.errs = append(w.errs, fmt.Errorf("line %d: %w", number, err))
	}
}

// err names the first lines; nil for none.
func (w *wrongLines) err() error {
	if w.all > len(w.errs) {
		return fmt.Errorf("%w\nand %d more lines", errors.Join(w.errs...), w.all-len(w.errs))
	}
	return errors.Join(w.errs...)
}

// siteFinder finds the sites that the lines of a file name.
type siteFinder struct {
	sites []collector.Site // that the caller sees
	whole bool             // the caller may say something of the whole organisation
}

// finder is what finds sites of an organisation.
func (l ledger) finder(ctx context.Context, r collector.Responsible) (siteFinder, error) {
	l.within = r.ID
	sites, err := l.sites(ctx)
	return siteFinder{sites, l.user.Site == 0}, err
}

// find is the number of the site of a name or number; 0 of "", which is the whole organisation.
func (f siteFinder) find(name string) (int64, error) {
	if name == "" {
		if !f.whole {
			return 0, refusedError{http.StatusForbidden, "a line without a site is about the whole organisation, and you see one site only"}
		}
		return 0, nil
	}
	found := slices.DeleteFunc(slices.Clone(f.sites), func(s collector.Site) bool { return s.Name != name && strconv.FormatInt(s.ID, 10) != name })
	switch len(found) {
	case 0:
		return 0, fmt.Errorf("site %.60q: %w; see veille-collector site list", name, collector.ErrNotFound)
	case 1:
		return found[0].ID, nil
	}
	return 0, fmt.Errorf("%d sites are called %.60q; give the number of one", len(found), name)
}

func quantityImportCommand(d *desk) command.Command {
	return ofFile(d, command.Command{
		Name: "quantity import", Summary: "state numbers from a table: quantity, from, to (or year), value, and site, source, owner, note where there are any",
		Example: "quantity import --data /var/lib/veille-collector numbers.csv --dry-run",
	}, "table of numbers", noFlags, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		lines, err := books.Quantities(f.bytes, f.source)
		if err != nil {
			return err
		}
		finder, err := l.finder(ctx, r)
		if err != nil {
			return err
		}
		var all []collector.Quantity
		var wrong wrongLines
		for _, line := range lines {
			q := line.Quantity
			q.Organisation = r.ID
			if q.Site, err = finder.find(line.Site); err == nil {
				err = q.Validate()
			}
			if err != nil {
				wrong.add(line.Number, err)
				continue
			}
			all = append(all, q)
		}
		if err := wrong.err(); err != nil {
			return err
		}
		if !f.dryRun {
			if err := l.store.SetQuantities(l.noting(ctx, r.ID, "%s from %q", count(len(all), "line"), f.source), r.ID, all); err != nil {
				return err
			}
		}
		return d.keptFrom(r, f, count(len(all), "stated number"))
	})
}

func meterImportCommand(d *desk) command.Command {
	return ofFile(d, command.Command{
		Name: "meter import", Summary: "import readings of meters of buildings from a table: site, meter, from, to (dates; or month), kwh; those of the same dates are replaced",
		Example: "meter import --data /var/lib/veille-collector meters-2026.csv --dry-run",
	}, "table of readings", noFlags, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		lines, err := books.Readings(f.bytes, f.source, today())
		if err != nil {
			return err
		}
		finder, err := l.finder(ctx, r)
		if err != nil {
			return err
		}
		var all []collector.Reading
		var wrong wrongLines
		for _, line := range lines {
			x := line.Reading
			x.Organisation = r.ID
			if x.Site, err = finder.find(line.Site); err == nil && x.Site == 0 {
				err = errors.New("no site: a meter is of a building")
			}
			if err = cmp.Or(err, x.Validate()); err != nil {
				wrong.add(line.Number, err)
				continue
			}
			all = append(all, x)
		}
		if err := wrong.err(); err != nil {
			return err
		}
		if !f.dryRun {
			if err := l.store.PutReadings(l.noting(ctx, r.ID, "%s from %q", count(len(all), "reading"), f.source), r.ID, all); err != nil {
				return err
			}
		}
		return d.keptFrom(r, f, count(len(all), "reading"))
	})
}

func priceImportCommand(d *desk) command.Command {
	return ofFile(d, command.Command{
		Name: "price import", Summary: "import prices of a kilowatt-hour from a table: from, euro_per_kwh, tax (HT or TTC), source; those from the same months are replaced",
		Example: "price import --data /var/lib/veille-collector prices.csv --dry-run",
	}, "table of prices", noFlags, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		all, err := books.Prices(f.bytes, f.source)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].Organisation = r.ID
			if err := all[i].Validate(); err != nil {
				return fmt.Errorf("price from %.20q: %w", all[i].From, err)
			}
		}
		if !f.dryRun {
			if err := l.store.SetPrices(l.noting(ctx, r.ID, "%s from %q", count(len(all), "price"), f.source), r.ID, all); err != nil {
				return err
			}
		}
		return d.keptFrom(r, f, count(len(all), "price"))
	})
}

func factorImportCommand(d *desk) command.Command {
	return ofFile(d, command.Command{
		Name: "factor import", Summary: "import factors of your own from a table: id, value, low, high, unit, year, source, link, licence, verified; those of the same ids are replaced",
		Example: "factor import --data /var/lib/veille-collector factors.csv --dry-run",
	}, "table of factors", noFlags, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		all, err := books.Factors(f.bytes)
		if err != nil {
			return err
		}
		for i := range all {
			all[i].Organisation = r.ID
			if err := checkFactor(all[i]); err != nil {
				return fmt.Errorf("factor %.60q: %w", all[i].ID, err)
			}
		}
		if !f.dryRun {
			if err := l.store.SetFactors(l.noting(ctx, r.ID, "%s from %q", count(len(all), "factor"), f.source), r.ID, all); err != nil {
				return err
			}
		}
		return d.keptFrom(r, f, count(len(all), "factor"))
	})
}
