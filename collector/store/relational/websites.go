package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"veille/collector"
)

// AddWebsite keeps a new website and gives it its number; what measuring writes is empty. It answers ErrExists when the organisation has the same
// address as the same kind, or another website of that name; ErrNotFound when there is no such organisation.
func (s *Store) AddWebsite(ctx context.Context, w collector.Website) (collector.Website, error) {
	w.Asked, w.Tries, w.Problem = false, 0, ""
	rules, err := checkWebsite(w)
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			w.ID, err = addWebsite(ctx, tx, w, rules)
			return s.refusal(err)
		})
	}
	if err != nil {
		return collector.Website{}, fmt.Errorf("add website %q: %w", w.Name, err)
	}
	return w, nil
}

func addWebsite(ctx context.Context, tx *sql.Tx, w collector.Website, rules string) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO website (organisation, site, kind, name, url, contact, rules, every_days, open, added_on, next_on, tries, problem)
		VALUES (nullif(CAST(? AS bigint), 0), nullif(CAST(? AS bigint), 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		w.Organisation, w.Site, w.Kind, w.Name, w.Rules.URL, w.Contact, rules, w.EveryDays, w.Open, w.AddedOn, w.NextOn, w.Tries, w.Problem).Scan(&id)
	return id, err
}

// checkWebsite is the rules of a website in JSON, unless it cannot be kept.
func checkWebsite(w collector.Website) (string, error) {
	for _, text := range []string{w.Name, w.Rules.URL, w.Contact} {
		if err := checkLine(text); err != nil {
			return "", err
		}
	}
	rules, err := json.Marshal(w.Rules)
	return string(rules), err
}

// longestLine is how many bytes a name or an address may have.
const longestLine = 8 << 10

// checkLine refuses a text that could not stand in a header, a log or a point: of more than one line, or of no known letters.
func checkLine(text string) error {
	switch {
	case len(text) > longestLine:
		return fmt.Errorf("a text of %d bytes, of which %d at most are kept, begins with %q", len(text), longestLine, text[:80])
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%q holds a control character, or is no UTF-8", text)
	}
	return nil
}

// refusal says what a constraint of the tables means; any other error stays as it is.
func (s *Store) refusal(err error) error {
	switch s.engine.Refusal(err) {
	case Taken:
		return collector.ErrExists
	case Missing:
		return collector.ErrNotFound
	case Unfit:
		return fmt.Errorf("a value is outside of what can be kept: %s", err.Error()) // no failure of the database, as Trouble would have it
	case NoRefusal:
	}
	return err
}

// websiteColumns are what a website is read from.
const websiteColumns = `SELECT id, coalesce(organisation, 0), coalesce(site, 0), kind, name, contact, rules, every_days, open, added_on, next_on, asked, tries, problem FROM website `

func scanWebsite(row interface{ Scan(into ...any) error }) (w collector.Website, err error) {
	var rules string
	err = row.Scan(&w.ID, &w.Organisation, &w.Site, &w.Kind, &w.Name, &w.Contact, &rules, &w.EveryDays, &w.Open, &w.AddedOn, &w.NextOn, &w.Asked, &w.Tries, &w.Problem)
	if err != nil {
		return w, err
	}
	if err := json.Unmarshal([]byte(rules), &w.Rules); err != nil {
		return w, fmt.Errorf("read the rules of website %d: %w", w.ID, err)
	}
	return w, nil
}

// Websites are all websites, by organisation, then name.
func (s *Store) Websites(ctx context.Context) ([]collector.Website, error) {
	all, err := list(ctx, s.read, func(rows *sql.Rows) (collector.Website, error) { return scanWebsite(rows) }, websiteColumns+"ORDER BY coalesce(organisation, 0), name")
	if err != nil {
		return nil, fmt.Errorf("list the websites: %w", err)
	}
	return all, nil
}

// Website is the website of that number, or ErrNotFound.
func (s *Store) Website(ctx context.Context, id int64) (collector.Website, error) {
	w, err := scanWebsite(s.read.QueryRowContext(ctx, websiteColumns+"WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		err = collector.ErrNotFound
	}
	if err != nil {
		return collector.Website{}, fmt.Errorf("website %d: %w", id, err)
	}
	return w, nil
}

// SetWebsite keeps what people say of the website with w's number: Name, Contact, Rules, EveryDays, Open and NextOn. It answers ErrNotFound when
// there is none, and ErrExists as AddWebsite does.
func (s *Store) SetWebsite(ctx context.Context, w collector.Website) error {
	rules, err := checkWebsite(w)
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			return s.refusal(one(tx.ExecContext(ctx, "UPDATE website SET name = ?, url = ?, contact = ?, rules = ?, every_days = ?, open = ?, next_on = ? WHERE id = ?",
				w.Name, w.Rules.URL, w.Contact, rules, w.EveryDays, w.Open, w.NextOn, w.ID)))
		})
	}
	if err != nil {
		return fmt.Errorf("keep website %d: %w", w.ID, err)
	}
	return nil
}

