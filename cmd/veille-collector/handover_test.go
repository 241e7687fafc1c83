package main

import (
	"os"
	"path/filepath"
	"testing"
)

// What root leaves in the folder of a service that is another user is given to that user, and nothing that a link there leads to.
func TestWhatRootMakesInTheFolderOfAServiceBelongsToTheService(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const service = 64321
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chown(dir, service, service))
	must(os.WriteFile(outside, nil, 0o600))
	must(os.MkdirAll(filepath.Join(dir, "crawl", "2"), 0o700))
	must(os.WriteFile(filepath.Join(dir, "crawl", "2", "measure.lock"), nil, 0o600))
	must(os.Symlink(outside, filepath.Join(dir, "link")))
	must(os.Symlink(filepath.Dir(outside), filepath.Join(dir, "crawl", "link")))
	must(os.WriteFile(filepath.Join(dir, "another"), nil, 0o600))
	must(os.Chown(filepath.Join(dir, "another"), 64322, -1))
	must(handOver(dir))
	for name, want := range map[string]int{
		filepath.Join(dir, "crawl"): service, filepath.Join(dir, "crawl", "2"): service, filepath.Join(dir, "crawl", "2", "measure.lock"): service,
		filepath.Join(dir, "another"): 64322, outside: 0,
	} {
		info, err := os.Stat(name)
		must(err)
		if uid, _ := ownerOf(info); uid != want {
			t.Errorf("%s belongs to %d, want %d", name, uid, want)
		}
	}
	must(handOver(filepath.Join(dir, "missing")))
}
