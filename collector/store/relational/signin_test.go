package relational_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// user is a new user of the organisation of a site.
func (c town) user(name string, site int) collector.User {
	c.t.Helper()
	u, err := c.AddUser(c.t.Context(), collector.User{
		Organisation: c.sites[site].Organisation, Name: name, Roles: []collector.Role{"officer"}, Site: c.sites[site].ID, AddedOn: "2026-11-16",
	})
	c.must(err)
	return u
}

// session is a session of a user until a date, and invitation an invitation.
func session(n byte, user int64, until collector.Date) collector.Session {
	return collector.Session{Hash: key(n), User: user, ExpiresOn: until}
}

func invitation(n byte, user int64, until collector.Date) collector.Invitation {
	return collector.Invitation{Hash: key(n), User: user, ExpiresOn: until}
}

// is tells whether a user was found, and fails where something else was.
func (c town) is(want collector.User) func(collector.User, error) bool {
	return func(got collector.User, err error) bool {
		c.t.Helper()
		if err != nil && (!errors.Is(err, collector.ErrNotFound) || got.ID != 0) || err == nil && !reflect.DeepEqual(got, want) {
			c.t.Errorf("%+v, %v; want %+v or nobody", got, err, want)
		}
		return err == nil
	}
}

func TestAUserIsFoundByTheNameWhateverItsCapitals(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u := c.user("c.martin", 0)
		found := c.is(u)
		for name, want := range map[string]bool{"c.martin": true, "C.Martin": true, "c.martin ": false, "c_martin": false, "%": false, "": false} {
			if got := found(c.UserNamed(t.Context(), name)); got != want {
				t.Errorf("%q is found: %v; want %v", name, got, want)
			}
		}
		c.must(c.RemoveUser(t.Context(), u.ID, "2026-11-17"))
		if found(c.UserNamed(t.Context(), "c.martin")) {
			t.Error("a user who was removed is found")
		}
	})
}

func TestASessionIsGoodUntilItsLastDate(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, other := c.user("anne", 0), c.user("bob", 2)
		c.must(c.AddSession(t.Context(), session(1, u.ID, "2026-11-30")))
		c.must(c.AddSession(t.Context(), session(2, u.ID, "2026-12-05")))
		c.must(c.AddSession(t.Context(), session(3, other.ID, "2026-12-05")))
		of := c.is(u)
		good := func(n byte, on collector.Date) bool { t.Helper(); return of(c.Session(t.Context(), key(n), on)) }
		if !good(1, "2026-11-16") || !good(1, "2026-11-30") || good(1, "2026-12-01") || !good(2, "2026-12-01") || good(9, "2026-11-16") {
			t.Error("a session is good until its last date, and no other is")
		}
		c.must(c.EndSession(t.Context(), key(2)))
		c.must(c.EndSession(t.Context(), key(2))) // a second click
		if good(2, "2026-11-16") || !good(1, "2026-11-16") {
			t.Error("the session that was ended is over, and no other")
		}
		for name, err := range map[string]error{
			"of nobody": c.AddSession(t.Context(), session(4, 77, "2026-12-05")), "without a user": c.AddSession(t.Context(), session(4, 0, "2026-12-05")),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a session %s: %v", name, err)
			}
		}
		if err := c.AddSession(t.Context(), session(3, u.ID, "2026-12-05")); err == nil {
			t.Error("the session of another is taken over")
		}
		if !c.is(other)(c.Session(t.Context(), key(3), "2026-11-16")) {
			t.Error("the session of the other is over")
		}
	})
}

