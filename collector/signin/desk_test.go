package signin_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/argon2"

	"veille/collector"
	"veille/collector/signin"
)

func TestTheRightPasswordOpensASessionThatIsTheUsers(t *testing.T) {
	d, l, _ := withAda(t)
	for _, name := range []string{"ada", "Ada", "ADA"} {
		secret, err := d.Password(t.Context(), name, goodPassword, home())
		if err != nil {
			t.Fatal(name, err)
		}
		who, err := d.Who(t.Context(), secret)
		if err != nil || who.ID != 1 {
			t.Errorf("%s: user %d, %v; want 1", name, who.ID, err)
		}
		s, ok := l.sessions[sha256.Sum256([]byte(secret))]
		if !ok || s.User != 1 || s.ExpiresOn != "2026-11-23" {
			t.Errorf("the ledger has %+v, %t; want the hash of the secret, of user 1, until tomorrow", s, ok)
		}
		if len(secret) != 43 {
			t.Errorf("the secret has %d characters; 256 bits are 43", len(secret))
		}
	}
}

func TestSigningInAndLeavingLeaveNoEntry(t *testing.T) {
	d, l, _ := withAda(t)
	secret, err := d.Password(t.Context(), "ada", goodPassword, home())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Leave(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Who(t.Context(), secret); !errors.Is(err, collector.ErrNotFound) {
		t.Errorf("the session is over: %v", err)
	}
	if len(l.entries) != 0 || len(l.sessions) != 0 {
		t.Errorf("entries %v, sessions %v; want none", l.entries, l.sessions)
	}
}

func TestAWrongPasswordAndAnUnknownNameAreAnsweredAlike(t *testing.T) {
	d, _, _ := withAda(t)
	for _, tt := range []struct{ name, password string }{
		{"ada", "une tortue sous la plui"},
		{"ada", ""},
		{"eve", goodPassword},
		{"", ""},
		{"bob", goodPassword}, // he has none
		{"bob", ""},
		{"ada", strings.Repeat("x", 1<<20)},
	} {
		if secret, err := d.Password(t.Context(), tt.name, tt.password, netip.Addr{}); !errors.Is(err, signin.ErrWrong) || secret != "" {
			t.Errorf("%q with %.30q: %q, %v; want ErrWrong", tt.name, tt.password, secret, err)
		}
	}
}

// allocated is how many bytes do allocates. Hashing a password takes 19 MiB at once, and nothing else here comes near that: it says what was
// done however busy the machine is.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestAnUnknownNameTakesAsMuchWorkAsAWrongPassword(t *testing.T) {
	const hashing = 19 << 20
	d, _, _ := withAda(t)
	for _, name := range []string{"ada", "nobody", "bob"} {
		got := allocated(func() {
			if _, err := d.Password(t.Context(), name, "not the right one", home()); !errors.Is(err, signin.ErrWrong) {
				t.Fatal(name, err)
			}
		})
		if got < hashing || got >= 2*hashing {
			t.Errorf("%s: %d bytes were used; want one hashing, %d: the names of users can be found out", name, got, hashing)
		}
	}
}

func TestAPasswordIsTheSameHoweverItsAccentsAreTyped(t *testing.T) {
	d, l, _ := withAda(t)
	l.invite("again")
	if _, err := d.Accept(t.Context(), "again", "un e\u0301le\u0301phant bleu"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Password(t.Context(), "ada", "un éléphant bleu", home()); err != nil {
		t.Errorf("one character or two: %v", err)
	}
	if _, err := d.Password(t.Context(), "ada", "un elephant bleu", home()); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("without accents it is another: %v", err)
	}
}

func TestAnOlderHashIsRenewedOnceThePasswordIsKnown(t *testing.T) {
	d, l, _ := withAda(t)
	salt := []byte("0123456789abcdef")
	l.passwords[1] = signin.PHC(4096, 1, 1, salt, argon2.IDKey([]byte(goodPassword), salt, 1, 4096, 1, 32))
	if _, err := d.Password(t.Context(), "ada", "a wrong password", home()); !errors.Is(err, signin.ErrWrong) || l.set != 0 {
		t.Fatalf("a wrong password: %v, renewed %d times", err, l.set)
	}
	for range 2 {
		if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
			t.Fatal(err)
		}
	}
	if l.set != 1 || !strings.HasPrefix(l.passwords[1], "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("renewed %d times, to %.40s", l.set, l.passwords[1])
	}
}

