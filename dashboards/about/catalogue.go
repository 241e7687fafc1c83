package about

import (
	"context"

	"veille/dashboards/frame"
)

// span is how long something is kept.
type span struct {
	n    int    // 0: no number says it
	unit string // "day", "month" or "year", or a word of the catalogue: "ever", "removed", …
}

// kept is a kind of data that is kept. Its words are in the language files: about.data.ID, and those of of, why, finest and who.
type kept struct {
	id     string
	of     string // of whom or what
	why    string // the purpose
	finest string // the finest time in it
	long   span
	who    string // who can see it
}

// How long things are kept, as collector/rollup and agent/spool hold it; a test compares them.
const (
	journalDays    = 30
	machineDays    = 90
	quarantineDays = 30
	machineMonths  = 13
	groupYears     = 6
	auditMonths    = 12
	tokenDays      = 7
)

// catalogue is all that is kept: on machines, by the collector of machines and groups, of pages, of people, what organisations enter, and what is kept for their reports.
func catalogue() []kept {
	days := func(n int) span { return span{n, "day"} }
	months := func(n int) span { return span{n, "month"} }
	years := func(n int) span { return span{n, "year"} }
	word := func(w string) span { return span{0, w} }
	return []kept{
		{"running", "machines", "count", "moment", word("day_over"), "machine_admin"},
		{"journal", "machines", "again", "part", days(journalDays), "machine"},
		{"machine", "machines", "know", "date", word("erased"), "it"},
		{"machine_day", "personal", "find", "part_only", days(machineDays), "server"},
		{"machine_hour", "shared", "find", "hour", days(machineDays), "signed_sum"},
		{"quarantine", "machines", "refused", "part", days(quarantineDays), "it"},
		{"machine_month", "machines", "policy", "month", months(machineMonths), "it"},
		{"fleet", "machines_counted", "deploy", "date", word("next_count"), "it_counts"},
		{"group_day_personal", "personal_sum", "fix", "day", days(machineDays), "server"},
		{"group_day", "shared_sum", "figures", "day", years(groupYears), "figures"},
		{"group_month", "group_sum", "figures", "month", years(groupYears), "groups"},
		{"run", "nobody", "account", "date", word("ever"), "server"},
		{"token", "nobody", "enrol", "date", span{tokenDays, "token"}, "it_number"},
		{"tree", "dpo", "figures", "none", word("removed"), "signed"},
		{"entered", "nobody", "figures", "month", word("removed"), "figures"},
		{"equipment", "devices", "equipment", "month", word("replaced"), "figures"},
		{"stated", "nobody", "report", "date", word("removed"), "figures"},
		{"baseline", "group_sum", "effect", "month", word("action"), "groups"},
		{"snapshot", "group_sum", "report", "month", word("ever"), "groups"},
		{"website", "nobody", "web", "none", word("removed"), "signed_public"},
		{"page_score", "nobody", "web", "date", years(groupYears), "signed_public"},
		{"page_audit", "nobody", "web", "date", word("next_measure"), "signed"},
		{"user", "users", "sign_in", "date", span{auditMonths, "user"}, "it_own"},
		{"password", "users", "sign_in", "none", word("password"), "none"},
		{"key", "users", "sign_in", "date", span{auditMonths, "key"}, "it_number"},
		{"invitation", "users", "sign_in", "date", word("invitation"), "none"},
		{"session", "users", "sign_in", "date", word("session"), "none"},
		{"attempt", "users", "protect", "moment", word("attempt"), "none"},
		{"audit", "users", "account", "date", months(auditMonths), "audit"},
		{"crawl", "nobody", "web", "date", word("next_measure"), "server"},
		{"secrets", "nobody", "know", "none", word("decided"), "server"},
		{"elsewhere", "shared_sum", "figures", "hour", word("decided"), "elsewhere"},
		{"backup", "all", "recover", "as_copied", word("decided"), "server"},
	}
}

// showData is the page /data.
func (p *Pages) showData(ctx context.Context, q frame.Request) (frame.View, error) {
	who, err := p.only(ctx)
	if err != nil {
		return frame.View{}, err
	}
	return frame.View{Tables: []frame.Table{keptTable(q.Language)}, Data: promise{Who: who}}, nil
}

// keptTable is the catalogue as a table.
func keptTable(l frame.Language) frame.Table {
	t := frame.Table{ID: "kept", Caption: l.Say("about.data.caption")}
	for _, id := range []string{"what", "of", "why", "finest", "long", "who"} {
		t.Columns = append(t.Columns, frame.Column{ID: id, Title: l.Say("about.data.column." + id)})
	}
	for _, k := range catalogue() {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(l.Say("about.data.what." + k.id)), frame.Text(l.Say("about.data.of." + k.of)), frame.Text(l.Say("about.data.why." + k.why)),
			frame.Text(l.Say("about.data.finest." + k.finest)), frame.Text(k.long.text(l)), frame.Text(l.Say("about.data.who." + k.who)),
		})
	}
	return t
}

// text is how long in words.
func (s span) text(l frame.Language) string {
	if s.n == 0 {
		return l.Say("about.data.long." + s.unit)
	}
	return l.Say("about.data.long."+s.unit, l.Count(s.n))
}
