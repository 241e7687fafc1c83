package chart_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html/template"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"veille/dashboards/chart"
)

func number(x float64) string { return strconv.FormatFloat(x, 'f', 0, 64) }

func trend() chart.Trend {
	t := chart.Trend{
		ID: "trend", Title: "Energy by month", Desc: "Twelve months, with those of the year before.", Unit: "kWh",
		NowLabel: "2026", BeforeLabel: "A year before", Events: []chart.Event{{At: 6, Label: "Sleep policy"}, {At: 7, Label: "Room 12 switched off"}},
		Number: number,
	}
	for i, name := range strings.Fields("Dec Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov") {
		value := 9000 + 2500*math.Cos(float64(i)/2)
		if i >= 6 {
			value *= .8
		}
		t.Now = append(t.Now, chart.Point{Label: name, Value: value, Low: value * .85, High: value * 1.2, Missing: i == 3, Estimated: i >= 9})
		t.Before = append(t.Before, chart.Point{Label: name, Value: 9800 + 2500*math.Cos(float64(i)/2), Estimated: i < 2})
	}
	return t
}

func stacks() chart.Stacks {
	s := chart.Stacks{ID: "states", Title: "Hours by part of the day", Desc: "One bar for each part of the day."}
	for i, part := range []string{"Open hours", "Nights", "Weekends", "Holidays"} {
		f := float64(i + 1)
		s.Bars = append(s.Bars, chart.Stack{Label: part, Text: "12,480 h, 61 kWh", Shares: []chart.Share{
			{Name: "On", Style: "on", Value: 60 / f, Text: "4,100 h"},
			{Name: "Display off", Style: "display-off", Value: 14, Text: "980 h"},
			{Name: "Asleep", Style: "sleep", Value: 10 * f, Text: "700 h"},
			{Name: "Off", Style: "off", Value: 12 * f, Text: "850 h"},
			{Name: "Not known", Style: "unknown", Value: 6, Text: "400 h"},
		}})
	}
	return s
}

func bars() chart.Bars {
	return chart.Bars{ID: "levers", Title: "Savings", Desc: "One bar for each lever.", Bars: []chart.Bar{
		{Label: "Sleep policy", Value: 1480, Low: 1300, High: 1700, Text: "1,480 kWh (1,300–1,700)", Estimated: true},
		{Label: "Switch off at night in the classrooms of the west wing", Value: 420, Low: -60, High: 900, Text: "420 kWh (−60–900)"},
		{Label: "New displays", Value: -210, Low: -400, High: -20, Text: "−210 kWh (−400–−20)"},
		{Label: "Removal", Value: math.NaN(), Text: "not known"},
	}}
}

func pyramid() chart.Pyramid {
	p := chart.Pyramid{ID: "age", Title: "Age of the equipment", Desc: "One level for each age.", Left: "Bought new", Right: "Reused"}
	for i, name := range []string{"under 1 year", "1 to 2 years", "3 to 4 years", "5 to 6 years", "7 years and more", "not known"} {
		a, b := float64(90-20*i*(i-2)+200), float64(i*15)
		p.Levels = append(p.Levels, chart.Level{Label: name, Left: a, Right: b, LeftText: number(a), RightText: number(b)})
	}
	return p
}

// all are one drawing of each kind.
func all() map[string]template.HTML {
	return map[string]template.HTML{"trend": trend().SVG(), "stacks": stacks().SVG(), "bars": bars().SVG(), "pyramid": pyramid().SVG()}
}

func TestDrawingsAreThoseOfTheGoldenFiles(t *testing.T) {
	for name, svg := range all() {
		file := "testdata/" + name + ".svg"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, []byte(svg), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(svg) {
			t.Errorf("%s is not drawn as in %s; look at it, and write it anew with UPDATE_GOLDEN=1\n%s", name, file, svg)
		}
	}
}

func TestADrawingHasANameADescriptionAndFewElements(t *testing.T) {
	for name, svg := range all() {
		elements := wellFormed(t, name, svg)
		if most := 90; elements > most {
			t.Errorf("%s has %d elements, more than %d", name, elements, most)
		}
		text := string(svg)
		id := regexp.MustCompile(`aria-labelledby="([^ "]+)-title ([^ "]+)-desc"`).FindStringSubmatch(text)
		if id == nil || !strings.Contains(text, `<title id="`+id[1]+`-title">`) || !strings.Contains(text, `<desc id="`+id[2]+`-desc">`) {
			t.Errorf("%s is not named by its title and description", name)
		}
		if !strings.Contains(text, `role="img"`) {
			t.Errorf("%s is no image to those who do not see it", name)
		}
		inside(t, name, svg)
	}
}

