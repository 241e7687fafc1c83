package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"veille/collector"
)

// MeterEntrance is what the token of this SHA-256 opens on a date. It answers ErrToken when it opens nothing.
func (s *Store) MeterEntrance(ctx context.Context, hash [32]byte, on collector.Date) (e collector.MeterEntrance, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT t.site, st.rules FROM meter_token t CROSS JOIN meter_state st
		WHERE t.hash = ? AND t.expires_on > ? AND t.revoked_on = ''`, hash[:], on).Scan(&e.Site, &e.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return e, collector.ErrToken
	}
	if err != nil {
		return e, fmt.Errorf("look a token for meters up: %w", s.noticed(err))
	}
	return e, nil
}

// KeepMeterPost puts what came in one post on disk, sorted by meter and moment: it changes samples. Of two of one meter and moment the last counts.
func (s *Store) KeepMeterPost(ctx context.Context, samples []collector.MeterSample) error {
	if len(samples) == 0 {
		return nil
	}
	body := packPost(samples)
	err := s.enqueue(job{ctx: ctx, clean: true, do: func(ctx context.Context, b *batch) error {
		if _, err := b.ExecContext(ctx, "INSERT INTO meter_post (bytes, body) VALUES (?, ?)", len(body), body); err != nil {
			return brokenError{err}
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("keep a post of meters: %w", err)
	}
	return nil
}

// post is one row of posts.
type post struct {
	id   int64
	body []byte
}

// posts are those after a number, in their order, until there are n of them or their bodies have so many bytes.
func (s *Store) posts(ctx context.Context, after int64, n int, bytes int) (all []post, err error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, body FROM meter_post WHERE id > ? ORDER BY id LIMIT ?", after, n)
	if err != nil {
		return nil, s.noticed(err)
	}
	defer func() { _ = rows.Close() }()
	for size := 0; size < bytes && rows.Next(); {
		var p post
		if err := rows.Scan(&p.id, &p.body); err != nil {
			return nil, s.noticed(err)
		}
		all, size = append(all, p), size+len(p.body)
	}
	return all, s.noticed(rows.Err())
}

// toldAtOnce is about how many bytes of posts are told at once: a byte may become a hundred in memory.
const toldAtOnce = 256 << 10

// MeterPosts are what came by the door after a post, in the order in which it was kept: n posts at most, and fewer where they
// are large, but one where there is one. A number may be missing where a post
// was not kept, or was forgotten.
func (s *Store) MeterPosts(ctx context.Context, after int64, n int) ([]collector.MeterPost, error) {
	found, err := s.posts(ctx, after, n, toldAtOnce)
	if err != nil {
		return nil, fmt.Errorf("read the posts of meters: %w", err)
	}
	samples := make([][]collector.MeterSample, len(found))
	known := map[int64]collector.Meter{}
	for i, p := range found {
		err := unpackPost(p.body, func(x collector.MeterSample) {
			samples[i] = append(samples[i], x)
			known[x.Meter] = collector.Meter{}
		})
		if err != nil {
			return nil, fmt.Errorf("post %d of meters: %w", p.id, s.noticed(err))
		}
	}
	if err := s.know(ctx, known); err != nil {
		return nil, fmt.Errorf("read the meters of posts: %w", err)
	}
	all := make([]collector.MeterPost, len(found))
	for i, p := range found {
		all[i].ID = p.id
		for _, x := range samples[i] {
			if m := known[x.Meter]; m.ID != 0 {
				all[i].Points = append(all[i].Points, m.Point(x))
			}
		}
	}
	return all, nil
}

// know finds meters by their numbers. Those of which nothing may be told stay empty.
func (s *Store) know(ctx context.Context, known map[int64]collector.Meter) error {
	numbers := make([]any, 0, len(known))
	for n := range known {
		numbers = append(numbers, n)
	}
	for some := range slices.Chunk(numbers, 500) {
		all, err := list(ctx, s.read, scanMeter, meters+" AND m.id IN ("+marks(len(some))+")", some...)
		if err != nil {
			return s.noticed(err)
		}
		for _, m := range all {
			known[m.ID] = m
		}
	}
	return nil
}

// ForgetMeterPosts deletes the posts up to a number, that one included, which are in blocks already. The others stay: the next call deletes them.
func (s *Store) ForgetMeterPosts(ctx context.Context, upTo int64) error {
	for {
		var last sql.NullInt64
		err := s.read.QueryRowContext(ctx, `SELECT max(id) FROM (SELECT id FROM meter_post WHERE id <= ? AND id <= (SELECT folded FROM meter_state)
			ORDER BY id LIMIT ?) p`, upTo, postsTogether).Scan(&last)
		if err == nil && !last.Valid {
			return nil
		}
		if err == nil {
			err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, "DELETE FROM meter_post WHERE id <= ?", last.Int64)
				return err
			})
		}
		if err != nil {
			return fmt.Errorf("forget the posts of meters: %w", err)
		}
	}
}

// postsTogether is how many posts are deleted in one transaction.
const postsTogether = 64
