package power

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

const energyStar = "ENERGY STAR"

// ImportEnergyStar reads the data set "ENERGY STAR Certified Computers" (data.energystar.gov, rxdj-2c88; the older j7nq-iepp
// has its columns twice, with the prefixes category_1_ and category_2_), as CSV or as the JSON array of its interface. Its
// columns were seen in three programs that read it, not in the data set itself. A row needs a brand, a model and its short idle
// power; one that makes no sense is left out and named in the report. Rows of one product are one range. Nothing is kept but
// makers, models, type and powers, and no more of the file is in memory than a row.
func ImportEnergyStar(r io.Reader) (Catalogue, Report, error) {
	b := bufio.NewReader(r)
	var report Report
	all := gathered{at: map[string]int{}}
	take := func(place string, value func(string) string) {
		report.Rows++
		p, err := energyStarProduct(value)
		if err == nil {
			err = all.add(p)
		}
		if err != nil {
			report.refuse(place, err)
		}
	}
	start, err := firstByte(b)
	switch {
	case err != nil:
	case start == '{':
		err = errors.New("this JSON is an object with the data set in it; take the array of https://data.energystar.gov/resource/rxdj-2c88.json, or the CSV")
	case start == '[':
		err = energyStarArray(b, take, &report)
	default:
		err = energyStarTable(b, take, &report)
	}
	if err != nil {
		return Catalogue{}, report, fmt.Errorf("import ENERGY STAR computers: %w", err)
	}
	return all.catalogue(), report, nil
}

// firstByte is the first byte of a file that is not white space. A byte order mark is taken away.
func firstByte(b *bufio.Reader) (byte, error) {
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	head, err := b.Peek(1 << 10)
	if start := bytes.TrimLeft(head, "\r\n\t "); len(start) > 0 {
		return start[0], nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return 0, errNoTable
}

// energyStarColumns tells whether columns are those of the computers.
func energyStarColumns(columns []string) error {
	has := func(name string) bool { return slices.Contains(columns, name) }
	for _, c := range columns {
		if strings.HasSuffix(c, "short_idle_watts") && has("brand_name") && (has("model_name") || has("model_number")) {
			return nil
		}
	}
	if has("on_mode_power_watts") || has("screen_size_inches") {
		return errors.New("this is the list of displays; only that of computers has the power of machines (ENERGY STAR Certified Computers, with the column short_idle_watts)")
	}
	return errors.New("this is not the list ENERGY STAR Certified Computers: it has no columns brand_name, model_name or model_number, and short_idle_watts")
}

func energyStarTable(r io.Reader, take func(string, func(string) string), report *Report) error {
	t, err := newTable(r, energyStarColumns)
	if err != nil {
		return err
	}
	for {
		bad, err := t.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case bad != nil:
			report.Rows++
			report.refuse(fmt.Sprintf("line %d", t.at), bad)
		default:
			take(fmt.Sprintf("line %d", t.at), t.value)
		}
	}
}

