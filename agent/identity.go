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

	"veille/agent/private"
	"veille/agent/spool"
	"veille/agent/wire"
)

// Identity is what a machine has from its enrolment. Nothing in it is taken from the machine.
type Identity struct {
	Collector  string   `json:"collector"`   // address of the collector
	InstallKey string   `json:"install_key"` // 128 random bits, made once: enrolled again, the machine is the same one
	Credential string   `json:"credential"`  // the machine's password
	Site       string   `json:"site"`
	Use        wire.Use `json:"use"`        // the finest that the machine may be described; a policy may lower it
	PolicyKey  []byte   `json:"policy_key"` // Ed25519 public key of the collector, which signs policies

	// How the collector is reached, as the machine was told when it enrolled: see link.Settings.
	Proxy  string `json:"proxy,omitempty"`
	CAFile string `json:"ca_file,omitempty"`
	Pin    string `json:"pin,omitempty"`
}

// ErrNotEnrolled says that the machine has no identity yet.
var ErrNotEnrolled = errors.New("this machine is not enrolled; run veille-agent enrol first")

const identityFile = "identity.json"

// LoadIdentity reads the identity kept in the folder data, or answers ErrNotEnrolled.
func LoadIdentity(data string) (Identity, error) {
	var id Identity
	text, err := private.ReadFile(filepath.Join(data, identityFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return id, ErrNotEnrolled
	case errors.Is(err, private.ErrExposed), errors.Is(err, private.ErrElsewhere):
		return id, fmt.Errorf("read the machine's password: %w; remove the file, and enrol again", err)
	case err != nil:
		return id, fmt.Errorf("read the identity: %w", err)
	}
	if err := json.Unmarshal(text, &id); err != nil {
		return id, fmt.Errorf("read %s: %w; remove the file, and enrol again", filepath.Join(data, identityFile), err)
	}
	if id.Credential == "" {
		return id, ErrNotEnrolled
	}
	return id, nil
}

// publicFile holds what everybody on the machine may know of its identity.
const publicFile = "machine.json"

// Public is what everybody on the machine may know of its identity: with it the policies can be checked.
type Public struct {
	Use       wire.Use `json:"use"`
	Site      string   `json:"site"`
	PolicyKey []byte   `json:"policy_key"`
}

// LoadPublic reads the identity kept in the folder data as far as everybody may, or answers ErrNotEnrolled.
func LoadPublic(data string) (Identity, error) {
	var p Public
	text, err := os.ReadFile(filepath.Join(data, policyFolder, publicFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Identity{}, ErrNotEnrolled
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("read what this machine is: %w", err)
	}
	return Identity{Use: p.Use, Site: p.Site, PolicyKey: p.PolicyKey}, nil
}

// publish writes what LoadPublic reads.
func (id Identity) publish(data string) error {
	text, err := json.Marshal(Public{id.Use, id.Site, id.PolicyKey})
	if err != nil {
		return err
	}
	return keepFile(filepath.Join(data, policyFolder, publicFile), append(text, '\n'), forAll)
}

func (id Identity) save(data string) error {
	if err := private.Folder(data, true); err != nil {
		return fmt.Errorf("make the agent's folder: %w", err)
	}
	text, err := json.MarshalIndent(id, "", "\t")
	if err != nil {
		return fmt.Errorf("write the identity: %w", err)
	}
	if err := private.WriteFile(filepath.Join(data, identityFile), append(text, '\n'), spool.WriteFile); err != nil {
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

// SameCollector tells whether two addresses are one collector's as Enrol keeps them.
func SameCollector(a, b string) bool { return strings.TrimRight(a, "/") == strings.TrimRight(b, "/") }

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Request is what a machine asks with when it enrols.
type Request struct {
	Collector string       // address
	Token     string       // of the site
	Use       wire.Use     // the finest that the machine may be described
	Machine   wire.Machine // what kind it is
	Personal  bool         // it belongs to a person: then nothing is asked

	Proxy, CAFile, Pin string // how the collector is reached, for the agent too
}

// ErrPersonal says that the machine belongs to a person, and is not measured.
var ErrPersonal = errors.New("this machine is marked as a person's own, and machines that belong to a person are not measured: nothing was sent; if it belongs to the organisation, take --personal away where it is set")

// Enrol gives the machine whose agent keeps its files in the folder data an identity at a collector, which answers to the
// site's token. The install key is on disk before it is sent, so that a lost answer does not make two machines. silent is how many
// machines of the same kind the collector has lost sight of: this one may be one of them, installed anew.
func Enrol(ctx context.Context, client *http.Client, data string, ask Request) (id Identity, silent int, err error) {
	if ask.Personal {
		return Identity{}, 0, ErrPersonal
	}
	if err := CheckCollector(ask.Collector); err != nil {
		return Identity{}, 0, err
	}
	id, err = LoadIdentity(data)
	if err != nil && !errors.Is(err, ErrNotEnrolled) {
		return Identity{}, 0, err
	}
	if id.InstallKey == "" {
		key := make([]byte, 16)
		_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
		id.InstallKey = hex.EncodeToString(key)
		if err := id.save(data); err != nil {
			return Identity{}, 0, err
		}
	}
	// Nothing else changes before the new collector has answered: until then the machine stays enrolled where it was.
	id.Collector, id.Use = strings.TrimRight(ask.Collector, "/"), ask.Use
	id.Proxy, id.CAFile, id.Pin = ask.Proxy, ask.CAFile, ask.Pin
	given, err := enrol(ctx, client, id, ask)
	if err == nil {
		err = id.accept(data, given)
	}
	if err != nil {
		return Identity{}, 0, fmt.Errorf("enrol at %s: %w", id.Collector, err)
	}
	return id, given.Silent, nil
}

// accept keeps what a collector gave. The policy goes first: an identity without its policy would count by the default hours. What
// another collector, or another site, has asked for is removed last: until then the machine stays enrolled where it was.
func (id *Identity) accept(data string, given wire.Credentials) error {
	p, err := given.Policy.Open(given.PolicyKey)
	if err != nil {
		return fmt.Errorf("the answer is not a collector's: %w; check the address", err)
	}
	if err := checkPolicy(p); err != nil {
		return err
	}
	elsewhere := !bytes.Equal(id.PolicyKey, given.PolicyKey)
	id.Credential, id.Site, id.PolicyKey = given.Credential, given.Site, given.PolicyKey
	if err := errors.Join(id.keepPolicy(data, p.Serial, given.Policy), id.save(data), id.publish(data)); err != nil {
		return err
	}
	if elsewhere { // what another collector has acknowledged is nothing to this one
		err = spool.Forget(filepath.Join(data, "spool"))
	}
	if err := errors.Join(err, forgetStrangers(data, *id), ForgetAsked(data)); err != nil {
		return fmt.Errorf("forget the collector before: %w", err)
	}
	return nil
}

func enrol(ctx context.Context, client *http.Client, id Identity, ask Request) (wire.Credentials, error) {
	var given wire.Credentials
	body, err := json.Marshal(wire.Enrolment{Version: wire.Version, InstallKey: id.InstallKey, Use: id.Use, Machine: &ask.Machine})
	if err != nil {
		return given, err
	}
	answer, err := post(ctx, client, id.Collector+"/api/v1/enrol", ask.Token, "", bytes.NewReader(body))
	if err != nil {
		return given, err
	}
	if answer.code != http.StatusOK {
		return given, enrolError{answerError{status: answer.code, text: string(answer.text), retryAfter: retryAfter(answer.header)}}
	}
	if err := json.Unmarshal(answer.text, &given); err != nil {
		return given, fmt.Errorf("the answer is not a collector's: %w; check the address", err)
	}
	if given.Credential == "" {
		return given, errors.New("the answer is not a collector's: it has no credential; check the address")
	}
	return given, nil
}
