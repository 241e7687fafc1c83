package dashboards

import (
	"crypto/sha256"
	"encoding/hex"

	"veille/ecoindex/practice"
)

// catalogue is what is said of the practices, by their ids.
type catalogue struct {
	page, site map[string]rule
	rgesn      map[string]practice.Criterion
}

// rule is what is said of a practice or of a rule of whole sites.
type rule struct {
	Title, Advice practice.Words
	Unit          string
	Most          float64
	Known         bool // by this program; what an older or newer one found has its id only
}

// newCatalogue reads the words of all practices.
func newCatalogue() catalogue {
	c := catalogue{map[string]rule{}, map[string]rule{}, map[string]practice.Criterion{}}
	for _, x := range practice.Checks() {
		c.page[x.ID] = rule{x.Title, x.Advice, x.Unit, x.Most, true}
	}
	for _, x := range practice.SiteChecks() {
		c.site[x.ID] = rule{x.Title, x.Advice, x.Unit, x.Most, true}
	}
	for _, x := range practice.RGESN() {
		c.rgesn[x.ID] = x
	}
	return c
}

// find is the rule of an id.
func find(rules map[string]rule, id string) rule {
	if r, ok := rules[id]; ok {
		return r
	}
	return rule{Title: practice.Words{FR: id, EN: id}}
}

// keyOf is a short name of an address that is too long to be in a link.
func keyOf(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:8])
}
