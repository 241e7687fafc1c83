package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"veille/collector"
)

// KeepRun keeps what a measure of a website gave, all of it or, after an error, nothing: the run; its pages in the place of the last run's; a score
// of each page in scores, by address, in the history; when it is measured again, and whether it is asked for. A page that is not among pages goes, and its
// history stays. A run of the same website and moment that was kept before is not kept again, and nothing changes. Moments are cut to whole seconds.
// It answers ErrNotFound when there is no such website.
func (s *Store) KeepRun(ctx context.Context, r collector.WebRun, p collector.WebPlan, pages []collector.WebPage, scores map[string]collector.WebScore) error {
	k := runKeeping{refusal: s.refusal, run: r, plan: p, pages: pages, scores: scores}
	err := k.pack()
	if err == nil {
		err = s.update(ctx, k.keep)
	}
	if err != nil {
		return fmt.Errorf("keep the run of website %d: %w", r.Website, err)
	}
	return nil
}

// runKeeping is a run on its way into the tables.
type runKeeping struct {
	refusal func(error) error // of the store

	run    collector.WebRun
	plan   collector.WebPlan
	pages  []collector.WebPage
	scores map[string]collector.WebScore

	body, audit []byte   // of the run, packed
	audits      [][]byte // of the pages, packed

	tx        *sql.Tx
	methods   map[method]int64
	addresses map[string]*webAddress
}

// method is how something was measured.
type method struct{ mode, protocol, version string }

// webAddress is an address of the website.
type webAddress struct {
	id    int64
	first sql.NullInt64 // as in its table
	paged bool          // the last run found it
	found bool          // this one did
}

// pack checks what is to be kept and packs it, while other writes go on.
func (k *runKeeping) pack() (err error) {
	if err := k.check(); err != nil {
		return err
	}
	var d deflater
	if k.body, err = d.packRun(k.run); err != nil {
		return err
	}
	if k.audit, err = d.pack(runKey(k.run.Website, k.run.At), k.run.Audit); err != nil {
		return fmt.Errorf("the audit: %w", err)
	}
	k.audits = make([][]byte, len(k.pages))
	for i, p := range k.pages {
		if k.audits[i], err = d.pack(pageKey(k.run.Website, p.URL), p.Audit); err != nil {
			return fmt.Errorf("the audit of %s: %w", p.URL, err)
		}
	}
	return nil
}

func (k *runKeeping) check() error {
	lines := []string{k.run.Protocol, k.run.Version}
	for _, p := range k.pages {
		lines = append(lines, p.URL)
	}
	for url, x := range k.scores {
		lines = append(lines, url, x.Protocol, x.Version)
		if x.At.IsZero() {
			return fmt.Errorf("the score of %s has no moment", url)
		}
	}
	for _, line := range lines {
		if err := checkLine(line); err != nil {
			return err
		}
	}
	if k.run.At.IsZero() {
		return errors.New("it has no moment")
	}
	return nil
}

