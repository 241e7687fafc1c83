package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

// names gives the commands that take a name or number those of a place, of which own is of the caller's. The others take none, or
// make a new one of the caller's.
func names(p, own place) []ask {
	at := func(command string, flags map[string]any, args ...string) ask {
		if flags == nil {
			flags = map[string]any{}
		}
		flags["site"] = p.site.Name
		return ask{command: command, args: args, flags: flags}
	}
	return []ask{
		at("site set", map[string]any{"time-zone": "UTC"}),
		at("group add", map[string]any{"kind": "room"}, "New"), at("group list", nil), at("group rename", nil, p.group, "New"), at("group remove", nil, p.group),
		{command: "group rename", args: []string{p.group, "New"}, flags: map[string]any{"site": own.site.Name}},
		{command: "group remove", args: []string{p.group}, flags: map[string]any{"site": own.site.Name}},
		at("token create", nil), at("token list", nil),
		{command: "token revoke", args: []string{p.token}},
		{command: "token create", flags: map[string]any{"site": own.site.Name, "group": p.group}},
		at("machine list", map[string]any{"reason": "why not"}), at("quarantine list", map[string]any{"reason": "why not"}),
		{command: "erase", args: []string{p.machine}},
		{command: "machine move", args: []string{p.machine}, flags: map[string]any{"group": "none"}},
		{command: "machine move", args: []string{own.machine}, flags: map[string]any{"group": p.group}},
		{command: "machine move", args: []string{own.machine, p.machine}, flags: map[string]any{"group": own.group}},
		{command: "machine replace", args: []string{p.machine, own.machine}},
		{command: "machine replace", args: []string{own.machine, p.machine}},
		{command: "machine keep", args: []string{p.machine}},
		{command: "machine revoke", args: []string{p.machine}},
		{command: "machine restore", args: []string{p.machine}},
		at("calendar set", map[string]any{"open": "mon-fri 8h-18h"}), at("calendar close", nil, "2027-01-04"), at("calendar reopen", nil, "2027-01-01"),
		at("calendar reopen", map[string]any{"source": "zone A"}), at("calendar show", nil),
		{command: "calendar import", args: []string{"x.ics"}, flags: map[string]any{"site": p.site.Name}, file: "BEGIN:VCALENDAR\nEND:VCALENDAR\n"},
		at("policy set", map[string]any{"pause": true}), at("policy show", nil),
		{command: "website show", args: []string{p.website}},
		{command: "website measure", args: []string{p.website}},
		{command: "website set", args: []string{p.website}, flags: map[string]any{"every": 1}},
		{command: "website remove", args: []string{p.website}},
		at("target add", map[string]any{"indicator": "kwh", "value": 1, "by": "2027-12"}),
		{command: "target remove", args: []string{p.target}},
		at("action add", map[string]any{"measure": "other", "on": "2026-03-02", "baseline": "2026-01:2026-02"}, "New"),
		{
			command: "action add", args: []string{"New"},
			flags: map[string]any{"site": own.site.Name, "group": p.group, "measure": "other", "on": "2026-03-02", "baseline": "2026-01:2026-02"},
		},
		{command: "action remove", args: []string{p.action}},
		at("quantity set", map[string]any{"value": 1, "from": "2026-01", "to": "2026-01"}, "printers"),
		{command: "quantity remove", args: []string{p.quantity}},
		{command: "quantity import", args: []string{"x.csv"}, file: "quantity;from;to;value;site\nprinters;2026-02;2026-02;1;" + own.site.Name + "\nprinters;2026-02;2026-02;1;" + p.site.Name + "\n"},
		{command: "meter import", args: []string{"x.csv"}, file: "site;meter;month;kwh\n" + own.site.Name + ";M;2026-02;10\n" + p.site.Name + ";M;2026-02;10\n"},
		at("meter remove", nil, "M"),
		at("meter add", map[string]any{"kind": "building", "measurement": "m", "field": "wh", "unit": "Wh"}, "New"), at("meter rules", nil), at("meter status", nil),
		at("meter end", nil, p.rule), at("meter token", nil), at("meter tokens", nil), at("meter revoke-token", nil, p.meterToken),
		{command: "meter add", args: []string{"New"}, flags: map[string]any{"site": own.site.Name, "kind": "plug", "measurement": "m", "field": "wh", "unit": "Wh", "machine": p.machine}},
		{command: "meter end", args: []string{p.rule}, flags: map[string]any{"site": own.site.Name}},
		{command: "meter revoke-token", args: []string{p.meterToken}, flags: map[string]any{"site": own.site.Name}},
		{command: "grid import", args: []string{"x.csv"}, flags: map[string]any{"website": p.website, "on": "2026-06-30"}, file: "criterion;priority;status\n1.1;priority;validated\n"},
		{command: "grid remove", args: []string{p.website}},
		{command: "inventory import", args: []string{"x.csv"}, file: "site;class;bought;as;count\n" + own.site.Name + ";tablet;;new;1\n" + p.site.Name + ";tablet;;new;1\n"},
	}
}

