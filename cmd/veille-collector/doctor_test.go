package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// ward is a folder that doctor is asked about.
type ward struct {
	*testing.T
	dir string
}

// healthy is the folder of a collector that has run: keys, a site with open hours, a machine that was heard today, and a token for more.
func healthy(t *testing.T) ward {
	t.Helper()
	w := ward{t, filepath.Join(t.TempDir(), "data")}
	w.must(os.Mkdir(w.dir, 0o700))
	w.ledger(func(s *relational.Store) {
		site, err := s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
		w.must(err)
		w.must(s.SetCalendar(t.Context(), site.ID, collector.Calendar{Open: []collector.OpenHours{{Weekday: 1, From: "08:00", To: "18:00"}}}))
		w.must(s.CreateToken(t.Context(), collector.Token{Hash: ledgertest.Key(1), Site: site.ID, Quota: 2, ExpiresOn: collector.DateOf(nextYear())}))
		_, err = s.Enrol(t.Context(), collector.Enrolment{Token: ledgertest.Key(1), Pseudonym: ledgertest.Key(2), Credential: ledgertest.Key(3), Use: "individual", On: today()})
		w.must(err)
		f := folder{dir: w.dir}
		_, _, err = f.keys(t.Context(), s, true)
		w.must(err)
	})
	return w
}

func (w ward) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w ward) file(name string) string { return filepath.Join(w.dir, name) }

func (w ward) ledger(do func(*relational.Store)) {
	w.Helper()
	s, err := sqlite.Open(w.Context(), w.file("veille.db"))
	w.must(err)
	do(s)
	w.must(s.Close())
}

// asked is what doctor says. Its counts and its status fit, whatever that is.
func (w ward) asked(args ...string) (d diagnosis) {
	w.Helper()
	var stdout, stderr bytes.Buffer
	p := program(&stdout, &stderr)
	p.Stdout, p.Stderr, p.Lookup = &stdout, &stderr, func(string) (string, bool) { return "", false }
	status := p.Run(w.Context(), append([]string{"doctor", "--json", "--data", w.dir, "--listen", engines.FreeAddress(w.T)}, args...))
	if err := json.Unmarshal(stdout.Bytes(), &d); err != nil || stderr.Len() > 0 {
		w.Fatalf("%q: status %d, %q, %q", args, status, stdout.String(), stderr.String())
	}
	n := map[verdict]int{}
	for _, f := range d.Checks {
		n[f.State]++
		if f.Found == "" || (f.State == wrong || f.State == advised) && f.Do == "" || strings.Contains(f.Found+f.Do, "%!") {
			w.Errorf("%+v says too little", f)
		}
	}
	if want := map[bool]int{true: somethingWrong, false: 0}[d.Wrong > 0]; n[wrong] != d.Wrong || n[advised] != d.Advice || status != want {
		w.Errorf("%q: status %d, %d wrong and %d advice of %+v", args, status, d.Wrong, d.Advice, d.Checks)
	}
	return d
}

// of are the findings of one check in a state.
func (d diagnosis) of(check string, state verdict) (all []finding) {
	for _, f := range d.Checks {
		if f.Check == check && f.State == state {
			all = append(all, f)
		}
	}
	return all
}

// bad are the checks that found something wrong.
func (d diagnosis) bad() (names []string) {
	for _, f := range d.Checks {
		if f.State == wrong && !slices.Contains(names, f.Check) {
			names = append(names, f.Check)
		}
	}
	return names
}

func TestNothingIsWrongWithAHealthyFolderAndNothingIsChanged(t *testing.T) {
	w := healthy(t)
	before := filesIn(t, w.dir)
	for _, lang := range []string{"en", "fr"} {
		if d := w.asked("--lang", lang); d.Wrong > 0 || len(d.of("keys", good)) != 1 || len(d.of("machines", good)) != 1 || len(d.of("tokens", good)) != 1 || len(d.of("sites", good)) != 1 {
			t.Errorf("%+v", d)
		}
	}
	after := filesIn(t, w.dir)
	if len(after) != len(before) {
		t.Errorf("the folder has %d files, and had %d", len(after), len(before))
	}
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s was changed", name)
		}
	}
}

