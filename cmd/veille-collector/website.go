package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/ecoindex/web"
)

// maxAddress is how many bytes the address of a page may have.
const maxAddress = 2000

// The modes of measuring.
const (
	modeTwoSpeed = "two-speed"
	modeStatic   = "static"
	modeBrowser  = "browser"
)

// websiteFlags are what may be said of a website. Those that were not given leave it as it is.
type websiteFlags struct {
	set   *pflag.FlagSet
	w     collector.Website
	whole bool // of a whole site, not of a single page
}

func (f *websiteFlags) flags(fs *pflag.FlagSet) {
	f.set = fs
	r := &f.w.Rules
	fs.StringVar(&f.w.Name, "name", "", "`name` by which people call it (default: its address, shortened)")
	fs.StringVar(&r.Mode, "mode", modeTwoSpeed, "`how` it is measured: two-speed looks at all pages without running scripts and sends a browser to some of each template; static sends none; browser sends it to all")
	command.Values(fs, "mode", modeTwoSpeed, modeStatic, modeBrowser)
	fs.IntVar(&f.w.EveryDays, "every", 7, "`days` from one measure to the next")
	fs.BoolVar(&f.w.Open, "open", false, "show its badge and its figures to everybody, not only to users of the organisation")
	fs.StringVar(&f.w.Contact, "contact", "", "a mail `address` or a page by which its people reach you; it is sent with each request")
	if !f.whole {
		return
	}
	fs.IntVar(&r.MaxPages, "max-pages", 500, "look at this `number` of pages at most")
	fs.IntVar(&r.Depth, "depth", 20, "follow this `number` of links from the first page at most")
	fs.StringVar(&r.Under, "under", "", "only pages whose path begins with this `path`")
	fs.StringArrayVar(&r.Exclude, "exclude", nil, "leave out pages whose path and query are like this `pattern`, in which * stands for anything; may be repeated")
	fs.StringArrayVar(&r.Hosts, "host", nil, "another `host` of the same site; may be repeated")
	fs.BoolVar(&r.DropQuery, "drop-query", false, "take addresses that differ in their query only as one page")
	fs.DurationVar(&r.Delay, "delay", time.Second, "leave the site alone for this `time` after each page; a longer one that robots.txt asks for is kept")
	fs.IntVar(&r.Sample, "sample", 0, "send the browser to this `number` of pages (default: two of each template, and the square root of all)")
}

// onto is a website with what was given.
func (f *websiteFlags) onto(w collector.Website) collector.Website {
	for name, take := range map[string]func(){
		"name":       func() { w.Name = f.w.Name },
		"mode":       func() { w.Rules.Mode = f.w.Rules.Mode },
		"every":      func() { w.EveryDays = f.w.EveryDays },
		"open":       func() { w.Open = f.w.Open },
		"contact":    func() { w.Contact = f.w.Contact },
		"max-pages":  func() { w.Rules.MaxPages = f.w.Rules.MaxPages },
		"depth":      func() { w.Rules.Depth = f.w.Rules.Depth },
		"under":      func() { w.Rules.Under = f.w.Rules.Under },
		"exclude":    func() { w.Rules.Exclude = f.w.Rules.Exclude },
		"host":       func() { w.Rules.Hosts = f.w.Rules.Hosts },
		"drop-query": func() { w.Rules.DropQuery = f.w.Rules.DropQuery },
		"delay":      func() { w.Rules.Delay = f.w.Rules.Delay },
		"sample":     func() { w.Rules.Sample = f.w.Rules.Sample },
	} {
		if f.set.Changed(name) {
			take()
		}
	}
	return w
}

// checkWebsite refuses what cannot be measured.
func checkWebsite(w collector.Website) error {
	r := w.Rules
	u, err := url.Parse(r.URL)
	switch {
	case err != nil:
		return command.Usage("%w", err)
	case w.Name == "" || !oneLine(w.Name):
		return command.Usage("--name %.40q is not one line of up to %d characters", w.Name, longest)
	case !slices.Contains([]string{modeTwoSpeed, modeStatic, modeBrowser}, r.Mode):
		return command.Usage("--mode %.20q is not known; give two-speed, static or browser", r.Mode)
	case w.EveryDays < 1 || w.EveryDays > 365:
		return command.Usage("--every %d is not possible; give 1 to 365 days", w.EveryDays)
	case w.Contact == "" && w.Kind == collector.KindSite && !web.Loopback(u.Hostname()):
		return command.Usage("--contact is missing: a site that is asked for all of its pages wants to know whom to write to; give a mail address or a page of yours")
	case !oneLine(w.Contact) || strings.ContainsAny(w.Contact, "();"):
		return command.Usage("--contact %.40q is no address", w.Contact)
	case r.MaxPages < 1 || r.MaxPages > 20_000:
		return command.Usage("--max-pages %d is not possible; give 1 to 20000", r.MaxPages)
	case r.Depth < 1 || r.Depth > 1000:
		return command.Usage("--depth %d is not possible; give 1 to 1000", r.Depth)
	case r.Delay < 0 || r.Delay > time.Hour || r.Delay < time.Second && !web.Loopback(u.Hostname()):
		return command.Usage("--delay %v is not possible; give 1s to 1h", r.Delay)
	case r.Sample < 0:
		return command.Usage("--sample %d is not possible; give 1 or more", r.Sample)
	}
	for _, text := range slices.Concat([]string{r.Under}, r.Exclude, r.Hosts) {
		if !oneLine(text) || len(r.Exclude)+len(r.Hosts) > 100 {
			return command.Usage("%.40q is not one line of up to %d characters, or there are more than a hundred", text, longest)
		}
	}
	return checkPages(w)
}