// energyStarArray reads an array of objects, of which a member without a value is left out.
func energyStarArray(r io.Reader, take func(string, func(string) string), report *Report) error {
	pieces := &rationed{r: r, left: maxPiece}
	d := json.NewDecoder(pieces)
	if _, err := d.Token(); err != nil {
		return err
	}
	for n := 1; d.More(); n++ {
		pieces.left = maxPiece
		place := fmt.Sprintf("row %d", n)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		var row map[string]any
		numbers := json.NewDecoder(bytes.NewReader(raw))
		numbers.UseNumber()
		if err := numbers.Decode(&row); err != nil || row == nil {
			report.Rows++
			report.refuse(place, fmt.Errorf("%.40q is no object", raw))
			continue
		}
		if n == 1 && row["short_idle_watts"] == nil && (row["on_mode_power_watts"] != nil || row["screen_size_inches"] != nil) {
			return energyStarColumns([]string{"on_mode_power_watts"})
		}
		take(place, func(column string) string {
			switch v := row[column].(type) {
			case string:
				return plain(v)
			case json.Number:
				return v.String()
			default:
				return ""
			}
		})
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the array is not closed: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return nil
}

// energyStarProduct is the product of one row. A row of the older set has up to two configurations, the least and the best
// equipped; a workstation has columns of its own. They are one range.
func energyStarProduct(value func(string) string) (Product, error) {
	p := Product{Maker: value("brand_name"), Name: value("model_name"), Class: energyStarClass(value("type")), Source: energyStar}
	models := slices.Concat(numbers(value("model_number")), numbers(value("additional_model_information")))
	if p.Name == "" && len(models) > 0 {
		p.Name = models[0]
	}
	switch {
	case p.Maker == "":
		return p, errors.New("brand_name is empty")
	case p.Name == "":
		return p, errors.New("model_name and model_number are empty")
	}
	for _, m := range models {
		if m != p.Name && !slices.Contains(p.Numbers, m) {
			p.Numbers = append(p.Numbers, m)
		}
	}
	for _, prefix := range []string{"", "category_1_", "category_2_", "work_"} {
		for i, column := range []string{"off_mode_watts", "sleep_mode_watts", "long_idle_watts", "short_idle_watts"} {
			text := value(prefix + column)
			if text == "" || strings.EqualFold(text, "n/a") {
				continue
			}
			w, err := parseWatts(text)
			if err != nil {
				return p, fmt.Errorf("%s%s: %w", prefix, column, err)
			}
			if w > 0 { // a zero may as well mean that it was not measured
				draw := p.draws()[i].Draw
				*draw = draw.join(one(w, rowError))
			}
		}
	}
	if !p.ShortIdle.Known() {
		return p, fmt.Errorf("%v: short_idle_watts is empty or 0", p)
	}
	return p, p.Validate()
}

// numbers are the model numbers in a field: separated by commas, semicolons, bars or spaced slashes. Makers write prose and
// bar codes beside them: what has no digit, has fewer than three letters and digits, or is a long number, is no model.
func numbers(field string) []string {
	var all []string
	for _, n := range strings.FieldsFunc(strings.ReplaceAll(field, " / ", ";"), func(r rune) bool { return strings.ContainsRune(",;|", r) }) {
		n = strings.TrimSpace(n)
		letters, digits := 0, 0
		for _, r := range n {
			switch {
			case unicode.IsLetter(r):
				letters++
			case unicode.IsDigit(r):
				digits++
			}
		}
		if digits == 0 || letters+digits < 3 || letters == 0 && digits > 10 || len(n) > maxName {
			continue
		}
		all = append(all, n)
	}
	return all
}

// energyStarClass is the class of a type of computer. The names of the types are those of versions 6 to 9 as far as they
// were seen; workstations and what is not known have none.
func energyStarClass(kind string) string {
	kind = strings.ToLower(kind)
	for _, k := range []struct{ word, class string }{
		{"server", "server"},
		{"thin client", "thin-client"},
		{"notebook", "notebook"},
		{"laptop", "notebook"},
		{"two-in-one", "notebook"},
		{"slate", "notebook"},
		{"tablet", "notebook"},
		{"mobile", "notebook"},
		{"integrated", "all-in-one"},
		{"all-in-one", "all-in-one"},
		{"mini", "mini"},
		{"desktop", "desktop"},
	} {
		if strings.Contains(kind, k.word) {
			return k.class
		}
	}
	return ""
}

// gathered is products as they come, those with one key made one.
type gathered struct {
	products []Product
	at       map[string]int
}

func (g *gathered) add(p Product) error {
	i, ok := g.at[p.key()]
	if !ok {
		if len(g.products) == maxProducts {
			return fmt.Errorf("there are %d products already", maxProducts)
		}
		g.at[p.key()] = len(g.products)
		g.products = append(g.products, p)
		return nil
	}
	both := g.products[i].join(p)
	if err := both.Validate(); err != nil {
		return fmt.Errorf("together with earlier rows: %w", err)
	}
	g.products[i] = both
	return nil
}

func (g *gathered) catalogue() Catalogue {
	c := Catalogue{Products: g.products}
	c.sort()
	return c
}
