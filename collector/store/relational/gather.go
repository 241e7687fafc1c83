package relational

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// Gathering is how an engine reads and writes for many posts by one statement each: where the database is another program, each statement costs a
// way there and back, which takes longer than the statement.
type Gathering struct {
	// Days are the rows of days, as rowsBefore has them, with the machine after the day. Its argument is a list of {"machine", "day"} in JSON.
	Days string
	// Machines are id, kept and use of machines. Its argument is a list of {"id"} in JSON.
	Machines string
	// Heard adds to what was kept of machines, as the statements heard and returned do. Its argument is a list of {"id", "added", "today"} in JSON.
	Heard string
}

// asking is what a job that keeps records asks for.
type asking struct {
	machine int64
	days    []int64
}

// asks is what a post asks for, where posts are read together.
func (s *Store) asks(m collector.Machine, records []collector.Record) *asking {
	if s.gathering == nil {
		return nil
	}
	a := &asking{machine: m.ID}
	for _, r := range records {
		if day, err := dayOf(r.Date); err == nil { // who keeps it refuses the others
			a.days = append(a.days, day)
		}
	}
	return a
}

// gathered is what several posts have read together, and what they are to write together: as if each had been alone, one after the other.
type gathered struct {
	how      Gathering
	days     map[[2]int64][]dayBook // by day and machine; a day without rows is there too
	machines map[int64]*voice
	put      map[key]dayPut
}

// voice is a machine that may be heard.
type voice struct {
	ID    int64          `json:"id"`
	Added int64          `json:"added"` // records, by these posts
	Today collector.Date `json:"today"` // "": it was not heard
	kept  int64          // records, those included
	use   collector.Use
}

// dayPut is a row to be written.
type dayPut struct {
	kind, revision int64
	body           []byte
}

// gather reads what the posts among some jobs ask for. Fewer than two posts, or an engine that has no use for it, read by themselves.
func (b *batch) gather(ctx context.Context, how *Gathering, jobs []job) error {
	if how == nil {
		return nil
	}
	g := &gathered{how: *how, days: map[[2]int64][]dayBook{}, machines: map[int64]*voice{}, put: map[key]dayPut{}}
	type asked struct {
		Machine int64 `json:"machine"`
		Day     int64 `json:"day"`
	}
	var days []asked
	var machines []voice
	posts := 0
	for _, j := range jobs {
		if j.asks == nil {
			continue
		}
		posts++
		if _, known := g.machines[j.asks.machine]; !known {
			g.machines[j.asks.machine] = nil
			machines = append(machines, voice{ID: j.asks.machine})
		}
		for _, day := range j.asks.days {
			at := [2]int64{day, j.asks.machine}
			if _, known := g.days[at]; !known {
				g.days[at] = nil
				days = append(days, asked{j.asks.machine, day})
			}
		}
	}
	if posts < 2 {
		return nil
	}
	if err := g.readDays(ctx, b, days); err != nil {
		return fmt.Errorf("read the days of %d posts: %w", posts, err)
	}
	if err := g.readMachines(ctx, b.Tx, machines); err != nil {
		return fmt.Errorf("read the machines of %d posts: %w", posts, err)
	}
	b.gathered = g
	return nil
}

func (g *gathered) readDays(ctx context.Context, b *batch, days any) error {
	text, err := json.Marshal(days)
	if err != nil {
		return err
	}
	rows, err := b.QueryContext(ctx, g.how.Days, string(text))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r dayBook
		if err := rows.Scan(&r.day, &r.machine, &r.place, &r.kind, &r.body, &r.seat.site, &r.seat.group, &r.seat.use, &r.seat.simulated); err != nil {
			return err
		}
		at := [2]int64{r.day, r.machine}
		g.days[at] = append(g.days[at], r)
	}
	return rows.Err()
}

func (g *gathered) readMachines(ctx context.Context, tx *sql.Tx, machines []voice) error {
	text, err := json.Marshal(machines)
	if err != nil {
		return err
	}
	found, err := list(ctx, tx, func(rows *sql.Rows) (*voice, error) {
		var v voice
		return &v, rows.Scan(&v.ID, &v.kept, &v.use)
	}, g.how.Machines, string(text))
	for _, v := range found {
		g.machines[v.ID] = v
	}
	return err
}

