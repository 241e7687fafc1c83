package settings_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
	"veille/dashboards/settings"
)

// order is a command that was given.
type order struct {
	Name  string
	Args  []string
	Flags map[string]any
	File  string
}

// fake answers lists, and remembers all else.
type fake struct {
	lists   map[string]string
	printed string
	err     error
	given   []order
}

func (f *fake) Give(_ context.Context, _ collector.User, name string, args []string, flags map[string]any, file string) (string, json.RawMessage, error) {
	if text, ok := f.lists[name]; ok {
		return "", json.RawMessage(text), nil
	}
	f.given = append(f.given, order{name, args, flags, file})
	return f.printed, json.RawMessage(f.printed), f.err
}

func full() *fake {
	return &fake{lists: map[string]string{
		"org show":       `[{"name":"Région Démonstration","contact":"dpo@example.org","dpo":"","address":"1 place du Marché","siren":"239740012","open_data":true,"licence":""}]`,
		"site list":      `[{"number":1,"name":"Lycée A","time_zone":"Europe/Paris","open":true,"scope":"lycees","code":"9740001A","commune":"97411"},{"number":2,"name":"Lycée <B>","time_zone":"Indian/Reunion","open":false}]`,
		"group list":     `[{"number":1,"kind":"room","name":"Salles informatiques","machines":12}]`,
		"calendar show":  `{"site":"Lycée A","time_zone":"Europe/Paris","year":2026,"open":[{"weekday":1,"from":"08:00","to":"18:00"}],"default_hours":true,"territory":"metropole","closed":[{"from":"2026-12-19","to":"2027-01-03","name":"Vacances","source":"zone A"}]}`,
		"price list":     `[{"from":"2026-01","euro_per_kwh":0.21,"tax":"included","source":"contract"}]`,
		"factor list":    `[{"id":"electricity","value":51.9,"low":44,"high":60,"unit":"gCO2e/kWh","year":2024,"source":"ADEME","link":"https://example.org/","licence":"LO 2.0","verified":true,"own":true},{"id":"made.desktop","value":261.5,"low":196,"high":400,"unit":"kgCO2e","year":2023,"source":"ADEME","link":"javascript:alert(1)","licence":"","verified":false,"own":false}]`,
		"target list":    `[{"id":3,"indicator":"kwh","value":400000,"by":"2027-12","site":"","note":"board"},{"id":4,"indicator":"U1","value":80,"by":"2027-12","site":"","note":""}]`,
		"action list":    `[{"id":4,"name":"Sleep after 20 minutes","measure":"sleep-policy","on":"2026-03-02","base_from":"2025-09","base_to":"2026-02","site":"Lycée A","group":"","owner":"IT department","note":"","until":"2027-01-31","expected_kwh":1200,"serves":"U1"}]`,
		"inventory list": `[{"site":"Lycée A","class":"desktop","bought":"2019-08","as":"new","count":120,"source":"glpi.csv","state":"retired","ecolabel":true,"left":"2026-01","to":"reuse-outside"},{"site":"Lycée A","class":"notebook","bought":"","as":"refurbished","count":10,"source":"glpi.csv"}]`,
		"quantity list":  `[{"id":1,"name":"staff","unit":"","from":"2025-09","to":"2026-08","value":412,"site":"","source":"register","owner":"HR","note":"n"},{"id":2,"name":"weee","unit":"kg","from":"2026-01","to":"2026-06","value":12.5,"site":"Lycée <B>","source":"","owner":"","note":""}]`,
		"step list":      `[{"id":2,"kind":"charter","on":"2026-03-04","title":"Charter <b>signed</b>","owner":"general management","note":""}]`,
		"evidence list":  `[{"id":5,"of":"U1","title":"Policy","where":"https://example.org/p","on":"2026-01-31","sha256":"","note":""},{"id":6,"of":"step 2","title":"Minutes","where":"javascript:alert(1)","on":"","sha256":"","note":""}]`,
		"remark list":    `[{"of":"U1","text":"Two workshops\nstay on.","not_applicable":false,"by":"sustainability officer","on":"2026-09-30"},{"of":"S4","text":"No data centre.","not_applicable":true,"by":"","on":""}]`,
		"meter list":     `[{"site":"Lycée A","meter":"PDL 12","from":"2025-01-01","to":"2025-12-31","readings":12,"kwh":123456.5,"source":"edf.csv"}]`,
		"meter status":   `[{"id":1,"site":"Lycée A","name":"main","kind":"building","last_on":"2026-11-22","last_kwh":41.25,"month":"2026-10","kwh":1234.5,"covered_pct":99.5,"ended_on":""},{"id":2,"site":"Lycée A","name":"rack <B>","kind":"pdu","last_on":"","last_kwh":null,"month":"2026-10","kwh":0,"covered_pct":0,"ended_on":"2026-11-02"}]`,
		"meter rules":    `[{"id":4,"site":"Lycée A","name":"main","kind":"building","measurement":"linky","tags":{"phase":"1","meter":"a"},"by":["agent_host","outlet"],"field":"east","unit":"Wh","machine":0,"added_on":"2026-10-01","removed_on":""},{"id":5,"site":"Lycée A","name":"PC <B>","kind":"plug","measurement":"shelly","tags":{},"by":[],"field":"apower","unit":"W","machine":41,"added_on":"2026-10-01","removed_on":"2026-11-02"}]`,
		"meter tokens":   `[{"number":"5f9c01ab","site":"Lycée A","created_on":"2026-10-01","expires_on":"2027-10-01","revoked_on":"","state":"good","note":"Telegraf <B>"},{"number":"00000002","site":"Lycée A","created_on":"2026-10-01","expires_on":"2027-10-01","revoked_on":"2026-11-02","state":"revoked on 2026-11-02","note":""}]`,
		"grid list":      `[{"website":7,"name":"www.example.org","on":"2026-06-30","criteria":78,"score":61.5,"to_assess":10,"source":"rgesn.csv"},{"website":8,"name":"lycee.example.org","on":"2026-06-30","criteria":0,"score":null,"to_assess":null,"source":""}]`,
		"website list":   `[{"number":7,"kind":"site","name":"www.example.org"},{"number":8,"kind":"site","name":"lycee.example.org"}]`,
		"template list":  `[{"id":"lnr-2019","version":"1","title":{"fr":"Label de 2019","en":"Label of 2019"},"own":false},{"id":"ours","version":"","title":{"fr":"","en":""},"own":true}]`,
		"user list":      `[{"name":"c.martin","organisation":"O","roles":["officer","web"],"site":"","added_on":"2026-01-02","removed_on":""},{"name":"gone","organisation":"O","roles":["it"],"site":"","added_on":"2025-01-02","removed_on":"2026-01-02"}]`,
		"token list":     `[{"number":"3f9c01ab","site":"Lycée A","group":"","enrolled":3,"machines":30,"created_on":"2026-11-01","expires_on":"2026-11-30","revoked_on":"","state":"good","note":"carts"},{"number":"00000001","site":"Lycée A","group":"","enrolled":1,"machines":1,"created_on":"2026-11-01","expires_on":"2026-11-30","revoked_on":"","state":"used up","note":""}]`,
	}}
}

