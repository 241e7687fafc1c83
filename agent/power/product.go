package power

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Draw is a power as somebody declared or measured it, once or more often, in watts. Its zero value says nothing.
type Draw struct {
	Watts float64 `json:"w"`         // mean
	Low   float64 `json:"low"`       // the least
	High  float64 `json:"high"`      // the greatest
	N     int     `json:"n"`         // how many rows or readings; 0: not known
	Error float64 `json:"error_pct"` // how wrong a single one may be, in percent
}

// Known tells whether the draw says anything.
func (d Draw) Known() bool { return d.N > 0 }

// one is the draw that one row or reading gives.
func one(watts, percent float64) Draw { return Draw{watts, watts, watts, 1, percent} }

const maxN = 1_000_000

// join is the draw of both. Watts are rounded to a millionth, so that files stay readable.
func (d Draw) join(e Draw) Draw {
	switch {
	case !d.Known():
		return e
	case !e.Known():
		return d
	}
	low, high := min(d.Low, e.Low), max(d.High, e.High)
	mean := (d.Watts*float64(d.N) + e.Watts*float64(e.N)) / float64(d.N+e.N)
	return Draw{min(max(math.Round(mean*1e6)/1e6, low), high), low, high, min(d.N+e.N, maxN), max(d.Error, e.Error)}
}

func (d Draw) or(e Draw) Draw {
	if d.Known() {
		return d
	}
	return e
}

const (
	rowError    = 15.0 // percent, of a declared row at idle (docs/method.md)
	meterError  = 2.0  // percent, of a wattmeter at the plug: the same
	leastError  = .2   // watts; ours: below a watt wattmeters are rough, and wake-on-LAN alone makes as much
	enoughToSay = 3    // rows or readings that show how much machines of a product differ; ours
	maxWatts    = 2000 // of an office machine
)

// around is the range that the power of another machine of the product is expected in. Fewer than three readings do not show
// how much the machines differ: then it is that of a declared row, which is one machine's reading too.
func (d Draw) around() Range {
	percent := d.Error
	if d.N < enoughToSay {
		percent = max(percent, rowError)
	}
	low := min(d.Low*(1-percent/100), d.Low-leastError)
	high := max(d.High*(1+percent/100), d.High+leastError)
	return watts(max(low, 0), d.Watts, high)
}

// Product is the declared power of one product: a machine as it is sold.
type Product struct {
	Maker     string   `json:"maker"`
	Name      string   `json:"name"`
	Numbers   []string `json:"numbers,omitempty"` // other names it goes by; * and xx stand for any letters or digits
	Class     string   `json:"class,omitempty"`   // one of Classes, or server; "" when the source does not say
	ShortIdle Draw     `json:"on,omitzero"`
	LongIdle  Draw     `json:"display_off,omitzero"`
	Sleep     Draw     `json:"sleep,omitzero"`
	Off       Draw     `json:"off,omitzero"`
	Busy      Draw     `json:"busy,omitzero"`
	Source    string   `json:"source"` // "ENERGY STAR", "own wattmeter"

	Fits int `json:"-"` // of a product found: how many products of the catalogue it was made of
}

func (p Product) String() string { return fmt.Sprintf("%s %s", p.Maker, p.Name) }

// draws are the powers of the product with the words of the record, the least first.
func (p *Product) draws() []named {
	return []named{{"off", &p.Off}, {"sleep", &p.Sleep}, {"display_off", &p.LongIdle}, {"on", &p.ShortIdle}, {"busy", &p.Busy}}
}

type named struct {
	state string
	*Draw
}

func (p Product) join(q Product) Product {
	p.Numbers = slices.Clone(p.Numbers)
	of := q.draws()
	for i, d := range p.draws() {
		*d.Draw = d.join(*of[i].Draw)
	}
	return p
}

func (p Product) or(q Product) Product {
	of := q.draws()
	for i, d := range p.draws() {
		*d.Draw = d.or(*of[i].Draw)
	}
	return p
}

// Validate tells whether the product makes sense: named, and with powers that are possible and in order.
func (p Product) Validate() error {
	for _, name := range append([]string{p.Maker, p.Name, p.Source}, p.Numbers...) {
		if err := validName(name); err != nil {
			return err
		}
	}
	if p.Class != "" && p.Class != "server" && !slices.Contains(Classes(), p.Class) {
		return fmt.Errorf("%v: class %q is none of %v, server", p, p.Class, Classes())
	}
	known := false
	for _, d := range p.draws() {
		if err := d.validate(d.state != "off" && d.state != "sleep"); err != nil {
			return fmt.Errorf("%v: %s: %w", p, d.state, err)
		}
		known = known || d.Known()
	}
	if !known {
		return fmt.Errorf("%v: no power is given", p)
	}
	if err := p.order(); err != nil {
		return fmt.Errorf("%v: %w", p, err)
	}
	return nil
}

