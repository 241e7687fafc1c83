package agent

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/agent/calendar"
	"veille/agent/wire"
)

// policyFolder holds the policies as the collector signed them, one file each, named by its number: the one in force, and the one
// that the running day began with.
const policyFolder = "policies"

// ErrOlder says that a policy is older than the one in force. It may have been true once; whoever gives it out now would bring
// back what was taken away.
var ErrOlder = errors.New("the policy is older than the one in force")

// LoadPolicies reads the policies that the folder data holds for an identity and its collector's key has signed, the newest first.
// floor is the number of the newest file, whether or not it can be read: where that policy is not in the list nothing older may take
// its place. The error says which files were left out.
func LoadPolicies(data string, id Identity) (policies []wire.Policy, floor int64, err error) {
	files, err := filepath.Glob(filepath.Join(data, policyFolder, id.mark()+"-*.json"))
	if err != nil {
		return nil, 0, fmt.Errorf("look for the policy: %w", err)
	}
	var errs []error
	for _, name := range files {
		p, err := loadPolicy(name, id.PolicyKey)
		if serial, named := serialOf(name); named {
			floor = max(floor, serial)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("read %s: %w", name, err))
			continue
		}
		policies = append(policies, p)
	}
	slices.SortFunc(policies, func(a, b wire.Policy) int { return cmp.Compare(b.Serial, a.Serial) })
	return policies, floor, errors.Join(errs...)
}

// mark begins the names of an identity's policies: they are of one collector and one site.
func (id Identity) mark() string {
	sum := sha256.Sum256(append(slices.Clone(id.PolicyKey), id.Site...))
	return hex.EncodeToString(sum[:4])
}

// serialOf is the number in the name of a policy's file.
func serialOf(name string) (int64, bool) {
	_, number, _ := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".json"), "-")
	serial, err := strconv.ParseInt(number, 10, 64)
	return serial, err == nil
}

func loadPolicy(name string, key []byte) (wire.Policy, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return wire.Policy{}, err
	}
	var signed wire.SignedPolicy
	if err := json.Unmarshal(text, &signed); err != nil {
		return wire.Policy{}, err
	}
	p, err := signed.Open(key)
	if err != nil {
		return wire.Policy{}, err
	}
	return p, checkPolicy(p)
}

