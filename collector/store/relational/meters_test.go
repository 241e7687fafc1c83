package relational_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/storetest"
)

// meterSite is a new site in Paris.
func meterSite(t testing.TB, s *relational.Store, name string) collector.Site {
	t.Helper()
	site, err := s.CreateSite(t.Context(), "Région", name, "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// meterMachine enrols machine n of a site.
func meterMachine(t testing.TB, s *relational.Store, site collector.Site, n byte, use collector.Use) collector.Machine {
	t.Helper()
	token := [32]byte{200, n}
	_ = s.CreateToken(t.Context(), collector.Token{Hash: token, Site: site.ID, Quota: 9, ExpiresOn: "2030-01-01"}) // it may be there
	m, err := s.Enrol(t.Context(), collector.Enrolment{Token: token, Pseudonym: [32]byte{n}, Credential: [32]byte{n, byte(len(use))}, Use: use, On: "2026-11-16"})
	if err != nil {
		t.Fatal(err)
	}
	return m.Machine
}

func meterRule(t testing.TB, s *relational.Store, r collector.MeterRule) collector.MeterRule {
	t.Helper()
	r.AddedOn = "2026-11-01"
	if r.Measurement == "" {
		r.Measurement = "mqtt"
	}
	kept, err := s.AddMeterRule(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// theMeter is the meter of a rule.
func theMeter(t testing.TB, s *relational.Store, rule int64, values string) collector.Meter {
	t.Helper()
	all, err := s.MetersOf(t.Context(), []collector.MeterKey{{Rule: rule, Values: values}})
	if err != nil || all[0].ID == 0 {
		t.Fatal(all, err)
	}
	return all[0]
}

// building is a new meter of a building's energy.
func building(t testing.TB, s *relational.Store, site collector.Site, name string) collector.Meter {
	t.Helper()
	r := meterRule(t, s, collector.MeterRule{Site: site.ID, Name: name, Kind: "building", Field: "wh", Unit: "Wh", Tags: collector.Tags{{Name: "name", Value: name}}})
	return theMeter(t, s, r.ID, "")
}

func keepSamples(t testing.TB, s *relational.Store, samples ...collector.MeterSample) {
	t.Helper()
	if err := s.KeepMeterPost(t.Context(), slices.Clone(samples)); err != nil {
		t.Fatal(err)
	}
}

func accountAll(t testing.TB, s *relational.Store) {
	t.Helper()
	if _, err := s.AccountMeters(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateTime, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func sample(t testing.TB, m collector.Meter, at string, value float64) collector.MeterSample {
	t.Helper()
	return collector.MeterSample{Meter: m.ID, At: moment(t, at).UnixMilli(), Value: value}
}

// meterRange is everything that the series has of a measurement.
func meterRange(t testing.TB, s *relational.Store, measurement collector.Measurement, tags ...collector.Tag) []collector.Point {
	t.Helper()
	points, err := s.Embedded().Range(t.Context(), collector.Query{
		Measurement: measurement, Tags: collector.NewTags(tags...), From: moment(t, "2000-01-01 00:00:00"), To: moment(t, "2100-01-01 00:00:00"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return points
}

func meterDaysOf(t testing.TB, s *relational.Store, site collector.Site) []collector.MeterDay {
	t.Helper()
	all, err := s.MeterDays(t.Context(), site.ID, "2000-01-01", "2100-01-01")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestARuleOfMetersIsRefusedWithASentence(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site, other := meterSite(t, s, "Lycée"), meterSite(t, s, "Autre")
		personal, shared := meterMachine(t, s, site, 1, "individual"), meterMachine(t, s, site, 2, "shared")
		good := collector.MeterRule{Site: site.ID, Name: "PDL", Kind: "building", Measurement: "m", Field: "f", Unit: "kWh", AddedOn: "2026-11-01"}
		if _, err := s.AddMeterRule(t.Context(), good); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			change func(*collector.MeterRule)
			want   string
		}{
			"twice":               {func(*collector.MeterRule) {}, "exists already"},
			"no site":             {func(r *collector.MeterRule) { r.Site = 99 }, "site 99: not found"},
			"no name":             {func(r *collector.MeterRule) { r.Name = " " }, "is empty"},
			"a tag in two lines":  {func(r *collector.MeterRule) { r.Tags = collector.Tags{{Name: "a", Value: "b\nc"}} }, "no text"},
			"a unit of its own":   {func(r *collector.MeterRule) { r.Unit = "kilo" }, "no unit of a meter"},
			"a machine's rack":    {func(r *collector.MeterRule) { r.Kind, r.Machine, r.Field = "pdu", shared.ID, "g" }, "named for a plug only"},
			"a personal machine":  {func(r *collector.MeterRule) { r.Kind, r.Machine, r.Field = "plug", personal.ID, "g" }, "would tell when he was at his desk"},
			"another site's":      {func(r *collector.MeterRule) { r.Kind, r.Machine, r.Field, r.Site = "plug", shared.ID, "g", other.ID }, "is at Lycée"},
			"no machine":          {func(r *collector.MeterRule) { r.Kind, r.Machine, r.Field = "plug", 99, "g" }, "machine 99: not found"},
			"plugs of one":        {func(r *collector.MeterRule) { r.Kind, r.Machine, r.Field, r.By = "plug", shared.ID, "g", []string{"x"} }, "a plug is one meter"},
			"nobody's plug":       {func(r *collector.MeterRule) { r.Kind, r.Field = "plug", "g" }, "a plug is one meter"},
			"no date":             {func(r *collector.MeterRule) { r.Field, r.AddedOn = "g", "" }, "the date on which it was added"},
			"bytes that are none": {func(r *collector.MeterRule) { r.Field = "\xff" }, "no text"},
		} {
			r := good
			test.change(&r)
			if _, err := s.AddMeterRule(t.Context(), r); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, want %q", name, err, test.want)
			}
		}
		all, err := s.MeterRules(t.Context())
		good.ID, good.Since = 1, moment(t, "2026-11-01 23:00:00").UnixMilli() // the end of that date in Paris
		if err != nil || !reflect.DeepEqual(all, []collector.MeterRule{good}) {
			t.Errorf("%+v, %v; want the first only", all, err)
		}
	})
}

func TestARuleIsKeptAsItWasSaidAndRemovedOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		r := meterRule(t, s, collector.MeterRule{
			Site: site.ID, Name: "Prises", Kind: "pdu", Measurement: "mqtt consumer", Field: "power", Unit: "W",
			Tags: collector.Tags{{Name: "room", Value: "a=b, c"}, {Name: "topic", Value: "x/y"}}, By: []string{"device", "phase"},
		})
		before, err := s.MeterRulesOf(t.Context(), site.ID)
		if err != nil || !reflect.DeepEqual(before, []collector.MeterRule{r}) {
			t.Errorf("%+v, %v; want %+v", before, err, r)
		}
		if m := theMeter(t, s, r.ID, "p1\x1fL1"); m.Name != "Prises p1 L1" || m.Kind != "pdu" || m.Unit != "W" || m.Site != site.ID {
			t.Errorf("%+v", m)
		}
		if err := s.RemoveMeterRule(t.Context(), site.ID+1, r.ID, "2026-11-20"); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("removed from another site: %v", err)
		}
		noting := relational.Noting(t.Context(), collector.Entry{On: "2026-11-20", Who: "anna", What: "meter rule remove"})
		for _, on := range []collector.Date{"2026-11-20", "2026-11-21"} {
			if err := s.RemoveMeterRule(noting, site.ID, r.ID, on); err != nil {
				t.Error(err)
			}
		}
		if entries, err := s.Entries(t.Context(), 0, "", ""); err != nil || len(entries) != 2 {
			t.Errorf("audit log: %+v, %v", entries, err)
		}
		if of, err := s.MeterRulesOf(t.Context(), site.ID); err != nil || len(of) != 0 {
			t.Errorf("still taken: %+v, %v", of, err)
		}
		if all, err := s.MeterRules(t.Context()); err != nil || len(all) != 1 || all[0].RemovedOn != "2026-11-20" {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := s.AddMeterRule(t.Context(), r); err != nil {
			t.Errorf("added again: %v", err)
		}
	})
}

func TestATokenForMetersOpensOneSiteWhileItIsGood(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		hash := [32]byte{1, 2, 3, 4}
		if err := s.CreateMeterToken(t.Context(), hash, collector.MeterToken{Site: site.ID, Note: "Telegraf", CreatedOn: "2026-11-01", ExpiresOn: "2026-12-01"}); err != nil {
			t.Fatal(err)
		}
		opens := func(hash [32]byte, on collector.Date) bool {
			e, err := s.MeterEntrance(t.Context(), hash, on)
			if err != nil && !errors.Is(err, collector.ErrToken) {
				t.Fatal(err)
			}
			return err == nil && e.Site == site.ID
		}
		if !opens(hash, "2026-11-30") || opens(hash, "2026-12-01") || opens([32]byte{1, 2, 3, 4, 5}, "2026-11-30") {
			t.Error("it opens what it should not, or does not open what it should")
		}
		before, err := s.MeterEntrance(t.Context(), hash, "2026-11-30")
		if err != nil {
			t.Fatal(err)
		}
		building(t, s, site, "PDL")
		if after, err := s.MeterEntrance(t.Context(), hash, "2026-11-30"); err != nil || after.Version <= before.Version {
			t.Errorf("a rule was added, and nobody is told: %+v, %v after %+v", after, err, before)
		}
		if err := s.RevokeMeterToken(t.Context(), site.ID+1, "01020304", "2026-11-20"); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("revoked from another site: %v", err)
		}
		if err := s.RevokeMeterToken(t.Context(), site.ID, "01020304", "2026-11-20"); err != nil || opens(hash, "2026-11-20") {
			t.Errorf("it is revoked, and opens: %v", err)
		}
		want := []collector.MeterToken{{Number: "01020304", Site: site.ID, Note: "Telegraf", CreatedOn: "2026-11-01", ExpiresOn: "2026-12-01", RevokedOn: "2026-11-20"}}
		if all, err := s.MeterTokens(t.Context()); err != nil || !reflect.DeepEqual(all, want) {
			t.Errorf("%+v, %v; want %+v", all, err, want)
		}
	})
}

