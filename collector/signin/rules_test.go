package signin_test

import (
	"errors"
	"strings"
	"testing"

	"veille/collector/signin"
)

func TestAPasswordThatIsNotTakenSaysWhy(t *testing.T) {
	for _, tt := range []struct{ password, name, want string }{
		{"", "ada", "short"},
		{"elevenchars", "ada", "short"},
		{"un, deux, tr", "ada", ""},
		{"éééééééééééé", "ada", "known"},
		{"e\u0301tait-ce toi", "ada", ""},     // 12 characters once composed
		{"e\u0301tait-ce to", "ada", "short"}, // 12 bytes or code points are not 12 characters
		{strings.Repeat("Ax9 ü", 26), "", "long"},
		{strings.Repeat("a", 129), "ada", "long"},
		{"tQ7 rU2 bX9 mK4", "ada", ""},
		{"correct cheval pile agrafe", "ada", ""},
		{"jean.dupont-martin", "jean.dupont-martin", "name"},
		{"Jean.Dupont2026", "jean.dupont", "name"},
		{"jean.dupontjean.dupont", "jean.dupont", "name"},
		{"jean.dupont mange une pomme", "jean.dupont", ""},
		{"aaaaaaaaaaaaaaaa", "bob", "known"},
		{"123456789012", "bob", "known"},
		{"abcdefghijklmnop", "bob", "known"},
		{"ponmlkjihgfedcba", "bob", "known"},
		{"abcabcabcabcabc", "bob", "known"},
		{"Tx9!Tx9!Tx9!Tx9!", "bob", "known"},
		{"tortuetortuetortue", "bob", "known"},
		{"motdepasse2026", "bob", "known"},
		{"MotDePasse123!", "bob", "known"},
		{"azertyuiop123", "bob", "known"},
		{"qwertyuiopasdf", "bob", "known"},
		{"Bonjour123456!", "bob", "known"},
		{"Bienvenue2026!!", "bob", "known"},
		{"passwordpassword", "bob", "known"},
		{"bonjour petit lapin gris", "bob", ""},
	} {
		got := ""
		if why, ok := errors.AsType[signin.WeakError](signin.Weak(tt.password, tt.name)); ok {
			got = why.Why
		}
		if got != tt.want {
			t.Errorf("%q of %q: %q, want %q", tt.password, tt.name, got, tt.want)
		}
	}
}

func FuzzAPasswordThatIsTakenHasTwelveTo128Characters(f *testing.F) {
	f.Add("un, deux, tr", "ada")
	f.Add("\xff\xfe12345678901", "\xff")
	f.Fuzz(func(t *testing.T, password, name string) {
		err := signin.Weak(password, name)
		if n := len(password); err == nil && (n < signin.ShortestPassword || n > 30*signin.LongestPassword) {
			t.Errorf("%d bytes are taken", n)
		}
		if err == nil && name != "" && strings.EqualFold(password, name) {
			t.Errorf("the name %q is taken", name)
		}
	})
}
