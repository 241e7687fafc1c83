package fleet

import (
	"fmt"
	"slices"
	"time"
)

// Site is a place of the organisation, with its own calendar.
type Site struct {
	Name      string
	Kind      string // school, office or library
	TimeZone  string // IANA name
	Open      string // hours, the same every week, as the collector reads them: "mon-fri 08:00-18:00; sat 08:00-12:00"
	Territory string // whose public holidays close it
	Zone      string // school zone, A, B or C
	Closures  []Closure
	Groups    []Group // a machine is in one of them
}

// Group is a part of a site.
type Group struct{ Kind, Name string } // Kind is building or room

// The kinds of sites.
const (
	School  = "school"
	Office  = "office"
	Library = "library"
)

// Sites are the sites of the fleet, in the order of Machine.Site.
func (f *Fleet) Sites() []Site {
	sites := make([]Site, len(f.sites))
	for i, s := range f.sites {
		sites[i] = s.Site
		sites[i].Closures, sites[i].Groups = slices.Clone(s.Closures), slices.Clone(s.Groups)
	}
	return sites
}

// site is a Site, and the machines that are there: first the shared ones, then the individual, then the servers.
type site struct {
	Site
	days  []day  // shared with the sites of the same hours and closures
	first int    // index of its first machine
	of    [3]int // how many of each use
	rooms int    // groups with shared machines; the first ones
}

// Of shared machines: one room has about roomSize, and each tenth stands in the library of the school.
const roomSize, libraryShare = 28, 10

func newSites(f *Fleet, zone *time.Location) ([]site, error) {
	calendars := map[string][]day{}
	sites := make([]site, f.plan.Sites)
	offices, libraries := 0, 0
	for i := range sites {
		s := &sites[i]
		s.TimeZone, s.Territory, s.Zone = f.plan.TimeZone, "metropole", f.plan.Zones[i%len(f.plan.Zones)]
		switch {
		case i%12 == 1:
			s.Kind, s.Name = Office, officeName(offices)
			offices++
		case i%40 == 22:
			s.Kind, s.Name = Library, "Médiathèque "+placeName(libraries)
			libraries++
		default:
			s.Kind, s.Name = School, schoolName(i-offices-libraries)
		}
		hours, text := hoursOf(s.Kind, i)
		s.Open = text
		out := schoolHolidays(s.Zone, f.epoch, f.epoch+f.days-1)
		closures := closuresOf(s.Kind, out, yearOf(f.epoch), yearOf(f.epoch+f.days))
		for _, c := range closures {
			s.Closures = append(s.Closures, Closure{dateOf(c.from), dateOf(c.to), c.name})
		}
		key := s.Kind + s.Zone + text
		if calendars[key] == nil {
			closed, away := datesOf(closures), datesOf(out)
			for y := yearOf(f.epoch); y <= yearOf(f.epoch+f.days); y++ {
				for _, d := range publicHolidays(y) {
					closed[d] = true
				}
			}
			days, err := f.makeDays(zone, hours, closed, away)
			if err != nil {
				return nil, err
			}
			calendars[key] = days
		}
		s.days = calendars[key]
	}
	f.deal(sites)
	return sites, nil
}

func datesOf(all []stretch) map[int]bool {
	dates := map[int]bool{}
	for _, s := range all {
		for d := s.from; d <= s.to; d++ {
			dates[d] = true
		}
	}
	return dates
}

// hoursOf is the open hours of a site, and the same as text. Three schools of four close on Wednesday afternoon, or open on
// Saturday morning.
func hoursOf(kind string, i int) (week, string) {
	var w week
	set := func(first, last time.Weekday, minutes ...int) {
		for d := first; d <= last; d++ {
			w[d] = minutes
		}
	}
	switch {
	case kind == Office:
		set(time.Monday, time.Friday, 8*60, 18*60+30)
		return w, "mon-fri 08:00-18:30"
	case kind == Library:
		set(time.Tuesday, time.Saturday, 10*60, 12*60+30, 14*60, 19*60)
		return w, "tue-sat 10:00-12:30,14:00-19:00"
	case i%4 < 2:
		set(time.Monday, time.Friday, 7*60+45, 18*60)
		set(time.Wednesday, time.Wednesday, 7*60+45, 12*60+30)
		return w, "mon-tue,thu-fri 07:45-18:00; wed 07:45-12:30"
	case i%4 == 2:
		set(time.Monday, time.Friday, 8*60, 18*60)
		set(time.Saturday, time.Saturday, 8*60, 12*60)
		return w, "mon-fri 08:00-18:00; sat 08:00-12:00"
	}
	set(time.Monday, time.Friday, 7*60+30, 18*60+30)
	return w, "mon-fri 07:30-18:30"
}

