package power

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	// An answer about one battery is some 20 kB, of some eight levels. (Not measured on each model.)
	maxAppleAnswer = 1 << 20
	maxPlistDepth  = 32
	// maxPlistText is longer than any key or number that is read.
	maxPlistText = 64

	// What the battery of a portable Mac may hold, and its voltage: two to four cells in a row.
	minAppleCapacity = 500    // mAh; less is a percentage
	maxAppleCapacity = 50_000 // mAh
	minAppleVoltage  = 2_000  // mV
	maxAppleVoltage  = 30_000 // mV
)

// NewAppleBattery is the battery of a portable Mac, whose state read answers as the property list that
// `ioreg -rn AppleSmartBattery -a` prints; ReadAppleBattery does so. It answers ErrNoMeter when that shows no battery, as
// on other Macs. Each interval reads once.
//
// The keys are those that Apple's AppleSmartBattery.kext publishes and does not document; they are known from what
// machines print. PowerTelemetryData, which newer Macs have, is not used: nobody says what its figures are of.
func NewAppleBattery(read func() ([]byte, error)) (*Battery, error) {
	return newBattery(func() charge {
		answer, err := read()
		switch {
		case errors.Is(err, ErrNoMeter):
			return charge{}
		case err != nil:
			return charge{problems: err}
		}
		list, err := parseAppleBatteries(answer)
		switch {
		case err != nil:
			return charge{problems: fmt.Errorf("read what ioreg answers: %w", err)}
		case len(list) > 1:
			return charge{problems: fmt.Errorf("ioreg shows %d batteries; which of them feed the machine is not known", len(list))}
		case len(list) == 0:
			return charge{}
		}
		return list[0].charge()
	})
}

// appleBattery is the numbers and the yes or no of the battery that are read, by key. A key that is not there was not told.
type appleBattery map[string]int64

// wanted are the keys that are read, those of the dictionary BatteryData within the battery after a slash, and what they
// are told as. Nothing else is kept: the list also has serial numbers.
func wanted(key string) (integer, ok bool) {
	switch key {
	case "AppleRawCurrentCapacity", "AppleRawMaxCapacity", "BatteryData/RemainingCapacity", "BatteryData/FullChargeCapacity",
		"CurrentCapacity", "MaxCapacity", "Voltage", "AppleRawBatteryVoltage", "Amperage":
		return true, true
	case "ExternalConnected", "IsCharging", "BatteryInstalled":
		return false, true
	}
	return false, false
}

// charge is what a Battery wants to know. The battery feeds the machine alone when no adapter is connected: one that is
// too weak is helped by the battery.
func (b appleBattery) charge() charge {
	if installed, told := b["BatteryInstalled"]; told && installed == 0 {
		return charge{}
	}
	gauge, left, err := b.left()
	volts, voltErr := b.volts()
	adapter, told := b["ExternalConnected"]
	if !told {
		err = errors.Join(err, errors.New("the battery does not tell whether an adapter is connected"))
	}
	return charge{
		cells: []cell{{energy: -1, charge: left, volts: volts}}, names: "AppleSmartBattery by " + gauge,
		feeding:  told && adapter == 0 && b["IsCharging"] == 0 && b["Amperage"] <= 0,
		problems: errors.Join(err, voltErr),
	}
}

// left is what is left in the battery in microampere-hours, and the gauge that tells it. AppleRawCurrentCapacity is in
// mAh; newer systems are seen with the same in BatteryData only (macOS 27, unverified). CurrentCapacity is in mAh on
// older Intel Macs, and a percentage elsewhere: then the full battery has 100.
func (b appleBattery) left() (gauge string, microampereHours int64, err error) {
	for _, g := range []struct{ now, full string }{
		{"AppleRawCurrentCapacity", "AppleRawMaxCapacity"},
		{"BatteryData/RemainingCapacity", "BatteryData/FullChargeCapacity"},
		{"CurrentCapacity", "MaxCapacity"},
	} {
		now, told := b[g.now]
		if !told {
			continue
		}
		full, told := b[g.full]
		switch {
		case !told:
			return g.now, 0, fmt.Errorf("%s without %s: whether it is a percentage is not known", g.now, g.full)
		case full < minAppleCapacity:
			return g.now, 0, fmt.Errorf("%s is a percentage, and no charge", g.now)
		case full > maxAppleCapacity, now < 0, now > 2*full: // a gauge that is set right may say a little more than full
			return g.now, 0, fmt.Errorf("%s is %d of %d mAh, which no battery has", g.now, now, full)
		}
		return g.now, now * 1000, nil
	}
	return "no gauge", 0, errors.New("the battery does not tell its charge")
}

// volts is the voltage of the battery in microvolts.
func (b appleBattery) volts() (int64, error) {
	for _, key := range []string{"AppleRawBatteryVoltage", "Voltage"} {
		if mv, told := b[key]; told {
			if mv < minAppleVoltage || mv > maxAppleVoltage {
				return 0, fmt.Errorf("%s is %d mV, which no battery of a Mac has", key, mv)
			}
			return mv * 1000, nil
		}
	}
	return 0, errors.New("the battery does not tell its voltage")
}

