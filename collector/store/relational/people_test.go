package relational_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// town is a store with organisations A and B, of which A has two sites, and a token at each site: keys 1, 2 of A and 3 of B.
type town struct {
	*relational.Store
	t     *testing.T
	at    place
	sites []collector.Site // two of A, one of B
}

func newTown(t *testing.T, at place) town {
	t.Helper()
	c := town{Store: at.open(t), t: t, at: at}
	for i, name := range []string{"A", "A", "B"} {
		site, err := c.CreateSite(t.Context(), name, "Site "+string(rune('1'+i)), "Europe/Paris")
		c.must(err)
		c.must(c.CreateToken(t.Context(), collector.Token{Hash: key(byte(1 + i)), Site: site.ID, Quota: 9, ExpiresOn: "2027-01-01"}))
		c.sites = append(c.sites, site)
	}
	return c
}

func (c town) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// enrol enrols the machine with this install key by a token, with a new password.
func (c town) enrol(token, install, password byte) (collector.Machine, error) {
	e, err := c.Enrol(c.t.Context(), collector.Enrolment{Token: key(token), Pseudonym: key(install), Credential: key(password), Use: "individual", On: "2026-11-16"})
	return e.Machine, err
}

// raw runs a statement past the store.
func (c town) raw(text string) error {
	c.t.Helper()
	return c.at.raw(c.t, text)
}

func (c town) room(site int, name string) collector.Group {
	c.t.Helper()
	g, err := c.AddGroup(c.t.Context(), collector.Group{Site: c.sites[site].ID, Kind: "room", Name: name})
	c.must(err)
	return g
}

func TestAMachineOfTwoOrganisationsIsTwoMachinesThatNothingConnects(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		inA, err := c.enrol(1, 50, 60)
		c.must(err)
		inB, err := c.enrol(3, 50, 61)
		c.must(err)
		if inA.ID == inB.ID || inB.Site.ID != c.sites[2].ID {
			t.Fatalf("%+v, %+v; want two machines", inA, inB)
		}
		for password, want := range map[byte]collector.Machine{60: inA, 61: inB} {
			if m, err := c.Machine(t.Context(), key(password)); err != nil || m.ID != want.ID || m.Site.ID != want.Site.ID {
				t.Errorf("password %d is that of %+v, %v; want machine %d", password, m, err, want.ID)
			}
		}
		again, err := c.enrol(2, 50, 62)
		if err != nil || again.ID != inA.ID || again.Site.ID != c.sites[1].ID {
			t.Errorf("at the other site of A: %+v, %v; want the same machine there", again, err)
		}
		if m, err := c.Machine(t.Context(), key(61)); err != nil || m.ID != inB.ID {
			t.Errorf("that of B: %+v, %v", m, err)
		}
		// Revoked in one, it enrols in the other.
		c.must(c.Revoke(t.Context(), inA.ID, "2026-11-17"))
		if _, err := c.enrol(1, 50, 63); !errors.Is(err, collector.ErrRevoked) {
			t.Errorf("revoked in A: %v", err)
		}
		if m, err := c.enrol(3, 50, 64); err != nil || m.ID != inB.ID {
			t.Errorf("in B: %+v, %v", m, err)
		}
		var kept, different int
		install := key(50)
		c.must(at.past(t).QueryRowContext(t.Context(), "SELECT count(*) FILTER (WHERE pseudonym = "+at.bytes(install[:]...)+"), count(DISTINCT pseudonym) FROM machine").Scan(&kept, &different))
		if kept != 0 || different != 2 {
			t.Errorf("%d pseudonyms are kept as they came, %d are different; want 0 and 2", kept, different)
		}
	})
}

func TestATokenPutsMachinesInItsGroupAndOneWithoutLeavesThem(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		room := c.room(0, "Salle 12")
		c.must(c.CreateTokenFor(t.Context(), collector.Token{Hash: key(9), Site: c.sites[0].ID, Quota: 9, ExpiresOn: "2027-01-01"}, room.ID))
		for _, step := range []struct {
			token byte
			group int64
		}{{9, room.ID}, {1, room.ID}, {2, 0}, {1, 0}, {9, room.ID}} { // of its site, the same without, another site, back without, back with
			if m, err := c.enrol(step.token, 50, 60); err != nil || m.Group != step.group {
				t.Errorf("by token %d it is in group %d, %v; want %d", step.token, m.Group, err, step.group)
			}
		}
		for _, group := range []int64{room.ID, 77} {
			if err := c.CreateTokenFor(t.Context(), collector.Token{Hash: key(10), Site: c.sites[1].ID, Quota: 9, ExpiresOn: "2027-01-01"}, group); !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a token of another site, or for no group: %v", err)
			}
		}
		if of, err := c.TokenGroups(t.Context()); err != nil || len(of) != 1 || of[key(9)] != room.ID {
			t.Errorf("%v, %v", of, err)
		}
	})
}

