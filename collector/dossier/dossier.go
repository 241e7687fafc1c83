// Package dossier writes the privacy file: register entry, impact assessment, notices, answers.
package dossier

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// The templates: Markdown, one folder a language, with the same files in the same order.
//
//go:embed fr/*.md en/*.md
var templates embed.FS

// Facts are what the privacy file says of an organisation and of the product. A name that is not set becomes a blank for a
// person to fill in.
type Facts struct {
	Organisation string // who answers for what is collected
	Address      string
	Contact      string // where people ask and object
	DPO          string // data-protection officer: name or function, and address
	Sites        []Site
	Fields       map[string][]Field // what agents send, by language: fr, en
	Notices      map[string]string  // by language and use, fr/shared, or fr/pupils
	SampleRecord string             // a record of a personal workstation, as JSON that people can read
	Retention    Retention
	Thresholds   Thresholds
	PostgreSQL   bool   // the ledger is in PostgreSQL, which does not overwrite what it deletes; otherwise it is a file of SQLite
	GeneratedOn  string // date, or "" in a file for everybody
	Version      string // of the program, or ""
}

// Site is a place with machines.
type Site struct {
	Name, TimeZone             string
	Individual, Shared, Server int // machines enrolled there, by use
}

// Field is one thing that an agent sends.
type Field struct{ Path, Type, Unit, Text, Note string }

// Retention is how long each kind of data is to be kept.
type Retention struct {
	MachineJournalDays int // on the machine itself
	MachineDayDays     int // records of a machine
	QuarantineDays     int // records that could not be accepted
	MachineMonthMonths int // what is summed up by machine and month
	GroupDayYears      int // what is summed up by group and day
	RetiredMonths      int // the line of a machine that is gone
	TokenDays          int // a token of a site, unless it is given more
	AccessLogMonths    int // who looked at single machines, and who changed what
}

// Thresholds are the least of a group whose figures may be shown.
type Thresholds struct {
	Inside int // machines, inside the organisation
	Public int // machines, in public data
	Share  int // per cent of a public total that one site may be at most
}

// Usual are the durations and thresholds that the program holds, and those that it proposes.
func Usual() (Retention, Thresholds) {
	return Retention{
			MachineJournalDays: 30, MachineDayDays: 90, QuarantineDays: 30, MachineMonthMonths: 13, GroupDayYears: 6, RetiredMonths: 13, TokenDays: 7,
			AccessLogMonths: 12,
		},
		Thresholds{Inside: 5, Public: 11, Share: 85}
}

// Document is one file of the privacy file.
type Document struct {
	Name   string   // language and name: fr/1-fiche-de-registre.md
	Text   string   // Markdown, without the mark at its end
	Blanks []string // what a person has to fill in, each once, in order
}

// sheet is what a template is given.
type sheet struct {
	Facts
	Lang string
	Done []Document // of the same language, in the last document of it: its list of blanks
}

// Documents are all files, those of each language in their order. The last of each language lists the blanks of the others.
func Documents(f Facts) ([]Document, error) {
	var all []Document
	for _, lang := range []string{"fr", "en"} {
		names, err := fs.Glob(templates, lang+"/*.md")
		if err != nil {
			return nil, fmt.Errorf("list the templates: %w", err)
		}
		slices.Sort(names)
		s := sheet{Facts: f.plain(), Lang: lang}
		for _, name := range names {
			d, err := s.write(name)
			if err != nil {
				return nil, err
			}
			s.Done = append(s.Done, d)
		}
		all = append(all, s.Done...)
	}
	return all, nil
}

func (s sheet) write(name string) (Document, error) {
	t, err := template.New(name[len(s.Lang)+1:]).Option("missingkey=error").
		Funcs(template.FuncMap{"blank": s.blank, "fill": s.fill, "cell": cell}).ParseFS(templates, name)
	if err != nil {
		return Document{}, fmt.Errorf("read the template %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return Document{}, fmt.Errorf("write %s: %w", name, err)
	}
	d := Document{Name: name, Text: b.String()}
	for _, blank := range blanks.FindAllString(d.Text, -1) {
		if blank = oneLine(blank); blank != s.blank(example) && !slices.Contains(d.Blanks, blank) {
			d.Blanks = append(d.Blanks, blank)
		}
	}
	return d, nil
}

// blanks are the places that a person has to fill in.
var blanks = regexp.MustCompile(`\[(à\s+compléter\s+:\s|to\s+be\s+completed:\s)[^\]]+\]`)

// example is what stands in a blank that only shows how blanks look.
const example = "…"

func (s sheet) blank(what string) string { return Blank(s.Lang, what) }

// Blank is a place for a person to fill in, in a language: fr, or English.
func Blank(lang, what string) string {
	if lang == "fr" {
		return "[à compléter : " + what + "]"
	}
	return "[to be completed: " + what + "]"
}

// fill is a fact, or a blank where it is not known.
func (s sheet) fill(fact, what string) string {
	if fact == "" {
		return s.blank(what)
	}
	return fact
}

// Notice is the notice of a use, or of pupils, in the language of the sheet.
func (s sheet) Notice(use string) (string, error) {
	text, ok := s.Notices[s.Lang+"/"+use]
	if !ok {
		return "", fmt.Errorf("there is no notice %s/%s", s.Lang, use)
	}
	return strings.TrimSpace(text), nil
}

// Table is the fields in the language of the sheet.
func (s sheet) Table() []Field { return s.Fields[s.Lang] }

// Machines is how many machines all sites have.
func (s sheet) Machines() Site {
	var all Site
	for _, site := range s.Sites {
		all.Individual += site.Individual
		all.Shared += site.Shared
		all.Server += site.Server
	}
	return all
}

// plain is f with names that are one line each.
func (f Facts) plain() Facts {
	for _, name := range []*string{&f.Organisation, &f.Address, &f.Contact, &f.DPO, &f.GeneratedOn, &f.Version} {
		*name = oneLine(*name)
	}
	f.Sites = slices.Clone(f.Sites)
	for i := range f.Sites {
		f.Sites[i].Name, f.Sites[i].TimeZone = oneLine(f.Sites[i].Name), oneLine(f.Sites[i].TimeZone)
	}
	return f
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// cell is a text that fits a cell of a table.
func cell(s string) string { return strings.ReplaceAll(oneLine(s), "|", `\|`) }
