package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestANameIsOneLineThatReadsAsItIsWritten(t *testing.T) {
	for _, text := range []string{"", "Lycée Marie-Curie", "مدرسة 12", "a\u200cb\u200dc", strings.Repeat("é", longest)} {
		if !oneLine(text) {
			t.Errorf("%+q is refused", text)
		}
	}
	for _, text := range []string{
		" a", "a ", "a\nb", "a\x00", "\xff", strings.Repeat("é", longest+1), "a\u061cb", "a\u200eb", "a\u200fb", "a\u202ab", "a\u202eb", "a\u2066b", "\u2069",
	} {
		if oneLine(text) {
			t.Errorf("%+q is taken", text)
		}
		if err := checkGroup("x" + text + "x"); err == nil && strings.TrimSpace(text) == text {
			t.Errorf("a group is called %+q", text)
		}
	}
}

func TestWhatIsNotThereIsSaidAgainInShort(t *testing.T) {
	o := newOffice(t)
	secret, long := o.at["A1"].secret, strings.Repeat("x", 500)
	for _, a := range []ask{
		{command: "factor remove", args: []string{long}},
		{command: "price remove", flags: map[string]any{"from": long}},
		{command: "price set", flags: map[string]any{"from": long, "euro": "0.2", "tax": "included"}},
		{command: "inventory import", args: []string{"x.csv"}, file: "site;class;bought;as;count\n" + long + ";tablet;;new;1\n"},
	} {
		status, got := o.post(secret, a)
		if n := strings.Count(got.Error, "x"); status == http.StatusOK || n < 60 || n > 70 {
			t.Errorf("%s: %d, %d letters of what was given: %.300s", a.command, status, n, got.Error)
		}
	}
}