func TestMachinesMoveAllOrNoneAndWithinTheirSite(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		room, other := c.room(0, "Salle 12"), c.room(1, "Salle 12")
		var machines []int64
		for i, token := range []byte{1, 1, 2} {
			m, err := c.enrol(token, byte(50+i), byte(60+i))
			c.must(err)
			machines = append(machines, m.ID)
		}
		for name, err := range map[string]error{
			"one of another site":     c.MoveMachines(t.Context(), room.ID, machines...),
			"one that does not exist": c.MoveMachines(t.Context(), room.ID, machines[0], 77),
			"a group of another site": c.MoveMachines(t.Context(), other.ID, machines[0]),
			"no group":                c.MoveMachines(t.Context(), 77, machines[0]),
		} {
			if in, _ := c.Grouped(t.Context(), c.sites[0].ID); !errors.Is(err, collector.ErrNotFound) || len(in) != 0 {
				t.Errorf("%s: %v, and moved: %v", name, err, in)
			}
		}
		c.must(c.MoveMachines(t.Context(), room.ID, machines[:2]...))
		if sizes, err := c.GroupSizes(t.Context(), c.sites[0].ID); err != nil || sizes[room.ID] != 2 {
			t.Errorf("%v, %v", sizes, err)
		}
		c.must(c.MoveMachines(t.Context(), 0, machines[0]))
		if in, err := c.Grouped(t.Context(), c.sites[0].ID); err != nil || len(in) != 1 || in[machines[1]] != room.ID {
			t.Errorf("%v, %v", in, err)
		}
		if m, err := c.MachineNumbered(t.Context(), machines[1]); err != nil || m.Group != room.ID || m.Site.ID != c.sites[0].ID {
			t.Errorf("%+v, %v", m, err)
		}
		if _, err := c.MachineNumbered(t.Context(), 77); !errors.Is(err, collector.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestAGroupThatWasRemovedKeepsItsNumberAndItsName(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		room := c.room(0, "Salle 12")
		for name, err := range map[string]error{
			"a second of the name": func() error {
				_, err := c.AddGroup(t.Context(), collector.Group{Site: room.Site, Kind: "building", Name: "Salle 12"})
				return err
			}(),
			"renamed to a neighbour": func() error { n := c.room(0, "Salle 13"); return c.RenameGroup(t.Context(), n.ID, "Salle 12") }(),
		} {
			if !errors.Is(err, collector.ErrExists) {
				t.Errorf("%s: %v", name, err)
			}
		}
		c.must(c.RenameGroup(t.Context(), room.ID, "Salle 12")) // to its own name
		m, err := c.enrol(1, 50, 60)
		c.must(err)
		c.must(c.MoveMachines(t.Context(), room.ID, m.ID))
		if err := c.RemoveGroup(t.Context(), room.ID, "2026-11-16"); err == nil || !strings.Contains(err.Error(), "machines in it: 1") {
			t.Errorf("with a machine: %v", err)
		}
		c.must(c.Revoke(t.Context(), m.ID, "2026-11-16"))
		c.must(c.CreateTokenFor(t.Context(), collector.Token{Hash: key(9), Site: room.Site, Quota: 9, ExpiresOn: "2026-12-01"}, room.ID))
		if err := c.RemoveGroup(t.Context(), room.ID, "2026-11-16"); err == nil || !strings.Contains(err.Error(), "put machines in it: 1") {
			t.Errorf("with a good token: %v", err)
		}
		c.must(c.RemoveGroup(t.Context(), room.ID, "2026-12-01")) // when the token has expired
		for name, err := range map[string]error{
			"removed again": c.RemoveGroup(t.Context(), room.ID, "2026-12-01"), "renamed": c.RenameGroup(t.Context(), room.ID, "x"), "moved to": c.MoveMachines(t.Context(), room.ID, m.ID),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		c.must(c.Restore(t.Context(), m.ID))
		if m, err := c.MachineNumbered(t.Context(), m.ID); err != nil || m.Group != 0 {
			t.Errorf("a machine restored is in group %d, %v", m.Group, err)
		}
		again := c.room(0, "Salle 12")
		every, err := c.EveryGroup(t.Context())
		if err != nil || again.ID <= room.ID || len(every) != 3 || every[0] != room {
			t.Errorf("%+v, %v; the new one is %d", every, err, again.ID)
		}
		if now, err := c.Groups(t.Context(), room.Site); err != nil || len(now) != 2 || now[0] != again {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

func TestAUserIsWhoHasAGoodKey(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		u, err := c.AddUser(t.Context(), collector.User{Organisation: c.sites[0].Organisation, Name: "c.martin", Roles: []collector.Role{"it", "officer"}, Site: c.sites[1].ID, AddedOn: "2026-11-16"})
		c.must(err)
		for i, expires := range []collector.Date{"2026-12-01", "2027-01-01"} {
			c.must(c.CreateUserKey(t.Context(), relational.UserKey{Hash: key(byte(70 + i)), User: u.ID, CreatedOn: "2026-11-16", ExpiresOn: expires}))
		}
		good := func(n byte, on collector.Date) bool {
			t.Helper()
			got, err := c.UserWith(t.Context(), key(n), on)
			if err != nil && (!errors.Is(err, collector.ErrNotFound) || got.ID != 0) {
				t.Errorf("%+v, %v", got, err)
			}
			return err == nil && got.ID == u.ID && slices.Equal(got.Roles, u.Roles) && got.Site == u.Site && got.Organisation == u.Organisation && got.Name == "c.martin"
		}
		if !good(70, "2026-11-30") || good(70, "2026-12-01") || !good(71, "2026-12-31") || good(72, "2026-11-16") {
			t.Error("a key is good until its last day, and no other is")
		}
		c.must(c.RevokeUserKey(t.Context(), key(70), "2026-11-17"))
		if good(70, "2026-11-18") || !good(71, "2026-11-18") {
			t.Error("one key is revoked, the other is good")
		}
		c.must(c.RevokeUserKey(t.Context(), key(70), "2026-11-19"))
		if keys, err := c.UserKeys(t.Context()); err != nil || len(keys) != 2 || keys[1].RevokedOn != "2026-11-17" || keys[1].Number() != "46000000" {
			t.Errorf("%+v, %v", keys, err)
		}
		u.Roles, u.Site = []collector.Role{"reader"}, 0
		c.must(c.SetUser(t.Context(), u))
		if !good(71, "2026-11-18") {
			t.Error("what a user may do changed, and it is not told so")
		}
		c.must(c.RemoveUser(t.Context(), u.ID, "2026-11-20"))
		if good(71, "2026-11-21") {
			t.Error("a user who was removed has a good key")
		}
		for name, err := range map[string]error{
			"set": c.SetUser(t.Context(), u), "removed again": c.RemoveUser(t.Context(), u.ID, "2026-11-21"), "a key that nobody has": c.RevokeUserKey(t.Context(), key(99), "2026-11-21"),
			"a key": c.CreateUserKey(t.Context(), relational.UserKey{Hash: key(73), User: u.ID, CreatedOn: "2026-11-21", ExpiresOn: "2027-01-01"}),
		} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestANameIsOnePersonsInTheWholeCollector(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		add := func(name string, site int) (collector.User, error) {
			return c.AddUser(t.Context(), collector.User{Organisation: c.sites[site].Organisation, Name: name, Roles: []collector.Role{"it"}, AddedOn: "2026-11-16"})
		}
		u, err := add("c.martin", 0)
		c.must(err)
		for _, x := range []struct {
			name string
			site int
		}{{"c.martin", 0}, {"c.martin", 2}, {"C.Martin", 2}} {
			if _, err := add(x.name, x.site); !errors.Is(err, collector.ErrExists) {
				t.Errorf("%s of %s: %v", x.name, c.sites[x.site].Name, err)
			}
		}
		c.must(c.RemoveUser(t.Context(), u.ID, "2026-11-17"))
		if _, err := add("c.martin", 2); !errors.Is(err, collector.ErrExists) {
			t.Errorf("of another organisation, after it was removed: %v", err)
		}
		if back, err := add("c.martin", 0); err != nil || back.ID != u.ID {
			t.Errorf("who comes back: %+v, %v", back, err)
		}
		if all, err := c.Users(t.Context()); err != nil || len(all) != 1 || all[0].RemovedOn != "" {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestAnOrganisationThatIsThereKeepsItsNumber(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		if id, err := c.AddOrganisation(t.Context(), "A"); err != nil || id != 1 {
			t.Errorf("an organisation that is there has the number %d, %v", id, err)
		}
	})
}
