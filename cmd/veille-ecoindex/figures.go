package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"veille/ecoindex"
)

// figures are the keys every result has. Their names and their order are a contract with scripts; keys are null when
// there is no figure.
type figures struct {
	Score      *int            `json:"score"`
	ScoreRaw   *float64        `json:"score_raw"`
	Grade      *ecoindex.Grade `json:"grade"`
	GHG        *float64        `json:"ghg_g"`
	Water      *float64        `json:"water_cl"`
	PointsLost *pointsLost     `json:"points_lost"`
}

type pointsLost struct {
	DOM      float64 `json:"dom"`
	Requests float64 `json:"requests"`
	Size     float64 `json:"size"`
}

// figuresOf are the figures of a result; a nil footprint leaves gases and water null.
func figuresOf(r ecoindex.Result, f *ecoindex.Footprint) figures {
	all := figures{
		Score: &r.Score, ScoreRaw: &r.Raw, Grade: &r.Grade,
		PointsLost: &pointsLost{DOM: r.Lost.DOM, Requests: r.Lost.Requests, Size: r.Lost.Size},
	}
	if f != nil {
		ghg, water := f.GHG(float64(r.Score)), f.Water(float64(r.Score))
		all.GHG, all.Water = &ghg, &water
	}
	return all
}

// convention is the sentence that says which of the EcoIndex formulas this is.
const convention = "EcoIndex reference: rounded half to even, then graded and converted"

// loadFootprint is the footprint to show, or nil when the user wants none.
func loadFootprint(without bool) (*ecoindex.Footprint, error) {
	if without {
		return nil, nil
	}
	f, err := ecoindex.DefaultFootprint()
	if err != nil {
		return nil, fmt.Errorf("load the footprint factors: %w", err)
	}
	return &f, nil
}

// cost is what one measure costs, for people.
type cost struct {
	points float64
	what   string
}

// writeTable writes rows of cells separated by tabs, aligned.
func writeTable(w io.Writer, rows []string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, strings.Join(rows, "\n")+"\n"); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// scoreRows are the rows that say the score and its footprint.
func scoreRows(r ecoindex.Result, f *ecoindex.Footprint) []string {
	rows := []string{fmt.Sprintf("score\t%d / 100\tgrade %s\t(%.2f before rounding)", r.Score, r.Grade, r.Raw)}
	if f != nil {
		score := float64(r.Score)
		rows = append(rows, fmt.Sprintf("per view\t%.2f gCO2e\t%.2f cl of water\t(%s)", f.GHG(score), f.Water(score), f.Source))
	}
	return rows
}
