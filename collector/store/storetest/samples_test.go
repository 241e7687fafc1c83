package storetest_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/storetest"
)

// What collector/point.go says of each measurement, behind it or before it, are its tags and its fields. Notes in brackets are for people.
func TestSamplesHaveEveryTagAndFieldThatTheVocabularyNames(t *testing.T) {
	text, err := os.ReadFile("../../point.go")
	if err != nil {
		t.Fatal(err)
	}
	source := regexp.MustCompile(`\([^()\n]*\)`).ReplaceAllString(strings.ReplaceAll(string(text), "grade_a to grade_g", "grade_a, grade_b, grade_c, grade_d, grade_e, grade_f, grade_g"), "")
	// Of SiteScore it stands before, on two lines.
	source = regexp.MustCompile(`// SiteScore has ([^:]*): ([^.]*)\.[^\n]*\n\s*SiteScore Measurement = "site_score"`).ReplaceAllStringFunc(source, func(s string) string {
		m := regexp.MustCompile(`(?s)// SiteScore has ([^:]*): ([^.]*)\.`).FindStringSubmatch(s)
		return `"site_score" // ` + m[1] + ": " + strings.ReplaceAll(m[2], "//", " ")
	})
	source = strings.ReplaceAll(source, "\t//", "//")
	for _, p := range storetest.Samples(time.Now(), 1) {
		m := regexp.MustCompile(`"` + string(p.Measurement) + `"\s*// ([^:\n]*):([^\n]*(?:\n\s+[a-z_, ]+)?)`).FindStringSubmatch(source)
		if m == nil {
			t.Errorf("nothing stands behind %s", p.Measurement)
			continue
		}
		var tags, fields []string
		for _, tag := range p.Tags {
			tags = append(tags, tag.Name)
		}
		for name := range p.Fields {
			fields = append(fields, name)
		}
		slices.Sort(fields)
		if want := names(m[1]); !slices.Equal(tags, want) {
			t.Errorf("%s has the tags %q, want %q", p.Measurement, tags, want)
		}
		if want := names(m[2]); !slices.Equal(fields, want) {
			t.Errorf("%s has the fields %q, want %q", p.Measurement, fields, want)
		}
		if err := p.Validate(); err != nil {
			t.Error(err)
		}
	}
	if n := len(storetest.Samples(time.Now(), 1)); n != len(collector.Measurements()) {
		t.Errorf("%d samples", n)
	}
}

// names are the first words between commas, sorted; a sentence behind them is for people.
func names(list string) (all []string) {
	for part := range strings.SplitSeq(list, ",") {
		if words := strings.Fields(part); len(words) == 1 && regexp.MustCompile(`^[a-z_]+$`).MatchString(words[0]) {
			all = append(all, words[0])
		}
	}
	slices.Sort(all)
	return all
}
