package burst

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Identities are the machines that a collector knows, and how much it has of each.
type Identities struct {
	Collector string    `json:"collector"` // where they are enrolled
	Zone      string    `json:"zone"`      // time zone of their site
	Since     string    `json:"since"`     // date there when the first was enrolled, 2006-01-02: days count back from it
	Running   bool      `json:"running"`   // a load is under way, or did not end: what it sent is not known
	Machines  []Machine `json:"machines"`
}

// Machine is one of them.
type Machine struct {
	Credential string `json:"credential"` // "": it is yet to be enrolled
	Place      int    `json:"place"`      // in its records, of the next to be posted
	Acked      int64  `json:"acked"`      // records that were acknowledged since it was enrolled, each once
}

// ReadIdentities reads a file that Save has written, and answers an error that is fs.ErrNotExist where there is none.
func ReadIdentities(name string) (*Identities, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read the identities: %w", err)
	}
	var ids Identities
	if err := json.Unmarshal(text, &ids); err != nil {
		return nil, fmt.Errorf("%s holds no identities: %w", name, err)
	}
	if _, _, err := ids.day(); err != nil {
		return nil, fmt.Errorf("%s holds no identities: %w", name, err)
	}
	for i, m := range ids.Machines {
		if m.Place < 0 || m.Acked < 0 {
			return nil, fmt.Errorf("%s holds no identities: machine %d has sent less than nothing", name, i)
		}
	}
	if ids.Running {
		return nil, fmt.Errorf("%s was in use by a load that is still running or was cut off: what the collector has of these machines is not known; "+
			"enrol others, into another file", name)
	}
	return &ids, nil
}

// Save writes the file, for its owner only, whole or not at all.
func (ids *Identities) Save(name string) error {
	text, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("write the identities: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".identities-*") // its mode is 0600
	if err != nil {
		return fmt.Errorf("write the identities: %w", err)
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write the identities: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// day is the zone of the site, and the midnight there with which the days begin to count back.
func (ids *Identities) day() (*time.Location, time.Time, error) {
	zone, err := time.LoadLocation(ids.Zone)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("the time zone of the site: %w", err)
	}
	since, err := time.ParseInLocation(time.DateOnly, ids.Since, zone)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("the date of enrolment: %w", err)
	}
	return zone, since, nil
}

// Day is the midnight at the site with which a day begins, counted back from the enrolment, and how long the day is.
func (ids *Identities) Day(back int) (time.Time, time.Duration, error) {
	_, since, err := ids.day()
	if err != nil {
		return time.Time{}, 0, err
	}
	start := since.AddDate(0, 0, -back)
	return start, start.AddDate(0, 0, 1).Sub(start), nil
}

// days is how many days back from the enrolment are still taken at now.
func (ids *Identities) days(now time.Time) (int, error) {
	zone, since, err := ids.day()
	if err != nil {
		return 0, err
	}
	y, m, d := now.In(zone).Date()
	today := time.Date(y, m, d, 0, 0, 0, 0, zone)
	gone := int((today.Sub(since) + 12*time.Hour) / (24 * time.Hour)) // a day has 23 to 25 hours
	return max(0, deepest-gone), nil
}

// enrolled is how many machines, from the first on, have a credential.
func (ids *Identities) enrolled() int {
	for i, m := range ids.Machines {
		if m.Credential == "" {
			return i
		}
	}
	return len(ids.Machines)
}
