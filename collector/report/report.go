// Package report writes a label report for people and for programs: a page that can be printed, a workbook, a table.
//
// It reckons nothing: a figure stands in each of them as the report has it, rounded only where people read it.
package report

import (
	"strings"

	"veille/collector/label"
)

// place is where a line stands: ids of the themes and items that name it, in their order.
type place struct{ themes, items []string }

// places are those of all lines, by id.
func places(r label.Report) map[string]place {
	all := map[string]place{}
	for _, theme := range r.Themes {
		for _, item := range theme.Items {
			for _, id := range item.Lines {
				p := all[id]
				if n := len(p.themes); n == 0 || p.themes[n-1] != theme.ID {
					p.themes = append(p.themes, theme.ID)
				}
				p.items = append(p.items, item.ID)
				all[id] = p
			}
		}
	}
	return all
}

// linesByID are the lines of a report, by id.
func linesByID(r label.Report) map[string]label.Line {
	all := make(map[string]label.Line, len(r.Lines))
	for _, l := range r.Lines {
		all[l.ID] = l
	}
	return all
}

// plain is a text without what no document may have: control characters but for the ends of lines, marks that turn text around, by which one could say
// something else than it shows, and bytes that are no text.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == '\ufffe' || c == '\uffff' || c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "\ufffd"))
}
