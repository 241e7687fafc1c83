// Package inventory reads which devices an organisation has from a table that people keep in a spreadsheet, or that a program exports that keeps
// account of devices: GLPI or OCS Inventory.
//
// # Our own format
//
// A line is devices of one class. The columns, in any order, in English or French: site; class (classe); bought (achat, date d’achat); as
// (provenance); count (nombre); and where there are such, state (état), ecolabel (écolabel), left (date de sortie), to (destination). Others are
// passed over.
//
// # GLPI
//
// A line is a device of a list (computers, monitors, printers), exported as CSV in the English or the French interface. The titles were found in
// glpi-project/glpi: src/Computer.php, rawSearchOptions (Location, Type, Status, Serial number, Inventory number, ID, UUID, Entity);
// src/Infocom.php, rawSearchOptionsToAdd (Date of purchase, Startup date, of the group Financial and administrative information);
// locales/fr_FR.po (Lieu, Type, Date d'achat, Date de mise en service, Statut); src/Search.php for the name of a group in front of a title;
// src/Glpi/Search/Output/Csv.php (quotes, and the separator of the user's preferences). “Entité”, “Numéro de série”, “Numéro d'inventaire”,
// “Date de réforme” and “Decommission date” are as the program shows them, and were not looked up.
//
// # OCS Inventory
//
// A line is a computer. The titles were found in OCSInventory-NG/OCSInventory-ocsreports:
// plugins/main_sections/ms_all_computers/ms_all_computers.php (which columns there are, by number of their text: 23, 36, 949, 1551, 2132),
// plugins/language/fr_FR/fr_FR.txt and plugins/language/en_GB/en_GB.txt (the texts: Machine and Computer, Numéro de série and Serial number, Id
// de la machine and Computer Id, Catégorie d'Actifs and Assets category), plugins/main_sections/ms_export/ms_csv.php (semicolons unless another
// separator is set, also at the end of lines). It knows no date of purchase and no state; administrative data may: columns that are called as in
// GLPI are read. The date of the BIOS is not that of the purchase and is never taken for it.
//
// # What a device is taken as
//
// GLPI and OCS keep no account of how a device came. A column “Type d’acquisition” or “Provenance” says it; without it, devices are taken as bought
// new and counted in Found.TakenAsNew, because collector.Equipment has no word for what nobody knows. A line without a date of purchase has none, or
// in GLPI the date on which it came into service, which a note counts.
package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/table"
)

// MaxFile is how many bytes a file may have.
const MaxFile = table.MaxFile

// oldest is the first year in which a device that is still there may have been bought.
const oldest = 1990

// Read reads a table of devices. Either all its lines are answered, put together as counts, or an error that names the first 20 lines that are wrong
// and counts all of them.
func Read(file []byte, o Options) (Found, error) {
	preset, hint, err := recognised(file, o.Preset)
	if err != nil {
		return Found{}, err
	}
	t, wrong, err := table.Parse(file, presetColumns(preset))
	if err != nil {
		return Found{}, fmt.Errorf("read the inventory: %w%s", err, hint)
	}
	r := reader{o: o, t: t, wrong: &wrong, seen: map[collector.Equipment]map[string]int{}}
	r.found = Found{Preset: preset, Encoding: t.Encoding, Separator: t.Separator}
	all := len(t.Rows) + wrong.Count()
	if preset == PresetVeille {
		err = r.own()
	} else {
		err = r.devices(preset)
	}
	if err = errors.Join(err, wrong.Err(all)); err != nil {
		return Found{}, err
	}
	if len(r.found.Lines) == 0 {
		return Found{}, fmt.Errorf("no line of the file is a device%s", beside(r.found.Notes))
	}
	return r.found, nil
}

// beside are notes behind a sentence.
func beside(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return ": " + strings.Join(notes, "; ")
}

// reader reads a table.
type reader struct {
	o     Options
	t     table.Table
	wrong *table.Lines
	found Found
	seen  map[collector.Equipment]map[string]int // index of the line of the same devices at a site
}

// dates reads the dates of columns that are written in one way.
func (r *reader) dates(columns ...string) (table.Dates, error) {
	d, err := table.DatesOf(r.t.Rows, columns...)
	if err != nil {
		return d, fmt.Errorf("dates of %s: %w", strings.Join(columns, ", "), err)
	}
	if d.Open() {
		r.note("dates of %s may have their day or their month first: they were read day first, as in France", strings.Join(columns, ", "))
	}
	return d, nil
}

func (r *reader) note(format string, args ...any) {
	r.found.Notes = append(r.found.Notes, fmt.Sprintf(format, args...))
}

// monthOf reads a month that is not after today; "" of nothing.
func (r *reader) monthOf(what, text string, d table.Dates) (collector.Month, error) {
	date, err := d.Date(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w", what, err)
	}
	if date != "" && (date < collector.Date(fmt.Sprint(oldest)) || date.Month() > r.o.Today.Month()) {
		return "", fmt.Errorf("%s %.40s is not from %d until today", what, text, oldest)
	}
	return date.Month(), nil
}

// add adds a line to those of the same devices.
func (r *reader) add(l Line) error {
	if err := valid(l.Equipment); err != nil {
		return err
	}
	key := l.Equipment
	key.Count, key.Source = 0, ""
	if r.seen[key] == nil {
		r.seen[key] = map[string]int{}
	}
	i, known := r.seen[key][l.Site]
	if !known {
		r.seen[key][l.Site] = len(r.found.Lines)
		r.found.Lines = append(r.found.Lines, l)
	} else {
		both := r.found.Lines[i]
		both.Count += l.Count
		if err := both.Validate(); err != nil {
			return fmt.Errorf("with line %d: %w", both.Number, err)
		}
		r.found.Lines[i] = both
	}
	r.found.Assets += l.Count
	if l.Bought == "" {
		r.found.Undated += l.Count
	}
	return nil
}

// valid says why devices are none that may be kept, or nothing.
func valid(e collector.Equipment) error {
	retired := e.State == stateRetired
	switch {
	case e.State != "" && !slices.Contains(collector.EquipmentStates(), e.State):
		return fmt.Errorf("state %.40q is none of %s", e.State, strings.Join(collector.EquipmentStates(), ", "))
	case e.Left != "" && !retired:
		return errors.New("it has a date on which it was retired, and its state is not retired")
	case e.To != "" && !retired:
		return errors.New("it says where it went, and its state is not retired")
	case e.Left != "" && e.Left < e.Bought:
		return fmt.Errorf("it was retired in %s, before it was bought in %s", e.Left, e.Bought)
	case e.To != "" && !slices.Contains(collector.EquipmentEnds(), e.To):
		return fmt.Errorf("where it went, %.40q, is none of %s", e.To, strings.Join(collector.EquipmentEnds(), ", "))
	}
	return e.Validate()
}