func (k *runKeeping) keep(ctx context.Context, tx *sql.Tx) error {
	k.tx, k.methods, k.addresses = tx, map[method]int64{}, map[string]*webAddress{}
	number, err := methodOf(ctx, tx, k.methods, method{k.run.Mode, k.run.Protocol, k.run.Version})
	if err != nil {
		return k.refusal(err)
	}
	result, err := tx.ExecContext(ctx, "INSERT INTO web_run (website, at, method, body, audit) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		k.run.Website, k.run.At.Unix(), number, k.body, k.audit)
	if err != nil {
		return k.refusal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 { // 0: it is there already
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE web_run SET audit = NULL WHERE website = ? AND at <> ? AND audit IS NOT NULL", k.run.Website, k.run.At.Unix()); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{k.known, k.putPages, k.putScores, k.leave} {
		if err := step(ctx); err != nil {
			return k.refusal(err)
		}
	}
	return k.refusal(planWebsite(ctx, tx, k.run.Website, k.plan))
}

// methodOf is the number of a method, which is given one where it has none. known are those that were met.
func methodOf(ctx context.Context, tx *sql.Tx, known map[method]int64, m method) (number int64, err error) {
	if number, ok := known[m]; ok {
		return number, nil
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO web_method (mode, protocol, version) SELECT ?1, ?2, ?3
		WHERE NOT EXISTS (SELECT 1 FROM web_method WHERE mode = ?1 AND protocol = ?2 AND version = ?3)`, m.mode, m.protocol, m.version); err != nil {
		return 0, err
	}
	err = tx.QueryRowContext(ctx, "SELECT id FROM web_method WHERE mode = ? AND protocol = ? AND version = ?", m.mode, m.protocol, m.version).Scan(&number)
	known[m] = number
	return number, err
}

// known reads the addresses that the website has.
func (k *runKeeping) known(ctx context.Context) error {
	_, err := list(ctx, k.tx, func(rows *sql.Rows) (struct{}, error) {
		var url string
		a := new(webAddress)
		err := rows.Scan(&a.id, &url, &a.first, &a.paged)
		k.addresses[url] = a
		return struct{}{}, err
	}, "SELECT a.id, a.url, a.first_at, p.address IS NOT NULL FROM web_address a LEFT JOIN web_page p ON p.address = a.id WHERE a.website = ?", k.run.Website)
	return err
}

// address is that of a page, which gets a number where it has none.
func (k *runKeeping) address(ctx context.Context, url string) (*webAddress, error) {
	if a := k.addresses[url]; a != nil {
		return a, nil
	}
	a := new(webAddress)
	err := k.tx.QueryRowContext(ctx, "INSERT INTO web_address (website, url) VALUES (?, ?) RETURNING id", k.run.Website, url).Scan(&a.id)
	k.addresses[url] = a
	return a, err
}

// leave deletes the pages that this run did not find, and their addresses where there is no history of them.
func (k *runKeeping) leave(ctx context.Context) error {
	for _, a := range k.addresses {
		if !a.paged || a.found {
			continue
		}
		for _, from := range []string{"web_audit WHERE address", "web_page WHERE address"} {
			if _, err := k.tx.ExecContext(ctx, "DELETE FROM "+from+" = ?", a.id); err != nil {
				return err
			}
		}
		if a.first.Valid {
			continue
		}
		if _, err := k.tx.ExecContext(ctx, "DELETE FROM web_address WHERE id = ?", a.id); err != nil {
			return err
		}
	}
	return nil
}

// runColumns are what a run is read from.
const runColumns = "r.website, r.at, m.mode, m.protocol, m.version, r.body"

// scanRun reads runColumns, and what comes after them into more.
func (s *Store) scanRun(row interface{ Scan(into ...any) error }, more ...any) (r collector.WebRun, err error) {
	var at int64
	var body []byte
	if err := row.Scan(append([]any{&r.Website, &at, &r.Mode, &r.Protocol, &r.Version, &body}, more...)...); err != nil {
		return r, err
	}
	r.At = time.Unix(at, 0).UTC()
	if err := unpackRun(&r, body); err != nil {
		return r, fmt.Errorf("the run of website %d at %s: %w", r.Website, r.At.Format(time.RFC3339), s.noticed(err))
	}
	return r, nil
}

func (s *Store) runs(ctx context.Context, rest string, args ...any) ([]collector.WebRun, error) {
	all, err := list(ctx, s.read, func(rows *sql.Rows) (collector.WebRun, error) { return s.scanRun(rows) }, "SELECT "+runColumns+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read the runs: %w", err)
	}
	return all, nil
}

// WebRuns are the runs of a website from a moment on, the oldest first, without Audit.
func (s *Store) WebRuns(ctx context.Context, website int64, from time.Time) ([]collector.WebRun, error) {
	return s.runs(ctx, " FROM web_run r JOIN web_method m ON m.id = r.method WHERE r.website = ? AND r.at >= ? ORDER BY r.at", website, notBefore(from))
}

// LastRuns are the last two runs of each website that has one, by its number, the newest first, without Audit.
func (s *Store) LastRuns(ctx context.Context) (map[int64][]collector.WebRun, error) {
	all, err := s.runs(ctx, ` FROM website w JOIN web_run r ON r.id IN (SELECT id FROM web_run WHERE website = w.id ORDER BY id DESC LIMIT 2)
		JOIN web_method m ON m.id = r.method ORDER BY r.website, r.id DESC`)
	if err != nil {
		return nil, err
	}
	last := map[int64][]collector.WebRun{}
	for _, r := range all {
		last[r.Website] = append(last[r.Website], r)
	}
	return last, nil
}

// LastWebRun is the run of a website that was kept last, with Audit; ErrNotFound where there was none.
func (s *Store) LastWebRun(ctx context.Context, website int64) (collector.WebRun, error) {
	var audit []byte
	r, err := s.scanRun(s.read.QueryRowContext(ctx, "SELECT "+runColumns+", r.audit FROM web_run r JOIN web_method m ON m.id = r.method WHERE r.website = ? ORDER BY r.id DESC LIMIT 1", website), &audit)
	if errors.Is(err, sql.ErrNoRows) {
		err = collector.ErrNotFound
	}
	if err == nil {
		if r.Audit, err = inflate(runKey(website, r.At), audit); err != nil {
			err = fmt.Errorf("its audit: %w", s.noticed(err))
		}
	}
	if err != nil {
		return collector.WebRun{}, fmt.Errorf("the last run of website %d: %w", website, err)
	}
	return r, nil
}
