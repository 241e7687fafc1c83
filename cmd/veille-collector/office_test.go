package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/metering"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// office is a running collector with two organisations, A and B, each with two sites, and what there is at each.
type office struct {
	t     testing.TB
	dir   string
	store *relational.Store
	api   http.Handler
	at    map[string]place // by organisation and number of the site in it: A1, A2, B1, B2
}

// place is one site and what it has, each by the name or number that commands know it by.
type place struct {
	site                  collector.Site
	group, token          string
	machine               string
	website               string
	target, action        string
	quantity, step        string
	evidence, report      string
	rule, meterToken      string
	user, userKey, secret string // one who sees the whole organisation, with all roles
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, dir: t.TempDir(), at: map[string]place{}}
	store, err := sqlite.Open(t.Context(), filepath.Join(o.dir, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	o.store, o.api = store, newAdminAPI(store, store.AskWebsite, slog.New(slog.DiscardHandler))
	for i, name := range []string{"A1", "A2", "B1", "B2"} {
		o.at[name] = o.furnish(name, byte(i+1))
	}
	return o
}

// furnish makes a site with a group, a machine, a token and a user.
func (o *office) furnish(name string, n byte) place {
	o.t.Helper()
	ctx := o.t.Context()
	site, err := o.store.CreateSite(ctx, "Organisation "+name[:1], "Site "+name, "Europe/Paris")
	o.must(err)
	p := place{site: site, group: "Group " + name, user: "user." + name, website: "Website " + name}
	_, err = o.store.AddWebsite(ctx, collector.Website{
		Organisation: site.Organisation, Site: site.ID, Kind: collector.KindSite, Name: p.website, Contact: "web@example.org", EveryDays: 7, AddedOn: today(), NextOn: today(),
		Rules: collector.WebsiteRules{URL: "https://" + strings.ToLower(name) + ".example/", Mode: modeStatic, MaxPages: 10, Depth: 5, Delay: time.Second},
	})
	o.must(err)
	_, err = o.store.AddGroup(ctx, collector.Group{Site: site.ID, Kind: "room", Name: p.group})
	o.must(err)
	token, entry := enrol.NewToken(site.ID, 5, 7)
	o.must(o.store.CreateToken(ctx, entry))
	e, err := o.store.Enrol(ctx, collector.Enrolment{Token: sha256.Sum256([]byte(token)), Pseudonym: [32]byte{n}, Credential: [32]byte{n}, Use: "individual", On: today()})
	o.must(err)
	p.token, p.machine = entry.Number(), fmt.Sprint(e.ID)
	o.must(o.store.SetPrice(ctx, collector.Price{Organisation: site.Organisation, From: "2025-01", EuroPerKWh: 0.2, Tax: "included", Source: "Source " + name[:1] + "1"}))
	o.must(o.store.SetFactor(ctx, collector.Factor{Organisation: site.Organisation, ID: "own", Value: 1, Low: 1, High: 1, Unit: "kg", Year: 2025, Source: "Factor " + name[:1] + "1"}))
	target, err := o.store.AddTarget(ctx, collector.Target{Organisation: site.Organisation, Site: site.ID, Indicator: "kwh", Value: 1, By: "2027-12", Note: "Target " + name})
	o.must(err)
	action, err := o.store.AddAction(ctx, collector.Action{
		Organisation: site.Organisation, Site: site.ID, Name: "Action " + name, Measure: "other", On: "2026-03-02", BaseFrom: "2026-01", Base: "2026-02",
	})
	o.must(err)
	o.must(o.store.ReplaceEquipment(ctx, site.Organisation, site.ID, []collector.Equipment{{Organisation: site.Organisation, Site: site.ID, Class: "tablet", As: "new", Count: 1}}))
	p.target, p.action = fmt.Sprint(target.ID), fmt.Sprint(action.ID)
	o.state(name, &p)
	p.userKey, p.secret = o.user(p.user, site.Organisation, 0, collector.Roles()...)
	return p
}

// state says of a place what people state, and what is imported.
func (o *office) state(name string, p *place) {
	o.t.Helper()
	ctx, of := o.t.Context(), p.site.Organisation
	q, err := o.store.SetQuantity(ctx, collector.Quantity{Organisation: of, Site: p.site.ID, Name: "printers", From: "2026-01", To: "2026-12", Value: 7, Source: "Quantity " + name})
	o.must(err)
	step, err := o.store.AddStep(ctx, collector.Step{Organisation: of, Kind: "charter", On: "2026-01-15", Title: "Step " + name})
	o.must(err)
	e, err := o.store.AddEvidence(ctx, collector.Evidence{Organisation: of, Of: "U1", Title: "Evidence " + name, Where: "archive"})
	o.must(err)
	o.must(o.store.SetRemark(ctx, collector.Remark{Organisation: of, Of: "U1", Text: "Remark " + name[:1]}))
	rule, err := o.store.AddMeterRule(ctx, collector.MeterRule{
		Site: p.site.ID, Name: "Rule " + name, Kind: "building", Measurement: "m" + name, Field: "wh", Unit: "Wh", AddedOn: today(),
	})
	o.must(err)
	_, hash, token := metering.NewToken(p.site.ID, "Door "+name, today(), "2099-01-01")
	o.must(o.store.CreateMeterToken(ctx, hash, token))
	p.rule, p.meterToken = fmt.Sprint(rule.ID), token.Number
	o.must(o.store.PutReadings(ctx, of, []collector.Reading{{Organisation: of, Site: p.site.ID, Meter: "Meter " + name, From: "2026-01-01", To: "2026-01-31", KWh: 1000}}))
	w, err := o.website(p.website)
	o.must(err)
	o.must(o.store.PutGrid(ctx, collector.Grid{Organisation: of, Website: w.ID, On: "2026-06-30", Source: "Grid " + name, Criteria: []collector.Criterion{{ID: "1.1", Priority: "priority", Status: "validated"}}}))
	text := fmt.Sprintf(`{"of": %q, "sha256": "%064x"}`, name, p.site.ID)
	kept, err := o.store.AddSnapshot(ctx, collector.Snapshot{
		Organisation: of, Template: "reen", From: "2026-01", To: "2026-01", MadeOn: "2026-02-10", Method: "Method " + name, SHA256: fmt.Sprintf("%064x", p.site.ID), JSON: []byte(text),
	})
	o.must(err)
	p.quantity, p.step, p.evidence, p.report = fmt.Sprint(q.ID), fmt.Sprint(step.ID), fmt.Sprint(e.ID), fmt.Sprint(kept.ID)
}

func (o *office) website(name string) (collector.Website, error) {
	return ledger{store: o.store}.website(o.t.Context(), name)
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// user adds a user with a key, and answers the number of the key, and the key.
func (o *office) user(name string, organisation, site int64, roles ...collector.Role) (number, secret string) {
	o.t.Helper()
	slices.Sort(roles)
	u, err := o.store.AddUser(o.t.Context(), collector.User{Organisation: organisation, Name: name, Roles: roles, Site: site, AddedOn: today()})
	o.must(err)
	secret = enrol.Secret()
	k := relational.UserKey{Hash: sha256.Sum256([]byte(secret)), User: u.ID, CreatedOn: today(), ExpiresOn: "2999-01-01"}
	o.must(o.store.CreateUserKey(o.t.Context(), k))
	return k.Number(), secret
}

// ask is a call: the words after the command are arguments, "name=value" before "--" flags.
type ask struct {
	command string
	args    []string
	flags   map[string]any
	file    string
}

// post makes a call with a key.
func (o *office) post(secret string, a ask) (int, answer) {
	o.t.Helper()
	body := map[string]any{"args": a.args, "flags": a.flags}
	if a.file != "" {
		body["file"] = a.file
	}
	text, err := json.Marshal(body)
	o.must(err)
	return o.send(secret, a.command, bytes.NewReader(text))
}

func (o *office) send(secret, command string, body io.Reader) (int, answer) {
	o.t.Helper()
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, "/api/v1/admin/"+strings.ReplaceAll(command, " ", "/"), body)
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	w := httptest.NewRecorder()
	o.api.ServeHTTP(w, r)
	var got answer
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		o.t.Fatalf("%s: %d %q: %v", command, w.Code, w.Body, err)
	}
	if (w.Code == http.StatusOK) != (got.Error == "") && got.Status != notMeasured || w.Header().Get("Cache-Control") != "no-store" {
		o.t.Errorf("%s: %d %+v, %v", command, w.Code, got, w.Header())
	}
	return w.Code, got
}

// dump is everything that the ledger has but the audit log.
func (o *office) dump() string {
	o.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.dir, "veille.db"))
	o.must(err)
	defer func() { o.must(db.Close()) }()
	column := func(query string) (all []string) {
		rows, err := db.QueryContext(o.t.Context(), query)
		o.must(err)
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var x string
			o.must(rows.Scan(&x))
			all = append(all, x)
		}
		o.must(rows.Err())
		return all
	}
	var text strings.Builder
	for _, table := range column("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('audit', 'sqlite_sequence') ORDER BY name") {
		names := column("SELECT name FROM pragma_table_info('" + table + "')")
		for i, n := range names {
			names[i] = "quote(" + n + ")"
		}
		for _, row := range column("SELECT " + strings.Join(names, " || ', ' || ") + " FROM " + table + " ORDER BY 1") {
			_, _ = fmt.Fprintln(&text, table, row)
		}
	}
	return text.String()
}

// entries are those of the audit log.
func (o *office) entries() []collector.Entry {
	o.t.Helper()
	all, err := o.store.Entries(o.t.Context(), 0, "", "")
	o.must(err)
	return all
}
