package opendata

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// mostMonth is how many months before this one are asked for: the door answers ten years at once.
const mostMonth = 119

// material is what the files of an organisation are made of.
type material struct {
	base      string
	of        collector.Responsible
	simulated bool
	today     collector.Date
	sites     []collector.Site // all of the organisation, by number
	ids       map[int64]string // by which sites are published
	book      balance.Book
	answers   []privacy.Answer // as the public gets them, of the whole organisation, by month
	equipment []collector.Equipment
	actions   []collector.Action // of the whole organisation, that have a baseline which was kept
	websites  []website
}

// website is a website that is open, and its last measure.
type website struct {
	collector.Website
	run   collector.WebRun
	pages []collector.WebPage
}

// gather reads what the files are made of.
func (w *Writer) gather(ctx context.Context, q Request) (*material, error) {
	m := &material{simulated: q.Simulated, today: w.today()}
	organisations, err := w.ledger.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(organisations, func(o collector.Responsible) bool { return o.ID == q.Organisation })
	if i < 0 {
		return nil, collector.ErrNotFound
	}
	m.of = organisations[i]
	if m.of.SIREN == "" {
		return nil, ErrSIREN
	}
	if !isSIREN().MatchString(m.of.SIREN) {
		return nil, fmt.Errorf("%w: %.40q is not nine digits", ErrSIREN, m.of.SIREN)
	}
	m.of.Name = cmp.Or(clean(m.of.Name), m.of.SIREN)
	m.of.Licence = clean(m.of.Licence)
	m.base = baseOf(q.Base, m.of.SIREN)
	for _, read := range []func(context.Context, *material) error{w.readBook, w.readSites, w.readFigures, w.readEquipment, w.readActions, w.readWebsites} {
		if err := read(ctx, m); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func isSIREN() *regexp.Regexp { return regexp.MustCompile(`^[0-9]{9}$`) }

// clean is a text on one line, without bytes that are no text, control characters, and marks that are not seen or turn text around. It has as many
// characters as a cell should have at most.
func clean(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.Is(unicode.Cc, c), unicode.Is(unicode.Cf, c), unicode.Is(unicode.Co, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if short := []rune(s); len(short) > longest {
		s = strings.TrimSpace(string(short[:longest-1])) + "…"
	}
	return s
}

// longest is how many characters a text may have.
const longest = 1000

func (w *Writer) readBook(ctx context.Context, m *material) error {
	prices, err := w.ledger.Prices(ctx, m.of.ID)
	if err != nil {
		return err
	}
	factors, err := w.ledger.Factors(ctx, m.of.ID)
	if err != nil {
		return err
	}
	m.book, err = balance.NewBook(prices, factors)
	return err
}

func (w *Writer) readSites(ctx context.Context, m *material) error {
	sites, err := w.ledger.Sites(ctx)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if s.Organisation == m.of.ID {
			m.sites = append(m.sites, s)
		}
	}
	slices.SortFunc(m.sites, func(a, b collector.Site) int { return cmp.Compare(a.ID, b.ID) })
	m.ids = idsOf(m.sites)
	return nil
}

// readFigures asks the door once, for the whole organisation: the answer has all its sites, decided together.
func (w *Writer) readFigures(ctx context.Context, m *material) error {
	month := m.today.Month()
	answers, err := w.door.Monthly(ctx, nil, privacy.Question{
		Organisation: m.of.ID, From: month.Plus(-mostMonth), To: month, Simulated: m.simulated,
	})
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return err
	}
	m.answers = answers
	return nil
}

func (w *Writer) readEquipment(ctx context.Context, m *material) error {
	all, err := w.ledger.Equipment(ctx, m.of.ID)
	if err != nil {
		return err
	}
	last := m.stockMonth()
	for _, e := range collector.InService(all) {
		if e.Count > 0 && e.Bought <= last && m.ids[e.Site] != "" {
			m.equipment = append(m.equipment, e)
		}
	}
	return nil
}

// stockMonth is the month at whose end the inventory is told: the last that is over.
func (m *material) stockMonth() collector.Month { return m.today.Month().Plus(-1) }

// readActions are those of the whole organisation that somebody has kept a baseline for.
//
// What is kept in it is not read: it is what users of the organisation were told, who see more than the public does.
func (w *Writer) readActions(ctx context.Context, m *material) error {
	actions, err := w.ledger.Actions(ctx, m.of.ID)
	if err != nil {
		return err
	}
	kept, err := w.ledger.Baselines(ctx, m.of.ID)
	if err != nil {
		return err
	}
	for _, a := range actions {
		if a.Site == 0 && a.Group == 0 && slices.ContainsFunc(kept, func(b collector.Baseline) bool { return b.Action == a.ID }) {
			m.actions = append(m.actions, a)
		}
	}
	return nil
}

func (w *Writer) readWebsites(ctx context.Context, m *material) error {
	all, err := w.ledger.Websites(ctx)
	if err != nil {
		return err
	}
	for _, site := range all {
		if site.Organisation != m.of.ID || !site.Open {
			continue
		}
		run, err := w.ledger.LastWebRun(ctx, site.ID)
		if errors.Is(err, collector.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		pages, err := w.ledger.WebPages(ctx, site.ID)
		if err != nil {
			return err
		}
		m.websites = append(m.websites, website{site, run, pages})
	}
	return nil
}

// wholeID is the identifier of rows of the whole organisation, and siteID how those of sites begin that have no code.
const (
	wholeID = "ensemble"
	siteID  = "site-"
)

// idsOf are the identifiers of sites: the code of one, where no other has it and it is not like one of ours; else its number.
func idsOf(sites []collector.Site) map[int64]string {
	times := map[string]int{}
	for _, s := range sites {
		times[strings.ToLower(s.Code)]++
	}
	isCode := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`) // what begins with a dash would be taken for a formula by spreadsheets
	ids := map[int64]string{}
	for _, s := range sites {
		code := strings.ToLower(s.Code)
		if ids[s.ID] = s.Code; !isCode.MatchString(code) || times[code] > 1 || code == wholeID || strings.HasPrefix(code, siteID) {
			ids[s.ID] = siteID + strconv.FormatInt(s.ID, 10)
		}
	}
	return ids
}

// site is the site of a number; false for the whole organisation.
func (m *material) site(id int64) (collector.Site, bool) {
	i, found := slices.BinarySearchFunc(m.sites, id, func(s collector.Site, id int64) int { return cmp.Compare(s.ID, id) })
	if !found {
		return collector.Site{}, false
	}
	return m.sites[i], true
}

// open tells whether a site has rows of its own.
func (m *material) open(id int64) bool {
	s, ok := m.site(id)
	return ok && s.Open
}

// idOf is the identifier of a site, or that of the whole organisation.
func (m *material) idOf(id int64) string { return cmp.Or(m.ids[id], wholeID) }
