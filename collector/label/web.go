package label

import (
	"slices"
	"strings"

	"veille/collector"
)

// web are the lines of websites: W1 EcoIndex, W2 sites measured, W3 RGESN, W5 to W7 what they say of their accessibility, W8 the change in a year.
//
// W4 (budgets) and W9 (bytes of others) are none: nobody states a budget, and what is kept of a run has no sum of these bytes.
func web() map[string]piece {
	return map[string]piece{
		"W1":          ecoIndex,
		"W2":          sitesMeasured,
		"W3":          rgesnScore,
		"W3.assessed": rgesnAssessed,
		"W5":          mentions,
		"W6":          conformant,
		"W7":          outdated,
		"W8":          change,
	}
}

// The modes of runs, of collector.WebRun.
const (
	staticMode  = "static"
	browserMode = "browser"
)

// lastRun is the last run of a website in a period that has figures; false where there is none.
func (w *website) lastRun(p period) (collector.WebRun, bool) {
	for _, r := range slices.Backward(w.runs) {
		if p.has(collector.DateOf(r.At.UTC()).Month()) && r.Pages > 0 && len(r.Grades) > 0 {
			return r, true
		}
	}
	return collector.WebRun{}, false
}

// declaredBy are the websites that were declared by the end of a period.
func (f *facts) declaredBy(p period) (all []website) {
	_, last := p.dates()
	for _, w := range f.websites {
		if w.AddedOn <= last {
			all = append(all, w)
		}
	}
	return all
}

// crawled is the answer of a line that the crawler measured on some websites of all that are declared.
func crawled(value float64, quality string, known, all int) answer {
	a := answer{
		value: &value, status: Measured, quality: quality,
		obtained: Words{
			FR: "Mesuré par le robot de Veille, qui visite les pages : la dernière mesure de chaque site web dans la période.",
			EN: "Measured by Veille’s crawler, which visits the pages: the last measure of each website in the period.",
		},
	}
	a.covering(float64(known), float64(all))
	return a
}

// ecoIndex is the median over the websites of the median score of their pages, each by its last run in the period.
func ecoIndex(f *facts, p period) answer {
	all := f.declaredBy(p)
	if len(all) == 0 {
		return lacking(noWebsite())
	}
	var values, lows, highs []float64
	var parts []Part
	grades, quality, ranged := map[string]float64{}, High, true
	for i := range all {
		r, ok := all[i].lastRun(p)
		if !ok {
			continue
		}
		part := Part{Name: same(all[i].Name), Value: new(r.Median.Value), Low: r.Median.Low, High: r.Median.High, Note: measuredBy(r)}
		values, parts = append(values, r.Median.Value), append(parts, part)
		if r.Median.Low == nil || r.Median.High == nil {
			ranged = false
		} else {
			lows, highs = append(lows, *r.Median.Low), append(highs, *r.Median.High)
		}
		for g, n := range r.Grades {
			grades[g] += n.Value
		}
		quality = weaker(quality, qualityOf(r))
	}
	if len(values) == 0 {
		return lacking(noRun())
	}
	a := crawled(middle(values), quality, len(values), len(all))
	if ranged {
		a.low, a.high = new(middle(lows)), new(middle(highs))
	}
	a.parts = parts
	for g := range strings.SplitSeq("ABCDEFG", "") {
		a.parts = append(a.parts, Part{Name: Words{FR: "Pages notées " + g, EN: "Pages graded " + g}, Value: new(grades[g])})
	}
	return a
}

// qualityOf is how sure the score of a run is: high where a browser measured all pages, medium where it measured a sample, low where none was sent.
func qualityOf(r collector.WebRun) string {
	switch {
	case r.Mode == staticMode || r.Measured == 0:
		return Low
	case r.Measured < r.Pages:
		return Medium
	default:
		return High
	}
}