// persons are those commands that are about the whole organisation.
func persons(p place, organisation string) []ask {
	of := map[string]any{"organisation": organisation}
	return []ask{
		{command: "org set", flags: map[string]any{"organisation": organisation, "contact": "x"}},
		{command: "site add", args: []string{"New"}, flags: of},
		{command: "user add", args: []string{"new"}, flags: map[string]any{"organisation": organisation, "role": "reader"}},
		{command: "user add", args: []string{"new"}, flags: map[string]any{"site": p.site.Name, "role": "reader"}},
		{command: "user set", args: []string{p.user}, flags: map[string]any{"role": "reader"}},
		{command: "user remove", args: []string{p.user}},
		{command: "user key", args: []string{p.user}},
		{command: "user keys", args: []string{p.user}},
		{command: "user revoke-key", args: []string{p.userKey}},
		{command: "user invite", args: []string{p.user}},
		{command: "price set", flags: map[string]any{"organisation": organisation, "from": "2026-01", "euro": 0.2, "tax": "included"}},
		{command: "price remove", flags: map[string]any{"organisation": organisation, "from": "2025-01"}},
		{command: "price list", flags: of},
		{command: "factor list", flags: of},
		{command: "target list", flags: of},
		{command: "action list", flags: of},
		{command: "inventory list", flags: of},
		{command: "quantity list", flags: of},
		{command: "meter list", flags: of},
		{command: "grid list", flags: of},
		{command: "baseline list", flags: of},
		{command: "step list", flags: of},
		{command: "step add", args: []string{"New"}, flags: map[string]any{"organisation": organisation, "kind": "audit", "on": "2026-01-15"}},
		{command: "step remove", args: []string{p.step}},
		{command: "evidence list", flags: of},
		{command: "evidence add", args: []string{"New"}, flags: map[string]any{"organisation": organisation, "of": "U1", "where": "archive"}},
		{command: "evidence add", args: []string{"New"}, flags: map[string]any{"of": "step " + p.step, "where": "archive"}},
		{command: "evidence add", args: []string{"New"}, flags: map[string]any{"of": "action " + p.action, "where": "archive"}},
		{command: "evidence remove", args: []string{p.evidence}},
		{command: "remark list", flags: of},
		{command: "remark set", args: []string{"U1"}, flags: map[string]any{"organisation": organisation, "text": "New"}},
		{command: "remark set", args: []string{"step " + p.step}, flags: map[string]any{"text": "New"}},
		{command: "remark remove", args: []string{"U1"}, flags: of},
		{command: "price import", args: []string{"x.csv"}, flags: of, file: "from;euro_per_kwh;tax;source\n2026-03;0,25;TTC;contract\n"},
		{command: "factor import", args: []string{"x.csv"}, flags: of, file: "id;value;unit;year;source\nown;2;kg;2025;study\n"},
		{command: "template list", flags: of},
		{command: "template show", args: []string{"reen"}, flags: of},
		{command: "template add", args: []string{"x.yaml"}, flags: of, file: "id: x\n"},
		{command: "template remove", args: []string{"reen"}, flags: of},
		{command: "report list", flags: of},
		{command: "report keep", flags: map[string]any{"organisation": organisation, "template": "reen", "from": "2026-01", "to": "2026-01"}},
		{command: "factor set", args: []string{"x"}, flags: map[string]any{"organisation": organisation, "value": 1, "unit": "kg", "year": 2025, "source": "x"}},
		{command: "factor remove", args: []string{"own"}, flags: of},
		{command: "target add", flags: map[string]any{"organisation": organisation, "indicator": "kwh", "value": 1, "by": "2027-12"}},
		{command: "page add", args: []string{"https://127.0.0.1:1/"}, flags: of},
		{command: "website add", args: []string{"https://127.0.0.1:1/"}, flags: of},
		{command: "website allow", args: []string{"intranet.example"}, flags: of},
		{command: "website forbid", args: []string{"intranet.example"}, flags: of},
		{command: "website hosts", flags: of},
	}
}

