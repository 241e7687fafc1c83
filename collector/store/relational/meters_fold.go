package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"veille/collector"
)

// mostMeterPosts is how many bytes posts may take when they are in blocks already: those of a destination that is away for longer are brought to it by the
// nightly comparison.
const mostMeterPosts = 1 << 30

// readTogether is about how many bytes of posts are folded at once: a byte may become twenty in memory.
const readTogether = 4 << 20

// foldedTogether is about how many bytes of blocks are written in one transaction: posts that wait for it do not wait for long.
const foldedTogether = 256 << 10

// mostOfDay is how many samples a block may have: of a meter that says more, the last of each second is kept. The door lets no more in, but what
// comes in another order than that of its moments.
const mostOfDay = collector.MostASecond * 86_400

// errTurn says that somebody else has changed blocks since they were read.
var errTurn = errors.New("somebody else changes what meters said just now; try again")

// meterState is how far folding is.
type meterState struct{ folded, turn int64 }

func (s *Store) meterState(ctx context.Context) (st meterState, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT folded, turn FROM meter_state").Scan(&st.folded, &st.turn)
	if err != nil {
		return st, fmt.Errorf("read how far posts of meters are folded: %w", s.noticed(err))
	}
	return st, nil
}

// FoldMeters folds some of the posts that are not folded yet into blocks, one for each meter and day in UTC, and answers how much is left. Called again,
// also after a crash, it folds nothing twice: what a block has of a moment is replaced. It writes in small transactions, and answers others between.
func (s *Store) FoldMeters(ctx context.Context) (debt collector.MeterDebt, err error) {
	err = s.fold(ctx)
	if err == nil {
		err = s.boundPosts(ctx, mostMeterPosts)
	}
	if err != nil && !errors.Is(err, errTurn) {
		return debt, fmt.Errorf("fold the posts of meters: %w", err)
	}
	return s.MeterDebt(ctx)
}

// MeterDebt is how much is not folded yet.
func (s *Store) MeterDebt(ctx context.Context) (debt collector.MeterDebt, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(bytes), 0) FROM meter_post WHERE id > (SELECT folded FROM meter_state)").Scan(&debt.Posts, &debt.Bytes)
	if err != nil {
		return debt, fmt.Errorf("read how many posts of meters are not folded: %w", s.noticed(err))
	}
	return debt, nil
}

func (s *Store) fold(ctx context.Context) error {
	st, err := s.meterState(ctx)
	if err != nil {
		return err
	}
	found, err := s.posts(ctx, st.folded, 1<<20, readTogether)
	if err != nil || len(found) == 0 {
		return err
	}
	said := map[int64][]collector.MeterSample{}
	for _, p := range found {
		err := unpackPost(p.body, func(x collector.MeterSample) { said[x.Meter] = append(said[x.Meter], x) })
		if err != nil {
			return fmt.Errorf("post %d: %w", p.id, s.noticed(err))
		}
	}
	known := map[int64]collector.Meter{}
	for m := range said {
		known[m] = collector.Meter{}
	}
	if err := s.know(ctx, known); err != nil {
		return err
	}
	f := folding{store: s, turn: st.turn}
	for _, m := range slices.Sorted(maps.Keys(said)) {
		if known[m].ID == 0 {
			continue
		}
		past, err := s.pastOf(ctx, m)
		if err != nil {
			return err
		}
		// What is older than the past came so long ago that it would be deleted now: the accounts of its date would lose what was deleted.
		late := slices.DeleteFunc(said[m], func(x collector.MeterSample) bool { return past.Date != "" && x.At <= past.At })
		if err := f.meter(ctx, m, late); err != nil {
			return err
		}
		delete(said, m)
	}
	f.last = found[len(found)-1].id
	return f.write(ctx)
}

// folding is one run of fold.
type folding struct {
	store *Store
	turn  int64 // that the next write must find
	last  int64 // the post up to which everything is in blocks; 0: not yet
	made  []madeBlock
	bytes int
}

// madeBlock is a block that is to be written.
type madeBlock struct {
	blockKey
	samples int
	body    []byte
}

