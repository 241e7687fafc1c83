package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// Limits of what a site may make us read before its first page.
const (
	maxSitemaps = 200 // files, indexes included
	seedsALine  = 500
)

// guess is where a sitemap is looked for that nobody named: that there is none is no problem of the site.
const guess = "/sitemap.xml"

// ask asks the hosts of the first addresses what they wish, and takes these and the addresses of the sitemaps, unless that was done in an
// earlier session.
func (c *crawl) ask(ctx context.Context, seeded bool) error {
	var starts, maps []string
	known := map[string]bool{}
	for _, start := range c.Start {
		starts = append(starts, start.String())
		if known[origin(start)] {
			continue
		}
		known[origin(start)] = true
		r, err := c.wishes(ctx, start)
		if err != nil {
			return err
		}
		named := r.Sitemaps()
		if len(named) == 0 {
			named = []string{origin(start) + guess}
		}
		maps = append(maps, named...)
	}
	if seeded {
		return nil
	}
	if err := c.sow(seeds{URLs: starts}); err != nil {
		return err
	}
	if c.NoMaps {
		maps = nil
	}
	if err := c.readSitemaps(ctx, maps); err != nil {
		return err
	}
	return c.sow(seeds{All: true})
}

// origin is the scheme and the host of an address: what one robots.txt is for.
func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// wishes are what robots.txt says for an address. Each host is asked once in a session, before its first page.
func (c *crawl) wishes(ctx context.Context, u *url.URL) (*Robots, error) {
	c.asking.Lock()
	defer c.asking.Unlock()
	if r := c.robots[origin(u)]; r != nil {
		return r, nil
	}
	r, err := c.robotsOf(ctx, origin(u))
	if err == nil {
		c.robots[origin(u)] = r
	}
	return r, err
}

// robotsOf are the wishes of a host. That it does not answer is no error: it is left alone.
func (c *crawl) robotsOf(ctx context.Context, host string) (*Robots, error) {
	text, err := c.web.Text(ctx, host+"/robots.txt")
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	var r *Robots
	if err == nil {
		r, err = Judge(text.Status, text.Body)
		err = errors.Join(err, text.Body.Close())
	}
	if err != nil {
		r = StayAway(err.Error())
	}
	if why := r.Away(); why != "" {
		c.summary.Robots = append(c.summary.Robots, host+": "+why)
	}
	c.summary.Delay = max(c.summary.Delay, c.Delay, r.Delay(c.Agent))
	return r, c.Wait(ctx, c.Delay)
}

// readSitemaps takes the addresses of sitemaps, and of the sitemaps that are in them.
func (c *crawl) readSitemaps(ctx context.Context, maps []string) error {
	known := map[string]bool{}
	for len(maps) > 0 && len(known) < maxSitemaps {
		address := maps[0]
		maps = maps[1:]
		u, err := url.Parse(address)
		if err != nil || known[address] || !c.near(u) {
			continue
		}
		known[address] = true
		report, further, err := c.sitemap(ctx, address)
		if err != nil {
			return err
		}
		maps = append(maps, further...)
		if report.Failed != "status 404" || u.Path != guess {
			c.summary.Sitemaps = append(c.summary.Sitemaps, report)
		}
		if err := c.Wait(ctx, c.Delay); err != nil {
			return err
		}
	}
	return nil
}

// near tells whether an address is of a host of the site.
func (c *crawl) near(u *url.URL) bool {
	everywhere := c.Rules
	everywhere.Under = ""
	return everywhere.inside(u)
}

// sow enters addresses that no page linked to.
func (c *crawl) sow(s seeds) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.journal.write(line{Seeds: &s}); err != nil {
		return err
	}
	c.frontier.seed(s)
	return nil
}

// sitemap takes the addresses that a sitemap has, and answers the sitemaps that it names. One that is not there is no problem of the site,
// unless robots.txt names it.
func (c *crawl) sitemap(ctx context.Context, address string) (r Report, further []string, err error) {
	r.URL = address
	text, err := c.web.Text(ctx, address)
	if ctx.Err() != nil {
		return r, nil, context.Cause(ctx)
	}
	if err != nil {
		r.Failed = err.Error()
		return r, nil, nil
	}
	defer func() { _ = text.Body.Close() }()
	if text.Status != http.StatusOK {
		r.Failed = "status " + strconv.Itoa(text.Status)
		return r, nil, nil
	}
	at, err := url.Parse(text.URL)
	if err != nil {
		return r, nil, fmt.Errorf("read the address of the sitemap %s: %w", address, err)
	}
	var pages []string
	var kept error // why the journal could not be written
	_, problems, err := ReadSitemap(text.Body, at, SitemapLimits{}, func(e SitemapEntry) error {
		switch {
		case e.Sitemap && len(further) < maxSitemaps:
			further = append(further, e.URL.String())
		case e.Sitemap:
		case e.Foreign && !c.near(e.URL):
		default:
			r.URLs++
			pages = append(pages, e.URL.String())
		}
		if len(pages) < seedsALine {
			return nil
		}
		kept = c.sow(seeds{URLs: pages, Listed: true})
		pages = pages[:0]
		return kept
	})
	r.Problems = problems
	if ctx.Err() != nil {
		return r, nil, context.Cause(ctx)
	}
	if kept != nil {
		return r, nil, kept
	}
	if err != nil { // what was read until then counts
		r.Failed = err.Error()
	}
	return r, further, c.sow(seeds{URLs: pages, Listed: true})
}
