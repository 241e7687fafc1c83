package label

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/balance"
)

// assemble puts a report together: each line is reckoned once, however many items name it.
func assemble(f *facts, b books, t Template, catalogue []Indicator, all map[string]piece) Report {
	proofs := numbered(b.evidence)
	remarks := remarksOf(b.remarks)
	r := Report{
		Schema: Schema, Organisation: f.organisation.Name, SIREN: f.organisation.SIREN, Contact: f.organisation.Contact,
		Template: t.ID, TemplateVersion: t.Version, Title: t.Title, Source: t.Source,
		Period: f.period(f.now), Previous: f.period(f.before), MadeOn: f.today, Simulated: f.simulated,
		Factors: factorsOf(f.book), Prices: pricesOf(b.prices, f.before.from, f.now.to), Quality: f.quality(f.now),
		Evidence: proofs.list, Lines: []Line{}, Steps: f.stepsOf(proofs), Actions: f.actionsOf(proofs), Inventory: f.stocks(), Weak: []string{},
	}
	r.MethodVersion = methodVersion(r.Factors)
	l := liner{f: f, b: b, all: all, proofs: proofs, remarks: remarks}
	for _, id := range linesOf(t) {
		if i := slices.IndexFunc(catalogue, func(x Indicator) bool { return x.ID == id }); i >= 0 {
			r.Lines = append(r.Lines, l.line(catalogue[i]))
		}
	}
	r.Themes = themesOf(t, r.Lines, proofs, remarks)
	for _, line := range r.Lines {
		if line.weak() {
			r.Weak = append(r.Weak, line.ID)
		}
	}
	f.first(&r, b)
	return r
}

// period is a period as a report tells it.
func (f *facts) period(p period) Period {
	return Period{From: p.from, To: p.to, Months: f.withFigures(p), Of: p.length()}
}

// methodVersion is the version of the method with that of the factors: the first 8 digits of the hash of their JSON, in the order of their ids.
func methodVersion(factors []Factor) string {
	text, err := json.Marshal(factors)
	if err != nil {
		return Method // factors are numbers and texts: see balance.Usable
	}
	sum := sha256.Sum256(text)
	return Method + "+" + hex.EncodeToString(sum[:4])
}

// factorsOf are the factors that all is reckoned with, by id.
func factorsOf(b balance.Book) []Factor {
	all := []Factor{}
	for _, f := range b.Factors() {
		all = append(all, Factor{
			ID: f.ID, Value: f.Value, Low: f.Low, High: f.High, Unit: f.Unit, Year: f.Year, Source: f.Source, Link: f.Link, Licence: f.Licence, Verified: f.Verified,
		})
	}
	return all
}

// pricesOf are the prices that hold in some of the months from one to another, the oldest first.
func pricesOf(prices []collector.Price, from, to collector.Month) []Price {
	sorted := slices.Clone(prices)
	slices.SortStableFunc(sorted, func(x, y collector.Price) int { return strings.Compare(string(x.From), string(y.From)) })
	all := []Price{}
	for i, p := range sorted {
		if p.From > to || i+1 < len(sorted) && sorted[i+1].From <= from { // another holds since
			continue
		}
		all = append(all, Price{From: p.From, EuroPerKWh: p.EuroPerKWh, Tax: p.Tax, Source: p.Source})
	}
	return all
}

// proofs is evidence, numbered, and by what it is for.
type proofs struct {
	list []Evidence
	of   map[string][]int
}

func numbered(all []collector.Evidence) proofs {
	p := proofs{list: []Evidence{}, of: map[string][]int{}}
	for i, e := range all {
		p.list = append(p.list, Evidence{Number: i + 1, Of: e.Of, Title: e.Title, Where: e.Where, On: e.On, SHA256: e.SHA256, Note: e.Note})
		p.of[e.Of] = append(p.of[e.Of], i+1)
	}
	return p
}

// numbers are those of the evidence for something.
func (p proofs) numbers(of string) []int { return append([]int{}, p.of[of]...) }

func remarksOf(all []collector.Remark) map[string]*Remark {
	remarks := map[string]*Remark{}
	for _, r := range all {
		remarks[r.Of] = &Remark{Text: r.Text, NotApplicable: r.NotApplicable, By: r.By, On: r.On}
	}
	return remarks
}

