package main

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/agent"
	"veille/agent/notice"
	"veille/agent/wire"
	"veille/collector/dossier"
	"veille/collector/store/sqlite"
)

// docs/privacy is what anybody reads before there is a collector: the same files, with blanks.
func TestTheFilesInDocsAreThoseThatTheProgramWrites(t *testing.T) {
	facts, err := privacyFacts()
	if err != nil {
		t.Fatal(err)
	}
	facts = withNotices(facts)
	documents, err := dossier.Documents(facts)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("..", "..", "docs", "privacy")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if _, err := dossier.Write(dir, facts, true); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{}
	for _, d := range documents {
		name := filepath.Join(dir, filepath.FromSlash(d.Name))
		want = append(want, name)
		got, err := os.ReadFile(name)
		if err != nil || string(got) != d.Marked() {
			t.Errorf("%s is not what the program writes; run UPDATE_GOLDEN=1 go test ./cmd/veille-collector and read the diff (%v)", name, err)
		}
	}
	there, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	if !slices.Equal(there, want) {
		t.Errorf("in docs: %v\nwritten: %v", there, want)
	}
}

func TestTheSampleRecordIsOneThatACollectorAccepts(t *testing.T) {
	r := sampleRecord()
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
	facts, err := privacyFacts()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts.Fields["en"] {
		path, found := strings.CutPrefix(f.Path, "records[].")
		keys := strings.Split(strings.ReplaceAll(path, "[]", ""), ".")
		if !found || strings.Contains(f.Text, "absent") {
			continue
		}
		if key := keys[len(keys)-1]; !strings.Contains(facts.SampleRecord, `"`+key+`"`) && key != "product" {
			t.Errorf("the sample has no %s", f.Path)
		}
	}
}

// What the file says of rounding, its own example shows.
func TestTheSampleRecordIsRoundedAsTheFileSays(t *testing.T) {
	r := sampleRecord()
	if r.Use != wire.Individual || r.RoundedS != 900 {
		t.Fatalf("use %s, rounded to %d s", r.Use, r.RoundedS)
	}
	for _, p := range r.Parts {
		for _, s := range []int{p.Seconds.On, p.Seconds.DisplayOff, p.Seconds.Sleep, p.Seconds.Off, p.Seconds.Unknown} {
			if s%900 != 0 {
				t.Errorf("%s: %d s", p.Part, s)
			}
		}
		for _, e := range p.Energy {
			if math.Mod(e.Wh, 5) != 0 {
				t.Errorf("%s: %v Wh", p.Part, e.Wh)
			}
		}
	}
}

func TestTheSampleRecordIsSentInLessThanAThousandBytes(t *testing.T) {
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	if err := json.NewEncoder(z).Encode(wire.Batch{Version: wire.Version, Records: []wire.Record{sampleRecord()}, Acked: 1234}); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://veille.example.org/api/v1/records", &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", 64))
	var message bytes.Buffer
	if err := r.Write(&message); err != nil || message.Len() >= 1000 {
		t.Errorf("the message has %d bytes (%v)", message.Len(), err)
	}
}

// The notices of the file are those that the machines of the organisation print, once the policy has told them who answers.
func TestTheNoticesOfTheFileAreThoseOfItsMachines(t *testing.T) {
	facts := withNotices(dossier.Facts{Organisation: "Région", Address: "Rennes", Contact: "dpd@example.org", DPO: "Mme Martin, dpd@example.org"})
	p := wire.Policy{Organisation: "Région", Address: "Rennes", Contact: "dpd@example.org", DPO: "Mme Martin"}
	for _, lang := range []string{"fr", "en"} {
		for _, use := range []wire.Use{wire.Individual, wire.Shared, wire.Server} {
			want := notice.Text(lang, agent.NoticeOf(p, agent.Limits{Use: use}))
			if got := facts.Notices[lang+"/"+string(use)]; got != want || !strings.Contains(got, "Mme Martin\n") || !strings.Contains(got, "Région, Rennes.") {
				t.Errorf("%s, %s: the file has\n%s\nthe machine prints\n%s", lang, use, got, want)
			}
		}
	}
}