// weaker is the weaker of two qualities.
func weaker(a, b string) string {
	order := []string{Low, Medium, High}
	return order[max(0, min(slices.Index(order, a), slices.Index(order, b)))]
}

// measuredBy says when and how a run measured.
func measuredBy(r collector.WebRun) *Words {
	how := Words{FR: "navigateur sur un échantillon de pages", EN: "browser on a sample of pages"}
	switch {
	case r.Mode == staticMode || r.Measured == 0:
		how = Words{FR: "sans exécuter les scripts", EN: "without running scripts"}
	case r.Mode == browserMode || r.Measured >= r.Pages:
		how = Words{FR: "navigateur sur toutes les pages", EN: "browser on all pages"}
	}
	return phrase(Words{FR: "%s, pages : %s, %s", EN: "%s, pages: %s, %s"}, onDate(collector.DateOf(r.At.UTC())), count(r.Pages), how)
}

// middle is the median of numbers, of which there is at least one.
func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	n := len(sorted)
	return sorted[(n-1)/2]/2 + sorted[n/2]/2
}

// sitesMeasured is the share of the websites declared that were measured in the period.
func sitesMeasured(f *facts, p period) answer {
	all := f.declaredBy(p)
	if len(all) == 0 {
		return lacking(noWebsite())
	}
	n := 0
	var parts []Part
	for i := range all {
		if _, ok := all[i].lastRun(p); ok {
			n++
			continue
		}
		parts = append(parts, Part{Name: same(all[i].Name), Note: &Words{FR: "non mesuré pendant la période", EN: "not measured in the period"}})
	}
	a := crawled(percents*float64(n)/float64(len(all)), High, 1, 1)
	a.parts = parts
	a.obtained = *phrase(Words{
		FR: "Sites web mesurés pendant la période : %s, sur %s déclarés.", EN: "Websites measured in the period: %s, out of %s declared.",
	}, count(n), count(len(all)))
	return a
}

// graded are the last grids of websites by the end of a period, by website; of those declared.
func (f *facts) graded(p period) (names []string, grids []collector.Grid) {
	_, last := p.dates()
	for _, w := range f.declaredBy(p) {
		var best *collector.Grid
		for i, g := range f.grids {
			if g.Website == w.ID && g.On <= last && (best == nil || g.On >= best.On) {
				best = &f.grids[i]
			}
		}
		if best != nil {
			names, grids = append(names, w.Name), append(grids, *best)
		}
	}
	return names, grids
}

// rgesnScore is the median of the scores of the websites that people have validated a grid for.
func rgesnScore(f *facts, p period) answer {
	return overGrids(f, p, func(score, _ float64) float64 { return score })
}

// rgesnAssessed is the median of the shares of applicable criteria that somebody has assessed.
func rgesnAssessed(f *facts, p period) answer {
	return overGrids(f, p, func(_, toAssess float64) float64 { return percents - toAssess })
}

// overGrids is the median of a figure of grids.
func overGrids(f *facts, p period, of func(score, toAssess float64) float64) answer {
	names, grids := f.graded(p)
	var values []float64
	var parts []Part
	partial := false
	for i, g := range grids {
		score, toAssess, ok := Score(g.Criteria)
		if !ok {
			continue
		}
		x := of(score, toAssess)
		values = append(values, x)
		parts = append(parts, Part{Name: same(names[i]), Value: &x, Note: phrase(Words{
			FR: "grille validée %s ; %s %% des critères restent à évaluer", EN: "grid validated %s; %s%% of the criteria are still to be assessed",
		}, onDate(g.On), inWords(toAssess, 0))})
		if n := len(g.Criteria); n < criteriaOfAll {
			partial = true
			parts[len(parts)-1].Note = phrase(Words{FR: "%s ; %s critères sur %s", EN: "%s; %s criteria out of %s"}, *parts[len(parts)-1].Note, count(n), count(criteriaOfAll))
		}
	}
	if len(values) == 0 {
		return lacking(noGrid())
	}
	a := answer{
		value: new(middle(values)), status: Declared, quality: Medium, parts: parts,
		obtained: Words{
			FR: "Calculé à partir des grilles RGESN validées par une personne ; ce que le robot propose n’est pas compté.",
			EN: "Reckoned from RGESN grids validated by a person; what the crawler proposes does not count.",
		},
	}
	a.covering(float64(len(values)), float64(len(f.declaredBy(p))))
	if partial { // what is left out may be what was not done
		a.weak = true
		a.notes = append(a.notes, saying(
			"Une grille au moins n’a pas les %d critères du RGESN\u202f: son score n’est pas celui du référentiel.",
			"At least one grid does not have all %d criteria of the RGESN: its score is not that of the RGESN.", criteriaOfAll))
	}
	return a
}

