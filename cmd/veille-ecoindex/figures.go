package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
)

// reading is how a measure is read: the grade's convention, the footprint, the grade to reach. Its zero value is the
// reference's convention without a footprint, towards the next better grade.
type reading struct {
	basis     ecoindex.Basis
	footprint *ecoindex.Footprint // nil when the user wants none
	to        ecoindex.Grade      // "" is the next better than the one it has
}

// readingFlags are the flags that say so. declare adds them to a command, reading understands them once parsed.
type readingFlags struct {
	set         *pflag.FlagSet
	gradeFrom   string
	footprint   string
	noFootprint bool
	to          string
}

func (f *readingFlags) declare(fs *pflag.FlagSet) {
	f.set = fs
	fs.StringVar(&f.gradeFrom, "grade-from", string(ecoindex.FromRounded), "read grade, gases and water from the `score` that is \"rounded\" (as the reference) or \"raw\" (as npm ecoindex, the Lighthouse plugin, GreenIT-Analysis)")
	fs.StringVar(&f.footprint, "footprint", "ecoindex", "the `model` of gases and water: ecoindex, swd-v4, or a file in the shape of one of theirs")
	fs.BoolVar(&f.noFootprint, "no-footprint", false, "leave out greenhouse gases and water (null in JSON)")
	fs.StringVar(&f.to, "to", "", "the `grade` of which to say what to take away for it (default: the next better one)")
}

// reading is what the flags say, or a usage error.
func (f *readingFlags) reading() (reading, error) {
	var how reading
	var err error
	if how.basis, err = ecoindex.ParseBasis(f.gradeFrom); err != nil {
		return how, command.Usage("--grade-from: %w", err)
	}
	if f.to != "" {
		if how.to, err = ecoindex.ParseGrade(f.to); err != nil {
			return how, command.Usage("--to: %w", err)
		}
	}
	if f.noFootprint && f.set.Changed("footprint") {
		return how, command.Usage("--footprint %q and --no-footprint contradict each other; give one of them", f.footprint)
	}
	if !f.noFootprint {
		how.footprint, err = loadFootprint(f.footprint)
	}
	return how, err
}

// loadFootprint is the footprint of a name, or in the file of that name. What cannot be used is a usage error.
func loadFootprint(name string) (*ecoindex.Footprint, error) {
	var f ecoindex.Footprint
	var err error
	switch name {
	case "ecoindex":
		f, err = ecoindex.DefaultFootprint()
	case "swd-v4":
		f, err = ecoindex.SWD4Footprint()
	default:
		var data []byte
		if data, err = readSmall(name); err == nil {
			f, err = ecoindex.ParseFootprint(data)
		}
	}
	if err != nil {
		return nil, command.Usage("--footprint %q: %w; give ecoindex, swd-v4 or a file in the shape of one of theirs", name, err)
	}
	return &f, nil
}

// readSmall reads a file of at most a megabyte, so that a wrong name cannot fill the memory.
func readSmall(name string) ([]byte, error) {
	const most = 1_000_000
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(data) > most {
		err = errors.New("it has more than a megabyte")
	}
	return data, err
}

// score is the EcoIndex of m, graded by the convention in force.
func (how reading) score(m ecoindex.Measure) (ecoindex.Result, error) {
	r, err := ecoindex.Compute(m)
	return r.Graded(how.basis), err
}

// convention is the sentence that says which of the EcoIndex formulas this is.
func (how reading) convention() string {
	if how.basis == ecoindex.FromRaw {
		return "EcoIndex as npm ecoindex, the Lighthouse plugin and GreenIT-Analysis: the grade is read from the raw score"
	}
	return "EcoIndex reference: the grade is read from the score rounded half to even"
}

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

// figuresOf are the figures of a measure and its result.
func (how reading) figuresOf(m ecoindex.Measure, r ecoindex.Result) figures {
	all := figures{
		Score: &r.Score, ScoreRaw: &r.Raw, Grade: &r.Grade,
		PointsLost: &pointsLost{DOM: r.Lost.DOM, Requests: r.Lost.Requests, Size: r.Lost.Size},
	}
	if how.footprint == nil {
		return all
	}
	if ghg, ok := how.footprint.GHG(m, r.Value(how.basis)); ok {
		all.GHG = &ghg
	}
	if water, ok := how.footprint.Water(m, r.Value(how.basis)); ok {
		all.Water = &water
	}
	return all
}

// explained are the keys that come after all those of the contract: how the figures were read, and what to do.
type explained struct {
	GradeFrom *ecoindex.Basis `json:"grade_from"`
	Footprint *string         `json:"footprint"`        // the model's name
	Rating    *string         `json:"rating,omitempty"` // the model's own letter, where it has them
	ToReach   *toReach        `json:"to_reach"`         // null at grade A, unless a grade was asked for
}

