package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/calendar"
	"veille/collector/enrol"
)

func TestEachCommandWorksOverTheAPIAndEachChangeIsInTheAuditLog(t *testing.T) {
	o := newOffice(t)
	a := o.at["A1"]
	given, secrets, seen := map[string]bool{}, []string{a.secret}, 0
	for _, s := range tour(o, a) {
		given[s.command] = true
		before := o.dump()
		status, got := o.post(a.secret, s.ask)
		if status != http.StatusOK || got.Status != 0 || (got.JSON == nil) == (got.Output == "") {
			t.Fatalf("%s %q %v: %d %+v", s.command, s.args, s.flags, status, got)
		}
		empty := s.command == "quarantine list"
		if strings.HasSuffix(s.command, " list") && (len(got.JSON) < 3 && !empty || got.JSON[0] != '[') {
			t.Errorf("%s: %s; want a list of something", s.command, got.JSON)
		}
		if s.command == "token create" || s.command == "user key" {
			secrets = append(secrets, strings.TrimSpace(got.Output))
		}
		entries := o.entries()[seen:]
		seen += len(entries)
		want := collector.Entry{On: today(), Organisation: a.site.Organisation, Who: a.user, What: s.command, Subject: s.subject}
		if reason, ok := s.flags["reason"].(string); ok {
			want.Reason = reason
		}
		switch {
		case s.subject == "" && (len(entries) > 0 || before != o.dump()):
			t.Errorf("%s reads, and left %+v", s.command, entries)
		case s.subject == "":
		case len(entries) != 1 || entries[0].On != want.On || entries[0].Organisation != want.Organisation || entries[0].Who != want.Who ||
			entries[0].What != want.What || entries[0].Reason != want.Reason || !like(entries[0].Subject, want.Subject):
			t.Errorf("%s left %+v; want %+v", s.command, entries, want)
		}
	}
	for name := range whoMay() {
		if !given[name] {
			t.Errorf("%s was not given", name)
		}
	}
	for _, e := range o.entries() {
		for _, secret := range secrets {
			if len(secret) < 40 || strings.Contains(fmt.Sprintf("%+v", e), secret) {
				t.Errorf("a secret is in %+v", e)
			}
		}
	}
}

// like tells whether a text is the wanted one, whose stars stand for as many others, or as a port.
func like(got, want string) bool {
	if before, _, port := strings.Cut(want, "***/"); port && !strings.Contains(want, "****") {
		return strings.HasPrefix(got, before)
	}
	if len(got) != len(want) {
		return false
	}
	for i := range len(want) {
		if want[i] != '*' && want[i] != got[i] {
			return false
		}
	}
	return true
}

