package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"veille/collector"
	"veille/collector/store/wire"
)

// longest is how many bytes of a point are kept in quarantine at most: some ledgers look no longer text up.
const longest = 2000

// line is a point in line protocol. The middle of one that is too long is a hash, by which it is told from others.
func line(p collector.Point) string {
	var l wire.Line
	l.Point(p, nil)
	text := plain(string(l.Text))
	if len(text) <= longest {
		return text
	}
	hash, moment := sha256.Sum256([]byte(text)), text[strings.LastIndexByte(text, ' '):]
	return strings.ToValidUTF8(text[:longest-100], "") + "…" + hex.EncodeToString(hash[:]) + moment
}

// plain is a text that every ledger can keep.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}

// named finds the number of a machine in what an engine says: behind the word, with signs in between, which may be escaped as in an address, in
// JSON, in HTML or in a program.
const named = `(?i)(machine(?:%(?:25)*[0-9a-f]{2}|&(?:amp;)*#?[0-9a-z]{1,6};|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[a-z]|[^0-9\pL]){1,24})[0-9]+`

// unnamed is a text without the number of any machine: engines repeat lines that they do not understand.
func (o *Outbox) unnamed(text string) string { return o.named.ReplaceAllString(text, "$1…") }

// quarantine is the points that a destination never takes.
type quarantine struct {
	lines map[string]bool
	at    map[string]bool // their moments, to look no further for nearly all points
}

func newQuarantine(refused []collector.RefusedPoint) quarantine {
	q := quarantine{map[string]bool{}, map[string]bool{}}
	for _, p := range refused {
		q.add(p.Point)
	}
	return q
}

func (q quarantine) clone() quarantine { return quarantine{maps.Clone(q.lines), maps.Clone(q.at)} }

func (q quarantine) add(line string) {
	q.lines[line] = true
	q.at[line[strings.LastIndexByte(line, ' ')+1:]] = true
}

// has tells whether a point is in quarantine as it is. One of other values is another one, and is tried.
func (q quarantine) has(p collector.Point) bool {
	return len(q.lines) > 0 && q.at[strconv.FormatInt(p.Time.UnixNano(), 10)] && q.lines[line(p)]
}

// without are the points that are not in quarantine.
func (q quarantine) without(points []collector.Point) []collector.Point {
	if len(q.lines) == 0 {
		return points
	}
	return slices.DeleteFunc(slices.Clone(points), q.has)
}
