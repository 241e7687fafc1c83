package energy

import (
	"context"
	"slices"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// treeShown is how many sites their page shows at once, rowsShown how many groups or classes a page with more beside does, worstShown how many
// sites the first page does.
const (
	treeShown  = 20
	rowsShown  = 10
	worstShown = 8
)

// overview is the first page.
func (p *Pages) overview(ctx context.Context, q frame.Request) (frame.View, error) {
	view, data, err := p.machinesPart(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	websites, n, err := p.websites(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	data.Websites = n
	view.Tables = append(view.Tables, websitesTable(q, websites))
	return view, nil
}

// machinesPart is the part of the overview that is about machines. A role that sees none gets an empty one, and the door is not asked.
func (p *Pages) machinesPart(ctx context.Context, q frame.Request) (frame.View, *shown, error) {
	data := &shown{}
	if !seesMachines(q.Reader) {
		return frame.View{Data: data}, data, nil
	}
	data.Machines = true
	sites, err := p.sites(ctx, q.Reader)
	if err != nil {
		return frame.View{}, nil, err
	}
	if len(sites) == 0 {
		data.Steps = steps(q)
		return frame.View{Data: data}, data, nil
	}
	r, err := p.read(ctx, q, root(q.Reader))
	if err != nil {
		return frame.View{}, nil, err
	}
	view, data, err := p.told(ctx, q, r, "/")
	if err != nil {
		return frame.View{}, nil, err
	}
	if r.empty() {
		err := p.first(ctx, q, &view, data, r.node, sites)
		return view, data, err
	}
	if err := p.addTargets(ctx, q, r, &view, data, sites); err != nil {
		return frame.View{}, nil, err
	}
	places := r.sitesPlaces(sites)
	worstFirst(places)
	places, data.Pager = paged(q, places, worstShown, "/", view.Keep)
	view.Tables = append(view.Tables, placesTable(q, "sites", places))
	return view, data, nil
}

// addTargets adds where we are against each target.
func (p *Pages) addTargets(ctx context.Context, q frame.Request, r *reading, view *frame.View, data *shown, sites []collector.Site) error {
	targets, err := p.targets(ctx, q.Reader, r.node)
	if err != nil || len(targets) == 0 {
		return err
	}
	data.Targets = true
	view.Tables = append(view.Tables, targetsTable(q, targets, func(site int64) (string, story) {
		i := slices.IndexFunc(sites, func(s collector.Site) bool { return s.ID == site })
		if i < 0 {
			return q.Say("energy.everywhere"), r.story(privacy.Node{}, balance.Workstations)
		}
		return sites[i].Name, r.story(privacy.Site(site), balance.Workstations)
	}))
	return nil
}

// tree is the page of all sites.
func (p *Pages) tree(ctx context.Context, q frame.Request) (frame.View, error) {
	data := &shown{Machines: true}
	sites, err := p.sites(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	if len(sites) == 0 {
		data.Steps = steps(q)
		return frame.View{Data: data, Tables: []frame.Table{placesTable(q, "sites", nil)}}, nil
	}
	r, err := p.read(ctx, q, root(q.Reader))
	if err != nil {
		return frame.View{}, err
	}
	data.Sites, data.Fixed, data.Times = true, !r.empty(), times(q, r, "/sites")
	view := frame.View{Simulated: r.simulated, Keep: keep(q, r), Data: data}
	var all []place
	if r.empty() {
		view.Notices = p.whenFirst(q)
		for _, s := range sites {
			all = append(all, place{name: s.Name, href: sitePath(s.ID)})
		}
	} else {
		s := r.story(r.node, balance.Workstations)
		view.From, view.To = string(s.months()[0]), string(r.to)
		data.Period = period(q, s.months()[0], r.to)
		all = r.sitesPlaces(sites)
		if data.Whole = r.node.Level == privacy.WholeOrganisation; data.Whole {
			view.Tables = append(view.Tables, placesTable(q, "organisation", []place{{p.organisation(ctx, q), "/", s}}))
		}
	}
	all, data.Pager = paged(q, all, treeShown, "/sites", view.Keep)
	view.Tables = append(view.Tables, placesTable(q, "sites", all))
	return view, nil
}

// organisation is the name of that of the reader.
func (p *Pages) organisation(ctx context.Context, q frame.Request) string {
	all, err := p.ledger.Organisations(ctx)
	if err == nil {
		for _, o := range all {
			if o.ID == q.Reader.Organisation {
				return o.Name
			}
		}
	}
	return q.Say("energy.everywhere")
}
