package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/label"
)

// step is a call that works, and what it leaves in the audit log: "" for nothing.
type step struct {
	ask
	subject string
}

// tour gives every command that is over the API, in an order in which each works.
func tour(o *office, a place) []step {
	site := map[string]any{"site": a.site.Name}
	with := func(more ...any) map[string]any {
		flags := map[string]any{"site": a.site.Name}
		for i := 0; i < len(more); i += 2 {
			flags[more[i].(string)] = more[i+1]
		}
		return flags
	}
	second := sha256.Sum256([]byte("second"))
	token, entry := enrol.NewToken(a.site.ID, 5, 7)
	o.must(o.store.CreateToken(o.t.Context(), entry))
	e, err := o.store.Enrol(o.t.Context(), collector.Enrolment{Token: sha256.Sum256([]byte(token)), Pseudonym: second, Credential: second, Use: "individual", On: today()})
	o.must(err)
	newer := fmt.Sprint(e.ID)
	key, _ := o.user("leaver", a.site.Organisation, 0, collector.RoleWeb)
	const ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270507\r\nDTEND;VALUE=DATE:20270508\r\nSUMMARY:Pont\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	return []step{
		{ask{command: "version"}, ""},
		{ask{command: "site add", args: []string{"Gymnase"}, flags: map[string]any{"time-zone": "Indian/Reunion"}}, `site "Gymnase"`},
		{ask{command: "site set", flags: with("time-zone", "UTC")}, `site "Site A1": time zone UTC`},
		{ask{command: "site list"}, ""},
		{ask{command: "group add", args: []string{"Bâtiment B"}, flags: with("kind", "building")}, `group "Bâtiment B" of site "Site A1"`},
		{ask{command: "group list", flags: site}, ""},
		{ask{command: "group rename", args: []string{"Bâtiment B", "Bâtiment Biot"}, flags: site}, `group "Bâtiment B" of site "Site A1": "Bâtiment Biot"`},
		{ask{command: "machine move", args: []string{a.machine, newer}, flags: map[string]any{"group": a.group}}, `machine 1, 5 of site "Site A1": to group "Group A1"`},
		{ask{command: "group remove", args: []string{"Bâtiment Biot"}, flags: site}, `group "Bâtiment Biot" of site "Site A1"`},
		{ask{command: "token create", flags: with("machines", 30, "group", a.group)}, `token ******** of site "Site A1"`},
		{ask{command: "token list"}, ""},
		{ask{command: "token revoke", args: []string{a.token}}, `token ******** of site "Site A1"`},
		{ask{command: "machine list", flags: with("reason", "inventory")}, `machines of site "Site A1"`},
		{ask{command: "quarantine list", flags: with("reason", "errors")}, `machines of site "Site A1"`},
		{ask{command: "machine replace", args: []string{newer, a.machine}, flags: map[string]any{"reason": "new disk"}}, "machine 5, 1"},
		{ask{command: "machine restore", args: []string{a.machine}}, "machine 1"},
		{ask{command: "machine keep", args: []string{newer}}, "machine 5"},
		{ask{command: "machine revoke", args: []string{newer}}, "machine 5"},
		{ask{command: "erase", args: []string{newer}, flags: map[string]any{"reason": "asked for"}}, "machine 5"},
		{ask{command: "calendar set", flags: with("open", "mon-fri 8h-18h")}, `site "Site A1"`},
		{ask{command: "calendar import", args: []string{"fermetures.ics"}, flags: site, file: ics}, `site "Site A1": from "fermetures.ics"`},
		{ask{command: "calendar close", args: []string{"2027-01-04"}, flags: site}, `site "Site A1": 2027-01-04`},
		{ask{command: "calendar reopen", args: []string{"2027-01-04"}, flags: site}, `site "Site A1": 2027-01-04`},
		{ask{command: "calendar show", flags: site}, ""},
		{ask{command: "policy set", flags: with("pause", true, "omit", []string{"cpu", "ram"})}, `site "Site A1"`},
		{ask{command: "policy show", flags: site}, ""},
		{ask{command: "org set", flags: map[string]any{"contact": "dpo@example.org"}}, `organisation "Organisation A"`},
		{ask{command: "org show"}, ""},
		{ask{command: "user add", args: []string{"c.martin"}, flags: map[string]any{"role": []string{"officer", "it"}}}, "user c.martin: it,officer"},
		{ask{command: "user set", args: []string{"c.martin"}, flags: with("role", "reader")}, "user c.martin: reader at site 1 only"},
		{ask{command: "user key", args: []string{"c.martin"}, flags: map[string]any{"days": 30}}, "user c.martin: key ********, good before " + string(collector.DateOf(time.Now().AddDate(0, 0, 30)))},
		{ask{command: "user keys", args: []string{"c.martin"}}, ""},
		{ask{command: "user invite", args: []string{"c.martin"}, flags: map[string]any{"days": 2}}, "user c.martin: invitation, good until " + string(collector.DateOf(time.Now().AddDate(0, 0, 2)))},
		{ask{command: "user list"}, ""},
		{ask{command: "price set", flags: map[string]any{"from": "2026-01", "euro": 0.21, "tax": "included"}}, "price from 2026-01: 0.21 euros a kWh, VAT included"},
		{ask{command: "price list"}, ""},
		{ask{command: "price remove", flags: map[string]any{"from": "2026-01"}}, "price from 2026-01"},
		{ask{command: "factor set", args: []string{"own.one"}, flags: map[string]any{"value": "5,5", "low": 5, "unit": "kg", "year": 2025, "source": "a study"}}, "factor own.one: 5.5 (5 to 5.5) kg"},
		{ask{command: "factor list"}, ""},
		{ask{command: "factor remove", args: []string{"own.one"}}, "factor own.one"},
		{ask{command: "target add", flags: with("indicator", "outside_share", "value", 30, "by", "2027-12")}, "target outside_share 30 by 2027-12, Site A1"},
		{ask{command: "target list"}, ""},
		{ask{command: "target remove", args: []string{"5"}}, "target 5: outside_share 30 by 2027-12"},
		{ask{command: "action add", args: []string{"Sleep"}, flags: with("group", a.group, "measure", "sleep-policy", "on", "2026-03-02", "baseline", "2025-09:2026-02")}, `action "Sleep" of 2026-03-02, Site A1, Group A1`},
		{ask{command: "action list"}, ""},
		{ask{command: "action remove", args: []string{"5"}}, `action 5: "Sleep" of 2026-03-02`},
		{ask{command: "inventory import", args: []string{"x.csv"}, file: "site;class;bought;as;count\nSite A1;notebook;2021-09;new;12\n1;monitor;;reused;3\n"}, `site "Site A1": 15 devices`},
		{ask{command: "price import", args: []string{"x.csv"}, file: "from;euro_per_kwh;tax;source\n2026-03;0,25;TTC;contract\n"}, `1 price from "x.csv"`},
		{ask{command: "factor import", args: []string{"x.csv"}, file: "id;value;low;high;unit;year;source;link;licence;verified\nown.two;5,5;5;6;kg;2025;a study;;;no\n"}, `1 factor from "x.csv"`},
		{ask{command: "quantity set", args: []string{"staff"}, flags: map[string]any{"value": 412, "from": "2026-01-01", "to": "2026-12"}}, "quantity staff, 2026-01 to 2026-12 of all sites: 412"},
		{ask{command: "quantity import", args: []string{"x.csv"}, file: "quantity;from;to;value;site\nweee;2026-01;2026-06;12,5;Site A1\n"}, `1 line from "x.csv"`},
		{ask{command: "quantity list"}, ""},
		{ask{command: "quantity remove", args: []string{"5"}}, "quantity 5: staff, 2026-01 to 2026-12: 412"},
		{ask{command: "step add", args: []string{"Charter"}, flags: map[string]any{"kind": "charter", "on": "2026-02-02"}}, `step "Charter" of 2026-02-02, charter`},
		{ask{command: "step list"}, ""},
		{ask{command: "evidence add", args: []string{"Minutes"}, flags: map[string]any{"of": "step 5", "where": "archive 12"}}, `evidence "Minutes" of step 5`},
		{ask{command: "evidence list"}, ""},
		{ask{command: "evidence remove", args: []string{"5"}}, `evidence 5 of step 5: "Minutes"`},
		{ask{command: "step remove", args: []string{"5"}}, `step 5: "Charter" of 2026-02-02`},
		{ask{command: "remark set", args: []string{"S4.pue"}, flags: map[string]any{"not-applicable": true, "text": "none"}}, "remark on S4.pue, not applicable"},
		{ask{command: "remark list"}, ""},
		{ask{command: "remark remove", args: []string{"S4.pue"}}, "remark on S4.pue"},
		{ask{command: "meter import", args: []string{"x.csv"}, file: "site;meter;from;to;kwh\nSite A1;PDL 1;2026-02-01;2026-02-28;1 234,5\n"}, `1 reading from "x.csv"`},
		{ask{command: "meter list"}, ""},
		{ask{command: "meter remove", args: []string{"PDL 1"}, flags: site}, `meter "PDL 1" of site "Site A1"`},
		{ask{command: "meter add", args: []string{"main"}, flags: with("kind", "building", "measurement", "linky", "field", "east", "unit", "Wh")}, `meter "main" of site "Site A1", building`},
		{ask{command: "meter rules"}, ""},
		{ask{command: "meter end", args: []string{a.rule}, flags: site}, "meter rule 1 of site \"Site A1\""},
		{ask{command: "meter token", flags: with("note", "boiler room")}, `token ******** for meters of site "Site A1"`},
		{ask{command: "meter tokens"}, ""},
		{ask{command: "meter revoke-token", args: []string{a.meterToken}, flags: site}, `token ******** for meters of site "Site A1"`},
		{ask{command: "meter status"}, ""},
		{ask{command: "grid import", args: []string{"x.csv"}, flags: map[string]any{"website": "1", "on": "2026-06-30"}, file: "criterion;priority;status\n1.1;priority;validated\n"}, "grid of https://a1.example/ of 2026-06-30"},
		{ask{command: "grid list"}, ""},
		{ask{command: "grid remove", args: []string{"1"}}, "grid of https://a1.example/"},
		{ask{command: "template add", args: []string{"x.yaml"}, file: shippedText(o, "reen")}, "template reen, version " + versionOf(o, "reen")},
		{ask{command: "template list"}, ""},
		{ask{command: "template show", args: []string{"reen"}}, ""},
		{ask{command: "template remove", args: []string{"reen"}}, "template reen"},
		{ask{command: "baseline list"}, ""},
		{ask{command: "report keep", flags: map[string]any{"template": "reen", "from": "2026-01", "to": "2026-06-30"}}, "report reen, 2026-01 to 2026-06, sha256 " + strings.Repeat("*", 64)},
		{ask{command: "report list"}, ""},
		{ask{command: "report verify", args: []string{"x.json"}, file: sealedText(o)}, ""},
		{ask{command: "inventory list"}, ""},
		{ask{command: "user revoke-key", args: []string{key}}, "user leaver: key ********"},
		{ask{command: "user remove", args: []string{"leaver"}}, "user leaver"},
		{ask{command: "page add", args: []string{"https://page.example/"}}, "page https://page.example/"},
		{ask{command: "page list"}, ""},
		{ask{command: "website add", args: []string{"https://site.example/"}, flags: map[string]any{"contact": "web@example.org"}}, "site https://site.example/"},
		{ask{command: "website list"}, ""},
		{ask{command: "website show", args: []string{"site.example"}}, ""},
		{ask{command: "website set", args: []string{"site.example"}, flags: map[string]any{"every": 14, "exclude": []string{"/agenda/*"}}}, "site https://site.example/"},
		{ask{command: "website measure", args: []string{"site.example"}}, "site https://site.example/"},
		{ask{command: "website remove", args: []string{"site.example"}}, "site https://site.example/"},
		{ask{command: "website allow", args: []string{"Intranet.example"}}, "host intranet.example"},
		{ask{command: "website hosts"}, ""},
		{ask{command: "website forbid", args: []string{"intranet.example."}}, "host intranet.example"},
		{ask{command: "audit list"}, ""},
	}
}

// shippedText is the text of a template that comes with the program.
func shippedText(o *office, id string) string {
	all, err := label.Shipped()
	o.must(err)
	return string(all[id])
}

// versionOf is the version of a template that comes with the program.
func versionOf(o *office, id string) string {
	t, err := label.ReadTemplate([]byte(shippedText(o, id)))
	o.must(err)
	return t.Version
}

// sealedText is the JSON of a report that was sealed.
func sealedText(o *office) string {
	_, sealed, err := label.Seal(label.Report{Schema: label.Schema, Organisation: "Organisation A", Template: "reen", Period: label.Period{From: "2026-01", To: "2026-06"}})
	o.must(err)
	return string(sealed)
}
