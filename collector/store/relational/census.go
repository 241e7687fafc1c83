package relational

import (
	"context"
	"fmt"

	"veille/collector"
)

// Census is how many machines are enrolled at a site, by their use. It tells of no machine by itself. One that was installed anew
// counts once, and one that was revoked does not count.
type Census struct {
	Organisation string
	Site         collector.Site
	Machines     map[collector.Use]int // without an entry: none
}

// Census counts the machines of all sites, by the names of organisation and site. It changes nothing. A site without
// machines is there too.
func (s *Store) Census(ctx context.Context) ([]Census, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT o.id, o.name, s.id, s.name, s.time_zone, s.open, s.scope, s.code, s.commune, coalesce(m.use, ''), count(m.id)
		FROM site s JOIN organisation o ON o.id = s.organisation LEFT JOIN machine m ON m.site = s.id AND m.replaced_by IS NULL AND m.revoked_on = ''
		GROUP BY o.id, s.id, m.use ORDER BY o.name, s.name, s.id, m.use`)
	if err != nil {
		return nil, fmt.Errorf("count the machines: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Census
	for rows.Next() {
		x := Census{Machines: map[collector.Use]int{}}
		var use collector.Use
		var n int
		err := rows.Scan(&x.Site.Organisation, &x.Organisation, &x.Site.ID, &x.Site.Name, &x.Site.TimeZone, &x.Site.Open, &x.Site.Scope, &x.Site.Code, &x.Site.Commune, &use, &n)
		if err != nil {
			return nil, fmt.Errorf("count the machines: %w", err)
		}
		if len(all) == 0 || all[len(all)-1].Site.ID != x.Site.ID {
			all = append(all, x)
		}
		if n > 0 {
			all[len(all)-1].Machines[use] = n
		}
	}
	return all, rows.Err()
}
