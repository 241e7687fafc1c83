package private_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/agent/private"
	"veille/agent/spool"
)

const secret = `{"credential":"not for others"}`

func TestAWrittenFileIsReadAgainAndNothingIsLeftBesideIt(t *testing.T) {
	dir := tempDir(t)
	name := filepath.Join(dir, "identity.json")
	for _, body := range []string{secret, "", "shorter", strings.Repeat("longer\x00\xff\n", 10_000)} {
		if err := private.WriteFile(name, []byte(body), spool.WriteFile); err != nil {
			t.Fatal(err)
		}
		if got, err := private.ReadFile(name); err != nil || string(got) != body {
			t.Errorf("read %q, %v; want %q", got, err, body)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
			t.Errorf("%d files, %v; want one", len(files), err)
		}
	}
}

func TestTheWriterFindsItsFileAsideAlreadyThereAndEmpty(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if err := os.WriteFile(name+".part", []byte("left by a crash"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := private.WriteFile(name, []byte(secret), func(name string, body []byte) error {
		if text, err := os.ReadFile(name + ".part"); err != nil || len(text) > 0 {
			t.Errorf("aside is %q, %v; want an empty file", text, err)
		}
		return os.WriteFile(name, body, 0o644) // a careless writer, that leaves the file aside
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file aside is still there: %v", err)
	}
	if got, err := private.ReadFile(name); err != nil || string(got) != secret {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestAFailedWriteLeavesTheOldFile(t *testing.T) {
	dir := tempDir(t)
	name := filepath.Join(dir, "identity.json")
	if err := private.WriteFile(name, []byte(secret), spool.WriteFile); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	if err := private.WriteFile(name, []byte("new"), func(string, []byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v, want %v", err, full)
	}
	if got, err := private.ReadFile(name); err != nil || string(got) != secret {
		t.Errorf("read %q, %v; want what was there", got, err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files, %v; want one", len(files), err)
	}
	if err := private.WriteFile(filepath.Join(dir, "nowhere", "file"), nil, spool.WriteFile); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("written in a folder that is not there: %v", err)
	}
}

func TestAFileThatIsNotThereIsNotThere(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if _, err := private.ReadFile(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it does not exist", err)
	}
	if _, err := private.ReadFile(filepath.Dir(name)); err == nil {
		t.Error("a folder was read")
	}
}

func TestAFileOfAnotherMachineIsRefused(t *testing.T) {
	dir := tempDir(t)
	for name, text := range map[string]string{
		"of no machine":  "veille private 1 dpapi\nAQID\n",
		"no end of line": "veille private 1 dpapi\nAQID",
		"only a line":    "veille private 1 dpapi\n",
		"half a line":    "veille private 1 dp",
		"no base64":      "veille private 1 dpapi\n***\n",
		"loose base64":   "veille private 1 dpapi\nAQJ=\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := private.ReadFile(file); !errors.Is(err, private.ErrElsewhere) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want that it is from elsewhere", name, err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("%s: now %q, %v; it is to stay as it is", name, got, err)
		}
	}
	newer := filepath.Join(dir, "newer")
	if err := os.WriteFile(newer, []byte("veille private 2 tpm\nAQID\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := private.ReadFile(newer); err == nil || errors.Is(err, private.ErrElsewhere) || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("got %v, want that it is newer", err)
	}
}

func TestAFileOfAnOlderVersionIsRead(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if err := spool.WriteFile(name, []byte(secret)); err != nil {
		t.Fatal(err)
	}
	if got, err := private.ReadFile(name); err != nil || string(got) != secret {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestAFolderIsMadeOnceAndMayBeAskedForAgain(t *testing.T) {
	dir := filepath.Join(tempDir(t), "a", "b")
	for _, readable := range []bool{false, true, true, false} {
		if err := private.Folder(dir, readable); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "identity.json")
		if err := private.WriteFile(name, []byte(secret), spool.WriteFile); err != nil {
			t.Fatal(err)
		}
		if got, err := private.ReadFile(name); err != nil || string(got) != secret {
			t.Errorf("read %q, %v", got, err)
		}
	}
	if err := private.Folder(filepath.Join(dir, "identity.json"), false); err == nil {
		t.Error("a file passed for a folder")
	}
	if err := private.Folder(filepath.Join(dir, "identity.json", "inside"), false); err == nil {
		t.Error("a folder was made in a file")
	}
}
