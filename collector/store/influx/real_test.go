package influx_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
)

func as(t testing.TB, server *engines.Influx, name, token string) *influx.Store {
	t.Helper()
	s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/" + name, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func powers(n int, from time.Time) (points []collector.Point) {
	for i := range n {
		points = append(points, power(float64(i), from.Add(time.Duration(i)*time.Second)))
	}
	return points
}

// One server answers all of these: it takes seconds to start.
func TestOnARealInfluxDB(t *testing.T) {
	server := engines.Influxd(t)
	for _, x := range []struct {
		name string
		test func(*testing.T, *engines.Influx)
	}{
		{"a password or a right that lacks is told with what to do", aPasswordOrARightThatLacksIsToldWithWhatToDo},
		{"a database that lacks is made or asked for", aDatabaseThatLacksIsMadeOrAskedFor},
		{"a type that conflicts is unusable and the other points are kept", aTypeThatConflictsIsUnusableAndTheOtherPointsAreKept},
		{"points older than what is kept are unusable", pointsOlderThanWhatIsKeptAreUnusable},
		{"a wrong clock of the server is told and no point is given up", aWrongClockOfTheServerIsToldAndNoPointIsGivenUp},
		{"a deletion does not touch what another policy has", aDeletionDoesNotTouchWhatAnotherPolicyHas},
		{"moments come back to the nanosecond", momentsComeBackToTheNanosecond},
		{"it is a destination like any other", itIsADestinationLikeAnyOther},
	} {
		t.Run(x.name, func(t *testing.T) { x.test(t, server) })
	}
}

func TestOnARealInfluxDBThatDies(t *testing.T) {
	server := engines.Influxd(t)
	for _, x := range []struct {
		name string
		test func(*testing.T, *engines.Influx)
	}{
		{"what was acknowledged outlives the death of the server", whatWasAcknowledgedOutlivesTheDeathOfTheServer},
		{"a deletion outlives the death of the server", aDeletionOutlivesTheDeathOfTheServer},
		{"a server that comes later is prepared then", aServerThatComesLaterIsPreparedThen},
	} {
		t.Run(x.name, func(t *testing.T) { x.test(t, server) })
	}
}

func aPasswordOrARightThatLacksIsToldWithWhatToDo(t *testing.T, server *engines.Influx) {
	opened(t, server, "veille1")
	server.Ask("", "", `CREATE USER reader WITH PASSWORD 'x'; GRANT READ ON veille1 TO reader; CREATE USER writer WITH PASSWORD 'x'; GRANT WRITE ON veille1 TO writer;
		CREATE USER nobody WITH PASSWORD 'x'; CREATE USER veille WITH PASSWORD 'x'; GRANT ALL ON veille1 TO veille`)
	now := powers(1, time.Now())
	for token, word := range map[string]string{
		"admin:wrong": "does not know the token", "": "does not know the token", "nobody:x": "GRANT ALL", "reader:x": `GRANT ALL ON "veille1" TO "reader"`, "writer:x": `GRANT ALL ON "veille1" TO "writer"`,
	} {
		s := as(t, server, "veille1", token)
		wantTrouble(t, probe(t, s), collector.NeedsHelp, word)
		err := s.Append(t.Context(), now)
		wantTrouble(t, err, collector.NeedsHelp, word)
		if token != "" && strings.Contains(err.Error(), strings.Split(token, ":")[1]+" ") && strings.Contains(err.Error(), "wrong") {
			t.Errorf("%v tells the password", err)
		}
	}
	s := as(t, server, "veille1", "veille:x")
	if err := probe(t, s); err != nil {
		t.Error(err)
	}
	if err := s.Append(t.Context(), now); err != nil {
		t.Error(err)
	}
	wantTrouble(t, probe(t, as(t, server, "other", "veille:x")), collector.NeedsHelp, // 1.8 does not say to it that there is none
		`GRANT ALL ON "other" TO "veille"`)
}

func aDatabaseThatLacksIsMadeOrAskedFor(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "veille2")
	if got := server.Ask("", "", "SHOW RETENTION POLICIES ON veille2"); !strings.Contains(got, `["hours","2160h0m0s","168h0m0s",1,false]`) ||
		!strings.Contains(got, `["years","52608h0m0s","4368h0m0s",1,false]`) {
		t.Errorf("policies are %s", got)
	}
	now := powers(1, time.Now())
	for _, statement := range []string{"DROP RETENTION POLICY hours ON veille2", "DROP DATABASE veille2"} {
		server.Ask("", "", statement)
		if err := s.Append(t.Context(), now); err != nil {
			t.Errorf("after %s: %v", statement, err)
		}
	}
	server.Ask("", "", "CREATE USER small WITH PASSWORD 'x'; GRANT ALL ON veille2 TO small")
	small := as(t, server, "veille2", "small:x")
	if err := small.Append(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	server.Ask("", "", "DROP RETENTION POLICY hours ON veille2")
	for range 2 {
		wantTrouble(t, small.Append(t.Context(), now), collector.NeedsHelp,
			`CREATE RETENTION POLICY "hours" ON "veille2" DURATION 90d REPLICATION 1 SHARD DURATION 7d`)
	}
	server.Ask("", "", `CREATE RETENTION POLICY "hours" ON "veille2" DURATION 50d REPLICATION 1`)
	wantTrouble(t, small.Append(t.Context(), now), collector.NeedsHelp, "keeps points for 50d", `ALTER RETENTION POLICY "hours" ON "veille2" DURATION 90d`)
	server.Ask("", "", `ALTER RETENTION POLICY "hours" ON "veille2" DURATION 90d`)
	if err := small.Append(t.Context(), now); err != nil {
		t.Error(err)
	}
}

