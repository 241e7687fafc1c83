package relational_test

import (
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/storetest"
)

// What the disk has changed is found, and nothing is written over it: the posts that belong there stay.
func TestABlockOfAMeterThatIsDamagedIsFound(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := building(t, s, meterSite(t, s, "Lycée"), "A")
		keepSamples(t, s, sample(t, m, "2026-11-20 10:00:00", 1))
		storetest.FoldAll(t, s)
		if err := at.raw(t, "UPDATE meter_block SET body = "+at.bytes(1, 1, 2, 3, 4, 5, 6, 7, 8)); err != nil {
			t.Fatal(err)
		}
		keepSamples(t, s, sample(t, m, "2026-11-20 11:00:00", 2))
		_, reading := s.Embedded().Range(t.Context(), collector.Query{Measurement: collector.MeterEnergy, From: moment(t, "2026-11-01 00:00:00"), To: moment(t, "2026-12-01 00:00:00")})
		_, folding := s.FoldMeters(t.Context())
		_, accounting := s.AccountMeters(t.Context())
		for what, err := range map[string]error{"read": reading, "fold": folding, "account": accounting} {
			if err == nil || !strings.Contains(err.Error(), "meter 1 on 2026-11-20: it is not as it was written") {
				t.Errorf("%s: %v", what, err)
			}
		}
		posts, err := s.MeterPosts(t.Context(), 0, 9)
		if err != nil || len(posts) != 2 {
			t.Errorf("%+v, %v; want both posts", posts, err)
		}
	})
}
