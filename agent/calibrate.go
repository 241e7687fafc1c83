package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"veille/agent/power"
	"veille/agent/spool"
)

// fitFile is what the machine's batteries taught of its power: sums, and no moment.
const fitFile = "calibration.json"

// ReadFit reads what the machine with its agent's files in data has shown on battery, nil when it has shown nothing. What
// cannot be understood is an error, and is learnt again.
func ReadFit(data string) (*power.Fit, error) {
	text, err := os.ReadFile(filepath.Join(data, fitFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // nothing was learnt yet, which is no failure
	case err != nil:
		return nil, fmt.Errorf("read what the batteries taught: %w", err)
	}
	var fit power.Fit
	if err := json.Unmarshal(text, &fit); err != nil {
		return nil, fmt.Errorf("read what the batteries taught: %w; it is learnt again", err)
	}
	if err := fit.Validate(); err != nil {
		return nil, fmt.Errorf("read what the batteries taught: %w; it is learnt again", err)
	}
	return &fit, nil
}

// calibrate takes up what the batteries taught, or begins to learn, and says how far that is.
func (v *Survey) calibrate(known func() (*power.Fit, error), modes power.Modes) string {
	if !v.battery {
		return ""
	}
	var fit *power.Fit
	var err error
	if known != nil {
		fit, err = known()
	}
	product := v.calibrated()
	if fit == nil || fit.Resume(product, modes) != nil { // of another machine: the disk was moved
		fit = power.NewFit(product, modes)
	}
	v.known.fit = fit
	if c, ok := fit.Coefficients(); ok && fit.Ready() {
		return fmt.Sprintf("; calibrated on battery, %d times ten minutes: %.1f W, %.2f W for each of the processor, %.1f W for the display",
			fit.Windows, c.Base.Value, c.PerWatt.Value, c.Lit.Value)
	}
	text := fmt.Sprintf("; not calibrated yet: %d of %d times ten minutes on battery", fit.Windows, power.FitEnough)
	if err != nil {
		text += fmt.Sprintf("; %v", err)
	}
	return text
}

// byPlugs says that plugs of the organisation tell what machines of the class draw, or "". Where they do, modes become it.
func byPlugs(told Told, class string, modes *power.Modes) string {
	if told.Declared == nil {
		return ""
	}
	plugs, found, err := told.Declared(power.AnyMaker, class)
	if err != nil || !found { // the error was said of products already
		return ""
	}
	own, ok := plugs.Modes(class)
	if !ok {
		return ""
	}
	*modes = own
	on := own.Idle // its ends may be at different distances: half of what lies between would be false of both
	return fmt.Sprintf("; calibrated with %d plugs: on %.1f W, from %.1f to %.1f", plugs.ShortIdle.N, on.Mid.Watts(), on.Low.Watts(), on.High.Watts())
}

// calibrated is the name that the fit of this machine goes by: its product, as far as that is plain text.
func (v *Survey) calibrated() string {
	name := strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return -1
	}, v.product)
	if len(name) == 0 || len(name) > 150 {
		return "a " + string(v.kind.Class) + " without a name"
	}
	return name
}

// learn takes what batteries and processors said of the same time, while the system told whether the display was on.
func (a *Agent) learn(x sample) error {
	fit := a.book.known.fit
	if fit == nil {
		return nil
	}
	var machine, part power.Figure
	for _, f := range x.measured {
		switch {
		case f.Method == power.MethodBattery:
			machine = f
		case f.Scope == power.ScopeCPU:
			part = f
		}
	}
	before := fit.Windows
	if !x.told {
		fit.Break()
	} else {
		fit.Learn(x.condition().state, machine, part)
	}
	if fit.Windows == before {
		return nil
	}
	text, err := json.Marshal(fit)
	if err != nil {
		return fmt.Errorf("keep what the batteries taught: %w", err)
	}
	name := filepath.Join(a.Data, fitFile)
	midnight := a.last.Clock.Wall.Truncate(24 * time.Hour) // when somebody worked on battery is nobody's business
	if err := errors.Join(spool.WriteFile(name, text), os.Chtimes(name, midnight, midnight)); err != nil {
		return fmt.Errorf("keep what the batteries taught: %w", err)
	}
	return nil
}
