package label

import (
	"maps"

	"veille/collector"
	"veille/collector/balance"
)

// facts are all that the lines of a report are reckoned from, read once: what machines did, what was imported, and what people state. They are of
// the period of the report and of the one before it.
type facts struct {
	organisation collector.Responsible
	today        collector.Date
	now, before  period // of the report, and the one that it is compared with
	sites        []collector.Site
	book         balance.Book
	simulated    bool
	months       []month               // with figures, of both periods, the oldest first
	equipment    []collector.Equipment // of all states
	quantities   []collector.Quantity
	steps        []collector.Step
	readings     []collector.Reading
	grids        []collector.Grid
	websites     []website
	fleet        *collector.Fleet // nil: nothing is known of it
	actions      []action
	proven       map[string]bool     // what there is evidence for
	effects      map[period][]effect // of each of actions, in their order
}

// month is what the machines of an organisation did in a month.
type month struct {
	month        collector.Month
	workstations balance.Account
	servers      balance.Account
	sites        map[int64]balance.Account // workstations, by site; those that are told, nothing of them hidden
	siteServers  map[int64]balance.Account // servers, by site
	hiddenSites  []int64                   // that have machines of persons which may not be told of
	split        split                     // of the energy of both
	cost         cost                      // of shared machines and servers
}

// website is one of the organisation's, with its runs, the oldest first.
type website struct {
	collector.Website
	runs []collector.WebRun
}

// action is one of the plan, with its baseline and what is told of its place since.
type action struct {
	collector.Action
	base  balance.Baseline
	why   string // why it has no baseline; "" where it has one
	after balance.Told
}

// period is the months that a line is reckoned for.
type period struct{ from, to collector.Month }

// piece reckons one line in a period, from facts. It never changes them.
type piece func(f *facts, p period) answer

// answer is what a piece says. One without a value says why in missing.
type answer struct {
	value, low, high *float64
	whole            bool     // it is told without decimals: a rate of few machines
	followed         float64  // machines, in the mean of the months, of a sum that grows with them; 0: it is none
	of               string   // what it is made of, where that may differ: figures of other things are not compared
	months           int      // with figures, of a sum over months; 0: it is none. Sums are compared with those of as many months
	status           string   // Measured, Imported or Declared; "" without a value
	coverage         *float64 // percent
	weak             bool     // less than 60 percent are covered
	observed         *float64
	quality          string
	methods          []string
	obtained         Words
	missing          Words
	notes            []Words
	parts            []Part
}

// pieces are all lines, by id. Each family has its own list, in its own file.
func pieces() map[string]piece {
	all := map[string]piece{}
	for _, family := range []map[string]piece{measured(), stated()} {
		maps.Copy(all, family)
	}
	return all
}
