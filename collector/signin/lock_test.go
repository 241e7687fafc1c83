package signin_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/signin"
)

// elsewhere is the n-th of many addresses.
func elsewhere(n int) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 0x0a000000+uint32(n))
	return netip.AddrFrom4(b)
}

// minutes is how long err says that it is locked; 0 where it is only wrong.
func minutes(t *testing.T, err error) int {
	t.Helper()
	if locked, ok := errors.AsType[signin.LockedError](err); ok {
		return locked.Minutes
	}
	if !errors.Is(err, signin.ErrWrong) {
		t.Fatalf("%v; want ErrWrong or a lock", err)
	}
	return 0
}

func TestWrongPasswordsLockANameForLongerAndLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, name := range []string{"ada", "nobody"} { // existing or not: the lock does not tell
			l, c := newLedger(), &clock{"2026-11-22"}
			d := signin.New(l, nil, c.today)
			tries := 0
			try := func() int {
				tries++
				_, err := d.Password(t.Context(), name, "wrong", elsewhere(tries))
				return minutes(t, err)
			}
			for range 6 {
				if got := try(); got != 0 {
					t.Fatalf("try %d is locked for %d minutes", tries, got)
				}
			}
			for _, want := range []int{1, 2, 4, 8, 15, 15, 15} {
				if got := try(); got != want {
					t.Fatalf("%s, try %d: locked for %d minutes, want %d", name, tries, got, want)
				}
				time.Sleep(time.Duration(want)*time.Minute - time.Second) //nolint:forbidigo // in a bubble, no time passes
				if got := try(); got != 1 {
					t.Fatalf("%s: a second before its end, %d minutes are said; want 1, rounded up", name, got)
				}
				time.Sleep(time.Second) //nolint:forbidigo // in a bubble
				if got := try(); got != 0 {
					t.Fatalf("%s: locked after %d minutes", name, want)
				}
			}
			want := 0
			if name == "ada" {
				want = 1
			}
			if len(l.entries) != want {
				t.Errorf("%s: entries %v; want %d: the first lock of an existing name", name, l.entries, want)
			}
		}
	})
}

func TestALockOfAUserLeavesAnEntryWithItsDateOnly(t *testing.T) {
	d, l, _ := withAda(t)
	for i := range 6 {
		_, _ = d.Password(t.Context(), "ADA", "wrong", elsewhere(i))
	}
	want := collector.Entry{On: "2026-11-22", Organisation: 3, Who: "Ada", What: "sign-in locked", Subject: "user Ada"}
	if len(l.entries) != 1 || l.entries[0] != want {
		t.Errorf("got %+v, want one: %+v", l.entries, want)
	}
}

func TestALockedNameIsNotLetInByTheRightPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _ := withAda(t)
		for i := range 6 {
			_, _ = d.Password(t.Context(), "ada", "wrong", elsewhere(i))
		}
		_, err := d.Password(t.Context(), "ada", goodPassword, home())
		if minutes(t, err) != 1 {
			t.Fatalf("%v; want a lock", err)
		}
		time.Sleep(time.Minute) //nolint:forbidigo // in a bubble
		for range 3 {           // the first success clears the name
			if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 5 {
			if _, err := d.Password(t.Context(), "ada", "wrong", elsewhere(100+i)); !errors.Is(err, signin.ErrWrong) {
				t.Fatalf("wrong %d after the success: %v", i, err)
			}
		}
	})
}

func TestFiveWrongOnesAreForgottenAfterAQuarterOfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _ := withAda(t)
		for range 4 {
			for i := range 5 {
				_, err := d.Password(t.Context(), "ada", "wrong", elsewhere(i))
				if minutes(t, err) != 0 {
					t.Fatal(err)
				}
			}
			time.Sleep(15 * time.Minute) //nolint:forbidigo // in a bubble
		}
	})
}

func TestSomebodyElsesWrongPasswordsDoNotKeepAUserOutWhereHeHasSignedInBefore(t *testing.T) {
	d, _, _ := withAda(t)
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		_, _ = d.Password(t.Context(), "ada", "wrong", elsewhere(i))
	}
	if _, err := d.Password(t.Context(), "ada", goodPassword, elsewhere(9)); minutes(t, err) == 0 {
		t.Error("elsewhere the name is locked")
	}
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Errorf("at her own address: %v", err)
	}
	for range 6 {
		_, _ = d.Password(t.Context(), "ada", "wrong", home())
	}
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); minutes(t, err) == 0 {
		t.Error("her own address has a lock of its own")
	}
}

func TestAnAddressIsLockedBeforeItReachesManyNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _ := withAda(t)
		for _, from := range []struct{ one, other string }{
			{"192.0.2.7", "::ffff:192.0.2.7"},
			{"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"}, // of one network
			{"fe80::1%eth0", "fe80::2%eth1"},
		} {
			one, other := netip.MustParseAddr(from.one), netip.MustParseAddr(from.other)
			for i := range 21 {
				_, err := d.Password(t.Context(), fmt.Sprint("name ", i), "wrong", one)
				if minutes(t, err) != 0 {
					t.Fatalf("%v: try %d: %v", one, i, err)
				}
			}
			for range 10 { // they do not count for the name
				_, err := d.Password(t.Context(), "ada", "wrong", other)
				if minutes(t, err) != 1 {
					t.Fatalf("%v after 21 of %v: %v", other, one, err)
				}
			}
		}
		if _, err := d.Password(t.Context(), "ada", goodPassword, netip.MustParseAddr("2001:db8:1:3::1")); err != nil {
			t.Errorf("another network is not locked, and neither is the name: %v", err)
		}
	})
}

func TestRightPasswordsDoNotLockASharedAddress(t *testing.T) {
	d, _, _ := withAda(t)
	for range 25 {
		if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsKeptInMemoryIsBounded(t *testing.T) {
	locks := signin.NewLock()
	for i := range 3 * signin.MostKept {
		signin.Count(locks, fmt.Sprint(i), elsewhere(i))
	}
	if n := signin.Counted(locks); n != signin.MostKept {
		t.Errorf("%d are kept, want %d", n, signin.MostKept)
	}
}

func TestNoNameIsTakenForThatOfSomebodyAtHisAddress(t *testing.T) {
	d, _, _ := withAda(t)
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"ada\x00" + home().String(), "ada " + home().String(), home().String() + " name ada", home().String() + " ada"} {
		for try := range 8 {
			_, _ = d.Password(t.Context(), name, "wrong", elsewhere(10*i+try))
		}
		if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
			t.Errorf("after wrong passwords of %q, made up elsewhere: %v", name, err)
		}
	}
}

func TestPasswordsThatWereNotLookedAtPushNoCountOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _, _ := withAda(t)
		_, _ = d.Password(t.Context(), "ada", "wrong", home())
		before := signin.Kept(d)
		giveBack := signin.TakeAllTurns(d)
		for i := range 30 {
			if _, err := d.Password(t.Context(), fmt.Sprint("name ", i), "wrong", elsewhere(i)); !errors.Is(err, signin.ErrBusy) {
				t.Fatalf("%v, want ErrBusy", err)
			}
		}
		giveBack()
		if after := signin.Kept(d); !slices.Equal(after, before) {
			t.Errorf("kept %v after it, %v before", after, before)
		}
	})
}
