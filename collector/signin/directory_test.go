package signin_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"veille/collector"
	"veille/collector/signin"
)

// travel sends somebody to the directory and back.
func travel(t *testing.T, d *signin.Desk, p *provider) (secret string, err error) {
	t.Helper()
	address, cookie, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.authorize(address)
	return d.Finish(t.Context(), cookie, state, code)
}

func TestWhomTheDirectoryRecognisesIsLetIn(t *testing.T) {
	p := newProvider(t)
	d, l := p.desk(nil)
	for range 3 {
		secret, err := travel(t, d, p)
		if err != nil {
			t.Fatal(err)
		}
		if who, err := d.Who(t.Context(), secret); err != nil || who.Name != "Ada" {
			t.Errorf("%v, %v; want Ada", who, err)
		}
	}
	if len(l.entries) != 0 {
		t.Errorf("entries %v; want none", l.entries)
	}
	if p.asked["/realm/.well-known/openid-configuration"] != 1 || p.asked["/realm/keys"] != 1 || p.asked["/realm/token"] != 3 {
		t.Errorf("asked %v; want its addresses and keys once, and each token once", p.asked)
	}
}

func TestATokenThatIsNotAsItShouldBeLetsNobodyIn(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(p *provider){
		"another nonce": func(p *provider) { p.spoil = func(c map[string]any) { c["nonce"] = "another" } },
		"no nonce":      func(p *provider) { p.spoil = func(c map[string]any) { delete(c, "nonce") } },
		"for another":   func(p *provider) { p.spoil = func(c map[string]any) { c["aud"] = "another" } },
		"for several": func(p *provider) {
			p.spoil = func(c map[string]any) { c["aud"] = []string{clientID, "another"}; c["azp"] = "another" }
		},
		"of another":   func(p *provider) { p.spoil = func(c map[string]any) { c["iss"] = "https://another.example" } },
		"expired":      func(p *provider) { p.spoil = func(c map[string]any) { c["exp"] = time.Now().Add(-time.Second).Unix() } },
		"access token": func(p *provider) { p.spoil = func(c map[string]any) { c["at_hash"] = "another" } },
		"another key":  func(p *provider) { p.sign = func(b []byte) string { return signed(t, jose.RS256, stranger, b) } },
		"alg HS256 with the public key": func(p *provider) {
			p.sign = func(b []byte) string { return signed(t, jose.HS256, p.key.N.Bytes(), b) }
		},
		"alg none": func(p *provider) {
			p.sign = func(b []byte) string {
				b64 := base64.RawURLEncoding
				return b64.EncodeToString([]byte(`{"alg":"none"}`)) + "." + b64.EncodeToString(b) + "."
			}
		},
		"changed": func(p *provider) {
			p.sign = func(b []byte) string {
				parts := strings.Split(signed(t, jose.RS256, p.key, b), ".")
				other := bytes.Replace(b, []byte(`"ADA"`), []byte(`"bob"`), 1)
				return parts[0] + "." + base64.RawURLEncoding.EncodeToString(other) + "." + parts[2]
			}
		},
		"no token": func(p *provider) { p.sign = func([]byte) string { return "" } },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t)
			spoil(p)
			d, l := p.desk(nil)
			if secret, err := travel(t, d, p); !errors.Is(err, signin.ErrWrong) || secret != "" || len(l.sessions) != 0 {
				t.Errorf("%q, %v; want ErrWrong", secret, err)
			}
			if p.asked["/realm/token"] != 1 {
				t.Errorf("asked %v; the test did not get as far as the token", p.asked)
			}
		})
	}
}

