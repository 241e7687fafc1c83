package main

import (
	"time"

	"veille/agent/wire"
	"veille/fleet/burst"
)

// model is what load's machines are like: a notebook and a desktop, in turn, of which each day has open hours and a night, or is a
// weekend. burst gives each machine its own seconds and energies.
func model(machine int) wire.Machine {
	m := wire.Machine{Class: "desktop", OS: "windows", OSVersion: "windows-11", CPU: "intel-5-8", RAM: "8-16", Screens: []string{"23-24"}, SleepAfter: "30", Agent: "fleet"}
	if machine%2 == 0 {
		m.Class, m.OS, m.OSVersion, m.Screens = "notebook", "linux", "debian-12", []string{"internal"}
	}
	return m
}

// open is how many seconds of a day from Monday to Friday are open hours.
const open = 10 * 3600

// recordsAt are the records of machines enrolled at a site, a day each.
func recordsAt(ids *burst.Identities) burst.Records {
	return func(machine, day int) []wire.Record {
		start, length, err := ids.Day(day)
		if err != nil {
			return nil // its zone is none: no load is made with it
		}
		seconds := int(length / time.Second)
		r := wire.Record{
			Date: start.Format(time.DateOnly), LengthS: seconds, Use: wire.Individual, Machine: model(machine), Simulated: true, RoundedS: 900,
			Cost: &wire.Cost{CPUS: 1.9, Wakeups: 2900, SentBytes: 6100, ReceivedBytes: 4800},
		}
		on := 6*3600 + machine*97
		switch start.Weekday() {
		case time.Saturday, time.Sunday:
			r.Parts = []wire.Part{part("weekend", seconds, machine%7*600, 0)}
		default:
			r.Parts = []wire.Part{part("open", open, on, 1800), part("night", seconds-open, machine%5*900, 3600)}
		}
		return []wire.Record{r}
	}
}

// hoursAt are the records of shared machines or servers enrolled at a site, an hour each.
func hoursAt(ids *burst.Identities, use wire.Use) burst.Records {
	return func(machine, day int) (hours []wire.Record) {
		start, length, err := ids.Day(day)
		if err != nil {
			return nil // as recordsAt
		}
		weekend := start.Weekday() == time.Saturday || start.Weekday() == time.Sunday
		for hour := range int(length / time.Hour) {
			name, on := "night", machine%5*60
			switch local := start.Add(time.Duration(hour) * time.Hour).Hour(); {
			case weekend:
				name = "weekend"
			case local >= 8 && local < 18:
				name, on = "open", 1800+machine*7%1500
			}
			hours = append(hours, wire.Record{
				Date: start.Format(time.DateOnly), Hour: &hour, LengthS: 3600, Use: use, Machine: model(machine), Simulated: true,
				Parts: []wire.Part{part(name, 3600, on, 300)},
			})
		}
		return hours
	}
}

// part is a part of a day in which a machine that takes 30 W was on and asleep so long, and off for the rest.
func part(name string, length, on, asleep int) wire.Part {
	wh := float64(on*30/3600) + 1
	return wire.Part{
		Part: name, LengthS: length, Seconds: wire.Seconds{On: on, Sleep: asleep, Off: length - on - asleep},
		Energy: []wire.Energy{{Wh: wh, LowWh: wh / 2, HighWh: wh * 2, Method: "model-class", Scope: "machine", CoveredS: length}},
	}
}
