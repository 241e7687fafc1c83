package recording

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

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
		if f := all[name]; !f.gone {
			a.Files = append(a.Files, txtar.File{Name: name, Data: f.text}) // also links, and what may not be read: their folders show them
		}
	}
	files, err := txtar.FS(&a)
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	return tree{files, all}, nil
}

// tree is recorded files. Like a real one, it refuses what may not be read. What a link leads to was not recorded.
type tree struct {
	fs.FS
	files map[string]file
}

// Open opens a file, or a folder.
func (t tree) Open(name string) (fs.File, error) {
	switch f := t.files[name]; {
	case f.denied:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	case f.link != "":
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
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
func (t tree) Lstat(name string) (fs.FileInfo, error) {
	if t.files[name].link != "" {
		return link(path.Base(name)), nil
	}
	return fs.Stat(t.FS, name)
}

// link describes a symbolic link of that name.
type link string

// Name is the name of the link.
func (l link) Name() string { return string(l) }

// Size is not known.
func (l link) Size() int64 { return 0 }

// Mode says that it is a link.
func (l link) Mode() fs.FileMode { return fs.ModeSymlink | 0o777 }

// ModTime is not known.
func (l link) ModTime() time.Time { return time.Time{} }

// IsDir is false of a link.
func (l link) IsDir() bool { return false }

// Sys is nothing.
func (l link) Sys() any { return nil }