func TestWhatIsOfAnotherOrganisationIsNotThere(t *testing.T) {
	o := newOffice(t)
	for _, to := range []string{"B1", "B2"} {
		own, other := o.at["A1"], o.at[to]
		o.tryAll(own.secret, append(names(other, own), persons(other, "Organisation B")...), other)
	}
	byNumber := o.at["B1"]
	byNumber.site.Name = "3" // of B1
	if byNumber.site.ID != 3 {
		t.Fatal(byNumber.site)
	}
	o.tryAll(o.at["A1"].secret, names(byNumber, o.at["A1"]), o.at["B1"])
	// And the other way round, from the organisation that came later.
	o.tryAll(o.at["B1"].secret, append(names(o.at["A1"], o.at["B1"]), persons(o.at["A1"], "Organisation A")...), o.at["A1"])

	covered := map[string]bool{}
	for _, a := range append(names(byNumber, byNumber), persons(byNumber, "")...) {
		covered[a.command] = true
	}
	for name := range whoMay() {
		switch name {
		case "site list", "org show", "user list", "audit list", "page list", "website list", "report verify", "version": // they take no names: see the test below
		default:
			if !covered[name] {
				t.Errorf("%s is not tried with names of another organisation", name)
			}
		}
	}
}

func TestAUserOfOneSiteSeesThatSiteOnly(t *testing.T) {
	o := newOffice(t)
	own, other := o.at["A1"], o.at["A2"]
	_, secret := o.user("one", own.site.Organisation, own.site.ID, collector.Roles()...)
	o.tryAll(secret, names(other, own), other)
	if _, got := o.post(secret, ask{command: "site list"}); !strings.Contains(string(got.JSON), "Site A1") || strings.Contains(string(got.JSON), "Site A2") {
		t.Errorf("%s", got.JSON)
	}
	for name, has := range map[string]string{"target list": "Target A1", "action list": "Action A1", "inventory list": "Site A1", "quantity list": "Quantity A1", "meter list": "Meter A1", "meter rules": "Rule A1", "meter tokens": "Door A1", "grid list": "Grid A1", "baseline list": "Action A1"} {
		if _, got := o.post(secret, ask{command: name}); !strings.Contains(string(got.JSON), has) || strings.Contains(string(got.JSON), "A2") {
			t.Errorf("%s: %s", name, got.JSON)
		}
	}
	for _, whole := range []ask{
		{command: "target add", flags: map[string]any{"indicator": "kwh", "value": 1, "by": "2027-12"}},
		{command: "action add", args: []string{"New"}, flags: map[string]any{"measure": "other", "on": "2026-03-02", "baseline": "2026-01:2026-02"}},
		{command: "quantity set", args: []string{"staff"}, flags: map[string]any{"value": 1, "from": "2026-01", "to": "2026-01"}},
		{command: "quantity import", args: []string{"x.csv"}, file: "quantity;from;to;value;site\nprinters;2026-02;2026-02;1;Site A1\nprinters;2026-02;2026-02;1;\n"},
	} {
		if status, got := o.post(secret, whole); status != http.StatusForbidden || !strings.Contains(got.Error, "you see one site only") {
			t.Errorf("%s of the whole organisation: %d %+v", whole.command, status, got)
		}
	}
	if status, got := o.post(secret, ask{command: "calendar close", args: []string{"2027-01-04"}, flags: map[string]any{"all": true}}); status != http.StatusOK || got.Output != "Site A1: closed 2027-01-04, 1 day\n" {
		t.Errorf("%d %+v", status, got)
	}
}

