package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// SignedPolicy is a policy as a collector hands it out: readable, and provably its own.
type SignedPolicy struct {
	Document  json.RawMessage `json:"document"`  // a Policy
	Signature string          `json:"signature"` // Ed25519 of the compacted document with the context of policies, in base64
}

// Policy is what the site asks of its agents: which part of the day a moment belongs to, and what not to collect. An agent
// takes from it only what makes it collect less, and less often, than its own settings: see agent.Limits.
type Policy struct {
	Version      int           `json:"version"`           // Version
	Serial       int64         `json:"serial"`            // of two policies, the one with the larger number is the later
	Organisation string        `json:"organisation"`      // who answers for what is collected
	Contact      string        `json:"contact"`           // where a person asks about it, or objects
	DPO          string        `json:"dpo,omitempty"`     // its data protection officer; absent: nobody has said
	Address      string        `json:"address,omitempty"` // of the organisation; absent: nobody has said
	Site         string        `json:"site"`
	TimeZone     string        `json:"time_zone"`       // IANA name, such as Europe/Paris
	Clock        []ClockChange `json:"clock,omitempty"` // its offsets from UTC, for machines without files of time zones; in order of time
	Open         []OpenHours   `json:"open"`            // hours open to the public or to work; a weekday without any is weekend; none at all: the default hours
	Holidays     []string      `json:"holidays"`        // dates on which the site is closed, 2006-01-02

	Use           Use      `json:"use,omitempty"`             // the finest use class that machines may have; absent: their own
	SampleEveryS  int      `json:"sample_every_s,omitempty"`  // shortest time between samples, seconds up to 300; absent: the agent's own
	UploadWithinS int      `json:"upload_within_s,omitempty"` // least time over which uploads are spread at random, seconds up to 43,200; absent: the agent's own
	Pause         bool     `json:"pause,omitempty"`           // count nothing
	Omit          []string `json:"omit,omitempty"`            // what records are not to say; see Omittable
	Products      []string `json:"products,omitempty"`        // makers and models that many machines of the organisation are: of those that the agent may name, those it names
}

// ClockChange is a moment from which the clocks of a site have some offset.
type ClockChange struct {
	From    string `json:"from"`     // RFC 3339, in UTC
	OffsetS int    `json:"offset_s"` // seconds ahead of UTC
}

// OpenHours is one stretch of open time, the same every week.
type OpenHours struct {
	Weekday int    `json:"weekday"` // 1 Monday to 7 Sunday
	From    string `json:"from"`    // 08:00
	To      string `json:"to"`      // 18:00, later than From; 24:00 is midnight
}

// Bounds of what a policy may ask for.
const (
	MaxSampleEveryS  = 300
	MaxUploadWithinS = 12 * 3600
)

// Omittable are what a policy may leave out of records: fields of the machine, the days before the agent was there, and the
// agent's own cost.
func Omittable() []string {
	return []string{"os_version", "os_end", "cpu", "ram", "screens", "product", "sleep_after", "hypervisor", "history", "cost"}
}

// policyContext keeps a signature of a policy from passing for one of anything else.
const policyContext = "veille policy"

// SignPolicy signs a policy with the collector's key.
func SignPolicy(p Policy, key ed25519.PrivateKey) (SignedPolicy, error) {
	document, err := json.Marshal(p)
	if err != nil {
		return SignedPolicy{}, fmt.Errorf("write the policy: %w", err)
	}
	signature, err := key.Sign(nil, document, &ed25519.Options{Context: policyContext})
	if err != nil {
		return SignedPolicy{}, fmt.Errorf("sign the policy: %w", err)
	}
	return SignedPolicy{document, base64.StdEncoding.EncodeToString(signature)}, nil
}

// ErrUnsigned says that a policy is not signed by the collector at which the machine was enrolled.
var ErrUnsigned = errors.New("the policy is not signed by the collector at which this machine was enrolled")

// Open is the policy that s holds, if the collector's key has signed it and it makes sense; ErrUnsigned if it is not signed.
func (s SignedPolicy) Open(key ed25519.PublicKey) (Policy, error) {
	var document bytes.Buffer
	if err := json.Compact(&document, s.Document); err != nil {
		return Policy{}, fmt.Errorf("%w: it is no JSON: %w", ErrUnsigned, err)
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || len(key) != ed25519.PublicKeySize ||
		ed25519.VerifyWithOptions(key, document.Bytes(), signature, &ed25519.Options{Context: policyContext}) != nil {
		return Policy{}, ErrUnsigned
	}
	var p Policy
	if err := json.Unmarshal(document.Bytes(), &p); err != nil {
		return Policy{}, fmt.Errorf("read the policy: %w", err)
	}
	return p, p.Validate()
}

// Validate says why a policy cannot be followed, or nothing. What it says of hours and dates is for the calendar to judge.
func (p Policy) Validate() error {
	switch {
	case p.Version > Version:
		return NewerVersionError{p.Version}
	case p.Version < 1:
		return fmt.Errorf("the policy has version %d; versions start at 1", p.Version)
	case p.Serial < 1:
		return fmt.Errorf("the policy has the number %d; numbers start at 1", p.Serial)
	case p.Use != "" && p.Use != Individual && !p.Use.Hourly():
		return fmt.Errorf("use %q of the policy is none of individual, shared, server", p.Use)
	case p.SampleEveryS < 0 || p.SampleEveryS > MaxSampleEveryS:
		return fmt.Errorf("the policy asks for a sample every %d s; up to %d is possible", p.SampleEveryS, MaxSampleEveryS)
	case p.UploadWithinS < 0 || p.UploadWithinS > MaxUploadWithinS:
		return fmt.Errorf("the policy spreads uploads over %d s; up to %d is possible", p.UploadWithinS, MaxUploadWithinS)
	}
	last := time.Time{}
	for _, c := range p.Clock {
		at, err := time.Parse(time.RFC3339, c.From)
		if err != nil || !at.After(last) || c.OffsetS < -15*3600 || c.OffsetS > 15*3600 {
			return fmt.Errorf("the policy's clock change %q by %d s is not one, or not in order of time", c.From, c.OffsetS)
		}
		last = at
	}
	return nil
}