// RemoveWebsite deletes a website with everything that is kept of it, its history and its grid of the RGESN included, and lets destinations delete its
// scores. It answers ErrNotFound when there is none.
func (s *Store) RemoveWebsite(ctx context.Context, id int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := mournWebsite(ctx, tx, id); err != nil {
			return err
		}
		const addresses = " WHERE address IN (SELECT id FROM web_address WHERE website = ?)"
		for _, from := range []string{"web_audit" + addresses, "web_page" + addresses, "web_score" + addresses, "web_address WHERE website = ?", "web_run WHERE website = ?", "rgesn_grid WHERE website = ?"} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+from, id); err != nil {
				return err
			}
		}
		return one(tx.ExecContext(ctx, "DELETE FROM website WHERE id = ?", id))
	})
	if err != nil {
		return fmt.Errorf("remove website %d: %w", id, err)
	}
	return nil
}

// mournWebsite lets destinations delete what they have of a website, where it was measured once.
func mournWebsite(ctx context.Context, tx *sql.Tx, id int64) error {
	var measured bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM web_run WHERE website = ?1)
		OR EXISTS (SELECT 1 FROM web_address a JOIN web_score s ON s.address = a.id WHERE a.website = ?1)`, id).Scan(&measured)
	if err == nil && measured {
		err = bury(ctx, tx, collector.GoneWebsite, id)
	}
	if err != nil {
		return err
	}
	return forgetRefusedOf(ctx, tx, collector.GoneWebsite, id)
}

// AskWebsite keeps that somebody asked for a website to be measured as soon as may be. It answers ErrNotFound when there is none.
func (s *Store) AskWebsite(ctx context.Context, id int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "UPDATE website SET asked = 1 WHERE id = ?", id))
	})
	if err != nil {
		return fmt.Errorf("ask for website %d: %w", id, err)
	}
	return nil
}

// AskedWebsites are the numbers of the websites that somebody asked for, in their order. It reads an index of those alone.
func (s *Store) AskedWebsites(ctx context.Context) ([]int64, error) {
	all, err := list(ctx, s.read, scanOne[int64], "SELECT id FROM website WHERE asked = 1 ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("list the websites that were asked for: %w", err)
	}
	return all, nil
}

// PlanWebsite keeps when a website is measured again after a measure in vain, and whether it is asked for. It answers ErrNotFound when there is none.
func (s *Store) PlanWebsite(ctx context.Context, id int64, p collector.WebPlan) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.refusal(planWebsite(ctx, tx, id, p)) })
	if err != nil {
		return fmt.Errorf("plan website %d: %w", id, err)
	}
	return nil
}

func planWebsite(ctx context.Context, tx *sql.Tx, id int64, p collector.WebPlan) error {
	return one(tx.ExecContext(ctx, "UPDATE website SET next_on = ?, tries = ?, problem = ?, asked = ? WHERE id = ?", p.NextOn, p.Tries, p.Problem, p.Asked, id))
}

// AllowHost lets websites of an organisation be measured at a host that is not public. It answers ErrNotFound when there is no such organisation.
func (s *Store) AllowHost(ctx context.Context, organisation int64, host string) error {
	err := checkLine(host)
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO web_host (organisation, host) VALUES (?, ?) ON CONFLICT DO NOTHING", organisation, host)
			return s.refusal(err)
		})
	}
	if err != nil {
		return fmt.Errorf("allow host %q: %w", host, err)
	}
	return nil
}

// ForbidHost undoes AllowHost. It answers ErrNotFound when the host was not allowed.
func (s *Store) ForbidHost(ctx context.Context, organisation int64, host string) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "DELETE FROM web_host WHERE organisation = ? AND host = ?", organisation, host))
	})
	if err != nil {
		return fmt.Errorf("forbid host %q: %w", host, err)
	}
	return nil
}

// AllowedHosts are the hosts that AllowHost let be measured for an organisation, sorted.
func (s *Store) AllowedHosts(ctx context.Context, organisation int64) ([]string, error) {
	all, err := list(ctx, s.read, scanOne[string], "SELECT host FROM web_host WHERE organisation = ? ORDER BY host", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the hosts that are allowed: %w", err)
	}
	return all, nil
}

// list is what scan makes of each row that a query gives.
func list[T any](ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, scan func(*sql.Rows) (T, error), query string, args ...any,
) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []T
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

func scanOne[T any](rows *sql.Rows) (x T, err error) {
	err = rows.Scan(&x)
	return x, err
}

// moment is a time as the tables have it: seconds since 1970, or nothing for the zero time.
func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

// momentIn undoes moment.
func momentIn(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.Unix(n.Int64, 0).UTC()
}

// notBefore is the first whole second that is not before t.
func notBefore(t time.Time) int64 {
	if t.Nanosecond() > 0 && t.Unix() < math.MaxInt64 {
		return t.Unix() + 1
	}
	return t.Unix()
}
