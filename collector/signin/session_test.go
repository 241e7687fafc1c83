package signin_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/signin"
)

// enter signs Ada in.
func enter(t *testing.T, d *signin.Desk) string {
	t.Helper()
	secret, err := d.Password(t.Context(), "ada", goodPassword, home())
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// isOver tells whether a session is nobody's.
func isOver(t *testing.T, d *signin.Desk, secret string) bool {
	t.Helper()
	_, err := d.Who(t.Context(), secret)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		t.Fatal(err)
	}
	return err != nil
}

func TestASessionIsOverAfterAnHourWithoutUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, l, _ := withAda(t)
		secret := enter(t, d)
		for range 5 {
			time.Sleep(time.Hour - time.Second) //nolint:forbidigo // in a bubble
			if isOver(t, d, secret) {
				t.Fatal("it was used less than an hour ago")
			}
		}
		time.Sleep(time.Hour) //nolint:forbidigo // in a bubble
		if !isOver(t, d, secret) || len(l.sessions) != 0 {
			t.Fatal("it was not used for an hour")
		}
		if !isOver(t, d, secret) {
			t.Error("it came back")
		}
	})
}

func TestASessionIsOverAtTheEndOfTheNextDay(t *testing.T) {
	d, _, c := withAda(t)
	secret := enter(t, d)
	c.date = "2026-11-23"
	if isOver(t, d, secret) {
		t.Error("it is good on the next day")
	}
	c.date = "2026-11-24"
	if !isOver(t, d, secret) {
		t.Error("it is over on the day after")
	}
}

func TestTheHourBeginsAgainAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, l, c := withAda(t)
		secret := enter(t, d)
		time.Sleep(2 * time.Hour) //nolint:forbidigo // in a bubble
		d = signin.New(l, nil, c.today)
		if isOver(t, d, secret) {
			t.Error("nothing on disk says when it was used")
		}
		time.Sleep(time.Hour) //nolint:forbidigo // in a bubble
		if !isOver(t, d, secret) {
			t.Error("the hour is over")
		}
	})
}

func TestSessionsThatNobodyUsesEndWhenSomebodySignsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, l, _ := withAda(t)
		for range 4 {
			enter(t, d)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // in a bubble
		enter(t, d)
		if kept := signin.Kept(d); len(l.sessions) != 1 || kept[2] != 1 {
			t.Errorf("%d sessions in the ledger, %d in memory; want 1", len(l.sessions), kept[2])
		}
	})
}

func TestOfTooManySessionsTheOneUnusedForLongestEnds(t *testing.T) {
	d, l, _ := withAda(t)
	first, second := enter(t, d), enter(t, d)
	if isOver(t, d, first) { // used after the second
		t.Fatal("it is good")
	}
	for i := range signin.MostKept - 1 {
		hash := [32]byte{1, byte(i), byte(i >> 8)}
		if err := signin.Touch(t.Context(), d, hash, int64(100+i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.sessions) != 1 || !isOver(t, d, second) || isOver(t, d, first) {
		t.Errorf("%d sessions; want that of the first alone", len(l.sessions))
	}
}

func TestOneUserWhoSignsInAgainAndAgainEndsNoSessionButHisOwn(t *testing.T) {
	d, l, c := withAda(t)
	l.passwords[2] = l.passwords[1]
	bobs, err := d.Password(t.Context(), "bob", goodPassword, home())
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for range signin.MostSessions + 3 {
		secrets = append(secrets, enter(t, d))
		if isOver(t, d, secrets[0]) { // used all the time
			t.Fatal("the one that is used is over")
		}
	}
	for i, secret := range secrets {
		if over := isOver(t, d, secret); over != (i >= 1 && i <= 3) {
			t.Errorf("session %d is over: %t; want those over that were not used for longest", i, over)
		}
	}
	if kept := signin.Kept(d)[2]; len(l.sessions) != signin.MostSessions+1 || kept != signin.MostSessions+1 {
		t.Errorf("%d sessions in the ledger, %d in memory; want %d of Ada and one of Bob", len(l.sessions), kept, signin.MostSessions)
	}
	// A collector that was started anew knows none of them: the ledger ends them all.
	d = signin.New(l, nil, c.today)
	last := enter(t, d)
	if len(l.sessions) != 2 || isOver(t, d, last) || isOver(t, d, bobs) {
		t.Errorf("%d sessions; want the last of Ada, and that of Bob", len(l.sessions))
	}
}

func TestAFullMemoryIsNoReasonToEndTheSessionOfAnother(t *testing.T) {
	d, l, _ := withAda(t)
	first := enter(t, d) // unused for longest
	for i := range signin.MostKept - 1 {
		if err := signin.Touch(t.Context(), d, [32]byte{1, byte(i), byte(i >> 8)}, int64(100+i/signin.MostSessions)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 30 {
		if err := signin.Touch(t.Context(), d, [32]byte{2, byte(i)}, 100); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.sessions) != 1 || isOver(t, d, first) || signin.Kept(d)[2] != signin.MostKept {
		t.Errorf("%d sessions, %d in memory: that of another is over", len(l.sessions), signin.Kept(d)[2])
	}
}

func TestManyWhoSignInAsOneUserAtTheSameTimeHaveNoMoreSessions(t *testing.T) {
	d, l, _ := withAda(t)
	for range signin.MostSessions {
		enter(t, d)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(l.sessions) != signin.MostSessions {
		t.Errorf("%d sessions; want %d", len(l.sessions), signin.MostSessions)
	}
}

func TestWhatIsNoSecretIsNobodys(t *testing.T) {
	d, _, _ := withAda(t)
	secret := enter(t, d)
	for _, text := range []string{"", "x", secret[1:], secret + "A", strings.Repeat("A", 43), strings.ToLower(secret), strings.Repeat("A", 1<<20)} {
		if !isOver(t, d, text) {
			t.Errorf("%.50q is somebody's", text)
		}
	}
}

func TestChoosingAPasswordEndsTheOtherSessions(t *testing.T) {
	d, l, _ := withAda(t)
	before := enter(t, d)
	l.invite("again")
	after, err := d.Accept(t.Context(), "again", "une autre tortue, plus verte")
	if err != nil {
		t.Fatal(err)
	}
	if !isOver(t, d, before) || isOver(t, d, after) {
		t.Error("the one before is over, and the one after is not")
	}
}