// read gives a keeper its own copies of rows: what it does to them counts when it succeeds.
func (g *gathered) read(k *keeper) error {
	for day := range k.rows {
		for _, r := range g.days[[2]int64{day, k.machine.ID}] {
			var err error
			if r.records, err = k.words.unpack(r.key, r.body); err != nil {
				return damagedDay(err)
			}
			k.rows[day] = append(k.rows[day], &r)
		}
	}
	return nil
}

// heard is keeper.heard, to be written later.
func (g *gathered) heard(machine collector.Machine, today collector.Date, acked, added int64) (before int64, err error) {
	v := g.machines[machine.ID]
	switch {
	case v == nil || v.use != machine.Use:
		return 0, collector.ErrNotFound
	case v.kept < acked:
		return 0, collector.RestoredError{Before: v.kept}
	}
	before = v.kept
	v.kept, v.Added, v.Today = v.kept+added, v.Added+added, max(v.Today, today)
	return before, nil
}

// write keeps a row for the posts that come after, and for the end.
func (g *gathered) write(at *dayBook, revision int64, body []byte) {
	of := [2]int64{at.day, at.machine}
	kept := dayBook{key: at.key, seat: at.seat, kind: at.kind, body: body}
	if i := slices.IndexFunc(g.days[of], func(x dayBook) bool { return x.place == at.place }); i >= 0 {
		g.days[of][i] = kept
	} else {
		g.days[of] = append(g.days[of], kept)
	}
	g.put[at.key] = dayPut{at.kind, revision, body}
}

// flush writes what posts have gathered. Those that come after read by themselves.
func (b *batch) flush(ctx context.Context) error {
	g := b.gathered
	if g == nil {
		return nil
	}
	b.gathered = nil
	var heard []*voice
	for _, v := range g.machines {
		if v != nil && v.Today != "" {
			heard = append(heard, v)
		}
	}
	if len(heard) > 0 {
		slices.SortFunc(heard, func(a, b *voice) int { return cmp.Compare(a.ID, b.ID) })
		text, err := json.Marshal(heard)
		if err != nil {
			return err
		}
		if _, err := b.ExecContext(ctx, g.how.Heard, string(text)); err != nil {
			return fmt.Errorf("keep that %d machines were heard: %w", len(heard), err)
		}
	}
	return g.flushDays(ctx, b)
}

// flushDays writes rows in the order of the table, as many at once as there are, in powers of two: each number is a statement of its own.
func (g *gathered) flushDays(ctx context.Context, b *batch) error {
	var keys []key
	for k := range g.put {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.machine, b.machine), cmp.Compare(a.place, b.place))
	})
	for len(keys) > 0 {
		n := mostRows
		for n > len(keys) {
			n /= 2
		}
		args := make([]any, 0, columns*n)
		for _, k := range keys[:n] {
			p := g.put[k]
			args = append(args, k.day, k.machine, k.place, p.kind, p.revision, p.body)
		}
		if _, err := b.ExecContext(ctx, putRows(n), args...); err != nil {
			return fmt.Errorf("keep %d days: %w", n, err)
		}
		keys = keys[n:]
	}
	return nil
}

// mostRows is how many rows of days are written by one statement.
const mostRows = 128

// rowsGathered is Days for an engine that reads the list in JSON as a table j with the columns machine and day.
func rowsGathered(list string) string {
	return strings.Replace(rowsBefore, "d.day,", "d.day, d.machine,", 1) + list + " CROSS JOIN day d JOIN place p ON p.id = d.place WHERE d.day = j.day AND d.machine = j.machine"
}

// GatheringOf is a Gathering of an engine that reads lists in JSON as these tables, called j: days with the columns machine and day, machines with
// the columns id, added and today.
func GatheringOf(days, machines string) *Gathering {
	return &Gathering{
		Days:     rowsGathered(days),
		Machines: "SELECT m.id, m.kept, m.use FROM " + machines + " JOIN machine m ON m.id = j.id",
		Heard: `UPDATE machine SET kept = machine.kept + j.added, seen_on = CASE WHEN machine.seen_on < j.today THEN j.today ELSE machine.seen_on END, replaced_by = NULL,
			apart = (SELECT max(id) FROM machine) FROM ` + machines + " WHERE machine.id = j.id",
	}
}
