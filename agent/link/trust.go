package link

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
)

// authorities are those of the system and those in a PEM file. It is nil, which stands for those of the system, without a
// file.
func authorities(name string) (*x509.CertPool, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the authorities of --ca: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without authorities; then those of the file are all
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s, the file of --ca, has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----", name)
	}
	return pool, nil
}

// pinPrefix begins a pin: the hash it is made with.
const pinPrefix = "sha256/"

// pins are SHA-256 hashes of public keys, of which the collector's certificate or one that vouches for it must have one; none:
// any will do. They are checked after the chain of certificates, not in its place.
type pins [][]byte

// parsePins reads "sha256/BASE64", several with commas between them: the next one is set before the collector's certificate
// changes. What is hashed is the SubjectPublicKeyInfo of a certificate, in DER, as RFC 7469 §2.4 has it.
func parsePins(list string) (pins, error) {
	if list == "" {
		return nil, nil
	}
	var all pins
	for text := range strings.SplitSeq(list, ",") {
		text = strings.TrimSpace(text)
		encoded, ok := strings.CutPrefix(text, pinPrefix)
		sum, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if !ok || err != nil || len(sum) != sha256.Size {
			return nil, fmt.Errorf("the pin %q is not %s and 44 characters of base64", text, pinPrefix)
		}
		all = append(all, sum)
	}
	return all, nil
}

// check refuses a collector that is not pinned, and shows the pin it would have.
func (p pins) check(connection tls.ConnectionState) error {
	if len(p) == 0 {
		return nil
	}
	for _, chain := range connection.VerifiedChains {
		for _, certificate := range chain {
			sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
			for _, pin := range p {
				if bytes.Equal(pin, sum[:]) {
					return nil
				}
			}
		}
	}
	if len(connection.PeerCertificates) == 0 {
		return errors.New("the collector has no certificate to compare with the pin")
	}
	return fmt.Errorf("the collector's certificate has the pin %s, and neither it nor those that vouch for it the pin that is set: "+
		"set this one if its administrator confirms it, else somebody is in between", PinOf(connection.PeerCertificates[0]))
}

// PinOf is the pin of a certificate.
func PinOf(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return pinPrefix + base64.StdEncoding.EncodeToString(sum[:])
}
