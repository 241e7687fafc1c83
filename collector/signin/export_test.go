package signin

import (
	"context"
	"net/netip"
	"time"
)

// PHC writes a hash of any cost.
func PHC(memory, passes uint32, lanes uint8, salt, sum []byte) string {
	return hash{memory, passes, lanes, salt, sum}.String()
}

// TakeAllTurns takes the turns of all who hash.
func TakeAllTurns(d *Desk) (giveBack func()) {
	for range cap(d.hashing) {
		d.hashing <- struct{}{}
	}
	return func() {
		for range cap(d.hashing) {
			<-d.hashing
		}
	}
}

// TakeTurnsOfStrangers takes the turns of those who hash and have not signed in from where they are before.
func TakeTurnsOfStrangers(d *Desk) (giveBack func()) {
	var all []func()
	for range cap(d.strangers) {
		one, err := d.turn(context.Background(), true)
		if err != nil {
			panic(err)
		}
		all = append(all, one)
	}
	return func() {
		for _, one := range all {
			one()
		}
	}
}

// Weak is the rule for passwords.
func Weak(password, name string) error { return weak(password, name) }

// Kept is of how many things a desk keeps something in memory.
func Kept(d *Desk) []int {
	return []int{d.locks.counts.order.Len(), len(d.locks.counts.places), d.used.times.order.Len(), len(d.used.times.places)}
}

// MostKept is how many it may be.
const MostKept = mostKept

// Lock is the locks alone, without hashing.
type Lock struct{ locks *locks }

// NewLock is locks of nothing.
func NewLock() Lock { return Lock{newLocks()} }

// Count counts a wrong password.
func Count(l Lock, name string, from netip.Addr) { _, _ = l.locks.begin(name, from) }

// Counted is of how many names and addresses wrong passwords are kept.
func Counted(l Lock) int { return len(l.locks.counts.places) }

// Touch uses a session of a user.
func Touch(ctx context.Context, d *Desk, hash [32]byte, user int64) error {
	return d.touch(ctx, hash, user)
}

// Seal is the cookie of a journey that begins now.
func Seal(d *Directory) string {
	text, _ := d.sealed(journey{Until: time.Now().Add(longestJourney)})
	return text
}

// Opens tells whether a cookie is that of a journey that is not over.
func Opens(d *Directory, cookie string) bool {
	_, err := d.unsealed(cookie)
	return err == nil
}
