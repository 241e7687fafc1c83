package static

import (
	"errors"
	"hash/maphash"
	"slices"
)

// disorder bounds what html.Parse copies. When a block ends before a formatting element inside it, the parser opens the
// element again after the block, and in every block to come until its end tag: four hundred such elements, and
// paragraphs of four bytes, make millions of elements.
//
// To count the copies one would have to write the parser again. They are bounded instead, by what is sure whatever came
// before. The end tag of a formatting element closes it for good when no more than a few blocks inside it are open; it
// costs until then. If there are more, it is a suspect to the end of the document. Wherever the parser may have closed
// something, all that are open or suspect are taken to be copied.
type disorder struct {
	spent int // at least what the parser has copied, in elements with few attributes

	open  []opened // at least what the parser has open above each formatting element
	turns int      // how often the parser may have closed something
	born  int      // formatting elements so far
	own   int      // their weight

	weight   int            // of the formatting elements that are open or suspect
	count    int            // of them
	heaviest int            // of all so far
	families map[uint64]int // suspects by start tag: the parser keeps three of a kind
	youngest map[string]int // the last suspect of a name, as its number among the born
	seed     maphash.Seed   // of families

	attributes int  // of all html and body tags: the parser merges them
	merged     int  // how many it looked through to do so
	adrift     bool // an svg or a formula may be open that is not among open
}

// opened is an element whose end tag has not come.
type opened struct {
	name   string
	kind   kind
	turn   int
	weight int    // of a formatting element: 1, and what its attributes cost
	number int    // of a formatting element, among the born
	family uint64 // of a formatting element
}

// tag is a start tag.
type tag struct {
	name       string
	kind       kind
	text       []byte
	attributes int // counted for formatting elements, html, body, and very long tags
	closed     bool
}

// errAttributes is an element with more attributes than maxAttributes.
var errAttributes = errors.New("too many attributes")

const (
	maxAttributes = 5000 // of one tag
	maxMerged     = 1_000_000
	maxOpened     = 10_000 // remembered; the parser refuses more than 512 open at once
	maxLook       = 64     // how far back an element is looked for
	maxLate       = 8      // with so many blocks open inside a formatting element, its end tag may not close it
)

func newDisorder() *disorder {
	return &disorder{families: map[uint64]int{}, youngest: map[string]int{}, seed: maphash.MakeSeed()}
}

// inForeign says whether the parser is surely inside an svg or a formula.
func (d *disorder) inForeign() bool {
	return len(d.open) > 0 && d.open[len(d.open)-1].kind == kindForeign
}

// start takes note of a start tag.
func (d *disorder) start(t tag) error {
	if d.inForeign() {
		if !leaves(t.name) && !isDoor(d.open[len(d.open)-1].name) && (!d.adrift || !isDoor(t.name)) {
			if !t.closed {
				d.push(opened{name: t.name, kind: kindForeign})
			}
			return nil
		}
		d.doubt()
	}
	e := opened{name: t.name, kind: t.kind}
	switch t.kind {
	case kindEmpty:
		if t.name == "input" || t.name == "hr" { // they close a select or a p
			d.turn()
		}
		return nil
	case kindForeign:
		if t.closed {
			return nil
		}
	case kindFormatting:
		d.format(&e, t)
	case kindRoot:
		if err := d.merge(t.attributes); err != nil {
			return err
		}
	case kindReset:
		d.doubt()
		d.turn()
		return nil
	case kindText:
		if t.name == "xmp" { // it closes a p
			d.turn()
		}
	case kindBlock, kindWall:
		// Each may get a copy of all. Then, a late end tag moves a copy over each block, and copies three on its way.
		d.turn()
		d.spent += d.weight + d.count*min(max(0, min(3, d.count-1))*d.heaviest, d.weight)
	}
	d.push(e)
	return nil
}

func (d *disorder) push(e opened) {
	if len(d.open) == maxOpened {
		d.doubt()
	}
	e.turn = d.turns
	d.open = append(d.open, e)
}

