package account_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"veille/collector/signin"
)

const invited = "veille-invitation=come-in"

func TestTheSecretOfAnInvitationLeavesTheAddressAtOnce(t *testing.T) {
	a := answer(t, &keeper{}, request(t, "GET", "/invite?secret=come-in&lang=fr", nil))
	expect(t, a, http.StatusSeeOther, "/invite?lang=fr", invited)
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control: %s", a.Header.Get("Cache-Control"))
	}
	a = answer(t, &keeper{}, request(t, "GET", "/invite?lang=fr", nil, invited))
	expect(t, a, http.StatusOK, "")
	text := a.Text
	if strings.Contains(text, "come-in") {
		t.Error("the page has the secret")
	}
	for _, want := range []string{`value="ada"`, "de 12 à 128 caractères", `autocomplete="new-password"`, `hreflang="en"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, made := range []string{"a b", "a;b", "é", "\x00", strings.Repeat("x", 201)} {
		expect(t, answer(t, &keeper{}, request(t, "GET", "/invite?secret="+url.QueryEscape(made), nil)), http.StatusSeeOther, "/invite?lang=en", "veille-invitation=")
	}
}

func TestWhoeverWasNotInvitedSeesNoForm(t *testing.T) {
	for _, cookies := range [][]string{nil, {"veille-invitation=made-up"}} {
		a := answer(t, &keeper{}, request(t, "GET", "/invite", nil, cookies...))
		expect(t, a, http.StatusUnprocessableEntity, "")
		if text := a.Text; strings.Contains(text, `type="password"`) || !strings.Contains(text, "used or expired") {
			t.Error(text)
		}
	}
}

func TestAChosenPasswordSignsIn(t *testing.T) {
	k := &keeper{}
	form := url.Values{"name": {"ada"}, "password": {" a tortoise "}, "again": {" a tortoise "}}
	expect(t, answer(t, k, request(t, "POST", "/invite?lang=fr", form, invited)), http.StatusSeeOther, "/?lang=fr", "veille-invitation=", "veille=new")
	if want := []string{"accept come-in:  a tortoise "}; !slices.Equal(k.asked, want) {
		t.Errorf("asked %q, want %q", k.asked, want)
	}
}

func TestAPasswordThatIsNotTakenKeepsTheInvitation(t *testing.T) {
	for _, tt := range []struct {
		err                   error
		name, password, again string
		want                  string
	}{
		{signin.WeakError{Why: "short"}, "ada", "x", "x", "at least 12 characters"},
		{signin.ErrBusy, "ada", "x", "x", "in a few seconds"},
		{nil, "ada", "x", "y", "The two passwords differ"},
		{nil, "bob", "x", "x", "the one of ada"},
		{nil, "", "x", "x", "the one of ada"},
	} {
		k := &keeper{err: tt.err}
		form := url.Values{"name": {tt.name}, "password": {tt.password}, "again": {tt.again}}
		a := answer(t, k, request(t, "POST", "/invite", form, invited))
		expect(t, a, http.StatusUnprocessableEntity, "")
		if text := a.Text; !strings.Contains(text, tt.want) || !strings.Contains(text, `type="password"`) || tt.err == nil && len(k.asked) != 0 {
			t.Errorf("%v: asked %v: %s", tt, k.asked, text)
		}
	}
}

func TestAHugeFormIsRefused(t *testing.T) {
	k := &keeper{}
	a := answer(t, k, request(t, "POST", "/invite", url.Values{"password": {strings.Repeat("x", 1<<20)}}, invited))
	if a.StatusCode != http.StatusBadRequest || len(k.asked) != 0 {
		t.Errorf("%d, asked %v", a.StatusCode, k.asked)
	}
}
