package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"veille/collector"
)

// putPages puts the pages of the run in the place of those of the same addresses. An audit that is as it was is not written again.
func (k *runKeeping) putPages(ctx context.Context) (err error) {
	put, err := k.tx.PrepareContext(ctx, `INSERT INTO web_page (address, template, score, dom, requests, size_kb, browser_dom, browser_requests, browser_size_kb, at, seen_at, code, problem)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET template = excluded.template, score = excluded.score, dom = excluded.dom,
		requests = excluded.requests, size_kb = excluded.size_kb, browser_dom = excluded.browser_dom, browser_requests = excluded.browser_requests,
		browser_size_kb = excluded.browser_size_kb, at = excluded.at, seen_at = excluded.seen_at, code = excluded.code, problem = excluded.problem`)
	if err != nil {
		return err
	}
	defer func() { _ = put.Close() }()
	audit, err := k.tx.PrepareContext(ctx, "INSERT INTO web_audit (address, body) VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET body = excluded.body WHERE web_audit.body <> excluded.body")
	if err != nil {
		return err
	}
	defer func() { _ = audit.Close() }()
	for i, p := range k.pages {
		a, err := k.address(ctx, p.URL)
		if err != nil {
			return fmt.Errorf("page %s: %w", p.URL, k.refusal(err))
		}
		a.found = true
		var dom, requests, size any
		if b := p.Browser; b != nil {
			dom, requests, size = b.DOM, b.Requests, b.SizeKB
		}
		_, err = put.ExecContext(ctx, a.id, p.Group, p.Score, p.Static.DOM, p.Static.Requests, p.Static.SizeKB, dom, requests, size, moment(p.At), moment(p.SeenAt), p.Code, p.Problem)
		if err == nil && k.audits[i] != nil {
			_, err = audit.ExecContext(ctx, a.id, k.audits[i])
		} else if err == nil && a.paged {
			_, err = k.tx.ExecContext(ctx, "DELETE FROM web_audit WHERE address = ?", a.id)
		}
		if err != nil {
			return fmt.Errorf("page %s: %w", p.URL, k.refusal(err))
		}
	}
	return nil
}

// putScores adds the scores of the run to the history.
func (k *runKeeping) putScores(ctx context.Context) error {
	h, err := newHistory(ctx, k.tx, k.methods)
	if err != nil {
		return err
	}
	defer h.close()
	for url, x := range k.scores {
		a, err := k.address(ctx, url)
		if err == nil {
			err = h.put(ctx, a, x)
		}
		if err != nil {
			return fmt.Errorf("the score of %s: %w", url, k.refusal(err))
		}
	}
	return nil
}

// history writes scores.
type history struct {
	tx      *sql.Tx
	methods map[method]int64
	insert  *sql.Stmt
	first   *sql.Stmt
}

func newHistory(ctx context.Context, tx *sql.Tx, methods map[method]int64) (h history, err error) {
	h = history{tx: tx, methods: methods}
	if h.insert, err = tx.PrepareContext(ctx, `INSERT INTO web_score (address, at, method, dom, requests, size_kb, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (address, at) DO UPDATE SET method = excluded.method, dom = excluded.dom, requests = excluded.requests, size_kb = excluded.size_kb, raw = excluded.raw`); err != nil {
		return h, err
	}
	h.first, err = tx.PrepareContext(ctx, "UPDATE web_address SET first_at = ? WHERE id = ?")
	if err != nil {
		return h, errors.Join(err, h.insert.Close())
	}
	return h, nil
}

func (h history) close() {
	_ = h.insert.Close()
	_ = h.first.Close()
}

func (h history) put(ctx context.Context, a *webAddress, x collector.WebScore) error {
	number, err := methodOf(ctx, h.tx, h.methods, method{x.Mode, x.Protocol, x.Version})
	if err != nil {
		return err
	}
	at := x.At.Unix()
	if !a.first.Valid || at < a.first.Int64 {
		a.first = sql.NullInt64{Int64: at, Valid: true}
		if _, err := h.first.ExecContext(ctx, at, a.id); err != nil {
			return err
		}
	}
	_, err = h.insert.ExecContext(ctx, a.id, at, number, x.DOM, x.Requests, x.SizeKB, x.Raw)
	return err
}

// pageColumns are what a page is read from.
const pageColumns = `SELECT a.website, a.url, p.template, p.score, p.dom, p.requests, p.size_kb, p.browser_dom, p.browser_requests, p.browser_size_kb,
	p.at, p.seen_at, p.code, p.problem`

