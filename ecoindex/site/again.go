package site

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrTrouble is why a crawl ends that fails too often in a row. It may be called again when the server has had its rest.
var ErrTrouble = errors.New("the server is in trouble, or keeps us away; let it rest and go on later")

// What is borne of a server that does not answer as it should.
const (
	mostRow   = 5               // pages in a row that fail for what may pass
	mostAfter = 2 * time.Minute // for which a server may want to be left alone; a page that wants longer is not looked at again
	backOff   = 5               // times the delay, for which a server is left alone after such a page
)

// answered counts the pages that fail one after the other for what may pass.
func (c *crawl) answered(v View) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !v.Failed || !v.Again {
		c.row = 0
	}
}

// fail keeps a page that could not be looked at: for good, or to be looked at once more. Only first looks count for the end of the crawl:
// that ten pages of a site are broken for good is no trouble of its server.
func (c *crawl) fail(p page, v View) error {
	p.State = Failed
	c.mu.Lock()
	first := !c.frontier.entries[p.Number].tried
	if first && v.Again {
		c.row++
	}
	row := c.row
	c.mu.Unlock()
	if first && v.Again && v.After <= mostAfter {
		p.State, p.After = Later, max(v.After, 0)
	}
	if err := c.keep(p, false); err != nil {
		return err
	}
	if row >= mostRow {
		return fmt.Errorf("%d pages in a row could not be looked at, the last of them %s: %w", row, p.URL, ErrTrouble)
	}
	return nil
}

// pause is how long the host of a page is left alone after it.
func (c *crawl) pause(n int) time.Duration {
	c.mu.Lock()
	e := c.frontier.entries[n]
	c.mu.Unlock()
	c.asking.Lock()
	defer c.asking.Unlock()
	delay := c.Delay
	if r := c.robots[origin(e.url)]; r != nil {
		delay = max(delay, r.Delay(c.Agent))
	}
	if e.state == Later {
		return max(delay, min(backOff*delay, mostAfter), e.after)
	}
	return delay
}

// rested says that the host of a page was left alone.
func (c *crawl) rested(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frontier.entries[n].resting = false
}

// resume leaves the site alone for as long as the page wanted that was the last of the session before, which may have ended within that time.
func (c *crawl) resume(ctx context.Context) error {
	if c.frontier.last < 0 {
		return nil
	}
	e := c.frontier.entries[c.frontier.last]
	if e.state != Later || e.after == 0 {
		return nil
	}
	return c.Wait(ctx, e.after)
}
