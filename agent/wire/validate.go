package wire

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// MaxPower bounds what a record may claim, in watts: a rack of servers behind one agent stays below it.
const MaxPower = 20_000

// Bounds of what the agent itself may have taken. They are far above what it takes, and keep a sum over a fleet finite.
const (
	maxProcessors = 4         // seconds of processor time per second: an agent has little to do at once
	maxWakeups    = 10_000    // per second
	maxBytes      = 1 << 40   // each way, in one record
	maxDropped    = 1_000_000 // records
)

// MaxScreens is how many screens a record tells of; one machine has fewer.
const MaxScreens = 32

// Validate says why a record can never be accepted, or nothing. It checks what the record says of itself: ranges, sums and
// the rules of its use class; a date that lies in the future is for the receiver to refuse.
func (r Record) Validate() error {
	if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
		return fmt.Errorf("date %q is not a date like 2006-01-02", r.Date)
	}
	if err := errors.Join(r.validateLength(), r.Machine.validate(), r.Cost.validate(r.LengthS)); err != nil {
		return err
	}
	sum, seen := 0, map[string]bool{}
	for _, p := range r.Parts {
		if seen[p.Part] {
			return fmt.Errorf("part %q appears twice", p.Part)
		}
		seen[p.Part] = true
		if err := p.validate(); err != nil {
			return fmt.Errorf("part %q: %w", p.Part, err)
		}
		sum += p.LengthS
	}
	if sum != r.LengthS {
		return fmt.Errorf("the parts sum to %d s, the record has %d s", sum, r.LengthS)
	}
	return nil
}

func (r Record) validateLength() error {
	switch {
	case r.Use != Individual && !r.Use.Hourly():
		return fmt.Errorf("use %q is none of individual, shared, server", r.Use)
	case r.RoundedS < 0 || r.RoundedS > 3600:
		return fmt.Errorf("rounded_s %d is not from 0 to 3600", r.RoundedS)
	case r.History && r.Hour != nil:
		return errors.New("a record of the system's log is of a whole day")
	case r.Hour == nil && (r.LengthS < 22*3600 || r.LengthS > 26*3600 || r.LengthS%1800 != 0): // clocks change by up to two hours
		return fmt.Errorf("a day of %d s does not exist", r.LengthS)
	case r.Hour == nil:
		return nil
	case !r.Use.Hourly():
		return errors.New("a machine of use individual sends whole days only")
	case *r.Hour < 0 || *r.Hour > 25:
		return fmt.Errorf("hour %d is not from 0 to 25", *r.Hour)
	case r.LengthS != 3600 && r.LengthS != 1800:
		return fmt.Errorf("an hour of %d s does not exist", r.LengthS)
	}
	return nil
}

// validate bounds the words: a class that this version does not know may come from a later one, but no word is long, and
// none holds more than letters, digits and a few signs.
func (m Machine) validate() error {
	words := map[string]string{
		"class": m.Class, "os": m.OS, "os_version": m.OSVersion, "cpu": m.CPU, "ram": m.RAM, "agent": m.Agent, "product": m.Product,
	}
	for name, word := range words {
		if len(word) > 64 || strings.Trim(strings.ToLower(word), "abcdefghijklmnopqrstuvwxyz0123456789-+._") != "" {
			return fmt.Errorf("machine.%s %.80q is not a word of up to 64 letters, digits, and - + . _", name, word)
		}
	}
	if len(m.Screens) > MaxScreens {
		return fmt.Errorf("machine.screens has %d screens, more than %d", len(m.Screens), MaxScreens)
	}
	for i, s := range m.Screens {
		if len(s) > 16 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-<>") != "" {
			return fmt.Errorf("machine.screens[%d] %.80q is neither internal nor a range of inches", i, s)
		}
	}
	if s := m.SleepAfter; s != "" && s != "never" && (len(s) > 6 || strings.Trim(s, "0123456789") != "") {
		return fmt.Errorf("machine.sleep_after %.80q is neither never nor up to 999999 minutes", s)
	}
	if m.OSEnd == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, m.OSEnd); err != nil {
		return fmt.Errorf("machine.os_end %.80q is not a date like 2006-01-02", m.OSEnd)
	}
	return nil
}

