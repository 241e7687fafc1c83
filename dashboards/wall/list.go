package wall

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"veille/collector"
	"veille/dashboards/frame"
)

// rowsShown is how many sites a page lists. Programs and spreadsheets get all of them.
const rowsShown = 60

// listData is what templates/wall_sites.html needs beside figures.
type listData struct{ Pager frame.Pager }

// sites is the list of open sites, by organisation.
func (p *Pages) sites(ctx context.Context, q frame.Request) (frame.View, error) {
	sites, err := p.ledger.Sites(ctx)
	if err != nil {
		return frame.View{}, err
	}
	organisations, err := p.ledger.Organisations(ctx)
	if err != nil {
		return frame.View{}, err
	}
	names := map[int64]string{}
	for _, o := range organisations {
		names[o.ID] = o.Name
	}
	open := slices.DeleteFunc(slices.Clone(sites), func(s collector.Site) bool { return !s.Open })
	compare := frame.Alphabet()
	slices.SortStableFunc(open, func(a, b collector.Site) int {
		return cmp.Or(compare(names[a.Organisation], names[b.Organisation]), compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	table := frame.Table{ID: "sites", Caption: q.Say("wall.sites.caption"), Empty: q.Say("wall.sites.none"), Columns: []frame.Column{
		{ID: "site", Title: q.Say("wall.site")}, {ID: "id", Title: "id", Hidden: true}, {ID: "organisation", Title: q.Say("wall.organisation")},
	}}
	for _, s := range open {
		table.Rows = append(table.Rows, []frame.Cell{
			frame.Link(s.Name, fmt.Sprintf("/public/sites/%d", s.ID)), frame.Num(float64(s.ID)), frame.Text(names[s.Organisation]),
		})
	}
	rows, pager := frame.Cut(q, table.Rows, rowsShown)
	table.Rows = rows
	return frame.View{Tables: []frame.Table{table}, Keep: pager.Keep(), Data: listData{pager}}, nil
}
