package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"sync"

	"veille/collector"
	"veille/collector/store/sqlite"
)

// maxLookups is how many keys are looked up at once. A key has 256 random bits, and nobody finds one by trying: this spares the ledger.
const maxLookups = 4

// keyring knows users by their keys, and lets each make one call at a time.
type keyring struct {
	lookups chan struct{}

	mu   sync.Mutex
	busy map[int64]bool // by user
}

func newKeyring() *keyring {
	return &keyring{lookups: make(chan struct{}, maxLookups), busy: map[int64]bool{}}
}

// user is whose key the Authorization header of a call has.
func (k *keyring) user(ctx context.Context, store *sqlite.Store, header string) (collector.User, error) {
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
func (k *keyring) begin(user int64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy[user] {
		return false
	}
	k.busy[user] = true
	return true
}

// end says that the call is over.
func (k *keyring) end(user int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.busy, user)
}
