package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/store/sqlite"
)

// writeBoards gives the command.
func writeBoards(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	var out bytes.Buffer
	c := grafanaCommand(&desk{stdout: &out, stderr: io.Discard})
	fs := pflag.NewFlagSet("grafana", pflag.ContinueOnError)
	c.Flags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	err = c.Run(t.Context(), fs.Args())
	return out.String(), err
}

// namedLedger is the folder of a collector with an organisation, two sites, groups of the same name in both, and a website.
func namedLedger(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for _, name := range []string{"Lycée A", "Lycée B, annexe"} {
		site, err := store.CreateSite(t.Context(), "Région Démonstration", name, "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := store.AddGroup(t.Context(), collector.Group{Site: site.ID, Kind: "room", Name: "Salle 12"}); err != nil {
			t.Fatal(err)
		}
		if name == "Lycée A" {
			_, err := store.AddWebsite(t.Context(), collector.Website{
				Organisation: site.Organisation, Kind: collector.KindSite, Name: "Site public", EveryDays: 7, AddedOn: "2026-01-05", NextOn: "2026-01-05",
				Rules: collector.WebsiteRules{URL: "https://a.example/", Mode: "static", MaxPages: 10, Depth: 3},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func TestTheBoardsHaveTheNamesOfTheLedger(t *testing.T) {
	data, out := namedLedger(t), filepath.Join(t.TempDir(), "new", "grafana")
	for engine, source := range map[string]string{"influx": "veille-influx", "victoria": "veille-victoria"} {
		said, err := writeBoards(t, "--data", data, "-o", out, "--lang", "fr", "--engine", engine)
		if err != nil {
			t.Fatal(err)
		}
		all := filesIn(t, out)
		var names []string
		for name, text := range all {
			if text == "folder" {
				continue
			}
			names = append(names, filepath.ToSlash(name))
			if strings.HasSuffix(name, ".json") && (!json.Valid([]byte(text)) || !strings.Contains(text, source)) {
				t.Errorf("%s is no board of %s", name, engine)
			}
			if !strings.Contains(said, filepath.Join(out, name)+"\n") {
				t.Errorf("%s is not told: %s", name, said)
			}
		}
		slices.Sort(names)
		want := []string{
			"dashboards/veille.yaml", "dashboards/veille/veille-it.json", "dashboards/veille/veille-officer.json", "dashboards/veille/veille-web.json", "datasources/veille.yaml",
		}
		if !slices.Equal(names, want) {
			t.Errorf("written: %q", names)
		}
		officer := all[filepath.Join("dashboards", "veille", "veille-officer.json")]
		for _, name := range []string{"Région Démonstration", "Lycée A", "Lycée B, annexe", "Salle 12, Lycée A", "Salle 12, Lycée B, annexe"} {
			if !strings.Contains(officer, `"text": "`+name+`"`) {
				t.Errorf("%s is not in the board", name)
			}
		}
		if !strings.Contains(all[filepath.Join("dashboards", "veille", "veille-web.json")], "Site public") {
			t.Error("the website has no name")
		}
	}
}

func TestBoardsThatCannotBeWrittenAreRefusedBeforeAnythingIs(t *testing.T) {
	data, file := namedLedger(t), filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	for _, tt := range []struct {
		args   []string
		says   string
		misuse bool
	}{
		{[]string{"--data", data}, "-o", true},
		{[]string{"--data", data, "-o", out, "word"}, "--help", true},
		{[]string{"--data", data, "-o", out, "--engine", "graphite"}, "influx or victoria", true},
		{[]string{"--data", data, "-o", out, "--lang", "de"}, "en or fr", true},
		{[]string{"--data", filepath.Join(data, "missing"), "-o", out, "--lang", "en"}, "missing", false},
		{[]string{"--data", data, "-o", file, "--lang", "en"}, "choose another folder", false},
	} {
		_, err := writeBoards(t, tt.args...)
		if err == nil || !strings.Contains(err.Error(), tt.says) || (command.Status(err) == command.Misuse) != tt.misuse {
			t.Errorf("%q: %v", tt.args, err)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was written")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("the file is %q, %v", text, err)
	}
}
