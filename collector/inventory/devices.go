package inventory

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/table"
)

// device is a line of a list of GLPI or OCS.
type device struct {
	Line
	text   string // its type, as it is written
	ids    ids
	isUsed bool // its date is that on which it came into service
}

// devices reads the lines of a list of GLPI or OCS, one device each.
func (r *reader) devices(preset string) error {
	if err := r.complete(preset); err != nil {
		return err
	}
	l := list{reader: r, preset: preset, sites: sitesOf(r.o.Sites), twins: twins{by: map[string]int{}}}
	var err error
	if l.dates, err = r.dates(columnBought, columnUsed, columnLeft); err != nil { // a program writes all of them in one way
		return err
	}
	for _, row := range r.t.Rows {
		r.wrong.Add(row.Number, l.row(row))
	}
	l.notes()
	return nil
}

// complete says which columns a list lacks, or nothing.
func (r *reader) complete(preset string) error {
	place, kind := "Lieu or Entité (Location or Entity)", "Type"
	if preset == PresetOCS {
		place, kind = "TAG or Lieu (TAG or Location)", "Catégorie d'Actifs or Type (Assets category or Type)"
	}
	switch {
	case !r.t.Has(columnPlace) && !r.t.Has(columnEntity):
		return fmt.Errorf("no column says where devices are: show %s in the list before it is exported, or add a column of that name", place)
	case !r.t.Has(columnType) && !r.t.Has(columnCategory) && !r.t.Has(columnClass):
		return fmt.Errorf("no column says what devices are: show %s in the list before it is exported, or add a column named class (classe)", kind)
	case len(r.o.Sites) == 0:
		return errors.New("the organisation has no site that places could name: add its sites first")
	}
	return nil
}

// list is a list of devices that is read.
type list struct {
	*reader
	preset            string
	sites             sites
	dates             table.Dates
	twins             twins
	types             map[string]int // index in found.Types, by type and class
	services          int            // devices with the date on which they came into service
	virtual, archived int            // lines that were passed over
}

// row reads a line.
func (l *list) row(row table.Row) error {
	d := device{ids: idsOf(row, l.preset)}
	d.Number, d.Count, d.Source = row.Number, 1, l.o.Source
	if v := table.Plain(row.Cells[columnArchived]); v != "" && v != "0" && v != "null" {
		l.archived++
		return nil
	}
	var err error
	if d.text, d.Class, err = kindOf(row); err != nil {
		return err
	}
	if d.Class == virtual {
		l.virtual++
		return nil
	}
	if d.Site, err = l.sites.named(row.Cells[columnPlace], row.Cells[columnEntity]); err != nil {
		return err
	}
	if err := l.dated(&d, row); err != nil {
		return err
	}
	told := row.Cells[columnAs] != ""
	d.As = wayNew
	if told {
		if d.As, err = wayOf(row.Cells[columnAs]); err != nil {
			return err
		}
	}
	if d.Ecolabel, err = yes(row.Cells[columnEcolabel]); err != nil {
		return err
	}
	if again, err := l.twins.again(d); again || err != nil {
		if err == nil {
			l.found.Duplicates++
		}
		return err
	}
	if err := l.add(d.Line); err != nil {
		return err
	}
	l.counted(d, told)
	return nil
}

// kindOf is the type of a line, and the class it stands for. A column named class comes first: with it, people say what a type of theirs is.
func kindOf(row table.Row) (text, class string, err error) {
	if text = row.Cells[columnClass]; text != "" {
		class, err = classOf(text)
		return text, class, err
	}
	text = cmp.Or(row.Cells[columnType], row.Cells[columnCategory])
	class, known := typed(text)
	switch {
	case text == "":
		return "", "", errors.New("no type is named: fill it in, or add a column named class (classe) with " + strings.Join(collector.Devices(), ", "))
	case !known:
		return "", "", fmt.Errorf("type %.60q is not known; known are portable (laptop), tour or fixe (desktop), mini PC, tout en un (all in one), client léger (thin client), serveur (server), écran (monitor), tablette (tablet), imprimante (printer), autre (other): "+
			"change it, or add a column named class (classe) that says for each line what it is, one of %s", text, strings.Join(collector.Devices(), ", "))
	}
	return text, class, nil
}

// dated reads when a device was bought, what has become of it, and when.
func (l *list) dated(d *device, row table.Row) (err error) {
	if d.Bought, err = l.monthOf("date of purchase", row.Cells[columnBought], l.dates); err != nil {
		return err
	}
	if d.Bought == "" {
		if d.Bought, err = l.monthOf("date of coming into service", row.Cells[columnUsed], l.dates); err != nil {
			return err
		}
		d.isUsed = d.Bought != ""
	}
	if d.State, err = stateOf(row.Cells[columnState]); err != nil {
		return err
	}
	if d.State != stateRetired {
		return nil // a date on which it is to be retired one day is a plan
	}
	if d.Left, err = l.monthOf("date of retirement", row.Cells[columnLeft], l.dates); err != nil {
		return err
	}
	d.To, err = endOf(row.Cells[columnTo])
	return err
}

// counted counts a device in what is said of the file.
func (l *list) counted(d device, told bool) {
	if !told {
		l.found.TakenAsNew++
	}
	if d.isUsed {
		l.services++
	}
	key := table.Plain(d.text) + "\x00" + d.Class
	if l.types == nil {
		l.types = map[string]int{}
	}
	i, known := l.types[key]
	if !known {
		i = len(l.found.Types)
		l.types[key] = i
		l.found.Types = append(l.found.Types, Type{Text: d.text, Class: d.Class})
	}
	l.found.Types[i].Count++
}

// notes says what people have to know beside.
func (l *list) notes() {
	if l.services > 0 {
		l.note("devices without a date of purchase, for which the date stands on which they came into service: %d", l.services)
	}
	if l.virtual > 0 {
		l.note("lines of virtual machines, which are no devices and were passed over: %d", l.virtual)
	}
	if l.archived > 0 {
		l.note("lines that are archived in OCS Inventory and were passed over: %d", l.archived)
	}
	known := func(c string) bool { return l.t.Has(c) }
	if !slices.ContainsFunc([]string{columnSerial, columnNumber, columnID, columnUUID}, known) {
		l.note("the file has no serial number and no inventory number: a device that is in it twice may have been counted twice")
	}
	if !l.t.Has(columnState) {
		l.note("the file does not say what has become of devices: all of them are taken as in service")
	}
}
