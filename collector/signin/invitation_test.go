package signin_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"veille/collector"
	"veille/collector/signin"
)

func TestAnInvitationIsGoodOnceAndLeavesAnEntry(t *testing.T) {
	l, c := newLedger(), &clock{"2026-11-22"}
	d := signin.New(l, nil, c.today)
	l.invite("come in")
	if who, err := d.Invited(t.Context(), "come in"); err != nil || who.Name != "Ada" {
		t.Fatalf("%v, %v; want Ada", who, err)
	}
	secret, err := d.Accept(t.Context(), "come in", goodPassword)
	if err != nil || isOver(t, d, secret) {
		t.Fatalf("whoever accepts has signed in: %v", err)
	}
	want := collector.Entry{On: "2026-11-22", Organisation: 3, Who: "Ada", What: "password chosen", Subject: "user Ada"}
	if len(l.entries) != 1 || l.entries[0] != want {
		t.Errorf("got %+v, want one: %+v", l.entries, want)
	}
	if _, err := d.Accept(t.Context(), "come in", "encore une autre tortue"); !errors.Is(err, signin.ErrExpired) {
		t.Errorf("the second time: %v", err)
	}
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Errorf("the first password is good: %v", err)
	}
}

func TestTwoWhoAcceptAtTheSameMomentAreNotBothLetIn(t *testing.T) {
	for range 5 {
		l, c := newLedger(), &clock{"2026-11-22"}
		d := signin.New(l, nil, c.today)
		l.invite("come in")
		var group sync.WaitGroup
		var in atomic.Int32
		for range 2 {
			group.Go(func() {
				if _, err := d.Accept(t.Context(), "come in", goodPassword); err == nil {
					in.Add(1)
				}
			})
		}
		group.Wait()
		if in.Load() != 1 {
			t.Fatalf("%d were let in", in.Load())
		}
	}
}

func TestRefusedInvitationsLeaveOneEntryADay(t *testing.T) {
	l, c := newLedger(), &clock{"2026-11-22"}
	d := signin.New(l, nil, c.today)
	for _, date := range []collector.Date{"2026-11-22", "2026-11-23"} {
		c.date = date
		for range 50 {
			if _, err := d.Invited(t.Context(), "made up"); !errors.Is(err, signin.ErrExpired) {
				t.Fatal(err)
			}
			if _, err := d.Accept(t.Context(), "", goodPassword); !errors.Is(err, signin.ErrExpired) {
				t.Fatal(err)
			}
		}
	}
	if len(l.entries) != 2 || l.entries[0].What != "invitation refused" || l.entries[1].On != "2026-11-23" {
		t.Errorf("entries %+v; want one of each day", l.entries)
	}
}

func TestAWeakPasswordKeepsTheInvitation(t *testing.T) {
	l, c := newLedger(), &clock{"2026-11-22"}
	d := signin.New(l, nil, c.today)
	l.invite("come in")
	_, err := d.Accept(t.Context(), "come in", "short")
	if why, ok := errors.AsType[signin.WeakError](err); !ok || why.Why != "short" {
		t.Fatalf("%v; want short", err)
	}
	if _, err := d.Accept(t.Context(), "come in", goodPassword); err != nil {
		t.Error(err)
	}
}

func TestAChosenPasswordUnlocksItsName(t *testing.T) {
	d, l, _ := withAda(t)
	for i := range 6 {
		_, _ = d.Password(t.Context(), "ada", "wrong", elsewhere(i))
	}
	l.invite("again")
	if _, err := d.Accept(t.Context(), "again", goodPassword); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Error(err)
	}
}
