package balance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"veille/collector"
	"veille/collector/privacy"
)

// NotYet is why an action has no baseline that can be kept: its last month is not fixed.
const NotYet = "not-yet"

// Baseline is what machines did in the months before an action.
type Baseline struct {
	Kept collector.Date // "": it is not kept; the months are as they are told today
	Told
}

// NodeOf is the node that an action is about.
func NodeOf(a collector.Action) privacy.Node {
	switch {
	case a.Group != 0:
		return privacy.Group(a.Site, a.Group)
	case a.Site != 0:
		return privacy.Site(a.Site)
	}
	return privacy.Node{}
}

// IsBefore tells whether a month is of the baseline of an action.
func IsBefore(a collector.Action, m collector.Month) bool { return m >= a.BaseFrom && m <= a.Base }

// IsAfter tells whether a whole month lies after an action. The month in which it was done is neither before nor after.
func IsAfter(a collector.Action, m collector.Month) bool {
	first, _, err := m.Dates()
	return err == nil && first >= a.On && !IsBefore(a, m)
}

// BaselineOf is the baseline of an action among months that are told, as far as it goes. why says why it cannot be one: NotYet, where no month from its
// last on is told; NoBaseline, MixedParts or TooFew, as Effect says it.
func BaselineOf(a collector.Action, t Told) (b Baseline, why string) {
	b.Told = t.only(func(m collector.Month) bool { return IsBefore(a, m) })
	if !slices.ContainsFunc(t.Self, func(x Account) bool { return x.From >= a.Base }) {
		return b, NotYet
	}
	whole, _ := b.apart()
	some, _ := alike(whole.Self, nil)
	before := Add(some)
	switch {
	case !observed(&before):
		return b, NoBaseline
	case before.mixed():
		return b, MixedParts
	case !telling(&before):
		return b, TooFew
	}
	return b, ""
}

// form is the version of how baselines are kept.
const form = 1

// mostKept is more hours or kilowatt-hours than any month has.
const mostKept = 1e12

// The kept form of a baseline. What follows from the parts, and what a book adds, is reckoned again when it is read.
type (
	keptBaseline struct {
		Form      int         `json:"form"`
		Simulated bool        `json:"simulated"`
		Self      []keptMonth `json:"self"`
		Children  []keptNode  `json:"children"`
	}
	keptNode struct {
		Level  privacy.Level `json:"level"`
		Site   int64         `json:"site"`
		Group  int64         `json:"group"`
		Class  string        `json:"class"`
		Months []keptMonth   `json:"months"`
	}
	keptMonth struct {
		Month       collector.Month `json:"month"`
		Days        int             `json:"days"`
		Figures     bool            `json:"figures"`
		Hidden      privacy.Why     `json:"hidden"` // "": nothing is
		Machines    int             `json:"machines"`
		MachineDays int64           `json:"machine_days"`
		Parts       []keptPart      `json:"parts"`
		Methods     []string        `json:"methods"`
	}
	keptPart struct {
		Part       string  `json:"part"`
		On         float64 `json:"on_h"` // hours of machines
		DisplayOff float64 `json:"display_off_h"`
		Sleep      float64 `json:"sleep_h"`
		Off        float64 `json:"off_h"`
		Unknown    float64 `json:"unknown_h"`
		Covered    float64 `json:"covered_h"`
		KWh        Range   `json:"kwh"`
	}
)

// Encode is a baseline as it is kept: JSON, the same for the same baseline.
func (b Baseline) Encode() ([]byte, error) {
	k := keptBaseline{Form: form, Simulated: b.Simulated, Self: keepMonths(b.Self), Children: []keptNode{}}
	for _, node := range slices.SortedFunc(maps.Keys(b.Children), compareNodes) {
		k.Children = append(k.Children, keptNode{node.Level, node.Site, node.Group, node.Class, keepMonths(b.Children[node])})
	}
	kept, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("write a baseline: %w", err)
	}
	return kept, nil
}

func keepMonths(all []Account) []keptMonth {
	months := make([]keptMonth, 0, len(all))
	for _, a := range all {
		k := keptMonth{
			Month: a.From, Days: a.Days, Figures: a.Months > 0, Hidden: a.Hidden, Machines: a.Machines, MachineDays: a.MachineDays,
			Parts: []keptPart{}, Methods: append([]string{}, a.Methods...),
		}
		for _, p := range a.Parts {
			k.Parts = append(k.Parts, keptPart{p.Part, p.On, p.DisplayOff, p.Sleep, p.Off, p.UnknownTime, p.Covered, p.KWh})
		}
		months = append(months, k)
	}
	return months
}

// DecodeBaseline reads what Encode wrote, and was kept on a date.
func DecodeBaseline(kept []byte, on collector.Date) (Baseline, error) {
	var k keptBaseline
	d := json.NewDecoder(bytes.NewReader(kept))
	d.DisallowUnknownFields()
	err := d.Decode(&k)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something follows it")
		}
	}
	if err == nil && k.Form != form {
		err = fmt.Errorf("it is of form %d, and this program knows %d: use a newer one", k.Form, form)
	}
	b := Baseline{Kept: on, Told: Told{Simulated: k.Simulated, Children: map[privacy.Node][]Account{}}}
	if err == nil {
		b.Self, err = accountsOf(k.Self)
	}
	for _, node := range k.Children {
		if err == nil {
			b.Children[privacy.Node{Level: node.Level, Site: node.Site, Group: node.Group, Class: node.Class}], err = accountsOf(node.Months)
		}
	}
	if err != nil {
		return Baseline{}, fmt.Errorf("read a baseline that was kept on %s: %w", on, err)
	}
	return b, nil
}

func accountsOf(months []keptMonth) ([]Account, error) {
	var all []Account
	for _, k := range months {
		if daysOf(k.Month) == 0 {
			return nil, fmt.Errorf("%.20q is not a month", k.Month)
		}
		a := Account{From: k.Month, To: k.Month, Days: k.Days, Hidden: k.Hidden, Machines: k.Machines, MachineDays: k.MachineDays}
		if k.Figures {
			a.Months = 1
		}
		if k.Hidden != "" {
			a.HiddenMonths = 1
		}
		for _, p := range k.Parts {
			for _, x := range []float64{p.On, p.DisplayOff, p.Sleep, p.Off, p.Unknown, p.Covered, p.KWh.Low, p.KWh.Value, p.KWh.High} {
				if x < 0 || x > mostKept {
					return nil, fmt.Errorf("%s, %.20q: %v is no figure of a month", k.Month, p.Part, x)
				}
			}
			a.addPart(Part{
				Part: p.Part, On: p.On, DisplayOff: p.DisplayOff, Sleep: p.Sleep, Off: p.Off, UnknownTime: p.Unknown, Covered: p.Covered, KWh: p.KWh,
			})
		}
		a.addMethods(k.Methods)
		a.reckon()
		all = append(all, a)
	}
	return all, nil
}
