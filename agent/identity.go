package agent

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"veille/agent/spool"
	"veille/agent/wire"
)

// Identity is what a machine has from its enrolment. Nothing in it is taken from the machine.
type Identity struct {
	Collector  string      `json:"collector"`   // address of the collector
	InstallKey string      `json:"install_key"` // 128 random bits, made once: enrolled again, the machine is the same one
	Credential string      `json:"credential"`  // the machine's password
	Site       string      `json:"site"`
	Use        wire.Use    `json:"use"`
	Policy     wire.Policy `json:"policy"`
}

// ErrNotEnrolled says that the machine has no identity yet.
var ErrNotEnrolled = errors.New("this machine is not enrolled; run veille-agent enrol first")

const identityFile = "identity.json"

// LoadIdentity reads the identity kept in the folder data, or answers ErrNotEnrolled.
func LoadIdentity(data string) (Identity, error) {
	var id Identity
	text, err := os.ReadFile(filepath.Join(data, identityFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return id, ErrNotEnrolled
	case err != nil:
		return id, fmt.Errorf("read the identity: %w", err)
	}
	if err := json.Unmarshal(text, &id); err != nil {
		return id, fmt.Errorf("read %s: %w; enrol again", filepath.Join(data, identityFile), err)
	}
	if id.Credential == "" {
		return id, ErrNotEnrolled
	}
	return id, nil
}

func (id Identity) save(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("make the agent's folder: %w", err)
	}
	text, err := json.MarshalIndent(id, "", "\t")
	if err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	if err := spool.WriteFile(filepath.Join(data, identityFile), append(text, '\n')); err != nil {
		return fmt.Errorf("keep the identity: %w", err)
	}
	return nil
}

// CheckCollector tells whether an address can be a collector's: https, or http on this machine itself, where nobody can
// listen.
func CheckCollector(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q is not an address like https://veille.example.org", address)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		return fmt.Errorf("%s would send the machine's password unencrypted; use https", address)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Enrol gives the machine whose agent keeps its files in the folder data an identity at the collector, which answers to
// the site's token. The install key is on disk before it is sent, so that a lost answer does not make two machines.
func Enrol(ctx context.Context, client *http.Client, data, collector, token string, use wire.Use) (Identity, error) {
	if err := CheckCollector(collector); err != nil {
		return Identity{}, err
	}
	id, err := LoadIdentity(data)
	if err != nil && !errors.Is(err, ErrNotEnrolled) {
		return Identity{}, err
	}
	if id.InstallKey == "" {
		key := make([]byte, 16)
		_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
		id.InstallKey = hex.EncodeToString(key)
		if err := id.save(data); err != nil {
			return Identity{}, err
		}
	}
	// Nothing else changes before the new collector has answered: until then the machine stays enrolled where it was.
	id.Collector, id.Use = strings.TrimRight(collector, "/"), use
	given, err := enrol(ctx, client, id, token)
	if err != nil {
		return Identity{}, fmt.Errorf("enrol at %s: %w", id.Collector, err)
	}
	if _, err := CalendarOf(given.Policy); err != nil {
		return Identity{}, fmt.Errorf("enrol at %s: %w", id.Collector, err)
	}
	id.Credential, id.Site, id.Policy = given.Credential, given.Site, given.Policy
	return id, id.save(data)
}

func enrol(ctx context.Context, client *http.Client, id Identity, token string) (wire.Credentials, error) {
	var given wire.Credentials
	body, err := json.Marshal(wire.Enrolment{Version: wire.Version, InstallKey: id.InstallKey, Use: id.Use})
	if err != nil {
		return given, err
	}
	answer, err := post(ctx, client, id.Collector+"/api/v1/enrol", token, "", bytes.NewReader(body))
	if err != nil {
		return given, err
	}
	if answer.code != http.StatusOK {
		return given, fmt.Errorf("the collector answered %s: %s", answer.status, answer.text)
	}
	if err := json.Unmarshal(answer.text, &given); err != nil {
		return given, fmt.Errorf("the answer is not a collector's: %w; check the address", err)
	}
	if given.Credential == "" {
		return given, errors.New("the answer is not a collector's: it has no credential; check the address")
	}
	return given, nil
}
