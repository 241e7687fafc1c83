package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
	"veille/collector/store/relational"
	"veille/dashboards/grafana"
)

func grafanaCommand(d *desk) command.Command {
	var dir, engine string
	o := grafana.Options{}
	return command.Command{
		Name:    "grafana",
		Summary: "write boards for Grafana, with the names of sites, groups, websites and meters, and the files that install them",
		Example: "grafana --data /var/lib/veille-collector -o ./grafana --engine influx --lang en",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVarP(&dir, "output", "o", "", "`folder` to write into; made where it is missing, and files of the same names are replaced")
			fs.StringVar(&o.Lang, "lang", language.Default(os.LookupEnv), "`language` of the boards: en or fr")
			command.Values(fs, "lang", language.English, language.French)
			fs.StringVar(&engine, "engine", string(grafana.Influx), "`engine` that --series of the collector names: influx or victoria")
			command.Values(fs, "engine", "influx", "victoria")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				return command.Usage("give no words: see --help")
			}
			if dir == "" {
				return command.Usage("name the folder to write into with -o")
			}
			o.Engine = grafana.Engine(engine)
			if _, err := grafana.Files(o); err != nil {
				return command.Usage("%w", err)
			}
			err := d.with(ctx, func(l ledger) (err error) {
				o.Names, err = grafanaNames(ctx, l.store)
				return err
			})
			if err != nil {
				return err
			}
			if err := grafana.Write(dir, o); err != nil {
				return err
			}
			return d.tellBoards(dir, o)
		},
	}
}

// grafanaNames are the names of what points carry the numbers of, those that were removed included: their points are there still.
func grafanaNames(ctx context.Context, store *relational.Store) (n grafana.Names, err error) {
	organisations, err := store.Organisations(ctx)
	if err != nil {
		return n, err
	}
	sites, err := store.Sites(ctx)
	if err != nil {
		return n, err
	}
	groups, err := store.EveryGroup(ctx)
	if err != nil {
		return n, err
	}
	websites, err := store.Websites(ctx)
	if err != nil {
		return n, err
	}
	meters, err := store.Meters(ctx, today())
	if err != nil {
		return n, err
	}
	n = grafana.Names{Organisations: map[int64]string{}, Sites: map[int64]string{}, Groups: map[int64]string{}, Websites: map[int64]string{}, Meters: map[int64]string{}}
	for _, x := range organisations {
		n.Organisations[x.ID] = x.Name
	}
	for _, x := range sites {
		n.Sites[x.ID] = x.Name
	}
	for _, x := range groups { // two sites may have a group of the same name
		n.Groups[x.ID] = x.Name + ", " + n.Sites[x.Site]
	}
	for _, x := range websites {
		n.Websites[x.ID] = x.Name
	}
	for _, x := range meters {
		n.Meters[x.ID] = x.Name
	}
	return n, nil
}

// tellBoards says what was written, and what is next.
func (d *desk) tellBoards(dir string, o grafana.Options) error {
	files, err := grafana.Files(o)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, f := range files {
		text.WriteString(filepath.Join(dir, filepath.FromSlash(f.Name)) + "\n")
	}
	_, err = fmt.Fprintf(d.stdout, "%scopy what is in %s to /etc/grafana/provisioning, give Grafana's service the variables that %s names, and restart it; docs/grafana.md says how\n",
		text.String(), dir, filepath.Join(dir, "datasources", "veille.yaml"))
	return err
}
