// Package opendata writes the public data sets of an organisation, and their catalogue.
//
// Figures of machines come through the door of collector/privacy as anybody may see them, and from nowhere else. Counts of the inventory, which
// do not come through that door, are concealed by this package: see conceal.
package opendata

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/privacy"
)

// Method is the version of how the figures of the fleet are reckoned: that of the label report, which are the same.
const Method = "1.0.0"

// ErrSIREN says that an organisation has no SIREN, which each row of the data sets needs.
var ErrSIREN = errors.New("the organisation has no SIREN, by which rows of open data name it; set it with veille-collector org set --siren")

// Ledger says what organisations have.
type Ledger interface {
	Organisations(ctx context.Context) ([]collector.Responsible, error)
	Sites(ctx context.Context) ([]collector.Site, error)
	Factors(ctx context.Context, organisation int64) ([]collector.Factor, error)
	Prices(ctx context.Context, organisation int64) ([]collector.Price, error)
	Actions(ctx context.Context, organisation int64) ([]collector.Action, error)
	Baselines(ctx context.Context, organisation int64) ([]collector.Baseline, error)
	Equipment(ctx context.Context, organisation int64) ([]collector.Equipment, error)
	Websites(ctx context.Context) ([]collector.Website, error)
	WebPages(ctx context.Context, website int64) ([]collector.WebPage, error)
	LastWebRun(ctx context.Context, website int64) (collector.WebRun, error)
}

// Door lets figures through that may be shown.
type Door interface {
	Monthly(ctx context.Context, who *collector.User, q privacy.Question) ([]privacy.Answer, error)
}

// Writer writes the public data of organisations.
type Writer struct {
	ledger Ledger
	door   Door
	today  func() collector.Date
}

// New is a writer of what a ledger has and a door lets through to the public. today is the date in the zone of the collector.
func New(ledger Ledger, door Door, today func() collector.Date) *Writer {
	return &Writer{ledger: ledger, door: door, today: today}
}

// File is one file of the data sets.
type File struct {
	Name  string // its path: "empreinte-parc-informatique/donnees.csv"
	Type  string // its media type
	Bytes []byte
}

// Request asks for the files.
type Request struct {
	Organisation int64
	Base         string // address below which they are served, "https://veille.example.org/opendata/1/"; their identifiers begin with it. "": one that leads nowhere
	Simulated    bool   // of simulated machines only, and marked so in each row and title
	Quiet        bool   // without those that are for tools, and not for the public: PCR-SI, NumEcoEval, metrics
}

// Files are all files, in the order of their names. They are the same whenever they are asked for, until what they are made of changes or a month is
// over. ErrSIREN is of an organisation without a SIREN, collector.ErrNotFound of none.
func (w *Writer) Files(ctx context.Context, q Request) ([]File, error) {
	m, err := w.gather(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("write the open data of organisation %d: %w", q.Organisation, err)
	}
	files, _, err := m.files(q.Quiet)
	if err != nil {
		return nil, fmt.Errorf("write the open data of organisation %d: %w", q.Organisation, err)
	}
	return files, nil
}

// files are the files, and what the catalogue says of the data sets.
func (m *material) files(quiet bool) ([]File, []any, error) {
	var files []File
	var sets []published
	for _, s := range []struct {
		folder string
		rows   []row
	}{{"parc", m.fleetRows()}, {"pages", m.pageRows()}} {
		made, p, err := m.dataset(s.folder, s.rows)
		if err != nil {
			return nil, nil, err
		}
		files, sets = append(files, made...), append(sets, p)
	}
	nodes := m.datasetNodes(sets)
	catalogue, err := catalogueOf(m.base, m.about(), nodes, newest(sets))
	if err != nil {
		return nil, nil, err
	}
	files = append(files, File{catalogueName, typeJSONLD, catalogue})
	if !quiet {
		tools, err := m.tools()
		if err != nil {
			return nil, nil, err
		}
		files = append(files, tools...)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return files, nodes, nil
}

// baseOf is an address that ends with a slash.
func baseOf(base, siren string) string {
	if base == "" {
		return "https://veille.invalid/opendata/" + siren + "/"
	}
	return strings.TrimRight(base, "/") + "/"
}
