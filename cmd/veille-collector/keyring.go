package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"veille/collector"
	"veille/collector/store/relational"
)

// maxLookups is how many keys are looked up at once. A key has 256 random bits, and nobody finds one by trying: this spares the ledger.
const maxLookups = 4

// keyring knows users by their keys, and lets each make one call at a time.
type keyring struct {
	lookups chan struct{}

	mu   sync.Mutex
	busy map[int64]chan struct{} // the calls under way, by user
}

func newKeyring() *keyring {
	return &keyring{lookups: make(chan struct{}, maxLookups), busy: map[int64]chan struct{}{}}
}

// user is whose key the Authorization header of a call has.
func (k *keyring) user(ctx context.Context, store *relational.Store, header string) (collector.User, error) {
	secret, bearer := strings.CutPrefix(header, "Bearer ")
	if !bearer || len(secret) > 100 {
		return collector.User{}, refusedError{http.StatusUnauthorized, "give a key: Authorization: Bearer KEY"}
	}
	select {
	case k.lookups <- struct{}{}:
		defer func() { <-k.lookups }()
	case <-ctx.Done():
		return collector.User{}, troubleError{ctx.Err()}
	}
	user, err := store.UserWith(ctx, sha256.Sum256([]byte(secret)), today())
	if errors.Is(err, collector.ErrNotFound) {
		return user, refusedError{http.StatusUnauthorized, "the key is unknown, expired or revoked; ask for a new one"}
	}
	if err != nil {
		return user, troubleError{err}
	}
	return user, nil
}

// begin tells whether a call of a user may begin: one at a time.
func (k *keyring) begin(user int64) bool { return k.under(user) == nil }

// wait waits until a call of a user may begin.
func (k *keyring) wait(ctx context.Context, user int64) error {
	for {
		under := k.under(user)
		if under == nil {
			return nil
		}
		select {
		case <-under:
		case <-ctx.Done():
			return troubleError{fmt.Errorf("wait for another call of the user: %w", ctx.Err())}
		}
	}
}

// under is the call of a user that is under way, which is closed when it ends; nil where there is none, and one of his has begun now.
func (k *keyring) under(user int64) chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if under, is := k.busy[user]; is {
		return under
	}
	k.busy[user] = make(chan struct{})
	return nil
}

// end says that the call is over.
func (k *keyring) end(user int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	close(k.busy[user])
	delete(k.busy, user)
}
