package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/settings"
)

type values struct {
	period time.Duration
	url    string
}

func parse(t *testing.T, args []string, env map[string]string, sources ...settings.Source) (values, error) {
	t.Helper()
	var v values
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	fs.DurationVar(&v.period, "post-every", time.Hour, "")
	fs.StringVar(&v.url, "collector", "", "")
	fs.String(settings.File, "", "")
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return v, settings.Fill(fs, func(k string) (string, bool) { s, ok := env[k]; return s, ok }, sources...)
}

func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "veille.conf")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFlagBeatsEnvironmentBeatsFileBeatsDefault(t *testing.T) {
	conf := file(t, "# the school's collector\n\npost-every = 10m\ncollector = https://file.example\n")
	for _, tt := range []struct {
		name string
		args []string
		env  map[string]string
		want values
	}{
		{"default", nil, nil, values{time.Hour, ""}},
		{"file", []string{"--settings", conf}, nil, values{10 * time.Minute, "https://file.example"}},
		{
			"environment over file",
			[]string{"--settings", conf},
			map[string]string{"VEILLE_POST_EVERY": "20m"},
			values{20 * time.Minute, "https://file.example"},
		},
		{
			"file named by the environment",
			nil,
			map[string]string{"VEILLE_SETTINGS": conf},
			values{10 * time.Minute, "https://file.example"},
		},
		{
			"flag over all",
			[]string{"--settings", conf, "--post-every", "30m"},
			map[string]string{"VEILLE_POST_EVERY": "20m"},
			values{30 * time.Minute, "https://file.example"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse(t, tt.args, tt.env)
			if err != nil || got != tt.want {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestAFileIsReadAsEditorsOfWindowsLeaveIt(t *testing.T) {
	got, err := parse(t, []string{"--settings", file(t, "\ufeff# agent\r\npost-every = 10m\r\n\r\ncollector = https://file.example\t\r\n")}, nil)
	if want := (values{10 * time.Minute, "https://file.example"}); err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestAFlagThatMayBeGivenSeveralTimesMayHaveSeveralLines(t *testing.T) {
	conf := file(t, "acme-host = a.example.org\nacme-host = b.example.org\nlisten = one\nlisten = two\n")
	for _, tt := range []struct {
		args  []string
		hosts string
	}{
		{[]string{"--settings", conf}, "[a.example.org,b.example.org]"},
		{[]string{"--settings", conf, "--acme-host", "c.example.org"}, "[c.example.org]"},
	} {
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		fs.String(settings.File, "", "")
		fs.StringArray("acme-host", nil, "")
		fs.String("listen", "", "")
		if err := fs.Parse(tt.args); err != nil {
			t.Fatal(err)
		}
		if err := settings.Fill(fs, func(string) (string, bool) { return "", false }); err != nil {
			t.Fatal(err)
		}
		if got := fs.Lookup("acme-host").Value.String(); got != tt.hosts || fs.Lookup("listen").Value.String() != "one" {
			t.Errorf("%v: hosts %s, listen %s; want %s and the first", tt.args, got, fs.Lookup("listen").Value, tt.hosts)
		}
	}
}

func TestBadSettingsAreRefusedWithTheirPlace(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown name", "colector = x\n", `:1: no setting is called "colector"`},
		{"no equals sign", "\ncollector\n", `:2: "collector" is not a line`},
		{"another sign", "collector: secret\n", `:1: "collector" is not a line`},
		{"a value alone", "secret-of-9\n", `:1: is not a line`},
		{"bad value", "post-every = soon\n", `:1: invalid argument "soon"`},
		{"a file that names a file", "settings = other\n", `no setting is called "settings"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(t, []string{"--settings", file(t, tt.text)}, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want an error with %q, and no secret", err, tt.want)
			}
		})
	}
	if _, err := parse(t, []string{"--settings", "/nowhere/x"}, nil); err == nil {
		t.Error("a missing settings file was ignored")
	}
	_, err := parse(t, nil, map[string]string{"VEILLE_POST_EVERY": "soon"})
	if err == nil || !strings.Contains(err.Error(), "VEILLE_POST_EVERY") {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}

func TestWhatTheSystemKeepsComesBetweenTheEnvironmentAndTheFile(t *testing.T) {
	conf := file(t, "post-every = 10m\ncollector = https://file.example\n")
	policy := settings.Source{Name: "policy", Values: []settings.Value{{"Collector", []string{" https://policy.example\t"}}, {"post-every", []string{" "}}}}
	own := settings.Source{Name: "own", Values: []settings.Value{{"collector", []string{"https://own.example"}}, {"POST-EVERY", []string{"5m"}}}}
	for _, tt := range []struct {
		args    []string
		env     map[string]string
		sources []settings.Source
		want    values
	}{
		{nil, nil, nil, values{10 * time.Minute, "https://file.example"}},
		{nil, nil, []settings.Source{own}, values{5 * time.Minute, "https://own.example"}},
		{nil, nil, []settings.Source{policy, own}, values{5 * time.Minute, "https://policy.example"}},
		{nil, nil, []settings.Source{policy}, values{10 * time.Minute, "https://policy.example"}},
		{nil, map[string]string{"VEILLE_COLLECTOR": "https://env.example"}, []settings.Source{policy, own}, values{5 * time.Minute, "https://env.example"}},
		{[]string{"--collector", "https://flag.example"}, nil, []settings.Source{policy, own}, values{5 * time.Minute, "https://flag.example"}},
	} {
		got, err := parse(t, append(tt.args, "--settings", conf), tt.env, tt.sources...)
		if err != nil || got != tt.want {
			t.Errorf("%v, %v, %v: got %v, %v; want %v", tt.args, tt.env, tt.sources, got, err, tt.want)
		}
	}
}

func TestAMisspeltSettingOfTheSystemIsNamedWithItsPlace(t *testing.T) {
	for want, value := range map[string]settings.Value{
		`HKLM\Veille: no setting is called "Colector"`:    {"Colector", []string{"https://x.example"}},
		`HKLM\Veille: the value post-every: invalid`:      {"post-every", []string{"soon"}},
		`HKLM\Veille: no setting is called "no-such-one"`: {"no-such-one", nil},
	} {
		if _, err := parse(t, nil, nil, settings.Source{Name: `HKLM\Veille`, Values: []settings.Value{value}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error with %q", err, want)
		}
	}
}
