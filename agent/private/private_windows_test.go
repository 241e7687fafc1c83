package private_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/windows"

	"veille/agent/private"
	"veille/agent/spool"
)

// wine tells whether this is no Windows. Wine keeps of an access list what a Unix mode can say, and adds to a list that is
// set, though it is to inherit nothing, what the folder hands down: only of what is made with its list can we see it there.
func wine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// tempDir is a folder for one test. Wine 8 knows no unlinkat, by which testing removes its own.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "private") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var names []string
		err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
			names = append(names, name)
			return err
		})
		for _, name := range slices.Backward(names) {
			err = errors.Join(err, os.Remove(name))
		}
		if err != nil {
			t.Error(err)
		}
	})
	return dir
}

// list is who owns a file and who may do what with it.
func list(t *testing.T, name string) string {
	t.Helper()
	sd, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s", filepath.Base(name), sd)
	return sd.String()
}

// others tells whether an access list names everyone, those who logged in, or the users.
func others(list string) bool {
	for _, who := range []string{";WD)", ";AU)", ";BU)", ";IU)"} {
		if strings.Contains(list, who) {
			return true
		}
	}
	return false
}

func TestTheUsersMayReadNeitherAPrivateFileNorTheOneAside(t *testing.T) {
	dir := filepath.Join(tempDir(t), "agent")
	for _, readable := range []bool{true, false} {
		if err := private.Folder(dir, readable); err != nil {
			t.Fatal(err)
		}
		if l := list(t, dir); !wine() && (others(l) != readable || !strings.Contains(l, "D:P")) {
			t.Errorf("readable %t: the folder's list is %s", readable, l)
		}
		if err := spool.WriteFile(filepath.Join(dir, "journal"), nil); err != nil {
			t.Fatal(err)
		}
		if l := list(t, filepath.Join(dir, "journal")); !wine() && others(l) != readable {
			t.Errorf("readable %t: the list of a file in it is %s", readable, l)
		}
		name := filepath.Join(dir, "identity.json")
		err := private.WriteFile(name, []byte(secret), func(name string, body []byte) error {
			if l := list(t, name+".part"); others(l) || !wine() && !strings.Contains(l, "D:P") {
				t.Errorf("readable %t: the list of the file aside is %s", readable, l)
			}
			err := spool.WriteFile(name, body)
			if l := list(t, name); others(l) { // what was aside keeps its list when it is renamed
				t.Errorf("readable %t: the list of the file just written is %s", readable, l)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if l := list(t, name); !wine() && (others(l) || !strings.Contains(l, "D:P")) {
			t.Errorf("readable %t: the file's list is %s", readable, l)
		}
	}
}

func TestTheFileDoesNotShowWhatItHolds(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if err := private.WriteFile(name, []byte(secret), spool.WriteFile); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil || bytes.Contains(text, []byte("not for others")) || !bytes.HasPrefix(text, []byte("veille private 1 dpapi\n")) {
		t.Errorf("the file is %q, %v", text, err)
	}
	t.Logf("%d bytes for %d", len(text), len(secret))
}

func TestAFileChangedByOneByteIsRefused(t *testing.T) {
	name := filepath.Join(tempDir(t), "identity.json")
	if err := private.WriteFile(name, []byte(secret), spool.WriteFile); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-20] ^= 'A' ^ 'B' // another digit of base64, most often
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	body, err := private.ReadFile(name)
	t.Log(err)
	if err == nil || string(body) == secret || !wine() && !errors.Is(err, private.ErrElsewhere) {
		t.Errorf("read %q, %v", body, err)
	}
}