func TestTwelveBarsOfStatesHaveFewElements(t *testing.T) {
	s := stacks()
	s.Bars = append(append(s.Bars, s.Bars...), s.Bars...)
	if n := wellFormed(t, "stacks", s.SVG()); n > 90 {
		t.Errorf("twelve bars have %d elements", n)
	}
	inside(t, "stacks", s.SVG())
	for _, share := range s.Bars[0].Shares {
		if strings.Count(string(s.SVG()), ">"+share.Name+"<") != 1 {
			t.Errorf("the name of %q is not written once", share.Name)
		}
	}
}

func TestNoTextIsTakenForMarkup(t *testing.T) {
	const evil = `"'><script>alert(1)</script>&amp;` + "\x00\xff</svg>"
	write := func(float64) string { return "<b>" }
	share := chart.Share{Name: evil, Style: evil, Value: 1, Text: evil}
	for name, svg := range map[string]template.HTML{
		"trend": chart.Trend{
			ID: evil, Title: evil, Desc: evil, Unit: evil, NowLabel: evil, BeforeLabel: evil, Number: write, Events: []chart.Event{{Label: evil}},
			Now: []chart.Point{{Label: evil, Value: 1}}, Before: []chart.Point{{Label: evil, Value: 2}},
		}.SVG(),
		"stacks": chart.Stacks{ID: evil, Title: evil, Desc: evil, Bars: []chart.Stack{{Label: evil, Text: evil, Shares: []chart.Share{share}}}}.SVG(),
		"bars":   chart.Bars{ID: evil, Title: evil, Desc: evil, Bars: []chart.Bar{{Label: evil, Text: evil, Value: 1}}}.SVG(),
		"pyramid": chart.Pyramid{
			ID: evil, Title: evil, Desc: evil, Left: evil, Right: evil,
			Levels: []chart.Level{{Label: evil, Left: 1, Right: 1, LeftText: evil, RightText: evil}},
		}.SVG(),
	} {
		wellFormed(t, name, svg)
		if text := string(svg); strings.Contains(text, "<script") || strings.Contains(text, "<b>") || strings.Count(text, "</svg>") != 1 {
			t.Errorf("%s has markup that a text brought: %s", name, text)
		}
	}
}

func TestAMissingPointIsAGap(t *testing.T) {
	three := func(middle chart.Point) string {
		return string(chart.Trend{ID: "t", Now: []chart.Point{{Value: 10}, middle, {Value: 12}}, Number: number}.SVG())
	}
	whole := three(chart.Point{Value: 11})
	if strings.Count(path(whole, "dot"), "M") != 3 || strings.Count(path(whole, "line"), "L") != 2 {
		t.Errorf("three points are not three marks and two lines: %s", whole)
	}
	for name, gap := range map[string]chart.Point{
		"missing": {Missing: true, Value: 11}, "no number": {Value: math.NaN()}, "endless": {Value: math.Inf(1)},
	} {
		svg := three(gap)
		if strings.Count(path(svg, "dot"), "M") != 2 || path(svg, "line") != "" {
			t.Errorf("a point that is %s is drawn, or joined with its neighbours: %s", name, svg)
		}
	}
}

func TestEstimatedIsToldByItsShape(t *testing.T) {
	points := []chart.Point{{Value: 1}, {Value: 2}, {Value: 3, Estimated: true}, {Value: 4, Estimated: true}}
	svg := string(chart.Trend{ID: "t", Now: points}.SVG())
	if strings.Count(path(svg, "line"), "L") != 1 || strings.Count(path(svg, "line estimated"), "L") != 2 || strings.Count(path(svg, "hole"), "M") != 2 {
		t.Errorf("estimated and measured months are drawn alike: %s", svg)
	}
	list := chart.Bars{ID: "b", Bars: []chart.Bar{{Value: 1, Estimated: true}, {Value: 2}}}
	svg = string(list.SVG())
	if strings.Count(path(svg, "full"), "M") != 1 || !strings.Contains(svg, `fill="url(#b-estimated)"`) {
		t.Errorf("estimated and measured bars are drawn alike: %s", svg)
	}
}