// checkPages refuses rules by which no page would be found.
func checkPages(w collector.Website) error {
	r := w.Rules
	one := r.MaxPages == 1 && r.Depth == 1 && r.Under == "" && len(r.Exclude) == 0 && len(r.Hosts) == 0 && !r.DropQuery && r.Sample == 0
	switch {
	case w.Kind == collector.KindPage && !one:
		return command.Usage("%q is a single page; to have a whole site measured give veille-collector website add", w.Name)
	case r.Under != "" && r.Under[0] != '/':
		return command.Usage("--under %.40q is no path; give one that begins with /", r.Under)
	}
	for _, h := range r.Hosts {
		u, err := web.ParseAddress("https://" + h)
		switch {
		case err != nil || u.RequestURI() != "/" || strings.ContainsAny(h, "@/?#"):
			return command.Usage("a --host is not the name of a host; give one such as docs.example.org, or docs.example.org:8443")
		case u.Host != h:
			return command.Usage("--host %.40q is how nobody links to it; give %q", h, u.Host)
		}
	}
	return nil
}

// addressOf reads the address of a website or a page.
func addressOf(args []string) (*url.URL, error) {
	if len(args) != 1 {
		return nil, command.Usage("give one address, such as https://www.example.org/")
	}
	if len(args[0]) > maxAddress {
		return nil, command.Usage("an address of %d characters is longer than %d", len(args[0]), maxAddress)
	}
	u, err := web.ParseAddress(args[0])
	if err != nil && strings.Contains(args[0], "@") { // the error would show a password, which no log is to have
		return nil, command.Usage("the address has a name or a password, or is none; give one such as https://www.example.org/")
	}
	if err != nil {
		return nil, command.Usage("%w", err)
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// nameOf is how a website is called by itself.
func nameOf(u *url.URL) string {
	name := []rune(strings.TrimSuffix(u.Host+u.RequestURI(), "/"))
	return string(name[:min(len(name), longest)])
}

func websiteAddCommand(d *desk) command.Command {
	return addCommand(d, collector.KindSite, command.Command{
		Name: "website add", Args: "URL", Summary: "have a web site measured: its pages are found politely, once a week at night",
		Example: "website add --data /var/lib/veille-collector --contact webmaster@example.org https://www.example.org/\n" +
			"website add --data /var/lib/veille-collector --contact webmaster@example.org --name Documentation --under /docs --max-pages 2000 https://www.example.org/docs/",
	}, func(_ context.Context, _ ledger, w collector.Website) error {
		_, err := fmt.Fprintf(d.stdout, "%s: added, number %d; it is measured for the first time in the night of %s, or now by: veille-collector website measure %d\n", w.Name, w.ID, w.NextOn, w.ID)
		return err
	})
}

func pageAddCommand(d *desk) command.Command {
	c := addCommand(d, collector.KindPage, command.Command{
		Name: "page add", Args: "URL", Summary: "measure a web page now, and once a week from now on",
		Example: "page add --data /var/lib/veille-collector https://www.example.org/",
		Exits:   ", 3 added but not measured: it is tried again",
	}, d.measure)
	return c
}

// addCommand is a command that adds a website of a kind, then does something with it.
func addCommand(d *desk, kind collector.WebsiteKind, c command.Command, then func(context.Context, ledger, collector.Website) error) command.Command {
	f := websiteFlags{whole: kind == collector.KindSite}
	var organisation, place string
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		f.flags(fs)
		if kind == collector.KindPage {
			d.measuringFlags(fs)
		}
		fs.StringVar(&organisation, "organisation", "", "`name` of the organisation whose it is; without it the only one there is")
		fs.StringVar(&place, "site", "", "`name` or number of the site, such as a school, whose own it is; without it the whole organisation's")
	}
	c.Run = func(ctx context.Context, args []string) error {
		address, err := addressOf(args)
		if err != nil {
			return err
		}
		w := f.w
		w.Kind, w.Rules.URL, w.AddedOn, w.NextOn = kind, address.String(), today(), today()
		w.Name = cmp.Or(w.Name, nameOf(address))
		if kind == collector.KindPage {
			w.Rules.MaxPages, w.Rules.Depth, w.Rules.Delay = 1, 1, time.Second
		}
		if err := checkWebsite(w); err != nil {
			return err
		}
		return d.with(ctx, func(l ledger) error {
			if w, err = l.owned(ctx, w, organisation, place); err != nil {
				return err
			}
			added, err := l.store.AddWebsite(l.noting(ctx, w.Organisation, "%s %s", kind, address), w)
			if errors.Is(err, collector.ErrExists) {
				return fmt.Errorf("add %s: %w, with this address or by this --name; see veille-collector website list", address, err)
			}
			if err != nil {
				return err
			}
			return then(ctx, l, added)
		})
	}
	return c
}

// owned is a website of an organisation, or of one of its sites. What a user of one site adds is of that site.
func (l ledger) owned(ctx context.Context, w collector.Website, organisation, place string) (collector.Website, error) {
	owner, err := l.organisation(ctx, organisation)
	if err != nil {
		return w, err
	}
	w.Organisation, w.Site = owner.ID, l.user.Site
	if place == "" {
		return w, nil
	}
	s, err := l.site(ctx, place)
	if err == nil && s.Organisation != owner.ID {
		err = fmt.Errorf("site %q: %w in organisation %q", place, collector.ErrNotFound, owner.Name)
	}
	w.Site = s.ID
	return w, err
}

// websites are those that the caller sees.
func (l ledger) websites(ctx context.Context) ([]collector.Website, error) {
	all, err := l.store.Websites(ctx)
	return slices.DeleteFunc(all, func(w collector.Website) bool {
		return l.within != 0 && l.within != w.Organisation || l.user.Site != 0 && l.user.Site != w.Site
	}), err
}

// website is the website of that name, number or address.
func (l ledger) website(ctx context.Context, name string) (collector.Website, error) {
	all, err := l.websites(ctx)
	if err != nil {
		return collector.Website{}, err
	}
	is := func(w collector.Website) bool {
		return w.Name == name || w.Rules.URL == name || strconv.FormatInt(w.ID, 10) == name
	}
	found := slices.DeleteFunc(all, func(w collector.Website) bool { return !is(w) })
	switch len(found) {
	case 0:
		return collector.Website{}, fmt.Errorf("website %.80q: %w; see veille-collector website list", name, collector.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return collector.Website{}, fmt.Errorf("%d websites are called %q; give the number of one, see veille-collector website list", len(found), name)
}

// onWebsite completes a command that is about one website.
func onWebsite(d *desk, c command.Command, flags func(*pflag.FlagSet), do func(context.Context, ledger, collector.Website) error) command.Command {
	return about(d, c, "give the name, the number or the address of one website", flags, ledger.website, do)
}

func websiteSetCommand(d *desk) command.Command {
	f := websiteFlags{whole: true}
	return onWebsite(d, command.Command{
		Name: "website set", Summary: "change how a website is measured: what is not given stays",
		Example: "website set --data /var/lib/veille-collector --every 14 --max-pages 2000 www.example.org",
	}, f.flags, func(ctx context.Context, l ledger, w collector.Website) error {
		changed := f.onto(w)
		if err := checkWebsite(changed); err != nil {
			return err
		}
		if err := l.store.SetWebsite(l.noting(ctx, w.Organisation, "%s %s", w.Kind, w.Rules.URL), changed); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "%s: changed; it holds from the next measure on, in the night of %s\n", changed.Name, changed.NextOn)
		return err
	})
}

func websiteRemoveCommand(d *desk) command.Command {
	return onWebsite(d, command.Command{
		Name: "website remove", Summary: "have a website measured no more, and delete everything that is kept of it, its history too",
		Example: "website remove --data /var/lib/veille-collector www.example.org",
	}, noFlags, func(ctx context.Context, l ledger, w collector.Website) error {
		if err := l.store.RemoveWebsite(l.noting(ctx, w.Organisation, "%s %s", w.Kind, w.Rules.URL), w.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "%s: removed, with its history\n", w.Name)
		return err
	})
}

func websiteMeasureCommand(d *desk) command.Command {
	return onWebsite(d, command.Command{
		Name: "website measure", Summary: "measure a website as soon as may be, not only at night",
		Example: "website measure --data /var/lib/veille-collector www.example.org",
		Exits:   ", 3 not measured: it is tried again",
	}, d.measuringFlags, func(ctx context.Context, l ledger, w collector.Website) error {
		if err := l.note(ctx, w.Organisation, "%s %s", w.Kind, w.Rules.URL); err != nil {
			return err
		}
		return d.measure(ctx, l, w)
	})
}
