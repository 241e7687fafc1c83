package account

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"veille/collector/signin"
	"veille/dashboards/frame"
)

// invitation is the page on which whoever was invited chooses a password.
type invitation struct {
	pages *Pages
	frame *frame.Frame
}

// invitationCookie is the suffix of the cookie that has the secret of an invitation. The secret leaves the address at once: it is neither in
// the page, nor in what the browser remembers of it, nor told to anybody as where somebody came from. So the page needs no policy of its own
// about that, with which browsers would not name the origin of its form.
const invitationCookie = "-invitation"

const (
	longestSecret = 200     // of an invitation, in bytes
	mostForm      = 1 << 14 // bytes
)

// chosen is what the template is given.
type chosen struct {
	Name string // of the user; "" where the invitation is not good
	From int    // characters of a password
	To   int
}

func (i invitation) show(w http.ResponseWriter, r *http.Request) {
	if secret := r.URL.Query().Get("secret"); secret != "" {
		if len(secret) > longestSecret || strings.ContainsFunc(secret, notOfCookies) {
			secret = "" // it is none, and cannot be kept
		}
		frame.SetCookie(w, r, invitationCookie, secret)
		sendTo(w, "/invite?lang="+i.frame.Choose(r).Code)
		return
	}
	i.page(w, r, "")
}

// notOfCookies tells whether a cookie cannot hold a letter.
func notOfCookies(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`",;\`, c) }

// page shows the form to whoever was invited, and to others that they were not.
func (i invitation) page(w http.ResponseWriter, r *http.Request, text string) {
	page, data := i.frame.Page(r, "account.invite.title", "/invite", ""), chosen{From: signin.ShortestPassword, To: signin.LongestPassword}
	user, err := i.pages.door.Invited(r.Context(), frame.Cookie(r, invitationCookie))
	if err != nil {
		problem, ok := errors.AsType[frame.Problem](problem(page.Language, err))
		if !ok {
			i.frame.Answer(w, r, err)
			return
		}
		text = string(problem)
	}
	data.Name = user.Name
	status := http.StatusOK
	if text != "" {
		status = http.StatusUnprocessableEntity
	}
	i.frame.Render(w, r, status, "account-invite.html", frame.Shown{Page: page, View: frame.View{Data: data}, Problem: text})
}

// accept keeps a password, and lets in whoever chose it.
func (i invitation) accept(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		i.frame.Say(w, r, http.StatusBadRequest, "bad_form")
		return
	}
	if !frame.Ours(r) {
		i.frame.Say(w, r, http.StatusForbidden, "foreign_form")
		return
	}
	secret, err := i.chosen(r)
	if err == nil {
		frame.SetCookie(w, r, invitationCookie, "")
		err = i.pages.enter(r.Context(), w, r, secret)
	}
	l := i.frame.Choose(r)
	if text, ok := errors.AsType[frame.Problem](problem(l, err)); ok {
		i.page(w, r, string(text))
		return
	}
	if err != nil {
		i.frame.Answer(w, r, err)
		return
	}
	sendTo(w, local("", l))
}

// chosen is the secret of a session of whoever chose a password. The name comes back with the form: another invitation may have been opened
// since, in another window, and a password is not to become that of somebody else.
func (i invitation) chosen(r *http.Request) (secret string, err error) {
	l, cookie := i.frame.Choose(r), frame.Cookie(r, invitationCookie)
	user, err := i.pages.door.Invited(r.Context(), cookie)
	switch {
	case err != nil:
		return "", err
	case r.PostForm.Get("name") != user.Name:
		return "", frame.Problem(l.Say("account.other", cmp.Or(r.PostForm.Get("name"), "?"), user.Name))
	case r.PostForm.Get("password") != r.PostForm.Get("again"):
		return "", frame.Problem(l.Say("account.differ"))
	}
	return i.pages.door.Accept(r.Context(), cookie, r.PostForm.Get("password"))
}
