package power

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Sources of readings.
const (
	ownMeter   = "own wattmeter"
	classPlugs = "own plugs"
)

// AnyMaker is the maker of an entry that is of a whole class of machines, whatever their product, which has the name of the class: readings of
// several of them. See Product.OfClass.
const AnyMaker = "*"

// ImportReadings reads an organisation's own readings of a wattmeter at the plug: CSV with the columns maker, product, state and
// watts, and perhaps minutes and note. maker and product are as the firmware says them; the end of a product may be * . state is on
// (idle, display lit), display_off, sleep, off or busy; the names of ENERGY STAR are understood too. Readings of one product
// and state give a mean and a range; each counts once, however many minutes it took. Notes are not kept: people write names
// in them. A row that makes no sense is left out and named in the report. Where the maker is * the product is one of Classes, and the reading is of all
// machines of that class, on with the load that they usually have, as veille-collector meter calibrate writes it. Such a row says with low_watts and
// high_watts what another machine may draw, and with plugs by how many that is known.
func ImportReadings(r io.Reader) (Catalogue, Report, error) {
	var report Report
	all := gathered{at: map[string]int{}}
	t, err := newTable(r, readingColumns)
	for err == nil {
		var bad error
		if bad, err = t.next(); err != nil {
			break
		}
		report.Rows++
		if bad == nil {
			var p Product
			if p, bad = reading(t.value); bad == nil {
				bad = all.add(p)
			}
		}
		if bad != nil {
			report.refuse(fmt.Sprintf("line %d", t.at), bad)
		}
	}
	if !errors.Is(err, io.EOF) {
		return Catalogue{}, report, fmt.Errorf("import readings: %w", err)
	}
	return all.catalogue(), report, nil
}

func readingColumns(columns []string) error {
	var missing []string
	for _, c := range []string{"maker", "product", "state", "watts"} {
		if !slices.Contains(columns, c) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the header has no column %s; it is maker,product,state,watts[,minutes][,note]", strings.Join(missing, ", "))
	}
	return nil
}

// reading is the product of one row, with one power.
func reading(value func(string) string) (Product, error) {
	p := Product{Maker: value("maker"), Name: value("product"), Source: ownMeter}
	switch {
	case p.Maker == "":
		return p, errors.New("maker is empty")
	case p.Name == "":
		return p, errors.New("product is empty")
	}
	if p.Maker == AnyMaker {
		if !slices.Contains(Classes(), p.Name) {
			return p, fmt.Errorf("%.40q is no class of which something can be said; where the maker is %s the product is one of %s", p.Name, AnyMaker, strings.Join(Classes(), ", "))
		}
		p.Class, p.Source = p.Name, classPlugs
	}
	w, err := parseWatts(value("watts"))
	if err != nil {
		return p, err
	}
	if text := value("minutes"); text != "" {
		if m, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64); err != nil || !(m > 0) {
			return p, fmt.Errorf("%.40q is not a number of minutes above zero", text)
		}
	}
	state := columnName(value("state"))
	switch state {
	case "short_idle", "idle":
		state = "on"
	case "long_idle":
		state = "display_off"
	case "sleep_mode":
		state = "sleep"
	case "off_mode":
		state = "off"
	}
	draw, err := ranged(w, value)
	if err != nil {
		return p, err
	}
	for _, d := range p.draws() {
		if d.state == state {
			*d.Draw = draw
			return p, p.Validate()
		}
	}
	return p, fmt.Errorf("state %.40q is none of on, display_off, sleep, off, busy", value("state"))
}

// ranged is the draw of a row: one reading, or several that the row puts together.
func ranged(w float64, value func(string) string) (Draw, error) {
	d := one(w, meterError)
	for _, bound := range []struct {
		name string
		is   *float64
	}{{"low_watts", &d.Low}, {"high_watts", &d.High}} {
		if text := value(bound.name); text != "" {
			var err error
			if *bound.is, err = parseWatts(text); err != nil {
				return d, fmt.Errorf("%s: %w", bound.name, err)
			}
		}
	}
	if text := value("plugs"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxN {
			return d, fmt.Errorf("%.40q is not a number of plugs from 1 to %d", text, maxN)
		}
		d.N = n
	}
	return d, nil
}
