package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/agent"
	"veille/agent/notice"
	"veille/agent/wire"
	"veille/collector"
	"veille/collector/dossier"
	"veille/collector/enrol"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
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

// The file says how long each kind of data is kept. A night on a real store keeps each for just so long, counts what it deletes, and leaves
// nothing of it to be read in the files.
func TestARunKeepsEachThingForAsLongAsTheFileSays(t *testing.T) {
	facts, err := privacyFacts()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "veille.db")
	store, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	h := newHistory(t, store, facts.Retention)
	h.write()
	run, err := rollup.New(store, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler)).Run(t.Context(), h.today, rollup.Options{})
	if want := (collector.Deleted{MachineDays: 1, MachineMonths: 1, GroupDays: 2, GroupMonths: 1, Quarantine: 1, Entries: 1}); err != nil || run.Deleted != want || run.Refused != "" {
		t.Errorf("the run: %+v, %v; want one of each deleted, and the day of persons whose machine-days go", run, err)
	}
	if runs, err := store.Runs(t.Context()); err != nil || len(runs) != 1 || runs[0] != run {
		t.Errorf("rollup list: %+v, %v; want %+v", runs, err, run)
	}
	h.compare()
	for _, file := range []string{name, name + "-wal"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range []string{"refused", "looked"} {
			if strings.Contains(string(text), what+" too long ago") {
				t.Errorf("what was deleted (%s) can be read in %s", what, filepath.Base(file))
			}
			if file == name && !strings.Contains(string(text), what+" lately") {
				t.Errorf("what stays (%s) is not in %s, or the test does not see it", what, filepath.Base(file))
			}
		}
	}
}

// history is what one machine did, on both sides of the end of each time: of each kind the oldest that is to stay, and the one before.
type history struct {
	t                               *testing.T
	store                           *relational.Store
	site                            collector.Site
	today                           collector.Date
	days, refused, groupDays, looks [2]collector.Date // the one that stays, and the one that goes
	months, groupMonths             [2]collector.Month
	yesterday                       collector.Date
}

func newHistory(t *testing.T, store *relational.Store, r dossier.Retention) *history {
	site, err := store.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	y, m, d := time.Now().Date()
	date := func(years, months, days int) collector.Date {
		return collector.DateOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).AddDate(-years, -months, 0).AddDate(0, 0, -days))
	}
	month := func(of collector.Date, before int) collector.Month {
		first, err := time.Parse("2006-01", string(of.Month()))
		if err != nil {
			t.Fatal(err)
		}
		return collector.DateOf(first.AddDate(0, -before, 0)).Month()
	}
	pair := func(years, months, days int) [2]collector.Date {
		return [2]collector.Date{date(years, months, days), date(years, months, days+1)}
	}
	h := &history{t: t, store: store, site: site, today: date(0, 0, 0), yesterday: date(0, 0, 1)}
	h.days, h.refused = pair(0, 0, r.MachineDayDays), pair(0, 0, r.QuarantineDays)
	h.groupDays, h.looks = pair(r.GroupDayYears, 0, 0), pair(0, r.AccessLogMonths, 0)
	h.months = [2]collector.Month{month(h.today, r.MachineMonthMonths), month(h.today, r.MachineMonthMonths+1)}
	h.groupMonths = [2]collector.Month{h.groupDays[0].Month(), month(h.groupDays[0], 1)}
	return h
}

