package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"veille/cmd/internal/settings"
	"veille/collector/store/postgres"

	"github.com/spf13/pflag"
)

// ofSettings reads the settings file as serve would. Flags and the environment come before it, as they do there.
func (d *doctor) ofSettings() {
	const check = "settings"
	if d.settings.name == "" {
		d.add(notAsked, check, d.in("no settings file was named", "aucun fichier de réglages n'a été nommé"), d.in("where serve has one, add --settings FILE", "si serve en a un, ajouter --settings FICHIER"))
		return
	}
	nothing := func(string) (string, bool) { return "", false }
	var other serving // that has no flags of doctor's own
	of := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	other.flags(of)
	err := of.Set(settings.File, d.settings.name)
	if err == nil {
		err = settings.Fill(of, nothing)
	}
	d.settings.open = true
	if bad := settings.Fill(d.flagSet, nothing); err == nil { // as far as it can be read
		err = bad
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		d.add(wrong, check, err.Error(), d.in("the service reads it as anybody does: chmod 644 %q, and keep secrets in files of their own", "le service le lit comme tout le monde : chmod 644 %q, et garder les secrets dans leurs propres fichiers", d.settings.name))
	case err != nil:
		d.add(wrong, check, err.Error(), d.in("correct it: serve does not start with it. What is looked at below is without that line and those after it",
			"le corriger : serve ne démarre pas avec. Ce qui suit est regardé sans cette ligne ni celles d'après"))
	default:
		d.ok(check, d.in("%s can be read, and serve knows each line", "%s se lit, et serve connaît chaque ligne", d.settings.name))
	}
}

// ofFlags looks whether what was set goes together.
func (d *doctor) ofFlags() {
	err := d.check()
	if err == nil {
		_, err = d.log(d.stderr)
	}
	if err == nil {
		_, err = d.series.destinations()
	}
	if err != nil {
		d.add(wrong, "flags", err.Error(), d.in("correct it: serve refuses to start with it", "le corriger : serve refuse de démarrer avec"))
		return
	}
	d.ok("flags", d.in("what is set goes together", "ce qui est réglé va ensemble"))
}

// ofSecrets looks at who may read the files of secrets.
func (d *doctor) ofSecrets() {
	const check = "secrets"
	files := []string{d.secretFile, os.Getenv("PGPASSFILE")}
	for i := range d.series.addresses {
		if len(d.series.secrets) > i {
			files = append(files, fileOf(d.series.secrets, i))
		}
	}
	looked, bad := 0, false
	for _, file := range files {
		if file == "" {
			continue
		}
		looked++
		if _, err := os.Stat(file); err != nil {
			bad = true
			d.add(wrong, check, d.in("a file of a secret cannot be read: %v", "un fichier de secret ne peut être lu : %v", err), d.in("put it there, or correct the setting that names it", "l'y mettre, ou corriger le réglage qui le nomme"))
		} else if mode, open := readable(file, runtime.GOOS, os.Getenv("CREDENTIALS_DIRECTORY")); open {
			bad = true
			state := advised
			if mode&0o007 != 0 {
				state = wrong
			}
			d.add(state, check, d.in("others than its owner may read %s, in which a secret is (mode %04o)", "d'autres que son propriétaire peuvent lire %s, où est un secret (mode %04o)", file, mode),
				d.in("give it to the user of the collector, chmod 600 %q, and change the secret where others use this server", "le donner à l'utilisateur du collecteur, chmod 600 %q, et changer le secret si d'autres utilisent ce serveur", file))
		}
	}
	if d.shared() && postgres.Secret(d.ledger) {
		bad = true
		d.add(wrong, check, d.in("the password in --ledger is seen by whoever lists the programs that run", "le mot de passe dans --ledger est vu de qui liste les programmes"),
			d.in("put it into the file that PGPASSFILE names, or into PGPASSWORD", "le mettre dans le fichier que nomme PGPASSFILE, ou dans PGPASSWORD"))
	}
	switch {
	case bad:
	case looked == 0:
		d.ok(check, d.in("no file of a secret is named", "aucun fichier de secret n'est nommé"))
	default:
		d.ok(check, d.in("of %d files of secrets nobody else may read any", "%d fichiers de secrets, que leur seul propriétaire peut lire", looked))
	}
}

// ofFolder looks at the folder of the collector: whose it is, who may look into it, and the disk below it.
func (d *doctor) ofFolder() {
	const check = "folder"
	if d.dir == "" {
		d.add(notAsked, check, d.in("no folder was named", "aucun dossier n'a été nommé"), d.in("add --data DIR", "ajouter --data DOSSIER"))
		return
	}
	info, err := os.Stat(d.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.add(advised, check, d.in("there is no folder %s yet", "il n'y a pas encore de dossier %s", d.dir), d.in("correct --data, or start the collector, which makes it", "corriger --data, ou démarrer le collecteur, qui le crée"))
		return
	case err != nil:
		d.add(wrong, check, err.Error(), d.in("correct --data, or be root or the user of the collector to ask", "corriger --data, ou demander en tant que root ou utilisateur du collecteur"))
		return
	case !info.IsDir():
		d.add(wrong, check, d.in("%s is no folder", "%s n'est pas un dossier", d.dir), d.in("correct --data", "corriger --data"))
		return
	}
	d.ownership(info)
	d.disk()
}

