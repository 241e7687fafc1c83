package dashboards

import (
	"fmt"
	"net/http"
	"strconv"

	"veille/dashboards/frame"
)

// pager is which part of a long list is shown.
type pager struct {
	Path        string // of the list, without the language
	Extra       []any  // names and values of further parameters
	Page, Pages int    // from 1
	First, Last int    // entries, from 1
	Of          int
}

// cut takes the part of a list that a request asks for by ?page=N. Anything that is no page is the first, anything after the last the last.
func cut[T any](r *http.Request, list []T, size int, path string, extra ...any) ([]T, pager) {
	p := pager{Path: path, Extra: extra, Pages: max(1, (len(list)+size-1)/size), Of: len(list)}
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		n = 1
	}
	p.Page = min(max(1, n), p.Pages)
	from, to := (p.Page-1)*size, min(len(list), p.Page*size)
	p.First, p.Last = min(from+1, to), to
	return list[from:to], p
}

// query is the parameter that asks for this part, to be appended to others; "" for the first.
func (p pager) query() string {
	if p.Page == 1 {
		return ""
	}
	return fmt.Sprintf("&page=%d", p.Page)
}

// At is the address of the part that is so many further on.
func (p pager) At(step int, of frame.Page) string {
	return of.To(p.Path, append(append([]any{}, p.Extra...), "page", p.Page+step)...)
}

// Before tells whether there is a part before this one.
func (p pager) Before() bool { return p.Page > 1 }

// After tells whether there is a part after this one.
func (p pager) After() bool { return p.Page < p.Pages }
