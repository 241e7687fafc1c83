package ecoindex

import (
	_ "embed" // the factors
	"math"
)

//go:embed footprint.json
var footprintJSON []byte

//go:embed footprint-swd4.json
var swd4JSON []byte

// Footprint turns a measure and its score into greenhouse gases and water for one view of the page. It is a model,
// straight in the score or straight in the bytes transferred, whose authors give no uncertainty. It is made by
// ParseFootprint; the zero Footprint has no figure at all.
type Footprint struct {
	Name    string // one word for scripts: "ecoindex", "swd-v4"
	Source  string // who says so; to be shown beside the figures
	Link    string // where they explain it
	Licence string // what they allow
	Formula string // how the factors make a figure, for people; it is not computed from this

	score    *scoreModel // one of the two is nil
	transfer *transferModel
	ratings  ratings
}

// scoreModel is straight in the score, which follows elements, requests and bytes.
type scoreModel struct {
	ghg   line
	water *line // nil when the model says nothing of water
}

// line is a straight line through the scores: the value at score 50, and what score 0 has more than score 100.
type line struct{ at50, per100 float64 }

// transferModel is straight in the bytes transferred.
type transferModel struct {
	kWhPerGB float64 // of 10^9 bytes: data centre, network and device, to run and to make them
	gPerKWh  float64 // CO2 equivalent of the electricity
}

// ratings are letters for an amount of gases, by limits that rise. Without limits there is no rating.
type ratings struct {
	limits []limit
	above  string // of what lies above the last limit
}

type limit struct {
	rating string
	upTo   float64 // grams, itself included
}

// DefaultFootprint is the model of ecoindex.fr, straight in the score. Its licence asks to name the source.
func DefaultFootprint() (Footprint, error) { return ParseFootprint(footprintJSON) }

// SWD4Footprint is version 4 of the Sustainable Web Design Model, straight in the bytes transferred: a new visitor,
// nothing cached, the world's average electricity everywhere (perByte and perVisit of @tgwf/co2 0.19 by default). It has
// ratings and says nothing of water.
func SWD4Footprint() (Footprint, error) { return ParseFootprint(swd4JSON) }

// GHG is the greenhouse gases of one view, in grams of CO2 equivalent; false when the model does not say. A score
// model reads score, 0 to 100 (Result.Value says which), and rounds to two decimals as the reference does; a transfer
// model reads the size of m and does not round.
func (f Footprint) GHG(m Measure, score float64) (grams float64, ok bool) {
	switch {
	case f.score != nil:
		return f.score.ghg.at(score), true
	case f.transfer != nil:
		return m.SizeKB / 1e6 * (f.transfer.kWhPerGB * f.transfer.gPerKWh), true
	}
	return 0, false
}

// Water is the water used by one view, in centilitres, to two decimals; false when the model does not say, as a
// transfer model never does. The arguments are those of GHG.
func (f Footprint) Water(_ Measure, score float64) (centilitres float64, ok bool) {
	if f.score == nil || f.score.water == nil {
		return 0, false
	}
	return f.score.water.at(score), true
}

// Rating is the model's own letter for the gases of one view, "A+" to "F" in SWD v4: not an EcoIndex grade. It is
// false for a model without ratings. The arguments are those of GHG.
func (f Footprint) Rating(m Measure, score float64) (rating string, ok bool) {
	grams, ok := f.GHG(m, score)
	if !ok || len(f.ratings.limits) == 0 {
		return "", false
	}
	for _, l := range f.ratings.limits {
		if grams <= l.upTo {
			return l.rating, true
		}
	}
	return f.ratings.above, true
}

func (l line) at(score float64) float64 {
	// Rounded as the reference does; the conversion forbids a fused multiply-add.
	value := l.at50 + float64(l.per100*(50-score))/100
	return math.RoundToEven(float64(100*value)) / 100
}
