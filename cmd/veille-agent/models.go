package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/agent/power"
	"veille/agent/spool"
	"veille/cmd/internal/command"
)

// modelsFile is the catalogue of products in the agent's folder.
const modelsFile = "models.json"

// catalogueFlags are the flags that say where the catalogue is.
type catalogueFlags struct{ data, file string }

func (c *catalogueFlags) flags(fs *pflag.FlagSet, use string) {
	dataFlag(fs, &c.data)
	fs.StringVarP(&c.file, "output", "o", "", use)
}

func (c *catalogueFlags) path() string {
	if c.file != "" {
		return c.file
	}
	return filepath.Join(c.data, modelsFile)
}

func modelsImportCommand(stderr io.Writer) command.Command {
	var where catalogueFlags
	var from string
	return command.Command{
		Name: "models import", Args: "FILE...",
		Summary: "take the declared or measured power of products from files, so that their machines are estimated by it",
		Example: "models import --from energy-star computers.csv\nmodels import --from readings wattmeter.csv\nmodels import --from readings -o models.json wattmeter.csv\nmodels import --from readings plugs.csv    # of veille-collector meter calibrate --csv",
		Flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&from, "from", "", "`kind` of the files: energy-star (ENERGY STAR Certified Computers, CSV or JSON array of data.energystar.gov) or\nreadings (CSV: maker,product,state,watts[,minutes][,note]; state is on, display_off, sleep, off or busy; of all machines of a\nclass, as veille-collector meter calibrate --csv writes it, the maker is * and the product the class)")
			command.Values(fs, "from", "energy-star", "readings")
			where.flags(fs, "write to this `file`, not to models.json in the agent's folder; what is in it is kept")
		},
		Run: func(ctx context.Context, files []string) error {
			read, ok := map[string]importer{"energy-star": power.ImportEnergyStar, "readings": power.ImportReadings}[from]
			switch {
			case from == "":
				return command.Usage("the kind of the files is not given; add --from energy-star or --from readings")
			case !ok:
				return command.Usage("--from %s is none of energy-star, readings", from)
			case len(files) == 0:
				return command.Usage("no file given")
			}
			if where.file == "" {
				if err := usable(where.data); err != nil {
					return err
				}
			}
			old, err := readModels(where.path())
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w; move it away to begin a new one", err)
			}
			found, err := importFiles(ctx, stderr, read, files)
			if err != nil {
				return fmt.Errorf("%w; nothing was written", err)
			}
			if len(found.Products) == 0 {
				return errors.New("no product was found; nothing was written")
			}
			all := old.Replace(found)
			if err := writeModels(where.path(), all); err != nil {
				return err
			}
			added := found.Without(old)
			_, err = fmt.Fprintf(stderr, "%s: products %d, of them new %d, brought up to date %d; an agent that runs takes them up at its next start\n", where.path(), len(all.Products), added, len(found.Products)-added)
			return err
		},
	}
}

type importer func(io.Reader) (power.Catalogue, power.Report, error)

// importFiles reads all files, and says on w what came of each. A file given twice counts once: its readings are not more.
func importFiles(ctx context.Context, w io.Writer, read importer, names []string) (power.Catalogue, error) {
	var all power.Catalogue
	seen := map[[sha256.Size]byte]string{}
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return all, fmt.Errorf("import: %w", err)
		}
		sum := sha256.New()
		c, report, err := read(io.TeeReader(&progress{ctx: ctx, r: f, w: w, name: name, told: time.Now()}, sum))
		if err := errors.Join(err, f.Close()); err != nil {
			return all, fmt.Errorf("%s: %w", name, err)
		}
		_, _ = fmt.Fprintf(w, "%s: rows %d, refused %d, products %d\n", name, report.Rows, report.Refused, len(c.Products))
		for _, e := range report.Errors[:min(len(report.Errors), 10)] {
			_, _ = fmt.Fprintf(w, "  %v\n", e)
		}
		if report.Refused > 10 {
			_, _ = fmt.Fprintf(w, "  and %d more\n", report.Refused-10)
		}
		content := [sha256.Size]byte(sum.Sum(nil))
		if first, ok := seen[content]; ok {
			_, _ = fmt.Fprintf(w, "  it is the same as %s, and left out\n", first)
			continue
		}
		seen[content] = name
		all = all.Join(c)
	}
	return all, nil
}

// progress reads a file until ctx is done, and tells a person who waits how far it is.
type progress struct {
	ctx  context.Context
	r    io.Reader
	w    io.Writer
	name string
	n    int64
	told time.Time
}

func (p *progress) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	n, err := p.r.Read(b)
	p.n += int64(n)
	if time.Since(p.told) > 2*time.Second && command.Terminal(p.w) {
		p.told = time.Now()
		_, _ = fmt.Fprintf(p.w, "%s: %d MB read\n", p.name, p.n>>20)
	}
	return n, err
}

func readModels(name string) (power.Catalogue, error) {
	f, err := os.Open(name)
	if err != nil {
		return power.Catalogue{}, fmt.Errorf("read the catalogue of products: %w", err)
	}
	c, err := power.ReadCatalogue(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return power.Catalogue{}, fmt.Errorf("%s: %w", name, err)
	}
	return c, nil
}

// writeModels writes the catalogue so that others may read it too: the service may be another user, and nothing in it is
// secret.
func writeModels(name string, c power.Catalogue) error {
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		return err
	}
	err := spool.WriteFile(name, file.Bytes())
	if err == nil {
		err = os.Chmod(name, 0o644)
	}
	if err != nil {
		return fmt.Errorf("keep the catalogue of products: %w; choose another place with --data or -o", err)
	}
	return nil
}

func modelsListCommand(stdout io.Writer) command.Command {
	var where catalogueFlags
	var asJSON bool
	return command.Command{
		Name: "models list", Summary: "list the products whose power is declared or measured", Example: "models list\nmodels list --json",
		Flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&asJSON, "json", false, "print one JSON array")
			where.flags(fs, "list this `file`, not models.json in the agent's folder")
		},
		Run: func(_ context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			c, err := readModels(where.path())
			switch {
			case errors.Is(err, fs.ErrNotExist) && where.file == "":
				c = power.Catalogue{} // nothing was imported
			case err != nil:
				return err
			}
			if asJSON {
				return json.NewEncoder(stdout).Encode(append([]power.Product{}, c.Products...))
			}
			return printModels(stdout, c)
		},
	}
}

func printModels(w io.Writer, c power.Catalogue) error {
	if len(c.Products) == 0 {
		_, err := fmt.Fprintln(w, "no product; add some with veille-agent models import")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "maker\tproduct\tclass\ton W\tdisplay_off W\tsleep W\toff W\tbusy W\tsource")
	for _, p := range c.Products {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Maker, p.Name, cmp.Or(p.Class, "-"),
			draw(p.ShortIdle), draw(p.LongIdle), draw(p.Sleep), draw(p.Off), draw(p.Busy), p.Source)
	}
	return t.Flush()
}

// draw is a power for people: 16.9 (16.5-17.4, 3).
func draw(d power.Draw) string {
	switch {
	case !d.Known():
		return "-"
	case d.N == 1:
		return fmt.Sprintf("%.3g", d.Watts)
	}
	return fmt.Sprintf("%.3g (%.3g-%.3g, %d)", d.Watts, d.Low, d.High, d.N)
}
