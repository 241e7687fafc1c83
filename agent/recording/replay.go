package recording

import (
	"fmt"
	"io/fs"
	"strings"

	"golang.org/x/tools/txtar"
)

// Tree is the files recorded below a root (sys, proc or root) at a moment, 0 or 1.
func (r *Recording) Tree(root string, moment int) (fs.FS, error) {
	all := map[string]file{}
	for _, tree := range r.trees[:moment+1] {
		for name, f := range tree {
			if short, ok := strings.CutPrefix(name, root+"/"); ok {
				all[short] = f
			}
		}
	}
	var a txtar.Archive
	for _, name := range names(all) {
		if f := all[name]; !f.gone && f.link == "" {
			a.Files = append(a.Files, txtar.File{Name: name, Data: f.text}) // also what may not be read: its folder shows it
		}
	}
	files, err := txtar.FS(&a)
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	return tree{files, all}, nil
}

// tree is recorded files. Like a real one, it refuses what may not be read.
type tree struct {
	fs.FS
	files map[string]file
}

// Open opens a file, or a folder.
func (t tree) Open(name string) (fs.File, error) {
	if t.files[name].denied {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return t.FS.Open(name)
}

// ReadLink says where a symbolic link leads.
func (t tree) ReadLink(name string) (string, error) {
	if link := t.files[name].link; link != "" {
		return link, nil
	}
	return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
}

// Lstat describes a file without following it.
func (t tree) Lstat(name string) (fs.FileInfo, error) { return fs.Stat(t.FS, name) }
