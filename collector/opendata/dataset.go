package opendata

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"text/template"

	"veille/collector"
)

//go:embed texts
var texts embed.FS

// The media types of the files.
const (
	typeCSV      = "text/csv; charset=utf-8"
	typeJSON     = "application/json"
	typeJSONLD   = "application/ld+json"
	typeMarkdown = "text/markdown; charset=utf-8"
	typeText     = "text/plain; charset=utf-8"
)

// schema is a Table Schema, with what schema.data.gouv.fr wants beside it.
type schema struct {
	Schema        string        `json:"$schema"`
	Name          string        `json:"name"`
	Title         string        `json:"title"`
	Description   string        `json:"description"`
	Keywords      []string      `json:"keywords"`
	CountryCode   string        `json:"countryCode"`
	Homepage      string        `json:"homepage"`
	Path          string        `json:"path"`
	Image         string        `json:"image"`
	Licenses      []licence     `json:"licenses"`
	Resources     []resource    `json:"resources"`
	Sources       []resource    `json:"sources"`
	Created       string        `json:"created"`
	LastModified  string        `json:"lastModified"`
	Version       string        `json:"version"`
	Contributors  []contributor `json:"contributors"`
	Fields        []field       `json:"fields"`
	PrimaryKey    []string      `json:"primaryKey"`
	MissingValues []string      `json:"missingValues"`
}

type licence struct {
	Title string `json:"title"`
	Name  string `json:"name"`
	Path  string `json:"path,omitempty"`
}

type resource struct {
	Title string `json:"title"`
	Path  string `json:"path"`
}

type contributor struct {
	Title        string `json:"title"`
	Email        string `json:"email,omitempty"`
	Organisation string `json:"organisation"`
	Role         string `json:"role"`
}

// field is a field of a schema.
type field struct {
	Name        string         `json:"name"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Example     any            `json:"example,omitempty"`
	Type        string         `json:"type"`
	Format      string         `json:"format,omitempty"`
	Constraints map[string]any `json:"constraints"`
}

// schemaOf reads a schema that comes with the program.
func schemaOf(folder string) (schema, error) {
	var s schema
	text, err := texts.ReadFile("texts/" + folder + "/schema.json")
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		err = d.Decode(&s)
	}
	if err != nil {
		return schema{}, fmt.Errorf("read the schema of %s: %w", folder, err)
	}
	return s, nil
}

// published is a data set with what the catalogue says of it.
type published struct {
	schema     schema
	rows       int
	first      collector.Date // that it is of; "" where it has no rows
	last       collector.Date
	data, json File
}

// dataset are the files of a data set.
func (m *material) dataset(folder string, rows []row) ([]File, published, error) {
	s, err := schemaOf(folder)
	if err != nil {
		return nil, published{}, err
	}
	m.fill(&s)
	p := published{schema: s, rows: len(rows)}
	p.first, p.last = span(rows)
	table, err := csvOf(s.Fields, rows)
	if err != nil {
		return nil, published{}, err
	}
	objects, err := jsonOf(s.Fields, rows)
	if err != nil {
		return nil, published{}, err
	}
	p.data, p.json = File{s.Name + "/donnees.csv", typeCSV, table}, File{s.Name + "/donnees.json", typeJSON, objects}
	files, err := m.beside(folder, p)
	return append(files, p.data, p.json), p, err
}

// fill puts what depends on the organisation and the address into a schema.
func (m *material) fill(s *schema) {
	s.Homepage, s.Path = m.base+s.Name+"/README.md", m.base+s.Name+"/schema.json"
	for i := range s.Resources {
		s.Resources[i].Path = m.base + s.Name + "/" + s.Resources[i].Path
	}
	c := contributor{Title: m.of.Name, Organisation: m.of.Name, Role: "author"}
	if a, err := mail.ParseAddress(m.of.Contact); err == nil {
		c.Email = a.Address
	}
	s.Contributors = []contributor{c}
}

// span is the first and the last day that rows are of.
func span(rows []row) (first, last collector.Date) {
	for _, r := range rows {
		for _, name := range []string{"periode_debut", "periode_fin", "date_mesure"} {
			if d, ok := r[name].(collector.Date); ok {
				if first == "" || d < first {
					first = d
				}
				last = max(last, d)
			}
		}
	}
	return first, last
}

// beside are the files beside the data: the schema and what is to be read.
func (m *material) beside(folder string, p published) ([]File, error) {
	name := p.schema.Name + "/"
	text, err := pretty(p.schema)
	if err != nil {
		return nil, err
	}
	files := []File{{name + "schema.json", typeJSON, text}, {name + "LICENSE", typeText, []byte(m.licenceText())}}
	for _, f := range []struct{ name, kind string }{{"README.md", typeMarkdown}, {"CHANGELOG.md", typeMarkdown}, {"exemple-valide.csv", typeCSV}} {
		text, err := m.text("texts/"+folder+"/"+f.name, p)
		if err != nil {
			return nil, err
		}
		files = append(files, File{name + f.name, f.kind, text})
	}
	return files, nil
}

// text is a text that comes with the program, with what depends on the organisation put in.
func (m *material) text(path string, p published) ([]byte, error) {
	t, err := template.ParseFS(texts, path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var out bytes.Buffer
	l := m.licence()
	err = t.Execute(&out, map[string]any{
		"Name": oneLine(m.of.Name), "SIREN": m.of.SIREN, "Licence": oneLine(l.Title), "LicenceAt": l.Path, "Base": m.base, "Simulated": m.simulated,
		"First": p.first, "Last": p.last, "Rows": p.rows, "Version": p.schema.Version, "Method": Method, "Nowhere": strings.Contains(m.base, "//veille.invalid/"),
	})
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return out.Bytes(), nil
}

// oneLine is a text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// licence is that of the data.
func (m *material) licence() licence {
	text := oneLine(m.of.Licence)
	if text == "" || strings.EqualFold(text, "Licence Ouverte 2.0") || strings.EqualFold(text, "etalab-2.0") {
		return licence{Title: "Licence Ouverte 2.0", Name: "etalab-2.0", Path: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"}
	}
	l := licence{Title: text, Name: text}
	for word := range strings.FieldsSeq(text) {
		if u, err := url.Parse(word); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil {
			l.Path = u.String()
		}
	}
	return l
}

// licenceText names the licence of the data.
func (m *material) licenceText() string {
	l := m.licence()
	var out strings.Builder
	fmt.Fprintf(&out, "Licence des données\u202f: %s\n", l.Title)
	if l.Path != "" {
		fmt.Fprintf(&out, "Texte de la licence\u202f: %s\n", l.Path)
	}
	fmt.Fprintf(&out, "À citer\u202f: %s (SIREN %s), et la date de dernière mise à jour.\n\n", oneLine(m.of.Name), m.of.SIREN)
	fmt.Fprintf(&out, "Licence of the data: %s\n", l.Title)
	if l.Path != "" {
		fmt.Fprintf(&out, "Text of the licence: %s\n", l.Path)
	}
	fmt.Fprintf(&out, "To be named: %s (SIREN %s), and the date of the last update.\n", oneLine(m.of.Name), m.of.SIREN)
	return out.String()
}