func TestANewPasswordEndsTheSessionsAndTheInvitationsOfItsUserAndNobodyElses(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, other := c.user("anne", 0), c.user("bob", 2)
		for i, x := range []collector.User{u, other} {
			c.must(c.SetPassword(t.Context(), x.ID, "$argon2id$first "+x.Name))
			c.must(c.AddSession(t.Context(), session(byte(10+i), x.ID, "2026-12-05")))
			c.must(c.AddSession(t.Context(), session(byte(20+i), x.ID, "2026-12-05")))
			c.must(c.Invite(t.Context(), invitation(byte(30+i), x.ID, "2026-12-05")))
		}
		c.must(c.SetPassword(t.Context(), u.ID, "$argon2id$second"))
		for user, want := range map[int64]string{u.ID: "$argon2id$second", other.ID: "$argon2id$first bob", 77: ""} {
			if hash, err := c.Password(t.Context(), user); err != nil || hash != want {
				t.Errorf("%q, %v; want %q", hash, err, want)
			}
		}
		for i, x := range []collector.User{u, other} {
			of, want := c.is(x), i == 1
			for n, found := range map[int]bool{
				10 + i: of(c.Session(t.Context(), key(byte(10+i)), "2026-11-16")), 20 + i: of(c.Session(t.Context(), key(byte(20+i)), "2026-11-16")),
				30 + i: of(c.Invited(t.Context(), key(byte(30+i)), "2026-11-16")),
			} {
				if found != want {
					t.Errorf("%d of %s is good: %v; want %v", n, x.Name, found, want)
				}
			}
		}
		if err := c.SetPassword(t.Context(), 77, "$argon2id$"); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("of nobody: %v", err)
		}
	})
}

func TestAnInvitationIsGoodUntilItsLastDateOrTheNext(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, other := c.user("anne", 0), c.user("bob", 0)
		of := c.is(u)
		good := func(n byte, on collector.Date) bool { t.Helper(); return of(c.Invited(t.Context(), key(n), on)) }
		c.must(c.SetPassword(t.Context(), u.ID, "$argon2id$"))
		c.must(c.Invite(t.Context(), invitation(1, u.ID, "2026-11-23")))
		c.must(c.Invite(t.Context(), invitation(2, other.ID, "2026-11-23")))
		if !good(1, "2026-11-23") || good(1, "2026-11-24") || good(9, "2026-11-16") {
			t.Error("an invitation is good until its last date, and no other is")
		}
		c.must(c.Invite(t.Context(), invitation(3, u.ID, "2026-11-30")))
		if good(1, "2026-11-16") || !good(3, "2026-11-30") || !c.is(other)(c.Invited(t.Context(), key(2), "2026-11-16")) {
			t.Error("a new invitation takes the place of the one before of its user")
		}
		if hash, err := c.Password(t.Context(), u.ID); err != nil || hash != "$argon2id$" {
			t.Errorf("until it is used the password is %q, %v", hash, err)
		}
		if err := c.Invite(t.Context(), invitation(4, 77, "2026-11-30")); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("of nobody: %v", err)
		}
		if err := c.Invite(t.Context(), invitation(2, u.ID, "2026-11-30")); err == nil || !good(3, "2026-11-30") {
			t.Errorf("with the secret of another: %v; the one before must stay", err)
		}
	})
}

func TestAUserWhoWasRemovedProvesNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, other := c.user("anne", 0), c.user("bob", 0)
		for i, x := range []collector.User{u, other} {
			c.must(c.SetPassword(t.Context(), x.ID, "$argon2id$"))
			c.must(c.AddSession(t.Context(), session(byte(10+i), x.ID, "2026-12-05")))
			c.must(c.Invite(t.Context(), invitation(byte(20+i), x.ID, "2026-12-05")))
		}
		c.must(c.RemoveUser(t.Context(), u.ID, "2026-11-17"))
		nothing := func(when string) {
			t.Helper()
			of := c.is(u)
			hash, err := c.Password(t.Context(), u.ID)
			if err != nil || hash != "" || of(c.Session(t.Context(), key(10), "2026-11-17")) || of(c.Invited(t.Context(), key(20), "2026-11-17")) {
				t.Errorf("%s the user has %q, %v, or a session, or an invitation", when, hash, err)
			}
		}
		nothing("removed")
		for name, err := range map[string]error{
			"a password": c.SetPassword(t.Context(), u.ID, "$argon2id$"), "a session": c.AddSession(t.Context(), session(12, u.ID, "2026-12-05")),
			"an invitation": c.Invite(t.Context(), invitation(22, u.ID, "2026-12-05")),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("removed, the user gets %s: %v", name, err)
			}
		}
		back, err := c.AddUser(t.Context(), u)
		if err != nil || back.ID != u.ID {
			t.Fatalf("%+v, %v", back, err)
		}
		nothing("back")
		of := c.is(other)
		if !of(c.Session(t.Context(), key(11), "2026-11-17")) || !of(c.Invited(t.Context(), key(21), "2026-11-17")) {
			t.Error("the other user has lost something")
		}
	})
}