func TestAnAnswerThatIsNotOfThisBrowsersJourneyIsRefused(t *testing.T) {
	p := newProvider(t)
	d, _ := p.desk(nil)
	address, cookie, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.authorize(address)
	otherAddress, otherCookie, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	otherState, otherCode := p.authorize(otherAddress)
	restarted, _ := p.desk(nil)
	for name, try := range map[string]func() (string, error){
		"no cookie":            func() (string, error) { return d.Finish(t.Context(), "", state, code) },
		"no state":             func() (string, error) { return d.Finish(t.Context(), cookie, "", code) },
		"no code":              func() (string, error) { return d.Finish(t.Context(), cookie, state, "") },
		"another's cookie":     func() (string, error) { return d.Finish(t.Context(), otherCookie, state, code) },
		"another's state":      func() (string, error) { return d.Finish(t.Context(), cookie, otherState, code) },
		"a cookie in the open": func() (string, error) { return d.Finish(t.Context(), state, state, code) },
		"a changed cookie":     func() (string, error) { return d.Finish(t.Context(), "A"+cookie[1:], state, code) },
		"a cut cookie":         func() (string, error) { return d.Finish(t.Context(), cookie[:8], state, code) },
		"after a restart":      func() (string, error) { return restarted.Finish(t.Context(), cookie, state, code) },
	} {
		if _, err := try(); !errors.Is(err, signin.ErrWrong) || p.asked["/realm/token"] != 0 {
			t.Errorf("%s: %v, asked %v; want ErrWrong before the directory is asked", name, err, p.asked)
		}
	}
	if _, err := d.Finish(t.Context(), cookie, state, otherCode); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("another's code: %v; want ErrWrong, by PKCE", err)
	}
	if _, err := d.Finish(t.Context(), cookie, state, code); err != nil {
		t.Errorf("the right one: %v", err)
	}
	if _, err := d.Finish(t.Context(), cookie, state, code); !errors.Is(err, signin.ErrWrong) {
		t.Errorf("once more: %v; want ErrWrong", err)
	}
}

func TestAJourneyIsOverAfterTenMinutes(t *testing.T) {
	directory, err := signin.NewDirectory(signin.DirectoryOptions{Issuer: "https://directory.example", ClientID: "x", Address: "https://veille.example"})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		cookie := signin.Seal(directory)
		time.Sleep(10*time.Minute - time.Nanosecond) //nolint:forbidigo // in a bubble
		if !signin.Opens(directory, cookie) {
			t.Error("it is over before")
		}
		time.Sleep(time.Nanosecond) //nolint:forbidigo // in a bubble
		if signin.Opens(directory, cookie) {
			t.Error("it is not over")
		}
	})
}

func TestOnlyUsersOfTheCollectorAreLetIn(t *testing.T) {
	email := func(o *signin.DirectoryOptions) { o.Claim = "email" }
	for _, tt := range []struct {
		name   string
		change func(*signin.DirectoryOptions)
		claims map[string]any
		info   map[string]any
		want   error
	}{
		{"a stranger", nil, map[string]any{"preferred_username": "eve"}, nil, signin.ErrForeign},
		{"no name", nil, map[string]any{}, map[string]any{"sub": "4711"}, signin.ErrForeign},
		{"no text", nil, map[string]any{"preferred_username": 7}, nil, signin.ErrForeign},
		{"empty", nil, map[string]any{"preferred_username": ""}, nil, signin.ErrForeign},
		{"long", nil, map[string]any{"preferred_username": strings.Repeat("a", 400)}, nil, signin.ErrForeign},
		{"another claim", func(o *signin.DirectoryOptions) { o.Claim = "uid" }, map[string]any{"uid": "bob"}, nil, nil},
		{"told on demand", nil, map[string]any{}, map[string]any{"sub": "4711", "preferred_username": "bob"}, nil},
		{"told of another", nil, map[string]any{}, map[string]any{"sub": "4712", "preferred_username": "bob"}, signin.ErrSilent},
		{"verified", email, map[string]any{"email": "bob@veille.example", "email_verified": true}, nil, nil},
		{"verified as a text", email, map[string]any{"email": "bob@veille.example", "email_verified": "true"}, nil, nil},
		{"not verified", email, map[string]any{"email": "bob@veille.example", "email_verified": false}, nil, signin.ErrForeign},
		{"not told whether", email, map[string]any{"email": "bob@veille.example"}, map[string]any{"sub": "4711"}, signin.ErrForeign},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProvider(t)
			p.claims, p.info = tt.claims, tt.info
			d, l := p.desk(tt.change)
			l.users["bob@veille.example"] = collector.User{ID: 9, Name: "bob@veille.example"}
			users := len(l.users)
			secret, err := travel(t, d, p)
			if !errors.Is(err, tt.want) || (tt.want == nil) != (secret != "") || len(l.users) != users {
				t.Errorf("%q, %v; want %v, and no new user", secret, err, tt.want)
			}
		})
	}
}