func TestAChangeThatIsRefusedIsNotInTheAuditLog(t *testing.T) {
	o := newOffice(t)
	a := o.at["A1"]
	before := o.dump()
	for _, x := range []struct {
		ask
		status int
		says   string
	}{
		{ask{command: "machine replace", args: []string{a.machine, a.machine}}, http.StatusConflict, "does not replace itself"},
		{ask{command: "site add", args: []string{"Site A1"}}, http.StatusConflict, "exists already"},
		{ask{command: "group add", args: []string{a.group}, flags: map[string]any{"site": "1", "kind": "room"}}, http.StatusConflict, "exists already"},
		{ask{command: "group add", args: []string{"none"}, flags: map[string]any{"site": "1", "kind": "room"}}, http.StatusBadRequest, "not the name of a group"},
		{ask{command: "group add", args: []string{"x"}, flags: map[string]any{"site": "1", "kind": "floor"}}, http.StatusBadRequest, "neither building nor room"},
		{ask{command: "user add", args: []string{"user.B1"}, flags: map[string]any{"role": "it"}}, http.StatusConflict, "exists already; no two users"},
		{ask{command: "user add", args: []string{"Command"}, flags: map[string]any{"role": "it"}}, http.StatusBadRequest, "not the name of a user"},
		{ask{command: "user add", args: []string{"x"}, flags: map[string]any{"role": "boss"}}, http.StatusBadRequest, "none of it, officer, web, reader"},
		{ask{command: "user set", args: []string{"user.A1"}}, http.StatusBadRequest, "nothing to set"},
		{ask{command: "user key", args: []string{"user.A1"}, flags: map[string]any{"days": 731}}, http.StatusBadRequest, "not from 1 to 730"},
		{ask{command: "user revoke-key", args: []string{"xyz"}}, http.StatusBadRequest, "8 hexadecimal digits"},
		{ask{command: "machine list", flags: map[string]any{"site": "1"}}, http.StatusBadRequest, "add --reason"},
		{ask{command: "machine list", flags: map[string]any{"site": "1", "reason": " "}}, http.StatusBadRequest, "--reason"},
		{ask{command: "machine list", flags: map[string]any{"site": "1", "reason": "two\nlines"}}, http.StatusBadRequest, "--reason is not one line"},
		{ask{command: "machine move", args: []string{"1", "2"}, flags: map[string]any{"group": "none"}}, http.StatusConflict, "one site at a time"},
		{ask{command: "machine move", args: []string{"1"}}, http.StatusBadRequest, "no group given"},
		{ask{command: "machine move", flags: map[string]any{"group": "none"}}, http.StatusBadRequest, "give the numbers"},
		{ask{command: "calendar close", args: []string{"2027-01-04"}}, http.StatusBadRequest, "add --site NAME, or --all"},
		{ask{command: "calendar reopen", flags: map[string]any{"site": "1", "source": "zone A"}}, http.StatusOK, ""},
		{ask{command: "calendar import", args: []string{"x.ics"}, flags: map[string]any{"site": "1"}}, http.StatusBadRequest, "no calendar came with the call"},
		{ask{command: "calendar import", args: []string{"x.ics"}, flags: map[string]any{"site": "1"}, file: strings.Repeat("x", calendar.MaxFile+1)}, http.StatusConflict, "up to 1048576 are possible"},
		{ask{command: "audit list", flags: map[string]any{"from": "yesterday"}}, http.StatusBadRequest, "not a date"},
		{ask{command: "site list", flags: map[string]any{"data": "/etc"}}, http.StatusBadRequest, "has none of that name"},
		{ask{command: "site add", args: []string{"x"}, flags: map[string]any{"time-zone": []string{"UTC"}}}, http.StatusBadRequest, "takes one value"},
		{ask{command: "site add", args: []string{"x"}, flags: map[string]any{"time-zone": nil}}, http.StatusBadRequest, "neither a text"},
		{ask{command: "policy set", flags: map[string]any{"site": "1", "omit": []any{1}}}, http.StatusBadRequest, "list of texts"},
		{ask{command: "token create", flags: map[string]any{"site": "1", "machines": 1.5}}, http.StatusBadRequest, "machines"},
		{ask{command: "quarantine list", flags: map[string]any{"site": "1"}}, http.StatusBadRequest, "add --reason"},
		{ask{command: "site drop"}, http.StatusNotFound, "no command is called"},
		{ask{command: "site set", flags: map[string]any{"site": "1"}}, http.StatusBadRequest, "--open=true"},
		{ask{command: "user invite", args: []string{"user.A1"}, flags: map[string]any{"days": 31}}, http.StatusBadRequest, "not from 1 to 30"},
		{ask{command: "price set", flags: map[string]any{"from": "2026-01", "euro": 0, "tax": "included"}}, http.StatusBadRequest, "not from 0.0001 to 5"},
		{ask{command: "price set", flags: map[string]any{"from": "2026-01", "euro": "NaN", "tax": "included"}}, http.StatusBadRequest, "not from 0.0001 to 5"},
		{ask{command: "price set", flags: map[string]any{"from": "2026-01", "euro": 0.2}}, http.StatusBadRequest, "give --from, --euro and --tax"},
		{ask{command: "price set", flags: map[string]any{"from": "January", "euro": 0.2, "tax": "included"}}, http.StatusBadRequest, "not a month"},
		{ask{command: "price remove", flags: map[string]any{"from": "2026-01"}}, http.StatusNotFound, "not found; see veille-collector price list"},
		{ask{command: "factor set", args: []string{"electricity"}, flags: map[string]any{"value": 0.05, "unit": "kgCO2e/kWh", "year": 2025, "source": "x"}}, http.StatusBadRequest, "reckoned with electricity in gCO2e/kWh"},
		{ask{command: "factor set", args: []string{"x"}, flags: map[string]any{"value": 2, "low": 3, "unit": "kg", "year": 2025, "source": "x"}}, http.StatusBadRequest, "within its range"},
		{ask{command: "factor remove", args: []string{"electricity"}}, http.StatusNotFound, "of your own"},
		{ask{command: "target add", flags: map[string]any{"indicator": "joy", "value": 1, "by": "2027-12"}}, http.StatusBadRequest, "none of kwh"},
		{ask{command: "target remove", args: []string{"99"}}, http.StatusNotFound, "not found"},
		{ask{command: "target remove", args: []string{"one"}}, http.StatusBadRequest, "is not the number"},
		{ask{command: "action add", args: []string{"x"}, flags: map[string]any{"measure": "other", "on": "2026-03-02", "baseline": "2026-01:2026-03"}}, http.StatusBadRequest, "ends in a month before"},
		{ask{command: "action add", args: []string{"x"}, flags: map[string]any{"measure": "other", "on": "2026-03-02", "baseline": "2026"}}, http.StatusBadRequest, "not like 2025-09:2026-02"},
		{ask{command: "action add", args: []string{"x"}, flags: map[string]any{"measure": "other", "on": "2999-03-02", "baseline": "2026-01:2026-02"}}, http.StatusBadRequest, "not here yet"},
		{ask{command: "action add", args: []string{"x"}, flags: map[string]any{"measure": "other", "on": "2026-03-02", "baseline": "2026-01:2026-02", "group": a.group}}, http.StatusBadRequest, "add --site"},
		{ask{command: "inventory import", args: []string{"x.csv"}}, http.StatusBadRequest, "no inventory came with the call"},
		{ask{command: "inventory import", args: []string{"x.csv"}, file: "site;class;bought;as;count\nSite A1;phone;;new;1\n1;tablet;;new;x\n"}, http.StatusConflict, "line 3: count"},
		{ask{command: "inventory import", args: []string{"x.csv"}, file: "site;class;bought;as;count\nSite A1;tablet;;new;1\nNowhere;tablet;;new;1\n"}, http.StatusNotFound, `line 3: site "Nowhere": not found`},
	} {
		if status, got := o.post(a.secret, x.ask); status != x.status || !strings.Contains(got.Error, x.says) {
			t.Errorf("%s %q %v: %d %+v; want %d and %q", x.command, x.args, x.flags, status, got, x.status, x.says)
		}
	}
	if after := o.dump(); after != before {
		t.Errorf("something was changed:\n%s\nbefore:\n%s", after, before)
	}
	if entries := o.entries(); len(entries) != 0 {
		t.Errorf("%+v", entries)
	}
}