func TestWhatHasExpiredIsDeletedTheNightAfter(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, other := c.user("anne", 0), c.user("bob", 0)
		for i, until := range []collector.Date{"2026-11-22", "2026-11-23", "2026-12-01"} {
			c.must(c.AddSession(t.Context(), session(byte(10+i), u.ID, until)))
		}
		c.must(c.Invite(t.Context(), invitation(20, u.ID, "2026-11-22")))
		c.must(c.Invite(t.Context(), invitation(21, other.ID, "2026-11-23")))
		run, err := c.Finish(t.Context(), collector.Run{On: "2026-11-23"}, collector.Horizon{})
		if err != nil || run.Deleted != (collector.Deleted{}) {
			t.Errorf("%+v, %v; want it not to be counted", run, err)
		}
		if rows := at.counts(t); rows["session"] != 2 || rows["invitation"] != 1 {
			t.Errorf("there are %v", rows)
		}
		of := c.is(u)
		if !of(c.Session(t.Context(), key(11), "2026-11-23")) || !of(c.Session(t.Context(), key(12), "2026-11-23")) || !c.is(other)(c.Invited(t.Context(), key(21), "2026-11-23")) {
			t.Error("what is good has gone")
		}
	})
}

func TestNothingThatIsKeptSaysInWhichOrderPersonsSignedIn(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		var users []int64
		for n := range 60 {
			u := c.user(fmt.Sprint("person ", n), 0)
			c.must(c.SetPassword(t.Context(), u.ID, fmt.Sprint("$argon2id$", n)))
			users = append(users, u.ID)
		}
		random := rand.New(rand.NewPCG(8, 8))
		random.Shuffle(len(users), func(i, j int) { users[i], users[j] = users[j], users[i] })
		for _, u := range users {
			c.must(c.AddSession(t.Context(), collector.Session{Hash: sha256.Sum256(fmt.Append(nil, "cookie", u)), User: u, ExpiresOn: "2026-12-05"}))
		}
		at.sleep(t, c.Store)
		columns, rows := at.table(t, at.past(t), "session")
		user := slices.Index(columns, "user")
		if !slices.Equal(columns[user-1:], []string{"hash", "user", "expires_on"}) || len(rows) != 60 {
			t.Fatalf("%d sessions of %v", len(rows), columns)
		}
		byUser := map[string][]string{}
		for i, row := range rows {
			byUser[row[user]] = append(row, sorted(int64(i))) // and where it lies
		}
		for i, column := range append(columns, "the row itself") {
			var values []string
			for _, u := range users {
				values = append(values, byUser[sorted(u)][i])
			}
			if tau := concordance(values); math.Abs(tau) > 0.6 {
				t.Errorf("%s tells the order in which they came: %.2f", column, tau)
			}
		}
	})
}

// write is something that is said, and its name.
type write struct {
	name string
	do   func(context.Context) error
}

