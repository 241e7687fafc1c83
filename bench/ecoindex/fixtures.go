package main

import (
	"context"
	"fmt"

	"veille/ecoindex/browser"
	"veille/ecoindex/browser/browsertest"
)

// fixtures measures every fixture of the tests by the protocol of the reference and by the adaptive one, with each browser
// that is installed: the elements and requests must be the same, in a third of the time at most. Some answers of the
// fixtures have no end, whose bytes are those that had come; the tests look at the bytes of the others.
func (n *numbers) fixtures(ctx context.Context) error {
	site, err := browsertest.NewSite()
	if err != nil {
		return fmt.Errorf("serve the fixtures: %w", err)
	}
	defer func() { _ = site.Close() }()
	var urls []string
	for _, p := range browsertest.Pages() {
		urls = append(urls, site.URL(p.Path))
	}
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		what := fmt.Sprintf("%d fixtures, 4 tabs, adaptive, %s", len(urls), name)
		if err := n.beside(ctx, what, name, urls); err != nil {
			if err := n.skip(ctx, what, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside measures addresses by both protocols with a browser.
func (n *numbers) beside(ctx context.Context, what, name string, urls []string) error {
	if _, err := browser.Find(name); err != nil {
		return fmt.Errorf("%w", err)
	}
	var costs [2]cost
	var found [2][]figures
	for i, protocol := range []string{"ecoindex-2026", "adaptive"} {
		var err error
		args := []string{"--browser", name, "--protocol", protocol, "--parallel", "4"}
		if costs[i], found[i], err = n.run(ctx, nil, args, urls, nil); err != nil {
			return err
		}
	}
	same := 0
	for i, f := range found[0] {
		if g := found[1][i]; f.problem == "" && g.problem == "" && f.dom == g.dom && f.requests == g.requests {
			same++
		}
	}
	times := costs[0].wall.Seconds() / costs[1].wall.Seconds()
	n.hold(what, "the same counts, ≥ 3 times as fast", fmt.Sprintf("%d of %d with the same counts; %.1f s against %.1f s, %.1f times as fast%s",
		same, len(urls), costs[1].wall.Seconds(), costs[0].wall.Seconds(), times, missing(found[1])), same == len(urls) && times >= 3)
	return nil
}
