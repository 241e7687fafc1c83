package signin

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// journey is what is known of somebody who was sent to the directory, until he is back. His browser holds it, sealed, so that nothing is kept
// here for those who never come back.
type journey struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Until    time.Time `json:"until"`
}

// longestJourney is how long somebody may take to sign in at the directory.
const longestJourney = 10 * time.Minute

// newSeal makes a key that nobody else has, and that is gone when the collector ends.
func newSeal() (cipher.AEAD, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails since Go 1.24
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("make a seal: %w", err)
	}
	return seal, nil
}

// sealed is j as nobody else can read or change it.
func (d *Directory) sealed(j journey) (string, error) {
	text, err := json.Marshal(j)
	if err != nil {
		return "", fmt.Errorf("write a journey: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(d.seal.Seal(nil, nil, text, nil)), nil
}

// unsealed is the journey of a cookie; ErrWrong where it is not ours, or took too long.
func (d *Directory) unsealed(cookie string) (journey, error) {
	var j journey
	secret, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return j, ErrWrong
	}
	text, err := d.seal.Open(nil, nil, secret, nil)
	if err != nil || json.Unmarshal(text, &j) != nil || !time.Now().Before(j.Until) {
		return j, ErrWrong
	}
	return j, nil
}
