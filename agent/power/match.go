package power

import (
	"slices"
	"strings"
	"unicode"
)

// Find is what the catalogue says of a machine whose firmware names its maker and itself, by one or more names, the best
// first (product name, then version or family). A name fits a product's name or one of its numbers when they are the same
// letters and digits, whatever their case, spaces and signs, without the maker's own name in front and "Notebook PC" at the
// end; or when a number with wildcards admits it. There is no other likeness. The first name that fits anything decides;
// the same letters go before wildcards, and a wildcard with more letters of its own before one with fewer. Several
// products that fit equally give one range over all; of own readings and declared rows that fit equally, the readings
// count, and the rows say what they do not. The product found says how many it was made of.
func (c Catalogue) Find(maker string, names ...string) (Product, bool) {
	f := newFinder(maker, names)
	for _, p := range c.Products {
		f.look(p)
	}
	return f.answer()
}

// finder keeps the products that fit best.
type finder struct {
	maker string
	names []string // in normal form, the best first
	best  fit
	found []Product
}

// fit is how well a product fits: by which name, and by how many letters. 0 letters is not at all.
type fit struct{ name, letters int }

const exact = maxName + 1 // more letters than a wildcard can have

func newFinder(maker string, names []string) *finder {
	f := &finder{maker: makerKey(maker)}
	for _, name := range names {
		n := nameKey(f.maker, name)
		if !identifies(n) {
			continue
		}
		f.names = append(f.names, n)
		if kind, ok := machineType(f.maker, name); ok {
			f.names = append(f.names, kind)
		}
	}
	return f
}

func (f *finder) look(p Product) {
	if f.maker == "" || makerKey(p.Maker) != f.maker {
		return
	}
	x := f.fit(p)
	if x.letters == 0 {
		return
	}
	if len(f.found) > 0 {
		if x.name > f.best.name || x.name == f.best.name && x.letters < f.best.letters {
			return
		}
		if x != f.best {
			f.found = nil
		}
	}
	f.best, f.found = x, append(f.found, p)
}

func (f *finder) fit(p Product) fit {
	for i, name := range f.names {
		best := 0
		for _, number := range p.names() {
			best = max(best, letters(numberKey(f.maker, number), name))
		}
		if best > 0 {
			return fit{i, best}
		}
	}
	return fit{}
}

// answer is the one product that those found make: of the sources with the smallest error first, the others where these
// say nothing. Rows that contradict each other (asleep above on) say nothing.
func (f *finder) answer() (Product, bool) {
	if len(f.found) == 0 {
		return Product{}, false
	}
	slices.SortStableFunc(f.found, func(a, b Product) int { return int(a.percent()) - int(b.percent()) })
	var p Product
	for rest := f.found; len(rest) > 0; {
		n := 1
		for n < len(rest) && int(rest[n].percent()) == int(rest[0].percent()) {
			n++
		}
		group := rest[0]
		for _, q := range rest[1:n] {
			group = group.join(q)
			group.Numbers = union(group.Numbers, append([]string{q.Name}, q.Numbers...))
			if q.Class != group.Class {
				group.Class = ""
			}
		}
		p = p.filled(group)
		rest = rest[n:]
	}
	p.Fits = len(f.found)
	return p, p.order() == nil
}

// filled is p, with the powers of q where p has none, as long as they make sense together.
func (p Product) filled(q Product) Product {
	if p.Maker == "" {
		return q
	}
	both := p.or(q)
	taken := false
	was := p.draws()
	for i, d := range both.draws() {
		taken = taken || *d.Draw != *was[i].Draw
	}
	if !taken || both.order() != nil {
		return p
	}
	if both.Class == "" {
		both.Class = q.Class
	}
	if both.Source != q.Source {
		both.Source += ", " + q.Source
	}
	return both
}

// percent is the smallest error of its powers: own readings have a smaller one than declared rows.
func (p Product) percent() float64 {
	least := 100.0
	for _, d := range p.draws() {
		if d.Known() {
			least = min(least, d.Error)
		}
	}
	return least
}

func (p Product) names() []string { return append([]string{p.Name}, p.Numbers...) }

// key tells products apart: two with one key are the same product of the same source.
func (p Product) key() string {
	maker := makerKey(p.Maker)
	var names []string
	for _, name := range p.names() {
		names = append(names, numberKey(maker, name))
	}
	slices.Sort(names)
	return strings.Join(append([]string{p.Source, maker, p.Class, numberKey(maker, p.Name)}, slices.Compact(names)...), "\x00")
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// identifies tells whether a name says which machine it is: firmware whose maker filled in nothing says one of a few
// sentences.
func identifies(name string) bool {
	switch name {
	case "tobefilledbyoem", "systemproductname", "systemversion", "systemname", "defaultstring", "notapplicable", "notspecified",
		"notavailable", "none", "unknown", "invalid", "productname", "oem", "allseries", "virtualmachine", "standardpc":
		return false
	}
	return strings.IndexFunc(name, unicode.IsLetter) >= 0 && len(name) >= 3 || len(name) >= 4
}

// words are the runs of letters, digits and wildcards of a name, in lower case.
func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '*' && r != '?'
	})
}

