package relational_test

import (
	"context"
	"fmt"
	"strings"

	"veille/collector"
	"veille/collector/store/storetest"
)

func quantity(organisation, site int64, name string, from, to collector.Month, value float64) collector.Quantity {
	return collector.Quantity{Organisation: organisation, Site: site, Name: name, From: from, To: to, Value: value, Source: "bilan social", Owner: "DRH", Note: "ETP"}
}

func step(organisation int64, on collector.Date) collector.Step {
	return collector.Step{Organisation: organisation, Kind: "charter", On: on, Title: "Charte signée", Owner: "DGS", Note: "en commission"}
}

func evidence(organisation int64, of string) collector.Evidence {
	return collector.Evidence{Organisation: organisation, Of: of, Title: "Délibération", Where: "https://example.org/d.pdf", On: "2026-01-31", SHA256: strings.Repeat("0a", 32), Note: "annexe 2"}
}

func remark(organisation int64, of string) collector.Remark {
	return collector.Remark{Organisation: organisation, Of: of, Text: "Les salles\nsont éteintes.", NotApplicable: true, By: "DGS", On: "2026-10-01"}
}

func reading(organisation, site int64, meter string, from, to collector.Date, kwh float64) collector.Reading {
	return collector.Reading{Organisation: organisation, Site: site, Meter: meter, From: from, To: to, KWh: kwh, Source: "releves.csv"}
}

func grid(organisation, website int64) collector.Grid {
	return collector.Grid{Organisation: organisation, Website: website, On: "2026-05-05", Source: "declaration.csv", Criteria: []collector.Criterion{{ID: "6.3", Priority: "priority", Status: "validated"}}}
}

func template(organisation int64, id string) collector.Template {
	return collector.Template{Organisation: organisation, ID: id, Version: "2", Text: "id: " + id, AddedOn: "2026-10-01"}
}

func report(organisation int64) collector.Snapshot { return storetest.Report(organisation) }

func baseline(organisation, action int64) collector.Baseline {
	return storetest.Baseline(organisation, action)
}

// page is a website of an organisation.
func (c town) page(organisation int64, name string) collector.Website {
	c.t.Helper()
	w, err := c.AddWebsite(c.t.Context(), collector.Website{
		Organisation: organisation, Kind: collector.KindPage, Name: name, EveryDays: 7, AddedOn: "2026-01-01", NextOn: "2026-01-02",
		Rules: collector.WebsiteRules{URL: "https://" + name + "/", Mode: "static", MaxPages: 1, Depth: 1},
	})
	c.must(err)
	return w
}

// labelWrites are all that can be said for label reports of an organisation and a site of it, each of which works once.
func (c town) labelWrites(a, site int64) []write {
	c.t.Helper()
	t := c.t.Context()
	w, other := c.page(a, "un.example.org"), c.page(a, "deux.example.org")
	q, err := c.SetQuantity(t, quantity(a, 0, "pupils", "2025-09", "2026-08", 9))
	c.must(err)
	x, err := c.AddStep(t, step(a, "2026-02-01"))
	c.must(err)
	e, err := c.AddEvidence(t, evidence(a, "U2"))
	c.must(err)
	done, err := c.AddAction(t, action(a, site, 0, "2026-03-02"))
	c.must(err)
	both, err := c.AddAction(t, action(a, site, 0, "2026-03-02"))
	c.must(err)
	c.must(second(c.AddEvidence(t, evidence(a, fmt.Sprint("action ", both.ID)))))
	c.must(c.KeepBaseline(t, baseline(a, both.ID)))
	c.must(c.SetRemark(t, remark(a, "U2")))
	c.must(c.PutReadings(t, a, []collector.Reading{reading(a, site, "gone", "2026-01-01", "2026-01-31", 1)}))
	c.must(c.PutGrid(t, grid(a, other.ID)))
	c.must(c.PutTemplate(t, template(a, "gone")))
	return []write{
		{"a quantity", func(ctx context.Context) error {
			return second(c.SetQuantity(ctx, quantity(a, 0, "staff", "2025-09", "2026-08", 9)))
		}},
		{"quantities", func(ctx context.Context) error {
			return c.SetQuantities(ctx, a, []collector.Quantity{quantity(a, 0, "staff", "2024-09", "2025-08", 9), quantity(a, site, "weee", "2025-01", "2025-12", 9.5)})
		}},
		{"no quantity", func(ctx context.Context) error { return c.RemoveQuantity(ctx, a, q.ID) }},
		{"a step", func(ctx context.Context) error { return second(c.AddStep(ctx, step(a, "2026-01-31"))) }},
		{"no step", func(ctx context.Context) error { return c.RemoveStep(ctx, a, x.ID) }},
		{"evidence", func(ctx context.Context) error { return second(c.AddEvidence(ctx, evidence(a, "U1"))) }},
		{"no evidence", func(ctx context.Context) error { return c.RemoveEvidence(ctx, a, e.ID) }},
		{"a remark", func(ctx context.Context) error { return c.SetRemark(ctx, remark(a, "U1")) }},
		{"no remark", func(ctx context.Context) error { return c.RemoveRemark(ctx, a, "U2") }},
		{"readings", func(ctx context.Context) error {
			return c.PutReadings(ctx, a, []collector.Reading{reading(a, site, "PDL", "2026-01-01", "2026-01-31", 9), reading(a, site, "PDL", "2026-02-01", "2026-02-28", 9)})
		}},
		{"no readings", func(ctx context.Context) error { return c.RemoveReadings(ctx, a, site, "gone") }},
		{"a grid", func(ctx context.Context) error { return c.PutGrid(ctx, grid(a, w.ID)) }},
		{"no grid", func(ctx context.Context) error { return c.RemoveGrid(ctx, a, other.ID) }},
		{"a template", func(ctx context.Context) error { return c.PutTemplate(ctx, template(a, "lnr-2022")) }},
		{"no template", func(ctx context.Context) error { return c.RemoveTemplate(ctx, a, "gone") }},
		{"a report", func(ctx context.Context) error { return second(c.AddSnapshot(ctx, report(a))) }},
		{"a baseline", func(ctx context.Context) error { return c.KeepBaseline(ctx, baseline(a, done.ID)) }},
		{"no action, with all that is of it", func(ctx context.Context) error { return c.RemoveAction(ctx, a, both.ID) }},
		{"a site's scope", func(ctx context.Context) error {
			return c.SetSite(ctx, collector.Site{ID: site, Organisation: a, Scope: "lycees"})
		}},
		{"an organisation's number", func(ctx context.Context) error {
			return c.SetOrganisation(ctx, collector.Responsible{Organisation: collector.Organisation{ID: a, Name: "A"}, SIREN: "732829320"})
		}},
		{"prices", func(ctx context.Context) error {
			return c.SetPrices(ctx, a, []collector.Price{price(a, "2020-01", 0.1), price(a, "2021-01", 0.2)})
		}},
		{"factors", func(ctx context.Context) error {
			return c.SetFactors(ctx, a, []collector.Factor{factor(a, "made.tablet", 1), factor(a, "life.tablet", 1)})
		}},
	}
}
