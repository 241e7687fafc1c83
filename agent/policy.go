package agent

import (
	"fmt"
	"time"

	"veille/agent/calendar"
	"veille/agent/wire"
)

// CalendarOf is the calendar that a policy describes. A policy without open hours gives the default hours in its zone; one
// without a zone is in the zone of the machine.
func CalendarOf(p wire.Policy) (calendar.Calendar, error) {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return calendar.Calendar{}, fmt.Errorf("the policy's time zone %q: %w", p.TimeZone, err)
	}
	if p.TimeZone == "" {
		zone = time.Local
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
