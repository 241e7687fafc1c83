package signin

import (
	"cmp"
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Directory is the organisation's directory (OpenID Connect). It makes no users: whoever it recognises must be one already.
type Directory struct {
	options DirectoryOptions
	client  *http.Client
	log     *slog.Logger
	seal    cipher.AEAD
	asking  turns
	found   atomic.Pointer[found] // nil until the directory has told its addresses
}

// DirectoryOptions say where the directory is.
type DirectoryOptions struct {
	Issuer, ClientID, ClientSecret string // ClientSecret "": the directory gave none, and PKCE alone protects the codes
	// Claim is whose value is the name of the user: "preferred_username" where it is "", "email", … It must be one that people cannot
	// change for themselves in the directory.
	Claim   string
	Address string       // of the collector, as browsers reach it: https://veille.example
	Client  *http.Client // nil: one of its own, which follows the proxy of the environment
	Log     *slog.Logger // told when the directory does not do what it should, and never who signs in; nil: nobody is
}

const (
	longestQuestion = 10 * time.Second // to the directory
	mostAnswer      = 1 << 20          // of the directory, in bytes
	mostQuestions   = 4                // to the directory at the same time
	callbackPath    = "/sign-in/callback"
)

// NewDirectory is a directory that is asked for its addresses and keys when somebody first signs in by it: the collector starts where it is
// down. An error says which option is not as it should be.
func NewDirectory(o DirectoryOptions) (*Directory, error) {
	o.Claim, o.Address = cmp.Or(o.Claim, "preferred_username"), strings.TrimSuffix(o.Address, "/")
	for _, a := range []struct{ name, value string }{{"issuer", o.Issuer}, {"address of the collector", o.Address}} {
		if err := protected(a.value); err != nil {
			return nil, fmt.Errorf("the %s of the directory %q: %w", a.name, a.value, err)
		}
	}
	if u, err := url.Parse(o.Address); err != nil || u.Path != "" {
		return nil, fmt.Errorf("the address of the collector %q has a path; the pages are at the root of a name", o.Address)
	}
	if o.ClientID == "" {
		return nil, errors.New("the client id is missing; the directory gives one when the collector is registered")
	}
	seal, err := newSeal()
	if err != nil {
		return nil, err
	}
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.Timeout, client.Transport = longestQuestion, bounded{cmp.Or(client.Transport, http.DefaultTransport)}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Directory{options: o, client: &client, log: log, seal: seal, asking: make(turns, mostQuestions)}, nil
}

// protected is an error where an address is not one of https, or of this machine.
func protected(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return fmt.Errorf("it is no address: %w", err)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Host == "":
		return errors.New("give it as https://name, with a path where it has one, and nothing more")
	case u.Scheme == "https":
		return nil
	}
	if a, err := netip.ParseAddr(u.Hostname()); u.Scheme == "http" && (u.Hostname() == "localhost" || err == nil && a.IsLoopback()) {
		return nil
	}
	return errors.New("passwords and secrets need https")
}

// bounded reads no endless answers.
type bounded struct{ http.RoundTripper }

// RoundTrip asks, and cuts the answer where it is too long.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, mostAnswer), answer.Body}
	}
	return answer, err
}

// ask takes a turn and answers a context for questions to the directory. Whoever was answered calls done.
func (d *Directory) ask(ctx context.Context) (asking context.Context, done func(), err error) {
	if err := d.asking.take(ctx); err != nil {
		return nil, nil, err
	}
	asking, cancel := context.WithTimeout(oidc.ClientContext(ctx, d.client), longestQuestion)
	return asking, func() { cancel(); d.asking.giveBack() }, nil
}

// found is what a directory told of itself.
type found struct {
	provider *oidc.Provider
	config   *oauth2.Config
}

// discovered is what the directory told; it is asked until it has told once.
func (d *Directory) discovered(ctx context.Context) (*found, error) {
	if known := d.found.Load(); known != nil {
		return known, nil
	}
	p, err := oidc.NewProvider(ctx, d.options.Issuer)
	if err != nil {
		return nil, d.silent(ctx, "did not tell its addresses", err)
	}
	for _, address := range []string{p.Endpoint().AuthURL, p.Endpoint().TokenURL} {
		u, err := url.Parse(address)
		if err == nil {
			u.RawQuery = "" // an endpoint may have one
			err = protected(u.String())
		}
		if err != nil {
			return nil, d.silent(ctx, "has an address that cannot be used", err)
		}
	}
	scope := "profile"
	if d.options.Claim == claimEmail {
		scope = "email"
	}
	endpoint := p.Endpoint()
	if endpoint.AuthStyle, err = d.style(p); err != nil {
		return nil, d.silent(ctx, "did not tell how it wants the client secret", err)
	}
	known := &found{p, &oauth2.Config{
		ClientID: d.options.ClientID, ClientSecret: d.options.ClientSecret, Endpoint: endpoint,
		RedirectURL: d.options.Address + callbackPath, Scopes: []string{oidc.ScopeOpenID, scope},
	}}
	d.found.Store(known)
	return known, nil
}

// style is how the directory wants the client secret: in a header, as OpenID Connect Discovery 1.0 says where nothing is told, or in the form. To
// try both, as the library would, uses the code up and hides the first answer behind the second.
func (d *Directory) style(p *oidc.Provider) (oauth2.AuthStyle, error) {
	var told struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := p.Claims(&told); err != nil {
		return 0, fmt.Errorf("read what the directory tells of itself: %w", err)
	}
	if d.options.ClientSecret == "" || len(told.Methods) > 0 && !slices.Contains(told.Methods, "client_secret_basic") {
		return oauth2.AuthStyleInParams, nil
	}
	return oauth2.AuthStyleInHeader, nil
}

// silent is ErrSilent, whose reason it writes to the log.
func (d *Directory) silent(ctx context.Context, what string, err error) error {
	d.log.ErrorContext(ctx, "the directory is of no use", "issuer", d.options.Issuer, "what", what, "err", err)
	return ErrSilent
}
