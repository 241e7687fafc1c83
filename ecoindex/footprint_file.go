package ecoindex

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
)

// footprintFile is the shape of footprint.json and footprint-swd4.json. Numbers are pointers, because a factor that
// was forgotten is not a factor of zero.
type footprintFile struct {
	Name    string `json:"name"`
	Source  string `json:"source"`
	Link    string `json:"link"`
	Licence string `json:"licence"`
	Formula string `json:"formula"`

	Score    *scoreFile    `json:"score"`
	Transfer *transferFile `json:"transfer"`
	Ratings  *ratingsFile  `json:"ratings"`
}

type scoreFile struct {
	GHG   *lineFile `json:"ghg_g"`
	Water *lineFile `json:"water_cl"`
}

type lineFile struct {
	At50   *float64 `json:"at_50"`
	Per100 *float64 `json:"per_100"`
}

type transferFile struct {
	Operational segmentsFile `json:"operational_kwh_per_gb"`
	Embodied    segmentsFile `json:"embodied_kwh_per_gb"`
	Grid        *float64     `json:"grid_g_per_kwh"`
}

type segmentsFile struct {
	DataCentre *float64 `json:"data_centre"`
	Network    *float64 `json:"network"`
	Device     *float64 `json:"device"`
}

type ratingsFile struct {
	Limits []limitFile `json:"limits"`
	Above  string      `json:"above"`
}

type limitFile struct {
	Rating string   `json:"rating"`
	UpTo   *float64 `json:"up_to_g"`
}

// mostPerGB is a tonne of CO2 equivalent per gigabyte. With it the largest size there is still has a finite figure.
const mostPerGB = 1e6

// ParseFootprint reads a model from data, one JSON object in the shape of footprint.json (straight in the score, water
// being optional) or of footprint-swd4.json (straight in the bytes; ratings being optional in both). Refused with a
// sentence: what is not JSON, unknown keys, a name or source that is missing or unprintable, both models or none,
// factors that are missing, negative or not finite, and limits that do not rise.
func ParseFootprint(data []byte) (Footprint, error) {
	var file footprintFile
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return Footprint{}, fmt.Errorf("read the footprint factors: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Footprint{}, errors.New("read the footprint factors: something follows the JSON object")
	}
	f, err := file.footprint()
	if err != nil {
		return Footprint{}, fmt.Errorf("read the footprint factors: %w", err)
	}
	return f, nil
}

func (file footprintFile) footprint() (Footprint, error) {
	f := Footprint{Name: file.Name, Source: file.Source, Link: file.Link, Licence: file.Licence, Formula: file.Formula}
	for _, text := range []struct{ key, value string }{{"name", f.Name}, {"source", f.Source}} {
		if strings.TrimSpace(text.value) == "" || strings.ContainsFunc(text.value, unicode.IsControl) {
			return f, fmt.Errorf("%q is missing or has characters that cannot be printed; say it in one line", text.key)
		}
	}
	var err error
	switch {
	case file.Score != nil && file.Transfer != nil:
		err = errors.New(`both "score" and "transfer" are given; keep the one that the figures follow`)
	case file.Score != nil:
		f.score, err = file.Score.model()
	case file.Transfer != nil:
		f.transfer, err = file.Transfer.model()
	default:
		err = errors.New(`neither "score" nor "transfer" is given; give the one that the figures follow`)
	}
	if err != nil {
		return Footprint{}, err
	}
	if file.Ratings != nil {
		f.ratings, err = file.Ratings.ratings()
	}
	return f, err
}

func (file scoreFile) model() (*scoreModel, error) {
	if file.GHG == nil {
		return nil, errors.New(`"ghg_g" is missing from "score"`)
	}
	ghg, err := file.GHG.line("ghg_g")
	if err != nil || file.Water == nil {
		return &scoreModel{ghg: ghg}, err
	}
	water, err := file.Water.line("water_cl")
	return &scoreModel{ghg: ghg, water: &water}, err
}

func (file lineFile) line(key string) (line, error) {
	if file.At50 == nil || file.Per100 == nil {
		return line{}, fmt.Errorf(`%q needs both "at_50" and "per_100"`, key)
	}
	l := line{*file.At50, *file.Per100}
	for _, score := range []float64{0, 100} { // the extremes: between them the line is straight
		if v := l.at(score); !(v >= 0) || math.IsInf(v, 1) {
			return line{}, fmt.Errorf("%q is %v at score %v; a figure must be finite and not negative", key, v, score)
		}
	}
	return l, nil
}

func (file transferFile) model() (*transferModel, error) {
	var m transferModel
	for _, factor := range []struct {
		key   string
		value *float64
		to    *float64
	}{
		{"operational_kwh_per_gb.data_centre", file.Operational.DataCentre, &m.kWhPerGB},
		{"operational_kwh_per_gb.network", file.Operational.Network, &m.kWhPerGB},
		{"operational_kwh_per_gb.device", file.Operational.Device, &m.kWhPerGB},
		{"embodied_kwh_per_gb.data_centre", file.Embodied.DataCentre, &m.kWhPerGB},
		{"embodied_kwh_per_gb.network", file.Embodied.Network, &m.kWhPerGB},
		{"embodied_kwh_per_gb.device", file.Embodied.Device, &m.kWhPerGB},
		{"grid_g_per_kwh", file.Grid, &m.gPerKWh},
	} {
		if factor.value == nil {
			return nil, fmt.Errorf("%q is missing; a factor of zero must be written", factor.key)
		}
		if *factor.value < 0 {
			return nil, fmt.Errorf("%q is %v; it cannot be negative", factor.key, *factor.value)
		}
		*factor.to += *factor.value
	}
	if perGB := m.kWhPerGB * m.gPerKWh; !(perGB <= mostPerGB) {
		return nil, fmt.Errorf("the factors give %v g per GB; give units that make at most %v", perGB, mostPerGB)
	}
	return &m, nil
}

func (file ratingsFile) ratings() (ratings, error) {
	if len(file.Limits) == 0 || file.Above == "" {
		return ratings{}, errors.New(`"ratings" needs "limits" and the rating "above" them`)
	}
	r := ratings{above: file.Above}
	last := math.Inf(-1)
	for _, l := range file.Limits {
		if l.Rating == "" || l.UpTo == nil {
			return ratings{}, errors.New(`a limit needs both "rating" and "up_to_g"`)
		}
		if !(*l.UpTo > last) || *l.UpTo < 0 {
			return ratings{}, fmt.Errorf("the limit of rating %q is %v g; limits must rise from zero on", l.Rating, *l.UpTo)
		}
		last = *l.UpTo
		r.limits = append(r.limits, limit{l.Rating, last})
	}
	return r, nil
}
