package web

import (
	"cmp"
	"slices"
	"strings"
)

// Part is a piece of a document: an element and all that is inside it.
type Part struct {
	Path     string // where it is, as a style sheet would say: "#content > ul.results"
	Elements int    // in it, itself included, counted as the reference counts
}

// Branch is an element with others inside it, of which LargestParts chooses.
type Branch struct {
	Parent   int    // its index among the branches, smaller than its own; -1 for the outermost
	Name     string // "#menu", or "ul.results" where it has no id; from the page, as it is
	Elements int    // in it, itself included
}

const (
	maxParts = 3
	minPart  = 10 // elements
	maxPath  = 4  // names in a path: the last ones say most
)

// LargestParts are up to three pieces of a document that lie apart, the largest first. A piece that has a quarter of its
// elements in one child is not named, but what is inside it: that most of a page is in its body helps nobody. What has
// less than a fiftieth of the whole, or less than ten elements, is left out; so is a branch whose parent does not come
// before it.
func LargestParts(tree []Branch) []Part {
	children := make([][]int, len(tree))
	var open []int // pieces to name or to look into
	least := minPart
	for i, b := range tree {
		switch {
		case b.Elements < least:
		case b.Parent < 0:
			open = append(open, i)
			least = max(least, b.Elements/50)
		case b.Parent < i:
			children[b.Parent] = append(children[b.Parent], i)
		}
	}
	var parts []Part
	for len(open) > 0 && len(parts) < maxParts {
		slices.SortStableFunc(open, func(a, b int) int { return cmp.Compare(tree[b].Elements, tree[a].Elements) })
		largest := open[0]
		open = open[1:]
		if slices.ContainsFunc(children[largest], func(c int) bool { return 4*tree[c].Elements >= tree[largest].Elements }) {
			open = append(open, children[largest]...)
			continue
		}
		parts = append(parts, Part{Path: pathOf(tree, largest), Elements: tree[largest].Elements})
	}
	return parts
}

// pathOf is the way to a branch, from the last id before it, or from the body.
func pathOf(tree []Branch, i int) string {
	var names []string
	for ; i >= 0 && len(names) < maxPath; i = tree[i].Parent {
		name := tree[i].Name
		if len(names) > 0 && (name == "html" || name == "body") {
			break
		}
		names = append(names, name)
		if strings.HasPrefix(name, "#") {
			break
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " > ")
}

// NameOf is how an element is called in a Branch: by its id, or by its tag and its first two classes.
func NameOf(tag, id, class string) string {
	if id = strings.TrimSpace(id); id != "" {
		return "#" + shorten(id)
	}
	for i, one := range strings.Fields(class) {
		if i == 2 {
			break
		}
		tag += "." + shorten(one)
	}
	return shorten(tag)
}

// shorten keeps the beginning of a name that a page may have made very long.
func shorten(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}
