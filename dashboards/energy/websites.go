package energy

import (
	"cmp"
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/dashboards/frame"
	"veille/ecoindex"
)

// worstWebsites is how many websites the overview names to programs, worstOnPage how many to people, who have all of them on a page beside.
const worstWebsites, worstOnPage = 5, 3

// measured is a website with its last measure.
type measured struct {
	collector.Website
	run collector.WebRun
}

// websites are those that the reader may see and that were measured, the worst first, and how many there are in all.
func (p *Pages) websites(ctx context.Context, who *collector.User) (all []measured, n int, err error) {
	sites, err := p.ledger.Websites(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read the websites: %w", err)
	}
	if len(sites) == 0 {
		return nil, 0, nil
	}
	runs, err := p.ledger.LastRuns(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read the measures of websites: %w", err)
	}
	for i := range sites {
		w := &sites[i]
		if w.Organisation != who.Organisation || who.Site != 0 && who.Site != w.Site {
			continue
		}
		n++
		if last := runs[w.ID]; len(last) > 0 {
			all = append(all, measured{*w, last[0]})
		}
	}
	slices.SortStableFunc(all, func(a, b measured) int {
		return cmp.Or(cmp.Compare(a.run.Mean.Value, b.run.Mean.Value), strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all, n, nil
}

// websitesTable are the worst websites.
func websitesTable(q frame.Request, all []measured) frame.Table {
	columns := append([]frame.Column{column(q, "website", "", 0), column(q, "grade", "", 0)}, ranged(q, "mean", "mean_low", "mean_high", "", 1)...)
	t := frame.Table{
		ID: "websites", Caption: q.Say("energy.websites.caption"), Empty: q.Say("energy.websites.empty"), Columns: append(columns, beside(q, "measured", "")),
	}
	most := worstWebsites
	if q.ForPeople() {
		most = worstOnPage
	}
	for _, w := range all[:min(len(all), most)] {
		mean := w.run.Mean
		grade := string(ecoindex.GradeOfRounded(mean.Value))
		mark := template.HTML(`<span class="grade ` + grade + `">` + grade + `</span>`) //nolint:gosec // a letter of ours
		figure := []frame.Cell{frame.Num(mean.Value), known(mean.Low), known(mean.High)}
		if mean.Low != nil && mean.High != nil {
			figure = between(q, &balance.Range{Value: mean.Value, Low: *mean.Low, High: *mean.High}, 1)
		}
		row := append([]frame.Cell{frame.Link(w.Name, fmt.Sprintf("/web/%d", w.ID)), {Text: grade, Mark: mark}}, figure...)
		t.Rows = append(t.Rows, append(row, frame.Text(q.Day(collector.DateOf(w.run.At.UTC())))))
	}
	return t
}
