package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/opendata"
	"veille/collector/privacy"
	"veille/collector/store/relational"
)

func openDataCommand(d *desk) command.Command {
	var dir, base string
	var simulated bool
	return ofOrganisation(d, command.Command{
		Name: "opendata", Summary: "write the public data sets of an organisation and their catalogue into a folder",
		Example: "opendata --data /var/lib/veille-collector -o ./opendata --base https://data.example.org/veille/",
	}, func(fs *pflag.FlagSet) {
		fs.StringVarP(&dir, "output", "o", "", "`folder` to write into; made where it is missing")
		fs.StringVar(&base, "base", "", "`URL` below which the files will be published: their identifiers begin with it")
		fs.BoolVar(&simulated, "simulated", false, "write figures of simulated machines, marked so in each row and title")
	}, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		if dir == "" {
			return command.Usage("name the folder to write into with -o")
		}
		base, err := checkBase(base)
		if err != nil {
			return err
		}
		if err := l.publishable(ctx, r, simulated); err != nil {
			return err
		}
		defer d.patience("reading the figures that are for the public")()
		files, err := publisher(l.store).Files(ctx, opendata.Request{Organisation: r.ID, Base: base, Simulated: simulated})
		if err != nil {
			return err
		}
		if err := writeFolder(dir, files); err != nil {
			return err
		}
		if base == "" {
			_, _ = fmt.Fprintln(d.stderr, "without --base the files name themselves by an address that nobody has: they are to be looked at, not to be published")
		}
		return d.tellFiles(dir, files)
	})
}

// publisher writes the public data of a store.
func publisher(store *relational.Store) *opendata.Writer {
	return opendata.New(store, privacy.New(store.Figures(), store.Figures(), today), today)
}

// checkBase is a base address with a slash at its end.
func checkBase(base string) (string, error) {
	if base == "" {
		return "", nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", command.Usage("--base %.80q is not an address like https://data.example.org/veille/", base)
	}
	return strings.TrimSuffix(base, "/") + "/", nil
}

// publishable says why the data of an organisation cannot be written, or nothing.
func (l ledger) publishable(ctx context.Context, r collector.Responsible, simulated bool) error {
	if r.SIREN == "" {
		return fmt.Errorf("%s has no SIREN, by which the data sets name it: say it first with veille-collector org set --organisation %q --siren NUMBER", r.Name, r.Name)
	}
	fleet, err := l.store.Fleet(ctx, r.ID)
	if err != nil {
		return err
	}
	if fleet.Simulated && !simulated {
		return fmt.Errorf("the machines of %s are simulated: nothing of them is public data; add --simulated to write it all the same, marked so", r.Name)
	}
	return nil
}

// tellFiles says what was written.
func (d *desk) tellFiles(dir string, files []opendata.File) error {
	t := tabwriter.NewWriter(d.stdout, 0, 0, 2, ' ', 0)
	for _, f := range files {
		_, _ = fmt.Fprintf(t, "%s\t%s\n", path.Join(dir, f.Name), sizeText(len(f.Bytes)))
	}
	return t.Flush()
}

// writeFolder puts files into a folder. Each file and folder right below it is written aside, and then put in the place of the one of that name: a
// reader sees the one before or the whole of the new one. A folder in which somebody else has put something stays as it is, and nothing is written.
func writeFolder(dir string, files []opendata.File) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder %s: %w; choose another with -o", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the folder %s: %w", dir, err)
	}
	defer func() { _ = root.Close() }()
	tops := topsOf(files)
	if err := onlyOurs(root, tops, files); err != nil {
		return fmt.Errorf("%s: %w; nothing was written", dir, err)
	}
	const fresh, stale = ".veille-new", ".veille-old" // of a run that was cut short they are taken away
	err = errors.Join(root.RemoveAll(fresh), root.RemoveAll(stale), root.Mkdir(fresh, 0o755), root.Mkdir(stale, 0o755))
	for _, f := range files {
		if err == nil {
			err = writeBelow(root, path.Join(fresh, f.Name), f.Bytes)
		}
	}
	for _, top := range tops {
		if err == nil {
			err = swap(root, path.Join(fresh, top), top, path.Join(stale, top))
		}
	}
	if err := errors.Join(err, root.RemoveAll(fresh), root.RemoveAll(stale)); err != nil {
		return fmt.Errorf("write the data sets into %s: %w", dir, err)
	}
	return nil
}

// topsOf are the files and folders right below the folder, in their order.
func topsOf(files []opendata.File) (tops []string) {
	for _, f := range files {
		if top, _, _ := strings.Cut(f.Name, "/"); !slices.Contains(tops, top) {
			tops = append(tops, top)
		}
	}
	return tops
}

// onlyOurs is an error where a folder that is to be replaced has something that we do not write.
func onlyOurs(root *os.Root, tops []string, files []opendata.File) error {
	ours := map[string]bool{}
	for _, f := range files {
		for name := f.Name; name != "."; name = path.Dir(name) {
			ours[name] = true
		}
	}
	for _, top := range tops {
		err := fs.WalkDir(root.FS(), top, func(name string, _ fs.DirEntry, err error) error {
			if err == nil && !ours[name] {
				err = fmt.Errorf("%s is not ours: move it away, or choose another folder", name)
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeBelow writes one file, with the folders that it is in.
func writeBelow(root *os.Root, name string, text []byte) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return root.WriteFile(name, text, 0o644)
}

// swap puts what was written in the place of what is there, if anything.
func swap(root *os.Root, fresh, name, stale string) error {
	err := root.Rename(name, stale)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	was := err == nil
	err = root.Rename(fresh, name)
	if err != nil && was {
		err = errors.Join(err, root.Rename(stale, name))
	}
	return err
}
