package report

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"veille/collector/label"
)

// lineView is a line as people read it.
type lineView struct {
	Anchor, ID, Title, Formula string
	Value, Range               string // "" without a value
	Doubt                      string // that it is not representative; "" where it is
	Previous, Target, Trend    string
	Status                     string // its code
	Missing                    string
	Facts                      []fact
	Notes                      []string
	Parts                      []partView
	Bar                        *bar
	Evidence                   []int
	Remark                     *label.Remark
}

// fact is a term and what is said of it.
type fact struct{ Term, Says string }

// Long tells whether what is said needs a row of its own.
func (f fact) Long() bool { return utf8.RuneCountInString(f.Says) > 48 }

// partView is a part of a line.
type partView struct{ Name, Value, Range, Note string }

// lineViews are all lines, by id.
func (l language) lineViews(r label.Report) map[string]*lineView {
	all := make(map[string]*lineView, len(r.Lines))
	for i, line := range r.Lines {
		v := l.line(r, line)
		v.Anchor = "line-" + strconv.Itoa(i+1)
		all[line.ID] = v
	}
	return all
}

func (l language) line(r label.Report, line label.Line) *lineView {
	v := &lineView{
		ID: plain(line.ID), Title: l.text(line.Title), Formula: l.text(line.Formula), Status: line.Status,
		Notes: l.texts(line.Notes), Evidence: line.Evidence, Remark: line.Remark,
	}
	if line.Trend != "" {
		v.Trend = l.known("trend.", line.Trend)
	}
	if line.Value != nil {
		v.Value = l.amount(*line.Value, line.Decimals, line.Unit)
		v.Range = l.between(line.Low, line.High, line.Decimals, line.Unit)
		if !line.Representative {
			v.Doubt = l.say("line.weak")
		}
	} else {
		v.Missing = l.missing(line)
	}
	if line.Previous != nil {
		v.Previous = l.amount(*line.Previous, line.Decimals, line.Unit)
	}
	if line.Target != nil {
		v.Target = l.amount(*line.Target, line.Decimals, line.Unit)
	}
	if v.Target != "" && line.TargetBy != "" {
		v.Target = l.say("line.target.is", v.Target, l.month(line.TargetBy))
	}
	for _, p := range line.Parts {
		v.Parts = append(v.Parts, l.part(p, line.Decimals))
	}
	v.Facts, v.Bar = l.facts(r, line, v), newBar(l, line)
	return v
}

// missing is why a line has no value.
func (l language) missing(line label.Line) string {
	if line.Missing != nil {
		if text := l.text(*line.Missing); strings.TrimSpace(text) != "" {
			return text
		}
	}
	return l.say("line.missing.none")
}

// between writes a range; nothing where none is known.
func (l language) between(low, high *float64, decimals int, unit string) string {
	if low == nil || high == nil {
		return ""
	}
	return l.say("line.between", l.number(*low, decimals), l.amount(*high, decimals, unit))
}

func (l language) part(p label.Part, decimals int) partView {
	v := partView{Name: l.text(p.Name), Value: l.say("unknown"), Range: l.between(p.Low, p.High, decimals, p.Unit)}
	if p.Note != nil {
		v.Note, v.Value = l.text(*p.Note), "–" // the note says what there is instead of a number
	}
	if p.Value != nil {
		if *p.Value == math.Trunc(*p.Value) {
			decimals = 0 // a count beside shares, say
		}
		v.Value = l.amount(*p.Value, decimals, p.Unit)
	}
	return v
}

// facts are what is said below the value of a line, what is not known left out.
func (l language) facts(r label.Report, line label.Line, v *lineView) []fact {
	var all []fact
	add := func(key, says string) {
		if strings.TrimSpace(says) != "" {
			all = append(all, fact{Term: l.say(key), Says: says})
		}
	}
	if v.Previous != "" {
		add("line.previous", l.say("line.previous.is", v.Previous, l.months(r.Previous.From, r.Previous.To)))
	}
	add("line.trend", v.Trend)
	add("line.target", v.Target)
	add("line.coverage", l.coverage(line))
	if line.Observed != nil {
		add("line.observed", l.amount(*line.Observed, line.Decimals, line.Unit))
	}
	if line.Quality != "" {
		add("line.quality", l.known("quality.", line.Quality))
	}
	add("line.methods", l.methods(line.Methods))
	add("line.obtained", l.text(line.Obtained))
	return all
}

// coverage is how much a line covers, and whether that is too little; nothing where neither is to be said.
func (l language) coverage(line label.Line) string {
	weak := line.Value != nil && !line.Representative
	switch {
	case line.CoveragePct == nil && weak:
		return l.say("line.weak")
	case line.CoveragePct == nil:
		return ""
	case weak:
		return l.say("line.coverage.weak", l.percent(*line.CoveragePct))
	}
	return l.percent(*line.CoveragePct)
}

// methods are the names of methods, for people.
func (l language) methods(all []string) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = l.known("method.", m)
	}
	return strings.Join(names, l.say("and"))
}

// weakView is a weak line, and why it is one.
type weakView struct {
	Line *lineView
	Why  string
}

func (l language) weak(r label.Report, views map[string]*lineView) (all []weakView) {
	lines := linesByID(r)
	for _, id := range r.Weak {
		if line, known := lines[id]; known {
			all = append(all, weakView{views[id], l.whyWeak(line)})
		}
	}
	return all
}

// whyWeak says why a line is weak.
func (l language) whyWeak(line label.Line) string {
	var why []string
	if line.Quality == label.Low {
		why = append(why, l.say("weak.low"))
	}
	if line.Value != nil && !line.Representative {
		why = append(why, l.say("weak.coverage"))
	}
	if line.Status == label.Declared && len(line.Evidence) == 0 {
		why = append(why, l.say("weak.evidence"))
	}
	if len(why) == 0 {
		return l.say("weak.other")
	}
	return strings.Join(why, l.say("semicolon"))
}
