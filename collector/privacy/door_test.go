package privacy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

// two is two organisations: 7 has sites 1 and 2, 8 has site 3.
func two() *stub {
	return &stub{
		sites:  []collector.Site{{ID: 1, Organisation: 7}, {ID: 2, Organisation: 7}, {ID: 3, Organisation: 8}},
		groups: []collector.Group{{ID: 5, Site: 1}, {ID: 6, Site: 3}},
		rows: []collector.PlaceMonth{
			place(1, 5, "desktop", 12, 100, 1), place(1, 0, "laptop", 20, 50, 1), place(2, 0, "laptop", 30, 50, 1), place(3, 6, "desktop", 40, 100, 1),
		},
	}
}

func doorOf(s *stub, today collector.Date) *Door {
	return New(s, s, func() collector.Date { return today })
}

func march(n Node) Question {
	return Question{Organisation: 7, Node: n, From: "2026-03", To: "2026-03"}
}

func user(site int64, roles ...collector.Role) *collector.User {
	return &collector.User{Name: "anna", Organisation: 7, Roles: roles, Site: site}
}

func TestWhoMayAskForWhat(t *testing.T) {
	removed := user(0, "it", "officer")
	removed.RemovedOn = "2026-01-01"
	for _, tt := range []struct {
		name string
		who  *collector.User
		q    Question
		want error
	}{
		{"the officer, for the organisation", user(0, "officer"), march(Node{}), nil},
		{"the reader, for a class", user(0, "reader"), march(Class(1, 5, "desktop")), nil},
		{"it, for a group", user(0, "it"), march(Group(1, 5)), nil},
		{"who answers for pages, for nothing", user(0, "web"), march(Node{}), ErrRole},
		{"whoever has no role, for nothing", user(0), march(Node{}), ErrRole},
		{"whoever was removed, for nothing", removed, march(Node{}), ErrRole},
		{"the officer of a site, for the site", user(1, "officer"), march(Site(1)), nil},
		{"the officer of a site, for a class in it", user(1, "officer"), march(Class(1, 0, "laptop")), nil},
		{"the officer of a site, not for another", user(1, "officer"), march(Site(2)), collector.ErrNotFound},
		{"the officer of a site, not for the organisation", user(1, "officer"), march(Node{}), collector.ErrNotFound},
		{"nobody for a site of another organisation", user(0, "officer"), march(Site(3)), collector.ErrNotFound},
		{"nobody for a group of another organisation", user(0, "officer"), march(Group(3, 6)), collector.ErrNotFound},
		{"nobody for a group that is of another site", user(0, "officer"), march(Group(1, 6)), collector.ErrNotFound},
		{"nobody for another organisation", user(0, "it"), Question{Organisation: 8, From: "2026-03", To: "2026-03"}, collector.ErrNotFound},
		{"who answers for pages is not told either which organisations there are", user(0, "web"), Question{Organisation: 8, From: "2026-03", To: "2026-03"}, collector.ErrNotFound},
		{"nobody for what is no node", user(0, "it"), march(Node{Level: OneClass + 1}), collector.ErrNotFound},
		{"nobody for the organisation of a site", user(1, "it"), march(Node{Site: 1}), collector.ErrNotFound},
		{"the public, for an organisation", nil, march(Node{}), nil},
		{"the public, for a site", nil, march(Site(1)), nil},
		{"the public, not for a group", nil, march(Group(1, 5)), collector.ErrNotFound},
		{"the public, not for what is not there", nil, Question{Organisation: 9, From: "2026-03", To: "2026-03"}, collector.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer, err := doorOf(two(), "2026-04-08").Ask(t.Context(), tt.who, tt.q)
			if !errors.Is(err, tt.want) || err != nil && !reflect.DeepEqual(answer, Answer{}) {
				t.Errorf("got %+v, %v; want the error %v", answer, err, tt.want)
			}
		})
	}
}

func TestAPeriodIsOfWholeMonthsInOrder(t *testing.T) {
	for _, tt := range []struct{ from, to collector.Month }{
		{"2026-03-01", "2026-03-31"}, {"2026-04", "2026-03"}, {"", ""}, {"2026-03", "2036-03"}, {"2026-13", "2026-14"},
	} {
		if _, err := doorOf(two(), "2026-04-08").Ask(t.Context(), user(0, "officer"), Question{Organisation: 7, From: tt.from, To: tt.to}); err == nil {
			t.Errorf("from %q to %q was answered", tt.from, tt.to)
		}
	}
}

