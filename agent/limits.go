package agent

import (
	"fmt"
	"slices"
	"time"

	"veille/agent/inventory"
	"veille/agent/wire"
)

// Limits is how much an agent collects, and how often it speaks. The settings of the machine set them, a policy can only
// lower them: see Under.
type Limits struct {
	Use       wire.Use      // how finely the machine may be described
	Period    time.Duration // between samples, 1 s to 5 min
	PostEvery time.Duration // how often the running hour is posted as it grows; 0: only when it is over
	Spread    time.Duration // least time over which uploads are spread at random; 0: as usual for the use
	History   time.Duration // how far back the system's log is read when the agent first starts; 0: not at all
	Products  []string      // makers and models that a record may name
	Omit      []string      // what records do not say; see wire.Omittable
	Paused    bool          // nothing is counted
}

// Check says why limits make no sense, or nothing.
func (l Limits) Check() error {
	switch {
	case l.Period < time.Second || l.Period > 5*time.Minute:
		return fmt.Errorf("a sampling period of %v is not between 1s and 5m", l.Period)
	case l.PostEvery > 0 && !l.Use.Hourly():
		return fmt.Errorf("a machine of use individual posts once a day, at a random minute; remove --post-every")
	}
	return nil
}

// Under is l as far as a policy allows it. Whatever the policy says, nothing is collected that l does not allow, nothing more
// often, and nothing more finely.
func (l Limits) Under(p wire.Policy) Limits {
	if p.Use != "" && !p.Use.Hourly() {
		l.Use = wire.Individual
	}
	if !l.Use.Hourly() {
		l.PostEvery = 0
	}
	l.Period = max(l.Period, time.Duration(p.SampleEveryS)*time.Second)
	if within := time.Duration(p.UploadWithinS) * time.Second; within > 0 {
		l.Spread = max(l.Spread, within)
		if l.PostEvery > 0 { // a running hour that is posted more often is no spread
			l.PostEvery = max(l.PostEvery, within)
		}
	}
	l.Paused = l.Paused || p.Pause
	l.Omit = union(l.Omit, p.Omit)
	if slices.Contains(l.Omit, "history") {
		l.History = 0
	}
	if p.Products != nil {
		l.Products = slices.DeleteFunc(slices.Clone(l.Products), func(name string) bool { return inventory.Shared(name, p.Products) == "" })
	}
	return l
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// reduce takes out of a record what is not to be said.
func (l Limits) reduce(r wire.Record) wire.Record {
	if len(l.Omit) == 0 {
		return r
	}
	for name, forget := range map[string]func(){
		"os_version": func() { r.Machine.OSVersion = "" }, "os_end": func() { r.Machine.OSEnd = "" }, "cpu": func() { r.Machine.CPU = "" },
		"ram": func() { r.Machine.RAM = "" }, "screens": func() { r.Machine.Screens = nil }, "product": func() { r.Machine.Product = "" },
		"sleep_after": func() { r.Machine.SleepAfter = "" }, "hypervisor": func() { r.Machine.Hypervisor = false },
		"cost": func() { r.Cost = nil },
	} {
		if slices.Contains(l.Omit, name) {
			forget()
		}
	}
	return r
}

// usual is how long a closed record waits for its upload at most.
func (l Limits) usual() time.Duration {
	switch {
	case !l.Use.Hourly():
		return max(l.Spread, 4*time.Hour)
	case l.PostEvery > 0:
		return l.PostEvery / 10
	}
	return max(l.Spread, 5*time.Minute)
}
