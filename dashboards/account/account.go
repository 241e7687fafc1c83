// Package account is the pages by which people come in and go.
package account

import (
	"context"
	"embed"
	"net/http"
	"net/netip"

	"veille/collector"
	"veille/dashboards/frame"
)

// Files are the templates and words of these pages.
//
//go:embed templates/*.html words/*.json
var Files embed.FS

// Doorkeeper lets people in; see collector/signin, whose errors it answers.
type Doorkeeper interface {
	Password(ctx context.Context, name, password string, from netip.Addr) (secret string, err error)
	Leave(ctx context.Context, secret string) error
	Invited(ctx context.Context, invitation string) (collector.User, error)
	Accept(ctx context.Context, invitation, password string) (secret string, err error)
	HasDirectory() bool
	Begin(ctx context.Context) (address, state string, err error)
	Finish(ctx context.Context, state, returned, code string) (secret string, err error)
}

// Pages are the pages about accounts.
type Pages struct {
	door Doorkeeper
}

// New are the pages of a doorkeeper.
func New(door Doorkeeper) *Pages { return &Pages{door} }

// Mount serves all pages about accounts: Routes, and those that send a browser elsewhere, which a route cannot.
func (p *Pages) Mount(f *frame.Frame, mux *http.ServeMux) {
	f.Mount(mux, p.Routes()...)
	d := directory{p, f}
	mux.HandleFunc("GET /sign-in/directory", d.begin)
	mux.HandleFunc("GET /sign-in/callback", d.finish)
	i := invitation{p, f}
	mux.HandleFunc("GET /invite", i.show)
	mux.HandleFunc("POST /invite", i.accept)
}

// Routes are the addresses of those that are shown.
func (p *Pages) Routes() []frame.Route {
	return []frame.Route{
		{Path: "/sign-in", Title: "account.signin.title", Open: true, Template: "account-signin.html", Show: p.showSignIn, Do: p.signIn},
		{Path: "/sign-out", Title: "account.signin.title", Open: true, Template: "account-signin.html", Show: nothing, Do: p.signOut},
	}
}

// enter gives the browser its new session, and ends the one that it had.
func (p *Pages) enter(ctx context.Context, w http.ResponseWriter, r *http.Request, secret string) error {
	if old := frame.Secret(r); old != "" {
		if err := p.door.Leave(ctx, old); err != nil {
			return err
		}
	}
	frame.SetCookie(w, r, "", secret)
	return nil
}

// sendTo sends a browser to an address. Nobody keeps that it was sent.
func sendTo(w http.ResponseWriter, address string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", address)
	w.WriteHeader(http.StatusSeeOther)
}
