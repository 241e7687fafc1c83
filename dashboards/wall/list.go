package wall

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
)

// rowsShown is how many sites a page lists. Programs and spreadsheets get all of them.
const rowsShown = 60

// listData is what templates/wall_sites.html needs beside figures.
type listData struct{ Pager pager }

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
	rows, pager := cut(q, table.Rows)
	table.Rows = rows
	return frame.View{Tables: []frame.Table{table}, Keep: pager.keep(), Data: listData{pager}}, nil
}

// pager is which part of a long table is shown.
type pager struct {
	Path        string // of the list, without the language
	Page, Pages int    // from 1
	First, Last int    // rows, from 1
	Of          int
}

// cut leaves the rows of the part that ?page=N asks for. Anything that is no page is the first, anything after the last the last.
func cut(q frame.Request, rows [][]frame.Cell) ([][]frame.Cell, pager) {
	path := q.HTTP.URL.Path
	size := rowsShown
	if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/csv/") {
		size = max(1, len(rows))
	}
	p := pager{Path: path, Pages: max(1, (len(rows)+size-1)/size), Of: len(rows)}
	n, err := strconv.Atoi(q.Param("page"))
	if err != nil {
		n = 1
	}
	p.Page = min(max(1, n), p.Pages)
	from, to := (p.Page-1)*size, min(len(rows), p.Page*size)
	p.First, p.Last = min(from+1, to), to
	return rows[from:to], p
}

// keep is the parameter that asks for this part again.
func (p pager) keep() url.Values {
	if p.Page == 1 {
		return nil
	}
	return url.Values{"page": {strconv.Itoa(p.Page)}}
}

// At is the address of the part that is so many further on.
func (p pager) At(step int, of frame.Page) string { return of.To(p.Path, "page", p.Page+step) }

// Before tells whether there is a part before this one.
func (p pager) Before() bool { return p.Page > 1 }

// After tells whether there is a part after this one.
func (p pager) After() bool { return p.Page < p.Pages }