// ownership looks at whose the folder and its files are: a command that root gave leaves files that the collector may not write.
func (d *doctor) ownership(info fs.FileInfo) {
	const check = "folder"
	_, owner := ownerOf(info)
	mode := info.Mode().Perm()
	strange := d.strangers(info)
	if len(strange) > 0 {
		d.add(wrong, check, d.in("%s belongs to %s, and these files in it do not: %s", "%s appartient à %s, et ces fichiers n'y appartiennent pas : %s", d.dir, owner, strings.Join(strange, ", ")),
			d.in("the collector may not write them: chown -R --reference=%q %q", "le collecteur ne peut les écrire : chown -R --reference=%q %q", d.dir+"/", d.dir+"/"))
	}
	switch {
	case runtime.GOOS != "windows" && mode&0o077 != 0:
		state := advised
		if mode&0o022 != 0 {
			state = wrong
		}
		d.add(state, check, d.in("others than its owner, %[2]s, may look into %[1]s (mode %04[3]o): keys and records are in it", "d'autres que son propriétaire, %[2]s, ont accès à %[1]s (mode %04[3]o) : clés et relevés y sont", d.dir, owner, mode),
			d.in("chmod 700 %q", "chmod 700 %q", d.dir))
	case !mayWrite(d.dir):
		d.add(wrong, check, d.in("who asks may not write to %s, which belongs to %s (mode %04o)", "qui demande ne peut écrire dans %s, qui appartient à %s (mode %04o)", d.dir, owner, mode),
			d.in("be root or that user to ask; where the collector is another user, give it the folder by chown -R", "demander en tant que root ou cet utilisateur ; si le collecteur en est un autre, lui donner le dossier par chown -R"))
	case len(strange) == 0:
		d.ok(check, d.in("%s belongs to %s, mode %04o", "%s appartient à %s, mode %04o", d.dir, owner, mode))
	}
}

// strangers are the files of the collector that do not belong to the owner of its folder.
func (d *doctor) strangers(info fs.FileInfo) (names []string) {
	uid, _ := ownerOf(info)
	for _, name := range []string{"veille.db", "veille.db-wal", "veille.db-shm", "veille.db.lock", organisationKey, policyKey, "crawl", "acme"} {
		if f, err := os.Stat(filepath.Join(d.dir, name)); err == nil {
			if own, _ := ownerOf(f); own != uid {
				names = append(names, name)
			}
		}
	}
	return names
}

// disk looks at what the folder is on.
func (d *doctor) disk() {
	free, err := room(d.dir)
	size := int64(0)
	if info, missing := os.Stat(d.database()); missing == nil && !d.shared() {
		size = info.Size()
	}
	left := fmt.Sprintf("%.1f GB", float64(free)/1e9)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		d.add(notAsked, "room", d.in("this system is not asked how much room there is", "on ne demande pas à ce système la place qui reste"), "")
	case err != nil:
		d.add(wrong, "room", err.Error(), d.in("look at the disk", "regarder le disque"))
	case free < scarce:
		d.add(wrong, "room", d.in("%d MB are left where %s is, and the collector wants %d", "il reste %d Mo là où est %s, et le collecteur en veut %d", free>>20, d.dir, scarce>>20), d.in("make room", "faire de la place"))
	case free < size+scarce:
		d.add(advised, "room", d.in("%s are left where %s is: a copy of the database, as for a restore, does not fit", "il reste %s là où est %s : une copie de la base, qu'il faut pour restaurer, n'y tient pas", left, d.dir), d.in("make room", "faire de la place"))
	default:
		d.ok("room", d.in("%s are left where %s is", "il reste %s là où est %s", left, d.dir))
	}
	if d.shared() {
		return
	}
	switch kind, far := fileSystem(d.dir); {
	case kind == "":
		d.add(notAsked, "file system", d.in("this system is not asked what the folder is on", "on ne demande pas à ce système sur quoi est le dossier"), "")
	case far == surely:
		d.add(wrong, "file system", d.in("%s is on %s, a file system of the network, whose locks SQLite cannot rely on: the database would be damaged", "%s est sur %s, un système de fichiers du réseau, aux verrous duquel SQLite ne peut se fier : la base serait abîmée", d.dir, kind),
			d.in("put the folder on a disk of this server, or keep the ledger in PostgreSQL (--ledger)", "mettre le dossier sur un disque de ce serveur, ou le registre dans PostgreSQL (--ledger)"))
	case far == perhaps:
		d.add(advised, "file system", d.in("%s is on %s, behind which there may be a network", "%s est sur %s, derrière quoi peut être un réseau", d.dir, kind),
			d.in("make sure that it is a disk of this server", "s'assurer que c'est un disque de ce serveur"))
	default:
		d.ok("file system", d.in("%s is on a disk of this server, as far as can be told", "%s est sur un disque de ce serveur, autant qu'on puisse dire", d.dir))
	}
}

// distance is whether a file system is on another machine.
type distance int

const (
	near distance = iota
	perhaps
	surely
)

// farAway names a file system by its number in Linux (statfs) where it is of the network, or may be.
func farAway(number int64) (name string, far distance) {
	switch uint32(number) { //nolint:gosec // the kernel's numbers have 32 bits, whatever the size and sign of the field
	case 0x6969:
		return "NFS", surely
	case 0x517b, 0xfe534d42, 0xff534d42:
		return "SMB", surely
	case 0x5346414f, 0x6b414653:
		return "AFS", surely
	case 0x00c36400:
		return "Ceph", surely
	case 0x01021997:
		return "9p", perhaps
	case 0x65735546:
		return "FUSE", perhaps
	case 0x786f4256:
		return "vboxsf", perhaps
	}
	return "a disk", near
}
