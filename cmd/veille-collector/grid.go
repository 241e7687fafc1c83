package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/books"
	"veille/collector/label"
)

func gridImportCommand(d *desk) command.Command {
	var website, on string
	return ofFile(d, command.Command{
		Name: "grid import", Summary: "import how people have assessed a website by the RGESN, from a table of criterion, priority, status; the grid before is replaced",
		Example: "grid import --data /var/lib/veille-collector rgesn.csv --website www.example.org --on 2026-06-30 --dry-run",
	}, "grid", func(fs *pflag.FlagSet) {
		fs.StringVar(&website, "website", "", "`name`, number or address of the website, see website list")
		fs.StringVar(&on, "on", "", "`date` of the assessment")
	}, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		if website == "" || on == "" {
			return command.Usage("give --website and --on")
		}
		l.within = r.ID
		w, err := l.website(ctx, website)
		if err != nil {
			return err
		}
		criteria, err := books.Grid(f.bytes)
		if err != nil {
			return err
		}
		g := collector.Grid{Organisation: r.ID, Website: w.ID, On: collector.Date(on), Source: f.source, Criteria: criteria}
		if err := errors.Join(g.Validate(), notYet(g.On)); err != nil {
			return err
		}
		if !f.dryRun {
			if err := l.store.PutGrid(l.noting(ctx, r.ID, "grid of %s of %s", w.Rules.URL, g.On), g); err != nil {
				return err
			}
		}
		return d.keptFrom(r, f, fmt.Sprintf("grid of %s, %s, %s", w.Name, countCriteria(len(criteria)), scoreText(g)))
	})
}

func countCriteria(n int) string {
	if n == 1 {
		return "1 criterion"
	}
	return fmt.Sprintf("%d criteria", n)
}

// scoreText is the score of a grid in words.
func scoreText(g collector.Grid) string {
	score, toAssess, ok := label.Score(g.Criteria)
	if !ok {
		return "no criterion applies"
	}
	return fmt.Sprintf("score %.1f, %.1f %% still to assess", score, toAssess)
}

// gridLine is one grid as grid list says it.
type gridLine struct {
	Organisation string         `json:"organisation"`
	Website      int64          `json:"website"` // its number
	Name         string         `json:"name"`    // of the website
	On           collector.Date `json:"on"`      // of the assessment
	Criteria     int            `json:"criteria"`
	Score        *float64       `json:"score"`     // 0 to 100; null where no criterion applies, as in the next
	ToAssess     *float64       `json:"to_assess"` // percent of the criteria that apply
	Source       string         `json:"source"`
}

func gridListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "grid list", Summary: "list the grids of the RGESN that people have filled in for websites", Example: "grid list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]gridLine, error) {
		all, err := l.store.Grids(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		websites, err := l.websites(ctx)
		var lines []gridLine
		for _, g := range all {
			for _, w := range websites {
				if w.ID != g.Website {
					continue
				}
				line := gridLine{Organisation: r.Name, Website: g.Website, Name: w.Name, On: g.On, Criteria: len(g.Criteria), Source: g.Source}
				if score, toAssess, ok := label.Score(g.Criteria); ok {
					line.Score, line.ToAssess = &score, &toAssess
				}
				lines = append(lines, line)
			}
		}
		return lines, err
	}, "WEBSITE\tORGANISATION\tNAME\tDATE\tCRITERIA\tSCORE\tTO ASSESS\tSOURCE", func(g gridLine) []any {
		score, toAssess := "-", "-"
		if g.Score != nil {
			score, toAssess = fmt.Sprintf("%.1f", *g.Score), fmt.Sprintf("%.1f %%", *g.ToAssess)
		}
		return []any{g.Website, g.Organisation, g.Name, g.On, g.Criteria, score, toAssess, cmp.Or(g.Source, "-")}
	})
}

func gridRemoveCommand(d *desk) command.Command {
	c := onWebsite(d, command.Command{
		Name: "grid remove", Summary: "remove the grid of a website", Example: "grid remove --data /var/lib/veille-collector www.example.org",
	}, noFlags, func(ctx context.Context, l ledger, w collector.Website) error {
		if err := l.store.RemoveGrid(l.noting(ctx, w.Organisation, "grid of %s", w.Rules.URL), w.Organisation, w.ID); err != nil {
			return absent(err, fmt.Sprintf("grid of %q", w.Name), "grid list")
		}
		_, err := fmt.Fprintf(d.stdout, "%s: grid removed\n", w.Name)
		return err
	})
	c.Args = "WEBSITE"
	return c
}
