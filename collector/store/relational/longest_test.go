package relational_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

// long is a text of so many bytes, or up to three fewer, that nothing makes shorter: PostgreSQL packs texts in its indexes.
func long(bytes int) string {
	var b strings.Builder
	for b.Len()+4 <= bytes {
		b.WriteRune(0x20000 + rand.Int32N(0xa000)) //nolint:gosec // any
	}
	return b.String()
}

// What an index of PostgreSQL holds must be shorter than what a column may.
func TestTheLongestTextsAreKeptByEveryEngineAndEachIsToldFromAnother(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		const name, line, address = 8000, 300, 8000
		same := long(name)
		for i, text := range []string{same, same + "b"} {
			site, err := c.CreateSite(t.Context(), text, text, "Europe/Paris")
			c.must(err)
			if site.ID != int64(4+i) || site.Organisation != int64(3+i) {
				t.Errorf("%+v; want a site of its own", site.ID)
			}
			g, err := c.AddGroup(t.Context(), collector.Group{Site: c.sites[0].ID, Kind: "room", Name: text})
			c.must(err)
			c.must(c.RenameGroup(t.Context(), g.ID, text+"c"))
			_, err = c.AddUser(t.Context(), collector.User{Organisation: 1, Name: text, Roles: []collector.Role{collector.RoleWeb}, AddedOn: "2026-11-01"})
			c.must(err)
			if u, err := c.UserNamed(t.Context(), text); err != nil || u.Name != text {
				t.Errorf("a user is not found: %v", err)
			}
			w := c.added(collector.Website{Organisation: 1, Kind: collector.KindSite, Name: text, EveryDays: 7, AddedOn: "2026-11-16", NextOn: "2026-11-17", Rules: collector.WebsiteRules{URL: "https://a.example/" + text, Mode: "static"}})
			page := "https://a.example/" + long(address)
			c.keep(w.ID, 1, page)
			if scores, err := c.WebScores(t.Context(), w.ID, page, time.Time{}); err != nil || len(scores) != 1 {
				t.Errorf("of a page there are %d scores, %v", len(scores), err)
			}
			c.must(c.AllowHost(t.Context(), 1, text))
		}
		if _, err := c.AddUser(t.Context(), collector.User{Organisation: 1, Name: same, Roles: []collector.Role{collector.RoleWeb}, AddedOn: "2026-11-01"}); err == nil {
			t.Error("a name was given twice")
		}
		c.must(c.PutReadings(t.Context(), 1, []collector.Reading{{Organisation: 1, Site: c.sites[0].ID, Meter: long(line), From: "2026-01-01", To: "2026-01-31", KWh: 1, Source: long(line)}}))
		c.must(c.Quarantine(t.Context(), []collector.Refused{{Machine: 1, Site: 1, On: "2026-11-17", Date: long(64), Reason: long(name), Record: long(name)}}))
		refused := collector.RefusedPoint{On: "2026-11-17", Measurement: "page_score", Point: "page_score,url=" + same + " dom=1 1", Reason: long(name)}
		for range 2 {
			c.must(c.Refuse(t.Context(), "influx", []collector.RefusedPoint{refused}))
			refused.On = "2026-11-18"
		}
		if all, err := c.RefusedPoints(t.Context(), "influx"); err != nil || len(all) != 1 || all[0].On != "2026-11-18" || all[0].Point != refused.Point {
			t.Errorf("%d points are in quarantine, %v; want the one, of the last day", len(all), err)
		}
		c.must(c.SetRemark(t.Context(), collector.Remark{Organisation: 1, Of: "U1", Text: long(line)}))
	})
}