// Each kind of trouble is found by its own check, and by no other, with what to do.
func TestEachKindOfTroubleIsFoundWithItsRemedy(t *testing.T) {
	put := func(name, text string, mode os.FileMode) func(ward) []string {
		return func(w ward) []string {
			w.must(os.WriteFile(w.file(name), []byte(text), 0o600))
			w.must(os.Chmod(w.file(name), mode))
			return nil
		}
	}
	settings := func(text string) func(ward) []string {
		return func(w ward) []string {
			put("x.conf", text, 0o600)(w)
			return []string{"--settings", w.file("x.conf")}
		}
	}
	secret := func(mode os.FileMode) func(ward) []string {
		return func(w ward) []string {
			put("token", "x", mode)(w)
			return []string{"--series", "influx+http://127.0.0.1:1/veille", "--series-token-file", w.file("token")}
		}
	}
	backup := func(text string, days int) func(ward) []string {
		return func(w ward) []string {
			dir := w.TempDir()
			if text == "" {
				w.ledger(func(s *relational.Store) { w.must(s.Backup(w.Context(), filepath.Join(dir, "a.db"))) })
			} else {
				w.must(os.WriteFile(filepath.Join(dir, "a.db"), []byte(text), 0o600))
			}
			at := nextYear().AddDate(-1, 0, -days)
			w.must(os.Chtimes(filepath.Join(dir, "a.db"), at, at))
			return []string{"--backups", dir}
		}
	}
	sql := func(text string) func(ward) []string {
		return func(w ward) []string {
			runIn(w, text)
			return nil
		}
	}
	for name, tt := range map[string]struct {
		make            func(ward) []string
		check           string
		state           verdict
		found, remedied string
	}{
		"settings missing":    {func(w ward) []string { return []string{"--settings", w.file("none")} }, "settings", wrong, "no such file", "correct it"},
		"settings misspelt":   {settings("# x\nlogformat = json\n"), "settings", wrong, `x.conf:2: no setting is called "logformat"`, "correct it"},
		"settings of doctor":  {settings("json = true\n"), "settings", wrong, `x.conf:1: no setting is called "json"`, "correct it"},
		"settings in binary":  {settings("\x00\xff\x1b[2J\n"), "settings", wrong, "x.conf:1", "correct it"},
		"flags":               {func(ward) []string { return []string{"--tls-cert", "x"} }, "flags", wrong, "go together", "refuses to start"},
		"flags of series":     {func(ward) []string { return []string{"--series", "mysql://x"} }, "flags", wrong, "neither influx", "refuses to start"},
		"a secret of all":     {secret(0o644), "secrets", wrong, "(mode 0644)", "chmod 600"},
		"a secret of a group": {secret(0o640), "secrets", advised, "(mode 0640)", "chmod 600"},
		"a secret missing": {func(w ward) []string {
			return []string{"--oidc-secret-file", w.file("none"), "--oidc-issuer", "https://x.example", "--oidc-client", "x", "--address", "http://127.0.0.1:1"}
		}, "secrets", wrong, "no such file", "correct the setting"},
		"a folder of all":     {func(w ward) []string { w.must(os.Chmod(w.dir, 0o777)); return nil }, "folder", wrong, "(mode 0777)", "chmod 700"},
		"a folder that shows": {func(w ward) []string { w.must(os.Chmod(w.dir, 0o755)); return nil }, "folder", advised, "(mode 0755)", "chmod 700"},
		"no folder":           {func(w ward) []string { w.must(os.RemoveAll(w.dir)); return nil }, "folder", advised, "no folder", "start the collector"},
		"a file for a folder": {func(w ward) []string { w.must(os.RemoveAll(w.dir)); put("", "x", 0o600)(w); return nil }, "folder", wrong, "is no folder", "correct --data"},
		"database lost":       {func(w ward) []string { w.must(os.Remove(w.file("veille.db"))); return nil }, "database", wrong, "is missing", "restore the newest backup"},
		"database is garbage": {put("veille.db", strings.Repeat("garbage ", 999), 0o600), "database", wrong, "damaged", "restore the newest backup"},
		"database cut short":  {func(w ward) []string { w.must(os.Truncate(w.file("veille.db"), 9000)); return nil }, "database", wrong, "damaged", "restore the newest backup"},
		"database empty":      {put("veille.db", "", 0o600), "database", wrong, "is empty, and the key", "restore the newest backup"},
		"database to be": {func(w ward) []string {
			w.must(os.Remove(w.file(organisationKey)))
			return put("veille.db", "", 0o600)(w)
		}, "database", advised, "is empty", "start the collector"},
		"database newer":      {sql("PRAGMA user_version = 99"), "database", wrong, "has version 99", "use the newer program"},
		"database older":      {sql("PRAGMA user_version = 8"), "database", advised, "has version 8", "back up"},
		"database of others":  {sql("PRAGMA user_version = 0"), "database", wrong, "none of them is of Veille", "correct --data"},
		"key missing":         {func(w ward) []string { w.must(os.Remove(w.file(organisationKey))); return nil }, "keys", wrong, "organisation.key is missing", "from where you keep it"},
		"key of another":      {put(organisationKey, strings.Repeat("ab", 32), 0o600), "keys", wrong, "is not the key", "newest backup"},
		"key is garbage":      {put(policyKey, "\x00\x01", 0o600), "keys", wrong, "64 hexadecimal digits", "from where you keep it"},
		"key of all":          {func(w ward) []string { w.must(os.Chmod(w.file(policyKey), 0o644)); return nil }, "keys", wrong, "others may read", "chmod 600"},
		"clock":               {sql("UPDATE machine SET seen_on = '2099-01-01'"), "clock", wrong, "2099-01-01", "--trust-clock"},
		"zone of a site":      {sql("UPDATE site SET time_zone = 'Mars/Olympus'"), "time zone", wrong, "Mars/Olympus", "site set"},
		"nights stopped":      {sql(`INSERT INTO run (body) VALUES ('{"on":"2026-01-01"}')`), "nights", wrong, "2026-01-01", "start the collector"},
		"nights refused":      {sql(`INSERT INTO run (body) VALUES ('{"on":"2026-01-01","until":"2026-01-01","refused":"too far"}')`), "nights", wrong, "too far", "rollup run --confirm-date"},
		"nights are garbage":  {sql(`INSERT INTO run (body) VALUES ('{"on":')`), "clock nights", wrong, "read the last run", "veille-collector check"},
		"quarantine":          {sql(`INSERT INTO quarantine SELECT 1, date('now'), 0, 1, date('now'), 'v1', 'x', '{}'`), "quarantine", advised, "1 records", "quarantine list"},
		"machines silent":     {sql("UPDATE machine SET seen_on = date('now', '-20 days')"), "machines", advised, "none was heard", "systemctl status veille-agent"},
		"no machine":          {sql("UPDATE machine SET revoked_on = '2026-01-01'"), "machines", advised, "none is enrolled", "token create"},
		"no token":            {sql("UPDATE token SET expires_on = '2026-01-01'"), "tokens", advised, "no machine can enrol", "token create"},
		"no hours":            {sql("DELETE FROM calendar"), "sites", advised, "1 of 1", "calendar set"},
		"backups missing":     {func(w ward) []string { return []string{"--backups", w.file("none")} }, "backups", wrong, "no such file", "veille-collector backup"},
		"backups none":        {func(w ward) []string { return []string{"--backups", w.TempDir()} }, "backups", wrong, "is a backup", "veille-collector backup"},
		"backups are garbage": {backup("garbage", 0), "backups", wrong, "is no backup", "veille-collector backup"},
		"backups are old":     {backup("", 9), "backups", advised, "9 days old", "why none came"},
		"backups and sums": {func(w ward) []string {
			args := backup("", 0)(w)
			for _, name := range []string{"SHA256SUMS", "a.db.gz", "b.db.part-journal"} {
				w.must(os.WriteFile(filepath.Join(args[1], name), []byte("x"), 0o600))
			}
			return args
		}, "backups", good, "a.db, is 0 days old", ""},
		"backups are packed": {func(w ward) []string {
			dir := w.TempDir()
			w.must(os.WriteFile(filepath.Join(dir, "a.db.age"), []byte("age"), 0o600))
			return []string{"--backups", dir}
		}, "backups", notAsked, "packed or encrypted", "veille-collector check"},
		"certificate missing": {func(w ward) []string { return []string{"--tls-cert", w.file("a"), "--tls-key", w.file("b")} }, "tls", wrong, "no such file", "name the files"},
		"address unknown": {func(ward) []string {
			return []string{"--acme-host", "x.invalid", "--acme-directory", "https://127.0.0.1:1/"}
		}, "acme", wrong, "does not answer", "--acme-directory"},
		"a port that is drawn": {func(ward) []string { return []string{"--listen", "127.0.0.1:0"} }, "listen", notAsked, "drawn", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := healthy(t)
			d := w.asked(tt.make(w)...)
			checks := strings.Split(tt.check, " ") // of which the last one says so
			if tt.check == "time zone" {
				checks = []string{tt.check}
			}
			is := slices.ContainsFunc(d.of(checks[len(checks)-1], tt.state), func(f finding) bool {
				return strings.Contains(f.Found, tt.found) && strings.Contains(f.Do, tt.remedied)
			})
			if bad := d.bad(); !is || tt.state != wrong && len(bad) > 0 || tt.state == wrong && !slices.Equal(bad, checks) {
				t.Errorf("wrong are %q; want %s of %s with %q and %q among\n%+v", bad, tt.state, tt.check, tt.found, tt.remedied, d.Checks)
			}
		})
	}
}

