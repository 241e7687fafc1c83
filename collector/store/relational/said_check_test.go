package relational_test

import (
	"fmt"
	"strings"
	"testing"

	"veille/collector/store/storetest"
)

func TestCheckFindsWhatNobodyMayHaveSaid(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		storetest.Tell(t, c, "A", c.sites[0])
		check := func() string { t.Helper(); return strings.Join(at.found(t).Problems, "\n") }
		if found := check(); found != "" {
			t.Fatal(found)
		}
		var nonsense [][3]string // what only an engine takes that has no types, and that lets each program choose whether keys hold
		if at.engine.name == "sqlite" {
			nonsense = [][3]string{
				{"UPDATE price SET euro_per_kwh = x'ff'", "UPDATE price SET euro_per_kwh = 0.2", "price"},
				{"UPDATE rgesn_grid SET website = 77", "UPDATE rgesn_grid SET website = 1", "rgesn_grid"},
				{`UPDATE session SET "user" = 77`, `UPDATE session SET "user" = 1`, "session"},
				{"UPDATE action SET site_group = 77", "UPDATE action SET site_group = 1", "action"},
				{"UPDATE target SET site = 77", "UPDATE target SET site = 1", "target"},
			}
		}
		for _, x := range append(nonsense, [][3]string{
			{"UPDATE price SET euro_per_kwh = 200", "UPDATE price SET euro_per_kwh = 0.2", "200 euros a kWh"},
			{"UPDATE factor SET low = 99", "UPDATE factor SET low = 16", "within its range"},
			{"UPDATE target SET indicator = 'trees'", "UPDATE target SET indicator = 'kwh'", "trees"},
			{"UPDATE action SET base_to = '2030-01'", "UPDATE action SET base_to = '2026-02'", "the baseline ends"},
			{"UPDATE equipment SET count = -count", "UPDATE equipment SET count = -count", "-30 devices"},
			{"UPDATE action SET serves = 'trees'", "UPDATE action SET serves = ''", "no line of the label report"},
			{"UPDATE equipment SET state = 'lost'", "UPDATE equipment SET state = ''", "none of in-service"},
			{"UPDATE organisation SET siren = '123456789'", "UPDATE organisation SET siren = ''", "SIREN"},
			{"UPDATE site SET scope = 'Lycée'", "UPDATE site SET scope = ''", "scope"},
			{"UPDATE quantity SET value = -1", "UPDATE quantity SET value = 1200", "not a number from 0"},
			{"UPDATE step SET kind = 'party'", "UPDATE step SET kind = 'charter'", "none of charter"},
			{"UPDATE evidence SET sha256 = 'abc'", "UPDATE evidence SET sha256 = ''", "SHA-256"},
			{"UPDATE remark SET on_date = ''", "UPDATE remark SET on_date = '2026-10-01'", "together"},
			{"UPDATE meter_reading SET to_date = '2020-01-01'", "UPDATE meter_reading SET to_date = '2026-01-31'", "before the first"},
			{"UPDATE rgesn_grid SET criteria = '[]'", `UPDATE rgesn_grid SET criteria = '[{"id":"6.3","priority":"priority","status":"validated"}]'`, "0 criteria"},
			{"UPDATE rgesn_grid SET criteria = '{'", `UPDATE rgesn_grid SET criteria = '[{"id":"6.3","priority":"priority","status":"validated"}]'`, "read the criteria"},
			{"UPDATE template SET text = '\a'", "UPDATE template SET text = 'id: lnr-2022'", "control character"},
			{"UPDATE snapshot SET body = '{}'", fmt.Sprintf("UPDATE snapshot SET body = '%s'", report(1).JSON), "its own SHA-256"},
			{"UPDATE baseline SET body = '{}'", fmt.Sprintf("UPDATE baseline SET body = '%s'", baseline(1, 1).JSON), "not that of the baseline"},
		}...) {
			c.must(at.forced(t, x[0]))
			if found := check(); !strings.Contains(found, x[2]) {
				t.Errorf("%s is %q; want %q", x[0], found, x[2])
			}
			c.must(at.forced(t, x[1]))
		}
		if found := check(); found != "" {
			t.Errorf("and when all is as it was: %s", found)
		}
	})
}
