package agent

import (
	"slices"
	"time"

	"veille/agent/power"
)

// known is what can be said of a machine's power where no meter says it.
type known struct {
	modes   *power.Modes // power in each state, declared for its product or typical of its class; nil when nothing can be said
	fit     *power.Fit   // what it showed on battery; nil when nothing
	screens []string     // ranges of size of its external screens
}

// condition is what a machine was doing for some time.
type condition struct {
	state power.State
	load  power.Load // of its processors, while awake
	told  bool       // the system told whether the display was on; otherwise it counts as on
}

// complete adds to what was measured over d the estimate of the whole machine, where that was not measured itself: around
// the processors where these were measured, by what this machine showed on battery or else by what is typical; and that of
// its external screens, which no meter inside it sees.
func (k known) complete(measured []power.Figure, c condition, d time.Duration) []power.Figure {
	all := slices.Clip(measured)
	if whole, ok := k.whole(measured, c, d); ok {
		all = append(all, whole)
	}
	if screens, ok := power.ScreensFigure(k.screens, c.state, c.told, d); ok {
		all = append(all, screens)
	}
	return all
}

func (k known) whole(measured []power.Figure, c condition, d time.Duration) (power.Figure, bool) {
	of := func(scope power.Scope) int {
		return slices.IndexFunc(measured, func(f power.Figure) bool { return f.Scope == scope })
	}
	if of(power.ScopeMachine) >= 0 {
		return power.Figure{}, false
	}
	i := of(power.ScopeCPU)
	if i >= 0 && k.fit != nil {
		if whole, ok := k.fit.Around(c.state, measured[i]); ok {
			return whole, true
		}
	}
	switch {
	case k.modes == nil:
		return power.Figure{}, false
	case i >= 0:
		return k.modes.Around(c.state, measured[i]), true
	}
	return k.modes.Figure(c.state, c.load, d), true
}