// served starts a collector, and answers where it listens.
func served(t *testing.T, args ...string) (process *exec.Cmd, address string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "veille-collector", append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line := make([]byte, 100)
	n, _ := out.Read(line)
	m := regexp.MustCompile(`^https?://([0-9.:]+)/`).FindSubmatch(line[:n])
	if m == nil {
		_ = c.Process.Kill()
		_ = c.Wait()
		t.Fatalf("%q: %s", line[:n], log.String())
	}
	return c, string(m[1])
}

func TestACollectorThatRunsIsAskedHowItIs(t *testing.T) {
	w := healthy(t)
	_, at := served(t, "--data", w.dir)
	d := w.asked("--listen", at, "--address", "http://"+at)
	if d.Wrong > 0 || len(d.of("listen", good)) != 1 || len(d.of("address", good)) != 1 || len(d.of("nights", good)) != 1 {
		t.Errorf("%+v", d)
	}
	if files := d.of("open files", good); len(files) == 1 && !strings.Contains(files[0].Found, "the collector that runs") {
		t.Errorf("%+v", files)
	}
	if d := w.asked("--listen", at, "--address", "http://"+engines.FreeAddress(t)); !slices.Equal(d.bad(), []string{"address"}) {
		t.Errorf("%+v", d)
	}
	var plain bytes.Buffer
	p := program(&plain, &plain)
	p.Stdout, p.Stderr, p.Lookup = &plain, &plain, func(string) (string, bool) { return "", false }
	if status := p.Run(t.Context(), []string{"doctor", "--data", w.dir, "--listen", at}); status != 0 || !strings.Contains(plain.String(), "\n0 wrong, ") || strings.Contains(plain.String(), "Lycée") {
		t.Errorf("%d: %s", status, plain.String())
	}
}