func TestAMonthIsNotAnsweredBeforeItCanBeFixed(t *testing.T) {
	for today, want := range map[collector.Date]int{"2026-03-20": 0, "2026-03-31": 0, "2026-04-07": 0, "2026-04-08": 1} {
		answer, err := doorOf(two(), today).Ask(t.Context(), user(0, "officer"), march(Node{}))
		if err != nil || len(answer.Months) != want || answer.Self.Of != want || (answer.Self.Personal != nil) != (want == 1) {
			t.Errorf("on %s: %+v, %v; want %d months", today, answer, err, want)
		}
	}
}

func TestAMonthClosesWhenNearlyAllMachinesWereHeardOfOrNoRecordCanCome(t *testing.T) {
	for _, tt := range []struct {
		today           collector.Date
		machines, heard int
		want            bool
	}{
		{"2026-07-31", 100, 100, false},
		{"2026-08-07", 100, 100, false},
		{"2026-08-08", 100, 95, true},
		{"2026-08-08", 100, 94, false},
		{"2026-09-14", 100, 94, false},
		{"2026-09-15", 100, 0, true}, // a record of 31 July is 46 days old, and was refused since yesterday's end
		{"2026-08-08", 0, 0, true},
		{"2026-06-30", 0, 0, false},
	} {
		got, err := Closes("2026-07", tt.today, tt.machines, tt.heard)
		if err != nil || got != tt.want {
			t.Errorf("on %s, %d of %d heard of: %t, %v; want %t", tt.today, tt.heard, tt.machines, got, err, tt.want)
		}
	}
	if _, err := Closes("July", "2026-09-15", 1, 1); err == nil {
		t.Error("July is not a month like 2006-01")
	}
}

func TestThePublicSeesSitesAndNothingInThem(t *testing.T) {
	answer, err := doorOf(two(), "2026-04-08").Ask(t.Context(), nil, march(Node{}))
	if err != nil || len(answer.Children) != 2 || answer.Children[0].Node != Site(1) || !answer.Children[0].Shown {
		t.Fatalf("got %+v, %v; want two sites", answer, err)
	}
	answer, err = doorOf(two(), "2026-04-08").Ask(t.Context(), nil, march(Site(1)))
	if err != nil || len(answer.Children) != 0 || answer.Self.Machines != 32 {
		t.Errorf("got %+v, %v; want 32 machines and no children", answer, err)
	}
}

func TestAHiddenFigureCarriesNothing(t *testing.T) {
	s := two()
	s.rows = append(s.rows, place(1, 5, "laptop", 3, 77, 1))
	answer, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "reader"), march(Group(1, 5)))
	if err != nil || len(answer.Children) != 2 {
		t.Fatal(answer, err)
	}
	for i, why := range []Why{ToProtect, TooFew} {
		n := Class(1, 5, [...]string{"desktop", "laptop"}[i])
		if want := (Figures{Node: n, Of: 1, Why: why}); !reflect.DeepEqual(answer.Children[i], want) {
			t.Errorf("got %+v, want %+v", answer.Children[i], want)
		}
	}
	if _, ok := answer.Children[0].All(); ok || answer.Self.Machines != 15 {
		t.Errorf("a total of what is hidden, or %d machines in all, not 15", answer.Self.Machines)
	}
}

