package collector_test

import (
	"math"
	"strings"
	"testing"

	"veille/collector"
)

// changed are copies of x, each with one thing changed.
func changed[T any](x T, changes ...func(*T)) (all []T) {
	for _, change := range changes {
		y := x
		change(&y)
		all = append(all, y)
	}
	return all
}

type valid interface{ Validate() error }

func values[T valid](all []T) (list []valid) {
	for _, x := range all {
		list = append(list, x)
	}
	return list
}

func TestWhatMayBeSaidIsTakenAndNothingElse(t *testing.T) {
	type (
		price     = collector.Price
		factor    = collector.Factor
		target    = collector.Target
		action    = collector.Action
		equipment = collector.Equipment
	)
	long := strings.Repeat("é", 151)
	p := price{From: "2026-01", EuroPerKWh: 0.2, Tax: "excluded"}
	f := factor{ID: "made.notebook", Value: 150, Low: 100, High: 200, Unit: "kgCO2e", Year: 2024, Source: "a table"}
	g := target{Indicator: "outside_share", Value: 20, By: "2030-12"}
	a := action{Name: "sleep", Measure: "sleep-policy", On: "2026-03-01", BaseFrom: "2025-03", Base: "2026-02"}
	e := equipment{Class: "notebook", As: "new", Count: 1}
	for i, x := range [][2][]valid{
		{
			values(changed(p, func(*price) {}, func(p *price) { p.EuroPerKWh, p.Tax = 5, "included" }, func(p *price) { p.EuroPerKWh = 0.0001 },
				func(p *price) { p.From = "1990-01" }, func(p *price) { p.From = "2200-12" }, func(p *price) { p.Source = "عقد \u200c\u200d 12" }, func(p *price) { p.Source = strings.Repeat("é", 150) })),
			values(changed(p,
				func(p *price) { p.From = "2026-00" }, func(p *price) { p.From = "" }, func(p *price) { p.EuroPerKWh = 0 }, func(p *price) { p.EuroPerKWh = -0.1 },
				func(p *price) { p.EuroPerKWh = 5.01 }, func(p *price) { p.EuroPerKWh = math.NaN() }, func(p *price) { p.Tax = "" }, func(p *price) { p.Source = long },
				func(p *price) { p.Source = "two\nlines" }, func(p *price) { p.Source = "\xff" }, func(p *price) { p.EuroPerKWh = 0.00009 },
				func(p *price) { p.EuroPerKWh = math.Inf(1) }, func(p *price) { p.From = "1989-12" }, func(p *price) { p.From = "2201-01" }, func(p *price) { p.From = "2026-1" })),
		},
		{
			values(changed(f, func(*factor) {}, func(f *factor) { f.ID, f.Link = "electricity", "https://example.org/a?b=c" }, func(f *factor) { f.Low, f.High = f.Value, f.Value })),
			values(changed(f,
				func(f *factor) { f.ID = "" }, func(f *factor) { f.ID = "Made" }, func(f *factor) { f.ID = "a.b.c" }, func(f *factor) { f.Low = 151 }, func(f *factor) { f.High = 149 },
				func(f *factor) { f.Low = -1 }, func(f *factor) { f.High = math.Inf(1) }, func(f *factor) { f.Value = math.NaN() }, func(f *factor) { f.Year = 24 },
				func(f *factor) { f.Unit = " " }, func(f *factor) { f.Source = "" }, func(f *factor) { f.Link = "javascript:alert(1)" }, func(f *factor) { f.Link = "https:///a" },
				func(f *factor) { f.Link = "https://example.org/" + long + long }, func(f *factor) { f.Licence = "\x00" })),
		},
		{
			values(changed(g, func(*target) {}, func(g *target) { g.Value = 100 }, func(g *target) { g.Indicator, g.Value = "kwh", 0 }, func(g *target) { g.Indicator, g.Value = "carbon", 1e6 })),
			values(changed(g,
				func(g *target) { g.By = "2030" }, func(g *target) { g.Indicator = "" }, func(g *target) { g.Value = 100.1 }, func(g *target) { g.Value = -1 }, func(g *target) { g.Value = math.NaN() },
				func(g *target) { g.Note = "\t" }, func(g *target) { g.By = "1989-12" }, func(g *target) { g.By = "2201-01" })),
		},
		{
			values(changed(a, func(*action) {}, func(a *action) { a.Site, a.Group = 3, 4 }, func(a *action) { a.BaseFrom = a.Base })),
			values(changed(a,
				func(a *action) { a.Measure = "" }, func(a *action) { a.On = "2026-02-30" }, func(a *action) { a.BaseFrom = "" }, func(a *action) { a.Base = "" }, func(a *action) { a.BaseFrom = "2026-03" },
				func(a *action) { a.Base = "2026-03" }, func(a *action) { a.Group = 4 }, func(a *action) { a.Name = "" }, func(a *action) { a.Owner = long }, func(a *action) { a.Note = "\r" },
				func(a *action) { a.BaseFrom = "1989-12" }, func(a *action) { a.On, a.Base = "2201-03-01", "2201-01" })),
		},
		{
			values(changed(e, func(*equipment) {}, func(e *equipment) { e.Bought, e.As, e.Count = "2019-09", "reused", 1_000_000 })),
			values(changed(e,
				func(e *equipment) { e.Class = "phone" }, func(e *equipment) { e.Bought = "2019" }, func(e *equipment) { e.As = "" }, func(e *equipment) { e.Count = 0 },
				func(e *equipment) { e.Count = 1_000_001 }, func(e *equipment) { e.Source = "\x7f" }, func(e *equipment) { e.Bought = "1989-12" }, func(e *equipment) { e.Bought = "2201-01" })),
		},
	} {
		for n, good := range x[0] {
			if err := good.Validate(); err != nil {
				t.Errorf("kind %d, %d: %+v is refused: %v", i, n, good, err)
			}
		}
		for n, bad := range x[1] {
			if err := bad.Validate(); err == nil {
				t.Errorf("kind %d, %d: %+v is taken", i, n, bad)
			}
		}
	}
}

func TestATextThatTurnsTheDirectionOfWritingIsRefused(t *testing.T) {
	for _, r := range []rune{0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069} {
		text := "invoice " + string(r) + "41"
		for _, x := range []valid{
			collector.Price{From: "2026-01", EuroPerKWh: 0.2, Tax: "excluded", Source: text},
			collector.Action{Name: text, Measure: "sleep-policy", On: "2026-03-01", BaseFrom: "2025-03", Base: "2026-02"},
		} {
			if err := x.Validate(); err == nil || !strings.Contains(err.Error(), "direction of writing") {
				t.Errorf("%U: %v", r, err)
			}
		}
	}
}

func TestWhatIsRefusedIsSaidAgainInShort(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, x := range []valid{
		collector.Price{From: collector.Month(long)},
		collector.Price{From: "2026-01", EuroPerKWh: 1, Tax: long},
		collector.Factor{ID: long},
		collector.Target{By: "2026-01", Indicator: long},
		collector.Action{Measure: long},
		collector.Action{Measure: "other", On: collector.Date(long)},
		collector.Action{Measure: "other", On: "2026-03-01", BaseFrom: collector.Month(long)},
		collector.Equipment{Class: long},
		collector.Equipment{Class: "tablet", As: long},
		collector.Equipment{Bought: collector.Month(long)},
	} {
		if err := x.Validate(); err == nil || strings.Count(err.Error(), "x") > 70 {
			t.Errorf("%.300v", err)
		}
	}
}
