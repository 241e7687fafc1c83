package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"veille/agent/wire"
	"veille/collector"
)

const (
	// ahead is how far a machine's clock may be ahead of ours.
	ahead = time.Hour
	// oldest is how far back a record is accepted: longer than the thirty days that an agent keeps one, and so short that the whole month
	// it is in is still there to be rolled up again.
	oldest = 45 * 24 * time.Hour
)

// acceptable says why a record of m, received at now in the zone of its site, can never be kept, or nothing. seen holds
// the dates and hours already met in the batch.
func acceptable(r wire.Record, m collector.Machine, now time.Time, seen map[slot]bool) error {
	if err := r.Validate(); err != nil {
		return err
	}
	hour := hourOf(r)
	if hour != collector.WholeDay && !m.Use.Hourly() {
		return fmt.Errorf("the machine is enrolled as %s, of which only whole days are kept; enrol it again as shared or server", m.Use)
	}
	if seen[slot{r.Date, hour}] {
		return errors.New("the batch has another record of this date and hour")
	}
	seen[slot{r.Date, hour}] = true
	start, length, err := collector.Date(r.Date).Extent(hour, now.Location())
	if err != nil {
		return err
	}
	switch {
	case length != time.Duration(r.LengthS)*time.Second:
		return fmt.Errorf("it has %d s, and in %s that day or hour has %.0f: the time zone of the machine is not the site's", r.LengthS, now.Location(), length.Seconds())
	case start.After(now.Add(ahead)):
		return fmt.Errorf("%s lies in the future: the clock of the machine or of the collector is wrong", r.Date)
	case start.Before(now.Add(-oldest)):
		return fmt.Errorf("%s is more than %d days ago: nothing that old is accepted", r.Date, int(oldest.Hours()/24))
	}
	return nil
}

// slot is a date and an hour, or collector.WholeDay.
type slot struct {
	date string
	hour int
}

func hourOf(r wire.Record) int {
	if r.Hour == nil {
		return collector.WholeDay
	}
	return *r.Hour
}

// mostText is how many bytes are kept of a record that cannot be accepted.
const mostText = 4 << 10

// quarantined is a record that cannot be accepted, as it is kept for a person to look at: only the fields that a record has, and no hour of a
// machine of which only whole days are kept.
func quarantined(r wire.Record, m collector.Machine, today collector.Date, why error) collector.Refused {
	q := collector.Refused{Machine: m.ID, Site: m.Site.ID, On: today, Date: short(r.Date), Hour: hourOf(r), Agent: short(r.Machine.Agent), Reason: why.Error()}
	if q.Hour != collector.WholeDay && !m.Use.Hourly() {
		q.Hour = collector.WholeDay
		return q
	}
	if text, err := json.Marshal(r); err == nil && len(text) <= mostText {
		q.Record = string(text)
	}
	return q
}

// short is the beginning of a word that may be anything.
func short(word string) string { return strings.ToValidUTF8(word[:min(len(word), 64)], "?") }

// translate says in the words of the collector what the record says in those of the wire.
func translate(r wire.Record) collector.Record {
	c := collector.Record{
		Date: collector.Date(r.Date), Hour: hourOf(r), LengthS: r.LengthS, Use: collector.Use(r.Use), History: r.History, Simulated: r.Simulated,
		Class: r.Machine.Class, Virtual: r.Machine.Virtual, Hypervisor: r.Machine.Hypervisor, OS: r.Machine.OS,
		OSVersion: r.Machine.OSVersion, OSEnd: collector.Date(r.Machine.OSEnd), CPU: r.Machine.CPU, RAM: r.Machine.RAM,
		Screens: r.Machine.Screens, Product: r.Machine.Product, SleepAfter: r.Machine.SleepAfter, Agent: r.Machine.Agent,
	}
	if r.Cost != nil {
		c.Cost = new(collector.Cost(*r.Cost))
	}
	for _, p := range r.Parts {
		part := collector.Part{Part: p.Part, LengthS: p.LengthS, Seconds: collector.Seconds(p.Seconds)}
		for _, e := range p.Energy {
			part.Energy = append(part.Energy, collector.Energy(e))
		}
		c.Parts = append(c.Parts, part)
	}
	return c
}

// kind is what kind of machine m is, in the words of the collector; nil has not been told.
func kind(m *wire.Machine) collector.Kind {
	if m == nil {
		return collector.Kind{}
	}
	return collector.Kind{Class: m.Class, OS: m.OS, CPU: m.CPU, RAM: m.RAM, Agent: m.Agent}
}
