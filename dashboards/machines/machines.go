// Package machines is the pages of those who look after machines.
package machines

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"veille/collector"
	"veille/dashboards/frame"
)

// Files are the templates and words of these pages.
//
//go:embed templates/*.html words/*.json
var Files embed.FS

// Door shows single machines to those who say why they look, see collector/privacy.
type Door interface {
	Machines(ctx context.Context, who *collector.User, organisation, site int64, month collector.Month, reason string) ([]collector.MachineMonth, error)
}

// Ledger says which machines there are.
type Ledger interface {
	Sites(ctx context.Context) ([]collector.Site, error)
	// Fleet is the machines of an organisation, counted; it is counted once a day. collector.ErrNotFound: the organisation has no site.
	Fleet(ctx context.Context, organisation int64) (collector.Fleet, error)
	// Machines are the machines of a site, by number. They are read only after Door has written down why.
	Machines(ctx context.Context, site int64) ([]collector.Machine, error)
	// Deliveries is how the destinations that points are delivered to are doing, by name.
	Deliveries(ctx context.Context) ([]collector.Delivery, error)
}

// Pages are the pages about machines.
type Pages struct {
	ledger Ledger
	door   Door
	now    func() time.Time
}

// New are the pages of a ledger.
func New(ledger Ledger, door Door, now func() time.Time) *Pages {
	return &Pages{ledger: ledger, door: door, now: now}
}

func (p *Pages) today() collector.Date { return collector.DateOf(p.now()) }

// Routes are their addresses.
func (p *Pages) Routes() []frame.Route {
	it := []collector.Role{collector.RoleIT}
	return []frame.Route{
		{Path: "/machines", API: "/api/v1/machines", Title: "machines.title", Roles: it, Template: "machines.html", Show: p.showFleet},
		{Path: "/machines/kinds", API: "/api/v1/machines/kinds", Title: "machines.kinds.title", Roles: it, Template: "machines_kinds.html", Show: p.showKinds},
		{Path: "/machines/{site}", API: "/api/v1/machines/{site}", Title: "machines.site.title", Roles: it, Template: "machines_site.html", Show: p.showSite, Do: p.look},
	}
}

// seen is what a reader may see: his sites, by number, and the fleet at them.
func (p *Pages) seen(ctx context.Context, who *collector.User) ([]collector.Site, collector.Fleet, error) {
	if who == nil {
		return nil, collector.Fleet{}, collector.ErrNotFound
	}
	all, err := p.ledger.Sites(ctx)
	if err != nil {
		return nil, collector.Fleet{}, fmt.Errorf("list the sites: %w", err)
	}
	fleet, err := p.ledger.Fleet(ctx, who.Organisation)
	if err != nil && !errors.Is(err, collector.ErrNotFound) { // it has no site yet
		return nil, collector.Fleet{}, fmt.Errorf("count the machines of organisation %d: %w", who.Organisation, err)
	}
	var sites []collector.Site
	for _, s := range all {
		if s.Organisation == who.Organisation && (who.Site == 0 || who.Site == s.ID) {
			sites = append(sites, s)
		}
	}
	known := func(id int64) bool {
		return slices.ContainsFunc(sites, func(s collector.Site) bool { return s.ID == id })
	}
	fleet.Sites = slices.DeleteFunc(slices.Clone(fleet.Sites), func(f collector.SiteFleet) bool { return !known(f.Site) })
	return sites, fleet, nil
}

// counted is a view of the fleet as it was counted, with what must be known before.
func counted(q frame.Request, fleet collector.Fleet) frame.View {
	v := frame.View{From: string(fleet.On), To: string(fleet.On), Simulated: fleet.Simulated}
	if fleet.On == "" {
		v.Notices = append(v.Notices, q.Say("machines.never_counted"))
	}
	return v
}