// format opens a formatting element. The start tag of a link closes the link before.
func (d *disorder) format(e *opened, t tag) {
	d.born++
	e.number, e.family, e.weight = d.born, maphash.Bytes(d.seed, t.text), weigh(t.attributes, len(t.text))
	if t.name == "a" || t.name == "nobr" {
		i, sure := d.closes(t.name)
		if i >= 0 || d.youngest[t.name] > 0 {
			d.turn()
		}
		if sure && t.name == "a" {
			d.forget(d.take(i))
		}
	}
	d.own += e.weight
	d.weight, d.count, d.heaviest = d.weight+e.weight, d.count+1, max(d.heaviest, e.weight)
}

// weigh is what a copy of an element costs.
func weigh(attributes, length int) int { return 1 + attributes/3 + length/256 }

// merge takes note of an html or body tag: the parser looks through the attributes of all of them.
func (d *disorder) merge(attributes int) error {
	if attributes == 0 {
		return nil
	}
	d.attributes += attributes
	d.merged += d.attributes
	if d.attributes > maxAttributes || d.merged > maxMerged {
		return errAttributes
	}
	return nil
}

// end takes note of an end tag.
func (d *disorder) end(name string) {
	if d.inForeign() {
		for i := len(d.open) - 1; i >= 0 && d.open[i].kind == kindForeign; i-- {
			if d.open[i].name == name {
				d.open = d.open[:i]
				return
			}
		}
		d.doubt()
	}
	kind := kindOf(name)
	if kind == kindEmpty && !d.adrift { // it closes nothing
		return
	}
	i, blocks, walled := d.find(name)
	if d.adrift || i < 0 || i < len(d.open)-1 || d.open[i].turn < d.turns || kind == kindBlock || kind == kindWall {
		d.turn()
	}
	switch {
	case i < 0: // of an element before what we know
	case kind == kindFormatting:
		if _, sure := d.closes(name); sure {
			d.forget(d.take(i))
		} else {
			d.suspect(d.take(i))
		}
	case blocks == 0 && !walled:
		d.cut(i)
	default:
		d.doubt()
	}
}

// find looks for the last open element of a name, and what is open inside it.
func (d *disorder) find(name string) (i, blocks int, walled bool) {
	for i = len(d.open) - 1; i >= max(0, len(d.open)-maxLook); i-- {
		e := d.open[i]
		switch {
		case e.name == name && e.kind != kindForeign:
			return i, blocks, walled
		case e.kind == kindBlock, e.kind == kindRoot:
			blocks++
		case e.kind == kindWall, e.kind == kindForeign:
			walled = true
		}
	}
	return -1, 0, false
}

// closes looks for the formatting element that an end tag closes, and says whether it surely does.
func (d *disorder) closes(name string) (i int, sure bool) {
	i, blocks, walled := d.find(name)
	return i, i >= 0 && !walled && blocks < maxLate && d.youngest[name] < d.open[i].number
}

// cut closes an element in which no block is open. Of the formatting elements inside it, which the parser will open
// again, a link remains known: the next one closes it.
func (d *disorder) cut(i int) {
	isWall := d.open[i].kind == kindWall
	inside := d.open[i+1:]
	d.open = d.open[:i]
	for _, e := range inside {
		switch {
		case e.kind != kindFormatting:
		case e.name == "a" && !isWall:
			d.open = append(d.open, e)
		default:
			d.suspect(e)
		}
	}
}

// take removes an element from those that are open.
func (d *disorder) take(i int) opened {
	e := d.open[i]
	d.open = slices.Delete(d.open, i, i+1)
	return e
}

// forget stops paying for a formatting element: it is closed for good.
func (d *disorder) forget(e opened) { d.weight, d.count = d.weight-e.weight, d.count-1 }

// suspect takes note of a formatting element that may never be closed.
func (d *disorder) suspect(e opened) {
	d.youngest[e.name] = max(d.youngest[e.name], e.number)
	if d.families[e.family] == 3 {
		d.forget(e)
		return
	}
	d.families[e.family]++
}

// doubt gives up what is known of the open elements.
func (d *disorder) doubt() {
	for _, e := range d.open {
		switch e.kind {
		case kindFormatting:
			d.suspect(e)
		case kindForeign:
			d.adrift = true
		}
	}
	d.open = d.open[:0]
}

// turn pays for a place where the parser may have closed what is open, and will open it again.
func (d *disorder) turn() {
	d.turns++
	d.spent += d.weight
}
