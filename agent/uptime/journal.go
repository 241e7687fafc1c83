package uptime

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The messages of systemd (sd-messages.h) that say when the machine slept and went down.
const (
	sleepStart  = "6bbd95ee977941e497c48be27c254128" // systemd-sleep, before
	sleepStop   = "8811e6df2a8e40f58a94cea26f8ebf14" // and after, whether it slept or failed to
	shutDown    = "98268866d1d54a499c4e98921d93bc40" // logind announces it
	journalStop = "d93fb3c9c24d451a97cea615ce59c00b" // journald ends, as it does late in a shut-down, or is restarted
)

// bootEntries are the first and the last entry of a boot in the journal.
type bootEntries struct {
	id          string
	first, last time.Time
}

// mark is one of the messages above.
type mark struct {
	boot, message string
	sleep         string // SLEEP of a sleep: suspend, hibernate, hybrid-sleep, suspend-then-hibernate
	at            time.Time
}

// parseBoots understands what journalctl --list-boots answers: JSON as of systemd 251, before that a table, of which it
// wants the times in UTC. Boots come in the order of their first entries.
func parseBoots(answer []byte) ([]bootEntries, error) {
	parse := parseBootTable
	if bytes.HasPrefix(bytes.TrimSpace(answer), []byte("[")) {
		parse = parseBootJSON
	}
	boots, err := parse(answer)
	if err != nil {
		return nil, fmt.Errorf("list of boots: %w", err)
	}
	slices.SortStableFunc(boots, func(a, b bootEntries) int { return a.first.Compare(b.first) })
	return boots, nil
}

func parseBootJSON(answer []byte) ([]bootEntries, error) {
	var list []struct {
		ID    string `json:"boot_id"`
		First int64  `json:"first_entry"` // microseconds since 1970
		Last  int64  `json:"last_entry"`
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return nil, err
	}
	var boots []bootEntries
	for _, b := range list {
		boots = append(boots, bootEntries{b.ID, time.UnixMicro(b.First), time.UnixMicro(b.Last)})
	}
	return boots, check(boots)
}

// parseBootTable reads lines as " 0 6d0e… Mon 2026-11-16 08:00:01 UTC—Mon 2026-11-16 17:00:00 UTC", after a heading or none.
func parseBootTable(answer []byte) ([]bootEntries, error) {
	var boots []bootEntries
	n := 0
	for line := range strings.Lines(string(answer)) {
		n++
		f := strings.Fields(strings.ReplaceAll(line, "—", " "))
		if len(f) == 0 {
			continue
		}
		if _, err := strconv.Atoi(f[0]); err != nil {
			continue
		}
		if len(f) != 10 || f[5] != "UTC" || f[9] != "UTC" {
			return nil, fmt.Errorf("line %d is not a boot with times in UTC", n)
		}
		first, err := time.Parse(time.DateTime, f[3]+" "+f[4])
		last, failed := time.Parse(time.DateTime, f[7]+" "+f[8])
		if err != nil || failed != nil { // whose words would quote the times
			return nil, fmt.Errorf("line %d is not a boot with times in UTC", n)
		}
		boots = append(boots, bootEntries{f[1], first, last})
	}
	return boots, check(boots)
}

func check(boots []bootEntries) error {
	for _, b := range boots {
		if b.id == "" || b.last.Before(b.first) {
			return errors.New("a boot has no name, or ends before it begins")
		}
	}
	return nil
}

// parseMarks understands what journalctl -o json answers: an object a line. What is not a string in it, a line cut short and
// an unknown message are left out.
func parseMarks(answer []byte) []mark {
	var marks []mark
	for line := range bytes.Lines(answer) {
		var fields struct {
			At      textField `json:"__REALTIME_TIMESTAMP"`
			Boot    textField `json:"_BOOT_ID"`
			Message textField `json:"MESSAGE_ID"`
			Sleep   textField `json:"SLEEP"`
		}
		if json.Unmarshal(line, &fields) != nil {
			continue
		}
		us, err := strconv.ParseInt(string(fields.At), 10, 64)
		if err != nil || us < 0 || fields.Boot == "" {
			continue
		}
		switch fields.Message {
		case sleepStart, sleepStop, shutDown, journalStop:
			marks = append(marks, mark{string(fields.Boot), string(fields.Message), string(fields.Sleep), time.UnixMicro(us)})
		}
	}
	return marks
}

// textField is a field of the journal that is a string; any other kind of value is none.
type textField string

// UnmarshalJSON takes a string.
func (f *textField) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*f = textField(s)
	}
	return nil
}

// windingDown is how long before its last entry a boot announces its end, at most: services are waited for, 90 s each.
const windingDown = 5 * time.Minute

// historyOfJournal is the history that the journal tells. running names the boot that runs now, "" when that is not known:
// then it is the last.
//
// A boot is on from its first entry to its last, and off after that if it announced its end; otherwise it may have lost its
// mains, or hung for hours, and the time up to the next boot is unknown. A sleep without an end is unknown as well. Sleep
// of the kind hibernate is off; hybrid-sleep and suspend-then-hibernate count as sleep. Of a boot whose clock was wrong nothing
// is known, nor of the time off in which it may lie; one that begins where the last ended went on with a stored time, as a
// machine without a clock does, and is unknown too.
func historyOfJournal(boots []bootEntries, marks []mark, running string, since, now time.Time) ([]Stretch, error) {
	if len(boots) == 0 {
		return nil, fmt.Errorf("the journal lists no boot: %w", ErrNoHistory)
	}
	if running == "" {
		running = boots[len(boots)-1].id
	}
	of := make(map[string][]mark)
	for _, m := range marks {
		of[m.boot] = append(of[m.boot], m)
	}
	good, wrong := credible(boots)
	var c changes
	for i, b := range good {
		next := now
		if i+1 < len(good) {
			next = good[i+1].first
		}
		stored := i > 0 && c.state() == Off && b.first.Sub(good[i-1].last) <= sincePowerOn
		c.set(b.first, On)
		ordered := c.sleepsOf(b, of[b.id])
		if stored {
			c.unknownFrom(b.first)
		}
		switch {
		case b.id == running:
		case c.state() != On && !stored:
			c[len(c)-1].to = Unknown
		case ordered && !between(wrong, b.last, next):
			c.set(b.last, Off)
		default:
			c.set(b.last, Unknown)
		}
	}
	return c.history(since, now), nil
}

// sleepsOf tells the sleeps of a boot, in the order of the journal, and whether it announced its end.
func (c *changes) sleepsOf(b bootEntries, marks []mark) (ordered bool) {
	for _, m := range marks {
		switch m.message {
		case sleepStart:
			to := Asleep
			if m.sleep == "hibernate" {
				to = Off
			}
			c.set(m.at, to)
		case sleepStop:
			c.set(m.at, On)
		case shutDown, journalStop:
			ordered = ordered || b.last.Sub(m.at) <= windingDown
		}
	}
	return ordered
}