func empty() *fake {
	f := full()
	for name := range f.lists {
		f.lists[name] = "[]"
	}
	return f
}

// site serves the pages of a fake to one user.
type pages struct {
	t    *testing.T
	mux  *http.ServeMux
	user collector.User
}

const token = "the token of this reader"

func serve(t *testing.T, f *fake, roles ...collector.Role) pages {
	t.Helper()
	fr, err := frame.New(slog.New(slog.DiscardHandler), settings.Files)
	if err != nil {
		t.Fatal(err)
	}
	p := pages{t, http.NewServeMux(), collector.User{ID: 1, Name: "j.payet", Roles: roles}}
	fr.Mount(p.mux, settings.New(f).Routes()...)
	return p
}

func (p pages) ask(r *http.Request) *httptest.ResponseRecorder {
	p.t.Helper()
	w := httptest.NewRecorder()
	p.mux.ServeHTTP(w, r.WithContext(frame.With(r.Context(), frame.Reader{User: &p.user, Token: token})))
	return w
}

func (p pages) get(path string) *httptest.ResponseRecorder {
	return p.ask(httptest.NewRequestWithContext(p.t.Context(), http.MethodGet, path, nil))
}

// post sends a form; values come in pairs of name and value.
func (p pages) post(path string, values ...string) *httptest.ResponseRecorder {
	form := url.Values{"token": {token}}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	r := httptest.NewRequestWithContext(p.t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.ask(r)
}

var it, officer = collector.RoleIT, collector.RoleOfficer

var paths = []string{
	"/settings", "/settings/organisation", "/settings/sites", "/settings/calendars", "/settings/prices", "/settings/factors", "/settings/targets",
	"/settings/actions", "/settings/equipment", "/settings/users", "/settings/tokens", "/settings/meters", "/settings/metering", "/settings/quantities", "/settings/governance",
	"/settings/evidence", "/settings/remarks", "/settings/grids", "/settings/templates",
}

func TestEveryPageIsWholeInBothLanguages(t *testing.T) {
	for name, f := range map[string]*fake{"full": full(), "empty": empty()} {
		p := serve(t, f, it)
		for _, path := range paths {
			for _, code := range []string{"en", "fr"} {
				w := p.get(path + "?lang=" + code)
				text := w.Body.String()
				if name == "empty" && path == "/settings/calendars" && w.Code != http.StatusOK {
					t.Errorf("%s without sites: %d", path, w.Code)
				}
				if w.Code != http.StatusOK {
					t.Fatalf("%s %s in %s: %d %s", name, path, code, w.Code, text)
				}
				if m := regexp.MustCompile(`\[(settings|pager|table)\.[^\]]*\]|%!`).FindString(text); m != "" {
					t.Errorf("%s %s in %s has no words for %s", name, path, code, m)
				}
				if n := strings.Count(text, "<") - strings.Count(text, "</"); n > 600 || len(text) > 100_000 {
					t.Errorf("%s %s has %d elements and %d bytes", name, path, n, len(text))
				}
				if strings.Contains(text, `"javascript:`) || strings.Contains(text, "<B>") {
					t.Errorf("%s %s has markup or an address that data brought", name, path)
				}
				labelled(t, path, text)
				if dir := os.Getenv("SHOW_PAGES"); dir != "" {
					text = regexp.MustCompile(`/assets/veille-[0-9a-f]+\.css`).ReplaceAllString(text, "veille.css")
					if err := os.WriteFile(dir+"/"+name+"-"+code+strings.ReplaceAll(path, "/", "-")+".html", []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

// labelled checks that each input has a label, and no two things one id.
func labelled(t *testing.T, path, text string) {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]] {
			t.Errorf("%s has two of id %s", path, m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`<(?:input|select)([^>]*)>`).FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], `type="hidden"`) || strings.Contains(m[1], `type="checkbox"`) {
			continue
		}
		id := regexp.MustCompile(` id="([^"]+)"`).FindStringSubmatch(m[1])
		if id == nil || !strings.Contains(text, `<label for="`+id[1]+`"`) {
			t.Errorf("%s has an input without a label: %s", path, m[0])
		}
	}
}

func TestAFormGivesItsCommand(t *testing.T) {
	for _, c := range []struct {
		path string
		form []string
		want order
	}{
		{"/settings/organisation", []string{"do", "org set", "contact", "dpo@example.org", "dpo", ""}, order{"org set", nil, map[string]any{"contact": "dpo@example.org"}, ""}},
		{"/settings/sites", []string{"do", "site set", "at", "Lycée A", "open", "true"}, order{"site set", nil, map[string]any{"site": "Lycée A", "open": "true"}, ""}},
		{"/settings/sites", []string{"do", "group add", "at", "Lycée A", "name", "Bât. A", "kind", "building"}, order{"group add", []string{"Bât. A"}, map[string]any{"site": "Lycée A", "kind": "building"}, ""}},
		{"/settings/sites", []string{"do", "group rename", "at", "1", "group", "A", "name", "B"}, order{"group rename", []string{"A", "B"}, map[string]any{"site": "1"}, ""}},
		{"/settings/calendars", []string{"do", "calendar set", "at", "1", "open-hours", "lun-ven 8h-18h"}, order{"calendar set", nil, map[string]any{"site": "1", "open": "lun-ven 8h-18h"}, ""}},
		{"/settings/calendars", []string{"do", "calendar close", "at", "1", "first", "2026-12-24", "last", "", "why", "Froid", "all", "yes"}, order{"calendar close", []string{"2026-12-24"}, map[string]any{"all": true, "name": "Froid"}, ""}},
		{"/settings/prices", []string{"do", "price set", "from", "2026-01", "euro", "0,21", "tax", "included", "source", "x"}, order{"price set", nil, map[string]any{"from": "2026-01", "euro": "0.21", "tax": "included", "source": "x"}, ""}},
		{"/settings/prices", []string{"do", "price remove", "price", "2026-01", "sure", "yes"}, order{"price remove", nil, map[string]any{"from": "2026-01"}, ""}},
		{"/settings/factors", []string{"do", "factor set", "factor", "electricity", "value", "1 052,5", "unit", "g", "year", "2025", "source", "s", "verified", "yes"}, order{"factor set", []string{"electricity"}, map[string]any{"value": "1052.5", "unit": "g", "year": "2025", "source": "s", "verified": true}, ""}},
		{"/settings/targets", []string{"do", "target add", "indicator", "kwh", "value", "4", "by", "2027-12"}, order{"target add", nil, map[string]any{"indicator": "kwh", "value": "4", "by": "2027-12"}, ""}},
		{"/settings/targets", []string{"do", "target remove", "target", "3", "sure", "yes"}, order{"target remove", []string{"3"}, map[string]any{}, ""}},
		{"/settings/actions", []string{"do", "action add", "action-name", "Nuit", "measure", "switch-off", "on", "2026-03-02", "base-from", "2025-09", "base-to", "2026-02", "group-name", "G", "site", "1"}, order{"action add", []string{"Nuit"}, map[string]any{"measure": "switch-off", "on": "2026-03-02", "baseline": "2025-09:2026-02", "group": "G", "site": "1"}, ""}},
		{
			"/settings/organisation",
			[]string{"do", "org set", "siren", "239740012", "open-data", "false", "licence", "ODbL"},
			order{"org set", nil, map[string]any{"siren": "239740012", "open-data": "false", "licence": "ODbL"}, ""},
		},
		{
			"/settings/sites",
			[]string{"do", "site set", "at", "1", "scope", "lycees", "code", "9740001A", "commune", "97411"},
			order{"site set", nil, map[string]any{"site": "1", "scope": "lycees", "code": "9740001A", "commune": "97411"}, ""},
		},
		{
			"/settings/actions",
			[]string{"do", "action add", "action-name", "N", "measure", "other", "on", "2026-03-02", "base-from", "2025-09", "base-to", "2026-02", "until", "2027-01-31", "expected-kwh", "1 200,5", "serves", "U1"},
			order{"action add", []string{"N"}, map[string]any{"measure": "other", "on": "2026-03-02", "baseline": "2025-09:2026-02", "until": "2027-01-31", "expected-kwh": "1200.5", "serves": "U1"}, ""},
		},
		{"/settings/targets", []string{"do", "target add", "indicator", "U1", "value", "80", "by", "2027-12"}, order{"target add", nil, map[string]any{"indicator": "U1", "value": "80", "by": "2027-12"}, ""}},
		{
			"/settings/quantities",
			[]string{"do", "quantity set", "quantity", "weee", "value", "12,5", "from", "2026-01", "to", "2026-06", "site", "Lycée A", "owner", "HR"},
			order{"quantity set", []string{"weee"}, map[string]any{"value": "12.5", "from": "2026-01", "to": "2026-06", "site": "Lycée A", "owner": "HR"}, ""},
		},
		{"/settings/quantities", []string{"do", "quantity remove", "quantity-number", "2", "sure", "yes"}, order{"quantity remove", []string{"2"}, map[string]any{}, ""}},
		{
			"/settings/governance",
			[]string{"do", "step add", "step-title", "Charte", "kind", "charter", "on", "2026-03-04"},
			order{"step add", []string{"Charte"}, map[string]any{"kind": "charter", "on": "2026-03-04"}, ""},
		},
		{"/settings/governance", []string{"do", "step remove", "step", "2", "sure", "yes"}, order{"step remove", []string{"2"}, map[string]any{}, ""}},
		{
			"/settings/evidence",
			[]string{"do", "evidence add", "evidence-title", "Policy", "of", "U1", "where", "folder 7", "sha256", "ab"},
			order{"evidence add", []string{"Policy"}, map[string]any{"of": "U1", "where": "folder 7", "sha256": "ab"}, ""},
		},
		{"/settings/evidence", []string{"do", "evidence remove", "evidence", "5", "sure", "yes"}, order{"evidence remove", []string{"5"}, map[string]any{}, ""}},
		{
			"/settings/remarks",
			[]string{"do", "remark set", "of", "S4", "text", "No\ndata centre.", "not-applicable", "yes", "by-whom", "officer", "on", "2026-09-30"},
			order{"remark set", []string{"S4"}, map[string]any{"text": "No\ndata centre.", "not-applicable": true, "by": "officer", "on": "2026-09-30"}, ""},
		},
		{"/settings/remarks", []string{"do", "remark remove", "remark", "S4", "sure", "yes"}, order{"remark remove", []string{"S4"}, map[string]any{}, ""}},
		{"/settings/meters", []string{"do", "meter remove", "meter", "PDL 12", "site", "Lycée A", "sure", "yes"}, order{"meter remove", []string{"PDL 12"}, map[string]any{"site": "Lycée A"}, ""}},
		{
			"/settings/metering",
			[]string{"do", "meter add", "at", "1", "meter-name", "PC 3", "meter-kind", "plug", "measurement", "shelly", "line-field", "apower", "meter-unit", "W", "line-tags", "device=p7, room=12", "by-tags", "", "behind", "41"},
			order{"meter add", []string{"PC 3"}, map[string]any{"site": "1", "kind": "plug", "measurement": "shelly", "field": "apower", "unit": "W", "tag": "device=p7, room=12", "machine": "41"}, ""},
		},
		{"/settings/metering", []string{"do", "meter end", "at", "1", "rule", "4", "sure", "yes"}, order{"meter end", []string{"4"}, map[string]any{"site": "1"}, ""}},
		{"/settings/metering", []string{"do", "meter revoke-token", "at", "1", "meter-token", "5f9c01ab", "sure", "yes"}, order{"meter revoke-token", []string{"5f9c01ab"}, map[string]any{"site": "1"}, ""}},
		{"/settings/grids", []string{"do", "grid remove", "grid-website", "7", "sure", "yes"}, order{"grid remove", []string{"7"}, map[string]any{}, ""}},
		{"/settings/templates", []string{"do", "template remove", "own-template", "ours", "sure", "yes"}, order{"template remove", []string{"ours"}, map[string]any{}, ""}},
		{"/settings/users", []string{"do", "user add", "user-name", "a", "role", "it", "role", "web"}, order{"user add", []string{"a"}, map[string]any{"role": []string{"it", "web"}}, ""}},
		{"/settings/tokens", []string{"do", "token revoke", "token-number", "3f9c01ab", "sure", "yes"}, order{"token revoke", []string{"3f9c01ab"}, map[string]any{}, ""}},
	} {
		f := full()
		w := serve(t, f, it, officer).post(c.path+"?lang=fr", c.form...)
		to := w.Header().Get("Location")
		if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, c.path+"?lang=fr&done=") {
			t.Errorf("%v is answered %d to %q: %s", c.form, w.Code, to, w.Body)
			continue
		}
		if !reflect.DeepEqual(f.given, []order{c.want}) {
			t.Errorf("%v gave %+v, not %+v", c.form, f.given, c.want)
		}
		if text := serve(t, full(), it, officer).get(to).Body.String(); !strings.Contains(text, "C’est fait") {
			t.Errorf("the page does not say that %v is done", c.form)
		}
	}
}

func TestNothingIsRemovedWithoutAYes(t *testing.T) {
	f := full()
	w := serve(t, f, it).post("/settings/prices?lang=en", "do", "price remove", "price", "2026-01")
	if w.Code != http.StatusUnprocessableEntity || len(f.given) > 0 || !strings.Contains(w.Body.String(), "Nothing was done") {
		t.Errorf("a removal that nobody confirmed: %d, gave %v", w.Code, f.given)
	}
}

func TestWhatACommandRefusesIsShownInItsLanguageBesideWhatWasTyped(t *testing.T) {
	for _, err := range []error{frame.Problem("--euro 9 is <too> much"), fmt.Errorf("--euro 9 is <too> much: %w", collector.ErrNotFound)} {
		f := full()
		f.err = err
		w := serve(t, f, it).post("/settings/prices?lang=fr", "do", "price set", "from", "2026-01", "euro", "9", "tax", "excluded")
		text := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(text, `<span lang="en">--euro 9 is &lt;too&gt; much`) {
			t.Errorf("a refusal is answered %d: %s", w.Code, text)
		}
		if !strings.Contains(text, `name="euro" value="9"`) || !strings.Contains(text, `<option value="excluded" selected>`) {
			t.Error("what was typed is lost")
		}
	}
}

func TestAMissingFieldIsNamedInTheLanguageOfTheReader(t *testing.T) {
	f := full()
	w := serve(t, f, it).post("/settings/prices?lang=fr", "do", "price set", "euro", "9")
	if text := w.Body.String(); w.Code != http.StatusUnprocessableEntity || len(f.given) > 0 || !strings.Contains(text, "Premier mois") || strings.Contains(text, `<span lang="en">`) {
		t.Errorf("a form without its month: %d %s", w.Code, text)
	}
}

func TestASecretIsShownOnceAndKeptNowhere(t *testing.T) {
	f := full()
	f.printed = `{"user":"c.martin","path":"/invite?secret=abc","expires_on":"2026-11-29"}`
	p := serve(t, f, it)
	w := p.post("/settings/users?lang=en", "do", "user invite", "user", "c.martin")
	text := w.Body.String()
	if w.Code != http.StatusOK || !strings.Contains(text, "http://example.com/invite?secret=abc") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the invitation is answered %d, %v: %s", w.Code, w.Header(), text)
	}
	f.printed = "veille-token-xyz\n"
	w = p.post("/settings/tokens?lang=en", "do", "token create", "site", "Lycée A", "machines", "30", "days", "7", "group-name", "G")
	if text = w.Body.String(); w.Code != http.StatusOK || !strings.Contains(text, ">veille-token-xyz</pre>") {
		t.Errorf("the token is answered %d: %s", w.Code, text)
	}
	if want := map[string]any{"site": "Lycée A", "machines": "30", "days": "7", "group": "G"}; !reflect.DeepEqual(f.given[1].Flags, want) {
		t.Errorf("the token is made with %v, not %v", f.given[1].Flags, want)
	}
	w = p.post("/settings/metering?lang=en", "do", "meter token", "at", "Lycée A", "days", "730", "note", "boiler room")
	if text = w.Body.String(); w.Code != http.StatusOK || !strings.Contains(text, ">veille-token-xyz</pre>") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the token of meters is answered %d: %s", w.Code, text)
	}
	if want := map[string]any{"site": "Lycée A", "days": "730", "note": "boiler room"}; !reflect.DeepEqual(f.given[2].Flags, want) {
		t.Errorf("the token of meters is made with %v, not %v", f.given[2].Flags, want)
	}
	if strings.Contains(p.get("/settings/tokens?lang=en").Body.String()+p.get("/settings/metering?lang=en").Body.String(), "xyz") {
		t.Error("the token is shown again")
	}
}

