package recording

import (
	"errors"
	"io/fs"
	"sync"
)

// Keeper makes a recording of the files that are read through its trees.
type Keeper struct {
	mu      sync.Mutex
	moment  int
	trees   [2]map[string]file
	leftOut map[string]bool
}

// NewKeeper begins at the first moment.
func NewKeeper() *Keeper {
	return &Keeper{trees: [2]map[string]file{{}, {}}, leftOut: map[string]bool{}}
}

// Tree is files, of which all that is read is kept under the name of the root (sys, proc or root).
func (k *Keeper) Tree(root string, files fs.FS) fs.FS { return keptTree{files, root, k} }

// Next goes on to the second moment.
func (k *Keeper) Next() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.moment = 1
}

// Recording is what was kept, of a machine that the rest is known of.
func (k *Keeper) Recording(about string, m Machine) *Recording {
	k.mu.Lock()
	defer k.mu.Unlock()
	m.Version = Version
	r := &Recording{About: about, Machine: m, trees: [2]map[string]file{{}, {}}}
	for name, f := range k.trees[0] {
		if !f.gone {
			r.trees[0][name] = f
		}
	}
	for name, f := range k.trees[1] {
		before, was := k.trees[0][name]
		switch {
		case f.gone && (!was || before.gone): // never there
		case string(f.text) != string(before.text) || f.denied != before.denied || f.gone != before.gone || f.link != before.link:
			r.trees[1][name] = f
		}
	}
	return r
}

// LeftOut are the files that were read and not kept, because they may name somebody or something.
func (k *Keeper) LeftOut() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := map[string]file{}
	for name := range k.leftOut {
		all[name] = file{}
	}
	return names(all)
}

// put keeps what the first reading of a moment gave.
func (k *Keeper) put(name string, text []byte, link string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f := file{link: link}
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.denied = true
	case err != nil:
		f.gone = true
	case link == "":
		var ok bool
		if f.text, ok = clean(name, text); !ok {
			k.leftOut[withoutAddress(name)] = true
			return
		}
	}
	name = withoutAddress(name)
	if _, ok := k.trees[k.moment][name]; !ok {
		k.trees[k.moment][name] = f
	}
}

// keptTree is a tree whose readings are kept.
type keptTree struct {
	fs.FS
	root string
	keep *Keeper
}

// ReadFile reads a file, and keeps it.
func (t keptTree) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(t.FS, name)
	t.keep.put(t.root+"/"+name, text, "", err)
	return text, err
}

// Open opens a file, and keeps it, or a folder.
func (t keptTree) Open(name string) (fs.File, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		t.keep.put(t.root+"/"+name, nil, "", err)
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if _, err := t.ReadFile(name); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// ReadDir lists a folder. What is in it is kept when it is read.
func (t keptTree) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(t.FS, name) }

// ReadLink says where a symbolic link leads, and keeps it.
func (t keptTree) ReadLink(name string) (string, error) {
	link, err := fs.ReadLink(t.FS, name)
	if err == nil {
		t.keep.put(t.root+"/"+name, nil, link, nil)
	}
	return link, err
}

// Lstat describes a file without following it.
func (t keptTree) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(t.FS, name) }
