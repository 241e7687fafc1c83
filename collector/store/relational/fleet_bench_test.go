package relational_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"veille/collector"
)

func BenchmarkAFleetOfFiftyThousandMachines(b *testing.B) {
	eachBench(b, func(b *testing.B, at place) {
		const sites, machines = 115, 50_000
		s := at.open(b)
		var all [sites]collector.Site
		for n := range all {
			site, err := s.CreateSite(b.Context(), "Région", fmt.Sprint(n), "Europe/Paris")
			if err != nil {
				b.Fatal(err)
			}
			all[n] = site
			if err := s.CreateToken(b.Context(), collector.Token{Hash: key(byte(n)), Site: all[n].ID, Quota: machines, ExpiresOn: "2027-12-01"}); err != nil {
				b.Fatal(err)
			}
		}
		months := make([]collector.MachineMonth, machines)
		var running sync.WaitGroup
		for part := range 64 {
			running.Go(func() {
				for n := part; n < machines; n += 64 {
					var k [32]byte
					binary.BigEndian.PutUint64(k[:], uint64(n)+1000)
					m, err := s.Enrol(b.Context(), collector.Enrolment{Token: key(byte(n % sites)), Pseudonym: k, Credential: k, Use: "individual", Kind: mini(fmt.Sprint(n % 7)), On: "2026-11-01"})
					if err != nil {
						b.Error(err)
						return
					}
					x := busy(collector.Place{Site: m.Site.ID, Class: "mini", Use: "individual"}, "2026-10", 1)
					months[n] = collector.MachineMonth{Machine: m.ID, Month: "2026-10", Place: x.Place, SleepAfter: fmt.Sprint(n % 90), Sum: x.Sum}
				}
			})
		}
		running.Wait()
		if err := s.PutMonths(b.Context(), "2026-10", 1, machines, months); err != nil {
			b.Fatal(err)
		}
		organisation := all[0].Organisation
		b.Run("counted", func(b *testing.B) {
			n := 0
			for b.Loop() {
				n++
				if f, err := s.FleetOn(b.Context(), organisation, collector.Date(fmt.Sprintf("2026-11-%02d", 2+n%28))); err != nil || len(f.Sites) != sites {
					b.Fatal(err)
				}
			}
		})
		if _, err := s.FleetOn(b.Context(), organisation, "2026-11-30"); err != nil {
			b.Fatal(err)
		}
		b.Run("asked again", func(b *testing.B) {
			for b.Loop() {
				if _, err := s.FleetOn(b.Context(), organisation, "2026-11-30"); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
