package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// table is a Markdown table that is also aligned for the eye. The first row is its head.
type table [][]string

func (t *table) row(cells ...string) { *t = append(*t, cells) }

// write writes the table under a title. The first column is aligned left, the others where number is true right. A table without rows is not written.
func (t table) write(w *strings.Builder, title string, number bool) {
	if len(t) == 1 {
		return
	}
	widths := make([]int, len(t[0]))
	for _, cells := range t {
		for i, cell := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	fmt.Fprintf(w, "\n### %s\n\n", title)
	for n, cells := range t {
		line(w, cells, widths, number)
		if n == 0 {
			rule(w, widths, number)
		}
	}
}

func line(w *strings.Builder, cells []string, widths []int, number bool) {
	for i, cell := range cells {
		pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
		if number && i > 0 {
			fmt.Fprintf(w, "| %s%s ", pad, cell)
		} else {
			fmt.Fprintf(w, "| %s%s ", cell, pad)
		}
	}
	fmt.Fprintln(w, "|")
}

func rule(w *strings.Builder, widths []int, number bool) {
	for i, width := range widths {
		if number && i > 0 {
			fmt.Fprintf(w, "|%s:", strings.Repeat("-", width+1))
		} else {
			fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
		}
	}
	fmt.Fprintln(w, "|")
}
