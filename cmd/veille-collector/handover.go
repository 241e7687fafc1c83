package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"veille/cmd/internal/command"
)

// handingOver is a command after which nothing in the folder is left to root where the folder is another user's: the service could not write it.
func (d *desk) handingOver(run func(context.Context, []string) error) func(context.Context, []string) error {
	return func(ctx context.Context, args []string) error {
		err := run(ctx, args)
		if left := handOver(d.folder.dir); left != nil {
			return command.WithStatus(max(1, command.Status(err)), errors.Join(err, left))
		}
		return err
	}
}

// handOver gives files and folders of root in a folder to the user of the folder, where that is another. Whoever is not root makes none. A link that
// this user has put there leads nowhere else.
func handOver(dir string) error {
	if dir == "" || os.Geteuid() != 0 {
		return nil
	}
	folder, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look whose folder %s is: %w", dir, err)
	}
	owner, _ := ownerOf(folder)
	if owner <= 0 {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("look for files of root in %s: %w", dir, err)
	}
	defer func() { _ = root.Close() }()
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // the collector that runs has removed it
			return nil
		}
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			return nil //nolint:nilerr // it is gone
		}
		if uid, _ := ownerOf(info); uid == 0 {
			return root.Lchown(name, owner, -1)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give files of root in %s to its user: %w; by hand: chown -R --reference=%q %q", dir, err, dir+"/", dir+"/")
	}
	return nil
}