// closuresOf are the closures of a site: of a school its holidays, of a library two weeks of August and the last of the year.
func closuresOf(kind string, out []stretch, first, last int) []stretch {
	if kind == School {
		return out
	}
	var all []stretch
	for y := first; kind == Library && y <= last; y++ {
		on := func(m time.Month, d int) int {
			return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
		}
		all = append(all, stretch{on(time.August, 4), on(time.August, 18), "Fermeture d'été"}, stretch{on(time.December, 26), on(time.December, 31), "Fermeture de fin d'année"})
	}
	return all
}

// deal gives the machines to the sites, each use by weights of its own, so that the sums are the plan's to the machine.
func (f *Fleet) deal(sites []site) {
	n, s := f.plan.Machines, f.plan.Shares
	server := (n*s.Server + 50) / 100
	shared := min((n*s.Shared+50)/100, n-server)
	total := [3]int{shared, n - shared - server, server}
	for use := range total {
		sum := 0
		weights := make([]int, len(sites))
		for i := range sites {
			d := f.dice(forSite, i, use)
			size := d.around(100, 60)
			switch {
			case sites[i].Kind == Library:
				size = 30
			case i == 1:
				size = 300 // the seat of the Region
			}
			weights[i] = size * map[string][3]int{School: {100, 20, 100}, Office: {3, 200, 150}, Library: {60, 15, 20}}[sites[i].Kind][use]
			sum += weights[i]
		}
		before, passed := 0, 0
		for i := range sites {
			passed += weights[i]
			until := int(int64(total[use]) * int64(passed) / int64(sum))
			sites[i].of[use] = until - before
			before = until
		}
	}
	first := 0
	for i := range sites {
		sites[i].first = first
		first += sites[i].of[0] + sites[i].of[1] + sites[i].of[2]
		sites[i].makeGroups()
	}
}

// makeGroups names the rooms and buildings of a site.
func (s *site) makeGroups() {
	room, reading := "Salle informatique", "Centre de documentation"
	switch s.Kind {
	case Office:
		room, reading = "Salle de formation", "Accueil du public"
	case Library:
		room, reading = "Espace multimédia", "Salle de lecture"
	}
	s.Groups = []Group{{"room", reading}}
	shared := s.of[0] - s.of[0]/libraryShare
	for k := 0; k*roomSize < shared; k++ {
		s.Groups = append(s.Groups, Group{"room", fmt.Sprintf("%s %d", room, 101+k%10+100*(k/10))})
	}
	s.rooms = len(s.Groups)
	for k := 0; k == 0 || k*buildingSize < s.of[1]; k++ {
		s.Groups = append(s.Groups, Group{"building", "Bâtiment " + letters(k)})
	}
	s.Groups = append(s.Groups, Group{"room", "Local technique"})
}

// buildingSize is about how many individual machines one building has.
const buildingSize = 120

// letters is A to Z, then AA, AB and so on.
func letters(k int) string {
	if k < 26 {
		return string(rune('A' + k))
	}
	return letters(k/26-1) + string(rune('A'+k%26))
}

// place is the use of the j-th machine of a site, and its group.
func (s *site) place(j int) (use, group int) {
	switch {
	case j < s.of[0]/libraryShare:
		return shared, 0
	case j < s.of[0]:
		return shared, 1 + (j-s.of[0]/libraryShare)/roomSize
	case j < s.of[0]+s.of[1]:
		return individual, s.rooms + (j-s.of[0])/buildingSize
	}
	return server, len(s.Groups) - 1
}

// Names are of trees and of places that any town has, so that none is a real school's.
func schoolName(i int) string {
	trees := []string{
		"des Tilleuls", "des Saules", "des Érables", "des Ormes", "des Charmes", "des Frênes", "des Bouleaux", "des Noisetiers", "des Mélèzes",
		"des Cèdres", "des Aulnes", "des Trembles", "des Sorbiers", "des Alisiers", "des Cornouillers", "des Fusains", "des Troènes",
		"des Sureaux", "des Houx", "des Genêts", "des Merisiers", "des Cormiers", "des Néfliers", "des Cognassiers",
	}
	kinds := []string{"Lycée", "Lycée professionnel", "Lycée polyvalent", "Lycée agricole", "Lycée hôtelier"}
	name := kinds[i/len(trees)%len(kinds)] + " " + trees[i%len(trees)]
	if round := i / (len(trees) * len(kinds)); round > 0 {
		name = fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}

func officeName(i int) string {
	if i == 0 {
		return "Hôtel de Région"
	}
	return "Maison de la Région " + placeName(i-1)
}

func placeName(i int) string {
	places := []string{
		"du Pont", "de la Gare", "du Marché", "des Remparts", "du Canal", "de la Fontaine", "du Beffroi", "des Halles", "du Port", "de la Citadelle",
	}
	name := places[i%len(places)]
	if round := i / len(places); round > 0 {
		name = fmt.Sprintf("%s %d", name, round+1)
	}
	return name
}
