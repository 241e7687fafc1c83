package label

import (
	"bytes"
	_ "embed" // indicators.yaml
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed indicators.yaml
var catalogue []byte

// Indicator is one line of the catalogue.
type Indicator struct {
	ID         string   `yaml:"id"`
	Title      Words    `yaml:"title"`
	Formula    Words    `yaml:"formula"`
	Unit       string   `yaml:"unit"`
	Decimals   int      `yaml:"decimals"`
	Better     string   `yaml:"better"`     // "up", "down", or "" where neither is
	Quantities []string `yaml:"quantities"` // names of collector.Quantities that it is reckoned from
}

// Indicators are all lines, as the catalogue indicators.yaml has them, in its order.
func Indicators() ([]Indicator, error) {
	d := yaml.NewDecoder(bytes.NewReader(catalogue))
	d.KnownFields(true)
	var all []Indicator
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("read the catalogue of indicators: %w", err)
	}
	return all, nil
}

// Known tells whether a line has this id, in some template.
func Known(id string) bool {
	all, err := Indicators()
	return err == nil && slices.ContainsFunc(all, func(i Indicator) bool { return i.ID == id })
}
