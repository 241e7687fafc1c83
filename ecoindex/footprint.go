package ecoindex

import (
	_ "embed" // the factors
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

//go:embed footprint.json
var footprintJSON []byte

// Footprint turns a score into greenhouse gases and water for one view of the page. It is a model, straight in the
// score, and its authors give no uncertainty.
type Footprint struct {
	Source  string `json:"source"`  // who says so; to be shown beside the figures
	Link    string `json:"link"`    // where they explain it
	Licence string `json:"licence"` // what they allow
	Gases   Factor `json:"ghg"`
	Waters  Factor `json:"water"`
}

// Factor is a straight line through the scores.
type Factor struct {
	Unit   string  `json:"unit"`
	At50   float64 `json:"at_50"`   // the value of a page of score 50
	Per100 float64 `json:"per_100"` // what a page of score 0 costs more than a page of score 100
}

// DefaultFootprint is the model of ecoindex.fr.
func DefaultFootprint() (Footprint, error) { return ParseFootprint(footprintJSON) }

// ParseFootprint reads the factors of another model, written as in footprint.json.
func ParseFootprint(data []byte) (Footprint, error) {
	var f Footprint
	if err := json.Unmarshal(data, &f); err != nil {
		return Footprint{}, fmt.Errorf("read the footprint factors: %w", err)
	}
	if f.Source == "" || f.Gases.Unit == "" || f.Waters.Unit == "" {
		return Footprint{}, errors.New(`read the footprint factors: "source" or a "unit" is missing`)
	}
	return f, nil
}

// GHG is the greenhouse gases of one view, in grams of CO2 equivalent, to two decimals.
func (f Footprint) GHG(score float64) float64 { return f.Gases.at(score) }

// Water is the water used by one view, in centilitres, to two decimals.
func (f Footprint) Water(score float64) float64 { return f.Waters.at(score) }

func (f Factor) at(score float64) float64 {
	// Rounded as the reference does; the conversion forbids a fused multiply-add.
	value := f.At50 + float64(f.Per100*(50-score))/100
	return math.RoundToEven(float64(100*value)) / 100
}