func TestACallIsAsked(t *testing.T) {
	o := newOffice(t)
	a := o.at["A1"]
	for body, want := range map[string]int{
		"": http.StatusOK, "{}": http.StatusOK, " {}\n": http.StatusOK, `{"args": null}`: http.StatusOK, `{"args": []}`: http.StatusOK,
		`{"args": ["x"]}`: http.StatusBadRequest, `{"args": "x"}`: http.StatusBadRequest, `[]`: http.StatusBadRequest, `{"arg": []}`: http.StatusBadRequest,
		`{} {}`: http.StatusBadRequest, `{`: http.StatusBadRequest, `{"flags": {"json": false}}`: http.StatusOK, `{"flags": {"json": "perhaps"}}`: http.StatusBadRequest,
		`{"file": "` + strings.Repeat("x", maxCall) + `"}`: http.StatusRequestEntityTooLarge,
	} {
		status, got := o.send(a.secret, "site list", strings.NewReader(body))
		if status != want {
			t.Errorf("%.40s: %d %+v; want %d", body, status, got, want)
		}
		if text := strings.Contains(body, "false"); status == http.StatusOK && (got.JSON == nil) != text {
			t.Errorf("%.40s: %+v", body, got)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		w := httptest.NewRecorder()
		o.api.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/api/v1/admin/site/list", nil))
		if w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestOnlyAGoodKeyIsAnswered(t *testing.T) {
	o := newOffice(t)
	a := o.at["A1"]
	list := ask{command: "site list"}
	if status, _ := o.post(a.secret, list); status != http.StatusOK {
		t.Fatal(status)
	}
	_, removed := o.user("removed", a.site.Organisation, 0, collector.RoleIT)
	if status, _ := o.post(removed, list); status != http.StatusOK {
		t.Fatal(status)
	}
	if status, got := o.post(a.secret, ask{command: "user remove", args: []string{"removed"}}); status != http.StatusOK {
		t.Fatal(got)
	}
	for name, secret := range map[string]string{"none": "", "another": enrol.Secret(), "of a user who was removed": removed, "too long": strings.Repeat("x", 9000)} {
		for _, command := range []string{"site list", "no command", "serve"} {
			status, got := o.post(secret, ask{command: command})
			if status != http.StatusUnauthorized || strings.Contains(got.Error, "command") {
				t.Errorf("key %s: %s: %d %+v", name, command, status, got)
			}
		}
	}
	if status, _ := o.post(a.secret, ask{command: "user revoke-key", args: []string{a.userKey}}); status != http.StatusOK {
		t.Error("a user may revoke the key it uses")
	}
	if status, _ := o.post(a.secret, list); status != http.StatusUnauthorized {
		t.Errorf("a revoked key: %d", status)
	}
}

func TestManyKeysThatAreNotGoodDoNotHoldTheGoodOnesUp(t *testing.T) {
	o := newOffice(t)
	for range 200 {
		if status, _ := o.post(enrol.Secret(), ask{command: "site list"}); status != http.StatusUnauthorized {
			t.Fatalf("a key that nobody has: %d", status)
		}
	}
	if status, _ := o.post(o.at["A1"].secret, ask{command: "site list"}); status != http.StatusOK {
		t.Errorf("a good key: %d", status)
	}
}

// slow is a body that says when it is read, and ends when it is told to.
type slow struct{ began, end chan struct{} }

func (s slow) Read([]byte) (int, error) {
	close(s.began)
	<-s.end
	return 0, io.EOF
}

func TestAKeyMakesOneCallAtATime(t *testing.T) {
	o := newOffice(t)
	body := slow{make(chan struct{}), make(chan struct{})}
	var first sync.WaitGroup
	first.Go(func() {
		if status, _ := o.send(o.at["A1"].secret, "site list", body); status != http.StatusOK {
			t.Errorf("the first: %d", status)
		}
	})
	<-body.began
	if status, _ := o.post(o.at["A1"].secret, ask{command: "site list"}); status != http.StatusTooManyRequests {
		t.Errorf("the second: %d", status)
	}
	if status, _ := o.post(o.at["B1"].secret, ask{command: "site list"}); status != http.StatusOK {
		t.Errorf("another's: %d", status)
	}
	close(body.end)
	first.Wait()
	if status, _ := o.post(o.at["A1"].secret, ask{command: "site list"}); status != http.StatusOK {
		t.Errorf("after the first: %d", status)
	}
}

func TestACollectorInTroubleSays503AndNothingOfIt(t *testing.T) {
	o := newOffice(t)
	a := o.at["A1"]
	o.must(o.store.Close())
	status, got := o.post(a.secret, ask{command: "site add", args: []string{"x"}})
	if status != http.StatusServiceUnavailable || strings.Contains(got.Error, "database") || got.Status == 0 {
		t.Errorf("%d %+v", status, got)
	}
}

func TestAPageThatIsAddedOverTheAPIIsMeasuredLater(t *testing.T) {
	o := newOffice(t)
	status, got := o.post(o.at["A1"].secret, ask{command: "page add", args: []string{"http://127.0.0.1:1/"}})
	if status != http.StatusOK || got.Status != 0 || !strings.Contains(got.Output, "will be measured") {
		t.Errorf("%d %+v", status, got)
	}
	if asked, err := o.store.AskedWebsites(t.Context()); err != nil || len(asked) != 1 {
		t.Errorf("%v are to be measured, %v", asked, err)
	}
	if status, got := o.post(o.at["A1"].secret, ask{command: "page add", args: []string{"http://127.0.0.1:1/"}}); status != http.StatusConflict || !strings.Contains(got.Error, "exists already") {
		t.Errorf("once more: %d %+v", status, got)
	}
	if status, got := o.post(o.at["B1"].secret, ask{command: "page add", args: []string{"http://127.0.0.1:1/"}}); status != http.StatusOK {
		t.Errorf("another organisation: %d %+v", status, got)
	}
}

func TestAWebsiteThatCannotBeMeasuredIsRefused(t *testing.T) {
	o := newOffice(t)
	for _, c := range []struct {
		args  []string
		flags map[string]any
		want  string
	}{
		{nil, nil, "one address"},
		{[]string{"ftp://site.example/"}, nil, "http"},
		{[]string{"https://site.example/" + strings.Repeat("x", maxAddress)}, nil, "longer than"},
		{[]string{"https://site.example/"}, nil, "--contact is missing"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a) evil"}, "--contact"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a@example.org", "mode": "fast"}, "two-speed"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a@example.org", "delay": "1ms"}, "--delay"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a@example.org", "every": 0}, "--every"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a@example.org", "max-pages": 1000000}, "--max-pages"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a@example.org", "name": "a\nb"}, "--name"},
		{[]string{"https://site.example/"}, map[string]any{"contact": "a@example.org", "exclude": []string{"a\nb"}}, "one line"},
	} {
		if status, got := o.post(o.at["A1"].secret, ask{command: "website add", args: c.args, flags: c.flags}); status != http.StatusBadRequest || !strings.Contains(got.Error, c.want) {
			t.Errorf("%q %v: %d %+v; want %q", c.args, c.flags, status, got, c.want)
		}
	}
	if status, got := o.post(o.at["A1"].secret, ask{command: "website allow", args: []string{"*.example.org"}}); status != http.StatusBadRequest || !strings.Contains(got.Error, "name of a host") {
		t.Errorf("a pattern of hosts: %d %+v", status, got)
	}
}

// Whatever is asked, the answer is JSON and no failure of ours.
func FuzzCall(f *testing.F) {
	seeds := []string{`{}`, `{"args": ["Lycée"], "flags": {"time-zone": "Europe/Paris"}}`, `{"flags": {"omit": ["cpu"], "all": true, "pause": "x"}}`, `{"file": "BEGIN:VCALENDAR"}`}
	for i := range tasks() {
		f.Add(i, []byte(seeds[i%len(seeds)]))
	}
	all := slices.DeleteFunc(tasks(), func(t task) bool { return slices.Contains(notOverTheAPI(), commandOf(t).Name) })
	o := newOffice(f)
	f.Fuzz(func(t *testing.T, n int, body []byte) {
		o.t = t
		name := commandOf(all[(n%len(all)+len(all))%len(all)]).Name
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/admin/"+strings.ReplaceAll(name, " ", "/"), bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+o.at["A1"].secret)
		before := len(o.entries())
		w := httptest.NewRecorder()
		o.api.ServeHTTP(w, r)
		var got answer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code >= 500 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		for _, e := range o.entries()[before:] {
			if e.Organisation != o.at["A1"].site.Organisation || e.What != name {
				t.Errorf("%s: %+v", name, e)
			}
		}
	})
}
