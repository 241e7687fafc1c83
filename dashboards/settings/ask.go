package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"slices"
	"strconv"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

// asker gives commands in the name of a reader.
type asker struct {
	ctx      context.Context //nolint:containedctx // it lives as long as the request whose part it is
	q        frame.Request
	commands Commands
}

// list reads what a command lists.
func (a asker) list(into any, name string, flags map[string]any) error {
	_, text, err := a.commands.Give(a.ctx, *a.q.Reader, name, nil, flags, "")
	if err != nil {
		return fmt.Errorf("give the command %s: %w", name, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read what the command %s printed: %w", name, err)
	}
	return nil
}

// site is one of site list.
type site struct {
	Number   int64  `json:"number"`
	Name     string `json:"name"`
	TimeZone string `json:"time_zone"`
	Open     bool   `json:"open"`
	Scope    string `json:"scope"`
	Code     string `json:"code"`
	Commune  string `json:"commune"`
}

// sites are all sites, by name as people sort them.
func (a asker) sites() (all []site, err error) {
	if err := a.list(&all, "site list", nil); err != nil {
		return nil, err
	}
	compare := frame.Alphabet()
	slices.SortStableFunc(all, func(x, y site) int { return compare(x.Name, y.Name) })
	return all, nil
}

// atSite is the sites, and the one that the address asks for, or else the first.
func (a asker) atSite() (l loaded, all []site, here site, err error) {
	if all, err = a.sites(); err != nil {
		return l, nil, here, err
	}
	l = loaded{choices: map[string][]choice{"site": siteChoices(all)}, sites: true}
	wanted := a.q.Param("site")
	if wanted == "" && len(all) > 0 {
		return at(l, all[0]), all, all[0], nil
	}
	i := slices.IndexFunc(all, func(s site) bool { return s.Name == wanted || strconv.FormatInt(s.Number, 10) == wanted })
	switch {
	case i >= 0:
		return at(l, all[i]), all, all[i], nil
	case wanted != "":
		return l, nil, here, collector.ErrNotFound
	}
	return l, all, here, nil
}

func at(l loaded, s site) loaded {
	l.site = s.Name
	return l
}

// siteChoices are the names of sites.
func siteChoices(all []site) []choice {
	list := make([]choice, len(all))
	for i, s := range all {
		list[i] = choice{s.Name, s.Name}
	}
	return list
}

// anySite is the choices of pages on which a site may be said.
func (a asker) anySite() (map[string][]choice, error) {
	all, err := a.sites()
	if err != nil {
		return nil, err
	}
	return map[string][]choice{"site": siteChoices(all)}, nil
}

// count is a state with a number in it: one of two keys, or that for none.
func (a asker) count(key string, n int, more ...any) string {
	switch n {
	case 0:
		return a.q.Say(key + ".none")
	case 1:
		return a.q.Say(key+".one", more...)
	}
	return a.q.Say(key, append([]any{a.q.Count(n)}, more...)...)
}

// yes is a word for whether something is so.
func (a asker) yes(so bool) frame.Cell {
	if so {
		return frame.Text(a.q.Say("settings.yes"))
	}
	return frame.Text(a.q.Say("settings.no"))
}

// day is a civil date, which a page writes as its language does.
func (a asker) day(date string) frame.Cell { return shownAs(date, a.q.Day(collector.Date(date))) }

// shownAs is a cell of a text that a page shows in other words.
func shownAs(text, words string) frame.Cell {
	return frame.Cell{Text: text, Mark: template.HTML(html.EscapeString(words))} //nolint:gosec // it is escaped
}

// coded is a cell of a name that commands use, which a page shows in words; an empty one of "".
func (a asker) coded(kind, name string) frame.Cell {
	if name == "" {
		return frame.Cell{}
	}
	return shownAs(name, a.called(kind, name))
}

// lines are the lines of the report, as choices.
func (a asker) lines() ([]choice, error) {
	all, err := label.Indicators()
	if err != nil {
		return nil, fmt.Errorf("read the list of lines: %w", err)
	}
	list := make([]choice, len(all))
	for i, x := range all {
		list[i] = choice{x.ID, x.Title.In(a.q.Code)}
	}
	return list, nil
}

// called is the word of a name that commands use.
func (a asker) called(kind, name string) string { return a.q.Known("settings."+kind+".", name, name) }
