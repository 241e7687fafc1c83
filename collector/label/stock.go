package label

import (
	"slices"

	"veille/collector"
)

// stock are devices of the inventory as they were at the end of a period.
type stock struct {
	serving []collector.Equipment
	rebuilt bool // from an inventory of a later date
}

// longAgo is how many months after the end of a period an inventory says nothing any more of what was in service then, unless it lists what has
// left since.
const longAgo = 12

// oldestYears is the age above which a date of purchase is taken to be mistyped, as balance takes it.
const oldestYears = 50

// enoughExits is how many devices of a class must have left for their life to stand in the place of a factor.
const enoughExits = 30

// stock are the devices in service at the end of a period; false, and why, where the inventory does not tell. Of a past period those are back in
// service that left later; what was bought later is not there yet. What is in stock today was not in service: nobody says since when.
func (f *facts) stock(p period) (s stock, why Words, ok bool) {
	late, _ := monthsBetween(p.to, f.today.Month())
	s.rebuilt = late >= longAgo
	left := false
	for _, e := range f.equipment {
		if e.Count <= 0 || e.Bought > p.to {
			continue
		}
		switch e.State {
		case "", inServiceState:
			s.serving = append(s.serving, e)
		case retiredState:
			if e.Left > p.to {
				left = true
				s.serving = append(s.serving, e)
			}
		}
	}
	if s.rebuilt && !left {
		return s, Words{
			FR: "L’inventaire ne dit pas ce qui a quitté le service depuis cette période : ce qui était alors en service n’est pas connu.",
			EN: "The inventory does not say what has left service since this period: what was in service then is not known.",
		}, false
	}
	return s, noEquipment(), len(s.serving) > 0
}

// The states of equipment, of collector.EquipmentStates.
const (
	inServiceState = "in-service"
	stockState     = "stock"
	retiredState   = "retired"
)

// terminals are the classes that people work with, screens apart.
func terminals() []string {
	return []string{"notebook", "desktop", "mini", "all-in-one", "thin-client", "tablet"}
}

// computers are the classes that have an operating system which somebody maintains.
func computers() []string { return append(terminals(), "server") }

// of are the devices of some classes.
func (s stock) of(classes ...string) stock {
	s.serving = slices.DeleteFunc(slices.Clone(s.serving), func(e collector.Equipment) bool { return !slices.Contains(classes, e.Class) })
	return s
}

// at are the devices of some sites; nil: of all.
func (s stock) at(sites []int64) stock {
	if sites != nil {
		s.serving = slices.DeleteFunc(slices.Clone(s.serving), func(e collector.Equipment) bool { return !slices.Contains(sites, e.Site) })
	}
	return s
}

// devices is how many devices a list has.
func devices(all []collector.Equipment) (n int) {
	for _, e := range all {
		n += e.Count
	}
	return n
}

// asOf is the day for which a period is told: its last, or today.
func (f *facts) asOf(p period) collector.Date {
	_, last := p.dates()
	return min(last, f.today)
}

// age is how many months old a device is in a month; false where that is not known.
func age(e collector.Equipment, in collector.Month) (int, bool) {
	months, ok := monthsBetween(e.Bought, in)
	return months, ok && months >= 0 && months <= oldestYears*yearMonths
}

// served is for how many months a retired device served; false where that is not known, or it did not leave in the period.
func served(e collector.Equipment, p period) (int, bool) {
	if e.State != retiredState || !p.has(e.Left) || e.Count <= 0 {
		return 0, false
	}
	return age(e, e.Left)
}

// realised is the mean of the months that devices of a class served which left in a period, and how many those are.
func (f *facts) realised(class string, p period) (months float64, n int) {
	sum := 0
	for _, e := range f.equipment {
		if m, ok := served(e, p); ok && e.Class == class {
			sum, n = sum+m*e.Count, n+e.Count
		}
	}
	if n == 0 {
		return 0, 0
	}
	return float64(sum) / float64(n), n
}

// lastYear are the last twelve months of a period, or the twelve that end with it where it is shorter.
func (p period) lastYear() period { return period{p.to.Plus(1 - yearMonths), p.to} }

// inventoried is the answer of a line that is reckoned from the inventory, of which so many devices are known in what it is about. Its quality is
// medium, and low where that is not known of a tenth of them or more: dates of purchase are of invoices, and the rest is unlike them.
func (s stock) inventoried(value float64, known, all int) answer {
	a := answer{
		value: &value, status: Imported, quality: Medium,
		obtained: Words{
			FR: "Calculé à partir de l’inventaire importé, équipements en service à la fin de la période.",
			EN: "Reckoned from the imported inventory, devices in service at the end of the period.",
		},
	}
	if 10*(all-known) >= all {
		a.quality = Low
	}
	if s.rebuilt {
		a.quality = Low
		a.notes = append(a.notes, Words{
			FR: "Le parc de cette période est reconstitué d’après les dates d’achat et de sortie de l’inventaire d’aujourd’hui.",
			EN: "What was in service in this period is rebuilt from the dates of purchase and of exit in today’s inventory.",
		})
	}
	a.covering(float64(known), float64(all))
	return a
}
