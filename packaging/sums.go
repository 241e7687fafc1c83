package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aead.dev/minisign"
)

// Files beside the packages.
const (
	sumsFile      = "SHA256SUMS"
	signatureFile = sumsFile + ".minisig"
)

// sum writes the sums of what was made, as sha256sum checks them, prints them, and signs them where there is a key.
func (r *release) sum(key string) error {
	slices.Sort(r.made)
	var b strings.Builder
	for _, name := range r.made {
		text, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(text), name)
	}
	if err := os.WriteFile(filepath.Join(r.out, sumsFile), []byte(b.String()), 0o644); err != nil {
		return err
	}
	// A signature of other sums would be worse than none.
	if err := os.Remove(filepath.Join(r.out, signatureFile)); err != nil && !os.IsNotExist(err) {
		return err
	}
	_, _ = fmt.Fprintf(r.progress, "%s:\n%s", sumsFile, b.String())
	if key == "" {
		_, _ = fmt.Fprintln(r.progress, "not signed: no --sign-key")
		return nil
	}
	return r.sign(key, []byte(b.String()))
}

// sign writes a signature that minisign -V verifies.
func (r *release) sign(key string, sums []byte) error {
	secret, err := signingKey(key)
	if err != nil {
		return fmt.Errorf("open the key for signing %s: %w; make one with minisign -G, and give its password in VEILLE_SIGN_PASSWORD", key, err)
	}
	trusted := fmt.Sprintf("Veille %s", r.version.text)
	signature := minisign.SignWithComments(secret, sums, trusted, "verify with minisign -V -p minisign.pub -m "+sumsFile)
	if err := os.WriteFile(filepath.Join(r.out, signatureFile), signature, 0o644); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(r.progress, "%s: by key %X\n", signatureFile, secret.ID())
	return nil
}

// signingKey reads a secret key, with a password or without.
func signingKey(file string) (key minisign.PrivateKey, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return key, err
	}
	if minisign.IsEncrypted(text) {
		return minisign.DecryptKey(os.Getenv("VEILLE_SIGN_PASSWORD"), text)
	}
	err = key.UnmarshalText(text)
	return key, err
}