func TestAHashThatCannotBeReadLetsNobodyIn(t *testing.T) {
	d, l, _ := withAda(t)
	for _, text := range []string{"plain", "$argon2id$v=19$m=999999,t=2,p=1$MDEyMzQ1Njc$MDEyMzQ1Njc4OWFiY2RlZg", goodPassword} {
		l.passwords[1] = text
		_, err := d.Password(t.Context(), "ada", goodPassword, home())
		if err == nil || errors.Is(err, signin.ErrWrong) || strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v; want an error that does not show it", text, err)
		}
	}
}

func TestALedgerThatFailsIsNoWrongPassword(t *testing.T) {
	d, l, _ := withAda(t)
	l.fails = errors.New("disk full")
	for range 30 {
		if _, err := d.Password(t.Context(), "ada", "x", home()); !errors.Is(err, l.fails) {
			t.Fatalf("%v; want the error of the ledger, and no lock by it", err)
		}
	}
}

func TestWhoeverWaitsTwoSecondsForATurnIsToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, c := newLedger(), &clock{"2026-11-22"}
		d := signin.New(l, nil, c.today)
		giveBack := signin.TakeAllTurns(d)
		start := time.Now()
		for range 10 { // not counted as wrong
			if _, err := d.Password(t.Context(), "ada", "x", home()); !errors.Is(err, signin.ErrBusy) {
				t.Fatalf("%v; want ErrBusy", err)
			}
		}
		if took := time.Since(start); took != 20*time.Second {
			t.Errorf("waited %v for ten; want two seconds each", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := d.Password(ctx, "ada", "x", home()); !errors.Is(err, context.Canceled) {
			t.Errorf("whoever leaves does not wait: %v", err)
		}
		giveBack()
		if _, err := d.Password(t.Context(), "ada", "x", home()); !errors.Is(err, signin.ErrWrong) {
			t.Errorf("%v; want ErrWrong once there are turns", err)
		}
	})
}

func TestManyAtTheSameTimeAreNoMoreThanTheLocksAllow(t *testing.T) {
	d, _, _ := withAda(t)
	var group sync.WaitGroup
	answers := make(chan error, 40)
	for i := range 40 {
		group.Go(func() {
			_, err := d.Password(t.Context(), "ada", "guess", netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))
			answers <- err
		})
	}
	group.Wait()
	close(answers)
	looked := 0
	for err := range answers {
		if _, locked := errors.AsType[signin.LockedError](err); !locked {
			looked++
		}
	}
	if looked > 6 {
		t.Errorf("%d of 40 passwords were looked at; want at most 6", looked)
	}
}

func TestStrangersDoNotKeepSomebodyWaitingWhoHasSignedInFromThereBefore(t *testing.T) {
	d, l, _ := withAda(t)
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Fatal(err)
	}
	l.invite("again")
	giveBack := signin.TakeTurnsOfStrangers(d)
	if _, err := d.Password(t.Context(), "ada", goodPassword, home()); err != nil {
		t.Errorf("ada, where she has signed in before: %v", err)
	}
	for _, name := range []string{"ada", "nobody"} {
		if _, err := d.Password(t.Context(), name, goodPassword, elsewhere(1)); !errors.Is(err, signin.ErrBusy) {
			t.Errorf("%s elsewhere: %v, want ErrBusy", name, err)
		}
	}
	if _, err := d.Accept(t.Context(), "again", "une autre tortue, plus verte"); err != nil {
		t.Errorf("somebody who was invited: %v", err)
	}
	giveBack()
	if _, err := d.Password(t.Context(), "bob", "wrong", elsewhere(2)); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("after that, a stranger: %v, want ErrWrong", err)
	}
}
