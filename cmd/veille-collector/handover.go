package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// handOver gives files of root in a folder to the user of the folder, where that is another: a service that runs as that user could not write what
// root has put there. Somebody who is not root makes no such files.
func handOver(dir string) error {
	folder, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, _ := ownerOf(folder)
	if os.Geteuid() != 0 || owner <= 0 {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if uid, _ := ownerOf(info); uid == 0 {
			errs = append(errs, os.Lchown(filepath.Join(dir, e.Name()), owner, -1))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("give what is restored to the user of the folder: %w; chown -R --reference=%q %q", err, dir+"/", dir+"/")
	}
	return nil
}