// tryAll makes calls that must answer "not found", change nothing, leave no entry, and tell nothing of the place.
func (o *office) tryAll(secret string, all []ask, p place) {
	o.t.Helper()
	before, entries := o.dump(), len(o.entries())
	for _, a := range all {
		status, got := o.post(secret, a)
		if status != http.StatusNotFound || !strings.Contains(got.Error, "not found") || got.Output != "" || got.JSON != nil {
			o.t.Errorf("%s %q %v: %d %+v; want 404", a.command, a.args, a.flags, status, got)
		}
		text := got.Error
		for _, said := range slices.Concat(a.args, flagTexts(a.flags), strings.FieldsFunc(a.file, func(r rune) bool { return r == ';' || r == '\n' })) {
			text = strings.ReplaceAll(text, said, "")
		}
		for _, unsaid := range []string{p.site.Name, p.group, p.token, p.user, p.website} {
			if strings.Contains(text, unsaid) {
				o.t.Errorf("%s %q %v tells of %q: %s", a.command, a.args, a.flags, unsaid, got.Error)
			}
		}
	}
	if after := o.dump(); after != before {
		o.t.Errorf("something was changed:\n%s\nbefore:\n%s", after, before)
	}
	if now := o.entries(); len(now) != entries {
		o.t.Errorf("the audit log has new entries: %+v", now[entries:])
	}
}

func flagTexts(flags map[string]any) (all []string) {
	for _, v := range flags {
		if text, ok := v.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

func TestListsHaveWhatIsOfOnesOwnOrganisationOnly(t *testing.T) {
	o := newOffice(t)
	a, b := o.at["A1"], o.at["B1"]
	for _, p := range []place{a, b} {
		_, err := o.store.AddWebsite(t.Context(), collector.Website{
			Organisation: p.site.Organisation, Kind: collector.KindPage, Name: p.user, EveryDays: 7, AddedOn: today(), NextOn: today(),
			Rules: collector.WebsiteRules{URL: "https://" + p.user + ".example/", Mode: modeStatic, MaxPages: 1, Depth: 1, Delay: time.Second},
		})
		o.must(err)
		o.must(o.store.AllowHost(t.Context(), p.site.Organisation, p.user+".intranet.example"))
		o.must(o.store.Note(t.Context(), collector.Entry{On: today(), Organisation: p.site.Organisation, Who: p.user, What: "x", Subject: p.site.Name}))
	}
	o.must(o.store.Note(t.Context(), collector.Entry{On: today(), Who: "command", What: "x", Subject: "of the whole collector, " + b.user}))
	for name, own := range map[string]string{
		"site list": "Site A2", "org show": "Organisation A", "user list": "user.A1", "audit list": "user.A1", "page list": "user.A1", "website list": "Website A1", "website hosts": "user.A1", "token list": o.at["A2"].token,
		"price list": "Source A1", "factor list": "Factor A1", "target list": "Target A2", "action list": "Action A2", "inventory list": "Site A2",
		"quantity list": "Quantity A2", "meter list": "Meter A2", "meter rules": "Rule A2", "meter tokens": "Door A2", "grid list": "Grid A2", "baseline list": "Action A2", "step list": "Step A2", "evidence list": "Evidence A2",
		"remark list": "Remark A", "report list": "Method A2",
	} {
		status, got := o.post(a.secret, ask{command: name})
		text := string(got.JSON)
		if status != http.StatusOK || !json.Valid(got.JSON) || !strings.Contains(text, own) {
			t.Errorf("%s: %d %+v; want %s in it", name, status, got, own)
		}
		for _, p := range []place{b, o.at["B2"]} {
			for _, other := range []string{p.site.Name, "Organisation B", p.user, p.token, p.group, p.website, "Source B", "Factor B", "Target B", "Action B", "Quantity B", "Meter B", "Grid B", "Step B", "Evidence B", "Remark B", "Method B"} {
				if strings.Contains(text, other) {
					t.Errorf("%s tells of %s: %s", name, other, text)
				}
			}
		}
	}
}
