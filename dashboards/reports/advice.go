package reports

import (
	"net/url"
	"slices"
	"strings"

	"veille/collector/label"
)

// advice knows where lines are completed.
type advice struct {
	all []label.Indicator
}

// place is where a line is completed.
type place struct {
	words  string // end of a key
	path   string // of a page of settings; "": nobody types it
	params []any
}

// of is where the line or item of an id is completed.
func (a advice) of(id string, item bool) place {
	if item || id == "" {
		return place{"remark", "/settings/remarks", []any{"of", id}}
	}
	root, _, _ := strings.Cut(id, ".") // "L1.age" is of L1
	switch {
	case id == "E4b", root == "F3":
		return place{words: "factor", path: "/settings/factors"}
	case root == "E2", id == "E4.avoided":
		return place{words: "action", path: "/settings/actions"}
	case root == "E3":
		return place{words: "price", path: "/settings/prices"}
	case root == "E6":
		return place{words: "meter", path: "/settings/meters"}
	case root == "E1", root == "E4a": // what people may add to it is not what is missing
		return place{words: "agents"}
	case root == "W3":
		return place{words: "grid", path: "/settings/grids"}
	case root == "C1", root == "C2":
		return place{words: "equipment", path: "/settings/equipment"}
	}
	i := slices.IndexFunc(a.all, func(l label.Indicator) bool { return l.ID == id })
	if i >= 0 && len(a.all[i].Quantities) > 0 {
		return place{"quantity", "/settings/quantities", []any{"quantity", a.all[i].Quantities[0]}}
	}
	return byFamily(id[:1])
}

// byFamily is where lines of a family are completed that are not apart.
func byFamily(letter string) place {
	switch letter {
	case "F", "L":
		return place{words: "equipment", path: "/settings/equipment"}
	case "P", "S":
		return place{words: "quantity", path: "/settings/quantities"}
	case "W":
		return place{words: "web", path: "/web"}
	case "G":
		return place{words: "step", path: "/settings/governance"}
	}
	return place{words: "agents"}
}

// escape is an id as a part of a path.
func escape(id string) string { return url.PathEscape(id) }
