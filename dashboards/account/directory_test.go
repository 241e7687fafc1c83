package account_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"veille/collector/signin"
)

func TestTheWayToTheDirectoryAndBackKeepsWhereSomebodyWantedToGo(t *testing.T) {
	k := &keeper{}
	a := answer(t, k, request(t, "GET", "/sign-in/directory?lang=fr&to="+url.QueryEscape("/sites/3?from=2026-01"), nil))
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "https://directory.example/authorize?x=1" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d to %s", a.StatusCode, a.Header.Get("Location"))
	}
	cookies := given(a)
	if len(cookies) != 1 {
		t.Fatalf("cookies %v; want one", cookies)
	}
	a = answer(t, k, request(t, "GET", "/sign-in/callback?state=s&code=c", nil, cookies...))
	expect(t, a, http.StatusSeeOther, "/sites/3?from=2026-01", "veille-directory=", "veille=new")
	if want := []string{"begin", "finish sealed s c"}; !slices.Equal(k.asked, want) {
		t.Errorf("asked %v, want %v", k.asked, want)
	}
}

func TestWhereSomebodyGoesAfterTheDirectoryIsCheckedAgain(t *testing.T) {
	for _, cookie := range []string{"sealed.en.Ly9leGFtcGxlLm9yZw", "sealed.en.!!", "sealed", "sealed.xx.", "", "sealed.en.aHR0cHM6Ly9leGFtcGxlLm9yZw"} {
		expect(t, answer(t, &keeper{}, request(t, "GET", "/sign-in/callback?state=s&code=c", nil, "veille-directory="+cookie)), http.StatusSeeOther, "/?lang=en", "veille-directory=", "veille=new")
	}
}

func TestADirectoryThatDoesNotLetInLeadsBackToTheForm(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{signin.ErrWrong, "n’a pas confirmé"},
		{signin.ErrForeign, "pas d’utilisateur de ce nom"},
		{signin.ErrSilent, "ne répond pas"},
		{signin.ErrBusy, "dans quelques secondes"},
	} {
		a := answer(t, &keeper{err: tt.err}, request(t, "GET", "/sign-in/callback?error=access_denied&state=s3cret&code=c0de", nil, "veille-directory=sealed.fr.L3NpdGVz"))
		expect(t, a, http.StatusUnprocessableEntity, "", "veille-directory=")
		text := a.Text
		if !strings.Contains(text, tt.want) || !strings.Contains(text, `name="to" value="/sites"`) || strings.Contains(text, "s3cret") || strings.Contains(text, "c0de") {
			t.Errorf("%v: %s", tt.err, text)
		}
	}
	a := answer(t, &keeper{err: signin.ErrSilent}, request(t, "GET", "/sign-in/directory?lang=en&to=/sites", nil))
	expect(t, a, http.StatusUnprocessableEntity, "")
	if text := a.Text; !strings.Contains(text, "does not answer") || !strings.Contains(text, `value="/sites"`) {
		t.Error(text)
	}
}

func TestWithoutADirectoryNoLinkLeadsThere(t *testing.T) {
	with, without := answer(t, &keeper{}, request(t, "GET", "/sign-in?to=/sites", nil)).Text, answer(t, &keeper{noDirectory: true}, request(t, "GET", "/sign-in", nil)).Text
	if !strings.Contains(with, `href="/sign-in/directory?lang=en&amp;to=%2Fsites"`) || strings.Contains(without, "/sign-in/directory") {
		t.Error("the link is there only where there is a directory")
	}
	a := answer(t, &keeper{noDirectory: true}, request(t, "GET", "/sign-in/directory", nil))
	expect(t, a, http.StatusNotFound, "")
}
