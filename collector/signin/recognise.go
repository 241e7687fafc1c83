package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"veille/collector"
)

// claimEmail is the claim that is taken only when the directory has verified it: in some, people write what they like there.
const claimEmail = "email"

// longestName is how long the name of a user may be, in bytes.
const longestName = 320

// HasDirectory tells whether people may sign in by the organisation's directory.
func (d *Desk) HasDirectory() bool { return d.directory != nil }

// Begin is where the directory is asked who somebody is, and what his browser must bring back: for a cookie. Errors: ErrSilent, ErrBusy.
func (d *Desk) Begin(ctx context.Context) (address, state string, err error) {
	if d.directory == nil {
		return "", "", collector.ErrNotFound
	}
	return d.directory.begin(ctx)
}

// Finish signs in whom the directory has recognised: state is that of Begin, the others are the parameters the browser came back with. Errors:
// ErrWrong, ErrForeign, ErrSilent, ErrBusy.
func (d *Desk) Finish(ctx context.Context, state, returned, code string) (secret string, err error) {
	if d.directory == nil {
		return "", collector.ErrNotFound
	}
	name, err := d.directory.recognise(ctx, state, returned, code)
	if err != nil {
		return "", err
	}
	user, err := d.ledger.UserNamed(ctx, name)
	if errors.Is(err, collector.ErrNotFound) {
		return "", ErrForeign
	}
	if err != nil {
		return "", fmt.Errorf("look for a user: %w", err)
	}
	return d.open(ctx, user)
}

func (d *Directory) begin(ctx context.Context) (address, state string, err error) {
	asking, done, err := d.ask(ctx)
	if err != nil {
		return "", "", err
	}
	defer done()
	known, err := d.discovered(asking)
	if err != nil {
		return "", "", err
	}
	j := journey{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Until: time.Now().Add(longestJourney)}
	if state, err = d.sealed(j); err != nil {
		return "", "", err
	}
	return known.config.AuthCodeURL(j.State, oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)), state, nil
}

// recognise is the name of whom the directory has sent back.
func (d *Directory) recognise(ctx context.Context, state, returned, code string) (name string, err error) {
	j, err := d.unsealed(state)
	if err != nil {
		return "", err
	}
	if code == "" || subtle.ConstantTimeCompare([]byte(j.State), []byte(returned)) != 1 {
		return "", ErrWrong
	}
	asking, done, err := d.ask(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	known, err := d.discovered(asking)
	if err != nil {
		return "", err
	}
	token, err := known.config.Exchange(asking, code, oauth2.VerifierOption(j.Verifier))
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.ErrorCode == "invalid_grant" {
		return "", ErrWrong // the code was used, or is somebody else's
	}
	if err != nil {
		return "", d.silent(asking, "gave no token", err)
	}
	identity, err := d.verified(asking, known.provider, token, j.Nonce)
	if err != nil {
		d.log.WarnContext(asking, "a token of the directory was refused", "issuer", d.options.Issuer, "err", err)
		return "", ErrWrong
	}
	return d.named(asking, known.provider, token, identity)
}

// verified is the identity token, when it is the directory's, for us, of this journey and still good.
func (d *Directory) verified(ctx context.Context, p *oidc.Provider, token *oauth2.Token, nonce string) (*oidc.IDToken, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("there is no identity token")
	}
	identity, err := p.Verifier(&oidc.Config{ClientID: d.options.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("verify the identity token: %w", err)
	}
	var more struct {
		Party string `json:"azp"`
	}
	if err := identity.Claims(&more); err != nil {
		return nil, fmt.Errorf("read the identity token: %w", err)
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(identity.Nonce), []byte(nonce)) != 1:
		return nil, errors.New("the identity token is of another attempt: its nonce differs")
	case len(identity.Audience) > 1 && more.Party != d.options.ClientID:
		return nil, errors.New("the identity token was made for another program")
	case identity.AccessTokenHash != "":
		if err := identity.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, fmt.Errorf("the access token is not that of the identity token: %w", err)
		}
	}
	return identity, nil
}

// named is the value of the claim that names users. Many directories tell it only to those who ask for it with the access token.
func (d *Directory) named(ctx context.Context, p *oidc.Provider, token *oauth2.Token, identity *oidc.IDToken) (string, error) {
	claims := map[string]any{}
	if err := identity.Claims(&claims); err != nil {
		return "", d.silent(ctx, "gave a token that cannot be read", err)
	}
	lacking := claims[d.options.Claim] == nil || d.options.Claim == claimEmail && claims["email_verified"] == nil
	if lacking && p.UserInfoEndpoint() != "" {
		told, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && told.Subject != identity.Subject {
			err = errors.New("it tells of another person")
		}
		if err == nil {
			err = told.Claims(&claims)
		}
		if err != nil {
			return "", d.silent(ctx, "did not tell more than its token does", err)
		}
	}
	name, ok := claims[d.options.Claim].(string)
	if !ok || name == "" || len(name) > longestName {
		d.log.WarnContext(ctx, "the directory does not tell the claim that names users", "issuer", d.options.Issuer, "claim", d.options.Claim)
		return "", ErrForeign
	}
	if verified := claims["email_verified"]; d.options.Claim == claimEmail && verified != true && verified != "true" {
		return "", ErrForeign
	}
	return name, nil
}