func TestWhatMetersSaidIsTheSameBeforeAndAfterItIsFolded(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		a, b := building(t, s, site, "A"), building(t, s, meterSite(t, s, "Autre"), "B")
		keepSamples(t, s, sample(t, a, "2026-11-20 23:59:59", 10), sample(t, b, "2026-11-20 10:00:00", 1.25), sample(t, a, "2026-11-21 00:00:00", 11))
		keepSamples(t, s, sample(t, a, "2026-11-20 23:59:59", 12)) // the last counts
		want := []collector.Point{
			b.Point(sample(t, b, "2026-11-20 10:00:00", 1.25)), a.Point(sample(t, a, "2026-11-20 23:59:59", 12)), a.Point(sample(t, a, "2026-11-21 00:00:00", 11)),
		}
		for range 3 {
			if got := meterRange(t, s, collector.MeterEnergy); !reflect.DeepEqual(got, want) {
				t.Errorf("%+v\nwant %+v", got, want)
			}
			if got := meterRange(t, s, collector.MeterEnergy, want[1].Tags...); !reflect.DeepEqual(got, want[1:]) {
				t.Errorf("of one meter: %+v", got)
			}
			if got := meterRange(t, s, collector.MeterPower); len(got) != 0 {
				t.Errorf("power: %+v", got)
			}
			storetest.FoldAll(t, s)
		}
		q := collector.Query{Measurement: collector.MeterEnergy, From: moment(t, "2026-11-20 10:00:00"), To: moment(t, "2026-11-20 23:59:59")}
		if got, err := s.Embedded().Range(t.Context(), q); err != nil || !reflect.DeepEqual(got, want[:1]) {
			t.Errorf("half open: %+v, %v", got, err)
		}
		if err := s.Embedded().Append(t.Context(), want); err == nil {
			t.Error("points of meters are written past their posts")
		}
	})
}

