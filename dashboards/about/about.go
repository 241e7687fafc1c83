// Package about is the pages that say how figures come about, what is kept, and what the pages themselves cost.
package about

import (
	"context"
	"embed"
	"fmt"
	"runtime/debug"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
)

// Files are the templates and words of these pages.
//
//go:embed templates/*.html words/*.json
var Files embed.FS

// Ledger says who answers for the pages.
type Ledger interface {
	Organisations(ctx context.Context) ([]collector.Responsible, error)
}

// Pages are the pages about the product.
type Pages struct{ ledger Ledger }

// New are the pages of a ledger.
func New(ledger Ledger) *Pages { return &Pages{ledger} }

// Routes are their addresses. Everybody may read them.
func (p *Pages) Routes() []frame.Route {
	return []frame.Route{
		{Path: "/method", Title: "method.title", Open: true, Template: "method.html", Show: nothing},
		{Path: "/data", API: "/api/v1/data", Title: "about.data.title", Open: true, Template: "data.html", Show: p.showData},
		{Path: "/accessibility", Title: "about.access.title", Open: true, Template: "accessibility.html", Show: p.showPromise},
		{Path: "/eco-design", Title: "about.eco.title", Open: true, Template: "ecodesign.html", Show: p.showPromise},
	}
}

// nothing is a page that is all text.
func nothing(context.Context, frame.Request) (frame.View, error) {
	return frame.View{Data: sections()}, nil
}

// sections are the parts of the method page that its list of contents leads to, in their order.
func sections() []string {
	return []string{
		"read", "energy", "coverage", "hours", "outside", "money", "carbon", "compare", "levers", "whatif", "effect", "target", "equipment", "label",
		"machines", "ecoindex", "site", "practices", "privacy",
	}
}

// promise is what the two declarations need.
type promise struct {
	Version string                // of the program; "": it does not know
	Built   collector.Date        // the date of its source; "": it does not know
	Who     collector.Responsible // who answers for the pages; the zero value where there are several, or none
}

func (p *Pages) showPromise(ctx context.Context, _ frame.Request) (frame.View, error) {
	who, err := p.only(ctx)
	if err != nil {
		return frame.View{}, err
	}
	data := promise{Who: who}
	if info, ok := debug.ReadBuildInfo(); ok {
		data.Version, data.Built = versionOf(info)
	}
	return frame.View{Data: data}, nil
}

// only is the organisation that answers for the pages, where there is one only: to strangers no others are named.
func (p *Pages) only(ctx context.Context) (collector.Responsible, error) {
	all, err := p.ledger.Organisations(ctx)
	if err != nil {
		return collector.Responsible{}, fmt.Errorf("read who answers for the pages: %w", err)
	}
	if len(all) != 1 {
		return collector.Responsible{}, nil
	}
	return all[0], nil
}

// versionOf is what a program was built from.
func versionOf(info *debug.BuildInfo) (version string, on collector.Date) {
	if v := info.Main.Version; v != "(devel)" {
		version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			date, _, _ := strings.Cut(s.Value, "T") // 2006-01-02T15:04:05Z
			on = collector.Date(date)
		}
	}
	return version, on
}
