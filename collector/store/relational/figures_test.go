package relational_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/rollup"
)

// question names what is asked, for the officer or for the public.
func question(month collector.Month, n privacy.Node, inside bool) string {
	return fmt.Sprint(month, n, inside)
}

// whole is the question of the officer for the whole organisation.
func whole(month collector.Month) string { return question(month, privacy.Node{}, true) }

// ask asks everything of a month, and compares each answer with the one before, or where there is none with the records.
func (r *region) ask(month collector.Month) {
	r.t.Helper()
	organisation := r.sites[0].Organisation
	officer := &collector.User{Name: "anna", Organisation: organisation, Roles: []collector.Role{collector.RoleOfficer}}
	for _, n := range r.nodes() {
		for _, who := range []*collector.User{nil, officer} {
			if who == nil && n.Level > privacy.OneSite {
				continue
			}
			asked := question(month, n, who != nil)
			a, err := r.door.Ask(r.t.Context(), who, privacy.Question{Organisation: organisation, Node: n, From: month, To: month})
			if errors.Is(err, collector.ErrNotFound) && r.answers[asked] == "" { // a group 0 of which nothing is known yet
				continue
			}
			if err != nil {
				r.t.Fatalf("%s: %v", asked, err)
			}
			if len(a.Months) == 0 {
				if r.answers[asked] != "" {
					r.t.Fatalf("%s was answered, and is not on %s", asked, r.today())
				}
				continue
			}
			text, err := json.Marshal(a)
			if err != nil {
				r.t.Fatal(err)
			}
			if r.answers[asked] == "" {
				r.answers[asked] = string(text)
				r.compare(asked, a, who == nil)
			}
			if r.answers[asked] != string(text) {
				r.t.Fatalf("%s has another answer on %s:\n%s\nand before\n%s", asked, r.today(), text, r.answers[asked])
			}
		}
		if r.answers[whole(month)] == "" { // it is not fixed
			return
		}
	}
}

// compare compares what is shown with the records of the night in which the month was fixed.
func (r *region) compare(asked string, a privacy.Answer, public bool) {
	r.t.Helper()
	month := a.Months[0]
	persons, machines := r.naive(a.Organisation, a.Node, month, true)
	least := privacy.Inside
	if public {
		least = privacy.Public
	}
	r.shown[asked] = a.Self.Personal != nil
	switch {
	case a.Self.Personal == nil && a.Self.Why == "" && machines > 0:
		r.t.Errorf("%s: %d machines are hidden, and nothing says why", asked, machines)
	case a.Self.Personal == nil:
	case machines < least:
		r.t.Errorf("%s: figures of %d machines are shown", asked, machines)
	case totalOf(*a.Self.Personal) != persons:
		r.t.Errorf("%s: %+v; the records come to %+v", asked, totalOf(*a.Self.Personal), persons)
	}
	others, machines := r.naive(a.Organisation, a.Node, month, false)
	var shown total
	for _, o := range a.Self.Others {
		x := totalOf(privacy.Fold(o.Sum))
		shown = total{shown.days + x.days, shown.on + x.on, shown.off + x.off, shown.unknown + x.unknown, shown.mwh + x.mwh}
	}
	if shown != others {
		r.t.Errorf("%s: %d shared machines and servers come to %+v; want %+v", asked, machines, shown, others)
	}
	r.compared++
}

func (r *region) night() {
	r.t.Helper()
	if _, err := r.roller.Run(r.t.Context(), r.today(), rollup.Options{}); err != nil {
		r.t.Fatal(err)
	}
}

// askAll asks for each month there is.
func (r *region) askAll() {
	r.t.Helper()
	for _, month := range []collector.Month{"2026-03", "2026-04", "2026-05"} {
		r.ask(month)
	}
}

// events are what happens in the organisation, by the day of the test.
func (r *region) events() map[int]func() {
	early, gone := r.workers[20], r.workers[9]
	return map[int]func(){
		20: func() { r.move(r.workers[0], r.groups[1]) }, // four in building 1 now
		23: func() { r.move(r.workers[26], r.groups[2]) },
		30: func() { early.silent = func(collector.Date) bool { return true } },
		33: func() { r.enrol(1, early.Group, early.class, "individual") },
		36: func() {
			newer := r.workers[len(r.workers)-1]
			if err := r.Replace(r.t.Context(), newer.ID, early.ID); err != nil {
				r.t.Fatal(err)
			}
			r.is[early.ID] = newer.ID
		},
		44: func() { // March is fixed, April is not
			gone.silent = func(collector.Date) bool { return true }
			if _, err := r.Erase(r.t.Context(), gone.ID); err != nil {
				r.t.Fatal(err)
			}
			delete(r.told, gone.ID)
		},
		60: func() { r.move(r.workers[11], r.groups[0]) },
	}
}