func TestPostsAreFollowedByTheirNumbersAndForgottenWhenTheyAreFolded(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		m := building(t, s, site, "A")
		for i := range 5 {
			keepSamples(t, s, sample(t, m, "2026-11-20 10:00:00", float64(i)))
		}
		keepSamples(t, s) // nothing is no post
		posts, err := s.MeterPosts(t.Context(), 2, 2)
		if err != nil || len(posts) != 2 || posts[0].ID != 3 || posts[1].ID != 4 {
			t.Fatalf("%+v, %v", posts, err)
		}
		if want := []collector.Point{m.Point(sample(t, m, "2026-11-20 10:00:00", 2))}; !reflect.DeepEqual(posts[0].Points, want) {
			t.Errorf("%+v, want %+v", posts[0].Points, want)
		}
		left := func() int {
			posts, err := s.MeterPosts(t.Context(), 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(posts)
		}
		if err := s.ForgetMeterPosts(t.Context(), math.MaxInt64); err != nil || left() != 5 {
			t.Errorf("posts that are not folded are forgotten: %d left, %v", left(), err)
		}
		storetest.FoldAll(t, s)
		if err := s.ForgetMeterPosts(t.Context(), 3); err != nil || left() != 2 {
			t.Errorf("%d left, want 2: %v", left(), err)
		}
		if err := s.ForgetMeterPosts(t.Context(), math.MaxInt64); err != nil || left() != 0 {
			t.Errorf("%d left, want none: %v", left(), err)
		}
		keepSamples(t, s, sample(t, m, "2026-11-20 10:00:00", 9))
		if posts, err := s.MeterPosts(t.Context(), 5, 9); err != nil || len(posts) != 1 || posts[0].ID != 6 {
			t.Errorf("a number is given twice: %+v, %v", posts, err)
		}
	})
}

