package balance

import (
	"bytes"
	_ "embed" // factors.json
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"veille/collector"
)

// The ids of factors that figures are reckoned with, and their units. Those of devices are followed by a class of collector.Devices.
const (
	Electricity     = "electricity"
	ElectricityUnit = "gCO2e/kWh"
	Made            = "made." // to make one, and to bring it
	MadeUnit        = "kgCO2e"
	Lasts           = "life." // how long one lasts
	LastsUnit       = "years"
)

//go:embed factors.json
var shipped []byte

// shippedFactor is a factor as the file has it.
type shippedFactor struct {
	ID       string  `json:"id"`
	Value    float64 `json:"value"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Unit     string  `json:"unit"`
	Year     int     `json:"year"`
	Source   string  `json:"source"`
	Link     string  `json:"link"`
	Licence  string  `json:"licence"`
	Verified bool    `json:"verified"`
}

// Shipped are the factors that come with the program, by id: electricity (gCO2e/kWh), made.CLASS (kgCO2e to make and bring one) and
// life.CLASS (years that one lasts), of the classes of collector.Devices for which a source may be shipped. The low and high of one are
// the least and the most that its sources say; where there is one source without a range, they are its value.
func Shipped() ([]collector.Factor, error) {
	var rows []shippedFactor
	d := json.NewDecoder(bytes.NewReader(shipped))
	d.DisallowUnknownFields()
	if err := d.Decode(&rows); err != nil {
		return nil, fmt.Errorf("read the factors that are shipped: %w", err)
	}
	factors := make([]collector.Factor, len(rows))
	for i, r := range rows {
		factors[i] = collector.Factor{
			ID: r.ID, Value: r.Value, Low: r.Low, High: r.High, Unit: r.Unit, Year: r.Year,
			Source: r.Source, Link: r.Link, Licence: r.Licence, Verified: r.Verified,
		}
	}
	return factors, nil
}

// Usable says why figures cannot be reckoned with f, or nothing: it must be valid, those of electricity and devices must have the unit
// that they are reckoned in, and what lasts must last longer than 0 years. Whoever keeps a factor asks before.
func Usable(f collector.Factor) error {
	if err := f.Validate(); err != nil {
		return err
	}
	unit := f.Unit
	switch {
	case f.ID == Electricity:
		unit = ElectricityUnit
	case strings.HasPrefix(f.ID, Made):
		unit = MadeUnit
	case strings.HasPrefix(f.ID, Lasts):
		unit = LastsUnit
		if f.Low <= 0 {
			return errors.New("a device lasts longer than 0 years: low must be above 0")
		}
	}
	if f.Unit != unit {
		return fmt.Errorf("%s is reckoned in %s, not in %.40q", f.ID, unit, f.Unit)
	}
	return nil
}

// rangeOf is the range of a factor.
func rangeOf(f collector.Factor) Range { return between(f.Low, f.Value, f.High) }