func TestAFileComesWithItsForm(t *testing.T) {
	for _, c := range []struct{ path, do, text, want string }{
		{"/settings/equipment", "inventory import", "site;class\nLycée A;desktop\n", "site;class\nLycée A;desktop\n"},
		{"/settings/equipment", "inventory import", "Lyc\xe9e", "Lyc\xe9e"}, // as it came: whoever reads it knows encodings
		{"/settings/calendars", "calendar import", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR"},
	} {
		f := full()
		f.printed = "Lycée A: would have 120 devices"
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, pair := range [][2]string{{"token", token}, {"do", c.do}, {"at", "Lycée A"}, {"dry-run", "yes"}} {
			if err := form.WriteField(pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		part, err := form.CreateFormFile("file", "a.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, c.text); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.path+"?lang=en", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		w := serve(t, f, it).ask(r)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "would have 120 devices") {
			t.Errorf("a trial is answered %d: %s", w.Code, w.Body)
		}
		if len(f.given) != 1 || f.given[0].File != c.want || !slices.Equal(f.given[0].Args, []string{"a.csv"}) || f.given[0].Flags["dry-run"] != true {
			t.Errorf("the file %q was given as %+v", c.text, f.given)
		}
	}
	f := full()
	if w := serve(t, f, it).post("/settings/equipment?lang=en", "do", "inventory import"); w.Code != http.StatusUnprocessableEntity || len(f.given) > 0 {
		t.Errorf("a form without its file is answered %d and gave %v", w.Code, f.given)
	}
}

func TestAnOfficerSeesNeitherUsersNorTokens(t *testing.T) {
	f := full()
	p := serve(t, f, officer)
	if text := p.get("/settings?lang=en").Body.String(); strings.Contains(text, "/settings/users") || strings.Contains(text, "/settings/tokens") || !strings.Contains(text, "/settings/prices") {
		t.Errorf("the index of an officer is %s", text)
	}
	for _, path := range []string{"/settings/users", "/settings/tokens", "/settings/metering"} {
		if w := p.get(path); w.Code != http.StatusForbidden {
			t.Errorf("%s is answered %d to an officer", path, w.Code)
		}
		if w := p.post(path, "do", "user remove", "user", "c.martin", "sure", "yes"); w.Code != http.StatusForbidden || len(f.given) > 0 {
			t.Errorf("a form of %s is answered %d to an officer", path, w.Code)
		}
	}
	if text := p.get("/settings/sites?lang=en").Body.String(); strings.Contains(text, `value="site set"`) || !strings.Contains(text, `value="group add"`) {
		t.Error("an officer is offered what only role it may do, or not what he may")
	}
}

func TestARoleThatACommandRefusesIsForbidden(t *testing.T) {
	f := full()
	f.err = privacy.ErrRole
	if w := serve(t, f, officer).post("/settings/sites", "do", "group add", "at", "1", "name", "a", "kind", "room"); w.Code != http.StatusForbidden {
		t.Errorf("what the user may not do is answered %d", w.Code)
	}
}

func TestASiteThatIsNotThereIsNotFound(t *testing.T) {
	for _, path := range []string{"/settings/sites?site=3", "/settings/calendars?site=Other", "/csv/hours/settings/calendars?site=9", "/settings/nothing"} {
		if w := serve(t, full(), it).get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, w.Code)
		}
	}
	if w := serve(t, full(), it).post("/settings/prices", "do", "user remove", "user", "c.martin", "sure", "yes"); w.Code != http.StatusNotFound {
		t.Errorf("a form of another page is answered %d", w.Code)
	}
}

func TestAFormWithoutTheTokenOfItsReaderDoesNothing(t *testing.T) {
	f := full()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/settings/prices", strings.NewReader("do=price+remove&price=2026-01&sure=yes&token=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := serve(t, f, it).ask(r); w.Code != http.StatusForbidden || len(f.given) > 0 {
		t.Errorf("a foreign form is answered %d and gave %v", w.Code, f.given)
	}
}

func TestALongListIsShownInPartsAndWholeInItsFile(t *testing.T) {
	f := full()
	var all []string
	for i := range 115 {
		all = append(all, fmt.Sprintf(`{"number":%d,"name":"Lycée %d","time_zone":"Europe/Paris","open":false}`, i+1, i+1))
	}
	f.lists["site list"] = "[" + strings.Join(all, ",") + "]"
	p := serve(t, f, it)
	first, last := p.get("/settings/sites?lang=en").Body.String(), p.get("/settings/sites?lang=en&page=5").Body.String()
	row := `<th scope="row">Lycée 115</th>`
	if strings.Contains(first, row) || !strings.Contains(last, row) || strings.Count(first, "<tr>") > 60 {
		t.Error("the list of sites is not shown in parts")
	}
	for _, path := range []string{"/settings/sites?lang=en", "/settings/calendars?lang=en"} {
		if text := p.get(path).Body.String(); strings.Count(text, "<")-strings.Count(text, "</") > 600 {
			t.Errorf("%s has too many elements with 115 sites", path)
		}
	}
	if lines := strings.Count(p.get("/csv/sites/settings/sites?lang=en").Body.String(), "\n"); lines != 116 {
		t.Errorf("the file has %d lines", lines)
	}
	var answer struct {
		Tables []struct{ Rows []map[string]any }
	}
	if err := json.Unmarshal(p.get("/api/v1/settings/sites").Body.Bytes(), &answer); err != nil || len(answer.Tables[0].Rows) != 115 {
		t.Errorf("programs get %d sites, %v", len(answer.Tables[0].Rows), err)
	}
}
