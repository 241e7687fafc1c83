// Package settings is the pages on which people say how things are to be.
//
// Each form gives a command of veille-collector: what may be said, and by whom, is decided there alone.
package settings

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"slices"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// Files are the templates and words of these pages.
//
//go:embed templates/*.html words/*.json
var Files embed.FS

// Commands gives commands of veille-collector as a user may give them over the API, with the same rights and the same lines in the audit log.
type Commands interface {
	// Give answers what the command printed, as JSON where it can. What is wrong with what was given is a frame.Problem, in English as commands
	// speak; what the user may not do privacy.ErrRole; what is not there collector.ErrNotFound.
	Give(ctx context.Context, user collector.User, name string, args []string, flags map[string]any, file string) (printed string, asJSON json.RawMessage, err error)
}

// Pages are the pages of settings.
type Pages struct{ commands Commands }

// New are the pages of what gives commands.
func New(commands Commands) *Pages { return &Pages{commands} }

// root is the address of the index.
const root = "/settings"

// page is one page of settings.
type page struct {
	name  string // of its address, and in the keys of its words
	roles []collector.Role
	forms []form
	load  func(a asker) (loaded, error)
}

func (p page) path() string  { return root + "/" + p.name }
func (p page) title() string { return "settings.title." + p.name }

// loaded is what is set already.
type loaded struct {
	state   string              // in a line
	tables  []frame.Table       //
	folded  []string            // ids of tables that are there for those who open them
	choices map[string][]choice // of fields, by their names
	values  map[string]string   // that fields have before anybody changes them, by their names
	site    string              // that the page is about; "": it is about all
	sites   bool                // another one can be chosen
}

// choice is a value of a field, and what it is called.
type choice struct{ Value, Words string }

// Routes are their addresses.
func (p *Pages) Routes() []frame.Route {
	routes := []frame.Route{{
		Path: root, API: "/api/v1" + root, Title: "settings.title", Roles: keepers(), Template: "settings_index.html", Show: p.index,
	}}
	for _, one := range pages() {
		routes = append(routes, frame.Route{
			Path: one.path(), API: "/api/v1" + one.path(), Title: one.title(), Roles: one.roles, Template: "settings.html",
			Show: func(ctx context.Context, q frame.Request) (frame.View, error) { return p.show(ctx, q, one) },
			Do:   func(ctx context.Context, q frame.Request) (string, error) { return p.do(ctx, q, one) },
		})
	}
	return append(routes, frame.Route{Path: root + "/templates/{template}", Roles: keepers(), Send: p.template})
}

// index lists the pages that the reader may open, with what is set on each.
func (p *Pages) index(ctx context.Context, q frame.Request) (frame.View, error) {
	t := frame.Table{ID: "settings", Caption: q.Say("settings.caption"), Columns: columns(q, "what", "state")}
	for _, one := range pages() {
		if !q.Reader.Has(one.roles...) {
			continue
		}
		l, err := one.load(asker{ctx, q, p.commands})
		if errors.Is(err, privacy.ErrRole) { // it is about the whole organisation, and this reader sees one site
			continue
		}
		if err != nil {
			return frame.View{}, err
		}
		t.Rows = append(t.Rows, []frame.Cell{frame.Link(q.Say(one.title()), one.path()), frame.Text(l.state)})
	}
	return frame.View{Tables: []frame.Table{t}}, nil
}

// columns are those of a table of texts, by their ids.
func columns(q frame.Request, ids ...string) []frame.Column {
	list := make([]frame.Column, len(ids))
	for i, id := range ids {
		list[i] = frame.Column{ID: id, Title: q.Say("settings.column." + id)}
	}
	return list
}

// hide leaves columns out of pages: there is no room for them, and spreadsheets and programs have them.
func hide(list []frame.Column, ids ...string) {
	for i, c := range list {
		list[i].Hidden = slices.Contains(ids, c.ID)
	}
}

// decimals says how many decimals the numbers of a column are written with.
func decimals(list []frame.Column, id string, n int) []frame.Column {
	if i := slices.IndexFunc(list, func(c frame.Column) bool { return c.ID == id }); i >= 0 {
		list[i].Decimals = n
	}
	return list
}

func keepers() []collector.Role { return []collector.Role{collector.RoleIT, collector.RoleOfficer} }

func deployers() []collector.Role { return []collector.Role{collector.RoleIT} }
