package main

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// whoMay says which roles may give each command over the API, and whether a user of one site may. What the program says of itself is
// checked against it.
func whoMay() map[string]string {
	return map[string]string{
		"site add": "it whole", "site set": "it", "site list": "it officer web reader",
		"group add": "it officer", "group list": "it officer web reader", "group rename": "it officer", "group remove": "it officer",
		"token create": "it", "token list": "it", "token revoke": "it",
		"machine list": "it", "machine move": "it", "machine replace": "it", "machine keep": "it", "machine revoke": "it", "machine restore": "it",
		"erase": "it", "quarantine list": "it",
		"calendar set": "it officer", "calendar import": "it officer", "calendar close": "it officer", "calendar reopen": "it officer",
		"calendar show": "it officer web reader",
		"policy set":    "it", "policy show": "it officer web reader",
		"org set": "it officer whole", "org show": "it officer web reader",
		"user add": "it whole", "user list": "it whole", "user set": "it whole", "user remove": "it whole", "user key": "it whole", "user keys": "it whole",
		"user revoke-key": "it whole", "user invite": "it whole",
		"price set": "it officer whole", "price list": "it officer", "price remove": "it officer whole",
		"factor set": "it officer whole", "factor list": "it officer", "factor remove": "it officer whole",
		"target add": "it officer", "target list": "it officer", "target remove": "it officer",
		"action add": "it officer", "action list": "it officer", "action remove": "it officer",
		"inventory import": "it officer", "inventory list": "it officer",
		"price import": "it officer whole", "factor import": "it officer whole",
		"quantity set": "it officer", "quantity list": "it officer reader", "quantity remove": "it officer", "quantity import": "it officer",
		"step add": "it officer whole", "step list": "it officer reader", "step remove": "it officer whole",
		"evidence add": "it officer whole", "evidence list": "it officer reader", "evidence remove": "it officer whole",
		"remark set": "it officer whole", "remark list": "it officer reader", "remark remove": "it officer whole",
		"meter import": "it officer", "meter list": "it officer reader", "meter remove": "it officer",
		"meter add": "it officer", "meter rules": "it officer", "meter end": "it officer", "meter status": "it officer", "meter token": "it", "meter tokens": "it", "meter revoke-token": "it",
		"grid import": "it officer", "grid list": "it officer web reader", "grid remove": "it officer",
		"template list": "it officer whole", "template show": "it officer whole", "template add": "it officer whole", "template remove": "it officer whole",
		"report keep": "it officer whole", "report list": "it officer reader", "report verify": "it officer reader", "baseline list": "it officer reader",
		"audit list": "it officer whole",
		"page add":   "officer web", "page list": "it officer web reader",
		"website add": "officer web", "website list": "it officer web reader", "website show": "it officer web reader",
		"website set": "officer web", "website measure": "officer web", "website remove": "officer web",
		"website allow": "it whole", "website forbid": "it whole", "website hosts": "it officer web whole",
		"version": "it officer web reader",
	}
}

// notOverTheAPI are the commands of the server alone.
func notOverTheAPI() []string {
	return []string{
		"serve", "privacy-file", "machine show", "rollup run", "rollup list", "size", "backup", "restore", "check", "doctor", "report", "opendata", "baseline keep",
		"grafana", "meter calibrate", "outbox list", "outbox refused", "outbox retry", "outbox again", "outbox remove", "migrate ledger", "migrate series",
	}
}

func commandOf(t task) command.Command { return t.at(desk{stdout: io.Discard, stderr: io.Discard}) }

func TestEachCommandIsOverTheAPIOrSaysWhyNot(t *testing.T) {
	may := whoMay()
	seen := map[string]bool{}
	for _, x := range tasks() {
		name := commandOf(x).Name
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		if (x.apart == "") == (x.roles == nil) {
			t.Errorf("%s has the roles %v and is apart because %q: one of the two", name, x.roles, x.apart)
		}
		if _, over := may[name]; over == slices.Contains(notOverTheAPI(), name) || over != (x.apart == "") {
			t.Errorf("%s: this test does not know whether it is over the API", name)
		}
	}
	for name := range may {
		if !seen[name] {
			t.Errorf("there is no command %s", name)
		}
	}
	for _, c := range program(io.Discard, io.Discard).Commands {
		if !seen[c.Name] {
			t.Errorf("%s is no task", c.Name)
		}
	}
}

func TestEachListIsToldAsJSONToo(t *testing.T) {
	for _, x := range tasks() {
		c := commandOf(x)
		if !slices.Contains([]string{"list", "show", "keys"}, c.Name[strings.LastIndex(c.Name, " ")+1:]) {
			continue
		}
		fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
		c.Flags(fs)
		if fs.Lookup("json") == nil {
			t.Errorf("%s has no --json", c.Name)
		}
	}
}

func TestACommandIsFoundAlsoWhereItsNameBeginsAsAnothers(t *testing.T) {
	for _, x := range tasks() {
		name := commandOf(x).Name
		var out strings.Builder
		p := program(&out, &out)
		p.Stdout, p.Stderr = &out, &out
		if status := p.Run(t.Context(), append(strings.Fields(name), "--help")); status != command.OK || !strings.Contains(out.String(), "usage: veille-collector "+name+" [flags]") {
			t.Errorf("%s --help: %d %s", name, status, out.String())
		}
	}
}

func TestACommandThatReadsAFileMayBeCalledWithALargeOne(t *testing.T) {
	for _, x := range tasks() {
		name := commandOf(x).Name
		reads := strings.HasSuffix(name, " import") || name == "template add" || name == "report verify"
		if want := map[bool]int64{true: 4 << 20, false: 64 << 10}[reads]; sizeOfCall(x) != want {
			t.Errorf("%s: %d bytes; want %d", name, sizeOfCall(x), want)
		}
	}
}

func TestNoCallOpensAFolderOfTheServer(t *testing.T) {
	for _, x := range tasks() {
		if x.apart != "" {
			continue
		}
		c := x.at(desk{stdout: io.Discard, stderr: io.Discard, call: &call{}})
		fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
		if c.Flags != nil {
			c.Flags(fs)
		}
		for _, name := range []string{"data", "allow-private", "browser", "settings"} {
			if fs.Lookup(name) != nil {
				t.Errorf("%s takes --%s over the API", c.Name, name)
			}
		}
	}
}

func TestARoleMayGiveItsCommandsAndNoOther(t *testing.T) {
	o := newOffice(t)
	a := o.at["A1"].site
	for _, role := range collector.Roles() {
		_, whole := o.user("whole."+string(role), a.Organisation, 0, role)
		_, one := o.user("one."+string(role), a.Organisation, a.ID, role)
		for name, who := range whoMay() {
			words := strings.Fields(who)
			for secret, may := range map[string]bool{
				whole: slices.Contains(words, string(role)),
				one:   slices.Contains(words, string(role)) && !slices.Contains(words, "whole"),
			} {
				status, got := o.send(secret, name, strings.NewReader("")) // which most commands refuse, with 400
				if (status == http.StatusForbidden) == may {
					t.Errorf("%s, a user of one site: %t: %s answers %d %s", role, secret == one, name, status, got.Error)
				}
			}
		}
		for _, name := range notOverTheAPI() {
			if status, got := o.send(whole, name, strings.NewReader("")); status != http.StatusNotFound || !strings.Contains(got.Error, "command line only") {
				t.Errorf("%s over the API: %d %+v", name, status, got)
			}
		}
	}
	if entries := o.entries(); len(entries) != 0 {
		t.Errorf("calls that asked for nothing are in the audit log: %+v", entries)
	}
}
