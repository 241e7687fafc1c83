package report

import (
	"strings"

	"veille/collector/label"
)

// firstView is what must be read before the figures.
type firstView struct {
	Facts     []fact
	Split     *split
	SplitSays string
	Changes   []string
	Baselines []string
	Limits    []string
	Statuses  []statusCount
}

// statusCount is how many lines have a status.
type statusCount struct {
	Status string
	Lines  int
}

func (l language) first(r label.Report) firstView {
	v := firstView{
		Facts: l.cover(r), Split: newSplit(r.Quality), SplitSays: l.quality(r.Quality), Changes: l.texts(r.First.Changes), Limits: l.texts(r.First.Limits),
	}
	for _, s := range r.First.Baselines {
		v.Baselines = append(v.Baselines, l.say("first.baseline.is", plain(s.Action), l.months(s.From, s.To), l.kept(s)))
	}
	for _, status := range []string{label.Measured, label.Imported, label.Declared, label.NotApplicable, label.ToComplete} {
		n := 0
		for _, line := range r.Lines {
			if line.Status == status {
				n++
			}
		}
		v.Statuses = append(v.Statuses, statusCount{status, n})
	}
	return v
}

// kept says when a baseline was kept.
func (l language) kept(s label.Span) string {
	if s.KeptOn == "" {
		return l.say("first.baseline.open")
	}
	return l.say("first.baseline.kept", l.day(s.KeptOn))
}

// quality says how much of the energy is of which quality.
func (l language) quality(q label.Quality) string {
	if newSplit(q) == nil {
		return l.say("first.quality.none")
	}
	return l.say("first.quality.is", l.percent(q.HighPct), l.percent(q.MediumPct), l.percent(q.LowPct))
}

// cover is what the figures of a report cover, in the order in which it is read.
func (l language) cover(r label.Report) []fact {
	whole := func(n int) string { return l.number(float64(n), 0) }
	share := func(key string, x *float64) string {
		if x == nil {
			return l.say("first.unknown")
		}
		return l.say(key, l.percent(*x))
	}
	period := func(p label.Period) string {
		return l.say("first.period.is", l.months(p.From, p.To), whole(p.Months), whole(p.Of))
	}
	machines := l.say("first.machines.alone", whole(r.First.Machines))
	if n := r.First.Inventory; n > 0 {
		machines = l.say("first.machines.of", whole(r.First.Machines), whole(n), l.percent(100*float64(r.First.Machines)/float64(n)))
	}
	hidden := l.say("first.hidden.none")
	if r.First.Hidden > 0 {
		hidden = l.say("first.hidden.is", whole(r.First.Hidden))
	}
	verified := 0
	for _, f := range r.Factors {
		if f.Verified {
			verified++
		}
	}
	all := []fact{{l.say("cover.period"), period(r.Period)}}
	if r.Previous.From != "" {
		all = append(all, fact{l.say("first.previous"), period(r.Previous)})
	}
	return append(
		all,
		fact{l.say("first.machines"), machines},
		fact{l.say("first.sites"), l.say("first.of", whole(r.First.Sites), whole(r.First.SitesOf))},
		fact{l.say("first.observed"), share("first.observed.is", r.First.ObservedPct)},
		fact{l.say("first.coverage"), share("first.coverage.is", r.CoveragePct)},
		fact{l.say("first.hidden"), hidden},
		fact{l.say("first.quality"), l.quality(r.Quality)},
		fact{l.say("first.factor"), l.electricity(r.Factors)},
		fact{l.say("first.factors"), l.say("first.factors.is", whole(verified), whole(len(r.Factors)))},
		fact{l.say("cover.method"), plain(r.MethodVersion)},
	)
}

// electricity says which emission factors of electricity are used.
func (l language) electricity(factors []label.Factor) string {
	var all []string
	for _, f := range factors {
		if f.ID != "electricity" && !strings.HasPrefix(f.ID, "electricity.") {
			continue
		}
		all = append(all, l.say("first.factor.is", l.exact(f.Value)+l.unit(f.Unit), l.exact(f.Low), l.exact(f.High), plain(f.Source), l.year(f.Year), l.verified(f)))
	}
	if len(all) == 0 {
		return l.say("first.factor.none")
	}
	return strings.Join(all, l.say("semicolon"))
}

// verified says whether somebody has read a factor at its source.
func (l language) verified(f label.Factor) string {
	if f.Verified {
		return l.say("factor.yes")
	}
	return l.say("factor.no")
}
