package relational_test

import (
	"errors"
	"testing"

	"veille/collector"
)

func TestTheTimeZoneOfASiteIsCorrectedAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		other := site(t, s, "Région", "Mairie")
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", 9, 600)}); err != nil {
			t.Fatal(err)
		}
		if err := s.SetTimeZone(t.Context(), m.Site.ID, "Indian/Reunion"); err != nil {
			t.Fatal(err)
		}
		if sites, err := s.Sites(t.Context()); err != nil || len(sites) != 2 || sites[0].TimeZone != "Indian/Reunion" || sites[0].Name != "Lycée" || sites[1] != other {
			t.Errorf("%+v, %v", sites, err)
		}
		if m, err := s.Machine(t.Context(), key(3)); err != nil || m.Site.TimeZone != "Indian/Reunion" {
			t.Errorf("its machine: %+v, %v", m, err)
		}
		if changes, err := s.Changes(t.Context(), 0, 10); err != nil || len(changes) != 1 || changes[0].Record.Date != "2026-11-16" || changes[0].Record.Hour != 9 || changes[0].Revision != 1 {
			t.Errorf("its records: %+v, %v", changes, err)
		}
		if err := s.SetTimeZone(t.Context(), 99, "UTC"); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("a site that is none: %v, want ErrNotFound", err)
		}
	})
}
