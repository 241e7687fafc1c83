package savings

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"veille/dashboards/frame"
)

// rowsShown is how many rows of a table a page shows. Programs and spreadsheets get all of them.
const rowsShown = 20

// sitesShown is how many rows the table of sites has on a page that has other tables too.
const sitesShown = 12

// pager is which part of a long table is shown.
type pager struct {
	Path        string // of the list, without the language
	Page, Pages int    // from 1
	First, Last int    // rows, from 1
	Of          int
}

// cut leaves the rows of the part that ?page=N asks for, of so many rows. Anything that is no page is the first, anything after the last the last.
func cut(q frame.Request, rows [][]frame.Cell, size int) ([][]frame.Cell, pager) {
	path := q.HTTP.URL.Path
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
func (p pager) At(step int, of frame.Page) string {
	return of.To(p.Path, "page", fmt.Sprint(p.Page+step))
}

// Before tells whether there is a part before this one.
func (p pager) Before() bool { return p.Page > 1 }

// After tells whether there is a part after this one.
func (p pager) After() bool { return p.Page < p.Pages }
