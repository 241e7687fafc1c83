package site

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Journal is a file that keeps how far a crawl is: a line of JSON for what was found first, and one for each page that was looked at,
// with its result. A line is written whole or, when the program or the machine ended in the middle, left out by the next one that
// opens it. It is safe for concurrent use.
type Journal struct {
	mu     sync.Mutex
	file   *os.File
	end    int64
	synced time.Time
	now    func() time.Time
}

// line is one of the file.
type line struct {
	Site  *heading `json:"site,omitempty"`
	Seeds *seeds   `json:"seeds,omitempty"`
	Page  *page    `json:"page,omitempty"`
	Note  *remark  `json:"note,omitempty"`
}

// heading says of what the journal is.
type heading struct {
	Version int      `json:"version"`
	Start   []string `json:"start"`
}

// seeds are addresses that no page linked to first.
type seeds struct {
	URLs   []string `json:"urls"`
	Listed bool     `json:"listed,omitempty"` // by a sitemap
	All    bool     `json:"all,omitempty"`    // there are no more
}

const journalVersion = 1

// maxLine is the longest line that is read: a page with all of its links.
const maxLine = 64 << 20

// OpenJournal opens a journal, and makes it where it is missing. Close it when it has served.
func OpenJournal(name string) (*Journal, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the journal of the crawl: %w; give another file", err)
	}
	return &Journal{file: file, now: time.Now}, nil
}

// Close closes the file.
func (j *Journal) Close() error {
	if err := errors.Join(j.file.Sync(), j.file.Close()); err != nil {
		return fmt.Errorf("close the journal of the crawl: %w", err)
	}
	return nil
}

// syncEvery is how often lines are brought to the disk: a power cut costs that much of a crawl, the end of the program nothing.
const syncEvery = 2 * time.Second

// write adds a line, and answers where it begins.
func (j *Journal) write(l line) (at int64, err error) {
	text, err := json.Marshal(l)
	if err != nil {
		return 0, fmt.Errorf("write the journal of the crawl: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.WriteAt(append(text, '\n'), j.end); err != nil {
		return 0, errors.Join(fmt.Errorf("write the journal of the crawl: %w; make room and go on", err), j.file.Truncate(j.end))
	}
	at = j.end
	j.end += int64(len(text)) + 1
	if now := j.now(); now.Sub(j.synced) >= syncEvery {
		j.synced = now
		if err := j.file.Sync(); err != nil {
			return 0, fmt.Errorf("write the journal of the crawl: %w", err)
		}
	}
	return at, nil
}

// each gives every whole line with the place where it begins. What follows the last one is cut off.
func (j *Journal) each(yield func(l line, at int64) error) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read the journal of the crawl: %w", err)
	}
	reader := bufio.NewReaderSize(j.file, 1<<16)
	at := int64(0)
	for {
		text, err := readLine(reader)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the journal of the crawl: %w", err)
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("read the journal of the crawl: the line at byte %d is damaged (%w); begin anew with another file", at, err)
		}
		if err := yield(l, at); err != nil {
			return err
		}
		at += int64(len(text)) + 1
	}
	j.end = at
	if err := j.file.Truncate(at); err != nil {
		return fmt.Errorf("cut the unfinished end of the journal: %w", err)
	}
	return nil
}

