package collector

import (
	"fmt"
	"strconv"
)

// PlaceMonth is what the machines of one place did in one month. It is made of the cells of the month, by Add. Ledgers keep that of shared
// machines and servers as it was when the month was fixed; of machines of persons they keep what can be told, see Told.
type PlaceMonth struct {
	Place
	Month Month
	Days  []PlaceDay // by day of the month, the first first; those at the end that have no machine may be left out; none with Told
	Sum   Sum
	Told  *Told // nil: the row is of cells, as they are
}

// Told is what was decided, when a month was fixed, of the machines of persons of a node of the tree: of all machines of an organisation, a
// site, a group, or a class of a group. A row that has it is of the node and not of cells, and says so by its place: its Sum is what is
// left of the node without the nodes in it that are shown, and nothing where the node is hidden. The reasons are those of
// collector/privacy, which makes such rows and reads them.
type Told struct {
	Inside   uint8   // why it is hidden from users of the organisation; 0: it is shown
	Public   uint8   // why it is hidden from the public; 0: it is shown
	Mixed    PartSet // the parts of its Sum that the public is not told apart
	Machines int32   // at least so many; 0 where it is hidden
}

// The places of rows with Told that are of more than the class of a group. No group has such a number, and no machine such a class.
const (
	WholeSite         = -1  // as the group: all groups of the site
	WholeOrganisation = -2  // as the group: all sites of the organisation, whichever is named
	AllClasses        = "*" // as the class
)

// Mixed is the part that figures of fixed months are of where parts of the day are not told apart.
const Mixed = "mixed"

// PlaceDay is what tells how many machines the figures of a place are of, and how much is one machine's.
type PlaceDay struct {
	Machines int32          // how many; each counts in one place only
	Parts    PartSet        // the parts of which there are figures
	Top      MilliWattHours // of the one that took most; the figure of scope machine
}

// PartSet is a set of parts of the day: the bit 1<<i stands for Parts()[i], the one after them for any other word.
type PartSet uint8

// Add adds a cell of the month and place.
func (m *PlaceMonth) Add(c Cell) error {
	if c.Place != m.Place || c.Date.Month() != m.Month {
		return fmt.Errorf("add the cell of %s to %s: it is of another month or place", c.Date, m.Month)
	}
	day, err := strconv.Atoi(string(c.Date[len(m.Month):])) // "-07"
	if err != nil || -day < 1 || -day > 31 {
		return fmt.Errorf("%q is not a date like 2006-01-02", c.Date)
	}
	for len(m.Days) < -day {
		m.Days = append(m.Days, PlaceDay{})
	}
	d := &m.Days[-day-1]
	d.Machines += int32(c.Machines)
	d.Top = max(d.Top, c.Top)
	for _, p := range c.Sum.Seconds {
		d.Parts |= 1 << min(place(p.Part), 4)
	}
	for _, e := range c.Sum.Energy {
		d.Parts |= 1 << min(place(e.Part), 4)
	}
	m.Sum.Add(c.Sum)
	return nil
}
