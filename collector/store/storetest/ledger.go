package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"veille/collector"
)

// Said is the part of a ledger that keeps what persons say.
type Said interface {
	SetPrice(ctx context.Context, p collector.Price) error
	Prices(ctx context.Context, organisation int64) ([]collector.Price, error)
	SetFactor(ctx context.Context, f collector.Factor) error
	Factors(ctx context.Context, organisation int64) ([]collector.Factor, error)
	AddTarget(ctx context.Context, t collector.Target) (collector.Target, error)
	Targets(ctx context.Context, organisation int64) ([]collector.Target, error)
	AddGroup(ctx context.Context, g collector.Group) (collector.Group, error)
	AddAction(ctx context.Context, a collector.Action) (collector.Action, error)
	Actions(ctx context.Context, organisation int64) ([]collector.Action, error)
	KeepBaseline(ctx context.Context, b collector.Baseline) error
	Baselines(ctx context.Context, organisation int64) ([]collector.Baseline, error)
	ReplaceEquipment(ctx context.Context, organisation, site int64, lines []collector.Equipment) error
	Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error)
	SetSite(ctx context.Context, site collector.Site) error
	Sites(ctx context.Context) ([]collector.Site, error)
	SetOrganisation(ctx context.Context, r collector.Responsible) error
	Organisation(ctx context.Context, name string) (collector.Responsible, error)
	SaidForLabels
	SignsIn
}

// SaidForLabels is the part that keeps what label reports are made of.
type SaidForLabels interface {
	AddWebsite(ctx context.Context, w collector.Website) (collector.Website, error)
	SetQuantity(ctx context.Context, q collector.Quantity) (collector.Quantity, error)
	Quantities(ctx context.Context, organisation int64) ([]collector.Quantity, error)
	AddStep(ctx context.Context, x collector.Step) (collector.Step, error)
	Steps(ctx context.Context, organisation int64) ([]collector.Step, error)
	AddEvidence(ctx context.Context, e collector.Evidence) (collector.Evidence, error)
	Evidence(ctx context.Context, organisation int64) ([]collector.Evidence, error)
	SetRemark(ctx context.Context, r collector.Remark) error
	Remarks(ctx context.Context, organisation int64) ([]collector.Remark, error)
	PutReadings(ctx context.Context, organisation int64, all []collector.Reading) error
	Readings(ctx context.Context, organisation int64) ([]collector.Reading, error)
	PutGrid(ctx context.Context, g collector.Grid) error
	Grids(ctx context.Context, organisation int64) ([]collector.Grid, error)
	PutTemplate(ctx context.Context, t collector.Template) error
	Templates(ctx context.Context, organisation int64) ([]collector.Template, error)
	AddSnapshot(ctx context.Context, x collector.Snapshot) (collector.Snapshot, error)
	Snapshots(ctx context.Context, organisation int64) ([]collector.Snapshot, error)
	Snapshot(ctx context.Context, organisation, id int64) (collector.Snapshot, error)
}

// SignsIn is the part that keeps who a person is.
type SignsIn interface {
	AddUser(ctx context.Context, u collector.User) (collector.User, error)
	UserNamed(ctx context.Context, name string) (collector.User, error)
	SetPassword(ctx context.Context, user int64, hash string) error
	Password(ctx context.Context, user int64) (hash string, err error)
	AddSession(ctx context.Context, x collector.Session) error
	Session(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error)
	Invite(ctx context.Context, i collector.Invitation) error
	Invited(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error)
}

// LabelTables are the tables of what label reports are made of, each of which has one row that Tell tells.
func LabelTables() []string {
	return []string{"quantity", "step", "evidence", "remark", "meter_reading", "rgesn_grid", "template", "snapshot", "baseline"}
}

// Report is a kept report of an organisation.
func Report(organisation int64) collector.Snapshot {
	hash := digest("report")
	return collector.Snapshot{
		Organisation: organisation, Template: "lnr-2019", From: "2025-09", To: "2026-08", MadeOn: "2026-10-01", Method: "1.0.0", Simulated: true, SHA256: hash,
		JSON: []byte(`{"sha256":"` + hash + `"}`),
	}
}