// quarterMonths are the months of a quarter.
const quarterMonths = 3

// change is the median over the websites of how much their score changed from the same three months a year before, the last three of the period.
// Only runs are compared that measured in the same way.
func change(f *facts, p period) answer {
	all := f.declaredBy(p)
	if len(all) == 0 {
		return lacking(noWebsite())
	}
	now := period{p.to.Plus(1 - quarterMonths), p.to}
	before := period{now.from.Plus(-yearMonths), now.to.Plus(-yearMonths)}
	var values []float64
	var parts []Part
	quality, otherwise := High, 0
	for i := range all {
		r, ok := all[i].lastRun(now)
		then, had := all[i].lastRun(before)
		switch {
		case !ok || !had:
			continue
		case !alike(r, then):
			otherwise++
			continue
		}
		part := Part{Name: same(all[i].Name), Value: new(r.Median.Value - then.Median.Value), Note: phrase(Words{
			FR: "%s puis %s", EN: "%s, then %s",
		}, inWords(then.Median.Value, 1), inWords(r.Median.Value, 1))}
		if a, b := r.Median, then.Median; a.Low != nil && a.High != nil && b.Low != nil && b.High != nil {
			part.Low, part.High = new(*a.Low-*b.High), new(*a.High-*b.Low)
		}
		values, parts = append(values, *part.Value), append(parts, part)
		quality = weaker(quality, weaker(qualityOf(r), qualityOf(then)))
	}
	if len(values) == 0 {
		return lacking(noComparison(otherwise))
	}
	a := crawled(middle(values), quality, len(values), len(all))
	a.parts = parts
	a.low, a.high = middles(parts)
	return a
}

// middles are the medians of the bounds of parts; nil where one has none.
func middles(parts []Part) (low, high *float64) {
	var lows, highs []float64
	for _, part := range parts {
		if part.Low == nil || part.High == nil {
			return nil, nil
		}
		lows, highs = append(lows, *part.Low), append(highs, *part.High)
	}
	return new(middle(lows)), new(middle(highs))
}

// noComparison says why no website can be compared with the year before.
func noComparison(otherwise int) Words {
	if otherwise > 0 {
		return *phrase(Words{
			FR: "Aucune comparaison possible. Sites web mesurés autrement un an plus tôt : %s.",
			EN: "No comparison is possible. Websites that were measured otherwise a year before: %s.",
		}, count(otherwise))
	}
	return Words{
		FR: "Aucun site web n’a été mesuré dans les trois derniers mois de la période et dans les mêmes mois un an plus tôt.",
		EN: "No website was measured in the last three months of the period and in the same months a year before.",
	}
}

// alike tells whether two runs measured in the same way: in the same mode, over the same protocol, and by the same version of the program but for its
// last number, with which no method changes.
func alike(a, b collector.WebRun) bool {
	return a.Mode == b.Mode && a.Protocol == b.Protocol && methodOf(a.Version) == methodOf(b.Version)
}

// methodOf is a version such as 1.2.3 without its last number.
func methodOf(version string) string {
	if strings.Count(version, ".") < 2 {
		return version
	}
	return version[:strings.LastIndex(version, ".")]
}