func TestABandIsDrawnOnlyWhereThereIsARange(t *testing.T) {
	points := []chart.Point{{Value: 5, Low: 4, High: 6}, {Value: 5, Low: 4, High: 6}, {Value: 5}, {Value: 5, Low: 6, High: 7}, {Value: 5, Low: 4, High: 6}}
	svg := string(chart.Trend{ID: "t", Now: points}.SVG())
	if n := strings.Count(path(svg, "band"), "Z"); n != 2 {
		t.Errorf("the band has %d pieces, not 2: one of two months, one of the last", n)
	}
}

func TestTicksAreRoundAndDistinct(t *testing.T) {
	for most, want := range map[float64]string{0: "0 1", 1: "0 1", 3.2: "0 1 2 3 4", 97: "0 50 100", 1480: "0 500 1000 1500", 11000: "0 5000 10000 15000"} {
		svg := string(chart.Trend{ID: "t", Now: []chart.Point{{Value: most}}, Number: number}.SVG())
		var got []string
		for _, m := range regexp.MustCompile(`class="end"[^>]*>([^<]*)<`).FindAllStringSubmatch(svg, -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("the ticks up to %v are %v, not %s", most, got, want)
		}
	}
}

func TestABarBelowNothingLiesLeftOfTheAxis(t *testing.T) {
	svg := string(chart.Bars{ID: "b", Bars: []chart.Bar{{Value: -10}, {Value: 30}}}.SVG())
	boxes := strings.Split(path(svg, "full"), "Z")
	left, right := numbers(boxes[0]), numbers(boxes[1])
	if !(left[2] == right[0] && left[0] < left[2] && math.Abs(3*(left[2]-left[0])-(right[2]-right[0])) < 1) {
		t.Errorf("bars of -10 and 30 are drawn from %v to %v and from %v to %v", left[0], left[2], right[0], right[2])
	}
}

func TestSharesFillABarInProportion(t *testing.T) {
	svg := string(chart.Stacks{ID: "s", Bars: []chart.Stack{{Shares: []chart.Share{{Style: "on", Value: 1}, {Style: "off", Value: 3}, {Style: "sleep", Value: -2}}}}}.SVG())
	on, off := numbers(filled(svg, "s-on")), numbers(filled(svg, "s-off"))
	if ratio := (off[2] - off[0]) / (on[2] - on[0]); math.Abs(ratio-3) > .1 {
		t.Errorf("a share of three is %.2f times as long as one of one", ratio)
	}
	if strings.Count(filled(svg, "s-sleep"), "M") > 1 { // its swatch in the list of names
		t.Error("a share below nothing is drawn")
	}
}

// Whatever the figures are, each coordinate lies in the view box, and no number is broken.
func TestNoFigureBreaksADrawing(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 2026))
	odd := []float64{0, 1, -1, 1e-310, 1e-12, 1e15, math.MaxFloat64, -math.MaxFloat64, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1)}
	figure := func() float64 {
		if r.IntN(3) == 0 {
			return odd[r.IntN(len(odd))]
		}
		return (r.Float64() - .3) * math.Pow(10, float64(r.IntN(8)))
	}
	words := func() string { return strings.Repeat("mots <&> ", r.IntN(9)) }
	for range 400 {
		n := []int{0, 1, 2, 12, 36}[r.IntN(5)]
		tr := chart.Trend{ID: "t", Unit: words(), NowLabel: words(), BeforeLabel: words()}
		var st chart.Stack
		var ba chart.Bars
		var py chart.Pyramid
		for range n {
			tr.Now = append(tr.Now, chart.Point{Label: words(), Value: figure(), Low: figure(), High: figure(), Missing: r.IntN(5) == 0, Estimated: r.IntN(2) == 0})
			if n != 12 {
				tr.Before = append(tr.Before, chart.Point{Value: figure(), Missing: r.IntN(5) == 0, Estimated: r.IntN(2) == 0})
			}
			tr.Events = append(tr.Events, chart.Event{At: r.IntN(60) - 10, Label: words()})
			st.Shares = append(st.Shares, chart.Share{Name: words(), Style: "on", Value: figure(), Text: words()})
			ba.Bars = append(ba.Bars, chart.Bar{Label: words(), Value: figure(), Low: figure(), High: figure(), Estimated: r.IntN(2) == 0, Text: words()})
			py.Levels = append(py.Levels, chart.Level{Label: words(), Left: figure(), Right: figure(), LeftText: words(), RightText: words()})
		}
		for name, svg := range map[string]template.HTML{
			"trend": tr.SVG(), "stacks": chart.Stacks{Bars: []chart.Stack{st}}.SVG(), "bars": ba.SVG(), "pyramid": py.SVG(),
		} {
			wellFormed(t, name, svg)
			inside(t, name, svg)
		}
		if t.Failed() {
			return
		}
	}
}