func TestEveryAnswerStaysTheSameForEverAndIsTrueOfTheRecordsOfItsNight(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := newRegion(t, at)
		lost := r.workers[12] // it tells of all of its days at once, now and then
		lost.silent = func(on collector.Date) bool { return on > "2026-03-25" && on < "2026-05-04" }
		events := r.events()
		for day := range 70 {
			if events[day] != nil {
				events[day]()
			}
			r.day()
			if day == 50 { // of March, which is fixed, and of April, which is or will be
				for i := range 30 {
					x := r.works(lost, r.now.AddDate(0, 0, -15-i), 4)
					lost.waiting = append(lost.waiting, x...)
				}
			}
			r.night()
			r.askAll()
		}
		march, april := r.answers[whole("2026-03")], r.answers[whole("2026-04")]
		if march == "" || april == "" {
			t.Fatalf("after 70 days March is %q and April is %q", march, april)
		}
		r.last()
		for day := range 70 { // nobody speaks any more; days are closed and deleted
			r.now = r.now.AddDate(0, 0, 1)
			r.night()
			if day%5 == 4 {
				r.askAll()
			}
		}
		if r.kept() == 0 {
			t.Error("no node is hidden")
		}
		runs, err := r.Runs(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var fixed int
		var cells, deleted int64
		for _, run := range runs {
			cells, fixed, deleted = cells+run.Deleted.GroupDays, fixed+run.Fixed, deleted+run.Deleted.MachineDays
		}
		shown := 0
		for _, is := range r.shown {
			if is {
				shown++
			}
		}
		t.Logf("%d months fixed, %d cells and %d machine-days deleted; %d answers, figures of persons shown in %d of them; %d records came too late",
			fixed, cells, deleted, r.compared, shown, r.late)
		if fixed != 6 || cells == 0 || r.late == 0 || deleted == 0 || shown == 0 || shown == len(r.shown) || r.answers[whole("2026-05")] == "" {
			t.Error("something that should happen never did")
		}
		for _, month := range []collector.Month{"2026-03", "2026-04", "2026-05"} {
			for _, hidden := range []privacy.Node{privacy.Site(r.sites[2].ID), privacy.Group(r.sites[0].ID, r.groups[1])} {
				if r.shown[question(month, hidden, true)] {
					t.Errorf("%s: %+v has too few machines, and is shown", month, hidden)
				}
			}
			if !r.shown[whole(month)] {
				t.Errorf("%s: the organisation is not shown", month)
			}
		}
	})
}

// kept looks at what is kept of the fixed months: of machines of persons what may be told, and nothing by day. It answers how many rows
// tell of a node that is hidden.
func (r *region) kept() (hidden int) {
	r.t.Helper()
	for _, organisation := range []int64{r.sites[0].Organisation, r.sites[3].Organisation} {
		rows, err := r.Figures().Months(r.t.Context(), organisation, "2026-01", "2026-12")
		if err != nil || len(rows) == 0 {
			r.t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, x := range rows {
			switch {
			case x.Use.Hourly():
				continue
			case x.Told == nil || x.Days != nil:
				r.t.Errorf("of machines of persons there is kept %+v", x)
			case x.Told.Inside == 0 && x.Told.Machines < privacy.Inside:
				r.t.Errorf("figures of %d machines are kept: %+v", x.Told.Machines, x)
			case x.Told.Inside != 0 && (x.Told.Machines != 0 || x.Sum.Days != 0 || x.Sum.Seconds != nil || x.Sum.Energy != nil):
				r.t.Errorf("of a hidden node there is kept %+v", x)
			case x.Told.Inside != 0:
				hidden++
			}
		}
	}
	return hidden
}

// last looks at what else a door tells: days of shared machines, and single machines with a reason.
func (r *region) last() {
	r.t.Helper()
	it := &collector.User{Name: "omar", Organisation: r.sites[0].Organisation, Roles: []collector.Role{collector.RoleIT}}
	days, err := r.door.Days(r.t.Context(), it, privacy.DayQuestion{Organisation: r.sites[0].Organisation, From: "2026-04-01", To: "2026-04-30"})
	if err != nil {
		r.t.Fatal(err)
	}
	var sum collector.Sum
	for _, d := range days {
		sum.Add(d.Sum)
	}
	if want, _ := r.naive(r.sites[0].Organisation, privacy.Node{}, "2026-04", false); totalOf(privacy.Fold(sum)) != want {
		r.t.Errorf("the days of April come to %+v; want %+v", totalOf(privacy.Fold(sum)), want)
	}
	machines, err := r.door.Machines(r.t.Context(), it, r.sites[0].Organisation, r.sites[1].ID, "2026-04", "which never sleep?")
	if err != nil {
		r.t.Fatal(err)
	}
	sum = collector.Sum{}
	for _, m := range machines {
		sum.Add(m.Sum)
	}
	a, one := r.naive(r.sites[0].Organisation, privacy.Site(r.sites[1].ID), "2026-04", true)
	b, other := r.naive(r.sites[0].Organisation, privacy.Site(r.sites[1].ID), "2026-04", false)
	want := total{a.days + b.days, a.on + b.on, a.off + b.off, a.unknown + b.unknown, a.mwh + b.mwh}
	if totalOf(privacy.Fold(sum)) != want || len(machines) != one+other {
		r.t.Errorf("%d machines come to %+v; want %d and %+v", len(machines), totalOf(privacy.Fold(sum)), one+other, want)
	}
	entries, err := r.Entries(r.t.Context(), r.sites[0].Organisation, "", "")
	if err != nil || len(entries) != 1 || entries[0].Reason != "which never sleep?" || entries[0].Who != "omar" {
		r.t.Errorf("the audit log has %+v, %v", entries, err)
	}
}