// scanPage reads pageColumns, and what comes after them into more.
func scanPage(row interface{ Scan(into ...any) error }, more ...any) (p collector.WebPage, err error) {
	var dom, requests, at, seen sql.NullInt64
	var size sql.NullFloat64
	err = row.Scan(append([]any{
		&p.Website, &p.URL, &p.Group, &p.Score, &p.Static.DOM, &p.Static.Requests, &p.Static.SizeKB, &dom, &requests, &size,
		&at, &seen, &p.Code, &p.Problem,
	}, more...)...)
	if dom.Valid {
		p.Browser = &collector.WebSizes{DOM: int(dom.Int64), Requests: int(requests.Int64), SizeKB: size.Float64}
	}
	p.At, p.SeenAt = momentIn(at), momentIn(seen)
	return p, err
}

// WebPages are the pages of the last run of a website, by address, without Audit.
func (s *Store) WebPages(ctx context.Context, website int64) ([]collector.WebPage, error) {
	all, err := list(ctx, s.read, func(rows *sql.Rows) (collector.WebPage, error) { return scanPage(rows) },
		pageColumns+" FROM web_address a JOIN web_page p ON p.address = a.id WHERE a.website = ? ORDER BY a.url", website)
	if err != nil {
		return nil, fmt.Errorf("list the pages of website %d: %w", website, err)
	}
	return all, nil
}

// WebPage is a page of the last run of a website, with Audit; ErrNotFound where it has none at that address.
func (s *Store) WebPage(ctx context.Context, website int64, url string) (collector.WebPage, error) {
	var audit []byte
	p, err := scanPage(s.read.QueryRowContext(ctx, pageColumns+`, b.body FROM web_address a JOIN web_page p ON p.address = a.id
		LEFT JOIN web_audit b ON b.address = a.id WHERE a.website = ? AND a.url = ?`, website, url), &audit)
	if errors.Is(err, sql.ErrNoRows) {
		err = collector.ErrNotFound
	}
	if err == nil {
		if p.Audit, err = inflate(pageKey(website, url), audit); err != nil {
			err = fmt.Errorf("its audit: %w", s.noticed(err))
		}
	}
	if err != nil {
		return collector.WebPage{}, fmt.Errorf("page %s of website %d: %w", url, website, err)
	}
	return p, nil
}

// scoreColumns are what a score is read from.
const scoreColumns = "s.at, m.mode, m.protocol, m.version, s.dom, s.requests, s.size_kb, s.raw"

// scanScore reads what comes before scoreColumns into more, and those.
func scanScore(rows *sql.Rows, more ...any) (x collector.WebScore, err error) {
	var at int64
	err = rows.Scan(append(more, &at, &x.Mode, &x.Protocol, &x.Version, &x.DOM, &x.Requests, &x.SizeKB, &x.Raw)...)
	x.At = time.Unix(at, 0).UTC()
	return x, err
}

// WebScores is the history of one page of a website from a moment on, the oldest first, also of one that is gone.
func (s *Store) WebScores(ctx context.Context, website int64, url string, from time.Time) ([]collector.WebScore, error) {
	all, err := list(ctx, s.read, func(rows *sql.Rows) (collector.WebScore, error) { return scanScore(rows) },
		"SELECT "+scoreColumns+` FROM web_address a JOIN web_score s ON s.address = a.id JOIN web_method m ON m.id = s.method
		WHERE a.website = ? AND a.url = ? AND s.at >= ? ORDER BY s.at`, website, url, notBefore(from))
	if err != nil {
		return nil, fmt.Errorf("read the history of %s of website %d: %w", url, website, err)
	}
	return all, nil
}

// websites checks what is packed of websites.
func (c checking) websites(ctx context.Context) error {
	if c.findings.Version < versionOfWebsites {
		return nil
	}
	bad := 0
	_, err := list(ctx, c.db, func(rows *sql.Rows) (struct{}, error) {
		var r collector.WebRun
		var at int64
		var body, audit []byte
		if err := rows.Scan(&r.Website, &at, &body, &audit); err != nil {
			return struct{}{}, err
		}
		r.At = time.Unix(at, 0).UTC()
		err := unpackRun(&r, body)
		if err == nil {
			_, err = inflate(runKey(r.Website, r.At), audit)
		}
		bad = c.note(bad, err, "the run of website %d at %s", r.Website, r.At.Format(time.RFC3339))
		return struct{}{}, nil
	}, "SELECT website, at, body, audit FROM web_run")
	if err != nil {
		return fmt.Errorf("read the runs of websites: %w", err)
	}
	bad = 0
	_, err = list(ctx, c.db, func(rows *sql.Rows) (struct{}, error) {
		var website int64
		var url string
		var audit []byte
		if err := rows.Scan(&website, &url, &audit); err != nil {
			return struct{}{}, err
		}
		_, err := inflate(pageKey(website, url), audit)
		bad = c.note(bad, err, "page %s of website %d", url, website)
		return struct{}{}, nil
	}, "SELECT a.website, a.url, b.body FROM web_audit b JOIN web_address a ON a.id = b.address")
	if err != nil {
		return fmt.Errorf("read the audits of pages: %w", err)
	}
	return nil
}