// The commands by which an administrator deletes what is old, as the file gives them, do so and nothing more, and leave nothing
// to be read in the files.
func TestTheCommandsOfTheFileDeleteWhatIsOldAndNothingElse(t *testing.T) {
	facts, err := privacyFacts()
	if err != nil {
		t.Fatal(err)
	}
	documents, err := dossier.Documents(withNotices(facts))
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`(?m)^  sqlite3 \S+/veille\.db "(.*)"$`)
	for _, d := range documents {
		if d.Name[3] != '0' {
			continue
		}
		found := command.FindAllStringSubmatch(d.Text, -1)
		if len(found) != 3 {
			t.Fatalf("%s has %d commands", d.Name, len(found))
		}
		name := filepath.Join(t.TempDir(), "veille.db")
		store, err := sqlite.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite", name)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		do := func(text string) {
			t.Helper()
			if _, err := db.ExecContext(t.Context(), text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
		do(`INSERT INTO organisation (id, name) VALUES (1, 'O'); INSERT INTO site (id, organisation, name, time_zone) VALUES (1, 1, 'S', 'UTC');
			INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (1, 1, x'01', x'02', 'shared', '2026-01-01', '2026-01-01')`)
		for i, days := range []string{"-91", "-89", "0"} {
			do(`INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (1, date('now', '` + days + ` days'), 7, 1, 0, ` + string(rune('1'+i)) + `, '{"of": "day` + days + `."}')`)
			for _, measurement := range []string{"hour_energy", "hour_seconds", "page_score"} {
				do(`INSERT INTO point VALUES ('` + measurement + `', strftime('%s', 'now', '` + days + ` days') * 1000000000, '', 'x', 1)`)
			}
		}
		for _, c := range found {
			do(c[1])
		}
		for _, file := range []string{name, name + "-wal"} {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "day-91.") {
				t.Errorf("%s: what was deleted can be read in %s", d.Name, filepath.Base(file))
			}
			if strings.HasSuffix(file, "-wal") && len(text) > 0 || file == name && !strings.Contains(string(text), "day-89.") {
				t.Errorf("%s: %s has %d bytes, and what stays is in it: %t", d.Name, filepath.Base(file), len(text), strings.Contains(string(text), "day-89."))
			}
		}
		for query, want := range map[string]int{
			"SELECT count(*) FROM record": 2, "SELECT count(*) FROM point WHERE measurement LIKE 'hour_%'": 4, "SELECT count(*) FROM point WHERE measurement = 'page_score'": 3,
		} {
			var n int
			if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil || n != want {
				t.Errorf("%s: %d, want %d (%v)", query, n, want, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What the ledger knows of an organisation is in the file, and what it does not know is a blank.
func TestTheFileNamesWhoAnswersAsTheLedgerDoes(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	if _, err := store.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris"); err != nil {
		t.Fatal(err)
	}
	var facts dossier.Facts
	if err := fillFacts(t.Context(), &facts, store); err != nil || facts.Organisation != "Région" || facts.DPO != "" || len(facts.Sites) != 1 {
		t.Fatalf("%+v, %v", facts, err)
	}
	r, err := store.Organisation(t.Context(), "Région")
	if err != nil {
		t.Fatal(err)
	}
	r.DPO, r.Contact, r.Address = "Mme Martin", "dpd@example.org", "Rennes"
	if err := store.SetOrganisation(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	facts = dossier.Facts{}
	if err := fillFacts(t.Context(), &facts, store); err != nil {
		t.Fatal(err)
	}
	if facts.DPO != "Mme Martin, dpd@example.org" || facts.Contact != "dpd@example.org" || facts.Address != "Rennes" {
		t.Errorf("%+v", facts)
	}
}
