package table

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// separators are what columns may be separated by, the likeliest first.
const separators = ";,\t|"

// toldSeparator takes the line "sep=;" that tells a spreadsheet the separator; 0 where there is none.
func (p *parser) toldSeparator() rune {
	line := strings.Trim(clean(p.firstLine()), `"`)
	if len(line) < len("sep=") || !strings.EqualFold(line[:len("sep=")], "sep=") {
		return 0
	}
	told := strings.Trim(p.firstLine(), `"`)
	told = told[strings.IndexByte(told, '=')+1:]
	for _, c := range separators {
		if strings.HasPrefix(told, string(c)) {
			p.skip()
			return c
		}
	}
	return 0
}

// separator is what the first line separates its columns by: what it says itself, or else that by which it has most columns that we know, or else
// most columns at all.
func separator(line string, told rune, columns []Column) rune {
	if told != 0 {
		return told
	}
	known := namesOf(columns)
	best, most := ';', [2]int{}
	for _, c := range separators {
		names := outside(line, c)
		got := [2]int{0, len(names)}
		for _, name := range names {
			if _, ok := known.called(name); ok {
				got[0]++
			}
		}
		if slices.Compare(got[:], most[:]) > 0 {
			best, most = c, got
		}
	}
	return best
}

// maxTitles is how many lines may stand above a table.
const maxTitles = 50

// toTitles passes over lines above a table: where the first names no column that is asked for, and a later one all that are needed, it is the first.
func (p *parser) toTitles(told rune, columns []Column) {
	at, line, names := p.at, p.line, namesOf(columns)
	for n := range maxTitles {
		if p.done() {
			break
		}
		known, all := matched(outside(p.firstLine(), separator(p.firstLine(), told, columns)), names, columns)
		if n == 0 && known > 0 || all && known > 0 {
			return
		}
		p.skip()
	}
	p.at, p.line = at, line
}

// matched is how many columns titles name, and whether these are all that are needed.
func matched(titles []string, names names, columns []Column) (known int, all bool) {
	found := map[string]bool{}
	for _, title := range titles {
		if c, ok := names.called(title); ok {
			found[c.Name] = true
		}
	}
	return len(found), !slices.ContainsFunc(columns, func(c Column) bool { return c.Needed && !found[c.Name] })
}

// outside is a line parted where a separator stands outside of quotes: as many parts as a first line may have, and one more. Empty ones are left out.
func outside(line string, separator rune) (parts []string) {
	within, begin := false, 0
	for i, c := range line {
		switch {
		case c == '"':
			within = !within
		case c == separator && !within:
			if i > begin {
				parts = append(parts, line[begin:i])
			}
			begin = i + len(string(separator))
			if len(parts) > MaxColumns {
				return parts
			}
		}
	}
	if begin < len(line) {
		parts = append(parts, line[begin:])
	}
	return parts
}

// all are the names of a column.
func (c Column) all() []string { return append([]string{c.Name}, c.Known...) }

// Plain is a text as it is compared: in small letters, without accents, and with one space in place of marks and spaces. "N° de Série " is
// "n de serie".
func Plain(text string) string {
	var b strings.Builder
	space := false
	for _, c := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case unicode.Is(unicode.Mn, c):
			continue
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(letters(c))
			space = false
		default:
			space = true
		}
	}
	return b.String()
}

// letters are the letters that a letter is made of.
func letters(c rune) string {
	switch c {
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	}
	return string(c)
}

// place is where a column is.
type place struct {
	name string // of ours
	at   int    // among the cells
}

type placed []place

// places are where columns are in the first line, in its order.
func places(number int, head []string, columns []Column) (placed, error) {
	found := map[string]place{} // by name of ours
	known := namesOf(columns)
	var all placed
	for i, written := range head {
		c, ok := known.called(written)
		if !ok {
			continue
		}
		before, twice := found[c.Name]
		switch {
		case twice && Plain(head[before.at]) == Plain(written):
			return nil, fmt.Errorf("line %d: two columns are called %.60q: take one away", number, written)
		case twice:
			return nil, fmt.Errorf("line %d: the columns %.60q and %.60q both say %s: take one away", number, head[before.at], written, c.Name)
		}
		found[c.Name] = place{c.Name, i}
		all = append(all, found[c.Name])
	}
	var missing []string
	for _, c := range columns {
		if _, ok := found[c.Name]; c.Needed && !ok {
			missing = append(missing, c.Name)
		}
	}
	if len(missing) > 0 {
		names := "none that is known" // what else it has may be no names but a line of the table, with the names of people in it: it is not repeated
		if len(all) > 0 {
			names = listed(head)
		}
		return nil, fmt.Errorf("line %d names no column %s%s; it names %s", number, strings.Join(missing, ", "), needed(columns), names)
	}
	return all, nil
}

// names are columns by all that they are called.
type names map[string]Column

// namesOf are the names of columns. Of two that have one name the first has it.
func namesOf(columns []Column) names {
	all := names{}
	for _, c := range columns {
		for _, name := range c.all() {
			if name = Plain(name); name != "" {
				if _, taken := all[name]; !taken {
					all[name] = c
				}
			}
		}
	}
	return all
}

// longestName is how many bytes the name of a column has at most: what is longer names none of ours.
const longestName = 500

// called is the column that a name stands for.
func (all names) called(name string) (Column, bool) {
	if len(name) > longestName {
		return Column{}, false
	}
	c, ok := all[Plain(name)]
	return c, ok
}

// needed says which columns have to be there, and how else they may be called.
func needed(columns []Column) string {
	var names []string
	for _, c := range columns {
		if !c.Needed {
			continue
		}
		name := c.Name
		if len(c.Known) > 0 {
			name += " (or " + strings.Join(c.Known[:min(len(c.Known), 4)], ", ") + ")"
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return ": needed are " + strings.Join(names, ", ")
}

// listed are names of columns as a sentence has them.
func listed(head []string) string {
	var names []string
	for _, name := range head {
		if name != "" && len(names) < 30 {
			names = append(names, fmt.Sprintf("%.40q", name))
		}
	}
	return cmp.Or(strings.Join(names, ", "), "nothing")
}

func (all placed) names() []string {
	var list []string
	for _, p := range all {
		list = append(list, p.name)
	}
	return list
}

// cells are those of a line by name.
func (all placed) cells(line []string) map[string]string {
	by := make(map[string]string, len(all))
	for _, p := range all {
		by[p.name] = ""
		if p.at < len(line) {
			by[p.name] = clean(line[p.at])
		}
	}
	return by
}