func TestAPeriodIsTheSumOfTheMonthsThatAreShown(t *testing.T) {
	s := two()
	april := place(1, 5, "desktop", 4, 100, 1)
	april.Month = "2026-04"
	rest := place(1, 0, "laptop", 20, 50, 1)
	rest.Month = "2026-04"
	s.rows = append(s.rows, april, rest)
	d := doorOf(s, "2026-06-20")
	period, err := d.Ask(t.Context(), user(0, "officer"), Question{Organisation: 7, Node: Group(1, 5), From: "2026-01", To: "2026-05"})
	if err != nil {
		t.Fatal(err)
	}
	one, err := d.Ask(t.Context(), user(0, "officer"), march(Group(1, 5)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(period.Months, []collector.Month{"2026-03", "2026-04"}) || period.Self.Months != 1 || period.Self.Of != 2 || period.Self.Why != TooFew || !period.Self.Shown {
		t.Errorf("got %+v, want one month of two", period)
	}
	if !reflect.DeepEqual(period.Self.Personal, one.Self.Personal) {
		t.Errorf("got %+v, want what March is: %+v", period.Self.Personal, one.Self.Personal)
	}
	if _, ok := period.Self.All(); ok {
		t.Error("a total of all machines has one month of persons of two")
	}
}

func TestSharedMachinesAreAlwaysShownAndApart(t *testing.T) {
	s := two()
	room := place(1, 5, "desktop", 1, 1000, 1)
	room.Use = "shared"
	server := place(2, 0, "server", 2, 9000, 1)
	server.Use = "server"
	s.rows = []collector.PlaceMonth{place(1, 5, "desktop", 3, 100, 1), room, server}
	answer, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), march(Node{}))
	if err != nil || answer.Self.Personal != nil || len(answer.Self.Others) != 2 || answer.Self.Others[0].Machines != 2 || answer.Self.Others[1].Sum.Days != 7 {
		t.Fatalf("got %+v, %v; want a server, a room and nothing of persons", answer.Self, err)
	}
	site := answer.Children[1]
	all, ok := site.All()
	if !ok || !site.Shown || all.Days != 14 || all.Parts[0].MWh != 2*9000*6/2 {
		t.Errorf("site 2 has servers only: %+v, %t", all, ok)
	}
}

func TestAMachineOfNoKnownUseIsAPersons(t *testing.T) {
	s := two()
	for i := range s.rows {
		s.rows[i].Use = ""
	}
	answer, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), march(Group(1, 5)))
	if err != nil || len(answer.Self.Others) != 0 || answer.Self.Of != 1 {
		t.Errorf("got %+v, %v; want figures of persons only", answer.Self, err)
	}
}

func TestSimulatedMachinesAreApart(t *testing.T) {
	s := two()
	for i := range 3 { // they do not make a crowd for the few that are real
		s.rows[i].Simulated = true
	}
	s.rows = append(s.rows, place(1, 5, "desktop", 3, 100, 1))
	real, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), march(Node{}))
	if err != nil || real.Self.Why != TooFew {
		t.Errorf("got %+v, %v; want nothing of three real machines", real.Self, err)
	}
	q := march(Node{})
	q.Simulated = true
	made, err := doorOf(s, "2026-04-08").Ask(t.Context(), user(0, "officer"), q)
	if err != nil || made.Self.Machines != 62 || !made.Simulated {
		t.Errorf("got %+v, %v; want 62 machines", made.Self, err)
	}
}

