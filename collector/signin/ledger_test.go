package signin_test

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/signin"
)

// ledger keeps everything in memory.
type ledger struct {
	mu          sync.Mutex
	users       map[string]collector.User // by lower-cased name
	passwords   map[int64]string
	sessions    map[[32]byte]collector.Session
	invitations map[[32]byte]int64
	entries     []collector.Entry
	set         int // how often SetPassword was asked for
	fails       error
}

const goodPassword = "une tortue sous la pluie"

func newLedger() *ledger {
	l := &ledger{users: map[string]collector.User{}, passwords: map[int64]string{}, sessions: map[[32]byte]collector.Session{}, invitations: map[[32]byte]int64{}}
	l.users["ada"] = collector.User{ID: 1, Organisation: 3, Name: "Ada", Roles: []collector.Role{collector.RoleIT}}
	l.users["bob"] = collector.User{ID: 2, Organisation: 3, Name: "bob", Roles: []collector.Role{collector.RoleReader}}
	return l
}

func (l *ledger) UserNamed(_ context.Context, name string) (collector.User, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u, ok := l.users[strings.ToLower(name)]
	if !ok {
		return u, collector.ErrNotFound
	}
	return u, l.fails
}

func (l *ledger) Password(_ context.Context, user int64) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passwords[user], nil
}

func (l *ledger) SetPassword(_ context.Context, user int64, hash string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.set++
	l.passwords[user] = hash
	for hash, s := range l.sessions {
		if s.User == user {
			delete(l.sessions, hash)
		}
	}
	for hash, invited := range l.invitations {
		if invited == user {
			delete(l.invitations, hash)
		}
	}
	return nil
}

func (l *ledger) AddSession(_ context.Context, s collector.Session) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var others [][32]byte
	for hash, other := range l.sessions {
		if other.User == s.User {
			others = append(others, hash)
		}
	}
	if len(others) >= signin.MostSessions {
		for _, hash := range others {
			delete(l.sessions, hash)
		}
	}
	l.sessions[s.Hash] = s
	return nil
}

func (l *ledger) Session(_ context.Context, hash [32]byte, today collector.Date) (collector.User, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, ok := l.sessions[hash]
	if !ok || s.ExpiresOn < today {
		return collector.User{}, collector.ErrNotFound
	}
	return l.user(s.User)
}

func (l *ledger) EndSession(_ context.Context, hash [32]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, hash)
	return nil
}

func (l *ledger) Invited(_ context.Context, hash [32]byte, _ collector.Date) (collector.User, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, ok := l.invitations[hash]
	if !ok {
		return collector.User{}, collector.ErrNotFound
	}
	return l.user(id)
}

func (l *ledger) Note(_ context.Context, e collector.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, e)
	return nil
}

func (l *ledger) user(id int64) (collector.User, error) {
	for _, u := range l.users {
		if u.ID == id {
			return u, nil
		}
	}
	return collector.User{}, collector.ErrNotFound
}

// invite invites Ada by a secret.
func (l *ledger) invite(secret string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.invitations[sha256.Sum256([]byte(secret))] = 1
}

// clock is a date that a test moves.
type clock struct{ date collector.Date }

func (c *clock) today() collector.Date { return c.date }

func home() netip.Addr { return netip.MustParseAddr("192.0.2.1") }

// withAda is a desk where Ada has a password.
func withAda(t *testing.T) (*signin.Desk, *ledger, *clock) {
	t.Helper()
	l, c := newLedger(), &clock{"2026-11-22"}
	d := signin.New(l, nil, c.today)
	l.invite("come in")
	if _, err := d.Accept(t.Context(), "come in", goodPassword); err != nil {
		t.Fatal(err)
	}
	l.sessions, l.entries, l.set = map[[32]byte]collector.Session{}, nil, 0
	return d, l, c
}