// write puts it all on disk.
func (h *history) write() {
	h.t.Helper()
	ctx := h.t.Context()
	token, entry := enrol.NewToken(h.site.ID, 1, 7)
	h.must(h.store.CreateToken(ctx, entry))
	m, err := h.store.Enrol(ctx, collector.Enrolment{Token: sha256.Sum256([]byte(token)), Pseudonym: [32]byte{1}, Credential: [32]byte{1}, Use: "individual", On: h.today})
	h.must(err)
	var records []collector.Record
	for _, date := range []collector.Date{h.days[0], h.days[1], h.yesterday} {
		records = append(records, collector.Record{
			Date: date, Hour: collector.WholeDay, LengthS: 86_400, Class: "desktop",
			Parts: []collector.Part{{Part: "open", LengthS: 86_400, Seconds: collector.Seconds{On: 86_400}}},
		})
	}
	_, err = h.store.Keep(ctx, m.Machine, h.today, 0, records)
	h.must(err)
	place := collector.Place{Site: h.site.ID, Class: "desktop", Use: "individual"}
	room := collector.Place{Site: h.site.ID, Class: "desktop", Use: "shared"}
	for i, told := range []string{"lately", "too long ago"} {
		h.must(h.store.PutMonths(ctx, h.months[i], 1, 1, []collector.MachineMonth{{Machine: m.ID, Month: h.months[i], Place: place}}))
		h.must(h.store.PutDay(ctx, h.groupDays[i], []collector.Cell{{Date: h.groupDays[i], Place: room, Machines: 9}}))
		h.must(h.store.Fix(ctx, h.site.Organisation, h.groupMonths[i], h.today, []collector.PlaceMonth{{Place: place, Month: h.groupMonths[i]}}))
		h.must(h.store.Quarantine(ctx, []collector.Refused{{Machine: m.ID, Site: h.site.ID, On: h.refused[i], Date: string(h.refused[i]), Reason: "refused " + told}}))
		h.must(h.store.Note(ctx, collector.Entry{On: h.looks[i], Organisation: h.site.Organisation, Who: "c.martin", What: "machine list", Subject: "looked " + told}))
	}
}

func (h *history) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// compare looks whether just what is to go is gone.
func (h *history) compare() {
	h.t.Helper()
	ctx := h.t.Context()
	days, figures := map[collector.Date]bool{}, h.store.Figures()
	h.must(h.store.Records(ctx, "2000-01-01", h.today, func(c collector.Change) error {
		days[c.Record.Date] = true
		return nil
	}))
	for date, stays := range map[collector.Date]bool{h.days[0]: true, h.days[1]: false, h.yesterday: true} {
		if days[date] != stays {
			h.t.Errorf("records of %s are there: %t", date, days[date])
		}
	}
	refused, err := h.store.Quarantined(ctx, h.site.ID)
	h.must(err)
	entries, err := h.store.Entries(ctx, 0, "", "")
	h.must(err)
	if len(refused) != 1 || refused[0].On != h.refused[0] || len(entries) != 1 || entries[0].On != h.looks[0] {
		h.t.Errorf("in quarantine %+v, in the audit log %+v; want those of %s and %s", refused, entries, h.refused[0], h.looks[0])
	}
	for i, stays := range []int{1, 0} {
		months, err := figures.MachineMonths(ctx, h.site.ID, h.months[i])
		h.must(err)
		fixed, err := figures.Months(ctx, h.site.Organisation, h.groupMonths[i], h.groupMonths[i])
		h.must(err)
		ofRooms, ofPersons := h.cells(h.groupDays[i]), h.cells(h.days[i])
		if len(months) != stays || len(fixed) != stays || ofRooms != stays || ofPersons != stays {
			h.t.Errorf("machines in %s: %d, groups in %s: %d, rooms on %s: %d, persons on %s: %d; want %d of each",
				h.months[i], len(months), h.groupMonths[i], len(fixed), h.groupDays[i], ofRooms, h.days[i], ofPersons, stays)
		}
	}
}

// cells is how many group-days there are of a date.
func (h *history) cells(on collector.Date) (n int) {
	for _, err := range h.store.Figures().Cells(h.t.Context(), h.site.Organisation, on, on) {
		h.must(err)
		n++
	}
	return n
}

// The thresholds that the file names are those of the only door to figures.
func TestTheThresholdsOfTheFileAreThoseOfTheDoor(t *testing.T) {
	facts, err := privacyFacts()
	if err != nil {
		t.Fatal(err)
	}
	if want := (dossier.Thresholds{Inside: privacy.Inside, Public: privacy.Public, Share: privacy.Dominant}); facts.Thresholds != want {
		t.Errorf("the file has %+v, the door %+v", facts.Thresholds, want)
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