func aTypeThatConflictsIsUnusableAndTheOtherPointsAreKept(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "veille3")
	now := time.Now().UTC().Truncate(time.Second)
	server.Write("veille3/years", fmt.Sprintf("day_energy wh=1i %d", now.UnixNano()))
	day := collector.Point{Measurement: collector.DayEnergy, Time: now, Fields: collector.Fields{"wh": 1}}
	err := s.Append(t.Context(), []collector.Point{power(1, now), day, power(2, now.Add(time.Second))})
	wantTrouble(t, err, collector.Unusable, "already exists as type integer", "outbox refused", "outbox again")
	if got, err := s.Range(t.Context(), collector.Query{Measurement: collector.MeterPower, From: now, To: now.Add(time.Minute)}); err != nil || len(got) != 2 {
		t.Errorf("%v %v, want both points of the meter", got, err)
	}
}

func pointsOlderThanWhatIsKeptAreUnusable(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "veille4")
	hours := func(age time.Duration) collector.Point {
		return collector.Point{Measurement: collector.HourEnergy, Time: time.Now().Add(-age), Tags: collector.Tags{{Name: "machine", Value: "1"}}, Fields: collector.Fields{"wh": 1}}
	}
	young, old := hours(89*24*time.Hour), hours(120*24*time.Hour)
	wantTrouble(t, s.Append(t.Context(), []collector.Point{young, old}), collector.Unusable, "1 of them are of before", "90d")
	if err := s.Append(t.Context(), []collector.Point{young}); err != nil {
		t.Error(err)
	}
	got, err := s.Range(t.Context(), collector.Query{Measurement: collector.HourEnergy, From: old.Time, To: time.Now()})
	if err != nil || len(got) != 1 {
		t.Errorf("%v %v, want the young one", got, err)
	}
}

// The clock of the collector is set back, which looks from it as the clock of the server set ahead does.
func aWrongClockOfTheServerIsToldAndNoPointIsGivenUp(t *testing.T, server *engines.Influx) {
	for ahead, words := range map[time.Duration]string{100 * 24 * time.Hour: "100 days ahead of", -time.Hour: "60 minutes behind", 2 * time.Second: ""} {
		s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/veille5", Token: server.Token, Now: func() time.Time { return time.Now().Add(-ahead) }})
		if err != nil {
			t.Fatal(err)
		}
		advice := strings.Join(s.Advice(), "\n")
		if (words == "") != (advice == "") || !strings.Contains(advice, words) {
			t.Errorf("advice is %q, want %q", advice, words)
		}
		if err := probe(t, s); err != nil {
			t.Errorf("a clock alone keeps no point away: %v", err)
		}
		if ahead > time.Hour {
			ours := time.Now().Add(-ahead).Add(-time.Hour)
			wantTrouble(t, s.Append(t.Context(), []collector.Point{{
				Measurement: collector.HourEnergy, Time: ours, Tags: collector.Tags{{Name: "machine", Value: "1"}}, Fields: collector.Fields{"wh": 1},
			}}), collector.NeedsHelp, "beyond retention policy", "is 100 days ahead of", "date -u", "NTP", "outbox retry")
		}
	}
}

func aDeletionDoesNotTouchWhatAnotherPolicyHas(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "veille6")
	now := time.Now().UTC().Truncate(time.Second)
	if err := s.Append(t.Context(), powers(2, now)); err != nil {
		t.Fatal(err)
	}
	theirs := fmt.Sprintf("meter_power,kind=plug,meter=1,site=1 w=7 %d", now.UnixNano())
	server.Write("veille6/autogen", theirs)
	q := collector.Query{Measurement: collector.MeterPower, From: now, To: now.Add(time.Minute)}
	wantTrouble(t, s.Delete(t.Context(), q), collector.NeedsHelp, `"veille6"."autogen"."meter_power"`, "a database of its own")
	if got, err := s.Range(t.Context(), q); err != nil || len(got) != 2 {
		t.Errorf("%v %v, want both points", got, err)
	}
	// This is why: nothing in InfluxQL keeps a DELETE within a policy.
	server.Ask("veille6", "hours", `DELETE FROM "meter_power"`)
	if got := server.Ask("veille6", "autogen", `SELECT * FROM "meter_power"`); strings.Contains(got, "meter_power") {
		t.Error("a DELETE stays within a policy: the question need not be asked")
	}
	if err := s.Delete(t.Context(), q); err != nil {
		t.Error(err)
	}
}

