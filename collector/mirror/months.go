package mirror

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"time"

	"veille/collector"
	"veille/collector/privacy"
)

// months are those that were fixed and whose first date lies on a day from one on and before another, as the door tells them.
func (m *Mirror) months(ctx context.Context, of collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error {
	all, err := m.Ledger.Organisations(ctx)
	if err != nil {
		return err
	}
	for _, organisation := range all {
		for month := from.Month(); month <= to.Month(); month = month.Plus(1) {
			first, _, err := month.Dates()
			if err != nil {
				return err
			}
			if first < from || first >= to {
				continue
			}
			rows, err := m.Figures.Months(ctx, organisation.ID, month, month)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				continue
			}
			at, err := first.Midnight(time.UTC)
			if err != nil {
				return err
			}
			t := telling{mirror: m, of: of, organisation: organisation.ID, month: month, at: at, rows: rows, yield: yield}
			if err := t.tell(ctx); err != nil {
				return fmt.Errorf("%s of organisation %d: %w", month, organisation.ID, err)
			}
		}
	}
	return nil
}

// telling is one month of one organisation on its way out: each node is asked for at the door, and what the door does not tell is no point.
type telling struct {
	mirror       *Mirror
	of           collector.Measurement
	organisation int64
	month        collector.Month
	at           time.Time
	rows         []collector.PlaceMonth
	yield        func(collector.Point) error
}

func (t *telling) tell(ctx context.Context) error {
	sites, groups, err := t.mirror.Figures.Tree(ctx, t.organisation)
	if err != nil {
		return err
	}
	apart := t.apart()
	for _, simulated := range []bool{false, true} {
		whole, err := t.ask(ctx, shown{sites: sites, groups: groups, rows: t.rows}, privacy.Node{}, simulated)
		if err != nil {
			return err
		}
		for _, answer := range whole { // one, or none
			if err := t.points(answer.Self, simulated); err != nil {
				return err
			}
			for _, site := range answer.Children {
				if err := t.points(site, simulated); err != nil {
					return err
				}
				if err := t.site(ctx, t.of1(site.Node, sites, groups, apart), site.Node, simulated); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// site tells what is in a site.
func (t *telling) site(ctx context.Context, s shown, node privacy.Node, simulated bool) error {
	answers, err := t.ask(ctx, s, node, simulated)
	if err != nil {
		return err
	}
	for _, answer := range answers {
		for _, group := range answer.Children {
			if err := t.points(group, simulated); err != nil {
				return err
			}
			classes, err := t.ask(ctx, s, group.Node, simulated)
			if err != nil {
				return err
			}
			for _, of := range classes {
				for _, class := range of.Children {
					if err := t.points(class, simulated); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// ask asks the door as a user of the organisation does who may see all of it. A node that is not there has no answer.
func (t *telling) ask(ctx context.Context, s shown, n privacy.Node, simulated bool) ([]privacy.Answer, error) {
	door := privacy.New(s, nil, t.mirror.Today)
	who := &collector.User{Name: "series", Organisation: t.organisation, Roles: []collector.Role{collector.RoleReader}}
	answers, err := door.Monthly(ctx, who, privacy.Question{Organisation: t.organisation, Node: n, From: t.month, To: t.month, Simulated: simulated})
	if errors.Is(err, collector.ErrNotFound) {
		return nil, nil
	}
	return answers, err
}

// points are those of a node: of machines of persons where the door tells them, and of all others.
func (t *telling) points(f privacy.Figures, simulated bool) error {
	if f.Personal != nil {
		if err := t.total(f.Node, "individual", *f.Personal, f.Machines, simulated); err != nil {
			return err
		}
	}
	for _, o := range f.Others {
		if err := t.total(f.Node, o.Use, privacy.Fold(o.Sum), o.Machines, simulated); err != nil {
			return err
		}
	}
	return nil
}

func (t *telling) total(n privacy.Node, use collector.Use, total privacy.Total, machines int, simulated bool) error {
	for _, part := range total.Parts {
		p := collector.Point{Measurement: t.of, Time: t.at, Tags: tagsOf(t.organisation, n, use, part.Part, simulated)}
		switch {
		case t.of == collector.MonthSeconds:
			p.Fields = seconds(part.PartSum, machines)
		case part.MWh == 0 && part.HighMWh == 0 && part.CoveredS == 0:
			continue
		default:
			p.Fields = energy(part.MWh, part.LowMWh, part.HighMWh, part.CoveredS)
		}
		if err := t.yield(p); err != nil {
			return err
		}
	}
	return nil
}

// noClass is what the class of machines is called that have told none: without a tag the node would be that of their group.
const noClass = "none"

// tagsOf are the tags of a node. Machines that are in no group are group 0, which is not the same as their site.
func tagsOf(organisation int64, n privacy.Node, use collector.Use, part string, simulated bool) collector.Tags {
	tags := []collector.Tag{
		{Name: "organisation", Value: number(organisation)}, {Name: "part", Value: part}, {Name: "simulated", Value: yes(simulated)}, {Name: "use", Value: string(use)},
	}
	if n.Level >= privacy.OneSite {
		tags = append(tags, collector.Tag{Name: "site", Value: number(n.Site)})
	}
	if n.Level >= privacy.OneGroup {
		tags = append(tags, collector.Tag{Name: "group", Value: strconv.FormatInt(n.Group, 10)})
	}
	if n.Level == privacy.OneClass {
		class := n.Class
		if class == "" {
			class = noClass
		}
		tags = append(tags, collector.Tag{Name: "class", Value: class})
	}
	return given(tags...)
}

// apart are the rows by site, where what may be told of each was decided when the month was fixed; nil where the door has to decide now, for
// which it needs them all.
func (t *telling) apart() map[int64][]collector.PlaceMonth {
	sites := map[int64][]collector.PlaceMonth{}
	for _, r := range t.rows {
		if r.Told == nil && !r.Use.Hourly() {
			return nil
		}
		if r.Told == nil || r.Group != collector.WholeOrganisation {
			sites[r.Site] = append(sites[r.Site], r)
		}
	}
	return sites
}

// of1 is what a door is shown that is asked about one site: less than it could be shown, so that it answers quickly.
func (t *telling) of1(n privacy.Node, sites []collector.Site, groups []collector.Group, apart map[int64][]collector.PlaceMonth) shown {
	if apart == nil {
		return shown{sites: sites, groups: groups, rows: t.rows}
	}
	s := shown{rows: apart[n.Site]}
	for _, site := range sites {
		if site.ID == n.Site {
			s.sites = append(s.sites, site)
		}
	}
	for _, g := range groups {
		if g.Site == n.Site {
			s.groups = append(s.groups, g)
		}
	}
	return s
}

// shown is what a door looks at: one month of an organisation, in memory.
type shown struct {
	sites  []collector.Site
	groups []collector.Group
	rows   []collector.PlaceMonth
}

// Tree is that of the organisation, or one site of it.
func (s shown) Tree(context.Context, int64) ([]collector.Site, []collector.Group, error) {
	return s.sites, s.groups, nil
}

// Months are the rows.
func (s shown) Months(context.Context, int64, collector.Month, collector.Month) ([]collector.PlaceMonth, error) {
	return s.rows, nil
}

// Cells are none: nobody asks for days here.
func (s shown) Cells(context.Context, int64, collector.Date, collector.Date) iter.Seq2[collector.Cell, error] {
	return func(func(collector.Cell, error) bool) {}
}
