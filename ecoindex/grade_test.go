package ecoindex_test

import (
	"testing"

	"veille/ecoindex"
)

func TestAGradeIsALetterInAnyCase(t *testing.T) {
	if g, err := ecoindex.ParseGrade("c"); err != nil || g != ecoindex.C {
		t.Errorf(`ParseGrade("c") = %q, %v; want C`, g, err)
	}
	for _, s := range []string{"", "H", "AA", "é", "0", "@"} {
		if g, err := ecoindex.ParseGrade(s); err == nil {
			t.Errorf("ParseGrade(%q) = %q; want an error", s, g)
		}
	}
	if !ecoindex.D.WorseThan(ecoindex.C) || ecoindex.C.WorseThan(ecoindex.C) || ecoindex.A.WorseThan(ecoindex.C) {
		t.Error("D must be worse than C, C not worse than itself, A not worse than C")
	}
}

func TestEveryGradeButAHasABetterOne(t *testing.T) {
	for g, want := range map[ecoindex.Grade]ecoindex.Grade{
		"B": "A", "C": "B", "D": "C", "E": "D", "F": "E", "G": "F", "A": "", "": "", "H": "", "a": "", "BB": "",
	} {
		if got, ok := g.Better(); got != want || ok != (want != "") {
			t.Errorf("the grade better than %q is %q, %t; want %q", g, got, ok, want)
		}
	}
}

func TestTheGradeIsReadFromTheRoundedOrTheRawScore(t *testing.T) {
	for _, tt := range []struct {
		raw           float64
		score         int
		rounded, from ecoindex.Grade
	}{
		{80.4, 80, ecoindex.B, ecoindex.A},
		{80, 80, ecoindex.B, ecoindex.B},
		{80.6, 81, ecoindex.A, ecoindex.A},
		{10.5, 10, ecoindex.G, ecoindex.F},
		{0, 0, ecoindex.G, ecoindex.G},
	} {
		r := ecoindex.Result{Raw: tt.raw, Score: tt.score}
		rounded, raw, other := r.Graded(ecoindex.FromRounded), r.Graded(ecoindex.FromRaw), r.Graded("")
		if rounded.Grade != tt.rounded || raw.Grade != tt.from || other != rounded {
			t.Errorf("raw score %v is %s rounded, %s raw, %s by no convention; want %s, %s, %s",
				tt.raw, rounded.Grade, raw.Grade, other.Grade, tt.rounded, tt.from, tt.rounded)
		}
		if r.Value(ecoindex.FromRounded) != float64(tt.score) || r.Value(ecoindex.FromRaw) != tt.raw {
			t.Errorf("raw score %v is read as %v and %v", tt.raw, r.Value(ecoindex.FromRounded), r.Value(ecoindex.FromRaw))
		}
	}
}

// FuzzParseGradeAndBasis wants that what is read is one of those there are, and reads as itself again.
func FuzzParseGradeAndBasis(f *testing.F) {
	for _, s := range []string{"A", "g", "H", "", "ｂ", "rounded", "raw", "Raw", "raw "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if g, err := ecoindex.ParseGrade(s); err == nil {
			if again, err := ecoindex.ParseGrade(string(g)); err != nil || again != g || g.WorseThan(ecoindex.G) || ecoindex.A.WorseThan(g) {
				t.Errorf("ParseGrade(%q) = %q, which reads as %q, %v", s, g, again, err)
			}
		}
		b, err := ecoindex.ParseBasis(s)
		if known := s == "rounded" || s == "raw"; known != (err == nil) || known && string(b) != s || !known && b != "" {
			t.Errorf("ParseBasis(%q) = %q, %v", s, b, err)
		}
	})
}