// wellFormed counts the elements of a drawing.
func wellFormed(t *testing.T, name string, svg template.HTML) (elements int) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(string(svg)))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements
		}
		if err != nil {
			t.Fatalf("%s is not well-formed: %v\n%s", name, err, svg)
		}
		if _, ok := token.(xml.StartElement); ok {
			elements++
		}
	}
}

// inside checks that all that is drawn lies in the view box; the tiles of patterns have boxes of their own.
func inside(t *testing.T, name string, svg template.HTML) {
	t.Helper()
	text := regexp.MustCompile(`(?s)<defs>.*</defs>`).ReplaceAllString(string(svg), "")
	var width, height float64
	view := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)"`).FindStringSubmatch(text)
	if view == nil {
		t.Fatalf("%s has no view box: %s", name, svg)
	}
	if _, err := fmt.Sscan(view[1], &width); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscan(view[2], &height); err != nil {
		t.Fatal(err)
	}
	check := func(x, y float64) {
		if !(x >= 0 && x <= width && y >= 0 && y <= height) {
			t.Fatalf("%s draws at %v %v, outside of %v × %v\n%s", name, x, y, width, height, svg)
		}
	}
	for _, m := range regexp.MustCompile(` x="([^"]*)" y="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		check(parse(m[1]), parse(m[2]))
	}
	for _, m := range regexp.MustCompile(` d="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`^(M-?[0-9.]+ -?[0-9.]+|L-?[0-9.]+ -?[0-9.]+|H-?[0-9.]+|V-?[0-9.]+|h0|Z)*$`).MatchString(m[1]) {
			t.Fatalf("%s has the broken path %s", name, m[1])
		}
		for _, step := range regexp.MustCompile(`([MLHV])([0-9.-]+)(?: ([0-9.-]+))?`).FindAllStringSubmatch(m[1], -1) {
			switch step[1] {
			case "H":
				check(parse(step[2]), 0)
			case "V":
				check(0, parse(step[2]))
			default:
				check(parse(step[2]), parse(step[3]))
			}
		}
	}
}

// parse is a number; NaN, which is outside of everything, where it is none.
func parse(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// path is the first path of a class; "" where there is none.
func path(svg, class string) string {
	m := regexp.MustCompile(`<path class="` + class + `" d="([^"]*)"`).FindStringSubmatch(svg)
	if m == nil {
		return ""
	}
	return m[1]
}

// filled is the path that has a pattern.
func filled(svg, pattern string) string {
	m := regexp.MustCompile(`fill="url\(#` + pattern + `\)" d="([^"]*)"`).FindStringSubmatch(svg)
	if m == nil {
		return ""
	}
	return m[1]
}

// numbers are the numbers of a path.
func numbers(path string) (list []float64) {
	for _, m := range regexp.MustCompile(`[0-9.-]+`).FindAllString(path, -1) {
		list = append(list, parse(m))
	}
	return list
}

func TestALabelOfAnEventIsCutOnlyWhereThereIsNoRoom(t *testing.T) {
	points := make([]chart.Point, 12)
	for i := range points {
		points[i].Value = float64(i)
	}
	const name = "Mise en veille après 20 minutes, salles du lycée" // 48 letters: 418 units
	whole := func(events ...chart.Event) int {
		svg := chart.Trend{ID: "t", Now: points, Events: events, Number: number}.SVG()
		inside(t, "trend", svg)
		return strings.Count(string(svg), ">"+name+"<")
	}
	for _, at := range []int{0, 1, 2, 10, 11, 12} {
		if whole(chart.Event{At: at, Label: name}) != 1 {
			t.Errorf("the label of the event at %d is cut, and there is room", at)
		}
	}
	if whole(chart.Event{At: 6, Label: name}) != 0 {
		t.Error("a label is longer than the room on both sides")
	}
	four := whole(chart.Event{At: 1, Label: name}, chart.Event{At: 2, Label: name}, chart.Event{At: 11, Label: name}, chart.Event{At: 12, Label: name})
	if four != 4 {
		t.Errorf("%d of four labels that have a row each are whole", four)
	}
}
