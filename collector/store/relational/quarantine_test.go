package relational_test

import (
	"slices"
	"testing"

	"veille/collector"
)

func TestARefusedHourOfAMachineThatIsAPersonsSinceIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		m, other := r.enrolAs(1, "shared"), r.enrolAs(2, "server")
		r.enrolAs(1, "individual") // while the post was looked at
		refused := func(machine int64, hour int) collector.Refused {
			return collector.Refused{Machine: machine, Site: r.site.ID, On: "2026-11-11", Date: "2026-11-10", Hour: hour, Agent: "v1", Reason: "no", Record: `{"hour":9}`}
		}
		r.must(r.Quarantine(t.Context(), []collector.Refused{refused(m.ID, 9), refused(m.ID, 10), refused(other.ID, 9), refused(99, 9)}))
		mark := refused(m.ID, collector.WholeDay)
		mark.Record = ""
		want := []collector.Refused{mark, refused(other.ID, 9)}
		if got, err := r.Quarantined(t.Context(), r.site.ID); err != nil || !slices.Equal(got, want) {
			t.Errorf("in quarantine %+v, %v; want %+v", got, err, want)
		}
		r.must(r.Quarantine(t.Context(), []collector.Refused{refused(m.ID, collector.WholeDay)}))
		want[0].Record = `{"hour":9}`
		if got, err := r.Quarantined(t.Context(), r.site.ID); err != nil || !slices.Equal(got, want) {
			t.Errorf("in quarantine %+v, %v; want %+v", got, err, want)
		}
	})
}
