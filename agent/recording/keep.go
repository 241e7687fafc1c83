package recording

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Keeper makes a recording of the files that are read through its trees.
type Keeper struct {
	mu      sync.Mutex
	moment  int
	trees   [2]map[string]file
	shown   map[string]bool // files that are there, whatever is in them
	leftOut map[string]bool
	renamed map[string]string // power supplies with names of their own
}

// NewKeeper begins at the first moment.
func NewKeeper() *Keeper {
	return &Keeper{trees: [2]map[string]file{{}, {}}, shown: map[string]bool{}, leftOut: map[string]bool{}, renamed: map[string]string{}}
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
	for name := range k.shown {
		if _, ok := r.trees[0][name]; !ok {
			r.trees[0][name] = file{text: []byte(notKept)}
		}
	}
	for name, f := range k.trees[1] {
		before, was := r.trees[0][name]
		switch {
		case f.gone && !was: // never there
		case !was || string(f.text) != string(before.text) || f.denied != before.denied || f.gone || f.link != before.link:
			r.trees[1][name] = f
		}
	}
	return r
}

// LeftOut is how many files were read and not kept, because they may name somebody or something. Their names may too.
func (k *Keeper) LeftOut() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.leftOut)
}

// plain is a name in which nothing names a machine: no hardware address, and no power supply by more than its kind, for those
// of mice and headsets are called by their addresses, serial numbers and owners. Its caller holds the lock.
func (k *Keeper) plain(name string) string {
	const supplies = "sys/class/power_supply/"
	rest, ok := strings.CutPrefix(name, supplies)
	if !ok || rest == "" {
		return withoutAddress(name)
	}
	supply, file, _ := strings.Cut(rest, "/")
	if !isSupply(supply) {
		if k.renamed[supply] == "" {
			k.renamed[supply] = "supply" + strconv.Itoa(len(k.renamed)+1)
		}
		supply = k.renamed[supply]
	}
	return path.Join(supplies, supply, file)
}

// put keeps what the first reading of a moment gave. What a link leads to counts more than the link.
func (k *Keeper) put(name string, text []byte, link string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f, ok := file{link: link}, true
	switch {
	case errors.Is(err, fs.ErrPermission):
		f.denied = true
	case err != nil:
		f.gone = true
	case link == "":
		f.text, ok = clean(name, text)
		f.text = normal(f.text)
	default:
		ok = isText([]byte(link)) && strings.TrimSpace(link) == link
	}
	name, f.link = k.plain(name), withoutAddress(f.link)
	if !ok || !isName(name) {
		k.leftOut[name] = true
		return
	}
	if before, ok := k.trees[k.moment][name]; !ok || before.link != "" && link == "" && !f.gone {
		k.trees[k.moment][name] = f
	}
}

// show keeps that a file is there, or a folder, at the first moment.
func (k *Keeper) show(name string, folder bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if folder {
		name = path.Join(name, "shown")
	}
	if name = k.plain(name); k.moment == 0 && !secret(name) && isName(name) {
		k.shown[name] = true
	}
}

// list keeps what of a folder matters by being there. At the second moment it keeps what is there no more.
func (k *Keeper) list(folder string, entries []fs.DirEntry) {
	var there []string
	for _, e := range entries {
		name := path.Join(folder, e.Name())
		if name, ok := telling(name); ok {
			k.show(name, false)
		}
		there = append(there, name)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, name := range there {
		there[i] = k.plain(name)
	}
	if k.moment == 0 {
		return
	}
	folder = k.plain(folder) + "/"
	for name := range k.trees[0] {
		rest, below := strings.CutPrefix(name, folder)
		first, _, _ := strings.Cut(rest, "/")
		if _, read := k.trees[1][name]; below && !read && !slices.Contains(there, folder+first) {
			k.trees[1][name] = file{gone: true}
		}
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

// ReadDir lists a folder. What is in it is kept when it is read, or when its name tells something.
func (t keptTree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(t.FS, name)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		t.keep.list(t.root+"/"+name, entries)
	}
	return entries, err
}

// ReadLink says where a symbolic link leads, and keeps it.
func (t keptTree) ReadLink(name string) (string, error) {
	link, err := fs.ReadLink(t.FS, name)
	if err == nil {
		t.keep.put(t.root+"/"+name, nil, link, nil)
	}
	return link, err
}

// Stat describes a file, and keeps that it is there.
func (t keptTree) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(t.FS, name)
	if err == nil {
		t.keep.show(t.root+"/"+name, info.IsDir())
	}
	return info, err
}

// Lstat describes a file without following it, and keeps that it is there.
func (t keptTree) Lstat(name string) (fs.FileInfo, error) {
	info, err := fs.Lstat(t.FS, name)
	switch {
	case err != nil:
	case info.Mode()&fs.ModeSymlink != 0:
		_, _ = t.ReadLink(name) // which keeps it; a link that cannot be read stays as it is
	case info.Mode().IsRegular() && info.Size() == 0:
		t.keep.put(t.root+"/"+name, nil, "", nil)
	default:
		t.keep.show(t.root+"/"+name, info.IsDir())
	}
	return info, err
}
