//go:build !windows

package private_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"veille/agent/private"
	"veille/agent/spool"
)

func tempDir(t *testing.T) string {
	t.Helper()
	return t.TempDir()
}

func modeOf(t *testing.T, name string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

// The umask is the process's, so no test here is parallel.
func TestWhateverTheUmaskOnlyTheOwnerReadsTheFile(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077, 0o777} {
		base := tempDir(t)
		before := syscall.Umask(umask)
		name := filepath.Join(base, "identity.json")
		err := private.WriteFile(name, []byte(secret), func(name string, body []byte) error {
			if mode := modeOf(t, name+".part"); mode != 0o600 {
				t.Errorf("umask %03o: the file aside has the mode %04o", umask, mode)
			}
			return spool.WriteFile(name, body)
		})
		careless := errors.Join(
			private.WriteFile(filepath.Join(base, "careless"), []byte(secret), func(name string, body []byte) error { return os.WriteFile(name, body, 0o666) }),
			private.Folder(filepath.Join(base, "closed"), false),
			private.Folder(filepath.Join(base, "open"), true),
		)
		syscall.Umask(before)
		if err != nil || careless != nil {
			t.Fatal(err, careless)
		}
		for file, want := range map[string]fs.FileMode{"identity.json": 0o600, "careless": 0o600, "closed": 0o700, "open": 0o755} {
			if mode := modeOf(t, filepath.Join(base, file)); mode != want {
				t.Errorf("umask %03o: %s has the mode %04o, want %04o", umask, file, mode, want)
			}
		}
	}
}

func TestAFileThatOthersCanReadOrWriteIsRefusedAndTheErrorSaysWhatToDo(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if err := os.WriteFile(name, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, closed := range map[fs.FileMode]bool{
		0o600: true, 0o400: true, 0o700: true, 0o711: true,
		0o640: false, 0o620: false, 0o604: false, 0o602: false, 0o644: false, 0o666: false, 0o777: false,
	} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
		body, err := private.ReadFile(name)
		if closed && (err != nil || string(body) != secret) {
			t.Errorf("mode %04o: read %q, %v", mode, body, err)
		}
		if !closed && (!errors.Is(err, private.ErrExposed) || len(body) > 0 || !strings.Contains(err.Error(), "chmod 600 \""+name)) {
			t.Errorf("mode %04o: read %q, %v; want that it is exposed, and what to do", mode, body, err)
		}
	}
}

func TestAnOpenFolderIsClosedAndAClosedOneOpened(t *testing.T) {
	dir := filepath.Join(tempDir(t), "Application Support", "agent")
	if err := private.Folder(dir, true); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		readable bool
		want     fs.FileMode
	}{{true, 0o755}, {false, 0o700}, {false, 0o700}, {true, 0o755}} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := private.Folder(dir, tt.readable); err != nil || modeOf(t, dir) != tt.want {
			t.Errorf("mode %04o, %v; want %04o", modeOf(t, dir), err, tt.want)
		}
	}
	link := filepath.Join(filepath.Dir(dir), "link") // an administrator may keep the data on another disk
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if err := private.Folder(link, false); err != nil || modeOf(t, dir) != 0o700 {
		t.Errorf("mode %04o behind a link, %v", modeOf(t, dir), err)
	}
}

func TestAFileThatWouldPassForOneOfWindowsIsNotWritten(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if err := private.WriteFile(name, []byte("veille private 1 dpapi\nAQID\n"), spool.WriteFile); err == nil {
		t.Error("it was written")
	}
}
