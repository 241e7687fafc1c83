package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
)

func scoreCommand(stdout io.Writer) command.Command {
	var m ecoindex.Measure
	var asJSON, noFootprint bool
	var flags *pflag.FlagSet
	return command.Command{
		Name:    "score",
		Summary: "score figures counted elsewhere",
		Example: "score --dom 282 --requests 17 --size-kb 270.2\nscore --dom 47 --requests 25 --size-kb 0 --json",
		Flags: func(fs *pflag.FlagSet) {
			flags = fs
			fs.IntVar(&m.DOM, "dom", 0, "`number` of elements, without what is inside an svg (required)")
			fs.IntVar(&m.Requests, "requests", 0, "`number` of requests (required)")
			fs.Float64Var(&m.SizeKB, "size-kb", 0, "`kilobytes` transferred, of 1000 bytes (required)")
			fs.BoolVar(&asJSON, "json", false, "print one JSON object")
			fs.BoolVar(&noFootprint, "no-footprint", false, "leave out greenhouse gases and water (null in JSON)")
		},
		Run: func(_ context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			for _, name := range []string{"dom", "requests", "size-kb"} {
				if !flags.Changed(name) {
					return command.Usage("--%s is missing; give --dom, --requests and --size-kb", name)
				}
			}
			r, err := ecoindex.Compute(m)
			if err != nil {
				return command.Usage("%w", err)
			}
			footprint, err := loadFootprint(noFootprint)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(stdout, figuresOf(r, footprint))
			}
			rows := scoreRows(r, footprint)
			for _, c := range costs(m, r) {
				rows = append(rows, fmt.Sprintf("lost\t%.2f points\t%s", c.points, c.what))
			}
			return writeTable(stdout, append(rows, "formula\t"+convention))
		},
	}
}

// costs are what the three measures cost, the largest first.
func costs(m ecoindex.Measure, r ecoindex.Result) []cost {
	list := []cost{
		{r.Lost.DOM, fmt.Sprintf("%d elements", m.DOM)},
		{r.Lost.Requests, fmt.Sprintf("%d requests", m.Requests)},
		{r.Lost.Size, fmt.Sprintf("%.1f kB", m.SizeKB)},
	}
	slices.SortStableFunc(list, func(a, b cost) int {
		switch {
		case a.points > b.points:
			return -1
		case a.points < b.points:
			return 1
		}
		return 0
	})
	return list
}

// writeJSON writes one object on one line.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // addresses keep their "&"
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write the JSON: %w", err)
	}
	return nil
}