func (p Part) validate() error {
	if !slices.Contains([]string{"open", "night", "weekend", "holiday"}, p.Part) {
		return errors.New("it is none of open, night, weekend, holiday")
	}
	s := p.Seconds
	if p.LengthS <= 0 || p.LengthS > 26*3600 {
		return fmt.Errorf("its length of %d s is not from 1 to 93600", p.LengthS)
	}
	if min(s.On, s.DisplayOff, s.Sleep, s.Off, s.Unknown) < 0 || max(s.On, s.DisplayOff, s.Sleep, s.Off, s.Unknown) > p.LengthS {
		return fmt.Errorf("a state lasts less than 0 s or more than the %d s of the part", p.LengthS)
	}
	if s.Sum() != p.LengthS {
		return fmt.Errorf("the states sum to %d s, the part has %d s", s.Sum(), p.LengthS)
	}
	seen := map[[2]string]bool{}
	for _, e := range p.Energy {
		key := [2]string{e.Scope, e.Method}
		if seen[key] {
			return fmt.Errorf("two energies have scope %q and method %q", e.Scope, e.Method)
		}
		seen[key] = true
		if err := e.validate(p.LengthS - s.Unknown); err != nil {
			return fmt.Errorf("energy of scope %q: %w", e.Scope, err)
		}
	}
	return nil
}

// validate checks e against the number of seconds of its part in a known state: no figure covers a second of which
// nobody knows what the machine did.
func (e Energy) validate(known int) error {
	methods := []string{"plug", "battery", "psys", "emi", "rapl", "rapl+model", "model-declared", "model-class", "none"}
	for _, x := range []float64{e.Wh, e.LowWh, e.HighWh} {
		if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
			return fmt.Errorf("%v Wh is not an energy", x)
		}
	}
	switch {
	case !slices.Contains([]string{"machine", "cpu", "display"}, e.Scope):
		return errors.New("the scope is none of machine, cpu, display")
	case !slices.Contains(methods, e.Method):
		return fmt.Errorf("method %q is none of %v", e.Method, methods)
	case e.LowWh > e.Wh || e.Wh > e.HighWh:
		return fmt.Errorf("%v Wh is outside its own range %v to %v", e.Wh, e.LowWh, e.HighWh)
	case e.CoveredS < 0 || e.CoveredS > known:
		return fmt.Errorf("it covers %d s, and %d s are in a known state", e.CoveredS, known)
	case e.HighWh > MaxPower*float64(e.CoveredS)/3600:
		return fmt.Errorf("%v Wh in %d s is more than %d W", e.HighWh, e.CoveredS, MaxPower)
	}
	return nil
}

// validate checks c against the length of its record, in seconds.
func (c *Cost) validate(length int) error {
	if c == nil {
		return nil
	}
	switch {
	case math.IsNaN(c.CPUS) || c.CPUS < 0 || c.CPUS > float64(maxProcessors*length):
		return fmt.Errorf("cost.cpu_s %v is not from 0 to %d", c.CPUS, maxProcessors*length)
	case c.Wakeups < 0 || c.Wakeups > maxWakeups*int64(length):
		return fmt.Errorf("cost.wakeups %d is not from 0 to %d", c.Wakeups, maxWakeups*int64(length))
	case c.SentBytes < 0 || c.SentBytes > maxBytes:
		return fmt.Errorf("cost.sent_bytes %d is not from 0 to %d", c.SentBytes, int64(maxBytes))
	case c.ReceivedBytes < 0 || c.ReceivedBytes > maxBytes:
		return fmt.Errorf("cost.received_bytes %d is not from 0 to %d", c.ReceivedBytes, int64(maxBytes))
	case c.Dropped < 0 || c.Dropped > maxDropped:
		return fmt.Errorf("cost.dropped %d is not from 0 to %d", c.Dropped, maxDropped)
	}
	return nil
}

// Validate says why an enrolment can never be accepted, or nothing.
func (e Enrolment) Validate() error {
	if key, err := hex.DecodeString(e.InstallKey); err != nil || len(key) != 16 {
		return errors.New("install_key is not 32 hexadecimal digits")
	}
	if e.Use != Individual && !e.Use.Hourly() {
		return fmt.Errorf("use %q is none of individual, shared, server", e.Use)
	}
	if e.Machine != nil {
		return e.Machine.validate()
	}
	return nil
}
