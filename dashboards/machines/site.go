package machines

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// A reason has so many letters. Ten are too few for nothing but "test", and 200 are a line.
const (
	shortest = 10
	longest  = 200
)

// machinesShown is how many machines are in one part of the table.
const machinesShown = 30

// siteData is what the template of a site needs beside its figures.
type siteData struct {
	On       collector.Date // of the counts
	Month    string         // that single machines are shown of, in words
	Shortest int            // letters of a reason
	Longest  int
	Reason   string // that was accepted; "": no single machine is shown
	Pager    pager
}

// partForm is the form for another part of the list of single machines.
type partForm struct {
	frame.Page

	Reason      string
	Part, Parts int
}

// Part is the form for a part of the list.
func (d siteData) Part(page frame.Page, part int) partForm {
	return partForm{page, d.Reason, part, d.Pager.Pages}
}

// showSite is the page /machines/{site}: counts, and with a reason single machines. A person gives the reason by a form, whose answer the page is,
// so that it stands in no address; a program with a key gives the parameter reason. With the cookie of a
// session that parameter is nothing: a link that somebody else made would write an entry in the audit log in the name of the reader.
func (p *Pages) showSite(ctx context.Context, q frame.Request) (frame.View, error) {
	id, err := q.ID("site")
	if err != nil {
		return frame.View{}, err
	}
	sites, fleet, err := p.seen(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	i := slices.IndexFunc(sites, func(s collector.Site) bool { return s.ID == id })
	if i < 0 {
		return frame.View{}, collector.ErrNotFound
	}
	fleet.Sites = slices.DeleteFunc(fleet.Sites, func(f collector.SiteFleet) bool { return f.Site != id })
	sum, month := together(fleet.Sites), fleet.Month
	if month == "" {
		month = p.today().Month()
	}
	v := counted(q, fleet)
	v.Title = q.Say("machines.site.of", sites[i].Name)
	v.Figures = headline(q.Language, sum, fleet.Month)
	v.Tables = append([]frame.Table{silenceTable(q.Language, sum)}, kinds(q, sum, fleet.Month)...)
	data := siteData{On: fleet.On, Month: q.Month(month), Shortest: shortest, Longest: longest}
	v.Data = data
	reason, asked, err := reasonOf(q)
	if err != nil || !asked {
		return v, err
	}
	rows, err := p.single(ctx, q, sites[i], month, reason)
	if err != nil {
		return frame.View{}, err
	}
	v.Simulated = v.Simulated || slices.ContainsFunc(rows, func(m machine) bool { return m.month != nil && m.month.Simulated })
	data.Reason = reason
	if q.ForPeople() {
		rows, data.Pager = cut(q.HTTP.PostForm.Get("part"), rows, machinesShown)
	}
	v.Tables = append(v.Tables, p.machineTable(q, rows, month))
	v.Data = data
	return v, nil
}

// look is what the form of a site asks for: the page itself is the answer, this time only, see showSite.
func (p *Pages) look(_ context.Context, q frame.Request) (string, error) {
	reason, err := accepted(q, q.Form.Get("reason"))
	if err != nil {
		return "", err
	}
	return "", frame.Once{Sentence: q.Say("machines.reason.given", reason)}
}

// reasonOf is the reason that was given, and whether one was. A frame.Problem says what is wrong with it.
func reasonOf(q frame.Request) (reason string, asked bool, err error) {
	switch {
	case q.Problem != "": // it was said already
		return "", false, nil
	case q.HTTP.Method == http.MethodPost:
		reason, err = accepted(q, q.HTTP.PostForm.Get("reason"))
		return reason, true, err
	case withKey(q.HTTP) && q.HTTP.URL.Query().Has("reason"):
		reason, err = accepted(q, q.Param("reason"))
		return reason, true, err
	}
	return "", false, nil
}

// withKey tells whether a program asks, with a key: no link can make a browser send one.
func withKey(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") && r.Header.Get("Authorization") != ""
}

// accepted is a reason without the spaces around it, or a frame.Problem.
func accepted(q frame.Request, reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	n := utf8.RuneCountInString(reason)
	if n < shortest || n > longest || !utf8.ValidString(reason) || strings.ContainsFunc(reason, unprintable) {
		return "", frame.Problem(q.Say("machines.reason.bad", shortest, longest))
	}
	return reason, nil
}

// unprintable tells whether a letter could break a line of the audit log, or turn its direction.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// single are the machines of a site, those that somebody should look at first. The door writes down who asks and why before anything is read.
func (p *Pages) single(ctx context.Context, q frame.Request, site collector.Site, month collector.Month, reason string) ([]machine, error) {
	months, err := p.door.Machines(ctx, q.Reader, site.Organisation, site.ID, month, reason)
	if errors.Is(err, privacy.ErrReason) {
		return nil, frame.Problem(q.Say("machines.reason.bad", shortest, longest))
	}
	if err != nil {
		return nil, fmt.Errorf("show the machines of site %d: %w", site.ID, err)
	}
	enrolled, err := p.ledger.Machines(ctx, site.ID)
	if err != nil {
		return nil, fmt.Errorf("list the machines of site %d: %w", site.ID, err)
	}
	return join(site, enrolled, months, p.today()), nil
}

// silenceTable is how long ago the machines of a site last spoke.
func silenceTable(l frame.Language, c collector.SiteFleet) frame.Table {
	t := frame.Table{ID: "silence", Caption: l.Say("machines.silence.caption"), Columns: []frame.Column{
		{ID: "last", Title: l.Say("machines.silence.last")},
		{ID: "of", Title: l.Say("machines.name"), Hidden: true},
		{ID: "machines", Title: l.Say("machines.machines")},
		{ID: "share", Title: l.Say("machines.share"), Unit: "%"},
	}}
	for _, s := range silences() {
		n := of(c.Silent, s)
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(l.Say("machines.silent." + s)), frame.Text(s), frame.Num(float64(n)), {Number: share(n, all(c.Silent))}})
	}
	return t
}
