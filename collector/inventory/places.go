package inventory

import (
	"errors"
	"fmt"
	"strings"

	"veille/collector/table"
)

// sites are names of sites by how they are compared; "" of names that several sites have.
type sites map[string]string

func sitesOf(names []string) sites {
	by := sites{}
	for _, name := range names {
		key := table.Plain(name)
		if before, twice := by[key]; twice && before != name {
			name = ""
		}
		by[key] = name
	}
	return by
}

// named is the site that a place names, or the entity that a device is of where its place names none. Of a place within others, "Lycée X > Bâtiment
// A > Salle 12", the first that is a site counts.
func (s sites) named(place, entity string) (string, error) {
	for _, text := range []string{place, entity} {
		for part := range strings.SplitSeq(text, ">") {
			key := table.Plain(part)
			name, known := s[key]
			switch {
			case !known || key == "":
			case name == "":
				return "", fmt.Errorf("several sites are called like %.60q but for case, accents and marks: give one of them another name", clean(part))
			default:
				return name, nil
			}
		}
	}
	first, _, _ := strings.Cut(place, ">")
	owner, _, _ := strings.Cut(entity, ">")
	switch {
	case clean(first) != "":
		return "", fmt.Errorf("place %.60q is no site: call a site so, or write the name of the site in its place", clean(first))
	case clean(owner) != "":
		return "", fmt.Errorf("no place is named, and entity %.60q is no site: fill in the place, or call a site so", clean(owner))
	}
	return "", errors.New("no place is named: fill it in")
}

func clean(text string) string { return strings.TrimSpace(text) }