// In whatever order and posts samples come, whenever they are folded and accounts are made: the days are those of all samples together.
func TestTheDaysOfAMeterDoNotDependOnTheOrderOfArrival(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		zone, err := site.Zone()
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(5, 6))
		var want []collector.MeterDay
		for range 12 {
			m := theMeter(t, s, meterRule(t, s, collector.MeterRule{
				Site: site.ID, Name: "x", Kind: "building", Field: "wh", Unit: []string{"Wh", "W"}[random.IntN(2)],
				Tags: collector.Tags{{Name: "n", Value: time.Duration(random.Int64()).String()}},
			}).ID, "")
			samples := randomSamples(t, random, m)
			days, err := collector.MeterDays(m, zone, samples, "2026-10-01", "2026-12-31")
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, days...)
			random.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
			for len(samples) > 0 {
				n := 1 + random.IntN(len(samples))
				post := samples[:n]
				for _, x := range post { // what is corrected later in the same post does not count
					if random.IntN(4) == 0 {
						x.Value++
						post = append([]collector.MeterSample{x}, post...)
					}
				}
				keepSamples(t, s, post...)
				if random.IntN(2) == 0 {
					storetest.FoldAll(t, s)
				}
				if random.IntN(3) == 0 {
					accountAll(t, s)
				}
				samples = samples[n:]
			}
		}
		storetest.FoldAll(t, s)
		accountAll(t, s)
		accountAll(t, s)
		got := meterDaysOf(t, s, site)
		if len(got) != len(want) {
			t.Fatalf("%d days, want %d", len(got), len(want))
		}
		for i, d := range got {
			if w := want[i]; d.Meter != w.Meter || d.Date != w.Date || math.Abs(d.Wh-w.Wh) > 1e-9*max(1, w.Wh) || d.CoveredS != w.CoveredS || d.Samples != w.Samples || d.Resets != w.Resets {
				t.Errorf("%+v\nwant %+v", d, w)
			}
		}
	})
}

// randomSamples are some weeks of a meter, with gaps of seconds, hours and days, over a change of the clocks.
func randomSamples(t testing.TB, random *rand.Rand, m collector.Meter) (all []collector.MeterSample) {
	t.Helper()
	at, value := moment(t, "2026-10-05 00:00:00").UnixMilli()+random.Int64N(86_400_000), 1000*random.Float64()
	for range 5 + random.IntN(120) {
		all = append(all, collector.MeterSample{Meter: m.ID, At: at, Value: value})
		at += 1 + random.Int64N([]int64{60_000, 3_600_000, 86_400_000}[random.IntN(3)])
		if value += 100 * random.Float64(); random.IntN(30) == 0 {
			value = 1
			at += random.Int64N(6 * 86_400_000)
		}
	}
	return all
}