// makerKey is one name for one maker, however it is written. HP's servers are made by another company.
func makerKey(maker string) string {
	all := words(maker)
	kept := slices.DeleteFunc(slices.Clone(all), func(w string) bool {
		switch w {
		case "inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "llc", "gmbh", "ag", "sa", "sas", "computer", "computers", "electronics", "technologies", "technology":
			return true
		}
		return false
	})
	if len(kept) == 0 {
		kept = all
	}
	switch name := strings.Join(kept, " "); name {
	case "hewlett packard", "hewlettpackard":
		return "hp"
	case "asustek":
		return "asus"
	case "micro star international", "microstar international":
		return "msi"
	case "fujitsu client computing", "fujitsu siemens", "fujitsu solutions":
		return "fujitsu"
	case "lenovo beijing", "lenovo group":
		return "lenovo"
	case "panasonic connect":
		return "panasonic"
	default:
		return name
	}
}

// nameKey is what a machine calls itself in the form in which two names are compared: letters and digits, and a hyphen where
// something lies between two digits. maker is a makerKey.
func nameKey(maker, name string) string {
	return normal(maker, words(strings.NewReplacer("*", " ", "?", " ").Replace(name)))
}

// numberKey is the same of a name or number in the catalogue, with ? for one letter or digit, and * at the end for any. A
// star inside a number stands for one, as ENERGY STAR's partners use it.
func numberKey(maker, number string) string {
	k := normal(maker, words(wild(number)))
	ending := strings.TrimRight(k, "*")
	open := len(ending) < len(k)
	k = strings.ReplaceAll(ending, "*", "?")
	if open {
		k += "*"
	}
	return k
}

func normal(maker string, all []string) string {
	for n := 1; n < len(all) && n <= 3; n++ {
		if makerKey(strings.Join(all[:n], " ")) == maker {
			all = all[n:]
			break
		}
	}
	for len(all) > 1 && slices.Contains([]string{"pc", "notebook", "laptop", "computer"}, all[len(all)-1]) &&
		strings.ContainsFunc(strings.Join(all[:len(all)-1], ""), unicode.IsDigit) {
		all = all[:len(all)-1]
	}
	var key strings.Builder
	for i, w := range all {
		if i > 0 && digit(all[i-1][len(all[i-1])-1]) && digit(w[0]) {
			key.WriteByte('-')
		}
		key.WriteString(w)
	}
	return key.String()
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// wild writes ? for the x of a number that stand for any letter or digit: two or more small ones among capitals and
// digits, as in P137Gxxx. A single x is a name (T14x, x360), and two capital ones are too: 20XX is a ThinkPad.
func wild(number string) string {
	if !strings.Contains(number, "xx") || strings.ContainsFunc(strings.ReplaceAll(number, "x", ""), unicode.IsLower) {
		return number
	}
	var b strings.Builder
	for i := 0; i < len(number); {
		n := len(number[i:]) - len(strings.TrimLeft(number[i:], "x"))
		switch {
		case n > 1:
			b.WriteString(strings.Repeat("?", n))
		case n == 1:
			b.WriteByte('x')
		default:
			b.WriteByte(number[i])
			n = 1
		}
		i += n
	}
	return b.String()
}

// letters is by how many letters and digits a name fits a pattern, both in normal form; 0 when it does not. A pattern with
// wildcards must have four of its own, and a digit among them: less is no name.
func letters(pattern, name string) int {
	if !strings.ContainsAny(pattern, "?*") {
		if pattern == name && name != "" {
			return exact
		}
		return 0
	}
	head, open := strings.CutSuffix(pattern, "*")
	if len(name) < len(head) || !open && len(name) > len(head) {
		return 0
	}
	own, hasDigit := 0, false
	for i := range len(head) {
		switch c := head[i]; {
		case c == '?':
			if name[i] == '-' {
				return 0
			}
		case c != name[i]:
			return 0
		case c != '-':
			own++
			hasDigit = hasDigit || digit(c)
		}
	}
	if own < 4 || !hasDigit {
		return 0
	}
	return min(own, exact-1)
}

// machineType is the machine type in what Lenovo's firmware gives as the product: the first four of ten letters and digits
// (20AA0009UK), of seven in older machines (user guide of the ThinkPad 8, "Product definition").
func machineType(maker, name string) (string, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if maker != "lenovo" || len(name) != 10 && len(name) != 7 || !digit(name[0]) {
		return "", false
	}
	for i := range len(name) {
		if c := name[i]; !digit(c) && (c < 'a' || c > 'z') {
			return "", false
		}
	}
	return name[:4], true
}