// readLine reads a line without its end; io.EOF where no whole one is left.
func readLine(r *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := r.ReadSlice('\n')
		text = append(text, part...)
		if len(text) > maxLine {
			return nil, errors.New("a line is too long")
		}
		if err == nil {
			return bytes.TrimSuffix(text, []byte("\n")), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// at is the page whose line begins at a place.
func (j *Journal) at(place int64) (page, error) {
	text, err := readLine(bufio.NewReader(io.NewSectionReader(j.file, place, maxLine)))
	var l line
	if err == nil {
		err = json.Unmarshal(text, &l)
	}
	if err != nil || l.Page == nil {
		return page{}, fmt.Errorf("read the journal of the crawl at byte %d: %w", place, err)
	}
	return *l.Page, nil
}

// restore brings a frontier to where the journal ends, and answers whether all seeds are known.
func (j *Journal) restore(f *frontier) (seeded bool, err error) {
	begun := false
	err = j.each(func(l line, at int64) error {
		switch {
		case l.Site != nil:
			begun = true
			return f.begins(*l.Site)
		case !begun:
			return errors.New("read the journal of the crawl: it does not begin as one; give another file")
		case l.Seeds != nil:
			f.seed(*l.Seeds)
			seeded = seeded || l.Seeds.All
		case l.Page != nil:
			if l.Page.Number < 0 || l.Page.Number >= len(f.entries) || f.entries[l.Page.Number].url.String() != l.Page.URL {
				return fmt.Errorf("read the journal of the crawl: page %d was not found before; it is of other rules: give another file", l.Page.Number)
			}
			f.done(*l.Page, at)
		}
		return nil
	})
	if err != nil || begun {
		return seeded, err
	}
	_, err = j.write(line{Site: f.heading()})
	return false, err
}

// heading is that of a crawl by the rules.
func (f *frontier) heading() *heading {
	h := &heading{Version: journalVersion}
	for _, u := range f.rules.Start {
		h.Start = append(h.Start, u.String())
	}
	return h
}

// begins refuses the journal of another site.
func (f *frontier) begins(h heading) error {
	own := f.heading()
	if h.Version != own.Version {
		return fmt.Errorf("read the journal of the crawl: it has version %d, this program knows %d: begin anew with another file", h.Version, own.Version)
	}
	if len(h.Start) != len(own.Start) || h.Start[0] != own.Start[0] {
		return fmt.Errorf("read the journal of the crawl: it is of %v, not of %v: give another file", h.Start, own.Start)
	}
	return nil
}

// seed takes addresses that no page linked to.
func (f *frontier) seed(s seeds) {
	for _, text := range s.URLs {
		if u, err := url.Parse(text); err == nil {
			f.find(u, -1, 0, s.Listed)
		}
	}
}

// Kept is what a journal keeps of a page.
type Kept struct {
	URL    string
	State  State
	Reason Reason
	To     string   // of an alias or a copy
	Links  []string // of the site
	Result json.RawMessage
	Start  bool // the crawl began there
	Listed bool // a sitemap has it
}

// Read gives every page of the journal in the order in which they were looked at, and every note. A page that says of itself that it is a
// copy of another page of the site, which was looked at and does not say so in a circle, is a Copy. It must not be written to meanwhile.
func (j *Journal) Read(page func(Kept) error, note func(url string, text json.RawMessage) error) error {
	k, err := j.knowledge()
	if err != nil {
		return err
	}
	return j.each(func(l line, _ int64) error {
		switch {
		case l.Page != nil && l.Page.State != Later: // of one that is looked at once more, what came of that counts
			return page(k.kept(*l.Page))
		case l.Note != nil:
			return note(l.Note.URL, l.Note.Text)
		}
		return nil
	})
}

// mostListed is how many addresses of sitemaps are told apart; a crawl looks at fewer.
const mostListed = 1_000_000

// knowledge is what a page alone does not say of it. Addresses that a sitemap lists are as many as it likes: of them a hash is kept.
type knowledge struct {
	leads   map[string]string // from an alias or a copy
	seen    map[string]bool
	starts  map[string]bool
	seed    maphash.Seed
	listed  map[uint64]bool // with their queries
	bare    map[uint64]bool // without them
	queries bool            // a page has a query: they tell pages apart
}

// knowledge reads the journal once.
func (j *Journal) knowledge() (*knowledge, error) {
	k := &knowledge{
		leads: map[string]string{}, seen: map[string]bool{}, starts: map[string]bool{},
		seed: maphash.MakeSeed(), listed: map[uint64]bool{}, bare: map[uint64]bool{},
	}
	err := j.each(func(l line, _ int64) error {
		switch {
		case l.Seeds != nil:
			k.sown(*l.Seeds)
		case l.Page != nil:
			p := l.Page
			k.seen[p.URL] = p.State == Seen
			k.queries = k.queries || strings.Contains(p.URL, "?")
			if to := p.To + p.Copy; to != "" { // it has one of them
				k.leads[p.URL] = to
			}
		}
		return nil
	})
	return k, err
}

// sown takes note of addresses that no page linked to, by the names that pages have.
func (k *knowledge) sown(s seeds) {
	plain := func(u *url.URL, r Rules) string { return r.plain(u).String() }
	for _, text := range s.URLs {
		u, err := url.Parse(text)
		switch {
		case err != nil:
		case !s.Listed:
			k.starts[plain(u, Rules{})], k.starts[plain(u, Rules{DropQuery: true})] = true, true
		case len(k.listed) < mostListed:
			k.listed[maphash.String(k.seed, plain(u, Rules{}))] = true
			k.bare[maphash.String(k.seed, plain(u, Rules{DropQuery: true}))] = true
		}
	}
}

// kept is a page with what is known of it.
func (k *knowledge) kept(p page) Kept {
	hash := maphash.String(k.seed, p.URL)
	one := Kept{
		URL: p.URL, State: p.State, Reason: p.Reason, To: p.To + p.Copy, Links: p.Links, Result: p.Result,
		Start: k.starts[p.URL], Listed: k.listed[hash] || !k.queries && k.bare[hash],
	}
	if end := follow(k.leads, p.URL); p.State == Seen && end != p.URL && k.seen[end] {
		one.State = Copy
	}
	return one
}

// follow is where an address leads in the end; in a circle, to itself.
func follow(leads map[string]string, address string) string {
	end := address
	for range 10 {
		to, ok := leads[end]
		if !ok {
			return end
		}
		end = to
	}
	return address
}

// Note keeps something more about a page.
func (j *Journal) Note(url string, text json.RawMessage) error {
	_, err := j.write(line{Note: &remark{url, text}})
	return err
}

// remark is something more about a page.
type remark struct {
	URL  string          `json:"url"`
	Text json.RawMessage `json:"text"`
}
