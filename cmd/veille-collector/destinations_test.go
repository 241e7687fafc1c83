package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestTheAddressesOfSeriesAreRead(t *testing.T) {
	for _, tt := range []struct {
		args  string
		names []string // nil: it is refused
		says  string
	}{
		{"", []string{}, ""},
		{"--series influx+http://127.0.0.1:8086/veille", []string{"influx 127.0.0.1:8086/veille"}, ""},
		{"--series influx+https://influx.example.org/veille?org=region", []string{"influx influx.example.org/veille"}, ""},
		{"--series victoria+http://a:8428,b:8428", []string{"victoria a:8428", "victoria b:8428"}, ""},
		{
			"--series victoria+http://i:8480/insert/0/influx?select=http://s:8481/select/0/prometheus --series influx+http://c:8086/veille",
			[]string{"victoria i:8480/insert/0/influx", "influx c:8086/veille"},
			"",
		},
		{"--series influx+http://a:8086/veille --series influx+http://a:8086/veille", nil, "is named twice"},
		{"--series http://a:8086/veille", nil, "neither influx+http:// nor victoria+http://"},
		{"--series influx+ftp://a/veille", nil, "no http"},
		{"--series influx+http://me:secret@a:8086/veille", nil, "a password in an address"},
		{"--series victoria+http://", nil, "victoria+http"},
		{"--series influx+http://a:8086/veille --series victoria+http://b:8428 --series-token-file nowhere", nil, "each series has its own"},
		{"--series influx+http://a:8086/veille --series victoria+http://b:8428 --series-token-file none --series-token-file none", []string{"influx a:8086/veille", "victoria b:8428"}, ""},
		{"--series influx+http://a:8086/veille --series-token-file nowhere", nil, "correct --series-token-file"},
		{"--series influx+https://a:8086/veille --series victoria+http://b:8428 --series-ca-file nowhere", nil, "--series-ca-file is given 1 times"},
		{"--series influx+https://a:8086/veille --series victoria+http://b:8428 --series-ca-file ca.pem --series-ca-file none", []string{"influx a:8086/veille", "victoria b:8428"}, ""},
	} {
		var s seriesFlags
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		s.flags(fs, "", "")
		if err := fs.Parse(strings.Fields(tt.args)); err != nil {
			t.Fatal(err)
		}
		all, err := s.destinations()
		if tt.names == nil {
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "me:secret") {
				t.Errorf("%s: %v, want a sentence with %q and no secret", tt.args, err, tt.says)
			}
			continue
		}
		names := []string{}
		for _, d := range all {
			names = append(names, d.name)
		}
		if err != nil || strings.Join(names, "|") != strings.Join(tt.names, "|") {
			t.Errorf("%s: %q, %v; want %q", tt.args, names, err, tt.names)
		}
	}
}

func TestTheSecretOfASeriesIsReadFromItsFileEachTime(t *testing.T) {
	name := filepath.Join(t.TempDir(), "token")
	s := &seriesFlags{secrets: []string{noFile, name}}
	for _, secret := range []string{"veille:pass", "veille:another"} {
		if err := os.WriteFile(name, []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := s.token(1); token != secret || err != nil {
			t.Errorf("%q, %v", token, err)
		}
	}
	if token, err := s.token(0); token != "" || err != nil {
		t.Errorf("of one that has none: %q, %v", token, err)
	}
}
