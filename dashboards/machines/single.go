package machines

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/collector"
	"veille/dashboards/frame"
)

// machine is a single machine, and what it did in a month.
type machine struct {
	collector.Machine

	month  *collector.MachineMonth // nil: it was not heard of in that month
	silent bool                    // for more than a week
}

// week is after how many days without a word a machine is called silent. What is less is not told: the last date on which a personal machine spoke
// says who is away today.
const week = 7

// join are the machines of a site with their months, those first whose sleep setting should be looked at, then the silent ones. A machine that is
// another one now has no row of its own; a month of a machine that has moved away keeps its row.
func join(site collector.Site, enrolled []collector.Machine, months []collector.MachineMonth, today collector.Date) []machine {
	var rows []machine
	for _, m := range enrolled {
		if m.ReplacedBy == 0 && m.Site.ID == site.ID {
			rows = append(rows, machine{Machine: m, silent: silentOn(m, today)})
		}
	}
	for i := range months {
		at := slices.IndexFunc(rows, func(m machine) bool { return m.ID == months[i].Machine })
		if at < 0 {
			rows = append(rows, machine{Machine: collector.Machine{ID: months[i].Machine, Site: site, Use: months[i].Use, Kind: collector.Kind{Class: months[i].Class}}})
			at = len(rows) - 1
		}
		rows[at].month = &months[i]
	}
	urgency := func(m machine) int {
		switch {
		case m.policy() == notApplied:
			return 0
		case m.silent:
			return 1
		}
		return 2
	}
	slices.SortFunc(rows, func(a, b machine) int { return cmp.Or(cmp.Compare(urgency(a), urgency(b)), cmp.Compare(a.ID, b.ID)) })
	return rows
}

// silentOn tells whether a machine has not spoken for more than a week.
func silentOn(m collector.Machine, today collector.Date) bool {
	now, err := today.Midnight(time.UTC)
	if err != nil || m.RevokedOn != "" {
		return false
	}
	return m.SeenOn < collector.DateOf(now.AddDate(0, 0, -week))
}

// Whether a machine goes to sleep by itself soon enough.
const (
	noPolicy   = "none" // a server is to stay awake
	notKnown   = "not_known"
	applied    = "applied"
	notApplied = "not_applied"
)

// latest is after how many minutes an unused machine should be asleep.
const latest = 60

// policy tells whether the machine goes to sleep by itself within the hour, as its last record of the month says.
func (m machine) policy() string {
	if m.use() == "server" {
		return noPolicy
	}
	if m.month == nil {
		return notKnown
	}
	minutes, err := strconv.Atoi(m.month.SleepAfter)
	switch {
	case m.month.SleepAfter == "never", err == nil && minutes > latest:
		return notApplied
	case err != nil:
		return notKnown
	}
	return applied
}

// use is how finely the machine may be described: as a personal one where anything says so, or nothing says anything.
func (m machine) use() collector.Use {
	if !m.Use.Hourly() || m.month != nil && !m.month.Use.Hourly() {
		return "individual"
	}
	return m.Use
}

// outside is how many hours a day the machine was awake outside of open hours, of the days that it was heard of. nil: that is not known, or it is a
// machine of a person, of which nothing is told but whether it goes to sleep.
func (m machine) outside() *float64 {
	if m.month == nil || m.month.Sum.Days <= 0 || m.use() == "individual" {
		return nil
	}
	var awake, known int64
	for _, p := range m.month.Sum.Seconds {
		known += p.Length() - p.Unknown
		if p.Part != "open" {
			awake += p.On + p.DisplayOff
		}
	}
	if known <= 0 {
		return nil
	}
	return new(float64(awake) / 3600 / float64(m.month.Sum.Days))
}

// method is the best way by which some of the energy of the machine was obtained; "none" where none was, "" where it was not heard of.
func (m machine) method() string {
	if m.month == nil {
		return ""
	}
	for _, method := range collector.Methods() {
		if slices.ContainsFunc(m.month.Sum.Energy, func(e collector.EnergySum) bool {
			return e.Scope == "machine" && e.Method == method && e.CoveredS > 0
		}) {
			return method
		}
	}
	return "none"
}

// machineTable is the table of single machines.
func (p *Pages) machineTable(q frame.Request, rows []machine, month collector.Month) frame.Table {
	l := q.Language
	column := func(id, unit string, decimals int) frame.Column {
		return frame.Column{ID: id, Title: l.Say("machines.single." + id), Unit: unit, Decimals: decimals}
	}
	t := frame.Table{
		ID: "machines", Caption: l.Say("machines.single.caption", l.Month(month)), Empty: l.Say("machines.single.none"),
		Columns: []frame.Column{
			column("machine", "", 0), column("class", "", 0), column("use", "", 0), column("sleep_after", "", 0), column("policy", "", 0),
			column("days", "", 0), column("awake_outside", "h", 1), column("method", "", 0), column("silent_since", "", 0), column("note", "", 0),
		},
	}
	for _, m := range rows {
		row := []frame.Cell{
			frame.Text(strconv.FormatInt(m.ID, 10)), frame.Text(classText(l, m)), frame.Text(l.Say("machines.use.one." + string(m.use()))),
			{},
			frame.Text(policyText(l, m.policy())),
			{},
			{Number: m.outside()},
			{},
			{},
			frame.Text(noteOf(l, m)),
		}
		if m.month != nil {
			row[3] = frame.Text(sleepText(l, m.month.SleepAfter))
			row[5] = frame.Num(float64(m.month.Sum.Days))
			row[7] = frame.Text(l.Method(m.method()))
		}
		if m.silent {
			row[8] = frame.Text(l.Day(cmp.Or(m.SeenOn, m.EnrolledOn)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// policyText is what is said of the policy of sleep; "" for a server, which has none.
func policyText(l frame.Language, policy string) string {
	if policy == noPolicy {
		return ""
	}
	return l.Say("machines.policy." + policy)
}

// sleepText is the sleep setting of one machine in words.
func sleepText(l frame.Language, after string) string {
	switch after {
	case "never":
		return l.Say("machines.setting.never")
	case "":
		return l.Say("machines.not_known")
	}
	return l.Say("machines.setting.minutes", after)
}

// noteOf is what else an administrator must know of a machine.
func noteOf(l frame.Language, m machine) string {
	var notes []string
	if m.RevokedOn != "" {
		notes = append(notes, l.Say("machines.note.revoked", l.Day(m.RevokedOn)))
	}
	if len(m.Doubtful) > 0 {
		notes = append(notes, l.Say("machines.note.doubtful", numbers(m.Doubtful)))
	}
	if m.silent && m.SeenOn == "" {
		notes = append(notes, l.Say("machines.note.never"))
	}
	return strings.Join(notes, "; ")
}

// numbers are numbers of machines, in words.
func numbers(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ", ")
}

// classText is the class of the machine in words: that of the month, if it is known.
func classText(l frame.Language, m machine) string {
	word := m.Kind.Class
	if m.month != nil {
		word = cmp.Or(m.month.Class, word)
	}
	if word == "" {
		return l.Say("machines.not_known")
	}
	return class(l, word)
}
