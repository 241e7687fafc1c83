package signin

import (
	"crypto/sha256"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// After how many wrong passwords, within what time, the next ones lock; and for how long at most.
const (
	freeOfName    = 5
	freeOfAddress = 20
	lockWindow    = 15 * time.Minute
	longestLock   = 15 * time.Minute
)

// locks count wrong passwords, in memory only: of a name, whether it exists or not, and of an address.
//
// Whoever knows a name could keep its owner out by wrong passwords. So the address is looked at first, and what comes from a locked one does
// not count for the name; and an address from which the name has signed in before, since the collector started, has a count of its own for it,
// which nobody elsewhere can fill. Sessions, invitations and the directory are not touched by a lock, and no lock is longer than 15 minutes.
// What is kept is hashes of names and addresses, without a time for those who succeeded.
type locks struct {
	mu     sync.Mutex
	counts *recent[lockKey, count]
	homes  *recent[lockKey, struct{}] // names at addresses from which they signed in
}

// lockKey is a hash of a name, of an address or of both: names may hold a password that was typed in the wrong field.
type lockKey [sha256.Size]byte

// count is wrong passwords.
type count struct {
	wrong  int
	until  time.Time // it is locked; zero: it is not
	forget time.Time // from when on it starts again
}

func newLocks() *locks {
	return &locks{counts: newRecent[lockKey, count](), homes: newRecent[lockKey, struct{}]()}
}

// try is one password that was given.
type try struct {
	locks               *locks
	address, name, home lockKey // name is home where the name has signed in from there before
	locksName           bool    // it is the first of the name's that locks
}

// begin counts a password as a wrong one, or answers a LockedError.
func (l *locks) begin(name string, from netip.Addr) (try, error) {
	name, from = "name "+strings.ToLower(name), network(from)
	t := try{locks: l, address: sha256.Sum256([]byte("address " + from.String())), name: sha256.Sum256([]byte(name))}
	t.home = sha256.Sum256([]byte("home " + from.String() + " " + name)) // in this order: an address has no space, and names have anything
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.homes.get(t.home); ok {
		t.name = t.home
	}
	for _, key := range []lockKey{t.address, t.name} {
		if c, _ := l.counts.get(key); c.until.After(now) {
			return try{}, LockedError{Minutes: int((c.until.Sub(now) + time.Minute - 1) / time.Minute)}
		}
	}
	l.count(t.address, freeOfAddress, now)
	t.locksName = l.count(t.name, freeOfName, now) == freeOfName+1
	return t, nil
}

// count adds a wrong password, and answers how many there are.
func (l *locks) count(key lockKey, free int, now time.Time) int {
	c, _ := l.counts.get(key)
	if !c.forget.After(now) {
		c = count{forget: now.Add(lockWindow)}
	}
	c.wrong++
	if more := c.wrong - free; more > 0 {
		c.until = now.Add(min(time.Minute<<min(more-1, 8), longestLock))
		c.forget = c.until.Add(lockWindow)
	}
	l.counts.set(key, c)
	return c.wrong
}

// undo takes back what begin counted.
func (t try) undo() {
	t.locks.mu.Lock()
	defer t.locks.mu.Unlock()
	t.locks.takeBack(t.address)
	t.locks.takeBack(t.name)
}

// succeed forgets what was wrong for the name. The address keeps what others did from there.
func (t try) succeed() {
	t.locks.mu.Lock()
	defer t.locks.mu.Unlock()
	t.locks.takeBack(t.address)
	t.locks.counts.remove(t.name)
	t.locks.homes.set(t.home, struct{}{})
}

// takeBack takes one from a count. It was not locked before, or it would not have been counted. One of nothing goes: whoever sends many names at
// once, none of which is looked at, does not push the counts of others out.
func (l *locks) takeBack(key lockKey) {
	c, ok := l.counts.get(key)
	switch {
	case !ok:
	case c.wrong <= 1:
		l.counts.remove(key)
	default:
		c.wrong, c.until = c.wrong-1, time.Time{}
		l.counts.set(key, c)
	}
}

// forgive forgets the wrong passwords of a name, wherever they came from but an address of its own.
func (l *locks) forgive(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.remove(sha256.Sum256([]byte("name " + strings.ToLower(name))))
}

// network is what counts as one address: with IPv6 the 64 bits of a network, since a machine has as many addresses in it as it likes.
func network(a netip.Addr) netip.Addr {
	if a = a.Unmap().WithZone(""); a.Is6() {
		return netip.PrefixFrom(a, 64).Masked().Addr()
	}
	return a
}
