package label

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"veille/collector"
)

//go:embed templates/*.yaml
var templates embed.FS

// Template is a referential: themes, their items, and the lines that each is told by.
type Template struct {
	ID      string          `yaml:"id"`
	Version string          `yaml:"version"`
	Title   Words           `yaml:"title"`
	Source  Words           `yaml:"source"`
	Themes  []TemplateTheme `yaml:"themes"`
}

// TemplateTheme is a heading of a template.
type TemplateTheme struct {
	ID    string         `yaml:"id"`
	Title Words          `yaml:"title"`
	Items []TemplateItem `yaml:"items"`
}

// TemplateItem is one point of a heading.
type TemplateItem struct {
	ID         string   `yaml:"id"`
	Title      Words    `yaml:"title"`
	Points     []Words  `yaml:"points"`
	Indicators []string `yaml:"indicators"`
	Evidence   []Words  `yaml:"evidence"`
}

// Shipped are the texts of the templates that come with the program, by id: lnr-2019, lnr-2022, reen, rcp-si.
func Shipped() (map[string][]byte, error) {
	const folder = "templates"
	entries, err := templates.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the templates that are shipped: %w", err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		text, err := templates.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the template %s that is shipped: %w", e.Name(), err)
		}
		all[strings.TrimSuffix(e.Name(), path.Ext(e.Name()))] = text
	}
	return all, nil
}

// ShippedTemplates are the templates that come with the program, by id.
func ShippedTemplates() (map[string]Template, error) {
	texts, err := Shipped()
	all := map[string]Template{}
	for id, text := range texts {
		t, wrong := ReadTemplate(text)
		all[id], err = t, errors.Join(err, wrong)
	}
	return all, err
}

// TemplateError says what is wrong with the text of a template, by its lines.
type TemplateError struct{ Problems []string }

// mostProblems is how many problems of a template an error lists.
const mostProblems = 20

// Error lists the problems, up to 20.
func (e TemplateError) Error() string {
	text := "the template cannot be used: " + strings.Join(e.Problems[:min(len(e.Problems), mostProblems)], "; ")
	if more := len(e.Problems) - mostProblems; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// The most that a template may have of something. A report that nobody can read to its end is none.
const (
	mostThemes    = 40
	mostItems     = 400
	mostPoints    = 40
	mostLines     = 120
	longestText   = 2000 // bytes
	longestNumber = 20   // bytes of a version
)

// ReadTemplate reads a template. A field that it does not know, an indicator that is none, and an id that is there twice are a TemplateError. A text
// that is there in one language only stands for the other.
func ReadTemplate(text []byte) (Template, error) {
	if len(text) > collector.MaxTemplate {
		return Template{}, TemplateError{[]string{fmt.Sprintf("it has %d bytes, and may have %d", len(text), collector.MaxTemplate)}}
	}
	if !utf8.Valid(text) {
		return Template{}, TemplateError{[]string{"it is not UTF-8: save it as UTF-8 and try again"}}
	}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(text)).Decode(&root); err != nil {
		return Template{}, TemplateError{problemsOf(err)}
	}
	if problem := tooMuch(&root); problem != "" {
		return Template{}, TemplateError{[]string{problem}}
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	var t Template
	if err := d.Decode(&t); err != nil {
		return Template{}, TemplateError{problemsOf(err)}
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Template{}, TemplateError{[]string{"something follows behind its end: a file is one template"}}
	}
	all, err := Indicators()
	if err != nil {
		return Template{}, err
	}
	c := check{ids: map[string]bool{}}
	for _, i := range all {
		c.lines = append(c.lines, i.ID)
	}
	c.template(&t)
	if len(c.problems) > 0 {
		return Template{}, TemplateError{c.problems}
	}
	return t, nil
}

// mostFields is more than the fields that any part of a template has.
const mostFields = 20

// tooMuch says what in a text is more than any template has, or nothing. The package that reads YAML compares each field with each other one, which
// takes it many seconds of a text that is nothing but fields.
func tooMuch(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return fmt.Sprintf("line %d: a template has no references such as *%.40s: write the text out", n.Line, n.Value)
	case n.Kind == yaml.MappingNode && len(n.Content) > 2*mostFields:
		return fmt.Sprintf("line %d: %d fields are more than any part of a template has", n.Line, len(n.Content)/2)
	}
	for _, child := range n.Content {
		if problem := tooMuch(child); problem != "" {
			return problem
		}
	}
	return ""
}

// problemsOf are what YAML says, without the names of our types.
func problemsOf(err error) []string {
	if errors.Is(err, io.EOF) {
		return []string{"it is empty"}
	}
	said := []string{err.Error()}
	if e, ok := errors.AsType[*yaml.TypeError](err); ok {
		said = e.Errors
	}
	ours := regexp.MustCompile(`(not found|already set)? in type label\.\w+`)
	for i, s := range said {
		s = strings.TrimPrefix(s, "yaml: ")
		s = ours.ReplaceAllString(s, "is not known here")
		said[i] = shortened(strings.NewReplacer("into label.", "into ", "into []label.", "into a list of ").Replace(s))
	}
	return said
}