func validName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return errors.New("a name is missing: of the maker, the product, one of its numbers or the source")
	case len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%.40q is no name: it is longer than %d bytes, or not plain text", name, maxName)
	}
	return nil
}

const maxName = 200

func (d Draw) validate(positive bool) error {
	if !d.Known() {
		if d != (Draw{}) {
			return fmt.Errorf("%v W of %d readings", d.Watts, d.N)
		}
		return nil
	}
	for _, w := range []float64{d.Low, d.Watts, d.High} {
		switch {
		case math.IsNaN(w) || math.IsInf(w, 0):
			return fmt.Errorf("%v is no power", w)
		case w < 0:
			return fmt.Errorf("%v W is below zero", w)
		case positive && w == 0:
			return errors.New("0 W: a machine that is on uses power")
		case w > maxWatts:
			return fmt.Errorf("%v W is above %d W, which no office machine uses", w, maxWatts)
		}
	}
	switch {
	case d.Low > d.Watts || d.Watts > d.High:
		return fmt.Errorf("%v W is not between %v and %v", d.Watts, d.Low, d.High)
	case d.N > maxN:
		return fmt.Errorf("%d readings are too many", d.N)
	case !(d.Error > 0 && d.Error < 100): // NaN too
		return fmt.Errorf("an error of %v %% is not between 0 and 100", d.Error)
	}
	return nil
}

// order tells whether no state uses more than one that is more awake, but for what two readings of the same power differ:
// half a watt or 5 %, ours. A notebook of 2025 uses as much asleep as with its display dark.
func (p Product) order() error {
	var less named
	for _, d := range p.draws() {
		if !d.Known() {
			continue
		}
		if less.Draw != nil && less.Watts > d.Watts+max(.5, .05*d.Watts) {
			return fmt.Errorf("%s %v W is above %s %v W", less.state, less.Watts, d.state, d.Watts)
		}
		less = d
	}
	return nil
}

// Modes is the power of the product in each state, for a machine of a class; class "" or unknown is the product's own. What
// nobody declared is typical of the class, between the declared powers of the states around it; the busy power is never
// below the declared idle one, and the processor has the share of the idle power that it has in the class. It is false when
// the product's power while on is not known, and for classes of which nothing typical can be said.
func (p Product) Modes(class string) (Modes, bool) {
	if class == "" || class == "unknown" {
		class = p.Class
	}
	if class == "" {
		class = "unknown"
	}
	of, ok := ModesOf(class)
	if !ok || !p.ShortIdle.Known() {
		return Modes{}, false
	}
	m := Modes{Method: MethodModelDeclared, Idle: p.ShortIdle.around()}
	floor := Range{}
	if p.Off.Known() {
		floor = p.Off.around()
	}
	asleep := floor
	if p.Sleep.Known() {
		asleep = p.Sleep.around()
	}
	m.LongIdle = p.LongIdle.aroundOr(of.LongIdle.between(asleep, m.Idle))
	m.Sleep = p.Sleep.aroundOr(of.Sleep.between(floor, m.LongIdle))
	m.Off = p.Off.aroundOr(of.Off.between(Range{}, m.Sleep))
	typical := of.Busy
	typical.High = max(typical.High, m.Idle.High+of.Busy.High-of.Idle.High)
	m.Busy = p.Busy.aroundOr(typical).above(m.Idle)
	if p.OfClass() {
		m.Method, m.Busy = "", m.Idle.loaded(of)
	}
	share := func(p Power) Power { return Power(float64(p) * float64(m.Idle.Mid) / float64(of.Idle.Mid)) }
	m.Package = Range{share(of.Package.Low), share(of.Package.Mid), share(of.Package.High)}.between(Range{}, m.Idle)
	return m, true
}

// OfClass tells whether this is no product, but what plugs say of a whole class of machines.
func (p Product) OfClass() bool { return p.Maker == AnyMaker }

// loaded is the busy power beside a power that holds the usual load already: a load adds nothing to it, but a machine that is busier than others may draw
// as much more as is typical of its class.
func (r Range) loaded(of Modes) Range {
	return Range{r.Low, r.Mid, r.High + of.Busy.High - of.Idle.High}
}

func (d Draw) aroundOr(r Range) Range {
	if d.Known() {
		return d.around()
	}
	return r
}

// between is r, each bound of it moved between those of low and high; high wins.
func (r Range) between(low, high Range) Range {
	return Range{min(max(r.Low, low.Low), high.Low), min(max(r.Mid, low.Mid), high.Mid), min(max(r.High, low.High), high.High)}
}

// above is the power of busy processors, not below idle, and so that what a load adds is in order as well: the low bound
// gains no more than the middle, and the high one no less.
func (r Range) above(idle Range) Range {
	mid := max(r.Mid, idle.Mid)
	gain := mid - idle.Mid
	return Range{max(min(r.Low, idle.Low+gain), idle.Low), mid, max(r.High, idle.High+gain)}
}
