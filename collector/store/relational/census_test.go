package relational_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

func TestACensusCountsTheMachinesOfEachSiteByUse(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		ctx := t.Context()
		store := at.open(t)
		site := func(organisation, name string) collector.Site {
			s, err := store.CreateSite(ctx, organisation, name, "Europe/Paris")
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		school, empty, other := site("Région", "Lycée B"), site("Région", "Antenne A"), site("Ailleurs", "Lycée B")
		n := 0
		enrol := func(s collector.Site, use collector.Use, machines int) {
			token := sha256.Sum256(fmt.Append(nil, "token", s.ID, use))
			if err := store.CreateToken(ctx, collector.Token{Hash: token, Site: s.ID, Quota: machines, ExpiresOn: "2099-01-01"}); err != nil {
				t.Fatal(err)
			}
			for range machines {
				n++
				key := sha256.Sum256(fmt.Append(nil, n))
				if _, err := store.Enrol(ctx, collector.Enrolment{Token: token, Pseudonym: key, Credential: key, Use: use, On: "2026-11-22"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		enrol(school, "individual", 3)
		enrol(school, "shared", 2)
		enrol(other, "server", 1)

		got, err := store.Census(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := []relational.Census{
			{Organisation: "Ailleurs", Site: other, Machines: map[collector.Use]int{"server": 1}},
			{Organisation: "Région", Site: empty, Machines: map[collector.Use]int{}},
			{Organisation: "Région", Site: school, Machines: map[collector.Use]int{"individual": 3, "shared": 2}},
		}
		if len(got) != len(want) {
			t.Fatalf("got %+v", got)
		}
		for i := range want {
			if got[i].Organisation != want[i].Organisation || got[i].Site != want[i].Site || !maps.Equal(got[i].Machines, want[i].Machines) {
				t.Errorf("got %+v, want %+v", got[i], want[i])
			}
		}
	})
}