// keepPolicy puts a policy on disk beside the others.
func (id Identity) keepPolicy(data string, serial int64, signed wire.SignedPolicy) error {
	folder := filepath.Join(data, policyFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil { // everybody may read what rules the agent
		return fmt.Errorf("keep the policy: %w", err)
	}
	text, err := json.MarshalIndent(signed, "", "\t")
	if err != nil {
		return fmt.Errorf("write the policy: %w", err)
	}
	name := filepath.Join(folder, fmt.Sprintf("%s-%d.json", id.mark(), serial))
	if err := keepFile(name, append(text, '\n'), forAll); err != nil {
		return fmt.Errorf("keep the policy: %w", err)
	}
	return nil
}

// forgetPolicies removes the policies that are neither in force nor of the running day, nor of the identity.
func forgetPolicies(data string, id Identity, keep ...int64) error {
	return forgetFiles(data, func(name string) bool {
		serial, named := serialOf(name)
		return strings.HasPrefix(filepath.Base(name), id.mark()+"-") && named && slices.Contains(keep, serial)
	})
}

// forgetStrangers removes the policies of other collectors and sites.
func forgetStrangers(data string, id Identity) error {
	return forgetFiles(data, func(name string) bool { return strings.HasPrefix(filepath.Base(name), id.mark()+"-") })
}

func forgetFiles(data string, keep func(name string) bool) error {
	files, err := filepath.Glob(filepath.Join(data, policyFolder, "*-*.json"))
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range files {
		if !keep(name) {
			errs = append(errs, os.Remove(name))
		}
	}
	return errors.Join(errs...)
}

// pull asks the collector for its policy, and keeps a newer one. It tells whether there is one. An unsigned policy, an older one
// and one that would make a record tell the time of day are refused: the one in force stays.
//
// floor is the number of the newest there was. Where it is larger than serial, that one is lost: it is to be given again, or a later one; a
// collector that was restored from an older copy gives a later number to whoever says that he knows more.
func pull(ctx context.Context, client *http.Client, id Identity, data string, serial, floor int64) (bool, error) {
	if floor <= serial {
		return pullAfter(ctx, client, id, data, serial, serial+1)
	}
	newer, err := pullAfter(ctx, client, id, data, floor-1, floor)
	if !newer && (err == nil || errors.Is(err, ErrOlder)) {
		newer, err = pullAfter(ctx, client, id, data, floor, floor)
	}
	if !newer {
		err = errors.Join(fmt.Errorf("the policy with the number %d is lost, and nothing is counted before it or a later one has come", floor), err)
	}
	return newer, err
}

// pullAfter asks for a policy as one who knows that with the number known, and keeps one whose number is least or larger.
func pullAfter(ctx context.Context, client *http.Client, id Identity, data string, known, least int64) (bool, error) {
	reply, err := get(ctx, client, id.Collector+"/api/v1/policy", id.Credential, strconv.Quote(strconv.FormatInt(known, 10)))
	switch {
	case err != nil:
		return false, fmt.Errorf("ask for the policy: %w", err)
	case reply.code == http.StatusNotModified:
		return false, nil
	case reply.code != http.StatusOK:
		return false, fmt.Errorf("ask for the policy: %w", answerError{status: reply.code, text: string(reply.text)})
	}
	var signed wire.SignedPolicy
	if err := json.Unmarshal(reply.text, &signed); err != nil {
		return false, fmt.Errorf("the answer is not a collector's policy: %w", err)
	}
	p, err := signed.Open(id.PolicyKey)
	switch {
	case err != nil:
		return false, err
	case p.Serial == known && known < least:
		return false, nil
	case p.Serial < least:
		return false, fmt.Errorf("%w: it has the number %d, that one %d", ErrOlder, p.Serial, known)
	case p.Site != id.Site:
		return false, fmt.Errorf("the policy is of the site %q, and this machine is enrolled at %q: enrol it again", p.Site, id.Site)
	}
	if err := checkPolicy(p); err != nil {
		return false, err
	}
	return true, id.keepPolicy(data, p.Serial, signed)
}

// checkPolicy tells whether a policy's calendar can be followed, and says nothing of the time of day.
func checkPolicy(p wire.Policy) error {
	c, err := CalendarOf(p)
	if err != nil {
		return err
	}
	if err := calendar.Check(c); err != nil {
		return fmt.Errorf("the policy's hours are refused: %w", err)
	}
	return nil
}

// CalendarOf is the calendar that a policy describes. A policy without open hours and dates gives the default hours in its zone; one
// without a zone is in the zone of the machine.
func CalendarOf(p wire.Policy) (calendar.Calendar, error) {
	var changes []calendar.Change
	for _, c := range p.Clock {
		from, err := time.Parse(time.RFC3339, c.From)
		if err != nil {
			return calendar.Calendar{}, fmt.Errorf("the policy's clock change %q is no time", c.From)
		}
		changes = append(changes, calendar.Change{From: from, Offset: time.Duration(c.OffsetS) * time.Second})
	}
	zone, err := calendar.Zone(p.TimeZone, changes)
	if err != nil {
		return calendar.Calendar{}, fmt.Errorf("the policy's time zone %q: %w", p.TimeZone, err)
	}
	if len(p.Open) == 0 && len(p.Holidays) == 0 {
		return calendar.Default(zone), nil
	}
	hours := make([]calendar.Hours, 0, len(p.Open))
	for _, o := range p.Open {
		from, err := minutes(o.From)
		if err != nil {
			return calendar.Calendar{}, err
		}
		to, err := minutes(o.To)
		if err != nil {
			return calendar.Calendar{}, err
		}
		if o.Weekday < 1 || o.Weekday > 7 {
			return calendar.Calendar{}, fmt.Errorf("the policy's weekday %d is not from 1 to 7", o.Weekday)
		}
		hours = append(hours, calendar.Hours{Weekday: time.Weekday(o.Weekday % 7), From: from, To: to})
	}
	return calendar.New(zone, hours, p.Holidays)
}

// minutes is a time of day in minutes since midnight; 24:00 is the midnight that ends the day.
func minutes(clock string) (int, error) {
	if clock == "24:00" {
		return 24 * 60, nil
	}
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return 0, fmt.Errorf("the policy's time %q is not like 08:00", clock)
	}
	return 60*t.Hour() + t.Minute(), nil
}
