package relational

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

// dayOf is a date as rows of days have it: days since 1970-01-01.
func dayOf(d collector.Date) (int64, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0, fmt.Errorf("%q is not a date like 2006-01-02", d)
	}
	return t.Unix() / 86_400, nil
}

// dateOf undoes dayOf.
func dateOf(day int64) collector.Date { return collector.DateOf(time.Unix(day*86_400, 0).UTC()) }

// kind is what records say of their machine, as table kind keeps it.
type kind struct {
	Class      string         `json:"class,omitempty"`
	Virtual    bool           `json:"virtual,omitempty"`
	Hypervisor bool           `json:"hypervisor,omitempty"`
	OS         string         `json:"os,omitempty"`
	OSVersion  string         `json:"os_version,omitempty"`
	OSEnd      collector.Date `json:"os_end,omitempty"`
	CPU        string         `json:"cpu,omitempty"`
	RAM        string         `json:"ram,omitempty"`
	Screens    []string       `json:"screens,omitempty"`
	Product    string         `json:"product,omitempty"`
	SleepAfter string         `json:"sleep_after,omitempty"`
	Agent      string         `json:"agent,omitempty"`
}

func kindOf(r collector.Record) kind {
	return kind{r.Class, r.Virtual, r.Hypervisor, r.OS, r.OSVersion, r.OSEnd, r.CPU, r.RAM, r.Screens, r.Product, r.SleepAfter, r.Agent}
}

// spelled is k in one word, which no other kind has: a record's own words have no control characters.
func (k kind) spelled() string {
	words := []string{
		k.Class, strconv.FormatBool(k.Virtual), strconv.FormatBool(k.Hypervisor), k.OS, k.OSVersion, string(k.OSEnd), k.CPU, k.RAM, k.Product, k.SleepAfter, k.Agent,
	}
	return strings.Join(append(words, k.Screens...), "\x00") // screens last: there may be any number
}

// into says what k says in r.
func (k kind) into(r *collector.Record) {
	r.Class, r.Virtual, r.Hypervisor, r.OS, r.OSVersion, r.OSEnd = k.Class, k.Virtual, k.Hypervisor, k.OS, k.OSVersion, k.OSEnd
	r.CPU, r.RAM, r.Screens, r.Product, r.SleepAfter, r.Agent = k.CPU, k.RAM, k.Screens, k.Product, k.SleepAfter, k.Agent
}

// seat is a row of table place: where a machine was, and how finely it may be described.
type seat struct {
	site, group int64
	use         collector.Use
	simulated   bool
}

// mostNames is how many kinds the writer remembers; a fleet has some hundreds.
const mostNames = 10_000

// names are the numbers of kinds and places that the writer has met. It forgets them all when a write is undone: the write may have made
// them.
type names struct {
	kinds map[string]int64
	seats map[seat]int64
	looks map[*lookout]bool // those that look for unused kinds now
}

// lookout remembers what may have come into use while unused kinds are looked for.
type lookout struct {
	given  map[int64]bool // kinds that this program gave
	others bool           // another program has written
}

func newNames() *names {
	return &names{kinds: map[string]int64{}, seats: map[seat]int64{}, looks: map[*lookout]bool{}}
}

func (n *names) forget() { n.kinds, n.seats = map[string]int64{}, map[seat]int64{} }

// strangers says that somebody else has written, who may have made or deleted any of them.
func (n *names) strangers() {
	n.forget()
	for look := range n.looks {
		look.others = true
	}
}

// kind is the number of a description, which is made where it is missing. It is drawn from the description itself: numbers in the order
// of their arrival would tell who came first.
func (n *names) kind(ctx context.Context, tx *sql.Tx, k kind) (int64, error) {
	word := k.spelled() // for each record: much quicker than the JSON
	if number, ok := n.kinds[word]; ok {
		n.note(number)
		return number, nil
	}
	text, err := json.Marshal(k)
	if err != nil {
		return 0, err
	}
	if len(n.kinds) >= mostNames {
		n.forget()
	}
	hash := sha256.Sum256(text)
	number := int64(binary.BigEndian.Uint32(hash[:]) >> 1)
	for {
		var taken string
		err := tx.QueryRowContext(ctx, "SELECT body FROM kind WHERE id = ?", number).Scan(&taken)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = tx.ExecContext(ctx, "INSERT INTO kind (id, body) VALUES (?, ?)", number, string(text))
			taken = string(text)
		}
		if err != nil {
			return 0, fmt.Errorf("number a kind of machine: %w", err)
		}
		if taken == string(text) {
			n.kinds[word] = number
			n.note(number)
			return number, nil
		}
		number++ // another one has the number: one chance in two billion
	}
}

// note remembers that a kind is used.
func (n *names) note(kind int64) {
	for look := range n.looks {
		look.given[kind] = true
	}
}

// place is the number of a place, which is made where it is missing.
func (n *names) place(ctx context.Context, tx *sql.Tx, s seat) (number int64, err error) {
	if number, ok := n.seats[s]; ok {
		return number, nil
	}
	err = tx.QueryRowContext(ctx, "SELECT id FROM place WHERE site = ? AND site_group = ? AND use = ? AND simulated = ?", s.site, s.group, s.use, s.simulated).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.QueryRowContext(ctx, "INSERT INTO place (site, site_group, use, simulated) VALUES (?, ?, ?, ?) RETURNING id", s.site, s.group, s.use, s.simulated).Scan(&number)
	}
	if err != nil {
		return 0, fmt.Errorf("number a place: %w", err)
	}
	n.seats[s] = number
	return number, nil
}
