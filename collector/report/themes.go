package report

import (
	"strconv"

	"veille/collector/label"
)

// themeView is a theme, with its lines in short and its items.
type themeView struct {
	Anchor, Number, Title string
	Lines                 []*lineView // each once
	Items                 []itemView
}

// itemView is an item, with the lines that are told in it.
type itemView struct {
	Anchor, Title string
	Status        string
	Points, Hints []string
	Lines         []*lineView // told here, for the first time
	Again         []*lineView // told before
	Lost          []string    // ids that have no line
	Evidence      []int
	Remark        *label.Remark
	Empty         bool
}

// themes are those of a report. A line that several items name is told in the first of them.
func (l language) themes(r label.Report, views map[string]*lineView) (all []themeView) {
	told := map[string]bool{}
	for i, t := range r.Themes {
		v := themeView{Anchor: "theme-" + strconv.Itoa(i+1), Number: plain(t.ID), Title: l.text(t.Title)}
		seen := map[string]bool{}
		for j, item := range t.Items {
			for _, id := range item.Lines {
				if line := views[id]; line != nil && !seen[id] {
					v.Lines, seen[id] = append(v.Lines, line), true
				}
			}
			in := l.item(item, views, told)
			in.Anchor = v.Anchor + "-" + strconv.Itoa(j+1)
			v.Items = append(v.Items, in)
		}
		all = append(all, v)
	}
	return all
}

// item is one item; lines that are told in it are marked as told.
func (l language) item(item label.Item, views map[string]*lineView, told map[string]bool) itemView {
	v := itemView{
		Title: l.say("theme.title", plain(item.ID), l.text(item.Title)), Status: item.Status, Points: l.texts(item.Points), Hints: l.texts(item.Hints),
		Evidence: item.Evidence, Remark: item.Remark, Empty: len(item.Lines) == 0 && item.Remark == nil,
	}
	for _, id := range item.Lines {
		switch line := views[id]; {
		case line == nil:
			v.Lost = append(v.Lost, plain(id))
		case told[id]:
			v.Again = append(v.Again, line)
		default:
			v.Lines, told[id] = append(v.Lines, line), true
		}
	}
	return v
}
