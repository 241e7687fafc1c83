package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"veille/collector/store/sqlite"
)

// ofBackups looks at the newest backup: how old it is, and whether the structure of its pages is sound.
func (d *doctor) ofBackups(ctx context.Context) {
	const check = "backups"
	backUp := d.in("veille-collector backup, once a day by a timer: see docs/operations.md", "veille-collector backup, une fois par jour par une minuterie : voir docs/operations.md")
	if d.backups == "" {
		d.add(notAsked, check, d.in("no folder of backups was named", "aucun dossier de sauvegardes n'a été nommé"), d.in("add --backups FOLDER", "ajouter --backups DOSSIER"))
		return
	}
	name, changed, plain, err := newestBackup(d.backups, d.shared())
	if err != nil {
		d.add(wrong, check, err.Error(), backUp)
		return
	}
	file := filepath.Join(d.backups, name)
	days := int(time.Since(changed).Hours() / 24)
	if days > staleBackup {
		d.add(advised, check, d.in("the newest, %s, is %d days old", "la dernière, %s, a %d jours", file, days), d.in("look why none came since, or %s", "voir pourquoi aucune n'est venue depuis, ou %s", backUp))
	}
	if !plain {
		d.add(notAsked, check, d.in("%s is no file as backup writes it: what was packed or encrypted cannot be looked at", "%s n'est pas un fichier tel que backup l'écrit : ce qui est comprimé ou chiffré ne se regarde pas", file),
			d.in("unpack one now and then, and veille-collector check it", "en déballer une de temps en temps, et la lire avec veille-collector check"))
		return
	}
	if d.shared() {
		d.add(notAsked, check, d.in("whether %s is whole is for pg_restore --list to say", "que %s soit entière, c'est à pg_restore --list de le dire", file), "")
		return
	}
	l, err := sqlite.Look(ctx, file)
	switch {
	case err != nil:
		d.add(wrong, check, d.in("the newest, %s, is no backup, or is damaged: %v", "la dernière, %s, n'est pas une sauvegarde, ou est abîmée : %v", file, err), backUp)
	case l.Problems != nil:
		d.add(wrong, check, d.in("the newest, %s, is damaged: %s", "la dernière, %s, est abîmée : %s", file, strings.Join(l.Problems, "; ")), backUp)
	case l.Version == 0:
		d.add(wrong, check, d.in("the newest, %s, has no ledger in it", "la dernière, %s, n'a pas de registre", file), backUp)
	case l.Version > l.Known:
		d.add(wrong, check, d.in("the newest, %s, has version %d, and this program knows %d", "la dernière, %s, a la version %d, et ce programme connaît %d", file, l.Version, l.Known), d.in("use the newer program", "utiliser le programme plus récent"))
	default:
		d.ok(check, d.in("the newest, %s, is %d days old and has version %d; check %[1]s reads all of it", "la dernière, %s, a %d jours et la version %d ; check %[1]s la lit en entier", file, days, l.Version))
	}
}

// staleBackup is after how many days the newest backup is told of: a weekly one that did not come.
const staleBackup = 8

// newestBackup is the file of a folder that was written last, of those that are no half of one. Others than databases, such as sums or what was packed, count
// only where there is no database; plain tells which it is. A dump of PostgreSQL may be any file.
func newestBackup(dir string, dumps bool) (name string, changed time.Time, plain bool, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", changed, false, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || slices.ContainsFunc([]string{".part", "-wal", "-shm", "-journal", ".key"}, func(end string) bool { return strings.HasSuffix(e.Name(), end) }) {
			continue
		}
		is := dumps || isDatabase(filepath.Join(dir, e.Name()))
		if name == "" || is && !plain || is == plain && info.ModTime().After(changed) {
			name, changed, plain = e.Name(), info.ModTime(), is
		}
	}
	if name == "" {
		return "", changed, false, fmt.Errorf("no file in %s is a backup", dir)
	}
	return name, changed, plain, nil
}

// isDatabase tells whether a file is one of SQLite by its name, or by its first bytes.
func isDatabase(file string) bool {
	const head = "SQLite format 3\x00"
	if strings.HasSuffix(file, ".db") {
		return true
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	first := make([]byte, len(head))
	_, err = io.ReadFull(f, first)
	return err == nil && string(first) == head
}
