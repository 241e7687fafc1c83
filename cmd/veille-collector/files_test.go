package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/cmd/internal/command"
	"veille/collector/opendata"
)

// filesIn are all files and folders below a folder, by path, with what the files have in them.
func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e os.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		short, err := filepath.Rel(dir, name)
		if err == nil && e.IsDir() {
			all[short] = "folder"
			return nil
		}
		text, bad := os.ReadFile(name)
		if all[short] = string(text); bad != nil {
			return bad
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAFileIsReplacedWholeOrStaysAsItWas(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report.html")
	for _, text := range []string{"first", "second and longer", ""} {
		if err := replaceFile(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if all := filesIn(t, dir); len(all) != 1 || all["report.html"] != text {
			t.Errorf("%q: the folder has %v", text, all)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{filepath.Join(dir, "folder"), filepath.Join(dir, "missing", "report.html"), filepath.Join(dir, strings.Repeat("x", 300)), os.DevNull} {
		if err := replaceFile(bad, []byte("text")); err == nil {
			t.Errorf("%s was written", bad)
		}
	}
	if all := filesIn(t, dir); len(all) != 2 || all["report.html"] != "" {
		t.Errorf("the folder has %v", all)
	}
}

func TestTheFormatIsThatOfTheEndingUnlessItIsSaid(t *testing.T) {
	for _, tt := range []struct{ out, format, want, says string }{
		{"", "", "html", ""},
		{"", "csv", "csv", ""},
		{"a.PDF", "", "pdf", ""},
		{"a.htm", "", "html", ""},
		{"a.xlsx", "", "xlsx", ""},
		{"a.json", "", "json", ""},
		{"a.txt", "csv", "csv", ""},
		{"a.txt", "", "", "add --format"},
		{"a", "", "", "add --format"},
		{"", "xlsx", "", "name the file with -o"},
		{"", "pdf", "", "name the file with -o"},
		{"a.html", "docx", "", "is none of"},
	} {
		f := reporting{out: tt.out, format: tt.format}
		err := f.chooseFormat()
		switch {
		case tt.says == "" && (err != nil || f.format != tt.want):
			t.Errorf("-o %q --format %q: %q, %v", tt.out, tt.format, f.format, err)
		case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || command.Status(err) != command.Misuse):
			t.Errorf("-o %q --format %q: %v; want %s", tt.out, tt.format, err, tt.says)
		}
	}
}

func TestDataSetsTakeThePlaceOfThoseBefore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	write := func(files ...opendata.File) error { return writeFolder(dir, files) }
	first := []opendata.File{{Name: "a/data.csv", Bytes: []byte("one")}, {Name: "a/deep/schema.json", Bytes: []byte("{}")}, {Name: "catalog.jsonld", Bytes: []byte("cat")}}
	if err := write(first...); err != nil {
		t.Fatal(err)
	}
	if err := write(first...); err != nil {
		t.Fatal(err)
	}
	want := []string{"a", "a/data.csv", "a/deep", "a/deep/schema.json", "catalog.jsonld"}
	names := func() (all []string) {
		for name := range filesIn(t, dir) {
			all = append(all, filepath.ToSlash(name))
		}
		slices.Sort(all)
		return all
	}
	if got := names(); !slices.Equal(got, want) {
		t.Errorf("the folder has %q", got)
	}
	first[0].Bytes = []byte("two")
	if err := write(first...); err != nil || filesIn(t, dir)[filepath.Join("a", "data.csv")] != "two" {
		t.Errorf("%v: %v", err, filesIn(t, dir))
	}
	// What somebody else has put there stays, and so does all else.
	if err := os.WriteFile(filepath.Join(dir, "a", "mine.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "beside.txt"), []byte("beside"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, dir)
	first[0].Bytes = []byte("three")
	if err := write(first...); err == nil || !strings.Contains(err.Error(), "a/mine.txt is not ours") || !strings.Contains(err.Error(), "nothing was written") {
		t.Errorf("%v", err)
	}
	if after := filesIn(t, dir); len(after) != len(before) || after[filepath.Join("a", "data.csv")] != "two" || after["beside.txt"] != "beside" {
		t.Errorf("the folder has %v", after)
	}
	// A name that leads out of the folder is not written.
	if err := writeFolder(filepath.Join(dir, "other"), []opendata.File{{Name: "../out.txt", Bytes: []byte("x")}}); err == nil {
		t.Error("a file was written beside the folder")
	}
	if all := names(); slices.Contains(all, "out.txt") {
		t.Errorf("the folder has %q", all)
	}
}

func TestABaseIsTheAddressOfAFolder(t *testing.T) {
	for base, want := range map[string]string{
		"": "", "https://data.example.org/veille": "https://data.example.org/veille/", "https://data.example.org/": "https://data.example.org/", "http://localhost:8765/opendata/1/": "http://localhost:8765/opendata/1/",
	} {
		if got, err := checkBase(base); err != nil || got != want {
			t.Errorf("%q: %q, %v", base, got, err)
		}
	}
	for _, bad := range []string{"data.example.org", "ftp://example.org/", "javascript:alert(1)", "https://", "https://example.org/?a=1", "https://example.org/#x", "://"} {
		if got, err := checkBase(bad); err == nil || command.Status(err) != command.Misuse {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
	}
}
