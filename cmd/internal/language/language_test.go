package language_test

import (
	"strings"
	"testing"

	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
)

func TestTheFirstSettingThatIsMadeDecides(t *testing.T) {
	for _, tt := range []struct {
		all, messages, lang, want string
	}{
		{"", "", "", "en"},
		{"", "", "fr_FR.UTF-8", "fr"},
		{"", "", "fr", "fr"},
		{"", "", "C.UTF-8", "en"},
		{"", "", "de_AT.UTF-8", "en"},
		{"", "fr_BE.UTF-8", "en_GB.UTF-8", "fr"},
		{"", "en_GB.UTF-8", "fr_FR.UTF-8", "en"},
		{"C", "fr_FR", "fr_FR", "en"},
		{"fr_CA", "en_CA", "en_CA", "fr"},
	} {
		env := map[string]string{"LC_ALL": tt.all, "LC_MESSAGES": tt.messages, "LANG": tt.lang}
		if got := language.Default(func(name string) (string, bool) { v, ok := env[name]; return v, ok && v != "" }); got != tt.want {
			t.Errorf("%v is %s; want %s", env, got, tt.want)
		}
	}
}

func TestAnotherLanguageIsWrongUse(t *testing.T) {
	for _, code := range []string{"de", "", "FR", "fr_FR"} {
		if err := language.Check(code); command.Status(err) != command.Misuse || !strings.Contains(err.Error(), "en, fr") {
			t.Errorf("%q gives %v", code, err)
		}
	}
	for _, code := range []string{language.English, language.French} {
		if err := language.Check(code); err != nil {
			t.Errorf("%q gives %v", code, err)
		}
	}
}
