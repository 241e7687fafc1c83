package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// What a hash costs. The figures are the second of the five settings of argon2id that OWASP's Password Storage Cheat Sheet takes as equally
// strong: 19 MiB, two passes, one lane.
const (
	memoryKiB    = 19 * 1024
	passes       = 2
	lanes        = 1
	saltBytes    = 16
	hashBytes    = 32
	mostHashings = 2 // at the same time: two processors, and 38 MiB
)

// The bounds of what a stored hash may ask for: whoever can write to the ledger must not stop the collector with it.
const (
	mostMemoryKiB = 64 * 1024
	mostPasses    = 10
	mostLanes     = 4
	mostWork      = 4 * mostMemoryKiB // KiB times passes, about half a second
	leastSalt     = 8
	mostSalt      = 64
	leastHash     = 16
	mostHash      = 64
)

// hash is a password that cannot be read back, by argon2id.
type hash struct {
	memory, passes uint32 // KiB, number
	lanes          uint8
	salt, sum      []byte
}

// newHash hashes a password with a salt of its own.
func newHash(password string) hash {
	h := hash{memory: memoryKiB, passes: passes, lanes: lanes, salt: make([]byte, saltBytes)}
	_, _ = rand.Read(h.salt) // never fails since Go 1.24
	h.sum = h.of(password, hashBytes)
	return h
}

// nobodysHash is what a password is compared with where there is no user. Nothing is known that matches it.
func nobodysHash() hash {
	return hash{memory: memoryKiB, passes: passes, lanes: lanes, salt: make([]byte, saltBytes), sum: make([]byte, hashBytes)}
}

// of is what a password becomes. The same letters typed on two systems may be different bytes: é is one character or two. So they are
// brought into one form first (NFC), in which nothing else is changed.
func (h hash) of(password string, length uint32) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), h.salt, h.passes, h.memory, h.lanes, length)
}

// matches tells, in a time that does not depend on the answer, whether it is the hash of a password.
func (h hash) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.of(password, uint32(len(h.sum))), h.sum) == 1
}

// older tells whether a password should be hashed again, because it was with less than now.
func (h hash) older() bool {
	return h.memory < memoryKiB || h.passes < passes || len(h.salt) < saltBytes || len(h.sum) < hashBytes
}

// String is the hash as a PHC string, for the ledger.
func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.sum))
}

// parse reads a PHC string: an error where it is none, or asks for more than the bounds.
func parse(text string) (hash, error) {
	form := regexp.MustCompile(`^\$argon2id\$v=19\$m=([1-9][0-9]{0,5}),t=([1-9][0-9]?),p=([1-9])\$([A-Za-z0-9+/]{1,99})\$([A-Za-z0-9+/]{1,99})$`)
	found := form.FindStringSubmatch(text)
	if found == nil {
		return hash{}, errors.New("this is not a hash by argon2id") // the text stays out of logs
	}
	var n [3]uint64
	for i := range n {
		var err error
		if n[i], err = strconv.ParseUint(found[i+1], 10, 32); err != nil {
			return hash{}, fmt.Errorf("read the cost of a hash: %w", err)
		}
	}
	h := hash{memory: uint32(n[0]), passes: uint32(n[1]), lanes: uint8(n[2])}
	var err error
	if h.salt, err = base64.RawStdEncoding.Strict().DecodeString(found[4]); err != nil {
		return hash{}, fmt.Errorf("read the salt of a hash: %w", err)
	}
	if h.sum, err = base64.RawStdEncoding.Strict().DecodeString(found[5]); err != nil {
		return hash{}, fmt.Errorf("read a hash: %w", err)
	}
	return h, h.bounded()
}

// bounded says which bound a stored hash passes, or nothing.
func (h hash) bounded() error {
	switch {
	case h.memory > mostMemoryKiB || h.memory < 8*uint32(h.lanes):
		return fmt.Errorf("a hash asks for %d KiB: at most %d, and 8 a lane", h.memory, mostMemoryKiB)
	case h.passes > mostPasses || h.lanes > mostLanes || h.memory*h.passes > mostWork:
		return fmt.Errorf("a hash asks for %d passes over %d KiB in %d lanes, which is too much", h.passes, h.memory, h.lanes)
	case len(h.salt) < leastSalt || len(h.salt) > mostSalt:
		return fmt.Errorf("a hash has a salt of %d bytes, not %d to %d", len(h.salt), leastSalt, mostSalt)
	case len(h.sum) < leastHash || len(h.sum) > mostHash:
		return fmt.Errorf("a hash has %d bytes, not %d to %d", len(h.sum), leastHash, mostHash)
	}
	return nil
}