func TestOldBlocksGoAndTheDaysThatFollowStayRight(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		m := building(t, s, site, "A")
		start := moment(t, "2026-08-01 09:00:00")
		var said []collector.MeterSample
		for day := range 112 { // each day at 10:00 and 22:00 in Paris, 100 Wh between
			for half := range 2 {
				n := 2*day + half
				said = append(said, collector.MeterSample{Meter: m.ID, At: start.Add(time.Duration(n) * 12 * time.Hour).UnixMilli(), Value: float64(100 * n)})
			}
		}
		keepSamples(t, s, said...)
		storetest.FoldAll(t, s)
		accountAll(t, s)
		before := meterDaysOf(t, s, site)
		if err := s.TidyMeters(t.Context(), "2026-11-20"); err != nil {
			t.Fatal(err)
		}
		points := meterRange(t, s, collector.MeterEnergy)
		if first := points[0].Time; !first.Equal(moment(t, "2026-08-22 09:00:00")) {
			t.Errorf("the oldest that is told is of %s, want that of 2026-08-22", first)
		}
		if after := meterDaysOf(t, s, site); !reflect.DeepEqual(after, before) {
			t.Error("accounts went with the samples")
		}
		// One that comes late, on the oldest day that is accepted, makes accounts of dates whose samples are partly gone.
		late := said[2*21+1]
		late.At += 1000
		keepSamples(t, s, late)
		storetest.FoldAll(t, s)
		accountAll(t, s)
		after := meterDaysOf(t, s, site)
		for i := range after {
			if math.Abs(after[i].Wh-before[i].Wh) > 0.01 || after[i].CoveredS != before[i].CoveredS {
				t.Errorf("%+v was %+v", after[i], before[i])
			}
		}
		if err := s.TidyMeters(t.Context(), "2033-01-01"); err != nil || len(meterDaysOf(t, s, site)) != 0 {
			t.Errorf("accounts are kept for more than six years: %v", err)
		}
		if _, pasts := leftOfMeters(t, at); pasts != "0" {
			t.Error("the last reading is kept for more than six years")
		}
		if err := s.TidyMeters(t.Context(), "tomorrow"); err == nil {
			t.Error("tomorrow is a date")
		}
	})
}

// plugOf is a plug behind a machine that has said something.
func plugOf(t testing.TB, s *relational.Store, m collector.Machine) collector.Meter {
	t.Helper()
	r := meterRule(t, s, collector.MeterRule{Site: m.Site.ID, Name: "Prise", Kind: "plug", Field: "w", Unit: "W", Machine: m.ID, Tags: collector.Tags{{Name: "of", Value: time.Duration(m.ID).String()}}})
	p := theMeter(t, s, r.ID, "")
	keepSamples(t, s, sample(t, p, "2026-11-20 10:00:00", 61.25), sample(t, p, "2026-11-20 10:01:00", 62.25))
	storetest.FoldAll(t, s)
	accountAll(t, s)
	keepSamples(t, s, sample(t, p, "2026-11-20 10:02:00", 63.25))
	return p
}

func TestAPlugBehindAMachineThatBecomesAPersonsOwnTellsNothingAnyMore(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		other, stays := meterMachine(t, s, site, 1, "shared"), meterMachine(t, s, site, 2, "server")
		p, q := plugOf(t, s, other), plugOf(t, s, stays)
		if n := len(meterRange(t, s, collector.MeterPower)); n != 6 {
			t.Fatalf("%d points, want 6", n)
		}
		meterMachine(t, s, site, 1, "individual") // enrolled again
		told := func(when string, posts int) {
			t.Helper()
			if n := len(meterRange(t, s, collector.MeterPower)); n != 3 {
				t.Errorf("%s: %d points, want those of the other plug", when, n)
			}
			for _, d := range meterDaysOf(t, s, site) {
				if d.Meter != q.ID {
					t.Errorf("%s: %+v", when, d)
				}
			}
			all, err := s.Meters(t.Context(), "2026-12-01")
			if err != nil || len(all) != 1 || all[0].ID != q.ID {
				t.Errorf("%s: %+v, %v", when, all, err)
			}
			found, err := s.MeterPosts(t.Context(), 0, 100)
			n := 0
			for _, x := range found {
				n += len(x.Points)
			}
			if err != nil || n != posts {
				t.Errorf("%s: posts have %d points, %v; want %d", when, n, err, posts)
			}
			rules, err := s.MeterRulesOf(t.Context(), site.ID)
			if err != nil || len(rules) != 2 {
				t.Errorf("%s: %+v, %v; want the rule that takes lines, and the one that drops them", when, rules, err)
			}
			for _, r := range rules {
				if takes := !r.Barred && r.RemovedOn == ""; takes != (r.Machine == stays.ID) {
					t.Errorf("%s: %+v takes lines: %t", when, r, takes)
				}
			}
		}
		told("at once", 3)
		if err := s.TidyMeters(t.Context(), "2026-11-21"); err != nil {
			t.Fatal(err)
		}
		told("after the night", 3)
		if gone, err := s.GoneMeters(t.Context()); err != nil || !slices.Equal(gone, []int64{p.ID}) {
			t.Errorf("gone are %v, %v; want %d", gone, err, p.ID)
		}
		meterMachine(t, s, site, 1, "shared") // again: what was deleted does not come back
		told("and for ever", 3)
		storetest.FoldAll(t, s)
		told("folded", 3)
	})
}

