package relational_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"veille/collector"
)

func TestATokenThatIsNotGoodIsRefusedWithOneSentence(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		tokens := []collector.Token{
			{Hash: key(11), Quota: 5, CreatedOn: "2026-11-02", ExpiresOn: "2026-11-09", Note: "expired"},
			{Hash: key(12), Quota: 5, CreatedOn: "2026-11-02", ExpiresOn: "2027-11-09", Note: "revoked"},
			{Hash: key(13), Quota: 1, CreatedOn: "2026-11-02", ExpiresOn: "2027-11-09", Note: "used up"},
		}
		for _, token := range tokens {
			token.Site = f.site.ID
			if err := f.CreateToken(t.Context(), token); err != nil {
				t.Fatal(err)
			}
		}
		enrol := func(token, install byte) error {
			return second(f.Enrol(t.Context(), collector.Enrolment{Token: key(token), Pseudonym: key(install), Credential: key(install), Use: "server", On: "2026-11-09"}))
		}
		if err := errors.Join(enrol(12, 1), enrol(13, 2)); err != nil {
			t.Fatal(err)
		}
		for _, on := range []collector.Date{"2026-11-09", "2026-11-12"} {
			if err := f.RevokeToken(t.Context(), tokens[1].Number(), on); err != nil {
				t.Fatal(err)
			}
		}
		sentences := map[string]bool{}
		for _, token := range []byte{10, 11, 12, 13} {
			err := enrol(token, 9)
			if !errors.Is(err, collector.ErrToken) {
				t.Fatalf("token %d: %v, want ErrToken", token, err)
			}
			sentences[err.Error()] = true
		}
		if len(sentences) != 1 {
			t.Errorf("sentences: %v", sentences)
		}
		if err := enrol(13, 2); err != nil {
			t.Errorf("a machine that a used-up token has enrolled, again: %v", err)
		}
		all, err := f.Tokens(t.Context())
		if err != nil || len(all) != 5 {
			t.Fatalf("%+v, %v", all, err)
		}
		want := collector.Token{
			Hash: key(12), Site: f.site.ID, Quota: 5, Used: 1, CreatedOn: "2026-11-02", ExpiresOn: "2027-11-09", RevokedOn: "2026-11-09", Note: "revoked",
		}
		if i := slices.IndexFunc(all, func(x collector.Token) bool { return x.Note == "revoked" }); all[i] != want {
			t.Errorf("%+v, want %+v", all[i], want)
		}
		if err := f.RevokeToken(t.Context(), "00000000", "2026-11-09"); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("a number that no token has: %v", err)
		}
	})
}

func TestAWrongTokenDoesNotWaitForTheWriter(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		enrolled(t, s, 1)
		defer at.lock(t)() // nobody else can write
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		for n := range byte(100) {
			if _, err := s.Enrol(ctx, collector.Enrolment{Token: key(99), Pseudonym: key(n), Use: "server", On: "2026-11-16"}); !errors.Is(err, collector.ErrToken) {
				t.Fatalf("%v, want ErrToken", err)
			}
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("100 wrong tokens took %v while another program wrote", took)
		}
	})
}

func TestTheNumberOfTokensAMachineTakesIsThatOfTheRacers(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		if err := f.CreateToken(t.Context(), collector.Token{Hash: key(20), Site: f.site.ID, Quota: 7, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
		results := make(chan error, 50)
		for n := range byte(50) {
			go func() {
				results <- second(f.Enrol(context.WithoutCancel(t.Context()), collector.Enrolment{
					Token: key(20), Pseudonym: key(n), Credential: key(n), Use: "server", On: "2026-11-16",
				}))
			}()
		}
		good := 0
		for range 50 {
			if err := <-results; err == nil {
				good++
			} else if !errors.Is(err, collector.ErrToken) {
				t.Error(err)
			}
		}
		if good != 7 {
			t.Errorf("%d machines enrolled on a token for 7", good)
		}
	})
}
