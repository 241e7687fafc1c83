package frame

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// Pager is which part of a long table is shown.
type Pager struct {
	Path        string // of the list, without the language
	Param       string // that says which part
	Kept        []any  // names and values of the parameters beside it
	Page, Pages int    // from 1
	First, Last int    // rows, from 1
	Of          int
}

// Cut leaves the rows of the part that ?page=N asks for, of so many rows; programs and spreadsheets get all of them. Anything that is no page is the first, anything after the last the last.
func Cut(q Request, rows [][]Cell, size int) ([][]Cell, Pager) { return CutBy(q, "page", rows, size) }

// CutBy is Cut by another parameter, for pages with several long tables.
func CutBy(q Request, param string, rows [][]Cell, size int) ([][]Cell, Pager) {
	path := q.HTTP.URL.Path
	if !q.ForPeople() {
		size = max(1, len(rows))
	}
	p := Pager{Path: path, Param: param, Pages: max(1, (len(rows)+size-1)/size), Of: len(rows)}
	n, err := strconv.Atoi(q.Param(param))
	if err != nil {
		n = 1
	}
	p.Page = min(max(1, n), p.Pages)
	from, to := (p.Page-1)*size, min(len(rows), p.Page*size)
	p.First, p.Last = min(from+1, to), to
	return rows[from:to], p
}

// Keep is the parameter that asks for this part again.
func (p Pager) Keep() url.Values {
	if p.Page == 1 {
		return nil
	}
	return url.Values{p.Param: {strconv.Itoa(p.Page)}}
}

// At is the address of the part that is so many further on.
func (p Pager) At(step int, of Page) string {
	return of.To(p.Path, append(slices.Clone(p.Kept), p.Param, fmt.Sprint(p.Page+step))...)
}

// Before tells whether there is a part before this one.
func (p Pager) Before() bool { return p.Page > 1 }

// After tells whether there is a part after this one.
func (p Pager) After() bool { return p.Page < p.Pages }

// PagerShown is the way to the parts beside the one that is shown.
type PagerShown struct {
	Language
	Pages, First, Last, Of int
	Previous, Next         string // addresses; "" where there is none
}

// Shown is what the template "leaf" is given.
func (p Pager) Shown(of Page) PagerShown {
	s := PagerShown{Language: of.Language, Pages: p.Pages, First: p.First, Last: p.Last, Of: p.Of}
	if p.Before() {
		s.Previous = p.At(-1, of)
	}
	if p.After() {
		s.Next = p.At(1, of)
	}
	return s
}