// meter folds what one meter said, in the order in which it came.
func (f *folding) meter(ctx context.Context, m int64, said []collector.MeterSample) error {
	byDay := map[int64][]collector.MeterSample{}
	for _, x := range said {
		byDay[dayAt(x.At)] = append(byDay[dayAt(x.At)], x)
	}
	for _, day := range slices.Sorted(maps.Keys(byDay)) {
		k := blockKey{m, day}
		all, err := f.store.block(ctx, k)
		if err != nil {
			return err
		}
		all = thin(merged(append(all, byDay[day]...)))
		body := packBlock(k, all)
		f.made, f.bytes = append(f.made, madeBlock{k, len(all), body}), f.bytes+len(body)
		if f.bytes >= foldedTogether || len(f.made) >= 256 {
			if err := f.write(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// merged are samples of one meter by moment; of several of one moment the last counts.
func merged(all []collector.MeterSample) []collector.MeterSample {
	byMoment := func(a, b collector.MeterSample) int { return int(max(-1, min(1, a.At-b.At))) }
	if !slices.IsSortedFunc(all, byMoment) {
		slices.SortStableFunc(all, byMoment)
	}
	return lastOfEach(all)
}

// thin keeps the last of each second where there are too many.
func thin(all []collector.MeterSample) []collector.MeterSample {
	if len(all) <= mostOfDay {
		return all
	}
	n := 0
	for i, x := range all {
		if i+1 < len(all) && all[i+1].At/1000 == x.At/1000 {
			continue
		}
		all[n] = x
		n++
	}
	return all[:n]
}

// block is what a block has; nothing where there is none.
func (s *Store) block(ctx context.Context, k blockKey) ([]collector.MeterSample, error) {
	var body []byte
	err := s.read.QueryRowContext(ctx, "SELECT body FROM meter_block WHERE meter = ? AND day = ?", k.meter, k.day).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.noticed(err)
	}
	return s.unblock(k, body)
}

func (s *Store) unblock(k blockKey, body []byte) ([]collector.MeterSample, error) {
	all, err := unpackBlock(k, body)
	if err != nil {
		return nil, fmt.Errorf("meter %d on %s: %w", k.meter, dateOf(k.day), s.noticed(err))
	}
	return all, nil
}

// write puts the blocks that were made on disk, and at the end up to which post that is.
func (f *folding) write(ctx context.Context) error {
	err := f.store.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := takeTurn(ctx, tx, f.turn); err != nil {
			return err
		}
		for _, b := range f.made {
			if err := putBlock(ctx, tx, b); err != nil {
				return err
			}
		}
		if f.last == 0 {
			return nil
		}
		_, err := tx.ExecContext(ctx, "UPDATE meter_state SET folded = ?", f.last)
		return err
	})
	f.turn++
	f.made, f.bytes = nil, 0
	return err
}

// takeTurn fails when somebody else has changed blocks since the turn.
func takeTurn(ctx context.Context, tx *sql.Tx, turn int64) error {
	err := one(tx.ExecContext(ctx, "UPDATE meter_state SET turn = turn + 1 WHERE turn = ?", turn))
	if errors.Is(err, collector.ErrNotFound) {
		return errTurn
	}
	return err
}

// putBlock writes a block, unless its meter is gone.
func putBlock(ctx context.Context, tx *sql.Tx, b madeBlock) error {
	var there int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM meter WHERE id = ?", b.meter).Scan(&there); err != nil || there == 0 {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO meter_block (meter, day, samples, body) VALUES (?, ?, ?, ?)
		ON CONFLICT (meter, day) DO UPDATE SET samples = excluded.samples, body = excluded.body`, b.meter, b.day, b.samples, b.body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO meter_stale (meter, day) VALUES (?, ?) ON CONFLICT (meter, day) DO NOTHING", b.meter, b.day)
	return err
}

// boundPosts forgets the oldest posts that are in blocks, as many as are needed for all of them to have no more than so many bytes.
func (s *Store) boundPosts(ctx context.Context, most int64) error {
	var bytes int64
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(sum(bytes), 0) FROM meter_post").Scan(&bytes); err != nil || bytes <= most {
		return err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT id, bytes FROM meter_post ORDER BY id")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	upTo := int64(0)
	for bytes > most && rows.Next() {
		var id, n int64
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		upTo, bytes = id, bytes-n
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	return s.ForgetMeterPosts(ctx, upTo)
}