func TestADirectoryThatIsDownIsAskedAgainAndSaysWhyInTheLog(t *testing.T) {
	p := newProvider(t)
	var log bytes.Buffer
	d, _ := p.desk(func(o *signin.DirectoryOptions) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	p.down = true
	for range 2 {
		if _, _, err := d.Begin(t.Context()); !errors.Is(err, signin.ErrSilent) {
			t.Fatalf("%v; want ErrSilent", err)
		}
	}
	if !strings.Contains(log.String(), "503") || !strings.Contains(log.String(), p.issuer()) {
		t.Errorf("the log does not say why: %s", log.String())
	}
	p.down = false
	address, cookie, err := d.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	state, code := p.authorize(address)
	p.down = true
	if _, err := d.Finish(t.Context(), cookie, state, code); !errors.Is(err, signin.ErrSilent) {
		t.Errorf("%v; want ErrSilent", err)
	}
	p.down = false
	if _, err := d.Finish(t.Context(), cookie, state, code); err != nil {
		t.Errorf("the code was not used: %v", err)
	}
	if strings.Contains(strings.ToLower(log.String()), "ada") {
		t.Errorf("the log names somebody: %s", log.String())
	}
}

func TestAWrongClientSecretIsTheDirectorysTroubleAndNotThePersons(t *testing.T) {
	p := newProvider(t)
	d, _ := p.desk(func(o *signin.DirectoryOptions) { o.ClientSecret = "x" })
	if _, err := travel(t, d, p); !errors.Is(err, signin.ErrSilent) {
		t.Errorf("%v; want ErrSilent", err)
	}
}

func TestTheClientSecretIsGivenAsTheDirectoryWantsIt(t *testing.T) {
	p := newProvider(t)
	p.form = true
	d, _ := p.desk(nil)
	if _, err := travel(t, d, p); err != nil {
		t.Errorf("in the form: %v", err)
	}
	p = newProvider(t)
	p.public = true
	d, _ = p.desk(func(o *signin.DirectoryOptions) { o.ClientSecret = "" })
	if _, err := travel(t, d, p); err != nil {
		t.Errorf("without any: %v", err)
	}
	if p.asked["/realm/token"] != 1 {
		t.Errorf("asked %v; want one request for a token", p.asked)
	}
}

func TestOptionsOfADirectoryAreCheckedBeforeItIsAsked(t *testing.T) {
	good := signin.DirectoryOptions{Issuer: "https://directory.example/realm", ClientID: "veille", Address: "https://veille.example"}
	if _, err := signin.NewDirectory(good); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(o *signin.DirectoryOptions){
		"no issuer":     func(o *signin.DirectoryOptions) { o.Issuer = "" },
		"plain http":    func(o *signin.DirectoryOptions) { o.Issuer = "http://directory.example" },
		"no host":       func(o *signin.DirectoryOptions) { o.Issuer = "https:///realm" },
		"a password":    func(o *signin.DirectoryOptions) { o.Issuer = "https://a:b@directory.example" },
		"not parsed":    func(o *signin.DirectoryOptions) { o.Issuer = "https://%zz" },
		"no client":     func(o *signin.DirectoryOptions) { o.ClientID = "" },
		"no address":    func(o *signin.DirectoryOptions) { o.Address = "" },
		"a path":        func(o *signin.DirectoryOptions) { o.Address = "https://veille.example/x" },
		"a plain place": func(o *signin.DirectoryOptions) { o.Address = "http://veille.example" },
	} {
		o := good
		change(&o)
		if _, err := signin.NewDirectory(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestADeskWithoutADirectoryAsksNone(t *testing.T) {
	d, _, _ := withAda(t)
	_, _, err := d.Begin(t.Context())
	_, err2 := d.Finish(t.Context(), "a", "b", "c")
	if d.HasDirectory() || !errors.Is(err, collector.ErrNotFound) || !errors.Is(err2, collector.ErrNotFound) {
		t.Errorf("%v, %v; want ErrNotFound", err, err2)
	}
}

func FuzzACookieThatIsNotOursOpensNothing(f *testing.F) {
	directory, err := signin.NewDirectory(signin.DirectoryOptions{Issuer: "https://directory.example", ClientID: "x", Address: "https://veille.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, cookie string) {
		if signin.Opens(directory, cookie) {
			t.Errorf("%q opens", cookie)
		}
	})
}