// linesOf are the ids of the lines of a template, each once, in its order.
func linesOf(t Template) (ids []string) {
	seen := map[string]bool{}
	for _, theme := range t.Themes {
		for _, item := range theme.Items {
			for _, id := range item.Indicators {
				if !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
		}
	}
	return ids
}

// themesOf are the headings of a template with what is known of their items.
func themesOf(t Template, lines []Line, p proofs, remarks map[string]*Remark) []Theme {
	status := map[string]string{}
	for _, l := range lines {
		status[l.ID] = l.Status
	}
	themes := []Theme{}
	for _, x := range t.Themes {
		theme := Theme{ID: x.ID, Title: x.Title, Items: []Item{}}
		for _, y := range x.Items {
			item := Item{
				ID: y.ID, Title: y.Title, Points: append([]Words{}, y.Points...), Lines: append([]string{}, y.Indicators...), Hints: append([]Words{}, y.Evidence...),
				Evidence: p.numbers(y.ID), Remark: remarks[y.ID],
			}
			item.settle(status)
			theme.Items = append(theme.Items, item)
		}
		themes = append(themes, theme)
	}
	return themes
}

// statuses are those of lines, the best first.
func statuses() []string { return []string{Measured, Imported, Declared, NotApplicable, ToComplete} }

// settle gives the item its status: the best of its lines. Evidence or a remark of its own make it declared at least; a remark that says that it does
// not concern the organisation makes it that.
func (i *Item) settle(lines map[string]string) {
	rank := func(s string) int { return slices.Index(statuses(), s) }
	best := ToComplete
	for _, id := range i.Lines {
		if s, ok := lines[id]; ok && rank(s) < rank(best) {
			best = s
		}
	}
	switch {
	case i.Remark != nil && i.Remark.NotApplicable:
		best = NotApplicable
	case (i.Remark != nil || len(i.Evidence) > 0) && rank(Declared) < rank(best):
		best = Declared
	}
	i.Status = best
}

// stepsOf are the steps of governance up to the end of the period.
func (f *facts) stepsOf(p proofs) []Step {
	_, last := f.now.dates()
	all := []Step{}
	for _, s := range f.steps {
		if s.On <= last {
			all = append(all, Step{ID: s.ID, Kind: s.Kind, On: s.On, Title: s.Title, Owner: s.Owner, Note: s.Note, Evidence: p.numbers("step " + strconv.FormatInt(s.ID, 10))})
		}
	}
	return all
}

// stocks is the inventory by class, as it was at the end of the period; nothing where it does not tell of that. Its quality is medium where the age of at least 60 percent is known, else low.
func (f *facts) stocks() []Stock {
	all := []Stock{}
	s, _, ok := f.stock(f.now)
	if !ok {
		return all
	}
	lives := f.book.Lives(s.serving, f.asOf(f.now))
	for _, class := range collector.Devices() {
		x := Stock{Class: class, Quality: Low}
		for _, e := range f.equipment {
			if e.Class == class && e.State == stockState {
				x.InStock += e.Count
			}
		}
		if i := slices.IndexFunc(lives, func(l balance.Life) bool { return l.Class == class }); i >= 0 {
			l := lives[i]
			x.Count, x.Known, x.Reused = l.Count, l.Known, l.Reused
			if l.Known > 0 {
				x.MeanYears = &l.MeanYears
			}
			if 100*l.Known >= enough*l.Count {
				x.Quality = Medium
			}
		}
		if life, ok := f.book.Factor(balance.Lasts + class); ok {
			x.Lasts = &life.Value
		}
		if x.Count+x.InStock > 0 {
			all = append(all, x)
		}
	}
	return all
}

// weak tells whether a line should be doubted: it is of low quality, not representative, or declared without evidence.
func (l *Line) weak() bool {
	return l.Value != nil && (l.Quality == Low || !l.Representative || l.Status == Declared && len(l.Evidence) == 0)
}

// targetIDs are the lines that are the same figure as an indicator of a target that is no line, where they are of twelve months of workstations alone.
func targetIDs() map[string]string { return map[string]string{"kwh": "E1", "carbon": "E4a"} }

// target is where the organisation wants a line to be: the nearest target that is not over before the period ends, else the last.
func (b books) target(f *facts, id string) (t collector.Target, ok bool) {
	for _, x := range b.targets { // the nearest first
		if x.Site != 0 || x.Indicator != id && (targetIDs()[x.Indicator] != id || !f.asPages()) {
			continue
		}
		if ok && t.By >= f.now.to {
			break
		}
		t, ok = x, true
	}
	return t, ok
}

// asPages tells whether the energy of the period is what targets of kWh and carbon are of: that of twelve months of workstations, as
// it was observed.
func (f *facts) asPages() bool {
	_, servers := f.servers(f.now)
	_, other := f.amount("other-devices", f.now)
	e, _ := f.fleetEnergy(f.now)
	return f.now.length() == yearMonths && !servers && !other && e.observed == nil
}

// compared orders figures for a trend; see cmp.Compare.
func compared(now, before float64, better string) string {
	up := cmp.Compare(now, before)
	switch {
	case better == "":
		return ""
	case up > 0 == (better == "up"):
		return Better
	}
	return Worse
}
