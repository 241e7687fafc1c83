// Package reports is the pages of label reports: what was kept, what a draft would say, and what is still to be completed.
package reports

import (
	"context"
	"embed"
	"encoding/json"
	"sync"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

// Files are the templates and words of these pages.
//
//go:embed templates/*.html words/*.json
var Files embed.FS

// Ledger says what was kept for an organisation, and which templates it has typed in.
type Ledger interface {
	Templates(ctx context.Context, organisation int64) ([]collector.Template, error)
	Snapshots(ctx context.Context, organisation int64) ([]collector.Snapshot, error) // the last first, without their JSON
	// Snapshot is one of an organisation, or collector.ErrNotFound.
	Snapshot(ctx context.Context, organisation, id int64) (collector.Snapshot, error)
}

// Maker makes reports, see label.Maker.
type Maker interface {
	Make(ctx context.Context, who *collector.User, q label.Request) (label.Report, error)
	Each(ctx context.Context, who *collector.User, q label.Request, templates ...string) []label.Made
}

// Commands gives commands of veille-collector as a user may give them over the API, see settings.Commands.
type Commands interface {
	Give(ctx context.Context, user collector.User, name string, args []string, flags map[string]any, file string) (printed string, asJSON json.RawMessage, err error)
}

// Pages are the pages of reports.
type Pages struct {
	ledger   Ledger
	maker    Maker
	commands Commands
	today    func() collector.Date
	shipped  func() (map[string]label.Template, error) // read once: they come with the program
	lines    func() ([]label.Indicator, error)
}

// New are the pages of what a ledger keeps, of what a maker makes, and of what gives commands. today is the date in the zone of the collector.
func New(ledger Ledger, maker Maker, commands Commands, today func() collector.Date) *Pages {
	return &Pages{ledger: ledger, maker: maker, commands: commands, today: today, shipped: sync.OnceValues(label.ShippedTemplates), lines: sync.OnceValues(label.Indicators)}
}

// root is the address of the list, draft that of what nobody has kept.
const (
	root  = "/reports"
	draft = root + "/draft"
)

// Routes are their addresses.
func (p *Pages) Routes() []frame.Route {
	roles := []collector.Role{collector.RoleIT, collector.RoleOfficer, collector.RoleReader}
	const snapshot = root + "/{snapshot}"
	page := func(path, title, template string, show func(context.Context, frame.Request) (frame.View, error)) frame.Route {
		return frame.Route{Path: path, API: "/api/v1" + path, Title: title, Roles: roles, Template: template, Show: whole(show)}
	}
	index := page(root, "reports.title", "reports.html", p.index)
	index.Do = whole(p.keep)
	return []frame.Route{
		index,
		page(draft, "reports.draft.title", "reports-sheet.html", p.draft),
		page(draft+"/{theme}", "reports.draft.title", "reports-theme.html", p.draftTheme),
		page(snapshot, "reports.kept.title", "reports-sheet.html", p.kept),
		page(snapshot+"/{theme}", "reports.kept.title", "reports-theme.html", p.keptTheme),
		{Path: snapshot + "/file/{format}", Roles: roles, Send: whole(p.send)},
	}
}

// whole asks only for readers who see all of their organisation: a report is of nothing less.
func whole[T any](ask func(context.Context, frame.Request) (T, error)) func(context.Context, frame.Request) (T, error) {
	return func(ctx context.Context, q frame.Request) (T, error) {
		if q.Reader.Site != 0 {
			var none T
			return none, frame.Forbidden(q.Say("reports.whole"))
		}
		return ask(ctx, q)
	}
}

// keepers may have a report kept, and complete its lines.
func keepers() []collector.Role { return []collector.Role{collector.RoleIT, collector.RoleOfficer} }