// shortened is a text of up to 200 bytes, of one line.
func shortened(s string) string {
	const longest = 200
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// check gathers the problems of a template.
type check struct {
	lines    []string // ids of indicators
	ids      map[string]bool
	items    int
	problems []string
}

// wrong adds a problem.
func (c *check) wrong(format string, of ...any) {
	c.problems = append(c.problems, shortened(fmt.Sprintf(format, of...)))
}

// template checks all of a template, and completes its texts.
func (c *check) template(t *Template) {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`).MatchString(t.ID) {
		c.wrong("its id %.60q is not named like lnr-2022", t.ID)
	}
	if !regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+-]*$`).MatchString(t.Version) || len(t.Version) > longestNumber {
		c.wrong("its version %.60q is not like 2022.1", t.Version)
	}
	c.words("the title", &t.Title)
	c.words("the source", &t.Source)
	if len(t.Themes) == 0 || len(t.Themes) > mostThemes {
		c.wrong("it has %d themes, and may have 1 to %d", len(t.Themes), mostThemes)
		return
	}
	for i := range t.Themes {
		theme := &t.Themes[i]
		where := fmt.Sprintf("theme %d (%.40s)", i+1, theme.ID)
		c.id(where, theme.ID)
		c.words("the title of "+where, &theme.Title)
		if len(theme.Items) == 0 {
			c.wrong("%s has no items", where)
		}
		for j := range theme.Items {
			c.item(where, j+1, &theme.Items[j])
		}
	}
	if c.items > mostItems {
		c.wrong("it has %d items, and may have %d", c.items, mostItems)
	}
}

// item checks an item of a theme.
func (c *check) item(theme string, number int, item *TemplateItem) {
	c.items++
	where := fmt.Sprintf("item %d (%.40s) of %s", number, item.ID, theme)
	c.id(where, item.ID)
	c.words("the title of "+where, &item.Title)
	if len(item.Points) > mostPoints || len(item.Evidence) > mostPoints || len(item.Indicators) > mostLines {
		c.wrong("%s has too many points, kinds of evidence (%d at most) or indicators (%d at most)", where, mostPoints, mostLines)
		return
	}
	for i := range item.Points {
		c.words(fmt.Sprintf("point %d of %s", i+1, where), &item.Points[i])
	}
	for i := range item.Evidence {
		c.words(fmt.Sprintf("evidence %d of %s", i+1, where), &item.Evidence[i])
	}
	for i, id := range item.Indicators {
		switch {
		case !slices.Contains(c.lines, id) && len(c.problems) >= mostProblems: // nobody will read which is the nearest
			c.problems = append(c.problems, "an indicator is none")
		case !slices.Contains(c.lines, id):
			c.wrong("%s names the indicator %.40q, which is none; the nearest is %s", where, id, nearest(id, c.lines))
		case slices.Contains(item.Indicators[:i], id):
			c.wrong("%s names the indicator %s twice", where, id)
		}
	}
}

// id checks the id of a theme or an item. Evidence and remarks name items and lines by their id, so that none may stand for two.
func (c *check) id(where, id string) {
	switch {
	case !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._-]{0,39}$`).MatchString(id):
		c.wrong("the id of %s is not named like PA10 or T4.2", where)
	case c.ids[id]:
		c.wrong("the id of %s is there twice", where)
	case slices.Contains(c.lines, id):
		c.wrong("the id of %s is that of an indicator, and evidence is found by either: choose another id", where)
	}
	c.ids[id] = true
}

// words checks a text, and lets one language stand for the other where that is missing.
func (c *check) words(what string, w *Words) {
	w.FR, w.EN = strings.TrimSpace(w.FR), strings.TrimSpace(w.EN)
	if w.FR == "" {
		w.FR = w.EN
	}
	if w.EN == "" {
		w.EN = w.FR
	}
	odd := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	switch {
	case w.FR == "":
		c.wrong("%s is missing", what)
	case len(w.FR) > longestText || len(w.EN) > longestText:
		c.wrong("%s is longer than %d bytes", what, longestText)
	case strings.ContainsFunc(w.FR+w.EN, odd):
		c.wrong("%s has a line break or an invisible mark: write it as one line", what)
	}
}

// nearest is the name that takes the fewest changes of letters to get to.
func nearest(to string, names []string) string {
	if len(names) == 0 {
		return "none"
	}
	to = strings.ToValidUTF8(to[:min(len(to), len(longestID))], "")
	return slices.MinFunc(names, func(a, b string) int { return changes(to, a) - changes(to, b) })
}

// longestID is longer than any id of a line.
const longestID = "X00x.longer_than_any_of_them"

// changes is how many letters must be changed, added or taken away to make one text of another. A letter in the other case is nearly the same.
func changes(a, b string) int {
	const whole, half = 2, 1
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = whole * j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = whole * (i + 1)
		for j := range len(b) {
			cost := whole
			switch {
			case a[i] == b[j]:
				cost = 0
			case strings.EqualFold(a[i:i+1], b[j:j+1]):
				cost = half
			}
			before, row[j+1] = row[j+1], min(before+cost, row[j]+whole, row[j+1]+whole)
		}
	}
	return row[len(b)]
}
