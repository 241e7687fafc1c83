package signin_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"veille/collector/signin"
)

// provider is a directory for tests: it follows OpenID Connect, but where a test says otherwise.
type provider struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey

	mu     sync.Mutex
	down   bool
	asked  map[string]int // by path
	codes  map[string]url.Values
	claims map[string]any       // besides those that are needed
	spoil  func(map[string]any) // changes the claims of the token
	sign   func(payload []byte) string
	info   map[string]any // of the user info endpoint
	form   bool           // the client secret is wanted in the form
	public bool           // no client secret is wanted
}

const clientID, clientSecret = "veille", "a secret & more"

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, asked: map[string]int{}, codes: map[string]url.Values{}, claims: map[string]any{"preferred_username": "ADA"}}
	p.sign = func(payload []byte) string { return signed(t, jose.RS256, key, payload) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /realm/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /realm/keys", func(w http.ResponseWriter, _ *http.Request) {
		p.write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /realm/token", p.token)
	mux.HandleFunc("GET /realm/info", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		p.write(w, p.info)
	})
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked[r.URL.Path]++
		if p.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	return p
}

func signed(t *testing.T, alg jose.SignatureAlgorithm, key any, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (p *provider) issuer() string { return p.server.URL + "/realm" }

func (p *provider) write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		p.t.Error(err)
	}
}

func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	methods := []string{"client_secret_post", "client_secret_basic"}
	if p.form {
		methods = methods[:1]
	}
	p.write(w, map[string]any{
		"token_endpoint_auth_methods_supported": methods,
		"issuer":                                p.issuer(), "authorization_endpoint": p.issuer() + "/authorize?tenant=1", "token_endpoint": p.issuer() + "/token",
		"jwks_uri": p.issuer() + "/keys", "userinfo_endpoint": p.issuer() + "/info", "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	})
}

// authorize is what the directory does once somebody has signed in there: it gives a code, and the state back.
func (p *provider) authorize(address string) (state, code string) {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"tenant": "1", "response_type": "code", "client_id": clientID, "code_challenge_method": "S256", "redirect_uri": "https://veille.example/sign-in/callback",
	} {
		if q.Get(name) != want {
			p.t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if len(q.Get("state")) < 26 || len(q.Get("nonce")) < 26 || q.Get("state") == q.Get("nonce") || len(q.Get("code_challenge")) != 43 {
		p.t.Errorf("state, nonce or challenge are too short: %s", address)
	}
	code = rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = q
	return q.Get("state"), code
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	q, known := p.codes[r.FormValue("code")]
	delete(p.codes, r.FormValue("code"))
	challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	fail := func(status int, text string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		p.write(w, map[string]string{"error": text})
	}
	secret, _ = url.QueryUnescape(secret)
	if p.form || p.public {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if id != clientID || secret != clientSecret && !p.public || secret != "" && p.public {
		fail(http.StatusUnauthorized, "invalid_client")
		return
	}
	if !known || base64.RawURLEncoding.EncodeToString(challenge[:]) != q.Get("code_challenge") || r.FormValue("redirect_uri") != q.Get("redirect_uri") {
		fail(http.StatusBadRequest, "invalid_grant")
		return
	}
	claims := map[string]any{
		"iss": p.issuer(), "aud": clientID, "sub": "4711", "nonce": q.Get("nonce"), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}
	maps.Copy(claims, p.claims)
	if p.spoil != nil {
		p.spoil(claims)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	p.write(w, map[string]any{"access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(payload)})
}

// desk is one whose people may sign in by p.
func (p *provider) desk(change func(*signin.DirectoryOptions)) (*signin.Desk, *ledger) {
	p.t.Helper()
	o := signin.DirectoryOptions{
		Issuer: p.issuer(), ClientID: clientID, ClientSecret: clientSecret, Address: "https://veille.example/", Client: p.server.Client(),
	}
	if change != nil {
		change(&o)
	}
	directory, err := signin.NewDirectory(o)
	if err != nil {
		p.t.Fatal(err)
	}
	l, c := newLedger(), &clock{"2026-11-22"}
	return signin.New(l, directory, c.today), l
}