func TestWhatAPlugSaidGoesWithItsMachine(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		gone, stays := meterMachine(t, s, site, 1, "shared"), meterMachine(t, s, site, 2, "shared")
		plugOf(t, s, gone)
		q := plugOf(t, s, stays)
		if _, err := s.Erase(t.Context(), gone.ID); err != nil {
			t.Fatal(err)
		}
		for _, p := range meterRange(t, s, collector.MeterPower) {
			if p.Tags.Get("meter") != q.Point(collector.MeterSample{}).Tags.Get("meter") {
				t.Errorf("%+v", p)
			}
		}
		storetest.FoldAll(t, s)
		accountAll(t, s)
		if err := s.TidyMeters(t.Context(), "2026-11-21"); err != nil {
			t.Fatal(err)
		}
		if n := len(meterRange(t, s, collector.MeterPower)); n != 3 {
			t.Errorf("%d points, want 3", n)
		}
	})
}

func TestMetersSayHowTheyAreDoingWithoutATime(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := building(t, s, meterSite(t, s, "Lycée"), "A")
		keepSamples(t, s, sample(t, m, "2026-10-31 23:00:00", 500), sample(t, m, "2026-11-30 23:00:00", 720_500), sample(t, m, "2026-12-02 09:00:00", 800_000))
		storetest.FoldAll(t, s)
		accountAll(t, s)
		all, err := s.Meters(t.Context(), "2026-12-04")
		want := []collector.MeterStatus{{Meter: m, LastOn: "2026-12-02", Month: "2026-11", KWh: 720, CoveredS: 30 * 86_400, LengthS: 30 * 86_400}}
		if err != nil || len(all) != 1 || math.Abs(all[0].KWh-720) > 1e-9 {
			t.Fatalf("%+v, %v; want %+v", all, err, want)
		}
		if all[0].KWh = 720; !reflect.DeepEqual(all, want) {
			t.Errorf("%+v; want %+v", all, want)
		}
	})
}

// Two programs that have the same ledger open fold at once: nothing is lost, and nothing there twice.
func TestTwoThatFoldAtOnceLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		stores := []*relational.Store{at.open(t), at.open(t)}
		site := meterSite(t, stores[0], "Lycée")
		m := building(t, stores[0], site, "A")
		var wg sync.WaitGroup
		for i, s := range stores {
			wg.Go(func() {
				for n := range 60 {
					x := collector.MeterSample{Meter: m.ID, At: moment(t, "2026-11-20 10:00:00").Add(time.Duration(2*n+i) * time.Second).UnixMilli(), Value: float64(2*n + i)}
					if err := s.KeepMeterPost(t.Context(), []collector.MeterSample{x}); err != nil {
						t.Error(err)
					}
					if n%4 == 0 {
						if _, err := s.FoldMeters(t.Context()); err != nil {
							t.Error(err)
						}
						if _, err := s.AccountMeters(t.Context()); err != nil && !strings.Contains(err.Error(), "try again") {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		storetest.FoldAll(t, stores[0])
		accountAll(t, stores[1])
		points := meterRange(t, stores[1], collector.MeterEnergy)
		for i, p := range points {
			if p.Fields["wh"] != float64(i) {
				t.Fatalf("point %d is %+v", i, p)
			}
		}
		days := meterDaysOf(t, stores[0], site)
		if len(points) != 120 || len(days) != 1 || days[0].Wh != 119 || days[0].Samples != 120 {
			t.Errorf("%d points, %+v; want 120 of 119 Wh", len(points), days)
		}
	})
}
