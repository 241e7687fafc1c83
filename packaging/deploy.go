package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// deploy makes a .zip of what IT staff roll the agent out with: templates for group policies, the role of Ansible, and the pages about both.
func (r *release) deploy() error {
	folder := "veille-agent-" + r.version.text + "-deploy"
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, from := range []struct{ source, name string }{
		{"LICENSE", "LICENSE"},
		{"docs/agent.md", "agent.md"},
		{"agent/packaging/ansible", "ansible"},
		{"agent/packaging/windows/policy", "policy"},
		{"docs/windows.md", "windows.md"},
	} {
		err := filepath.WalkDir(from.source, func(file string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && strings.HasPrefix(entry.Name(), "."): // what ansible-lint keeps beside the role
				return fs.SkipDir
			case entry.IsDir():
				return nil
			}
			return r.zipped(w, folder+"/"+from.name+filepath.ToSlash(strings.TrimPrefix(file, from.source)), file)
		})
		if err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, folder+".zip"), b.Bytes(), 0o644); err != nil {
		return err
	}
	return r.finish(folder + ".zip")
}

// zipped adds a file, with the time of the commit: the same whoever builds it.
func (r *release) zipped(w *zip.Writer, name, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s for the .zip: %w", file, err)
	}
	entry, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.when()})
	if err != nil {
		return err
	}
	_, err = entry.Write(text)
	return err
}
