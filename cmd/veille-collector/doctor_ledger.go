package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"veille/collector"
	"veille/collector/clock"
	"veille/collector/enrol"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// ofLedger looks at the database, and asks it where its tables are those that this program knows.
func (d *doctor) ofLedger(ctx context.Context) {
	if !d.shared() && d.dir == "" {
		return
	}
	if !d.shared() {
		d.process = holderOf(d.database())
	}
	if !d.ofDatabase(ctx) {
		d.add(notAsked, "ledger", d.in("keys, clock, nights, machines, sites, websites and destinations are not looked at without the database", "clés, horloge, nuits, machines, sites, sites web et destinations ne sont pas regardés sans la base"),
			d.in("mend what is said of the database first", "réparer d'abord ce qui est dit de la base"))
		return
	}
	read, at := sqlite.Read, d.database()
	if d.shared() {
		read, at = postgres.Read, d.ledger
	}
	store, err := read(ctx, at)
	if err != nil {
		d.add(wrong, "database", err.Error(), d.in("see veille-collector check", "voir veille-collector check"))
		return
	}
	defer func() { _ = store.Close() }()
	if source, err := store.Moving(ctx); err == nil && source != "" {
		d.add(wrong, "database", d.in("%s is being copied from %s", "%s est en train d'être copié de %s", d.where(), source), d.in("let veille-collector migrate ledger end first", "laisser d'abord finir veille-collector migrate ledger"))
	}
	for _, x := range []struct {
		check string
		look  func(context.Context, *relational.Store) error
	}{
		{"keys", d.ofKeys},
		{"clock", d.ofClock},
		{"nights", d.ofNights},
		{"quarantine", d.ofQuarantine},
		{"machines", d.ofMachines},
		{"tokens", d.ofTokens},
		{"sites", d.ofSites},
		{"websites", d.ofWebsites},
		{"destinations", d.ofDestinations},
	} {
		if err := x.look(ctx, store); err != nil {
			d.add(wrong, x.check, err.Error(), d.in("look whether the database is as it was written: veille-collector check %s", "regarder si la base est telle qu'elle fut écrite : veille-collector check %s", d.flag()))
		}
	}
}

// ofDatabase tells whether there is a ledger that this program can read as it is.
func (d *doctor) ofDatabase(ctx context.Context) bool {
	const check = "database"
	var err error
	if d.shared() {
		d.tables, err = postgres.Look(ctx, d.ledger)
	} else {
		d.tables, err = sqlite.Look(ctx, d.database())
	}
	t := d.tables
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.noDatabase()
	case errors.Is(err, syscall.ENOTDIR): // said of the folder
	case err != nil && d.shared():
		d.add(wrong, check, err.Error(), d.in("no collector starts before that is mended", "aucun collecteur ne démarre avant que ce soit réparé"))
	case errors.Is(err, fs.ErrPermission):
		d.add(wrong, check, err.Error(), d.in("be root or the user of the collector to ask", "demander en tant que root ou utilisateur du collecteur"))
	case err != nil || t.Problems != nil:
		found := strings.Join(t.Problems, "; ")
		if err != nil {
			found = err.Error()
		}
		d.add(wrong, check, d.in("it is damaged: %s", "elle est abîmée : %s", found),
			d.in("stop the collector, and restore the newest backup that veille-collector check finds nothing in", "arrêter le collecteur, et restaurer la dernière sauvegarde où veille-collector check ne trouve rien"))
	case t.Version == 0 && t.Tables > 0:
		d.add(wrong, check, d.in("%s has tables, and none of them is of Veille", "%s a des tables, et aucune n'est de Veille", d.where()), d.in("correct --data or --ledger", "corriger --data ou --ledger"))
	case t.Version == 0 && !d.shared() && d.keyed():
		d.add(wrong, check, d.in("%s is empty, and the key of an organisation is beside it", "%s est vide, et la clé d'une organisation est à côté", d.database()),
			d.in("restore the newest backup: veille-collector restore; where there was never a ledger, start the collector", "restaurer la dernière sauvegarde : veille-collector restore ; s'il n'y eut jamais de registre, démarrer le collecteur"))
	case t.Version == 0:
		d.add(advised, check, d.in("%s is empty", "%s est vide", d.where()), d.in("start the collector, which makes its tables, or begin with veille-collector site add", "démarrer le collecteur, qui crée ses tables, ou commencer par veille-collector site add"))
	case t.Version > t.Known:
		d.add(wrong, check, d.in("%s has version %d, and this program knows %d", "%s a la version %d, et ce programme connaît %d", d.where(), t.Version, t.Known),
			d.in("use the newer program that wrote it, or restore a backup from before it", "utiliser le programme plus récent qui l'a écrite, ou restaurer une sauvegarde d'avant"))
	case t.Version < t.Known:
		d.add(advised, check, d.in("%s has version %d, and this program knows %d: the next start brings it up to date, and there is no way back", "%s a la version %d, et ce programme connaît %d : le prochain lancement la met à jour, sans retour", d.where(), t.Version, t.Known),
			d.in("back up with the program that was there before, then start this one", "sauvegarder avec le programme d'avant, puis démarrer celui-ci"))
	case d.shared():
		d.ok(check, d.in("%s can be used and has version %d, which this program knows; whether its pages are sound is for PostgreSQL's own pg_amcheck to say", "%s peut servir et a la version %d, que ce programme connaît ; que ses pages soient saines, c'est à pg_amcheck de PostgreSQL de le dire", d.where(), t.Version))
		return true
	default:
		d.ok(check, d.in("%s has version %d, which this program knows; the structure of its pages is sound, as far as a short look goes: check reads everything", "%s a la version %d, que ce programme connaît ; la structure de ses pages est saine, pour un regard bref : check lit tout", d.where(), t.Version))
		return true
	}
	return false
}

