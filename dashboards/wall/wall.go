// Package wall is the page of a school for a wall or a class, which everybody may see.
package wall

import (
	"context"
	"embed"
	"slices"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// Files are the templates and words of the page.
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
	Organisations(ctx context.Context) ([]collector.Responsible, error)
	Prices(ctx context.Context, organisation int64) ([]collector.Price, error)
	Factors(ctx context.Context, organisation int64) ([]collector.Factor, error)
}

// Pages are the pages that everybody may see.
type Pages struct {
	ledger Ledger
	door   Door
	today  func() collector.Date
}

// New are the pages of a ledger and of what its door lets through.
func New(ledger Ledger, door Door, today func() collector.Date) *Pages {
	return &Pages{ledger: ledger, door: door, today: today}
}

// Routes are their addresses.
func (p *Pages) Routes() []frame.Route {
	return []frame.Route{
		{Path: "/public/sites", API: "/api/v1/public/sites", Title: "wall.sites.title", Open: true, Template: "wall_sites.html", Show: p.sites},
		{Path: "/public/sites/{site}", API: "/api/v1/public/sites/{site}", Title: "wall.site.title", Open: true, Template: "wall_site.html", Show: p.site},
	}
}

// site is the page of a site that is open. Whoever asks, signed in or not, is shown what the public is shown.
func (p *Pages) site(ctx context.Context, q frame.Request) (frame.View, error) {
	id, err := q.ID("site")
	if err != nil {
		return frame.View{}, err
	}
	sites, err := p.ledger.Sites(ctx)
	if err != nil {
		return frame.View{}, err
	}
	i := slices.IndexFunc(sites, func(s collector.Site) bool { return s.ID == id && s.Open })
	if i < 0 {
		return frame.View{}, collector.ErrNotFound
	}
	responsible, err := p.responsible(ctx, sites[i].Organisation)
	if err != nil {
		return frame.View{}, err
	}
	answers, simulated, err := p.year(ctx, sites[i])
	if err != nil {
		return frame.View{}, err
	}
	prices, err := p.ledger.Prices(ctx, sites[i].Organisation)
	if err != nil {
		return frame.View{}, err
	}
	factors, err := p.ledger.Factors(ctx, sites[i].Organisation)
	if err != nil {
		return frame.View{}, err
	}
	book, err := balance.NewBook(prices, factors)
	if err != nil {
		return frame.View{}, err
	}
	return poster(q.Language, sites[i], responsible, reckon(book, answers), simulated && len(answers) > 0), nil
}

// responsible is the organisation that answers for a site.
func (p *Pages) responsible(ctx context.Context, organisation int64) (collector.Responsible, error) {
	all, err := p.ledger.Organisations(ctx)
	if err != nil {
		return collector.Responsible{}, err
	}
	i := slices.IndexFunc(all, func(r collector.Responsible) bool { return r.ID == organisation })
	if i < 0 {
		return collector.Responsible{}, collector.ErrNotFound
	}
	return all[i], nil
}
