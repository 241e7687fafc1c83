package metering

import "bytes"

// longestLine is how many bytes a line may have.
const longestLine = 64 << 10

// mostSought is through how many bytes together the ends of lines with an open quotation mark are looked for in vain: as many as the largest post has. Each
// such line is looked for through all that a line may have, and the next one through much of the same.
const mostSought = maxText

// lines cuts a text into runs of whole lines, which are given to good, and what is no line, which is given to bad one by one: a line that is too long, and
// one with a quotation mark that never closes, which would take all that follow with it. Where so many are not closed that looking for their ends takes
// longer than all the rest, it says so, and what follows is given to nobody.
func lines(text []byte, good func([]byte), bad func(line []byte, reason string)) (enough bool) {
	sought := 0
	run := 0 // where the run begins that is not given yet
	for at := 0; at < len(text); {
		end, whole := lineEnd(text[at:])
		if whole && end <= longestLine {
			at += end
			continue
		}
		reason := "it is longer than 65536 bytes"
		if !whole {
			reason = "a quotation mark is not closed"
		}
		if run < at {
			good(text[run:at])
		}
		bad(text[at:at+end], reason)
		if !whole {
			sought += min(len(text)-at, longestLine)
		}
		at += end
		run = at
		if sought > mostSought {
			return true
		}
	}
	if run < len(text) {
		good(text[run:])
	}
	return false
}

// lineEnd is where the first line of a text ends, its end included. A line that has an open quotation mark ends with the next end of a line after the
// mark that closes it; where none does within the bytes that a line may have, whole is false, and it is cut where it first could end.
func lineEnd(text []byte) (end int, whole bool) {
	end = bytes.IndexByte(text, '\n') + 1
	if end == 0 {
		end = len(text)
	}
	line := text[:end]
	if text[0] == '#' || bytes.IndexByte(line, '"') < 0 {
		return end, true
	}
	quoted := false
	for i := fieldsOf(line); i < min(len(text), longestLine); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && (quoted || i > 0 && text[i-1] == '='):
			quoted = !quoted
		case c == '\n' && !quoted:
			return i + 1, true
		}
	}
	if quoted {
		return end, false
	}
	if len(text) <= longestLine {
		return len(text), true
	}
	return max(end, longestLine+1), true // too long, whatever it is
}

// fieldsOf is where the fields of a line begin: after its first space that is not escaped.
func fieldsOf(line []byte) int {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case ' ':
			return i + 1
		}
	}
	return len(line)
}
