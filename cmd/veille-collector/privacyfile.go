package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/agent/notice"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/dossier"
	"veille/collector/store/relational"
)

// editedStatus is the exit status when files were edited by hand and nothing was written.
const editedStatus = 3

func privacyFileCommand(d *desk) command.Command {
	var organisation string
	var force bool
	return command.Command{
		Name: "privacy-file", Args: "DIR",
		Summary: "write register entry, impact assessment, notices and answers to staff, in French and English, into a folder",
		Example: "privacy-file ./privacy --data /var/lib/veille-collector\nprivacy-file ./privacy --organisation \"Région Démonstration\"",
		Exits:   fmt.Sprintf(", %d files were edited by hand and nothing was written", editedStatus),
		Flags: func(fs *pflag.FlagSet) {
			fs.StringVar(&d.folder.dir, "data", "", "`folder` of the collector's files, to fill in what it knows; without it everything that depends on the organisation is left blank")
			d.folder.ledgerFlag(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the organisation; needed where the collector has several")
			fs.BoolVar(&force, "force", false, "replace files that were edited by hand")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return command.Usage("give one folder to write into")
			}
			facts, err := privacyFacts()
			if err != nil {
				return err
			}
			facts.Organisation = organisation
			facts.GeneratedOn, facts.Version = time.Now().Format(time.DateOnly), command.Version()
			facts.PostgreSQL = d.folder.ledger != ""
			if d.folder.given() {
				err = d.with(ctx, func(l ledger) error { return fillFacts(ctx, &facts, l.store) })
				if err != nil {
					return err
				}
			}
			return writePrivacyFile(d.stdout, args[0], facts, force)
		},
	}
}

func writePrivacyFile(stdout io.Writer, dir string, facts dossier.Facts, force bool) error {
	facts = withNotices(facts)
	documents, err := dossier.Write(dir, facts, force)
	if _, edited := errors.AsType[dossier.EditedError](err); edited {
		return command.WithStatus(editedStatus, err)
	}
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, d := range documents {
		blanks := "nothing to complete"
		if n := len(d.Blanks); n > 0 {
			blanks = count(n, "blank") + " to complete"
		}
		_, _ = fmt.Fprintf(t, "%s\t%s\n", filepath.Join(dir, filepath.FromSlash(d.Name)), blanks)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, "begin with 0-lisez-moi.md or 0-read-me.md; 7-a-completer.md and 7-to-complete.md list the blanks")
	return err
}

// fillFacts adds what the ledger knows of the organisation named in facts, or of the only one.
func fillFacts(ctx context.Context, facts *dossier.Facts, store *relational.Store) error {
	answering, err := ledger{store: store}.organisation(ctx, facts.Organisation)
	if err != nil {
		return err
	}
	facts.Organisation, facts.Address, facts.Contact = answering.Name, answering.Address, answering.Contact
	if facts.DPO = answering.DPO; facts.DPO != "" && facts.Contact != "" {
		facts.DPO += ", " + facts.Contact
	}
	census, err := store.Census(ctx)
	if err != nil {
		return err
	}
	for _, c := range census {
		if c.Organisation != facts.Organisation {
			continue
		}
		facts.Sites = append(facts.Sites, dossier.Site{
			Name: c.Site.Name, TimeZone: c.Site.TimeZone,
			Individual: c.Machines[collector.Use(wire.Individual)], Shared: c.Machines[collector.Use(wire.Shared)], Server: c.Machines[collector.Use(wire.Server)],
		})
	}
	return nil
}

// privacyFacts is what the privacy file says of the product, whatever the organisation.
func privacyFacts() (dossier.Facts, error) {
	record, err := json.MarshalIndent(sampleRecord(), "", "  ")
	if err != nil {
		return dossier.Facts{}, fmt.Errorf("write the sample record: %w", err)
	}
	facts := dossier.Facts{SampleRecord: string(record), Fields: map[string][]dossier.Field{}}
	facts.Retention, facts.Thresholds = dossier.Usual()
	for _, lang := range []string{"fr", "en"} {
		for _, f := range wire.Fields() {
			text, note := f.TextIn(lang)
			facts.Fields[lang] = append(facts.Fields[lang], dossier.Field{Path: f.Path, Type: f.TypeIn(lang), Unit: f.UnitIn(lang), Text: text, Note: note})
		}
	}
	return facts, nil
}

// withNotices adds the notices as the organisation's machines print them.
func withNotices(facts dossier.Facts) dossier.Facts {
	facts.Notices = map[string]string{}
	for lang, blank := range map[string]notice.Notice{
		"fr": {
			Organisation: "nom de l'organisme", Address: "adresse de l'organisme", Contact: "adresse de contact", DPO: "nom ou fonction, et adresse du DPD",
		},
		"en": {
			Organisation: "name of the organisation", Address: "address of the organisation", Contact: "contact address", DPO: "name or function, and address of the DPO",
		},
	} {
		n := notice.Notice{
			Organisation: cmp.Or(facts.Organisation, dossier.Blank(lang, blank.Organisation)), Address: cmp.Or(facts.Address, dossier.Blank(lang, blank.Address)),
			Contact: cmp.Or(facts.Contact, dossier.Blank(lang, blank.Contact)),
			DPO:     cmp.Or(strings.TrimSuffix(facts.DPO, ", "+facts.Contact), dossier.Blank(lang, blank.DPO)),
		}
		for _, use := range []wire.Use{wire.Individual, wire.Server, wire.Shared} {
			n.Use = string(use)
			facts.Notices[lang+"/"+n.Use] = notice.Text(lang, n)
		}
		facts.Notices[lang+"/pupils"] = notice.Pupils(lang, n) // they work at shared machines
	}
	return facts
}

// sampleRecord is a made-up day of a personal workstation, with every field that such a record may have, rounded as such records
// are.
func sampleRecord() wire.Record {
	energy := func(wh, low, high, display float64, covered int) []wire.Energy {
		return []wire.Energy{
			{Wh: wh, LowWh: low, HighWh: high, Method: "model-class", Scope: "machine", CoveredS: covered},
			{Wh: display, LowWh: display / 2, HighWh: 2 * display, Method: "model-class", Scope: "display", CoveredS: covered},
		}
	}
	return wire.Record{
		Date: "2026-11-16", LengthS: 86_400, Use: wire.Individual,
		Machine: wire.Machine{
			Class: "notebook", OS: "windows", OSVersion: "windows-11-24h2", OSEnd: "2026-10-13", CPU: "intel-5-8", RAM: "8-16",
			Screens: []string{"internal", "23-24"}, SleepAfter: "20", Agent: "v0.3.0",
		},
		Parts: []wire.Part{
			{Part: "night", LengthS: 50_400, Seconds: wire.Seconds{Sleep: 3_600, Off: 46_800}, Energy: energy(5, 1.7, 9.6, 5, 50_400)},
			{Part: "open", LengthS: 36_000, Seconds: wire.Seconds{On: 24_300, DisplayOff: 2_700, Sleep: 7_200, Off: 900, Unknown: 900}, Energy: energy(50, 23.5, 86.6, 25, 35_100)},
		},
		Cost:     &wire.Cost{CPUS: 1.7, Wakeups: 12_500, SentBytes: 3_900, ReceivedBytes: 4_600},
		RoundedS: 900,
	}
}
