package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/calendar"
	"veille/collector/enrol"
	"veille/collector/store/relational"
	"veille/fleet"
)

// told is of how many of 256 machines that were installed anew the administrator says which one they were: four of five. The others stay in
// doubt, as they do where nobody looks.
const told = 205

// isTold tells whether the administrator says which machine it was.
func (m *planned) isTold() bool { return m.reborn > 0 && m.second[0] < told }

// wall is the clock of the simulated collector. It is set while nobody reads it.
type wall struct {
	today collector.Date
	now   time.Time
}

// set makes it the evening of a day.
func (w *wall) set(today collector.Date, zone *time.Location) error {
	midnight, err := today.Midnight(zone)
	w.today, w.now = today, midnight.Add(20*time.Hour)
	return err
}

// dated is a ledger that enrols on the simulated day.
type dated struct {
	*relational.Store
	wall *wall
}

// Enrol is that of the store, today.
func (d dated) Enrol(ctx context.Context, e collector.Enrolment) (collector.Enrolled, error) {
	e.On = d.wall.today
	return d.Store.Enrol(ctx, e)
}

// drafts are the policies of sites, which nobody follows, and which are not kept.
type drafts struct{ store *relational.Store }

// Policy is what the calendar of a site asks.
func (d drafts) Policy(ctx context.Context, site collector.Site, today collector.Date, after int64) (collector.Policy, error) {
	c, err := d.store.Calendar(ctx, site.ID)
	if err != nil {
		return collector.Policy{}, err
	}
	p, err := calendar.Policy(site, collector.Responsible{}, c, collector.Limits{}, today)
	p.Serial = after + 1
	return p, err
}

// keys are those of a new folder.
func keys(dir string) (pseudonyms []byte, policies ed25519.PrivateKey, err error) {
	pseudonyms, err = enrol.LoadKey(filepath.Join(dir, "organisation.key"), "the organisation")
	if err != nil {
		return nil, nil, err
	}
	seed, err := enrol.LoadKey(filepath.Join(dir, "policy.key"), "policies")
	if err != nil {
		return nil, nil, err
	}
	return pseudonyms, ed25519.NewKeyFromSeed(seed), nil
}

// quotas are how many machines each group of each site enrols, those installed anew twice.
func quotas(sites []fleet.Site, machines []planned) [][]int {
	all := make([][]int, len(sites))
	for i, s := range sites {
		all[i] = make([]int, len(s.Groups))
	}
	for _, m := range machines {
		all[m.site][m.group]++
		if m.reborn > 0 {
			all[m.site][m.group]++
		}
	}
	return all
}

// build makes the sites with their calendars and groups, and a token for each group that has machines.
func (s *simulation) build(ctx context.Context, from, until collector.Date) error {
	sites := s.fleet.Sites()
	s.tokens = make([][]string, len(sites))
	many := quotas(sites, s.machines)
	for i, planned := range sites {
		site, err := s.store.CreateSite(ctx, s.organisation, planned.Name, planned.TimeZone)
		if err != nil {
			return err
		}
		c, err := calendarOf(planned)
		if err != nil {
			return fmt.Errorf("calendar of %s: %w", planned.Name, err)
		}
		if err := s.store.SetCalendar(ctx, site.ID, c); err != nil {
			return err
		}
		s.tokens[i] = make([]string, len(planned.Groups))
		for k, g := range planned.Groups {
			group, err := s.store.AddGroup(ctx, collector.Group{Site: site.ID, Kind: g.Kind, Name: g.Name})
			if err != nil {
				return err
			}
			if many[i][k] == 0 {
				continue
			}
			s.tokens[i][k] = enrol.Secret()
			t := collector.Token{Hash: sha256.Sum256([]byte(s.tokens[i][k])), Site: site.ID, Quota: many[i][k], CreatedOn: from, ExpiresOn: until, Note: "simulated"}
			if err := s.store.CreateTokenFor(ctx, t, group.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// calendarOf is the calendar of a site in the words of the collector.
func calendarOf(s fleet.Site) (collector.Calendar, error) {
	open, err := calendar.ParseHours(s.Open)
	if err != nil {
		return collector.Calendar{}, err
	}
	c := collector.Calendar{Open: open, Territory: s.Territory}
	for _, x := range s.Closures {
		c.Closures = append(c.Closures, collector.Closure{
			Days: collector.Days{From: collector.Date(x.From), To: collector.Date(x.To)}, Name: x.Name, Source: "simulated",
		})
	}
	return c, calendar.Validate(c)
}

// plannedOf is what the plan says of each machine.
func plannedOf(f *fleet.Fleet, day map[string]int) []planned {
	all := make([]planned, f.Machines())
	for i := range all {
		m := f.Machine(i)
		all[i] = planned{site: m.Site, group: m.Group, born: day[m.EnrolledOn], use: m.Use, key: m.InstallKey, second: m.RebornKey}
		if m.ReplacedOn != "" {
			all[i].reborn = day[m.ReplacedOn]
		}
	}
	return all
}

// newcomer is a machine that asks for an identity.
type newcomer struct {
	who   int // of identities
	token string
	key   [16]byte
	use   wire.Use
	kind  wire.Machine
}

// kindOfCollector is a kind of machine in the words of the collector.
func kindOfCollector(m wire.Machine) collector.Kind {
	return collector.Kind{Class: m.Class, OS: m.OS, CPU: m.CPU, RAM: m.RAM, Agent: m.Agent}
}