func TestDestinationsAndWebsitesThatWantAPersonAreSaid(t *testing.T) {
	t.Parallel()
	w := healthy(t)
	now := time.Now().Unix()
	w.ledger(func(s *relational.Store) {
		for _, x := range []collector.Delivery{
			{Destination: "influx a", Said: now},
			{Destination: "influx b", Said: now, Stopped: true, Error: "the secret is not accepted\nput another", Cause: collector.Unready},
			{Destination: "influx c", Said: now, LagS: 4000, Error: "no way", Cause: collector.Unreachable},
			{Destination: "influx d", Said: now - 100_000},
			{Destination: "influx e", Said: now, Advice: []string{"keep hours for longer"}},
		} {
			w.must(s.KeepDelivery(t.Context(), x))
		}
		for _, x := range []collector.Website{{Name: "never", NextOn: "2026-01-01"}, {Name: "failed", NextOn: "2026-01-01"}, {Name: "to come", NextOn: collector.DateOf(nextYear())}} {
			x.Organisation, x.Kind, x.EveryDays, x.AddedOn = 1, collector.KindPage, 7, "2026-01-01"
			x.Rules = collector.WebsiteRules{URL: "https://" + strings.ReplaceAll(x.Name, " ", "-") + ".example/", Mode: "browser", MaxPages: 1, Depth: 1, Delay: time.Second}
			added, err := s.AddWebsite(t.Context(), x)
			w.must(err)
			if x.Name == "failed" {
				w.must(s.PlanWebsite(t.Context(), added.ID, collector.WebPlan{NextOn: x.NextOn, Tries: 1, Problem: "nobody answers"}))
			}
		}
	})
	d := w.asked("--browser", w.file("no-browser"))
	if !slices.Equal(d.bad(), []string{"browser", "destinations"}) {
		t.Errorf("%q of %+v", d.bad(), d.Checks)
	}
	for _, tt := range []struct {
		check string
		state verdict
		found string
	}{
		{"destinations", good, "influx a: well"},
		{"destinations", wrong, "influx b: stopped (unready): the secret is not accepted; put another"},
		{"destinations", advised, "influx c: late (unreachable): no way"},
		{"destinations", advised, "influx d: unattended: no collector has delivered"},
		{"destinations", advised, "influx e: well: advice: keep hours for longer"},
		{"websites", advised, "of 3, 1 could not be measured the last time, and 1 were due and never were"},
		{"browser", wrong, "no-browser is not a program"},
	} {
		if !slices.ContainsFunc(d.of(tt.check, tt.state), func(f finding) bool { return strings.Contains(f.Found, tt.found) }) {
			t.Errorf("%s: no %s with %q in %+v", tt.check, tt.state, tt.found, d.Checks)
		}
	}
	if d := w.asked("--browser", "none"); !slices.Equal(d.bad(), []string{"destinations"}) {
		t.Errorf("%q", d.bad())
	}
}

