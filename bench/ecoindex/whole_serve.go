package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// serving is the word that makes of this program a server of folders, so that what serving costs is counted apart from
// the program that is measured.
const serving = "serve-folders"

// serveFolders serves folders on a port of loopback, until in ends. It writes its address as a line, and for each line
// of in how often each path was asked for since the last one, as a line of JSON.
func serveFolders(folders []string, in io.Reader, out io.Writer) error {
	files, err := openFolders(folders)
	if err != nil {
		return err
	}
	o, err := serve(files)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, o.URL("")); err != nil {
		return errors.Join(err, o.Close())
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		asked := map[string]int{}
		for _, r := range o.Take() {
			asked[r.path]++
		}
		if err := json.NewEncoder(out).Encode(asked); err != nil {
			return errors.Join(err, o.Close())
		}
	}
	return errors.Join(lines.Err(), o.Close())
}

// openFolders is the files of the first folder, and those of the others each under its name. Links of the file system
// are followed, wherever they lead: manuals share their scripts that way.
func openFolders(folders []string) (fs.FS, error) {
	if len(folders) == 0 {
		return nil, errors.New("there is no folder to serve")
	}
	all := shelf{"": os.DirFS(folders[0])}
	for _, folder := range folders[1:] {
		if all[nameOf(folder)] != nil {
			return nil, fmt.Errorf("two folders are called %s; give one of them another name by a link", nameOf(folder))
		}
		all[nameOf(folder)] = os.DirFS(folder)
	}
	return withoutSuffix{all}, nil
}

// nameOf is the name under which a folder is served beside others.
func nameOf(folder string) string {
	name := filepath.Base(folder)
	if name == "html" { // of a package of Debian
		name = filepath.Base(filepath.Dir(folder))
	}
	return name
}

// makeTop makes a first page that links to what is in folders, for makeTop's folder to be served beside them.
func makeTop(top string, folders []string) error {
	var first strings.Builder
	first.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Manuals</title></head><body><h1>Manuals</h1><ul>\n")
	for _, folder := range folders {
		starts, err := startsOf(os.DirFS(folder))
		if err != nil {
			return fmt.Errorf("look for the first pages of %s: %w", folder, err)
		}
		for _, start := range starts {
			at := html.EscapeString(path.Join("/", nameOf(folder), start))
			fmt.Fprintf(&first, "<li><a href=\"%s\">%s</a></li>\n", at, at)
		}
	}
	first.WriteString("</ul></body></html>\n")
	return os.WriteFile(filepath.Join(top, "index.html"), []byte(first.String()), 0o600)
}

// startsOf are the first pages of a folder: its own, or else those of its folders.
func startsOf(folder fs.FS) ([]string, error) {
	if _, err := fs.Stat(folder, "index.html"); err == nil {
		return []string{"index.html"}, nil
	}
	starts, err := fs.Glob(folder, "*/index.html")
	if err == nil && len(starts) == 0 {
		err = errors.New("there is no index.html in it, and none in its folders")
	}
	return starts, err
}

// shelf is several folders under their names; "" is what is at the top.
type shelf map[string]fs.FS

// Open opens a file of one of them.
func (s shelf) Open(name string) (fs.File, error) {
	folder, rest, _ := strings.Cut(name, "/")
	if files, ok := s[folder]; ok && folder != "" {
		return files.Open(orDot(rest))
	}
	return s[""].Open(name)
}

// withoutSuffix finds a page by its name without .html too, as the servers of many made sites do.
type withoutSuffix struct{ fs.FS }

// Open opens a file.
func (w withoutSuffix) Open(name string) (fs.File, error) {
	file, err := w.FS.Open(name)
	if errors.Is(err, fs.ErrNotExist) && path.Ext(name) != ".html" {
		if page, err := w.FS.Open(name + ".html"); err == nil {
			return page, nil
		}
	}
	return file, err
}

// far is a server of folders in another process.
type far struct {
	address string
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// serveFar starts this program again, as a server. Close ends it, and so does the end of this process.
func serveFar(ctx context.Context, folders []string) (*far, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program, to serve the site by it: %w", err)
	}
	// It ends when we close what it reads, not at Ctrl-C: what is measured ends first.
	c := exec.CommandContext(context.WithoutCancel(ctx), self, append([]string{serving}, folders...)...)
	c.Stderr = os.Stderr
	f := &far{command: c}
	out, err := c.StdoutPipe()
	if err == nil {
		f.in, err = c.StdinPipe()
	}
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("start the server of the site: %w", err)
	}
	f.out = bufio.NewReader(out)
	line, err := f.out.ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server of the site did not start: %w", err), f.Close())
	}
	f.address = strings.TrimSpace(line)
	return f, nil
}

// asked is how often each path was asked for since the last call.
func (f *far) asked() (map[string]int, error) {
	if _, err := io.WriteString(f.in, "asked\n"); err != nil {
		return nil, fmt.Errorf("ask the server of the site: %w", err)
	}
	line, err := f.out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("ask the server of the site: %w", err)
	}
	asked := map[string]int{}
	return asked, json.Unmarshal(line, &asked)
}

// Close ends the server.
func (f *far) Close() error { return errors.Join(f.in.Close(), f.command.Wait()) }
