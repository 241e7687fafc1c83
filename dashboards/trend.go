package dashboards

import (
	"slices"
	"strings"
	"time"

	"veille/ecoindex"
)

// trend is a drawing of scores over time, in the units of its view box. Everything it says is in a table too.
type trend struct {
	Width, Height int
	Grid          string     // lines at the limits of the grades
	Limits        []gridLine // their scores
	Letters       []gridLine // the grades between them
	Times         []label    // below
	Ways          []trendWay // those of the oldest measure first
	Every         int        // one measure of so many is drawn
}

// trendWay is what was measured in one way. Nothing joins it with what was measured in another.
type trendWay struct {
	method
	Symbol            string // a letter of the legend
	Dashes            string // of its line; "" for none
	Line, Band, Marks string // paths; Band is "" where no range is known
}

// scored is one measure.
type scored struct {
	At        time.Time
	Value     float64
	Low, High *float64
	method
}

// The drawing, and how many measures and ways it has at most.
const (
	trendWidth, trendHeight = 720, 240
	trendTop, trendBase     = 12, 208
	trendLeft, trendRight   = 40, 690
	mostDrawn               = 160
	mostWays                = 6
	mostMarks               = 40 // of one way
	trendTimes              = 5
)

// trendOf draws measures, which must be in the order of their time.
func trendOf(p sitePage, all []scored) trend {
	c := trend{Width: trendWidth, Height: trendHeight, Every: (len(all) + mostDrawn - 1) / mostDrawn}
	var grid strings.Builder
	limits := []float64{0, 10, 25, 40, 55, 70, 80, 100}
	for i, limit := range limits {
		grid.WriteString("M" + px(trendLeft) + " " + trendY(limit) + "H" + px(trendRight))
		c.Limits = append(c.Limits, gridLine{trendY(limit), p.Number(limit, 0)})
		if i > 0 {
			middle := (limit + limits[i-1]) / 2
			c.Letters = append(c.Letters, gridLine{trendY(middle), string(ecoindex.GradeOfRounded(middle))})
		}
	}
	c.Grid = grid.String()
	if len(all) == 0 {
		return c
	}
	from, to := all[0].At, all[len(all)-1].At
	x := func(t time.Time) float64 {
		if !to.After(from) {
			return (trendLeft + trendRight) / 2
		}
		return trendLeft + 8 + float64(t.Sub(from))/float64(to.Sub(from))*(trendRight-trendLeft-16)
	}
	c.Times = times(p, from, to, x)
	for _, way := range ways(thin(all, c.Every)) {
		c.Ways = append(c.Ways, drawn(way, x, len(c.Ways)))
	}
	return c
}

func trendY(score float64) string {
	return px(trendBase - min(max(score, 0), 100)/100*(trendBase-trendTop))
}

// times are a few dates below the drawing, each once.
func times(p sitePage, from, to time.Time, x func(time.Time) float64) (labels []label) {
	for i := range trendTimes {
		t := from.Add(to.Sub(from) / (trendTimes - 1) * time.Duration(i))
		if text := p.When(t); len(labels) == 0 || labels[len(labels)-1].Text != text {
			labels = append(labels, label{px(min(max(x(t), trendLeft+16), trendRight-28)), text})
		}
	}
	return labels
}

// thin keeps every so manieth measure, counted from the last, which is always one of them.
func thin(all []scored, every int) (some []scored) {
	for i := range all {
		if (len(all)-1-i)%max(1, every) == 0 {
			some = append(some, all[i])
		}
	}
	return some
}

// ways are measures by how they were made, those of the oldest first; when there are many, the last ones.
func ways(all []scored) [][]scored {
	var list [][]scored
	at := map[method]int{}
	for _, s := range all {
		i, ok := at[s.method]
		if !ok {
			i = len(list)
			at[s.method], list = i, append(list, nil)
		}
		list[i] = append(list[i], s)
	}
	return list[max(0, len(list)-mostWays):]
}

// drawn are the paths of measures that were all made in one way.
func drawn(way []scored, x func(time.Time) float64, symbol int) trendWay {
	w := trendWay{method: way[0].method, Symbol: string([]rune("●■▲◆▼✚")[symbol%mostWays])}
	w.Dashes = []string{"", "6 3", "2 3"}[symbol%3]
	var line, marks strings.Builder
	for i, s := range way {
		at := px(x(s.At)) + " " + trendY(s.Value)
		line.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + at)
		if (len(way)-1-i)%((len(way)+mostMarks-1)/mostMarks) == 0 { // more would hide the line and its band
			marks.WriteString("M" + at + mark(symbol))
		}
	}
	w.Line, w.Marks, w.Band = line.String(), marks.String(), band(way, x)
	return w
}

// mark is the path of a symbol around the point where it begins.
func mark(symbol int) string {
	return []string{
		"m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0", "m-3.5-3.5h7v7h-7z", "m0-5l5 8h-10z", "m0-5l5 5l-5 5l-5-5z", "m0 5l5-8h-10z", "m-1-4h2v3h3v2h-3v3h-2v-3h-3v-2h3z",
	}[symbol%mostWays]
}

// band is the path around the ranges of measures, in as many pieces as lie between those without.
func band(way []scored, x func(time.Time) float64) string {
	var path strings.Builder
	var piece []scored
	end := func() {
		if len(piece) == 1 {
			path.WriteString("M" + px(x(piece[0].At)-1) + " " + trendY(*piece[0].Low) + "h2V" + trendY(*piece[0].High) + "h-2z")
		} else if len(piece) > 1 {
			for i, s := range piece {
				path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + px(x(s.At)) + " " + trendY(*s.High))
			}
			for _, s := range slices.Backward(piece) {
				path.WriteString("L" + px(x(s.At)) + " " + trendY(*s.Low))
			}
			path.WriteString("z")
		}
		piece = piece[:0]
	}
	for _, s := range way {
		if s.Low == nil || s.High == nil {
			end()
			continue
		}
		piece = append(piece, s)
	}
	end()
	return path.String()
}

// runsDrawn are runs in the order of their time, as measures to draw.
func runsDrawn(runs []*run) []scored {
	all := make([]scored, 0, len(runs))
	for _, r := range runs {
		all = append(all, scored{r.At, r.Mean.Value, r.Mean.Low, r.Mean.High, r.By()})
	}
	slices.SortStableFunc(all, func(a, b scored) int { return a.At.Compare(b.At) })
	return all
}