// parseAppleBatteries reads a property list in XML with a list of batteries, or with one. No answer at all is no battery.
// An error names the keys that are read, and nothing that is told.
func parseAppleBatteries(answer []byte) ([]appleBattery, error) {
	answer = bytes.TrimSpace(answer)
	if len(answer) == 0 {
		return nil, nil
	}
	if len(answer) > maxAppleAnswer {
		return nil, fmt.Errorf("more than %d bytes", maxAppleAnswer)
	}
	d := xml.NewDecoder(bytes.NewReader(answer))
	var p plist
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // its text may quote what is told
			return nil, fmt.Errorf("no well-formed XML at byte %d", d.InputOffset())
		}
		if err := p.take(token); err != nil {
			return nil, fmt.Errorf("%w, at byte %d", err, d.InputOffset())
		}
	}
	if !p.done {
		return nil, errors.New("no property list")
	}
	return p.batteries, nil
}

// plist is the open elements of a property list, outermost first, and what was found. Nothing calls itself, however deep
// the list is.
type plist struct {
	open      []element
	text      []byte // of the innermost, if that is a key or a number
	batteries []appleBattery
	done      bool
}

// element is an open element.
type element struct {
	name   string
	filled bool   // it has a value already
	key    string // in a dictionary, the key whose value comes next
	hasKey bool
	prefix string       // of its keys
	facts  appleBattery // where its values go, or nil
}

func (p *plist) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.start(t.Name)
	case xml.EndElement: // the decoder has looked that it fits
		return p.end()
	case xml.CharData:
		return p.chars(t)
	}
	return nil // comments and the heading
}

var errPlist = errors.New("no property list as ioreg prints it")

func (p *plist) start(name xml.Name) error {
	e := element{name: name.Local}
	switch {
	case name.Space != "" || len(p.open) >= maxPlistDepth || p.done:
		return errPlist
	case len(p.open) == 0:
		if e.name != "plist" {
			return errPlist
		}
	default:
		if err := p.within(&e); err != nil {
			return err
		}
	}
	p.open, p.text = append(p.open, e), p.text[:0]
	return nil
}

// within says whether an element may stand in the innermost, and what its values are of: of a battery those of the
// dictionary that is the list, or stands in the list, and of BatteryData in it. Elsewhere the same keys mean other things.
func (p *plist) within(e *element) error {
	parent := &p.open[len(p.open)-1]
	switch e.name {
	case "key":
		if parent.name != "dict" || parent.hasKey {
			return errPlist
		}
		return nil
	case "dict", "array", "string", "integer", "real", "true", "false", "data", "date":
	default:
		return errPlist
	}
	switch parent.name {
	case "plist":
		if parent.filled {
			return errPlist
		}
	case "dict":
		if !parent.hasKey {
			return errPlist
		}
	case "array":
	default:
		return errPlist
	}
	parent.filled = true
	if e.name != "dict" {
		return nil
	}
	switch {
	case len(p.open) == 1, len(p.open) == 2 && parent.name == "array":
		e.facts = appleBattery{}
		p.batteries = append(p.batteries, e.facts)
	case parent.facts != nil && parent.prefix == "" && parent.key == "BatteryData":
		e.facts, e.prefix = parent.facts, "BatteryData/"
	}
	return nil
}

func (p *plist) chars(text []byte) error {
	switch name := p.innermost(); name {
	case "key", "integer":
		p.text = append(p.text, text[:min(len(text), maxPlistText-len(p.text))]...) // what is cut is not wanted
	case "", "plist", "array", "dict", "true", "false":
		if len(bytes.TrimSpace(text)) > 0 {
			return errPlist
		}
	}
	return nil
}

func (p *plist) innermost() string {
	if len(p.open) == 0 {
		return ""
	}
	return p.open[len(p.open)-1].name
}

func (p *plist) end() error {
	e := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	if len(p.open) == 0 {
		p.done = true
		if !e.filled {
			return errPlist
		}
		return nil
	}
	parent := &p.open[len(p.open)-1]
	switch {
	case e.name == "key":
		parent.key, parent.hasKey = string(p.text), true
		return nil
	case e.name == "dict" && e.hasKey:
		return errPlist
	case parent.name != "dict":
		return nil
	}
	key := parent.prefix + parent.key
	parent.key, parent.hasKey = "", false
	if parent.facts == nil {
		return nil
	}
	return parent.facts.tell(key, e.name, p.text)
}

// tell keeps the value of a key that is wanted. A number below zero may be printed as one of 64 bits without a sign.
func (b appleBattery) tell(key, kind string, text []byte) error {
	integer, ok := wanted(key)
	if !ok {
		return nil
	}
	if _, told := b[key]; told {
		return fmt.Errorf("%s is told twice", key)
	}
	switch {
	case integer && kind == "integer":
		if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			b[key] = n
			return nil
		}
		if n, err := strconv.ParseUint(string(text), 10, 64); err == nil {
			b[key] = int64(n)
			return nil
		}
	case !integer && kind == "true":
		b[key] = 1
		return nil
	case !integer && kind == "false":
		b[key] = 0
		return nil
	}
	return fmt.Errorf("%s is not told as it should be", key)
}
