package account

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"veille/collector/signin"
	"veille/dashboards/frame"
)

// directory is the way to the organisation's directory and back.
type directory struct {
	pages *Pages
	frame *frame.Frame
}

// journeyCookie is the suffix of the cookie that somebody has on his way to the directory and back.
const journeyCookie = "-directory"

// begin sends a browser to the directory. It is asked for by a link and not by a form: our pages allow forms to lead to ourselves alone, and
// some browsers hold redirections against that.
func (d directory) begin(w http.ResponseWriter, r *http.Request) {
	if !d.pages.door.HasDirectory() {
		d.frame.Say(w, r, http.StatusNotFound, "no_such_page")
		return
	}
	l, to := d.frame.Choose(r), r.URL.Query().Get("to")
	address, state, err := d.pages.door.Begin(r.Context())
	if err != nil {
		d.fail(w, r, to, problem(l, err))
		return
	}
	frame.SetCookie(w, r, journeyCookie, state+"."+l.Code+"."+base64.RawURLEncoding.EncodeToString([]byte(local(to, l))))
	sendTo(w, address)
}

// finish lets in whom the directory has recognised. A directory that recognises nobody answers without a code.
func (d directory) finish(w http.ResponseWriter, r *http.Request) {
	state, rest, _ := strings.Cut(frame.Cookie(r, journeyCookie), ".")
	language, encoded, _ := strings.Cut(rest, ".")
	to, _ := base64.RawURLEncoding.DecodeString(encoded) // checked below, whatever it is
	q := r.URL.Query()
	frame.SetCookie(w, r, journeyCookie, "")

	// From here on the page is that of sign-in, in the language in which the journey began.
	r = r.Clone(r.Context())
	r.URL.RawQuery = ""
	if language != "" {
		r.URL.RawQuery = url.Values{"lang": {language}}.Encode()
	}
	l := d.frame.Choose(r)
	secret, err := d.pages.door.Finish(r.Context(), state, q.Get("state"), q.Get("code"))
	if errors.Is(err, signin.ErrWrong) {
		err = frame.Problem(l.Say("account.refused"))
	}
	if err == nil {
		err = d.pages.enter(r.Context(), w, r, secret)
	}
	if err != nil {
		d.fail(w, r, string(to), problem(l, err))
		return
	}
	sendTo(w, local(string(to), l))
}

// fail shows the sign-in page with a problem; what is none is told as on any page.
func (d directory) fail(w http.ResponseWriter, r *http.Request, to string, err error) {
	text, ok := errors.AsType[frame.Problem](err)
	if !ok {
		d.frame.Answer(w, r, err)
		return
	}
	page := d.frame.Page(r, "account.signin.title", "/sign-in", "")
	view := d.pages.signInView(to, page.Language)
	if len(view.Keep) > 0 {
		page.Query = "&" + view.Keep.Encode()
	}
	d.frame.Render(w, r, http.StatusUnprocessableEntity, "account-signin.html", frame.Shown{Page: page, View: view, Problem: string(text)})
}
