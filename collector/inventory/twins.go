package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"veille/collector/table"
)

// ids are what tells a device from others. They live as long as the file is read: they are never kept and never in an error.
type ids struct {
	serial string
	all    []string // serial number, inventory number and number in the program, each with its kind in front
}

// idsOf are those of a line. A name counts in OCS alone, where it is that of a computer, and where there is nothing else: in GLPI screens are often
// named by their model.
func idsOf(row table.Row, preset string) ids {
	id := ids{serial: told(row.Cells[columnSerial])}
	for _, column := range []string{columnSerial, columnNumber, columnUUID, columnID} {
		if text := told(row.Cells[column]); text != "" {
			id.all = append(id.all, column+" "+text)
		}
	}
	if name := told(row.Cells[columnName]); len(id.all) == 0 && name != "" && preset == PresetOCS {
		id.all = append(id.all, columnName+" "+name)
	}
	return id
}

// told is a number as it is compared; "" of what makers write where there is none.
func told(text string) string {
	text = table.Plain(text)
	switch text {
	case "none", "n a", "na", "to be filled by o e m", "default string", "system serial number", "serial number", "not specified", "not available", "unknown", "inconnu", "aucun", "neant", "null", "xxxxxxx", "x":
		return ""
	}
	if strings.Trim(text, "0 ") == "" || text == "123456789" || text == "1234567890" {
		return ""
	}
	return text
}

// twins finds lines that are of one device.
type twins struct {
	by   map[string]int // index of the device that a number is of
	kept []device
}

// again tells whether a device has been before. That it says something else of it is an error.
func (t *twins) again(d device) (bool, error) {
	place := -1
	for _, id := range d.ids.all {
		i, known := t.by[id]
		if known && place >= 0 && i != place {
			return true, fmt.Errorf("its numbers are those of two devices, of lines %d and %d", t.kept[place].Number, t.kept[i].Number)
		}
		if known {
			place = i
		}
	}
	again := place >= 0
	if again {
		if err := t.kept[place].differs(d); err != nil {
			return true, err
		}
	} else {
		place = len(t.kept)
		t.kept = append(t.kept, d)
	}
	for _, id := range d.ids.all {
		t.by[id] = place
	}
	return again, nil
}

// differs says what two lines of one device do not agree on, or nothing.
func (d device) differs(e device) error {
	if d.ids.serial != "" && e.ids.serial != "" && d.ids.serial != e.ids.serial {
		return fmt.Errorf("it has the inventory number or the identifier of line %d, and another serial number", d.Number)
	}
	var what []string
	for _, x := range []struct {
		name string
		same bool
	}{
		{"site", d.Site == e.Site},
		{"class", d.Class == e.Class},
		{"date of purchase", d.Bought == e.Bought},
		{"way of acquisition", d.As == e.As},
		{"state", d.State == e.State},
		{"eco-label", d.Ecolabel == e.Ecolabel},
		{"date of retirement", d.Left == e.Left},
		{"destination", d.To == e.To},
	} {
		if !x.same {
			what = append(what, x.name)
		}
	}
	if len(what) == 0 {
		return nil
	}
	return errors.New("it is the device of line " + fmt.Sprint(d.Number) + ", and they do not agree on its " + strings.Join(slices.Clip(what), ", "))
}
