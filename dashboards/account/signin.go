package account

import (
	"context"
	"errors"
	"net/url"
	"path"
	"strings"

	"veille/collector"
	"veille/collector/signin"
	"veille/dashboards/frame"
)

// longestTo is how long an address may be to which somebody goes once he is in, in bytes.
const longestTo = 2000

// local is an address of ours to which somebody goes once he is in: to, when it is a path of this server, otherwise the first page. Browsers
// take a backslash for a slash and leave out tabs and line ends, so that /\t/example.org leads to another server.
func local(to string, l frame.Language) string {
	first := "/?lang=" + l.Code
	foreign := func(c rune) bool { return c <= ' ' || c > '~' || c == '\\' }
	if len(to) > longestTo || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsFunc(to, foreign) {
		return first
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "/" && u.RawQuery == "" {
		return first
	}
	clean := path.Clean(u.Path)                                                  // browsers leave the dots out too
	for _, above := range []string{"/sign-in", "/sign-out", "/invite", "/api"} { // nobody goes there once he is in
		if clean == above || strings.HasPrefix(clean, above+"/") {
			return first
		}
	}
	return to
}

// signInForm is what the template of the sign-in page is given.
type signInForm struct {
	To           string
	HasDirectory bool
}

func (p *Pages) showSignIn(_ context.Context, q frame.Request) (frame.View, error) {
	to := q.Param("to")
	if q.Form != nil {
		to = q.Form.Get("to")
	}
	return p.signInView(to, q.Language), nil
}

func (p *Pages) signInView(to string, l frame.Language) frame.View {
	to = local(to, l)
	view := frame.View{Data: signInForm{To: to, HasDirectory: p.door.HasDirectory()}}
	if to != local("", l) { // the first page is in the language that is chosen on the way
		view.Keep = url.Values{"to": {to}}
	}
	return view
}

func (p *Pages) signIn(ctx context.Context, q frame.Request) (to string, err error) {
	name := strings.TrimSpace(q.Form.Get("name"))
	secret, err := p.door.Password(ctx, name, q.Form.Get("password"), frame.From(q.HTTP))
	if err != nil {
		return "", problem(q.Language, err)
	}
	return local(q.Form.Get("to"), q.Language), p.enter(ctx, q.Answer, q.HTTP, secret)
}

// signOut ends the session, and takes the cookie back.
func (p *Pages) signOut(ctx context.Context, q frame.Request) (to string, err error) {
	if secret := frame.Secret(q.HTTP); secret != "" {
		if err := p.door.Leave(ctx, secret); err != nil {
			return "", err
		}
	}
	frame.SetCookie(q.Answer, q.HTTP, "", "")
	language := q.Code
	if chosen := q.Form.Get("lang"); chosen == "en" || chosen == "fr" {
		language = chosen
	}
	return "/sign-in?lang=" + language, nil
}

// nothing is what a form without a page of its own shows.
func nothing(context.Context, frame.Request) (frame.View, error) {
	return frame.View{}, collector.ErrNotFound
}

// problem is err as a person can mend it: a frame.Problem; err itself where he cannot.
func problem(l frame.Language, err error) error {
	if locked, ok := errors.AsType[signin.LockedError](err); ok {
		if locked.Minutes == 1 {
			return frame.Problem(l.Say("account.locked.one"))
		}
		return frame.Problem(l.Say("account.locked", l.Count(locked.Minutes)))
	}
	if weak, ok := errors.AsType[signin.WeakError](err); ok {
		return frame.Problem(l.Known("account.weak.", weak.Why, l.Say("account.weak")))
	}
	for _, known := range []struct {
		err error
		key string
	}{
		{signin.ErrWrong, "account.wrong"},
		{signin.ErrBusy, "account.busy"},
		{signin.ErrForeign, "account.foreign"},
		{signin.ErrSilent, "account.silent"},
		{signin.ErrExpired, "account.expired"},
	} {
		if errors.Is(err, known.err) {
			return frame.Problem(l.Say(known.key))
		}
	}
	return err
}