// keyed tells whether there is the key of an organisation: a collector has run here.
func (d *doctor) keyed() bool {
	_, err := os.Stat(filepath.Join(d.dir, organisationKey))
	return err == nil
}

// noDatabase says what it means that there is none: with keys beside it, something was lost.
func (d *doctor) noDatabase() {
	const check = "database"
	if d.keyed() {
		d.add(wrong, check, d.in("%s is missing, and the key of an organisation is beside where it was", "%s manque, et la clé d'une organisation est à côté", d.database()),
			d.in("restore the newest backup: veille-collector restore", "restaurer la dernière sauvegarde : veille-collector restore"))
		return
	}
	d.add(advised, check, d.in("there is no database in %s yet", "il n'y a pas encore de base dans %s", d.dir), d.in("start the collector, which makes it, or begin with veille-collector site add", "démarrer le collecteur, qui la crée, ou commencer par veille-collector site add"))
}

// ofKeys looks at the files of keys: that they are there, readable by nobody else, and those that the ledger is used with.
func (d *doctor) ofKeys(ctx context.Context, store *relational.Store) error {
	const check = "keys"
	if d.dir == "" {
		return nil
	}
	bad, there := false, 0
	if err := d.missing(ctx, store); err != nil {
		bad = true
		d.add(wrong, check, err.Error(), d.in("put it there from where you keep it, before the next start", "l'y remettre d'où vous la gardez, avant le prochain lancement"))
	}
	for _, name := range []string{organisationKey, policyKey} {
		file := filepath.Join(d.dir, name)
		info, err := os.Stat(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		there++
		var key []byte
		if err == nil {
			key, err = enrol.LoadKey(file, name) // it is there: none is made
		}
		if err != nil {
			bad = true
			d.add(wrong, check, err.Error(), d.in("put it there from where you keep it", "l'y remettre d'où vous la gardez"))
			continue
		}
		fits, known, err := store.FitsKey(ctx, name, key)
		if err != nil {
			return err
		}
		if known && !fits {
			bad = true
			d.add(wrong, check, d.in("%s is not the key that this ledger was used with", "%s n'est pas la clé avec laquelle ce registre a servi", file),
				d.in("put the %s of the other collectors, or of the newest backup, there: with this one serve does not start", "y mettre la %s des autres collecteurs, ou de la dernière sauvegarde : serve ne démarre pas avec celle-ci", name))
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
			bad = true
			d.add(wrong, check, d.in("others may read %s (mode %04o)", "d'autres peuvent lire %s (mode %04o)", file, mode), d.in("chmod 600 %q", "chmod 600 %q", file))
		}
	}
	switch {
	case bad:
	case there == 0:
		d.ok(check, d.in("none is there yet: they are made at the first start", "aucune n'est encore là : elles sont créées quand serve démarre la première fois"))
	default:
		d.ok(check, d.in("%d of 2 keys are there, which nobody else may read and which are those of this ledger", "%d clés sur 2 sont là, que personne d'autre ne peut lire et qui sont celles de ce registre", there))
	}
	return nil
}

// ofClock holds the clock against the newest date in the ledger, and says by which zone nights are.
func (d *doctor) ofClock(ctx context.Context, store *relational.Store) error {
	newest, err := store.NewestDate(ctx)
	if err != nil {
		return err
	}
	wall, err := clock.New(newest, clock.System())
	if err != nil {
		return err
	}
	now := time.Now()
	if _, err := wall.Now(); err != nil {
		d.add(wrong, "clock", d.in("the clock of this server says %s, and the newest date in the ledger is %s", "l'horloge de ce serveur dit %s, et la date la plus récente du registre est %s", collector.DateOf(now), newest),
			d.in("set the clock right; where it is right, start once with --trust-clock", "mettre l'horloge à l'heure ; si elle l'est, démarrer une fois avec --trust-clock"))
	} else {
		d.ok("clock", d.in("%s, which fits the newest date in the ledger", "%s, qui va avec la date la plus récente du registre", now.Format("2006-01-02 15:04 -0700")))
	}
	return d.ofZone(ctx, store, now)
}

// ofZone looks whether half past two, when nights are rolled up, is at night where the sites are.
func (d *doctor) ofZone(ctx context.Context, store *relational.Store, now time.Time) error {
	if name, set := os.LookupEnv("TZ"); set && name != "" {
		if _, err := time.LoadLocation(strings.TrimPrefix(name, ":")); err != nil && !filepath.IsAbs(strings.TrimPrefix(name, ":")) {
			d.add(wrong, "time zone", d.in("TZ is %q, which nobody knows: this server is taken for one of UTC", "TZ vaut %q, que personne ne connaît : ce serveur passe pour UTC", name), d.in("set it to a name like Europe/Paris, or to nothing", "y mettre un nom comme Europe/Paris, ou rien"))
			return nil
		}
	}
	sites, err := store.Sites(ctx)
	if err != nil {
		return err
	}
	night := time.Date(now.Year(), now.Month(), now.Day(), 2, 30, 0, 0, time.Local)
	byDay := 0
	for _, s := range sites {
		if zone, err := time.LoadLocation(s.TimeZone); err != nil {
			d.add(wrong, "time zone", d.in("site %d has time zone %q, which this program does not know", "le site %d a le fuseau %q, que ce programme ne connaît pas", s.ID, s.TimeZone), "veille-collector site set --time-zone")
		} else if h := night.In(zone).Hour(); h >= 7 && h < 20 {
			byDay++
		}
	}
	name := now.Format("MST -0700")
	if byDay > 0 {
		d.add(advised, "time zone", d.in("half past two by this server (%s) is by day at %d of %d sites", "deux heures et demie pour ce serveur (%s) est de jour dans %d sites sur %d", name, byDay, len(sites)),
			d.in("where most sites are elsewhere, set the server's time zone to theirs, and restart", "si la plupart des sites sont ailleurs, mettre le serveur à leur fuseau, et redémarrer"))
		return nil
	}
	d.ok("time zone", d.in("this server is at %s: its half past two is at night where the sites are", "ce serveur est à %s : ses deux heures et demie sont de nuit là où sont les sites", name))
	return nil
}

// ofNights looks whether nights are rolled up.
func (d *doctor) ofNights(ctx context.Context, store *relational.Store) error {
	run, err := store.LastRun(ctx)
	switch oldest := collector.DateOf(time.Now().AddDate(0, 0, -late)); {
	case err != nil:
		return err
	case run.On == "":
		d.ok("nights", d.in("none yet: the first is when the collector starts", "aucune encore : la première se fait quand le collecteur démarre"))
	case run.Refused != "" && run.Until != "":
		d.add(wrong, "nights", d.in("on %s nothing was deleted: %s", "le %s rien ne fut supprimé : %s", run.On, run.Refused),
			d.in("set the clock right; where it is right, stop the collector and give rollup run --confirm-date", "mettre l'horloge à l'heure ; si elle l'est, arrêter le collecteur et donner rollup run --confirm-date"))
	case run.On < oldest:
		d.add(wrong, "nights", d.in("the last roll-up was on %s", "la dernière consolidation était le %s", run.On),
			d.in("start the collector, which rolls up at once; where it runs, its log says why it does not", "démarrer le collecteur, qui fait la consolidation aussitôt ; s'il tourne, son journal dit pourquoi il ne le fait pas"))
	default:
		d.ok("nights", d.in("the last roll-up was on %s", "la dernière consolidation était le %s", run.On))
	}
	return nil
}