// Whatever is in the files that it reads, doctor says something and ends.
func TestNoFileMakesDoctorFall(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 7))
	w := healthy(t)
	whole, err := os.ReadFile(w.file("veille.db"))
	w.must(err)
	w.must(errors.Join(os.Mkdir(w.file("acme"), 0o700), os.Mkdir(w.file("backups"), 0o700)))
	for range 15 {
		garbage := make([]byte, random.IntN(300))
		for i := range garbage {
			garbage[i] = byte(random.Uint32())
		}
		for _, name := range []string{"x.conf", organisationKey, policyKey, "cert", "key", "acme/localhost", "backups/a.db"} {
			w.must(os.WriteFile(w.file(name), garbage, 0o600))
		}
		torn := slices.Clone(whole)
		for range 1 + random.IntN(40) {
			torn[100+random.IntN(len(torn)-100)] ^= byte(1 + random.IntN(255))
		}
		w.must(os.WriteFile(w.file("veille.db"), torn[:len(torn)-random.IntN(2)*random.IntN(len(torn))], 0o600))
		d := w.asked("--settings", w.file("x.conf"), "--tls-cert", w.file("cert"), "--tls-key", w.file("key"), "--backups", w.file("backups"))
		if d.Wrong == 0 || len(d.of("tls", wrong)) == 0 || len(d.of("backups", wrong)) == 0 {
			t.Errorf("of garbage: %+v", d.Checks)
		}
		d = w.asked("--acme-host", "localhost", "--acme-directory", "https://127.0.0.1:1/", "--acme-ca", w.file("cert"))
		if len(d.of("acme", wrong)) == 0 {
			t.Errorf("of garbage: %+v", d.Checks)
		}
	}
}
