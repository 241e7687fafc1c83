package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"veille/collector"
)

// secretBytes is the length of a session's secret: 256 bits, so that nobody finds one by trying.
const secretBytes = 32

// longestUnused is how long a session may be unused.
const longestUnused = time.Hour

// MostSessions is how many sessions a user may have at a time; one more ends the one that was not used for longest. So nobody who signs in again
// and again ends the sessions of others, of which so many are kept in memory and no more.
const MostSessions = 20

// open begins a session of a user, which is good until the end of tomorrow at most. Of a user who has MostSessions already, one ends for it.
func (d *Desk) open(ctx context.Context, user collector.User) (secret string, err error) {
	if err := d.sweep(ctx); err != nil {
		return "", err
	}
	random := make([]byte, secretBytes)
	_, _ = rand.Read(random) // never fails since Go 1.24
	secret = base64.RawURLEncoding.EncodeToString(random)
	last, err := dayAfter(d.today())
	if err != nil {
		return "", err
	}
	s := collector.Session{Hash: sha256.Sum256([]byte(secret)), User: user.ID, ExpiresOn: last}
	d.opening.Lock()
	defer d.opening.Unlock()
	if err := d.makeRoom(ctx, user.ID); err != nil {
		return "", err
	}
	if err := d.ledger.AddSession(ctx, s); err != nil {
		return "", fmt.Errorf("keep a session of user %d: %w", user.ID, err)
	}
	return secret, d.touch(ctx, s.Hash, user.ID)
}

// makeRoom ends the session of a user that was not used for longest, where it has as many as it may have. It comes before the next is kept: the
// ledger does not know which it was, and would end them all. It knows nothing of those that were not used since the collector was started.
func (d *Desk) makeRoom(ctx context.Context, user int64) error {
	if hash, full := d.used.oldestOf(user); full {
		return d.end(ctx, hash)
	}
	return nil
}

func dayAfter(date collector.Date) (collector.Date, error) {
	t, err := date.Midnight(time.UTC)
	return collector.DateOf(t.AddDate(0, 0, 1)), err
}

// Who is whose session a secret is of; collector.ErrNotFound where it is nobody's, or over: after an hour without use, and at the end of the
// day after it began. When it was last used is in memory; where the collector was started anew since, the hour begins again.
func (d *Desk) Who(ctx context.Context, secret string) (collector.User, error) {
	if base64.RawURLEncoding.DecodedLen(len(secret)) != secretBytes {
		return collector.User{}, collector.ErrNotFound
	}
	hash := sha256.Sum256([]byte(secret))
	user, err := d.ledger.Session(ctx, hash, d.today())
	if err != nil {
		return collector.User{}, fmt.Errorf("look for a session: %w", err)
	}
	if d.used.over(hash) {
		return collector.User{}, errors.Join(collector.ErrNotFound, d.end(ctx, hash))
	}
	return user, d.touch(ctx, hash, user.ID)
}

// Leave ends a session; one that is unknown is over already.
func (d *Desk) Leave(ctx context.Context, secret string) error {
	return d.end(ctx, sha256.Sum256([]byte(secret)))
}

// end ends a session. It is forgotten only once the ledger has: its hour must not begin again.
func (d *Desk) end(ctx context.Context, hash [32]byte) error {
	if err := d.ledger.EndSession(ctx, hash); err != nil && !errors.Is(err, collector.ErrNotFound) {
		return fmt.Errorf("end a session: %w", err)
	}
	d.used.forget(hash)
	return nil
}

// touch marks a session of a user as used now. Where that is one too many, of this user or of all, the one of them that was not used for longest
// ends.
func (d *Desk) touch(ctx context.Context, hash [32]byte, user int64) error {
	if gone, full := d.used.touch(hash, user); full {
		return d.end(ctx, gone)
	}
	return nil
}

// sweep ends sessions that were not used for too long, so that they do not wait in memory for whoever will not come back.
func (d *Desk) sweep(ctx context.Context) error {
	for {
		hash, ok := d.used.oldestOver()
		if !ok {
			return nil
		}
		if err := d.end(ctx, hash); err != nil {
			return err
		}
	}
}

// lastUses is when sessions were last used.
type lastUses struct {
	mu    sync.Mutex
	times *recent[[32]byte, lastUse]
}

// lastUse is when a session was last used, and whose it is.
type lastUse struct {
	at   time.Time // on the monotonic clock
	user int64
}

func newLastUses() *lastUses { return &lastUses{times: newRecent[[32]byte, lastUse]()} }

func (l *lastUses) touch(hash [32]byte, user int64) (gone [32]byte, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.times.get(hash); !known {
		if gone, full = l.oldest(user); full {
			l.times.remove(gone) // first, so that none of another user has to go
		}
	}
	other, crowded := l.times.set(hash, lastUse{time.Now(), user})
	if crowded {
		return other, true
	}
	return gone, full
}

// oldestOf is the session of a user that was not used for longest, where the user has as many as it may have.
func (l *lastUses) oldestOf(user int64) (hash [32]byte, full bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.oldest(user)
}

// oldest is oldestOf for those who hold the lock.
func (l *lastUses) oldest(user int64) (hash [32]byte, full bool) {
	n := 0
	l.times.each(func(key [32]byte, use lastUse) {
		if use.user != user {
			return
		}
		if n++; n == 1 {
			hash = key
		}
	})
	return hash, n >= MostSessions
}

// over tells whether a session was not used for too long.
func (l *lastUses) over(hash [32]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, ok := l.times.get(hash)
	return ok && time.Since(last.at) >= longestUnused
}

func (l *lastUses) oldestOver() (hash [32]byte, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hash, last, ok := l.times.oldest()
	return hash, ok && time.Since(last.at) >= longestUnused
}

func (l *lastUses) forget(hash [32]byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times.remove(hash)
}