// writes are all that can be said of an organisation, a site of it and a user, each of which works once.
func (c town) writes(a, site, user int64) []write {
	c.t.Helper()
	first, err := c.AddTarget(c.t.Context(), target(a, site))
	c.must(err)
	done, err := c.AddAction(c.t.Context(), action(a, site, 0, "2026-03-02"))
	c.must(err)
	c.must(c.SetPrice(c.t.Context(), price(a, "2024-01", 0.2)))
	c.must(c.SetFactor(c.t.Context(), factor(a, "made.desktop", 200)))
	c.must(c.AddSession(c.t.Context(), session(1, user, "2026-12-05")))
	return append([]write{
		{"a price", func(ctx context.Context) error { return c.SetPrice(ctx, price(a, "2026-01", 0.2)) }},
		{"no price", func(ctx context.Context) error { return c.RemovePrice(ctx, a, "2024-01") }},
		{"a factor", func(ctx context.Context) error { return c.SetFactor(ctx, factor(a, "electricity", 32)) }},
		{"no factor", func(ctx context.Context) error { return c.RemoveFactor(ctx, a, "made.desktop") }},
		{"a target", func(ctx context.Context) error { return second(c.AddTarget(ctx, target(a, 0))) }},
		{"no target", func(ctx context.Context) error { return c.RemoveTarget(ctx, a, first.ID) }},
		{"an action", func(ctx context.Context) error { return second(c.AddAction(ctx, action(a, 0, 0, "2026-03-02"))) }},
		{"no action", func(ctx context.Context) error { return c.RemoveAction(ctx, a, done.ID) }},
		{"equipment", func(ctx context.Context) error {
			return c.ReplaceEquipment(ctx, a, site, []collector.Equipment{devices("tablet", "", "new", 1)})
		}},
		{"a session", func(ctx context.Context) error { return c.AddSession(ctx, session(2, user, "2026-12-05")) }},
		{"its end", func(ctx context.Context) error { return c.EndSession(ctx, key(1)) }},
		{"an invitation", func(ctx context.Context) error { return c.Invite(ctx, invitation(3, user, "2026-12-05")) }},
		{"a password", func(ctx context.Context) error { return c.SetPassword(ctx, user, "$argon2id$") }},
		{"an open site", func(ctx context.Context) error {
			return c.SetSite(ctx, collector.Site{ID: site, Organisation: a, Open: true})
		}},
	}, c.labelWrites(a, site)...)
}

func TestEachThingThatIsSaidIsKeptWithItsLineInTheAuditLogOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		ctx := relational.Noting(t.Context(), entry("2026-11-16", "anne"))
		for i, x := range c.writes(c.sites[0].Organisation, c.sites[0].ID, c.user("anne", 0).ID) {
			at.noMore(t, "audit")
			before := at.counts(t)
			if err := x.do(ctx); err == nil || !c.Trouble(err) {
				t.Errorf("%s without a line: %v", x.name, err)
			}
			if after := at.counts(t); !reflect.DeepEqual(after, before) {
				t.Errorf("%s without a line has made %v of %v", x.name, after, before)
			}
			at.again(t, "audit")
			if err := x.do(ctx); err != nil {
				t.Errorf("%s: %v", x.name, err)
			}
			if all, err := c.Entries(t.Context(), 0, "", ""); err != nil || len(all) != i+1 {
				t.Errorf("%s: %d lines, %v; want %d", x.name, len(all), err, i+1)
			}
		}
	})
}

func TestAUserHasTwentySessionsAtMost(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, other := c.user("anne", 0), c.user("bob", 2)
		c.must(c.AddSession(t.Context(), session(100, other.ID, "2026-12-05")))
		of := c.is(u)
		good := func() (n int) {
			for i := range byte(50) {
				if of(c.Session(t.Context(), key(i), "2026-11-16")) {
					n++
				}
			}
			return n
		}
		for i := range byte(20) {
			c.must(c.AddSession(t.Context(), session(i, u.ID, "2026-12-05")))
		}
		if n := good(); n != 20 {
			t.Errorf("%d sessions; want 20", n)
		}
		c.must(c.AddSession(t.Context(), session(20, u.ID, "2026-12-05")))
		if n := good(); n != 1 || !of(c.Session(t.Context(), key(20), "2026-11-16")) {
			t.Errorf("%d sessions; want the new one alone", n)
		}
		if !c.is(other)(c.Session(t.Context(), key(100), "2026-11-16")) {
			t.Error("the session of another is over")
		}
	})
}
