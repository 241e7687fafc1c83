package postgres

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// mark stands before what PostgreSQL cannot have in a text: it is a character of Unicode that no text has, U+FDD0.
const mark = "\ufdd0"

// storable is a text as PostgreSQL can keep it: zero bytes, bytes that are no UTF-8, and mark itself are written as mark and two hexadecimal
// digits for each byte. What a machine or a web server has said is so kept byte by byte, as SQLite keeps it. Two texts are never written alike.
func storable(text string) string {
	if !strings.Contains(text, "\x00") && !strings.Contains(text, mark) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for text != "" {
		r, n := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && n == 1 || r == 0 || text[:n] == mark {
			for i := range n {
				b.WriteString(mark + hex.EncodeToString([]byte{text[i]}))
			}
		} else {
			b.WriteString(text[:n])
		}
		text = text[n:]
	}
	return b.String()
}

// stored undoes storable.
func stored(text string) string {
	if !strings.Contains(text, mark) {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, mark)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		digits := after[:min(2, len(after))]
		bytes, err := hex.DecodeString(digits)
		if err != nil || len(bytes) == 0 { // somebody else has written it
			b.WriteString(mark)
			digits = ""
		}
		b.Write(bytes)
		text = after[len(digits):]
	}
}
