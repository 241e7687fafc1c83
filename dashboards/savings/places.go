package savings

import (
	"context"
	"fmt"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// places are the names of the sites and groups that a reader may see.
type places struct {
	frame.Language
	names map[privacy.Node]string
}

// places are those of the sites of the reader; with the groups of one of them where groupsOf is not 0.
func (p *Pages) places(ctx context.Context, l frame.Language, user *collector.User, groupsOf ...int64) (places, error) {
	all := places{l, map[privacy.Node]string{}}
	sites, err := p.ledger.Sites(ctx)
	if err != nil {
		return all, err
	}
	for _, s := range sites {
		if s.Organisation == user.Organisation && (user.Site == 0 || user.Site == s.ID) {
			all.names[privacy.Site(s.ID)] = s.Name
		}
	}
	for _, site := range groupsOf {
		if all.names[privacy.Site(site)] == "" {
			continue
		}
		groups, err := p.ledger.Groups(ctx, site)
		if err != nil {
			return all, err
		}
		for _, g := range groups {
			all.names[privacy.Group(site, g.ID)] = g.Name
		}
	}
	return all, nil
}

// name is what people call a node.
func (p places) name(n privacy.Node) string {
	switch name := p.names[n]; {
	case n.Level == privacy.WholeOrganisation:
		return p.Say("savings.everywhere")
	case name != "":
		return name
	case n.Level == privacy.OneGroup && n.Group == 0:
		return p.Say("savings.no_group")
	case n.Level == privacy.OneGroup:
		return p.Say("savings.removed_group", p.Count(int(n.Group)))
	}
	return p.Say("savings.removed_site")
}

// full is the name with that of the site where the node is a group.
func (p places) full(n privacy.Node) string {
	if n.Level == privacy.OneGroup {
		return p.name(privacy.Site(n.Site)) + ", " + p.name(n)
	}
	return p.name(n)
}

// href is the page of a node; "" where it has none.
func (p places) href(n privacy.Node) string {
	if n.Level == privacy.WholeOrganisation || p.names[privacy.Site(n.Site)] == "" {
		return ""
	}
	return fmt.Sprintf("/sites/%d", n.Site)
}

// cell is the name of a node, with a link to the page of its site.
func (p places) cell(n privacy.Node) frame.Cell { return frame.Link(p.full(n), p.href(n)) }