// Baseline is what was before an action of an organisation.
func Baseline(organisation, action int64) collector.Baseline {
	const text = `{"form":1}`
	return collector.Baseline{Organisation: organisation, Action: action, KeptOn: "2026-03-03", SHA256: digest(text), JSON: []byte(text)}
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Tell tells a ledger one of everything that persons say: of an organisation that is there, and of a site of it. User anne has signed in
// with session 1 and is invited with secret 2, both until 2026-12-05.
func Tell(t testing.TB, s Said, organisation string, site collector.Site) {
	t.Helper()
	ctx, a := t.Context(), site.Organisation
	room, err := s.AddGroup(ctx, collector.Group{Site: site.ID, Kind: "room", Name: "Salle 12"})
	must(t, err)
	must(t, s.SetPrice(ctx, collector.Price{Organisation: a, From: "2026-01", EuroPerKWh: 0.2, Tax: "excluded", Source: "marché 2026"}))
	must(t, s.SetFactor(ctx, collector.Factor{
		Organisation: a, ID: "electricity", Value: 32, Low: 16, High: 64, Unit: "gCO2e/kWh", Year: 2025, Source: "Base Empreinte", Link: "https://example.org/f",
		Licence: "Licence Ouverte 2.0", Verified: true,
	}))
	_, err = s.AddTarget(ctx, collector.Target{Organisation: a, Site: site.ID, Indicator: "kwh", Value: 1000.5, By: "2030-12", Note: "décret tertiaire"})
	must(t, err)
	action, err := s.AddAction(ctx, collector.Action{
		Organisation: a, Site: site.ID, Group: room.ID, Name: "Veille à 20 minutes", Measure: "sleep-policy", On: "2026-03-02", BaseFrom: "2025-09", Base: "2026-02",
		Owner: "DSI", Note: "par GPO",
	})
	must(t, err)
	must(t, s.KeepBaseline(ctx, Baseline(a, action.ID)))
	must(t, s.ReplaceEquipment(ctx, a, site.ID, []collector.Equipment{
		{Class: "notebook", As: "new", Count: 30, Source: "glpi.csv"}, {Class: "tablet", Bought: "2024-09", As: "reused", Count: 2, Source: "glpi.csv"},
	}))
	tellLabels(t, s, site)
	tellWho(t, s, site)
	site.Open, site.Scope, site.Code, site.Commune = true, "lycees", "0350030B", "35238"
	must(t, s.SetSite(ctx, site))
	must(t, s.SetOrganisation(ctx, collector.Responsible{Organisation: collector.Organisation{ID: a, Name: organisation}, SIREN: "732829320", OpenData: true, Licence: "ODbL"}))
}

func tellLabels(t testing.TB, s SaidForLabels, site collector.Site) {
	t.Helper()
	ctx, a := t.Context(), site.Organisation
	w, err := s.AddWebsite(ctx, collector.Website{
		Organisation: a, Kind: collector.KindPage, Name: "www.example.org", EveryDays: 7, AddedOn: "2026-01-01", NextOn: "2026-01-02",
		Rules: collector.WebsiteRules{URL: "https://www.example.org/", Mode: "static", MaxPages: 1, Depth: 1},
	})
	must(t, err)
	_, err = s.SetQuantity(ctx, collector.Quantity{Organisation: a, Name: "staff", From: "2025-09", To: "2026-08", Value: 1200, Source: "bilan social", Owner: "DRH", Note: "ETP"})
	must(t, err)
	_, err = s.AddStep(ctx, collector.Step{Organisation: a, Kind: "charter", On: "2026-01-31", Title: "Charte signée", Owner: "DGS", Note: "en commission"})
	must(t, err)
	_, err = s.AddEvidence(ctx, collector.Evidence{
		Organisation: a, Of: "U1", Title: "Délibération", Where: "https://example.org/d.pdf", On: "2026-01-31", SHA256: strings.Repeat("0a", 32), Note: "annexe 2",
	})
	must(t, err)
	must(t, s.SetRemark(ctx, collector.Remark{Organisation: a, Of: "U1", Text: "Les salles\nsont éteintes.", NotApplicable: true, By: "DGS", On: "2026-10-01"}))
	must(t, s.PutReadings(ctx, a, []collector.Reading{{Organisation: a, Site: site.ID, Meter: "PDL 14", From: "2026-01-01", To: "2026-01-31", KWh: 12000.5, Source: "releves.csv"}}))
	must(t, s.PutGrid(ctx, collector.Grid{
		Organisation: a, Website: w.ID, On: "2026-05-05", Source: "declaration.csv", Criteria: []collector.Criterion{{ID: "6.3", Priority: "priority", Status: "validated"}},
	}))
	must(t, s.PutTemplate(ctx, collector.Template{Organisation: a, ID: "lnr-2022", Version: "2", Text: "id: lnr-2022", AddedOn: "2026-10-01"}))
	_, err = s.AddSnapshot(ctx, Report(a))
	must(t, err)
}

func tellWho(t testing.TB, s SignsIn, site collector.Site) {
	t.Helper()
	u, err := s.AddUser(t.Context(), collector.User{Organisation: site.Organisation, Name: "anne", Roles: []collector.Role{"officer"}, Site: site.ID, AddedOn: "2026-11-16"})
	must(t, err)
	must(t, s.SetPassword(t.Context(), u.ID, "$argon2id$"))
	SignIn(t, s)
}

// SignIn lets user anne, who is there, sign in as Tell does.
func SignIn(t testing.TB, s SignsIn) {
	t.Helper()
	u, err := s.UserNamed(t.Context(), "anne")
	must(t, err)
	must(t, s.AddSession(t.Context(), collector.Session{Hash: [32]byte{1}, User: u.ID, ExpiresOn: "2026-12-05"}))
	must(t, s.Invite(t.Context(), collector.Invitation{Hash: [32]byte{2}, User: u.ID, ExpiresOn: "2026-12-05"}))
}

// Told is everything that Tell tells, as it is read, but for who has signed in.
func Told(t testing.TB, s Said, organisation string) (told string) {
	t.Helper()
	ctx := t.Context()
	r, err := s.Organisation(ctx, organisation)
	must(t, err)
	a := r.ID
	u, err := s.UserNamed(ctx, "anne")
	must(t, err)
	add := func(x any, err error) {
		t.Helper()
		must(t, err)
		told += fmt.Sprintf("%+v\n", x)
	}
	for _, read := range []func() (any, error){
		func() (any, error) { return r, nil }, func() (any, error) { return s.Sites(ctx) }, func() (any, error) { return s.Prices(ctx, a) }, func() (any, error) { return s.Factors(ctx, a) },
		func() (any, error) { return s.Targets(ctx, a) }, func() (any, error) { return s.Actions(ctx, a) }, func() (any, error) { return s.Baselines(ctx, a) },
		func() (any, error) { return s.Equipment(ctx, a) }, func() (any, error) { return s.Quantities(ctx, a) }, func() (any, error) { return s.Steps(ctx, a) },
		func() (any, error) { return s.Evidence(ctx, a) }, func() (any, error) { return s.Remarks(ctx, a) }, func() (any, error) { return s.Readings(ctx, a) },
		func() (any, error) { return s.Grids(ctx, a) }, func() (any, error) { return s.Templates(ctx, a) }, func() (any, error) { return u, nil },
		func() (any, error) { return s.Password(ctx, u.ID) },
	} {
		add(read())
	}
	reports, err := s.Snapshots(ctx, a)
	must(t, err)
	for _, x := range reports {
		add(s.Snapshot(ctx, a, x.ID))
	}
	return told
}

// SignedIn is who has signed in, and who is invited, as Tell tells; its error says that nobody is, or what else was wrong.
func SignedIn(t testing.TB, s SignsIn) (session, invitation error) {
	t.Helper()
	came, session := s.Session(t.Context(), [32]byte{1}, "2026-12-05")
	invited, invitation := s.Invited(t.Context(), [32]byte{2}, "2026-12-05")
	for _, u := range []collector.User{came, invited} {
		if u.ID != 0 && u.Name != "anne" {
			t.Errorf("%+v has signed in or is invited; want anne", u)
		}
	}
	return session, invitation
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
