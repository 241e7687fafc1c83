// Package energy is the pages about what machines take, and what would change it.
package energy

import (
	"context"
	"embed"
	"time"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// Files are the templates and words of these pages.
//
//go:embed templates/*.html words/*.json
var Files embed.FS

// Door lets figures through that may be shown.
type Door interface {
	Monthly(ctx context.Context, who *collector.User, q privacy.Question) ([]privacy.Answer, error)
	Days(ctx context.Context, who *collector.User, q privacy.DayQuestion) ([]privacy.Day, error)
}

// Ledger says what organisations have, and what they say of themselves.
type Ledger interface {
	Sites(ctx context.Context) ([]collector.Site, error)
	Organisations(ctx context.Context) ([]collector.Responsible, error)
	Groups(ctx context.Context, site int64) ([]collector.Group, error)
	Prices(ctx context.Context, organisation int64) ([]collector.Price, error)   // the oldest first
	Factors(ctx context.Context, organisation int64) ([]collector.Factor, error) // its own, by id
	Targets(ctx context.Context, organisation int64) ([]collector.Target, error)
	Actions(ctx context.Context, organisation int64) ([]collector.Action, error) // the last first
	Baselines(ctx context.Context, organisation int64) ([]collector.Baseline, error)
	Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error)
	// Websites and their last runs, for the overview.
	Websites(ctx context.Context) ([]collector.Website, error)
	LastRuns(ctx context.Context) (map[int64][]collector.WebRun, error)
}

// Series answers questions about points.
type Series interface {
	Range(ctx context.Context, q collector.Query) ([]collector.Point, error)
}

// Pages are the pages about energy.
type Pages struct {
	ledger Ledger
	door   Door
	series Series
	now    func() time.Time
	memory balance.Memory
}

// New are the pages of a ledger and of what its door lets through.
func New(ledger Ledger, door Door, series Series, now func() time.Time) *Pages {
	return &Pages{ledger: ledger, door: door, series: series, now: now}
}

// Routes are their addresses.
func (p *Pages) Routes() []frame.Route {
	roles := []collector.Role{collector.RoleIT, collector.RoleOfficer, collector.RoleReader}
	return []frame.Route{
		{Path: "/", API: "/api/v1/overview", Title: "energy.title", Template: "energy-overview.html", Show: p.overview},
		{Path: "/sites", API: "/api/v1/sites", Title: "energy.sites.title", Roles: roles, Template: "energy-sites.html", Show: p.tree},
		{Path: "/sites/{site}", API: "/api/v1/sites/{site}", Title: "energy.site.title", Roles: roles, Template: "energy-site.html", Show: p.sitePage},
		{
			Path: "/sites/{site}/groups/{group}", API: "/api/v1/sites/{site}/groups/{group}", Title: "energy.group.title", Roles: roles,
			Template: "energy-group.html", Show: p.groupPage,
		},
		{Path: "/sites/{site}/hours", API: "/api/v1/sites/{site}/hours", Title: "energy.hours.title", Roles: roles, Template: "energy-hours.html", Show: p.hoursPage},
	}
}
