package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/ecoindex/browser"
)

// ofQuarantine tells of records that could not be accepted.
func (d *doctor) ofQuarantine(ctx context.Context, store *relational.Store) error {
	z, err := store.Size(ctx)
	switch {
	case err != nil:
		return err
	case z.Quarantine > 0:
		d.add(advised, "quarantine", d.in("%d records could not be accepted in the last thirty days", "%d relevés n'ont pu être acceptés ces trente derniers jours", z.Quarantine), d.in("veille-collector quarantine list says why", "veille-collector quarantine list dit pourquoi"))
	default:
		d.ok("quarantine", d.in("it is empty", "elle est vide"))
	}
	return nil
}

// ofMachines counts those that are heard of. It names none.
func (d *doctor) ofMachines(ctx context.Context, store *relational.Store) error {
	enrolled, heard, err := store.Present(ctx, collector.DateOf(time.Now().AddDate(0, 0, -6)))
	switch {
	case err != nil:
		return err
	case enrolled == 0:
		d.add(advised, "machines", d.in("none is enrolled yet", "aucune n'est encore inscrite"), d.in("veille-collector token create, and install agents with that token", "veille-collector token create, et installer des agents avec ce jeton"))
	case heard == 0:
		d.add(advised, "machines", d.in("%d are enrolled, and none was heard in the last seven days", "%d sont inscrites, et aucune n'a été entendue ces sept derniers jours", enrolled),
			d.in("outside of holidays: ask systemctl status veille-agent on one of them (on Windows see its event log), and see listen, address and tls below", "hors vacances : demander systemctl status veille-agent sur l'une d'elles (sous Windows, voir son journal d'événements), et voir listen, address et tls plus bas"))
	default:
		d.ok("machines", d.in("%d are enrolled, %d were heard in the last seven days", "%d sont inscrites, %d entendues ces sept derniers jours", enrolled, heard))
	}
	return nil
}

// ofTokens looks whether a machine could enrol today.
func (d *doctor) ofTokens(ctx context.Context, store *relational.Store) error {
	all, err := store.Tokens(ctx)
	if err != nil {
		return err
	}
	usable, left := 0, 0
	for _, t := range all {
		if t.RevokedOn == "" && t.ExpiresOn > today() && t.Used < t.Quota {
			usable++
			left += t.Quota - t.Used
		}
	}
	if usable == 0 {
		d.add(advised, "tokens", d.in("none of %d is good today: no machine can enrol", "aucun de %d n'est valable aujourd'hui : aucune machine ne peut s'inscrire", len(all)), "veille-collector token create")
		return nil
	}
	d.ok("tokens", d.in("%d are good today, for %d machines more", "%d sont valables aujourd'hui, pour %d machines de plus", usable, left))
	return nil
}

// ofSites looks whether sites have said when they are open.
func (d *doctor) ofSites(ctx context.Context, store *relational.Store) error {
	sites, err := store.Sites(ctx)
	if err != nil {
		return err
	}
	silent := 0
	for _, s := range sites {
		c, err := store.Calendar(ctx, s.ID)
		if err != nil {
			return err
		}
		if len(c.Open) == 0 {
			silent++
		}
	}
	switch {
	case len(sites) == 0:
		d.add(advised, "sites", d.in("there is none yet", "il n'y en a pas encore"), "veille-collector site add")
	case silent > 0:
		d.add(advised, "sites", d.in("%d of %d have not said when they are open: the default hours are taken", "%d sur %d n'ont pas dit quand ils sont ouverts : les heures par défaut valent", silent, len(sites)), "veille-collector calendar set --open")
	default:
		d.ok("sites", d.in("all %d have said when they are open", "les %d ont tous dit quand ils sont ouverts", len(sites)))
	}
	return nil
}

// ofWebsites looks whether they are measured, and whether there is a browser for those that want one.
func (d *doctor) ofWebsites(ctx context.Context, store *relational.Store) error {
	all, err := store.Websites(ctx)
	if err != nil || len(all) == 0 {
		if err == nil {
			d.ok("websites", d.in("none is to be measured", "aucun n'est à mesurer"))
		}
		return err
	}
	last, err := store.LastRuns(ctx)
	if err != nil {
		return err
	}
	due, failed, browsed := 0, 0, 0
	yesterday := collector.DateOf(time.Now().AddDate(0, 0, -1))
	for _, w := range all {
		if w.Problem != "" {
			failed++
		} else if len(last[w.ID]) == 0 && w.NextOn < yesterday {
			due++
		}
		if w.Rules.Mode != modeStatic {
			browsed++
		}
	}
	if failed+due > 0 {
		d.add(advised, "websites", d.in("of %d, %d could not be measured the last time, and %d were due and never were", "sur %d, %d n'ont pu être mesurés la dernière fois, et %d étaient dus et ne l'ont jamais été", len(all), failed, due), d.in("veille-collector website list says why", "veille-collector website list dit pourquoi"))
	} else {
		d.ok("websites", d.in("%d, none of which is overdue or failed", "%d, dont aucun n'est en retard ni en échec", len(all)))
	}
	d.ofBrowser(browsed)
	return nil
}

func (d *doctor) ofBrowser(browsed int) {
	if browsed == 0 || d.measuring.browser == noBrowser {
		return
	}
	path, err := browser.Find(d.measuring.browser)
	switch {
	case err != nil && d.measuring.browser != "":
		d.add(wrong, "browser", err.Error(), d.in("correct --browser", "corriger --browser"))
	case err != nil:
		d.add(advised, "browser", d.in("%d websites are measured without running their scripts: %v", "%d sites web sont mesurés sans exécuter leurs scripts : %v", browsed, err), d.in("install one, or say --browser none", "en installer un, ou dire --browser none"))
	default:
		d.ok("browser", path)
	}
}

// ofDestinations says how delivery is doing.
func (d *doctor) ofDestinations(ctx context.Context, store *relational.Store) error {
	all, err := store.Deliveries(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		l := listed{x, x.State(time.Now())}
		why := strings.Join(sentences(l), "; ")
		found := fmt.Sprintf("%s: %s", x.Destination, l.State)
		if x.Cause != collector.NoCause {
			found += " (" + string(x.Cause) + ")"
		}
		if why != "" {
			found += ": " + why
		}
		switch {
		case l.State == collector.Stopped:
			d.add(wrong, "destinations", found, d.in("do what it says, then veille-collector outbox retry", "faire ce qu'il dit, puis veille-collector outbox retry"))
		case l.State != collector.Well || why != "":
			d.add(advised, "destinations", found, d.in("see veille-collector outbox list", "voir veille-collector outbox list"))
		default:
			d.ok("destinations", found)
		}
	}
	if len(all) == 0 {
		d.ok("destinations", d.in("points are delivered nowhere else", "les points ne sont portés nulle part ailleurs"))
	}
	return nil
}
