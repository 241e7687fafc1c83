package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/label"
	"veille/collector/store/relational"
)

// ledger is the store as one person may use it: what is of another organisation, or of another site for a user of one site, is not
// there, by whatever name or number it is asked for.
type ledger struct {
	store  *relational.Store
	user   collector.User // the zero value gives commands on the server
	within int64          // the only organisation that is seen; 0: all
	what   string         // the command
	reason string
	// shipped are the templates that come with the program: reading them takes as long as many a command.
	shipped func() (map[string]label.Template, error)
}

// onServer tells whether the command was given on the server itself.
func (l ledger) onServer() bool { return l.user.ID == 0 }

// sees tells whether the caller may see a site.
func (l ledger) sees(s collector.Site) bool {
	return (l.within == 0 || l.within == s.Organisation) && (l.user.Site == 0 || l.user.Site == s.ID)
}

// noting is a context with which the next write keeps an entry of the audit log: what the command does, and with what.
func (l ledger) noting(ctx context.Context, organisation int64, subject string, args ...any) context.Context {
	return relational.Noting(ctx, l.entry(organisation, fmt.Sprintf(subject, args...)))
}

// note keeps an entry of the audit log before something is read or done that is no write.
func (l ledger) note(ctx context.Context, organisation int64, subject string, args ...any) error {
	return l.store.Note(ctx, l.entry(organisation, fmt.Sprintf(subject, args...)))
}

func (l ledger) entry(organisation int64, subject string) collector.Entry {
	who := l.user.Name
	if l.onServer() {
		who = onServer
	}
	return collector.Entry{On: today(), Organisation: organisation, Who: who, What: l.what, Subject: subject, Reason: l.reason}
}

// onServer is who gives commands on the server. No user is called that.
const onServer = "command"

// today is the date at the collector.
func today() collector.Date { return collector.DateOf(time.Now()) }

// looking keeps an entry of the audit log before single machines are shown. Users must say why.
func (l ledger) looking(ctx context.Context, site collector.Site) error {
	if !l.onServer() && strings.TrimSpace(l.reason) == "" {
		return command.Usage("single machines are shown for a reason, which the audit log keeps: add --reason")
	}
	return l.note(ctx, site.Organisation, "machines of site %q", site.Name)
}

// organisations are those that the caller sees, by name.
func (l ledger) organisations(ctx context.Context) ([]collector.Responsible, error) {
	all, err := l.store.Organisations(ctx)
	return slices.DeleteFunc(all, func(r collector.Responsible) bool { return l.within != 0 && l.within != r.ID }), err
}

// organisationNames are the names of those that the caller sees, by number.
func (l ledger) organisationNames(ctx context.Context) (map[int64]string, error) {
	all, err := l.organisations(ctx)
	names := map[int64]string{}
	for _, r := range all {
		names[r.ID] = r.Name
	}
	return names, err
}

// organisation is the organisation of that name, or the only one.
func (l ledger) organisation(ctx context.Context, name string) (collector.Responsible, error) {
	all, err := l.organisations(ctx)
	if err != nil {
		return collector.Responsible{}, err
	}
	names := make([]string, 0, len(all))
	for _, r := range all {
		if r.Name == name || name == "" && len(all) == 1 {
			return r, nil
		}
		names = append(names, r.Name)
	}
	list := strings.Join(names, ", ")
	switch {
	case len(all) == 0:
		return collector.Responsible{}, fmt.Errorf("the collector has no organisation yet; begin with veille-collector site add")
	case name == "":
		return collector.Responsible{}, command.Usage("the collector has %d organisations; add --organisation with one of: %s", len(all), list)
	}
	return collector.Responsible{}, fmt.Errorf("organisation %.60q: %w; the collector has: %s", name, collector.ErrNotFound, list)
}

// sites are those that the caller sees, by name.
func (l ledger) sites(ctx context.Context) ([]collector.Site, error) {
	all, err := l.store.Sites(ctx)
	return slices.DeleteFunc(all, func(s collector.Site) bool { return !l.sees(s) }), err
}

// site is the site of that name or number.
func (l ledger) site(ctx context.Context, name string) (collector.Site, error) {
	sites, err := l.sites(ctx)
	if err != nil {
		return collector.Site{}, err
	}
	found := slices.DeleteFunc(sites, func(s collector.Site) bool { return s.Name != name && strconv.FormatInt(s.ID, 10) != name })
	switch len(found) {
	case 0:
		return collector.Site{}, fmt.Errorf("site %.60q: %w; see veille-collector site list", name, collector.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return collector.Site{}, fmt.Errorf("%d sites are called %q; give the number of one, see veille-collector site list", len(found), name)
}

// sitesNamed are the site of that name or number, or all sites when none is given, by number.
func (l ledger) sitesNamed(ctx context.Context, name string) (map[int64]collector.Site, error) {
	if name != "" {
		site, err := l.site(ctx, name)
		return map[int64]collector.Site{site.ID: site}, err
	}
	sites, err := l.sites(ctx)
	if err != nil {
		return nil, err
	}
	all := map[int64]collector.Site{}
	for _, s := range sites {
		all[s.ID] = s
	}
	return all, nil
}

// group is the group of that name at a site.
func (l ledger) group(ctx context.Context, site collector.Site, name string) (collector.Group, error) {
	groups, err := l.store.Groups(ctx, site.ID)
	if err != nil {
		return collector.Group{}, err
	}
	for _, g := range groups {
		if g.Name == name {
			return g, nil
		}
	}
	return collector.Group{}, fmt.Errorf("group %q of site %.60q: %w; see veille-collector group list", name, site.Name, collector.ErrNotFound)
}

// machine is the machine of that number.
func (l ledger) machine(ctx context.Context, number int64) (collector.Machine, error) {
	m, err := l.store.MachineNumbered(ctx, number)
	if err == nil && !l.sees(m.Site) {
		err = fmt.Errorf("machine %d: %w", number, collector.ErrNotFound)
	}
	if err != nil {
		return collector.Machine{}, err
	}
	return m, nil
}

// tokens are those of the sites that the caller sees.
func (l ledger) tokens(ctx context.Context, sites map[int64]collector.Site) ([]collector.Token, error) {
	all, err := l.store.Tokens(ctx)
	return slices.DeleteFunc(all, func(t collector.Token) bool { _, ok := sites[t.Site]; return !ok }), err
}

// users are those of the organisations that the caller sees, by name.
func (l ledger) users(ctx context.Context) ([]collector.User, error) {
	all, err := l.store.Users(ctx)
	return slices.DeleteFunc(all, func(u collector.User) bool { return l.within != 0 && l.within != u.Organisation }), err
}

// userNamed is the user of that name, who was not removed.
func (l ledger) userNamed(ctx context.Context, name string) (collector.User, error) {
	users, err := l.users(ctx)
	if err != nil {
		return collector.User{}, err
	}
	for _, u := range users {
		if u.Name == name && u.RemovedOn == "" {
			return u, nil
		}
	}
	return collector.User{}, fmt.Errorf("user %.60q: %w; see veille-collector user list", name, collector.ErrNotFound)
}

// shortNumber reads the number of a token or key: 8 hexadecimal digits.
func shortNumber(arg, what, list string) (string, error) {
	number := strings.ToLower(arg)
	if b, err := hex.DecodeString(number); err != nil || len(b) != 4 {
		return "", command.Usage("%.20q is not the number of a %s, 8 hexadecimal digits; see veille-collector %s", arg, what, list)
	}
	return number, nil
}