func whatWasAcknowledgedOutlivesTheDeathOfTheServer(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "veille7")
	started := time.Now().UTC().Truncate(time.Second)
	n := 0
	for round := range 3 {
		for range 20 {
			if err := s.Append(t.Context(), powers(100, started.Add(time.Duration(n)*time.Second))); err != nil {
				t.Fatal(err)
			}
			n += 100
		}
		server.Kill()
		err := s.Append(t.Context(), powers(1, started))
		wantTrouble(t, err, collector.TryLater, "cannot be reached")
		server.Again()
		tally, err := s.Tally(t.Context(), collector.Query{Measurement: collector.MeterPower, From: started, To: started.Add(24 * time.Hour)})
		points := int64(0)
		for _, x := range tally {
			points += x.Points
		}
		if err != nil || points != int64(n) {
			t.Fatalf("round %d: %d points are there, %v, want %d", round, points, err, n)
		}
	}
	if name, err := s.Started(t.Context()); name != "" || err != nil {
		t.Errorf("%q %v", name, err)
	}
}

func aDeletionOutlivesTheDeathOfTheServer(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "veille8")
	now := time.Now().UTC().Truncate(time.Second)
	if err := s.Append(t.Context(), powers(1000, now)); err != nil {
		t.Fatal(err)
	}
	q := collector.Query{Measurement: collector.MeterPower, From: now, To: now.Add(500 * time.Second)}
	if err := s.Delete(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	server.Again()
	q.To = now.Add(time.Hour)
	if got, err := s.Range(t.Context(), q); err != nil || len(got) != 500 {
		t.Errorf("%d points are left, %v, want 500", len(got), err)
	}
}

func aServerThatComesLaterIsPreparedThen(t *testing.T, server *engines.Influx) {
	server.Kill()
	s := opened(t, server, "late")
	wantTrouble(t, probe(t, s), collector.TryLater, "cannot be reached")
	_, err := s.Range(t.Context(), collector.Query{Measurement: collector.MeterPower, From: time.Now().Add(-time.Hour), To: time.Now()})
	wantTrouble(t, err, collector.TryLater)
	server.Again()
	if err := s.Append(t.Context(), powers(10, time.Now())); err != nil {
		t.Error(err)
	}
}

func TestAFullDiskOfTheServerIsTriedAgainUntilThereIsRoom(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	within, outside := engines.OnSmallDisk(t, dir, 8<<10)
	server := engines.InfluxdIn(t, dir, within...)
	filler := filepath.Join(outside, "filler")
	if err := os.WriteFile(filler, make([]byte, 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := opened(t, server, "veille")
	now := time.Now().UTC().Truncate(time.Second)
	batch := func(n int) []collector.Point { return powers(5000, now.Add(time.Duration(n*5000)*time.Second)) }
	n := 0
	for ; n < 1000; n++ {
		if err := s.Append(t.Context(), batch(n)); err != nil {
			wantTrouble(t, err, collector.TryLater, "its disk takes no more", "make room", "start InfluxDB again", "no space left on device")
			break
		}
	}
	if n == 0 || n == 1000 {
		t.Fatalf("%d batches were taken", n)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	// InfluxDB 1.8 goes on refusing until it is started again: that is why the sentence says so.
	if err := s.Append(t.Context(), batch(n)); err == nil {
		t.Error("InfluxDB takes points once there is room: the sentence need not say that it must be started again")
	}
	server.Kill()
	server.Again()
	if err := s.Append(t.Context(), batch(n)); err != nil {
		t.Fatalf("once there is room: %v", err)
	}
	tally, err := s.Tally(t.Context(), collector.Query{Measurement: collector.MeterPower, From: now, To: now.AddDate(0, 3, 0)})
	points := int64(0)
	for _, x := range tally {
		points += x.Points
	}
	if err != nil || points != int64(n+1)*5000 {
		t.Errorf("%d points are there, %v, want all of %d batches", points, err, n+1)
	}
}

func TestALimitOfTheConfigurationIsToldAndNoPointIsGivenUp(t *testing.T) {
	server := engines.InfluxdIn(t, t.TempDir(), "env", "INFLUXDB_DATA_INDEX_VERSION=inmem", "INFLUXDB_DATA_MAX_SERIES_PER_DATABASE=10", "INFLUXDB_DATA_MAX_VALUES_PER_TAG=1000")
	s := opened(t, server, "veille")
	var points []collector.Point
	for i := range 20 {
		p := power(1, time.Now())
		p.Tags = collector.Tags{{Name: "meter", Value: fmt.Sprint(i)}}
		points = append(points, p)
	}
	wantTrouble(t, s.Append(t.Context(), points), collector.NeedsHelp, "max-series-per-database = 0", "limit exceeded")
}
