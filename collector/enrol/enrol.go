// Package enrol gives a machine its identity.
package enrol

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"veille/collector"
)

// Ledger remembers identities.
type Ledger interface {
	Enrol(ctx context.Context, e collector.Enrolment) (collector.Enrolled, error)
	Machine(ctx context.Context, credential [32]byte) (collector.Machine, error)
}

// Registry gives identities to machines.
type Registry struct {
	key    []byte // of the organisation; kept outside the ledger, so that the ledger alone names no machine
	ledger Ledger
}

// New makes a registry with the organisation's key.
func New(key []byte, ledger Ledger) *Registry { return &Registry{key, ledger} }

// Enrol gives the machine with this install key a password, if the site's token allows it. The ledger keeps the HMAC of
// the install key and hashes of token and password, and none of the three. It answers collector.ErrToken when the token
// does not allow it, and collector.ErrRevoked when the machine was revoked.
func (r *Registry) Enrol(ctx context.Context, token string, installKey []byte, use collector.Use, kind collector.Kind) (password string, e collector.Enrolled, err error) {
	mac := hmac.New(sha256.New, r.key)
	mac.Write(installKey)
	password = Secret()
	e, err = r.ledger.Enrol(ctx, collector.Enrolment{
		Token: sha256.Sum256([]byte(token)), Pseudonym: [32]byte(mac.Sum(nil)), Credential: sha256.Sum256([]byte(password)),
		Use: use, Kind: kind, On: collector.DateOf(time.Now()),
	})
	return password, e, err
}

// Machine is the machine that has this password, or collector.ErrNotFound.
func (r *Registry) Machine(ctx context.Context, password string) (collector.Machine, error) {
	return r.ledger.Machine(ctx, sha256.Sum256([]byte(password)))
}

// NewToken makes a token for a site, good for some machines and days, and its entry in the ledger. The token itself is
// shown once and kept nowhere.
func NewToken(site int64, machines, days int) (string, collector.Token) {
	token, now := Secret(), time.Now()
	return token, collector.Token{
		Hash: sha256.Sum256([]byte(token)), Site: site, Quota: machines,
		CreatedOn: collector.DateOf(now), ExpiresOn: collector.DateOf(now.AddDate(0, 0, days)),
	}
}

// Secret is 256 random bits, a little less, in letters that need no quoting. The first is no dash: a command would take it for a flag.
func Secret() string {
	for {
		b := make([]byte, 32)
		_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
		if text := base64.RawURLEncoding.EncodeToString(b); text[0] != '-' {
			return text
		}
	}
}

// LoadKey reads 256 bits from a file, and makes the file with random ones when there is none. what says in errors what the key is.
// Whoever loses the organisation's key loses the link between machines and their records: a machine enrolled again would be a new
// one. Whoever loses the key of policies cannot tell the machines anything before they are enrolled again.
func LoadKey(name, what string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		if err := makeKey(name, key); err != nil {
			return nil, fmt.Errorf("make the key of %s: %w", what, err)
		}
		return key, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of %s: %w", what, err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("the key of %s in %s is not 64 hexadecimal digits; restore it from a backup", what, name)
	}
	return key, nil
}

func makeKey(name string, key []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}