func TestAFigureOfPersonsDoesNotSayHowMuchEachMethodGave(t *testing.T) {
	got := Fold(collector.Sum{
		Days:    9,
		Seconds: []collector.PartSum{{Part: "night", Off: 5}, {Part: "dusk", Off: 1}},
		Energy: []collector.EnergySum{
			{Part: "open", Scope: "machine", Method: "model-class", MWh: 10, LowMWh: 5, HighMWh: 20, CoveredS: 60},
			{Part: "open", Scope: "machine", Method: "battery", MWh: 3, LowMWh: 2, HighMWh: 4, CoveredS: 30},
			{Part: "open", Scope: "display", Method: "model-class", MWh: 100, LowMWh: 50, HighMWh: 200, CoveredS: 60},
			{Part: "open", Scope: "cpu", Method: "rapl", MWh: 1000, LowMWh: 1000, HighMWh: 1000, CoveredS: 60},
		},
		Cost: collector.CostSum{Wakeups: 3},
	})
	want := Total{Days: 9, Methods: []string{"battery", "model-class"}, Parts: []PartSum{
		{collector.PartSum{Part: "open"}, 113, 57, 224, 90},
		{collector.PartSum{Part: "night", Off: 5}, 0, 0, 0, 0},
		{collector.PartSum{Part: Mixed, Off: 1}, 0, 0, 0, 0},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestDaysAreOfSharedMachinesOnly(t *testing.T) {
	s := two()
	cell := func(date collector.Date, site int64, use collector.Use, n int) collector.Cell {
		return collector.Cell{Date: date, Place: collector.Place{Site: site, Class: "desktop", Use: use}, Machines: n, Sum: collector.Sum{Days: int64(n)}}
	}
	s.cells = []collector.Cell{
		cell("2026-03-02", 1, "individual", 100), cell("2026-03-02", 2, "shared", 3), cell("2026-03-02", 1, "shared", 4), cell("2026-03-01", 1, "server", 1),
		cell("2026-03-02", 1, "", 50), cell("2026-03-09", 1, "shared", 4), cell("2026-03-02", 3, "shared", 4),
	}
	s.cells = append(s.cells, s.cells[2])
	s.cells[7].Simulated = true
	q := DayQuestion{Organisation: 7, Node: Site(1), From: "2026-03-01", To: "2026-03-08"}
	days, err := doorOf(s, "2026-03-09").Days(t.Context(), user(1, "reader"), q)
	want := []Day{{"2026-03-01", "server", 1, collector.Sum{Days: 1}}, {"2026-03-02", "shared", 4, collector.Sum{Days: 4}}}
	if err != nil || !reflect.DeepEqual(days, want) {
		t.Errorf("got %+v, %v; want %+v", days, err, want)
	}
	for _, tt := range []struct {
		who  *collector.User
		want error
	}{{nil, ErrRole}, {user(0, "web"), ErrRole}, {user(2, "it"), collector.ErrNotFound}} {
		if days, err := doorOf(s, "2026-03-09").Days(t.Context(), tt.who, q); !errors.Is(err, tt.want) || days != nil {
			t.Errorf("%+v: got %+v, %v; want the error %v", tt.who, days, err, tt.want)
		}
	}
}

func TestSingleMachinesAreShownToItAloneWithAReasonThatIsLoggedBefore(t *testing.T) {
	for _, tt := range []struct {
		name   string
		who    *collector.User
		site   int64
		reason string
		broken bool
		want   error
	}{
		{"it, with a reason", user(0, "it"), 1, "no sleep timer", false, nil},
		{"it of the site", user(1, "it"), 1, "no sleep timer", false, nil},
		{"without a reason", user(0, "it"), 1, " \n", false, ErrReason},
		{"the officer", user(0, "officer", "reader"), 1, "curious", false, ErrRole},
		{"who answers for pages", user(0, "web"), 1, "curious", false, ErrRole},
		{"the public", nil, 1, "curious", false, ErrRole},
		{"it of another site", user(2, "it"), 1, "curious", false, collector.ErrNotFound},
		{"it of another organisation", user(0, "it"), 3, "curious", false, collector.ErrNotFound},
		{"with a log that cannot be written", user(0, "it"), 1, "no sleep timer", true, errDisk},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := two()
			s.broken, s.machines = tt.broken, []collector.MachineMonth{{Machine: 87}}
			machines, err := doorOf(s, "2026-04-08").Machines(t.Context(), tt.who, 7, tt.site, "2026-03", tt.reason)
			if !errors.Is(err, tt.want) || (len(machines) == 1) != (tt.want == nil) || (len(s.log) == 1) != (tt.want == nil) {
				t.Fatalf("got %+v, %v, log %+v; want the error %v", machines, err, s.log, tt.want)
			}
			if tt.want != nil {
				return
			}
			want := collector.Entry{On: "2026-04-08", Organisation: 7, Who: "anna", What: "machines read", Subject: "site 1, 2026-03", Reason: "no sleep timer"}
			if s.log[0] != want {
				t.Errorf("logged %+v, want %+v", s.log[0], want)
			}
		})
	}
}

func TestARateOfFewMachinesIsInWholePercents(t *testing.T) {
	for _, tt := range []struct {
		part, whole float64
		machines    int
		want        string
	}{{1, 3, 49, "33 true"}, {1, 3, 50, "33.3 true"}, {2, 3, 5, "67 true"}, {0, 0, 60, "0 false"}, {1, 1, 60, "100 true"}} {
		percent, ok := Percent(tt.part, tt.whole, tt.machines)
		if got := fmt.Sprint(percent, ok); got != tt.want {
			t.Errorf("%g of %g, %d machines: %s, want %s", tt.part, tt.whole, tt.machines, got, tt.want)
		}
	}
}

func TestACellOfAnotherMonthOrPlaceIsNotAdded(t *testing.T) {
	m := collector.PlaceMonth{Month: "2026-03"}
	for _, c := range []collector.Cell{
		{Date: "2026-04-01"}, {Date: "2026-03-02", Place: collector.Place{Site: 1}}, {Date: "2026-03"}, {Date: "2026-03-99"}, {Date: "2026-03+07"}, {Date: "2026-03-0x"},
	} {
		if err := m.Add(c); err == nil || !strings.Contains(err.Error(), string(c.Date)) || len(m.Days) > 0 {
			t.Errorf("%+v was added: %+v, %v", c, m, err)
		}
	}
}
