package privacy

import (
	"cmp"
	"strings"

	"veille/collector"
)

// Level is how far down the tree a node is.
type Level int

// The levels, from the root.
const (
	WholeOrganisation Level = iota
	OneSite
	OneGroup // of a site; group 0 is its machines that are in no group
	OneClass // of a group
)

// Node is a node of the tree of an organisation. The zero value is the organisation itself.
type Node struct {
	Level Level
	Site  int64  // 0 above OneSite
	Group int64  // 0 above OneGroup
	Class string // "" above OneClass
}

// Site is the node of a site.
func Site(site int64) Node { return Node{Level: OneSite, Site: site} }

// Group is the node of a group of a site.
func Group(site, group int64) Node { return Node{Level: OneGroup, Site: site, Group: group} }

// Class is the node of the machines of one class in a group.
func Class(site, group int64, class string) Node { return Node{OneClass, site, group, class} }

// leaf is the node of a place.
func leaf(p collector.Place) Node { return Class(p.Site, p.Group, p.Class) }

// at is the node itself, or what it is in at a level above.
func (n Node) at(l Level) Node {
	n.Level = min(n.Level, l)
	if n.Level < OneClass {
		n.Class = ""
	}
	if n.Level < OneGroup {
		n.Group = 0
	}
	if n.Level < OneSite {
		n.Site = 0
	}
	return n
}

// valid tells whether it is a node of some tree.
func (n Node) valid() bool {
	return n.Level >= WholeOrganisation && n.Level <= OneClass && n.at(n.Level) == n
}

// has tells whether o is n, or is in it.
func (n Node) has(o Node) bool { return o.Level >= n.Level && o.at(n.Level) == n }

// compare puts a node before what is in it.
func (n Node) compare(o Node) int {
	return cmp.Or(cmp.Compare(n.Site, o.Site), cmp.Compare(n.Group, o.Group), strings.Compare(n.Class, o.Class), cmp.Compare(n.Level, o.Level))
}