// toReach is what to take away for a grade; null is a measure that is not enough alone.
type toReach struct {
	Grade    ecoindex.Grade `json:"grade"`
	DOM      *int           `json:"dom"`
	Requests *int           `json:"requests"`
	SizeKB   *float64       `json:"size_kb"` // exact to the byte
	Share    float64        `json:"share_pct"`
}

func (how reading) explainedOf(m ecoindex.Measure, r ecoindex.Result) (explained, error) {
	all := explained{GradeFrom: &how.basis}
	if how.footprint != nil {
		all.Footprint = &how.footprint.Name
		if rating, ok := how.footprint.Rating(m, r.Value(how.basis)); ok {
			all.Rating = &rating
		}
	}
	var err error
	all.ToReach, err = how.toReachOf(m, r)
	return all, err
}

// toReachOf is what to take away for the grade to reach; nil when there is none.
func (how reading) toReachOf(m ecoindex.Measure, r ecoindex.Result) (*toReach, error) {
	grade := how.to
	if grade == "" {
		better, ok := r.Grade.Better()
		if !ok {
			return nil, nil
		}
		grade = better
	}
	s, err := ecoindex.ToReach(m, grade, how.basis)
	if err != nil {
		return nil, fmt.Errorf("find what to take away for grade %s: %w", grade, err)
	}
	to := &toReach{Grade: grade, DOM: s.DOM, Requests: s.Requests, Share: s.Share}
	if s.Bytes != nil {
		kB := float64(*s.Bytes) / 1000
		to.SizeKB = &kB
	}
	return to, nil
}

// scoreRows are the rows that say the score, its footprint and where that comes from.
func (how reading) scoreRows(m ecoindex.Measure, r ecoindex.Result) []string {
	rows := []string{fmt.Sprintf("score\t%d / 100\tgrade %s\t(%.2f before rounding)", r.Score, r.Grade, r.Raw)}
	if how.footprint == nil {
		return rows
	}
	score, gases, water := r.Value(how.basis), "no figure of gases", "no figure of water"
	if v, ok := how.footprint.GHG(m, score); ok {
		gases = short(v) + " gCO2e"
	}
	if v, ok := how.footprint.Water(m, score); ok {
		water = short(v) + " cl of water"
	}
	if rating, ok := how.footprint.Rating(m, score); ok {
		gases += ", rating " + rating
	}
	return append(rows, fmt.Sprintf("per view\t%s\t%s\t(%s)", gases, water, how.footprint.Source))
}

// short is v to two decimals, or to three digits when they would not show it.
func short(v float64) string {
	if v > 0 && v < 1 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

// row is what to take away, for people. A nil to has no row.
func (to *toReach) row() []string {
	switch {
	case to == nil:
		return nil
	case to.Share == 0:
		return []string{fmt.Sprintf("reach %s\tnothing to take away: it is reached", to.Grade)}
	}
	var enough, not []string
	add := func(ok bool, n func() string, what string) {
		if ok {
			enough = append(enough, n())
		} else {
			not = append(not, what)
		}
	}
	add(to.DOM != nil, func() string { return count(*to.DOM, "elements") }, "elements")
	add(to.Requests != nil, func() string { return count(*to.Requests, "requests") }, "requests")
	add(to.SizeKB != nil, func() string { return strconv.FormatFloat(*to.SizeKB, 'f', -1, 64) + " kB" }, "kB")
	text := strings.Join(append(enough, fmt.Sprintf("%v %% of each", to.Share)), ", or ")
	if len(not) > 0 {
		text += "; not enough alone: " + strings.Join(not, ", ")
	}
	return []string{fmt.Sprintf("reach %s\ttake away %s", to.Grade, text)}
}

// cost is what one measure costs, for people.
type cost struct {
	points float64
	what   string
}

// costs are what the three measures cost, the largest first.
func costs(m ecoindex.Measure, r ecoindex.Result) []cost {
	list := []cost{
		{r.Lost.DOM, count(m.DOM, "elements")},
		{r.Lost.Requests, count(m.Requests, "requests")},
		{r.Lost.Size, fmt.Sprintf("%.1f kB", m.SizeKB)},
	}
	slices.SortStableFunc(list, func(a, b cost) int { return cmp.Compare(b.points, a.points) })
	return list
}

// count is a number of things, named in the plural.
func count(n int, things string) string {
	if n == 1 {
		return "1 " + strings.TrimSuffix(things, "s")
	}
	return strconv.Itoa(n) + " " + things
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

// writeJSON writes one object on one line.
func writeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // addresses keep their "&"
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write the JSON: %w", err)
	}
	return nil
}
