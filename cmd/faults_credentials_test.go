package cmd_test

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/store/sqlite"
)

// status is what is answered to a message.
func status(t *testing.T, client *http.Client, address, password string, message any) int {
	t.Helper()
	status, _, err := send(t.Context(), client, address, password, message)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// yesterdays is a batch with a record of a day of a machine.
func yesterdays(use wire.Use, covered int) wire.Batch {
	return wire.Batch{Version: 1, Records: []wire.Record{recordOf(slot{time.Now().AddDate(0, 0, -2).Format(time.DateOnly), collector.WholeDay}, use, covered)}}
}

func TestPasswordsAndTokensThatHaveServedOpenNothing(t *testing.T) {
	t.Parallel()
	data, client := t.TempDir(), plain()
	running, address, token := site(t, data, "2")
	enrol, records := address+"api/v1/enrol", address+"api/v1/records"
	old := enrolment(t, client, strings.TrimSuffix(address, "/"), token, installKey(1), wire.Server)
	good := enrolment(t, client, strings.TrimSuffix(address, "/"), token, installKey(1), wire.Server)
	second := enrolment(t, client, strings.TrimSuffix(address, "/"), token, installKey(2), wire.Server)
	admin := func(args ...string) {
		t.Helper()
		do(t, nil, append([]string{"veille-collector", args[0], args[1], "--data", data}, args[2:]...)...)
	}
	var fresh string
	expect := func(what, address, password string, message any, want int) {
		t.Helper()
		if got := status(t, client, address, password, message); got != want {
			t.Errorf("%s is answered %d, want %d", what, got, want)
		}
	}
	again := wire.Enrolment{Version: 1, InstallKey: installKey(2), Use: wire.Server}
	stranger := wire.Enrolment{Version: 1, InstallKey: installKey(3), Use: wire.Server}
	expect("the password before it enrolled again", records, old, yesterdays(wire.Server, 100), http.StatusUnauthorized)
	expect("the password since", records, good, yesterdays(wire.Server, 100), http.StatusOK)
	expect("no password", records, "", yesterdays(wire.Server, 100), http.StatusUnauthorized)
	expect("a token in the place of a password", records, token, yesterdays(wire.Server, 100), http.StatusUnauthorized)
	expect("a token that is used up", enrol, token, stranger, http.StatusForbidden)
	expect("a password in the place of a token", enrol, good, stranger, http.StatusForbidden)
	admin("machine", "revoke", "2")
	fresh = strings.TrimSpace(do(t, nil, "veille-collector", "token", "create", "--data", data, "--site", "Lycée", "--machines", "5"))
	expect("a machine that was revoked", records, second, yesterdays(wire.Server, 100), http.StatusUnauthorized)
	expect("a machine that was revoked, and enrols again", enrol, fresh, again, http.StatusForbidden)
	admin("machine", "restore", "2")
	expect("a machine that was restored", records, second, yesterdays(wire.Server, 100), http.StatusOK)
	var tokens []struct {
		Number string `json:"number"`
	}
	if err := json.Unmarshal([]byte(do(t, nil, "veille-collector", "token", "list", "--data", data, "--site", "Lycée", "--json")), &tokens); err != nil || len(tokens) != 2 {
		t.Fatalf("%v, %v", tokens, err)
	}
	for _, x := range tokens {
		admin("token", "revoke", x.Number)
	}
	expect("a token that was revoked", enrol, fresh, stranger, http.StatusForbidden)
	expect("a machine erased", records, good, yesterdays(wire.Server, 200), http.StatusOK)
	do(t, nil, "veille-collector", "erase", "--data", data, "1")
	expect("a machine that was erased", records, good, yesterdays(wire.Server, 300), http.StatusUnauthorized)
	if status := running.end(t, syscall.SIGTERM); status != 0 || strings.Contains(running.log.String(), "level=ERROR") {
		t.Errorf("exit %d\n%s", status, running.log)
	}
}

func TestARequestThatIsRecordedAndSentAgainChangesNothing(t *testing.T) {
	t.Parallel()
	data, client := t.TempDir(), plain()
	running, address, token := site(t, data, "1")
	password := enrolment(t, client, strings.TrimSuffix(address, "/"), token, installKey(1), wire.Individual)
	post := func(body []byte) (a wire.Answer, err error) {
		response, err := transmit(t.Context(), client, address+"api/v1/records", password, "gzip", body)
		if err != nil {
			return a, err
		}
		defer func() { _ = response.Body.Close() }()
		text, _ := io.ReadAll(response.Body)
		return a, json.Unmarshal(text, &a)
	}
	var recorded [][]byte
	for i, want := range []wire.Status{wire.Stored, wire.Replaced} {
		body, err := json.Marshal(yesterdays(wire.Individual, 100*(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		recorded = append(recorded, zipped(body))
		if a, err := post(recorded[i]); err != nil || len(a.Verdicts) != 1 || a.Verdicts[0].Status != want {
			t.Errorf("%d: %+v, %v", i, a, err)
		}
	}
	var replaying sync.WaitGroup
	for n := range 20 {
		replaying.Go(func() {
			if a, err := post(recorded[n%2]); err != nil || len(a.Verdicts) != 1 || a.Verdicts[0].Status != wire.Kept || a.Before == nil || *a.Before != 2 {
				t.Errorf("sent again: %+v, %v", a, err)
			}
		})
	}
	replaying.Wait()
	if status := running.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, running.log)
	}
	for _, r := range recordsOf(t, data) {
		if r.Record.CoveredS() != 200 {
			t.Errorf("kept: %+v", r)
		}
	}
	if n := len(recordsOf(t, data)); n != 1 {
		t.Errorf("%d records", n)
	}
}

// recordsOf are all records of a ledger.
func recordsOf(t *testing.T, data string) (all []collector.Change) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	if err := store.Records(t.Context(), "2000-01-01", "2100-01-01", func(c collector.Change) error {
		all = append(all, c)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// house is a collector of two organisations with a site each.
type house struct {
	running       *process
	data, address string
	client        *http.Client
	token         map[string]string // by site
	key           map[string]string // of the API, by user
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{data: t.TempDir(), client: plain(), token: map[string]string{}, key: map[string]string{}}
	h.running = start(t, true, "veille-collector", "serve", "--data", h.data, "--listen", "127.0.0.1:0")
	h.address = strings.TrimSuffix(h.running.first, "/")
	for _, name := range []string{"A", "B"} {
		h.token["Lycée "+name] = newSite(t, h.data, "Région "+name, "Lycée "+name, "9")
		for _, role := range []string{"it", "reader"} {
			user := role + "." + strings.ToLower(name)
			do(t, nil, "veille-collector", "user", "add", "--data", h.data, "--organisation", "Région "+name, user, "--role", role)
			h.key[user] = strings.TrimSpace(do(t, nil, "veille-collector", "user", "key", "--data", h.data, user, "--days", "2"))
		}
	}
	return h
}

// ask gives a command over the API.
func (h *house) ask(t *testing.T, user, command string, args []string, flags map[string]any) (status int, text string) {
	t.Helper()
	status, answer, err := send(t.Context(), h.client, h.address+"/api/v1/admin/"+strings.ReplaceAll(command, " ", "/"), h.key[user],
		map[string]any{"args": args, "flags": flags})
	if err != nil {
		t.Fatal(err)
	}
	return status, string(answer)
}

func TestAMachineOfOneOrganisationPostsForNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ofA := enrolment(t, h.client, h.address, h.token["Lycée A"], installKey(1), wire.Server)
	records := h.address + "/api/v1/records"
	if got := status(t, h.client, records, ofA, yesterdays(wire.Server, 100)); got != http.StatusOK {
		t.Fatalf("a machine of A is answered %d", got)
	}
	// Whatever a machine says of where it is, its records stay where it was enrolled.
	text, err := json.Marshal(yesterdays(wire.Server, 200))
	if err != nil {
		t.Fatal(err)
	}
	for _, more := range []string{`"site": "Lycée B", `, `"site": 2, "organisation": 2, "machine": 2, `} {
		for _, lie := range []string{strings.Replace(string(text), `{"version"`, "{"+more+`"version"`, 1), strings.Replace(string(text), `{"date"`, "{"+more+`"date"`, 1)} {
			response, err := transmit(t.Context(), h.client, records+"?site=2&organisation=2", ofA, "", []byte(lie))
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode >= 500 {
				t.Errorf("%s is answered %s", lie, response.Status)
			}
		}
	}
	// With a token of B it is another machine there, and the one of A goes on.
	ofB := enrolment(t, h.client, h.address, h.token["Lycée B"], installKey(1), wire.Server)
	for password, covered := range map[string]int{ofA: 300, ofB: 400} {
		if got := status(t, h.client, records, password, yesterdays(wire.Server, covered)); got != http.StatusOK {
			t.Errorf("after it enrolled with B it is answered %d", got)
		}
	}
	if status := h.running.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, h.running.log)
	}
	all := recordsOf(t, h.data)
	if len(all) != 2 {
		t.Fatalf("%d records: %+v", len(all), all)
	}
	for _, c := range all {
		want := map[int64]int{1: 300, 2: 400}[c.Machine]
		if c.Site.ID != c.Machine || c.Record.CoveredS() != want {
			t.Errorf("machine %d at site %d covers %d s, want %d", c.Machine, c.Site.ID, c.Record.CoveredS(), want)
		}
	}
}

func TestUsersOfTwoOrganisationsSeeNothingOfEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i, name := range []string{"Lycée A", "Lycée B"} {
		_ = enrolment(t, h.client, h.address, h.token[name], installKey(uint64(i)), wire.Server) // machines 1 and 2
	}
	reason := "an end to end test"
	for _, tt := range []struct {
		user, command string
		args          []string
		flags         map[string]any
		status        int
		says, not     string
	}{
		{"it.a", "site list", nil, nil, 200, "Lycée A", "B"},
		{"it.b", "site list", nil, nil, 200, "Lycée B", "A"},
		{"reader.a", "site list", nil, nil, 200, "Lycée A", "B"},
		{"it.a", "machine list", nil, map[string]any{"site": "Lycée A", "reason": reason}, 200, `"number":1`, `"number":2`},
		{"it.a", "machine list", nil, map[string]any{"site": "Lycée B", "reason": reason}, 404, "not found", "Région"},
		{"it.a", "machine list", nil, map[string]any{"site": "2", "reason": reason}, 404, "not found", "Lycée"},
		{"it.a", "machine revoke", []string{"2"}, map[string]any{"reason": reason}, 404, "not found", "Lycée"},
		{"it.a", "erase", []string{"2"}, map[string]any{"reason": reason}, 404, "not found", "Lycée"},
		{"it.a", "token create", nil, map[string]any{"site": "Lycée B"}, 404, "not found", "Région"},
		{"it.a", "quarantine list", nil, map[string]any{"site": "Lycée B", "reason": reason}, 404, "not found", "Région"},
		{"it.a", "user remove", []string{"it.b"}, nil, 404, "not found", "Région"},
		{"it.a", "user key", []string{"it.b"}, nil, 404, "not found", "Région"},
		{"reader.a", "machine list", nil, map[string]any{"site": "Lycée A", "reason": reason}, 403, "roles", "number"},
		{"reader.b", "erase", []string{"2"}, map[string]any{"reason": reason}, 403, "roles", "erased"},
		{"it.a", "backup", []string{"/tmp/x"}, nil, 404, "command line only", "MB"},
		{"nobody", "site list", nil, nil, 401, "", "Lycée"},
		{"it.b", "machine revoke", []string{"2"}, map[string]any{"reason": reason}, 200, "2", "Lycée A"},
	} {
		got, text := h.ask(t, tt.user, tt.command, tt.args, tt.flags)
		if got != tt.status || !strings.Contains(text, tt.says) || strings.Contains(text, tt.not) {
			t.Errorf("%s, %s %v %v: %d %s; want %d, %q in it and no %q", tt.user, tt.command, tt.args, tt.flags, got, text, tt.status, tt.says, tt.not)
		}
	}
	// What the API did is in the audit log of its own organisation.
	for user, has := range map[string]bool{"it.a": false, "it.b": true} {
		if got, text := h.ask(t, user, "audit list", nil, nil); got != http.StatusOK || strings.Contains(text, "machine revoke") != has {
			t.Errorf("the audit log that %s reads: %d %s", user, got, text)
		}
	}
	if status := h.running.end(t, syscall.SIGTERM); status != 0 || strings.Contains(h.running.log.String(), "level=ERROR") {
		t.Errorf("exit %d\n%s", status, h.running.log)
	}
}
