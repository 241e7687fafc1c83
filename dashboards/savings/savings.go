// Package savings is the pages about what would save energy, what did, and how long devices last.
package savings

import (
	"context"
	"embed"

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
}

// Ledger says what organisations have, and what they say of themselves.
type Ledger interface {
	Sites(ctx context.Context) ([]collector.Site, error)
	Groups(ctx context.Context, site int64) ([]collector.Group, error)
	Prices(ctx context.Context, organisation int64) ([]collector.Price, error)
	Factors(ctx context.Context, organisation int64) ([]collector.Factor, error)
	Actions(ctx context.Context, organisation int64) ([]collector.Action, error)
	Baselines(ctx context.Context, organisation int64) ([]collector.Baseline, error)
	Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error)
}

// Pages are the pages about savings.
type Pages struct {
	ledger Ledger
	door   Door
	today  func() collector.Date
	memory balance.Memory
}

// New are the pages of a ledger and of what its door lets through.
func New(ledger Ledger, door Door, today func() collector.Date) *Pages {
	return &Pages{ledger: ledger, door: door, today: today}
}

// Routes are their addresses.
func (p *Pages) Routes() []frame.Route {
	who := []collector.Role{collector.RoleIT, collector.RoleOfficer, collector.RoleReader}
	return []frame.Route{
		{Path: "/levers", API: "/api/v1/levers", Title: "savings.levers.title", Roles: who, Template: "savings_levers.html", Show: p.levers},
		{Path: "/what-if", API: "/api/v1/what-if", Title: "savings.whatif.title", Roles: who, Template: "savings_whatif.html", Show: p.whatIf},
		{Path: "/actions", API: "/api/v1/actions", Title: "savings.actions.title", Roles: who, Template: "savings_actions.html", Show: p.actions},
		{
			Path: "/actions/{action}", API: "/api/v1/actions/{action}", Title: "savings.action.title", Roles: who,
			Template: "savings_action.html", Show: p.action,
		},
		{Path: "/equipment", API: "/api/v1/equipment", Title: "savings.equipment.title", Roles: who, Template: "savings_equipment.html", Show: p.equipment},
	}
}
