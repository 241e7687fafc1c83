package power

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Catalogue is the products whose power somebody declared or measured, in the order of their makers and names.
type Catalogue struct {
	Products []Product
}

const (
	catalogueVersion = 1
	maxProducts      = 100_000
	maxPiece         = 1 << 20 // bytes of one product, or one row
)

// ReadCatalogue reads a file written by Write. Its version comes before its products, so that a file of a later version
// is not taken for a damaged one.
func ReadCatalogue(r io.Reader) (Catalogue, error) {
	var c Catalogue
	for p, err := range readProducts(r) {
		if err != nil {
			return Catalogue{}, err
		}
		c.Products = append(c.Products, p)
	}
	c.sort()
	return c, nil
}

// FindIn is Find in a catalogue that is read from r and not kept: it needs the memory of the products that fit.
func FindIn(r io.Reader, maker string, names ...string) (Product, bool, error) {
	f := newFinder(maker, names)
	for p, err := range readProducts(r) {
		if err != nil {
			return Product{}, false, err
		}
		f.look(p)
	}
	p, ok := f.answer()
	return p, ok, nil
}

// readProducts reads the products of a file one after the other. An error is the last thing it gives.
func readProducts(r io.Reader) iter.Seq2[Product, error] {
	return func(yield func(Product, error) bool) {
		pieces := &rationed{r: r, left: maxPiece}
		d := json.NewDecoder(pieces)
		if err := openProducts(d); err != nil {
			yield(Product{}, fmt.Errorf("read the catalogue of products: %w", err))
			return
		}
		for n := 1; d.More(); n++ {
			pieces.left = maxPiece
			var p Product
			err := d.Decode(&p)
			if err == nil {
				err = p.Validate()
			}
			if err == nil && n > maxProducts {
				err = fmt.Errorf("there are more than %d", maxProducts)
			}
			if err != nil {
				yield(Product{}, fmt.Errorf("read the catalogue: product %d: %w", n, err))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
		for _, end := range []json.Delim{']', '}'} { // a file that broke off is not a shorter one
			if got, err := d.Token(); err != nil || got != end {
				yield(Product{}, fmt.Errorf("read the catalogue: %q is missing at its end: %w", end.String(), errors.Join(err, io.ErrUnexpectedEOF)))
				return
			}
		}
	}
}

// openProducts reads up to the first product.
func openProducts(d *json.Decoder) error {
	for _, want := range []json.Token{json.Delim('{'), "version"} {
		if got, err := d.Token(); err != nil || got != want {
			return errors.Join(fmt.Errorf("it does not begin with {\"version\":%d; import the products again with veille-agent models import", catalogueVersion), err)
		}
	}
	var version int
	if err := d.Decode(&version); err != nil {
		return fmt.Errorf("its version is not a number: %w", err)
	}
	if version != catalogueVersion {
		return fmt.Errorf("its version is %d, and this program knows version %d only; use the program that wrote it, or import the products again", version, catalogueVersion)
	}
	for _, want := range []json.Token{"products", json.Delim('[')} {
		if got, err := d.Token(); err != nil || got != want {
			return errors.Join(errors.New("no \"products\":[ follows its version"), err)
		}
	}
	return nil
}

// rationed is a reader that gives left bytes and then an error.
type rationed struct {
	r    io.Reader
	left int
}

var errPiece = fmt.Errorf("one piece of it is longer than %d bytes", maxPiece)

func (r *rationed) Read(b []byte) (int, error) {
	if r.left <= 0 {
		return 0, errPiece
	}
	n, err := r.r.Read(b[:min(len(b), r.left)])
	r.left -= n
	return n, err
}

// Write writes the catalogue as JSON, one product a line, so that two of them can be compared.
func (c Catalogue) Write(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(b, "{\"version\":%d,\"products\":[", catalogueVersion)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	before := "\n"
	for _, p := range c.Products {
		if err := p.Validate(); err != nil {
			return fmt.Errorf("write the catalogue: %w", err)
		}
		_, _ = b.WriteString(before)
		before = ","
		if err := e.Encode(p); err != nil {
			return fmt.Errorf("write the catalogue: %w", err)
		}
	}
	_, _ = b.WriteString("]}\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the catalogue: %w", err)
	}
	return nil
}

// Join is the catalogue of what c and more say with equal right, as two files of one import do: what both say of a product
// is one range.
func (c Catalogue) Join(more Catalogue) Catalogue {
	return c.with(more, func(old, add Product) Product { return old.join(add) })
}

// Replace is c brought up to date: what newer says of a product, by the same source, takes the place of what c said. What
// newer does not say is kept, so replacing twice is the same as once.
func (c Catalogue) Replace(newer Catalogue) Catalogue {
	return c.with(newer, func(old, add Product) Product { return add.or(old) })
}

// with is c and more, products of one key made one by both. Where that makes no sense, what more says stands alone.
func (c Catalogue) with(more Catalogue, both func(old, add Product) Product) Catalogue {
	all := Catalogue{Products: slices.Clone(c.Products)}
	at := map[string]int{}
	for i, p := range all.Products {
		at[p.key()] = i
	}
	for _, p := range more.Products {
		if i, ok := at[p.key()]; ok {
			if made := both(all.Products[i], p); made.Validate() == nil {
				p = made
			}
			all.Products[i] = p
			continue
		}
		at[p.key()] = len(all.Products)
		all.Products = append(all.Products, p)
	}
	all.sort()
	return all
}

// Without is how many products of c are not in other, under the same names and from the same source.
func (c Catalogue) Without(other Catalogue) int {
	known := map[string]bool{}
	for _, p := range other.Products {
		known[p.key()] = true
	}
	n := 0
	for _, p := range c.Products {
		if !known[p.key()] {
			n++
		}
	}
	return n
}

func (c Catalogue) sort() {
	slices.SortStableFunc(c.Products, func(a, b Product) int {
		return cmp.Or(strings.Compare(makerKey(a.Maker), makerKey(b.Maker)), strings.Compare(a.Name, b.Name), strings.Compare(a.key(), b.key()))
	})
}
