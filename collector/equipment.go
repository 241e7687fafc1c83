package collector

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Devices are the classes of equipment.
func Devices() []string {
	return []string{"notebook", "desktop", "mini", "all-in-one", "thin-client", "server", "monitor", "tablet", "printer", "other"}
}

// Equipment is devices of one class at a site that were bought in the same month, in the same way. It is a count: no line is of one
// device with a number of its own.
type Equipment struct {
	Organisation int64
	Site         int64
	Class        string // of Devices
	Bought       Month  // "": nobody knows
	As           string // "new", "refurbished" (bought used and made good) or "reused" (given, or from another service)
	Count        int    // above 0
	Source       string // the file that it was imported from

	State    string // of EquipmentStates; "" is in service
	Ecolabel bool   // it has an eco-label of type I
	Left     Month  // in which it was retired; "" of what is not, or where nobody knows
	To       string // where it went, of EquipmentEnds; "" of what is not retired, or where nobody knows
}

// EquipmentStates are in service, in stock, and retired.
func EquipmentStates() []string { return []string{"in-service", "stock", "retired"} }

// EquipmentEnds are where retired devices go: to reuse inside of the organisation or outside, to recycling, or elsewhere.
func EquipmentEnds() []string { return []string{"reuse-inside", "reuse-outside", "recycling", "other"} }

// InService are the devices of a list that are in service.
func InService(all []Equipment) (serving []Equipment) {
	for _, e := range all {
		if e.State == "" || e.State == EquipmentStates()[0] {
			serving = append(serving, e)
		}
	}
	return serving
}

// Validate says why e is no equipment, or nothing.
func (e Equipment) Validate() error {
	if err := possible(e.Bought); err != nil && e.Bought != "" {
		return err
	}
	switch {
	case !slices.Contains(Devices(), e.Class):
		return fmt.Errorf("class %.60q is none of %s", e.Class, strings.Join(Devices(), ", "))
	case e.As != "new" && e.As != "refurbished" && e.As != "reused":
		return fmt.Errorf("acquired as %.60q is none of new, refurbished, reused", e.As)
	case e.Count < 1 || e.Count > 1e6:
		return fmt.Errorf("%d devices are not from 1 to 1000000", e.Count)
	case e.State != "" && !slices.Contains(EquipmentStates(), e.State):
		return fmt.Errorf("state %.60q is none of %s", e.State, strings.Join(EquipmentStates(), ", "))
	}
	return errors.Join(e.validateEnd(), line("the source", e.Source, true))
}

// validateEnd says why when the devices left, and where they went, cannot be.
func (e Equipment) validateEnd() error {
	if e.State != "retired" && (e.Left != "" || e.To != "") {
		return errors.New("only retired devices have a month in which they left, and a place where they went")
	}
	if e.To != "" && !slices.Contains(EquipmentEnds(), e.To) {
		return fmt.Errorf("retired to %.60q, which is none of %s", e.To, strings.Join(EquipmentEnds(), ", "))
	}
	if e.Left == "" {
		return nil
	}
	if err := possible(e.Left); err != nil {
		return err
	}
	if e.Bought != "" && e.Left < e.Bought {
		return fmt.Errorf("retired in %s, before the purchase in %s", e.Left, e.Bought)
	}
	return nil
}
