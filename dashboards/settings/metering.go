package settings

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
)

func meteringPage() page {
	return page{name: "metering", roles: deployers(), load: loadMetering, forms: []form{
		{command: "meter add", here: true, fields: []field{
			{name: "meter-name", arg: true, needed: true},
			{name: "meter-kind", kind: pick, needed: true, options: collector.MeterKinds()},
			{name: "measurement", needed: true},
			{name: "line-field", needed: true},
			{name: "meter-unit", kind: pick, needed: true, options: collector.MeterUnits()},
			{name: "line-tags"},
			{name: "by-tags"},
			{name: "behind", kind: number},
		}, mend: func(o *order) {
			for from, to := range map[string]string{"meter-kind": "kind", "line-field": "field", "meter-unit": "unit", "line-tags": "tag", "by-tags": "by", "behind": "machine"} {
				if value := o.take(from); value != "" {
					o.flags[to] = value
				}
			}
		}},
		{command: "meter end", here: true, remove: true, fields: []field{{name: "rule", kind: pick, arg: true, needed: true, many: true}}},
		{command: "meter token", here: true, fields: []field{{name: "days", kind: number, needed: true}, {name: "note"}}, once: func(q frame.Request, printed string, _ json.RawMessage) (sentence, text string) {
			return q.Say("settings.metertoken"), strings.TrimSpace(printed)
		}},
		{command: "meter revoke-token", here: true, remove: true, fields: []field{{name: "meter-token", kind: pick, arg: true, needed: true, many: true}}},
	}}
}

func loadMetering(a asker) (loaded, error) {
	l, _, here, err := a.atSite()
	if err != nil {
		return l, err
	}
	if here.Name == "" || !strings.HasSuffix(a.q.HTTP.URL.Path, "/metering") { // the index needs the state alone
		var all []struct{}
		err := a.list(&all, "meter status", nil)
		l.state = a.count("settings.state.metering", len(all))
		return l, err
	}
	l.values = map[string]string{"days": "365"}
	for _, load := range []func(asker, *loaded, site) (frame.Table, error){postingMeters, meterRules, meterTokens} {
		t, err := load(a, &l, here)
		if err != nil {
			return l, err
		}
		l.tables = append(l.tables, t)
	}
	return l, nil
}

// flags are those of a command about a site.
func (s site) flags() map[string]any { return map[string]any{"site": s.Name} }

// postingMeters are the meters of a site, and how they are doing.
func postingMeters(a asker, _ *loaded, here site) (frame.Table, error) {
	var all []struct {
		Name, Kind string
		LastOn     string          `json:"last_on"`
		LastKWh    *float64        `json:"last_kwh"`
		Month      collector.Month `json:"month"`
		KWh        float64         `json:"kwh"`
		CoveredPct float64         `json:"covered_pct"`
		EndedOn    string          `json:"ended_on"`
	}
	err := a.list(&all, "meter status", here.flags())
	t := frame.Table{
		ID: "metering", Caption: a.q.Say("settings.metering.caption", here.Name), Empty: a.q.Say("settings.metering.none"),
		Columns: decimals(decimals(decimals(columns(a.q, "meter", "meterkind", "laston", "lastkwh", "month", "kwh", "covered", "endedon"), "kwh", 1), "covered", 1), "lastkwh", 3),
	}
	for _, x := range all {
		last, kwh := a.day(x.LastOn), frame.Num(x.KWh)
		if x.LastOn == "" { // it is there because a line came
			last = shownAs("", a.q.Say("settings.metering.soon"))
		}
		if x.CoveredPct == 0 { // nothing is known of that month
			kwh = frame.Cell{}
		}
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Name), a.coded("option.meter-kind", x.Kind), last, {Number: x.LastKWh}, shownAs(string(x.Month), a.q.Month(x.Month)), kwh, frame.Num(x.CoveredPct), a.day(x.EndedOn),
		})
	}
	return t, err
}

// meterRules are which lines are meters of a site.
func meterRules(a asker, l *loaded, here site) (frame.Table, error) {
	var all []struct {
		ID                                   int64
		Name, Kind, Measurement, Field, Unit string
		Tags                                 map[string]string
		By                                   []string
		Machine                              int64
		AddedOn                              string `json:"added_on"`
		RemovedOn                            string `json:"removed_on"`
	}
	err := a.list(&all, "meter rules", here.flags())
	t := frame.Table{
		ID: "rules", Caption: a.q.Say("settings.rules.caption", here.Name), Empty: a.q.Say("settings.rules.none"),
		Columns: columns(a.q, "rule", "meter", "meterkind", "measurement", "linetags", "bytags", "linefield", "unit", "behind", "addedon", "endedon"),
	}
	hide(t.Columns, "meterkind", "addedon")
	for _, x := range all {
		var tags []string
		for name, value := range x.Tags {
			tags = append(tags, name+"="+value)
		}
		slices.Sort(tags)
		machine := ""
		if x.Machine != 0 {
			machine = a.number(x.Machine)
		}
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(a.number(x.ID)), frame.Text(x.Name), a.coded("option.meter-kind", x.Kind), frame.Text(x.Measurement), frame.Text(strings.Join(tags, ", ")),
			frame.Text(strings.Join(x.By, ", ")), frame.Text(x.Field), frame.Text(x.Unit), frame.Text(machine), a.day(x.AddedOn), a.day(x.RemovedOn),
		})
		if x.RemovedOn == "" {
			l.choices["rule"] = append(l.choices["rule"], choice{a.number(x.ID), a.q.Say("settings.rule.of", a.number(x.ID), x.Name)})
		}
	}
	return t, err
}

// meterTokens are the tokens with which the meters of a site post; never the secrets.
func meterTokens(a asker, l *loaded, here site) (frame.Table, error) {
	var all []struct {
		Number, State, Note string
		CreatedOn           string `json:"created_on"`
		ExpiresOn           string `json:"expires_on"`
	}
	err := a.list(&all, "meter tokens", here.flags())
	t := frame.Table{
		ID: "metertokens", Caption: a.q.Say("settings.metertokens.caption", here.Name), Empty: a.q.Say("settings.metertokens.none"),
		Columns: columns(a.q, "token", "addedon", "expires", "tokenstate", "note"),
	}
	for _, x := range all {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Number), a.day(x.CreatedOn), a.day(x.ExpiresOn), frame.Text(a.called("token", strings.Fields(x.State + " unknown")[0])), frame.Text(x.Note),
		})
		if x.State == "good" {
			l.choices["meter-token"] = append(l.choices["meter-token"], choice{x.Number, a.q.Say("settings.token.of", x.Number, cmp.Or(x.Note, here.Name))})
		}
	}
	return t, err
}
