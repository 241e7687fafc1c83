package ecoindex_test

import (
	"encoding/csv"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"veille/ecoindex"
)

// vector is a row of testdata/ecoindex.csv; a field that is empty there is NaN here.
type vector struct {
	line                int
	dom, requests, size float64
	score, ghg, water   float64
	grade               ecoindex.Grade
	source              string
	inputless           bool
}

func (v vector) measure() ecoindex.Measure {
	return ecoindex.Measure{DOM: int(v.dom), Requests: int(v.requests), SizeKB: v.size}
}

func vectors(t *testing.T) []vector {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "ecoindex.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(rows[0], " "), "dom requests size_kb score grade ghg water source"; got != want {
		t.Fatalf("the columns are %q; want %q", got, want)
	}
	var list []vector
	for i, row := range rows[1:] {
		number := func(column int) float64 {
			if row[column] == "" {
				return math.NaN()
			}
			v, err := strconv.ParseFloat(row[column], 64)
			if err != nil {
				t.Fatalf("line %d: %v", i+2, err)
			}
			return v
		}
		list = append(list, vector{
			line: i + 2, dom: number(0), requests: number(1), size: number(2), score: number(3),
			grade: ecoindex.Grade(row[4]), ghg: number(5), water: number(6), source: row[7],
			inputless: row[0] == "",
		})
	}
	return list
}

// convention decides from its source what a row must be equal to.
func (v vector) convention(t *testing.T) string {
	t.Helper()
	switch s := v.source; {
	case strings.Contains(s, "NON-CONFORMING legacy formula"):
		return "legacy"
	case strings.Contains(s, "lighthouse-plugin-ecoindex"):
		return "footprint from raw"
	case strings.Contains(s, "Ecoindex-Revisited"):
		return "raw to two decimals"
	case strings.HasPrefix(s, "computed here by running cnumr/EcoIndex_python"):
		return "reference"
	case strings.HasPrefix(s, "published; ") && v.inputless:
		return "of a score alone"
	case strings.HasPrefix(s, "published; "):
		return "published"
	}
	t.Fatalf("line %d: source %q follows no convention known here", v.line, v.source)
	return ""
}

func TestEveryPublishedFigureIsReproduced(t *testing.T) {
	count := map[string]int{}
	for _, v := range vectors(t) {
		convention := v.convention(t)
		count[convention]++
		if v.inputless {
			v.checkFigures(t, v.score, ecoindex.GradeOf(v.score))
			continue
		}
		r := compute(t, v.measure())
		switch convention {
		case "legacy":
			v.checkLegacy(t, r)
		case "footprint from raw":
			v.checkScore(t, float64(r.Score))
			v.checkFigures(t, r.Value(ecoindex.FromRaw), r.Graded(ecoindex.FromRaw).Grade)
		case "raw to two decimals":
			v.checkScore(t, math.Round(100*r.Raw)/100)
			v.checkFigures(t, r.Value(ecoindex.FromRaw), r.Graded(ecoindex.FromRaw).Grade)
		default:
			v.checkScore(t, float64(r.Score))
			v.checkFigures(t, r.Value(ecoindex.FromRounded), r.Graded(ecoindex.FromRounded).Grade)
		}
	}
	want := map[string]int{
		"reference": 150, "published": 41, "of a score alone": 36, "footprint from raw": 2, "raw to two decimals": 1, "legacy": 9,
	}
	if !maps.Equal(count, want) {
		t.Errorf("rows per convention are %v; want %v", count, want)
	}
}

func TestOtherImplementationsGradeAsTheRawScoreDoes(t *testing.T) {
	const says = "raw-first implementations give grade "
	found := 0
	for _, v := range vectors(t) {
		_, grade, ok := strings.Cut(v.source, says)
		if !ok {
			continue
		}
		found++
		r := compute(t, v.measure()).Graded(ecoindex.FromRaw)
		if want := ecoindex.Grade(grade[:1]); r.Grade != want || r.Grade == v.grade {
			t.Errorf("line %d: grade %s from raw score %v; want %s, and not %s as from the rounded score", v.line, r.Grade, r.Raw, want, v.grade)
		}
	}
	if found != 19 {
		t.Errorf("%d rows say what other implementations give; want 19", found)
	}
}

func (v vector) checkScore(t *testing.T, got float64) {
	t.Helper()
	if got != v.score {
		t.Errorf("line %d: score %v; want %v (%s)", v.line, got, v.score, v.source)
	}
}

// checkFigures compares what the row gives of grade, gases and water with those of score.
func (v vector) checkFigures(t *testing.T, score float64, grade ecoindex.Grade) {
	t.Helper()
	f, err := ecoindex.DefaultFootprint()
	if err != nil {
		t.Fatal(err)
	}
	if v.grade == "" && math.IsNaN(v.ghg) && math.IsNaN(v.water) && v.inputless {
		t.Errorf("line %d gives nothing to compare", v.line)
	}
	if v.grade != "" && grade != v.grade {
		t.Errorf("line %d: grade %s of score %v; want %s (%s)", v.line, grade, score, v.grade, v.source)
	}
	if got, _ := f.GHG(ecoindex.Measure{}, score); !math.IsNaN(v.ghg) && got != v.ghg {
		t.Errorf("line %d: %v g of score %v; want %v (%s)", v.line, got, score, v.ghg, v.source)
	}
	if got, _ := f.Water(ecoindex.Measure{}, score); !math.IsNaN(v.water) && got != v.water {
		t.Errorf("line %d: %v cl of score %v; want %v (%s)", v.line, got, score, v.water, v.source)
	}
}

// checkLegacy wants the row to be wrong in the way the legacy formula is: five points too low.
func (v vector) checkLegacy(t *testing.T, r ecoindex.Result) {
	t.Helper()
	if float64(r.Score) == v.score {
		t.Errorf("line %d: score %d is the one of the legacy formula", v.line, r.Score)
	}
	if got := math.Round(r.Raw - 5); got != v.score {
		t.Errorf("line %d: raw score minus 5 is %v; want %v of the legacy formula", v.line, got, v.score)
	}
}
