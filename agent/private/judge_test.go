//go:build !windows

package private

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// stated is what the system says of a file.
type stated struct {
	fs.FileInfo
	mode  fs.FileMode
	owner uint32
}

func (s stated) Mode() fs.FileMode { return s.mode }
func (s stated) Sys() any          { return &syscall.Stat_t{Uid: s.owner} }

type silent struct{ stated }

func (silent) Sys() any { return nil }

func TestAFileOfAnotherUserIsRefused(t *testing.T) {
	for _, tt := range []struct {
		owner uint32
		self  int
		mode  fs.FileMode
		want  string // in the error; "": none
	}{
		{1000, 1000, 0o600, ""},
		{0, 1000, 0o600, ""},
		{0, 0, 0o600, ""},
		{1001, 1000, 0o600, "chown 1000"},
		{1000, 0, 0o600, "chown 0"},
		{1001, 1000, 0o644, "chown 1000"},
		{0, 1000, 0o644, "chmod 600"},
		{1000, 1000, 0o666, "chmod 600"},
	} {
		err := judge("/data/identity.json", stated{mode: tt.mode, owner: tt.owner}, tt.self)
		if tt.want == "" && err != nil {
			t.Errorf("%+v: refused: %v", tt, err)
		}
		if tt.want != "" && (!errors.Is(err, ErrExposed) || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "/data/identity.json")) {
			t.Errorf("%+v: %v; want that it is exposed, and %q", tt, err, tt.want)
		}
	}
	if err := judge("name", silent{}, 0); err == nil || errors.Is(err, ErrExposed) {
		t.Errorf("no owner: %v; want another error", err)
	}
}

func TestWhatBelongsToAnotherUserIsRefusedOnADiskToo(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "identity.json")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chown(name, 12_345, -1), os.Chown(dir, 12_345, -1)); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(name); !errors.Is(err, ErrExposed) {
		t.Errorf("read: %v", err)
	}
	if err := Folder(dir, true); !errors.Is(err, ErrExposed) {
		t.Errorf("folder: %v", err)
	}
}
