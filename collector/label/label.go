// Package label turns a period into the lines of a label report, each with how it was obtained, how sure it is, and its evidence.
//
// An indicator is reckoned once, and stands in as many templates as name it. Figures of machines come through collector/privacy and are
// reckoned by collector/balance; others are imported, or stated by people, and say so.
package label

import (
	"context"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/privacy"
)

// Method is the version of how figures are reckoned. It grows with every change that changes a figure; a report names it together with its
// set of factors.
const Method = "1.0.0"

// Schema is the version of the JSON of a report.
const Schema = "veille-report/1"

// Ledger says what organisations have, what they state, and what was kept for them.
type Ledger interface {
	Organisations(ctx context.Context) ([]collector.Responsible, error)
	Sites(ctx context.Context) ([]collector.Site, error)
	Prices(ctx context.Context, organisation int64) ([]collector.Price, error)
	Factors(ctx context.Context, organisation int64) ([]collector.Factor, error)
	Targets(ctx context.Context, organisation int64) ([]collector.Target, error)
	Actions(ctx context.Context, organisation int64) ([]collector.Action, error)
	Baselines(ctx context.Context, organisation int64) ([]collector.Baseline, error)
	Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error)
	Quantities(ctx context.Context, organisation int64) ([]collector.Quantity, error)
	Steps(ctx context.Context, organisation int64) ([]collector.Step, error)
	Evidence(ctx context.Context, organisation int64) ([]collector.Evidence, error)
	Remarks(ctx context.Context, organisation int64) ([]collector.Remark, error)
	Readings(ctx context.Context, organisation int64) ([]collector.Reading, error)
	Grids(ctx context.Context, organisation int64) ([]collector.Grid, error)
	Templates(ctx context.Context, organisation int64) ([]collector.Template, error)
	Fleet(ctx context.Context, organisation int64) (collector.Fleet, error)          // collector.ErrNotFound: nothing is known of it
	Snapshots(ctx context.Context, organisation int64) ([]collector.Snapshot, error) // without their JSON
	Websites(ctx context.Context) ([]collector.Website, error)
	WebRuns(ctx context.Context, website int64, from time.Time) ([]collector.WebRun, error) // the oldest first
}

// Door lets figures through that may be shown.
type Door interface {
	Monthly(ctx context.Context, who *collector.User, q privacy.Question) ([]privacy.Answer, error)
}

// Maker makes reports.
type Maker struct {
	ledger Ledger
	door   Door
	today  func() collector.Date

	// What comes with the program is read once.
	catalogue func() ([]Indicator, error)
	shipped   func() (map[string]Template, error)

	memory memory
}

// New is a maker of reports of what a ledger has and its door lets through. today is the date in the zone of the collector.
func New(ledger Ledger, door Door, today func() collector.Date) *Maker {
	return &Maker{ledger: ledger, door: door, today: today, catalogue: sync.OnceValues(Indicators), shipped: sync.OnceValues(ShippedTemplates)}
}

// Request asks for a report.
type Request struct {
	Organisation int64
	Template     string          // id of one that comes with the program or that the organisation has typed in
	From, To     collector.Month // both in it; 36 months at most
}
